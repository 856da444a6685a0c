//! Predicates answered from the index. The meaning is defined by
//! [`Predicate::matches`]; this is the same thing for all entities at once.

use model::query::{MAX_KEY_UNITS, MAX_VALUE_UNITS, Predicate, Test, fold_case, utf16_longer_than};

use super::Index;
use super::column::Builder;
use super::edges::Kind;
use super::keys::ColumnRef;
use super::slots::{Postings, Slot, SlotSet};
use super::values::KeyIndex;

/// The value of the key that the name of an array element is.
const TRUE: &str = "true";

/// One search key with all the places its values come from.
pub(super) struct KeyView<'a> {
    index: &'a Index,
    stored: Option<&'a KeyIndex>,
    /// The entities with an array element of this name.
    named: Vec<&'a Postings>,
    /// The relation types of this name.
    relations: &'a [Kind],
}

impl<'a> KeyView<'a> {
    /// `key` is lower case.
    pub(super) fn new(index: &'a Index, key: &'a str) -> Self {
        if utf16_longer_than(key, MAX_KEY_UNITS) {
            return Self {
                index,
                stored: None,
                named: Vec::new(),
                relations: &[],
            };
        }
        Self {
            index,
            stored: index.keys.get(key),
            named: index.keys.element_names(key).collect(),
            relations: index.edges.kinds_of_key(key),
        }
    }

    /// The entities that have the key.
    fn present(&self, found: &mut SlotSet) {
        if let Some(stored) = self.stored {
            stored.present.add_to(found);
        }
        for named in &self.named {
            named.add_to(found);
        }
        for kind in self.relations {
            if let Some(sources) = self.index.edges.all_sources(*kind) {
                sources.add_to(found);
            }
        }
        // Relations may start from what does not exist.
        if !self.relations.is_empty() {
            found.keep(&self.index.nodes.live);
        }
    }

    /// The entities with this value (lower case).
    fn equal(&self, value: &str, found: &mut SlotSet) {
        if let Some(entry) = self.stored.and_then(|stored| stored.values.get(value)) {
            entry.each(value, &mut |_, postings| postings.add_to(found));
        }
        if value == TRUE {
            self.named.iter().for_each(|named| named.add_to(found));
        }
        if !self.relations.is_empty()
            && !utf16_longer_than(value, MAX_VALUE_UNITS)
            && let Some(target) = self.index.nodes.find(value)
        {
            self.related(target, found);
            found.keep(&self.index.nodes.live);
        }
    }

    /// The entities with a value that begins so (lower case).
    fn prefixed(&self, prefix: &str, found: &mut SlotSet) {
        if let Some(stored) = self.stored {
            let from = (
                std::ops::Bound::Included(prefix),
                std::ops::Bound::Unbounded,
            );
            for (folded, entry) in stored.values.range::<str, _>(from) {
                if !folded.starts_with(prefix) {
                    break;
                }
                entry.each(folded, &mut |_, postings| postings.add_to(found));
            }
        }
        if TRUE.starts_with(prefix) {
            self.named.iter().for_each(|named| named.add_to(found));
        }
        if !self.relations.is_empty() {
            let targets = self.index.nodes.refs_from(prefix);
            for (target, slot) in targets.take_while(|(t, _)| t.as_str().starts_with(prefix)) {
                if !utf16_longer_than(target.as_str(), MAX_VALUE_UNITS) {
                    self.related(slot, found);
                }
            }
            found.keep(&self.index.nodes.live);
        }
    }

    /// Adds the entities with such a relation to `target`. They may include
    /// some that do not exist.
    fn related(&self, target: Slot, found: &mut SlotSet) {
        let kinds = self.relations.iter();
        kinds
            .filter_map(|kind| self.index.edges.sources(target, *kind))
            .for_each(|sources| sources.add_to(found));
    }

    /// Whether one entity has the key.
    fn has(&self, slot: Slot) -> bool {
        let mut sources = self
            .relations
            .iter()
            .filter_map(|kind| self.index.edges.all_sources(*kind));
        self.stored
            .is_some_and(|stored| stored.present.contains(slot))
            || self.named.iter().any(|named| named.contains(slot))
            || sources.any(|sources| sources.contains(slot))
    }

