//! Decisions about access, as every other part sees them: how far a permission
//! reaches, and why. Crate `access` makes them from roles, bindings and rules;
//! the platform only carries them.

use std::fmt;
use std::sync::Arc;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use serde::Serialize;
use serde_json::Value;

use crate::actor::{Grants, Verb};

/// The most people and groups that a refusal names.
const MOST_TO_ASK: usize = 8;

/// On what a permission is held.
#[derive(Clone, Debug, PartialEq)]
pub enum Reach {
    /// On whatever there is.
    Everything,
    /// On nothing at all.
    Nothing,
    /// On the entities that fulfil this.
    Where(Arc<Predicate>),
}

impl Reach {
    /// The condition for lists; nothing where there is none.
    pub fn to_predicate(&self) -> Option<Predicate> {
        match self {
            Self::Everything => None,
            Self::Nothing => Some(Predicate::nothing()),
            Self::Where(predicate) => Some((**predicate).clone()),
        }
    }

    /// What is within both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, _) | (_, Self::Nothing) => Self::Nothing,
            (Self::Everything, one) | (one, Self::Everything) => one,
            (Self::Where(a), Self::Where(b)) if a == b => Self::Where(a),
            (Self::Where(a), Self::Where(b)) => {
                Self::Where(Arc::new(Predicate::All(vec![(*a).clone(), (*b).clone()])))
            }
        }
    }
}

/// What a policy decides for one caller. Made once for each caller and version
/// of the policy, and asked on every request.
pub trait Decisions: fmt::Debug + Send + Sync {
    /// On what the permission of this name is held. `verb` is unknown for
    /// names that are not Portway's.
    fn reach(&self, name: &str, verb: Option<Verb>) -> Reach;
    /// Why.
    fn explain(&self, name: &str, verb: Option<Verb>) -> Decision;
    /// Whether everything is held on everything.
    fn is_unlimited(&self) -> bool;
    /// Whether this is somebody who runs Portway, whom no policy binds.
    fn operates(&self) -> bool {
        false
    }
    /// How far the credential alone lets a permission reach, whatever the
    /// person may do.
    fn credential_reach(&self, _name: &str, _verb: Option<Verb>) -> Reach {
        Reach::Everything
    }
}

/// Decisions for one caller, cheap to hand on.
#[derive(Clone, Debug)]
pub struct Rights(Arc<dyn Decisions>);

impl PartialEq for Rights {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Rights {}

impl Rights {
    /// Takes up what decides.
    pub fn new(decisions: Arc<dyn Decisions>) -> Self {
        Self(decisions)
    }

    /// See [`Decisions::reach`].
    pub fn reach(&self, name: &str, verb: Option<Verb>) -> Reach {
        self.0.reach(name, verb)
    }

    /// See [`Decisions::explain`].
    pub fn explain(&self, name: &str, verb: Option<Verb>) -> Decision {
        self.0.explain(name, verb)
    }

    /// See [`Decisions::is_unlimited`].
    pub fn is_unlimited(&self) -> bool {
        self.0.is_unlimited()
    }

    /// See [`Decisions::operates`].
    pub fn operates(&self) -> bool {
        self.0.operates()
    }

    /// See [`Decisions::credential_reach`].
    pub fn credential_reach(&self, name: &str, verb: Option<Verb>) -> Reach {
        self.0.credential_reach(name, verb)
    }

    /// The same, but never more than `limit`; `why` names what limits, for
    /// example `the token ci`. So nobody gets more through a token, an agent
    /// or somebody else's view than both sides hold.
    #[must_use]
    pub fn within(self, limit: Grants, why: Limit) -> Self {
        if limit == Grants::All {
            return self;
        }
        Self(Arc::new(Limited {
            inner: self,
            limit,
            why,
        }))
    }
}

/// What makes somebody's rights smaller.
#[derive(Clone, Debug)]
pub struct Limit {
    /// `token` or `view-as`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// One sentence for people.
    pub text: String,
}

/// Rights that a second set limits.
#[derive(Debug)]
struct Limited {
    inner: Rights,
    limit: Grants,
    why: Limit,
}

impl Decisions for Limited {
    fn reach(&self, name: &str, verb: Option<Verb>) -> Reach {
        self.inner
            .reach(name, verb)
            .and(self.limit.reach(name, verb))
    }

    fn explain(&self, name: &str, verb: Option<Verb>) -> Decision {
        let mut decision = self.inner.explain(name, verb);
        let limit = self.limit.reach(name, verb);
        let whole = self.reach(name, verb);
        if limit != Reach::Everything {
            let effect = Effect::of(&limit);
            let cause = Cause::new(effect, self.why.kind, &self.why.name, &self.why.text);
            // What limits is the first thing to know.
            decision.because.insert(0, cause);
        }
        if whole == Reach::Nothing && decision.effect != Effect::Deny {
            // Nobody can grant what the credential leaves out.
            decision.ask.clear();
        }
        decision.effect = Effect::of(&whole);
        decision.conditions = whole.conditions();
        decision
    }

