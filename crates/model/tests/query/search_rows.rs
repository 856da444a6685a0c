use model::query::{Row, search_rows};
use proptest::prelude::*;
use serde_json::{Value, json};

fn rows(entity: &Value) -> Vec<(String, Option<String>)> {
    let rows = search_rows(entity).unwrap();
    rows.into_iter().map(|row| (row.key, row.value)).collect()
}

fn expect(entity: &Value, expected: &[(&str, Option<&str>)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(k, v)| ((*k).to_owned(), v.map(str::to_owned)))
        .collect();
    assert_eq!(rows(entity), expected);
}

#[test]
fn every_shape_has_its_rows() {
    let entity = json!({
        "kind": "Component",
        "metadata": {
            "name": "N", "namespace": "Acme", "uid": "U", "etag": "not searchable",
            "labels": {"a.io/B": "C"},
            "tags": ["Java", "JAVA"],
        },
        "spec": {
            "flag": false, "count": 7, "ratio": 1.50, "whole": 2.0, "huge": 1e21, "tiny": 1e-7,
            "nothing": null,
            "list": [1, "Two", {"a": "q"}, ["deep"], null],
            "empty": [], "object": {},
        },
        "relations": [{"type": "ownedBy", "targetRef": "group:default/Team"}],
        "status": {"items": [{"type": "x"}]},
        "attachments": {"a": 1},
    });
    expect(
        &entity,
        &[
            ("kind", Some("component")),
            ("metadata.labels.a.io/b", Some("c")),
            ("metadata.tags", Some("java")),
            ("metadata.tags.java", Some("true")),
            ("spec.flag", Some("false")),
            ("spec.count", Some("7")),
            ("spec.ratio", Some("1.5")),
            ("spec.whole", Some("2")),
            ("spec.huge", Some("1e+21")),
            ("spec.tiny", Some("1e-7")),
            ("spec.nothing", None),
            ("spec.list", Some("1")),
            ("spec.list", Some("two")),
            ("spec.list.two", Some("true")),
            ("spec.list.a", Some("q")),
            ("spec.list", Some("deep")),
            ("spec.list.deep", Some("true")),
            ("spec.list", None),
            ("metadata.name", Some("n")),
            ("metadata.namespace", Some("acme")),
            ("metadata.uid", Some("u")),
            ("relations.ownedby", Some("group:default/team")),
        ],
    );
}

#[test]
fn name_namespace_and_uid_are_always_there() {
    expect(
        &json!({"metadata": {"name": "a", "namespace": ""}}),
        &[
            ("metadata.name", Some("a")),
            ("metadata.namespace", Some("")),
            ("metadata.uid", None),
            ("metadata.namespace", Some("default")),
        ],
    );
    expect(
        &json!({}),
        &[
            ("metadata.name", None),
            ("metadata.namespace", None),
            ("metadata.uid", None),
            ("metadata.namespace", Some("default")),
        ],
    );
}

#[test]
fn long_keys_go_and_long_values_become_null() {
    let fits = "v".repeat(200);
    let long = "V".repeat(201);
    // 100 letters of two UTF-16 units each, and one more.
    let wide = format!("{}x", "𝕍".repeat(100));
    let row = |value: &str| {
        let all = search_rows(&json!({"spec": {"v": value}})).unwrap();
        all.into_iter().find(|row| row.key == "spec.v").unwrap()
    };
    assert_eq!(row(&fits).value.as_deref(), Some(fits.as_str()));
    let null = Row {
        key: "spec.v".to_owned(),
        value: None,
        original: None,
    };
    assert_eq!(row(&long), null);
    assert_eq!(row(&wide), null);

    let has_key = |length: usize| {
        let entity = json!({"spec": {"k".repeat(length - 5): 1}});
        search_rows(&entity)
            .unwrap()
            .iter()
            .any(|row| row.value.as_deref() == Some("1"))
    };
    assert!(has_key(200));
    assert!(!has_key(201));
    // A long element keeps its row, but has no row of its own name.
    let element = "e".repeat(198);
    let entity = json!({"spec": {"list": [element]}});
    assert!(rows(&entity).contains(&("spec.list".to_owned(), Some(element.clone()))));
    assert!(
        !rows(&entity)
            .iter()
            .any(|(key, _)| key.starts_with("spec.list."))
    );
}

#[test]
fn keys_that_differ_in_casing_are_refused_elements_are_not() {
    let error = search_rows(&json!({
        "spec": {"a": {"x": 1}, "A": {"X": 1}, "b": 1, "B": 2, "c": 1},
    }))
    .unwrap_err();
    assert_eq!(error.keys, ["spec.a.x", "spec.b"]);
    assert_eq!(
        error.to_string(),
        "Entity has duplicate keys that vary only in casing, 'spec.a.x', 'spec.b'"
    );
    assert!(search_rows(&json!({"metadata": {"tags": ["a", "A"]}})).is_ok());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[a-cA-C.]{0,3}|metadata|spec|relations|type", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_document_gives_distinct_folded_rows(entity in any_json()) {
        if let Ok(rows) = search_rows(&entity) {
            let mut seen = std::collections::HashSet::new();
            for row in rows {
                prop_assert_eq!(row.key.to_lowercase(), row.key.clone());
                prop_assert_eq!(
                    row.original.as_ref().map(|original| original.to_lowercase()),
                    row.value.clone(),
                );
                prop_assert!(seen.insert((row.key, row.value)));
            }
        }
    }
}
