//! The engine behind ingestion and `portway validate`.

use model::check::{
    Checked, Recognition, Stage, check_document, check_json, check_substituted, recognise,
};
use model::{Diagnostic, Kinds};
use serde_json::{Value, json};

use crate::{builtin, document};

fn check(text: &str) -> Result<Checked, Vec<Diagnostic>> {
    check_document(builtin(), "f.yaml", &document(text))
}

/// All printed problems of an invalid document.
fn refused(text: &str) -> String {
    let Err(problems) = check(text) else {
        panic!("the document is accepted:\n{text}");
    };
    problems
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

const COMPONENT: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: orders
spec:
  type: service
  lifecycle: production
  owner: team-a
";

fn component() -> Value {
    document(COMPONENT).to_json()
}

#[test]
fn a_valid_document_becomes_an_entity_with_relations() {
    let text = format!(
        "{COMPONENT}  system: shop\n  dependsOn: [resource:db, 'component:other/x', resource:db]\n"
    );
    let checked = check(&text).unwrap();
    assert_eq!(
        checked.entity.entity_ref().to_string(),
        "component:default/orders"
    );
    assert_eq!(checked.entity.to_json()["metadata"]["namespace"], "default");
    let relations: Vec<String> = checked
        .relations
        .iter()
        .map(|relation| format!("{} {} {}", relation.source, relation.kind, relation.target))
        .collect();
    assert_eq!(
        relations,
        [
            "component:default/orders dependsOn component:other/x",
            "component:default/orders dependsOn resource:default/db",
            "component:default/orders ownedBy group:default/team-a",
            "component:default/orders partOf system:default/shop",
            "component:other/x dependencyOf component:default/orders",
            "group:default/team-a ownerOf component:default/orders",
            "resource:default/db dependencyOf component:default/orders",
            "system:default/shop hasPart component:default/orders",
        ]
    );
    assert_eq!(checked.warnings, []);
}

#[test]
fn references_inherit_the_namespace_of_the_entity() {
    let text = COMPONENT.replace("name: orders", "name: orders\n  namespace: shop");
    let checked = check(&text).unwrap();
    assert_eq!(checked.relations[0].target.to_string(), "group:shop/team-a");
}

#[test]
fn a_missing_field_names_its_mistyped_form() {
    assert_eq!(
        refused(&COMPONENT.replace("owner:", "ower:")),
        "f.yaml:8:9: error[missing-field]: /spec must have required property 'owner' - missingProperty: owner
  accepted: `owner`: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: rename `ower` to `owner`"
    );
    assert_eq!(
        refused(&COMPONENT.replace("  lifecycle: production\n", "")),
        "f.yaml:5:1: error[missing-field]: /spec must have required property 'lifecycle' - missingProperty: lifecycle
  accepted: `lifecycle`: how far along it is: experimental, production, deprecated or a word of your own
  fix: add `lifecycle: production` under `spec`"
    );
}

#[test]
fn an_unknown_kind_gets_a_suggestion() {
    assert_eq!(
        refused(&COMPONENT.replace("Component", "Componet")),
        "f.yaml:2:7: error[unknown-kind]: No processor recognized the entity componet:default/orders as valid, possibly caused by a foreign kind or apiVersion
  accepted: API, Component, Resource, Group, User, Location, System, Domain, Template, AiResource, Campaign
  fix: write `kind: Component` instead of `kind: Componet`; letter case matters"
    );
    assert!(
        refused(&COMPONENT.replace("Component", "component"))
            .contains("fix: write `kind: Component`")
    );
    assert_eq!(
        refused(&COMPONENT.replace("v1alpha1", "v1alpha2")),
        "f.yaml:1:13: error[unknown-kind]: No processor recognized the entity component:default/orders as valid, possibly caused by a foreign kind or apiVersion
  accepted: backstage.io/v1alpha1, backstage.io/v1beta1
  fix: write `apiVersion: backstage.io/v1alpha1` instead of `apiVersion: backstage.io/v1alpha2`"
    );
    assert!(
        refused(&COMPONENT.replace("Component", "Gizmo"))
            .contains("describe the kind by a JSON Schema")
    );
}

#[test]
fn all_problems_of_a_document_are_reported_in_order() {
    let text = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Bad Name!
  namespace: Shop
  labels:
    a b: c
    tier: '-x'
  annotations:
    count: 5
  tags: [Java, c++, a_b]
  links:
    - url: example.com
    - title: x
spec:
  type: 5
  owner: ''
  dependsOn: [db, 'resource:db']
";
    let shown: Vec<String> = check(text)
        .unwrap_err()
        .iter()
        .map(|problem| {
            let first: String = problem.message.chars().take(70).collect();
            format!(
                "{}:{} {} {} {first}",
                problem.line,
                problem.column,
                problem.code,
                problem.pointer.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "10:12 wrong-type /metadata/annotations/count Malformed envelope, /metadata/annotations/count must be string",
            "14:7 missing-field /metadata/links/1/url Malformed envelope, /metadata/links/1 must have required property 'url",
            "4:9 invalid-name /metadata/name \"metadata.name\" is not valid; expected a string that is sequences of [",
            "5:14 invalid-namespace /metadata/namespace \"metadata.namespace\" is not valid; expected a string that is sequences",
            "7:10 invalid-label-key /metadata/labels/a b \"labels.a b\" is not valid; expected a valid prefix and/or suffix but f",
            "8:11 invalid-label-value /metadata/labels/tier \"labels.tier\" is not valid; expected a string that is sequences of [a-",
            "11:10 invalid-tag /metadata/tags/0 \"tags.0\" is not valid; expected a string that is sequences of [a-z0-9+",
            "11:21 invalid-tag /metadata/tags/2 \"tags.2\" is not valid; expected a string that is sequences of [a-z0-9+",
            "13:12 invalid-url /metadata/links/0/url \"links.0.url\" is not valid; expected a string that is a valid url but ",
            "15:1 missing-field /spec/lifecycle /spec must have required property 'lifecycle' - missingProperty: lifec",
            "16:9 wrong-type /spec/type /spec/type must be string - type: string",
            "17:10 text-too-short /spec/owner /spec/owner must NOT have fewer than 1 characters - limit: 1",
            "18:15 invalid-reference /spec/dependsOn/0 Entity reference \"db\" had missing or empty kind (e.g. did not start wi",
        ]
    );
}

#[test]
fn formats_suggest_a_repaired_value() {
    let text = COMPONENT.replace("name: orders", "name: Order Service!\n  tags: [Node.js]");
    let shown = refused(&text);
    assert!(shown.contains(
        "accepted: 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit, such as `my-service`\n  fix: write `Order-Service`"
    ), "{shown}");
    assert!(shown.contains("fix: write `node-js`"), "{shown}");
}

#[test]
fn a_bad_reference_names_its_field() {
    assert_eq!(
        refused(&format!("{COMPONENT}  dependsOn: [db]\n")),
        "f.yaml:9:15: error[invalid-reference]: Entity reference \"db\" had missing or empty kind (e.g. did not start with \"component:\" or similar)
  accepted: `spec.dependsOn[0]` takes `<kind>:[<namespace>/]<name>`, such as `component:default/name`
  fix: write the kind, for example `component:db` or `resource:db`"
    );
    assert_eq!(
        refused(&COMPONENT.replace("team-a", "group:/team-a")),
        "f.yaml:8:10: error[invalid-reference]: Entity reference \"group:/team-a\" was not on the form [<kind>:][<namespace>/]<name>
  accepted: `spec.owner` takes `[<kind>:][<namespace>/]<name>`, such as `group:default/name`
  fix: remove the empty part, or write what belongs there"
    );
}

#[test]
fn types_are_explained() {
    assert_eq!(
        refused(&COMPONENT.replace("service", "5")),
        "f.yaml:6:9: error[wrong-type]: /spec/type must be string - type: string
  accepted: what it is: service, website, library or a word of your own
  fix: put the value in quotes: \"5\""
    );
    assert!(
        refused(&format!("{COMPONENT}  providesApis: orders-api\n"))
            .contains("fix: write a list: [orders-api]")
    );
    assert!(
        refused(&COMPONENT.replace("team-a", ""))
            .contains("f.yaml:8:3: error[wrong-type]: /spec/owner must be string - type: string")
    );
}

#[test]
fn foreign_root_fields_are_refused_with_a_place() {
    let shown = refused(&format!("{COMPONENT}owner: team-a\n"));
    assert_eq!(
        shown,
        "f.yaml:9:8: error[unknown-field]: Malformed envelope, <root> must NOT have additional properties
  accepted: apiVersion, kind, metadata, spec, relations, status
  fix: move `owner` under `spec` or `metadata`, or remove it"
    );
    assert!(
        refused(&COMPONENT.replace("spec:", "specs:")).contains("fix: rename `specs` to `spec`")
    );
}

#[test]
fn an_envelope_problem_comes_first_and_hides_nothing() {
    let problems = check_json(
        builtin(),
        &json!({
            "kind": "Component", "metadata": {"name": "A B"}, "spec": {"type": "x"}
        }),
    )
    .unwrap_err();
    assert_eq!(problems[0].stage, Stage::Envelope);
    assert_eq!(
        problems[0].full_message(),
        "<root> must have required property 'apiVersion' - missingProperty: apiVersion"
    );
    assert_eq!(problems[0].to_backstage_json()["name"], "TypeError");
    assert_eq!(problems[1].stage, Stage::Policy);
    assert_eq!(problems.len(), 2, "{problems:#?}");
    for odd in [
        json!(null),
        json!([]),
        json!("x"),
        json!({"metadata": 5, "kind": {}, "apiVersion": []}),
    ] {
        assert_eq!(
            check_json(builtin(), &odd).unwrap_err()[0].stage,
            Stage::Envelope,
            "{odd}"
        );
    }
}

#[test]
fn messages_carry_backstages_prefix() {
    let message = |value: &Value| check_json(builtin(), value).unwrap_err()[0].full_message();
    let mut labels = component();
    labels["metadata"]["labels"] = json!({"a": 1});
    assert_eq!(
        message(&labels),
        "Policy check failed for component:default/orders; caused by Error: Malformed envelope, /metadata/labels/a must be string"
    );
    let mut reference = component();
    reference["spec"]["dependsOn"] = json!(["x"]);
    assert_eq!(
        message(&reference),
        "Processor BuiltinKindsEntityProcessor threw an error while postprocessing; caused by Error: Entity reference \"x\" had missing or empty kind (e.g. did not start with \"component:\" or similar)"
    );
    let template = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template",
        "metadata": {"name": "t"}, "spec": {"type": "service"}
    });
    assert_eq!(
        message(&template),
        "Processor ScaffolderEntitiesProcessor threw an error while validating the entity template:default/t; caused by TypeError: /spec must have required property 'steps' - missingProperty: steps"
    );
}

