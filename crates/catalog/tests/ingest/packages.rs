//! SBOMs of entities: read, replaced, kept, searched, on both databases.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::from_fn;
use platform::ApiError;
use platform::actor::Caller;
use platform::http::Gate;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::support::{On, World, admin, component, on_both_databases, together};

on_both_databases!(
    affected_services_are_found_by_owning_team,
    an_sbom_that_breaks_is_said_and_what_it_said_stays,
    packages_go_with_the_annotation_and_with_the_entity,
    nothing_outside_of_the_tree_is_read,
    the_same_sbom_is_not_written_again,
    names_versions_and_ecosystems_narrow,
    tiers_and_objectives_are_checked,
);

struct Admin;

#[async_trait]
impl Gate for Admin {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(admin())
    }
}

async fn get(world: &World, path: &str) -> (StatusCode, String) {
    let router = catalog::api::routes(&world.catalog, Arc::new(Admin)).into_router();
    let router = router.layer(from_fn(platform::http::finish));
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let response = router.oneshot(request).await.expect("an answer");
    let status = response.status();
    let bytes = to_bytes(response.into_body(), 1 << 24)
        .await
        .expect("a body");
    (status, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
}

async fn found(world: &World, query: &str) -> Value {
    let (status, text) = get(world, &format!("/api/v1/packages?{query}")).await;
    assert_eq!(status, StatusCode::OK, "{text}");
    serde_json::from_str(&text).expect("JSON")
}

/// The entities in an answer, owner by owner.
fn owners(found: &Value) -> Value {
    let owners = found["owners"].as_array().expect("owners").iter();
    owners
        .map(|owner| {
            let entities = owner["entities"].as_array().expect("entities").iter();
            let names: Vec<_> = entities.map(|entity| entity["ref"].clone()).collect();
            json!([owner["owner"], names])
        })
        .collect()
}

fn service(name: &str, owner: &str, sbom: &str) -> String {
    component(name).replace("team-a", owner).replace(
        "spec:",
        &format!("  annotations:\n    portway.dev/sbom: {sbom}\nspec:"),
    )
}

/// A CycloneDX SBOM in which the application depends on all packages.
fn cyclonedx(purls: &[&str]) -> String {
    let components: Vec<Value> = purls
        .iter()
        .map(|purl| json!({ "type": "library", "bom-ref": purl, "name": "x", "purl": purl }))
        .collect();
    json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "metadata": { "component": { "bom-ref": "app", "name": "app", "type": "application" } },
        "components": components,
        "dependencies": [{ "ref": "app", "dependsOn": purls }],
    })
    .to_string()
}

const CORE: &str = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1";
const FIXED: &str = "pkg:maven/org.apache.logging.log4j/log4j-core@2.17.1";

async fn affected_services_are_found_by_owning_team(on: On) {
    let world = World::new(on).await;
    let teams = ["commerce", "billing"].map(|name| {
        format!("apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {{name: {name}, title: Team {name}}}\nspec: {{type: team, children: [], profile: {{email: {name}@acme.example}}}}\n")
    });
    world.write("one.cdx.json", cyclonedx(&[CORE, "pkg:npm/left-pad@1.0.0"]));
    world.write("two.cdx.json", cyclonedx(&[CORE]));
    world.write("fixed.cdx.json", cyclonedx(&[FIXED]));
    let documents = [
        teams[0].clone(),
        teams[1].clone(),
        service("orders", "commerce", "./one.cdx.json"),
        service("cart", "commerce", "two.cdx.json, ./fixed.cdx.json"),
        service("invoices", "billing", "./two.cdx.json"),
        service("patched", "billing", "./fixed.cdx.json"),
        component("unknown"),
    ];
    let file = world.write("all.yaml", together(&documents));
    world.declare(&[&file]).await;
    assert!(
        world.problems().await.is_empty(),
        "{:?}",
        world.problems().await
    );
    let answer = found(&world, "name=log4j&version=%3C2.17.1").await;
    assert_eq!(
        owners(&answer),
        json!([
            [
                "group:default/commerce",
                ["component:default/cart", "component:default/orders"]
            ],
            ["group:default/billing", ["component:default/invoices"]],
        ])
    );
    assert_eq!(answer["owners"][0]["title"], "Team commerce");
    assert_eq!(answer["owners"][0]["email"], "commerce@acme.example");
    assert_eq!(
        (&answer["entityCount"], &answer["packageCount"]),
        (&json!(3), &json!(3))
    );
    assert_eq!(answer["coverage"]["components"], 5);
    assert_eq!(answer["coverage"]["componentsWithout"], 1);
    let package = &answer["owners"][0]["entities"][0]["packages"][0];
    assert_eq!(package["name"], "org.apache.logging.log4j:log4j-core");
    assert_eq!(package["version"], "2.14.1");
    assert_eq!(package["relation"], "direct");
    assert_eq!(package["purl"], CORE);
    let (_, csv) = get(
        &world,
        "/api/v1/packages?name=log4j&version=%3C2.17.1&format=csv",
    )
    .await;
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 4, "{csv}");
    assert!(
        lines[1]
            .starts_with("group:default/commerce,component:default/cart,cart,production,maven,"),
        "{csv}"
    );
    let (_, packages) = get(
        &world,
        "/api/v1/catalog/entities/component/default/cart/packages",
    )
    .await;
    let packages: Value = serde_json::from_str(&packages).expect("JSON");
    assert_eq!(packages["totalItems"], 2);
    assert_eq!(packages["sboms"].as_array().map(Vec::len), Some(2));
}

