//! The fields of a kind, and the references in them.

use super::case::{Case, changed, whole};

pub(super) const CASES: &[Case] = &[
    changed(
        "spec-missing",
        "spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "",
        "bad.yaml:1:1: error[missing-field]: <root> must have required property 'spec' - missingProperty: spec
  fix: add `spec: …` at the top of the document",
    ),
    changed(
        "spec-nothing",
        "spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "spec:\n",
        "bad.yaml:5:1: error[wrong-type]: Malformed envelope, /spec must be object
  accepted: a mapping with the fields of the kind
  fix: write `key: value` lines below `spec`, indented by two spaces more",
    ),
    changed(
        "spec-text",
        "spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "spec: service\n",
        "bad.yaml:5:7: error[wrong-type]: Malformed envelope, /spec must be object
  accepted: a mapping with the fields of the kind
  fix: write `key: value` lines below it",
    ),
    changed(
        "spec-list",
        "spec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "spec: [service]\n",
        "bad.yaml:5:1: error[wrong-type]: Malformed envelope, /spec must be object
  accepted: a mapping with the fields of the kind
  fix: write `key: value` lines below it",
    ),
    changed(
        "owner-missing",
        "  owner: team-a\n",
        "",
        "bad.yaml:5:1: error[missing-field]: /spec must have required property 'owner' - missingProperty: owner
  accepted: `owner`: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: add `owner: team-a` under `spec`",
    ),
    changed(
        "owner-typo",
        "owner: team-a",
        "ower: team-a",
        "bad.yaml:8:9: error[missing-field]: /spec must have required property 'owner' - missingProperty: owner
  accepted: `owner`: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: rename `ower` to `owner`",
    ),
    changed(
        "owner-number",
        "owner: team-a",
        "owner: 42",
        r#"bad.yaml:8:10: error[wrong-type]: /spec/owner must be string - type: string
  accepted: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: put the value in quotes: "42""#,
    ),
    changed(
        "owner-list",
        "owner: team-a",
        "owner: [team-a]",
        "bad.yaml:8:3: error[wrong-type]: /spec/owner must be string - type: string
  accepted: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: write the value itself instead of a list",
    ),
    changed(
        "owner-empty",
        "owner: team-a",
        "owner: ''",
        "bad.yaml:8:10: error[text-too-short]: /spec/owner must NOT have fewer than 1 characters - limit: 1
  accepted: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: write a value for `owner`",
    ),
    changed(
        "owner-nothing",
        "owner: team-a",
        "owner:",
        "bad.yaml:8:3: error[wrong-type]: /spec/owner must be string - type: string
  accepted: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: write a value for `owner`",
    ),
    changed(
        "owner-comment",
        "owner: team-a",
        "owner: #team-a",
        r##"bad.yaml:8:3: error[wrong-type]: /spec/owner must be string - type: string
  accepted: the Group or User that owns it, such as `team-a` or `user:ada`
  fix: `#` behind a space begins a comment: put the value in quotes, "#team-a", or write one without `#`"##,
    ),
    changed(
        "owner-empty-parts",
        "owner: team-a",
        "owner: \"group:/\"",
        r#"bad.yaml:8:10: error[invalid-reference]: Entity reference "group:/" was not on the form [<kind>:][<namespace>/]<name>
  accepted: `spec.owner` takes `[<kind>:][<namespace>/]<name>`, such as `group:default/name`
  fix: remove the empty part, or write what belongs there"#,
    ),
    changed(
        "field-typo",
        "owner: team-a",
        "owner: team-a\n  dependOn: [resource:db]",
        "bad.yaml:9:3: warning[unknown-field]: `spec.dependOn` is no field of Component and has no effect
  fix: rename `dependOn` to `dependsOn` if that is what you mean",
    ),
    whole(
        "children-missing",
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: x\nspec:\n  type: team\n",
        "bad.yaml:5:1: error[missing-field]: /spec must have required property 'children' - missingProperty: children
  accepted: `children`: the Groups directly below it; `[]` when there are none
  fix: add `children: []` under `spec`",
    ),
    whole(
        "children-text",
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: x\nspec:\n  type: team\n  children: a\n",
        "bad.yaml:7:13: error[wrong-type]: /spec/children must be array - type: array
  accepted: the Groups directly below it; `[]` when there are none
  fix: write a list: [a]",
    ),
    whole(
        "member-of-missing",
        "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: x\nspec:\n  profile: {}\n",
        "bad.yaml:5:1: error[missing-field]: /spec must have required property 'memberOf' - missingProperty: memberOf
  accepted: `memberOf`: the Groups that the person is directly in; `[]` when there are none
  fix: add `memberOf: []` under `spec`",
    ),
    whole(
        "email-number",
        "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: x\nspec:\n  memberOf: []\n  profile:\n    email: 5\n",
        r#"bad.yaml:8:12: error[wrong-type]: /spec/profile/email must be string - type: string
  accepted: an e-mail address
  fix: put the value in quotes: "5""#,
    ),
    whole(
        "definition-missing",
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: x\nspec:\n  type: openapi\n  lifecycle: production\n  owner: team-a\n",
        r#"bad.yaml:5:1: error[missing-field]: /spec must have required property 'definition' - missingProperty: definition
  accepted: `definition`: the definition itself as text, or `$text: ./file.yaml` to take it from a file
  fix: add `definition: "openapi: 3.1.0 …"` under `spec`"#,
    ),
    whole(
        "definition-mapping",
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: x\nspec:\n  type: openapi\n  lifecycle: production\n  owner: team-a\n  definition:\n    openapi: 3.1.0\n",
        "bad.yaml:9:3: error[wrong-type]: /spec/definition must be string - type: string
  accepted: the definition itself as text, or `$text: ./file.yaml` to take it from a file
  fix: write a text; put `|` after the colon of `definition` if the lines below it are meant as one",
    ),
    changed(
        "ref-without-kind",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [foo]",
        r#"bad.yaml:9:15: error[invalid-reference]: Entity reference "foo" had missing or empty kind (e.g. did not start with "component:" or similar)
  accepted: `spec.dependsOn[0]` takes `<kind>:[<namespace>/]<name>`, such as `component:default/name`
  fix: write the kind, for example `component:foo` or `resource:foo`"#,
    ),
    changed(
        "ref-without-name",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [\"resource:\"]",
        r#"bad.yaml:9:15: error[invalid-reference]: Entity reference "resource:" was not on the form [<kind>:][<namespace>/]<name>
  accepted: `spec.dependsOn[0]` takes `<kind>:[<namespace>/]<name>`, such as `component:default/name`
  fix: remove the empty part, or write what belongs there"#,
    ),
    changed(
        "ref-without-namespace",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [\"resource:/db\"]",
        r#"bad.yaml:9:15: error[invalid-reference]: Entity reference "resource:/db" was not on the form [<kind>:][<namespace>/]<name>
  accepted: `spec.dependsOn[0]` takes `<kind>:[<namespace>/]<name>`, such as `component:default/name`
  fix: remove the empty part, or write what belongs there"#,
    ),
    changed(
        "ref-empty",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [\"\"]",
        "bad.yaml:9:15: error[text-too-short]: /spec/dependsOn/0 must NOT have fewer than 1 characters - limit: 1
  fix: write a value for item 1 of `spec.dependsOn`, or remove it",
    ),
    changed(
        "ref-number",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [5]",
        r#"bad.yaml:9:15: error[wrong-type]: /spec/dependsOn/0 must be string - type: string
  accepted: a text
  fix: put the value in quotes: "5""#,
    ),
    changed(
        "ref-mapping",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [{name: db}]",
        r#"bad.yaml:9:15: error[wrong-type]: /spec/dependsOn/0 must be string - type: string
  accepted: a text
  fix: write a text; put it in quotes if it holds `: `: "name: db""#,
    ),
    changed(
        "refs-text",
        "owner: team-a",
        "owner: team-a\n  dependsOn: resource:db",
        r#"bad.yaml:9:14: error[wrong-type]: /spec/dependsOn must be array - type: array
  accepted: what it cannot run without; the kind has to be written, such as `resource:orders-db`
  fix: write a list: ["resource:db"]"#,
    ),
    changed(
        "text-of-a-list",
        "owner: team-a",
        "owner: team-a\n  notes:\n    $text: [1]",
        "bad.yaml:9:3: error[invalid-placeholder]: Placeholder $text expected a string value parameter, in the form of an absolute URL or a relative path
  accepted: `$text: ./path/to/file`
  fix: write the path or URL as a text",
    ),
];
