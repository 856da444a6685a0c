//! The `fields` parameter of the catalog's API, one parameter a line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::query::Fields;
use serde_json::json;

fuzz_target!(|text: &str| {
    let parameters: Vec<&str> = text.lines().collect();
    if let Ok(Some(fields)) = Fields::parse(&parameters) {
        let entity = json!({
            "kind": "Component",
            "metadata": {"name": "a", "annotations": {"example.com/x.y": "1"}, "tags": ["java"]},
            "spec": {"a": {"b": {"c": 1}}, "a.b": 2},
        });
        let once = fields.apply(&entity);
        assert_eq!(fields.apply(&once), once);
    }
});
