//! Reading entities, as Backstage's clients do.

use axum::http::StatusCode;
use axum::response::Response;
use model::entity_ref::EntityRef;
use model::query::{Fields, Predicate, parse_filters};
use platform::error::ApiError;
use platform::request::{Body, Call};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::Answer;
use super::answer::{empty, json_text, ref_in_path};
use super::paging::{ListCursor, next_link};
use crate::engine::Catalog;
use crate::index::{EntityView, FullText, ListRequest, Order, Page, PageRequest, Start};
use crate::visibility::visible_to;

/// Entities on a by-query page unless asked otherwise.
const PAGE: i64 = 20;
/// Whether a page counts what it is a page of.
const TOTALS: [&str; 2] = ["include", "exclude"];
/// More refs than Backstage's own client ever sends in one request.
const MAX_REFS: usize = 10_000;

/// `GET /entities`
pub(super) async fn list(catalog: Catalog, call: Call) -> Answer {
    let fields = fields_in(&call)?;
    let cursor = call
        .query
        .get("after")
        .map(ListCursor::decode)
        .transpose()?
        .unwrap_or_default();
    let limit = call.query.integer("limit", 1)?.or(cursor.limit);
    let offset = call
        .query
        .integer("offset", 0)?
        .or(cursor.offset)
        .unwrap_or(0);
    let order = call
        .query
        .all("order")
        .map(list_order)
        .collect::<Result<Vec<_>, _>>()?;
    let request = ListRequest {
        query: filter_in(&call)?,
        visible: visible_to(&call.caller),
        full_text: None,
        order,
        offset: size(offset),
        limit: limit.map(size),
    };
    let index = catalog.index_for(&call).await?;
    let found = index.list(&request);
    let mut text = Vec::with_capacity(found.items.len() * 1024);
    write_array(&found.items, fields.as_ref(), &mut text);
    let mut response = json_text(text);
    if let Some(limit) = limit
        && offset + limit < i64::try_from(found.total).unwrap_or(i64::MAX)
    {
        next_link(
            &mut response,
            &call,
            ListCursor {
                limit: Some(limit),
                offset: Some(offset + limit),
            },
        );
    }
    Ok(response)
}

/// `GET /entities/by-query`
pub(super) async fn by_query(catalog: Catalog, call: Call) -> Answer {
    let start = match call.query.get("cursor") {
        Some(cursor) => Start::Cursor(cursor.to_owned()),
        None => Start::First {
            query: filter_in(&call)?,
            full_text: full_text_in(&call),
            order: call
                .query
                .all("orderField")
                .next()
                .map(query_order)
                .transpose()?,
            offset: size(call.query.integer("offset", 0)?.unwrap_or(0)),
            total: call.query.choice("totalItems", &TOTALS)? != Some("exclude"),
        },
    };
    let limit = call.query.integer("limit", 0)?.unwrap_or(PAGE);
    page(&catalog, &call, start, limit, fields_in(&call)?).await
}

/// `POST /entities/by-query`
pub(super) async fn by_query_body(catalog: Catalog, call: Call) -> Answer {
    let body = if call.body.is_empty() {
        Map::new()
    } else {
        call.object()?
    };
    let given = Body::new(&body);
    // What is wrong is said also where a cursor makes it count for nothing.
    let first = Start::First {
        query: predicate_in(&body)?,
        full_text: full_text_of(&given)?,
        order: order_of(&given)?,
        offset: size(given.count("offset")?.unwrap_or(0)),
        total: given.choice("totalItems", &TOTALS)? != Some("exclude"),
    };
    let start = match given.text("cursor")? {
        Some(cursor) => Start::Cursor(cursor.to_owned()),
        None => first,
    };
    let limit = given.count("limit")?.unwrap_or(PAGE);
    page(&catalog, &call, start, limit, fields_of(&given)?).await
}

async fn page(
    catalog: &Catalog,
    call: &Call,
    start: Start,
    limit: i64,
    fields: Option<Fields>,
) -> Answer {
    let request = PageRequest {
        start,
        visible: visible_to(&call.caller),
        limit: size(limit),
    };
    let index = catalog.index_for(call).await?;
    let page = index.page(&request).map_err(|error| {
        ApiError::input(error.to_string())
            .accepted("a cursor from `pageInfo` of an earlier answer, unchanged")
    })?;
    Ok(page_answer(&page, fields.as_ref()))
}

