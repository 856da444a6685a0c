//! `type: url` in repositories of known code hosts.

use axum::http::Method;
use serde_json::json;

use crate::support::{On, Plan, Repo, Server, api, component, location, on_both_databases};

on_both_databases! {
    many_files_of_a_repository_cost_one_fetch,
    links_say_where_a_file_is_seen_and_edited,
    each_forge_has_addresses_of_its_own,
    branches_with_slashes_and_patterns_are_found,
    substitutions_read_their_own_repository_only,
    two_sources_of_one_file_do_not_clash,
    registering_answers_with_the_entity_or_with_the_error,
}

async fn many_files_of_a_repository_cost_one_fetch(on: On) {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/shop");
    let targets: Vec<String> = (0..40)
        .map(|at| format!("./services/s{at}/catalog-info.yaml"))
        .collect();
    let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
    repo.write("catalog-info.yaml", location("all", &targets));
    for at in 0..40 {
        repo.write(
            &format!("services/s{at}/catalog-info.yaml"),
            api(&format!("s{at}"), "/shared/openapi.json"),
        );
    }
    repo.write("shared/openapi.json", "{}");
    let commit = repo.commit("first");
    let world = Plan::new(on).forge("github", &server).run().await;
    world
        .declare(&[("url", &server.url("/acme/shop/blob/main/catalog-info.yaml"))])
        .await;
    assert_eq!(world.refs().len(), 41, "{:?}", world.problems().await);
    assert_eq!(
        world.entity("api:default/s7").expect("s7")["spec"]["definition"],
        "{}"
    );
    let requests = server.git_requests();
    assert_eq!(
        requests.iter().filter(|seen| seen.method == "GET").count(),
        1,
        "the refs were asked for once"
    );
    assert!(
        requests.len() <= 3,
        "capabilities, refs, objects: {}",
        requests.len()
    );
    assert_eq!(
        server.seen("/").len(),
        requests.len(),
        "and no API was called"
    );
    assert_eq!(world.source().await.state.revision, Some(commit));

    // The same commit again: refs only. Another file than ours: no new version.
    let second = repo.write("README.md", "hello").commit("second");
    world.reread().await;
    assert_eq!(world.commits("api:default/s7").await.len(), 1);
    assert_eq!(world.source().await.state.revision, Some(second));
}

