//! Findings about configuration, each with its place.

use std::path::Path;

use model::diagnostic::{Diagnostic, Severity};
use model::yaml::Mark;

use super::tree::{Data, Node, Origin};

/// A finding at a place in a file or in an environment variable.
pub(super) fn at(
    severity: Severity,
    code: &'static str,
    origin: &Origin,
    message: impl Into<String>,
) -> Diagnostic {
    let found = Diagnostic::new(severity, code, message).in_file(origin.source());
    match (origin.line(), origin.column()) {
        (Some(line), Some(column)) => found.at(Mark::new(line, column)),
        _ => found,
    }
}

/// An error that says what would be accepted and what to do.
pub(super) fn error(
    code: &'static str,
    origin: &Origin,
    message: impl Into<String>,
    accepted: impl Into<String>,
    fix: impl Into<String>,
) -> Diagnostic {
    at(Severity::Error, code, origin, message)
        .accepting(accepted)
        .fixed_by(fix)
}

/// A value of another type than its key has.
pub(super) fn wrong_type(severity: Severity, path: &str, node: &Node, wanted: &str) -> Diagnostic {
    // Without quotes YAML takes 5 for a number and true for a boolean.
    let unquoted = wanted == "a string" && matches!(node.data, Data::Number(_) | Data::Bool(_));
    let wanted = if unquoted {
        "a string (put it in quotes)"
    } else {
        wanted
    };
    at(
        severity,
        "config-type",
        &node.origin,
        format!("`{path}` must be {wanted}, but is {}", node.data.sort()),
    )
    .accepting(wanted)
    .fixed_by(correct(&node.origin))
}

/// What to do about a value at a place.
pub(super) fn correct(origin: &Origin) -> String {
    match origin.line() {
        Some(_) => format!("correct the value at {origin}"),
        None => format!("correct the value of the {origin}"),
    }
}

/// A variable that a value needs is not set, so the value is absent.
pub(super) fn missing_variable(variable: &str, path: &str, origin: &Origin) -> Diagnostic {
    at(
        Severity::Warning,
        "config-missing-variable",
        origin,
        format!("`{path}` is left out, because the environment variable {variable} is not set"),
    )
    .accepting("a value for the variable, or a fallback written as `${NAME:-fallback}`")
    .fixed_by(format!("export {variable}=…, or remove `{path}`"))
}

/// A file that `$file` or `$include` names cannot be read.
pub(super) fn unreadable_include(
    key: &str,
    name: &str,
    path: &str,
    origin: &Origin,
    cause: &str,
    directory: &Path,
) -> Diagnostic {
    error(
        "config-include",
        origin,
        format!("{key} at `{path}` cannot read `{name}`: {cause}"),
        format!(
            "a readable file; a relative path is read from {}",
            shown(directory)
        ),
        "create the file, or correct its path",
    )
}

/// A configuration file cannot be read at all.
pub(super) fn unreadable_file(file: &str, cause: &str) -> Diagnostic {
    Diagnostic::error(
        "config-file",
        format!("the configuration file cannot be read: {cause}"),
    )
    .in_file(file)
    .accepting("a readable YAML or JSON file")
    .fixed_by("correct the path given with --config, or leave --config out to use app-config.yaml")
}

fn shown(directory: &Path) -> String {
    if directory.as_os_str().is_empty() {
        "the current folder".to_owned()
    } else {
        directory.display().to_string()
    }
}
