//! What a caller may see and do, as a condition on entities, so that lists,
//! counts and pages are right without anybody filtering afterwards.

use model::entity_ref::EntityRef;
use model::query::{Predicate, Searchable};
use platform::actor::{Caller, Permission};
use platform::decision::{Effect, Reach};
use platform::error::ApiError;
use serde_json::Value;

use crate::engine::Catalog;
use crate::index::Index;
use crate::permission::ENTITY_READ;

/// The entities that a caller may see; `None` for everything.
pub fn visible_to(caller: &Caller) -> Option<Predicate> {
    caller.reach(ENTITY_READ).to_predicate()
}

/// Whether a page shows something that others refer to: what exists and may not
/// be seen is left out. A reference to what does not exist is shown as it is
/// written.
pub(crate) fn is_shown(index: &Index, visible: Option<&Predicate>, target: &EntityRef) -> bool {
    visible.is_none_or(|visible| index.get(target).is_none() || index.matches(target, visible))
}

/// Refuses `permission` on an entity, with the reason and whom to ask. What
/// the caller may not even see does not exist for them.
///
/// # Errors
/// 403, or 404.
pub(crate) fn require_on(
    index: &Index,
    caller: &Caller,
    permission: Permission,
    entity: &EntityRef,
) -> Result<(), ApiError> {
    caller.require(permission)?;
    if let Some(visible) = visible_to(caller)
        && !index.matches(entity, &visible)
    {
        return Err(ApiError::not_found(format!("Entity {entity} not found")));
    }
    let allowed = match caller.reach(permission) {
        Reach::Everything => true,
        Reach::Nothing => false,
        Reach::Where(predicate) => index.matches(entity, &predicate),
    };
    if allowed {
        return Ok(());
    }
    let holds = |predicate: &Predicate| index.matches(entity, predicate);
    let mut decision = caller
        .explain(permission)
        .about(entity, &owners_of(index, entity), &holds);
    decision.effect = Effect::Deny;
    Err(caller.refusal(permission, &decision))
}

/// The owners of an entity, who are the first to ask.
pub fn owners_of(index: &Index, entity: &EntityRef) -> Vec<EntityRef> {
    let relations = index.relations(entity);
    let owners = relations
        .iter()
        .filter(|relation| relation.kind == "ownedBy");
    owners.map(|relation| relation.target.clone()).collect()
}

/// What people and groups are on call for, as annotations say; the person is
/// the first of `refs`, their groups follow.
pub fn on_call_for(index: &Index, refs: &[EntityRef]) -> Vec<EntityRef> {
    let mut duties = Vec::new();
    for one in refs {
        duties.extend(index.sources_of(one, "onCall").cloned());
    }
    duties
}

impl Catalog {
    /// Whether a caller may see an entity, also one that is gone: then its
    /// last version decides.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn sees(&self, caller: &Caller, entity: &EntityRef) -> Result<bool, ApiError> {
        let Some(visible) = visible_to(caller) else {
            return Ok(true);
        };
        {
            let index = self.model.index();
            if index.get(entity).is_some() {
                return Ok(index.matches(entity, &visible));
            }
        }
        if visible == Predicate::nothing() {
            return Ok(false);
        }
        let Some(mut document) = self.last_document(entity).await? else {
            return Ok(false);
        };
        // Relations are not stored with a version; they follow from the kind.
        if let Ok(read) = model::entity::Entity::from_json(document.clone())
            && let Ok(relations) = self.model.kinds().relations(&read)
            && let Some(fields) = document.as_object_mut()
        {
            let own = relations.iter().filter(|one| one.source == *entity);
            let own: Vec<Value> = own
                .map(|one| {
                    serde_json::json!({ "type": &*one.kind, "targetRef": one.target.as_str() })
                })
                .collect();
            fields.insert("relations".to_owned(), own.into());
        }
        Ok(visible.matches(&Searchable::new(&document)))
    }

    async fn last_document(&self, entity: &EntityRef) -> Result<Option<Value>, ApiError> {
        let versions = self.store.history(entity, 2).await?;
        for entry in versions {
            let found = self.store.version(entity, entry.version).await?;
            let document = found.and_then(|found| found.doc);
            if let Some(value) = document.and_then(|text| serde_json::from_str(&text).ok()) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }
}