fn page_answer(page: &Page<'_>, fields: Option<&Fields>) -> Response {
    let mut text = Vec::with_capacity(page.items.len() * 1024 + 256);
    text.extend_from_slice(b"{\"items\":");
    write_array(&page.items, fields, &mut text);
    let mut info = Map::new();
    for (key, cursor) in [("nextCursor", &page.next), ("prevCursor", &page.previous)] {
        if let Some(cursor) = cursor {
            info.insert(key.to_owned(), cursor.clone().into());
        }
    }
    let tail = format!(
        ",\"totalItems\":{},\"pageInfo\":{}}}",
        page.total,
        Value::Object(info)
    );
    text.extend_from_slice(tail.as_bytes());
    json_text(text)
}

/// `POST /entities/by-refs`: in the order asked for, `null` for what is missing.
pub(super) async fn by_refs(catalog: Catalog, call: Call) -> Answer {
    let body = call.object()?;
    let given = Body::new(&body);
    let refs = given.required_list("entityRefs")?;
    if refs.len() > MAX_REFS {
        return Err(
            ApiError::input(format!("request/body/entityRefs has {} items", refs.len()))
                .accepted(format!("at most {MAX_REFS} refs; ask in several requests")),
        );
    }
    let fields = fields_of(&given)?;
    let filter = Predicate::and(predicate_in(&body)?, filter_in(&call)?);
    let visible = Predicate::and(filter, visible_to(&call.caller));
    let index = catalog.index_for(&call).await?;
    let mut text = b"{\"items\":[".to_vec();
    for (at, wanted) in refs.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        let entity_ref = EntityRef::from_value(wanted, None, None).map_err(|error| {
            ApiError::input(error.to_string())
                .accepted("refs such as component:default/payment-service")
        })?;
        let found = index.get(&entity_ref);
        match found.filter(|_| {
            visible
                .as_ref()
                .is_none_or(|visible| index.matches(&entity_ref, visible))
        }) {
            Some(entity) => entity.write_with(fields.as_ref(), &mut text),
            None => text.extend_from_slice(b"null"),
        }
    }
    text.extend_from_slice(b"]}");
    Ok(json_text(text))
}

/// `GET /entities/by-uid/{uid}`
pub(super) async fn by_uid(catalog: Catalog, call: Call) -> Answer {
    let wanted = call.path("uid");
    let index = catalog.index_for(&call).await?;
    let missing = || ApiError::not_found(format!("No entity with uid {wanted}"));
    let uid = Uuid::parse_str(wanted).map_err(|_| missing())?;
    let entity = index.by_uid(uid).ok_or_else(missing)?;
    one(&catalog_entity(&index, entity, &call).ok_or_else(missing)?)
}

/// `GET /entities/by-name/{kind}/{namespace}/{name}`
pub(super) async fn by_name(catalog: Catalog, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let index = catalog.index_for(&call).await?;
    let entity = index
        .get(&entity_ref)
        .and_then(|entity| catalog_entity(&index, entity, &call));
    let (kind, namespace, name) = (call.path("kind"), call.path("namespace"), call.path("name"));
    let entity = entity.ok_or_else(|| {
        ApiError::not_found(format!(
            "No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'"
        ))
    })?;
    one(&entity)
}

/// The entity, if the caller may know of it.
fn catalog_entity<'a>(
    index: &crate::index::Index,
    entity: EntityView<'a>,
    call: &Call,
) -> Option<EntityView<'a>> {
    let visible = visible_to(&call.caller);
    visible
        .is_none_or(|visible| index.matches(entity.entity_ref(), &visible))
        .then_some(entity)
}

fn one(entity: &EntityView<'_>) -> Answer {
    let mut text = Vec::with_capacity(2048);
    entity.write(&mut text);
    Ok(json_text(text))
}

/// `DELETE /entities/by-uid/{uid}`: 204 also for what does not exist.
pub(super) async fn delete(catalog: Catalog, call: Call) -> Answer {
    let found = Uuid::parse_str(call.path("uid")).ok().and_then(|uid| {
        catalog
            .model()
            .index()
            .by_uid(uid)
            .map(|entity| entity.entity_ref().clone())
    });
    if let Some(entity_ref) = found {
        catalog.delete_entity(&call.caller, &entity_ref).await?;
    }
    Ok(empty(StatusCode::NO_CONTENT))
}

