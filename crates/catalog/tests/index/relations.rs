//! Edges: shared between those that emit them, walked without end, found
//! when they lead nowhere.

use catalog::index::{Direction, Index, Step};
use model::EntityRef;
use model::query::Predicate;
use serde_json::json;
use uuid::Uuid;

use crate::naive::{document, index};

fn entity_ref(text: &str) -> EntityRef {
    EntityRef::parse(text, None, None).unwrap()
}

/// An index from lines `source relation target`, each emitted by its source,
/// which therefore exists. A line with one word is an entity alone.
fn graph(lines: &[&str]) -> Index {
    let mut emitted: std::collections::BTreeMap<&str, Vec<(&str, &str, &str)>> =
        std::collections::BTreeMap::new();
    for line in lines {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            [source, kind, target] => {
                emitted
                    .entry(source)
                    .or_default()
                    .push((source, kind, target));
            }
            [alone] => drop(emitted.entry(alone).or_default()),
            _ => panic!("{line}"),
        }
    }
    index(
        emitted
            .iter()
            .enumerate()
            .map(|(number, (source, relations))| {
                let (kind, rest) = source.split_once(':').unwrap();
                let (namespace, name) = rest.split_once('/').unwrap_or(("default", rest));
                let entity =
                    json!({"kind": kind, "metadata": {"name": name, "namespace": namespace}});
                document(&entity, Uuid::from_u128(number as u128), relations)
            }),
    )
}

fn shown(steps: &[Step]) -> Vec<String> {
    steps
        .iter()
        .map(|step| {
            let via = step.via.as_ref().map_or(String::new(), |(kind, from)| {
                format!(" by {kind} of {}", from.name())
            });
            format!(
                "{} {}{via}{}",
                step.depth,
                step.entity_ref.name(),
                if step.exists { "" } else { " (missing)" }
            )
        })
        .collect()
}

#[test]
fn an_edge_stays_until_the_last_that_emits_it_is_gone() {
    let member = ("user:default/u", "memberOf", "group:default/g");
    let group = json!({"kind": "Group", "metadata": {"name": "g"}});
    let user = json!({"kind": "User", "metadata": {"name": "u"}});
    let mut index = index([
        document(&group, Uuid::from_u128(1), &[member]),
        document(&user, Uuid::from_u128(2), &[member, member]),
    ]);
    let is_member = |index: &Index| {
        index
            .relations(&entity_ref("user:u"))
            .iter()
            .any(|relation| relation.kind == "memberOf")
    };
    assert!(is_member(&index));
    index
        .upsert(document(&user, Uuid::from_u128(2), &[]))
        .unwrap();
    assert!(is_member(&index), "the group still says so");
    index
        .upsert(document(&group, Uuid::from_u128(1), &[]))
        .unwrap();
    assert!(!is_member(&index));
}

#[test]
fn relations_are_sorted_and_shown_once() {
    let index = graph(&[
        "component:a ownedBy group:z",
        "component:a dependsOn component:c",
        "component:a dependsOn component:B",
        "component:a dependsOn component:b",
        "component:c",
    ]);
    let mut text = Vec::new();
    index
        .get(&entity_ref("component:a"))
        .unwrap()
        .write(&mut text);
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.ends_with(concat!(
            r#","relations":[{"type":"dependsOn","targetRef":"component:default/b"},"#,
            r#"{"type":"dependsOn","targetRef":"component:default/c"},"#,
            r#"{"type":"ownedBy","targetRef":"group:default/z"}]}"#,
        )),
        "{text}"
    );
    let exist: Vec<bool> = index
        .relations(&entity_ref("component:a"))
        .iter()
        .map(|relation| relation.exists)
        .collect();
    assert_eq!(exist, [false, true, false]);
}

