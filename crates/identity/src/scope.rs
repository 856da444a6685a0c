//! What a generated token may do, as it is written and stored.

use std::collections::BTreeSet;

use platform::ApiError;
use platform::actor::{Grants, Permission, Verb};
use platform::decision::{Reach, Rights};
use serde_json::{Value, json};

/// The most permissions one token can list.
pub(crate) const MOST_PERMISSIONS: usize = 200;

/// What a token may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// Whatever reads.
    Read,
    /// These permissions.
    Permissions(BTreeSet<String>),
}

impl Scope {
    /// Reads `"all"`, `"read"` or a list of permission names.
    pub(crate) fn from_value(value: &Value, known: &[Permission]) -> Result<Self, ApiError> {
        match value {
            Value::String(word) if word == "all" => Ok(Self::All),
            Value::String(word) if word == "read" => Ok(Self::Read),
            Value::Array(names) if !names.is_empty() => names
                .iter()
                .map(|name| known_name(name, known))
                .collect::<Result<_, _>>()
                .map(Self::Permissions),
            other => Err(
                ApiError::input(format!("{other} is not a scope of a token"))
                    .accepted("\"all\", \"read\" or a list of permission names that is not empty"),
            ),
        }
    }

    /// As it is stored and shown.
    pub fn to_value(&self) -> Value {
        match self {
            Self::All => json!("all"),
            Self::Read => json!("read"),
            Self::Permissions(names) => json!(names),
        }
    }

    /// Reads what [`Scope::to_value`] wrote. A permission that has gone since
    /// stays in the list, where it grants nothing.
    pub(crate) fn from_stored(text: &str) -> Option<Self> {
        match serde_json::from_str(text).ok()? {
            Value::String(word) if word == "all" => Some(Self::All),
            Value::String(word) if word == "read" => Some(Self::Read),
            Value::Array(names) => names
                .into_iter()
                .map(|name| name.as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .map(Self::Permissions),
            _ => None,
        }
    }

    /// A token of a person is bound to that person's rights whenever it is
    /// used, so that `read` is no more than what they may read themselves.
    fn is_within_rights(&self, rights: &Rights, known: &[Permission]) -> bool {
        match self {
            Self::All => rights.is_unlimited(),
            // But no more than the credential that makes it: a login for one
            // permission makes no token for all that its person may read.
            Self::Read => known
                .iter()
                .filter(|one| one.verb == Verb::Read)
                .all(|one| rights.credential_reach(one.name, Some(one.verb)) != Reach::Nothing),
            Self::Permissions(names) => names.iter().all(|name| {
                let verb = known
                    .iter()
                    .find(|one| one.name == name)
                    .map(|one| one.verb);
                rights.reach(name, verb) != Reach::Nothing
            }),
        }
    }

    pub(crate) fn grants(&self) -> Grants {
        match self {
            Self::All => Grants::All,
            Self::Read => Grants::Read,
            Self::Permissions(names) => Grants::Named(names.clone()),
        }
    }

    /// The part of this scope that somebody with `grants` holds.
    pub(crate) fn within(&self, grants: &Grants, known: &[Permission]) -> Self {
        let reads = |name: &String| {
            known
                .iter()
                .any(|one| one.name == name && one.verb == Verb::Read)
        };
        match (grants, self) {
            (Grants::All, scope) => scope.clone(),
            // What a person gets is bound to their rights whenever it is used;
            // what they cannot do at all is not even offered.
            (Grants::Decided(rights), Self::Permissions(names)) => {
                let held = |name: &&String| {
                    let verb = known.iter().find(|one| one.name == **name);
                    rights.reach(name, verb.map(|one| one.verb)) != Reach::Nothing
                };
                Self::Permissions(names.iter().filter(held).cloned().collect())
            }
            (Grants::Decided(_), scope) => scope.clone(),
            (Grants::Read, Self::All | Self::Read) => Self::Read,
            (Grants::None, _) => Self::Permissions(BTreeSet::new()),
            (Grants::Read, Self::Permissions(names)) => {
                Self::Permissions(names.iter().filter(|name| reads(name)).cloned().collect())
            }
            (Grants::Named(held), Self::All) => Self::Permissions(held.clone()),
            (Grants::Named(held), Self::Read) => {
                Self::Permissions(held.iter().filter(|name| reads(name)).cloned().collect())
            }
            (Grants::Named(held), Self::Permissions(names)) => {
                Self::Permissions(names.intersection(held).cloned().collect())
            }
        }
    }

    /// Reads a scope as OAuth writes it: `all`, `read`, or names of
    /// permissions between blanks; `usual` when there is none.
    pub(crate) fn from_words(
        text: &str,
        usual: Self,
        known: &[Permission],
    ) -> Result<Self, ApiError> {
        let mut words = text.split(' ').filter(|word| !word.is_empty());
        match (words.next(), words.next()) {
            (None, _) => Ok(usual),
            (Some(word @ ("all" | "read")), None) => Self::from_value(&json!(word), known),
            _ => {
                let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
                if words.len() > MOST_PERMISSIONS {
                    return Err(ApiError::input("The scope names too many permissions")
                        .accepted(format!("at most {MOST_PERMISSIONS}")));
                }
                Self::from_value(&json!(words), known)
            }
        }
    }

    /// As OAuth writes it.
    pub(crate) fn to_words(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Read => "read".to_owned(),
            Self::Permissions(names) => names
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(" "),
        }
    }

