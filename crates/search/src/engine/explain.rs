//! Why something was found.

use serde::{Serialize, Serializer};

use super::field::{Document, Field, MatchKind};
use super::hits::{Allowed, Fit};
use super::query::{List, Query};
use super::search::{OWN, Request, whole_factor};
use super::vocabulary::Slot;
use super::{Engine, initials_of};
use crate::text::{fold, phrases};

/// One word of the query with what it was found by.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The word of the query.
    pub word: String,
    /// The word in the document, as it is written there.
    pub found: String,
    /// Where.
    pub field: Field,
    /// How.
    pub kind: MatchKind,
    /// What a hit in this field is worth.
    #[serde(serialize_with = "short")]
    pub weight: f32,
    /// How sure it is, from 0 to 1.
    #[serde(serialize_with = "short")]
    pub factor: f32,
    /// How much more it counts: a rare word, or the whole query as one word.
    #[serde(serialize_with = "short")]
    pub rarity: f32,
}

/// How a score came about: the mean of `weight × factor`, weighted by rarity
/// (or the whole query as one word, when that is more), times the factors.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The final score.
    #[serde(serialize_with = "short")]
    pub score: f32,
    /// One for each word that was found.
    pub words: Vec<Evidence>,
    /// The query as a whole, when a name has it without spaces.
    pub whole: Option<Evidence>,
    /// Factor for the sort of document and its lifecycle.
    #[serde(serialize_with = "short")]
    pub boost: f32,
    /// Factor for what is the reader's own.
    #[serde(serialize_with = "short")]
    pub own: f32,
}

/// Three decimals: the rest says nothing.
fn short<S: Serializer>(number: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64((f64::from(*number) * 1_000.0).round() / 1_000.0)
}

impl Engine {
    /// Why a document was found. `document` is the one with this id, whose
    /// words are shown as they are written. Nothing when it was not found.
    #[must_use]
    pub fn explain(&self, request: &Request<'_>, document: &Document) -> Option<Explanation> {
        let slot = *self.by_id.get(&document.id)?;
        let entry = self.slots.get(slot as usize)?.as_ref()?;
        let (scored, _) = self.score(request);
        let (_, score) = *scored.iter().find(|(found, _)| *found == slot)?;
        let mut allowed = Allowed::new(self, request);
        let query = Query::parse(request.text);
        let mut words = Vec::new();
        for part in &query.parts {
            let mut best: Option<Fit> = None;
            let mut documents = std::collections::HashSet::new();
            self.fits(part, &mut allowed, |fit| {
                documents.insert(fit.slot);
                better(&mut best, slot, fit);
            });
            let rarity = self.rarity(documents.len());
            words.extend(best.map(|fit| self.evidence(&part.word.written, &fit, rarity, document)));
        }
        let mut whole: Option<Fit> = None;
        if let Some(joined) = &query.joined {
            self.joined_fits(joined, &mut allowed, |fit| better(&mut whole, slot, fit));
        }
        Some(Explanation {
            score: self.boosted(entry, score, request.own),
            words,
            whole: whole
                .map(|fit| self.evidence(request.text.trim(), &fit, whole_factor(&fit), document)),
            boost: entry.boost,
            own: if self.boosted(entry, 1.0, request.own) > entry.boost {
                OWN
            } else {
                1.0
            },
        })
    }

    fn evidence(&self, word: &str, fit: &Fit, rarity: f32, document: &Document) -> Evidence {
        let term = self.list(fit.list).word(fit.term);
        Evidence {
            word: word.to_owned(),
            found: written(document, term, fit),
            field: fit.field,
            kind: fit.kind,
            weight: fit.field.weight(),
            factor: fit.factor,
            rarity,
        }
    }
}

fn better(best: &mut Option<Fit>, slot: Slot, fit: Fit) {
    if fit.slot == slot && best.is_none_or(|best| best.worth() < fit.worth()) {
        *best = Some(fit);
    }
}

/// A folded word as the document writes it.
fn written(document: &Document, term: &[u8], fit: &Fit) -> String {
    let same = |field: Field| {
        field == fit.field || (field == Field::Name && fit.field == Field::WholeName)
    };
    for (_, text) in document.texts.iter().filter(|(field, _)| same(*field)) {
        if fit.list == List::Initials {
            let alone = Document {
                texts: vec![(fit.field, text.clone())],
                ..Document::default()
            };
            if initials_of(&alone)
                .iter()
                .any(|(initials, _)| initials == term)
            {
                return text.clone();
            }
            continue;
        }
        for phrase in phrases(text) {
            if let Some(part) = phrase.parts.iter().find(|part| part.folded == term) {
                return part.written.clone();
            }
            if phrase.joined.as_deref() == Some(term) {
                let parts: Vec<&str> = phrase
                    .parts
                    .iter()
                    .map(|part| part.written.as_str())
                    .collect();
                return parts.join("-");
            }
        }
        if fit.field.is_name() && fold(text).len() >= term.len() && fit.field == Field::WholeName {
            return text.clone();
        }
    }
    String::from_utf8_lossy(term).into_owned()
}