    /// Whether one entity has this value (lower case).
    fn has_value(&self, slot: Slot, value: &str) -> bool {
        let mut found = value == TRUE && self.named.iter().any(|named| named.contains(slot));
        if let Some(entry) = self.stored.and_then(|stored| stored.values.get(value)) {
            entry.each(value, &mut |_, postings| found |= postings.contains(slot));
        }
        if !self.relations.is_empty()
            && !utf16_longer_than(value, MAX_VALUE_UNITS)
            && let Some(target) = self.index.nodes.find(value)
        {
            let mut sources = self
                .relations
                .iter()
                .filter_map(|kind| self.index.edges.sources(target, *kind));
            found |= sources.any(|sources| sources.contains(slot));
        }
        found
    }

    /// Whether everything about the key is in its stored rows.
    pub(super) fn only_stored(&self) -> Option<&'a KeyIndex> {
        self.stored
            .filter(|_| self.named.is_empty() && self.relations.is_empty())
    }

    /// Calls `visit` with every value, lower case and as written, and the
    /// entities that have it, in ascending order of the lower-cased value.
    pub(super) fn each_value(&self, visit: &mut dyn FnMut(&str, &str, &Owners<'_>)) {
        let mut named = self.index.empty_set();
        self.named
            .iter()
            .for_each(|postings| postings.add_to(&mut named));
        let mut values: Vec<(&str, &str, Source<'_>)> = Vec::new();
        for (folded, entry) in self.stored.into_iter().flat_map(|stored| &stored.values) {
            entry.each(folded, &mut |written, postings| {
                if &**folded == TRUE {
                    // Said by the stored value already.
                    postings.iter().for_each(|slot| named.remove(slot));
                }
                values.push((folded, written, Source::Rows(postings)));
            });
        }
        if !named.is_empty() {
            values.push((TRUE, TRUE, Source::Named));
        }
        for kind in self.relations {
            if let Some(targets) = self.index.edges.all_targets(*kind) {
                for target in targets.iter() {
                    if let Some(target_ref) = self.index.nodes.entity_ref(target)
                        && !utf16_longer_than(target_ref.as_str(), MAX_VALUE_UNITS)
                    {
                        let target_ref = target_ref.as_str();
                        values.push((target_ref, target_ref, Source::Related(target)));
                    }
                }
            }
        }
        values.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
        // Two relation types that differ only in casing share a key.
        values.dedup_by(
            |a, b| matches!((&a.2, &b.2), (Source::Related(x), Source::Related(y)) if x == y),
        );
        for (folded, written, source) in values {
            let owners = match source {
                Source::Rows(postings) => Owners::Rows(postings),
                Source::Named => Owners::Named(&named),
                Source::Related(target) => match self.relations {
                    [kind] => match self.index.edges.sources(target, *kind) {
                        Some(sources) => Owners::Related(sources, &self.index.nodes.live),
                        None => continue,
                    },
                    _ => {
                        let mut sources = self.index.empty_set();
                        self.related(target, &mut sources);
                        sources.keep(&self.index.nodes.live);
                        Owners::Mixed(sources)
                    }
                },
            };
            visit(folded, written, &owners);
        }
    }

    /// The key laid out for ordering and text search.
    pub(super) fn column(&self) -> ColumnRef<'a> {
        let uid_of = |slot| self.index.nodes.uid(slot);
        if let Some(stored) = self.only_stored() {
            return self.index.keys.column(stored, &uid_of);
        }
        let mut builder = Builder::default();
        let mut last = String::new();
        self.each_value(&mut |folded, _, slots| {
            if folded != last {
                builder.value(&last);
                folded.clone_into(&mut last);
            }
            slots.each(&mut |slot| builder.row(uid_of(slot), slot));
        });
        builder.value(&last);
        ColumnRef::Passing(Box::new(builder.finish()))
    }
}

/// Where the entities of a value are found.
enum Source<'a> {
    Rows(&'a Postings),
    Named,
    Related(Slot),
}

