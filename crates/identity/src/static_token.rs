//! Tokens written in the configuration: Backstage's
//! `backend.auth.externalAccess` entries of type `static`.

use std::collections::BTreeSet;

use platform::actor::{Grants, Permission, Verb};
use serde_json::Value;

use crate::external::ExternalIssuer;
use crate::secret::{Secret, SecretDigest};
use crate::settings::{SettingsProblem, report};

/// The shortest token that Backstage accepts, in characters.
const SHORTEST: usize = 8;

/// One configured token. Only its hash is kept in memory.
#[derive(Clone, Debug)]
pub struct StaticToken {
    digest: SecretDigest,
    subject: String,
    /// `None` allows everything.
    restrictions: Option<Vec<Restriction>>,
}

/// One entry of `accessRestrictions`: the token may use this plugin's
/// permissions, and of those only the named ones.
#[derive(Clone, Debug)]
pub(crate) struct Restriction {
    plugin: String,
    permissions: Option<BTreeSet<String>>,
    verbs: Option<Vec<Verb>>,
}

impl Restriction {
    fn admits(&self, permission: Permission) -> bool {
        // Permissions are named `<plugin>.<rest>`.
        permission.name.split('.').next() == Some(self.plugin.as_str())
            && self
                .permissions
                .as_ref()
                .is_none_or(|names| names.contains(permission.name))
            && self
                .verbs
                .as_ref()
                .is_none_or(|verbs| verbs.contains(&permission.verb))
    }
}

impl StaticToken {
    /// Who the token speaks for, as configured.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// What it may do, out of all permissions there are.
    pub(crate) fn grants(&self, known: &[Permission]) -> Grants {
        match &self.restrictions {
            None => Grants::All,
            Some(restrictions) => granted(restrictions, known),
        }
    }
}

/// The permissions that restrictions leave.
pub(crate) fn granted(restrictions: &[Restriction], known: &[Permission]) -> Grants {
    let admitted = known
        .iter()
        .filter(|permission| restrictions.iter().any(|one| one.admits(**permission)));
    Grants::Named(
        admitted
            .map(|permission| permission.name.to_owned())
            .collect(),
    )
}

/// The token that was presented, if it is configured. Every configured token
/// is compared, so that the time taken does not tell which one was near.
pub(crate) fn find<'a>(
    tokens: &'a [StaticToken],
    presented: &SecretDigest,
) -> Option<&'a StaticToken> {
    tokens.iter().fold(None, |found, token| {
        if token.digest.matches(presented) {
            Some(token)
        } else {
            found
        }
    })
}

/// Reads `backend.auth.externalAccess`. An entry that is not wholly understood
/// is left out, since half of one could allow more than was meant.
pub(crate) fn read(
    config: &Value,
    problems: &mut Vec<SettingsProblem>,
) -> (Vec<StaticToken>, Vec<ExternalIssuer>) {
    const PATH: &str = "backend.auth.externalAccess";
    let entries = match config.pointer("/backend/auth/externalAccess") {
        None | Some(Value::Null) => return (Vec::new(), Vec::new()),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            report(
                problems,
                PATH,
                "is not a list",
                "a list of `{type: static, options: {token, subject}}`",
            );
            return (Vec::new(), Vec::new());
        }
    };
    let mut tokens: Vec<StaticToken> = Vec::new();
    let mut issuers = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let path = format!("{PATH}[{at}]");
        if let Some(kind @ ("jwks" | "legacy")) = entry.get("type").and_then(Value::as_str) {
            match ExternalIssuer::read(kind, entry, &path) {
                Ok(issuer) => issuers.push(issuer),
                Err(problem) => problems.push(problem),
            }
            continue;
        }
        match read_entry(entry, &path) {
            Ok(token) if find(&tokens, &token.digest).is_some() => report(
                problems,
                format!("{path}.options.token"),
                "is the same token as an earlier entry's, so nobody could tell the two apart",
                "a token of its own for each entry",
            ),
            Ok(token) => tokens.push(token),
            Err(problem) => problems.push(problem),
        }
    }
    (tokens, issuers)
}

