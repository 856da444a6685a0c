//! The search rows of all entities, by key.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use model::query::{RowOrigin, visit_rows};
use serde_json::Value;
use uuid::Uuid;

use super::column::{Builder, Column};
use super::slots::{Postings, Slot};
use super::values::KeyIndex;

/// At most this many columns are kept; further ones are built when needed and
/// thrown away, so that asking for many odd keys cannot fill the memory.
const MAX_COLUMNS: usize = 64;

/// A search row of one entity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct OwnedRow {
    key: Box<str>,
    folded: Option<Box<str>>,
    /// As written, where that differs.
    written: Option<Box<str>>,
    element: bool,
}

impl OwnedRow {
    fn value(&self) -> Option<(&str, &str)> {
        let folded = self.folded.as_deref()?;
        Some((folded, self.written.as_deref().unwrap_or(folded)))
    }
}

#[derive(Debug, Default)]
pub(super) struct Keys {
    keys: HashMap<Box<str>, KeyIndex>,
    columns: AtomicUsize,
}

impl Keys {
    /// Adds the rows of an entity that was not there before.
    pub(super) fn insert(&mut self, slot: Slot, entity: &Value) {
        if self.columns.load(Ordering::Relaxed) > 0 {
            // Columns want to be told what changed.
            self.apply(slot, &[], &owned_rows(entity));
            return;
        }
        visit_rows(entity, &mut |row| {
            if let Some(element) = stored_as(row.origin) {
                self.add(slot, row.key, row.value, element);
            }
        });
    }

    /// Takes the rows of an entity away.
    pub(super) fn remove(&mut self, slot: Slot, entity: &Value) {
        self.apply(slot, &owned_rows(entity), &[]);
    }

    /// Puts the rows of an entity in the place of its former rows. Keys that
    /// did not change are not touched.
    pub(super) fn replace(&mut self, slot: Slot, before: &Value, after: &Value) {
        self.apply(slot, &owned_rows(before), &owned_rows(after));
    }

    /// Forgets all columns, because the uid of an entity changed.
    pub(super) fn drop_columns(&mut self) {
        for key in self.keys.values_mut() {
            key.column.take();
        }
        self.columns.store(0, Ordering::Relaxed);
    }

    fn add(&mut self, slot: Slot, key: &str, value: Option<(&str, &str)>, element: bool) {
        match self.keys.get_mut(key) {
            Some(index) => index.insert(slot, value, element),
            None => {
                let mut index = KeyIndex::default();
                index.insert(slot, value, element);
                self.keys.insert(key.into(), index);
            }
        }
    }

    /// Both lists are sorted and without repetitions.
    fn apply(&mut self, slot: Slot, before: &[OwnedRow], after: &[OwnedRow]) {
        let gone = before
            .iter()
            .filter(|row| after.binary_search(row).is_err());
        let new = after
            .iter()
            .filter(|row| before.binary_search(row).is_err());
        let mut touched: Vec<&str> = Vec::new();
        for row in gone {
            if let Some(key) = self.keys.get_mut(&row.key) {
                key.remove(slot, row.folded.as_deref());
                touched.push(&row.key);
            }
        }
        for row in new {
            self.add(slot, &row.key, row.value(), row.element);
            touched.push(&row.key);
        }
        touched.sort_unstable();
        touched.dedup();
        for name in touched {
            self.settle(slot, name, after);
        }
    }

    /// Brings what is derived from the rows of a key up to date.
    fn settle(&mut self, slot: Slot, name: &str, after: &[OwnedRow]) {
        let start = after.partition_point(|row| *row.key < *name);
        let rows = after.get(start..).unwrap_or_default();
        let rows = rows.iter().take_while(|row| *row.key == *name);
        let values: Vec<Box<str>> = rows.clone().filter_map(|row| row.folded.clone()).collect();
        let present = rows.count() > 0;
        let Some(key) = self.keys.get_mut(name) else {
            return;
        };
        if let Some(column) = key.column.get_mut()
            && !column.patch(slot, values)
        {
            key.column.take();
            self.columns.fetch_sub(1, Ordering::Relaxed);
        }
        if !present && key.forget(slot) {
            if key.column.get().is_some() {
                self.columns.fetch_sub(1, Ordering::Relaxed);
            }
            self.keys.remove(name);
        }
    }

