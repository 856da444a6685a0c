//! `type: git`: a whole repository, read at a commit.

use crate::support::{On, Plan, Repo, World, api, component, location, on_both_databases};

on_both_databases! {
    every_catalog_file_of_a_commit_is_read_with_the_commit,
    bare_repositories_file_addresses_refs_and_patterns,
    a_branch_that_is_away_keeps_everything_with_the_reason,
    references_stay_inside_the_repository,
}

async fn world_over(on: On, target: &str) -> World {
    let world = Plan::new(on).run().await;
    world.declare(&[("git", target)]).await;
    world
}

fn shop(root: &std::path::Path) -> Repo {
    let repo = Repo::new(root, "acme/shop");
    repo.write("catalog-info.yaml", component("shop"))
        .write("services/cart/catalog-info.yaml", component("cart"))
        .write("services/cart/deployment.yaml", "kind: Deployment\n");
    repo
}

async fn every_catalog_file_of_a_commit_is_read_with_the_commit(on: On) {
    let root = tempfile::tempdir().expect("a folder");
    let repo = shop(root.path());
    let first = repo.commit("first");
    let world = world_over(on, &repo.path().to_string_lossy()).await;
    assert_eq!(
        world.refs(),
        ["component:default/cart", "component:default/shop"]
    );
    assert_eq!(
        world.source().await.state.revision.as_deref(),
        Some(first.as_str())
    );
    assert_eq!(
        world.commits("component:default/cart").await,
        [Some(first.clone())]
    );
    // Nothing is checked out and nothing is written into the repository.
    assert_eq!(repo.git(&["status", "--porcelain"]), "");

    let before = world.newest_event().await;
    let second = repo
        .write(
            "catalog-info.yaml",
            component("shop").replace("production", "deprecated"),
        )
        .commit("second");
    world.reread().await;
    assert_eq!(
        world.commits("component:default/shop").await,
        [Some(second.clone()), Some(first.clone())]
    );
    assert_eq!(world.commits("component:default/cart").await, [Some(first)]);
    assert_eq!(world.source_json().await["revision"], second);
    // Exactly one thing has happened to entities, and the source says so.
    let page = world.get(&format!("/api/v1/events?after={before}")).await;
    let happened: Vec<_> = page["items"]
        .as_array()
        .expect("items")
        .iter()
        .map(|event| &event["subject"])
        .collect();
    let source = world.source().await.id;
    assert_eq!(happened, ["component:default/shop", source.as_str()]);

    // What a commit takes away goes.
    repo.remove("services/cart/catalog-info.yaml")
        .commit("third");
    world.reread().await;
    assert_eq!(world.refs(), ["component:default/shop"]);
}

async fn bare_repositories_file_addresses_refs_and_patterns(on: On) {
    let root = tempfile::tempdir().expect("a folder");
    let repo = shop(root.path());
    repo.commit("first");
    repo.git(&["switch", "--quiet", "-c", "release/1"]);
    repo.write("services/cart/catalog-info.yaml", component("old-cart"))
        .commit("release");
    repo.git(&["tag", "v1"]);
    repo.git(&["switch", "--quiet", "main"]);
    let bare = root.path().join("bare.git");
    let bare = bare.to_string_lossy();
    repo.git(&["clone", "--quiet", "--bare", ".", &bare]);
    let world = Plan::new(on).run().await;
    for (target, expected) in [
        (bare.to_string(), ["cart", "shop"].as_slice()),
        (format!("file://{bare}"), &["cart", "shop"]),
        (format!("{bare}#release/1"), &["old-cart", "shop"]),
        (
            format!("{bare}#v1:services/*/catalog-info.yaml"),
            &["old-cart"],
        ),
        (
            format!("{bare}#:services/cart/catalog-info.yaml"),
            &["cart"],
        ),
        (format!("{bare}#main:*.yaml"), &["shop"]),
    ] {
        world.declare(&[("git", &target)]).await;
        let expected: Vec<_> = expected
            .iter()
            .map(|name| format!("component:default/{name}"))
            .collect();
        assert_eq!(
            world.refs(),
            expected,
            "{target}: {:?}",
            world.problems().await
        );
    }
    world
        .declare(&[("git", &format!("{bare}#main:none/*.yaml"))])
        .await;
    assert_eq!(
        world.problems().await,
        [format!("no-files: Nothing in {bare} matches none/*.yaml")]
    );
}