#[test]
fn doubtful_but_accepted_things_are_warned_about() {
    let text = format!(
        "{}  dependOn: [resource:db]\n  extra: 1\n",
        COMPONENT.replace("team-a", "component:x")
    );
    let checked = check(&text).unwrap();
    let shown: Vec<String> = checked.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "f.yaml:8:10: warning[odd-relation-target]: `spec.owner` refers to `component:default/x`, which is no Group or User\n  accepted: a reference to a Group or User\n  fix: check the kind at the beginning of the reference",
            "f.yaml:9:3: warning[unknown-field]: `spec.dependOn` is no field of Component and has no effect\n  fix: rename `dependOn` to `dependsOn` if that is what you mean",
        ]
    );
    assert!(
        !checked.relations.is_empty(),
        "the odd relation is still emitted"
    );
}

#[test]
fn a_template_without_a_type_is_accepted_with_a_warning() {
    let text = "apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: t}
spec:
  steps: []
";
    assert_eq!(
        check(text).unwrap().warnings[0].to_string(),
        "f.yaml:4:1: warning[missing-recommended-field]: `spec.type` is missing; Backstage refuses a Template without it
  accepted: `type`: what it makes: service, website, library or a word of your own
  fix: add `type: …` under `spec`"
    );
}

#[test]
fn an_unrendered_template_is_named_as_such() {
    let shown = refused(&COMPONENT.replace("name: orders", "name: ${{ values.name }}"));
    assert!(
        shown.ends_with(
            "fix: render the template first, or leave template files out of the catalog's locations"
        ),
        "{shown}"
    );
}

