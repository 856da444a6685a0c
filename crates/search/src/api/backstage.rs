//! `GET /api/search/query`, as Backstage's search backend answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::openapi::{Operation, schema};
use platform::request::{Call, Query};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Answer, json_answer};
use crate::card::Card;
use crate::engine::{Hit, Narrow, Shown};
use crate::service::Search;
use crate::text::{Pieces, excerpt, marked};

/// `search.maxTermLength` of Backstage, in UTF-16 units.
pub(crate) const MAX_TERM: usize = 100;
/// `search.maxPageLimit` of Backstage.
pub(crate) const MAX_PAGE: usize = 100;
const DEFAULT_PAGE: usize = 25;
/// The sorts of document that may be asked for, whether there are any or not.
const TYPES: [&str; 2] = crate::COLLECTIONS;
/// Characters of the marked text.
const EXCERPT: usize = 400;

/// What a request asks for.
struct Asked<'a> {
    term: &'a str,
    narrow: Narrow,
    /// A filter that no document fulfils.
    impossible: bool,
    limit: usize,
    page: usize,
}

/// `GET /api/search/query`
pub(super) fn query(search: &Search, call: &Call, marker: Uuid) -> Answer {
    let asked = read(&call.query)?;
    let offset = asked.page.saturating_mul(asked.limit);
    let limit = if asked.impossible { 0 } else { asked.limit };
    let found = search.ask(&call.caller, asked.term, asked.narrow, offset, limit);
    let total = if asked.impossible { 0 } else { found.total };
    let index = search.catalog().model().index();
    let results: Vec<Value> = (offset + 1..)
        .zip(&found.hits)
        .filter_map(|(rank, hit)| {
            let document = document(&index, hit)?;
            let highlight = highlight(&document, asked.term, marker);
            Some(json!({ "type": hit.collection, "document": document, "rank": rank, "highlight": highlight }))
        })
        .collect();
    drop(index);
    let mut body = Map::new();
    body.insert("results".into(), results.into());
    if offset.saturating_add(asked.limit) < total {
        body.insert("nextPageCursor".into(), cursor(asked.page + 1).into());
    }
    if let Some(previous) = asked.page.checked_sub(1) {
        body.insert("previousPageCursor".into(), cursor(previous).into());
    }
    body.insert("numberOfResults".into(), total.into());
    Ok(json_answer(&Value::Object(body)))
}

/// What Backstage's catalog collator makes of an entity.
fn document(index: &catalog::index::Index, hit: &Hit) -> Option<Value> {
    if let Some(shown) = &hit.shown {
        let card = hit.subject.as_ref().map(|subject| Card::of(index, subject));
        return match card {
            None => Some(
                json!({ "title": shown.title, "text": shown.text, "location": shown.location }),
            ),
            Some(card) => Some(paper(shown, &card?)),
        };
    }
    let card = Card::of(index, hit.subject.as_ref()?)?;
    let mut text = vec![card.description_written().to_owned()];
    if matches!(card.entity_ref.kind(), "user" | "group") {
        text.extend(card.profile("displayName").map(str::to_owned));
    }
    if card.entity_ref.kind() == "user" {
        text.extend(card.profile("email").map(str::to_owned));
    }
    let entity_ref = &card.entity_ref;
    Some(json!({
        "title": or(card.metadata_title(), &card.name),
        "text": text.join(" : "),
        "componentType": or(&card.spec_type, "other"),
        "type": or(&card.spec_type, "other"),
        "namespace": card.namespace,
        "kind": card.kind,
        "lifecycle": card.lifecycle,
        "owner": card.owner_written,
        "location": format!("/catalog/{}/{}/{}", entity_ref.namespace(), entity_ref.kind(), entity_ref.name()),
    }))
}

/// What Backstage's collator of documentation makes of a page.
fn paper(shown: &Shown, card: &Card) -> Value {
    json!({
        "title": shown.title,
        "text": shown.text,
        "location": shown.location,
        "path": shown.path,
        "kind": card.kind.to_lowercase(),
        "namespace": card.namespace,
        "name": card.name,
        "entityTitle": card.metadata_title(),
        "componentType": or(&card.spec_type, "other"),
        "lifecycle": card.lifecycle,
        "owner": card.owner_written,
    })
}

fn or(text: &str, other: &str) -> String {
    if text.is_empty() { other } else { text }.to_owned()
}

