//! Which documents have what a word of the query may stand for.

use super::field::{Field, MatchKind};
use super::query::{List, Part, Reach, Wanted, place_factor, ratio};
use super::vocabulary::{Place, Slot, Term, Vocabulary};
use super::{Engine, Narrow, Request, Visibility};

/// One word of one document that fits a word of the query.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fit {
    pub(super) slot: Slot,
    pub(super) term: Term,
    pub(super) list: List,
    pub(super) field: Field,
    pub(super) kind: MatchKind,
    /// From 0 to 1.
    pub(super) factor: f32,
}

impl Fit {
    pub(super) fn worth(&self) -> f32 {
        self.field.weight() * self.factor
    }
}

/// Who may be found, decided once for each document that comes up.
pub(super) struct Allowed<'a> {
    engine: &'a Engine,
    request: &'a Request<'a>,
    known: Vec<Option<bool>>,
    /// Whatever is there may be found; kinds and types are looked at later.
    everything: bool,
    /// Those with one of the wanted tags.
    tagged: Option<Vec<Slot>>,
}

impl<'a> Allowed<'a> {
    pub(super) fn new(engine: &'a Engine, request: &'a Request<'a>) -> Self {
        let tags = &request.narrow.tags;
        let tagged = (!tags.is_empty()).then(|| {
            let mut slots: Vec<Slot> = Vec::new();
            for tag in tags {
                engine
                    .tags
                    .containing(&crate::text::fold(tag), false, |term, _| {
                        slots.extend(
                            engine
                                .tags
                                .postings(term)
                                .iter()
                                .map(|posting| posting.slot()),
                        );
                    });
            }
            slots.sort_unstable();
            slots
        });
        let Narrow {
            collections,
            kinds: _,
            types: _,
            lifecycles,
            namespaces,
            owners,
            tags,
        } = &request.narrow;
        let everything = matches!(request.visibility, Visibility::All)
            && [collections, lifecycles, namespaces, tags]
                .iter()
                .all(|wanted| wanted.is_empty())
            && owners.is_empty();
        Self {
            engine,
            request,
            everything,
            known: if everything {
                Vec::new()
            } else {
                vec![None; engine.slots.len()]
            },
            tagged,
        }
    }

    pub(super) fn check(&mut self, slot: Slot) -> bool {
        if self.everything {
            return self.engine.live.contains(slot);
        }
        match self.known.get(slot as usize) {
            Some(Some(known)) => *known,
            Some(None) => {
                let allowed = self.decide(slot);
                if let Some(place) = self.known.get_mut(slot as usize) {
                    *place = Some(allowed);
                }
                allowed
            }
            None => false,
        }
    }

    fn decide(&self, slot: Slot) -> bool {
        let Some(Some(entry)) = self.engine.slots.get(slot as usize) else {
            return false;
        };
        let narrow = &self.request.narrow;
        let one_of = |wanted: &[String], value: &str| {
            wanted.is_empty()
                || wanted
                    .iter()
                    .any(|wanted| wanted.eq_ignore_ascii_case(value))
        };
        let [_, _, lifecycle, namespace] =
            entry.facets.map(|number| self.engine.values.text(number));
        let seen = match (&self.request.visibility, &entry.subject) {
            (Visibility::All, _) => true,
            // What belongs to nothing has nobody to say who may see it.
            (Visibility::Nothing, _) | (_, None) => false,
            (Visibility::Where(visible), Some(subject)) => visible(subject),
        };
        seen && one_of(&narrow.collections, entry.collection)
            && one_of(&narrow.lifecycles, lifecycle)
            && one_of(&narrow.namespaces, namespace)
            && (narrow.owners.is_empty()
                || entry
                    .owner
                    .as_ref()
                    .is_some_and(|owner| narrow.owners.contains(owner)))
            && self
                .tagged
                .as_ref()
                .is_none_or(|tagged| tagged.binary_search(&slot).is_ok())
    }
}

