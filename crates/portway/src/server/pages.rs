//! Pages that belong to no capability: sign-out, preferences.

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
use portal::{Page, Portal, PreferencesForm, View};

use super::sign_in;

pub(super) const OPEN: Access = Access::Public("whoever is not signed in must be able to sign in");

const SAMPLES: Access =
    Access::Public("shows the components of the design system with sample data only");

/// What these pages work with.
#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) identity: Arc<Identity>,
    pub(super) portal: Arc<Portal>,
    pub(super) clock: Clock,
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
    Routes::new(Arc::clone(&gate))
        .merge(sign_in::routes(&two, Arc::clone(&gate)))
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

pub(super) fn enter(cookie: HeaderValue, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    response.headers_mut().insert(SET_COOKIE, cookie);
    response
}
