//! One bad thing never hurts its neighbours.

use catalog::{DeletionGuard, Rules};
use model::yaml::MAX_FILE_BYTES;
use serde_json::json;

use super::support::{On, World, component, on_both_databases, together};

on_both_databases!(
    a_broken_document_leaves_its_neighbours_and_its_own_last_good_state,
    a_kind_that_is_not_allowed_is_refused_with_the_rule,
    nothing_outside_of_the_tree_is_read,
    the_same_entity_twice_in_one_source_is_said_with_both_places,
    a_file_that_became_too_large_keeps_what_it_brought,
    what_is_no_file_is_not_read,
);

async fn a_broken_document_leaves_its_neighbours_and_its_own_last_good_state(on: On) {
    let world = World::new(on).await;
    let good = [component("one"), component("two"), component("three")];
    let file = world.write("all.yaml", together(&good));
    world.declare(&[&file]).await;
    let broken = [
        component("one").replace("production", "deprecated"),
        good[1].replace("spec:", "spec: ["),
        good[2].clone(),
    ];
    world.write("all.yaml", together(&broken));
    world.reread_only().await;
    assert_eq!(
        world.entity("component:default/one").expect("one")["spec"]["lifecycle"],
        "deprecated"
    );
    let two = world
        .entity("component:default/two")
        .expect("two stays as it was last good");
    assert_eq!(two["spec"]["lifecycle"], "production");
    assert!(
        two["status"]["items"][0]["error"]["message"]
            .as_str()
            .expect("a place")
            .contains("all.yaml:")
    );
    world.write("all.yaml", together(&good));
    world.reread_only().await;
    assert!(
        world
            .entity("component:default/two")
            .expect("two")
            .get("status")
            .is_none()
    );
    assert_eq!(world.problems().await.len(), 0);
}

async fn a_kind_that_is_not_allowed_is_refused_with_the_rule(on: On) {
    let rules = Rules::from_config(Some(&json!([{ "allow": ["Component"] }])), &[]).expect("rules");
    let world = World::with(on, rules, DeletionGuard::default()).await;
    let system = "apiVersion: backstage.io/v1alpha1\nkind: System\nmetadata:\n  name: s\nspec:\n  owner: team-a\n";
    let file = world.write("all.yaml", together(&[component("one"), system.to_owned()]));
    world.declare(&[&file]).await;
    assert_eq!(world.refs(), ["component:default/one"]);
    let problem = &world.problems().await[0];
    let place = format!("file:{}", file.display());
    assert_eq!(
        problem.message,
        format!(
            "Entity system:default/s at {place}, originated at {place}, is not of an allowed kind for that location"
        )
    );
    assert_eq!((problem.line, problem.column), (11, 7));
    assert_eq!(
        problem.fix.as_deref(),
        Some("add `- allow: [System]` to catalog.rules in app-config.yaml")
    );
}

async fn nothing_outside_of_the_tree_is_read(on: On) {
    let outside = tempfile::tempdir().expect("another directory");
    std::fs::write(outside.path().join("secret.yaml"), component("secret")).expect("written");
    let world = World::new(on).await;
    world.write("ok.yaml", component("ok"));
    std::os::unix::fs::symlink(outside.path(), world.path("link")).expect("a link");
    std::os::unix::fs::symlink(outside.path().join("secret.yaml"), world.path("file.yaml"))
        .expect("a link");
    let climb = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: climb\nspec:\n  target: ../../../..{}/secret.yaml\n",
        outside.path().display()
    );
    world.write("climb.yaml", climb);
    world.declare(&[world.files.path()]).await;
    assert_eq!(
        world.refs(),
        ["component:default/ok", "location:default/climb"]
    );
    let codes: Vec<_> = world
        .problems()
        .await
        .into_iter()
        .map(|problem| problem.code)
        .collect();
    assert!(codes.iter().all(|code| code == "outside-tree"), "{codes:?}");
    assert!(codes.len() >= 2, "{codes:?}");
}

async fn the_same_entity_twice_in_one_source_is_said_with_both_places(on: On) {
    let world = World::new(on).await;
    world.write("a.yaml", component("one"));
    world.write("b.yaml", component("one"));
    world.declare(&[world.files.path()]).await;
    assert_eq!(world.refs(), ["component:default/one"]);
    let problem = &world.problems().await[0];
    assert_eq!(problem.code, "conflict");
    assert!(
        problem.message.contains("a.yaml") && problem.message.contains("b.yaml"),
        "{}",
        problem.message
    );
    // And it stays like that when nothing changes.
    world.reread_only().await;
    assert_eq!(world.problems().await.len(), 1);
}

async fn a_file_that_became_too_large_keeps_what_it_brought(on: On) {
    let world = World::new(on).await;
    let file = world.write("all.yaml", component("one"));
    world.declare(&[&file]).await;
    let mut padded = component("one").into_bytes();
    padded.push(b'#');
    padded.resize(MAX_FILE_BYTES, b'x');
    world.write("all.yaml", &padded);
    world.reread_only().await;
    assert_eq!(world.problems().await.len(), 0, "just small enough");
    padded.push(b'x');
    world.write("all.yaml", &padded);
    world.reread_only().await;
    assert_eq!(world.refs(), ["component:default/one"]);
    let problems = world.problems().await;
    assert_eq!(problems[0].code, "file-too-large");
    assert_eq!(
        problems[0].message,
        format!(
            "the file has {} bytes, which is more than the limit of 10 MiB",
            MAX_FILE_BYTES + 1
        )
    );
}

/// Reading a pipe or a socket would wait for ever.
async fn what_is_no_file_is_not_read(on: On) {
    let world = World::new(on).await;
    let folder = world.files.path().to_path_buf();
    world.write("one.yaml", component("one"));
    let _socket =
        std::os::unix::net::UnixListener::bind(folder.join("two.yaml")).expect("a socket");
    world.declare(&[&folder]).await;
    assert_eq!(world.refs(), ["component:default/one"]);
    let problem = &world.problems().await[0];
    assert_eq!(problem.code, "cannot-read");
    assert!(
        problem
            .message
            .ends_with("two.yaml is a device, a pipe or a socket, not a file"),
        "{}",
        problem.message
    );
}