impl Engine {
    /// Tells `found` of every allowed document's words that fit. What was
    /// typed wrong is looked for only when nothing begins with the word.
    pub(super) fn fits(&self, part: &Part, allowed: &mut Allowed<'_>, mut found: impl FnMut(Fit)) {
        let mut sure = false;
        for wanted in part.wanted() {
            sure |= self.seek(&wanted, allowed, &mut found);
        }
        if sure {
            return;
        }
        let other = part.other_layout();
        if let Some(wanted) = &other
            && self.seek(wanted, allowed, &mut found)
        {
            return;
        }
        let most = part.edits();
        if most > 0 {
            self.nearly(part.folded(), (most, 1.0), allowed, &mut found);
            if let Some(wanted) = other {
                self.nearly(&wanted.folded, (1, wanted.factor), allowed, &mut found);
            }
        }
    }

    /// Words that are at most `most` edits away.
    fn nearly(
        &self,
        typed: &[u8],
        (most, sure): (usize, f32),
        allowed: &mut Allowed<'_>,
        found: &mut impl FnMut(Fit),
    ) {
        self.words.near(typed, most, |term, distance| {
            let word = self.words.word(term);
            let (short, long) = (typed.len().min(word.len()), typed.len().max(word.len()));
            let mut factor = sure * if distance.edits <= 1 { 0.62 } else { 0.45 };
            factor *= 0.75 + 0.25 * ratio(short, long);
            if distance.start_only {
                factor *= 0.9;
            }
            if typed.first() != word.first() {
                factor *= 0.85;
            }
            for posting in self.words.postings(term) {
                if allowed.check(posting.slot()) {
                    found(Fit {
                        slot: posting.slot(),
                        term,
                        list: List::Words,
                        field: posting.field(),
                        kind: MatchKind::Typo,
                        factor,
                    });
                }
            }
        });
    }

    /// Whether an allowed document has a word that begins with the wanted one.
    fn seek(
        &self,
        wanted: &Wanted,
        allowed: &mut Allowed<'_>,
        found: &mut impl FnMut(Fit),
    ) -> bool {
        let mut sure = false;
        let vocabulary = self.list(wanted.list);
        let mut take = |term: Term, place: Place| {
            let kind = match (wanted.kind, place) {
                (MatchKind::Exact, Place::Start) => MatchKind::Prefix,
                (MatchKind::Exact, Place::Inside) => MatchKind::Infix,
                (kind, _) => kind,
            };
            let word = vocabulary.word(term);
            let factor = wanted.factor * place_factor(place, wanted.folded.len(), word.len());
            // One letter begins too many words of every text.
            let names_only = wanted.folded.len() < 2 && place != Place::Whole;
            for posting in vocabulary.postings(term) {
                let field = posting.field();
                if (!names_only || field.is_name()) && allowed.check(posting.slot()) {
                    sure |= place != Place::Inside && wanted.list == List::Words;
                    found(Fit {
                        slot: posting.slot(),
                        term,
                        list: wanted.list,
                        field,
                        kind,
                        factor,
                    });
                }
            }
        };
        if wanted.reach == Reach::Whole {
            if let Some(term) = vocabulary.find(&wanted.folded) {
                take(term, Place::Whole);
            }
        } else {
            vocabulary.containing(&wanted.folded, wanted.reach == Reach::Inside, take);
        }
        sure
    }

    /// Names that, without spaces and hyphens, begin with the whole query, or
    /// contain it.
    pub(super) fn joined_fits(
        &self,
        joined: &[u8],
        allowed: &mut Allowed<'_>,
        mut found: impl FnMut(Fit),
    ) {
        let wanted = Wanted {
            folded: joined.to_vec(),
            kind: MatchKind::Exact,
            factor: 1.0,
            reach: if joined.len() >= 4 {
                Reach::Inside
            } else {
                Reach::Start
            },
            list: List::Words,
        };
        self.seek(&wanted, allowed, &mut |fit: Fit| {
            // `ORDER-001` in running text is as much one word as a name is.
            if fit.field.is_name() || fit.kind == MatchKind::Exact {
                found(fit);
            }
        });
    }

    pub(super) fn list(&self, list: List) -> &Vocabulary {
        match list {
            List::Words => &self.words,
            List::Initials => &self.initials,
        }
    }
}
