//! One search key, laid out for ordering and text search.
//!
//! All values lie one after the other in a single text, in ascending order,
//! with the entities that have them in order of uid. A page is then a walk
//! along an array that skips what does not match, and a text filter is one
//! pass over contiguous memory. A column is built when it is first needed and
//! patched by writes; after too many patches it is dropped.

use std::cmp::Ordering;
use std::collections::HashMap;

use memchr::memmem;
use uuid::Uuid;

use super::slots::{Slot, SlotSet};

/// With more changed entities than this, rebuilding is cheaper than patching.
const MAX_PATCHES: usize = 4_096;
/// The rank of an entity without a value.
pub(super) const UNRANKED: u64 = u64::MAX;

/// The sort position of an entity: its value, then its uid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position<'a> {
    pub(super) value: &'a str,
    pub(super) uid: Uuid,
}

/// Which way a column is ordered and walked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    /// Largest first; of several values of an entity the largest counts.
    pub(super) descending: bool,
    /// From the end of that order to its beginning.
    pub(super) backward: bool,
}

impl Course {
    /// Whether values fall while walking.
    fn falling(self) -> bool {
        self.descending != self.backward
    }
}

#[derive(Debug, Default)]
pub(super) struct Column {
    /// The distinct values, lower case, ascending.
    text: String,
    /// For each value where it ends in `text`, and where its rows end.
    ends: Vec<(usize, u32)>,
    /// The entities, by value and then by uid.
    rows: Vec<Slot>,
    /// First and last row of each entity, when some have more than one.
    spans: Option<HashMap<Slot, (u32, u32)>>,
    /// The values of entities that changed since the column was built. They
    /// hide what the arrays say about those entities.
    patches: HashMap<Slot, Vec<Box<str>>>,
}

/// Takes values in ascending order.
#[derive(Debug, Default)]
pub(super) struct Builder {
    column: Column,
    group: Vec<(Uuid, Slot)>,
}

impl Builder {
    /// Adds an entity with the value that [`Builder::value`] ends.
    pub(super) fn row(&mut self, uid: Uuid, slot: Slot) {
        self.group.push((uid, slot));
    }

    /// Ends a value; its rows have been added.
    pub(super) fn value(&mut self, folded: &str) {
        if self.group.is_empty() {
            return;
        }
        self.group.sort_unstable();
        self.group.dedup();
        let column = &mut self.column;
        column.text.push_str(folded);
        column
            .rows
            .extend(self.group.drain(..).map(|(_, slot)| slot));
        column
            .ends
            .push((column.text.len(), column.rows.len() as u32));
    }

    pub(super) fn finish(self) -> Column {
        let mut column = self.column;
        let highest = column.rows.iter().max().copied().unwrap_or_default();
        let mut seen = SlotSet::with_room(highest as usize + 1);
        column.rows.iter().for_each(|slot| seen.insert(*slot));
        if seen.len() < column.rows.len() {
            let mut spans: HashMap<Slot, (u32, u32)> = HashMap::with_capacity(seen.len());
            for (row, slot) in column.rows.iter().enumerate() {
                let row = row as u32;
                spans.entry(*slot).or_insert((row, row)).1 = row;
            }
            column.spans = Some(spans);
        }
        column.text.shrink_to_fit();
        column.ends.shrink_to_fit();
        column.rows.shrink_to_fit();
        column
    }
}

impl Column {
    /// Notes the values that an entity has now; none for one that is gone.
    /// Says whether the column is still worth keeping.
    pub(super) fn patch(&mut self, slot: Slot, values: Vec<Box<str>>) -> bool {
        self.patches.insert(slot, values);
        self.patches.len() <= MAX_PATCHES
    }

    /// Bytes on the heap, about.
    pub(super) fn bytes(&self) -> usize {
        let spans = self.spans.as_ref().map_or(0, |spans| spans.capacity() * 13);
        self.text.capacity() + self.ends.capacity() * 16 + self.rows.capacity() * 4 + spans
    }

    /// Adds the entities that have a value containing `term` (lower case).
    pub(super) fn containing(&self, term: &str, found: &mut SlotSet) {
        let finder = memmem::Finder::new(term);
        let text = self.text.as_bytes();
        let (mut from, mut value) = (0, 0);
        while let Some(hit) = text.get(from..).and_then(|rest| finder.find(rest)) {
            let start = from + hit;
            value = self.value_around(start, value);
            let Some((end, _)) = self.ends.get(value) else {
                break;
            };
            if start + term.len() > *end {
                // The hit reaches over the end of the value.
                from = start + 1;
                continue;
            }
            for slot in self.rows_of(value) {
                if !self.patches.contains_key(slot) {
                    found.insert(*slot);
                }
            }
            from = *end;
        }
        for (slot, values) in &self.patches {
            if values.iter().any(|value| value.contains(term)) {
                found.insert(*slot);
            }
        }
    }

