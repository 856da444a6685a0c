//! Kinds as data, and the order and words of schema findings.

use model::kinds::{KindError, RELATION_PAIRS, Verdict, inverse_of};
use model::{Entity, Kinds};
use serde_json::{Value, json};

use crate::{builtin, shared};

fn first_error(entity: &Value) -> String {
    match builtin().validate(entity) {
        Verdict::Invalid(problems) => problems[0].text(),
        other => format!("{other:?}"),
    }
}

fn entity(api_version: &str, kind: &str, spec: Value) -> Value {
    json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "n"}, "spec": spec})
}

/// One set of kinds serves all threads of a server.
#[test]
fn kinds_can_be_shared() {
    fn assert_shared<T: Send + Sync>() {}
    assert_shared::<Kinds>();
}

#[test]
fn ten_kinds_with_titles_in_both_languages() {
    assert_eq!(
        builtin().names(),
        [
            "API",
            "Component",
            "Resource",
            "Group",
            "User",
            "Location",
            "System",
            "Domain",
            "Template",
            "AiResource",
            "Campaign"
        ]
    );
    for definition in builtin().iter() {
        assert!(definition.icon.is_some() && definition.description.is_some());
        assert!(!definition.title("en").is_empty());
    }
    let titles: Vec<&str> = builtin()
        .of_kind("Component")
        .map(|kind| kind.title("ko"))
        .collect();
    assert_eq!(titles, ["컴포넌트"]);
    assert!(
        builtin()
            .of_kind("Template")
            .next()
            .unwrap()
            .spec_fields()
            .any(|field| field == "steps")
    );
}

/// The shipped schemas are data of the contract: ours must ask for the same.
#[test]
fn built_in_schemas_agree_with_the_shipped_ones() {
    let Some(folder) = shared("conformance/backstage/fixtures/npm-2026-11/entity-schemas") else {
        return;
    };
    let mut compared = 0;
    // Campaigns are Portway's own.
    for definition in builtin().iter().filter(|known| known.kind != "Campaign") {
        let version = definition.api_versions[0]
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        let middle = definition
            .spec_type
            .as_ref()
            .map(|name| format!(".{name}"))
            .unwrap_or_default();
        let path = folder.join(format!("{}.{version}{middle}.schema.json", definition.kind));
        let shipped: Value =
            serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let own: Value = serde_json::from_str(
            &std::fs::read_to_string(own_file(&definition.kind, definition.spec_type.as_deref()))
                .unwrap(),
        )
        .unwrap();
        let theirs = &shipped["allOf"][1];
        assert_eq!(
            own["apiVersions"], theirs["properties"]["apiVersion"]["enum"],
            "{path:?}"
        );
        // What we only recommend is required there.
        let mut own_spec = bare(&own["schema"]["properties"]["spec"]);
        for path in own["recommended"].as_array().into_iter().flatten().rev() {
            let field = path.as_str().unwrap().trim_start_matches("spec.");
            own_spec["required"]
                .as_array_mut()
                .unwrap()
                .insert(0, field.into());
        }
        assert_eq!(own_spec, bare(&theirs["properties"]["spec"]), "{path:?}");
        compared += 1;
    }
    assert_eq!(compared, 15);
}

fn own_file(kind: &str, spec_type: Option<&str>) -> String {
    let base = if kind == "AiResource" {
        "ai-resource".to_owned()
    } else {
        kind.to_lowercase()
    };
    let suffix = spec_type.map(|name| format!("-{name}")).unwrap_or_default();
    format!("{}/schemas/{base}{suffix}.json", env!("CARGO_MANIFEST_DIR"))
}

