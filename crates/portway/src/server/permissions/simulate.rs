//! "Can X do Y on Z, and why?", and "who can?".

use access::{known, permission};
use catalog::{owners_of, visible_to};
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::{ActorKind, Caller, Grants, Verb};
use platform::decision::{Decision, Effect, Reach};
use platform::error::ApiError;
use serde_json::{Value, json};

use super::Desk;

/// People that are named as able.
const MOST_NAMED: usize = 500;

/// A question, read.
pub(super) struct Question {
    pub(super) permission: String,
    verb: Option<Verb>,
    pub(super) entity: Option<EntityRef>,
    /// Nobody in particular: whoever asks.
    pub(super) user: Option<EntityRef>,
}

impl Question {
    /// Reads what was typed. `read`, `refresh` and `delete` stand for the
    /// catalog's permissions.
    pub(super) fn read(
        permission: &str,
        entity: Option<&str>,
        user: Option<&str>,
    ) -> Result<Self, ApiError> {
        let given = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let read_ref = |text: Option<&str>, kind: &'static str, accepted: &str| {
            let parsed = given(text).map(|text| EntityRef::parse(&text, Some(kind), None));
            let parsed = parsed.transpose();
            parsed.map_err(|why| ApiError::input(why.to_string()).accepted(accepted))
        };
        let wanted = permission.trim();
        let whole = format!("catalog.entity.{wanted}");
        let found = known()
            .iter()
            .find(|known| known.name == wanted || known.name == whole);
        let Some(found) = found else {
            let names: Vec<&str> = known().iter().map(|known| known.name.as_str()).collect();
            return Err(
                ApiError::input(format!("{wanted:?} is no permission of Portway"))
                    .accepted(format!("read, refresh, delete or {}", names.join(", "))),
            );
        };
        Ok(Self {
            permission: found.name.clone(),
            verb: Some(found.verb),
            entity: read_ref(
                entity,
                "component",
                "an entity ref such as component:default/payment-service",
            )?,
            user: read_ref(user, "user", "a user such as user:default/kim")?,
        })
    }

    /// Answers for one person.
    pub(super) fn answer(&self, desk: &Desk, caller: &Caller) -> Result<Decision, ApiError> {
        let own = |user: &&EntityRef| {
            caller.actor.kind == ActorKind::User && user.as_str() == caller.actor.name
        };
        let other = self.user.as_ref().filter(|user| !own(user));
        let grants = match other {
            None if caller.is_anonymous() => {
                caller.require(permission::DECISION_READ)?;
                Grants::None
            }
            None => caller.grants.clone(),
            Some(user) => {
                caller.require(permission::DECISION_READ)?;
                desk.identity.rights_of(user).1
            }
        };
        let decision = grants.explain(&self.permission, self.verb);
        let Some(entity) = &self.entity else {
            return Ok(decision);
        };
        let index = desk.catalog.model().index();
        let seen = visible_to(caller).is_none_or(|visible| index.matches(entity, &visible));
        if !seen || index.get(entity).is_none() {
            return Err(ApiError::not_found(format!("Entity {entity} not found"))
                .accepted("an entity that you may see"));
        }
        let holds = |predicate: &Predicate| index.matches(entity, predicate);
        Ok(decision.about(entity, &owners_of(&index, entity), &holds))
    }

    /// Everybody in the catalog who can, as far as the caller may see them.
    pub(super) fn who(&self, desk: &Desk, caller: &Caller) -> Vec<(EntityRef, Effect)> {
        let people = desk.world.people();
        let visible = visible_to(caller);
        let mut found = Vec::new();
        for refs in people {
            let Some(person) = refs.first() else { continue };
            let grants = desk.identity.rights_of(person).1;
            let reach = grants.reach(&self.permission, self.verb);
            let index = desk.catalog.model().index();
            let effect = match (&reach, &self.entity) {
                (Reach::Where(predicate), Some(entity)) if index.matches(entity, predicate) => {
                    Effect::Allow
                }
                (Reach::Where(_), Some(_)) => Effect::Deny,
                _ => Effect::of(&reach),
            };
            let seen = visible
                .as_ref()
                .is_none_or(|visible| index.matches(person, visible));
            if effect != Effect::Deny && seen {
                found.push((person.clone(), effect));
            }
            if found.len() >= MOST_NAMED {
                break;
            }
        }
        found
    }
}

/// A decision as the API answers it.
pub(super) fn as_json(decision: &Decision, user: Option<&str>) -> Value {
    let mut value = json!(decision);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("user".to_owned(), json!(user));
        fields.insert(
            "allowed".to_owned(),
            json!(decision.effect == Effect::Allow),
        );
    }
    value
}