    /// A number for each slot that orders entities by their smallest (or
    /// largest) value; [`UNRANKED`] for those without.
    pub(super) fn ranks(&self, slots: usize, largest: bool) -> Vec<u64> {
        let mut ranks = vec![UNRANKED; slots];
        for value in 0..self.ends.len() {
            for slot in self.rows_of(value) {
                if let Some(rank) = ranks.get_mut(*slot as usize)
                    && (largest || *rank == UNRANKED)
                {
                    *rank = rank_at(value);
                }
            }
        }
        let patched = self
            .patches
            .values()
            .filter_map(|values| decisive(values, largest));
        let mut texts: Vec<&str> = patched.collect();
        texts.sort_unstable();
        texts.dedup();
        for (slot, values) in &self.patches {
            if let Some(rank) = ranks.get_mut(*slot as usize) {
                let text = decisive(values, largest);
                *rank = text.map_or(UNRANKED, |text| self.rank_of(text, &texts));
            }
        }
        ranks
    }

    /// The rank of a value that need not be in the column; those that are not
    /// are told apart by their place in `texts`.
    fn rank_of(&self, text: &str, texts: &[&str]) -> u64 {
        let value = lower_bound(self.ends.len(), |value| self.value_at(value) < text);
        if value < self.ends.len() && self.value_at(value) == text {
            return rank_at(value);
        }
        let place = texts.partition_point(|other| *other < text);
        // Above the value before, below the value behind.
        (2 * value as u64) << 32 | place as u64
    }

    /// How many entities of `set` have a value.
    pub(super) fn count(&self, set: &SlotSet) -> usize {
        let mut rows = SlotSet::default();
        self.rows.iter().for_each(|slot| rows.insert(*slot));
        for (slot, values) in &self.patches {
            if values.is_empty() {
                rows.remove(*slot);
            } else {
                rows.insert(*slot);
            }
        }
        rows.common(set)
    }

