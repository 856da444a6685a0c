//! Conditions in Backstage's form.

use access::{criteria, predicate_of};
use model::query::{Predicate, Searchable};
use serde_json::json;

#[test]
fn what_backstage_has_a_rule_for_is_said_with_that_rule() {
    let predicate = Predicate::All(vec![
        Predicate::is_in("kind", ["Component", "API"]),
        Predicate::is_in("relations.ownedBy", ["group:default/a"]),
        Predicate::Any(vec![
            Predicate::equals("metadata.labels.tier", "1"),
            Predicate::exists("metadata.annotations.github.com/project-slug"),
            Predicate::equals("metadata.namespace", "default"),
        ]),
        Predicate::equals("spec.lifecycle", "production").negated(),
    ]);
    let leaf = |rule: &str, params| json!({ "rule": rule, "resourceType": "catalog-entity", "params": params });
    assert_eq!(
        criteria(&predicate),
        json!({ "allOf": [
            leaf("IS_ENTITY_KIND", json!({ "kinds": ["Component", "API"] })),
            leaf("IS_ENTITY_OWNER", json!({ "claims": ["group:default/a"] })),
            { "anyOf": [
                leaf("HAS_LABEL", json!({ "label": "tier", "value": "1" })),
                leaf("HAS_ANNOTATION", json!({ "annotation": "github.com/project-slug" })),
                leaf("HAS_METADATA", json!({ "key": "namespace", "value": "default" })),
            ] },
            { "not": leaf("HAS_SPEC", json!({ "key": "lifecycle", "value": "production" })) },
        ] })
    );
}

#[test]
fn there_and_back_means_the_same() {
    let entity = json!({
        "kind": "Component",
        "metadata": { "name": "pay", "namespace": "default", "labels": { "tier": "1" }, "tags": ["java"] },
        "spec": { "type": "service" },
        "relations": [{ "type": "partOf", "targetRef": "system:default/checkout" }],
    });
    for predicate in [
        Predicate::everything(),
        Predicate::nothing(),
        Predicate::equals("kind", "component"),
        Predicate::equals("relations.partOf", "system:default/checkout"),
        Predicate::is_in("metadata.tags", ["java", "go"]),
        Predicate::is_in("metadata.labels.tier", []),
        Predicate::exists("metadata.labels.tier").negated(),
    ] {
        let back = predicate_of(&criteria(&predicate)).unwrap();
        let searchable = Searchable::new(&entity);
        assert_eq!(
            back.matches(&searchable),
            predicate.matches(&searchable),
            "{predicate:?}"
        );
    }
}

#[test]
fn wrong_conditions_are_refused_with_what_there_is() {
    for (conditions, part) in [
        (json!({ "rule": "IS_COOL" }), "HAS_ANNOTATION"),
        (json!({}), "anyOf"),
        (
            json!({ "rule": "IS_ENTITY_KIND", "params": { "kinds": "x" } }),
            "kinds",
        ),
        (json!({ "rule": "HAS_LABEL", "params": {} }), "label"),
    ] {
        let problem = predicate_of(&conditions).unwrap_err().to_string();
        assert!(problem.contains(part), "{problem}");
    }
    let mut deep = json!({ "rule": "HAS_SPEC", "params": { "key": "x" } });
    for _ in 0..100 {
        deep = json!({ "not": deep });
    }
    assert!(predicate_of(&deep).is_err());
}
