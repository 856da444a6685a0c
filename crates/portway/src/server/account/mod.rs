//! Pages about somebody's own sign-in: sessions, tokens, passwords and
//! passkeys, the door of local accounts, and the page that admits a program.
//!
//! What a form of these pages carries is secret more often than not, so an
//! error is shown by the same page and never by one that keeps what was typed.

mod device;
mod security;
mod sessions;
mod sign_in;
mod tokens;

use std::future::Future;
use std::sync::Arc;

use axum::http::header::SET_COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use identity::{SESSION_MANAGE, SignedIn, TOKEN_CREATE, TOKEN_REVOKE, safe_return_path};
use platform::actor::Caller;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use portal::View;
use portal::ui::Crumbs;
use serde_json::Value;

use super::user_pages::{Desk, OWN};

const OPEN: Access = Access::Public("whoever is not signed in must be able to sign in");

/// The pages and their forms.
pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let routes = session_pages(desk, Routes::new(gate));
    let routes = secret_pages(desk, routes);
    doors(desk, routes)
}

fn session_pages(desk: &Desk, routes: Routes) -> Routes {
    let (get, post) = (Method::GET, Method::POST);
    let manage = Access::Needs(SESSION_MANAGE);
    let end_others = on(desk, sessions::end_others);
    let everybody = on(desk, sessions::everybody);
    let everybody_json = on(desk, sessions::everybody_json);
    let end = on(desk, sessions::end);
    let json = on(desk, sessions::json);
    routes
        .page(
            get.clone(),
            "/settings/sessions",
            OWN,
            on(desk, sessions::page),
        )
        .page(get.clone(), "/settings/sessions.json", OWN, json)
        .page(post.clone(), "/settings/sessions/end", OWN, end)
        .page(post, "/settings/sessions/end-others", OWN, end_others)
        .page(get.clone(), "/admin/sessions", manage, everybody)
        .page(get, "/admin/sessions.json", manage, everybody_json)
}

fn secret_pages(desk: &Desk, routes: Routes) -> Routes {
    let (get, post) = (Method::GET, Method::POST);
    let (create, revoke) = (Access::Needs(TOKEN_CREATE), Access::Needs(TOKEN_REVOKE));
    let (make, end) = (on_call(desk, tokens::make), on_call(desk, tokens::end));
    let json = on_call(desk, tokens::json);
    let password = on(desk, security::change_password);
    let codes = on(desk, security::make_codes);
    let remove = on(desk, security::remove_passkey);
    routes
        .page(
            get.clone(),
            "/settings/tokens",
            OWN,
            on_call(desk, tokens::page),
        )
        .page(get.clone(), "/settings/tokens.json", OWN, json)
        .page(post.clone(), "/settings/tokens", create, make)
        .page(post.clone(), "/settings/tokens/revoke", revoke, end)
        .page(get, "/settings/security", OWN, on(desk, security::page))
        .page(post.clone(), "/settings/security/password", OWN, password)
        .page(
            post.clone(),
            "/settings/security/recovery-codes",
            OWN,
            codes,
        )
        .page(post, "/settings/security/passkeys/remove", OWN, remove)
}

fn doors(desk: &Desk, routes: Routes) -> Routes {
    let (get, post) = (Method::GET, Method::POST);
    let recovery = on(desk, sign_in::recovery_page);
    let invite = on(desk, sign_in::invite_page);
    let (recover, accept) = (on(desk, sign_in::recover), on(desk, sign_in::accept));
    routes
        .page(get.clone(), "/sign-in/local", OPEN, on(desk, sign_in::page))
        .page(
            post.clone(),
            "/sign-in/local",
            OPEN,
            on(desk, sign_in::enter),
        )
        .page(get.clone(), "/sign-in/recovery", OPEN, recovery)
        .page(post.clone(), "/sign-in/recovery", OPEN, recover)
        .page(get.clone(), "/sign-in/invite", OPEN, invite)
        .page(post.clone(), "/sign-in/invite", OPEN, accept)
        .page(get, "/device", OWN, on(desk, device::page))
        .page(post, "/device", OWN, on(desk, device::decide))
}

type Answer = Result<Response, ApiError>;

/// Gives a handler its desk on every call. It sees the request's head whole,
/// because identity asks where a request comes from.
fn on<F, T>(
    desk: &Desk,
    handler: F,
) -> impl Fn(Parts, Call) -> std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>
+ Clone
+ Send
+ Sync
+ 'static
where
    F: Fn(Desk, Parts, Call) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Answer> + Send + 'static,
{
    let desk = desk.clone();
    move |parts, call| Box::pin(handler(desk.clone(), parts, call))
}

fn on_call<F, T>(
    desk: &Desk,
    handler: F,
) -> impl Fn(Call) -> std::pin::Pin<Box<dyn Future<Output = Answer> + Send>>
+ Clone
+ Send
+ Sync
+ 'static
where
    F: Fn(Desk, Call) -> T + Clone + Send + Sync + 'static,
    T: Future<Output = Answer> + Send + 'static,
{
    let desk = desk.clone();
    move |call| Box::pin(handler(desk.clone(), call))
}

/// Nobody is sent to the sign-in page.
fn require_somebody(caller: &Caller) -> Result<(), ApiError> {
    match caller.is_anonymous() {
        true => Err(ApiError::unauthenticated("Nobody is signed in").fix("sign in")),
        false => Ok(()),
    }
}

fn settings_crumbs(view: &View, title: &str) -> Crumbs {
    Crumbs::to(view.t(title).to_string()).via(view.t("settings-title").to_string(), "/settings")
}

/// What a token or a login may do, in words.
fn scope_text(view: &View, scope: &Value) -> String {
    match scope {
        Value::String(word) if word == "all" => view.t("settings-scope-all").to_string(),
        Value::String(_) => view.t("settings-scope-read").to_string(),
        Value::Array(names) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(", ")
        }
        _ => String::new(),
    }
}

/// Leads somebody who has signed in to where they wanted to go.
fn welcome(signed_in: SignedIn, back: &str) -> Response {
    let mut response = Redirect::to(safe_return_path(back)).into_response();
    response.headers_mut().insert(SET_COOKIE, signed_in.cookie);
    response
}

/// A page that nobody may keep.
fn unkept(mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A problem as the page shows it: what, and what to do.
struct Problem {
    what: String,
    next: String,
}

/// A refusal that the page itself shows; everything else is an error page.
fn shown(error: ApiError) -> Result<Problem, ApiError> {
    if !error.status.is_client_error() {
        return Err(error);
    }
    Ok(Problem {
        what: error.message,
        next: error.fix.unwrap_or_default(),
    })
}