async fn an_sbom_that_breaks_is_said_and_what_it_said_stays(on: On) {
    let world = World::new(on).await;
    world.write("sbom.json", cyclonedx(&[CORE]));
    let file = world.write("all.yaml", service("orders", "a", "./sbom.json"));
    world.declare(&[&file]).await;
    world.write(
        "sbom.json",
        "{\n  \"bomFormat\": \"CycloneDX\",\n  \"components\": 7\n}",
    );
    world.reread_only().await;
    let problems = world.problems().await;
    let problem = problems.first().expect("a problem");
    assert_eq!((&*problem.code, problem.line), ("invalid-sbom", 3));
    assert!(problem.file.ends_with("/sbom.json"), "{problem:?}");
    assert_eq!(
        problem.entity_ref.as_deref(),
        Some("component:default/orders")
    );
    let entity = world.entity("component:default/orders").expect("it stays");
    let status = entity["status"]["items"][0]["error"]["message"]
        .as_str()
        .expect("a status");
    assert!(status.contains("sbom.json:3:"), "{status}");
    assert_eq!(
        found(&world, "name=log4j-core").await["entityCount"],
        1,
        "kept"
    );
    world.remove("sbom.json");
    world.reread_only().await;
    let problems = world.problems().await;
    let problem = problems.first().expect("a problem");
    assert_eq!(
        (&*problem.code, problem.line, problem.column),
        ("not-found", 6, 23),
        "{problem:?}"
    );
    assert_eq!(
        found(&world, "name=log4j-core").await["entityCount"],
        1,
        "kept"
    );
    world.write("sbom.json", cyclonedx(&[FIXED]));
    world.reread_only().await;
    assert!(world.problems().await.is_empty());
    assert_eq!(
        found(&world, "name=log4j-core&version=%3C2.17.1").await["entityCount"],
        0
    );
    assert_eq!(
        found(&world, "name=log4j-core&version=2.17.1").await["entityCount"],
        1
    );
}

async fn packages_go_with_the_annotation_and_with_the_entity(on: On) {
    let world = World::with(
        on,
        catalog::Rules::everything(),
        catalog::DeletionGuard {
            share: 1.0,
            ..Default::default()
        },
    )
    .await;
    world.write("sbom.json", cyclonedx(&[CORE]));
    let both = [
        service("one", "a", "./sbom.json"),
        service("two", "a", "./sbom.json"),
    ];
    let file = world.write("all.yaml", together(&both));
    world.declare(&[&file]).await;
    assert_eq!(found(&world, "name=log4j").await["entityCount"], 2);
    world.write("all.yaml", together(&[both[0].clone(), component("two")]));
    world.reread_only().await;
    assert_eq!(
        owners(&found(&world, "name=log4j").await),
        json!([["group:default/a", ["component:default/one"]]])
    );
    world.write("all.yaml", component("two"));
    world.reread_only().await;
    let answer = found(&world, "name=log4j").await;
    assert_eq!(answer["entityCount"], 0);
    assert_eq!(answer["coverage"]["packages"], 0, "nothing is left over");
}

async fn nothing_outside_of_the_tree_is_read(on: On) {
    let world = World::new(on).await;
    let outside = tempfile::tempdir().expect("a directory elsewhere");
    std::fs::write(outside.path().join("sbom.json"), cyclonedx(&[CORE])).expect("written");
    let away = format!("../../../../../..{}/sbom.json", outside.path().display());
    let documents = [
        service("climber", "a", &away),
        service("caller", "a", "https://sboms.example/orders.json"),
        service("fine", "a", "./sbom.json"),
    ];
    world.write("sbom.json", cyclonedx(&[FIXED]));
    let file = world.write("all.yaml", together(&documents));
    world.declare(&[&file]).await;
    let answer = found(&world, "name=log4j").await;
    assert_eq!(
        owners(&answer),
        json!([["group:default/a", ["component:default/fine"]]])
    );
    let problems = world.problems().await;
    let codes: Vec<_> = problems
        .iter()
        .map(|problem| {
            (
                problem.entity_ref.as_deref().unwrap_or_default(),
                problem.code.as_str(),
            )
        })
        .collect();
    assert!(
        codes.contains(&("component:default/climber", "outside-tree")),
        "{problems:?}"
    );
    assert!(
        codes
            .iter()
            .any(|(entity, _)| *entity == "component:default/caller"),
        "{problems:?}"
    );
    assert_eq!(world.refs().len(), 3, "the entities stay");
}

