//! The steps: ids, actions and their order.

use std::collections::BTreeMap;

use model::diagnostic::Diagnostic;

use super::actions::{self, KNOWN};
use super::{Subject, error, fix, warning};

pub(super) fn check(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let mut ids: BTreeMap<&str, u32> = BTreeMap::new();
    for step in &subject.steps {
        if let Some(line) = ids.get(step.id.as_str()) {
            findings.push(
                error(
                    "template-step-id",
                    step.node.place("/id"),
                    format!("the step `{}` is there already, on line {line}", step.id),
                )
                .fixed_by(
                    "give each step an id of its own; the later would hide the earlier's output",
                ),
            );
        }
        ids.insert(&step.id, step.node.place("/id").line);
        if let Some(action) = step.action
            && !action.text.contains("${{")
            && !KNOWN.contains(&action.text)
        {
            let finding = warning(
                "template-unknown-action",
                action.mark,
                format!(
                    "`{}` is none of the actions that come with a scaffolder or that many install",
                    model::quoted(action.text)
                ),
            );
            findings.push(match model::nearest(action.text, KNOWN) {
                Some(_) => fix(finding, action.text, KNOWN),
                None => finding.fixed_by("make sure that the action is installed where this runs"),
            });
        }
    }
    order(subject, findings);
}

/// Publishing sends what is in the workspace, so something must be there.
fn order(subject: &Subject<'_>, findings: &mut Vec<Diagnostic>) {
    let publish = subject.steps.iter().enumerate().find_map(|(index, step)| {
        let action = step
            .action
            .filter(|action| actions::publishes(action.text))?;
        Some((index, step, action))
    });
    let Some((index, step, action)) = publish else {
        return;
    };
    let fetch = subject.steps.iter().position(|step| {
        step.action
            .is_some_and(|action| actions::fetches(action.text))
    });
    if fetch.is_some_and(|fetch| fetch < index) {
        return;
    }
    let finding = warning(
        "template-publish-before-fetch",
        action.mark,
        format!(
            "the step `{}` publishes an empty workspace: no step before it fetches anything",
            step.id
        ),
    );
    findings.push(match fetch.and_then(|fetch| subject.steps.get(fetch)) {
        Some(fetch) => finding.fixed_by(format!("move the step `{}` before it", fetch.id)),
        None => finding.fixed_by("add a step with `fetch:template` before it"),
    });
}