    /// Whether somebody with `grants` may hand this scope on: nobody can make
    /// a token that may do more than they may themselves.
    pub(crate) fn is_within(&self, grants: &Grants, known: &[Permission]) -> bool {
        if let Grants::Decided(rights) = grants {
            return self.is_within_rights(rights, known);
        }
        match (grants, self) {
            (Grants::All, _) | (Grants::Read, Self::Read) => true,
            (Grants::None, _) | (_, Self::All) => false,
            (Grants::Named(held), Self::Read) => known
                .iter()
                .filter(|one| one.verb == Verb::Read)
                .all(|one| held.contains(one.name)),
            (Grants::Named(held), Self::Permissions(names)) => names.is_subset(held),
            // Answered above.
            (Grants::Decided(_), _) => false,
            (Grants::Read, Self::Permissions(names)) => names.iter().all(|name| {
                known
                    .iter()
                    .any(|one| one.name == name && one.verb == Verb::Read)
            }),
        }
    }
}

fn known_name(name: &Value, known: &[Permission]) -> Result<String, ApiError> {
    name.as_str()
        .filter(|name| known.iter().any(|permission| permission.name == *name))
        .map(str::to_owned)
        .ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|permission| permission.name).collect();
            ApiError::input(format!("{name} is not a permission of Portway"))
                .accepted(names.join(", "))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Permission; 2] = [
        Permission {
            name: "catalog.entity.read",
            verb: Verb::Read,
        },
        Permission {
            name: "catalog.entity.delete",
            verb: Verb::Delete,
        },
    ];

    #[test]
    fn scopes_survive_storage() {
        for written in [
            json!("all"),
            json!("read"),
            json!(["catalog.entity.delete", "catalog.entity.read"]),
        ] {
            let scope = Scope::from_value(&written, &KNOWN).expect("a scope");
            assert_eq!(scope.to_value(), written);
            assert_eq!(Scope::from_stored(&written.to_string()), Some(scope));
        }
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for written in [
            json!("write"),
            json!([]),
            json!(["catalog.entity.fly"]),
            json!(null),
            json!([1]),
        ] {
            assert!(Scope::from_value(&written, &KNOWN).is_err(), "{written}");
            assert!(!matches!(
                Scope::from_stored(&written.to_string()),
                Some(Scope::All | Scope::Read)
            ));
        }
    }

    #[test]
    fn the_part_that_somebody_holds_is_never_more_than_either() {
        let names = |list: &[&str]| {
            list.iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let all = [
            Scope::All,
            Scope::Read,
            Scope::Permissions(names(&["catalog.entity.read"])),
            Scope::Permissions(names(&["catalog.entity.delete", "catalog.entity.read"])),
            Scope::Permissions(BTreeSet::new()),
        ];
        let held = [
            Grants::All,
            Grants::Read,
            Grants::None,
            Grants::Named(names(&["catalog.entity.delete"])),
            Grants::Named(names(&["catalog.entity.read"])),
        ];
        for scope in &all {
            for grants in &held {
                let part = scope.within(grants, &KNOWN);
                assert!(
                    part.is_within(grants, &KNOWN) || part == Scope::Permissions(BTreeSet::new()),
                    "{scope:?} of {grants:?} is {part:?}"
                );
                assert_eq!(part.within(&scope.grants(), &KNOWN), part);
            }
        }
    }

    #[test]
    fn a_credential_for_less_makes_no_token_for_all_reading() {
        let rights = |limit: Grants| {
            let why = platform::decision::Limit {
                kind: "credential",
                name: "login".to_owned(),
                text: "a login for less".to_owned(),
            };
            Grants::Decided(access::operator("for this test").within(limit, why))
        };
        let named = Grants::Named(["catalog.entity.delete".to_owned()].into());
        assert!(!Scope::Read.is_within(&rights(named), &KNOWN));
        let named = Grants::Named(["catalog.entity.read".to_owned()].into());
        assert!(Scope::Read.is_within(&rights(named), &KNOWN));
        assert!(Scope::Read.is_within(&rights(Grants::Read), &KNOWN));
        assert!(Scope::Read.is_within(&rights(Grants::All), &KNOWN));
    }

    #[test]
    fn nobody_hands_on_more_than_they_hold() {
        let names = |list: &[&str]| {
            list.iter()
                .map(|name| (*name).to_owned())
                .collect::<BTreeSet<_>>()
        };
        let read = Scope::Permissions(names(&["catalog.entity.read"]));
        let delete = Scope::Permissions(names(&["catalog.entity.delete"]));
        assert!(Scope::All.is_within(&Grants::All, &KNOWN));
        assert!(!Scope::All.is_within(&Grants::Read, &KNOWN));
        assert!(read.is_within(&Grants::Read, &KNOWN));
        assert!(!delete.is_within(&Grants::Read, &KNOWN));
        let held = Grants::Named(names(&["catalog.entity.read"]));
        assert!(read.is_within(&held, &KNOWN));
        assert!(!delete.is_within(&held, &KNOWN));
        assert!(
            Scope::Read.is_within(&held, &KNOWN),
            "whatever reads is held"
        );
        let other = Grants::Named(names(&["catalog.entity.delete"]));
        assert!(!Scope::Read.is_within(&other, &KNOWN));
        assert!(!read.is_within(&Grants::None, &KNOWN));
    }
}