async fn the_same_sbom_is_not_written_again(on: On) {
    let world = World::new(on).await;
    // A version that is not known is remarked each time.
    world.write("sbom.json", cyclonedx(&[CORE]).replace("1.5", "1.3"));
    let file = world.write("all.yaml", service("orders", "a", "./sbom.json"));
    world.declare(&[&file]).await;
    let sboms = "/api/v1/catalog/entities/component/default/orders/packages";
    let first = get(&world, sboms).await;
    assert_eq!(world.problems().await.len(), 1);
    world.reread_only().await;
    world.reread_only().await;
    assert_eq!(
        get(&world, sboms).await,
        first,
        "with the time at which it was read"
    );
    assert_eq!(world.problems().await[0].code, "sbom-version");
}

async fn names_versions_and_ecosystems_narrow(on: On) {
    let world = World::new(on).await;
    let purls = [
        CORE,
        "pkg:maven/log4j/log4j@1.2.17",
        "pkg:npm/log4js@6.0.0",
        "pkg:npm/%40acme/log4j_tools@1.0.0",
        "pkg:pypi/Typing_Extensions@4.1.0",
        "pkg:npm/floating@main",
    ];
    world.write("sbom.json", cyclonedx(&purls));
    let file = world.write("all.yaml", service("orders", "a", "./sbom.json"));
    world.declare(&[&file]).await;
    for (query, expected) in [
        ("name=log4j", 4),
        ("name=LOG4J", 4),
        ("name=log4j&ecosystem=maven", 2),
        ("name=org.apache.logging.log4j:log4j-core", 1),
        ("name=log4j:log4j", 1),
        ("name=@acme/log4j_tools", 1),
        ("name=log4j*", 4),
        ("name=log4j", 4),
        ("name=*core", 1),
        ("name=log4j_", 1),
        ("name=typing-extensions", 1),
        ("name=typing.extensions", 1),
        ("name=pkg:npm/log4js@6.0.0", 1),
        ("name=pkg:npm/log4js@7.0.0", 0),
        ("name=pkg:maven/log4j/log4j%26version=%3C2", 0),
        ("name=%25%25", 0),
    ] {
        assert_eq!(
            found(&world, query).await["packageCount"],
            expected,
            "{query}"
        );
    }
    let odd = found(&world, "name=floating&version=%3C2").await;
    assert_eq!(odd["packageCount"], 0);
    assert_eq!(odd["notComparedCount"], 1);
    assert_eq!(odd["notCompared"][0]["reason"], "no-order");
    for (query, wanted) in [
        ("", "name"),
        ("name=a", "2 to 300"),
        ("name=log4j&version=%5E1", "version"),
        ("name=pkg:maven", "package URL"),
        ("name=log4j&format=xml", "format"),
    ] {
        let (status, text) = get(&world, &format!("/api/v1/packages?{query}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{query}");
        assert!(text.contains(wanted), "{query}: {text}");
    }
}

async fn tiers_and_objectives_are_checked(on: On) {
    let world = World::new(on).await;
    let tagged =
        |name: &str, metadata: &str| component(name).replace("spec:", &format!("{metadata}spec:"));
    let documents = [
        tagged("one", "  tags: [tier-1]\n"),
        tagged("odd", "  tags: [java, tier-9]\n"),
        tagged(
            "wrong",
            "  annotations:\n    portway.dev/tier: \"7\"\n    portway.dev/slo: always\n",
        ),
    ];
    let file = world.write("all.yaml", together(&documents));
    world.declare(&[&file]).await;
    let problems = world.problems().await;
    let mut told: Vec<_> = problems
        .iter()
        .map(|problem| {
            (
                problem.code.as_str(),
                &*problem.severity,
                problem.line,
                problem.column,
            )
        })
        .collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            ("invalid-slo", "warning", 27, 22),
            ("unknown-tier", "warning", 15, 16),
            ("unknown-tier", "warning", 26, 23),
        ],
        "{problems:?}"
    );
    assert!(
        problems
            .iter()
            .all(|problem| problem.fix.is_some() && problem.accepted.is_some())
    );
    assert!(
        world
            .entity("component:default/wrong")
            .expect("it stays")
            .get("status")
            .is_none()
    );
    let (_, facts) = get(
        &world,
        "/api/v1/catalog/entities/component/default/one/facts",
    )
    .await;
    let facts: Value = serde_json::from_str(&facts).expect("JSON");
    assert_eq!(
        facts["tier"],
        json!({ "value": "1", "source": "tag tier-1" })
    );
    assert_eq!(facts["slo"]["percent"], "99.99");
    assert_eq!(facts["slo"]["errorBudgetSecondsPer30Days"], 259);
    let (status, _) = get(
        &world,
        "/api/v1/catalog/entities/component/default/none/facts",
    )
    .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}
