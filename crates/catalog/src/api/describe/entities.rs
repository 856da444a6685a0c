//! Backstage's routes for entities.

use platform::openapi::{Operation, schema};
use serde_json::Value;

use super::{at, entity_ref, filtered, of_entity, predicate, with_fields};

const TAG: &str = "Entities";

pub(in super::super) fn list() -> Operation {
    let operation = Operation::new("listEntities", TAG, "Lists entities")
        .explained("Without `limit`, all of them. With it, a `Link` header leads to the next page.")
        .query(
            "order",
            schema::list(schema::text()),
            "asc:metadata.name or desc:metadata.name; the first one counts most",
        )
        .query("limit", schema::at_least(1), "Entities in a page")
        .query(
            "offset",
            schema::at_least(0),
            "Entities to leave out at the beginning",
        )
        .query("after", schema::text(), "The cursor of the Link header")
        .json(
            200,
            "The entities, whole or with the fields that were asked for",
            schema::list(schema::named("PartialEntity")),
        );
    at(with_fields(filtered(operation)))
}

pub(in super::super) fn by_query() -> Operation {
    let operation = Operation::new("queryEntities", TAG, "Answers a page of entities")
        .query(
            "limit",
            schema::at_least(0),
            "Entities in a page; 20 unless given, 0 only counts",
        )
        .query(
            "offset",
            schema::at_least(0),
            "Entities to leave out at the beginning",
        )
        .query(
            "orderField",
            schema::list(schema::text()),
            "metadata.name,asc or metadata.name,desc; the first one counts",
        )
        .query(
            "cursor",
            schema::text(),
            "A cursor of an earlier answer; filter and order are in it",
        )
        .query(
            "fullTextFilterTerm",
            schema::text(),
            "Text to look for, in any case",
        )
        .query(
            "fullTextFilterFields",
            schema::list(schema::text()),
            "Where to look for it; separated by commas",
        )
        .query(
            "totalItems",
            schema::choice(&["include", "exclude"]),
            "Whether to count; `exclude` answers 0",
        );
    at(with_fields(filtered(page(operation))))
}

pub(in super::super) fn by_query_body() -> Operation {
    let order = schema::object([
        ("field", schema::text()),
        ("order", schema::choice(&["asc", "desc"])),
    ]);
    let full_text = schema::object([
        ("term?", schema::text()),
        ("fields?", schema::list(schema::text())),
    ]);
    at(page(
        Operation::new(
            "queryEntitiesByPredicate",
            TAG,
            "Answers a page of entities that a predicate chooses",
        )
        .optional_body(schema::object([
            ("cursor?", schema::text()),
            ("limit?", schema::at_least(0)),
            ("offset?", schema::at_least(0)),
            ("orderBy?", schema::list(order)),
            ("fullTextFilter?", full_text),
            ("fields?", schema::list(schema::text())),
            ("totalItems?", schema::choice(&["include", "exclude"])),
            ("query?", predicate()),
        ])),
    ))
}

fn page(operation: Operation) -> Operation {
    operation.json(200, "A page", schema::named("EntityPage"))
}

pub(in super::super) fn by_refs() -> Operation {
    filtered(
        Operation::new("getEntitiesByRefs", TAG, "Answers many entities at once")
            .body(schema::object([
                ("entityRefs", schema::list(entity_ref())),
                ("fields?", schema::list(schema::text())),
                ("query?", predicate()),
            ]))
            .json(
                200,
                "The entities in the order asked for; `null` for those that are not there",
                schema::items(schema::nullable(schema::named("PartialEntity"))),
            ),
    )
}

pub(in super::super) fn by_uid() -> Operation {
    at(one(Operation::new(
        "getEntityByUid",
        TAG,
        "Answers an entity by its id",
    )
    .path("uid", schema::text(), "metadata.uid")))
}

pub(in super::super) fn by_name() -> Operation {
    at(one(of_entity(Operation::new(
        "getEntityByName",
        TAG,
        "Answers an entity by its name",
    ))))
}

fn one(operation: Operation) -> Operation {
    operation
        .json(200, "The entity", schema::named("Entity"))
        .errors(&[404])
}

pub(in super::super) fn delete() -> Operation {
    Operation::new("deleteEntityByUid", TAG, "Removes an entity")
        .explained("While its source declares it, it comes back with the next refresh.")
        .path("uid", schema::text(), "metadata.uid")
        .empty(204, "It is gone, or was not there")
}

pub(in super::super) fn ancestry() -> Operation {
    of_entity(Operation::new(
        "getEntityAncestry",
        TAG,
        "Answers the chain of Locations that an entity came through",
    ))
    .json(
        200,
        "The chain, the entity first",
        schema::object([
            ("rootEntityRef", entity_ref()),
            (
                "items",
                schema::list(schema::object([
                    ("entity", schema::nullable(schema::named("Entity"))),
                    ("parentEntityRefs", schema::list(entity_ref())),
                ])),
            ),
        ]),
    )
    .errors(&[404])
}

pub(in super::super) fn facets() -> Operation {
    at(filtered(
        Operation::new("getFacets", TAG, "Counts the values of fields")
            .required_query(
                "facet",
                schema::list(schema::text()),
                "A field; may be repeated",
            )
            .json(200, "The values of each field", counted()),
    ))
}

pub(in super::super) fn facets_body() -> Operation {
    at(Operation::new(
        "getFacetsByPredicate",
        TAG,
        "Counts the values of fields among entities that a predicate chooses",
    )
    .body(schema::object([
        ("facets", schema::list(schema::text())),
        ("query?", predicate()),
    ]))
    .json(200, "The values of each field", counted()))
}

fn counted() -> Value {
    let value = schema::object([("value", schema::text()), ("count", schema::at_least(0))]);
    schema::object([("facets", schema::map(schema::list(value)))])
}

pub(in super::super) fn refresh() -> Operation {
    Operation::new(
        "refreshEntity",
        TAG,
        "Has the source of an entity read again now",
    )
    .body(schema::object([
        ("entityRef", entity_ref()),
        (
            "authorizationToken?",
            schema::saying(
                schema::text(),
                "Taken for Backstage's clients, and not used",
            ),
        ),
    ]))
    .empty(200, "It will be read")
    .errors(&[404])
}

pub(in super::super) fn validate() -> Operation {
    Operation::new("validateEntity", TAG, "Checks an entity and stores nothing")
        .body(schema::object([
            ("entity", schema::any_object()),
            (
                "location",
                schema::saying(schema::text(), "Where it would come from: url:<target>"),
            ),
        ]))
        .empty(200, "It would be accepted")
        .json(
            400,
            "It would be refused; or the request is malformed, in the usual envelope",
            serde_json::json!({ "anyOf": [
                schema::object([("errors", schema::list(schema::any_object()))]),
                schema::named("Error"),
            ] }),
        )
}