/// A schema without words for people and without empty `required` lists.
fn bare(schema: &Value) -> Value {
    match schema {
        Value::Object(map) => {
            let mut kept = serde_json::Map::new();
            for (key, value) in map {
                let is_words =
                    matches!(key.as_str(), "description" | "examples") && !value.is_object();
                let is_empty_list =
                    key == "required" && value.as_array().is_some_and(Vec::is_empty);
                if !is_words && !is_empty_list {
                    kept.insert(key.clone(), bare(value));
                }
            }
            Value::Object(kept)
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

#[test]
fn an_mcp_server_may_have_remotes_or_a_definition() {
    let spec = |extra: Value| {
        let mut spec = json!({"type": "mcp-server", "lifecycle": "production", "owner": "o"});
        spec.as_object_mut()
            .unwrap()
            .extend(extra.as_object().unwrap().clone());
        entity("backstage.io/v1alpha1", "API", spec)
    };
    let remote = json!({"remotes": [{"type": "sse", "url": "https://x"}]});
    assert_eq!(builtin().validate(&spec(remote)), Verdict::Valid);
    assert_eq!(
        builtin().validate(&spec(json!({"definition": "x"}))),
        Verdict::Valid
    );
    assert_eq!(
        first_error(&spec(json!({}))),
        "/spec must have required property 'remotes' - missingProperty: remotes"
    );
    assert_eq!(
        first_error(&spec(json!({"remotes": []}))),
        "/spec/remotes must NOT have fewer than 1 items - limit: 1"
    );
    assert_eq!(
        first_error(&spec(json!({"remotes": [{"type": "sse"}]}))),
        "/spec/remotes/0 must have required property 'url' - missingProperty: url"
    );
}

#[test]
fn ai_resources_are_checked_by_their_type() {
    let version = "backstage.io/v1alpha1";
    let base = json!({"type": "prompt", "lifecycle": "production", "owner": "o"});
    assert_eq!(
        builtin().validate(&entity(version, "AiResource", base)),
        Verdict::Valid
    );
    let rule = json!({"type": "rule", "lifecycle": "production", "owner": "o"});
    assert_eq!(
        first_error(&entity(version, "AiResource", rule)),
        "/spec must have required property 'category' - missingProperty: category"
    );
    let skill =
        json!({"type": "skill", "lifecycle": "l", "owner": "o", "compatibility": "x".repeat(501)});
    assert_eq!(
        first_error(&entity(version, "AiResource", skill)),
        "/spec/compatibility must NOT have more than 500 characters - limit: 500"
    );
    let beta = json!({"type": "skill", "lifecycle": "l", "owner": "o"});
    assert_eq!(
        builtin().validate(&entity("backstage.io/v1beta1", "AiResource", beta)),
        Verdict::NotMine
    );
}

#[test]
fn templates_report_the_first_alternative() {
    let version = "scaffolder.backstage.io/v1beta3";
    let with = |parameters: Value| {
        entity(
            version,
            "Template",
            json!({"type": "t", "steps": [], "parameters": parameters}),
        )
    };
    assert_eq!(builtin().validate(&with(json!({}))), Verdict::Valid);
    assert_eq!(builtin().validate(&with(json!([{}]))), Verdict::Valid);
    assert_eq!(
        first_error(&with(json!("x"))),
        "/spec/parameters must be object - type: object"
    );
    let step = entity(
        version,
        "Template",
        json!({"type": "t", "steps": [{"id": "a"}, {"action": "x", "if": 5}]}),
    );
    assert_eq!(
        first_error(&step),
        "/spec/steps/0 must have required property 'action' - missingProperty: action"
    );
    let condition = entity(
        version,
        "Template",
        json!({"type": "t", "steps": [{"action": "x", "if": 5}]}),
    );
    assert_eq!(
        first_error(&condition),
        "/spec/steps/0/if must be string,boolean - type: string,boolean"
    );
    let output = entity(
        version,
        "Template",
        json!({"type": "t", "steps": [], "output": {"x": 1}}),
    );
    assert_eq!(
        first_error(&output),
        "/spec/output/x must be string - type: string"
    );
    assert_eq!(
        builtin().validate(&entity(
            "scaffolder.backstage.io/v1beta2",
            "Template",
            json!({})
        )),
        Verdict::NotMine
    );
}

/// One schema that refuses in many ways, in the order ajv would list.
#[test]
fn findings_come_in_the_order_and_words_of_ajv() {
    let mut kinds = Kinds::builtin();
    let schema = json!({
        "type": "object",
        "properties": {"spec": {
            "type": "object",
            "properties": {
                "late": {"type": "string"},
                "number": {"type": "number", "minimum": 3, "multipleOf": 2},
                "integer": {"type": "integer", "exclusiveMaximum": 5},
                "word": {"type": "string", "enum": ["a", "b"], "maxLength": 1},
                "constant": {"const": 4},
                "list": {"type": "array", "uniqueItems": true, "maxItems": 2, "items": {"type": "string", "minLength": 2}},
                "pairs": {"type": "object", "minProperties": 1, "additionalProperties": false, "properties": {"x": {}}},
                "names": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}},
                "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
                "never": false,
                "not": {"not": {"type": "string"}},
                "ref": {"$ref": "#/definitions/short"},
                "cond": {"if": {"type": "string"}, "then": {"minLength": 3}}
            },
            "required": ["first", "second"],
            "allOf": [{"required": ["third"]}]
        }},
        "definitions": {"short": {"type": "string", "maxLength": 2}}
    });
    kinds
        .add(&json!({"kind": "Odd", "apiVersions": ["x.io/v1"], "schema": schema}))
        .unwrap();
    let spec = json!({
        "cond": "x", "ref": "long", "not": "x", "never": 1, "either": true, "names": {"A": 1},
        "pairs": {"y": 1, "z": 2}, "list": ["a", "bb", "bb"], "constant": 5, "word": "cc",
        "integer": 7, "number": 1, "late": 1
    });
    let Verdict::Invalid(problems) = kinds.validate(&entity("x.io/v1", "Odd", spec)) else {
        panic!("accepted");
    };
    let texts: Vec<String> = problems.iter().map(|problem| problem.text()).collect();
    assert_eq!(
        texts,
        [
            "/spec must have required property 'third' - missingProperty: third",
            "/spec must have required property 'first' - missingProperty: first",
            "/spec must have required property 'second' - missingProperty: second",
            "/spec/late must be string - type: string",
            "/spec/number must be >= 3 - comparison: >=, limit: 3",
            "/spec/number must be multiple of 2 - multipleOf: 2",
            "/spec/integer must be < 5 - comparison: <, limit: 5",
            "/spec/word must NOT have more than 1 characters - limit: 1",
            "/spec/word must be equal to one of the allowed values - allowedValues: a,b",
            "/spec/constant must be equal to constant - allowedValue: 4",
            "/spec/list must NOT have more than 2 items - limit: 2",
            "/spec/list must NOT have duplicate items (items ## 1 and 2 are identical) - i: 2, j: 1",
            "/spec/list/0 must NOT have fewer than 2 characters - limit: 2",
            "/spec/pairs must NOT have additional properties - additionalProperty: y",
            "/spec/pairs must NOT have additional properties - additionalProperty: z",
            "/spec/names must match pattern \"^[a-z]+$\" - pattern: ^[a-z]+$",
            "/spec/either must be string - type: string",
            "/spec/never boolean schema is false - ",
            "/spec/not must NOT be valid - ",
            "/spec/ref must NOT have more than 2 characters - limit: 2",
            "/spec/cond must NOT have fewer than 3 characters - limit: 3",
        ]
    );
}

#[test]
fn general_findings_come_before_those_of_the_kind() {
    let value = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Component", "spec": 5});
    let Verdict::Invalid(problems) = builtin().validate(&value) else {
        panic!("accepted")
    };
    let texts: Vec<String> = problems.iter().map(|problem| problem.text()).collect();
    assert_eq!(
        texts,
        [
            "<root> must have required property 'metadata' - missingProperty: metadata",
            "/spec must be object - type: object",
        ]
    );
    assert_eq!(
        first_error(&json!({"kind": 7})),
        "<root> must have required property 'apiVersion' - missingProperty: apiVersion"
    );
}

#[test]
fn descriptions_of_kinds_are_checked() {
    let add = |document: Value| Kinds::builtin().add(&document).unwrap_err().to_string();
    let with = |kind: &str, version: &str, schema: Value| json!({"kind": kind, "apiVersions": [version], "schema": schema});
    assert_eq!(
        add(with("Component", "backstage.io/v1beta1", json!({}))),
        "the kind `Component` with apiVersion `backstage.io/v1beta1` is already defined"
    );
    assert_eq!(
        add(with("My-Kind", "v1", json!({}))),
        "`My-Kind` cannot be the name of a kind; expected 1 to 63 of [a-zA-Z0-9], the first a letter"
    );
    assert_eq!(
        add(with("K", "1.0", json!({}))),
        "`1.0` is no valid apiVersion; expected `v1` or `example.com/v1`"
    );
    assert!(
        add(with("K", "v1", json!({"type": "strin"})))
            .starts_with("the JSON Schema of the kind `K` is not valid: ")
    );
    assert!(
        add(with(
            "K",
            "v1",
            json!({"$ref": "https://example.com/schema.json"})
        ))
        .starts_with("the JSON Schema of the kind `K` is not valid: ")
    );
    assert!(
        add(json!({"kind": "K"}))
            .starts_with("the description of the kind is not valid: missing field")
    );
    assert!(matches!(
        Kinds::builtin().add(&json!({"kind": "K", "apiVersions": [], "schema": {}})),
        Err(KindError::Form(_))
    ));
    // The same kind under another apiVersion is another definition.
    assert!(
        Kinds::builtin()
            .add(&with("Component", "example.com/v1", json!({})))
            .is_ok()
    );
}

#[test]
fn an_annotation_says_who_is_on_call() {
    let document = |text: &str| {
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
            "metadata": { "name": "pay", "namespace": "shop", "annotations": { "portway.dev/on-call": text } },
            "spec": { "type": "service", "lifecycle": "production", "owner": "payments" },
        })
    };
    let relations = |text: &str| -> Vec<String> {
        let entity = Entity::from_json(document(text)).unwrap();
        let found = builtin().relations(&entity).unwrap();
        found
            .iter()
            .filter(|one| one.kind.starts_with("onCall"))
            .map(|one| format!("{} {} {}", one.source, one.kind, one.target))
            .collect()
    };
    assert_eq!(
        relations("kim, group:default/sre,, user:default/lee"),
        [
            "component:shop/pay onCall group:default/sre",
            "component:shop/pay onCall user:default/lee",
            "component:shop/pay onCall user:shop/kim",
            "group:default/sre onCallFor component:shop/pay",
            "user:default/lee onCallFor component:shop/pay",
            "user:shop/kim onCallFor component:shop/pay",
        ]
    );
    // What cannot be read is a warning: elsewhere the annotation means nothing.
    let checked = model::check::check_json(builtin(), &document("user:, component:x")).unwrap();
    let codes: Vec<&str> = checked.warnings.iter().map(|one| one.code).collect();
    assert_eq!(codes, ["odd-relation-target", "unread-on-call"]);
    assert!(relations("").is_empty());
}

