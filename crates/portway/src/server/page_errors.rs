//! Errors of pages are pages: a missing sign-in leads to the sign-in page, a
//! form that came too late keeps what was typed, an unknown address proposes
//! the nearest ones.

use std::sync::Arc;

use askama::Template;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use identity::safe_return_path;
use platform::Clock;
use platform::actor::Permission;
use platform::error::ApiError;
use platform::http::{Gate, ServedBy, Surface, body_error, carry_over};
use portal::{Address, ErrorPage, Page, Portal, View};

/// Forms up to this size are kept when nobody is signed in any more, in bytes.
const MAX_FORM: usize = 256 * 1024;
/// Fields of a form that are kept.
const MAX_FIELDS: usize = 500;
/// Addresses that are proposed.
const MAX_NEAR: usize = 4;
/// Longer words are not compared: nobody types them.
const MAX_WORD: usize = 40;

/// A page that may be proposed to those who may see it.
#[derive(Clone, Debug)]
pub(super) struct Place {
    /// The message key of its name.
    pub(super) label: &'static str,
    pub(super) href: &'static str,
    /// Nothing for what everybody may see.
    pub(super) permission: Option<Permission>,
}

/// What every error page is made with.
#[derive(Clone)]
pub(super) struct Frame {
    pub(super) portal: Arc<Portal>,
    pub(super) clock: Clock,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) places: Arc<[Place]>,
}