fn highlight(document: &Value, term: &str, marker: Uuid) -> Value {
    let (pre, post) = (format!("<{marker}>"), format!("</{marker}>"));
    let tagged = |pieces: Pieces| -> String {
        let piece = |(mark, text): (bool, String)| {
            if mark {
                format!("{pre}{text}{post}")
            } else {
                text
            }
        };
        pieces.into_iter().map(piece).collect()
    };
    let text = |field: &str| {
        document
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let fields = if term.trim().is_empty() {
        json!({})
    } else {
        json!({
            "text": tagged(excerpt(text("text"), term, EXCERPT)),
            "title": tagged(marked(text("title"), term)),
            "location": text("location"),
            "path": text("path"),
        })
    };
    json!({ "preTag": pre, "postTag": post, "fields": fields })
}

fn read(query: &Query) -> Result<Asked<'_>, ApiError> {
    let mut problems: Vec<Value> = Vec::new();
    let mut problem = |message: String, path: Value| {
        problems.push(json!({ "code": "custom", "message": message, "path": path }));
    };
    let term = query.get("term").unwrap_or_default();
    let length = term.encode_utf16().count();
    if length > MAX_TERM {
        problem(
            format!("The term length \"{length}\" is greater than \"{MAX_TERM}\""),
            json!(["term"]),
        );
    }
    let mut narrow = Narrow::default();
    let mut impossible = false;
    for (key, value) in query.pairs() {
        match path(key).as_slice() {
            ["types", ..] => {
                let at = narrow.collections.len();
                if !TYPES.contains(&value) {
                    problem("Invalid input".to_owned(), json!(["types", at]));
                }
                narrow.collections.push(value.to_owned());
            }
            ["filters", field, ..] if !value.is_empty() => {
                impossible |= !filter(&mut narrow, field, value);
            }
            _ => {}
        }
    }
    let limit = query
        .integer("pageLimit", 0)?
        .and_then(|limit| usize::try_from(limit).ok());
    if let Some(limit) = limit.filter(|limit| *limit > MAX_PAGE) {
        problem(
            format!("The page limit \"{limit}\" is greater than \"{MAX_PAGE}\""),
            json!(["pageLimit"]),
        );
    }
    if !problems.is_empty() {
        let list = serde_json::to_string_pretty(&problems).unwrap_or_default();
        return Err(ApiError::input(format!("Invalid query string: {list}")).accepted(format!(
            "a term of at most {MAX_TERM} characters, types among {}, a pageLimit of at most {MAX_PAGE}",
            TYPES.join(" and ")
        )));
    }
    Ok(Asked {
        term,
        narrow,
        impossible,
        limit: limit.unwrap_or(DEFAULT_PAGE),
        page: query.get("pageCursor").map_or(Ok(0), page)?,
    })
}

/// `filters[kind][0]` as `filters`, `kind`, `0`.
fn path(key: &str) -> Vec<&str> {
    key.split(['[', ']'])
        .enumerate()
        .filter(|(at, part)| *at == 0 || !part.is_empty())
        .map(|(_, part)| part)
        .collect()
}

/// Narrows by one field of a document; `false` when no document has it.
fn filter(narrow: &mut Narrow, field: &str, value: &str) -> bool {
    let value = value.to_owned();
    match field {
        "kind" => narrow.kinds.push(value),
        // What has no type is of the type `other` there.
        "type" | "componentType" if value == "other" => narrow.types.push(String::new()),
        "type" | "componentType" => narrow.types.push(value),
        "lifecycle" => narrow.lifecycles.push(value),
        "namespace" => narrow.namespaces.push(value),
        "owner" => match EntityRef::parse(&value, Some("group"), Some("default")) {
            Ok(owner) => narrow.owners.push(owner),
            Err(_) => return false,
        },
        _ => return false,
    }
    true
}

fn cursor(page: usize) -> String {
    STANDARD.encode(page.to_string())
}

fn page(cursor: &str) -> Result<usize, ApiError> {
    let text = STANDARD
        .decode(cursor)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        ApiError::input("Invalid query string: pageCursor is not a cursor").accepted(
            "the `nextPageCursor` or `previousPageCursor` of an earlier answer, unchanged",
        )
    })
}

pub(super) fn operation() -> Operation {
    Operation::new("searchQuery", "search", "Search as Backstage does")
        .query(
            "term",
            schema::text(),
            "What to look for, at most 100 characters; without it everything is found",
        )
        .query(
            "types",
            schema::list(schema::choice(&TYPES)),
            "Sorts of document, written `types[0]=software-catalog`",
        )
        .query(
            "filters",
            schema::map(schema::text()),
            "Fields of documents, written `filters[kind]=Component`",
        )
        .query(
            "pageLimit",
            schema::between(0, 100),
            "Results on a page, 25 unless told",
        )
        .query(
            "pageCursor",
            schema::text(),
            "A cursor of an earlier answer",
        )
        .json(200, "Results, the best first", schema::map(json!({})))
}