async fn links_say_where_a_file_is_seen_and_edited(on: On) {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/shop");
    let own = component("own").replace(
        "spec:",
        "  annotations:\n    backstage.io/view-url: https://wiki.acme.example/own\nspec:",
    );
    repo.write(
        "catalog/all.yaml",
        location("all", &["./part.yaml", "own.yaml"]),
    )
    .write("catalog/part.yaml", component("part"))
    .write("catalog/own.yaml", own);
    let commit = repo.commit("first");
    let world = Plan::new(on).forge("github", &server).run().await;
    let base = server.url("/acme/shop");
    world
        .declare(&[("url", &format!("{base}/blob/main/catalog/all.yaml"))])
        .await;
    let annotation = |entity: &str, key: &str| {
        let entity = world.entity(entity).expect("an entity");
        entity["metadata"]["annotations"][format!("backstage.io/{key}")]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    assert_eq!(
        annotation("location:default/all", "view-url"),
        format!("{base}/blob/main/catalog/all.yaml")
    );
    assert_eq!(
        annotation("location:default/all", "edit-url"),
        format!("{base}/edit/main/catalog/all.yaml")
    );
    assert_eq!(
        annotation("location:default/all", "source-location"),
        format!("url:{base}/tree/main/catalog/")
    );
    // As in Backstage, what GitHub resolves has the `tree` form.
    assert_eq!(
        annotation("component:default/part", "managed-by-location"),
        format!("url:{base}/tree/main/catalog/part.yaml")
    );
    assert_eq!(
        annotation("component:default/part", "managed-by-origin-location"),
        format!("url:{base}/blob/main/catalog/all.yaml")
    );
    assert_eq!(
        annotation("component:default/part", "edit-url"),
        format!("{base}/edit/main/catalog/part.yaml")
    );
    assert_eq!(
        annotation("component:default/own", "view-url"),
        "https://wiki.acme.example/own"
    );

    // What is pinned to a commit cannot be edited.
    world
        .declare(&[("url", &format!("{base}/blob/{commit}/catalog/part.yaml"))])
        .await;
    assert_eq!(annotation("component:default/part", "edit-url"), "");
    // The default branch by its own name, for browsers.
    world
        .declare(&[("url", &format!("{base}/blob/-/catalog/part.yaml"))])
        .await;
    assert_eq!(
        annotation("component:default/part", "view-url"),
        format!("{base}/blob/main/catalog/part.yaml")
    );
}

async fn each_forge_has_addresses_of_its_own(on: On) {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/tools/shop");
    repo.write("a/catalog-info.yaml", location("all", &["../b/c.yaml"]))
        .write("b/c.yaml", component("c"));
    repo.commit("first");
    Repo::with(
        server.root(),
        "acme/shop",
        "a/catalog-info.yaml",
        &component("tea"),
    );
    let gitlab = server.url("/acme/tools/shop/-/blob/main/a/catalog-info.yaml");
    let world = Plan::new(on).forge("gitlab", &server).run().await;
    world.declare(&[("url", &gitlab)]).await;
    let c = world.entity("component:default/c").expect("c");
    let place = c["metadata"]["annotations"]["backstage.io/managed-by-location"]
        .as_str()
        .expect("a place");
    assert_eq!(
        place,
        format!(
            "url:{}",
            server.url("/acme/tools/shop/-/blob/main/b/c.yaml")
        )
    );
    let world = Plan::new(on).forge("gitea", &server).run().await;
    world
        .declare(&[(
            "url",
            &server.url("/acme/shop/src/branch/main/a/catalog-info.yaml"),
        )])
        .await;
    let tea = world.entity("component:default/tea").expect("tea");
    assert_eq!(
        tea["metadata"]["annotations"]["backstage.io/edit-url"],
        server.url("/acme/shop/_edit/main/a/catalog-info.yaml")
    );
}

async fn branches_with_slashes_and_patterns_are_found(on: On) {
    let server = Server::start().await;
    let repo = Repo::new(server.root(), "acme/shop");
    repo.write("services/a/catalog-info.yaml", component("a"))
        .write("services/b/catalog-info.yaml", component("b"));
    repo.commit("first");
    repo.git(&["branch", "team/x/next"]);
    let world = Plan::new(on).forge("github", &server).run().await;
    world
        .declare(&[(
            "url",
            &server.url("/acme/shop/blob/team/x/next/services/a/catalog-info.yaml"),
        )])
        .await;
    assert_eq!(
        world.refs(),
        ["component:default/a"],
        "{:?}",
        world.problems().await
    );
    let pattern = server.url("/acme/shop/blob/main/services/*/catalog-info.yaml");
    world.declare(&[("url", &pattern)]).await;
    assert_eq!(world.refs(), ["component:default/a", "component:default/b"]);
    // A pattern that cannot be listed keeps what it brought.
    repo.git(&["branch", "--move", "main", "trunk"]);
    world.reread().await;
    assert_eq!(world.refs().len(), 2);
    assert!(
        world
            .source()
            .await
            .state
            .last_error
            .expect("why")
            .contains("has no branch or tag `main`")
    );
    repo.git(&["branch", "--move", "trunk", "main"]);
    repo.remove("services/b/catalog-info.yaml").commit("second");
    world.reread().await;
    assert_eq!(world.refs(), ["component:default/a"]);
}

async fn substitutions_read_their_own_repository_only(on: On) {
    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/private",
        "openapi.json",
        "{\"secret\": true}",
    );
    let repo = Repo::new(server.root(), "acme/shop");
    let same = server.url("/acme/shop/blob/main/openapi.json");
    let foreign = server.url("/acme/private/blob/main/openapi.json");
    repo.write(
        "catalog-info.yaml",
        format!(
            "{}---\n{}---\n{}",
            api("same", &same),
            api("foreign", &foreign),
            api("climbs", "../../private/blob/main/openapi.json")
        ),
    )
    .write("openapi.json", "{}");
    repo.commit("first");
    let world = Plan::new(on).forge("github", &server).run().await;
    world
        .declare(&[("url", &server.url("/acme/shop/blob/main/catalog-info.yaml"))])
        .await;
    assert_eq!(
        world.entity("api:default/same").expect("same")["spec"]["definition"],
        "{}"
    );
    for name in ["foreign", "climbs"] {
        let entity = world
            .entity(&format!("api:default/{name}"))
            .expect("it stays visible");
        assert!(
            entity["spec"]["definition"]
                .as_str()
                .expect("a text")
                .starts_with("$text: "),
            "{entity}"
        );
        let message = entity["status"]["items"][0]["message"]
            .as_str()
            .expect("why");
        assert!(
            message.contains("Placeholder $text could not form a URL out of "),
            "{message}"
        );
    }
    assert_eq!(
        server.seen("/acme/private").len(),
        0,
        "nothing of it was asked for"
    );
    let problems = world.problems().await;
    assert!(
        problems
            .iter()
            .any(|problem| problem.starts_with("other-repository: ")
                && problem.contains("acme/private")),
        "{problems:?}"
    );
}

