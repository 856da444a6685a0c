//! The by-query page: keyset paging with cursors, one sort field, text filter.

use model::query::{Predicate, fold_case};
use uuid::Uuid;

use super::column::{Course, Position};
use super::cursor::{Cursor, CursorError};
use super::evaluate::KeyView;
use super::slots::{Slot, SlotSet};
use super::{EntityView, Index};

/// What a list is sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Search key, for example `metadata.name`.
    pub field: String,
    /// Largest first.
    pub descending: bool,
}

/// A text that has to occur in one of some fields, in any casing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FullText {
    /// The text; white space around it and an empty one count for nothing.
    pub term: String,
    /// Search keys. Without them the sort field, else `metadata.uid`.
    pub fields: Option<Vec<String>>,
}

/// A request for a page.
#[derive(Debug, Clone)]
pub struct PageRequest {
    /// A first page, or the one that a cursor leads to.
    pub start: Start,
    /// What the caller may see.
    pub visible: Option<Predicate>,
    /// At most this many entities. Zero asks for the count alone.
    pub limit: usize,
}

/// Where a page starts.
#[derive(Debug, Clone)]
pub enum Start {
    /// At the beginning of the answer to a question.
    First {
        /// The entities wanted.
        query: Option<Predicate>,
        /// Text that they have to contain.
        full_text: Option<FullText>,
        /// The sort field; entities without a value for it are left out.
        /// Without a sort field they come in order of uid.
        order: Option<Order>,
        /// How many to leave out at the beginning.
        offset: usize,
        /// Whether to count all of them; else the total is zero.
        total: bool,
    },
    /// Where a cursor of an earlier page says; it also holds the question.
    Cursor(String),
}

impl Start {
    /// The first page of everything that fulfils `query`, by uid, counted.
    #[must_use]
    pub fn all(query: Option<Predicate>) -> Self {
        Self::First {
            query,
            full_text: None,
            order: None,
            offset: 0,
            total: true,
        }
    }
}

/// A page of entities.
#[derive(Debug)]
pub struct Page<'a> {
    /// The entities, in order.
    pub items: Vec<EntityView<'a>>,
    /// How many there are on all pages together, counted for the first one.
    pub total: usize,
    /// Leads to the page behind this one.
    pub next: Option<String>,
    /// Leads to the page before this one.
    pub previous: Option<String>,
}

/// The cursor that a page starts with, whether that is a new one, how many
/// entities to leave out, and whether to count them.
fn begin(start: &Start) -> Result<(Cursor, bool, usize, bool), CursorError> {
    match start {
        Start::First {
            query,
            full_text,
            order,
            offset,
            total,
        } => {
            let cursor = Cursor::new(query.clone(), order.clone(), full_text.clone());
            Ok((cursor, true, *offset, *total))
        }
        Start::Cursor(text) => Ok((Cursor::decode(text)?, false, 0, false)),
    }
}

/// An entity on a page with the value of the sort field.
type Item<'a> = (Slot, Option<&'a str>);

