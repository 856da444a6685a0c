//! GitLab's API.

use forge::ForgeError;
use forge::client::{Visibility, unobserved};
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::forge_server::Fault;

const PROJECTS: &str = "/api/v4/groups/acme%2Fplatform/projects";

pub(crate) fn project(host: &str, path: &str) -> Value {
    json!({
        "id": 42,
        "path_with_namespace": path,
        "default_branch": "main",
        "visibility": "private",
        "archived": false,
        "topics": ["go"],
        "last_activity_at": "2026-02-03T04:05:06.789+09:00",
        "web_url": format!("http://{host}/{path}"),
        "http_url_to_repo": format!("http://{host}/{path}.git"),
    })
}

#[tokio::test]
async fn projects_of_a_group_and_the_groups_below() {
    let bench = Bench::start("gitlab").await;
    let mut fork = project("h", "acme/platform/tools/cli");
    fork["forked_from_project"] = json!({ "id": 1 });
    fork["default_branch"] = Value::Null;
    bench
        .server
        .list(PROJECTS, vec![project("h", "acme/platform/shop"), fork]);
    let listed = bench
        .forge()
        .repositories("acme/platform", &unobserved)
        .await
        .expect("list");
    let [shop, cli] = listed.items.as_slice() else {
        panic!("{listed:?}")
    };
    assert_eq!(
        (shop.owner.as_str(), shop.name.as_str()),
        ("acme/platform", "shop")
    );
    assert_eq!(shop.visibility, Visibility::Private);
    assert_eq!(
        shop.pushed_at.expect("time").to_string(),
        "2026-02-02T19:05:06.789Z"
    );
    assert!(!shop.fork && cli.fork);
    assert_eq!(
        (cli.owner.as_str(), cli.default_branch.as_deref()),
        ("acme/platform/tools", None)
    );
    let seen = &bench.server.seen(PROJECTS)[0];
    assert!(
        seen.query.contains("include_subgroups=true"),
        "{}",
        seen.query
    );
    assert_eq!(seen.header("private-token"), Some("good-token"));
}

#[tokio::test]
async fn files_trees_and_refusals() {
    let bench = Bench::start("gitlab").await;
    let files = "/api/v4/projects/acme%2Fshop/repository/files";
    bench
        .server
        .file(&format!("{files}/docs%2Fa.md/raw"), "hello");
    bench.server.file(&format!("{files}/docs%2Fa.md"), "{}");
    let tree = (0..150).map(|n| json!({ "path": format!("f{n}"), "id": "1", "type": if n == 0 { "tree" } else { "blob" } }));
    bench.server.list(
        "/api/v4/projects/acme%2Fshop/repository/tree",
        tree.collect(),
    );
    let forge = bench.forge();
    let file = forge
        .file("acme/shop", None, "docs/a.md", 100)
        .await
        .expect("file");
    assert_eq!(file, "hello");
    assert_eq!(bench.server.seen(files)[0].query, "ref=HEAD");
    assert!(
        forge
            .exists("acme/shop", "main", "docs/a.md")
            .await
            .expect("exists")
    );
    assert!(
        !forge
            .exists("acme/shop", "main", "none")
            .await
            .expect("exists")
    );
    assert_eq!(
        forge
            .tree("acme/shop", "main")
            .await
            .expect("tree")
            .files
            .len(),
        149
    );
    let body = r#"{"error":"insufficient_scope","error_description":"The request requires higher privileges","scope":"api read_api"}"#;
    bench
        .server
        .fail(PROJECTS, [Fault::Answer(403, vec![], body.to_owned())]);
    let error = forge
        .repositories("acme/platform", &unobserved)
        .await
        .expect_err("scope");
    assert!(
        error
            .to_string()
            .ends_with("Give the token `api`, `read_api`"),
        "{error}"
    );
    let limited = vec![
        ("ratelimit-limit", "600".to_owned()),
        ("ratelimit-remaining", "0".to_owned()),
        ("ratelimit-reset", "1772366460".to_owned()),
    ];
    bench.server.fail(
        PROJECTS,
        [Fault::Answer(429, limited, "Retry later".to_owned())],
    );
    let error = forge
        .repositories("acme/platform", &unobserved)
        .await
        .expect_err("rate");
    let ForgeError::RateLimited { wait, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(wait.until.to_string(), "2026-03-01T12:01:00Z");
}