/// As Backstage: no route of the API, no body. Pages say it in words.
pub(super) async fn not_found(request: Request) -> Response {
    if request.uri().path().starts_with("/api/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let mut response = ApiError::not_found("There is no such page").into_response();
    response.extensions_mut().insert(NoRoute);
    response.extensions_mut().insert(ServedBy(Surface::Page));
    response
}

/// Marks answers to addresses that no route has.
#[derive(Clone, Copy)]
struct NoRoute;

/// The layer around all routes.
pub(super) async fn page_errors(
    State(frame): State<Frame>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let (mut head, ()) = axum::http::Request::new(()).into_parts();
    (head.method, head.uri, head.headers) = (
        parts.method.clone(),
        parts.uri.clone(),
        parts.headers.clone(),
    );
    // The gate asks where a request comes from.
    head.extensions = parts.extensions.clone();
    let (form, body) = match kept_form(&head, body).await {
        Ok(kept) => kept,
        Err(refused) => return refused,
    };
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let page = response
        .extensions()
        .get::<ServedBy>()
        .is_some_and(|served| served.0 == Surface::Page);
    if !page {
        return response;
    }
    let no_route = response.extensions().get::<NoRoute>().is_some();
    let Some(error) = response.extensions_mut().remove::<ApiError>() else {
        return response;
    };
    if error.status == StatusCode::UNAUTHORIZED && head.method == Method::GET {
        let back = head.uri.path_and_query().map_or("/", |all| all.as_str());
        return Redirect::to(&format!(
            "/sign-in?back={}",
            platform::request::encode(back)
        ))
        .into_response();
    }
    if let Some(cause) = &error.internal {
        tracing::error!(cause = ?cause, "{} failed: {error}", head.uri.path());
    }
    let view = View::new(&frame.portal, &head, None, frame.clock.now());
    // A form of another site is not offered for sending again.
    let ours = identity::require_same_origin(&head).is_ok();
    let refusal = response;
    let mut response = match form {
        Some(form) if error.status == StatusCode::UNAUTHORIZED && ours => {
            Page::new(ExpiredPage::new(view, &head, &form))
                .status(StatusCode::UNAUTHORIZED)
                .into_response()
        }
        _ => {
            let near = if no_route {
                near(&frame, &head).await
            } else {
                Vec::new()
            };
            page_of(view, error, near).into_response()
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    carry_over(refusal.headers(), headers);
    response
}

fn page_of(view: View, error: ApiError, near: Vec<(&'static str, &'static str)>) -> ErrorPage {
    let links: Vec<(String, &str)> = near
        .into_iter()
        .map(|(label, href)| (view.t(label).to_string(), href))
        .collect();
    let mut page = ErrorPage::new(view, error.status);
    if !links.is_empty() {
        let next = page.view.t("error-near").to_string();
        page = page.next(next);
    } else if error.status != StatusCode::NOT_FOUND || error.fix.is_some() {
        page = page.why(error.message);
    }
    if let Some(accepted) = error.accepted {
        page = page.accepted(accepted);
    }
    if let Some(fix) = error.fix {
        page = page.next(fix);
    }
    links
        .into_iter()
        .fold(page, |page, (text, href)| page.link(text, href))
}

/// The fields of a form, and the body to go on with.
async fn kept_form(
    head: &Parts,
    body: Body,
) -> Result<(Option<Vec<(String, String)>>, Body), Response> {
    let text = |name| {
        head.headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let is_form = text(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse::<usize>().ok());
    let is_page = !head.uri.path().starts_with("/api/");
    if head.method != Method::POST
        || !is_form
        || !is_page
        || length.is_none_or(|length| length > MAX_FORM)
    {
        return Ok((None, body));
    }
    let bytes = to_bytes(body, MAX_FORM)
        .await
        .map_err(|error| body_error(&error).into_response())?;
    let fields = url::form_urlencoded::parse(&bytes)
        .into_owned()
        .take(MAX_FIELDS)
        .collect();
    Ok((Some(fields), Body::from(bytes)))
}

/// Nobody is signed in any more: what was typed, a way to sign in beside it,
/// and a button that sends it again.
#[derive(Template)]
#[template(path = "portway/expired.html")]
struct ExpiredPage {
    action: String,
    sign_in: String,
    fields: Vec<(String, String)>,
    /// Whether something has to be typed again.
    secret: bool,
    view: View,
}

impl ExpiredPage {
    fn new(view: View, head: &Parts, form: &[(String, String)]) -> Self {
        let action = head.uri.path_and_query().map_or("/", |all| all.as_str());
        let back = head
            .headers
            .get(header::REFERER)
            .and_then(|value| value.to_str().ok())
            .and_then(|referer| referer.parse::<axum::http::Uri>().ok())
            .and_then(|uri| uri.path_and_query().map(|all| all.as_str().to_owned()));
        let back = safe_return_path(back.as_deref().unwrap_or("/")).to_owned();
        let (secret, fields): (Vec<_>, Vec<_>) =
            form.iter().cloned().partition(|(name, _)| is_secret(name));
        Self {
            action: safe_return_path(action).to_owned(),
            sign_in: Address::new("/sign-in", "").with("back", &back).to_string(),
            fields,
            secret: !secret.is_empty(),
            view,
        }
    }

    /// What a person has typed, as far as it can be told from what a page sends along.
    fn typed(&self) -> impl Iterator<Item = &(String, String)> {
        let fields = self.fields.iter();
        fields.filter(|(name, value)| !name.starts_with('_') && !value.is_empty())
    }
}

/// Secrets are never written back into a page.
fn is_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["password", "passphrase", "secret"]
        .iter()
        .any(|word| name.contains(word))
}

/// Pages whose addresses are like the one asked for, the likest first, of
/// those that the caller may see.
async fn near(frame: &Frame, head: &Parts) -> Vec<(&'static str, &'static str)> {
    let Ok(caller) = frame.gate.caller(head).await else {
        return Vec::new();
    };
    let path = head.uri.path();
    let wanted: Vec<String> = words(path).collect();
    let mut found: Vec<(usize, &Place)> = frame
        .places
        .iter()
        .filter(|place| {
            place
                .permission
                .is_none_or(|permission| caller.may(permission))
        })
        .filter_map(|place| {
            let own = words(place.href);
            let distances = own.filter_map(|own| {
                let near = wanted.iter().filter_map(|word| slips(word, &own));
                near.min()
            });
            Some((distances.min()?, place))
        })
        .collect();
    found.sort_by_key(|(distance, _)| *distance);
    let found = found.into_iter().take(MAX_NEAR);
    found.map(|(_, place)| (place.label, place.href)).collect()
}

/// The words of an address: `/catalog?kind=api` has `catalog` and `api`. Where
/// there is a kind, the list of everything is not meant.
fn words(address: &str) -> impl Iterator<Item = String> {
    let (path, kind) = address.split_once("?kind=").unwrap_or((address, ""));
    let path = if kind.is_empty() { path } else { "" };
    let parts: Vec<String> = path
        .split(['/', '-', '.', '_'])
        .chain([kind])
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    parts.into_iter()
}

/// How many letters differ, when those are few for the length of the words;
/// the plural of a word is the word.
fn slips(wanted: &str, own: &str) -> Option<usize> {
    if wanted.len() > MAX_WORD {
        return None;
    }
    let singular = |word: &str| word.strip_suffix('s').unwrap_or(word).to_owned();
    let (a, b) = (singular(wanted), singular(own));
    let allowed = match a.chars().count() {
        0..=3 => 0,
        4..=5 => 1,
        _ => 2,
    };
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = (0..=b.len()).collect();
    for (row, letter) in a.chars().enumerate() {
        let mut diagonal = row;
        let mut left = row + 1;
        let mut current = vec![left];
        for (other, above) in b.iter().zip(before.iter().skip(1)) {
            let changed = diagonal + usize::from(letter != *other);
            left = changed.min(above + 1).min(left + 1);
            diagonal = *above;
            current.push(left);
        }
        before = current;
    }
    before
        .last()
        .copied()
        .filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_compared_as_people_mistype_them() {
        let near = |a: &str, b: &str| {
            words(a).any(|wanted| words(b).any(|own| slips(&wanted, &own).is_some()))
        };
        assert!(near("/component", "/catalog?kind=component"));
        assert!(near("/components", "/catalog?kind=component"));
        assert!(near("/apis", "/catalog?kind=api"));
        assert!(near("/campains/x", "/campaigns"));
        assert!(near("/settigns", "/settings"));
        assert!(near("/health", "/admin/health"));
        assert!(!near("/wp-login.php", "/sources"));
        assert!(!near("/x", "/catalog?kind=component"));
        assert!(!near(&format!("/{}", "s".repeat(9_000)), "/settings"));
    }

    #[test]
    fn secrets_are_known_by_their_names() {
        assert!(is_secret("db.Password") && is_secret("clientSecret"));
        assert!(!is_secret("name"));
    }
}
