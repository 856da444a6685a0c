use axum::body::to_bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use portal::ui::{Status, Tone};
use portal::{
    CONTENT_SECURITY_POLICY, ChangeLine, ErrorPage, HomePage, KindCount, Lang, LinkLine,
    LoginButton, LoginMessage, LoginPage, Page, QueueLine, SourcesLine, ThingLine, View,
};

use crate::request::{now, view_in, view_with};

async fn body(response: Response) -> String {
    String::from_utf8(
        to_bytes(response.into_body(), 1 << 20)
            .await
            .unwrap()
            .to_vec(),
    )
    .unwrap()
}

fn home(view: View, filled: bool) -> HomePage {
    let empty = HomePage::new(view);
    if !filled {
        return empty;
    }
    let view = empty.view.clone();
    let href = "/catalog/default/component/order-service".to_owned();
    HomePage {
        queue: vec![QueueLine {
            tone: Tone::Bad,
            title: "order-service has errors".to_owned(),
            href: href.clone(),
            note: "catalog-info.yaml:3:1".to_owned(),
            action: ("Show errors".to_owned(), href.clone()),
        }],
        things: vec![ThingLine {
            name: "order-service".to_owned(),
            href: href.clone(),
            icon: "service".to_owned(),
            owner: Some(("Team Commerce".to_owned(), href.clone())),
            spec_type: "service".to_owned(),
            tier: "1".to_owned(),
            lifecycle: "production".to_owned(),
            status: Status {
                tone: Tone::Ok,
                text: "OK".to_owned(),
            },
            changed: Some((view.ago(&now()), href.clone())),
        }],
        things_total: 1,
        things_title: "Components".to_owned(),
        changes: vec![ChangeLine {
            icon: "edit",
            tone: None,
            text: "order-service has changed".to_owned(),
            href: href.clone(),
            note: "spec.owner".to_owned(),
            when: view.ago(&now()),
        }],
        starred: Some(vec![LinkLine {
            text: "order-service".to_owned(),
            href,
            icon: "service".to_owned(),
            note: String::new(),
        }]),
        kinds: vec![KindCount {
            text: "APIs".to_owned(),
            icon: "api".to_owned(),
            href: "/catalog?kind=api".to_owned(),
            count: 1_318,
        }],
        sources: Some(SourcesLine {
            total: 4,
            in_need: 1,
            href: "/sources".to_owned(),
        }),
        ..empty
    }
}

#[tokio::test]
async fn the_home_page_says_what_waits_with_one_next_step_each() {
    let html = body(Page::new(home(view_in(Lang::En, "/"), true)).into_response()).await;
    assert!(html.contains("order-service has errors"), "{html}");
    assert!(html.contains(">Show errors</a>"), "{html}");
    assert!(html.contains("1 needs attention"), "{html}");
    // Filled by the script of the page; without it there is no empty card.
    assert!(
        html.contains(r#"id="recent-card" aria-labelledby="recent" hidden"#),
        "{html}"
    );
    let empty = body(Page::new(home(view_in(Lang::En, "/"), false)).into_response()).await;
    assert!(empty.contains("The catalog is empty"), "{empty}");
    assert!(!empty.contains("Nothing waits"), "{empty}");
}

#[tokio::test]
async fn pages_carry_the_security_headers() {
    let response = Page::new(home(view_in(Lang::En, "/"), true)).into_response();
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(
        headers[header::CONTENT_SECURITY_POLICY],
        CONTENT_SECURITY_POLICY
    );
    assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    assert_eq!(headers[header::VARY], "Cookie, Accept-Language");
    assert!(!CONTENT_SECURITY_POLICY.contains("unsafe"));
    assert!(body(response).await.contains("1,318</span>"));
}

#[tokio::test]
async fn every_page_renders_in_every_language_full_and_empty() {
    for lang in Lang::ALL {
        let view = view_in(lang, "/");
        let portal = view.portal.clone();
        for filled in [true, false] {
            let html = body(Page::new(home(view.clone(), filled)).into_response()).await;
            assert!(html.contains(&format!("<html lang=\"{lang}\"")));
        }
        for status in [400, 401, 403, 404, 405, 409, 418, 429, 500, 502, 503] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                ErrorPage::new(view.clone(), status)
                    .into_response()
                    .status(),
                status
            );
        }
        for filled in [true, false] {
            let button = LoginButton {
                text: "guest".to_owned(),
                action: "/sign-in/guest".to_owned(),
                ..LoginButton::default()
            };
            let page = LoginPage {
                view: view.clone(),
                message: filled.then(|| LoginMessage {
                    tone: Tone::Info,
                    title: "not known".to_owned(),
                    text: "again".to_owned(),
                    next: "ask".to_owned(),
                    facts: vec![("email".to_owned(), "kim@example.com".to_owned())],
                }),
                buttons: if filled { vec![button] } else { Vec::new() },
                token_action: filled.then(|| "/sign-in/token".to_owned()),
                back: "/catalog".to_owned(),
            };
            let html = body(Page::new(page).into_response()).await;
            assert_eq!(html.contains("name=\"token\""), filled);
            assert_eq!(html.contains("app-config.yaml"), !filled);
        }
        assert_eq!(portal.texts().missing(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn errors_say_what_why_what_next_and_the_request() {
    let view = view_with(
        "/catalog/default/component/oder-service",
        &[("x-request-id", "7f3a")],
    );
    let page = ErrorPage::new(view, StatusCode::NOT_FOUND)
        .why("There is no component oder-service.")
        .next("Did you mean one of these?")
        .link("order-service", "/catalog/default/component/order-service");
    let html = body(page.into_response()).await;
    for part in [
        "There is no such page",
        "There is no component oder-service.",
        "Did you mean one of these?",
        r#"<a href="/catalog/default/component/order-service">order-service</a>"#,
        "Request 7f3a",
    ] {
        assert!(html.contains(part), "{part} is not in {html}");
    }
}

#[tokio::test]
async fn a_person_is_led_back_after_signing_in() {
    let (parts, ()) = axum::http::Request::get("/catalog?kind=api")
        .body(())
        .unwrap()
        .into_parts();
    let view = View::new(&crate::request::portal(), &parts, None, now());
    let html = body(ErrorPage::new(view, StatusCode::UNAUTHORIZED).into_response()).await;
    assert!(
        html.contains("/sign-in?back=%2Fcatalog%3Fkind%3Dapi"),
        "{html}"
    );
}
