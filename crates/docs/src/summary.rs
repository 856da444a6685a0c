//! What is known of a site without opening it: for lists and cards.

use std::collections::HashSet;

use jiff::Timestamp;
use model::entity_ref::EntityRef;

use crate::service::Opened;
use crate::site::{PageKind, Site};

/// Runbooks and decisions of one site that are listed.
const MAX_NOTABLE: usize = 100;

/// What the list of all documentation says of one entity.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The name of the site.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// How many pages it has; 0 where it could not be read.
    pub pages: usize,
    /// When it was changed last, as far as anybody knows.
    pub changed_at: Option<Timestamp>,
    /// Why it could not be read.
    pub failure: Option<String>,
    /// Problems of the site and its pages.
    pub problems: usize,
    /// Its runbooks and decisions, in the order of reading.
    pub notable: Vec<Notable>,
}

/// A page that people look for when something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notable {
    /// What it is for.
    pub kind: PageKind,
    /// What it is called.
    pub title: String,
    /// Its address below the site's.
    pub url: String,
}

impl Summary {
    /// What is said of the documentation of `owner`.
    pub(crate) fn of(owner: &EntityRef, opened: &Opened) -> Self {
        let site = opened.site.as_deref();
        Self {
            name: site.map_or_else(|| owner.name().to_owned(), |site| site.name.clone()),
            description: site.and_then(|site| site.description.clone()),
            pages: site.map_or(0, |site| site.pages.len()),
            changed_at: opened.changed_at,
            problems: site.map_or(0, |site| site.problems.len()) + opened.page_problems,
            notable: site.map(notable).unwrap_or_default(),
            failure: opened.why(),
        }
    }
}

fn notable(site: &Site) -> Vec<Notable> {
    let ordered: HashSet<&str> = site.order.iter().map(String::as_str).collect();
    let rest = site
        .pages
        .keys()
        .filter(|key| !ordered.contains(key.as_str()));
    let pages = site.order.iter().chain(rest).filter_map(|key| {
        let (kind, page) = (PageKind::of(key)?, site.pages.get(key)?);
        Some(Notable {
            kind,
            title: page.title.clone(),
            url: page.url.clone(),
        })
    });
    pages.take(MAX_NOTABLE).collect()
}
