//! Providers that list the repositories of an organisation.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::forge_json::{github, gitlab, gitea, with};
use crate::support::{Fault, Plan, Repo, Server, World, component, many};

const LIST: &str = "/api/v3/orgs/acme/repos";

fn acme(server: &Server) -> Value {
    json!({ "github": { "main": { "host": server.host, "organization": "acme" } } })
}

/// Repositories of `acme`, each with one component of its own name.
async fn organisation(server: &Server, names: &[&str]) -> (World, Vec<Repo>) {
    let repos = names
        .iter()
        .map(|name| Repo::with(server.root(), &format!("acme/{name}"), "catalog-info.yaml", &component(name)))
        .collect();
    server.list(LIST, names.iter().map(|name| github(server, &format!("acme/{name}"))).collect());
    let world = Plan::new().forge("github", server).providers(acme(server)).run().await;
    world.declare(&[]).await;
    (world, repos)
}

fn names(world: &World) -> Vec<String> {
    world.refs().into_iter().map(|name| name.replace("component:default/", "")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn five_repositories_are_five_locations() {
    let server = Server::start().await;
    let all = ["api", "cart", "docs", "shop", "web"];
    for name in all {
        Repo::with(server.root(), &format!("acme/{name}"), "catalog-info.yaml", &component(name));
    }
    server.list(LIST, all.map(|name| github(&server, &format!("acme/{name}"))).to_vec());
    let world = Plan::new().forge("github", &server).run().await;
    let target = server.url("/acme/*/blob/main/catalog-info.yaml");
    world.declare(&[("github-discovery", &target)]).await;
    assert_eq!(names(&world), all, "{:?}", world.problems().await);
    let listed = world.get("/api/catalog/entities?filter=kind=location,spec.type=url").await;
    let mut targets: Vec<_> =
        listed.as_array().expect("a list").iter().map(|entity| entity["spec"]["target"].as_str().expect("a target").to_owned()).collect();
    targets.sort();
    assert_eq!(targets, all.map(|name| server.url(&format!("/acme/{name}/blob/main/catalog-info.yaml"))));
    let shop = world.entity("component:default/shop").expect("shop");
    assert_eq!(shop["metadata"]["annotations"]["backstage.io/managed-by-origin-location"], format!("github-discovery:{target}"));
    // The chain leads from the entity over its Location to the source.
    let chain = world.get("/api/catalog/entities/by-name/component/default/shop/ancestry").await;
    assert_eq!(chain["items"].as_array().map(Vec::len), Some(3), "{chain}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seed_configuration_skips_archived_names_and_keeps_a_topic() {
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/seed-cases/config/github-provider.yaml");
    let Ok(seed) = std::fs::read_to_string(seed) else {
        println!("skipped: {seed} is absent");
        return;
    };
    let node = model::yaml::parse_value("github-provider.yaml", seed.as_bytes(), &model::yaml::Limits::default());
    let mut providers = node.expect("YAML").expect("a document").to_json()["catalog"]["providers"].take();
    let server = Server::start().await;
    providers["github"]["myOrg"]["host"] = server.host.clone().into();
    let repository = |name: &str, changes: Value| {
        Repo::with(server.root(), &format!("my-org/{name}"), "catalog-info.yaml", &component(name));
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
    let world = Plan::new().forge("github", &server).providers(providers).run().await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["shop"], "{:?}", world.problems().await);
    let origin = &world.entity("component:default/shop").expect("shop")["metadata"]["annotations"]["backstage.io/managed-by-origin-location"];
    assert_eq!(*origin, format!("url:{}", server.url("/my-org/shop/blob/main/catalog-info.yaml")));
    let state = world.source_json().await;
    let notes: Vec<_> = state["problems"].as_array().expect("notes").iter().map(|note| note["message"].as_str().expect("a text")).collect();
    assert!(notes.iter().any(|note| note.starts_with("my-org/archived-shop: its name does not match")), "{notes:?}");
    // The schedule is the configured one.
    assert_eq!(state["nextRefresh"]["at"], "2026-03-10T12:30:00Z");
    assert_eq!(state["nextRefresh"]["reason"], "looks for changes on its schedule");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_pushed_to_is_not_fetched_again() {
    let server = Server::start().await;
    let (world, repos) = organisation(&server, &["a", "b"]).await;
    Repo::new(server.root(), "acme/empty-handed").write("README.md", "hello").commit("first");
    let listed = |pushed: &str| {
        let mut all = vec![github(&server, "acme/a"), github(&server, "acme/b"), github(&server, "acme/empty-handed")];
        all[1]["pushed_at"] = pushed.into();
        server.list(LIST, all);
    };
    listed("2026-02-03T04:05:06Z");
    world.reread().await;
    server.forget_seen();
    world.reread().await;
    assert_eq!(server.git_requests().len(), 0, "neither what has a catalog file nor what has none");
    assert_eq!(server.seen(LIST).iter().map(|seen| seen.status).collect::<Vec<_>>(), [304]);

    repos[1].write("catalog-info.yaml", component("b").replace("production", "deprecated")).commit("second");
    listed("2026-03-10T11:00:00Z");
    world.reread().await;
    assert!(server.git_requests().iter().all(|seen| seen.path.starts_with("/acme/b.git/")));
    assert_eq!(world.entity("component:default/b").expect("b")["spec"]["lifecycle"], "deprecated");
    // A push of this minute may be followed by another in the same second.
    listed("2026-03-10T11:59:40Z");
    world.reread().await;
    server.forget_seen();
    world.reread().await;
    assert!(!server.git_requests().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn archived_and_removed_repositories_go_after_a_complete_run_only() {
    let server = Server::start().await;
    let all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let (world, _repos) = organisation(&server, &all).await;
    assert_eq!(names(&world), all);
    let listing = |keep: &[&str], archived: &str| {
        let list = keep.iter().map(|name| with(github(&server, &format!("acme/{name}")), &json!({ "archived": *name == archived })));
        server.list(LIST, list.collect());
    };
    // One that is archived goes with its Location; ten of eleven wait.
    listing(&all, "k");
    world.reread().await;
    assert_eq!(names(&world), all[..10]);
    assert_eq!(world.all_refs().iter().filter(|name| name.starts_with("location:")).count(), 11);
    listing(&all[..5], "");
    world.reread().await;
    assert_eq!(names(&world).len(), 10);
    let source = world.source().await;
    assert_eq!(source.state.held.expect("held").refs.len(), 5);
    // While it is held nothing is lost by an error either.
    server.fail(LIST, 10, Fault::status(500));
    server.fail("/api/v3/users", 10, Fault::status(500));
    world.reread().await;
    assert_eq!(names(&world).len(), 10);
    server.mend();
    world.reread().await;
    world.catalog.confirm_deletion(&platform::actor::Caller::system("test"), &source.id).await.expect("confirmed");
    world.settled().await;
    assert_eq!(names(&world), all[..5]);
    assert_eq!(world.all_refs().iter().filter(|name| name.starts_with("location:")).count(), 6);

    // A repository that the listing shows and Git hides is not gone.
    server.fail("/acme/a.git", 10, Fault::status(404));
    server.list(LIST, all[..5].iter().map(|name| with(github(&server, &format!("acme/{name}")), &json!({ "pushed_at": "2026-03-09T00:00:00Z" }))).collect());
    world.reread().await;
    assert_eq!(names(&world), all[..5]);
    assert!(world.source().await.state.last_error.expect("why").contains("does not exist or is hidden"));
    // An item that cannot be read may be any of them.
    server.mend();
    let mut list: Vec<Value> = all[..4].iter().map(|name| github(&server, &format!("acme/{name}"))).collect();
    list.push(json!({ "id": 1 }));
    server.list(LIST, list);
    world.reread().await;
    assert_eq!(names(&world), all[..5]);
    assert!(world.source().await.state.last_error.expect("why").contains("an item on page 1 is left out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_branch_or_repository_keeps_its_entities() {
    let server = Server::start().await;
    let (world, repos) = organisation(&server, &["a", "b"]).await;
    let uid = |name: &str| world.entity(&format!("component:default/{name}")).expect("there")["metadata"]["uid"].clone();
    let before = (uid("a"), uid("b"));
    repos[0].git(&["branch", "--move", "main", "trunk"]);
    std::fs::rename(repos[1].path(), server.root().join("acme/bee.git")).expect("renamed");
    server.list(
        LIST,
        vec![
            with(github(&server, "acme/a"), &json!({ "default_branch": "trunk" })),
            github(&server, "acme/bee"),
        ],
    );
    world.reread().await;
    assert_eq!((uid("a"), uid("b")), before, "{:?}", world.problems().await);
    let place = |name: &str| world.entity(&format!("component:default/{name}")).expect("there")["metadata"]["annotations"]["backstage.io/view-url"].clone();
    assert_eq!(place("a"), server.url("/acme/a/blob/trunk/catalog-info.yaml"));
    assert_eq!(place("b"), server.url("/acme/bee/blob/main/catalog-info.yaml"));
    assert_eq!(world.problems().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn wildcards_in_the_path_find_many_files_of_a_repository() {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/mono");
    repo.write("services/a/catalog-info.yaml", component("a")).write("services/b/catalog-info.yaml", component("b"));
    repo.commit("first");
    server.list(LIST, vec![github(&server, "acme/mono")]);
    let mut providers = acme(&server);
    providers["github"]["main"]["catalogPath"] = "/services/**/catalog-info.yaml".into();
    let world = Plan::new().forge("github", &server).providers(providers).run().await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["a", "b"], "{:?}", world.problems().await);
    world.reread().await;
    assert_eq!(names(&world), ["a", "b"]);
    repo.remove("services/a/catalog-info.yaml").commit("second");
    world.reread().await;
    assert_eq!(names(&world), ["b"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_hundred_repositories_are_one_fetch_each() {
    let server = Server::start().await;
    let all: Vec<String> = (0..300).map(|at| format!("r{at:03}")).collect();
    many(server.root(), &all, component);
    server.use_namespaces();
    server.list(LIST, all.iter().map(|name| github(&server, &format!("acme/{name}"))).collect());
    let world = Plan::new().forge("github", &server).providers(acme(&server)).run().await;
    world.declare(&[]).await;
    assert_eq!(names(&world), all, "{:?}", world.problems().await);
    assert_eq!(server.seen(LIST).len(), 3, "three pages");
    let fetches = server.git_requests().iter().filter(|seen| seen.method == "GET").count();
    assert_eq!(fetches, 300);
    server.forget_seen();
    world.reread().await;
    assert_eq!(server.seen("/").len(), 3, "an organisation that rests costs its pages, unchanged");
    assert!(server.seen("/").iter().all(|seen| seen.status == 304));
}

#[tokio::test(flavor = "multi_thread")]
async fn gitlab_and_gitea_are_read_like_github() {
    let server = Server::start().await;
    Repo::with(server.root(), "acme/platform/shop", "catalog-info.yaml", &component("shop"));
    server.list("/api/v4/groups/acme/projects", vec![gitlab(&server, "acme/platform/shop"), with(gitlab(&server, "acme/old"), &json!({ "archived": true }))]);
    server.file("/api/v4/projects/acme%2Fplatform%2Fshop/repository/files/catalog-info.yaml", "there");
    let providers = json!({ "gitlab": { "main": { "host": server.host, "group": "acme" } } });
    let world = Plan::new().forge("gitlab", &server).providers(providers).run().await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["shop"], "{:?}", world.problems().await);
    let annotations = &world.entity("component:default/shop").expect("shop")["metadata"]["annotations"];
    assert_eq!(annotations["backstage.io/view-url"], server.url("/acme/platform/shop/-/blob/main/catalog-info.yaml"));

    let server = Server::start().await;
    Repo::with(server.root(), "acme/tea", "catalog-info.yaml", &component("tea"));
    server.list("/api/v1/orgs/acme/repos", vec![gitea(&server, "acme/tea"), with(gitea(&server, "acme/none"), &json!({ "empty": true }))]);
    server.file("/api/v1/repos/acme/tea/contents/catalog-info.yaml", "{}");
    let providers = json!({ "gitea": { "main": { "host": server.host, "organization": "acme" } } });
    let world = Plan::new().forge("gitea", &server).providers(providers).run().await;
    world.declare(&[]).await;
    assert_eq!(names(&world), ["tea"], "{:?}", world.problems().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_takes_too_long_ends_at_its_timeout() {
    let server = Server::start().await;
    Repo::with(server.root(), "acme/a", "catalog-info.yaml", &component("a"));
    server.list(LIST, vec![github(&server, "acme/a")]);
    let mut providers = acme(&server);
    providers["github"]["main"]["schedule"] = json!({ "frequency": { "minutes": 10 }, "timeout": { "minutes": 1 } });
    let world = Plan::new().forge("github", &server).providers(providers).run().await;
    world.declare(&[]).await;
    server.fail(LIST, 1, Fault::Silence);
    world.clock.advance(Duration::from_secs(600));
    server.wait_for_connection(LIST).await;
    world.clock.advance(Duration::from_secs(61));
    world.settled().await;
    let error = world.source().await.state.last_error.unwrap_or_default();
    assert!(error.contains("did not end within 60s, the `timeout` of its schedule"), "{error}");
    assert_eq!(names(&world), ["a"]);
}
