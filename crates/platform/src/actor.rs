//! Who acts, and what they may do. The platform only carries these facts;
//! crate `identity` establishes them.

use std::collections::BTreeSet;
use std::fmt;

use model::entity_ref::EntityRef;
use serde::Serialize;

use crate::decision::{Cause, Decision, Effect, Reach, Rights};
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
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
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
    /// What a policy decides, which may depend on the entity; see
    /// [`crate::decision`].
    Decided(Rights),
}

impl Grants {
    /// On which entities a permission is held. `verb` is unknown for names
    /// that are not Portway's.
    pub fn reach(&self, name: &str, verb: Option<Verb>) -> Reach {
        let held = match self {
            Self::None => false,
            Self::Read => verb == Some(Verb::Read),
            Self::All => true,
            Self::Named(names) => names.contains(name),
            Self::Decided(rights) => return rights.reach(name, verb),
        };
        if held {
            Reach::Everything
        } else {
            Reach::Nothing
        }
    }

    /// Why, for people.
    pub fn explain(&self, name: &str, verb: Option<Verb>) -> Decision {
        let text = match self {
            Self::Decided(rights) => return rights.explain(name, verb),
            Self::None => "nobody has signed in".to_owned(),
            Self::Read => "the caller may do whatever reads, and nothing else".to_owned(),
            Self::All => "the caller may do everything".to_owned(),
            Self::Named(names) => format!(
                "the credential lists {} permissions{}",
                names.len(),
                if names.contains(name) {
                    ", and this is one"
                } else {
                    ", and this is none of them"
                }
            ),
        };
        let reach = self.reach(name, verb);
        let effect = Effect::of(&reach);
        Decision::new(name, &reach).because(Cause::new(effect, "credential", "scope", text))
    }
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

    /// Whether `permission` is held, be it on some entities only.
    pub fn may(&self, permission: Permission) -> bool {
        self.reach(permission) != Reach::Nothing
    }

    /// On which entities `permission` is held.
    pub fn reach(&self, permission: Permission) -> Reach {
        self.grants.reach(permission.name, Some(permission.verb))
    }

    /// Refuses unless `permission` is held on whatever there is: for what is
    /// not about one entity.
    pub fn require_everywhere(&self, permission: Permission) -> Result<(), ApiError> {
        match self.reach(permission) {
            Reach::Everything => Ok(()),
            Reach::Nothing | Reach::Where(_) => {
                Err(self.refusal(permission, &self.explain(permission)))
            }
        }
    }

    /// Whether everything is held on everything.
    pub fn is_unlimited(&self) -> bool {
        match &self.grants {
            Grants::All => true,
            Grants::Decided(rights) => rights.is_unlimited(),
            Grants::None | Grants::Read | Grants::Named(_) => false,
        }
    }

    /// Why `permission` is held or not.
    pub fn explain(&self, permission: Permission) -> Decision {
        self.grants.explain(permission.name, Some(permission.verb))
    }

    /// Refuses with 401 (nobody signed in) or 403 (not allowed on anything),
    /// saying which permission is missing, why, and whom to ask.
    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        if self.may(permission) {
            return Ok(());
        }
        Err(self.refusal(permission, &self.explain(permission)))
    }

    /// The error that says `decision`, which refuses `permission`.
    pub fn refusal(&self, permission: Permission, decision: &Decision) -> ApiError {
        if self.is_anonymous() {
            return ApiError::unauthenticated("Missing credentials")
                .fix("send `Authorization: Bearer <token>`; `portway token create` makes one");
        }
        let on = decision
            .entity
            .as_deref()
            .map(|entity| format!(" on {entity}"));
        let on = on.unwrap_or_default();
        let mut message = format!("{} may not use {}{on}", self.actor, permission.name);
        if let Some(reason) = decision.first_reason() {
            message.push_str(": ");
            message.push_str(reason);
        }
        let fix = match decision.ask.as_slice() {
            [] => "use a token that grants it, or ask an administrator".to_owned(),
            ask => format!("ask {} to grant it", ask.join(", ")),
        };
        ApiError::not_allowed(message)
            .accepted(format!(
                "a caller that holds the permission {}",
                permission.name
            ))
            .fix(fix)
            .with_decision(decision)
    }
}