fn write_array(items: &[EntityView<'_>], fields: Option<&Fields>, text: &mut Vec<u8>) {
    text.push(b'[');
    for (at, entity) in items.iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        entity.write_with(fields, text);
    }
    text.push(b']');
}

/// The repeatable `filter` parameter.
pub(super) fn filter_in(call: &Call) -> Result<Option<Predicate>, ApiError> {
    let filters = call.query.filled("filter")?;
    parse_filters(&filters).map_err(|error| {
        ApiError::input(error.to_string())
            .accepted("kind=component,spec.type=service or metadata.labels.tier")
    })
}

/// The predicate in a body's `query`.
pub(super) fn predicate_in(body: &Map<String, Value>) -> Result<Option<Predicate>, ApiError> {
    body.get("query")
        .map(|query| {
            Predicate::from_json(query).map_err(|error| {
                let place = match error.path.as_str() {
                    "" | "the root" => String::new(),
                    path => format!(".{path}"),
                };
                ApiError::input(format!("request/body/query{place}: {}", error.problem)).accepted(
                    "an object of fields and $all, $any, $not, $in, $exists, $hasPrefix, $contains",
                )
            })
        })
        .transpose()
}

fn fields_in(call: &Call) -> Result<Option<Fields>, ApiError> {
    fields(&call.query.filled("fields")?)
}

fn fields_of(body: &Body<'_>) -> Result<Option<Fields>, ApiError> {
    match body.texts("fields")? {
        None => Ok(None),
        Some(texts) => fields(&texts),
    }
}

fn fields(texts: &[impl AsRef<str>]) -> Result<Option<Fields>, ApiError> {
    Fields::parse(texts).map_err(|error| {
        ApiError::input(error.to_string()).accepted("paths such as metadata.name or spec")
    })
}

fn full_text_in(call: &Call) -> Option<FullText> {
    let term = call.query.get("fullTextFilterTerm")?.to_owned();
    let fields: Vec<String> = call
        .query
        .all("fullTextFilterFields")
        .flat_map(|fields| fields.split(','))
        .map(|field| field.trim().to_owned())
        .filter(|field| !field.is_empty())
        .collect();
    Some(FullText {
        term,
        fields: (!fields.is_empty()).then_some(fields),
    })
}

fn full_text_of(body: &Body<'_>) -> Result<Option<FullText>, ApiError> {
    let Some(filter) = body.object("fullTextFilter")? else {
        return Ok(None);
    };
    let fields = filter.texts("fields")?;
    Ok(Some(FullText {
        term: filter.text("term")?.unwrap_or_default().to_owned(),
        fields: fields.map(|fields| fields.into_iter().map(str::to_owned).collect()),
    }))
}

/// `asc:metadata.name`
fn list_order(text: &str) -> Result<Order, ApiError> {
    match text.split_once(':') {
        Some((direction @ ("asc" | "desc"), field)) if !field.is_empty() => Ok(Order {
            field: field.to_owned(),
            descending: direction == "desc",
        }),
        _ => Err(ApiError::input(format!(
            "Invalid order parameter \"{text}\", expected <asc or desc>:<field name>"
        ))),
    }
}

/// `metadata.name,asc`
fn query_order(text: &str) -> Result<Order, ApiError> {
    let (field, direction) = text.split_once(',').unwrap_or((text, "asc"));
    if field.is_empty() || !matches!(direction, "asc" | "desc") {
        return Err(
            ApiError::input("Invalid order field order, must be asc or desc")
                .accepted("orderField=metadata.name,asc"),
        );
    }
    Ok(Order {
        field: field.to_owned(),
        descending: direction == "desc",
    })
}

/// All orders are read, and the first one counts, as in Backstage.
fn order_of(body: &Body<'_>) -> Result<Option<Order>, ApiError> {
    let mut orders = Vec::new();
    for order in body.objects("orderBy")?.unwrap_or_default() {
        order.required("order")?;
        orders.push(Order {
            field: order.required_text("field")?.to_owned(),
            descending: order.choice("order", &["asc", "desc"])? == Some("desc"),
        });
    }
    Ok(orders.into_iter().next())
}

pub(super) fn size(number: i64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// An entity for a JSON body that is put together from values.
pub(super) fn value_or_null(entity: Option<EntityView<'_>>) -> Value {
    entity.map_or(json!(null), |entity| entity.to_value())
}