    fn is_unlimited(&self) -> bool {
        self.inner.is_unlimited()
            && match &self.limit {
                Grants::All => true,
                Grants::Decided(rights) => rights.is_unlimited(),
                Grants::None | Grants::Read | Grants::Named(_) => false,
            }
    }

    fn operates(&self) -> bool {
        self.inner.operates()
    }

    fn credential_reach(&self, name: &str, verb: Option<Verb>) -> Reach {
        self.inner
            .credential_reach(name, verb)
            .and(self.limit.reach(name, verb))
    }
}

impl Reach {
    /// The condition as JSON, where there is one.
    pub fn conditions(&self) -> Option<Value> {
        match self {
            Self::Where(predicate) => Some(predicate.to_json()),
            Self::Everything | Self::Nothing => None,
        }
    }
}

/// What comes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Yes.
    Allow,
    /// No.
    Deny,
    /// On some entities.
    Conditional,
}

impl Effect {
    /// What a reach comes to.
    pub fn of(reach: &Reach) -> Self {
        match reach {
            Reach::Everything => Self::Allow,
            Reach::Nothing => Self::Deny,
            Reach::Where(_) => Self::Conditional,
        }
    }
}

/// One thing that made a decision what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Which way it decides.
    pub effect: Effect,
    /// `binding`, `rule`, `role`, `token`, `view-as`, `credential`, `operator`
    /// or `default`.
    pub kind: &'static str,
    /// Which of them.
    pub name: String,
    /// One sentence in English.
    pub text: String,
    /// Where it is written: `app-config.yaml:12:5`, or `portal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// On which entities it decides; on all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Value>,
}

impl Cause {
    /// A cause without a place or a condition.
    pub fn new(
        effect: Effect,
        kind: &'static str,
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            effect,
            kind,
            name: name.into(),
            text: text.into(),
            source: None,
            conditions: None,
        }
    }
}

/// The answer to "may they, and why".
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Decision {
    /// The permission asked for.
    pub permission: String,
    /// The entity asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The outcome.
    pub effect: Effect,
    /// On which entities, when that is the outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Value>,
    /// What decided, the most important first.
    pub because: Vec<Cause>,
    /// Who could grant it: owners of the entity and holders of the role that
    /// changes permissions.
    pub ask: Vec<String>,
}

impl Decision {
    /// An outcome without reasons yet.
    pub fn new(permission: impl Into<String>, reach: &Reach) -> Self {
        Self {
            permission: permission.into(),
            entity: None,
            effect: Effect::of(reach),
            conditions: reach.conditions(),
            because: Vec::new(),
            ask: Vec::new(),
        }
    }

    /// Adds a reason.
    #[must_use]
    pub fn because(mut self, cause: Cause) -> Self {
        self.because.push(cause);
        self
    }

    /// The decision about one entity: what holds for it and what does not.
    /// `holds` says whether the entity fulfils a condition; `owners` are named
    /// first among those to ask.
    #[must_use]
    pub fn about(
        mut self,
        entity: &EntityRef,
        owners: &[EntityRef],
        holds: &dyn Fn(&Predicate) -> bool,
    ) -> Self {
        self.entity = Some(entity.to_string());
        let within = |conditions: &Option<Value>| {
            let conditions = conditions.as_ref()?;
            let predicate = Predicate::from_json(conditions).ok()?;
            Some(holds(&predicate))
        };
        if let Some(allowed) = within(&self.conditions) {
            self.effect = match allowed {
                true => Effect::Allow,
                false => Effect::Deny,
            };
            self.conditions = None;
        }
        self.because
            .retain_mut(|cause| match within(&cause.conditions) {
                None | Some(true) => true,
                // A refusal of others.
                Some(false) if cause.effect == Effect::Deny => false,
                Some(false) => {
                    cause.effect = Effect::Deny;
                    cause.text = format!("{}, and {entity} is not among them", cause.text);
                    true
                }
            });
        // What was written as a refusal is the better reason.
        self.because.sort_by_key(|cause| match cause.effect {
            Effect::Deny => u8::from(cause.text.ends_with("is not among them")),
            Effect::Conditional | Effect::Allow => 2,
        });
        if self.effect == Effect::Deny {
            let mut ask: Vec<String> = owners.iter().map(ToString::to_string).collect();
            for one in self.ask.drain(..) {
                if !ask.contains(&one) {
                    ask.push(one);
                }
            }
            ask.truncate(MOST_TO_ASK);
            self.ask = ask;
        } else {
            self.ask.clear();
        }
        self
    }

    /// The first thing that speaks against it.
    pub fn first_reason(&self) -> Option<&str> {
        let mut against = self.because.iter();
        against
            .find(|cause| cause.effect == Effect::Deny)
            .map(|cause| cause.text.as_str())
    }
}