#[test]
fn relations_go_both_ways() {
    for (one, other) in RELATION_PAIRS {
        assert_eq!(inverse_of(one), Some(other));
        assert_eq!(inverse_of(other), Some(one));
    }
    for definition in builtin().iter() {
        for field in &definition.relations {
            assert_eq!(
                inverse_of(&field.relation),
                Some(field.inverse.as_str()),
                "{field:?}"
            );
        }
    }
    let relations = |kind: &str, spec: Value| -> Vec<String> {
        let version = if kind == "Template" {
            "scaffolder.backstage.io/v1beta3"
        } else {
            "backstage.io/v1alpha1"
        };
        let entity = Entity::from_json(entity(version, kind, spec)).unwrap();
        let own = entity.entity_ref();
        builtin()
            .relations(&entity)
            .unwrap()
            .iter()
            .filter(|relation| relation.source == own)
            .map(|relation| format!("{} {}", relation.kind, relation.target))
            .collect()
    };
    assert_eq!(
        relations(
            "Group",
            json!({"parent": "p", "children": ["c"], "members": ["m", "M"]})
        ),
        [
            "childOf group:default/p",
            "hasMember user:default/m",
            "parentOf group:default/c"
        ]
    );
    assert_eq!(
        relations("User", json!({"memberOf": ["t", "ns/u"]})),
        ["memberOf group:default/t", "memberOf group:ns/u"]
    );
    assert_eq!(
        relations("Domain", json!({"owner": "user:o", "subdomainOf": "d"})),
        ["ownedBy user:default/o", "partOf domain:default/d"]
    );
    assert_eq!(
        relations("System", json!({"owner": "o", "domain": "d"})),
        ["ownedBy group:default/o", "partOf domain:default/d"]
    );
    assert_eq!(
        relations("Template", json!({"owner": "o"})),
        ["ownedBy group:default/o"]
    );
    assert_eq!(
        relations(
            "Component",
            json!({"owner": "o", "system": "s", "subcomponentOf": "c", "providesApis": ["a"], "consumesApis": ["b"], "dependencyOf": ["component:x"]})
        ),
        [
            "consumesApi api:default/b",
            "dependencyOf component:default/x",
            "ownedBy group:default/o",
            "partOf component:default/c",
            "partOf system:default/s",
            "providesApi api:default/a"
        ]
    );
    assert_eq!(
        relations(
            "AiResource",
            json!({"type": "plugin", "owner": "o", "skills": ["s"]})
        ),
        ["hasPart airesource:default/s", "ownedBy group:default/o"]
    );
    assert_eq!(
        relations(
            "AiResource",
            json!({"type": "skill", "dependsOn": ["s", "component:c"]})
        ),
        [
            "dependsOn airesource:default/s",
            "dependsOn component:default/c"
        ]
    );
    assert_eq!(
        relations("Location", json!({"target": "x"})),
        Vec::<String>::new()
    );

    let bad = Entity::from_json(entity(
        "backstage.io/v1alpha1",
        "Resource",
        json!({"owner": "a/", "dependsOn": [5, "x"], "dependencyOf": {}}),
    ))
    .unwrap();
    let fields: Vec<String> = builtin()
        .relations(&bad)
        .unwrap_err()
        .into_iter()
        .map(|error| error.field)
        .collect();
    assert_eq!(
        fields,
        [
            "spec.owner",
            "spec.dependsOn[0]",
            "spec.dependsOn[1]",
            "spec.dependencyOf"
        ]
    );
}
