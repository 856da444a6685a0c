//! Single facts that a property would not name.

use catalog::index::{Change, Document, FullText, Index, Order, PageRequest, Start};
use model::EntityRef;
use model::query::{Fields, Predicate, parse_filters};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::naive::{document, index};

fn component(number: u128, name: &str, spec: Value) -> Document {
    let mut entity = json!({"apiVersion": "v1", "kind": "Component", "metadata": {"name": name}});
    entity["spec"] = spec;
    document(&entity, Uuid::from_u128(number), &[])
}

fn names(index: &Index, start: Start) -> Vec<String> {
    let request = PageRequest {
        start,
        visible: None,
        limit: 100,
    };
    let page = index.page(&request).unwrap();
    page.items
        .iter()
        .map(|view| view.entity_ref().name().to_owned())
        .collect()
}

fn ordered(field: &str) -> Start {
    Start::First {
        query: None,
        full_text: None,
        order: Some(Order {
            field: field.to_owned(),
            descending: false,
        }),
        offset: 0,
        total: true,
    }
}

#[test]
fn an_entity_is_written_as_stored_with_relations_and_status_behind() {
    let mut document = component(1, "a", json!({"type": "x"}));
    document.json =
        r#"{"apiVersion":"v1","kind":"Component","metadata":{"name":"a"},"spec":{}}"#.into();
    document.status = Some(r#"{"items":[]}"#.into());
    let entity_ref = document.entity_ref.clone();
    let index = index([document]);
    let view = index.get(&entity_ref).unwrap();
    let mut text = Vec::new();
    view.write_with(None, &mut text);
    assert_eq!(
        String::from_utf8(text).unwrap(),
        r#"{"apiVersion":"v1","kind":"Component","metadata":{"name":"a"},"spec":{},"relations":[],"status":{"items":[]}}"#
    );
    let mut text = Vec::new();
    let fields = Fields::parse(&["spec", "kind"]).unwrap();
    view.write_with(fields.as_ref(), &mut text);
    assert_eq!(
        String::from_utf8(text).unwrap(),
        r#"{"spec":{},"kind":"Component"}"#
    );
}

#[test]
fn loosely_written_and_empty_objects_stay_json() {
    for json in ["{}", " { } ", "{ \"kind\" : \"a\" }\n"] {
        let mut document = component(1, "a", json!({}));
        document.json = json.into();
        let entity_ref = document.entity_ref.clone();
        let index = index([document]);
        assert_eq!(
            index.get(&entity_ref).unwrap().to_value()["relations"],
            json!([]),
            "{json}"
        );
    }
}

#[test]
fn what_is_no_object_is_refused_and_changes_nothing() {
    let good = component(1, "a", json!({"type": "x"}));
    let mut index = index([good.clone()]);
    for (json, problem) in [("[1]", "expected an object"), ("{", "EOF"), ("", "EOF")] {
        let mut bad = good.clone();
        bad.json = json.into();
        let error = index.upsert(bad).unwrap_err();
        assert!(error.to_string().contains("component:default/a"), "{error}");
        assert!(error.problem.contains(problem), "{error}");
    }
    assert_eq!(index.upsert(good).unwrap(), Change::Unchanged);
}

#[test]
fn status_etag_and_relations_count_as_changes() {
    let original = component(1, "a", json!({}));
    let mut index = index([original.clone()]);
    let mut changed = original.clone();
    changed.status = Some("{}".into());
    assert_eq!(index.upsert(changed.clone()).unwrap(), Change::Updated);
    changed.etag = "new".to_owned();
    assert_eq!(index.upsert(changed.clone()).unwrap(), Change::Updated);
    changed.relations = crate::naive::document(
        &json!({"kind": "Component", "metadata": {"name": "a"}}),
        Uuid::nil(),
        &[("component:a", "ownedBy", "group:g")],
    )
    .relations;
    assert_eq!(index.upsert(changed.clone()).unwrap(), Change::Updated);
    assert_eq!(index.upsert(changed).unwrap(), Change::Unchanged);
}

#[test]
fn a_page_of_nothing_is_the_count() {
    let index = index((1..=3).map(|n| component(n, &format!("c{n}"), json!({}))));
    let request = PageRequest {
        start: Start::all(None),
        visible: None,
        limit: 0,
    };
    let page = index.page(&request).unwrap();
    assert_eq!(
        (page.items.len(), page.total, page.next, page.previous),
        (0, 3, None, None)
    );
}

#[test]
fn what_the_caller_may_not_see_is_neither_shown_nor_counted() {
    let index = index([
        component(1, "a", json!({"team": "x"})),
        component(2, "b", json!({"team": "y"})),
    ]);
    let request = PageRequest {
        start: ordered("metadata.name"),
        visible: Some(Predicate::equals("spec.team", "y")),
        limit: 10,
    };
    let page = index.page(&request).unwrap();
    assert_eq!((page.items.len(), page.total), (1, 1));
    let facets = index.facets(&["spec.team"], None, request.visible.as_ref());
    assert_eq!(facets[0].values.len(), 1);
}

#[test]
fn cursors_that_are_not_ours_are_refused() {
    use base64::Engine;
    let encode = |json: &str| base64::engine::general_purpose::STANDARD.encode(json);
    let index = index([component(1, "a", json!({}))]);
    for cursor in [
        "notacursor".to_owned(),
        "%%%".to_owned(),
        String::new(),
        encode("{}"),
        encode("[]"),
        encode(r#"{"orderFields":[],"isPrevious":false,"orderFieldValues":["x"],"totalItems":1}"#),
        encode(r#"{"orderFields":[],"isPrevious":false,"orderFieldValues":[],"totalItems":1}"#),
        encode(
            r#"{"orderFields":[{"field":"a","order":"up"}],"isPrevious":false,"orderFieldValues":[],"totalItems":1}"#,
        ),
        encode(
            r#"{"orderFields":[],"isPrevious":false,"orderFieldValues":["00000000-0000-0000-0000-000000000001"],"totalItems":1,"query":7}"#,
        ),
        "x".repeat(5 << 20),
    ] {
        let request = PageRequest {
            start: Start::Cursor(cursor.clone()),
            visible: None,
            limit: 5,
        };
        let error = index.page(&request).unwrap_err().to_string();
        assert!(error.starts_with("Malformed cursor: "), "{error}");
        assert!(error.len() < 400, "{error}");
    }
}

#[test]
fn entities_that_move_behind_the_cursor_are_not_shown_twice() {
    let mut index = index((1..=6).map(|n| component(n, &format!("c{n}"), json!({"rank": n}))));
    let start = ordered("spec.rank");
    let page = index
        .page(&PageRequest {
            start,
            visible: None,
            limit: 3,
        })
        .unwrap();
    let next = page.next.unwrap();
    index
        .upsert(component(1, "c1", json!({"rank": 5})))
        .unwrap();
    index
        .upsert(component(5, "c5", json!({"rank": 0})))
        .unwrap();
    index.remove(&EntityRef::new("component", "default", "c6"));
    index
        .upsert(component(7, "c7", json!({"rank": 4})))
        .unwrap();
    assert_eq!(names(&index, Start::Cursor(next)), ["c4", "c7", "c1"]);
}

#[test]
fn text_is_found_inside_one_value_only() {
    let index = index([
        component(1, "ab", json!({"title": "Ünder Line"})),
        component(2, "cd", json!({"title": "DERL"})),
    ]);
    let search = |term: &str, fields: &[&str]| {
        names(
            &index,
            Start::First {
                query: None,
                full_text: Some(FullText {
                    term: term.to_owned(),
                    fields: Some(fields.iter().map(|field| (*field).to_owned()).collect()),
                }),
                order: None,
                offset: 0,
                total: true,
            },
        )
    };
    assert_eq!(
        search("bc", &["metadata.name"]),
        [""; 0],
        "ab and cd are neighbours"
    );
    assert_eq!(search("üNDER", &["spec.title"]), ["ab"]);
    assert_eq!(search("derl", &["SPEC.title"]), ["cd"]);
    assert_eq!(search("d", &["spec.title", "metadata.name"]), ["ab", "cd"]);
    assert_eq!(
        search("  ", &["spec.title"]),
        ["ab", "cd"],
        "nothing asked for"
    );
}

#[test]
fn many_columns_and_many_writes_stay_right() {
    let spec = |n: u128| {
        let fields = (0..80).map(|field| {
            (
                format!("f{field}"),
                json!(format!("v{}", (n * 7 + field) % 50)),
            )
        });
        Value::Object(fields.collect())
    };
    let mut index = index((0..40).map(|n| component(n, &format!("c{n}"), spec(n))));
    let expect = |index: &Index, field: usize, count: u128, shift: u128| {
        let mut all: Vec<(String, u128)> = (0..count)
            .map(|n| (format!("v{}", ((n + shift) * 7 + field as u128) % 50), n))
            .collect();
        all.sort();
        let all: Vec<String> = all.into_iter().map(|(_, n)| format!("c{n}")).collect();
        assert_eq!(names(index, ordered(&format!("spec.f{field}"))), all);
    };
    (0..80).for_each(|field| expect(&index, field, 40, 0));
    for round in 1..40 {
        for n in 0..40 {
            index
                .upsert(component(n, &format!("c{n}"), spec(n + round)))
                .unwrap();
        }
        expect(&index, 3, 40, round);
    }
    (0..80).for_each(|field| expect(&index, field, 40, 39));
}

#[test]
fn large_groups_of_equal_values_are_paged_by_uid() {
    let index = index((0..3_000u128).map(|n| {
        // Uids in another order than names.
        component(
            (n * 7_919) % 3_001,
            &format!("c{n:04}"),
            json!({"type": if n % 3 == 0 { "a" } else { "b" }}),
        )
    }));
    let query = parse_filters(&["spec.type=A"]).unwrap();
    let mut start = Start::First {
        query,
        full_text: None,
        order: Some(Order {
            field: "spec.type".to_owned(),
            descending: true,
        }),
        offset: 0,
        total: true,
    };
    let mut uids = Vec::new();
    loop {
        let page = index
            .page(&PageRequest {
                start,
                visible: None,
                limit: 170,
            })
            .unwrap();
        assert_eq!(page.total, 1_000);
        uids.extend(page.items.iter().map(|view| view.uid()));
        match page.next {
            Some(next) => start = Start::Cursor(next),
            None => break,
        }
    }
    assert_eq!(uids.len(), 1_000);
    assert!(uids.is_sorted_by(|a, b| a > b));
}

#[test]
fn the_size_grows_and_shrinks() {
    let mut index = index((0..100).map(|n| component(n, &format!("c{n}"), json!({"n": n}))));
    let full = index.size();
    assert_eq!(full.entities, 100);
    assert!(full.bytes > 100 * 200);
    for n in 0..50 {
        index.remove(&EntityRef::new("component", "default", &format!("c{n}")));
    }
    assert!(index.size().bytes < full.bytes);
    assert_eq!(index.len(), 50);
    assert!(!index.is_empty());
}

#[test]
fn a_small_part_of_a_large_catalog_is_paged_in_the_same_order() {
    let index = index((0..2_000u128).map(|n| {
        let part = if n % 100 == 0 { "small" } else { "large" };
        component(
            (n * 7_919) % 2_003,
            &format!("c{n:04}"),
            json!({"part": part}),
        )
    }));
    index.warm(&["metadata.name"]);
    let query = parse_filters(&["spec.part=small"]).unwrap();
    let page = |start| {
        index
            .page(&PageRequest {
                start,
                visible: None,
                limit: 7,
            })
            .unwrap()
    };
    let mut pages = vec![page(Start::all(query.clone()))];
    while let Some(next) = pages.last().unwrap().next.clone() {
        pages.push(page(Start::Cursor(next)));
    }
    let uids: Vec<Uuid> = pages
        .iter()
        .flat_map(|page| &page.items)
        .map(|view| view.uid())
        .collect();
    assert_eq!(uids.len(), 20);
    assert!(uids.is_sorted());
    let back = page(Start::Cursor(pages[2].previous.clone().unwrap()));
    let ids = |page: &catalog::index::Page<'_>| {
        page.items.iter().map(|view| view.uid()).collect::<Vec<_>>()
    };
    assert_eq!(ids(&back), ids(&pages[1]));

    let list = index.list(&catalog::index::ListRequest {
        query,
        offset: 3,
        limit: Some(4),
        ..Default::default()
    });
    let names: Vec<&str> = list
        .items
        .iter()
        .map(|view| view.entity_ref().name())
        .collect();
    assert_eq!(names, ["c0300", "c0400", "c0500", "c0600"]);
    assert_eq!(list.total, 20);
}

#[test]
fn the_last_change_orders_a_list() {
    let changed = |number: u128, name: &str, changed: i64| Document {
        changed,
        ..component(number, name, json!({}))
    };
    let mut index = index([
        changed(1, "old", 10),
        changed(2, "unknown", 0),
        changed(3, "new", 30),
        changed(4, "middle", 20),
    ]);
    let list = |index: &Index, descending: bool| -> Vec<String> {
        let order = vec![Order {
            field: catalog::index::CHANGED.to_owned(),
            descending,
        }];
        let request = catalog::index::ListRequest {
            order,
            ..Default::default()
        };
        index
            .list(&request)
            .items
            .iter()
            .map(|view| view.entity_ref().name().to_owned())
            .collect()
    };
    assert_eq!(list(&index, false), ["old", "middle", "new", "unknown"]);
    assert_eq!(list(&index, true), ["new", "middle", "old", "unknown"]);
    index.upsert(changed(1, "old", 40)).unwrap();
    assert_eq!(list(&index, true), ["old", "new", "middle", "unknown"]);
}
