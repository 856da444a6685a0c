//! Serves the gallery and the portal's own pages with made-up data:
//! `cargo run -p portal --example gallery`, then <http://127.0.0.1:7100/design>.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::{SignedDuration, Timestamp};
use portal::gallery::GalleryPage;
use portal::ui::{Fresh, Status, Tone};
use portal::{
    ErrorPage, HomePage, KindCount, LoginButton, LoginMessage, LoginPage, Nav, NavEntry, OwnedLine,
    Page, Portal, SourceLine, UserView, View, asset, preferences,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let mut components = NavEntry::new("gallery-title", "/design");
    components.count = Some(1_204);
    let mut help = NavEntry::new("nav-learn", "/nothing");
    help.icon = "help".to_owned();
    let mut nav = Nav::default()
        .entry("nav-catalog", components)
        .entry(
            "nav-catalog",
            NavEntry::new("home-sources", "/catalog/sources"),
        )
        .entry("nav-create", NavEntry::new("nav-deliver", "/create"))
        .entry("nav-learn", NavEntry::new("nav-learn", "/docs"));
    nav.foot.push(help);
    let portal = Portal::new(&[], nav, "Acme").map_err(std::io::Error::other)?;
    let page = |make: fn(View) -> Response| {
        let portal = Arc::clone(&portal);
        get(move |request: Request| async move {
            let (parts, _) = request.into_parts();
            let user = UserView {
                name: "Kim Minji".to_owned(),
                href: Some("/".to_owned()),
                can_sign_out: true,
            };
            make(View::new(&portal, &parts, Some(user), clock()))
        })
    };
    let router = Router::new()
        .route(
            "/design",
            page(|view| Page::new(GalleryPage::new(view)).into_response()),
        )
        .route("/", page(|view| Page::new(home(view)).into_response()))
        .route(
            "/sign-in",
            page(|view| Page::new(login(view)).into_response()),
        )
        .route("/assets/{hash}/{name}", get(asset))
        .route("/preferences", post(preferences))
        .fallback_service(page(|view| {
            ErrorPage::new(view, StatusCode::NOT_FOUND)
                .link("order-service", "/design")
                .into_response()
        }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:7100").await?;
    axum::serve(listener, router).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gallery runs without the platform and its clock"
)]
fn clock() -> Timestamp {
    Timestamp::now()
}

fn home(view: View) -> HomePage {
    let kind = |key: &str, icon: &str, count| KindCount {
        text: view.t(key).to_string(),
        icon: icon.to_owned(),
        href: "/design".to_owned(),
        count,
    };
    let at = view.now.checked_sub(SignedDuration::from_mins(42)).ok();
    HomePage {
        kinds: vec![
            kind("gallery-name", "service", 1_204),
            kind("gallery-owner", "team", 60),
            kind("gallery-health", "api", 318),
            kind("gallery-level", "database", 462),
        ],
        sources: vec![SourceLine {
            name: "github acme/*".to_owned(),
            href: "/design".to_owned(),
            status: Status {
                tone: Tone::Bad,
                text: view.t("gallery-bad").to_string(),
            },
            note: view.t("gallery-text").to_string(),
            fresh: Fresh {
                at,
                source: "GitHub".to_owned(),
                stale: true,
                next: Some(view.now),
            },
        }],
        source_count: 4,
        sources_href: "/design".to_owned(),
        owned: Some(vec![OwnedLine {
            name: "order-service".to_owned(),
            href: "/design".to_owned(),
            icon: "service".to_owned(),
            note: view.t("gallery-text").to_string(),
            status: None,
        }]),
        owned_href: "/design".to_owned(),
        view,
    }
}

fn login(view: View) -> LoginPage {
    LoginPage {
        message: Some(LoginMessage {
            tone: Tone::Info,
            text: view.t("error-401-next").to_string(),
        }),
        buttons: vec![LoginButton {
            text: view.t("shell-sign-in").to_string(),
            note: view.t("gallery-text").to_string(),
            icon: "user".to_owned(),
            action: "/sign-in/guest".to_owned(),
        }],
        token_action: Some("/sign-in/token".to_owned()),
        back: view.here.get("back").unwrap_or("/").to_owned(),
        view,
    }
}
