//! Lists over documentation: which entities have some, and which sections of
//! one site contain some words.

use catalog::index::ListRequest;
use catalog::{Catalog, visible_to};
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::Caller;

use crate::named::{ENTITY, Named, REF, named};
use crate::pages::base_of;
use crate::sections::PageSection;
use crate::service::{Docs, Opened};
use crate::summary::Summary;

/// Sections that a search within a site answers with.
const MAX_FOUND: usize = 100;

/// One line of the list of all documentation.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) entity_ref: EntityRef,
    pub(crate) title: String,
    pub(crate) kind: String,
    pub(crate) owner: Option<EntityRef>,
    pub(crate) owner_title: String,
    pub(crate) href: String,
    /// Nothing until it was read once.
    pub(crate) summary: Option<Summary>,
}

impl Docs {
    /// Every entity with documentation that the caller may see, by title.
    pub(crate) fn listed(&self, caller: &Caller) -> Vec<Row> {
        let index = self.catalog().model().index();
        let has =
            |annotation: &str| Predicate::exists(&format!("metadata.annotations.{annotation}"));
        let mut rows: Vec<Row> = [REF, ENTITY]
            .iter()
            .flat_map(|annotation| {
                let request = ListRequest {
                    query: Some(has(annotation)),
                    visible: visible_to(caller),
                    ..ListRequest::default()
                };
                index.list(&request).items
            })
            .filter_map(|entity| {
                let value = entity.to_value();
                let entity_ref = entity.entity_ref().clone();
                let summary = match named(&value) {
                    Named::Ref(_) => self.summary(&entity_ref),
                    Named::Entity(other) => self.summary(&other),
                    Named::Nothing(_) => return None,
                };
                let owner = entity
                    .relations()
                    .into_iter()
                    .find(|relation| relation.kind == "ownedBy")
                    .map(|relation| relation.target.clone());
                let owner_title = owner.as_ref().map(|owner| {
                    let known = index.get(owner).map(|known| known.to_value());
                    known.map_or_else(
                        || owner.name().to_owned(),
                        |known| Catalog::title_of(&known, owner),
                    )
                });
                Some(Row {
                    title: Catalog::title_of(&value, &entity_ref),
                    kind: value
                        .pointer("/kind")
                        .and_then(|kind| kind.as_str())
                        .unwrap_or_default()
                        .to_owned(),
                    href: format!("{}/", base_of(&entity_ref)),
                    owner,
                    owner_title: owner_title.unwrap_or_default(),
                    summary,
                    entity_ref,
                })
            })
            .collect();
        rows.sort_by(|a, b| {
            (a.title.to_lowercase(), &a.entity_ref).cmp(&(b.title.to_lowercase(), &b.entity_ref))
        });
        rows.dedup_by(|a, b| a.entity_ref == b.entity_ref);
        rows
    }
}

impl Opened {
    /// The sections that contain every word, those with a word in their
    /// heading first.
    pub(crate) fn find(&self, text: &str) -> Vec<&PageSection> {
        let words: Vec<String> = text
            .to_lowercase()
            .split_whitespace()
            .take(10)
            .map(str::to_owned)
            .collect();
        if words.is_empty() {
            return Vec::new();
        }
        let titles = |found: &PageSection| {
            let page = self
                .site
                .as_ref()
                .and_then(|site| site.pages.get(&found.key));
            let page = page.map_or("", |page| page.title.as_str());
            format!("{page} {}", found.section.title).to_lowercase()
        };
        let mut hits: Vec<(bool, &PageSection)> = self
            .sections
            .iter()
            .filter_map(|found| {
                let title = titles(found);
                let text = found.section.text.to_lowercase();
                let all = words
                    .iter()
                    .all(|word| title.contains(word) || text.contains(word));
                let own = found.section.title.to_lowercase();
                all.then(|| (!words.iter().any(|word| own.contains(word)), found))
            })
            .collect();
        hits.sort_by_key(|(below, _)| *below);
        hits.into_iter()
            .map(|(_, found)| found)
            .take(MAX_FOUND)
            .collect()
    }
}
