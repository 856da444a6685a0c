//! Teams and the groups above them, each target once.

use catalog::index::{Document, Index};
use insights::campaigns::arithmetic::Tally;
use insights::campaigns::measure::{Members, measure};
use insights::campaigns::plan::Plan;
use insights::campaigns::teams::{TeamRow, by_team};
use jiff::civil::date;
use model::entity::Entity;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use serde_json::{Value, json};

fn index_of(entities: &[Value]) -> Index {
    let kinds = Kinds::builtin();
    let mut index = Index::new();
    for (at, json) in entities.iter().enumerate() {
        let entity = Entity::from_json(json.clone()).expect("an entity");
        let relations = kinds.relations(&entity).expect("relations");
        index
            .upsert(Document {
                entity_ref: entity.entity_ref(),
                uid: uuid::Uuid::from_u128(u128::try_from(at).expect("a number") + 1),
                etag: at.to_string(),
                json: json.to_string().into_boxed_str(),
                relations,
                status: None,
                changed: 0,
            })
            .expect("an object");
    }
    index
}

fn group(name: &str, parent: Option<&str>) -> Value {
    let mut spec = json!({ "type": "team", "children": [] });
    if let (Some(fields), Some(parent)) = (spec.as_object_mut(), parent) {
        fields.insert("parent".into(), parent.into());
    }
    json!({ "apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": { "name": name, "namespace": "default" }, "spec": spec })
}

fn database(name: &str, done: bool, owner: Option<&str>) -> Value {
    let mut spec = json!({ "type": "database" });
    if let (Some(fields), Some(owner)) = (spec.as_object_mut(), owner) {
        fields.insert("owner".into(), owner.into());
    }
    let version = if done { "17" } else { "11" };
    json!({ "apiVersion": "backstage.io/v1alpha1", "kind": "Resource",
        "metadata": { "name": name, "namespace": "default", "labels": { "version": version } }, "spec": spec })
}

fn rows(entities: &[Value]) -> Vec<TeamRow> {
    let index = index_of(entities);
    let name = EntityRef::parse("campaign:default/pg11", None, None).expect("a ref");
    let document = json!({
        "metadata": { "name": "pg11" },
        "spec": {
            "owner": "a", "starts": "2026-11-01", "deadline": "2026-12-01",
            "targets": { "filter": "kind=resource" },
            "done": { "filter": "metadata.labels.version=17" },
        },
    });
    let plan = Plan::read(&name, &document).plan.expect("a plan");
    let measured = measure(
        &plan,
        (&index, None),
        &Members::new(),
        false,
        date(2026, 11, 21),
    );
    by_team(&index, &measured)
}

/// Depth, name, total, done, own total.
fn shown(rows: &[TeamRow]) -> Vec<(usize, String, u64, u64, u64)> {
    rows.iter()
        .map(|row| {
            let name = row.team.as_ref().map_or("nobody", |team| team.name());
            (
                row.depth,
                name.to_owned(),
                row.tally.total,
                row.tally.done,
                row.own.total,
            )
        })
        .collect()
}

#[test]
fn a_group_counts_what_is_below_it() {
    let found = rows(&[
        group("company", None),
        group("dept-a", Some("company")),
        group("dept-b", Some("company")),
        group("team-1", Some("dept-a")),
        group("team-2", Some("dept-a")),
        database("one", true, Some("team-1")),
        database("two", false, Some("team-1")),
        database("three", false, Some("team-2")),
        database("four", true, Some("dept-b")),
        database("five", false, Some("dept-a")),
        database("six", false, None),
    ]);
    assert_eq!(
        shown(&found),
        [
            (0, "company".into(), 5, 2, 0),
            (1, "dept-a".into(), 4, 1, 1),
            (2, "team-1".into(), 2, 1, 2),
            (2, "team-2".into(), 1, 0, 1),
            (1, "dept-b".into(), 1, 1, 1),
            (0, "nobody".into(), 1, 0, 1),
        ]
    );
}

#[test]
fn two_ways_up_count_once() {
    // `children` gives team-1 a second parent, and both have the same parent.
    let mut second = group("dept-b", Some("company"));
    second["spec"]["children"] = json!(["team-1"]);
    let found = rows(&[
        group("company", None),
        group("dept-a", Some("company")),
        second,
        group("team-1", Some("dept-a")),
        database("one", true, Some("team-1")),
    ]);
    assert!(
        found.iter().all(|row| row.tally
            == Tally {
                total: 1,
                done: 1,
                exempt: 0
            }),
        "{found:?}"
    );
    assert_eq!(found.len(), 4);
}

#[test]
fn groups_in_a_circle_do_no_harm() {
    let found = rows(&[
        group("a", Some("b")),
        group("b", Some("c")),
        group("c", Some("a")),
        database("one", false, Some("a")),
        database("two", true, Some("c")),
    ]);
    assert_eq!(found.len(), 3);
    assert!(
        found
            .iter()
            .all(|row| row.tally.total == 2 && row.tally.done == 1)
    );
}

#[test]
fn an_owner_that_does_not_exist_has_a_row() {
    let found = rows(&[database("one", false, Some("ghost"))]);
    assert_eq!(shown(&found), [(0, "ghost".into(), 1, 0, 1)]);
    assert!(!found[0].exists);
}
