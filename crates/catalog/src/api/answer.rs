//! Small pieces of answers.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use serde::Serialize;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// 200 with a JSON body.
pub(super) fn json_answer(body: &impl Serialize) -> Result<Response, ApiError> {
    let text = serde_json::to_string(body).map_err(ApiError::internal)?;
    Ok(json_text(text))
}

/// 200 with a body that is JSON already.
pub(super) fn json_text(text: impl Into<Body>) -> Response {
    let mut response = Response::new(text.into());
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// A status without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    status.into_response()
}

/// The entity that a path names by kind, namespace and name.
pub(super) fn ref_in_path(call: &Call) -> EntityRef {
    EntityRef::new(call.path("kind"), call.path("namespace"), call.path("name"))
}