#[test]
fn substitutions_stand_in_for_their_content() {
    let text = "apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: a}
spec:
  type: openapi
  lifecycle: production
  owner: team-a
  definition:
    $text: ./openapi.yaml
";
    let parsed = document(text);
    let checked = check_document(builtin(), "f.yaml", &parsed).unwrap();
    assert_eq!(
        checked.entity.to_json()["spec"]["definition"],
        json!({"$text": "./openapi.yaml"})
    );

    // The envelope is read before substitutions are made; relations after.
    assert!(
        refused(&text.replace("name: a", "name: {$text: x}"))
            .contains("/metadata/name must be string")
    );
    let relations = check(&text.replace("team-a", "{$text: owner.txt}"))
        .unwrap()
        .relations;
    assert_eq!(relations, []);

    // Nothing is known about parsed content, so nothing is said about it.
    assert!(check(&text.replace("$text", "$json")).is_ok());
    assert!(refused(&text.replace("./openapi.yaml", "[1]")).starts_with(
        "f.yaml:8:3: error[invalid-placeholder]: Placeholder $text expected a string value parameter, in the form of an absolute URL or a relative path"
    ));
    assert!(refused(&text.replace("$text", "$tekst")).contains("/spec/definition must be string"));

    let mut value = parsed.to_json();
    value["spec"]["definition"] = json!({"openapi": "3.1.0"});
    let problems = check_substituted(builtin(), "f.yaml", &parsed, &value).unwrap_err();
    assert_eq!((problems[0].line, problems[0].column), (8, 3));
}

