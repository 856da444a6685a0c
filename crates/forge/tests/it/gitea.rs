//! Gitea's API.

use forge::client::{Visibility, unobserved};
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::forge_server::Fault;

pub(crate) fn repo(host: &str, name: &str) -> Value {
    json!({
        "id": 5,
        "full_name": format!("acme/{name}"),
        "private": true,
        "internal": false,
        "empty": false,
        "archived": false,
        "fork": false,
        "default_branch": "main",
        "topics": [],
        "updated_at": "2026-02-03T04:05:06Z",
        "html_url": format!("http://{host}/acme/{name}"),
        "clone_url": format!("http://{host}/acme/{name}.git"),
    })
}

#[tokio::test]
async fn repositories_files_and_trees() {
    let bench = Bench::start("gitea").await;
    let list = "/api/v1/orgs/acme/repos";
    let mut empty = repo("h", "empty");
    empty["empty"] = json!(true);
    let mut all: Vec<Value> = (0..120).map(|n| repo("h", &format!("r{n}"))).collect();
    all.push(empty);
    bench.server.list(list, all);
    let forge = bench.forge();
    let listed = forge.repositories("acme", &unobserved).await.expect("list");
    assert_eq!(listed.items.len(), 121);
    assert_eq!(bench.server.seen(list).len(), 3);
    assert_eq!(
        bench.server.seen(list)[0].header("authorization"),
        Some("token good-token")
    );
    assert_eq!(listed.items[0].visibility, Visibility::Private);
    assert_eq!(listed.items[120].default_branch, None);
    bench
        .server
        .file("/api/v1/repos/acme/shop/raw/a.md", "hello");
    assert_eq!(
        forge
            .file("acme/shop", Some("main"), "a.md", 100)
            .await
            .expect("file"),
        "hello"
    );
    let page = json!({ "truncated": false, "tree": [{ "path": "a.md", "type": "blob", "sha": "1", "size": 5 }] });
    bench
        .server
        .document("/api/v1/repos/acme/shop/git/trees/main", page);
    assert_eq!(
        forge
            .tree("acme/shop", "main")
            .await
            .expect("tree")
            .files
            .len(),
        1
    );
    bench
        .server
        .fail("/api/v1/repos/acme/none", [Fault::status(404)]);
    assert!(
        forge
            .repository("acme/none")
            .await
            .expect_err("404")
            .is_absence()
    );
}
