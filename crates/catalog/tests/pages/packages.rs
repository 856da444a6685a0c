//! Packages, tiers and compliance on pages and in exports (R-085, R-089, R-090).

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::company::{Company, in_order, words};

/// Two teams, two SBOMs, three tiers, two standards, and a hostile title.
const AUDITED: &str = r##"apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-commerce, title: Team Commerce}
spec: {type: team, children: [], profile: {email: commerce@acme.example}}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
  title: Orders
  tags: [java, tier-1]
  labels: {acme.example/compliance: PCI-DSS}
  annotations: {portway.dev/sbom: ./orders.json}
  links:
    - {url: "https://evidence.example/orders", title: Scope, type: evidence}
    - {url: "https://grafana.example/d/1", title: Dashboard}
spec: {type: service, lifecycle: production, owner: team-commerce}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: patients
  title: "=HYPERLINK(\"https://evil.example\")"
  labels: {compliance/hipaa: "true", compliance/pci-dss: "false", portway.dev/tier: "2"}
spec: {type: service, lifecycle: production, owner: team-gone}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: ledger
  tags: [tier-3]
  annotations: {portway.dev/compliance: "hipaa, pci-dss", portway.dev/slo: "99.95"}
spec: {type: service, lifecycle: production, owner: team-commerce}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: broken, annotations: {portway.dev/sbom: ./broken.json}}
spec: {type: service, lifecycle: production, owner: team-commerce}
"##;

