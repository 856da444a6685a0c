//! Who acts, and what they may do. The platform only carries these facts;
//! crate `identity` establishes them.

use std::collections::BTreeSet;
use std::fmt;

use model::entity_ref::EntityRef;
use serde::Serialize;

use crate::error::ApiError;

/// Who caused an event. Written into every event and never empty.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actor {
    /// What sort of actor this is.
    pub kind: ActorKind,
    /// An entity ref for people (`user:default/kim`), a subject for machines
    /// (`external:ci`, `token:9f2c`, `controller:catalog.source`).
    pub name: String,
    /// The person for whom it acts, where it is not the actor itself: whoever
    /// made the token, or asked the agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
}

/// The sorts of actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ActorKind {
    /// A signed-in person.
    User,
    /// A program with a token.
    Service,
    /// An agent that decides by itself what it does, for a person.
    Agent,
    /// Portway itself: a controller or a migration.
    System,
    /// Nobody has signed in.
    Anonymous,
}

impl Actor {
    /// An actor that acts for itself.
    pub fn new(kind: ActorKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            on_behalf_of: None,
        }
    }

    /// Portway's own controllers.
    pub fn system(name: impl Into<String>) -> Self {
        Self::new(ActorKind::System, name)
    }

    /// The same actor, acting for a person.
    #[must_use]
    pub fn for_person(mut self, person: impl Into<String>) -> Self {
        self.on_behalf_of = Some(person.into());
        self
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// One thing that may be allowed or refused, named as Backstage names it
/// where Backstage has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission {
    /// For example `catalog.entity.read`.
    pub name: &'static str,
    /// What kind of access this is.
    pub verb: Verb,
}

/// The attribute `action` of a Backstage permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// Looks without changing.
    Read,
    /// Makes something new.
    Create,
    /// Changes what exists.
    Update,
    /// Removes.
    Delete,
}

/// The permissions somebody holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grants {
    /// Nothing.
    None,
    /// Whatever reads.
    Read,
    /// Everything.
    All,
    /// These permission names only.
    Named(BTreeSet<String>),
}

/// Somebody who has been recognised, with what they own and may do.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub actor: Actor,
    /// Refs whose possessions count as theirs: the user and all groups,
    /// nested ones included.
    pub ownership: Vec<EntityRef>,
    /// What they may do.
    pub grants: Grants,
}

impl Caller {
    /// Portway itself, which may do everything.
    pub fn system(name: impl Into<String>) -> Self {
        Self {
            actor: Actor::system(name),
            ownership: Vec::new(),
            grants: Grants::All,
        }
    }

    /// Somebody without credentials, who may do nothing.
    pub fn anonymous() -> Self {
        Self {
            actor: Actor::new(ActorKind::Anonymous, "anonymous"),
            ownership: Vec::new(),
            grants: Grants::None,
        }
    }

    /// Whether nobody has signed in.
    pub fn is_anonymous(&self) -> bool {
        self.actor.kind == ActorKind::Anonymous
    }

    /// Whether `permission` is held.
    pub fn may(&self, permission: Permission) -> bool {
        match &self.grants {
            Grants::None => false,
            Grants::Read => permission.verb == Verb::Read,
            Grants::All => true,
            Grants::Named(names) => names.contains(permission.name),
        }
    }

    /// Refuses with 401 (nobody signed in) or 403 (not allowed), saying which
    /// permission is missing and how to get it.
    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.may(permission) {
            return Ok(());
        }
        if self.is_anonymous() {
            return Err(ApiError::unauthenticated("Missing credentials")
                .fix("send `Authorization: Bearer <token>`; `portway token create` makes one"));
        }
        Err(
            ApiError::not_allowed(format!("{} may not use {}", self.actor, permission.name))
                .accepted(format!(
                    "a caller that holds the permission {}",
                    permission.name
                ))
                .fix("use a token that grants it, or ask an administrator"),
        )
    }
}
