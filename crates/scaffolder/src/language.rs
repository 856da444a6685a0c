//! The engine with what Backstage's scaffolder adds to the language.

use model::EntityRef;
use serde_json::{Map, Value, json};
use templating::{Engine, Options};

/// The engine for expressions of a template and for the files that it fetches:
/// the filters `parseRepoUrl`, `parseEntityRef`, `pick` and `projectSlug`.
pub fn engine(options: Options) -> Engine {
    Engine::new(options)
        .with_filter("parseRepoUrl", |given| {
            let url = text(
                given,
                "an address such as `github.com?owner=acme&repo=shop`",
            )?;
            repo_url(&url).map(Some)
        })
        .with_filter("projectSlug", |given| {
            let url = text(
                given,
                "an address such as `github.com?owner=acme&repo=shop`",
            )?;
            let parts = repo_url(&url)?;
            let part = |name: &str| parts.get(name).and_then(Value::as_str).unwrap_or_default();
            Ok(Some(json!(format!("{}/{}", part("owner"), part("repo")))))
        })
        .with_filter("parseEntityRef", |given| {
            let reference = text(given, "a reference such as `component:default/shop`")?;
            let default = |name: &str| {
                let context = given.get(1).and_then(Option::as_ref)?;
                context.get(name)?.as_str().map(str::to_owned)
            };
            entity_ref(
                &reference,
                default("defaultKind"),
                default("defaultNamespace"),
            )
            .map(Some)
        })
        .with_filter("pick", |given| {
            let path = given
                .get(1)
                .and_then(|path| path.as_ref()?.as_str())
                .ok_or("give it a path, such as `pick('owner')`")?;
            Ok(given
                .first()
                .and_then(Option::as_ref)
                .and_then(|value| pick(value, path)))
        })
}

/// The engine for conditions, where `always()` and `failure()` may be asked.
pub fn condition_engine(options: Options, failed: bool) -> Engine {
    engine(options)
        .with_global("always", |_| Ok(Some(json!(true))))
        .with_global("failure", move |_| Ok(Some(json!(failed))))
}

fn text(given: &[Option<Value>], wanted: &str) -> Result<String, String> {
    given
        .first()
        .and_then(|value| value.as_ref()?.as_str())
        .map(str::to_owned)
        .ok_or_else(|| format!("give it {wanted}"))
}

/// `host?owner=…&repo=…` as its parts. Slashes at the ends of a part go.
///
/// # Errors
/// In words, when there is no host or no repository.
pub fn repo_url(url: &str) -> Result<Value, String> {
    let bare = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or(url);
    let (host, query) = bare.split_once('?').unwrap_or((bare, ""));
    let host = host.trim_end_matches('/');
    if host.is_empty() || host.contains(char::is_whitespace) || host.contains('/') {
        return Err(format!(
            "`{url}` names no host; write `github.com?owner=acme&repo=shop`"
        ));
    }
    let mut parts = Map::new();
    parts.insert("host".to_owned(), json!(host));
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        let value = value.trim_matches('/');
        let known = ["owner", "repo", "organization", "workspace", "project"];
        if known.contains(&key) && !value.is_empty() {
            parts.insert(key.to_owned(), json!(value));
        }
    }
    if !parts.contains_key("repo") && !parts.contains_key("project") {
        return Err(format!(
            "`{url}` names no repository; write `{host}?owner=acme&repo=shop`"
        ));
    }
    Ok(Value::Object(parts))
}

/// Percent-decoded, `+` as a blank.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let mut ahead = rest.clone();
                let hex = |byte: Option<u8>| char::from(byte?).to_digit(16);
                match (hex(ahead.next()), hex(ahead.next())) {
                    (Some(high), Some(low)) => {
                        bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
                        rest = ahead;
                    }
                    _ => bytes.push(b'%'),
                }
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn entity_ref(
    reference: &str,
    kind: Option<String>,
    namespace: Option<String>,
) -> Result<Value, String> {
    let (given_kind, rest) = match reference.split_once(':') {
        Some((kind, rest)) => (Some(kind.to_owned()), rest),
        None => (None, reference),
    };
    let (given_namespace, name) = match rest.split_once('/') {
        Some((namespace, name)) => (Some(namespace.to_owned()), name),
        None => (None, rest),
    };
    let kind = given_kind
        .or(kind)
        .filter(|kind| !kind.is_empty())
        .ok_or_else(|| format!("`{reference}` names no kind; write `component:default/shop`"))?;
    let namespace = given_namespace
        .or(namespace)
        .filter(|namespace| !namespace.is_empty())
        .unwrap_or_else(|| "default".to_owned());
    EntityRef::parse(&format!("{kind}:{namespace}/{name}"), None, None)
        .map_err(|error| format!("`{reference}`: {error}"))?;
    Ok(json!({ "kind": kind, "namespace": namespace, "name": name }))
}

/// `a.b[0].c` of a value.
fn pick(value: &Value, path: &str) -> Option<Value> {
    path.split(['.', '[', ']'])
        .filter(|key| !key.is_empty())
        .map(|key| key.trim_matches(['"', '\'']))
        .try_fold(value, |value, key| match value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?),
            other => other.get(key),
        })
        .cloned()
}
