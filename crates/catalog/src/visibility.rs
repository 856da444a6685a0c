//! What a caller may see, as a condition on entities, so that lists, counts
//! and pages are right without anybody filtering afterwards.

use model::query::Predicate;
use platform::actor::Caller;

use crate::permission::ENTITY_READ;

/// `None` for everything: whoever holds `catalog.entity.read` sees all
/// entities, and nobody else sees any.
pub fn visible_to(caller: &Caller) -> Option<Predicate> {
    if caller.may(ENTITY_READ) {
        None
    } else {
        Some(Predicate::nothing())
    }
}
