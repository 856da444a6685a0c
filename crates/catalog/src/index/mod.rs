//! The read model: every list, facet, lookup and walk of the catalog is
//! answered from here, in memory.
//!
//! It is derived from the database, rebuilt at start and kept up to date by
//! the event log; it knows nothing of HTTP, SQL or tasks. One writer, many
//! readers: put it into a lock.
//!
//! How it is laid out:
//! - Every entity has a slot, a small number. A set of entities is a string of
//!   bits, so that a condition on 100,000 entities is a few microseconds.
//! - For each search key the values are kept in order, each with the slots
//!   that have it. Keys that only name an array element (`metadata.tags.java`)
//!   are not stored but derived.
//! - Relations are edges, stored once and written into an entity only when it
//!   is shown. A group with 6,000 members costs nothing until somebody looks.
//! - Entities are kept as the JSON text that is sent.
//! - Ordering and text search use a [`column`](self) of the key, made when it
//!   is first needed.

mod column;
mod condition;
mod cursor;
mod document;
mod edges;
mod evaluate;
mod facets;
mod json_text;
mod keys;
mod list;
mod membership;
mod nodes;
mod page;
mod slots;
mod values;
mod view;
mod walk;

use model::EntityRef;
use uuid::Uuid;

use edges::{Edge, Edges};
use keys::Keys;
use nodes::{Nodes, Stored};
use slots::Slot;

pub use condition::Condition;
pub use cursor::CursorError;
pub use document::{Change, Document, DocumentError};
pub use facets::{Facet, FacetValue};
pub use list::{CHANGED, List, ListRequest};
pub use page::{FullText, Order, Page, PageRequest, Start};
pub use view::{EntityView, RelationView};
pub(crate) use walk::StepView;
pub use walk::{Dangling, Direction, Step, Those};

/// The in-memory read model of the catalog. See the module's documentation.
#[derive(Debug, Default)]
pub struct Index {
    nodes: Nodes,
    edges: Edges,
    keys: Keys,
}

/// How much the index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Entities.
    pub entities: usize,
    /// Relations, both directions counted.
    pub relations: usize,
    /// Search keys.
    pub keys: usize,
    /// Memory in bytes, estimated.
    pub bytes: usize,
}

impl Index {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of entities.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no entity.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How much the index holds. Looks at every value: some tens of
    /// milliseconds at 100,000 entities.
    #[must_use]
    pub fn size(&self) -> Size {
        Size {
            entities: self.nodes.len(),
            relations: self.edges.len(),
            keys: self.keys.len(),
            bytes: self.nodes.bytes() + self.edges.bytes() + self.keys.bytes(),
        }
    }

    /// Adds an entity or replaces the one with the same reference.
    ///
    /// # Errors
    /// [`DocumentError`] when the JSON is no object; the index stays as it was.
    pub fn upsert(&mut self, document: Document) -> Result<Change, DocumentError> {
        let slot = self.nodes.find(document.entity_ref.as_str());
        match slot.and_then(|slot| Some((slot, self.nodes.stored(slot)?))) {
            None => {
                let entity = document.parse()?;
                let slot = self.nodes.intern(&document.entity_ref);
                self.keys.insert(slot, &entity);
                self.put(slot, document);
                Ok(Change::Added)
            }
            Some((slot, stored)) => {
                let changed = stored.json != document.json;
                let new_uid = stored.uid != document.uid;
                if changed {
                    let after = document.parse()?;
                    let before = document::parse(&stored.json).unwrap_or_default();
                    self.keys.replace(slot, &before, &after);
                }
                if new_uid {
                    self.keys.drop_columns();
                }
                let same_rest = stored_equals(self.nodes.stored(slot), &document);
                let edges_changed = self.put(slot, document);
                Ok(if changed || new_uid || edges_changed || !same_rest {
                    Change::Updated
                } else {
                    Change::Unchanged
                })
            }
        }
    }

