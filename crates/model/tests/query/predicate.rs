use model::query::{Predicate, Primitive, Searchable, Test, parse_filters};
use proptest::prelude::*;
use serde_json::{Value, json};

fn entity() -> Value {
    json!({
        "kind": "Component",
        "metadata": {"name": "Pay", "tags": ["Java", "pci"], "annotations": {"x.io/y": "Z"}},
        "spec": {"type": "service", "replicas": 3, "public": true, "nul": null, "long": "l".repeat(300)},
        "relations": [
            {"type": "ownedBy", "targetRef": "group:default/team-a"},
            {"type": "dependsOn", "targetRef": "resource:default/db"},
        ],
    })
}

fn holds(query: &Value) -> bool {
    let predicate = Predicate::from_json(query).unwrap_or_else(|e| panic!("{query}: {e}"));
    let again = Predicate::from_json(&predicate.to_json()).unwrap();
    assert_eq!(again, predicate, "the JSON form says the same");
    predicate.matches_entity(&entity())
}

#[test]
fn what_holds() {
    for query in [
        json!({}),
        json!({"$all": []}),
        json!({"KIND": "COMPONENT"}),
        json!({"kind": "component", "spec.type": "Service"}),
        json!({"spec.replicas": 3}),
        json!({"spec.replicas": "3"}),
        json!({"spec.public": true}),
        json!({"spec.public": "TRUE"}),
        json!({"spec.type": {"$in": ["website", "SERVICE"]}}),
        json!({"spec.nul": {"$exists": true}}),
        json!({"spec.long": {"$exists": true}}),
        json!({"spec.absent": {"$exists": false}}),
        json!({"metadata.name": {"$hasPrefix": "PA"}}),
        json!({"metadata.tags": {"$contains": "JAVA"}}),
        json!({"metadata.tags": "pci"}),
        json!({"metadata.tags.java": true}),
        json!({"metadata.annotations.x.io/y": "z"}),
        json!({"metadata.namespace": "default"}),
        json!({"$not": {"kind": "api"}}),
        json!({"$any": [{"kind": "api"}, {"$all": [{"kind": "component"}, {"spec.type": "service"}]}]}),
        json!({"relations.ownedBy": "Group:default/Team-A"}),
        json!({"relations": {"$contains": {"type": "OwnedBy"}}}),
        json!({"relations": {"$contains": {"type": "ownedBy", "targetRef": "group:default/team-a"}}}),
        json!({"relations": {"$contains": {"type": "dependsOn", "targetRef": {"$in": ["a:b/c", "resource:default/DB"]}}}}),
    ] {
        assert!(holds(&query), "{query}");
    }
}

#[test]
fn what_does_not_hold() {
    for query in [
        json!({"$any": []}),
        json!({"kind": "api"}),
        json!({"kind": "component", "spec.type": "website"}),
        json!({"spec.type": {"$in": []}}),
        json!({"spec.nul": "null"}),
        json!({"spec.nul": {"$hasPrefix": ""}}),
        json!({"spec.long": "l".repeat(300)}),
        json!({"spec.type": {"$exists": false}}),
        json!({"spec": {"$exists": true}}),
        json!({"metadata.name": {"$hasPrefix": "a"}}),
        json!({"$not": {}}),
        json!({"relations": {"$contains": {"type": "ownedBy", "targetRef": "resource:default/db"}}}),
        json!({"relations": {"$contains": {"type": "partOf"}}}),
    ] {
        assert!(!holds(&query), "{query}");
    }
}

#[test]
fn refusals_say_where_and_what_would_do() {
    for (query, place, hint) in [
        (json!("component"), "the root", "expected an object"),
        (json!([]), "the root", "found a list"),
        (json!(null), "the root", "found null"),
        (json!({"$and": []}), "the root", "$all, $any and $not"),
        (
            json!({"$all": [], "kind": "a"}),
            "the root",
            "must be the only key",
        ),
        (json!({"$all": {}}), "$all", "a list of conditions"),
        (json!({"$all": [{"kind": "a"}, 7]}), "$all[1]", "found 7"),
        (
            json!({"$any": [{"$not": "x"}]}),
            "$any[0].$not",
            "found \"x\"",
        ),
        (
            json!({"$not": {"spec.type": null}}),
            "$not.spec.type",
            "found null",
        ),
        (json!({"a": {"$in": "b"}}), "a", "$in takes a list"),
        (json!({"a": {"$in": [["b"]]}}), "a", "$in takes a list"),
        (json!({"a": {"$exists": "yes"}}), "a", "true or false"),
        (json!({"a": {"$hasPrefix": 1}}), "a", "takes a string"),
        (
            json!({"a": {"$regex": "x"}}),
            "a",
            "unknown operator $regex",
        ),
        (json!({"a": {"b": "c"}}), "a", "unknown operator b"),
        (
            json!({"a": {"$in": [], "$exists": true}}),
            "a",
            "an object with 2 keys",
        ),
        (
            json!({"a": {"$contains": {"type": "x"}}}),
            "a",
            "only for the field \"relations\"",
        ),
        (
            json!({"relations": {"$contains": {"targetRef": "x"}}}),
            "relations",
            "needs its \"type\"",
        ),
        (
            json!({"relations": {"$contains": {"type": "x", "target": "y"}}}),
            "relations",
            "unknown key \"target\"",
        ),
        (
            json!({"relations": {"$contains": {"type": "x", "targetRef": 1}}}),
            "relations",
            "found 1",
        ),
    ] {
        let error = Predicate::from_json(&query).unwrap_err();
        assert_eq!(error.path, place, "{query}: {error}");
        assert!(error.problem.contains(hint), "{query}: {error}");
    }
}

