//! Pages that belong to no capability: sign-in, preferences.

use std::sync::Arc;

use axum::extract::Form;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderValue, Method};
use axum::response::{IntoResponse, Redirect, Response};
use identity::{Identity, safe_return_path};
use platform::Clock;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use portal::gallery::GalleryPage;
use portal::{LoginButton, LoginMessage, LoginPage, Page, Portal, PreferencesForm, View};

const OPEN: Access = Access::Public("whoever is not signed in must be able to sign in");

const SAMPLES: Access =
    Access::Public("shows the components of the design system with sample data only");

/// What these pages work with.
#[derive(Clone, Debug)]
struct Desk {
    identity: Arc<Identity>,
    portal: Arc<Portal>,
    clock: Clock,
}

/// The routes of these pages.
pub(super) fn routes(identity: &Arc<Identity>, portal: &Arc<Portal>, clock: &Clock) -> Routes {
    let gate: Arc<dyn Gate> = Arc::<Identity>::clone(identity);
    let desk = Desk {
        identity: Arc::clone(identity),
        portal: Arc::clone(portal),
        clock: clock.clone(),
    };
    let (two, three, four, five) = (desk.clone(), desk.clone(), desk.clone(), desk);
    Routes::new(gate)
        .page(Method::GET, "/sign-in", OPEN, move |parts| {
            sign_in(two.clone(), parts)
        })
        .page(Method::POST, "/sign-in/guest", OPEN, move |parts, form| {
            sign_in_as_guest(three.clone(), parts, form)
        })
        .page(Method::POST, "/sign-out", OPEN, move |parts| {
            sign_out(four.clone(), parts)
        })
        .page(
            Method::GET,
            "/design",
            SAMPLES,
            move |parts: axum::http::request::Parts| {
                let view = View::new(&five.portal, &parts, None, five.clock.now());
                async move { Page::new(GalleryPage::new(view)) }
            },
        )
        .page(
            Method::POST,
            "/preferences",
            OPEN,
            |form: Form<PreferencesForm>| portal::preferences(form),
        )
}

async fn sign_in(desk: Desk, parts: axum::http::request::Parts) -> Result<Response, ApiError> {
    let query = platform::request::Query::parse(parts.uri.query().unwrap_or_default());
    let back = safe_return_path(query.get("back").unwrap_or("/")).to_owned();
    let mut failed = None;
    if let Some(code) = query.get("code") {
        match desk.identity.sign_in_with_code(&parts, code).await {
            Ok(signed_in) => return Ok(enter(signed_in.cookie, &back)),
            Err(error) => failed = Some(error.message),
        }
    }
    let view = View::new(&desk.portal, &parts, None, desk.clock.now());
    let offer = desk.identity.sign_in_offer(&parts);
    let mut buttons: Vec<LoginButton> = offer
        .guest
        .iter()
        .map(|guest| LoginButton {
            text: view.t("login-guest").to_string(),
            note: view
                .t("login-guest-note")
                .with("name", guest.to_string())
                .to_string(),
            icon: "user".into(),
            action: "/sign-in/guest".into(),
        })
        .collect();
    if desk.identity.local_methods().any() {
        // Leads to the form for name and password, and to passkeys.
        buttons.push(LoginButton {
            text: view.t("account-enter").to_string(),
            note: view.t("account-enter-lead").to_string(),
            icon: "key".into(),
            action: "/sign-in/local".into(),
        });
    }
    let message = failed
        .map(|text| (portal::ui::Tone::Warn, text))
        .or_else(|| {
            offer
                .guest_refused
                .map(|why| (portal::ui::Tone::Warn, why.to_owned()))
        })
        .map(|(tone, text)| LoginMessage { tone, text });
    Ok(Page::new(LoginPage {
        view,
        message,
        buttons,
        token_action: None,
        back,
    })
    .into_response())
}

#[derive(serde::Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

async fn sign_in_as_guest(
    desk: Desk,
    parts: axum::http::request::Parts,
    form: Form<Back>,
) -> Result<Response, ApiError> {
    let signed_in = desk.identity.sign_in_as_guest(&parts).await?;
    Ok(enter(signed_in.cookie, safe_return_path(&form.0.back)))
}

async fn sign_out(desk: Desk, parts: axum::http::request::Parts) -> Result<Response, ApiError> {
    let cookie = desk.identity.sign_out(&parts).await?;
    Ok(enter(cookie, "/sign-in"))
}

fn enter(cookie: HeaderValue, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}
