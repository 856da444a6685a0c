//! Backstage's API and our own, over HTTP.

use std::path::Path;

use axum::http::StatusCode;
use platform::actor::{Caller, Grants};
use serde_json::{Value, json};

use crate::world::{World, member};

const COMPANY: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: example-website}
spec: {type: website, lifecycle: experimental, owner: guests}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, title: Payments, description: Takes money, tags: [java]}
spec: {type: service, lifecycle: production, owner: team-commerce}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: kim, description: Engineer}
spec: {memberOf: [], profile: {displayName: Kim Minji, email: kim@acme.example}}
";

fn recorded(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/conformance/backstage/recorded-api")
        .join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// What differs from run to run.
fn without_markers(text: &str) -> Value {
    let mut value: Value = serde_json::from_str(text).unwrap();
    for result in value["results"].as_array_mut().unwrap() {
        let highlight = &mut result["highlight"];
        let (pre, post) = (highlight["preTag"].clone(), highlight["postTag"].clone());
        let (pre, post) = (pre.as_str().unwrap(), post.as_str().unwrap());
        let text = highlight
            .to_string()
            .replace(pre, "<m>")
            .replace(post, "</m>");
        *highlight = serde_json::from_str(&text).unwrap();
    }
    value
}

#[tokio::test]
async fn answers_are_those_that_backstage_gave() {
    let world = World::with(COMPANY).await;
    for name in [
        "search-query.json",
        "search-query-types.json",
        "search-query-bad.json",
    ] {
        let Some(recorded) = recorded(name) else {
            continue;
        };
        let line = recorded["request"]["line"].as_str().unwrap();
        let path = line.split_whitespace().nth(1).unwrap();
        // The recorded catalog had one component only.
        let path = if name == "search-query-types.json" {
            format!("{path}&filters[type]=website")
        } else {
            path.to_owned()
        };
        let seen = world.get(&path).await;
        assert_eq!(
            u64::from(seen.status.as_u16()),
            recorded["status"].as_u64().unwrap(),
            "{name}"
        );
        let body: Value = serde_json::from_str(&seen.text).unwrap();
        if seen.status == StatusCode::OK {
            assert_eq!(
                without_markers(&seen.text),
                without_markers(&recorded["body"].to_string()),
                "{name}"
            );
        } else {
            assert_eq!(
                body["error"]["name"], recorded["body"]["error"]["name"],
                "{name}"
            );
            let message = body["error"]["message"].as_str().unwrap();
            let wanted = recorded["body"]["error"]["message"].as_str().unwrap();
            assert!(message.starts_with(wanted), "{name}: {message}");
        }
    }
}

#[tokio::test]
async fn pages_follow_one_another() {
    let world = World::with(COMPANY).await;
    let first = world.get("/api/search/query?pageLimit=1").await.json();
    assert_eq!(first["previousPageCursor"], Value::Null);
    let total = first["numberOfResults"].as_u64().unwrap();
    let mut cursor = first["nextPageCursor"].as_str().unwrap().to_owned();
    let mut seen = vec![first["results"][0]["document"]["title"].clone()];
    for rank in 2..=total {
        let page = world
            .get(&format!(
                "/api/search/query?pageLimit=1&pageCursor={cursor}"
            ))
            .await
            .json();
        assert_eq!(page["results"][0]["rank"], rank);
        assert!(page["previousPageCursor"].is_string());
        seen.push(page["results"][0]["document"]["title"].clone());
        cursor = page["nextPageCursor"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
    }
    assert_eq!(cursor, "", "the last page has no next");
    assert_eq!(seen.len() as u64, total);
    assert!(
        seen.contains(&json!("example-website")) && seen.contains(&json!("Payments")),
        "{seen:?}"
    );
}

#[tokio::test]
async fn filters_narrow_and_unknown_ones_find_nothing() {
    let world = World::with(COMPANY).await;
    let count = async |query: &str| {
        world
            .get(&format!("/api/search/query?{query}"))
            .await
            .json()["numberOfResults"]
            .clone()
    };
    assert_eq!(count("filters[kind]=User").await, 1);
    assert_eq!(
        count("filters[kind][0]=User&filters[kind][1]=Component&filters[lifecycle]=production")
            .await,
        1
    );
    assert_eq!(count("filters%5Bowner%5D=guests").await, 1);
    assert_eq!(count("filters[componentType]=service").await, 1);
    assert_eq!(count("filters[colour]=red").await, 0);
    assert_eq!(count("types[]=techdocs").await, 0);
    assert_eq!(count("types=software-catalog&term=payments").await, 1);
}

#[tokio::test]
async fn text_of_people_has_their_name_and_address() {
    let world = World::with(COMPANY).await;
    let found = world.get("/api/search/query?term=minji").await.json();
    let document = &found["results"][0]["document"];
    assert_eq!(document["text"], "Engineer : Kim Minji : kim@acme.example");
    assert_eq!(document["location"], "/catalog/default/user/kim");
    assert_eq!(
        (&document["type"], &document["lifecycle"]),
        (&json!("other"), &json!(""))
    );
}

#[tokio::test]
async fn wrong_requests_are_told_why() {
    let world = World::with(COMPANY).await;
    let long = format!("/api/search/query?term={}", "x".repeat(101));
    for (path, words) in [
        (
            long.as_str(),
            "The term length \\\"101\\\" is greater than \\\"100\\\"",
        ),
        ("/api/search/query?types[0]=unknown", "Invalid input"),
        ("/api/search/query?pageLimit=many", "must be integer"),
        (
            "/api/search/query?pageCursor=%21%21",
            "pageCursor is not a cursor",
        ),
        ("/api/v1/search?limit=101", "must be <= 100"),
        ("/api/v1/search?owner=group:", "no entity reference"),
    ] {
        let seen = world.get(path).await;
        assert_eq!(seen.status, StatusCode::BAD_REQUEST, "{path}");
        let body: Value = serde_json::from_str(&seen.text).unwrap();
        let message = body["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{path}: {message}");
    }
}

#[tokio::test]
async fn our_own_answer_has_owner_facets_and_reasons() {
    let world = World::with(COMPANY).await;
    let found = world
        .get("/api/v1/search?q=paymnets&explain=1")
        .await
        .json();
    assert_eq!(found["totalItems"], 1);
    let item = &found["items"][0];
    assert_eq!(item["ref"], "component:default/payments");
    assert_eq!(item["owner"]["ref"], "group:default/team-commerce");
    assert_eq!(
        found["facets"]["kind"],
        json!([{ "value": "Component", "count": 1 }])
    );
    assert_eq!(found["index"]["complete"], true);
    let word = &item["explanation"]["words"][0];
    assert_eq!(
        (&word["kind"], &word["field"]),
        (&json!("typo"), &json!("wholeName"))
    );
    assert!(
        item["explanation"]["own"].as_f64().unwrap() > 1.0,
        "the caller is in team-commerce"
    );
    assert_eq!(
        world.get("/api/v1/search?q=&tag=java").await.json()["totalItems"],
        1
    );
}

#[tokio::test]
async fn whoever_may_not_read_the_catalog_may_not_search_it() {
    let world = World::with(COMPANY).await;
    for path in [
        "/api/search/query?term=a",
        "/api/v1/search?q=a",
        "/search?q=a",
        "/search/palette?q=a",
    ] {
        let nobody = world.get_as(Caller::anonymous(), path, "en").await;
        assert_eq!(nobody.status, StatusCode::UNAUTHORIZED, "{path}");
        let other = Caller {
            grants: Grants::None,
            ..member("team-commerce")
        };
        assert_eq!(
            world.get_as(other, path, "en").await.status,
            StatusCode::FORBIDDEN,
            "{path}"
        );
    }
    let blind = Caller {
        grants: Grants::None,
        ..member("team-commerce")
    };
    let found = world
        .search
        .ask(&blind, "payments", search::Narrow::default(), 0, 10);
    assert_eq!((found.total, found.kinds.len()), (0, 0));
}