/// The entities that have a value.
pub(super) enum Owners<'a> {
    Rows(&'a Postings),
    Named(&'a SlotSet),
    /// Those that exist.
    Related(&'a Postings, &'a SlotSet),
    Mixed(SlotSet),
}

impl Owners<'_> {
    /// How many of them are in `set`, which has only entities that exist.
    pub(super) fn common(&self, set: &SlotSet) -> usize {
        match self {
            Self::Rows(postings) | Self::Related(postings, _) => postings.common(set),
            Self::Named(slots) => slots.common(set),
            Self::Mixed(slots) => slots.common(set),
        }
    }

    fn each(&self, visit: &mut dyn FnMut(Slot)) {
        match self {
            Self::Rows(postings) => postings.iter().for_each(visit),
            Self::Named(slots) => slots.iter().for_each(visit),
            Self::Related(postings, live) => {
                postings
                    .iter()
                    .filter(|slot| live.contains(*slot))
                    .for_each(visit);
            }
            Self::Mixed(slots) => slots.iter().for_each(visit),
        }
    }
}

impl Index {
    fn empty_set(&self) -> SlotSet {
        SlotSet::with_room(self.nodes.room())
    }

    /// The entities that fulfil both conditions.
    pub(super) fn select(
        &self,
        predicate: Option<&Predicate>,
        visible: Option<&Predicate>,
    ) -> SlotSet {
        let mut found = match predicate {
            Some(predicate) => self.matching(predicate),
            None => self.nodes.live.clone(),
        };
        if let Some(visible) = visible
            && !found.is_empty()
        {
            found.keep(&self.matching(visible));
        }
        found
    }

    /// The entities that fulfil a predicate.
    pub(super) fn matching(&self, predicate: &Predicate) -> SlotSet {
        match predicate {
            Predicate::All(list) => {
                let mut found: Option<SlotSet> = None;
                for inner in list {
                    match (&mut found, inner) {
                        (None, _) => found = Some(self.matching(inner)),
                        (Some(found), _) if found.is_empty() => break,
                        (Some(found), Predicate::Not(inner)) => {
                            found.subtract(&self.matching(inner));
                        }
                        (Some(found), _) => found.keep(&self.matching(inner)),
                    }
                }
                found.unwrap_or_else(|| self.nodes.live.clone())
            }
            Predicate::Any(list) => {
                let mut found = self.empty_set();
                for inner in list {
                    self.add_matching(inner, &mut found);
                }
                found
            }
            Predicate::Not(inner) => {
                let mut found = self.nodes.live.clone();
                found.subtract(&self.matching(inner));
                found
            }
            Predicate::Field { .. } => {
                let mut found = self.empty_set();
                self.add_matching(predicate, &mut found);
                found
            }
        }
    }

    /// Whether one entity fulfils a predicate.
    pub(super) fn fulfils(&self, slot: Slot, predicate: &Predicate) -> bool {
        let (key, test) = match predicate {
            Predicate::All(list) => return list.iter().all(|inner| self.fulfils(slot, inner)),
            Predicate::Any(list) => return list.iter().any(|inner| self.fulfils(slot, inner)),
            Predicate::Not(inner) => return !self.fulfils(slot, inner),
            Predicate::Field { key, test } => (key, test),
        };
        let key = fold_case(key);
        let view = KeyView::new(self, &key);
        match test {
            Test::Exists(wanted) => view.has(slot) == *wanted,
            Test::Equals(value) => view.has_value(slot, &value.folded()),
            Test::In(values) => values
                .iter()
                .any(|value| view.has_value(slot, &value.folded())),
            Test::HasPrefix(_) => self.matching(predicate).contains(slot),
        }
    }

    fn add_matching(&self, predicate: &Predicate, found: &mut SlotSet) {
        let Predicate::Field { key, test } = predicate else {
            found.add(&self.matching(predicate));
            return;
        };
        let key = fold_case(key);
        let view = KeyView::new(self, &key);
        match test {
            Test::Equals(value) => view.equal(&value.folded(), found),
            Test::In(values) => {
                for value in values {
                    view.equal(&value.folded(), found);
                }
            }
            Test::HasPrefix(prefix) => view.prefixed(&fold_case(prefix), found),
            Test::Exists(true) => view.present(found),
            Test::Exists(false) => {
                let mut present = self.empty_set();
                view.present(&mut present);
                let mut absent = self.nodes.live.clone();
                absent.subtract(&present);
                found.add(&absent);
            }
        }
    }

    /// The entities with a value containing `term` (lower case) in one of the
    /// fields.
    pub(super) fn containing(&self, term: &str, fields: &[&str]) -> SlotSet {
        let mut found = self.empty_set();
        for field in fields {
            let key = fold_case(field);
            let view = KeyView::new(self, &key);
            view.column().containing(term, &mut found);
        }
        found
    }
}
