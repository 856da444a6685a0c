//! What is gone, what only seems to be, and what waits for a person.

use super::support::{On, World, admin, component, on_both_databases, together};

on_both_databases!(
    one_document_that_is_gone_goes,
    a_large_deletion_waits_until_a_person_confirms,
    a_held_deletion_is_forgotten_when_the_entities_come_back,
    a_source_that_cannot_be_read_keeps_everything_with_its_age,
    a_file_that_is_moved_keeps_its_entities_identity,
    what_a_broken_location_led_to_is_unknown_and_not_gone,
    removing_a_source_takes_its_entities_and_frees_their_names,
    a_start_without_any_configured_source_forgets_nothing,
);

fn ten() -> Vec<String> {
    (0..10).map(|at| component(&format!("c{at}"))).collect()
}

async fn one_document_that_is_gone_goes(on: On) {
    let world = World::new(on).await;
    let file = world.write("all.yaml", together(&ten()));
    world.declare(&[&file]).await;
    world.write("all.yaml", together(&ten()[1..]));
    world.reread_only().await;
    assert_eq!(world.refs().len(), 9);
    assert!(world.entity("component:default/c0").is_none());
}

async fn a_large_deletion_waits_until_a_person_confirms(on: On) {
    let world = World::new(on).await;
    let file = world.write("all.yaml", together(&ten()));
    world.declare(&[&file]).await;
    world.write("all.yaml", together(&ten()[5..]));
    world.reread_only().await;
    let source = world.only_source().await;
    assert_eq!(world.refs().len(), 10, "nothing is deleted yet");
    assert_eq!(source.state.held.expect("a held deletion").refs.len(), 5);
    let held = world.entity("component:default/c0").expect("still there");
    assert_eq!(
        held["metadata"]["annotations"]["backstage.io/orphan"],
        "true"
    );

    world
        .catalog
        .confirm_deletion(&admin(), &source.id)
        .await
        .expect("confirmed");
    world.reread_only().await;
    assert_eq!(world.refs().len(), 5);
    assert!(world.only_source().await.state.held.is_none());
}

async fn a_held_deletion_is_forgotten_when_the_entities_come_back(on: On) {
    let world = World::new(on).await;
    let file = world.write("all.yaml", together(&ten()));
    world.declare(&[&file]).await;
    world.write("all.yaml", together(&ten()[5..]));
    world.reread_only().await;
    world.write("all.yaml", together(&ten()));
    world.reread_only().await;
    assert!(world.only_source().await.state.held.is_none());
    let back = world.entity("component:default/c0").expect("there");
    assert!(
        back["metadata"]["annotations"]
            .get("backstage.io/orphan")
            .is_none()
    );
}

async fn a_source_that_cannot_be_read_keeps_everything_with_its_age(on: On) {
    let world = World::new(on).await;
    let file = world.write("all.yaml", together(&ten()));
    world.declare(&[&file]).await;
    let before = world.only_source().await.state.last_success_at;
    world.remove("all.yaml");
    world.reread_only().await;
    assert_eq!(world.refs().len(), 10);
    let state = world.only_source().await.state;
    assert!(
        state
            .last_error
            .expect("an error")
            .contains("no matching files found")
    );
    assert_eq!(state.last_success_at, before);
    let kept = world.entity("component:default/c3").expect("kept");
    assert!(
        kept["status"]["items"][0]["message"]
            .as_str()
            .expect("a reason")
            .contains("no matching files found")
    );
}

async fn a_file_that_is_moved_keeps_its_entities_identity(on: On) {
    let world = World::new(on).await;
    world.write("a/catalog-info.yaml", component("one"));
    world.write("b/catalog-info.yaml", component("two"));
    world.declare(&[world.files.path()]).await;
    let uid = world.entity("component:default/one").expect("one")["metadata"]["uid"].clone();
    world.remove("a/catalog-info.yaml");
    world.write("c/catalog-info.yaml", component("one"));
    world.reread_only().await;
    let moved = world
        .entity("component:default/one")
        .expect("one has moved");
    assert_eq!(moved["metadata"]["uid"], uid);
    let place = moved["metadata"]["annotations"]["backstage.io/managed-by-location"]
        .as_str()
        .expect("a place");
    assert!(place.ends_with("c/catalog-info.yaml"), "{place}");
    assert_eq!(world.problems().await.len(), 0);
}

async fn what_a_broken_location_led_to_is_unknown_and_not_gone(on: On) {
    let world = World::new(on).await;
    world.write("one.yaml", component("one"));
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: all\nspec:\n  targets: [./one.yaml]\n";
    let file = world.write("all.yaml", location);
    world.declare(&[&file]).await;
    world.write("all.yaml", location.replace("metadata:", "metadata"));
    world.reread_only().await;
    assert_eq!(
        world.refs(),
        ["component:default/one", "location:default/all"]
    );
}

async fn removing_a_source_takes_its_entities_and_frees_their_names(on: On) {
    let world = World::new(on).await;
    let first = world.write("first.yaml", component("one"));
    let second = world.write("second.yaml", component("one").replace("team-a", "team-b"));
    world.declare(&[&first]).await;
    world.declare(&[&first, &second]).await;
    let conflicts = world
        .catalog
        .store()
        .conflicts(None)
        .await
        .expect("conflicts");
    assert_eq!(conflicts.len(), 1);
    assert_eq!(
        conflicts[0].winner_location.as_deref(),
        Some(format!("file:{}", first.display()).as_str())
    );
    assert_eq!(conflicts[0].location, format!("file:{}", second.display()));
    assert_eq!(
        world.entity("component:default/one").expect("one")["spec"]["owner"],
        "team-a"
    );

    world.declare(&[&second]).await;
    assert_eq!(
        world.entity("component:default/one").expect("one")["spec"]["owner"],
        "team-b"
    );
    assert_eq!(
        world
            .catalog
            .store()
            .conflicts(None)
            .await
            .expect("conflicts")
            .len(),
        0
    );
}

async fn a_start_without_any_configured_source_forgets_nothing(on: On) {
    let world = World::new(on).await;
    let file = world.write("all.yaml", together(&ten()));
    world.declare(&[&file]).await;
    world.declare(&[]).await;
    assert_eq!(world.refs().len(), 10);
    assert_eq!(world.sources().await.len(), 1);
}
