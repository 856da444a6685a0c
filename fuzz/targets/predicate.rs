//! The condition in the body of a query, as JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::query::{Predicate, Searchable};
use serde_json::{Value, json};

fuzz_target!(|bytes: &[u8]| {
    let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return };
    let Ok(condition) = Predicate::from_json(&value) else { return };
    let again = Predicate::from_json(&condition.to_json()).expect("a condition that we wrote");
    let entity = Searchable::new(&json!({
        "kind": "Component",
        "metadata": {"name": "a", "tags": ["java"]},
        "spec": {"type": "service"},
    }));
    assert_eq!(condition.matches(&entity), again.matches(&entity), "{condition:?} and {again:?}");
});
