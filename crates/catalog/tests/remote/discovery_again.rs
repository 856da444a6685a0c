//! A provider that runs again: what changed, what went, what moved.

use serde_json::{Value, json};

use crate::discovery::{LIST, acme, names};
use crate::support::forge_json::{github, with};
use crate::support::{Fault, On, Plan, Repo, Server, World, component, on_both_databases};

on_both_databases! {
    what_was_not_pushed_to_is_not_fetched_again,
    archived_and_removed_repositories_go_after_a_complete_run_only,
    a_renamed_branch_or_repository_keeps_its_entities,
}

/// Repositories of `acme`, each with one component of its own name.
async fn organisation(on: On, server: &Server, names: &[&str]) -> (World, Vec<Repo>) {
    let repos = names
        .iter()
        .map(|name| {
            Repo::with(
                server.root(),
                &format!("acme/{name}"),
                "catalog-info.yaml",
                &component(name),
            )
        })
        .collect();
    server.list(
        LIST,
        names
            .iter()
            .map(|name| github(server, &format!("acme/{name}")))
            .collect(),
    );
    let world = Plan::new(on)
        .forge("github", server)
        .providers(acme(server))
        .run()
        .await;
    world.declare(&[]).await;
    (world, repos)
}

async fn what_was_not_pushed_to_is_not_fetched_again(on: On) {
    let server = Server::start().await;
    let (world, repos) = organisation(on, &server, &["a", "b"]).await;
    Repo::new(server.root(), "acme/empty-handed")
        .write("README.md", "hello")
        .commit("first");
    let listed = |pushed: &str| {
        let mut all = vec![
            github(&server, "acme/a"),
            github(&server, "acme/b"),
            github(&server, "acme/empty-handed"),
        ];
        all[1]["pushed_at"] = pushed.into();
        server.list(LIST, all);
    };
    listed("2026-02-03T04:05:06Z");
    world.reread().await;
    server.forget_seen();
    world.reread().await;
    assert_eq!(
        server.git_requests().len(),
        0,
        "neither what has a catalog file nor what has none"
    );
    assert_eq!(
        server
            .seen(LIST)
            .iter()
            .map(|seen| seen.status)
            .collect::<Vec<_>>(),
        [304]
    );

    repos[1]
        .write(
            "catalog-info.yaml",
            component("b").replace("production", "deprecated"),
        )
        .commit("second");
    listed("2026-03-10T11:00:00Z");
    world.reread().await;
    assert!(
        server
            .git_requests()
            .iter()
            .all(|seen| seen.path.starts_with("/acme/b.git/"))
    );
    assert_eq!(
        world.entity("component:default/b").expect("b")["spec"]["lifecycle"],
        "deprecated"
    );
    // A push of this minute may be followed by another in the same second.
    listed("2026-03-10T11:59:40Z");
    world.reread().await;
    server.forget_seen();
    world.reread().await;
    assert!(!server.git_requests().is_empty());
}

async fn archived_and_removed_repositories_go_after_a_complete_run_only(on: On) {
    let server = Server::start().await;
    let all = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    let (world, _repos) = organisation(on, &server, &all).await;
    assert_eq!(names(&world), all);
    let listing = |keep: &[&str], archived: &str| {
        let list = keep.iter().map(|name| {
            with(
                github(&server, &format!("acme/{name}")),
                &json!({ "archived": *name == archived }),
            )
        });
        server.list(LIST, list.collect());
    };
    // One that is archived goes with its Location; ten of eleven wait.
    listing(&all, "k");
    world.reread().await;
    assert_eq!(names(&world), all[..10]);
    assert_eq!(
        world
            .all_refs()
            .iter()
            .filter(|name| name.starts_with("location:"))
            .count(),
        11
    );
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
    world
        .catalog
        .confirm_deletion(&platform::actor::Caller::system("test"), &source.id)
        .await
        .expect("confirmed");
    world.settled().await;
    assert_eq!(names(&world), all[..5]);
    assert_eq!(
        world
            .all_refs()
            .iter()
            .filter(|name| name.starts_with("location:"))
            .count(),
        6
    );

    // A repository that the listing shows and Git hides is not gone.
    server.fail("/acme/a.git", 10, Fault::status(404));
    server.list(
        LIST,
        all[..5]
            .iter()
            .map(|name| {
                with(
                    github(&server, &format!("acme/{name}")),
                    &json!({ "pushed_at": "2026-03-09T00:00:00Z" }),
                )
            })
            .collect(),
    );
    world.reread().await;
    assert_eq!(names(&world), all[..5]);
    assert!(
        world
            .source()
            .await
            .state
            .last_error
            .expect("why")
            .contains("does not exist or is hidden")
    );
    // An item that cannot be read may be any of them.
    server.mend();
    let mut list: Vec<Value> = all[..4]
        .iter()
        .map(|name| github(&server, &format!("acme/{name}")))
        .collect();
    list.push(json!({ "id": 1 }));
    server.list(LIST, list);
    world.reread().await;
    assert_eq!(names(&world), all[..5]);
    assert!(
        world
            .source()
            .await
            .state
            .last_error
            .expect("why")
            .contains("an item on page 1 is left out")
    );
}

async fn a_renamed_branch_or_repository_keeps_its_entities(on: On) {
    let server = Server::start().await;
    let (world, repos) = organisation(on, &server, &["a", "b"]).await;
    let uid = |name: &str| {
        world
            .entity(&format!("component:default/{name}"))
            .expect("there")["metadata"]["uid"]
            .clone()
    };
    let before = (uid("a"), uid("b"));
    repos[0].git(&["branch", "--move", "main", "trunk"]);
    std::fs::rename(repos[1].path(), server.root().join("acme/bee.git")).expect("renamed");
    server.list(
        LIST,
        vec![
            with(
                github(&server, "acme/a"),
                &json!({ "default_branch": "trunk" }),
            ),
            github(&server, "acme/bee"),
        ],
    );
    world.reread().await;
    assert_eq!((uid("a"), uid("b")), before, "{:?}", world.problems().await);
    let place = |name: &str| {
        world
            .entity(&format!("component:default/{name}"))
            .expect("there")["metadata"]["annotations"]["backstage.io/view-url"]
            .clone()
    };
    assert_eq!(
        place("a"),
        server.url("/acme/a/blob/trunk/catalog-info.yaml")
    );
    assert_eq!(
        place("b"),
        server.url("/acme/bee/blob/main/catalog-info.yaml")
    );
    assert_eq!(world.problems().await, Vec::<String>::new());
}
