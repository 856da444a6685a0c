//! Signed webhooks of code hosts.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::forge_json::github;
use crate::support::{On, Plan, Repo, Server, World, body, component, on_both_databases};

on_both_databases! {
    a_push_is_read_at_once_even_if_the_listing_lags,
    a_push_that_changes_nothing_of_ours_costs_nothing,
    new_files_and_new_repositories_are_found,
    whatever_kind_of_source_reads_a_repository_is_refreshed,
    only_who_knows_the_secret_is_believed,
    gitlab_and_gitea_send_pushes_too,
}

const LIST: &str = "/api/v3/orgs/acme/repos";

fn signed(text: &str, secret: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(text.as_bytes());
    format!("sha256={}", hex::encode(mac.finalize().into_bytes()))
}

/// A push of GitHub's that changes these files.
fn push(server: &Server, slug: &str, branch: &str, modified: &[&str]) -> Value {
    json!({
        "ref": format!("refs/heads/{branch}"),
        "before": "1".repeat(40),
        "after": "2".repeat(40),
        "repository": {
            "id": 1, "full_name": slug, "html_url": server.url(&format!("/{slug}")),
            "clone_url": server.url(&format!("/{slug}.git")), "default_branch": "main",
        },
        "commits": [{ "added": [], "modified": modified, "removed": [] }],
        "sender": { "login": "minji" },
    })
}