impl Index {
    /// A page of entities.
    ///
    /// # Errors
    /// [`CursorError`] for a cursor that was not made here.
    pub fn page(&self, request: &PageRequest) -> Result<Page<'_>, CursorError> {
        let (mut cursor, first, offset, total) = begin(&request.start)?;
        if !first && request.limit == 0 {
            return Ok(Page {
                items: Vec::new(),
                total: cursor.total_items,
                next: None,
                previous: None,
            });
        }
        let mut set = self.select(cursor.query.as_ref(), request.visible.as_ref());
        self.filter_text(&cursor.full_text(), cursor.order_fields.as_ref(), &mut set);
        let order = cursor.order_fields.clone();
        let key = order.as_ref().map(|order| fold_case(&order.field));
        let column = key.as_deref().map(|key| KeyView::new(self, key).column());
        if total {
            cursor.total_items = match &column {
                Some(column) => column.count(&set),
                None => set.len(),
            };
        }
        let after = if first {
            None
        } else {
            Some(cursor.position()?)
        };
        // One more tells whether there is a next page; going back there is.
        let take = match request.limit {
            0 => 0,
            limit => limit.saturating_add(usize::from(!cursor.is_previous)),
        };
        let mut items: Vec<Item<'_>> = match (&column, &order) {
            (Some(column), Some(order)) => {
                let course = Course {
                    descending: order.descending,
                    backward: cursor.is_previous,
                };
                let after = after.and_then(|(value, uid)| Some(Position { value: value?, uid }));
                let uid_of = |slot| self.nodes.uid(slot);
                let found = column.walk(&set, course, after, (offset, take), &uid_of);
                found
                    .into_iter()
                    .map(|(slot, value)| (slot, Some(value)))
                    .collect()
            }
            _ => {
                let after = after.map(|(_, uid)| uid);
                let found = self.by_uid_order(&set, cursor.is_previous, after, (offset, take));
                found.into_iter().map(|slot| (slot, None)).collect()
            }
        };
        let more = request.limit > 0 && (cursor.is_previous || items.len() > request.limit);
        items.truncate(request.limit);
        if cursor.is_previous {
            items.reverse();
        }
        let (next, previous) = self.cursors(cursor.clone(), &items, more, first);
        Ok(Page {
            items: items
                .iter()
                .filter_map(|(slot, _)| EntityView::new(self, *slot))
                .collect(),
            total: cursor.total_items,
            next,
            previous,
        })
    }

    /// Keeps the entities that contain the text.
    pub(super) fn filter_text(
        &self,
        full_text: &FullText,
        order: Option<&Order>,
        set: &mut SlotSet,
    ) {
        let term = fold_case(full_text.term.trim());
        if term.is_empty() || set.is_empty() {
            return;
        }
        let default = order.map_or("metadata.uid", |order| &order.field);
        let fields: Vec<&str> = match &full_text.fields {
            Some(fields) => fields.iter().map(String::as_str).collect(),
            None => vec![default],
        };
        set.keep(&self.containing(&term, &fields));
    }

    /// The cursors to the next and the previous page.
    fn cursors(
        &self,
        cursor: Cursor,
        items: &[Item<'_>],
        more: bool,
        first: bool,
    ) -> (Option<String>, Option<String>) {
        let (Some(begin), Some(end)) = (items.first(), items.last()) else {
            return (None, None);
        };
        let values = |(slot, value): &Item<'_>| {
            let uid = Some(self.nodes.uid(*slot).to_string());
            match value {
                Some(value) => vec![Some((*value).to_owned()), uid],
                None => vec![uid],
            }
        };
        let mut cursor = cursor;
        let begin = values(begin);
        let start = cursor
            .first_sort_field_values
            .get_or_insert_with(|| begin.clone());
        let at_start = first || *start == begin;
        let mut to = |values, is_previous| {
            cursor.order_field_values = values;
            cursor.is_previous = is_previous;
            cursor.encode()
        };
        let next = more.then(|| to(values(end), false));
        let previous = (!at_start).then(|| to(begin, true));
        (next, previous)
    }

    /// The entities of `set` by uid, from behind `after` on.
    fn by_uid_order(
        &self,
        set: &SlotSet,
        backward: bool,
        after: Option<Uuid>,
        (skip, take): (usize, usize),
    ) -> Vec<Slot> {
        use std::ops::Bound::{Excluded, Unbounded};

        let wanted = |(_, slot): &&(Uuid, Slot)| set.contains(*slot);
        let uids = self.nodes.uids();
        let few = set.len().saturating_mul(16) < self.len();
        match (few, backward) {
            (true, _) => self.sort_by_uid(set, backward, after, (skip, take)),
            (false, false) => {
                let from = after.map_or(Unbounded, |uid| Excluded((uid, Slot::MAX)));
                let range = uids.range((from, Unbounded)).filter(wanted);
                range.skip(skip).take(take).map(|(_, slot)| *slot).collect()
            }
            (false, true) => {
                let to = after.map_or(Unbounded, |uid| Excluded((uid, 0)));
                let range = uids.range((Unbounded, to)).rev().filter(wanted);
                range.skip(skip).take(take).map(|(_, slot)| *slot).collect()
            }
        }
    }

    fn sort_by_uid(
        &self,
        set: &SlotSet,
        backward: bool,
        after: Option<Uuid>,
        (skip, take): (usize, usize),
    ) -> Vec<Slot> {
        let all = set.iter().map(|slot| (self.nodes.uid(slot), slot));
        let mut list: Vec<(Uuid, Slot)> = all
            .filter(|(uid, _)| match after {
                None => true,
                Some(after) if backward => *uid < after,
                Some(after) => *uid > after,
            })
            .collect();
        list.sort_unstable();
        if backward {
            list.reverse();
        }
        list.into_iter()
            .skip(skip)
            .take(take)
            .map(|(_, slot)| slot)
            .collect()
    }
}
