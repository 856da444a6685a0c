//! What each route takes and answers, for `/api/openapi.json`.

pub(super) mod entities;
pub(super) mod locations;
pub(super) mod own;
mod schemas;

use platform::openapi::{Operation, schema};
use serde_json::Value;

pub(super) use schemas::shared;

/// The parts of a path that name an entity.
fn of_entity(operation: Operation) -> Operation {
    operation
        .path(
            "kind",
            schema::text(),
            "The kind, in any case, such as component",
        )
        .path(
            "namespace",
            schema::text(),
            "The namespace, default unless an entity says otherwise",
        )
        .path("name", schema::text(), "The name")
}

/// The catalog in the past.
fn at(operation: Operation) -> Operation {
    operation.query(
        "at",
        schema::text(),
        "The catalog as it was at this time: RFC 3339, or a date",
    )
}

fn filtered(operation: Operation) -> Operation {
    operation.query(
        "filter",
        schema::list(schema::text()),
        "Statements such as kind=component,spec.type=service, all of which must hold; a key alone asks whether it exists. Several parameters are alternatives",
    )
}

fn with_fields(operation: Operation) -> Operation {
    operation.query(
        "fields",
        schema::list(schema::text()),
        "Only these fields of each entity, such as metadata.name; separated by commas or repeated",
    )
}

/// A predicate in a body.
fn predicate() -> Value {
    schema::saying(
        schema::any_object(),
        "Fields and their values, with $all, $any, $not, $in, $exists, $hasPrefix and $contains",
    )
}

/// The text of an entity reference.
fn entity_ref() -> Value {
    schema::saying(
        schema::text(),
        "An entity reference such as component:default/payment-service",
    )
}
