//! The relevance set: what people type, and what should come first.

use std::path::Path;

use crate::world::World;

/// Entities that the demo organisation lacks: error codes, capitals, look-alikes.
const MORE: &str = include_str!("more.yaml");
/// A query and the references that are right, the best first, on each line.
const SET: &str = include_str!("relevance.txt");

/// One line of the set.
struct Case {
    query: String,
    /// Any of these may be first.
    right: Vec<String>,
}

fn cases() -> Vec<Case> {
    let lines = SET
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//"));
    lines
        .map(|line| {
            let (query, right) = line
                .split_once("=>")
                .unwrap_or_else(|| panic!("no => in {line}"));
            let right = right
                .split_whitespace()
                .map(|name| match name.split_once(':') {
                    Some((kind, name)) => format!("{kind}:default/{}", name.to_lowercase()),
                    None => format!("component:default/{}", name.to_lowercase()),
                });
            Case {
                query: query.trim().to_owned(),
                right: right.collect(),
            }
        })
        .collect()
}

#[tokio::test]
async fn what_people_look_for_comes_first() {
    let world = World::new().await;
    let acme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/all.yaml");
    let more = world.write("more.yaml", MORE);
    world.read(&[&acme, &more]).await;
    let cases = cases();
    assert!(cases.len() >= 120, "{} queries", cases.len());
    let (mut first, mut third, mut reciprocal) = (0, 0, 0.0);
    let mut wrong = Vec::new();
    for case in &cases {
        let found = world.refs(&case.query);
        for right in &case.right {
            let entity = EntityRef::parse(right, None, None).expect("a reference");
            assert!(
                world.catalog.model().index().get(&entity).is_some(),
                "{right} does not exist"
            );
        }
        let rank = found
            .iter()
            .position(|id| case.right.contains(id))
            .map(|at| at + 1);
        first += usize::from(rank == Some(1));
        third += usize::from(rank.is_some_and(|rank| rank <= 3));
        reciprocal += rank.map_or(0.0, |rank| 1.0 / f64::from(u32::try_from(rank).unwrap()));
        if rank != Some(1) {
            let top: Vec<&str> = found.iter().take(3).map(String::as_str).collect();
            wrong.push(format!(
                "{:<28} rank {rank:?}, wanted {:?}, got {top:?}",
                case.query, case.right
            ));
        }
    }
    let share = |count: usize| 100 * count / cases.len();
    let mean = reciprocal / f64::from(u32::try_from(cases.len()).unwrap());
    let report = format!(
        "{} queries: top-1 {} %, top-3 {} %, mean reciprocal rank {mean:.3}\n{}",
        cases.len(),
        share(first),
        share(third),
        wrong.join("\n")
    );
    println!("{report}");
    assert!(
        share(first) >= 96 && share(third) >= 98 && mean >= 0.97,
        "{report}"
    );
}

use model::entity_ref::EntityRef;
