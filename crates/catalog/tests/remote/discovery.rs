//! Providers that list the repositories of an organisation.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::forge_json::{gitea, github, gitlab, with};
use crate::support::{Fault, On, Plan, Repo, Server, World, component, many, on_both_databases};

on_both_databases! {
    five_repositories_are_five_locations,
    the_seed_configuration_skips_archived_names_and_keeps_a_topic,
    wildcards_in_the_path_find_many_files_of_a_repository,
    three_hundred_repositories_are_one_fetch_each,
    gitlab_and_gitea_are_read_like_github,
    a_listing_that_takes_too_long_ends_at_its_timeout,
}

pub(crate) const LIST: &str = "/api/v3/orgs/acme/repos";

pub(crate) fn acme(server: &Server) -> Value {
    json!({ "github": { "main": { "host": server.host, "organization": "acme" } } })
}

pub(crate) fn names(world: &World) -> Vec<String> {
    world
        .refs()
        .into_iter()
        .map(|name| name.replace("component:default/", ""))
        .collect()
}

async fn five_repositories_are_five_locations(on: On) {
    let server = Server::start().await;
    let all = ["api", "cart", "docs", "shop", "web"];
    for name in all {
        Repo::with(
            server.root(),
            &format!("acme/{name}"),
            "catalog-info.yaml",
            &component(name),
        );
    }
    server.list(
        LIST,
        all.map(|name| github(&server, &format!("acme/{name}")))
            .to_vec(),
    );
    let world = Plan::new(on).forge("github", &server).run().await;
    let target = server.url("/acme/*/blob/main/catalog-info.yaml");
    world.declare(&[("github-discovery", &target)]).await;
    assert_eq!(names(&world), all, "{:?}", world.problems().await);
    let listed = world
        .get("/api/catalog/entities?filter=kind=location,spec.type=url")
        .await;
    let mut targets: Vec<_> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|entity| {
            entity["spec"]["target"]
                .as_str()
                .expect("a target")
                .to_owned()
        })
        .collect();
    targets.sort();
    assert_eq!(
        targets,
        all.map(|name| server.url(&format!("/acme/{name}/blob/main/catalog-info.yaml")))
    );
    let shop = world.entity("component:default/shop").expect("shop");
    assert_eq!(
        shop["metadata"]["annotations"]["backstage.io/managed-by-origin-location"],
        format!("github-discovery:{target}")
    );
    // The chain leads from the entity over its Location to the source.
    let chain = world
        .get("/api/catalog/entities/by-name/component/default/shop/ancestry")
        .await;
    assert_eq!(chain["items"].as_array().map(Vec::len), Some(3), "{chain}");
}

async fn the_seed_configuration_skips_archived_names_and_keeps_a_topic(on: On) {
    let seed = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/seed-cases/config/github-provider.yaml"
    );
    let Ok(seed) = std::fs::read_to_string(seed) else {
        println!("skipped: {seed} is absent");
        return;
    };
    let node = model::yaml::parse_value(
        "github-provider.yaml",
        seed.as_bytes(),
        &model::yaml::Limits::default(),
    );
    let mut providers =
        node.expect("YAML").expect("a document").to_json()["catalog"]["providers"].take();
    let server = Server::start().await;
    providers["github"]["myOrg"]["host"] = server.host.clone().into();
    let repository = |name: &str, changes: Value| {
        Repo::with(
            server.root(),
            &format!("my-org/{name}"),
            "catalog-info.yaml",
            &component(name),
        );
        with(github(&server, &format!("my-org/{name}")), &changes)
    };
    server.list(
        "/api/v3/orgs/my-org/repos",
        vec![
            repository("shop", json!({})),
            repository("archived-shop", json!({})),
            repository("plain", json!({ "topics": [] })),
            repository("gone", json!({ "archived": true })),
        ],
    );
    let world = Plan::new(on)
        .forge("github", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["shop"], "{:?}", world.problems().await);
    let origin = &world.entity("component:default/shop").expect("shop")["metadata"]["annotations"]
        ["backstage.io/managed-by-origin-location"];
    assert_eq!(
        *origin,
        format!(
            "url:{}",
            server.url("/my-org/shop/blob/main/catalog-info.yaml")
        )
    );
    let state = world.source_json().await;
    let notes: Vec<_> = state["problems"]
        .as_array()
        .expect("notes")
        .iter()
        .map(|note| note["message"].as_str().expect("a text"))
        .collect();
    assert!(
        notes
            .iter()
            .any(|note| note.starts_with("my-org/archived-shop: its name does not match")),
        "{notes:?}"
    );
    // The schedule is the configured one.
    assert_eq!(state["nextRefresh"]["at"], "2026-03-10T12:30:00Z");
    assert_eq!(
        state["nextRefresh"]["reason"],
        "looks for changes on its schedule"
    );
}

