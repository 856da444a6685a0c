//! What is written about an entity is found by whoever may see the entity.

use model::entity_ref::EntityRef;
use platform::actor::{Caller, Grants};
use search::Paper;

use crate::world::{World, member};

const TWO: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: payments, title: Payments}
spec: {type: service, lifecycle: production, owner: team-a}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: ledger}
spec: {type: service, lifecycle: experimental, owner: team-b}
";
const DOCS: &str = "techdocs";

fn component(name: &str) -> EntityRef {
    EntityRef::new("component", "default", name)
}

fn paper(path: &str, title: &str, text: &str) -> Paper {
    Paper {
        path: path.to_owned(),
        title: title.to_owned(),
        text: text.to_owned(),
        location: format!("/docs/default/component/payments/{path}"),
        icon: "doc",
        kind: path.starts_with("runbooks/").then_some("runbook"),
    }
}

async fn world() -> World {
    let world = World::with(TWO).await;
    let papers = [
        paper("", "Overview", "How money moves between two accounts."),
        paper("deploy/#rollback", "Rollback", "Run the zeppelin script."),
    ];
    assert!(
        world
            .search
            .offer_papers(DOCS, &component("payments"), &papers)
    );
    world
}

#[tokio::test]
async fn a_page_is_found_by_its_words_title_and_what_it_is_about() {
    let world = world().await;
    let rollback = ["techdocs:component:default/payments:deploy/#rollback"];
    assert_eq!(world.refs("zeppelin"), rollback);
    assert_eq!(world.refs("rolback payments"), rollback);
    // The thing itself goes first.
    assert_eq!(world.refs("payments")[0], "component:default/payments");
    assert_eq!(world.refs("payments").len(), 3);
    let found = world.find("payments");
    assert_eq!(found.kinds, [("Component".to_owned(), 1)]);
    let progress = world.search.progress();
    // Two components and the Location of their file.
    assert_eq!((progress.done, progress.of), (3, 3));
}

#[tokio::test]
async fn what_a_page_is_for_narrows_and_is_told() {
    let world = world().await;
    let books = [
        paper("runbooks/ledger", "Ledger", "When the zeppelin stops."),
        paper("ledger", "Ledger", "What the zeppelin is."),
    ];
    let ledger = component("ledger");
    assert!(world.search.offer_papers(DOCS, &ledger, &books));
    let asked = "/api/v1/search?q=zeppelin&tag=runbook";
    let found = world.get_as(Caller::system("test"), asked, "en").await;
    let found = found.json();
    assert_eq!(found["totalItems"], 1, "{found}");
    assert_eq!(found["items"][0]["type"], "runbook");
    assert_eq!(
        found["items"][0]["href"],
        "/docs/default/component/payments/runbooks/ledger"
    );
}

#[tokio::test]
async fn new_papers_replace_the_old_ones_of_that_entity_only() {
    let world = world().await;
    let ledger = component("ledger");
    let book = paper("", "Book keeping", "Every zeppelin is written down.");
    assert!(world.search.offer_papers(DOCS, &ledger, &[book]));
    assert_eq!(world.refs("zeppelin").len(), 2);
    world
        .search
        .offer_papers(DOCS, &component("payments"), &[paper("", "Start", "New.")]);
    assert_eq!(
        world.refs("zeppelin"),
        ["techdocs:component:default/ledger:"]
    );
    world.search.offer_papers(DOCS, &ledger, &[]);
    assert_eq!(world.refs("zeppelin"), Vec::<String>::new());
}

#[tokio::test]
async fn papers_go_with_their_entity_and_are_refused_without_one() {
    let world = world().await;
    let admin = Caller::system("test");
    let payments = component("payments");
    world
        .catalog
        .delete_entity(&admin, &payments)
        .await
        .unwrap();
    let seen = world.catalog.model().applied();
    assert!(world.search.caught_up(seen).await);
    assert_eq!(world.refs("zeppelin"), Vec::<String>::new());
    let again = [paper("", "Overview", "zeppelin")];
    assert!(!world.search.offer_papers(DOCS, &payments, &again));
    assert_eq!(world.refs("zeppelin"), Vec::<String>::new());
}

#[tokio::test]
async fn who_may_not_see_the_entity_finds_nothing_about_it() {
    let world = world().await;
    let nobody = Caller {
        grants: Grants::None,
        ..member("team-a")
    };
    let none = world
        .search
        .ask(&nobody, "zeppelin", search::Narrow::default(), 0, 10);
    assert_eq!((none.total, none.hits.len()), (0, 0));
}

#[tokio::test]
async fn papers_follow_the_owner_and_lifecycle_of_their_entity() {
    let world = world().await;
    let owned_by = |world: &World, owner: &str| {
        let narrow = search::Narrow {
            owners: vec![EntityRef::new("group", "default", owner)],
            ..search::Narrow::default()
        };
        let admin = Caller::system("test");
        world.search.ask(&admin, "zeppelin", narrow, 0, 10).total
    };
    assert_eq!(owned_by(&world, "team-a"), 1);
    world.write("acme.yaml", &TWO.replace("team-a", "team-z"));
    world.reread().await;
    assert_eq!(
        (owned_by(&world, "team-a"), owned_by(&world, "team-z")),
        (0, 1)
    );
}

#[tokio::test]
async fn programs_and_pages_show_what_a_page_is_about() {
    let world = world().await;
    let answer = world
        .get("/api/search/query?term=zeppelin&types%5B0%5D=techdocs")
        .await
        .json();
    let result = &answer["results"][0];
    assert_eq!(result["type"], "techdocs");
    assert_eq!(result["document"]["kind"], "component");
    assert_eq!(result["document"]["name"], "payments");
    assert_eq!(result["document"]["entityTitle"], "Payments");
    assert_eq!(result["document"]["path"], "deploy/#rollback");
    assert_eq!(
        result["document"]["location"],
        "/docs/default/component/payments/deploy/#rollback"
    );
    let own = world
        .get("/api/v1/search?q=zeppelin&explain=1&collection=techdocs")
        .await
        .json();
    assert_eq!(own["items"][0]["about"], "component:default/payments");
    assert_eq!(
        own["items"][0]["explanation"]["words"][0]["found"],
        "zeppelin"
    );
    let page = world.get("/search?q=zeppelin&in=techdocs").await.text;
    assert!(page.contains("Documents"), "{page}");
    assert!(page.contains("/docs/default/component/payments/deploy/"));
    let entities = world.get("/search?q=payments&kind=Component").await.text;
    assert!(!entities.contains("/docs/default/component/payments/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_are_answered_while_many_papers_come_in() {
    let world = world().await;
    let text = (0..2_000)
        .map(|at| format!("word{at} "))
        .collect::<String>();
    let many: Vec<Paper> = (0..600)
        .map(|at| paper(&format!("page-{at}"), "Page", &text))
        .collect();
    let search = world.search.clone();
    let offering = std::thread::spawn(move || {
        let subject = component("payments");
        assert!(search.offer_papers(DOCS, &subject, &many));
        // And all of them are taken out again.
        assert!(search.offer_papers(DOCS, &subject, &[]));
    });
    let mut answered = 0;
    while !offering.is_finished() {
        let found = world.refs("ledger");
        assert_eq!(
            found.first().map(String::as_str),
            Some("component:default/ledger")
        );
        answered += 1;
    }
    offering.join().expect("it ends");
    assert!(answered >= 10, "{answered} searches in between");
    assert!(world.refs("zeppelin").is_empty(), "what was there is gone");
}
