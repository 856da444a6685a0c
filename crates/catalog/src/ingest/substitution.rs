//! What `$text`, `$json` and `$yaml` stand for.

use model::diagnostic::Diagnostic;
use model::location_ref::LocationRef;
use model::placeholder::{Format, Placeholder};
use model::yaml::{Limits, parse_value};
use serde_json::Value;

use super::content::ReadFailure;
use super::digest::Context;
use crate::place::shown;

/// What a substitution stands for; `None` when its place is out of reach.
pub(super) async fn read(
    context: &Context,
    base: &LocationRef,
    placeholder: &Placeholder,
) -> Result<Option<Value>, ReadFailure> {
    let key = placeholder.format.key();
    let target = context
        .reader
        .substitution(base, &placeholder.target)
        .map_err(|mut failure| {
            failure.diagnostic.message = format!(
                "Placeholder {key} could not form a URL out of {base} and {}, {}",
                placeholder.target, failure.diagnostic.message
            );
            failure
        })?;
    if !context.reader.reaches(&target) {
        return Ok(None);
    }
    let content = context.reader.read(&target).await.map_err(|mut failure| {
        if failure.of_content {
            failure.diagnostic = failure
                .diagnostic
                .fixed_by("shorten the file, or refer to it by a link instead");
        }
        failure.diagnostic.message = format!(
            "Placeholder {key} could not read location {target}, {}",
            failure.diagnostic.message
        );
        failure
    })?;
    let invalid = |language: &str, why: String| {
        ReadFailure::new(
            "invalid-substitution",
            format!("Placeholder {key} failed to parse {language} data at {target}, {why}"),
            "mend the file that is referred to",
        )
    };
    let text =
        String::from_utf8(content.bytes).map_err(|_| invalid("UTF-8", "it is not text".into()))?;
    match placeholder.format {
        Format::Text => Ok(Some(Value::String(text))),
        Format::Json => serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| invalid("JSON", error.to_string())),
        Format::Yaml => match parse_value(
            shown(&target.to_string()),
            text.as_bytes(),
            &Limits::default(),
        ) {
            Ok(Some(node)) => Ok(Some(node.to_json())),
            Ok(None) => Err(invalid(
                "YAML",
                "expected to find exactly one document".into(),
            )),
            Err(problems) => Err(invalid(
                "YAML",
                problems.first().map(in_one_line).unwrap_or_default(),
            )),
        },
    }
}

/// Where in the other file, and what is wrong there.
fn in_one_line(problem: &Diagnostic) -> String {
    if problem.line == 0 {
        return problem.message.clone();
    }
    format!("{}:{}: {}", problem.line, problem.column, problem.message)
}
