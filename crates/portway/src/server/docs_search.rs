//! What documentation says can be searched: each section of a page is a paper
//! of its entity, found by those who see the entity.

use std::sync::Arc;

use docs::{COLLECTION, Opened, PageKind, PageSection, Publish, Site};
use model::EntityRef;
use search::{Paper, Search};

/// Puts sites into the search as they are read.
pub(super) fn publish(search: &Search) -> Publish {
    let search = search.clone();
    Arc::new(move |entity_ref, opened| {
        let papers = opened.map(|opened| papers(entity_ref, opened));
        search.offer_papers(COLLECTION, entity_ref, &papers.unwrap_or_default());
    })
}

fn papers(entity_ref: &EntityRef, opened: &Opened) -> Vec<Paper> {
    let Some(site) = opened.site.as_deref() else {
        return Vec::new();
    };
    let sections = opened.sections.iter();
    sections
        .filter_map(|found| paper(entity_ref, site, found))
        .collect()
}

fn paper(entity_ref: &EntityRef, site: &Site, found: &PageSection) -> Option<Paper> {
    let page = site.pages.get(&found.key)?;
    let section = &found.section;
    let mut location = format!("{}/{}", docs::address_of(entity_ref), page.url);
    if !section.id.is_empty() {
        location.push('#');
        location.push_str(&section.id);
    }
    let own = if section.title.is_empty() || section.title == page.title {
        page.title.clone()
    } else {
        format!("{}: {}", page.title, section.title)
    };
    Some(Paper {
        // As mkdocs names places: `guide/setup/#first-step`.
        path: if section.id.is_empty() {
            page.url.clone()
        } else {
            format!("{}#{}", page.url, section.id)
        },
        title: format!("{own} · {}", site.name),
        text: section.text.clone(),
        location,
        icon: "doc",
        kind: PageKind::of(&found.key).map(PageKind::name),
    })
}
