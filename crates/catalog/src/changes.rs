//! What differs between two versions of an entity, in words and in lines.

use serde_json::Value;

/// Fields that the catalog itself sets, which say nothing about the change.
const OWN_FIELDS: [&str; 2] = ["metadata.etag", "metadata.uid"];

/// The dotted names of the fields that differ, one level below `metadata`
/// and `spec` (`spec.owner`, `metadata.annotations`), in order.
pub(crate) fn changed_fields(before: &Value, after: &Value) -> Vec<String> {
    let mut changed = Vec::new();
    for root in ["apiVersion", "kind", "metadata", "spec"] {
        let (before, after) = (before.get(root), after.get(root));
        match (
            before.and_then(Value::as_object),
            after.and_then(Value::as_object),
        ) {
            (Some(before), Some(after)) => {
                for key in before
                    .keys()
                    .chain(after.keys().filter(|key| !before.contains_key(*key)))
                {
                    if before.get(key) != after.get(key) {
                        changed.push(format!("{root}.{key}"));
                    }
                }
            }
            _ if before != after => changed.push(root.to_owned()),
            _ => {}
        }
    }
    changed.retain(|field| !OWN_FIELDS.contains(&field.as_str()));
    changed
}

/// A unified diff of two versions as pretty JSON, `context` lines around each hunk.
pub(crate) fn unified(
    before: &Value,
    after: &Value,
    (old, new): (&str, &str),
    context: usize,
) -> String {
    let (before, after) = (pretty(before), pretty(after));
    similar::TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(context)
        .header(old, new)
        .to_string()
}

fn pretty(value: &Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
