//! Campaigns over HTTP.

use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use platform::actor::Caller;
use serde_json::json;

use crate::world::{On, SPEC, World, company};

const NOON: &str = "2026-11-21T12:00:00Z";
const ITEM: &str = "/api/v1/campaigns/default/pg11";

fn spec() -> String {
    format!(
        "{SPEC}reason: no security fixes\nendOfLife: {{product: PostgreSQL 11, date: 2023-11-09}}\n\
         waves:\n  - {{name: orders, deadline: 2026-11-15, filter: \"relations.ownedBy=group:default/team-orders\"}}\n  \
         - {{name: half, deadline: 2026-11-30, share: 50}}\n\
         exemptions:\n  - {{ref: \"resource:c\", reason: is switched off, approvedBy: \"user:ada\"}}\n"
    )
}

const FOUR: &[(&str, &str, &str)] = &[
    ("a", "17", "team-orders"),
    ("b", "11", "team-orders"),
    ("c", "11", "team-pay"),
    ("d", "11", "team-pay"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_list_has_the_figures() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec())).await;
    let list = world.json("/api/v1/campaigns").await;
    assert_eq!(list["totalItems"], 1);
    let item = &list["items"][0];
    assert_eq!(item["ref"], "campaign:default/pg11");
    assert_eq!(item["owner"], "group:default/dept-shop");
    // 10 of 30 days are left, so that 1 of 3 should remain; 2 do.
    assert_eq!(item["standing"], "at-risk");
    assert_eq!(
        item["progress"],
        json!({ "total": 4, "done": 1, "exempt": 1, "remaining": 2, "percent": 33, "removed": 0 })
    );
    assert_eq!(item["forecast"], json!({ "unknown": "too-little-data" }));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_campaign_has_teams_waves_and_what_remains() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec())).await;
    let found = world.json(ITEM).await;
    let teams: Vec<_> = found["teams"]
        .as_array()
        .expect("teams")
        .iter()
        .map(|team| {
            (
                team["title"].clone(),
                team["depth"].clone(),
                team["progress"]["remaining"].clone(),
            )
        })
        .collect();
    assert_eq!(
        teams,
        [
            (json!("Shop"), json!(0), json!(2)),
            (json!("Orders"), json!(1), json!(1)),
            (json!("Payments"), json!(1), json!(1)),
        ]
    );
    let waves: Vec<_> = found["waves"]
        .as_array()
        .expect("waves")
        .iter()
        .map(|wave| {
            (
                wave["name"].clone(),
                wave["progress"]["remaining"].clone(),
                wave["overdue"].clone(),
            )
        })
        .collect();
    assert_eq!(
        waves,
        [
            (json!("orders"), json!(1), json!(true)),
            (json!("half"), json!(1), json!(false)),
            (json!(null), json!(1), json!(false)),
        ]
    );
    let remaining: Vec<_> = found["remaining"]
        .as_array()
        .expect("targets")
        .iter()
        .map(|target| target["ref"].clone())
        .collect();
    assert_eq!(remaining, ["resource:default/b", "resource:default/d"]);
    assert_eq!(found["exempt"][0]["approvedBy"], "user:ada");
    assert_eq!(found["endOfLife"]["date"], "2023-11-09");
    assert_eq!(
        found["burndown"]["days"],
        json!([{ "day": "2026-11-21", "total": 4, "done": 1, "exempt": 1, "remaining": 2, "removed": 0, "ideal": 1.0 }])
    );
    assert_eq!(
        found["burndown"]["ideal"][1],
        json!({ "day": "2026-12-01", "remaining": 0 })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_week_of_history_gives_a_forecast() {
    let names: Vec<String> = (0..30).map(|at| format!("db-{at:02}")).collect();
    let at = |done: usize| {
        let databases: Vec<_> = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                (
                    name.as_str(),
                    if at < done { "17" } else { "11" },
                    "team-pay",
                )
            })
            .collect();
        company(&databases, SPEC)
    };
    let world = World::new(On::Sqlite, "2026-11-01T12:00:00Z", &at(0)).await;
    for day in 1..=9 {
        world.rewrite(&at(2 * day)).await;
        world.pass(Duration::from_secs(86_400)).await;
    }
    // Two a day; 12 remain on the 10th.
    let found = world.json(ITEM).await;
    assert_eq!(found["today"], "2026-11-10");
    assert_eq!(
        found["forecast"],
        json!({ "expectedOn": "2026-11-16", "perDay": 2.0 })
    );
    assert_eq!(found["standing"], "on-track");
    let days = found["burndown"]["days"].as_array().expect("days");
    let remaining: Vec<_> = days
        .iter()
        .map(|day| day["remaining"].as_u64().expect("a number"))
        .collect();
    assert_eq!(remaining, [30, 28, 26, 24, 22, 20, 18, 16, 14, 12]);
    assert_eq!(found["burndown"]["baseline"], 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_csv_has_what_remains() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec())).await;
    let seen = world.get(&format!("{ITEM}/remaining.csv")).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert_eq!(
        seen.headers[header::CONTENT_TYPE],
        "text/csv; charset=utf-8"
    );
    assert_eq!(
        seen.text,
        "ref,kind,namespace,name,title,owner,wave,deadline,joined\r\n\
         resource:default/b,resource,default,b,b,group:default/team-orders,orders,2026-11-15,2026-11-21\r\n\
         resource:default/d,resource,default,d,d,group:default/team-pay,,2026-12-01,2026-11-21\r\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_title_becomes_a_formula() {
    let text =
        company(FOUR, SPEC).replace("  name: b\n", "  name: b\n  title: '=HYPERLINK(\"x\")'\n");
    let world = World::new(On::Sqlite, NOON, &text).await;
    let seen = world.get(&format!("{ITEM}/remaining.csv")).await;
    assert!(
        seen.text.contains(r#","'=HYPERLINK(""x"")","#),
        "{}",
        seen.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_is_not_there() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, SPEC)).await;
    for path in [
        "/api/v1/campaigns/default/ghost",
        "/api/v1/campaigns/default/%20",
        "/api/v1/campaigns/x/y/remaining.csv",
    ] {
        let seen = world.get(path).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        assert!(seen.text.contains("portway campaigns"), "{}", seen.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_campaign_says_where() {
    let text = company(FOUR, &SPEC.replace("2026-12-01", "2026-10-01"));
    let world = World::new(On::Sqlite, NOON, &text).await;
    let found = world.json(ITEM).await;
    assert_eq!(found["standing"], "invalid");
    let problem = &found["problems"][0];
    assert_eq!(problem["code"], "campaign-dates");
    assert_eq!(problem["pointer"], "/spec/deadline");
    assert!(
        problem["file"]
            .as_str()
            .expect("a file")
            .ends_with("acme.yaml")
    );
    assert!(problem["line"].as_u64().expect("a line") > 20, "{problem}");
    let seen = world.get(&format!("{ITEM}/remaining.csv")).await;
    assert_eq!(seen.status, StatusCode::CONFLICT);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_probably_not_meant_is_said() {
    let spec = format!(
        "{SPEC}exemptions:\n  - {{ref: \"resource:ghost\", reason: x}}\n  - {{ref: \"resource:d\", until: 2026-11-20, reason: x}}\n"
    );
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec)).await;
    let found = world.json(ITEM).await;
    let places: Vec<_> = found["problems"]
        .as_array()
        .expect("problems")
        .iter()
        .map(|problem| problem["pointer"].clone())
        .collect();
    assert_eq!(
        places,
        ["/spec/exemptions/0/ref", "/spec/exemptions/1/until"]
    );
    world
        .rewrite(&company(
            FOUR,
            &SPEC.replace("spec.type=database", "spec.type=spaceship"),
        ))
        .await;
    let found = world.json("/api/v1/campaigns").await;
    // What was once a target stays one; a new campaign has none.
    assert_eq!(found["items"][0]["progress"]["total"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_matches_nothing_is_said() {
    let spec = SPEC.replace("spec.type=database", "spec.type=spaceship");
    let world = World::new(On::Sqlite, NOON, &company(FOUR, &spec)).await;
    let found = world.json(ITEM).await;
    assert_eq!(found["standing"], "empty");
    assert_eq!(found["problems"][0]["code"], "campaign-no-targets");
    assert_eq!(found["progress"]["percent"], json!(null));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_see_entities_sees_no_campaign() {
    let world = World::new(On::Sqlite, NOON, &company(FOUR, SPEC)).await;
    for path in [
        "/api/v1/campaigns",
        ITEM,
        "/campaigns",
        "/campaigns/default/pg11",
    ] {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        let seen = world.send(Caller::anonymous(), request).await;
        assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}