fn read_entry(entry: &Value, path: &str) -> Result<StaticToken, SettingsProblem> {
    let problem = |key: &str, message: &str, accepted: &str| SettingsProblem {
        path: format!("{path}{key}"),
        message: message.to_owned(),
        accepted: accepted.to_owned(),
    };
    match entry.get("type").and_then(Value::as_str) {
        Some("static") => {}
        _ => {
            return Err(problem(
                ".type",
                "does not name a kind of access",
                "static, jwks or legacy",
            ));
        }
    }
    let word = |key: &str| {
        entry
            .pointer(&format!("/options/{key}"))
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty() && !text.contains(char::is_whitespace))
    };
    let token = word("token").filter(|token| token.chars().count() >= SHORTEST).ok_or_else(|| {
        problem(".options.token", "is missing, too short or holds white space", "at least 8 characters without white space, for example from `openssl rand -base64 32`; an unset variable in `${VAR}` leaves the key out")
    })?;
    let subject = word("subject").ok_or_else(|| {
        problem(
            ".options.subject",
            "is missing, empty or holds white space",
            "a name such as ci-pipeline, which events will show",
        )
    })?;
    Ok(StaticToken {
        digest: Secret::new(token.to_owned()).digest(),
        subject: subject.to_owned(),
        restrictions: read_restrictions(entry, path)?,
    })
}

/// `accessRestrictions` of an entry; none allows everything.
pub(crate) fn read_restrictions(
    entry: &Value,
    path: &str,
) -> Result<Option<Vec<Restriction>>, SettingsProblem> {
    match entry.get("accessRestrictions") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(list)) => list
            .iter()
            .enumerate()
            .map(|(at, one)| read_restriction(one, &format!("{path}.accessRestrictions[{at}]")))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(SettingsProblem {
            path: format!("{path}.accessRestrictions"),
            message: "is not a list".to_owned(),
            accepted: "a list of `{plugin, permission, permissionAttribute}`".to_owned(),
        }),
    }
}

fn read_restriction(entry: &Value, path: &str) -> Result<Restriction, SettingsProblem> {
    let problem = |key: &str, message: &str, accepted: &str| SettingsProblem {
        path: format!("{path}{key}"),
        message: message.to_owned(),
        accepted: accepted.to_owned(),
    };
    let plugin = entry
        .get("plugin")
        .and_then(Value::as_str)
        .filter(|plugin| !plugin.is_empty())
        .ok_or_else(|| {
            problem(
                ".plugin",
                "does not name a plugin",
                "a plugin id such as catalog",
            )
        })?;
    if let Some(key) = entry
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys())
        .find(|key| {
            !matches!(
                key.as_str(),
                "plugin" | "permission" | "permissionAttribute"
            )
        })
    {
        return Err(problem(
            &format!(".{key}"),
            "is not a restriction that Portway knows",
            "plugin, permission and permissionAttribute",
        ));
    }
    let permissions = words(entry.get("permission")).map_err(|()| {
        problem(
            ".permission",
            "is neither a name nor a list of names",
            "catalog.entity.read, or a list of such names",
        )
    })?;
    let attribute = entry
        .get("permissionAttribute")
        .filter(|value| !value.is_null());
    if let Some(attribute) = attribute
        && !attribute
            .as_object()
            .is_some_and(|map| map.keys().all(|key| key == "action"))
    {
        return Err(problem(
            ".permissionAttribute",
            "is not an object with the one key `action`",
            "`{action: read}`",
        ));
    }
    let verbs = words(attribute.and_then(|attribute| attribute.get("action")))
        .ok()
        .and_then(|names| match names {
            None => Some(None),
            Some(names) => names
                .iter()
                .map(|name| verb(name))
                .collect::<Option<Vec<_>>>()
                .map(Some),
        })
        .ok_or_else(|| {
            problem(
                ".permissionAttribute.action",
                "names no kind of access",
                "create, read, update or delete, or a list of these",
            )
        })?;
    Ok(Restriction {
        plugin: plugin.to_owned(),
        permissions,
        verbs,
    })
}

/// One text with names between commas or blanks, or a list of names; `None`
/// when nothing is written.
fn words(value: Option<&Value>) -> Result<Option<BTreeSet<String>>, ()> {
    let names: BTreeSet<String> = match value {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text
            .split(|letter: char| letter == ',' || letter.is_whitespace())
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect(),
        Some(Value::Array(list)) => list
            .iter()
            .map(|name| name.as_str().map(str::to_owned).ok_or(()))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(()),
    };
    if names.is_empty() {
        Err(())
    } else {
        Ok(Some(names))
    }
}

