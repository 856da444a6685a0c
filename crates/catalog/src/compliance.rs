//! Which standards an entity falls under, and where the evidence lies.
//!
//! Three ways to say it, which add up: the annotation
//! `portway.dev/compliance: pci-dss,hipaa`, labels `compliance/pci-dss: "true"`,
//! and labels named `compliance` under any prefix
//! (`acme.example/compliance: pci-dss`).

use std::collections::BTreeMap;

use model::query::Predicate;
use serde::Serialize;
use serde_json::Value;

use crate::index::Index;

/// The annotation with names of standards, commas between them.
const ANNOTATION: &str = "portway.dev/compliance";
/// The prefix of labels that name one standard each.
const PREFIX: &str = "compliance/";
/// The name of a label whose value is a standard.
const NAME: &str = "compliance";
/// Values of a label that say that a standard does not apply.
const NOT: [&str; 4] = ["false", "no", "none", "out-of-scope"];
/// The `type` of links that lead to evidence, or how it ends
/// (`compliance-evidence`).
const EVIDENCE: &str = "evidence";

/// A link to evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Evidence {
    pub(crate) title: String,
    pub(crate) url: String,
}

/// The standards of an entity, given as its document: lower case, each once,
/// in order.
pub(crate) fn standards(entity: &Value) -> Vec<String> {
    let metadata = entity.get("metadata");
    let part = |name: &str| metadata?.get(name)?.as_object();
    let annotation = part("annotations")
        .and_then(|annotations| annotations.get(ANNOTATION))
        .and_then(Value::as_str);
    let mut found: Vec<String> = names_in(annotation.unwrap_or_default()).collect();
    for (key, value) in part("labels").into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        found.extend(by_label(&key.to_lowercase(), &value.to_lowercase()));
    }
    found.sort();
    found.dedup();
    found
}

/// The standard that one label names.
fn by_label(key: &str, value: &str) -> Option<String> {
    if NOT.contains(&value) {
        return None;
    }
    let standard = match key.strip_prefix(PREFIX) {
        Some(standard) => standard,
        None if is_named(key) => value,
        None => return None,
    };
    (!standard.is_empty()).then(|| standard.to_owned())
}

/// `compliance` or `prefix/compliance`.
fn is_named(key: &str) -> bool {
    key.rsplit('/').next() == Some(NAME)
}

fn names_in(text: &str) -> impl Iterator<Item = String> {
    text.split(',')
        .map(|name| name.trim().to_lowercase())
        .filter(|name| !name.is_empty())
}

/// The links to evidence.
pub(crate) fn evidence(entity: &Value) -> Vec<Evidence> {
    let links = entity.pointer("/metadata/links").and_then(Value::as_array);
    let text = |link: &Value, key: &str| link.get(key)?.as_str().map(str::to_owned);
    links
        .into_iter()
        .flatten()
        .filter(|link| text(link, "type").is_some_and(|kind| is_evidence(&kind)))
        .filter_map(|link| {
            let url = text(link, "url")?;
            Some(Evidence {
                title: text(link, "title").unwrap_or_else(|| url.clone()),
                url,
            })
        })
        .collect()
}

fn is_evidence(kind: &str) -> bool {
    let lower = kind.to_ascii_lowercase();
    lower.rsplit('-').next() == Some(EVIDENCE)
}

/// Every standard that somebody falls under, with the condition for it; the
/// same as [`standards`].
pub(crate) fn conditions(index: &Index) -> Vec<(String, Predicate)> {
    let mut found: BTreeMap<String, Vec<Predicate>> = BTreeMap::new();
    let annotation = format!("metadata.annotations.{ANNOTATION}");
    let mut written: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for value in values(index, &annotation) {
        for name in names_in(&value) {
            written.entry(name).or_default().push(value.clone());
        }
    }
    for (name, texts) in written {
        let condition = Predicate::is_in(&annotation, texts.iter().map(String::as_str));
        found.entry(name).or_default().push(condition);
    }
    for key in index.keys_under("metadata.labels.") {
        let Some(label) = key.strip_prefix("metadata.labels.") else {
            continue;
        };
        if !label.starts_with(PREFIX) && !is_named(label) {
            continue;
        }
        let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for value in values(index, &key) {
            if let Some(name) = by_label(label, &value.to_lowercase()) {
                texts.entry(name).or_default().push(value);
            }
        }
        for (name, texts) in texts {
            let condition = Predicate::is_in(&key, texts.iter().map(String::as_str));
            found.entry(name).or_default().push(condition);
        }
    }
    found
        .into_iter()
        .map(|(name, conditions)| (name, Predicate::Any(conditions)))
        .collect()
}

fn values(index: &Index, key: &str) -> Vec<String> {
    index
        .facets(&[key], None, None)
        .into_iter()
        .flat_map(|facet| facet.values)
        .map(|value| value.value)
        .collect()
}
