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
        r#"bad.yaml:6:20: error[yaml-syntax]: `: ` stands twice on one line
  accepted: one `key: value` on a line; `: ` inside a value in quotes only
  fix: put the value in quotes: "note: this""#,
    ),
    changed(
        "open-double-quote",
        "owner: team-a",
        "owner: \"team-a",
        r#"bad.yaml:8:10: error[yaml-syntax]: a quoted text is not closed
  accepted: a text between two `"`
  fix: add the closing `"`; write \" for a quote inside double quotes"#,
    ),
    changed(
        "open-single-quote",
        "owner: team-a",
        "owner: 'team-a",
        "bad.yaml:8:10: error[yaml-syntax]: a quoted text is not closed
  accepted: a text between two `'`
  fix: add the closing `'`; write '' for an apostrophe inside single quotes",
    ),
    changed(
        "open-bracket",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [resource:db",
        "bad.yaml:9:14: error[yaml-syntax]: `[` is not closed
  accepted: `]` behind the last item
  fix: add the missing `]`, or put the value in quotes if `[` is part of a text",
    ),
    changed(
        "open-bracket-empty",
        "owner: team-a",
        "owner: team-a\n  dependsOn: [",
        "bad.yaml:9:14: error[yaml-syntax]: `[` is not closed
  accepted: `]` behind the last item
  fix: add the missing `]`, or put the value in quotes if `[` is part of a text",
    ),
    changed(
        "open-brace",
        "metadata:\n  name: x",
        "metadata: {name: x",
        "bad.yaml:3:11: error[yaml-syntax]: `{` is not closed
  accepted: `}` behind the last item
  fix: add the missing `}`, or put the value in quotes if `{` is part of a text",
    ),
    changed(
        "at-sign",
        "owner: team-a",
        "owner: @team-a",
        r#"bad.yaml:8:10: error[yaml-syntax]: a value cannot begin with `@`
  accepted: a text that begins with a letter, a digit, `/`, `.` or `_`, or any text in quotes
  fix: put the value in quotes: "@team-a""#,
    ),
    changed(
        "percent-sign",
        "owner: team-a",
        "owner: %team-a",
        r#"bad.yaml:8:10: error[yaml-syntax]: a value cannot begin with `%`
  accepted: a text that begins with a letter, a digit, `/`, `.` or `_`, or any text in quotes
  fix: put the value in quotes: "%team-a""#,
    ),
    changed(
        "back-quote",
        "owner: team-a",
        "owner: `team-a`",
        r#"bad.yaml:8:10: error[yaml-syntax]: a value cannot begin with a back quote
  accepted: a text that begins with a letter, a digit, `/`, `.` or `_`, or any text in quotes
  fix: put the value in quotes: "`team-a`""#,
    ),
    changed(
        "key-without-colon",
        "  name: x",
        "  name x",
        "bad.yaml:4:3: error[wrong-type]: /metadata must be object - type: object
  accepted: a mapping with `name` and what else is known about it
  fix: write a colon after `name`: `name: x`",
    ),
    changed(
        "no-space-after-colon",
        "owner: team-a",
        "owner:team-a",
        "bad.yaml:8:3: error[yaml-syntax]: no space follows the colon after `owner`
  accepted: `key: value`, with a colon and a space
  fix: write `owner: team-a`",
    ),
    changed(
        "less-indented",
        "  lifecycle",
        " lifecycle",
        "bad.yaml:7:2: error[yaml-syntax]: the line is not indented like its neighbours
  accepted: 2 spaces, as before `type`; or no space, as before `spec`
  fix: begin the line with 2 spaces if it stands beside `type`; keys of one mapping have the same number of spaces",
    ),
    changed(
        "more-indented",
        "  lifecycle",
        "    lifecycle",
        "bad.yaml:7:5: error[yaml-syntax]: the line is indented more than the line before, which already has a value
  accepted: 2 spaces, as before `type`
  fix: begin the line with 2 spaces, or remove the value on line 6 if the line belongs to it",
    ),
    changed(
        "unrendered-jinja",
        "name: x",
        "name: {{ values.name }}",
        r#"bad.yaml:4:9: error[yaml-complex-key]: `{{` is not in quotes, so that YAML reads a mapping
  accepted: a text in quotes
  fix: put the value in quotes: "{{ values.name }}"; or render the template first"#,
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
        r#"bad.yaml:6:9: error[yaml-syntax]: `*` refers to an anchor, and no name follows it
  accepted: a text that begins with a letter, a digit, `/`, `.` or `_`, or any text in quotes
  fix: put the value in quotes: "*""#,
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
  accepted: `- ` items below the key of a list, and `key: value` lines elsewhere
  fix: indent the item below the key of its list, or write it as `key: value`",
    ),
    changed(
        "unknown-escape",
        "owner: team-a",
        "owner: \"team\\qa\"",
        r#"bad.yaml:8:15: error[yaml-syntax]: `\q` is no escape of a double-quoted text
  accepted: `\\`, `\"`, `\n`, `\t`, `\u` with four hexadecimal digits, and the others of YAML
  fix: write a backslash twice (\\), or use single quotes"#,
    ),
    changed(
        "text-after-quotes",
        "owner: team-a",
        "owner: \"team-a\" or so",
        r#"bad.yaml:8:19: error[yaml-syntax]: something follows a quoted text on the same line
  accepted: one text in one pair of quotes
  fix: put the whole value in one pair of quotes: "team-a or so""#,
    ),
    changed(
        "merge-conflict",
        "  type: service",
        "<<<<<<< HEAD\n  type: service\n=======\n  type: website\n>>>>>>> b",
        "bad.yaml:6:1: error[yaml-syntax]: a merge conflict of Git is not resolved
  accepted: one of the two sides, without the lines that divide them
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
