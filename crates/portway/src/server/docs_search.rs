//! What documentation says can be searched: each section of a page is a
//! document of its own, found by those who see its entity.

use std::sync::Arc;

use catalog::Catalog;
use docs::{COLLECTION, Opened, PageKind, PageSection, Publish, Site};
use model::EntityRef;
use search::{Document, Facets, Field, Search, Shown};

/// Sections of one site that can be found.
const MAX_SECTIONS: usize = 5_000;
/// Characters of a section that are shown.
const MAX_SHOWN: usize = 300;
/// An entity comes before what is written about it.
const BOOST: f32 = 0.6;

/// Puts sites into the search as they are read.
pub(super) fn publish(catalog: &Catalog, search: &Search) -> Publish {
    let (catalog, search) = (catalog.clone(), search.clone());
    Arc::new(move |entity_ref, opened| {
        let documents = opened.map(|opened| documents(&catalog, entity_ref, opened));
        search.offer_part(
            COLLECTION,
            &prefix(entity_ref),
            &documents.unwrap_or_default(),
        );
    })
}

fn prefix(entity_ref: &EntityRef) -> String {
    // No ref holds a space, so that no prefix is the beginning of another.
    format!("{COLLECTION}:{entity_ref} ")
}

fn documents(catalog: &Catalog, entity_ref: &EntityRef, opened: &Opened) -> Vec<Document> {
    let Some(site) = opened.site.as_deref() else {
        return Vec::new();
    };
    let owner = {
        let index = catalog.model().index();
        let relations = index.relations(entity_ref);
        let owned = relations.into_iter().find(|found| found.kind == "ownedBy");
        owned.map(|found| found.target.clone())
    };
    let sections = opened.sections.iter().take(MAX_SECTIONS);
    let documents = sections.filter_map(|found| document(entity_ref, site, found));
    documents
        .map(|document| Document {
            owner: owner.clone(),
            ..document
        })
        .collect()
}

fn document(entity_ref: &EntityRef, site: &Site, found: &PageSection) -> Option<Document> {
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
    let shown = Shown {
        title: format!("{} · {own}", site.name),
        text: section.text.chars().take(MAX_SHOWN).collect(),
        location,
        icon: "doc",
    };
    let kind = PageKind::of(&found.key).map(PageKind::name);
    Some(Document {
        tags: kind.map(str::to_owned).into_iter().collect(),
        id: Arc::from(format!(
            "{}{}#{}",
            prefix(entity_ref),
            found.key,
            section.id
        )),
        subject: Some(entity_ref.clone()),
        collection: COLLECTION,
        texts: vec![
            (Field::Name, own),
            (
                Field::System,
                format!("{} {}", site.name, entity_ref.name()),
            ),
            (Field::Description, section.text.clone()),
        ],
        facets: Facets {
            spec_type: kind.unwrap_or_default().to_owned(),
            namespace: entity_ref.namespace().to_owned(),
            ..Facets::default()
        },
        boost: BOOST,
        shown: Some(shown),
        ..Document::default()
    })
}
