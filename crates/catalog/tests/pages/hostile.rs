//! What other people write cannot become part of a page.

use crate::company::{Company, words};

const EVIL: &str = r#"apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: evil
  title: "<script>alert('title')</script>"
  description: "\"><img src=x onerror=alert(1)> \u202Egnp.exe"
  tags: [a]
  annotations:
    github.com/project-slug: "../../evil?x=\"onload="
    evil.example/b: "</dd><script>alert(2)</script>"
    portway.dev/description.ko: "</textarea><script>alert(3)</script>"
  links:
    - {url: "data:text/html,<script>alert(4)</script>", title: "<b>x</b>"}
spec:
  type: "<i>type</i>"
  lifecycle: "'\" onmouseover=alert(5) x='"
  owner: "group:default/o"
  dependsOn: ["component:default/p"]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: formula, description: "=HYPERLINK(\"http://evil.example\")"}
spec: {type: "+1", lifecycle: "@x", owner: o}
"#;

#[tokio::test(flavor = "multi_thread")]
async fn markup_stays_text_on_every_page() {
    let company = Company::with(EVIL).await;
    let id = company.world.only_source().await.id;
    let entity = "/catalog/default/component/evil";
    for path in [
        "/catalog".to_owned(),
        "/catalog?q=%3Cscript%3E&type=%22%3E%3Cscript%3E&owner=%3Cb%3E&view=%3Cx%3E&sort=%22%3E"
            .to_owned(),
        entity.to_owned(),
        format!("{entity}/relations?depth=%3Cscript%3E&show=%3Cb%3E"),
        format!("{entity}/raw?format=%3Cscript%3E"),
        format!("{entity}/history"),
        "/sources".to_owned(),
        format!("/sources/{id}"),
    ] {
        for page in [company.page(&path).await, company.korean(&path).await] {
            let lower = page.to_lowercase();
            assert!(!lower.contains("<script>"), "{path}");
            assert!(
                !lower.contains("<img") && !lower.contains("<b>") && !lower.contains("<i>"),
                "{path}"
            );
            assert!(
                !lower.contains("href=\"data:") && !lower.contains("href=\"javascript:"),
                "{path}"
            );
            for attribute in ["onerror", "onmouseover", "onload"] {
                // Every occurrence is text or inside a quoted value.
                let harmless = page.match_indices(attribute).all(|(at, _)| {
                    let head = page.get(..at).unwrap_or_default();
                    let tag = head.rsplit('<').next().unwrap_or_default();
                    tag.contains('>') || tag.matches('"').count() % 2 == 1
                });
                assert!(harmless, "{path}: {attribute}");
            }
        }
    }
    let page = company.page(entity).await;
    assert!(
        words(&page).contains("&#60;script&#62;alert(&#39;title&#39;)"),
        "{page}"
    );
    assert!(!page.contains("https://github.com/../"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_of_the_export_is_a_formula() {
    let company = Company::with(EVIL).await;
    let csv = company.get("/catalog.csv?q=formula").await.text;
    assert!(
        csv.contains(r#""'+1""#) && csv.contains(r#""'@x""#),
        "{csv}"
    );
    assert!(
        csv.contains(r#""'=HYPERLINK(""http://evil.example"")""#),
        "{csv}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_addresses_are_answered() {
    let company = Company::with(EVIL).await;
    for path in [
        "/catalog?page=0&limit=7&sort=-&kind=&q=+++",
        "/catalog?page=99999999999999999999&limit=-1",
        "/catalog?kind=%F0%9F%92%A9&owner=:/:&system=%00",
        "/sources?page=18446744073709551615",
    ] {
        company.page(path).await;
    }
    let long = "x".repeat(3_000);
    for path in [
        format!("/catalog/a/b/{long}"),
        "/catalog/%20/%3Cb%3E/%2E%2E".to_owned(),
        "/catalog/a/b/%F0%9F%92%A9.json".to_owned(),
    ] {
        let seen = company.get(&path).await;
        assert_eq!(seen.status.as_u16(), 404, "{path}");
        assert!(!seen.text.contains("<b>"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_and_odd_letters_break_no_page() {
    let long = "가나다라 ".repeat(2_000);
    let text = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: odd\n  title: \"{long}\"\n  description: \"{long}\"\nspec: {{type: service, lifecycle: production, owner: o, dependsOn: [\"component:rtl\"]}}\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: rtl, title: \"\\u202E\\u2067 שלום 👩‍👩‍👧‍👦 \\\"-->|x|\\\\ `#`\"}}\nspec: {{type: service, lifecycle: production, owner: o, system: odd}}\n---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {{name: odd, title: \"</text><script>alert(1)</script>\"}}\nspec: {{owner: o}}\n"
    );
    let company = Company::with(&text).await;
    let odd = "/catalog/default/component/odd";
    for path in [
        odd.to_owned(),
        format!(
            "{odd}/graph?mode=%3Cb%3E&direction=%00&depth=-1&rel=%3Cscript%3E&kind=%22&open=%3Cb%3E&cluster=x&to=%3Cscript%3E"
        ),
        format!("{odd}/graph?mode=impact&to={}", "%F0%9F%92%A9".repeat(12)),
        format!("{odd}/history?look=%3Cb%3E&from=1&to=1"),
        "/catalog/default/system/odd".to_owned(),
        "/graph?root=%3Cb%3E&root=%3A%2F%2F&root=component:odd&add=%3Cscript%3E&depth=99"
            .to_owned(),
        "/graph?root=component:default/odd&mode=all&depth=all&nested=%00".to_owned(),
    ] {
        let page = company.page(&path).await;
        let lower = page.to_lowercase();
        assert!(
            !lower.contains("<script>") && !lower.contains("<b>"),
            "{path}"
        );
        assert!(page.len() < 200_000, "{path}: {}", page.len());
    }
    for format in ["svg", "mermaid", "dot", "csv", "json"] {
        let path = format!("{odd}/graph?mode=all&depth=all&format={format}");
        let seen = company.get(&path).await;
        assert_eq!(seen.status.as_u16(), 200, "{path}");
        // DOT is plain text whose quotes are escaped with a backslash.
        if matches!(format, "svg" | "mermaid") {
            assert!(!seen.text.contains("<script>"), "{path}");
            assert!(!seen.text.contains("\"-->|x|"), "{path}: {}", seen.text);
        }
    }
    let bad = company
        .get("/catalog-graph?rootEntityRefs%5B%5D=%3Cscript%3E&maxDepth=x")
        .await;
    assert_eq!(bad.status.as_u16(), 308);
}
