//! The deletion guard: losing a large part of a source at once is more often
//! an accident than a wish, so it waits for a person.

use std::collections::HashSet;

use jiff::Timestamp;

use crate::source::HeldDeletion;
use crate::store::EntityRow;

/// How much of a source may go without a word.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeletionGuard {
    /// The share of a source's entities, 0 to 1. A single entity always may.
    pub share: f64,
    /// Keep what is gone, marked as orphan, instead of deleting it
    /// (`catalog.orphanStrategy: keep`).
    pub keep_orphans: bool,
}

impl Default for DeletionGuard {
    fn default() -> Self {
        Self {
            share: 0.1,
            keep_orphans: false,
        }
    }
}

/// What happens to the entities that are gone.
#[derive(Debug, Default)]
pub(crate) struct Decision {
    pub(crate) removed: Vec<EntityRow>,
    /// Kept for now; marked so that their pages say so.
    pub(crate) waiting: Vec<EntityRow>,
    pub(crate) held: Option<HeldDeletion>,
}

impl DeletionGuard {
    /// Decides about `gone`, all of one source that has `total` entities.
    pub(crate) fn decide(
        self,
        gone: Vec<EntityRow>,
        total: usize,
        previous: Option<HeldDeletion>,
        now: Timestamp,
    ) -> Decision {
        if gone.is_empty() {
            return Decision::default();
        }
        if self.keep_orphans {
            return Decision {
                waiting: gone,
                ..Decision::default()
            };
        }
        // Only what the person saw is confirmed; more than that waits again.
        let confirmed: HashSet<&str> = previous
            .as_ref()
            .filter(|held| held.confirmed_by.is_some())
            .map(|held| held.refs.iter().map(String::as_str).collect())
            .unwrap_or_default();
        let (mut removed, waiting): (Vec<_>, Vec<_>) = gone
            .into_iter()
            .partition(|row| confirmed.contains(row.entity_ref.as_str()));
        if !self.holds(waiting.len(), total) {
            removed.extend(waiting);
            return Decision {
                removed,
                ..Decision::default()
            };
        }
        let since = previous
            .filter(|held| held.confirmed_by.is_none())
            .map_or(now, |held| held.since);
        let refs = waiting
            .iter()
            .map(|row| row.entity_ref.as_str().to_owned())
            .collect();
        Decision {
            removed,
            waiting,
            held: Some(HeldDeletion {
                since,
                refs,
                confirmed_by: None,
            }),
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a share of a few hundred thousand needs no exactness"
    )]
    fn holds(self, gone: usize, total: usize) -> bool {
        gone > 1 && gone as f64 > self.share * total as f64
    }
}