async fn two_sources_of_one_file_do_not_clash(on: On) {
    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/shop",
        "catalog-info.yaml",
        &component("shop"),
    );
    let world = Plan::new(on).forge("github", &server).run().await;
    let file = server.url("/acme/shop/blob/main/catalog-info.yaml");
    server.file("/all.yaml", "");
    let all = server.root().join("acme/all.git");
    Repo::with(
        server.root(),
        "acme/all",
        "catalog-info.yaml",
        &location("all", &[&file]),
    );
    world
        .declare(&[("git", &all.to_string_lossy()), ("url", &file)])
        .await;
    assert_eq!(
        world.refs(),
        ["component:default/shop", "location:default/all"]
    );
    assert_eq!(world.problems().await, Vec::<String>::new());
    assert_eq!(
        world.get("/api/v1/catalog/problems").await["conflicts"],
        json!([])
    );
    // When the one that has it goes, the other takes over.
    let (_, source) = (all, world.sources().await);
    let holder = source
        .iter()
        .find(|source| source.location.location_type() == "git")
        .expect("the first");
    world.declare(&[("url", &file)]).await;
    assert!(
        world
            .sources()
            .await
            .iter()
            .all(|source| source.id != holder.id)
    );
    assert_eq!(world.refs(), ["component:default/shop"]);
}

async fn registering_answers_with_the_entity_or_with_the_error(on: On) {
    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/shop",
        "catalog-info.yaml",
        &component("shop"),
    );
    server.typed_file("/acme/shop", "text/html", "<html>");
    let world = Plan::new(on).forge("github", &server).run().await;
    let register = |path: &str| json!({ "type": "url", "target": server.url(path) });
    let good = register("/acme/shop/blob/main/catalog-info.yaml");
    let (status, preview) = world
        .send(Method::POST, "/api/catalog/locations?dryRun=true", &good)
        .await;
    assert_eq!(
        (status, preview["entities"].as_array().map(Vec::len)),
        (201, Some(2)),
        "{preview}"
    );
    let (status, answer) = world
        .send(Method::POST, "/api/catalog/locations", &good)
        .await;
    assert_eq!(
        (status, &answer["entities"][0]["metadata"]["name"]),
        (201, &json!("shop")),
        "{answer}"
    );
    let (status, answer) = world
        .send(
            Method::POST,
            "/api/catalog/locations",
            &register("/acme/shop"),
        )
        .await;
    assert_eq!(status, 201);
    assert!(
        answer["problems"][0]["message"]
            .as_str()
            .expect("why")
            .contains("answered with a web page"),
        "{answer}"
    );
    assert!(
        answer["problems"][0]["fix"]
            .as_str()
            .expect("how")
            .contains("/blob/<branch>/catalog-info.yaml"),
        "{answer}"
    );
}
