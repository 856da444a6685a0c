//! TechDocs' own routes and ours.

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::world::World;

const SITE: [(&str, &str); 4] = [
    ("mkdocs.yml", "site_name: Shop docs\n"),
    (
        "docs/index.md",
        "# Welcome\n\nHello.\n\n```sh\nls <x>\n```\n",
    ),
    ("docs/guide/setup.md", "# Set up\n\n## First\n\nDo it.\n"),
    ("docs/img/a.svg", "<svg/>"),
];

#[tokio::test(flavor = "multi_thread")]
async fn metadata_has_the_shape_of_techdocs() {
    let world = World::new(&SITE).await;
    let found = world
        .json("/api/techdocs/metadata/techdocs/default/component/shop")
        .await;
    assert_eq!(
        (&found["site_name"], &found["site_description"]),
        (&json!("Shop docs"), &json!("None"))
    );
    assert!(
        found["build_timestamp"]
            .as_i64()
            .is_some_and(|at| at > 1_600_000_000_000)
    );
    assert!(found["etag"].is_string());
    for file in [
        "index.html",
        "guide/setup/index.html",
        "search/search_index.json",
        "techdocs_metadata.json",
        "img/a.svg",
    ] {
        assert!(
            found["files"]
                .as_array()
                .is_some_and(|files| files.contains(&json!(file))),
            "{file} in {found}"
        );
    }
    let entity = world
        .json("/api/techdocs/metadata/entity/Default/Component/SHOP")
        .await;
    assert_eq!(
        (&entity["kind"], &entity["locationMetadata"]["type"]),
        (&json!("Component"), &json!("dir"))
    );
    assert!(
        entity["locationMetadata"]["target"]
            .as_str()
            .is_some_and(|target| target.ends_with("/shop"))
    );
    let (status, text) = world
        .get(
            "/api/techdocs/metadata/techdocs/default/component/nope",
            "en",
        )
        .await;
    let error: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(
        error["error"]["message"],
        "Unable to get metadata for 'component:default/nope'"
    );
    assert_eq!(
        error["request"]["url"],
        "/metadata/techdocs/default/component/nope"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_those_of_a_built_site() {
    let world = World::new(&SITE).await;
    let base = "/api/techdocs/static/docs/default/component/shop";
    let (status, headers, text) = world.whole(&format!("{base}/index.html"), "en").await;
    assert_eq!(
        (status, headers[header::CONTENT_TYPE].as_bytes()),
        (StatusCode::OK, b"text/plain; charset=utf-8".as_slice())
    );
    assert!(
        text.contains("<h1 id=\"welcome\">Welcome</h1>") && text.contains("ls &lt;x&gt;"),
        "{text}"
    );
    let (_, text) = world
        .get(&format!("{base}/guide/setup/index.html"), "en")
        .await;
    assert!(text.contains("First"), "{text}");
    let (_, headers, _) = world.whole(&format!("{base}/img/a.svg"), "en").await;
    assert_eq!(headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    let index = world
        .json(&format!("{base}/search/search_index.json"))
        .await;
    assert!(
        index["docs"].as_array().is_some_and(|docs| docs.contains(
            &json!({"location": "guide/setup/#first", "title": "First", "text": "Do it."})
        )),
        "{index}"
    );
    assert_eq!(
        world.json(&format!("{base}/techdocs_metadata.json")).await["site_name"],
        "Shop docs"
    );
    assert_eq!(
        world.get(&format!("{base}/none.html"), "en").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sync_is_a_stream_that_ends() {
    let world = World::new(&SITE).await;
    let (status, headers, text) = world
        .whole("/api/techdocs/sync/default/component/shop", "en")
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], "text/event-stream");
    assert!(text.starts_with("event: log\ndata: \""), "{text}");
    assert!(
        text.contains("event: finish\ndata: {\"updated\":true}\n\n"),
        "{text}"
    );
    let (_, text) = world
        .get("/api/techdocs/sync/default/component/shop", "en")
        .await;
    assert!(text.contains("{\"updated\":false}"), "{text}");
    let (_, text) = world
        .get("/api/techdocs/sync/default/component/none", "en")
        .await;
    assert!(text.contains("event: error\n"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn our_own_route_tells_navigation_pages_and_sections() {
    let world = World::new(&SITE).await;
    let site = world
        .json("/api/v1/docs/default/component/shop?page=guide/setup.md&q=do")
        .await;
    assert_eq!(
        site["nav"][1]["items"][0]["href"],
        "/docs/default/component/shop/guide/setup/"
    );
    assert_eq!(
        site["page"]["headings"][1],
        json!({"level": 2, "id": "first", "text": "First"})
    );
    assert_eq!(site["found"][0]["heading"], "First");
}
