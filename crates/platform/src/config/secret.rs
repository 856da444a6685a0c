//! Which values are never shown. One rule serves the redacted view, error
//! messages and `Debug`.

use super::tree::{Data, Node};
use serde_json::Value;

/// What stands in the place of a secret.
pub(super) const HIDDEN: &str = "<hidden>";

/// Endings of key names (lower case) whose values are secret.
const SECRET_ENDINGS: [&str; 9] = [
    "token",
    "password",
    "secret",
    "key",
    "passphrase",
    "connectionstring",
    "credentials",
    "authorization",
    "cookie",
];

/// Whether the value of a key called `name` must not be shown.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_ENDINGS.iter().any(|ending| name.ends_with(ending))
        || name == "accesskeyid"
        || name == "cadata"
}

/// Whether any step of a path is secret.
pub(super) fn is_secret_path(path: &str) -> bool {
    path.split(['.', '[']).any(is_secret)
}

/// The tree as JSON with secrets replaced by a fixed text.
pub(super) fn redacted(node: &Node) -> Value {
    match &node.data {
        Data::List(items) => Value::Array(items.iter().map(redacted).collect()),
        Data::Map(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| {
                    let shown = if is_secret(key) {
                        hide_scalars(value)
                    } else {
                        redacted(value)
                    };
                    (key.clone(), shown)
                })
                .collect(),
        ),
        Data::Text(text) => Value::String(without_password(text)),
        _ => node.to_json(),
    }
}

fn hide_scalars(node: &Node) -> Value {
    match &node.data {
        Data::List(items) => Value::Array(items.iter().map(hide_scalars).collect()),
        Data::Map(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), hide_scalars(value)))
                .collect(),
        ),
        Data::Null => Value::Null,
        Data::Bool(_) | Data::Number(_) | Data::Text(_) => Value::String(HIDDEN.to_owned()),
    }
}

/// `postgres://portway:pw@db/x` keeps everything but the password.
pub(super) fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    let authority_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(authority_end).unwrap_or((rest, ""));
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}:{HIDDEN}@{host}{tail}")
        }
        None => text.to_owned(),
    }
}