/// Backstage's name of a kind of access.
fn verb(name: &str) -> Option<Verb> {
    match name {
        "create" => Some(Verb::Create),
        "read" => Some(Verb::Read),
        "update" => Some(Verb::Update),
        "delete" => Some(Verb::Delete),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const KNOWN: [Permission; 4] = [
        Permission {
            name: "catalog.entity.read",
            verb: Verb::Read,
        },
        Permission {
            name: "catalog.entity.delete",
            verb: Verb::Delete,
        },
        Permission {
            name: "catalog.location.read",
            verb: Verb::Read,
        },
        Permission {
            name: "catalogue.entity.read",
            verb: Verb::Read,
        },
    ];

    fn read_one(restrictions: &Value) -> Result<StaticToken, String> {
        let config = json!({"backend": {"auth": {"externalAccess": [{
            "type": "static",
            "options": {"token": "abcdefgh", "subject": "ci"},
            "accessRestrictions": restrictions,
        }]}}});
        let mut problems = Vec::new();
        read(&config, &mut problems)
            .0
            .pop()
            .ok_or_else(|| problems[0].path.clone())
    }

    fn granted(restrictions: &Value) -> Vec<String> {
        match read_one(restrictions).expect("a token").grants(&KNOWN) {
            Grants::Named(names) => names.into_iter().collect(),
            other => panic!("{other:?} is not a list of names"),
        }
    }

    #[test]
    fn without_restrictions_everything_is_allowed() {
        assert_eq!(
            read_one(&Value::Null).expect("a token").grants(&KNOWN),
            Grants::All
        );
    }

    #[test]
    fn restrictions_narrow_by_plugin_permission_and_action() {
        assert_eq!(granted(&json!([])), [] as [&str; 0]);
        assert_eq!(
            granted(&json!([{"plugin": "catalog"}])),
            [
                "catalog.entity.delete",
                "catalog.entity.read",
                "catalog.location.read"
            ]
        );
        assert_eq!(
            granted(
                &json!([{"plugin": "catalog", "permission": "catalog.entity.read, catalog.entity.delete"}])
            ),
            ["catalog.entity.delete", "catalog.entity.read"]
        );
        assert_eq!(
            granted(&json!([{"plugin": "catalog", "permissionAttribute": {"action": ["read"]}}])),
            ["catalog.entity.read", "catalog.location.read"]
        );
        assert_eq!(
            granted(&json!([{"plugin": "scaffolder", "permission": ["catalog.entity.read"]}])),
            [] as [&str; 0]
        );
    }

    #[test]
    fn an_entry_that_is_not_understood_grants_nothing() {
        let path = "backend.auth.externalAccess[0].accessRestrictions";
        for (restrictions, key) in [
            (json!({"plugin": "catalog"}), ""),
            (json!([{}]), "[0].plugin"),
            (
                json!([{"plugin": "catalog", "permission": 5}]),
                "[0].permission",
            ),
            (
                json!([{"plugin": "catalog", "permission": ""}]),
                "[0].permission",
            ),
            (
                json!([{"plugin": "catalog", "permissionAttribute": {"action": "look"}}]),
                "[0].permissionAttribute.action",
            ),
            (
                json!([{"plugin": "catalog", "permissionAttribute": {"colour": "red"}}]),
                "[0].permissionAttribute",
            ),
            (
                json!([{"plugin": "catalog", "permissions": []}]),
                "[0].permissions",
            ),
        ] {
            assert_eq!(
                read_one(&restrictions).err(),
                Some(format!("{path}{key}")),
                "{restrictions}"
            );
        }
    }

    #[test]
    fn bad_tokens_are_left_out_and_the_rest_counts() {
        let entry =
            |token: &str| json!({"type": "static", "options": {"token": token, "subject": "ci"}});
        let config = json!({"backend": {"auth": {"externalAccess": [
            entry("good-token"), entry("with space"), entry("good-token"), entry("short"), {"type": "jwks"}, {"type": "static"}, 7,
        ]}}});
        let mut problems = Vec::new();
        assert_eq!(read(&config, &mut problems).0.len(), 1);
        let paths: Vec<_> = problems
            .iter()
            .map(|problem| problem.path.as_str())
            .collect();
        assert_eq!(
            paths,
            [
                "backend.auth.externalAccess[1].options.token",
                "backend.auth.externalAccess[2].options.token",
                "backend.auth.externalAccess[3].options.token",
                "backend.auth.externalAccess[4].options.url",
                "backend.auth.externalAccess[5].options.token",
                "backend.auth.externalAccess[6].type",
            ]
        );
    }
}
