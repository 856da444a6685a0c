//! The reader, the list and the tab, through a catalog.

use axum::http::{StatusCode, header};
use platform::actor::Caller;

use crate::world::{World, words};

const SITE: [(&str, &str); 6] = [
    (
        "mkdocs.yml",
        "site_name: 상점 문서\nnav:\n  - 소개: index.md\n  - Guide:\n      - Set up: guide/setup.md\n  - Gone: gone.md\n",
    ),
    (
        "docs/index.md",
        "# Welcome\n\n## 시작하기\n\nSee [set up](guide/setup.md) and [lost](lost.md).\n\n```yaml\nkey: 1\n```\n\n![plan](img/plan.svg)\n",
    ),
    (
        "docs/guide/setup.md",
        "No title here. The code is ORDER-001.\n",
    ),
    (
        "docs/img/plan.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>",
    ),
    ("docs/data.bin", "x"),
    ("docs/page.html", "<script>alert(1)</script>"),
];
const BASE: &str = "/docs/default/component/shop";

fn has(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_stands_between_its_navigation_and_its_headings() {
    let world = World::new(&SITE).await;
    let page = world.page(&format!("{BASE}/"), "en").await;
    has(
        &page,
        &[
            "aria-current=\"page\">소개</a>",
            "href=\"/docs/default/component/shop/guide/setup/\">Set up</a>",
            "<span class=\"doc-missing\">lost</span>",
            "<a href=\"#시작하기\">시작하기</a>",
            "class=\"tok-key\"",
            "<img src=\"/docs/default/component/shop/img/plan.svg\" alt=\"plan\"",
            "rel=\"next\" href=\"/docs/default/component/shop/guide/setup/\"",
        ],
    );
    has(
        &words(&page),
        &[
            "상점 문서",
            "Welcome",
            "On this page",
            "changed",
            "Problems on this page",
            "docs/index.md:5:34",
            "gone.md, which does not exist",
            "Next: Set up",
        ],
    );
    let korean = world.page(&format!("{BASE}/guide/setup/"), "ko").await;
    has(
        &words(&korean),
        &["Set up", "이전: 소개", "ORDER-001", "변경"],
    );
    assert!(korean.contains("<h1>Set up</h1>"), "{korean}");
    // Every form of an address leads to one.
    for form in ["guide/setup.md", "guide/setup/index.html"] {
        let (status, headers, _) = world.whole(&format!("{BASE}/{form}"), "en").await;
        assert_eq!(status, StatusCode::TEMPORARY_REDIRECT, "{form}");
        assert_eq!(headers[header::LOCATION], format!("{BASE}/guide/setup/"));
    }
    let (status, text) = world.get(&format!("{BASE}/guide/setpu/"), "en").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    has(
        &words(&text),
        &["There is no such page", "guide/setpu", "상점 문서"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_in_a_site() {
    let world = World::new(&SITE).await;
    let found = world.page(&format!("{BASE}/?q=order-001"), "en").await;
    has(&words(&found), &["1 place contains “order-001”", "Set up"]);
    has(&found, &["<mark>ORDER-001</mark>"]);
    has(
        &words(&world.page(&format!("{BASE}/?q=nothing%3Cb%3E"), "ko").await),
        &["들어 있는 곳이 없어요"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_sent_so_that_nothing_in_them_runs() {
    let world = World::new(&SITE).await;
    for (path, media) in [
        ("img/plan.svg", "image/svg+xml"),
        ("page.html", "text/plain; charset=utf-8"),
        ("data.bin", "application/octet-stream"),
    ] {
        let (status, headers, _) = world.whole(&format!("{BASE}/{path}"), "en").await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(headers[header::CONTENT_TYPE], media, "{path}");
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        has(
            headers[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .expect("a text"),
            &["default-src 'none'", "sandbox"],
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_that_lead_out_are_refused() {
    let world = World::new(&SITE).await;
    std::fs::write(world.root().join("../secret.txt"), "secret").expect("written");
    for path in [
        "../../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "%2e%2e%2f%2e%2e%2fsecret.txt",
        "/etc/passwd",
        "img/../../../secret.txt",
        "..\\secret.txt",
        "%00",
    ] {
        for base in [BASE, "/api/techdocs/static/docs/default/component/shop"] {
            let (status, text) = world.get(&format!("{base}/{path}"), "en").await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{base}/{path}: {text}");
            assert!(
                !text.contains("secret\n") && !text.contains("root:"),
                "{text}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tab_is_there_with_the_annotation_only() {
    let world = World::new(&SITE).await;
    let tab = world
        .page("/catalog/default/component/shop/docs", "en")
        .await;
    has(&words(&tab), &["Welcome", "상점 문서"]);
    has(
        &tab,
        &["href=\"/docs/default/component/shop/guide/setup/\""],
    );
    let bare = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\nspec: {type: service, lifecycle: production, owner: team}\n";
    let without = World::new(&[("catalog-info.yaml", bare)]).await;
    let page = without.page("/catalog/default/component/shop", "en").await;
    assert!(
        !page.contains("/catalog/default/component/shop/docs"),
        "{page}"
    );
    let (status, _) = without
        .get("/catalog/default/component/shop/docs", "en")
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, text) = without.get(&format!("{BASE}/"), "en").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    has(&text, &["backstage.io/techdocs-ref"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn documentation_of_another_entity_can_be_shared() {
    let two = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop, annotations: {backstage.io/techdocs-ref: 'dir:.'}}\nspec: {type: service, lifecycle: production, owner: team}\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: web, annotations: {backstage.io/techdocs-entity: 'component:default/shop'}}\nspec: {type: website, lifecycle: production, owner: team}\n---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: lost, annotations: {backstage.io/techdocs-entity: 'component:default/none'}}\nspec: {type: website, lifecycle: production, owner: team}\n";
    let mut files = SITE.to_vec();
    files.push(("catalog-info.yaml", two));
    let world = World::new(&files).await;
    let page = world.page("/docs/default/component/web/", "en").await;
    has(
        &page,
        &["href=\"/docs/default/component/web/guide/setup/\""],
    );
    let (status, text) = world.get("/docs/default/component/lost/", "en").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    has(&text, &["component:default/none, which has none"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_says_what_there_is_to_whom_it_concerns() {
    let world = World::new(&SITE).await;
    world.keep_fresh().await;
    let list = world
        .until("/docs", |text| text.contains("상점 문서"))
        .await;
    has(&words(&list), &["Documentation 1", "The shop", "team", "2"]);
    has(
        &words(&world.page("/docs?q=zzz", "ko").await),
        &["“zzz”에 맞는 문서가 없어요"],
    );
    let json = world.json("/api/v1/docs").await;
    assert_eq!(
        (&json["total"], &json["items"][0]["site"]),
        (&1.into(), &"상점 문서".into())
    );
    let world = world.seen_by(Caller::anonymous());
    for path in [
        "/docs",
        &format!("{BASE}/"),
        "/api/v1/docs",
        "/api/techdocs/metadata/techdocs/default/component/shop",
    ] {
        let (status, text) = world.get(path, "en").await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(!text.contains("상점"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_says_what_to_add_and_the_last_good_version_stays() {
    let world = World::new(&[("src/x", "")]).await;
    let (status, text) = world.get(&format!("{BASE}/"), "en").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    has(
        &words(&text),
        &[
            "There is nothing to read yet",
            "there is no documentation in",
            "mkdocs.yml",
        ],
    );
    has(
        &words(
            &world
                .page("/catalog/default/component/shop/docs", "ko")
                .await,
        ),
        &["아직 읽을 문서가 없어요"],
    );
    world.write(&[("docs/index.md", "# One\n")]);
    world
        .until(&format!("{BASE}/"), |text| text.contains("One"))
        .await;
    world.write(&[("docs/index.md", "# Two two\n")]);
    world
        .until(&format!("{BASE}/"), |text| text.contains("Two two"))
        .await;
    world.write(&[("mkdocs.yml", "nav: [\n")]);
    let stale = world
        .until(&format!("{BASE}/"), |text| text.contains("last version"))
        .await;
    has(
        &words(&stale),
        &["Two two", "This is the last version that could be read"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn documentation_of_a_repository_is_that_of_its_commit() {
    let world = World::in_git(&SITE).await;
    let first = world.page(&format!("{BASE}/"), "en").await;
    has(&words(&first), &["Welcome", "Kim Minji", "changed"]);
    // What is not committed is not there.
    world.write(&[("docs/index.md", "# Draft\n")]);
    let (_, text) = world.get(&format!("{BASE}/"), "en").await;
    assert!(
        text.contains("Welcome") && !text.contains("Draft"),
        "{text}"
    );
    let id = world
        .push(&[("docs/index.md", "# Pushed\n"), ("docs/new.md", "# New\n")])
        .await;
    let (_, text) = world.get(&format!("{BASE}/"), "en").await;
    let short: String = id.chars().take(7).collect();
    has(&words(&text), &["Pushed", &short]);
    has(
        &words(&world.page(&format!("{BASE}/new/"), "ko").await),
        &["New"],
    );
    let site = world.json("/api/v1/docs/default/component/shop").await;
    assert_eq!(site["revision"], id);
    let (status, _) = world.get(&format!("{BASE}/img/plan.svg"), "en").await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn references_that_lead_out_are_refused_with_what_to_write() {
    for (reference, code) in [
        ("dir:../..", "leads out of the tree"),
        ("dir:/etc", "leads out of the tree"),
        ("docs", "does not say where"),
        ("url:file:///etc", "is not in a repository"),
        ("url:https://acme.example/x", "is not in a repository"),
        ("dir:none", "does not exist"),
    ] {
        let entity = format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: shop, annotations: {{backstage.io/techdocs-ref: '{reference}'}}}}\nspec: {{type: service, lifecycle: production, owner: team}}\n"
        );
        let world = World::new(&[("catalog-info.yaml", &entity)]).await;
        let (status, text) = world.get(&format!("{BASE}/"), "en").await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        has(&words(&text), &[code, "Fix:"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runbooks_and_decisions_are_on_the_overview_of_their_entity() {
    let world = World::new(&[
        ("docs/index.md", "# Shop\n"),
        ("docs/runbook.md", "# Slow payments\n"),
        ("docs/adr/0001-db.md", "# Which database\n"),
        ("docs/adr/index.md", "# All decisions\n"),
    ])
    .await;
    world.keep_fresh().await;
    let page = world
        .until("/catalog/default/component/shop", |text| {
            text.contains("docs-card")
        })
        .await;
    has(
        &words(&page),
        &[
            "Docs 4 pages",
            "Slow payments Runbook",
            "Which database Decision",
        ],
    );
    assert!(!page.contains("All decisions"), "{page}");
    has(
        &page,
        &["href=\"/docs/default/component/shop/adr/0001-db/\""],
    );
    has(
        &words(&world.page("/catalog/default/component/shop", "ko").await),
        &["런북", "결정 기록", "4쪽"],
    );
}
