//! `GET /api/openapi.json`: the description of everything for programs.

use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use platform::http::{Access, Gate, RouteInfo, Routes};
use platform::openapi::{About, Operation, document, schema};

const PUBLIC: Access = Access::Public("it describes the program and holds nothing of the content");

const ABOUT: About = About {
    title: "Portway",
    version: env!("CARGO_PKG_VERSION"),
    description: "Paths below `/api/catalog`, `/api/auth` and `/api/permission` are those of Backstage, so that its clients work unchanged. Paths below `/api/v1` are Portway's own.",
    session_cookie: "portway_session",
};

/// All routes, with the one that describes them.
pub(super) fn with_description(
    routes: Routes,
    actions: Vec<RouteInfo>,
    gate: Arc<dyn Gate>,
) -> Routes {
    let text: Arc<OnceLock<Bytes>> = Arc::default();
    let answer = Arc::clone(&text);
    let own = Routes::new(gate)
        .api(Method::GET, "/api/openapi.json", PUBLIC, move || {
            let text = answer.get().cloned().unwrap_or_default();
            async move { described(text) }
        })
        .describe(
            Operation::new("getDescription", "Server", "Answers this description").json(
                200,
                "An OpenAPI 3.1 document",
                schema::any_object(),
            ),
        );
    let routes = routes.merge(own);
    let mut all = routes.table().to_vec();
    all.extend(actions);
    let document = document(&ABOUT, &all, routes.schemas());
    // Nobody else has set it: the route was made a moment ago.
    let _ = text.set(format!("{document:#}\n").into());
    routes
}

fn described(text: Bytes) -> Response {
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}
