//! The typed view of an entity.

use model::Entity;
use serde_json::{Value, json};

fn sample() -> Value {
    json!({
        "kind": "Component", "apiVersion": "backstage.io/v1alpha1",
        "metadata": {
            "name": "Orders", "title": "Order service", "description": "d",
            "labels": {"tier": "1", "odd": 5},
            "annotations": {"a": "1", "b": "2"},
            "tags": ["java", 5],
            "links": [{"url": "https://x", "title": "X", "icon": "i", "type": "t"}, {"title": "none"}]
        },
        "spec": {"type": "service", "zeta": 1, "alpha": {"b": 1, "a": 2}}
    })
}

#[test]
fn fields_are_read_by_name() {
    let entity = Entity::from_json(sample()).unwrap();
    assert_eq!(entity.kind(), "Component");
    assert_eq!(entity.api_version(), "backstage.io/v1alpha1");
    assert_eq!((entity.namespace(), entity.name()), ("default", "Orders"));
    assert_eq!(
        (entity.title(), entity.description()),
        (Some("Order service"), Some("d"))
    );
    assert_eq!(entity.display_name(), "Order service");
    assert_eq!(entity.entity_ref().to_string(), "component:default/orders");
    assert_eq!(entity.labels().collect::<Vec<_>>(), [("tier", "1")]);
    assert_eq!(entity.label("odd"), None);
    assert_eq!(entity.annotation("b"), Some("2"));
    assert_eq!(entity.tags().collect::<Vec<_>>(), ["java"]);
    let links: Vec<_> = entity.links().collect();
    assert_eq!(links.len(), 1);
    assert_eq!(
        (
            links[0].url,
            links[0].title,
            links[0].icon,
            links[0].link_type
        ),
        ("https://x", Some("X"), Some("i"), Some("t"))
    );
    assert_eq!(
        (entity.spec_type(), entity.spec_text("zeta")),
        (Some("service"), None)
    );
    assert_eq!(entity.uid(), None);
}

#[test]
fn json_is_kept_verbatim_and_in_order() {
    let entity = Entity::from_json(sample()).unwrap();
    assert_eq!(
        serde_json::to_string(&entity).unwrap(),
        sample().to_string()
    );
    assert_eq!(entity.into_json().to_string(), sample().to_string());
}

#[test]
fn ingestion_writes_into_metadata() {
    let mut entity = Entity::from_json(sample()).unwrap();
    entity.set_annotation("b", "3");
    entity.set_annotation("c", "4");
    entity.set_default_annotation("a", "computed");
    entity.set_default_annotation("d", "computed");
    let annotations: Vec<_> = entity.annotations().collect();
    assert_eq!(
        annotations,
        [("a", "1"), ("b", "3"), ("c", "4"), ("d", "computed")]
    );
    assert!(entity.remove_annotation("a"));
    assert!(!entity.remove_annotation("a"));
    entity.set_default_namespace();
    assert_eq!(entity.to_json()["metadata"]["namespace"], "default");
    entity.set_metadata("uid", json!("u"));
    assert_eq!(entity.uid(), Some("u"));
    entity.set_relations(json!([]));
    entity.set_status(json!({}));
    assert!(
        entity.as_object().contains_key("relations") && entity.as_object().contains_key("status")
    );

    let mut bare = Entity::from_json(json!({"apiVersion": "a", "kind": "K", "metadata": {"name": "n", "annotations": 5, "namespace": "ns"}})).unwrap();
    bare.set_default_namespace();
    assert_eq!(bare.namespace(), "ns");
    bare.set_annotation("x", "y");
    assert_eq!(bare.annotation("x"), Some("y"));
}

#[test]
fn values_without_an_envelope_are_refused() {
    let error = |value: Value| Entity::from_json(value).unwrap_err().to_string();
    assert_eq!(
        error(json!([])),
        "an entity must be an object with apiVersion, kind, metadata and spec"
    );
    assert_eq!(
        error(json!({"kind": "K"})),
        "an entity must have a non-empty text in `apiVersion`"
    );
    assert_eq!(
        error(json!({"apiVersion": "a", "kind": ""})),
        "an entity must have a non-empty text in `kind`"
    );
    assert_eq!(
        error(json!({"apiVersion": "a", "kind": "K", "metadata": {}})),
        "an entity must have a non-empty text in `metadata.name`"
    );
}
