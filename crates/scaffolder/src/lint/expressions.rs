//! Expressions in steps and output: names, steps and filters that are not
//! there.

use std::collections::BTreeSet;

use model::diagnostic::Diagnostic;
use model::yaml::{Mark, Node};
use templating::{Engine, Options, Uses};

use super::{Subject, error, fix, warning};
use crate::language;
use crate::reading::{Text, text, texts};

/// What an expression may begin with (Backstage's context of a step).
const ROOTS: [&str; 8] = [
    "parameters",
    "steps",
    "secrets",
    "user",
    "each",
    "context",
    "environment",
    "formData",
];
const CALLS: [&str; 5] = ["always", "cycler", "failure", "joiner", "range"];

/// Where an expression stands decides what it may say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The index of the step whose input or `each` it is.
    Input(usize),
    /// `if` of the step.
    Condition(usize),
    Output,
}

pub(super) fn check(
    subject: &Subject<'_>,
    used: &mut BTreeSet<String>,
    findings: &mut Vec<Diagnostic>,
) {
    let engine = language::engine(Options::default());
    let mut checker = Checker {
        subject,
        filters: engine.filter_names(),
        engine: &engine,
        used,
        findings,
        torn: BTreeSet::new(),
        next_root: None,
    };
    for (index, step) in subject.steps.iter().enumerate() {
        if let Some(condition) = step.at("/if").and_then(text) {
            checker.text(condition, Place::Condition(index));
        }
        for part in ["/input", "/each", "/name", "/action"] {
            let mut found = Vec::new();
            if let Some(node) = step.at(part) {
                texts(node, &mut found);
            }
            for text in found {
                checker.text(text, Place::Input(index));
            }
        }
    }
    let mut found = Vec::new();
    if let Some(output) = subject.root.at("/spec/output") {
        texts(output, &mut found);
    }
    for text in found {
        checker.text(text, Place::Output);
    }
}

struct Checker<'a, 'b> {
    subject: &'a Subject<'a>,
    engine: &'a Engine,
    filters: Vec<&'a str>,
    used: &'b mut BTreeSet<String>,
    findings: &'b mut Vec<Diagnostic>,
    /// What is left of step ids that a `-` has torn apart: no names to report.
    torn: BTreeSet<String>,
    /// What the next path of the same text begins with.
    next_root: Option<String>,
}

impl Checker<'_, '_> {
    fn text(&mut self, text: Text<'_>, place: Place) {
        match self.engine.inspect(text.text) {
            Ok(uses) => self.uses(&uses, text, place),
            Err(problem) => self.findings.push(
                error(
                    "template-expression",
                    inside(text.mark, problem.line, problem.column),
                    format!("the expression cannot be read: {}", problem.message),
                )
                .fixed_by("correct it; at run time it would be left as text"),
            ),
        }
    }

    fn uses(&mut self, uses: &Uses, text: Text<'_>, place: Place) {
        for found in &uses.filters {
            if !self.filters.contains(&found.what.as_str()) {
                let finding = error(
                    "template-unknown-filter",
                    inside(text.mark, found.line, found.column),
                    format!("there is no filter `{}`", found.what),
                );
                let filters = self.filters.clone();
                self.findings.push(fix(finding, &found.what, filters));
            }
        }
        for found in &uses.calls {
            let mark = inside(text.mark, found.line, found.column);
            if !CALLS.contains(&found.what.as_str()) {
                let finding = error(
                    "template-unknown-function",
                    mark,
                    format!("there is no function `{}`", found.what),
                );
                self.findings.push(fix(finding, &found.what, CALLS));
            } else if matches!(found.what.as_str(), "always" | "failure")
                && !matches!(place, Place::Condition(_))
            {
                self.findings.push(
                    error(
                        "template-unknown-function",
                        mark,
                        format!("`{}()` can be asked in the `if` of a step only", found.what),
                    )
                    .fixed_by("move it into `if`"),
                );
            }
        }
        for (index, found) in uses.paths.iter().enumerate() {
            let mark = inside(text.mark, found.line, found.column);
            let path: Vec<&str> = found.what.iter().map(String::as_str).collect();
            self.next_root = uses
                .paths
                .get(index + 1)
                .and_then(|next| next.what.first().cloned());
            self.path(&path, mark, place);
        }
    }

