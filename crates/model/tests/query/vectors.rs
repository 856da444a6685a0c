//! Results observed from Backstage's own packages, read beside the project.

use std::path::PathBuf;

use model::entity_ref::{CompoundRef, EntityRef};
use model::query::{Fields, parse_filters, search_rows};
use serde_json::{Value, json};

fn vectors(name: &str) -> Option<Value> {
    let path = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/conformance/backstage/vectors"
    ))
    .join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {} is absent", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// A vector writes one parameter as a string and several as a list.
fn parameters(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(|v| v.as_str().unwrap().into()).collect(),
        other => vec![other.as_str().unwrap().to_owned()],
    }
}

#[test]
fn entity_references() {
    let Some(cases) = vectors("entity-ref.json") else {
        return;
    };
    for case in cases.as_array().unwrap() {
        let context = |key: &str| case["context"][key].as_str();
        let (kind, namespace) = (context("defaultKind"), context("defaultNamespace"));
        let compound = CompoundRef::from_value(&case["ref"], kind, namespace);
        let identity = EntityRef::from_value(&case["ref"], kind, namespace);
        match (case.get("ok"), compound) {
            (Some(expected), Ok(compound)) => {
                assert_eq!(&serde_json::to_value(compound).unwrap(), expected, "{case}");
                assert_eq!(identity.unwrap().as_str(), case["stringified"], "{case}");
            }
            (None, Err(error)) => {
                assert_eq!(error.to_string(), case["error"], "{case}");
                assert_eq!(identity.unwrap_err(), error);
            }
            (_, outcome) => panic!("{case} gave {outcome:?}"),
        }
    }
}

#[test]
fn filter_parameters() {
    let Some(cases) = vectors("filter-params.json") else {
        return;
    };
    for case in cases.as_array().unwrap() {
        match (parse_filters(&parameters(&case["filter"])), case.get("ok")) {
            (Ok(predicate), Some(expected)) => {
                let json = predicate.map_or(Value::Null, |p| p.to_json());
                assert_eq!(&json, expected, "{case}");
            }
            (Err(error), None) => assert_eq!(error.to_string(), case["error"], "{case}"),
            (outcome, _) => panic!("{case} gave {outcome:?}"),
        }
    }
}

#[test]
fn field_projections() {
    let Some(file) = vectors("fields-projection.json") else {
        return;
    };
    for case in file["cases"].as_array().unwrap() {
        match (Fields::parse(&parameters(&case["fields"])), case.get("ok")) {
            (Ok(fields), Some(expected)) => {
                let output =
                    fields.map_or_else(|| file["input"].clone(), |f| f.apply(&file["input"]));
                assert_eq!(&output, expected, "{case}");
            }
            (Err(error), None) => assert_eq!(error.to_string(), case["error"], "{case}"),
            (outcome, _) => panic!("{case} gave {outcome:?}"),
        }
    }
}

#[test]
fn search_rows_of_an_entity() {
    let Some(file) = vectors("search-rows.json") else {
        return;
    };
    let ours: Vec<Value> = search_rows(&file["entity"])
        .unwrap()
        .into_iter()
        .map(|row| {
            json!({
                "entity_id": "ID",
                "key": row.key,
                "original_value": row.original,
                "value": row.value,
            })
        })
        .collect();
    // The file may leave rows out, but those it has come in its order.
    let mut rest = ours.iter();
    for row in file["rows"].as_array().unwrap() {
        assert!(
            rest.any(|ours| ours == row),
            "{row} is not in its place in {ours:#?}"
        );
    }
    let error = search_rows(&json!({"spec": {"a": 1, "A": 2}})).unwrap_err();
    assert_eq!(error.to_string(), file["duplicateKeysError"]["error"]);
}