#[test]
fn what_leads_nowhere_is_listed_and_found() {
    let mut index = graph(&[
        "component:a dependsOn component:gone",
        "component:b ownedBy group:lost",
        "component:b dependsOn component:gone",
        "component:b dependsOn component:a",
    ]);
    let list: Vec<String> = index
        .dangling()
        .iter()
        .map(|dangling| {
            let sources: Vec<String> = dangling
                .sources
                .iter()
                .map(|(kind, from)| format!("{kind} of {}", from.name()))
                .collect();
            format!("{}: {}", dangling.target, sources.join(", "))
        })
        .collect();
    assert_eq!(
        list,
        [
            "component:default/gone: dependsOn of a, dependsOn of b",
            "group:default/lost: ownedBy of b"
        ]
    );
    let query = Predicate::relation("dependsOn", "component:default/gone");
    assert_eq!(
        index.facets(&["kind"], Some(&query), None)[0].values[0].count,
        2
    );
    index.remove(&entity_ref("component:b"));
    assert_eq!(index.dangling().len(), 1);
}

#[test]
fn impact_spreads_by_distance_and_ends_in_a_cycle() {
    let index = graph(&[
        "resource:db dependencyOf component:a",
        "component:a dependencyOf component:b",
        "component:b dependencyOf component:a",
        "component:a providesApi api:x",
        "api:x apiConsumedBy component:c",
        "component:c dependencyOf component:ghost",
        "component:a dependsOn resource:db",
    ]);
    let walk = |depth, limit| {
        index.walk(
            &entity_ref("resource:db"),
            Direction::Dependents,
            depth,
            limit,
        )
    };
    assert_eq!(
        shown(&walk(usize::MAX, usize::MAX)),
        [
            "1 a by dependencyOf of db",
            "2 b by dependencyOf of a",
            "2 x by providesApi of a",
            "3 c by apiConsumedBy of x",
            "4 ghost by dependencyOf of c (missing)",
        ]
    );
    assert_eq!(walk(2, usize::MAX).len(), 3);
    assert_eq!(walk(usize::MAX, 1).len(), 1);
    assert!(walk(0, usize::MAX).is_empty());
    assert!(walk(usize::MAX, 0).is_empty());
    let needs = index.walk(&entity_ref("component:a"), Direction::Dependencies, 9, 9);
    assert_eq!(shown(&needs), ["1 db by dependsOn of a"]);
    assert!(
        index
            .walk(&entity_ref("component:unknown"), Direction::Any, 9, 9)
            .is_empty()
    );
}

#[test]
fn the_way_between_two_is_a_shortest_one() {
    let index = graph(&[
        "component:a dependsOn component:b",
        "component:b dependsOn component:c",
        "component:c dependsOn component:d",
        "component:a partOf system:s",
        "system:s hasPart component:d",
    ]);
    let path = |from, to, direction| index.path(&entity_ref(from), &entity_ref(to), direction);
    let any = path("component:a", "component:d", Direction::Any).unwrap();
    assert_eq!(
        shown(&any),
        ["0 a", "1 s by partOf of a", "2 d by hasPart of s (missing)"]
    );
    let needs = path("component:a", "component:d", Direction::Dependencies).unwrap();
    assert_eq!(needs.len(), 4);
    assert_eq!(path("component:d", "component:a", Direction::Any), None);
    assert_eq!(
        shown(&path("component:a", "component:a", Direction::Any).unwrap()),
        ["0 a"]
    );
}

#[test]
fn ownership_reaches_through_nested_groups_even_in_a_circle() {
    let index = graph(&[
        "group:top parentOf group:mid",
        "group:mid parentOf group:low",
        "group:low parentOf group:top",
        "group:mid childOf group:top",
        "group:low childOf group:mid",
        "group:top childOf group:low",
        "user:u memberOf group:low",
        "component:a ownedBy group:top",
        "component:b ownedBy group:low",
        "component:c ownedBy user:u",
        "component:d ownedBy group:other",
        "group:other",
    ]);
    let names = |refs: Vec<EntityRef>| refs.iter().map(|r| r.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        names(index.descendant_groups(&entity_ref("group:top"))),
        ["mid", "low"]
    );
    assert_eq!(
        names(index.groups_of(&entity_ref("user:u"))),
        ["low", "mid", "top"]
    );
    let owned = |owner| {
        let views = index.owned_by(&entity_ref(owner));
        views
            .iter()
            .map(|view| view.entity_ref().name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(owned("group:top"), ["a", "b"]);
    assert_eq!(owned("group:other"), ["d"]);
    assert_eq!(owned("user:u"), ["a", "b", "c"]);
    assert!(owned("group:unknown").is_empty());
}
