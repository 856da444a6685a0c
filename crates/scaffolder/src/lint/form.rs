//! The form: schemas that contradict themselves, fields that nobody uses.

use std::collections::BTreeSet;

use model::diagnostic::Diagnostic;
use model::yaml::{Node, NodeValue};

use super::{Subject, error, fix, warning};
use crate::reading::{Field, items};

pub(super) fn check(subject: &Subject<'_>, pages: &[&Node], findings: &mut Vec<Diagnostic>) {
    for field in &subject.fields {
        check_field(field, findings);
    }
    for page in pages {
        required(subject, page, findings);
    }
}

fn required(subject: &Subject<'_>, page: &Node, findings: &mut Vec<Diagnostic>) {
    for item in items(page.get("required")) {
        let Some(name) = item.as_str() else { continue };
        if subject.field_names().any(|known| known == name) {
            continue;
        }
        let finding = error(
            "template-required-unknown",
            item.mark,
            format!("`{name}` is required and no page asks for it, so the form can never be sent"),
        );
        let known: Vec<&str> = subject.field_names().collect();
        findings.push(fix(finding, name, known));
    }
}

fn check_field(field: &Field<'_>, findings: &mut Vec<Diagnostic>) {
    let schema = field.schema;
    if let Some(pattern) = schema.get("pattern")
        && let Some(text) = pattern.as_str()
        && let Err(cause) = fancy_regex::Regex::new(text)
    {
        findings.push(
            error(
                "template-pattern",
                pattern.mark,
                format!(
                    "the pattern of `{}` is no regular expression: {cause}",
                    field.name
                ),
            )
            .fixed_by("correct the expression; no answer can match it now"),
        );
    }
    let choices = items(schema.get("enum"));
    if let Some(default) = schema.get("default")
        && !choices.is_empty()
        && !is_expression(default)
        && !choices
            .iter()
            .any(|choice| choice.to_json() == default.to_json())
    {
        let shown: Vec<String> = choices
            .iter()
            .map(|choice| choice.to_json().to_string())
            .collect();
        findings.push(
            error(
                "template-default",
                default.mark,
                format!(
                    "the default of `{}` is {} and is none of its choices",
                    field.name,
                    model::quoted(&default.to_json().to_string())
                ),
            )
            .accepting(shown.join(", ")),
        );
    }
    let names = items(schema.get("enumNames"));
    if !names.is_empty() && names.len() != choices.len() {
        findings.push(
            warning(
                "template-enum-names",
                schema.place("/enumNames"),
                format!(
                    "`{}` has {} choices and {} names for them",
                    field.name,
                    choices.len(),
                    names.len()
                ),
            )
            .fixed_by("give each choice one name, in the same order"),
        );
    }
}

fn is_expression(node: &Node) -> bool {
    matches!(&node.value, NodeValue::String(text) if text.contains("${{"))
}

/// Fields whose answer goes nowhere.
pub(super) fn unused(
    subject: &Subject<'_>,
    used: &BTreeSet<String>,
    findings: &mut Vec<Diagnostic>,
) {
    let mut seen = BTreeSet::new();
    for field in &subject.fields {
        let secret = field.schema.get("ui:field").and_then(Node::as_str) == Some("Secret");
        if used.contains(field.name) || used.contains("*") || secret || !seen.insert(field.name) {
            continue;
        }
        findings.push(
            warning(
                "template-unused-parameter",
                field.mark,
                format!("nothing uses the answer to `{}`", field.name),
            )
            .fixed_by(format!(
                "use `${{{{ parameters.{} }}}}` in a step, or do not ask",
                field.name
            )),
        );
    }
}
