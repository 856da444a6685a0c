//! What is found, and where it says it was found.

use super::support::{On, World, component, on_both_databases, together};

on_both_databases!(
    a_folder_gives_its_entities_and_leaves_the_rest_alone,
    a_location_leads_to_its_targets_and_a_missing_one_hurts_nobody,
    definitions_are_read_from_beside_the_file,
    an_edit_of_a_watched_file_is_seen_without_being_asked,
    history_keeps_every_version_and_the_past_can_be_asked,
);

async fn a_folder_gives_its_entities_and_leaves_the_rest_alone(on: On) {
    let world = World::new(on).await;
    world.write(
        "a/catalog-info.yaml",
        together(&[component("one"), component("two")]),
    );
    world.write("b/service.yml", component("three"));
    world.write(
        "b/openapi.yaml",
        "openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths: {}\n",
    );
    world.write(
        "b/deployment.yaml",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n",
    );
    world.write(
        "skeleton/catalog-info.yaml",
        component("${{ values.name }}"),
    );
    world.write("node_modules/x/catalog-info.yaml", component("hidden"));
    world.declare(&[world.files.path()]).await;
    assert_eq!(
        world.refs(),
        [
            "component:default/one",
            "component:default/three",
            "component:default/two"
        ]
    );
    assert_eq!(world.problems().await.len(), 0);
    let one = world.entity("component:default/one").expect("one");
    let place = format!("file:{}", world.path("a/catalog-info.yaml").display());
    assert_eq!(
        one["metadata"]["annotations"]["backstage.io/managed-by-location"],
        place.as_str()
    );
    assert_eq!(one["metadata"]["namespace"], "default");
    assert_eq!(one["relations"][0]["targetRef"], "group:default/team-a");
}

async fn a_location_leads_to_its_targets_and_a_missing_one_hurts_nobody(on: On) {
    let world = World::new(on).await;
    world.write("one.yaml", component("one"));
    world.write("two.yaml", component("two"));
    let all = world.write(
        "all.yaml",
        "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: all\nspec:\n  targets:\n    - ./one.yaml\n    \
         - ./missing.yaml\n    - ./two.yaml\n",
    );
    world.declare(&[&all]).await;
    assert_eq!(
        world.refs(),
        [
            "component:default/one",
            "component:default/two",
            "location:default/all"
        ]
    );
    let problems = world.problems().await;
    assert_eq!(problems.len(), 1);
    assert!(
        problems[0].message.contains("no matching files found for"),
        "{}",
        problems[0].message
    );
    assert!(
        problems[0].message.contains("missing.yaml"),
        "{}",
        problems[0].message
    );
}

async fn definitions_are_read_from_beside_the_file(on: On) {
    let world = World::new(on).await;
    world.write("docs/openapi.yaml", "openapi: 3.0.0\n");
    let api = |name: &str, text: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: {name}\nspec:\n  type: openapi\n  lifecycle: \
             production\n  owner: team-a\n  definition:\n    $text: {text}\n"
        )
    };
    let file = world.write(
        "apis.yaml",
        together(&[
            api("good", "./docs/openapi.yaml"),
            api("bad", "./docs/none.yaml"),
        ]),
    );
    world.declare(&[&file]).await;
    assert_eq!(
        world.entity("api:default/good").expect("good")["spec"]["definition"],
        "openapi: 3.0.0\n"
    );
    let bad = world
        .entity("api:default/bad")
        .expect("an API whose definition cannot be read stays visible");
    let message = bad["status"]["items"][0]["message"]
        .as_str()
        .expect("a status message");
    assert!(
        message.contains("Placeholder $text could not read location"),
        "{message}"
    );
    let problem = &world.problems().await[0];
    assert_eq!(
        (problem.line, problem.entity_ref.as_deref()),
        (21, Some("api:default/bad"))
    );
}

async fn an_edit_of_a_watched_file_is_seen_without_being_asked(on: On) {
    let world = World::new(on).await;
    let file = world.write("catalog-info.yaml", component("one"));
    world.declare(&[&file]).await;
    let mut changes = world.catalog.model().changes();
    world.write(
        "catalog-info.yaml",
        together(&[component("one"), component("two")]),
    );
    while world.entity("component:default/two").is_none() {
        changes.changed().await.expect("the read model lives");
    }
}

async fn history_keeps_every_version_and_the_past_can_be_asked(on: On) {
    let world = World::new(on).await;
    let file = world.write("catalog-info.yaml", component("one"));
    world.declare(&[&file]).await;
    world.write(
        "catalog-info.yaml",
        component("one").replace("production", "deprecated"),
    );
    world.reread_only().await;
    let entity_ref =
        model::entity_ref::EntityRef::parse("component:default/one", None, None).expect("a ref");
    let history = world
        .catalog
        .store()
        .history(&entity_ref, 10)
        .await
        .expect("history");
    let changes: Vec<_> = history
        .iter()
        .map(|entry| (entry.version, entry.change.as_str()))
        .collect();
    assert_eq!(changes, [(2, "updated"), (1, "created")]);
    let first = world
        .catalog
        .store()
        .version(&entity_ref, 1)
        .await
        .expect("a version")
        .expect("version 1");
    assert!(first.doc.expect("a document").contains("production"));
}