    fn path(&mut self, path: &[&str], mark: Mark, place: Place) {
        match path {
            ["parameters"] => {
                self.used.insert("*".to_owned());
            }
            ["parameters", name, ..] => self.parameter(name, mark),
            ["steps", id, rest @ ..] => self.step(id, rest, mark, place),
            ["secrets", ..] if !matches!(place, Place::Input(_)) => self.findings.push(
                error(
                    "template-secret-place",
                    mark,
                    "secrets can be used in the input of a step only".to_owned(),
                )
                .fixed_by("move it into `input`; elsewhere it would be empty"),
            ),
            [root, ..] if self.torn.contains(*root) => {}
            [root, ..] if !ROOTS.contains(root) && *root != "undefined" => {
                let finding = error(
                    "template-unknown-name",
                    mark,
                    format!("there is no `{root}` in a template"),
                );
                let near = self.subject.field_names().any(|field| field == *root);
                self.findings.push(if near {
                    finding.fixed_by(format!("write `parameters.{root}`"))
                } else {
                    fix(finding, root, ROOTS)
                });
            }
            _ => {}
        }
    }

    fn parameter(&mut self, name: &str, mark: Mark) {
        self.used.insert(name.to_owned());
        if self.subject.field_names().any(|field| field == name) {
            return;
        }
        let finding = error(
            "template-unknown-parameter",
            mark,
            format!("no page of the form asks for `{name}`"),
        );
        let known: Vec<&str> = self.subject.field_names().collect();
        self.findings.push(fix(finding, name, known));
    }

    fn step(&mut self, id: &str, rest: &[&str], mark: Mark, place: Place) {
        let here = match place {
            Place::Input(index) | Place::Condition(index) => index,
            Place::Output => self.subject.steps.len(),
        };
        match self.subject.steps.iter().position(|step| step.id == id) {
            Some(index) if index < here => {
                if let Some(first) = rest.first()
                    && *first != "output"
                {
                    self.findings.push(
                        warning(
                            "template-step-output",
                            mark,
                            format!("a step has `output` and no `{first}`"),
                        )
                        .fixed_by(format!("write `steps['{id}'].output.{first}`")),
                    );
                }
            }
            Some(_) => self.findings.push(
                error(
                    "template-later-step",
                    mark,
                    format!("the step `{id}` has not run yet at this place"),
                )
                .fixed_by(format!("move the step `{id}` up, or this one down")),
            ),
            None => {
                let known: Vec<&str> = self
                    .subject
                    .steps
                    .iter()
                    .map(|step| step.id.as_str())
                    .collect();
                // `steps.my-step` is `steps.my` minus `step`.
                let next = self.next_root.as_deref();
                let dashed = known.iter().find(|known| {
                    known
                        .strip_prefix(id)
                        .and_then(|rest| rest.strip_prefix('-'))
                        .is_some_and(|rest| rest.split('-').next() == next)
                });
                if let Some(rest) = dashed.and_then(|dashed| dashed.strip_prefix(id)) {
                    self.torn.extend(rest.split('-').map(str::to_owned));
                }
                let finding = error(
                    "template-unknown-step",
                    mark,
                    match dashed {
                        Some(dashed) => {
                            format!("`steps.{dashed}` is read as a subtraction, because of the `-`")
                        }
                        None => format!("there is no step `{id}`"),
                    },
                );
                self.findings.push(match dashed {
                    Some(dashed) => finding.fixed_by(format!("write `steps['{dashed}']`")),
                    None => fix(finding, id, known),
                });
            }
        }
    }
}

/// The place within a text. Exact in a text of one line without escapes; in a
/// block of lines, the line is counted from where the text begins.
fn inside(mark: Mark, line: usize, column: usize) -> Mark {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    if line > 1 {
        return Mark::new(
            mark.line.saturating_add(number(line)),
            number(column).max(1),
        );
    }
    Mark::new(
        mark.line,
        mark.column.saturating_add(number(column).saturating_sub(1)),
    )
}

/// The texts directly below a value, for checks of `values`.
pub(super) fn keys(node: Option<&Node>) -> Vec<(&str, Mark)> {
    match node.map(|node| &node.value) {
        Some(model::yaml::NodeValue::Mapping(entries)) => entries
            .iter()
            .map(|entry| (entry.key.as_str(), entry.key_mark))
            .collect(),
        _ => Vec::new(),
    }
}
