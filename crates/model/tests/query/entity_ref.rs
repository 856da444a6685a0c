use std::collections::HashMap;

use model::entity_ref::{CompoundRef, EntityRef, RefError};
use proptest::prelude::*;
use serde_json::json;

#[test]
fn an_object_stands_for_a_reference() {
    let parse = |value| EntityRef::from_value(&value, Some("Component"), Some("Acme"));
    assert_eq!(
        parse(json!({"name": "A"})).unwrap().as_str(),
        "component:acme/a"
    );
    let full = json!({"kind": "API", "namespace": "N", "name": "x"});
    assert_eq!(parse(full).unwrap().as_str(), "api:n/x");
    assert_eq!(
        parse(json!({"name": "a", "namespace": ""}))
            .unwrap_err()
            .to_string(),
        r#"Entity reference {"name":"a","namespace":""} had missing or empty namespace"#
    );
    assert_eq!(
        parse(json!({"kind": "k"})).unwrap_err().to_string(),
        r#"Entity reference {"kind":"k"} had missing or empty name"#
    );
    assert_eq!(
        CompoundRef::from_value(&json!({"name": "a"}), None, None)
            .unwrap_err()
            .to_string(),
        r#"Entity reference {"name":"a"} had missing or empty kind (e.g. did not start with "component:" or similar)"#
    );
    assert!(matches!(parse(json!(["a"])), Err(RefError::Type(_))));
    assert!(matches!(
        parse(json!({"kind": 1, "name": "a"})),
        Err(RefError::Type(_))
    ));
    assert_eq!(parse(json!(null)), Err(RefError::Empty));
}

#[test]
fn an_empty_default_namespace_counts_as_none() {
    let parsed = EntityRef::parse("component:a", None, Some("")).unwrap();
    assert_eq!(parsed.as_str(), "component:default/a");
}

#[test]
fn quotes_are_escaped_where_the_reference_is_shown_as_json() {
    let error = EntityRef::parse("a\"b", None, None).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(r#"Entity reference "a\"b" had missing"#)
    );
}

#[test]
fn the_identity_is_lower_case_beyond_ascii() {
    let upper = EntityRef::new("Gruppe", "Ö", "ÅSA");
    assert_eq!(upper.as_str(), "gruppe:ö/åsa");
    assert_eq!(
        (upper.kind(), upper.namespace(), upper.name()),
        ("gruppe", "ö", "åsa")
    );
}

#[test]
fn a_map_of_references_is_asked_with_a_text() {
    let map = HashMap::from([(EntityRef::new("API", "default", "x"), 1)]);
    assert_eq!(map.get("api:default/x"), Some(&1));
}

#[test]
fn references_travel_as_text() {
    let reference: EntityRef = serde_json::from_value(json!("Component:A/B")).unwrap();
    assert_eq!(
        serde_json::to_value(&reference).unwrap(),
        json!("component:a/b")
    );
    assert!(serde_json::from_value::<EntityRef>(json!("b")).is_err());
    assert_eq!(
        "Group:x".parse::<EntityRef>().unwrap().as_str(),
        "group:default/x"
    );
}

proptest! {
    #[test]
    fn nothing_panics_and_what_parses_is_stable(text in "\\PC{0,24}|[a-cA-C:/.]{0,12}") {
        if let Ok(reference) = EntityRef::parse(&text, Some("Component"), None) {
            let again = EntityRef::parse(reference.as_str(), None, None).unwrap();
            prop_assert_eq!(&again, &reference);
            let parts = EntityRef::new(reference.kind(), reference.namespace(), reference.name());
            prop_assert_eq!(parts, reference);
        }
    }

    #[test]
    fn the_written_casing_is_kept_and_the_identity_ignores_it(
        kind in "[A-Za-z]{1,8}", namespace in "[a-z]{1,8}", name in "[A-Za-z0-9._-]{1,12}",
    ) {
        let text = format!("{kind}:{namespace}/{name}");
        let compound = CompoundRef::parse(&text, None, None).unwrap();
        prop_assert_eq!(compound.to_string(), text.clone());
        let upper = EntityRef::parse(&text.to_uppercase(), None, None).unwrap();
        prop_assert_eq!(EntityRef::from(&compound), upper);
    }
}
