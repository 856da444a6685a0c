//! The fields that all kinds share.

use super::case::{Case, changed, whole};

pub(super) const CASES: &[Case] = &[
    changed(
        "api-version-missing",
        "apiVersion: backstage.io/v1alpha1\n",
        "",
        "bad.yaml:1:1: error[missing-field]: <root> must have required property 'apiVersion' - missingProperty: apiVersion
  accepted: `apiVersion`: `backstage.io/v1alpha1` for most kinds
  fix: add `apiVersion: backstage.io/v1alpha1` at the top of the document",
    ),
    changed(
        "api-version-number",
        "backstage.io/v1alpha1",
        "1",
        r#"bad.yaml:1:13: error[wrong-type]: /apiVersion must be string - type: string
  accepted: `backstage.io/v1alpha1` for most kinds
  fix: put the value in quotes: "1""#,
    ),
    changed(
        "api-version-typo",
        "backstage.io",
        "backstge.io",
        "bad.yaml:1:13: error[unknown-kind]: No processor recognized the entity component:default/x-api-version-typo as valid, possibly caused by a foreign kind or apiVersion
  accepted: backstage.io/v1alpha1, backstage.io/v1beta1
  fix: write `apiVersion: backstage.io/v1alpha1` instead of `apiVersion: backstge.io/v1alpha1`",
    ),
    changed(
        "api-version-too-new",
        "v1alpha1",
        "v1alpha2",
        "bad.yaml:1:13: error[unknown-kind]: No processor recognized the entity component:default/x-api-version-too-new as valid, possibly caused by a foreign kind or apiVersion
  accepted: backstage.io/v1alpha1, backstage.io/v1beta1
  fix: write `apiVersion: backstage.io/v1alpha1` instead of `apiVersion: backstage.io/v1alpha2`",
    ),
    changed(
        "kind-missing",
        "kind: Component\n",
        "",
        "bad.yaml:1:1: error[missing-field]: <root> must have required property 'kind' - missingProperty: kind
  accepted: `kind`: the kind, such as `Component`
  fix: add `kind: Component` at the top of the document",
    ),
    changed(
        "kind-typo",
        "kind: Component",
        "kind: Componet",
        "bad.yaml:2:7: error[unknown-kind]: No processor recognized the entity componet:default/x-kind-typo as valid, possibly caused by a foreign kind or apiVersion
  accepted: API, Component, Resource, Group, User, Location, System, Domain, Template, AiResource, Campaign
  fix: write `kind: Component` instead of `kind: Componet`; letter case matters",
    ),
    changed(
        "kind-lower-case",
        "kind: Component",
        "kind: component",
        "bad.yaml:2:7: error[unknown-kind]: No processor recognized the entity component:default/x-kind-lower-case as valid, possibly caused by a foreign kind or apiVersion
  accepted: API, Component, Resource, Group, User, Location, System, Domain, Template, AiResource, Campaign
  fix: write `kind: Component` instead of `kind: component`; letter case matters",
    ),
    changed(
        "kind-unknown",
        "kind: Component",
        "kind: Gizmo",
        "bad.yaml:2:7: error[unknown-kind]: No processor recognized the entity gizmo:default/x-kind-unknown as valid, possibly caused by a foreign kind or apiVersion
  accepted: API, Component, Resource, Group, User, Location, System, Domain, Template, AiResource, Campaign
  fix: use one of these kinds, or describe the kind by a JSON Schema so that it becomes known",
    ),
    changed(
        "kind-number",
        "kind: Component",
        "kind: 5",
        r#"bad.yaml:2:7: error[wrong-type]: /kind must be string - type: string
  accepted: the kind, such as `Component`
  fix: put the value in quotes: "5""#,
    ),
    whole(
        "kubernetes-manifest",
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: x\n",
        "bad.yaml:2:7: error[unknown-kind]: No processor recognized the entity deployment:default/x-kubernetes-manifest as valid, possibly caused by a foreign kind or apiVersion
  accepted: API, Component, Resource, Group, User, Location, System, Domain, Template, AiResource, Campaign
  fix: use one of these kinds, or describe the kind by a JSON Schema so that it becomes known",
    ),
    changed(
        "unknown-root-field",
        "kind: Component",
        "kind: Component\nowner: me",
        "bad.yaml:3:8: error[unknown-field]: Malformed envelope, <root> must NOT have additional properties
  accepted: apiVersion, kind, metadata, spec, relations, status
  fix: move `owner` under `spec` or `metadata`, or remove it",
    ),
    changed(
        "metadata-missing",
        "metadata:\n  name: x\n",
        "",
        "bad.yaml:1:1: error[missing-field]: <root> must have required property 'metadata' - missingProperty: metadata
  accepted: `metadata`: a mapping with `name` and what else is known about it
  fix: add `metadata: {name: my-service}` at the top of the document",
    ),
    changed(
        "metadata-list",
        "metadata:\n  name: x\n",
        "metadata: [x]\n",
        "bad.yaml:3:1: error[wrong-type]: /metadata must be object - type: object
  accepted: a mapping with `name` and what else is known about it
  fix: write `key: value` lines below it",
    ),
    changed(
        "name-missing",
        "  name: x",
        "  title: x",
        "bad.yaml:3:1: error[missing-field]: /metadata must have required property 'name' - missingProperty: name
  accepted: `name`: the name: letters, digits, `-`, `_` and `.`
  fix: add `name: my-service` under `metadata`",
    ),
    changed(
        "name-empty",
        "name: x",
        "name: \"\"",
        "bad.yaml:4:9: error[text-too-short]: /metadata/name must NOT have fewer than 1 characters - limit: 1
  accepted: the name: letters, digits, `-`, `_` and `.`
  fix: write a value for `name`",
    ),
    changed(
        "name-number",
        "name: x",
        "name: 123",
        r#"bad.yaml:4:9: error[wrong-type]: /metadata/name must be string - type: string
  accepted: the name: letters, digits, `-`, `_` and `.`
  fix: put the value in quotes: "123""#,
    ),
    changed(
        "name-with-space",
        "name: x",
        "name: my service",
        r#"bad.yaml:4:9: error[invalid-name]: "metadata.name" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total but found "my service"[format]
  accepted: 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit, such as `my-service`
  fix: write `my-service`"#,
    ),
    changed(
        "name-korean",
        "name: x",
        "name: 결제",
        r#"bad.yaml:4:9: error[invalid-name]: "metadata.name" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total but found "결제"[format]
  accepted: 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit, such as `my-service`
  fix: use only what is accepted"#,
    ),
    changed(
        "name-too-long",
        "name: x",
        "name: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        r#"bad.yaml:4:9: error[invalid-name]: "metadata.name" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total but found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"[format]
  accepted: 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit, such as `my-service`
  fix: write `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx`"#,
    ),
    changed(
        "namespace-upper-case",
        "  name: x",
        "  name: x\n  namespace: My_Team",
        r#"bad.yaml:5:14: error[invalid-namespace]: "metadata.namespace" is not valid; expected a string that is sequences of [a-z0-9] separated by [-], at most 63 characters in total but found "My_Team"[format]
  accepted: 1 to 63 of [a-z0-9-], the first and the last no hyphen, such as `payments`
  fix: write `my-team`"#,
    ),
    changed(
        "title-number",
        "  name: x",
        "  name: x\n  title: 5",
        r#"bad.yaml:5:10: error[wrong-type]: Malformed envelope, /metadata/title must be string
  accepted: the name to show
  fix: put the value in quotes: "5""#,
    ),
    changed(
        "tags-text",
        "  name: x",
        "  name: x\n  tags: java",
        "bad.yaml:5:9: error[wrong-type]: Malformed envelope, /metadata/tags must be array
  accepted: single words such as `java`
  fix: write a list: [java]",
    ),
    changed(
        "tag-number",
        "  name: x",
        "  name: x\n  tags: [1]",
        r#"bad.yaml:5:10: error[wrong-type]: Malformed envelope, /metadata/tags/0 must be string
  accepted: a text
  fix: put the value in quotes: "1""#,
    ),
    changed(
        "tag-upper-case",
        "  name: x",
        "  name: x\n  tags: [Java]",
        r#"bad.yaml:5:10: error[invalid-tag]: "tags.0" is not valid; expected a string that is sequences of [a-z0-9+#] separated by [-], at most 63 characters in total but found "Java"[format]
  accepted: 1 to 63 of [a-z0-9+#:-], no hyphen at an end or beside another, such as `java` or `c++`
  fix: write `java`"#,
    ),
    changed(
        "annotation-number",
        "  name: x",
        "  name: x\n  annotations:\n    a/b: 5",
        r#"bad.yaml:6:10: error[wrong-type]: Malformed envelope, /metadata/annotations/a~1b must be string
  accepted: a text; put numbers, true and false in quotes
  fix: put the value in quotes: "5""#,
    ),
    changed(
        "annotation-true",
        "  name: x",
        "  name: x\n  annotations:\n    a/b: true",
        r#"bad.yaml:6:10: error[wrong-type]: Malformed envelope, /metadata/annotations/a~1b must be string
  accepted: a text; put numbers, true and false in quotes
  fix: put the value in quotes: "true""#,
    ),
    changed(
        "annotation-nothing",
        "  name: x",
        "  name: x\n  annotations:\n    a/b:",
        "bad.yaml:6:5: error[wrong-type]: Malformed envelope, /metadata/annotations/a~1b must be string
  accepted: a text; put numbers, true and false in quotes
  fix: write a value for `a/b`, or remove it",
    ),
    changed(
        "annotations-list",
        "  name: x",
        "  name: x\n  annotations: [a]",
        "bad.yaml:5:3: error[wrong-type]: Malformed envelope, /metadata/annotations must be object
  accepted: a mapping of names to texts
  fix: write `key: value` lines below it",
    ),
    changed(
        "annotation-key",
        "  name: x",
        "  name: x\n  annotations:\n    \"a b\": c",
        r#"bad.yaml:6:12: error[invalid-annotation-key]: "annotations.a b" is not valid; expected a valid prefix and/or suffix but found "a b"[format]
  accepted: `name` or `example.com/name`: an optional lower-case DNS name and `/`, then 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit
  fix: use only what is accepted"#,
    ),
    changed(
        "label-key",
        "  name: x",
        "  name: x\n  labels:\n    \"a b\": c",
        r#"bad.yaml:6:12: error[invalid-label-key]: "labels.a b" is not valid; expected a valid prefix and/or suffix but found "a b"[format]
  accepted: `name` or `example.com/name`: an optional lower-case DNS name and `/`, then 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit
  fix: use only what is accepted"#,
    ),
    changed(
        "label-value",
        "  name: x",
        "  name: x\n  labels:\n    tier: \"gold tier\"",
        r#"bad.yaml:6:11: error[invalid-label-value]: "labels.tier" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total but found "gold tier"[format]
  accepted: an empty text or 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit
  fix: write `gold-tier`"#,
    ),
    changed(
        "label-number",
        "  name: x",
        "  name: x\n  labels:\n    tier: 1",
        r#"bad.yaml:6:11: error[wrong-type]: Malformed envelope, /metadata/labels/tier must be string
  accepted: a text; put numbers, true and false in quotes
  fix: put the value in quotes: "1""#,
    ),
    changed(
        "link-without-url",
        "  name: x",
        "  name: x\n  links:\n    - title: Docs",
        r#"bad.yaml:6:7: error[missing-field]: Malformed envelope, /metadata/links/0 must have required property 'url'
  accepted: `url`: an absolute URL
  fix: add `url: "https://example.com"` under `metadata.links[0]`"#,
    ),
    changed(
        "links-mapping",
        "  name: x",
        "  name: x\n  links: {url: https://x.y}",
        "bad.yaml:5:3: error[wrong-type]: Malformed envelope, /metadata/links must be array
  accepted: a list of mappings, each with `url` and perhaps `title`, `icon`, `type`
  fix: write a list, one `- ` line per item",
    ),
    changed(
        "link-without-scheme",
        "  name: x",
        "  name: x\n  links:\n    - url: example.com/docs",
        r#"bad.yaml:6:12: error[invalid-url]: "links.0.url" is not valid; expected a string that is a valid url but found "example.com/docs"[format]
  accepted: an absolute URL such as `https://example.com/page`
  fix: write the whole URL with `https://`"#,
    ),
    changed(
        "link-empty-title",
        "  name: x",
        "  name: x\n  links:\n    - url: https://x.y\n      title: \"\"",
        "bad.yaml:7:14: error[text-too-short]: Malformed envelope, /metadata/links/0/title must NOT have fewer than 1 characters
  accepted: the text to show
  fix: write a value for `title`, or remove it",
    ),
];
