//! Opaque cursors of the two offset-paged lists.

use axum::http::{HeaderValue, header};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::query::Predicate;
use platform::error::ApiError;
use platform::request::{Body, Call, encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Locations on a page unless asked otherwise.
const LOCATIONS: usize = 1_000;

/// The `after` cursor of `GET /entities`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ListCursor {
    pub(super) limit: Option<i64>,
    pub(super) offset: Option<i64>,
}

impl ListCursor {
    pub(super) fn decode(text: &str) -> Result<Self, ApiError> {
        let cursor: Option<Self> = decode(text);
        cursor
            .filter(|cursor| {
                cursor.limit.is_none_or(|limit| limit >= 1)
                    && cursor.offset.is_none_or(|at| at >= 0)
            })
            .ok_or_else(|| malformed("after"))
    }
}

fn decode<T: for<'de> Deserialize<'de>>(text: &str) -> Option<T> {
    serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()
}

fn encoded(cursor: &impl Serialize) -> String {
    STANDARD.encode(json!(cursor).to_string())
}

fn malformed(name: &str) -> ApiError {
    ApiError::input("Malformed after cursor, could not be parsed")
        .accepted(format!("the `{name}` of an earlier answer, unchanged"))
}

/// Backstage's `Link` header, relative to the plugin's mount.
pub(super) fn next_link(response: &mut Response, call: &Call, cursor: ListCursor) {
    let mut query = call.query.without("after");
    if !query.is_empty() {
        query.push('&');
    }
    let link = format!(
        "</entities?{query}after={}>; rel=\"next\"",
        encode(&encoded(&cursor))
    );
    if let Ok(link) = HeaderValue::from_str(&link) {
        response.headers_mut().insert(header::LINK, link);
    }
}

/// A request for registered locations.
pub(super) struct LocationPage {
    predicate: Option<Predicate>,
    limit: usize,
    offset: usize,
}

#[derive(Serialize, Deserialize)]
struct LocationCursor {
    offset: usize,
    limit: usize,
    query: Option<Value>,
}

impl LocationPage {
    pub(super) fn from_body(body: &Map<String, Value>) -> Result<Self, ApiError> {
        let given = Body::new(body);
        let limit = given.count("limit")?;
        if let Some(cursor) = given.text("cursor")? {
            let cursor: LocationCursor = decode(cursor).ok_or_else(|| malformed("nextCursor"))?;
            let query = cursor.query.as_ref().map(Predicate::from_json).transpose();
            return Ok(Self {
                predicate: query.map_err(|_| malformed("nextCursor"))?,
                limit: cursor.limit,
                offset: cursor.offset,
            });
        }
        Ok(Self {
            predicate: super::entities::predicate_in(body)?,
            limit: limit.map_or(LOCATIONS, super::entities::size),
            offset: 0,
        })
    }

    /// The page of `all` that was asked for.
    pub(super) fn of(&self, all: Vec<Value>) -> Result<Value, ApiError> {
        let matching: Vec<Value> = all
            .into_iter()
            .filter(|location| {
                self.predicate
                    .as_ref()
                    .is_none_or(|predicate| predicate.matches_entity(location))
            })
            .collect();
        let total = matching.len();
        let items: Vec<Value> = matching
            .into_iter()
            .skip(self.offset)
            .take(self.limit)
            .collect();
        let mut info = Map::new();
        let end = self.offset + items.len();
        if end < total && !items.is_empty() {
            let query = self.predicate.as_ref().map(Predicate::to_json);
            let cursor = LocationCursor {
                offset: end,
                limit: self.limit,
                query,
            };
            info.insert("nextCursor".into(), encoded(&cursor).into());
        }
        Ok(json!({ "items": items, "totalItems": total, "pageInfo": info }))
    }
}
