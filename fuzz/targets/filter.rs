//! The `filter` parameter of the catalog's API, one parameter a line.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use model::query::{Predicate, Searchable, parse_filters};
use serde_json::json;

static ENTITY: LazyLock<Searchable> = LazyLock::new(|| {
    Searchable::new(&json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": "a", "namespace": "default", "tags": ["java", "go"], "annotations": {"example.com/x.y": "1"}},
        "spec": {"type": "service", "owner": "team-a", "deep": {"list": [{"a": 1}, null, true]}},
    }))
});

fuzz_target!(|text: &str| {
    let parameters: Vec<&str> = text.lines().collect();
    if let Ok(Some(condition)) = parse_filters(&parameters) {
        let answer = condition.matches(&ENTITY);
        let again = Predicate::from_json(&condition.to_json()).expect("a condition that we wrote");
        assert_eq!(again.matches(&ENTITY), answer, "{condition:?} and {again:?}");
    }
});