#[test]
fn documents_of_others_are_told_apart() {
    let of = |text: &str| recognise(builtin(), &document(text).to_json());
    assert_eq!(of(COMPONENT), Recognition::Known);
    assert_eq!(
        of("apiVersion: backstage.io/v1alpha1\nkind: Gizmo"),
        Recognition::Unknown
    );
    assert_eq!(
        of("apiVersion: backstage.io/v1alpha1\nmetadata: {name: x}"),
        Recognition::Unknown
    );
    assert_eq!(
        of("apiVersion: backstge.io/v1alpha1\nkind: Component"),
        Recognition::Unknown
    );
    assert_eq!(of("apiVersion: v1\nkind: Component"), Recognition::Unknown);
    assert_eq!(
        of("kind: Component\nmetadata: {name: x}"),
        Recognition::Unknown
    );
    for foreign in [
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: c}",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: c}",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization",
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: c}",
        "apiVersion: v1\nkind: Secret\nmetadata: {generateName: c}",
    ] {
        assert_eq!(of(foreign), Recognition::Foreign, "{foreign}");
        let problems = check_json(builtin(), &document(foreign).to_json()).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].stage, Stage::Unrecognised, "{foreign}");
    }
    for other in [
        "version: '3'\nservices: {}",
        "kind: pipeline\nsteps: []",
        "apiVersion: v2\nname: chart",
    ] {
        assert_eq!(of(other), Recognition::NotAnEntity, "{other}");
    }
}

#[test]
fn kinds_given_as_data_are_checked_like_built_in_ones() {
    let mut kinds = Kinds::builtin();
    kinds
        .add(&json!({
            "kind": "Dashboard",
            "apiVersions": ["example.com/v1"],
            "title": {"en": "Dashboard", "ko": "대시보드"},
            "schema": {"type": "object", "required": ["spec"], "properties": {"spec": {
                "type": "object", "required": ["url"], "properties": {"url": {"type": "string", "pattern": "^https://"}}
            }}},
            "relations": [{"field": "spec.shows.of", "type": "dependsOn", "inverse": "dependencyOf", "defaultKind": "Component"}]
        }))
        .unwrap();
    let mut value = json!({
        "apiVersion": "example.com/v1", "kind": "Dashboard", "metadata": {"name": "d"},
        "spec": {"url": "https://x", "shows": {"of": ["a", "resource:b"]}}
    });
    let checked = check_json(&kinds, &value).unwrap();
    assert_eq!(checked.relations.len(), 4);
    assert_eq!(
        checked.relations[0].source.to_string(),
        "component:default/a"
    );
    value["spec"]["url"] = json!("http://x");
    assert_eq!(
        check_json(&kinds, &value).unwrap_err()[0].message,
        "/spec/url must match pattern \"^https://\" - pattern: ^https://"
    );
    assert_eq!(
        recognise(
            &kinds,
            &json!({"apiVersion": "example.com/v2", "kind": "Dashbord"})
        ),
        Recognition::Unknown
    );
}
