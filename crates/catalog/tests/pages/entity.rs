//! The tabs of an entity.

use axum::http::StatusCode;
use serde_json::Value;

use crate::company::{ACME, Company, in_order, words};

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_answers_who_what_and_where() {
    let company = Company::new().await;
    let page = company
        .page("/catalog/default/component/order-service")
        .await;
    assert!(page.contains("<title>Orders · Portway</title>"));
    let text = words(&page);
    in_order(
        &text,
        &[
            "Catalog",
            "Components",
            "Orders",
            "order-service",
            "production",
            "kotlin",
            "Component · service",
        ],
    );
    in_order(
        &text,
        &["Depends on 2", "ghost", "Not in the catalog", "orders-db"],
    );
    in_order(&text, &["Provides 1", "orders-api"]);
    in_order(&text, &["Needed by 1", "checkout-web"]);
    in_order(
        &text,
        &[
            "Purpose",
            "Takes orders",
            "Type",
            "service",
            "System",
            "checkout",
            "Repository",
            "acme/order-service",
        ],
    );
    assert!(
        page.contains(r#"href="https://github.com/acme/order-service""#),
        "{page}"
    );
    in_order(&text, &["SonarQube", "acme_orders"]);
    assert!(!page.contains("href=\"acme_orders"), "{page}");
    in_order(
        &text,
        &[
            "Owner",
            "Team Commerce",
            "commerce@acme.example",
            "Members",
            "Kim Minji",
        ],
    );
    let line = ACME
        .lines()
        .take_while(|line| !line.contains("order-service"))
        .count();
    // The document begins above its name.
    in_order(
        &text,
        &["Declared in", &format!("acme.yaml:{}", line - 2), "Changed"],
    );
    assert!(
        page.contains(r##"href="#""##) && !page.contains("javascript:alert"),
        "{page}"
    );

    let korean = words(
        &company
            .korean("/catalog/default/component/order-service")
            .await,
    );
    in_order(
        &korean,
        &[
            "카탈로그",
            "컴포넌트",
            "개요",
            "의존하는 것 2",
            "용도",
            "주문을 받아 배송까지 이끌어요",
            "소유자",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_backstages_and_ignore_casing() {
    let company = Company::new().await;
    let page = company
        .page("/catalog/Default/Component/Order-Service")
        .await;
    assert!(page.contains("<title>Orders · Portway</title>"));
    let json = company
        .get("/catalog/default/component/order-service.json")
        .await;
    let value: Value = serde_json::from_str(&json.text).expect("JSON");
    assert_eq!(value["metadata"]["name"], "order-service");
    let yaml = company
        .get("/catalog/default/component/order-service.yaml")
        .await;
    assert!(
        yaml.text
            .starts_with("apiVersion: backstage.io/v1alpha1\nkind: Component\n"),
        "{}",
        yaml.text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_that_does_not_exist_is_said_with_its_place() {
    let company = Company::new().await;
    let text = words(&company.page("/catalog/default/component/lonely").await);
    in_order(
        &text,
        &[
            "The owner group:default/team-gone is not in the catalog",
            "Add the group, or change spec.owner at",
            "acme.yaml:",
        ],
    );
    let korean = words(&company.korean("/catalog/default/component/lonely").await);
    in_order(
        &korean,
        &["소유자 group:default/team-gone이 카탈로그에 없어요"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_show_members_and_what_they_own() {
    let company = Company::new().await;
    let page = company.page("/catalog/default/group/team-commerce").await;
    let text = words(&page);
    in_order(
        &text,
        &["Members 1", "Kim Minji", "Owns", "APIs 1", "Components 2"],
    );
    assert!(
        page.contains(
            r#"href="/catalog?kind=component&#38;owner=group%3Adefault%2Fteam-commerce""#
        ),
        "{page}"
    );
    let text = words(&company.page("/catalog/default/user/kim").await);
    in_order(&text, &["Kim Minji", "Member of 1", "Team Commerce"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn apis_show_the_beginning_of_their_definition() {
    let company = Company::new().await;
    let text = words(&company.page("/catalog/default/api/orders-api").await);
    in_order(
        &text,
        &[
            "Provided by 1",
            "Orders",
            "API definition",
            "Definition, openapi",
            "openapi: 3.1.0",
        ],
    );
    let long: String = (0..400)
        .map(|line| format!("    line{line}: 1\n"))
        .collect();
    company.world.write(
        "acme.yaml",
        ACME.replace("    paths: {}\n", &format!("    paths: {{}}\n{long}")),
    );
    company.world.reread_only().await;
    let text = words(&company.page("/catalog/default/api/orders-api").await);
    in_order(
        &text,
        &[
            "line0:",
            "Only the beginning of 403 lines is shown",
            "Show all",
        ],
    );
    assert!(!text.contains("line399"));
    let raw = words(&company.page("/catalog/default/api/orders-api/raw").await);
    assert!(raw.contains("line399"));
}

#[tokio::test(flavor = "multi_thread")]
async fn relations_are_drawn_and_listed_with_what_fails() {
    let company = Company::new().await;
    let page = company
        .page("/catalog/default/resource/orders-db/relations?depth=3")
        .await;
    let text = words(&page);
    // The picture and its list hold the same.
    for name in ["orders-db", "Orders", "checkout-web"] {
        assert!(text.matches(name).count() >= 2, "{name}: {text}");
    }
    in_order(
        &text,
        &[
            "If orders-db fails 3",
            "1",
            "Orders",
            "Needed by",
            "service",
        ],
    );
    in_order(
        &text,
        &["2", "checkout-web", "Needed by", "website", "Team Commerce"],
    );
    assert!(page.contains(r#"aria-current="true">3</a>"#), "{page}");
    let near = words(
        &company
            .page("/catalog/default/resource/orders-db/relations?depth=1&show=dependencies")
            .await,
    );
    let picture = near
        .split_once("If orders-db fails")
        .expect("an impact table")
        .0;
    assert!(
        picture.contains("Orders") && !picture.contains("checkout-web"),
        "{picture}"
    );
    let owners = words(
        &company
            .page("/catalog/default/group/team-commerce/relations")
            .await,
    );
    in_order(&owners, &["Kim Minji"]);
    company
        .korean("/catalog/default/resource/orders-db/relations")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_shows_the_entity_as_programs_get_it() {
    let company = Company::new().await;
    let page = company
        .page("/catalog/default/component/order-service/raw")
        .await;
    in_order(
        &words(&page),
        &[
            "YAML",
            "JSON",
            "API",
            "portway get component:default/order-service -o yaml",
            "kind: Component",
            "dependsOn:",
        ],
    );
    assert!(
        page.contains(r#"href="/api/catalog/entities/by-name/component/default/order-service""#),
        "{page}"
    );
    let json = words(
        &company
            .page("/catalog/default/component/order-service/raw?format=json")
            .await,
    );
    assert!(
        json.contains(r#"&#34;kind&#34;: &#34;Component&#34;"#),
        "{json}"
    );
    company
        .korean("/catalog/default/component/order-service/raw")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn history_tells_who_changed_what_and_shows_the_difference() {
    let company = Company::new().await;
    company.world.write(
        "acme.yaml",
        ACME.replace(
            "lifecycle: production\n  owner",
            "lifecycle: deprecated\n  owner",
        ),
    );
    company.world.reread_only().await;
    let page = company
        .page("/catalog/default/component/order-service/history")
        .await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "Versions 2",
            "2",
            "controller:catalog.source",
            "Changed",
            "spec.lifecycle",
            "1",
            "Created",
        ],
    );
    in_order(
        &text,
        &[
            "Differences",
            "spec.lifecycle",
            "Version 1 to 2",
            "1 line added, 1 removed",
        ],
    );
    assert!(page.contains("<del>") && page.contains("<ins>"), "{page}");
    assert!(page.contains("?at="), "{page}");
    assert!(
        words(
            &company
                .korean("/catalog/default/component/order-service/history")
                .await
        )
        .contains("버전 1에서 2까지")
    );
    let unknown = company
        .get("/catalog/default/component/order-service/history?from=1&to=9")
        .await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_deleted_keeps_its_history() {
    let company = Company::new().await;
    let without: Vec<&str> = ACME
        .split("---\n")
        .filter(|document| !document.contains("name: lonely"))
        .collect();
    company.world.write("acme.yaml", without.join("---\n"));
    company.world.reread_only().await;
    let gone = company.get("/catalog/default/component/lonely").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    in_order(
        &words(&gone.text),
        &[
            "component:default/lonely was deleted",
            "It was deleted at",
            "Its history",
        ],
    );
    let text = words(
        &company
            .page("/catalog/default/component/lonely/history")
            .await,
    );
    in_order(&text, &["lonely", "Deleted", "Created"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_entity_proposes_near_names() {
    let company = Company::new().await;
    for (path, wanted) in [
        (
            "/catalog/default/component/oder-service",
            "/catalog/default/component/order-service",
        ),
        (
            "/catalog/default/api/order-service",
            "/catalog/default/component/order-service",
        ),
        (
            "/catalog/default/component/orders",
            "/catalog/default/api/orders-api",
        ),
    ] {
        let seen = company.get(path).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND);
        assert!(
            seen.text.contains(&format!(r#"<a href="{wanted}">"#)),
            "{path}: {}",
            seen.text
        );
    }
    let seen = company
        .get("/catalog/default/component/zzzzzzzzzz/raw")
        .await;
    assert_eq!(seen.status, StatusCode::NOT_FOUND);
    in_order(
        &words(&seen.text),
        &[
            "component:default/zzzzzzzzzz is not in the catalog",
            "Check its kind",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_version_stays_with_the_error_and_its_line() {
    let company = Company::new().await;
    company.world.write(
        "acme.yaml",
        ACME.replace(
            "metadata: {name: lonely}",
            "metadata: {name: lonely, tags: [Not A Tag]}",
        ),
    );
    company.world.reread_only().await;
    let line = ACME
        .lines()
        .take_while(|line| !line.contains("name: lonely"))
        .count()
        + 1;
    let page = company.page("/catalog/default/component/lonely").await;
    let text = words(&page);
    in_order(
        &text,
        &[
            "lonely",
            "1 error",
            "Problems 1",
            &format!("acme.yaml:{line}:"),
            "Accepted:",
        ],
    );
    let raw = words(&company.page("/catalog/default/component/lonely/raw").await);
    in_order(
        &raw,
        &[
            "1 error in this entity",
            "The last good version is shown",
            "Show errors",
        ],
    );
    let list = words(&company.page("/catalog?view=errors").await);
    in_order(&list, &["With errors 1", "lonely", "Has errors"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_shows_its_neighbours_and_its_last_changes() {
    let company = Company::new().await;
    let page = company
        .page("/catalog/default/component/order-service")
        .await;
    assert!(
        page.contains(r#"<svg width="#),
        "a picture of the neighbours: {page}"
    );
    in_order(
        &words(&page),
        &[
            "Graph",
            "Relations of Orders",
            "Last changes",
            "Created",
            "Version 1 by controller:catalog.source",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tab_that_is_not_there_names_those_that_are() {
    let company = Company::new().await;
    let seen = company
        .get("/catalog/default/component/order-service/cost")
        .await;
    assert_eq!(seen.status, axum::http::StatusCode::NOT_FOUND);
    let text = words(&seen.text);
    assert!(
        text.contains("Orders has no page “cost”") && !text.contains("is not in the catalog"),
        "{text}"
    );
    for tab in ["", "/graph", "/raw", "/history"] {
        let href = format!("href=\"/catalog/default/component/order-service{tab}\"");
        assert!(seen.text.contains(&href), "{href}: {}", seen.text);
    }
    // Links of Backstage's portal lead to the tab that shows the same.
    for (theirs, ours) in [("dependencies", "graph"), ("definition", "api")] {
        let seen = company
            .get(&format!(
                "/catalog/default/api/orders-api/{theirs}?at=2999-01-01"
            ))
            .await;
        let to = seen.headers.get("location").and_then(|to| to.to_str().ok());
        assert_eq!(
            to,
            Some(format!("/catalog/default/api/orders-api/{ours}?at=2999-01-01").as_str())
        );
    }
}
