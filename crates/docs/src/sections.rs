//! What of a site can be searched: the texts below its headings.

use crate::markdown::{Section, digest};
use crate::site::Site;

/// Sections of one site that can be searched.
const MAX_SECTIONS: usize = 20_000;
/// Bytes of Markdown of one site that are read for search, with what its pages
/// take in.
const MAX_WEIGHT: usize = 128 * 1024 * 1024;

/// A section with the page that it stands on.
#[derive(Clone, Debug)]
pub struct PageSection {
    /// The page.
    pub key: String,
    /// What stands there.
    pub section: Section,
}

/// The sections of a site, and how many problems its pages have.
pub(crate) fn sections(site: &Site) -> (Vec<PageSection>, usize) {
    let mut found = Vec::new();
    let (mut problems, mut weight) = (0, 0);
    for key in site.pages.keys() {
        let outline = digest(site, key);
        problems += outline.problems.len();
        weight += outline.weight;
        let of_page = outline.sections.into_iter().map(|section| PageSection {
            key: key.clone(),
            section,
        });
        found.extend(of_page);
        if found.len() >= MAX_SECTIONS || weight >= MAX_WEIGHT {
            found.truncate(MAX_SECTIONS);
            break;
        }
    }
    (found, problems)
}