async fn a_branch_that_is_away_keeps_everything_with_the_reason(on: On) {
    let root = tempfile::tempdir().expect("a folder");
    let repo = shop(root.path());
    let first = repo.commit("first");
    let world = world_over(on, &format!("{}#main", repo.path().display())).await;
    repo.git(&["branch", "--move", "main", "trunk"]);
    world.reread().await;
    assert_eq!(world.refs().len(), 2);
    let state = world.source_json().await;
    let reason = state["lastError"].as_str().expect("a reason");
    assert!(
        reason.contains("has no branch or tag `main`; its default branch is `trunk`"),
        "{reason}"
    );
    assert_eq!(
        (&state["revision"], &state["failures"]),
        (&first.into(), &1.into())
    );
    assert!(
        state["nextRefresh"]["reason"]
            .as_str()
            .expect("a reason")
            .starts_with("tries again: "),
        "{state}"
    );
    let kept = world.entity("component:default/shop").expect("kept");
    assert!(
        kept["status"]["items"][0]["message"]
            .as_str()
            .expect("why")
            .contains("`main`")
    );

    repo.git(&["branch", "--move", "trunk", "main"]);
    world.reread().await;
    assert!(
        world
            .entity("component:default/shop")
            .expect("there")
            .get("status")
            .is_none()
    );
    assert_eq!(
        world.source_json().await["lastError"],
        serde_json::Value::Null
    );

    // So does a repository that is away as a whole.
    let away = root.path().join("away");
    std::fs::rename(repo.path(), &away).expect("moved");
    world.reread().await;
    assert_eq!(world.refs().len(), 2);
    assert!(
        world
            .source()
            .await
            .state
            .last_error
            .expect("why")
            .contains("is not a Git repository")
    );
}

async fn references_stay_inside_the_repository(on: On) {
    let root = tempfile::tempdir().expect("a folder");
    std::fs::write(root.path().join("secret.yaml"), component("secret")).expect("a file outside");
    let secret = root.path().join("secret.yaml");
    let repo = Repo::new(root.path(), "acme/shop");
    repo.write(
        "catalog-info.yaml",
        location(
            "all",
            &[
                "./apis/good.yaml",
                "./apis/climbs.yaml",
                "/parts/*.yaml",
                "../../secret.yaml",
                "./linked.yaml",
            ],
        ),
    )
    .write("apis/good.yaml", api("good", "./good.json"))
    .write("apis/good.json", "{\"openapi\": \"3.1.0\"}")
    .write("apis/climbs.yaml", api("climbs", "../../../secret.yaml"))
    .write("parts/one.yaml", component("one"))
    .write("parts/two.yaml", component("two"))
    .link("linked.yaml", &secret.to_string_lossy());
    repo.commit("first");
    let world = world_over(on, &repo.path().to_string_lossy()).await;
    assert_eq!(
        world.refs(),
        [
            "api:default/climbs",
            "api:default/good",
            "component:default/one",
            "component:default/two",
            "location:default/all"
        ]
    );
    assert_eq!(
        world.entity("api:default/good").expect("good")["spec"]["definition"],
        "{\"openapi\": \"3.1.0\"}"
    );
    let climbs = world
        .entity("api:default/climbs")
        .expect("it stays visible");
    assert_eq!(climbs["spec"]["definition"], "$text: ../../../secret.yaml");
    let problems = world.problems().await;
    assert_eq!(
        problems
            .iter()
            .filter(|problem| problem.starts_with("outside-tree: "))
            .count(),
        3,
        "{problems:?}"
    );
}
