//! Files that nobody has changed: they are not read again, and what was said of
//! them stays as long as it would be said again.

use catalog::Rules;
use catalog::tier::Tiers;
use serde_json::json;

use super::support::{On, World, component, on_both_databases, together};

on_both_databases!(
    an_edit_reads_one_file_and_keeps_what_was_said_of_the_others,
    what_is_said_of_a_file_goes_with_it,
    other_tiers_are_asked_about_files_that_did_not_change,
    another_kind_brings_what_files_always_had,
    other_rules_hold_for_files_that_did_not_change,
    a_broken_document_is_said_to_be_broken_until_it_is_mended,
    what_moves_out_of_a_broken_file_keeps_its_identity,
    a_broken_location_keeps_what_it_led_to_however_often_it_is_looked_at,
    a_clash_ends_although_the_loser_s_file_did_not_change,
);

/// A component that names two tiers, which is worth a remark.
fn remarkable(name: &str) -> String {
    component(name).replace("spec:", "  tags: [tier-1, tier-2]\nspec:")
}

fn file(at: usize) -> String {
    format!("f{at:02}/catalog-info.yaml")
}

/// A catalog of files with a remark each.
async fn remarked(on: On, files: usize) -> World {
    let world = World::new(on).await;
    for at in 0..files {
        world.write(&file(at), remarkable(&format!("c{at:02}")));
    }
    world.declare(&[world.files.path()]).await;
    assert_eq!(world.codes().await, vec!["several-tiers"; files]);
    world
}

impl World {
    /// The names of the rules that were broken, by place.
    async fn codes(&self) -> Vec<String> {
        let problems = self.problems().await.into_iter();
        problems.map(|problem| problem.code).collect()
    }

    async fn said(&self) -> Vec<String> {
        let problems = self.problems().await.into_iter();
        problems
            .map(|it| {
                let (file, entity) = (it.file, it.entity_ref);
                format!("{file}:{}:{} {} {entity:?}", it.line, it.column, it.message)
            })
            .collect()
    }
}

async fn an_edit_reads_one_file_and_keeps_what_was_said_of_the_others(on: On) {
    let world = remarked(on, 40).await;
    assert_eq!(world.last_read().await, (40, 40));
    let before = world.said().await;

    world.write(
        &file(7),
        remarkable("c07").replace("production", "deprecated"),
    );
    world.reread_only().await;
    let edited = world.entity("component:default/c07").expect("c07");
    assert_eq!(edited["spec"]["lifecycle"], "deprecated");
    assert_eq!(world.last_read().await, (1, 40));
    assert_eq!(world.said().await, before);

    // A file that is mended has nothing said of it; the others still have.
    world.write(&file(7), component("c07"));
    world.reread_only().await;
    assert_eq!(world.last_read().await, (1, 40));
    let rest: Vec<String> = before
        .into_iter()
        .filter(|line| !line.contains("f07"))
        .collect();
    assert_eq!(world.said().await, rest);
}

async fn what_is_said_of_a_file_goes_with_it(on: On) {
    let world = remarked(on, 20).await;
    world.remove(&file(3));
    world.reread_only().await;
    assert_eq!(world.codes().await.len(), 19);
    assert!(world.entity("component:default/c03").is_none());
    // It comes back as it was.
    world.write(&file(3), remarkable("c03"));
    world.reread_only().await;
    assert_eq!(world.codes().await.len(), 20);
    assert_eq!(world.last_read().await, (1, 20));
}

async fn other_tiers_are_asked_about_files_that_did_not_change(on: On) {
    let mut world = remarked(on, 3).await;
    let tiers = json!({ "1": { "slo": 99.9 }, "gold": { "slo": 99.99 } });
    let tiers = Tiers::from_config(&tiers).expect("tiers");
    world.restart(|settings| settings.tiers = tiers).await;
    world.reread_only().await;
    assert_eq!(world.codes().await, vec!["unknown-tier"; 3]);
    assert!(world.said().await[0].contains("tag tier-2"));

    world.restart(|_| ()).await;
    world.reread_only().await;
    assert_eq!(world.codes().await, vec!["several-tiers"; 3]);
}

async fn another_kind_brings_what_files_always_had(on: On) {
    let mut world = World::new(on).await;
    let dashboard = "apiVersion: example.com/v1\nkind: Dashboard\nmetadata:\n  name: sales\n";
    world.write("a.yaml", component("one"));
    let single = world.write("b.yaml", dashboard);
    world.declare(&[&single]).await;
    assert_eq!(world.refs(), [""; 0]);
    assert_eq!(world.problems().await.len(), 1);

    let kind = json!({
        "kind": "Dashboard", "apiVersions": ["example.com/v1"], "schema": {"type": "object"},
    });
    world
        .restart(|settings| settings.kinds.add(&kind).expect("a kind"))
        .await;
    world.reread_only().await;
    assert_eq!(world.refs(), ["dashboard:default/sales"]);
    assert_eq!(world.problems().await.len(), 0);
}

