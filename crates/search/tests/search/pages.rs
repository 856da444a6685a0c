//! The page of results and the palette's rows, in both languages.

use axum::http::StatusCode;

use crate::world::{World, member};

const COMPANY: &str = "apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-commerce, title: 주문팀}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: order-service, title: Orders, description: Takes orders, tags: [java]}
spec: {type: service, lifecycle: production, owner: team-commerce}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: order-api, description: \"<script>alert(1)</script> orders\"}
spec: {type: openapi, lifecycle: production, owner: nobody, definition: \"openapi: 3.1.0\"}
";

async fn page(world: &World, path: &str, language: &str) -> String {
    let seen = world.get_as(member("team-commerce"), path, language).await;
    assert_eq!(seen.status, StatusCode::OK, "{path}: {}", seen.text);
    assert_eq!(
        world.portal.texts().missing(),
        Vec::<String>::new(),
        "{path}"
    );
    seen.text
}

#[tokio::test]
async fn results_are_grouped_marked_and_escaped() {
    let world = World::with(COMPANY).await;
    let html = page(&world, "/search?q=order", "en").await;
    assert!(html.starts_with("<!doctype html>"));
    assert!(
        html.contains(
            r#"<a href="/catalog/default/component/order-service"><mark>Order</mark>s</a>"#
        ),
        "{html}"
    );
    assert!(
        html.contains(r#"<a href="/catalog/default/group/team-commerce">주문팀</a>"#),
        "the owner: {html}"
    );
    assert!(
        html.contains(r#"aria-label="APIs""#) && html.contains(r#"aria-label="Entities""#),
        "{html}"
    );
    assert!(!html.contains("<script>alert"), "{html}");
    let narrowed = page(&world, "/search?q=order&kind=API", "en").await;
    assert!(
        !narrowed.contains("/catalog/default/component/order-service"),
        "{narrowed}"
    );
}

#[tokio::test]
async fn reasons_come_on_request() {
    let world = World::with(COMPANY).await;
    for language in ["en", "ko"] {
        let plain = page(&world, "/search?q=oders", language).await;
        let why = page(&world, "/search?q=oders&why=1", language).await;
        assert!(!plain.contains("“oders”:"), "{plain}");
        assert!(why.contains("“oders”:"), "{why}");
    }
}

#[tokio::test]
async fn nothing_found_proposes_the_nearest() {
    let world = World::with(COMPANY).await;
    let html = page(&world, "/search?q=ordexyzz", "en").await;
    assert!(html.contains("Nothing fits “ordexyzz”"), "{html}");
    assert!(
        html.contains("/catalog/default/component/order-service"),
        "{html}"
    );
    let empty = page(&world, "/search", "ko").await;
    assert!(empty.contains("무엇을 찾고 있나요?"), "{empty}");
}

#[tokio::test]
async fn rows_of_the_palette_are_options_with_the_owner() {
    let world = World::with(COMPANY).await;
    let html = page(&world, "/search/palette?q=orders", "en").await;
    assert!(
        html.starts_with(r#"<div class="palette-results""#),
        "{html}"
    );
    let row = html
        .split("<a ")
        .find(|row| row.contains("component/order-service\""))
        .unwrap();
    for part in [
        r#"class="palette-item""#,
        r#"role="option""#,
        r#"id="palette-option-1""#,
        r#"aria-selected="true""#,
        r#"data-secondary="/catalog/default/group/team-commerce""#,
        r#"data-complete="order-service""#,
        "<mark>Orders</mark>",
        "주문팀</span>",
        "<template>",
        "<dt>Owner</dt><dd>주문팀</dd>",
    ] {
        assert!(row.contains(part), "{part} is not in {row}");
    }
    assert_eq!(html.matches(r#"aria-selected="true""#).count(), 1);
}

#[tokio::test]
async fn the_first_character_says_what_is_meant() {
    let world = World::with(COMPANY).await;
    let has = async |query: &str, words: &str| {
        let html = page(&world, &format!("/search/palette?q={query}"), "en").await;
        assert!(html.contains(words), "{query}: {words} is not in {html}");
        html
    };
    let people = has("@주문", "group/team-commerce").await;
    assert!(!people.contains("component/order-service"), "{people}");
    has("%23java", "component/order-service").await;
    has("%3Eorders", "component/order-service/history").await;
    has("?", "people and teams").await;
    has("", "component/order-service").await;
    has("sources", "/sources").await;
    has("qqqqqq", "Nothing fits").await;
    let korean = page(&world, "/search/palette?q=컴포넌트", "ko").await;
    assert!(korean.contains("/catalog?kind=component"), "{korean}");
}
