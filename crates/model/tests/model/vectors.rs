//! What the shipped packages answered, as recorded.

use model::field_format::Rule;
use model::kinds::Verdict;
use model::{LocationRef, check};
use serde_json::Value;

use crate::{builtin, shared};

fn vectors(name: &str) -> Vec<Value> {
    let Some(path) = shared(&format!("conformance/backstage/vectors/{name}.json")) else {
        return Vec::new();
    };
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn location_refs() {
    for vector in vectors("location-ref") {
        let result = LocationRef::parse(vector["ref"].as_str().unwrap());
        match vector.get("ok") {
            Some(ok) => {
                let parsed = result.unwrap();
                assert_eq!(parsed.location_type(), ok["type"], "{vector}");
                assert_eq!(parsed.target(), ok["target"], "{vector}");
            }
            None => assert_eq!(result.unwrap_err().to_string(), vector["error"], "{vector}"),
        }
    }
}

#[test]
fn field_formats() {
    for vector in vectors("field-format") {
        let rule = match vector["validator"].as_str().unwrap() {
            "isValidApiVersion" => Rule::ApiVersion,
            "isValidKind" => Rule::Kind,
            "isValidEntityName" => Rule::EntityName,
            "isValidNamespace" => Rule::Namespace,
            "isValidLabelKey" => Rule::LabelKey,
            "isValidLabelValue" => Rule::LabelValue,
            "isValidAnnotationKey" => Rule::AnnotationKey,
            "isValidAnnotationValue" => Rule::AnnotationValue,
            "isValidTag" => Rule::Tag,
            other => panic!("unknown validator {other}"),
        };
        assert_eq!(rule.accepts(&vector["value"]), vector["valid"], "{vector}");
    }
}

#[test]
fn kind_schemas() {
    for vector in vectors("kind-schema") {
        let expected = &vector["result"];
        match builtin().validate(&vector["entity"]) {
            Verdict::Valid => assert_eq!(expected, &Value::Bool(true), "{vector}"),
            Verdict::NotMine => assert_eq!(expected, &Value::Bool(false), "{vector}"),
            Verdict::Invalid(problems) => {
                assert_eq!(problems[0].text(), expected["error"], "{vector}");
            }
        }
    }
}

#[test]
fn recorded_answers_of_validate_entity() {
    let Some(folder) = shared("conformance/backstage/recorded-api") else {
        return;
    };
    let mut compared = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.starts_with("catalog-validate-") || name.contains("nolocation") {
            continue;
        }
        let recorded: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let result = check::check_json(builtin(), &recorded["request"]["body"]["entity"]);
        match result {
            Ok(_) => assert_eq!(recorded["status"], 200, "{name}"),
            Err(problems) => {
                let first = problems[0].to_backstage_json();
                assert_eq!(first, recorded["body"]["errors"][0], "{name}");
            }
        }
        compared += 1;
    }
    assert!(compared >= 8, "only {compared} recordings");
}
