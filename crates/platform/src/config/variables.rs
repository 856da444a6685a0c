//! `APP_CONFIG_backend_listen_port=8080`: configuration from the environment.

use std::collections::BTreeMap;

use model::diagnostic::Diagnostic;

use super::problem;
use super::tree::{Data, Node, Origin};

const PREFIX: &str = "APP_CONFIG_";

/// The tree that all `APP_CONFIG_` variables describe, with what is wrong in
/// them. Empty variables count as not set. A value is JSON, or else a string.
pub(super) fn read(variables: &BTreeMap<String, String>) -> (Node, Vec<Diagnostic>) {
    let mut root = Node::empty_map(Origin::named("environment"));
    let mut diagnostics = Vec::new();
    for (name, value) in variables {
        let Some(key) = name.strip_prefix(PREFIX) else {
            continue;
        };
        if value.is_empty() {
            continue;
        }
        if let Err(problem) = place(&mut root, name, key, value) {
            diagnostics.push(problem);
        }
    }
    (root, diagnostics)
}

fn place(root: &mut Node, name: &str, key: &str, value: &str) -> Result<(), Diagnostic> {
    let origin = Origin::named(format!("environment variable {name}"));
    let steps: Vec<&str> = key.split('_').collect();
    if let Some(bad) = steps.iter().find(|step| !is_key(step)) {
        return Err(problem::error(
            "config-variable",
            &origin,
            format!("`{name}` does not name a configuration key: the part `{bad}` is no key"),
            "APP_CONFIG_ and keys joined by `_`, each of letters, digits and `-`, beginning with a letter",
            "for example APP_CONFIG_backend_listen_port=8080",
        ));
    }
    let value =
        serde_json::from_str(value).unwrap_or_else(|_| serde_json::Value::String(value.to_owned()));
    if value.is_null() {
        return Err(problem::error(
            "config-variable",
            &origin,
            format!("`{name}` is null"),
            "a JSON value other than null, or plain text",
            format!("unset {name} to leave the key as the files have it"),
        ));
    }
    let mut node = root;
    for step in &steps {
        let Data::Map(fields) = &mut node.data else {
            return Err(problem::error(
                "config-variable",
                &origin,
                format!(
                    "`{name}` sets a key inside a value that another variable sets to a scalar"
                ),
                "either one variable for the whole value, or one for each key in it",
                format!("unset {name} or the variable with the shorter name"),
            ));
        };
        node = fields
            .entry((*step).to_owned())
            .or_insert_with(|| Node::empty_map(origin.clone()));
    }
    if !matches!(&node.data, Data::Map(fields) if fields.is_empty()) {
        return Err(problem::error(
            "config-variable",
            &origin,
            format!("`{name}` sets a value that another variable sets too"),
            "one variable for each key",
            format!("unset {name} or the other variable"),
        ));
    }
    *node = Node::from_json(value, &origin);
    Ok(())
}

/// The variable that would set the key at `path`; `None` when there is none,
/// because items of lists and keys with other characters cannot be named.
pub(super) fn name_of(path: &str) -> Option<String> {
    path.split('.')
        .all(is_key)
        .then(|| format!("{PREFIX}{}", path.replace('.', "_")))
}

/// A letter, then letters, digits and single inner `-` followed by a letter.
fn is_key(step: &str) -> bool {
    step.split('-').all(|part| {
        part.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && part.chars().all(|letter| letter.is_ascii_alphanumeric())
    })
}
