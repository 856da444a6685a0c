use std::collections::BTreeSet;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use axum::routing::get;
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

/// The budgets of the product page, before compression.
#[tokio::test]
async fn assets_stay_small() {
    for (name, most) in [
        ("portway.css", 100_000),
        ("portway.js", 10_000),
        ("htmx.js", 40_000),
        ("icons.svg", 14_000),
    ] {
        let size = to_bytes(fetch(asset_url(name)).await.into_body(), 1 << 20)
            .await
            .unwrap()
            .len();
        assert!(size <= most, "{name} has {size} bytes");
    }
}
