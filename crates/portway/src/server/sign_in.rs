//! The sign-in page, and the way to a provider and back.

use std::sync::Arc;

use anyhow::Result;
use askama::Template;
use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use catalog::{Catalog, Origin};
use forge::http::AllowedHost;
use identity::{
    Entered, Identity, Popup, ProviderButton, ProviderKind, Providers, Reason, SignInRefused,
    Started, safe_return_path,
};
use model::location_ref::LocationRef;
use platform::config::Config;
use platform::error::ApiError;
use platform::http::{Gate, Routes};
use platform::request::{Query, encode};
use portal::ui::Tone;
use portal::{LoginButton, LoginMessage, LoginPage, Page, View};

use super::directory::{Newcomers, People, roster_source};
use super::pages::{Desk, OPEN, enter};

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
/// For the window of a front end of another origin, which waits for it.
const KEEPS_OPENER: HeaderValue = HeaderValue::from_static("unsafe-none");

/// Gives identity the configured providers, and the catalog the users that
/// identity makes.
pub(super) fn prepare(identity: &Arc<Identity>, catalog: &Catalog, config: &Config) -> Result<()> {
    catalog.set_roster(Arc::new(Newcomers(Arc::clone(identity))));
    let (settings, _) = identity::Settings::read(&config.root().to_json());
    if settings.sign_in.is_empty() {
        return Ok(());
    }
    let reading = config.get("backend.reading.allow").unwrap_or_default();
    let (hosts, _) = AllowedHost::from_config(&reading);
    let places = config.clone();
    let providers = Providers::new(
        settings.sign_in,
        hosts,
        Arc::new(People(catalog.clone())),
        Box::new(move |path| places.origin(path).map(ToString::to_string)),
    )?;
    identity.set_providers(providers);
    Ok(())
}

/// The source of users that are made just in time, when they may be.
pub(super) fn declared(config: &Config) -> Option<(Origin, LocationRef)> {
    let (settings, _) = identity::Settings::read(&config.root().to_json());
    settings.sign_in.makes_users().then(roster_source).flatten()
}

/// The routes of sign-in that a browser goes to.
pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let (one, two, three) = (desk.clone(), desk.clone(), desk.clone());
    Routes::new(gate)
        .page(Method::GET, "/sign-in", OPEN, move |parts| {
            sign_in(one.clone(), parts)
        })
        .page(
            Method::GET,
            "/api/auth/{provider}/start",
            OPEN,
            move |path: Path<String>, parts: Parts| start(two.clone(), path.0, parts),
        )
        .page(
            Method::GET,
            "/api/auth/{provider}/handler/frame",
            OPEN,
            move |path: Path<String>, parts: Parts| finish(three.clone(), path.0, parts),
        )
}

async fn sign_in(desk: Desk, parts: Parts) -> Result<Response, ApiError> {
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    let back = safe_return_path(query.get("back").unwrap_or("/")).to_owned();
    let mut failed = None;
    if let Some(code) = query.get("code") {
        match desk.identity.sign_in_with_code(&parts, code).await {
            Ok(signed_in) => return Ok(enter(signed_in.cookie, &back)),
            Err(error) => failed = Some(error),
        }
    }
    let message = failed.map(|error| LoginMessage {
        tone: Tone::Warn,
        title: String::new(),
        text: error.message,
        next: error.fix.unwrap_or_default(),
        facts: Vec::new(),
    });
    Ok(Page::new(page(&desk, &parts, back, message)).into_response())
}

/// The view of a page of sign-in. What came in the address to prove who
/// somebody is does not stand in the page.
fn view_of(desk: &Desk, parts: &Parts) -> View {
    let mut view = View::new(&desk.portal, parts, None, desk.clock.now());
    view.here = view.here.without("code").without("state");
    view
}

/// The page with every way to sign in that this request has.
fn page(desk: &Desk, parts: &Parts, back: String, message: Option<LoginMessage>) -> LoginPage {
    let view = view_of(desk, parts);
    let offer = desk.identity.sign_in_offer(parts);
    let mut buttons: Vec<LoginButton> = desk
        .identity
        .provider_buttons()
        .iter()
        .map(|provider| provider_button(&view, provider, &back))
        .collect();
    buttons.extend(offer.guest.iter().map(|guest| {
        LoginButton {
            text: view.t("login-guest").to_string(),
            note: view
                .t("login-guest-note")
                .with("name", guest.to_string())
                .to_string(),
            icon: "user".into(),
            action: "/sign-in/guest".into(),
            ..LoginButton::default()
        }
    }));
    if desk.identity.local_methods().any() {
        // Leads to the form for name and password, and to passkeys.
        buttons.push(LoginButton {
            text: view.t("account-enter").to_string(),
            note: view.t("account-enter-lead").to_string(),
            icon: "key".into(),
            action: "/sign-in/local".into(),
            ..LoginButton::default()
        });
    }
    let refused = || {
        offer.guest_refused.map(|why| LoginMessage {
            tone: Tone::Warn,
            title: String::new(),
            text: why.to_owned(),
            next: String::new(),
            facts: Vec::new(),
        })
    };
    // Whoever has other ways in need not hear why guests are not admitted.
    let message = message.or_else(|| buttons.is_empty().then(refused).flatten());
    LoginPage {
        view,
        message,
        buttons,
        token_action: None,
        back,
    }
}

fn provider_button(view: &View, provider: &ProviderButton, back: &str) -> LoginButton {
    let icon = match provider.kind {
        ProviderKind::Github | ProviderKind::Gitlab => "branch",
        ProviderKind::Oidc | ProviderKind::Okta => "key",
        ProviderKind::Google | ProviderKind::Microsoft => "user",
        _ => "shield",
    };
    LoginButton {
        text: view
            .t("sign-in-with")
            .with("provider", provider.title.clone())
            .to_string(),
        icon: icon.into(),
        href: format!(
            "/api/auth/{}/start?returnTo={}",
            encode(&provider.id),
            encode(back)
        ),
        ..LoginButton::default()
    }
}

