//! From who somebody is to what they may do: the one place where recognised
//! callers get the decisions of the policy.

use std::sync::Arc;

use access::{Access, operator};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{ActorKind, Caller, Grants};
use platform::decision::{Limit, Rights};

use crate::identity::Identity;
use crate::scope::Scope;
use crate::tokens::ApiToken;

impl Identity {
    /// Tells what decides about access. Later calls change nothing.
    pub fn set_access(&self, access: Arc<Access>) {
        let _ = self.access_slot().set(access);
    }

    /// What decides about access, if anything does.
    pub(crate) fn policy(&self) -> Option<&Arc<Access>> {
        self.access_slot()
            .get()
            .filter(|access| access.is_enabled())
    }

    /// Gives a recognised caller the rights that the policy decides. Programs
    /// keep what their credential says; [`Identity::token_grants`] has bound
    /// the tokens of people to their makers already.
    pub(crate) async fn with_rights(
        &self,
        parts: &Parts,
        mut caller: Caller,
    ) -> Result<Caller, ApiError> {
        let person = match caller.actor.kind {
            ActorKind::User => true,
            // Somebody at this machine who looks at a demo.
            ActorKind::Anonymous => !caller.ownership.is_empty(),
            ActorKind::Service | ActorKind::Agent | ActorKind::System => false,
        };
        if !person {
            return Ok(caller);
        }
        let decided = matches!(caller.grants, Grants::Decided(_));
        if let Some(policy) = self.policy().filter(|_| !decided) {
            let refs = refs(&caller.actor.name, &caller.ownership);
            let limit = Limit {
                kind: "credential",
                name: "sign-in".to_owned(),
                text: match &caller.grants {
                    Grants::Read => "this way to sign in may look and change nothing",
                    _ => "this way to sign in does not bring every permission along",
                }
                .to_owned(),
            };
            caller.grants = Grants::Decided(policy.rights(&refs).within(caller.grants, limit));
        }
        match parts.headers.contains_key(AUTHORIZATION) {
            true => Ok(caller),
            false => self.through_other_eyes(parts, caller).await,
        }
    }

    /// What a person may do, for explanations: the same decisions that the
    /// person would meet, whatever the credential.
    pub fn rights_of(&self, person: &EntityRef) -> (Vec<EntityRef>, Grants) {
        let refs = refs(person.as_str(), &self.ownership(person));
        let grants = match self.policy() {
            Some(policy) => Grants::Decided(policy.rights(&refs)),
            None => Grants::All,
        };
        (refs, grants)
    }

    /// What whoever started this Portway may do: everything, by whatever
    /// policy, so that a policy can lock nobody out for good.
    ///
    /// The same for administrators with a local account, who are there for
    /// that day. `scope` is what their session may do.
    pub(crate) fn operator_grants(&self, scope: Grants) -> Grants {
        if self.policy().is_none() {
            return scope;
        }
        let limit = Limit {
            kind: "credential",
            name: "session".to_owned(),
            text: "this session was made for less".to_owned(),
        };
        let all =
            operator("they run this Portway, by its link or by a local administrator's account");
        Grants::Decided(all.within(scope, limit))
    }

    /// What limits the session of somebody else: nothing where the policy
    /// decides.
    pub(crate) fn person_grants(&self) -> Grants {
        match self.policy() {
            Some(_) => Grants::All,
            None => self.member_grants(),
        }
    }

    /// What a token may do: its scope, and nothing that its maker may not do
    /// at this time. Whoever runs Portway is bound by no policy, and so are the
    /// tokens that they made while they did; a name alone is nobody.
    pub(crate) fn token_grants(&self, token: &ApiToken) -> Grants {
        let scope = token.scope.grants();
        let Some(policy) = self.policy().filter(|_| !token.operated) else {
            return scope;
        };
        let maker = EntityRef::parse(&token.created_by, None, None).ok();
        let Some(maker) = maker.filter(|maker| maker.kind() == "user") else {
            // Made by Portway itself or by a program, which the policy does not bind.
            return scope;
        };
        let refs = refs(maker.as_str(), &self.ownership(&maker));
        let limit = Limit {
            kind: "token",
            name: token.name.clone(),
            text: format!("the token {} was made for less", token.name),
        };
        Grants::Decided(policy.rights(&refs).within(scope, limit))
    }

    /// Whether this is somebody who runs Portway, by its link or by a local
    /// administrator's account, and not only by a name.
    pub(crate) fn operates(&self, caller: &Caller) -> bool {
        match &caller.grants {
            Grants::Decided(rights) => rights.operates(),
            // Without a policy nobody else but a guest of a demo gets this.
            Grants::All => {
                let guest = self.guest_user().map(EntityRef::as_str);
                caller.actor.kind == ActorKind::User && guest != Some(&caller.actor.name)
            }
            Grants::None | Grants::Read | Grants::Named(_) => false,
        }
    }

    /// Whether somebody may make a token of this scope.
    ///
    /// # Errors
    /// 403 when it could do more than they may. The token of a person makes
    /// none at all: that one would be bound to nobody.
    pub(crate) fn may_hand_on(&self, caller: &Caller, scope: &Scope) -> Result<(), ApiError> {
        if caller.actor.kind == ActorKind::Agent {
            return Err(ApiError::not_allowed("An agent makes no tokens")
                .fix("let the person for whom it acts make the token"));
        }
        let bound = matches!(caller.grants, Grants::Decided(_));
        if bound && caller.actor.kind == ActorKind::Service {
            return Err(
                ApiError::not_allowed("A person's token makes no other tokens")
                    .fix("sign in and make the token yourself"),
            );
        }
        if scope.is_within(&caller.grants, self.permissions()) {
            return Ok(());
        }
        Err(
            ApiError::not_allowed("The token could do more than you may do yourself")
                .accepted("a scope within your own permissions"),
        )
    }

    /// Whose eyes a one-time link opens.
    pub(crate) fn operator_ref() -> EntityRef {
        EntityRef::new("user", "default", "admin")
    }

    pub(crate) fn limited(&self, rights: Rights, limit: Grants, subject: &EntityRef) -> Grants {
        let limit_of = |text: String| Limit {
            kind: "view-as",
            name: subject.to_string(),
            text,
        };
        Grants::Decided(
            rights
                .within(
                    limit,
                    limit_of("whoever looks through other eyes gets nothing more".to_owned()),
                )
                .within(
                    Grants::Read,
                    limit_of(format!(
                        "you see Portway as {subject} does, which changes nothing; end that first"
                    )),
                ),
        )
    }
}

/// The person first, then everything else that is theirs.
fn refs(person: &str, ownership: &[EntityRef]) -> Vec<EntityRef> {
    let mut refs: Vec<EntityRef> = EntityRef::parse(person, None, None).into_iter().collect();
    for one in ownership {
        if !refs.contains(one) {
            refs.push(one.clone());
        }
    }
    refs
}
