//! Answering a query: collect, combine, count, rank.

use std::cmp::Ordering;
use std::sync::Arc;

use model::entity_ref::EntityRef;

use super::hits::{Allowed, Fit};
use super::query::Query;
use super::vocabulary::Slot;
use super::{Engine, Entry, Field, Shown};

/// What is the reader's own counts this much more.
pub(super) const OWN: f32 = 1.12;
/// A name that the whole query fits counts this much more than its words.
const JOINED: f32 = 1.1;

/// What `ORDER-001` or `capturePayment` is worth, exactly as it is written in a
/// text: nearly a name.
const IDENTIFIER: f32 = 9.0;

/// Who may be found.
#[derive(Clone, Copy)]
pub enum Visibility<'a> {
    /// Everything.
    All,
    /// Only what has no subject.
    Nothing,
    /// Documents whose subject fulfils this.
    Where(&'a (dyn Fn(&EntityRef) -> bool + Sync)),
}

impl std::fmt::Debug for Visibility<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::All => "All",
            Self::Nothing => "Nothing",
            Self::Where(_) => "Where",
        })
    }
}

/// What results are narrowed to; an empty list narrows nothing. Letters may
/// have any case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrow {
    /// Sorts of document.
    pub collections: Vec<String>,
    /// Entity kinds.
    pub kinds: Vec<String>,
    /// Values of `spec.type`.
    pub types: Vec<String>,
    /// Values of `spec.lifecycle`.
    pub lifecycles: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Owners.
    pub owners: Vec<EntityRef>,
    /// Tags, or the beginning of one.
    pub tags: Vec<String>,
}

/// A question to the engine.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What was typed. An empty text finds everything.
    pub text: &'a str,
    /// Who may be found.
    pub visibility: Visibility<'a>,
    /// Owners whose possessions are the reader's own.
    pub own: &'a [EntityRef],
    /// What to narrow to.
    pub narrow: Narrow,
    /// Hits to leave out at the beginning.
    pub offset: usize,
    /// Hits to answer.
    pub limit: usize,
}

/// One document that was found.
#[derive(Clone, Debug, PartialEq)]
pub struct Hit {
    /// The document's id.
    pub id: Arc<str>,
    /// The entity that it is or belongs to.
    pub subject: Option<EntityRef>,
    /// The sort of document.
    pub collection: &'static str,
    /// How well it fits; the best is first.
    pub score: f32,
    /// How it is shown, unless it is an entity.
    pub shown: Option<Shown>,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Results {
    /// The hits asked for, the best first.
    pub hits: Vec<Hit>,
    /// How many there are in all.
    pub total: usize,
    /// How many of each kind there would be without narrowing by kind and type.
    pub kinds: Vec<(String, usize)>,
    /// How many of each type there would be without narrowing by type.
    pub types: Vec<(String, usize)>,
    /// No document has all words of the query.
    pub partial: bool,
}

/// What is known of a document while words are collected.
#[derive(Clone, Copy, Default)]
struct Tally {
    score: f32,
    joined: f32,
    matched: u16,
}

impl Engine {
    /// Answers a request.
    #[must_use]
    pub fn search(&self, request: &Request<'_>) -> Results {
        self.search_beside(request, &[], 0).0
    }

    /// The same, and the best `limit` hits of some kinds, which may be far behind
    /// the others; found in one pass over what fits.
    #[must_use]
    pub fn search_beside(
        &self,
        request: &Request<'_>,
        kinds_beside: &[&str],
        limit: usize,
    ) -> (Results, Vec<Hit>) {
        let (scored, partial) = self.score(request);
        let narrow = &request.narrow;
        let kind_wanted = self.wanted(&narrow.kinds);
        let type_wanted = self.wanted(&narrow.types);
        let is_beside = self.one_of(kinds_beside);
        let is = |flags: &[bool], value: u32| flags.get(value as usize).copied().unwrap_or(false);
        let mut kinds = vec![0_usize; self.values.texts.len()];
        let mut types = kinds.clone();
        let mut ranked: Vec<(f32, &Entry)> = Vec::new();
        let mut beside: Vec<(f32, &Entry)> = Vec::new();
        for (slot, score) in scored {
            let Some(Some(entry)) = self.slots.get(slot as usize) else {
                continue;
            };
            let [kind, spec_type, ..] = entry.facets;
            // What is about a component is not a component more.
            let is_it = entry.is_about().is_none();
            if is_it {
                count(&mut kinds, kind);
            }
            let boosted = self.boosted(entry, score, request.own);
            if is(&is_beside, kind) {
                beside.push((boosted, entry));
            }
            if !is(&kind_wanted, kind) {
                continue;
            }
            if is_it {
                count(&mut types, spec_type);
            }
            if is(&type_wanted, spec_type) {
                ranked.push((boosted, entry));
            }
        }
        let hits = |ranked, offset, limit| {
            let best = best(ranked, offset, limit).into_iter();
            best.map(|(score, entry)| hit(entry, score)).collect()
        };
        let results = Results {
            total: ranked.len(),
            hits: hits(ranked, request.offset, request.limit),
            kinds: self.counted(&kinds),
            types: self.counted(&types),
            partial,
        };
        (results, hits(beside, 0, limit))
    }

    /// Of every value, whether it is one of these, in any letters.
    fn one_of(&self, wanted: &[impl AsRef<str>]) -> Vec<bool> {
        let is_one = |value: &str| {
            let mut wanted = wanted.iter();
            wanted.any(|wanted| wanted.as_ref().eq_ignore_ascii_case(value))
        };
        let values = self.values.texts.iter();
        values.map(|value| is_one(value)).collect()
    }