    /// Walks along the order, from behind `after` on, over the entities of
    /// `set`, leaves out the first `skip`, and gives up to `take` of them with
    /// the value they are ordered by.
    pub(super) fn walk<'a>(
        &'a self,
        set: &SlotSet,
        course: Course,
        after: Option<Position<'_>>,
        (skip, take): (usize, usize),
        uid_of: &dyn Fn(Slot) -> Uuid,
    ) -> Vec<(Slot, &'a str)> {
        let mut patched = self
            .patched(set, course, after, uid_of)
            .into_iter()
            .peekable();
        let mut rows = self.cursor(course, after, uid_of);
        let mut row = rows.next_in(self, set, course);
        let mut found = Vec::with_capacity(take.min(1_024));
        let (mut skip, mut left) = (skip, set.len());
        while found.len() < take && left > 0 {
            let next = match (row, patched.peek()) {
                (None, None) => break,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (Some((slot, value)), Some((position, _))) => {
                    let uid = uid_of(slot);
                    let order = Position { value, uid }.cmp(position);
                    (order == Ordering::Less) != course.falling()
                }
            };
            let item = if next {
                let item = row;
                row = rows.next_in(self, set, course);
                item
            } else {
                patched
                    .next()
                    .map(|(position, slot)| (slot, position.value))
            };
            let Some(item) = item else { break };
            left -= 1;
            if skip > 0 {
                skip -= 1;
            } else {
                found.push(item);
            }
        }
        found
    }

    /// The changed entities of `set` behind `after`, in the order of the walk.
    fn patched(
        &self,
        set: &SlotSet,
        course: Course,
        after: Option<Position<'_>>,
        uid_of: &dyn Fn(Slot) -> Uuid,
    ) -> Vec<(Position<'_>, Slot)> {
        let mut list: Vec<_> = self
            .patches
            .iter()
            .filter(|(slot, _)| set.contains(**slot))
            .filter_map(|(slot, values)| {
                let value = decisive(values, course.descending)?;
                let uid = uid_of(*slot);
                Some((Position { value, uid }, *slot))
            })
            .filter(|(position, _)| match after {
                None => true,
                Some(after) if course.falling() => *position < after,
                Some(after) => *position > after,
            })
            .collect();
        list.sort_unstable();
        if course.falling() {
            list.reverse();
        }
        list
    }

    /// A cursor before the first row behind `after`.
    fn cursor(
        &self,
        course: Course,
        after: Option<Position<'_>>,
        uid_of: &dyn Fn(Slot) -> Uuid,
    ) -> Rows {
        let Some(after) = after else {
            return if course.falling() {
                Rows {
                    row: self.rows.len(),
                    value: self.ends.len(),
                }
            } else {
                Rows::default()
            };
        };
        let value = lower_bound(self.ends.len(), |value| self.value_at(value) < after.value);
        let start = self.rows_before(value);
        let same = value < self.ends.len() && self.value_at(value) == after.value;
        if course.falling() {
            // Rows below `row` come before `after`.
            let row = if same {
                start
                    + self
                        .rows_of(value)
                        .partition_point(|slot| uid_of(*slot) < after.uid)
            } else {
                start
            };
            Rows {
                row,
                value: value + usize::from(same),
            }
        } else if same {
            let passed = self
                .rows_of(value)
                .partition_point(|slot| uid_of(*slot) <= after.uid);
            Rows {
                row: start + passed,
                value,
            }
        } else {
            Rows { row: start, value }
        }
    }

    fn value_at(&self, value: usize) -> &str {
        let end = self.ends.get(value).map_or(0, |(end, _)| *end);
        let start = match value
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
        {
            Some((end, _)) => *end,
            None => 0,
        };
        self.text.get(start..end).unwrap_or_default()
    }

    /// The value around a place in the text, searched from `value` on: hits
    /// are either dense or few.
    fn value_around(&self, place: usize, value: usize) -> usize {
        let rest = self.ends.get(value..).unwrap_or_default();
        let near = rest.iter().take(8).position(|(end, _)| *end > place);
        value + near.unwrap_or_else(|| rest.partition_point(|(end, _)| *end <= place))
    }

    fn rows_before(&self, value: usize) -> usize {
        value
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |(_, rows)| *rows as usize)
    }

    fn rows_of(&self, value: usize) -> &[Slot] {
        let end = self.rows_before(value + 1);
        self.rows
            .get(self.rows_before(value)..end)
            .unwrap_or_default()
    }

    /// Whether an entity stands in this row, rather than in another one of
    /// its values or among the patches.
    fn counts(&self, slot: Slot, row: usize, course: Course) -> bool {
        if !self.patches.is_empty() && self.patches.contains_key(&slot) {
            return false;
        }
        match self.spans.as_ref().and_then(|spans| spans.get(&slot)) {
            None => true,
            Some((first, last)) => (if course.descending { *last } else { *first }) as usize == row,
        }
    }
}

/// A place between the rows of a column: before `row` when rising, behind the
/// rows below `row` when falling. `value` is that of the next row when rising,
/// and one more than that when falling; it may lag behind.
#[derive(Debug, Default)]
struct Rows {
    row: usize,
    value: usize,
}

impl Rows {
    fn next_in<'a>(
        &mut self,
        column: &'a Column,
        set: &SlotSet,
        course: Course,
    ) -> Option<(Slot, &'a str)> {
        loop {
            let row = if course.falling() {
                self.row = self.row.checked_sub(1)?;
                self.row
            } else {
                let row = self.row;
                self.row += 1;
                row
            };
            let slot = *column.rows.get(row)?;
            if set.contains(slot) && column.counts(slot, row, course) {
                return Some((
                    slot,
                    column.value_at(self.value_at_row(column, row, course)),
                ));
            }
        }
    }

    /// The value of a row, found from the previous one where that is near.
    fn value_at_row(&mut self, column: &Column, row: usize, course: Course) -> usize {
        if course.falling() {
            while let Some(value) = self.value.checked_sub(1) {
                if column.rows_before(value) <= row {
                    return value;
                }
                self.value = value;
            }
            0
        } else {
            while column.rows_before(self.value + 1) <= row && self.value + 1 < column.ends.len() {
                self.value += 1;
            }
            self.value
        }
    }
}

/// The value that decides the place of an entity with several.
fn decisive(values: &[Box<str>], descending: bool) -> Option<&str> {
    let value = if descending {
        values.iter().max()
    } else {
        values.iter().min()
    };
    value.map(AsRef::as_ref)
}

/// The rank of the value with this number: odd in its upper half, so that
/// there is room between two of them.
fn rank_at(value: usize) -> u64 {
    (2 * value as u64 + 1) << 32
}

/// The first of `0..len` for which `before` is false.
fn lower_bound(len: usize, before: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if before(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}
