//! What other capabilities have to read about an entity: documentation, a
//! run book, a decision. Whoever may see the entity finds it.

use std::sync::Arc;

use model::entity_ref::EntityRef;

use crate::card::Card;
use crate::engine::{Document, Facets, Field, Shown};
use crate::service::Search;

/// Bytes of a text that are searched.
const MAX_TEXT: usize = 256 * 1024;
/// Characters of a text that are kept to be shown.
const MAX_SHOWN: usize = 1_000;
/// Papers of one entity in one collection; further ones are left out.
const MAX_PAPERS: usize = 5_000;
/// A paper counts a little less than the thing it is about.
const BOOST: f32 = 0.8;

/// A page, or a section of one, that belongs to an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paper {
    /// What tells it from the other papers of its entity, for programs too:
    /// `guides/deploy/#rollback`.
    pub path: String,
    /// Its heading.
    pub title: String,
    /// Its words, without markup. The first 256 KiB are searched; results show
    /// the beginning.
    pub text: String,
    /// Where it is read: an address of the portal.
    pub location: String,
    /// The name of its icon.
    pub icon: &'static str,
    /// What it is for, where that is known: `runbook`, `adr`. People and programs
    /// narrow by it as by a tag.
    pub kind: Option<&'static str>,
}

impl Search {
    /// Puts papers in the place of all that an entity had in a collection
    /// (Backstage's name of the sort of document, such as `techdocs`); an empty
    /// list takes them away. `false` when the catalog does not have the entity:
    /// then it has no papers either. Those of an entity that is deleted go with
    /// it, so they are to be offered again when it comes back, and after each
    /// start.
    ///
    /// Blocks for some 50 µs a page: call it from a blocking task.
    pub fn offer_papers(
        &self,
        collection: &'static str,
        subject: &EntityRef,
        papers: &[Paper],
    ) -> bool {
        let _one_at_a_time = self.papers();
        // Read and let go: nobody waits for the catalog while words are cut out.
        let read = || Card::of(&self.catalog().model().index(), subject);
        let card = read();
        let documents: Vec<Document> = card.as_ref().map_or_else(Vec::new, |card| {
            let papers = papers.iter().take(MAX_PAPERS);
            papers
                .map(|paper| document(collection, card, paper))
                .collect()
        });
        self.replace_of(collection, subject, &documents);
        // What was deleted or given away meanwhile takes its papers along.
        match read() {
            Some(now) => {
                let (facets, owner) = facets(&now);
                self.restate(subject, &facets, owner.as_ref());
                card.is_some()
            }
            None => {
                self.replace_of(collection, subject, &[]);
                false
            }
        }
    }
}

fn facets(card: &Card) -> (Facets, Option<EntityRef>) {
    let facets = Facets {
        kind: card.kind.clone(),
        spec_type: card.spec_type.clone(),
        lifecycle: card.lifecycle.clone(),
        namespace: card.namespace.clone(),
    };
    let owner = card.owner.as_ref().map(|owner| owner.entity_ref.clone());
    (facets, owner)
}

fn document(collection: &'static str, card: &Card, paper: &Paper) -> Document {
    let (facets, owner) = facets(card);
    let subject = &card.entity_ref;
    Document {
        id: Arc::from(format!("{collection}:{subject}:{}", paper.path)),
        subject: Some(subject.clone()),
        collection,
        texts: vec![
            (Field::Name, paper.title.clone()),
            (Field::System, card.name.clone()),
            (Field::System, card.metadata_title().to_owned()),
            (Field::Description, cut(&paper.text, MAX_TEXT).to_owned()),
        ],
        tags: paper.kind.map(str::to_owned).into_iter().collect(),
        owner,
        facets,
        boost: BOOST,
        shown: Some(Shown {
            title: paper.title.clone(),
            text: paper.text.chars().take(MAX_SHOWN).collect(),
            location: paper.location.clone(),
            icon: paper.icon,
            path: paper.path.clone(),
            kind: paper.kind,
        }),
    }
}

fn cut(text: &str, most: usize) -> &str {
    let end = text.floor_char_boundary(most);
    text.get(..end).unwrap_or_default()
}
