//! What filtering by ownership adds to a list of 100,000 entities.
//! `cargo run --release -p catalog --example ownership`
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::hint::black_box;
use std::time::Instant;

use catalog::index::{Document, Index, ListRequest, Order, PageRequest, Start};
use model::EmittedRelation;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use serde_json::json;
use uuid::Uuid;

const ENTITIES: u128 = 100_000;
const TEAMS: u128 = 500;

fn filled() -> Index {
    let mut index = Index::new();
    for at in 0..ENTITIES {
        let name = format!("service-{at}");
        let team = format!("team-{}", at % TEAMS);
        let entity_ref = EntityRef::new("component", "default", &name);
        let owner = EntityRef::new("group", "default", &team);
        let document = json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
            "metadata": { "name": name, "namespace": "default", "labels": { "tier": (at % 4).to_string() } },
            "spec": { "type": if at % 3 == 0 { "service" } else { "library" }, "owner": team },
        });
        let relation = EmittedRelation {
            kind: "ownedBy".into(),
            source: entity_ref.clone(),
            target: owner,
        };
        let _ = index.upsert(Document {
            entity_ref,
            uid: Uuid::from_u128(at),
            etag: "e".to_owned(),
            json: document.to_string().into_boxed_str(),
            relations: vec![relation],
            status: None,
            changed: 0,
        });
    }
    index
}

fn main() {
    let index = filled();
    let teams: Vec<String> = (0..50)
        .map(|team| format!("group:default/team-{team}"))
        .collect();
    let owned = Predicate::is_in("relations.ownedBy", teams.iter().map(String::as_str));
    let with_rule = Predicate::All(vec![
        owned.clone(),
        Predicate::equals("metadata.labels.tier", "1").negated(),
    ]);
    let order = || Order {
        field: "metadata.name".to_owned(),
        descending: false,
    };
    for (name, visible) in [
        ("everything", None),
        ("owned by one of 50 groups", Some(owned)),
        ("the same, tier 1 denied", Some(with_rule)),
    ] {
        let page = || {
            let request = PageRequest {
                start: Start::First {
                    query: Some(Predicate::equals("spec.type", "service")),
                    full_text: None,
                    order: Some(order()),
                    offset: 0,
                    total: true,
                },
                visible: visible.clone(),
                limit: 20,
            };
            black_box(index.page(&request).map(|page| page.total).unwrap_or(0))
        };
        let list = || {
            let request = ListRequest {
                query: Some(Predicate::equals("kind", "component")),
                visible: visible.clone(),
                order: vec![order()],
                limit: Some(20),
                ..ListRequest::default()
            };
            black_box(index.list(&request).total)
        };
        let timed = |work: &dyn Fn() -> usize| {
            let mut times: Vec<u128> = (0..500)
                .map(|_| {
                    let start = Instant::now();
                    work();
                    start.elapsed().as_nanos() / 1_000
                })
                .collect();
            times.sort_unstable();
            times.get(times.len() / 2).copied().unwrap_or(0)
        };
        println!(
            "{name}: page of {} in {} µs, list in {} µs",
            page(),
            timed(&page),
            timed(&list)
        );
    }
}
