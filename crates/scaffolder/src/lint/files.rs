//! Skeletons: folders that are not there, files that cannot be rendered, values
//! that one side knows and the other does not.

use std::collections::BTreeMap;

use model::diagnostic::Diagnostic;
use model::yaml::{Mark, Node, NodeValue};
use templating::Options;

use super::expressions::keys;
use super::{Folder, Subject, error, fix, warning};
use crate::language;
use crate::reading::{Step, items, text};
use crate::skeleton::Files;

pub(super) fn check(
    file: &str,
    subject: &Subject<'_>,
    folder: &Folder<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    for step in &subject.steps {
        if !step.does("fetch:template") && !step.does("fetch:plain") {
            continue;
        }
        let Some(url) = step.at("/input/url").and_then(text) else {
            continue;
        };
        // Only what stands beside the template can be looked at here.
        if url.text.contains("${{") || !url.text.starts_with('.') {
            continue;
        }
        let Some(files) = folder(url.text) else {
            findings.push(
                error(
                    "template-missing-folder",
                    url.mark,
                    format!(
                        "there is no folder `{}` beside the template",
                        model::quoted(url.text)
                    ),
                )
                .in_file(file)
                .fixed_by(
                    "create it, or correct the path; it counts from the template's own folder",
                ),
            );
            continue;
        };
        if step.does("fetch:template") {
            skeleton(file, step, url.text, &files, findings);
        }
    }
}

/// A place in a skeleton where a value is used.
struct Used {
    path: String,
    mark: Mark,
}

fn skeleton(file: &str, step: &Step<'_>, url: &str, files: &Files, findings: &mut Vec<Diagnostic>) {
    let flag = |name: &str| {
        matches!(
            step.at(name).map(|node| &node.value),
            Some(NodeValue::Bool(true))
        )
    };
    let cookiecutter = flag("/input/cookiecutterCompat");
    let engine = language::engine(Options {
        cookiecutter,
        ..Options::default()
    });
    let filters = engine.filter_names();
    let root = if cookiecutter {
        "cookiecutter"
    } else {
        "values"
    };
    let raw = raw_files(step);
    let extension = match step
        .at("/input/templateFileExtension")
        .map(|node| &node.value)
    {
        Some(NodeValue::Bool(true)) => Some(".njk"),
        Some(NodeValue::String(ending)) => Some(ending.as_str()),
        _ => None,
    };
    let beside = file
        .rsplit_once('/')
        .map(|(folder, _)| format!("{folder}/"));
    let folder = format!(
        "{}{}",
        beside.unwrap_or_default(),
        url.trim_start_matches("./").trim_end_matches('/')
    );
    let given = keys(step.at("/input/values"));
    let mut used: BTreeMap<String, Used> = BTreeMap::new();
    for (path, content) in files {
        let shown = format!("{folder}/{path}");
        let rendered = extension.is_none_or(|ending| path.ends_with(ending)) && !raw.is_match(path);
        let content = std::str::from_utf8(&content.bytes)
            .ok()
            .filter(|text| rendered && !text.contains('\0'))
            .unwrap_or_default();
        for (source, in_name) in [(path.as_str(), true), (content, false)] {
            let uses = match engine.inspect(source) {
                Ok(uses) => uses,
                Err(problem) => {
                    let mark = mark(problem.line, problem.column, in_name);
                    findings.push(
                        error("template-file", mark, problem.message.clone())
                            .in_file(&shown)
                            .fixed_by("correct it; or list the file in copyWithoutTemplating, if it is meant to stay as it is"),
                    );
                    continue;
                }
            };
            for found in &uses.filters {
                if !filters.contains(&found.what.as_str()) {
                    let finding = error(
                        "template-unknown-filter",
                        mark(found.line, found.column, in_name),
                        format!("there is no filter `{}`", found.what),
                    );
                    findings.push(fix(finding.in_file(&shown), &found.what, filters.clone()));
                }
            }
            for found in uses.paths {
                if let [first, name, ..] = found.what.as_slice()
                    && first == root
                {
                    used.entry(name.clone()).or_insert_with(|| Used {
                        path: shown.clone(),
                        mark: mark(found.line, found.column, in_name),
                    });
                }
            }
        }
    }
    compare(file, step, root, &given, &used, findings);
}

fn compare(
    file: &str,
    step: &Step<'_>,
    root: &str,
    given: &[(&str, Mark)],
    used: &BTreeMap<String, Used>,
    findings: &mut Vec<Diagnostic>,
) {
    let known: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    for (name, place) in used {
        if known.contains(&name.as_str()) {
            continue;
        }
        let finding = error(
            "template-value-unset",
            place.mark,
            format!(
                "the step `{}` gives no value `{name}` to this file",
                step.id
            ),
        );
        findings.push(
            match model::nearest(name, known.iter().copied()) {
                Some(near) => finding.fixed_by(format!("write `{root}.{near}`")),
                None => finding.fixed_by(format!("add `{name}:` below `input.values` of the step")),
            }
            .in_file(&place.path),
        );
    }
    for (name, mark) in given {
        if !used.contains_key(*name) {
            findings.push(
                warning(
                    "template-value-unused",
                    *mark,
                    format!("no file of the skeleton uses the value `{name}`"),
                )
                .in_file(file)
                .fixed_by(format!(
                    "use `${{{{ {root}.{name} }}}}` in a file, or leave it out"
                )),
            );
        }
    }
}

/// The globs of `copyWithoutTemplating` (and of its older name).
fn raw_files(step: &Step<'_>) -> globset::GlobSet {
    let mut set = globset::GlobSetBuilder::new();
    for key in ["/input/copyWithoutTemplating", "/input/copyWithoutRender"] {
        for pattern in items(step.at(key)).iter().filter_map(Node::as_str) {
            if let Ok(glob) = globset::Glob::new(pattern) {
                set.add(glob);
            }
        }
    }
    set.build().unwrap_or_default()
}

/// A place in a file; none when the name of the file is to blame.
fn mark(line: usize, column: usize, in_name: bool) -> Mark {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    if in_name {
        return Mark::default();
    }
    Mark::new(number(line), number(column))
}
