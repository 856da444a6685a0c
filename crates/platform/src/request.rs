//! A request as handlers want to see it: caller, path, query and body, with
//! Backstage's words for what is wrong with them.

mod body;

use std::net::SocketAddr;

use axum::body::{Body as RawBody, Bytes, to_bytes};
use axum::extract::{ConnectInfo, FromRequest, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::{Map, Value};

use crate::actor::Caller;
use crate::error::ApiError;
use crate::http::{Bounds, ClientAddress, Limits, body_error, client_address, is_deeper_than};

pub use body::{Body, required, required_text};

/// Bodies up to this size are read; larger ones get 413.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// One request, read completely.
#[derive(Debug)]
pub struct Call {
    /// Who asks. Put there by the route's gate.
    pub caller: Caller,
    /// GET, POST, …
    pub method: Method,
    /// As it came.
    pub uri: Uri,
    /// All headers.
    pub headers: HeaderMap,
    /// The query, in order, repeated keys kept.
    pub query: Query,
    /// The body, within the limits of the server.
    pub body: Bytes,
    /// Where it comes from; nothing where nobody knows.
    pub client: Option<ClientAddress>,
    path: Vec<(String, String)>,
    /// The other end of the connection, which guests are judged by.
    peer: Option<ConnectInfo<SocketAddr>>,
}

impl<S: Send + Sync> FromRequest<S> for Call {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let path = match <RawPathParams as axum::extract::FromRequestParts<S>>::from_request_parts(
            &mut parts, state,
        )
        .await
        {
            Ok(params) => params
                .iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            Err(_) => {
                return Err(ApiError::input(
                    "The path is not valid percent-encoded UTF-8",
                ));
            }
        };
        let caller = parts
            .extensions
            .remove::<Caller>()
            .unwrap_or_else(Caller::anonymous);
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let client = client_address(&parts.extensions);
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied();
        let body = read_body(body, parts.extensions.get::<Bounds>()).await?;
        Ok(Self {
            caller,
            method: parts.method,
            uri: parts.uri,
            headers: parts.headers,
            query,
            body,
            client,
            path,
            peer,
        })
    }
}

/// The whole body. The server's layers have bounded it already; the rest is
/// for routers that stand alone.
async fn read_body(body: RawBody, bounds: Option<&Bounds>) -> Result<Bytes, ApiError> {
    let (most, depth) = match bounds {
        Some(bounds) => (usize::MAX, bounds.limits().json_depth),
        None => (MAX_BODY, Limits::default().json_depth),
    };
    let body = to_bytes(body, most)
        .await
        .map_err(|error| body_error(&error))?;
    if matches!(body.first(), Some(b'{' | b'[')) && is_deeper_than(&body, depth) {
        return Err(ApiError::input(format!(
            "The JSON of the body is nested deeper than {depth} levels"
        ))
        .accepted(format!("arrays and objects nested up to {depth} levels")));
    }
    Ok(body)
}

impl Call {
    /// A path parameter, percent-decoded. Empty when the route has none of
    /// that name, which a route's own test would show.
    pub fn path(&self, name: &str) -> &str {
        self.path
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// The head of the request again, for what wants to see it whole.
    pub fn parts(&self) -> Parts {
        let (mut parts, ()) = axum::http::Request::new(()).into_parts();
        parts.method = self.method.clone();
        parts.uri = self.uri.clone();
        parts.headers = self.headers.clone();
        if let Some(client) = self.client {
            parts.extensions.insert(client);
        }
        if let Some(peer) = self.peer {
            parts.extensions.insert(peer);
        }
        parts
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// 400 that says where the JSON is wrong, or that an object is wanted.
    pub fn object(&self) -> Result<Map<String, Value>, ApiError> {
        let value: Value = serde_json::from_slice(&self.body).map_err(|error| {
            ApiError::input(format!("request/body is not valid JSON: {error}"))
                .accepted("a JSON object")
        })?;
        match value {
            Value::Object(object) => Ok(object),
            _ => Err(ApiError::input("request/body must be object").accepted("a JSON object")),
        }
    }

    /// The fields of an HTML form.
    pub fn form(&self) -> Query {
        Query::parse(std::str::from_utf8(&self.body).unwrap_or_default())
    }
}

/// Query parameters in order. Repeated keys are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads `a=1&b=2`. Anything at all can be read.
    pub fn parse(text: &str) -> Self {
        Self(
            text.split('&')
                .filter(|pair| !pair.is_empty())
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(key), decode(value))
                })
                .collect(),
        )
    }

    /// The first value of a key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Every value of a key, in order.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Every pair, in order.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Every value of a key, none of them empty.
    ///
    /// # Errors
    /// 400 in Backstage's words for `key=`.
    pub fn filled(&self, key: &str) -> Result<Vec<String>, ApiError> {
        self.all(key)
            .map(|value| {
                if value.is_empty() {
                    return Err(ApiError::input(format!(
                        "Empty value found for query parameter '{key}'"
                    ))
                    .accepted(format!("a value after `{key}=`, or leave it out")));
                }
                Ok(value.to_owned())
            })
            .collect()
    }

    /// A whole number of at least `least`.
    ///
    /// # Errors
    /// 400 in the words of Backstage's validator.
    pub fn integer(&self, key: &str, least: i64) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.get(key) else {
            return Ok(None);
        };
        let number: i64 = text.parse().map_err(|_| {
            ApiError::input(format!("request/query/{key} must be integer"))
                .accepted("a whole number such as 20")
        })?;
        if number < least {
            return Err(
                ApiError::input(format!("request/query/{key} must be >= {least}"))
                    .accepted(format!("a whole number of at least {least}")),
            );
        }
        Ok(Some(number))
    }

    /// One of a few values.
    ///
    /// # Errors
    /// 400 in the words of Backstage's validator.
    pub fn choice(&self, key: &str, choices: &[&'static str]) -> Result<Option<&str>, ApiError> {
        let found = self.get(key);
        if found.is_none_or(|text| choices.contains(&text)) {
            return Ok(found);
        }
        Err(ApiError::input(format!(
            "request/query/{key} must be equal to one of the allowed values"
        ))
        .accepted(choices.join(" or ")))
    }

    /// The query as text again, without one key.
    pub fn without(&self, key: &str) -> String {
        let mut text = String::new();
        for (name, value) in self.pairs().filter(|(name, _)| *name != key) {
            if !text.is_empty() {
                text.push('&');
            }
            text.push_str(&encode(name));
            text.push('=');
            text.push_str(&encode(value));
        }
        text
    }
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

/// Percent-encodes a value for a query.
pub fn encode(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
        .to_string()
        .replace("%2E", ".")
        .replace("%2D", "-")
        .replace("%5F", "_")
}
