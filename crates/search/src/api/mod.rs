//! Search over HTTP: Backstage's API at `/api/search`, our own at
//! `/api/v1/search`.

mod backstage;
mod own;

use std::sync::Arc;

use axum::http::Method;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use catalog::permission::ENTITY_READ;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use serde_json::Value;
use uuid::Uuid;

use crate::service::Search;

pub(crate) use backstage::{MAX_PAGE, MAX_TERM};

const READ: Access = Access::Needs(ENTITY_READ);

type Answer = Result<Response, ApiError>;

/// The routes for programs.
pub(crate) fn routes(search: &Search, gate: Arc<dyn Gate>) -> Routes {
    let (one, two) = (search.clone(), search.clone());
    // As in Backstage: one name for the marks as long as the process lives.
    let marker = Uuid::new_v4();
    Routes::new(gate)
        .api(Method::GET, "/api/search/query", READ, move |call: Call| {
            let answer = backstage::query(&one, &call, marker);
            async move { answer }
        })
        .describe(backstage::operation())
        .api(Method::GET, "/api/v1/search", READ, move |call: Call| {
            let answer = own::search(&two, &call);
            async move { answer }
        })
        .describe(own::operation())
}

fn json_answer(body: &Value) -> Response {
    let mut response = Response::new(body.to_string().into());
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}
