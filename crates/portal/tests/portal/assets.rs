use std::collections::BTreeSet;
use std::io::Write;

use askama::Template;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
use flate2::Compression;
use flate2::write::GzEncoder;
use portal::gallery::GalleryPage;
use portal::{asset, asset_url, icon_href, icon_names};
use tower::ServiceExt;

async fn fetch(url: &str) -> Response {
    let router = Router::new().route("/assets/{hash}/{name}", get(asset));
    router
        .oneshot(Request::get(url).body(Body::empty()).unwrap())
        .await
        .unwrap()
}

#[tokio::test]
async fn every_asset_has_one_address_and_may_be_kept_for_ever() {
    for name in [
        "portway.css",
        "icons.svg",
        "favicon.svg",
        "portway.js",
        "forms.js",
        "palette.js",
        "htmx.js",
    ] {
        let response = fetch(asset_url(name)).await;
        assert_eq!(response.status(), StatusCode::OK, "{name}");
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(
            response.headers()[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff"
        );
        assert!(
            !to_bytes(response.into_body(), 1 << 20)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn another_hash_is_not_found() {
    let response = fetch("/assets/0000000000/portway.css").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(!response.headers().contains_key(header::CACHE_CONTROL));
    assert_eq!(
        fetch(asset_url("nothing.js")).await.status(),
        StatusCode::NOT_FOUND
    );
}

#[test]
fn icons_are_unique_and_sorted() {
    let names: Vec<_> = icon_names().to_vec();
    let set: BTreeSet<_> = names.iter().copied().collect();
    assert_eq!(names, set.into_iter().collect::<Vec<_>>());
    for needed in [
        "ok", "warn", "bad", "info", "neutral", "unknown", "run", "clock", "out", "edit", "history",
    ] {
        assert!(names.contains(&needed), "{needed}");
    }
    assert!(
        icon_href("no such <icon>")
            .to_string()
            .ends_with("icons.svg#i-unknown")
    );
}

/// What a browser loads first, compressed as the server compresses it. The
/// page itself has its budget in the tests of the pages.
#[tokio::test]
async fn a_first_load_keeps_to_its_budgets() {
    let html = GalleryPage::new(crate::request::view("/design"))
        .render()
        .unwrap();
    let mut names: Vec<&str> = html
        .split("/assets/")
        .skip(1)
        .filter_map(|rest| rest.split(['"', '#']).next()?.split('/').nth(1))
        .collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(
        names,
        [
            "favicon.svg",
            "forms.js",
            "htmx.js",
            "icons.svg",
            "palette.js",
            "portway.css",
            "portway.js"
        ]
    );
    // The page itself is one more request; product page: 12 in all.
    assert!(names.len() < 12, "{names:?}");
    let mut total = 0;
    let mut scripts = 0;
    for name in names {
        let body = to_bytes(fetch(asset_url(name)).await.into_body(), 1 << 20)
            .await
            .unwrap();
        let size = compressed(&body);
        total += size;
        match name.rsplit('.').next() {
            Some("js") => scripts += size,
            Some("css") => assert!(size < 35_000, "{name} has {size} bytes compressed"),
            _ => {}
        }
    }
    assert!(
        scripts < 60_000,
        "the scripts have {scripts} bytes compressed"
    );
    assert!(total < 100_000, "the assets have {total} bytes compressed");
}

fn compressed(body: &[u8]) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap().len()
}
