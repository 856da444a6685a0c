//! Seeing the portal as somebody else sees it.

use std::sync::Arc;

use access::permission::VIEW_AS;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Redirect, Response};
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;

use super::{Answer, Desk, on};

const END: Access = Access::Public("ends only what the browser itself carries");

pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    Routes::new(gate)
        .page(
            Method::POST,
            "/admin/permissions/view-as",
            Access::Needs(VIEW_AS),
            on(desk, start),
        )
        .page(Method::POST, "/view-as/end", END, on(desk, end))
}

async fn start(desk: Desk, call: Call) -> Answer {
    let form = call.form();
    let text = form.get("user").unwrap_or_default().trim();
    let accepted = "a user of the catalog, such as user:default/kim";
    let user = EntityRef::parse(text, Some("user"), None)
        .map_err(|why| ApiError::input(why.to_string()).accepted(accepted))?;
    if desk.catalog.model().index().get(&user).is_none() {
        return Err(ApiError::not_found(format!("There is no {user}")).accepted(accepted));
    }
    let cookie = desk.identity.start_view_as(&call.caller, &user).await?;
    Ok(go("/", cookie))
}

async fn end(desk: Desk, call: Call) -> Answer {
    let cookie = desk.identity.end_view_as(&call.parts()).await?;
    Ok(go("/", cookie))
}

fn go(to: &str, cookie: HeaderValue) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}
