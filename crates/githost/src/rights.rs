//! Who may do what with a repository: the permission of the caller's roles,
//! and the part that they have in the repository.
//!
//! A part is had by whoever made the repository, by the person or group that
//! its owner names, and by whom an administrator of it has added. Whoever
//! holds `git.repository.administer` has every part in every repository.

use platform::ApiError;
use platform::actor::Caller;

use crate::permission;
use crate::store::{Member, Repository, Visibility};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Right {
    /// Look, clone and fetch.
    Read,
    /// Push branches and tags, open, review and merge pull requests.
    Write,
    /// Change settings, rules and members, and remove the repository.
    Administer,
}

impl Right {
    /// Its name in the API, as GitHub names roles.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Administer => "admin",
        }
    }

    /// The right with this name; GitHub's `pull`, `push`, `triage` and
    /// `maintain` are understood.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "read" | "pull" | "triage" => Some(Self::Read),
            "write" | "push" => Some(Self::Write),
            "admin" | "maintain" => Some(Self::Administer),
            _ => None,
        }
    }
}

/// Who a caller counts as: the person for whom a token or an agent acts, so
/// that nobody is somebody else with another credential.
pub(crate) fn person(caller: &Caller) -> &str {
    let person = caller.actor.on_behalf_of.as_deref();
    person.unwrap_or(&caller.actor.name)
}

/// What a caller may do with a repository at most; `None`: they may not even
/// know of it.
pub(crate) fn right(caller: &Caller, repository: &Repository, members: &[Member]) -> Option<Right> {
    if !caller.may(permission::READ) {
        return None;
    }
    if caller.may(permission::ADMINISTER) {
        return Some(Right::Administer);
    }
    let actor = caller.actor.name.as_str();
    let person = caller.actor.on_behalf_of.as_deref();
    let is = |name: &str| {
        name == actor
            || person == Some(name)
            || caller.ownership.iter().any(|one| one.as_str() == name)
    };
    let owner = repository.name.owner.to_ascii_lowercase();
    let part = if is(&repository.created_by)
        || is(&format!("group:default/{owner}"))
        || is(&format!("user:default/{owner}"))
    {
        Some(Right::Administer)
    } else {
        let added = members.iter().filter(|member| is(&member.subject));
        added.map(|member| member.right).max()
    };
    let open = (repository.visibility == Visibility::Internal).then_some(Right::Read);
    let held = part.max(open)?;
    Some(if caller.may(permission::UPDATE) {
        held
    } else {
        Right::Read
    })
}

/// The refusal of somebody who sees the repository and may not do this.
pub(crate) fn refused(caller: &Caller, repository: &Repository, wanted: Right) -> ApiError {
    if caller.is_anonymous() {
        return caller.refusal(permission::UPDATE, &caller.explain(permission::UPDATE));
    }
    let name = &repository.name;
    let what = match wanted {
        Right::Read => "read",
        Right::Write => "write to",
        Right::Administer => "administer",
    };
    ApiError::not_allowed(format!("{} may not {what} {name}", caller.actor))
        .accepted(format!(
            "the permission {} together with a part in the repository, or {}",
            permission::UPDATE.name,
            permission::ADMINISTER.name
        ))
        .fix(format!(
            "ask {}, who made it, or an administrator to add you to {name}",
            repository.created_by
        ))
}
