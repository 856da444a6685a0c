//! The pages of campaigns, in both languages.

use axum::http::StatusCode;

use crate::world::{On, SPEC, World, company, words};

const NOON: &str = "2026-11-21T12:00:00Z";
const PAGE: &str = "/campaigns/default/pg11";
const FOUR: &[(&str, &str, &str)] = &[
    ("a", "17", "team-orders"),
    ("b", "11", "team-orders"),
    ("c", "11", "team-pay"),
    ("d", "11", "ghost"),
];

fn spec() -> String {
    format!(
        "{SPEC}reason: no security fixes\nendOfLife: {{product: PostgreSQL 11, date: 2023-11-09, url: \"javascript:alert(1)\"}}\n\
         waves:\n  - {{name: half, deadline: 2026-11-15, share: 50}}\n\
         exemptions:\n  - {{ref: \"resource:c\", until: 2026-11-30, reason: is switched off, approvedBy: \"user:ada\"}}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_how_each_stands() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec())).await;
    let text = words(&world.page("/campaigns", "en").await);
    for wanted in [
        "PostgreSQL 11",
        "At risk",
        "33%",
        "2026-12-01",
        "in 10 days",
        "Shop",
        "Cannot say",
    ] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
    let text = words(&world.page("/campaigns", "ko").await);
    for wanted in ["캠페인", "위험", "10일 남음", "알 수 없음"] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_campaign_shows_chart_teams_and_what_remains() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec())).await;
    let html = world.page(PAGE, "en").await;
    let text = words(&html);
    for wanted in [
        "PostgreSQL 11",
        "At risk",
        "1 of 3 done",
        "Burndown",
        "Remaining entities",
        "resource:default/b",
        "Payments",
        "ghost",
        "missing",
        "is switched off",
        "until 2026-11-30",
        "approved by user:ada",
        "half",
        "Overdue",
        "50% of all",
        "2023-11-09",
        "no security fixes",
        "Ideal",
    ] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
    assert!(!html.contains("javascript:"), "a link that runs");
    // The chart has a name, a description, and the same numbers as a table.
    for wanted in [
        "<title",
        "<desc",
        "2 remained on the first day that was measured",
    ] {
        assert!(html.contains(wanted), "`{wanted}`");
    }
    let text = words(&world.page(PAGE, "ko").await);
    for wanted in [
        "위험",
        "3개 가운데 1개 완료",
        "번다운",
        "남은 엔티티",
        "전체의 50%",
        "user:ada 승인",
        "기한 지남",
    ] {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_campaign_shows_how_to_begin() {
    let text = "apiVersion: backstage.io/v1alpha1\nkind: Domain\nmetadata: {name: shop}\nspec: {owner: a}\n";
    let world = World::new(On::Sqlite, NOON, text).await;
    let text = words(&world.page("/campaigns", "en").await);
    assert!(
        text.contains("No campaigns") && text.contains("kind: Campaign"),
        "{text}"
    );
    let text = words(&world.page("/campaigns", "ko").await);
    assert!(text.contains("캠페인이 없어요"), "{text}");
    assert_eq!(world.get(PAGE).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_campaign_shows_what_to_mend() {
    let text = company(FOUR, &SPEC.replace("2026-12-01", "2026-10-01"));
    let world = World::new(On::Sqlite, NOON, &text).await;
    for (language, wanted) in [("en", "cannot be measured"), ("ko", "잴 수 없어요")] {
        let text = words(&world.page(PAGE, language).await);
        assert!(text.contains(wanted), "`{wanted}` in {text}");
        assert!(
            text.contains("the deadline 2026-10-01 is before the start 2026-11-01"),
            "{text}"
        );
        assert!(text.contains("acme.yaml:"), "{text}");
    }
    let list = words(&world.page("/campaigns", "en").await);
    assert!(
        list.contains("Invalid") && list.contains("1 problem"),
        "{list}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_texts_stay_texts() {
    let text = company(FOUR, &spec())
        .replace(
            "title: PostgreSQL 11}",
            "title: \"<script>alert(1)</script>\"}",
        )
        .replace(
            "  name: b\n",
            "  name: b\n  title: '<img src=x onerror=alert(1)>'\n",
        )
        .replace("is switched off", "\"<b onclick=x>\"");
    let world = World::new(On::Sqlite, NOON, &text).await;
    for path in ["/campaigns", PAGE] {
        let html = world.page(path, "en").await;
        for bad in ["<script>alert", "<img src=x", "<b onclick"] {
            assert!(!html.contains(bad), "{bad} in {path}");
        }
    }
}