async fn deliver(world: &World, event: &str, payload: &Value) -> u16 {
    let text = payload.to_string();
    let request = Request::post("/webhooks/github")
        .header("content-type", "application/json")
        .header("x-github-event", event)
        .header("x-github-delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
        .header("x-hub-signature-256", signed(&text, "in-secret"))
        .body(Body::from(text));
    let (status, answer) = body(world.call(request.expect("a request")).await).await;
    assert!(status < 500, "{answer}");
    world.settled().await;
    status
}

async fn organisation(on: On, server: &Server) -> (World, Repo) {
    let repo = Repo::with(
        server.root(),
        "acme/a",
        "catalog-info.yaml",
        &component("a"),
    );
    Repo::with(
        server.root(),
        "acme/b",
        "catalog-info.yaml",
        &component("b"),
    );
    server.list(
        LIST,
        vec![github(server, "acme/a"), github(server, "acme/b")],
    );
    let providers =
        json!({ "github": { "main": { "host": server.host, "organization": "acme" } } });
    let world = Plan::new(on)
        .forge("github", server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    (world, repo)
}

fn lifecycle(world: &World) -> Value {
    world.entity("component:default/a").expect("a")["spec"]["lifecycle"].clone()
}

async fn a_push_is_read_at_once_even_if_the_listing_lags(on: On) {
    let server = Server::start().await;
    let (world, repo) = organisation(on, &server).await;
    repo.write(
        "catalog-info.yaml",
        component("a").replace("production", "deprecated"),
    )
    .commit("second");
    server.forget_seen();
    let event = push(&server, "acme/a", "main", &["catalog-info.yaml"]);
    assert_eq!(deliver(&world, "push", &event).await, 204);
    assert_eq!(lifecycle(&world), "deprecated");
    let touched: Vec<_> = server
        .git_requests()
        .iter()
        .map(|seen| seen.path.starts_with("/acme/a.git/"))
        .collect();
    assert!(
        !touched.is_empty() && touched.iter().all(|touched| *touched),
        "only the repository that was pushed to"
    );

    // The same again does no harm.
    let before = world.newest_event().await;
    assert_eq!(deliver(&world, "push", &event).await, 204);
    assert_eq!(world.newest_event().await, before);
}

async fn a_push_that_changes_nothing_of_ours_costs_nothing(on: On) {
    let server = Server::start().await;
    let (world, _repo) = organisation(on, &server).await;
    server.forget_seen();
    for event in [
        push(&server, "acme/a", "main", &["src/main.rs"]),
        push(&server, "acme/a", "feature/x", &["catalog-info.yaml"]),
        push(&server, "acme/unknown", "main", &["src/main.rs"]),
        push(&server, "else/where", "main", &["catalog-info.yaml"]),
    ] {
        assert_eq!(deliver(&world, "push", &event).await, 204);
    }
    assert_eq!(
        deliver(
            &world,
            "ping",
            &json!({ "zen": "Keep it logically awesome." })
        )
        .await,
        204
    );
    assert_eq!(
        deliver(&world, "star", &json!({ "action": "created" })).await,
        204
    );
    assert_eq!(server.seen("/").len(), 0);
    // What happened cannot be told after a force-push, so everything is read.
    let mut forced = push(&server, "acme/a", "main", &[]);
    forced["forced"] = true.into();
    assert_eq!(deliver(&world, "push", &forced).await, 204);
    assert!(!server.seen("/").is_empty());
}

async fn new_files_and_new_repositories_are_found(on: On) {
    let server = Server::start().await;
    let (world, _repo) = organisation(on, &server).await;
    let late = Repo::with(server.root(), "acme/late", "README.md", "hello");
    server.list(
        LIST,
        ["acme/a", "acme/b", "acme/late"]
            .map(|slug| github(&server, slug))
            .to_vec(),
    );
    let changed = json!({ "action": "created", "repository": push(&server, "acme/late", "main", &[])["repository"] });
    assert_eq!(deliver(&world, "repository", &changed).await, 204);
    assert_eq!(world.refs().len(), 2);
    // It was looked at in vain; the push says that looking again is worth it.
    late.write("catalog-info.yaml", component("late"))
        .commit("second");
    let mut event = push(&server, "acme/late", "main", &[]);
    event["commits"][0]["added"] = json!(["catalog-info.yaml"]);
    assert_eq!(deliver(&world, "push", &event).await, 204);
    assert_eq!(world.refs().len(), 3, "{:?}", world.problems().await);
    // A repository of which nothing was heard before.
    Repo::with(
        server.root(),
        "acme/brand-new",
        "catalog-info.yaml",
        &component("brand-new"),
    );
    server.list(
        LIST,
        ["acme/a", "acme/b", "acme/late", "acme/brand-new"]
            .map(|slug| github(&server, slug))
            .to_vec(),
    );
    let mut event = push(&server, "acme/brand-new", "main", &[]);
    event["before"] = "0".repeat(40).into();
    event["commits"][0]["added"] = json!(["catalog-info.yaml"]);
    assert_eq!(deliver(&world, "push", &event).await, 204);
    assert_eq!(world.refs().len(), 4);
}

async fn whatever_kind_of_source_reads_a_repository_is_refreshed(on: On) {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/a");
    repo.write("README.md", "hello").commit("first");
    let target = server.url("/acme/a/blob/main/catalog-info.yaml");
    for (kind, target) in [
        ("url", target.as_str()),
        ("git", &server.url("/acme/a.git")),
        ("git", &server.url("/acme/a.git#main:*.yaml")),
    ] {
        repo.git(&["reset", "--quiet", "--hard", "main"]);
        let world = Plan::new(on).forge("github", &server).run().await;
        world.declare(&[(kind, target)]).await;
        assert_eq!(world.refs(), Vec::<String>::new(), "{kind}");
        repo.git(&["checkout", "--quiet", "-B", "work"]);
        repo.write("catalog-info.yaml", component("a"))
            .commit("second");
        repo.git(&["branch", "--force", "main"]);
        let event = push(&server, "acme/a", "main", &["catalog-info.yaml"]);
        assert_eq!(deliver(&world, "push", &event).await, 204);
        assert_eq!(
            world.refs(),
            ["component:default/a"],
            "{kind} {target}: {:?}",
            world.problems().await
        );
        repo.git(&["branch", "--force", "main", "HEAD~1"]);
        repo.git(&["checkout", "--quiet", "main"]);
    }
}

async fn only_who_knows_the_secret_is_believed(on: On) {
    let server = Server::start().await;
    let (world, repo) = organisation(on, &server).await;
    repo.write(
        "catalog-info.yaml",
        component("a").replace("production", "deprecated"),
    )
    .commit("second");
    let text = push(&server, "acme/a", "main", &["catalog-info.yaml"]).to_string();
    let send = async |path: &str, signature: Option<String>| {
        let mut request = Request::post(path)
            .header("x-github-event", "push")
            .header("x-gitlab-event", "Push Hook");
        if let Some(signature) = signature {
            request = request
                .header("x-hub-signature-256", &signature)
                .header("x-gitlab-token", &signature);
        }
        body(
            world
                .call(request.body(Body::from(text.clone())).expect("a request"))
                .await,
        )
        .await
    };
    server.forget_seen();
    for (path, signature, status) in [
        ("/webhooks/github", None, 401),
        ("/webhooks/github", Some(signed(&text, "another")), 401),
        (
            "/webhooks/github",
            Some(signed("another body", "in-secret")),
            401,
        ),
        ("/webhooks/github", Some("sha256=zz".into()), 401),
        ("/webhooks/gitlab", Some("another".into()), 401),
        ("/webhooks/bitbucket", Some(signed(&text, "in-secret")), 404),
    ] {
        let (answered, error) = send(path, signature).await;
        assert_eq!(answered, status, "{error}");
        assert!(
            error["error"]["message"]
                .as_str()
                .is_some_and(|message| message.len() > 20),
            "{error}"
        );
    }
    world.advance(Duration::from_secs(1)).await;
    assert_eq!(server.seen("/").len(), 0);
    assert_eq!(lifecycle(&world), "production");
    // A body that is signed and makes no sense.
    assert_eq!(
        deliver(&world, "push", &json!({ "no": "repository" })).await,
        400
    );
    assert_eq!(
        deliver(&world, "push", &serde_json::from_str(&text).expect("JSON")).await,
        204
    );
    assert_eq!(lifecycle(&world), "deprecated");
}

async fn gitlab_and_gitea_send_pushes_too(on: On) {
    let server = Server::start().await;
    let repo = Repo::with(
        server.root(),
        "acme/a",
        "catalog-info.yaml",
        &component("a"),
    );
    let cases = [
        (
            "gitlab",
            "/acme/a/-/blob/main/catalog-info.yaml",
            "x-gitlab-event",
            "Push Hook",
        ),
        (
            "gitea",
            "/acme/a/src/branch/main/catalog-info.yaml",
            "x-gitea-event",
            "push",
        ),
    ];
    for (at, (forge, path, header, event)) in cases.into_iter().enumerate() {
        let world = Plan::new(on).forge(forge, &server).run().await;
        world.declare(&[("url", &server.url(path))]).await;
        repo.write(
            "catalog-info.yaml",
            component("a").replace("production", &format!("v{at}")),
        )
        .commit("next");
        let mut payload = push(&server, "acme/a", "main", &["catalog-info.yaml"]);
        payload["object_kind"] = "push".into();
        payload["project"] = json!({
            "id": 1, "path_with_namespace": "acme/a", "web_url": server.url("/acme/a"), "default_branch": "main",
        });
        let text = payload.to_string();
        let request = Request::post(format!("/webhooks/{forge}"))
            .header(header, event)
            .header("x-gitlab-token", "in-secret")
            .header(
                "x-gitea-signature",
                signed(&text, "in-secret").trim_start_matches("sha256="),
            )
            .body(Body::from(text));
        assert_eq!(
            body(world.call(request.expect("a request")).await).await.0,
            204
        );
        world.settled().await;
        assert_eq!(lifecycle(&world), format!("v{at}"));
    }
}