#[test]
fn size_and_depth_are_limited() {
    let mut deep = json!({"kind": "a"});
    for _ in 0..80 {
        deep = json!({"$not": deep});
    }
    assert!(
        Predicate::from_json(&deep)
            .unwrap_err()
            .problem
            .contains("deep")
    );
    let wide = json!({"a": {"$in": vec!["x"; 60_000]}});
    assert!(
        Predicate::from_json(&wide)
            .unwrap_err()
            .problem
            .contains("more than")
    );
}

fn any_predicate() -> impl Strategy<Value = Predicate> {
    let primitive = prop_oneof![
        "[a-cA-C]{0,2}".prop_map(Primitive::Text),
        any::<bool>().prop_map(Primitive::Bool),
        (0..4i64).prop_map(|n| Primitive::Number(n.into())),
    ];
    let test = prop_oneof![
        primitive.clone().prop_map(Test::Equals),
        prop::collection::vec(primitive, 0..3).prop_map(Test::In),
        any::<bool>().prop_map(Test::Exists),
        "[a-c]{0,2}".prop_map(Test::HasPrefix),
    ];
    let field = ("[ab](\\.[ab]){0,2}", test).prop_map(|(key, test)| Predicate::Field { key, test });
    field.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Predicate::All),
            prop::collection::vec(inner.clone(), 0..4).prop_map(Predicate::Any),
            inner.prop_map(Predicate::negated),
        ]
    })
}

proptest! {
    #[test]
    fn the_json_form_is_lossless(predicate in any_predicate()) {
        let text = serde_json::to_string(&predicate).unwrap();
        let again: Predicate = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(again, predicate);
    }

    #[test]
    fn logic_is_boolean(a in any_predicate(), b in any_predicate(), x in "[ab]{1,2}", y in 0..3) {
        let entity = Searchable::new(&json!({"a": {"b": x, "a": [x, y]}, "b": [{"a": y}, true]}));
        let (va, vb) = (a.matches(&entity), b.matches(&entity));
        prop_assert_eq!(Predicate::All(vec![a.clone(), b.clone()]).matches(&entity), va && vb);
        prop_assert_eq!(Predicate::Any(vec![a.clone(), b.clone()]).matches(&entity), va || vb);
        prop_assert_eq!(a.clone().negated().matches(&entity), !va);
        prop_assert_eq!(Predicate::and(Some(a), Some(b)).unwrap().matches(&entity), va && vb);
    }

    #[test]
    fn a_filter_means_the_same_as_its_statements(
        statements in prop::collection::vec(("[ab]\\.[ab]", prop::option::of("[ab]{0,1}")), 1..4),
        x in "[ab]{0,1}", y in "[ab]{0,1}",
    ) {
        let entity = Searchable::new(&json!({"a": {"a": x, "b": [x, y]}, "b": {"a": y}}));
        let text: Vec<String> = statements
            .iter()
            .map(|(key, value)| match value {
                Some(value) => format!("{key}={value}"),
                None => key.clone(),
            })
            .collect();
        // Statements with the same key are alternatives, different keys add up.
        let expected = statements.iter().all(|(key, _)| {
            let values: Vec<_> = statements
                .iter()
                .filter(|(other, _)| other == key)
                .filter_map(|(_, value)| value.as_deref())
                .collect();
            if values.is_empty() {
                Predicate::exists(key).matches(&entity)
            } else {
                values.iter().any(|value| Predicate::equals(key, value).matches(&entity))
            }
        });
        let predicate = parse_filters(&[text.join(",")]).unwrap().unwrap();
        prop_assert_eq!(predicate.matches(&entity), expected);
    }
}
