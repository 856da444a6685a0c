//! What people get wrong in catalog files: each mistake is named where it was
//! made, with what to write in its place.

use model::check::check_document;
use model::yaml::{Limits, parse_documents};
use model::{Diagnostic, Kinds};

const GOOD: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n  title: T\nspec:\n  type: service\n  lifecycle: production\n  owner: team-a\n";

/// A text of the good file, what stands in its place, and the first finding:
/// place, rule, message and fix.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "owner: team-a\n",
        "owner: team-a\n  dependsOn: [",
        "10:14 yaml-syntax: `[` is not closed -> add the missing `]`, or put the value in quotes if `[` is part of a text",
    ),
    (
        "  title: T\n",
        "  tags: [a b: c]\n  title: T\n",
        r#"5:10 wrong-type: Malformed envelope, /metadata/tags/0 must be string -> write a text; put it in quotes if it holds `: `: "a b: c""#,
    ),
    (
        "  title: T\n",
        "  tags: [\"a\" \"b\"]\n  title: T\n",
        r#"5:14 yaml-syntax: a comma is missing between two items -> write a comma before `"b"`"#,
    ),
    (
        "  title: T\n",
        "  links: [{url: x title: y}]\n  title: T\n",
        "5:19 yaml-syntax: a comma is missing before this place -> write the comma, or put the value in quotes if it is one text",
    ),
    (
        "type: service",
        "type: *",
        r#"7:9 yaml-syntax: `*` refers to an anchor, and no name follows it -> put the value in quotes: "*""#,
    ),
    (
        "type: service",
        "type: & co",
        r#"7:9 yaml-syntax: `&` names a value for later, and no name follows it -> put the value in quotes: "& co""#,
    ),
    (
        "type: service",
        "type: *.yaml",
        r#"7:9 yaml-unknown-anchor: the alias `*.yaml` refers to an anchor that is not defined before it in this document -> define the anchor, or put the value in quotes if it is meant as text: "*.yaml""#,
    ),
    (
        "type: service",
        "type: > 5 things",
        r#"7:9 yaml-syntax: `>` begins a text on the lines below, and something follows it on the same line -> put the value in quotes: "> 5 things", or begin the text on the next line"#,
    ),
    (
        "type: service",
        "type: ? foo",
        r#"7:9 yaml-syntax: a value cannot begin with `?` -> put the value in quotes: "? foo""#,
    ),
    (
        "type: service",
        "type: ]",
        "7:9 yaml-syntax: `]` closes nothing -> remove the bracket, or put the value in quotes if it is part of a text",
    ),
    (
        "type: service",
        "type: [WIP] service",
        r#"7:15 yaml-syntax: something follows the closing `]` on the same line -> put the value in quotes: "[WIP] service""#,
    ),
    (
        "type: service",
        "type: {{ .Values.type }}",
        r#"7:9 yaml-complex-key: `{{` is not in quotes, so that YAML reads a mapping -> put the value in quotes: "{{ .Values.type }}"; or render the template first"#,
    ),
    (
        "type: service",
        "type: {% if x %}a{% endif %}",
        r#"7:9 yaml-syntax: `{%` is not in quotes, so that YAML reads a mapping -> put the value in quotes: "{% if x %}a{% endif %}"; or render the template first"#,
    ),
    (
        "  type: service",
        "{{- if .Values.x }}\n  type: service\n{{- end }}",
        "7:1 yaml-syntax: a line that begins with `{{` belongs to a template and is no YAML -> render the template first, or leave template files out of the catalog's locations",
    ),
    (
        "type: service",
        "type: service: x",
        r#"7:16 yaml-syntax: `: ` stands twice on one line -> put the value in quotes: "service: x""#,
    ),
    (
        "type: service",
        "type:service",
        "7:3 yaml-syntax: no space follows the colon after `type` -> write `type: service`",
    ),
    (
        "  type: service",
        "  type service",
        "7:3 yaml-syntax: the colon after `type` is missing -> write `type: service`",
    ),
    (
        "kind: Component",
        "kind = Component",
        "2:1 yaml-syntax: `=` follows `kind` in place of a colon -> write `kind: Component`",
    ),
    (
        "title: T",
        r#"title: "open"#,
        r#"5:10 yaml-syntax: a quoted text is not closed -> add the closing `"`; write \" for a quote inside double quotes"#,
    ),
    (
        "title: T",
        "title: 'it's here'",
        r#"5:14 yaml-syntax: an apostrophe ends the text in single quotes -> use double quotes: "it's here""#,
    ),
    (
        "title: T",
        r#"title: "say "hi" now""#,
        r#"5:16 yaml-syntax: a `"` inside the text ends it -> use single quotes: 'say "hi" now'"#,
    ),
    (
        "title: T",
        r#"title: 'T""#,
        "5:10 yaml-syntax: a quoted text is not closed -> add the closing `'`; write '' for an apostrophe inside single quotes",
    ),
    (
        "title: T",
        r#"title: "C:\temp\new\q""#,
        r#"5:22 yaml-syntax: `\q` is no escape of a double-quoted text -> write a backslash twice (\\), or use single quotes"#,
    ),
    (
        "title: T",
        r#""title": "T","#,
        "5:15 yaml-syntax: a comma follows the value -> remove the comma",
    ),
    (
        "title: T",
        "title: T # ok\n  // comment",
        "6:3 yaml-syntax: `//` begins no comment in YAML -> write `#` in place of `//`, or remove the line",
    ),
    (
        "title: T",
        "title: this is\n  a long text\n  foo: bar",
        "6:3 yaml-syntax: the line is no `key: value` pair although its neighbours are -> add a colon and a space after the key, or begin the line with 4 spaces if it belongs to `title`",
    ),
    (
        "title: T",
        "title: this is\na long text",
        "6:1 yaml-syntax: the line is no `key: value` pair although its neighbours are -> add a colon and a space after the key, or indent the line so that it belongs to the value before it",
    ),
    (
        "title: T",
        "title: |\n  text here\n  foo: bar",
        "6:3 yaml-syntax: the text below `title: |` is not indented -> begin the lines of the text with 4 spaces",
    ),
    (
        "title: T",
        "title: |\n      text here\n    foo bar\n  x: y",
        "7:5 yaml-syntax: the line is indented less than the text above it -> begin the line with 6 spaces if it belongs to the text",
    ),
    (
        "title: T",
        "links:\n    - url: https://x\n     title: y",
        "7:6 yaml-syntax: the line is not indented like the key above it -> begin the line with 6 spaces",
    ),
    (
        "title: T",
        "links:\n    - url: https://x\n        title: y",
        "7:9 yaml-syntax: the line is indented more than the line before, which already has a value -> begin the line with 6 spaces, or remove the value on line 6 if the line belongs to it",
    ),
    (
        "title: T",
        "links:\n    - url: https://x\n    title: y",
        "7:5 yaml-syntax: the line stands among list items but does not begin with `- ` -> begin the line with `- `, or with 6 spaces if it belongs to the item on line 6",
    ),
    (
        "title: T",
        "links:\n    - url: https://x\n   - url: https://y",
        "7:4 yaml-syntax: the item is not indented like the items before it -> begin the line with 4 spaces",
    ),
    (
        "title: T",
        "tags:\n    -java\n    -go",
        "6:5 wrong-type: Malformed envelope, /metadata/tags must be array -> write a space after each dash: `- java`",
    ),
    (
        "title: T",
        "links:\n    -url: https://x\n    -url: https://y",
        "7:5 yaml-duplicate-key: the key `-url` stands twice in the same mapping, on line 6 and on line 7 -> write a space after each dash: `- url: …`",
    ),
    (
        "  title: T",
        " title: T",
        "5:2 yaml-syntax: the line is not indented like its neighbours -> begin the line with 2 spaces if it stands beside `name`; keys of one mapping have the same number of spaces",
    ),
    (
        "  title: T",
        "\ttitle: T",
        "5:1 yaml-tab: a tab is used as indentation -> replace the tab by spaces",
    ),
    (
        "  title: T",
        "  title:\tT",
        "5:9 yaml-tab: a tab follows the colon -> replace the tab by a space",
    ),
    (
        "  title: T",
        "  - title: T",
        "5:3 yaml-syntax: a `- ` item stands among `key: value` lines -> indent the item below the key of its list, or write it as `key: value`",
    ),
    (
        "spec:",
        "<<<<<<< HEAD\nspec:\n=======\nspec:\n>>>>>>> x",
        "6:1 yaml-syntax: a merge conflict of Git is not resolved -> keep one side, and remove the lines that begin with `<<<<<<<`, `=======` and `>>>>>>>`",
    ),
    (
        "owner: team-a\n",
        "owner: team-a\n ---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n  title: T\nspec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "10:2 yaml-syntax: `---` divides no documents -> write `---` without spaces before it",
    ),
    (
        "owner: team-a\n",
        "owner: team-a\n    ---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n  title: T\nspec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "10:5 yaml-duplicate-key: `---` divides no documents -> write `---` on a line of its own, without spaces before it",
    ),
    (
        "owner: team-a\n",
        "owner: team-a\n--\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n  title: T\nspec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "10:1 yaml-syntax: `--` divides no documents -> write three dashes at the left margin: `---`",
    ),
    (
        "owner: team-a\n",
        "owner: team-a\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: x\n  title: T\nspec:\n  type: service\n  lifecycle: production\n  owner: team-a\n",
        "10:1 yaml-duplicate-key: a second entity begins here without a `---` line before it -> add a line `---` before line 10",
    ),
    (
        "owner: team-a",
        "owner: `team-a`",
        r#"9:10 yaml-syntax: a value cannot begin with a back quote -> put the value in quotes: "`team-a`""#,
    ),
    (
        "owner: team-a",
        "owner: “team-a”",
        "9:10 yaml-odd-character: the quotes of `“team-a”` are typographic and belong to the text -> write \"team-a\"",
    ),
    (
        "owner: team-a",
        "owner\u{ff1a} team-a",
        "9:3 yaml-syntax: the colon after `owner` is a full-width character, not `:` -> write `owner: team-a`",
    ),
    (
        "owner: team-a",
        "owner:\u{a0}team-a",
        "9:3 yaml-syntax: the space after `owner:` is the invisible character U+00A0, not a space -> write `owner: team-a` with the space bar",
    ),
    (
        "  owner: team-a",
        "\u{a0}\u{a0}owner: team-a",
        "9:10 unknown-field: Malformed envelope, <root> must NOT have additional properties -> delete the invisible character beside `owner`; type spaces with the space bar",
    ),
    (
        "owner: team-a",
        "owner: team-a\n\u{feff}apiVersion: x",
        r#"10:1 yaml-syntax: a byte order mark (U+FEFF, invisible) stands in the text -> remove the character; editors show it with "show invisible characters""#,
    ),
    (
        "owner: team-a",
        "owner: #team-a",
        r##"9:3 wrong-type: /spec/owner must be string - type: string -> `#` behind a space begins a comment: put the value in quotes, "#team-a", or write one without `#`"##,
    ),
    (
        "owner: team-a",
        "owner: - team-a",
        "9:10 yaml-syntax: a list cannot begin behind its key -> write `- team-a` on a line of its own below `owner:`, or put the value in quotes if it is a text",
    ),
    (
        "owner: team-a",
        "{owner:team-a}",
        "9:3 yaml-syntax: a value in brackets stands among `key: value` lines -> write a key and a colon before it, or `key: value` lines without brackets",
    ),
    (
        "  name: x",
        "name: x",
        "5:3 yaml-syntax: the line is indented more than the line before, which already has a value -> begin the line at the left margin, or remove the value on line 4 if the line belongs to it",
    ),
    (
        "  name: x\n  title: T",
        "  - name: x\n  - title: T",
        "3:1 wrong-type: /metadata must be object - type: object -> write the lines below `metadata` without dashes",
    ),
    (
        "title: T",
        "tags: java, go",
        "5:9 wrong-type: Malformed envelope, /metadata/tags must be array -> write a list: [java, go]",
    ),
    (
        "title: T",
        "tags: [1.0, 2]",
        r#"5:10 wrong-type: Malformed envelope, /metadata/tags/0 must be string -> put the value in quotes: "1.0""#,
    ),
    (
        "title: T",
        "title: True",
        r#"5:10 wrong-type: Malformed envelope, /metadata/title must be string -> put the value in quotes: "True""#,
    ),
    (
        "title: T",
        "labels: {tier: 007}",
        r#"5:18 wrong-type: Malformed envelope, /metadata/labels/tier must be string -> put the value in quotes: "007""#,
    ),
    (
        "  lifecycle: production\n",
        "  lifecycle: production\n  dependsOn:\n    -resource:db\n",
        "10:5 wrong-type: /spec/dependsOn must be array - type: array -> write a space after the dash: `- resource:db`",
    ),
    (
        "  title: T",
        "  links:\n    -url: https://a.b",
        "5:3 wrong-type: Malformed envelope, /metadata/links must be array -> write a space after the dash: `- url: …`",
    ),
    (
        "title: T",
        "annotations:\n    a/b:\n    c/d: 0x1f",
        "6:5 wrong-type: Malformed envelope, /metadata/annotations/a~1b must be string -> write a value for `a/b`, or remove it",
    ),
    (
        "  name: x\n  title: T",
        "  name x",
        "4:3 wrong-type: /metadata must be object - type: object -> write a colon after `name`: `name: x`",
    ),
    (
        "  name: x\n  title: T",
        "  name:x",
        "4:3 wrong-type: /metadata must be object - type: object -> write a space after the colon: `name: x`",
    ),
    (
        "metadata:\n  name: x\n  title: T",
        "metadata: {name:x}",
        "3:12 missing-field: /metadata must have required property 'name' - missingProperty: name -> write a space after the colon: `name: x`",
    ),
    (
        "metadata:\n  name: x\n  title: T",
        "metadata:\nname: x",
        "3:1 wrong-type: /metadata must be object - type: object -> write `key: value` lines below `metadata`, indented by two spaces more",
    ),
    (
        "  owner: team-a",
        "  owner: team-a\n  dependsOn:\n    - resource: db\n    - ''\n    -\n",
        "11:7 wrong-type: /spec/dependsOn/0 must be string - type: string -> write no space after the colon: `resource:db`",
    ),
    (
        "  owner: team-a",
        "  owner: [a, b]",
        "9:3 wrong-type: /spec/owner must be string - type: string -> write one text instead of a list",
    ),
    (
        "  owner: team-a",
        "  owner: {name: a}",
        "9:3 wrong-type: /spec/owner must be string - type: string -> write a text; put `|` after the colon of `owner` if the lines below it are meant as one",
    ),
    (
        "title: T",
        "title: T\n  tags: [\n    - a\n    - b\n  ]",
        "7:5 yaml-syntax: a dash begins no item inside `[ ]` or `{ }` -> remove the dash, or write the list as `- ` lines without brackets",
    ),
    (
        "title: T",
        "description: >\n    foo: bar\n  baz\n  title: T",
        "7:3 yaml-syntax: `baz` stands alone: no colon follows it -> write `baz: …`, or indent the line so that it belongs to the value before it",
    ),
    (
        "title: T",
        r#"description: "foo": bar"#,
        r#"5:21 yaml-syntax: `: ` stands twice on one line -> put the value in quotes: '"foo": bar'"#,
    ),
    (
        "title: T",
        r#"description: "foo"bar"#,
        r#"5:21 yaml-syntax: something follows a quoted text on the same line -> put the whole value in one pair of quotes: "foobar""#,
    ),
    (
        "title: T",
        r##"description: "foo"#bar"##,
        "5:21 yaml-syntax: `#` begins a comment only behind a space -> write a space before `#`, or put the value in quotes if `#` is part of it",
    ),
    (
        "title: T",
        r#"description: 'C:\x' and"#,
        r#"5:23 yaml-syntax: something follows a quoted text on the same line -> put the whole value in one pair of quotes: 'C:\x and'"#,
    ),
    (
        "title: T",
        "description: !important x",
        "5:16 yaml-unknown-tag: the tag `!important` is not known or does not fit; the value is read as if it were not there -> remove `!important`, or put the value in quotes",
    ),
    (
        "title: T",
        "description: !<foo x",
        r#"5:16 yaml-syntax: `!` begins a tag, and this is none -> put the value in quotes: "!<foo x""#,
    ),
    (
        "title: T",
        "? a\n  : b\n  ? [c]\n  : d",
        "7:5 yaml-complex-key: a key must be a text, found a list -> put values that begin with `[` in quotes, or use a text as key",
    ),
    (
        "spec:",
        "spec: >",
        "7:3 wrong-type: Malformed envelope, /spec must be object -> write `key: value` lines below it, without quotes and without `|` or `>` behind the key",
    ),
    (
        "spec:",
        "Spec:",
        "6:1 unknown-field: Malformed envelope, <root> must NOT have additional properties -> rename `Spec` to `spec`",
    ),
    (
        "metadata:",
        "meta-data:",
        "3:1 missing-field: <root> must have required property 'metadata' - missingProperty: metadata -> rename `meta-data` to `metadata`",
    ),
];

