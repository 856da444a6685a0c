//! YAML that is no YAML, or another YAML than its author thinks.

use super::case::{Case, changed, whole};

pub(super) const CASES: &[Case] = &[
    changed(
        "tab",
        "  type:",
        "\ttype:",
        "bad.yaml:6:1: error[yaml-tab]: a tab is used as indentation
  accepted: spaces only, two per level by custom
  fix: replace the tab by spaces",
    ),
    changed(
        "tab-after-spaces",
        "  type: service",
        "  type: service\n  \tx: 1",
        "bad.yaml:7:3: error[yaml-tab]: a tab is used as indentation
  accepted: spaces only, two per level by custom
  fix: replace the tab by spaces",
    ),
    changed(
        "duplicate-key",
        "  owner: team-a",
        "  owner: team-a\n  owner: team-b",
        "bad.yaml:9:3: error[yaml-duplicate-key]: the key `owner` stands twice in the same mapping, on line 8 and on line 9
  accepted: every key once
  fix: remove or rename one of the two `owner` keys",
    ),
    changed(
        "duplicate-root-key",
        "kind: Component",
        "kind: Component\nkind: API",
        "bad.yaml:3:1: error[yaml-duplicate-key]: the key `kind` stands twice in the same mapping, on line 2 and on line 3
  accepted: every key once
  fix: remove or rename one of the two `kind` keys",
    ),
    changed(
        "colon-in-value",
        "  type: service",
        "  description: note: this\n  type: service",
        "bad.yaml:6:20: error[yaml-syntax]: `: ` stands twice on one line
  accepted: YAML 1.2
  fix: put the value in quotes, because it holds `: `",
    ),
    changed(
        "open-double-quote",
        "owner: team-a",
        "owner: \"team-a",
        r#"bad.yaml:8:10: error[yaml-syntax]: a quoted text is not closed
  accepted: YAML 1.2
  fix: add the closing quote; write '' for a quote inside single quotes and \" inside double quotes"#,
    ),
    changed(
        "open-single-quote",
        "owner: team-a",
        "owner: 'team-a",
        r#"bad.yaml:8:10: error[yaml-syntax]: a quoted text is not closed
  accepted: YAML 1.2
  fix: add the closing quote; write '' for a quote inside single quotes and \" inside double quotes"#,
    ),
    changed(
        "open-bracket",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [resource:db",
        "bad.yaml:10:1: error[yaml-syntax]: `[` is not closed, or a comma is missing
  accepted: YAML 1.2
  fix: add the missing `]` or `,`",
    ),
    changed(
        "open-bracket-empty",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [",
        "bad.yaml:10:1: error[yaml-syntax]: `[` is not closed, or a comma is missing
  accepted: YAML 1.2
  fix: add the missing `]` or `,`",
    ),
    changed(
        "open-brace",
        "metadata:\n  name: x",
        "metadata: {name: x",
        "bad.yaml:4:5: error[yaml-syntax]: `{` is not closed, or a comma is missing
  accepted: YAML 1.2
  fix: add the missing `}` or `,`",
    ),
    changed(
        "at-sign",
        "owner: team-a",
        "owner: @team-a",
        "bad.yaml:8:10: error[yaml-syntax]: a value cannot begin with `@`, a back quote or `%`
  accepted: YAML 1.2
  fix: put the value in quotes",
    ),
    changed(
        "percent-sign",
        "owner: team-a",
        "owner: %team-a",
        "bad.yaml:8:10: error[yaml-syntax]: a value cannot begin with `@`, a back quote or `%`
  accepted: YAML 1.2
  fix: put the value in quotes",
    ),
    changed(
        "back-quote",
        "owner: team-a",
        "owner: `team-a`",
        "bad.yaml:8:10: error[yaml-syntax]: a value cannot begin with `@`, a back quote or `%`
  accepted: YAML 1.2
  fix: put the value in quotes",
    ),
    changed(
        "key-without-colon",
        "  name: x",
        "  name x",
        "bad.yaml:4:3: error[wrong-type]: /metadata must be object - type: object
  accepted: a mapping with `name` and what else is known about it
  fix: write `key: value` lines below it",
    ),
    changed(
        "no-space-after-colon",
        "owner: team-a",
        "owner:team-a",
        "bad.yaml:8:3: error[yaml-syntax]: the line is no `key: value` pair although its neighbours are
  accepted: YAML 1.2
  fix: add a colon and a space after the key, or indent the line so that it belongs to the value before it",
    ),
    changed(
        "less-indented",
        "  lifecycle",
        " lifecycle",
        "bad.yaml:7:2: error[yaml-syntax]: the line is not indented like its neighbours
  accepted: YAML 1.2
  fix: use the same number of spaces for keys of one mapping, more for what belongs to a key",
    ),
    changed(
        "more-indented",
        "  lifecycle",
        "    lifecycle",
        "bad.yaml:7:14: error[yaml-syntax]: the line is indented more than the line before, which already has a value
  accepted: YAML 1.2
  fix: indent the line like the line before, or remove the value before it",
    ),
    changed(
        "unrendered-jinja",
        "name: x",
        "name: {{ values.name }}",
        r#"bad.yaml:4:10: error[yaml-complex-key]: a key must be a text, found a mapping
  accepted: a text, a number or true/false as key
  fix: put values that begin with `{` in quotes, for example "${{ … }}" or "{{ … }}""#,
    ),
    changed(
        "unrendered-template",
        "name: x",
        "name: ${{ values.name }}",
        r#"bad.yaml:4:9: error[invalid-name]: "metadata.name" is not valid; expected a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total but found "${{ values.name }}"[format]
  accepted: 1 to 63 of [a-zA-Z0-9-_.], the first and the last a letter or digit, such as `my-service`
  fix: render the template first, or leave template files out of the catalog's locations"#,
    ),
    changed(
        "unknown-anchor",
        "owner: team-a",
        "owner: *team",
        r#"bad.yaml:8:10: error[yaml-unknown-anchor]: the alias `*team` refers to an anchor that is not defined before it in this document
  accepted: an anchor such as `&name` earlier in the same document
  fix: define the anchor, or put the value in quotes if it is meant as text: "*team""#,
    ),
    changed(
        "alias-of-itself",
        "owner: team-a",
        "owner: &a [*a]",
        "bad.yaml:8:14: error[yaml-alias-cycle]: the alias refers to the value that holds it
  accepted: an alias of a value that ended before this place
  fix: write the value out instead of using an alias",
    ),
    changed(
        "lone-star",
        "type: service",
        "type: *",
        "bad.yaml:6:9: error[yaml-syntax]: `*` refers to an anchor, and no name follows it
  accepted: YAML 1.2
  fix: put the value in quotes",
    ),
    changed(
        "dash-without-space",
        "owner: team-a",
        "owner: team-a\n  dependsOn:\n    -resource:db",
        "bad.yaml:10:5: error[wrong-type]: /spec/dependsOn must be array - type: array
  accepted: what it cannot run without; the kind has to be written, such as `resource:orders-db`
  fix: write a space after the dash: `- resource:db`",
    ),
    changed(
        "item-among-keys",
        "owner: team-a",
        "owner: team-a\n  - foo",
        "bad.yaml:9:3: error[yaml-syntax]: a `- ` item stands among `key: value` lines
  accepted: YAML 1.2
  fix: indent the item below the key of its list, or write it as `key: value`",
    ),
    changed(
        "unknown-escape",
        "owner: team-a",
        "owner: \"team\\qa\"",
        r"bad.yaml:8:10: error[yaml-syntax]: a double-quoted text holds an unknown escape
  accepted: YAML 1.2
  fix: write a backslash twice (\\), or use single quotes",
    ),
    changed(
        "text-after-quotes",
        "owner: team-a",
        "owner: \"team-a\" or so",
        "bad.yaml:8:19: error[yaml-syntax]: something follows a quoted text on the same line
  accepted: YAML 1.2
  fix: put the whole value in one pair of quotes",
    ),
    changed(
        "merge-conflict",
        "  type: service",
        "<<<<<<< HEAD\n  type: service\n=======\n  type: website\n>>>>>>> b",
        "bad.yaml:6:1: error[yaml-syntax]: a merge conflict of Git is not resolved
  accepted: YAML 1.2
  fix: keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
    ),
    changed(
        "unknown-tag",
        "owner: team-a",
        "owner: !Ref team-a",
        "bad.yaml:8:10: warning[yaml-unknown-tag]: the tag `!Ref` is not known or does not fit; the value is read as if it were not there
  accepted: !!str, !!int, !!float, !!bool, !!null, !!seq and !!map
  fix: remove `!Ref`, or put the value in quotes",
    ),
    whole(
        "list-at-the-root",
        "- apiVersion: backstage.io/v1alpha1\n  kind: Component\n  metadata:\n    name: x\n  spec:\n    type: service\n    lifecycle: production\n    owner: team-a\n",
        "bad.yaml:1:1: error[not-a-mapping]: expected an object at the root of the document, found a list
  accepted: a mapping such as `apiVersion: …`, `kind: …`, `metadata: …`, `spec: …`
  fix: write `key: value` lines, or separate several entities by `---` lines",
    ),
    whole(
        "text-at-the-root",
        "hello\n",
        "bad.yaml:1:1: error[not-a-mapping]: expected an object at the root of the document, found a text
  accepted: a mapping such as `apiVersion: …`, `kind: …`, `metadata: …`, `spec: …`
  fix: write `key: value` lines, or separate several entities by `---` lines",
    ),
];
