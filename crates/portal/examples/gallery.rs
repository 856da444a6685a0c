//! Serves the gallery and the portal's own pages with made-up data:
//! `cargo run -p portal --example gallery`, then <http://127.0.0.1:7100/design>.
//! Another address may be given: `-- 127.0.0.1:0` takes any free port.

use std::io::Write as _;
use std::sync::Arc;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use jiff::Timestamp;
use portal::gallery::{GalleryFormPage, GalleryPage, palette_rows};
use portal::ui::Tone;
use portal::ui::form::FormAction;
use portal::{
    ErrorPage, HomePage, KindCount, LoginButton, LoginMessage, LoginPage, Nav, NavEntry, Page,
    Portal, QueueLine, SourcesLine, Toast, UserView, View, asset, preferences,
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
            page(|view| {
                // What becomes of names that nobody expects.
                let text = match view.here.get("text") {
                    Some("long") => "order-service-".repeat(714),
                    Some("hangul") => "\u{c8fc}\u{bb38}".repeat(5_000),
                    Some("rtl") => "\u{202e}evil\u{202c} שירות 🙂".to_owned(),
                    _ => "order-service".to_owned(),
                };
                Page::new(GalleryPage::with_text(view, &text)).into_response()
            }),
        )
        .route("/", page(|view| Page::new(home(view)).into_response()))
        .route(
            "/sign-in",
            page(|view| Page::new(login(view)).into_response()),
        )
        .route(
            "/design/form",
            page(|view| {
                let pairs = view.here.pairs().to_vec();
                Page::new(GalleryFormPage::new(view, "/design/form", &pairs)).into_response()
            })
            .post(answer(&portal)),
        )
        .route(
            "/search/palette",
            page(|view| {
                let query = view.here.get("q").unwrap_or_default().to_owned();
                Html(palette_rows(&view, &query).to_string()).into_response()
            }),
        )
        .route("/assets/{hash}/{name}", get(asset))
        .route("/preferences", post(preferences))
        .fallback_service(page(|view| {
            ErrorPage::new(view, StatusCode::NOT_FOUND)
                .link("order-service", "/design")
                .into_response()
        }));
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:7100");
    let listener = tokio::net::TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    writeln!(std::io::stdout(), "The gallery is at http://{bound}/design")?;
    axum::serve(listener, router).await
}

/// What a form does with its answers: shows what is wrong, or says what is done.
fn answer(
    portal: &Arc<Portal>,
) -> impl Fn(Parts, Form<Vec<(String, String)>>) -> std::future::Ready<Response> + Clone + use<> {
    let portal = Arc::clone(portal);
    move |parts: Parts, Form(pairs)| {
        let view = View::new(&portal, &parts, None, clock());
        // A session that has ended answers every form like this.
        let signed_out = view.here.has("expired", "1");
        let done = view.t("gallery-ok").to_string();
        let action = FormAction::of(&pairs);
        let form = GalleryFormPage::new(view, "/design/form", &pairs);
        std::future::ready(if signed_out {
            Redirect::to("/sign-in?back=%2Fdesign%2Fform").into_response()
        } else if action.only_changes_form() {
            Page::new(form).into_response()
        } else if form.has_errors() {
            Page::new(form)
                .status(StatusCode::UNPROCESSABLE_ENTITY)
                .into_response()
        } else {
            Toast::new(done)
                .link("order-service", "/design")
                .redirect("/")
        })
    }
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
    let text = |key| view.t(key).to_string();
    let waits = |tone, key| QueueLine {
        tone,
        title: text(key),
        href: "/design".to_owned(),
        note: text("gallery-text"),
        action: (text("home-all"), "/design".to_owned()),
    };
    HomePage {
        lead: view.day(&view.now),
        queue: vec![
            waits(Tone::Bad, "gallery-bad"),
            waits(Tone::Info, "gallery-ok"),
        ],
        kinds: vec![
            kind("gallery-name", "service", 1_204),
            kind("gallery-owner", "team", 60),
            kind("gallery-health", "api", 318),
            kind("gallery-level", "database", 462),
        ],
        sources: Some(SourcesLine {
            total: 4,
            in_need: 1,
            href: "/design".to_owned(),
        }),
        starred: Some(Vec::new()),
        ..HomePage::new(view)
    }
}

fn login(view: View) -> LoginPage {
    LoginPage {
        message: Some(LoginMessage {
            tone: Tone::Info,
            title: String::new(),
            text: view.t("error-401-next").to_string(),
            next: String::new(),
            facts: Vec::new(),
        }),
        buttons: vec![LoginButton {
            text: view.t("shell-sign-in").to_string(),
            note: view.t("gallery-text").to_string(),
            icon: "user".to_owned(),
            action: "/sign-in/guest".to_owned(),
            ..LoginButton::default()
        }],
        token_action: Some("/sign-in/token".to_owned()),
        back: view.here.get("back").unwrap_or("/").to_owned(),
        view,
    }
}