fn findings(kinds: &Kinds, text: &str) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for document in parse_documents("f.yaml", text.as_bytes(), &Limits::default()) {
        match document {
            Err(problem) => found.push(problem),
            Ok(document) => match check_document(kinds, "f.yaml", &document) {
                Ok(checked) => found.extend(checked.warnings),
                Err(problems) => found.extend(problems),
            },
        }
    }
    found
}

#[test]
fn each_mistake_is_named_where_it_was_made() {
    let mut wrong = String::new();
    for (from, to, expected) in MISTAKES {
        assert!(GOOD.contains(from), "{from}");
        let found = findings(crate::builtin(), &GOOD.replacen(from, to, 1));
        let said = found.first().map_or_else(String::new, |first| {
            assert_ne!(first.accepted.as_deref(), Some("YAML 1.2"), "{to}");
            format!(
                "{}:{} {}: {} -> {}",
                first.line,
                first.column,
                first.code,
                first.message,
                first.fix.as_deref().unwrap_or_default()
            )
        });
        if said != *expected {
            wrong.push_str(&format!(
                "{to:?}\n  expected {expected}\n  said     {said}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn line_ends_do_not_move_a_mistake() {
    for (from, to, _) in MISTAKES {
        let text = GOOD.replacen(from, to, 1);
        let places = |text: &str| -> Vec<(u32, u32, &'static str)> {
            let found = findings(crate::builtin(), text);
            found
                .iter()
                .map(|found| (found.line, found.column, found.code))
                .collect()
        };
        assert_eq!(places(&text), places(&text.replace('\n', "\r\n")), "{to:?}");
    }
}

#[test]
fn two_entities_without_a_divider_are_one_mistake() {
    for (divider, place) in [
        ("", 10),
        (" ---\n", 10),
        ("--\n", 10),
        ("    ---\n", 10),
        ("---kind: A\n", 10),
    ] {
        let found = findings(crate::builtin(), &format!("{GOOD}{divider}{GOOD}"));
        assert_eq!(found.len(), 1, "{divider:?} {found:#?}");
        assert_eq!(found[0].line, place, "{divider:?} {found:#?}");
        assert!(
            found[0].fix.as_deref().unwrap().contains("---"),
            "{found:#?}"
        );
    }
}

#[test]
fn files_that_are_no_catalog_files_are_called_what_they_are() {
    for (text, place, words) in [
        (
            "<!DOCTYPE html>\n<html>\n<p class=\"a\">: x</p>\n",
            (1, 1),
            "web page",
        ),
        ("```yaml\nkind: A\n```\n", (1, 1), "Markdown"),
        (
            "{\n  \"a\": 1\n  \"b\": 2\n}\n",
            (2, 9),
            "comma is missing at the end",
        ),
        (
            "{\n  \"a\": {\"b\": 1,\n  \"c\": 2\n}\n",
            (2, 8),
            "`{` is not closed",
        ),
        (
            "{\n  \"a\": [1, 2}\n",
            (2, 13),
            "`}` stands where `[` is still open",
        ),
        ("{\"a\": 1,, \"b\": 2}\n", (1, 9), "between two commas"),
        ("%YAML 1.2\nkind: A\n", (2, 1), "`---` line is missing"),
        ("--- kind: A\n", (1, 5), "on the line of `---`"),
        (" kind: A\nspec: x\n", (1, 1), "first line is indented more"),
        (
            "a: 1\n<<<<<<< ours\nb: 1\n=======\nb: 2\n>>>>>>> theirs\n",
            (2, 1),
            "merge conflict",
        ),
        ("a: \"x\n---\nb: y\n", (1, 4), "not closed"),
    ] {
        let found = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
        let first = found.into_iter().find_map(Result::err).unwrap();
        assert_eq!((first.line, first.column), place, "{text}{first}");
        assert!(first.message.contains(words), "{first}");
    }
}

#[test]
fn values_of_megabytes_are_not_repeated() {
    let long = "x".repeat(2_000_000);
    for (from, to) in [
        ("name: x", format!("name: {long}")),
        ("name: x", format!("{long}: x")),
        ("title: T", format!("tags: ['{long}']")),
        ("title: T", format!("tags: {long}")),
        ("title: T", format!("labels: {{'{long}': 5}}")),
        ("title: T", format!("links: [{{url: '{long}'}}]")),
        ("kind: Component", format!("kind: {long}")),
        ("backstage.io/v1alpha1", long.clone()),
        ("owner: team-a", format!("owner: '{long}:'")),
        (
            "owner: team-a",
            format!("owner: team-a\n  dependsOn: ['{long}']"),
        ),
        ("owner: team-a", format!("owner: *{long}")),
        ("owner: team-a", format!("owner: !{long} x")),
        ("owner: team-a", format!("owner: @{long}")),
        (
            "owner: team-a",
            format!("owner: team-a\n  {long}: 1\n  {long}: 2"),
        ),
        ("owner: team-a", format!("owner: team-a\n  {long}")),
        ("owner: team-a", format!("owner: team-a\n  {long}:x")),
        ("owner: team-a", format!("owner: \"{long}\" {long}")),
        ("owner: team-a", format!("owner: [{long} {long}: ")),
        ("owner: team-a", format!("owner: {{{{ {long}")),
    ] {
        for found in findings(crate::builtin(), &GOOD.replacen(from, &to, 1)) {
            let size = serde_json::to_string(&found).unwrap().len();
            let start: String = to.chars().take(30).collect();
            assert!(size < 2_000, "{start}: {size} bytes, {}", found.code);
        }
    }
}

#[test]
fn nothing_in_a_message_hides_or_turns_text() {
    let text = GOOD.replace("name: x", "name: \"a\\e[31m\\u202eb\\n  fix: none\"");
    let found = findings(crate::builtin(), &text);
    assert!(
        found[0]
            .message
            .contains(r#"found "a\u{1b}[31m\u{202e}b\n  fix: none""#),
        "{}",
        found[0]
    );
}
