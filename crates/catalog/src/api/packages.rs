//! Packages over HTTP: who is affected by one, what an entity is built of, and
//! what else is derived about an entity.

use std::sync::Arc;

use axum::http::{HeaderValue, Method, header};
use axum::response::Response;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::http::{Gate, Routes};
use platform::openapi::{Operation, schema};
use platform::request::Call;
use serde_json::{Value, json};

use super::answer::{json_answer, json_text, ref_in_path};
use super::{Answer, READ, on};
use crate::compliance;
use crate::csv;
use crate::engine::Catalog;
use crate::packages::{self, Search};
use crate::visibility::visible_to;

const TAG: &str = "Packages";
/// Packages of one entity in one answer, at most.
const LIMIT: i64 = 10_000;
const COLUMNS: [&str; 12] = [
    "owner",
    "ref",
    "title",
    "lifecycle",
    "ecosystem",
    "name",
    "version",
    "licence",
    "relation",
    "via",
    "purl",
    "sbom",
];

/// The routes of this file.
pub(super) fn routes(catalog: &Catalog, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .api(Method::GET, "/api/v1/packages", READ, on(catalog, search))
        .describe(described())
        .api(
            Method::GET,
            "/api/v1/catalog/entities/{kind}/{namespace}/{name}/packages",
            READ,
            on(catalog, of_entity),
        )
        .describe(
            named(Operation::new(
                "listPackages",
                TAG,
                "Lists what an entity is built of",
            ))
            .query(
                "direct",
                schema::choice(&["true", "false"]),
                "Only packages that the entity names itself",
            )
            .query(
                "limit",
                schema::between(1, LIMIT),
                "Packages at most; 10,000 unless given",
            )
            .json(200, "SBOMs and packages", schema::any_object())
            .errors(&[404]),
        )
        .api(
            Method::GET,
            "/api/v1/catalog/entities/{kind}/{namespace}/{name}/facts",
            READ,
            on(catalog, facts),
        )
        .describe(
            named(Operation::new(
                "getFacts",
                TAG,
                "Answers what is derived about an entity, with the source of each fact",
            ))
            .json(
                200,
                "Tier, objective, compliance, evidence, packages",
                schema::any_object(),
            )
            .errors(&[404]),
        )
}

fn named(operation: Operation) -> Operation {
    operation
        .path("kind", schema::text(), "The kind, in any case")
        .path("namespace", schema::text(), "The namespace")
        .path("name", schema::text(), "The name")
}

fn described() -> Operation {
    Operation::new(
        "findPackages",
        TAG,
        "Finds the entities that hold a package, by owning team",
    )
    .required_query(
        "name",
        schema::text(),
        "A word of the name (log4j), a whole name (group:artifact, @scope/name), a pattern (log4j-*) or a package URL",
    )
    .query(
        "version",
        schema::text(),
        "A version or a range: <2.17.1, >=2.0 <2.17.1, [2.0,2.17.1), alternatives with ||",
    )
    .query(
        "ecosystem",
        schema::text(),
        "A package URL type: maven, npm, pypi, golang",
    )
    .query(
        "format",
        schema::choice(&["json", "csv"]),
        "csv for one line per package; json unless given",
    )
    .json(
        200,
        "Owners with the affected entities, the most affected first",
        schema::any_object(),
    )
    .errors(&[400])
}

/// `GET /api/v1/packages`
async fn search(catalog: Catalog, call: Call) -> Answer {
    let name = call.query.get("name").unwrap_or_default();
    if name.trim().is_empty() {
        return Err(
            ApiError::input("request/query must have required property 'name'")
                .accepted("name=log4j-core&version=<2.17.1"),
        );
    }
    let text = |key: &str| call.query.get(key).unwrap_or_default();
    let search = Search::parse(name, text("version"), text("ecosystem"))?;
    let format = call.query.choice("format", &["json", "csv"])?;
    let answer = catalog.find_packages(&call.caller, &search).await?;
    if format == Some("csv") {
        return Ok(as_csv(&answer));
    }
    json_answer(&as_json(&search, &answer))
}

