//! A change can be found when the catalog has it.

use std::time::{Duration, Instant};

use platform::actor::{Caller, Grants};
use search::{Narrow, Search};

use crate::world::World;

const ONE: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: zebra}
spec: {type: service, lifecycle: production, owner: team-a}
";
const TEAM: &str = "---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: team-a, title: Giraffes}
spec: {type: team, children: []}
";

#[tokio::test]
async fn a_change_is_found_within_a_second() {
    let world = World::with(ONE).await;
    assert_eq!(world.refs("zebra"), ["component:default/zebra"]);
    world.write("acme.yaml", &ONE.replace("zebra", "okapi"));
    world.reread_catalog().await;
    let began = Instant::now();
    assert!(
        world
            .search
            .caught_up(world.catalog.model().applied())
            .await
    );
    let found = world.get("/api/v1/search?q=okapi").await.json();
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(found["items"][0]["ref"], "component:default/okapi");
    assert_eq!(world.refs("zebra"), Vec::<String>::new());
}

#[tokio::test]
async fn a_removed_entity_is_not_found() {
    let world = World::with(&[ONE, "---\n", &ONE.replace("zebra", "okapi")].concat()).await;
    assert_eq!(world.refs("okapi").len(), 1);
    let admin = platform::actor::Caller::system("test");
    let okapi = model::entity_ref::EntityRef::new("component", "default", "okapi");
    world.catalog.delete_entity(&admin, &okapi).await.unwrap();
    assert!(
        world
            .search
            .caught_up(world.catalog.model().applied())
            .await
    );
    assert_eq!(world.refs("okapi"), Vec::<String>::new());
}

#[tokio::test]
async fn the_owners_new_title_finds_what_it_owns() {
    let world = World::with(&[ONE, TEAM].concat()).await;
    assert!(
        world
            .refs("giraffes")
            .contains(&"component:default/zebra".to_owned())
    );
    world.write(
        "acme.yaml",
        &[ONE, &TEAM.replace("Giraffes", "Ostriches")].concat(),
    );
    world.reread().await;
    assert!(
        world
            .refs("ostriches")
            .contains(&"component:default/zebra".to_owned())
    );
    assert_eq!(world.refs("giraffes"), Vec::<String>::new());
}

#[tokio::test]
async fn progress_says_when_everything_can_be_found() {
    let world = World::with(ONE).await;
    let progress = world.search.progress();
    assert!(progress.complete);
    assert_eq!(progress.done, progress.of);
    assert_eq!(world.search.size().documents, progress.done);
}

#[tokio::test]
async fn what_is_not_in_the_index_yet_is_found_by_its_name() {
    let world = World::with(&[ONE, TEAM].concat()).await;
    // Nobody fills this one.
    let filling = Search::new(&world.catalog, &world.db);
    assert!(!filling.progress().complete);
    let ask = |caller: &Caller, text: &str, narrow: Narrow| -> Vec<String> {
        let found = filling.ask(caller, text, narrow, 0, 10);
        assert_eq!(found.total, found.hits.len());
        found.hits.iter().map(|hit| hit.id.to_string()).collect()
    };
    let admin = Caller::system("test");
    let everything = Narrow::default;
    assert_eq!(
        ask(&admin, "zeb", everything()),
        ["component:default/zebra"]
    );
    assert_eq!(
        ask(&admin, "Giraff", everything()),
        ["group:default/team-a"]
    );
    let groups = Narrow {
        kinds: vec!["Group".into()],
        ..Narrow::default()
    };
    assert_eq!(ask(&admin, "zeb", groups), Vec::<String>::new());
    let stranger = Caller {
        grants: Grants::None,
        ..admin
    };
    assert_eq!(ask(&stranger, "zeb", everything()), Vec::<String>::new());
}