async fn start(desk: Desk, id: String, parts: Parts) -> Response {
    match desk.identity.start_sign_in(&parts, &id).await {
        Ok(Started::Away { to, cookie }) => redirect(&to, [cookie]),
        Ok(Started::Entered(entered)) => entered_response(&desk, &parts, *entered),
        Err(refused) => refused_response(&desk, &parts, &refused),
    }
}

async fn finish(desk: Desk, id: String, parts: Parts) -> Response {
    match desk.identity.finish_sign_in(&parts, &id).await {
        Ok(entered) => entered_response(&desk, &parts, entered),
        Err(refused) => refused_response(&desk, &parts, &refused),
    }
}

fn entered_response(desk: &Desk, parts: &Parts, entered: Entered) -> Response {
    let cookies = [Some(entered.signed_in.cookie), entered.forget];
    let cookies = cookies.into_iter().flatten();
    match entered.popup {
        None => redirect(&entered.return_to, cookies),
        Some(popup) => {
            let mut response = popup_response(desk, parts, &popup);
            for cookie in cookies {
                response.headers_mut().append(SET_COOKIE, cookie);
            }
            response
        }
    }
}

/// 302, as Backstage answers; nothing keeps it.
fn redirect(to: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    let headers = response.headers_mut();
    let target = HeaderValue::try_from(to).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(LOCATION, target);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A window on its way to the provider keeps its opener; there is no page
    // here that the opener could reach into.
    headers.insert(OPENER_POLICY, KEEPS_OPENER);
    for cookie in cookies {
        headers.append(SET_COOKIE, cookie);
    }
    response
}

/// The last page of a window that a front end has opened.
#[derive(Debug, Template)]
#[template(path = "portway/popup.html")]
struct PopupPage {
    view: View,
    heading: String,
    origin: String,
    message: String,
}

fn popup_response(desk: &Desk, parts: &Parts, popup: &Popup) -> Response {
    let view = view_of(desk, parts);
    let page = PopupPage {
        heading: view.t("sign-in-popup-title").to_string(),
        view,
        origin: popup.origin.clone(),
        message: popup.message.to_string(),
    };
    let mut response = Page::new(page).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Otherwise the browser would cut this window off from its opener.
    headers.insert(OPENER_POLICY, KEEPS_OPENER);
    response
}

/// The sign-in page that says why it did not work, and what to do.
fn refused_response(desk: &Desk, parts: &Parts, refused: &SignInRefused) -> Response {
    let view = view_of(desk, parts);
    let [title, text, next] = texts(refused.reason);
    let provider = if refused.provider.is_empty() {
        refused.provider_id.as_str()
    } else {
        refused.provider.as_str()
    };
    let contact = match &refused.contact {
        Some(contact) => contact.clone(),
        None => view.t("sign-in-contact").to_string(),
    };
    let account = refused.account.clone().unwrap_or_default();
    let say = |key: &'static str| {
        view.t(key)
            .with("provider", provider)
            .with("contact", contact.as_str())
            .with("account", account.as_str())
            .with("reference", refused.reference.as_str())
            .to_string()
    };
    let mut facts: Vec<(String, String)> = refused
        .facts
        .iter()
        .map(|(key, value)| ((*key).to_owned(), value.clone()))
        .collect();
    if !facts.is_empty() {
        facts.push((
            view.t("sign-in-reference").to_string(),
            refused.reference.clone(),
        ));
    }
    let message = LoginMessage {
        tone: match refused.reason {
            Reason::Denied | Reason::Expired => Tone::Info,
            Reason::Inside | Reason::Untrusted | Reason::Setup => Tone::Bad,
            _ => Tone::Warn,
        },
        title: say(title),
        text: say(text),
        next: say(next),
        facts,
    };
    let page = page(desk, parts, refused.return_to.clone(), Some(message));
    let status = StatusCode::from_u16(refused.reason.status()).unwrap_or(StatusCode::FORBIDDEN);
    let mut response = Page::new(page).status(status).into_response();
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The messages of a reason: what, why, what next.
fn texts(reason: Reason) -> [&'static str; 3] {
    match reason {
        Reason::Unknown => [
            "sign-in-unknown",
            "sign-in-unknown-text",
            "sign-in-unknown-next",
        ],
        Reason::Down => ["sign-in-down", "sign-in-down-text", "sign-in-down-next"],
        Reason::Denied => [
            "sign-in-denied",
            "sign-in-denied-text",
            "sign-in-denied-next",
        ],
        Reason::Expired => [
            "sign-in-expired",
            "sign-in-expired-text",
            "sign-in-expired-next",
        ],
        Reason::Tenant => [
            "sign-in-tenant",
            "sign-in-tenant-text",
            "sign-in-tenant-next",
        ],
        Reason::Untrusted => [
            "sign-in-untrusted",
            "sign-in-untrusted-text",
            "sign-in-untrusted-next",
        ],
        Reason::Nobody => [
            "sign-in-nobody",
            "sign-in-nobody-text",
            "sign-in-nobody-next",
        ],
        Reason::Setup => ["sign-in-setup", "sign-in-setup-text", "sign-in-setup-next"],
        Reason::Source => [
            "sign-in-source",
            "sign-in-source-text",
            "sign-in-source-next",
        ],
        Reason::Inside => [
            "sign-in-inside",
            "sign-in-inside-text",
            "sign-in-inside-next",
        ],
    }
}