    /// Takes an entity away, with the relations that it emits. Says whether it
    /// was there.
    pub fn remove(&mut self, entity_ref: &EntityRef) -> bool {
        let Some(slot) = self.nodes.find(entity_ref.as_str()) else {
            return false;
        };
        let Some(stored) = self.nodes.take(slot) else {
            return false;
        };
        let entity = document::parse(&stored.json).unwrap_or_default();
        self.keys.remove(slot, &entity);
        self.drop_edges(&stored.emitted);
        self.release(slot);
        true
    }

    /// The entity of a reference.
    #[must_use]
    pub fn get(&self, entity_ref: &EntityRef) -> Option<EntityView<'_>> {
        EntityView::new(self, self.nodes.find(entity_ref.as_str())?)
    }

    /// The entity with a uid.
    #[must_use]
    pub fn by_uid(&self, uid: Uuid) -> Option<EntityView<'_>> {
        EntityView::new(self, self.nodes.find_uid(uid)?)
    }

    /// The search keys, lower case, that begin with `prefix`, in order.
    pub(crate) fn keys_under(&self, prefix: &str) -> Vec<String> {
        self.keys.under(prefix)
    }

    /// Makes what ordering and text search on these keys need, which otherwise
    /// the first question waits for: some tens of milliseconds for a key of
    /// 100,000 entities.
    pub fn warm<S: AsRef<str>>(&self, keys: &[S]) {
        for key in keys {
            let key = model::query::fold_case(key.as_ref());
            evaluate::KeyView::new(self, &key).column();
        }
    }

    /// Whether an entity exists and fulfils a predicate, for example what a
    /// caller may see. About a microsecond for each condition.
    #[must_use]
    pub fn matches(&self, entity_ref: &EntityRef, predicate: &model::query::Predicate) -> bool {
        let slot = self.nodes.find(entity_ref.as_str());
        slot.is_some_and(|slot| self.nodes.live.contains(slot) && self.fulfils(slot, predicate))
    }

    /// The relations of a reference, sorted by type and then by target. Also
    /// for something that does not exist, but that others emit relations for.
    #[must_use]
    pub fn relations(&self, entity_ref: &EntityRef) -> Vec<RelationView<'_>> {
        let slot = self.nodes.find(entity_ref.as_str());
        slot.map_or_else(Vec::new, |slot| view::relations(self, slot))
    }

    /// Stores a document whose search rows are in place. Says whether the
    /// emitted edges are others than before.
    fn put(&mut self, slot: Slot, document: Document) -> bool {
        let mut emitted: Vec<Edge> = Vec::with_capacity(document.relations.len());
        for relation in &document.relations {
            emitted.push(Edge {
                from: self.nodes.intern(&relation.source),
                kind: self.edges.kind(&relation.kind),
                to: self.nodes.intern(&relation.target),
            });
        }
        emitted.sort_unstable();
        emitted.dedup();
        let before = self.nodes.stored(slot).map(|stored| &*stored.emitted);
        let changed = before.is_none_or(|before| before != emitted.as_slice());
        if changed {
            // New ones first, so that an edge that stays is never missing.
            emitted.iter().for_each(|edge| self.edges.insert(*edge));
        }
        let before = self.nodes.store(
            slot,
            Stored {
                uid: document.uid,
                etag: document.etag.into(),
                json: document.json,
                status: document.status,
                emitted: emitted.into(),
                changed: document.changed,
            },
        );
        if changed && let Some(before) = before {
            self.drop_edges(&before.emitted);
        }
        changed
    }

    fn drop_edges(&mut self, edges: &[Edge]) {
        for edge in edges {
            self.edges.remove(*edge);
        }
        for edge in edges {
            self.release(edge.from);
            self.release(edge.to);
        }
    }

    /// Gives a slot back when nothing is known of its reference any more.
    fn release(&mut self, slot: Slot) {
        if self.edges.is_alone(slot) {
            self.nodes.release(slot);
        }
    }
}

/// Whether what is stored besides the JSON text is the same.
fn stored_equals(stored: Option<&Stored>, document: &Document) -> bool {
    stored.is_some_and(|stored| *stored.etag == *document.etag && stored.status == document.status)
}