async fn other_rules_hold_for_files_that_did_not_change(on: On) {
    let mut world = remarked(on, 2).await;
    let rules = || {
        let allowed = json!([{ "allow": ["API", "Location"] }]);
        Rules::from_config(Some(&allowed), &[]).expect("rules")
    };
    world.restart(|settings| settings.rules = rules()).await;
    world.reread_only().await;
    assert_eq!(world.codes().await, vec!["kind-not-allowed"; 2]);

    // A refused entity stays refused without being read.
    world.write("more/catalog-info.yaml", component("more"));
    world.reread_only().await;
    assert_eq!(world.codes().await, vec!["kind-not-allowed"; 3]);

    world.restart(|_| ()).await;
    world.reread_only().await;
    assert_eq!(world.codes().await, vec!["several-tiers"; 2]);
    assert!(world.entity("component:default/more").is_some());
}

async fn a_broken_document_is_said_to_be_broken_until_it_is_mended(on: On) {
    let world = World::new(on).await;
    let good = [component("one"), component("two")];
    world.write("a.yaml", together(&good));
    world.write("b.yaml", component("three"));
    world.declare(&[world.files.path()]).await;
    let broken = [
        good[0].clone(),
        good[1].replace("kind: Component", "kind: Compo nent"),
    ];
    world.write("a.yaml", together(&broken));
    world.reread_only().await;
    let (said, two) = (world.said().await, world.entity("component:default/two"));
    assert!(!said.is_empty());
    assert!(two.as_ref().expect("two")["status"]["items"].is_array());

    for lifecycle in ["deprecated", "experimental"] {
        world.write(
            "b.yaml",
            component("three").replace("production", lifecycle),
        );
        world.reread_only().await;
        assert_eq!(world.last_read().await, (1, 2));
        assert_eq!(world.said().await, said);
        assert_eq!(world.entity("component:default/two"), two);
    }

    world.write("a.yaml", together(&good));
    world.reread_only().await;
    assert_eq!(world.said().await, [""; 0]);
    let two = world.entity("component:default/two").expect("two");
    assert!(two.get("status").is_none());
}

async fn what_moves_out_of_a_broken_file_keeps_its_identity(on: On) {
    let world = World::new(on).await;
    let good = [component("one"), component("two")];
    world.write("a.yaml", together(&good));
    world.declare(&[world.files.path()]).await;
    let uid = |name: &str| world.entity(name).expect("an entity")["metadata"]["uid"].clone();
    let (one, two) = (uid("component:default/one"), uid("component:default/two"));
    let broken = [good[0].clone(), good[1].replace("spec:", "spec: [")];
    world.write("a.yaml", together(&broken));
    world.reread_only().await;

    // The broken file has not changed since: `two` is not in it, `one` is.
    world.write("b.yaml", together(&good));
    world.reread_only().await;
    assert_eq!(uid("component:default/two"), two);
    let place = |name: &str| {
        let entity = world.entity(name).expect("an entity");
        let place = &entity["metadata"]["annotations"]["backstage.io/managed-by-location"];
        place.as_str().expect("a place").to_owned()
    };
    assert!(place("component:default/two").ends_with("b.yaml"));
    assert!(place("component:default/one").ends_with("a.yaml"));
    assert_eq!(uid("component:default/one"), one);
    assert!(world.codes().await.contains(&"conflict".to_owned()));
}

async fn a_broken_location_keeps_what_it_led_to_however_often_it_is_looked_at(on: On) {
    let world = World::new(on).await;
    world.write("one.yaml", component("one"));
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: all\nspec:\n  targets: [./one.yaml]\n";
    let both = |location: &str| together(&[component("beside"), location.to_owned()]);
    let file = world.write("all.yaml", both(location));
    world.declare(&[&file]).await;
    world.write("all.yaml", both(&location.replace("metadata:", "metadata")));
    for _ in 0..3 {
        world.reread_only().await;
        assert_eq!(
            world.refs(),
            [
                "component:default/beside",
                "component:default/one",
                "location:default/all"
            ]
        );
        let one = world.entity("component:default/one").expect("one");
        assert!(one["status"]["items"].is_array(), "it may be old: {one}");
    }
}

async fn a_clash_ends_although_the_loser_s_file_did_not_change(on: On) {
    let world = remarked(on, 2).await;
    let uid = world.entity("component:default/c00").expect("c00")["metadata"]["uid"].clone();
    world.write("z/catalog-info.yaml", remarkable("c00"));
    world.reread_only().await;
    let codes = world.codes().await;
    assert_eq!(codes.iter().filter(|code| *code == "conflict").count(), 1);
    world.remove(&file(0));
    world.reread_only().await;
    let moved = world.entity("component:default/c00").expect("c00");
    assert_eq!(moved["metadata"]["uid"], uid);
    assert_eq!(world.codes().await, vec!["several-tiers"; 2]);
}
