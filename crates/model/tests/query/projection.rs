use model::query::{Fields, FieldsError};
use proptest::prelude::*;
use serde_json::{Value, json};

fn project(fields: &[&str], entity: &Value) -> String {
    Fields::parse(fields)
        .unwrap()
        .unwrap()
        .apply(entity)
        .to_string()
}

#[test]
fn no_fields_means_the_whole_entity() {
    assert_eq!(Fields::parse::<&str>(&[]), Ok(None));
    assert_eq!(Fields::parse(&["", " , "]), Ok(None));
}

#[test]
fn parts_come_in_the_order_asked_for() {
    let entity = json!({"kind": "K", "metadata": {"name": "n", "title": null}, "spec": {"a": 1}});
    assert_eq!(
        project(&["spec,metadata.title", "kind", "metadata.name"], &entity),
        r#"{"spec":{"a":1},"metadata":{"title":null,"name":"n"},"kind":"K"}"#,
    );
    assert_eq!(
        project(&["metadata.name,metadata"], &entity),
        r#"{"metadata":{"name":"n","title":null}}"#
    );
}

#[test]
fn keys_with_dots_match_as_long_as_they_can() {
    let entity = json!({"a": {
        "b.c/d": 1, "b": {"c/d": 2, "x": 3}, "b.c": {"e.f": 4},
    }});
    assert_eq!(project(&["a.b.c/d"], &entity), r#"{"a":{"b.c/d":1}}"#);
    assert_eq!(project(&["a.b.x"], &entity), r#"{"a":{"b":{"x":3}}}"#);
    assert_eq!(
        project(&["a.b.c.e.f"], &entity),
        r#"{"a":{"b.c":{"e.f":4}}}"#
    );
}

#[test]
fn what_is_not_there_is_left_out() {
    let entity = json!({"metadata": {"name": "n", "tags": ["t"]}});
    for field in [
        "nope",
        "metadata.nope",
        "metadata.name.x",
        "metadata.tags.0",
        ".",
        "metadata.",
    ] {
        assert_eq!(project(&[field], &entity), "{}", "{field}");
    }
}

#[test]
fn array_paths_and_endless_lists_are_refused() {
    let error = Fields::parse(&["kind", "metadata.tags[0]"]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid field \"metadata.tags[0]\", array type fields are not supported"
    );
    let many: Vec<String> = (0..1_001).map(|i| format!("f{i}")).collect();
    assert_eq!(Fields::parse(&many), Err(FieldsError::TooMany));
}

fn tree() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(json!(1)), Just(json!(null)), Just(json!(["x"]))];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop::collection::hash_map("[ab](\\.[ab]){0,2}", inner, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    })
}

/// Whether everything in `part` stands at the same place in `whole`.
fn is_part(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole))),
        _ => part == whole,
    }
}

proptest! {
    #[test]
    fn a_projection_is_a_part_and_projecting_twice_changes_nothing(
        entity in tree(),
        paths in prop::collection::vec("[ab](\\.[ab]){0,5}", 1..4),
    ) {
        let fields = Fields::parse(&paths).unwrap().unwrap();
        let once = fields.apply(&entity);
        if entity.is_object() {
            prop_assert!(is_part(&once, &entity), "{} of {}", once, entity);
        }
    }
}
