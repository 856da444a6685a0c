//! Language, theme and time zone of a visitor.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::post;
use jiff::{SignedDuration, Timestamp};
use portal::{Lang, preferences};
use tower::ServiceExt;

use crate::request::{now, view, view_with};

#[test]
fn language_from_address_then_cookie_then_header() {
    for (query, cookie, accept, expected) in [
        (None, None, None, Lang::En),
        (Some("ko"), Some("en"), Some("en"), Lang::Ko),
        (Some("fr"), Some("ko"), Some("en"), Lang::Ko),
        (
            None,
            None,
            Some("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7"),
            Lang::Ko,
        ),
        (None, None, Some("fr, en;q=0.3, ko;q=0.5"), Lang::Ko),
        (None, None, Some("ko;q=0, en;q=0.1"), Lang::En),
        (None, None, Some("ko;q=nonsense"), Lang::En),
        (None, None, Some("KO"), Lang::Ko),
        (None, None, Some("korean"), Lang::En),
        (None, Some("'; drop"), Some(",,;;q="), Lang::En),
    ] {
        assert_eq!(
            Lang::negotiate(query, cookie, accept),
            expected,
            "{query:?} {cookie:?} {accept:?}"
        );
    }
}

#[test]
fn cookies_choose_what_the_page_says_in_its_root() {
    let cookies =
        "a=b; portway_theme=dark; portway_contrast=more; portway_density=compact; portway_lang=ko";
    let view = view_with("/design", &[("cookie", cookies)]);
    let html = askama::Template::render(&portal::gallery::GalleryPage::new(view)).unwrap();
    let root = r#"<html lang="ko" data-theme="dark" data-contrast="more" data-density="compact">"#;
    assert!(html.contains(root), "{}", &html[..300]);
    assert!(
        !askama::Template::render(&portal::gallery::GalleryPage::new(view_with(
            "/design",
            &[]
        )))
        .unwrap()
        .contains("<html lang=\"en\" data-")
    );
}

#[test]
fn times_are_written_in_the_zone_of_the_cookie() {
    let at: Timestamp = "2026-11-21T08:05:00Z".parse().unwrap();
    assert_eq!(view("/").date(&at), "2026-11-21 08:05 UTC");
    for zone in ["Asia/Seoul", "Asia%2FSeoul"] {
        let seoul = view_with("/", &[("cookie", &format!("portway_zone={zone}"))]);
        assert_eq!(seoul.date(&at), "2026-11-21 17:05 KST");
    }
    let wrong = view_with("/", &[("cookie", "portway_zone=../../etc/passwd")]);
    assert_eq!(wrong.date(&at), "2026-11-21 08:05 UTC");
}

#[test]
fn ages_in_both_languages() {
    for (seconds, en, ko) in [
        (-30, "just now", "방금"),
        (4, "just now", "방금"),
        (20, "20 s ago", "20초 전"),
        (240, "4 min ago", "4분 전"),
        (7_200, "2 h ago", "2시간 전"),
        (3 * 86_400, "3 d ago", "3일 전"),
        (120 * 86_400, "4 mo ago", "4개월 전"),
        (800 * 86_400, "2 y ago", "2년 전"),
    ] {
        let at = now() - SignedDuration::from_secs(seconds);
        let tag = view("/").ago(&at).to_string();
        assert!(tag.ends_with(&format!(">{en}</time>")), "{tag}");
        let tag = view_with("/", &[("cookie", "portway_lang=ko")])
            .ago(&at)
            .to_string();
        assert!(tag.ends_with(&format!(">{ko}</time>")), "{tag}");
    }
    let at = now() + SignedDuration::from_mins(3);
    assert_eq!(
        view("/").until(&at).to_string(),
        r#"<time datetime="2026-11-21T08:08:00Z" data-age="until" title="2026-11-21 08:08 UTC">in 3 min</time>"#
    );
}

async fn choose(body: &'static str) -> Response {
    let router = Router::new().route("/preferences", post(preferences));
    let request = Request::post("/preferences")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    router.oneshot(request).await.unwrap()
}

#[tokio::test]
async fn choices_become_cookies_and_lead_back() {
    let response =
        choose("theme=dark&lang=ko&zone=Asia%2FSeoul&back=%2Fcatalog%3Fkind%3Dapi").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/catalog?kind=api");
    let cookies: Vec<_> = response
        .headers()
        .get_all(header::SET_COOKIE)
        .iter()
        .map(|c| c.to_str().unwrap())
        .collect();
    assert_eq!(
        cookies,
        [
            "portway_theme=dark; Path=/; Max-Age=31536000; SameSite=Lax",
            "portway_lang=ko; Path=/; Max-Age=31536000; SameSite=Lax",
            "portway_zone=Asia/Seoul; Path=/; Max-Age=31536000; SameSite=Lax",
        ]
    );
}

#[tokio::test]
async fn choices_outside_the_known_are_ignored() {
    for back in [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "/a%0D%0ASet-Cookie:x",
        "",
        "catalog",
    ] {
        let body: &'static str =
            format!("theme=pink&lang=fr&zone=Mars%2FBase&density=&back={back}").leak();
        let response = choose(body).await;
        assert_eq!(response.headers()[header::LOCATION], "/", "{back}");
        assert!(!response.headers().contains_key(header::SET_COOKIE));
    }
}