fn as_json(search: &Search, answer: &packages::Answer) -> Value {
    json!({
        "query": {
            "name": search.name,
            "version": search.version,
            "ecosystem": search.ecosystem,
        },
        "owners": answer.owners,
        "ownerCount": answer.owners.len(),
        "entityCount": answer.entities,
        "packageCount": answer.packages,
        "notComparedCount": answer.not_compared,
        "notCompared": answer.unknown,
        "truncated": answer.truncated,
        "coverage": answer.coverage,
    })
}

fn as_csv(answer: &packages::Answer) -> Response {
    let mut text = String::new();
    csv::line(&mut text, COLUMNS);
    for affected in &answer.owners {
        let owner = affected.owner.as_ref().map(EntityRef::as_str);
        for place in &affected.entities {
            for package in &place.packages {
                csv::line(
                    &mut text,
                    [
                        owner.unwrap_or_default(),
                        place.entity_ref.as_str(),
                        &place.title,
                        place.lifecycle.as_deref().unwrap_or_default(),
                        &package.ecosystem,
                        &package.name,
                        &package.version,
                        package.licence.as_deref().unwrap_or_default(),
                        &package.relation,
                        package.via.as_deref().unwrap_or_default(),
                        package.purl.as_deref().unwrap_or_default(),
                        &package.sbom,
                    ],
                );
            }
        }
    }
    let mut response = json_text(text);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"packages.csv\""),
    );
    response
}

/// The document of the entity in the path, if the caller may see it.
fn document(catalog: &Catalog, call: &Call) -> Result<(EntityRef, Value), ApiError> {
    let entity_ref = ref_in_path(call);
    let index = catalog.model.index();
    let visible = visible_to(&call.caller);
    let entity = index
        .get(&entity_ref)
        .filter(|_| visible.is_none_or(|visible| index.matches(&entity_ref, &visible)))
        .ok_or_else(|| ApiError::not_found(format!("Entity {entity_ref} not found")))?;
    let value = serde_json::from_str(entity.json()).map_err(ApiError::internal)?;
    Ok((entity_ref, value))
}

/// `GET …/packages`
async fn of_entity(catalog: Catalog, call: Call) -> Answer {
    let (entity_ref, _) = document(&catalog, &call)?;
    let direct = call.query.choice("direct", &["true", "false"])? == Some("true");
    let limit = call.query.integer("limit", 1)?.unwrap_or(LIMIT).min(LIMIT);
    let sboms = catalog.store.sboms_of(&entity_ref).await?;
    let items = catalog
        .store
        .packages_of(&entity_ref, direct, limit)
        .await?;
    let total: i64 = sboms.iter().map(|sbom| sbom.packages).sum();
    json_answer(&json!({
        "entityRef": entity_ref,
        "sboms": sboms,
        "totalItems": total,
        "items": items,
    }))
}

/// `GET …/facts`
async fn facts(catalog: Catalog, call: Call) -> Answer {
    let (entity_ref, value) = document(&catalog, &call)?;
    let sboms = catalog.store.sboms_of(&entity_ref).await?;
    let counts = catalog.store.package_counts(&entity_ref).await?;
    let row = catalog.store.row(&entity_ref).await?;
    let mut body = json!({
        "entityRef": entity_ref,
        "compliance": compliance::standards(&value),
        "evidence": compliance::evidence(&value),
        "declaredAt": row.map(|row| json!({
            "location": row.place.location,
            "line": row.place.line,
            "commit": row.place.revision,
        })),
        "packages": {
            "sboms": sboms,
            "byRelation": counts.into_iter().collect::<std::collections::BTreeMap<_, _>>(),
        },
    });
    let standing = catalog.tiers().of(&value).to_json();
    if let (Some(fields), Value::Object(standing)) = (body.as_object_mut(), standing) {
        fields.extend(standing);
    }
    json_answer(&body)
}
