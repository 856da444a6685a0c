//! Pictures of relations, what fails, ways between two, people, insides, stars.

use std::fmt::Write as _;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use platform::actor::{Actor, ActorKind, Caller, Grants};
use serde_json::Value;

use crate::company::{ACME, Company, in_order, words};

/// Two systems, two tiers, three teams below a department, a circle.
const SHOP: &str = r#"
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: dept, title: Department}
spec: {type: department, children: [team-a, team-b], profile: {email: dept@acme.example}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a}
spec: {type: team, children: [], profile: {email: a@acme.example}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-b}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ann}
spec: {memberOf: [team-a]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bob}
spec: {memberOf: [team-b]}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: dora}
spec: {memberOf: [dept]}
---
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: {name: trade}
spec: {owner: dept}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: billing, title: Billing}
spec: {owner: team-a, domain: trade}
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: store, title: Store}
spec: {owner: team-b, domain: trade}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, tags: [tier-2]}
spec: {type: service, lifecycle: production, owner: team-a, system: billing, providesApis: [pay-api], dependsOn: ["component:ledger"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec: {type: service, lifecycle: production, owner: team-a, system: billing}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: pay-api}
spec: {type: grpc, lifecycle: production, owner: team-a, system: billing, definition: "service Pay {}"}
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: inner-api}
spec: {type: grpc, lifecycle: production, owner: team-a, system: billing, definition: "service Inner {}"}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: cart, tags: [tier-3]}
spec: {type: service, lifecycle: production, owner: team-b, system: store, consumesApis: [pay-api]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: web, tags: [tier-1]}
spec: {type: website, lifecycle: production, owner: team-b, system: store, dependsOn: ["component:cart"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: one}
spec: {type: library, lifecycle: production, owner: team-b, dependsOn: ["component:two"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: two}
spec: {type: library, lifecycle: production, owner: team-b, dependsOn: ["component:one"]}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: nobodys}
spec: {type: library, lifecycle: production, owner: team-gone, system: billing}
"#;

const LEDGER: &str = "/catalog/default/component/ledger";

async fn shop() -> Company {
    Company::with(SHOP).await
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn refs(data: &Value) -> Vec<String> {
    let items = data.as_array().expect("a list");
    items
        .iter()
        .map(|item| item["ref"].as_str().expect("a ref").to_owned())
        .collect()
}

fn anonymous() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::Anonymous, "anonymous"),
        ownership: Default::default(),
        grants: Grants::All,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_comes_by_tier_then_owner() {
    let company = shop().await;
    let path = format!("{LEDGER}/graph?mode=impact");
    let data = json(&company.get(&format!("{path}&format=json")).await.text);
    assert_eq!(
        refs(&data["items"]),
        [
            "component:default/web",
            "component:default/payments",
            "component:default/cart",
            "api:default/pay-api",
        ]
    );
    assert_eq!(data["items"][0]["tier"], "1");
    assert_eq!(data["items"][0]["depth"], 4);
    let csv = company.get(&format!("{path}&format=csv")).await.text;
    assert!(
        csv.contains("2,group:default/team-a,component:default/payments,1,dependencyOf,component:default/ledger"),
        "{csv}"
    );
    let page = company.page(&path).await;
    in_order(
        &words(&page),
        &[
            "If ledger fails 4",
            "web",
            "payments",
            "cart",
            "Who is affected",
            "team-b",
            "1",
            "2",
        ],
    );
    assert!(page.contains("mailto:a@acme.example?subject="), "{page}");
    assert!(page.contains("portway impact component:default/ledger"));
    company.korean(&path).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn direction_depth_relations_and_kinds_decide_what_is_found() {
    let company = shop().await;
    let found = async |query: &str| {
        let path = format!("/catalog/default/component/payments/graph?format=json&{query}");
        let data = json(&company.get(&path).await.text);
        let mut refs = refs(&data["nodes"]);
        refs.sort();
        refs
    };
    assert_eq!(
        found("direction=down&depth=all").await,
        ["component:default/ledger", "component:default/payments"]
    );
    assert_eq!(
        found("direction=up&depth=1").await,
        ["api:default/pay-api", "component:default/payments"]
    );
    assert_eq!(
        found("direction=up&depth=6&kind=component").await,
        [
            "component:default/cart",
            "component:default/payments",
            "component:default/web"
        ]
    );
    assert_eq!(
        found("rel=partOf&depth=1").await,
        ["component:default/payments", "system:default/billing"]
    );
    // The earlier address and the one of today lead to the same page.
    for path in ["relations", "graph"] {
        company
            .page(&format!(
                "/catalog/default/component/payments/{path}?show=parts"
            ))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_circle_is_noted_and_marked() {
    let company = shop().await;
    let page = company.page("/catalog/default/component/one/graph").await;
    in_order(
        &words(&page),
        &[
            "Dependencies go round in a circle",
            "one",
            "→",
            "two",
            "→",
            "one",
            "In a circle",
        ],
    );
    assert!(
        page.contains(r#"class="graph-edge" data-tone="warn""#),
        "{page}"
    );
    let data = json(
        &company
            .get("/catalog/default/component/one/graph.json")
            .await
            .text,
    );
    assert_eq!(data["edges"][0]["circle"], true);
    let other = company.page(&format!("{LEDGER}/graph")).await;
    assert!(!other.contains("go round in a circle"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_of_a_system_stand_in_its_frame() {
    let company = shop().await;
    let path = format!("{LEDGER}/graph?depth=all");
    let page = company.page(&path).await;
    assert_eq!(
        page.matches(r#"class="graph-cluster""#).count(),
        2,
        "{page}"
    );
    let plain = company.page(&format!("{path}&cluster=none")).await;
    assert!(!plain.contains(r#"class="graph-cluster""#));
}

#[tokio::test(flavor = "multi_thread")]
async fn ways_between_two_are_chains_with_relations() {
    let company = shop().await;
    let text = words(
        &company
            .page("/catalog/default/component/web/graph?to=ledger")
            .await,
    );
    in_order(
        &text,
        &[
            "Path to another",
            "web needs ledger",
            "web",
            "Depends on →",
            "cart",
            "Consumes →",
            "pay-api",
            "Provided by →",
            "payments",
            "Depends on →",
            "ledger",
        ],
    );
    let text = words(
        &company
            .page(&format!("{LEDGER}/graph?to=component:web"))
            .await,
    );
    in_order(&text, &["web needs ledger"]);
    // Two things that need the same but not each other.
    let text = words(
        &company
            .page("/catalog/default/component/one/graph?to=web")
            .await,
    );
    in_order(
        &text,
        &[
            "Related, but neither needs the other",
            "one",
            "Owned by →",
            "team-b",
        ],
    );
    let text = words(
        &company
            .page("/catalog/default/component/one/graph?to=payment")
            .await,
    );
    in_order(&text, &["Which payment?", "component:default/payments"]);
    let text = words(
        &company
            .page("/catalog/default/component/one/graph?to=qqqqqq")
            .await,
    );
    in_order(&text, &["No entity is called qqqqqq"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_can_be_taken_elsewhere() {
    let company = shop().await;
    let file = async |format: &str| {
        let seen = company
            .get(&format!("{LEDGER}/graph?depth=all&format={format}"))
            .await;
        assert_eq!(seen.status, StatusCode::OK);
        seen
    };
    let mermaid = file("mermaid").await.text;
    assert!(mermaid.starts_with("flowchart LR\n"), "{mermaid}");
    assert!(mermaid.contains("subgraph s0[\"Billing\"]"), "{mermaid}");
    assert!(mermaid.contains("-->|\"Depends on\"|"), "{mermaid}");
    let dot = file("dot").await.text;
    assert!(
        dot.contains("label=\"Billing\"") && dot.ends_with("}\n"),
        "{dot}"
    );
    let svg = file("svg").await;
    assert_eq!(svg.headers[header::CONTENT_TYPE], "image/svg+xml");
    assert!(svg.text.starts_with("<svg xmlns="), "{}", svg.text);
    assert!(!svg.text.contains("class=") && !svg.text.contains("style="));
    let csv = file("csv").await.text;
    assert!(
        csv.contains("component:default/payments,dependsOn,component:default/ledger,1,"),
        "{csv}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_graph_takes_several_roots_and_backstages_addresses() {
    let company = shop().await;
    let text = words(&company.page("/graph").await);
    in_order(
        &text,
        &[
            "Nothing is chosen yet",
            "Domains",
            "trade",
            "Systems",
            "Billing",
        ],
    );
    let seen = company
        .get("/catalog-graph?rootEntityRefs%5B%5D=component:default/web&rootEntityRefs%5B%5D=component%3Adefault%2Fledger&maxDepth=1&selectedKinds%5B%5D=Component&selectedRelations%5B%5D=dependsOn&unidirectional=true&curve=curveStepBefore")
        .await;
    assert_eq!(seen.status, StatusCode::PERMANENT_REDIRECT);
    let to = seen.headers[header::LOCATION]
        .to_str()
        .expect("an address")
        .to_owned();
    let text = words(&company.page(&to).await);
    in_order(&text, &["web", "ledger", "4 things, 2 relations"]);
    let data = json(
        &company
            .get(&to.replace("/graph?", "/graph.json?"))
            .await
            .text,
    );
    assert_eq!(data["nodes"].as_array().map(Vec::len), Some(4));
    let seen = company.get("/graph?add=cart&depth=1").await;
    assert_eq!(
        seen.headers[header::LOCATION],
        "/graph?depth=1&root=component%3Adefault%2Fcart"
    );
    let text = words(
        &company
            .page("/graph?root=component:default/ghost&add=zzzzzz")
            .await,
    );
    in_order(
        &text,
        &[
            "component:default/ghost is not in the catalog",
            "No entity is called zzzzzz",
        ],
    );
    company
        .korean("/graph?root=component:web&root=api:pay-api&mode=all&depth=3")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_counts_its_nested_groups_when_asked() {
    let company = shop().await;
    let text = words(&company.page("/catalog/default/group/dept").await);
    in_order(
        &text,
        &[
            "Members 1",
            "dora",
            "Groups above and below",
            "team-a",
            "team-b",
            "Owns 1",
            "Domains 1",
        ],
    );
    let page = company
        .page("/catalog/default/group/dept?nested=true")
        .await;
    let text = words(&page);
    in_order(
        &text,
        &["Members 3", "ann", "bob", "dora", "Owns 11", "Components 6"],
    );
    in_order(&text, &["Without an owner, in its systems", "1"]);
    assert!(page.contains("/catalog?kind=component&#38;owner=group%3Adefault%2Fdept&#38;owner=group%3Adefault%2Fteam-a"), "{page}");
    let text = words(&company.page("/catalog/default/user/ann").await);
    in_order(
        &text,
        &[
            "Member of 1",
            "team-a",
            "Through these groups also",
            "Department",
            "Owned by these groups",
        ],
    );
    company.korean("/catalog/default/group/team-a").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_shows_its_inside_and_what_crosses_its_border() {
    let company = shop().await;
    let page = company.page("/catalog/default/system/billing").await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "Inside",
            "Components 3",
            "APIs 2",
            "Uses of others 0",
            "Uses by others 1",
            "cart",
            "APIs that others use 1",
            "pay-api",
            "1 user",
            "1 API has no user outside",
        ],
    );
    assert_eq!(
        page.matches(r#"class="graph-cluster""#).count(),
        1,
        "{page}"
    );
    let text = words(&company.page("/catalog/default/domain/trade").await);
    in_order(&text, &["Inside", "Systems 2", "Billing", "Store"]);
    company.korean("/catalog/default/system/store").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stars_are_given_and_taken_and_need_a_person() {
    let company = Company::with(ACME).await;
    let orders = "/catalog/default/component/order-service";
    let star = format!("{orders}/star?back=%2Fcatalog%2Fdefault%2Fcomponent%2Forder-service%2Fraw");
    assert!(words(&company.page(orders).await).contains("Star"));
    let seen = company.post(&star, "on=true").await;
    assert_eq!(seen.status, StatusCode::SEE_OTHER, "{}", seen.text);
    assert_eq!(seen.headers[header::LOCATION], format!("{orders}/raw"));
    assert!(words(&company.page(orders).await).contains("Remove star"));
    let elsewhere = format!("{orders}/star?back=https%3A%2F%2Fevil.example");
    let seen = company.post(&elsewhere, "on=false").await;
    assert_eq!(seen.headers[header::LOCATION], orders);
    assert!(!words(&company.page(orders).await).contains("Remove star"));
    assert_eq!(
        company.post(&star, "on=perhaps").await.status,
        StatusCode::BAD_REQUEST
    );
    let gone = "/catalog/default/component/none/star";
    assert_eq!(
        company.post(gone, "on=true").await.status,
        StatusCode::NOT_FOUND
    );

    let get = Request::get(orders).body(Body::empty()).expect("a request");
    let page = company.send(anonymous(), get).await.text;
    assert!(
        words(&page).contains("Sign in to star") && !page.contains("/star?"),
        "{page}"
    );
    let request = Request::post(&star)
        .body(Body::from("on=true"))
        .expect("a request");
    let seen = company.send(anonymous(), request).await;
    assert_eq!(seen.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_can_stand_side_by_side() {
    let company = Company::with(ACME).await;
    company
        .world
        .write("acme.yaml", ACME.replace("Takes orders", "Accepts orders"));
    company.world.reread_only().await;
    let history = "/catalog/default/component/order-service/history";
    let side = company
        .page(&format!("{history}?from=1&to=2&look=side"))
        .await;
    assert!(
        side.contains(r#"data-look="side""#) && side.contains(r#"<td data-change="del">"#),
        "{side}"
    );
    in_order(&words(&side), &["Takes orders", "Accepts orders"]);
    let inline = company.page(&format!("{history}?from=1&to=2")).await;
    assert!(!inline.contains(r#"data-look="side""#));
    assert!(company.page(history).await.contains("?at="));
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_relations_stay_readable() {
    let mut text = String::from(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: hub}\nspec: {type: service, lifecycle: production, owner: team-x}\n---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: many, title: Many}\nspec: {owner: team-x}\n",
    );
    for number in 0..2_500 {
        let system = if number < 400 { ", system: many" } else { "" };
        write!(text, "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: user-{number:04}}}\nspec: {{type: service, lifecycle: production, owner: team-x, dependsOn: [\"component:hub\"]{system}}}\n").expect("text");
    }
    let company = Company::with(&text).await;
    let hub = "/catalog/default/component/hub";
    let page = company.page(&format!("{hub}/graph")).await;
    let nodes = page.matches(r#"class="graph-node""#).count();
    assert!((100..=150).contains(&nodes), "{nodes}");
    assert!(page.len() < 300_000, "{}", page.len());
    let rows = page.matches(r#"class="tree-row""#).count();
    assert!(rows < 120, "{rows}");
    let text = words(&page);
    assert!(
        text.contains("in Components") && text.contains("in Many"),
        "{text}"
    );
    in_order(&text, &["2,500"]);
    // Opening the group shows its nodes on their own.
    assert!(page.contains("open=system%3Adefault%2Fmany"), "{page}");
    let open = company
        .page(&format!("{hub}/graph?open=system:default/many"))
        .await;
    in_order(&words(&open), &["Opened groups", "Many"]);
    assert!(
        open.contains(r#"href="/catalog?system=system%3Adefault%2Fmany""#),
        "{open}"
    );
    let overview = company.page(hub).await;
    assert!(overview.len() < 100_000, "{}", overview.len());
    let data = json(&company.get(&format!("{hub}/graph.json")).await.text);
    assert_eq!(data["nodes"].as_array().map(Vec::len), Some(2_501));
}