async fn audited() -> Company {
    let company = Company::with(AUDITED).await;
    let component = |reference: &str, purl: &str| json!({ "type": "library", "bom-ref": reference, "name": "x", "purl": purl });
    let sbom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": { "component": { "bom-ref": "app", "name": "orders", "type": "application" } },
        "components": [
            component("starter", "pkg:maven/org.springframework.boot/starter@2.6.0"),
            component("core", "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"),
            component("odd", "pkg:npm/log4js@main"),
        ],
        "dependencies": [
            { "ref": "app", "dependsOn": ["starter"] },
            { "ref": "starter", "dependsOn": ["core"] },
        ],
    });
    company.world.write("orders.json", sbom.to_string());
    company.world.write("broken.json", "{ \"bomFormat\": ");
    company.world.reread_only().await;
    company
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_leads_from_a_package_to_a_team() {
    let company = audited().await;
    let page = company.page("/packages?name=log4j&version=%3C2.17.1").await;
    in_order(
        &words(&page),
        &[
            "3 packages of 1 entities are searched",
            "3 of 4 components have no SBOM",
            "1 team with 1 affected entity and 1 package",
            "Team Commerce",
            "commerce@acme.example",
            "Orders",
            "org.apache.logging.log4j:log4j-core",
            "2.14.1",
            "Transitive, through",
            "Versions that could not be compared",
            "log4js main",
        ],
    );
    assert!(
        page.contains(r#"href="/api/v1/packages?name=log4j&#38;version=%3C2.17.1"#)
            || page.contains("/api/v1/packages?name=log4j&amp;version=%3C2.17.1"),
        "{page}"
    );
    let none = company.page("/packages?name=log4j&version=%3E3").await;
    assert!(words(&none).contains("No entity with an SBOM holds it"));
    let refused = company.page("/packages?name=log4j&version=%5E3").await;
    in_order(
        &words(&refused),
        &["This cannot be searched for", "Accepted:"],
    );
    let korean = company.korean("/packages?name=log4j-core").await;
    in_order(
        &words(&korean),
        &["패키지", "팀 1개, 영향받는 엔티티 1개, 패키지 1개", "경유"],
    );
    let odd = company
        .page("/packages?name=%3Cscript%3E&version=%3C1")
        .await;
    assert!(!odd.contains("<script>alert") && !odd.contains("value=\"<script>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_sbom_the_page_says_what_to_write() {
    let company = Company::new().await;
    let page = company.page("/packages").await;
    in_order(
        &words(&page),
        &[
            "No entity names an SBOM yet",
            "portway.dev/sbom",
            "./sbom.cdx.json",
        ],
    );
    let words = words(&company.korean("/packages").await);
    assert!(
        words.contains("아직 SBOM을 지정한 엔티티가 없어요"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_shows_what_it_is_built_of() {
    let company = audited().await;
    let page = company.page("/catalog/default/component/orders").await;
    in_order(
        &words(&page),
        &[
            "SLO 99.99 %",
            "Tier 1, from the tag tier-1",
            "SLO 99.99 %, error budget 4 min 19 s in 30 days",
            "Compliance pci-dss",
        ],
    );
    in_order(
        &words(&page),
        &[
            "Packages",
            "All packages",
            "orders.json",
            "CycloneDX 1.6",
            "Direct",
            "1",
        ],
    );
    let tab = company
        .page("/catalog/default/component/orders/packages")
        .await;
    in_order(
        &words(&tab),
        &[
            "orders.json",
            "3 packages",
            "org.apache.logging.log4j:log4j-core",
            "2.14.1",
            "Transitive",
        ],
    );
    let own = words(&company.page("/catalog/default/component/ledger").await);
    in_order(
        &own,
        &[
            "Tier",
            "3, from the tag tier-3",
            "99.95 %, error budget 21 min 36 s in 30 days, from the annotation portway.dev/slo",
        ],
    );
    assert!(!own.contains("SBOM"), "{own}");
    let label = words(&company.page("/catalog/default/component/patients").await);
    in_order(
        &label,
        &["Tier 2", "SLO 99.9 %", "2, from the label portway.dev/tier"],
    );
    let korean = words(&company.korean("/catalog/default/component/orders").await);
    in_order(&korean, &["1 (태그 tier-1)", "30일 오류 예산 4분 19초"]);
    let broken = words(&company.page("/catalog/default/component/broken").await);
    in_order(&broken, &["The SBOM cannot be read", "broken.json:1:15"]);
    let tab = company
        .page("/catalog/default/component/broken/packages")
        .await;
    assert!(words(&tab).contains("The SBOM has not been read yet"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tiers_and_standards_are_facets() {
    let company = audited().await;
    let listed = |page: &str| {
        let names = ["orders", "patients", "ledger", "broken"];
        names
            .into_iter()
            .filter(|name| page.contains(&format!("/catalog/default/component/{name}\"")))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for (query, expected) in [
        ("tier=1", &["orders"] as &[&str]),
        ("tier=2", &["patients"]),
        ("tier=3", &["ledger"]),
        ("tier=1&tier=2", &["orders", "patients"]),
        ("tier=9", &[]),
        ("compliance=pci-dss", &["orders", "ledger"]),
        ("compliance=HIPAA", &["patients", "ledger"]),
        ("compliance=hipaa&tier=3", &["ledger"]),
        ("compliance=soc2", &[]),
    ] {
        let page = company
            .page(&format!("/catalog?kind=component&{query}"))
            .await;
        assert_eq!(listed(&page), expected, "{query}");
    }
    let page = words(&company.page("/catalog?kind=component").await);
    in_order(
        &page,
        &["Tier", "1", "1", "Compliance", "hipaa", "2", "pci-dss", "2"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_are_an_inventory_for_audits() {
    let company = audited().await;
    let csv = company
        .get("/catalog.csv?kind=component&compliance=pci-dss&compliance=hipaa&sort=name")
        .await;
    assert_eq!(csv.status, StatusCode::OK);
    let lines: Vec<&str> = csv.text.lines().collect();
    assert_eq!(lines.len(), 4, "{}", csv.text);
    assert!(lines[0].ends_with(",tier,slo,compliance,evidence,source,commit"));
    assert!(
        lines[1].contains(",ledger,") && lines[1].contains(",3,99.95,hipaa pci-dss,,"),
        "{}",
        lines[1]
    );
    assert!(
        lines[2].contains(",1,99.99,pci-dss,https://evidence.example/orders,")
            && lines[2].contains("acme.yaml,"),
        "{}",
        lines[2]
    );
    assert!(
        lines[3].contains(r#","'=HYPERLINK(""https://evil.example"")","#),
        "a spreadsheet must not run it: {}",
        lines[3]
    );
    let json = company
        .get("/catalog.json?kind=component&compliance=pci-dss&sort=name")
        .await;
    let value: Value = serde_json::from_str(&json.text).expect("JSON");
    assert_eq!(value["items"].as_array().map(Vec::len), Some(2));
    let orders = &value["audit"][1];
    assert_eq!(orders["ref"], "component:default/orders");
    assert_eq!(orders["compliance"], json!(["pci-dss"]));
    assert_eq!(
        orders["evidence"][0]["url"],
        "https://evidence.example/orders"
    );
    assert!(
        orders["source"]
            .as_str()
            .is_some_and(|source| source.ends_with("acme.yaml"))
    );
}