    /// A stored key by its lower-cased name.
    pub(super) fn get(&self, key: &str) -> Option<&KeyIndex> {
        self.keys.get(key)
    }

    /// The entities for which `key` is the name of a string element of an
    /// array, so that its value is `true`.
    pub(super) fn element_names<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Postings> {
        key.match_indices('.').filter_map(|(dot, _)| {
            let (array, element) = key.split_at_checked(dot)?;
            self.get(array)?.element(element.strip_prefix('.')?)
        })
    }

    /// The column of a stored key, kept for the next time while there is room.
    pub(super) fn column<'a>(
        &self,
        key: &'a KeyIndex,
        uid_of: &dyn Fn(Slot) -> Uuid,
    ) -> ColumnRef<'a> {
        if key.column.get().is_none() && self.columns.load(Ordering::Relaxed) >= MAX_COLUMNS {
            return ColumnRef::Passing(Box::new(build(key, uid_of)));
        }
        ColumnRef::Kept(key.column.get_or_init(|| {
            self.columns.fetch_add(1, Ordering::Relaxed);
            Box::new(build(key, uid_of))
        }))
    }

    /// The stored keys that begin with `prefix`, in order.
    pub(super) fn under(&self, prefix: &str) -> Vec<String> {
        let names = self.keys.keys().filter(|name| name.starts_with(prefix));
        let mut found: Vec<String> = names.map(ToString::to_string).collect();
        found.sort_unstable();
        found
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Bytes on the heap, about. Walks all keys and values.
    pub(super) fn bytes(&self) -> usize {
        let keys = self.keys.iter().map(|(name, key)| name.len() + key.bytes());
        self.keys.capacity() * (size_of::<(Box<str>, KeyIndex)>() + 1) + keys.sum::<usize>()
    }
}

/// A column that is kept, or one that was made for a single question.
#[derive(Debug)]
pub(super) enum ColumnRef<'a> {
    Kept(&'a Column),
    Passing(Box<Column>),
}

impl std::ops::Deref for ColumnRef<'_> {
    type Target = Column;

    fn deref(&self) -> &Column {
        match self {
            Self::Kept(column) => column,
            Self::Passing(column) => column,
        }
    }
}

fn build(key: &KeyIndex, uid_of: &dyn Fn(Slot) -> Uuid) -> Column {
    let mut builder = Builder::default();
    for (folded, entry) in &key.values {
        entry.each(folded, &mut |_, postings| {
            postings
                .iter()
                .for_each(|slot| builder.row(uid_of(slot), slot));
        });
        builder.value(folded);
    }
    builder.finish()
}

/// Whether a row is stored, and if so whether as an element. The names of
/// elements follow from the elements, relations have a store of their own.
fn stored_as(origin: RowOrigin) -> Option<bool> {
    match origin {
        RowOrigin::Leaf => Some(false),
        RowOrigin::Element => Some(true),
        RowOrigin::ElementName | RowOrigin::Relation => None,
    }
}

/// The stored rows of an entity, sorted, each value of a key once.
fn owned_rows(entity: &Value) -> Vec<OwnedRow> {
    let mut rows: Vec<OwnedRow> = Vec::new();
    visit_rows(entity, &mut |row| {
        if let Some(element) = stored_as(row.origin) {
            rows.push(OwnedRow {
                key: row.key.into(),
                folded: row.value.map(|(folded, _)| folded.into()),
                written: row
                    .value
                    .and_then(|(folded, written)| (folded != written).then(|| written.into())),
                element,
            });
        }
    });
    // Stable, so that of several ways to write a value the first one stays.
    rows.sort_by(|a, b| (&a.key, &a.folded).cmp(&(&b.key, &b.folded)));
    rows.dedup_by(|later, first| {
        let same = later.key == first.key && later.folded == first.folded;
        if same {
            first.element |= later.element;
        }
        same
    });
    rows
}
