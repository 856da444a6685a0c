//! What the routes here take and answer.

use platform::openapi::{Operation, schema};

const TAG: &str = "Access";

fn asked(operation: Operation) -> Operation {
    operation
        .required_query(
            "permission",
            schema::text(),
            "A permission such as `catalog.entity.delete`; `read`, `refresh` and `delete` stand for the catalog's",
        )
        .query("entity", schema::text(), "An entity that the caller may see")
}

pub(super) fn policy() -> Operation {
    Operation::new(
        "getPolicy",
        TAG,
        "Roles, bindings and rules, with where each is written",
    )
    .json(200, "The policy", schema::any_object())
}

pub(super) fn decisions() -> Operation {
    asked(Operation::new(
        "explainDecision",
        TAG,
        "Says whether somebody may do something, and why",
    ))
    .query(
        "user",
        schema::text(),
        "About whom; whoever asks unless given",
    )
    .json(200, "The decision", schema::any_object())
    .errors(&[401, 403, 404])
}

pub(super) fn who_can() -> Operation {
    asked(Operation::new(
        "whoCan",
        TAG,
        "Lists the people who may do something",
    ))
    .json(
        200,
        "The people",
        schema::object([
            ("permission", schema::text()),
            ("entity", schema::nullable(schema::text())),
            ("items", schema::list(schema::any_object())),
        ]),
    )
}

pub(super) fn metadata() -> Operation {
    Operation::new(
        "getCatalogPermissionMetadata",
        "Permissions",
        "The catalog's permissions and rules, for Backstage's permission framework",
    )
    .json(200, "Permissions and rules", schema::any_object())
}

pub(super) fn apply() -> Operation {
    Operation::new(
        "applyCatalogConditions",
        "Permissions",
        "Decides conditions for entities, for Backstage's permission framework",
    )
    .body(schema::any_object())
    .json(
        200,
        "One result for each item",
        schema::object([("items", schema::list(schema::any_object()))]),
    )
}