    /// The same for what narrows: nothing named is everything wanted.
    fn wanted(&self, named: &[String]) -> Vec<bool> {
        if named.is_empty() {
            return vec![true; self.values.texts.len()];
        }
        self.one_of(named)
    }

    /// Every document that fits, with its score before boosts, and whether
    /// only a part of the query fits.
    pub(super) fn score(&self, request: &Request<'_>) -> (Vec<(Slot, f32)>, bool) {
        let mut allowed = Allowed::new(self, request);
        let query = Query::parse(request.text);
        if query.is_empty() {
            let nothing_typed = request.text.trim().is_empty();
            let slots = (0..).take(self.slots.len()).filter(|_| nothing_typed);
            return (
                slots
                    .filter(|slot| allowed.check(*slot))
                    .map(|slot| (slot, 1.0))
                    .collect(),
                false,
            );
        }
        let mut tallies = vec![Tally::default(); self.slots.len()];
        let mut seen: Vec<Slot> = Vec::new();
        let mut weights = 0.0;
        let mut best: Vec<f32> = vec![0.0; self.slots.len()];
        for part in &query.parts {
            let mut touched: Vec<Slot> = Vec::new();
            self.fits(part, &mut allowed, |fit| {
                keep_best(&mut best, &mut touched, &fit)
            });
            let weight = self.rarity(touched.len());
            weights += weight;
            for slot in touched {
                if let (Some(tally), Some(worth)) =
                    (tallies.get_mut(slot as usize), best.get_mut(slot as usize))
                {
                    if tally.matched == 0 {
                        seen.push(slot);
                    }
                    tally.matched += 1;
                    tally.score += std::mem::take(worth) * weight;
                }
            }
        }
        let parts = u16::try_from(query.parts.len()).unwrap_or(u16::MAX);
        if let Some(joined) = &query.joined {
            self.joined_fits(joined, &mut allowed, |fit| {
                if let Some(tally) = tallies.get_mut(fit.slot as usize) {
                    if tally.matched == 0 {
                        seen.push(fit.slot);
                    }
                    tally.matched = parts;
                    tally.joined = tally.joined.max(fit.worth() * whole_factor(&fit));
                }
            });
        }
        let most = seen
            .iter()
            .filter_map(|slot| tallies.get(*slot as usize))
            .map(|tally| tally.matched)
            .max();
        let most = most.unwrap_or(0);
        let share = f32::from(most) / f32::from(parts);
        let scored = seen.into_iter().filter_map(|slot| {
            let tally = tallies
                .get(slot as usize)
                .filter(|tally| tally.matched == most)?;
            Some((slot, (tally.score / weights).max(tally.joined) * share))
        });
        (scored.collect(), most > 0 && most < parts)
    }

    /// A word that few documents have says more.
    pub(super) fn rarity(&self, documents: usize) -> f32 {
        let ln = |number: usize| f32::from(u16::try_from(number).unwrap_or(u16::MAX)).ln();
        let all = ln(self.by_id.len() + 2);
        1.0 + 0.5 * (all - ln(documents + 1)).max(0.0) / all.max(1.0)
    }

    pub(super) fn boosted(&self, entry: &Entry, score: f32, own: &[EntityRef]) -> f32 {
        let mine = entry
            .owner
            .as_ref()
            .is_some_and(|owner| own.contains(owner));
        score * entry.boost * if mine { OWN } else { 1.0 }
    }

    fn counted(&self, counts: &[usize]) -> Vec<(String, usize)> {
        let mut counts: Vec<(String, usize)> = self
            .values
            .texts
            .iter()
            .zip(counts)
            .filter(|(text, count)| !text.is_empty() && **count > 0)
            .map(|(text, count)| (text.to_string(), *count))
            .collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        counts
    }
}

fn count(counts: &mut [usize], number: u32) {
    if let Some(count) = counts.get_mut(number as usize) {
        *count += 1;
    }
}

/// How much more a fit of the whole query counts.
pub(super) fn whole_factor(fit: &Fit) -> f32 {
    match fit.field {
        Field::Description | Field::Annotation | Field::Definition => {
            IDENTIFIER / fit.field.weight()
        }
        _ => JOINED,
    }
}

fn keep_best(best: &mut [f32], touched: &mut Vec<Slot>, fit: &Fit) {
    if let Some(worth) = best.get_mut(fit.slot as usize) {
        if *worth == 0.0 {
            touched.push(fit.slot);
        }
        *worth = worth.max(fit.worth());
    }
}

/// The `limit` best behind the first `offset`, without ordering all others.
fn best(mut ranked: Vec<(f32, &Entry)>, offset: usize, limit: usize) -> Vec<(f32, &Entry)> {
    let order = |a: &(f32, &Entry), b: &(f32, &Entry)| -> Ordering {
        b.0.total_cmp(&a.0).then_with(|| a.1.id.cmp(&b.1.id))
    };
    let end = offset.saturating_add(limit);
    if end < ranked.len() {
        ranked.select_nth_unstable_by(end, order);
        ranked.truncate(end);
    }
    ranked.sort_unstable_by(order);
    ranked.into_iter().skip(offset).collect()
}

fn hit(entry: &Entry, score: f32) -> Hit {
    Hit {
        id: Arc::clone(&entry.id),
        subject: entry.subject.clone(),
        collection: entry.collection,
        score,
        shown: entry.shown.as_deref().cloned(),
    }
}
