//! Forms of browsers that send neither `Sec-Fetch-Site` nor `Origin`.
//!
//! One mechanism for the forms of all pages: a page for such a browser gets a
//! hidden field with a token into each form that changes something, and a form
//! that comes back with its token counts as one from this site. Whatever has
//! no token is refused as ever, and no page pays for it that is made for a
//! browser of the last years.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG, ORIGIN, SET_COOKIE,
    USER_AGENT,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use identity::{FORM_TOKEN_FIELD, FormToken, Identity};
use platform::request::Query;

const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORM: &str = "application/x-www-form-urlencoded";
/// The largest form that is looked at, in bytes.
const LARGEST_FORM: usize = 1024 * 1024;
/// The largest page, in bytes.
const LARGEST_PAGE: usize = 16 * 1024 * 1024;

/// Proves forms on their way in and prepares them on their way out.
pub(super) async fn prove_forms(
    State(identity): State<Arc<Identity>>,
    request: Request,
    next: Next,
) -> Response {
    if !is_old_browser(request.headers()) {
        return next.run(request).await;
    }
    let headers = request.headers().clone();
    let request = match request.method() {
        &Method::POST => match proved(&identity, request).await {
            Ok(request) => request,
            Err(refusal) => return refusal,
        },
        _ => request,
    };
    let response = next.run(request).await;
    let html = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    match html {
        true => with_tokens(&identity, &headers, response).await,
        false => response,
    }
}

/// A browser by what it calls itself, that does not say where a form is from.
fn is_old_browser(headers: &HeaderMap) -> bool {
    let browser = headers
        .get(USER_AGENT)
        .is_some_and(|agent| agent.as_bytes().starts_with(b"Mozilla/"));
    browser
        && !headers.contains_key(SITE)
        && !headers.contains_key(ORIGIN)
        && !headers.contains_key(AUTHORIZATION)
}

/// The request, called one from this site when its form holds the token.
async fn proved(identity: &Identity, request: Request) -> Result<Request, Response> {
    let form = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(FORM.as_bytes()));
    if !form {
        return Ok(request);
    }
    let (mut parts, body) = request.into_parts();
    let Ok(bytes) = to_bytes(body, LARGEST_FORM).await else {
        return Err(StatusCode::PAYLOAD_TOO_LARGE.into_response());
    };
    let text = String::from_utf8_lossy(&bytes);
    let fields = Query::parse(&text);
    let mut tokens = fields.all(FORM_TOKEN_FIELD);
    if let (Some(token), None) = (tokens.next(), tokens.next())
        && identity.is_form_token(&parts.headers, token)
    {
        parts
            .headers
            .insert(SITE, HeaderValue::from_static("same-origin"));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// The page with a token in each form that changes something.
async fn with_tokens(identity: &Identity, headers: &HeaderMap, response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let token = identity.form_token(headers);
    let (Ok(bytes), Ok(token)) = (to_bytes(body, LARGEST_PAGE).await, token) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let page = String::from_utf8_lossy(&bytes);
    let FormToken { value, cookie } = token;
    let page = filled(&page, value.expose());
    // The page is for this browser at this time.
    parts.headers.remove(CONTENT_LENGTH);
    parts.headers.remove(ETAG);
    parts
        .headers
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        parts.headers.append(SET_COOKIE, cookie);
    }
    Response::from_parts(parts, Body::from(page))
}

/// Puts the hidden field behind each `<form … method="post" …>`. Pages come
/// from templates that escape every `<` of others.
fn filled(page: &str, token: &str) -> String {
    let field = format!("<input type=\"hidden\" name=\"{FORM_TOKEN_FIELD}\" value=\"{token}\">");
    let mut out = String::with_capacity(page.len() + 4 * field.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once("<form") {
        out.push_str(before);
        out.push_str("<form");
        let Some((tag, after)) = after.split_once('>') else {
            out.push_str(after);
            return out;
        };
        out.push_str(tag);
        out.push('>');
        if tag.contains("method=\"post\"") {
            out.push_str(&field);
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forms_that_change_something_get_the_field() {
        let page = "<form method=\"get\" action=\"/s\"></form><form class=\"x\" method=\"post\" action=\"/a\"><button></form><form";
        let filled = filled(page, "t");
        assert_eq!(
            filled,
            "<form method=\"get\" action=\"/s\"></form><form class=\"x\" method=\"post\" action=\"/a\"><input type=\"hidden\" name=\"portway-form\" value=\"t\"><button></form><form"
        );
        assert_eq!(super::filled("no form", "t"), "no form");
    }
}