async fn wildcards_in_the_path_find_many_files_of_a_repository(on: On) {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/mono");
    repo.write("services/a/catalog-info.yaml", component("a"))
        .write("services/b/catalog-info.yaml", component("b"));
    repo.commit("first");
    server.list(LIST, vec![github(&server, "acme/mono")]);
    let mut providers = acme(&server);
    providers["github"]["main"]["catalogPath"] = "/services/**/catalog-info.yaml".into();
    let world = Plan::new(on)
        .forge("github", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["a", "b"], "{:?}", world.problems().await);
    world.reread().await;
    assert_eq!(names(&world), ["a", "b"]);
    repo.remove("services/a/catalog-info.yaml").commit("second");
    world.reread().await;
    assert_eq!(names(&world), ["b"]);
}

async fn three_hundred_repositories_are_one_fetch_each(on: On) {
    let server = Server::start().await;
    let all: Vec<String> = (0..300).map(|at| format!("r{at:03}")).collect();
    many(server.root(), &all, component);
    server.use_namespaces();
    server.list(
        LIST,
        all.iter()
            .map(|name| github(&server, &format!("acme/{name}")))
            .collect(),
    );
    let world = Plan::new(on)
        .forge("github", &server)
        .providers(acme(&server))
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(names(&world), all, "{:?}", world.problems().await);
    assert_eq!(server.seen(LIST).len(), 3, "three pages");
    let fetches = server
        .git_requests()
        .iter()
        .filter(|seen| seen.method == "GET")
        .count();
    assert_eq!(fetches, 300);
    server.forget_seen();
    world.reread().await;
    assert_eq!(
        server.seen("/").len(),
        3,
        "an organisation that rests costs its pages, unchanged"
    );
    assert!(server.seen("/").iter().all(|seen| seen.status == 304));
}

async fn gitlab_and_gitea_are_read_like_github(on: On) {
    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/platform/shop",
        "catalog-info.yaml",
        &component("shop"),
    );
    server.list(
        "/api/v4/groups/acme/projects",
        vec![
            gitlab(&server, "acme/platform/shop"),
            with(gitlab(&server, "acme/old"), &json!({ "archived": true })),
        ],
    );
    server.file(
        "/api/v4/projects/acme%2Fplatform%2Fshop/repository/files/catalog-info.yaml",
        "there",
    );
    let providers = json!({ "gitlab": { "main": { "host": server.host, "group": "acme" } } });
    let world = Plan::new(on)
        .forge("gitlab", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["shop"], "{:?}", world.problems().await);
    let annotations =
        &world.entity("component:default/shop").expect("shop")["metadata"]["annotations"];
    assert_eq!(
        annotations["backstage.io/view-url"],
        server.url("/acme/platform/shop/-/blob/main/catalog-info.yaml")
    );

    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/tea",
        "catalog-info.yaml",
        &component("tea"),
    );
    server.list(
        "/api/v1/orgs/acme/repos",
        vec![
            gitea(&server, "acme/tea"),
            with(gitea(&server, "acme/none"), &json!({ "empty": true })),
        ],
    );
    server.file("/api/v1/repos/acme/tea/contents/catalog-info.yaml", "{}");
    let providers = json!({ "gitea": { "main": { "host": server.host, "organization": "acme" } } });
    let world = Plan::new(on)
        .forge("gitea", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["tea"], "{:?}", world.problems().await);
}

async fn a_listing_that_takes_too_long_ends_at_its_timeout(on: On) {
    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/a",
        "catalog-info.yaml",
        &component("a"),
    );
    server.list(LIST, vec![github(&server, "acme/a")]);
    let mut providers = acme(&server);
    providers["github"]["main"]["schedule"] =
        json!({ "frequency": { "minutes": 10 }, "timeout": { "minutes": 1 } });
    let world = Plan::new(on)
        .forge("github", &server)
        .providers(providers)
        .run()
        .await;
    world.declare(&[]).await;
    server.fail(LIST, 1, Fault::Silence);
    world.clock.advance(Duration::from_secs(600));
    server.wait_for_connection(LIST).await;
    world.clock.advance(Duration::from_secs(61));
    world.settled().await;
    let error = world.source().await.state.last_error.unwrap_or_default();
    assert!(
        error.contains("did not end within 60s, the `timeout` of its schedule"),
        "{error}"
    );
    assert_eq!(names(&world), ["a"]);
}
