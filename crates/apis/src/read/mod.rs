//! Reading definitions. The content decides what they are written in;
//! `spec.type` only where the content cannot say.

mod asyncapi;
mod graphql;
mod lines;
mod openapi;
mod proto;
mod references;
mod schema;
mod tree;

use model::diagnostic::Diagnostic;
use model::yaml::{Limits, Mark, Node, parse_value};

use crate::doc::ApiDoc;
use model::quoted;

/// Reads a definition. `spec_type` is the entity's `spec.type`.
///
/// # Errors
/// What is wrong with a text that cannot be read at all, with places inside
/// it. What is wrong with a part stands in [`ApiDoc::problems`].
pub fn read(spec_type: &str, text: &str) -> Result<ApiDoc, Vec<Diagnostic>> {
    if text.trim().is_empty() {
        return Err(vec![
            Diagnostic::error("api-empty", "the definition is empty")
                .accepting(ACCEPTED)
                .fixed_by("write the definition into spec.definition, or name its file with $text"),
        ]);
    }
    match spec_type.to_ascii_lowercase().as_str() {
        "graphql" => graphql::read(text),
        "grpc" | "proto" | "protobuf" => proto::read(text),
        spec_type => data(spec_type, text),
    }
}

const ACCEPTED: &str = "OpenAPI 3.0 or 3.1, Swagger 2.0, AsyncAPI 2 or 3 (each as YAML or JSON), \
                        GraphQL's schema language, or a .proto file";

/// A definition in YAML or JSON.
fn data(spec_type: &str, text: &str) -> Result<ApiDoc, Vec<Diagnostic>> {
    let root = match parse_value("definition", text.as_bytes(), &limits()) {
        Ok(Some(root)) => root,
        Ok(None) => return Err(vec![unknown(spec_type, None)]),
        Err(problems) => return Err(not_read_here(spec_type).unwrap_or(problems)),
    };
    let version = |key: &str| tree::scalar(&root, key);
    if let Some(version) = version("openapi") {
        return Ok(openapi::read(&root, &version));
    }
    if let Some(version) = version("swagger") {
        return Ok(openapi::read_swagger(&root, &version));
    }
    if let Some(version) = version("asyncapi") {
        return Ok(asyncapi::read(&root, &version));
    }
    Err(not_read_here(spec_type).unwrap_or_else(|| vec![unknown(spec_type, Some(&root))]))
}

/// Nothing is known of a type that we do not read; the text is shown as it is.
fn not_read_here(spec_type: &str) -> Option<Vec<Diagnostic>> {
    let read_here = matches!(spec_type, "openapi" | "asyncapi" | "swagger" | "");
    (!read_here).then(|| {
        vec![
            Diagnostic::warning(
                "api-type-unknown",
                format!(
                    "definitions of type `{}` are shown as they are",
                    quoted(spec_type)
                ),
            )
            .accepting(ACCEPTED),
        ]
    })
}

fn unknown(spec_type: &str, root: Option<&Node>) -> Diagnostic {
    let problem = Diagnostic::error(
        "api-version-missing",
        "the definition does not say what it is written in",
    )
    .accepting("`openapi: 3.1.0`, `swagger: \"2.0\"` or `asyncapi: 3.0.0` at the top")
    .fixed_by(match spec_type {
        "asyncapi" => "write `asyncapi: 3.0.0` in the first line",
        _ => "write `openapi: 3.1.0` in the first line",
    });
    match root {
        Some(root) => problem.at(root.mark),
        None => problem.at(Mark::new(1, 1)),
    }
}

/// Definitions are data of others: as large as files may be.
fn limits() -> Limits {
    Limits {
        max_nodes: 2_000_000,
        ..Limits::default()
    }
}
