//! Files as people write them, well and badly.

use model::yaml::{Limits, Mark, parse_documents, parse_value};
use serde_json::{Value, json};

use crate::{document, problems};

#[test]
fn every_key_and_value_has_its_place() {
    let document = document(
        "# head\nkind: Component\nmetadata:\n  name: a\n  tags: [x, \"y\"]\nspec:\n  owner:\n  no/de~: 1\n",
    );
    let root = &document.root;
    assert_eq!(root.at("/kind").unwrap().mark, Mark::new(2, 7));
    assert_eq!(root.key_mark("/kind"), Some(Mark::new(2, 1)));
    assert_eq!(root.at("/metadata/tags/1").unwrap().mark, Mark::new(5, 13));
    assert_eq!(root.place("/metadata/tags/1"), Mark::new(5, 13));
    // Containers and empty values are shown by their key, missing ones by the
    // nearest ancestor.
    assert_eq!(root.place("/metadata"), Mark::new(3, 1));
    assert_eq!(root.place("/spec/owner"), Mark::new(7, 3));
    assert_eq!(root.place("/spec/lifecycle"), Mark::new(6, 1));
    assert_eq!(root.place("/metadata/tags/9"), Mark::new(5, 3));
    assert_eq!(root.place("/status/items/0"), Mark::new(2, 1));
    assert_eq!(root.at("/spec/no~1de~0").unwrap().mark, Mark::new(8, 11));
    assert!(root.at("/spec/none").is_none());
    assert!(root.at("").is_some());
    assert_eq!((document.first_line, document.last_line), (1, 8));
}

#[test]
fn columns_count_characters() {
    let document = document("{ 이름: 값, b: c }\n");
    assert_eq!(document.root.at("/b").unwrap().mark, Mark::new(1, 13));
}

#[test]
fn scalars_follow_the_core_schema_as_javascript_reads_it() {
    let text = "
a: yes
b: on
c: ~
d:
e: null
f: True
g: 0o17
h: 0x1f
i: 012
j: +5
k: 1.0
l: 1.5
m: 1e3
n: .inf
o: .nan
p: 2022-01-01
q: 1_000
r: '5'
s: \"true\"
t: .5
u: 1.
v: -0
w: 18446744073709551616
x: 0b1
y: <<
z: 1.2.3
aa: '-'
ab: -
ac: 12e03
ad: 18446744073709551615
ae: nullish
af: =
"
    .replace("ab: -\n", "ab: \"-\"\n");
    let expected = json!({
        "a": "yes", "b": "on", "c": null, "d": null, "e": null, "f": true, "g": 15, "h": 31,
        "i": 12, "j": 5, "k": 1, "l": 1.5, "m": 1000, "n": null, "o": null, "p": "2022-01-01",
        "q": "1_000", "r": "5", "s": "true", "t": 0.5, "u": 1, "v": 0,
        "w": 18_446_744_073_709_551_616.0, "x": "0b1", "y": "<<", "z": "1.2.3", "aa": "-", "ab": "-",
        "ac": 12000, "ad": 18_446_744_073_709_551_615_u64, "ae": "nullish", "af": "="
    });
    assert_eq!(document(&text).to_json(), expected);
}

#[test]
fn keys_become_texts_as_in_javascript() {
    let text = "1: a\ntrue: b\n1.50: c\n~: d\n<<: {e: f}\n0x10: g\n";
    let expected = json!({"1": "a", "true": "b", "1.5": "c", "": "d", "<<": {"e": "f"}, "16": "g"});
    assert_eq!(document(text).to_json(), expected);
}

#[test]
fn core_tags_are_applied_and_others_are_warned_about() {
    let fine = document(
        "a: !!str 1\nb: !!int \"3\"\nc: !!null x\nd: ! 5\ne: !!map {}\nf: !!seq []\ng: !!float 2\n",
    );
    assert_eq!(
        fine.to_json(),
        json!({"a": "1", "b": 3, "c": "x", "d": "5", "e": {}, "f": [], "g": 2})
    );
    assert_eq!(
        fine.warnings.len(),
        1,
        "only `!!null x` does not fit: {:#?}",
        fine.warnings
    );

    let odd = document("a: !Ref thing\nb: !env {c: 1}\n");
    assert_eq!(odd.to_json(), json!({"a": "thing", "b": {"c": 1}}));
    let shown: Vec<String> = odd.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown[0],
        "f.yaml:1:4: warning[yaml-unknown-tag]: the tag `!Ref` is not known or does not fit; the value is read as if it were not there\n  accepted: !!str, !!int, !!float, !!bool, !!null, !!seq and !!map\n  fix: remove `!Ref`, or put the value in quotes"
    );
    assert_eq!(shown.len(), 2);
}

#[test]
fn aliases_repeat_values() {
    let document = document("base: &b {x: [1, 2]}\nother: *b\nname: &n a\n*n : v\n");
    assert_eq!(
        document.to_json(),
        json!({"base": {"x": [1, 2]}, "other": {"x": [1, 2]}, "name": "a", "a": "v"})
    );
    assert_eq!(document.root.at("/other").unwrap().mark, Mark::new(2, 8));
}

#[test]
fn the_order_of_keys_is_kept() {
    let value = document("z: 1\na: 2\nm: 3\n").to_json();
    let keys: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["z", "a", "m"]);
}

#[test]
fn documents_are_independent() {
    let text = "kind: A\n---\nkind: [B\n---\n# nothing\n---\nkind: C\nkind: D\nx: 1\nx: 2\n...\n%YAML 1.2\n# note\n--- # last\nkind: E\n---\n";
    let results = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
    let shown: Vec<String> = results
        .iter()
        .map(|result| match result {
            Ok(document) => format!(
                "{} {} {}-{}",
                document.index,
                document.root.get("kind").unwrap().as_str().unwrap(),
                document.first_line,
                document.last_line
            ),
            Err(problem) => format!("{}:{} {}", problem.line, problem.column, problem.code),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "0 A 1-1",
            "3:7 yaml-syntax",
            "8:1 yaml-duplicate-key",
            "10:1 yaml-duplicate-key",
            "4 E 12-15",
        ]
    );
}

#[test]
fn markers_are_found_with_every_kind_of_line_break() {
    for line_break in ["\n", "\r\n", "\r"] {
        let text = [
            "a: 1",
            "--- {b: 2}",
            "---",
            "c: |",
            "  x",
            "  ---",
            "d: --- 3",
            "",
        ]
        .join(line_break);
        let found: Vec<Value> = parse_documents("f", text.as_bytes(), &Limits::default())
            .into_iter()
            .map(|result| {
                result
                    .unwrap_or_else(|problem| panic!("{line_break:?} {problem}"))
                    .to_json()
            })
            .collect();
        assert_eq!(found.len(), 3, "{line_break:?} {found:?}");
        assert_eq!(found[1], json!({"b": 2}));
    }
}

#[test]
fn a_byte_order_mark_is_accepted() {
    assert_eq!(problems(b"\xef\xbb\xbfkind: A\n"), Vec::<String>::new());
}

/// What people get wrong, with the exact answer.
#[test]
fn bad_files_get_answers_that_help() {
    let cases: &[(&[u8], &str)] = &[
        (
            b"a:\n\tb: 1\n",
            "f.yaml:2:1: error[yaml-tab]: a tab is used as indentation\n  accepted: spaces only, two per level by custom\n  fix: replace the tab by spaces",
        ),
        (
            b"a: 1\nb: 2\na: 3\n",
            "f.yaml:3:1: error[yaml-duplicate-key]: the key `a` stands twice in the same mapping, on line 1 and on line 3\n  accepted: every key once\n  fix: remove or rename one of the two `a` keys",
        ),
        (
            b"name: {{ values.name }}\n",
            "f.yaml:1:7: error[yaml-complex-key]: `{{` is not in quotes, so that YAML reads a mapping\n  accepted: a text in quotes\n  fix: put the value in quotes: \"{{ values.name }}\"; or render the template first",
        ),
        (
            b"a: *missing\n",
            "f.yaml:1:4: error[yaml-unknown-anchor]: the alias `*missing` refers to an anchor that is not defined before it in this document\n  accepted: an anchor such as `&name` earlier in the same document\n  fix: define the anchor, or put the value in quotes if it is meant as text: \"*missing\"",
        ),
        (
            b"a: &x [*x]\n",
            "f.yaml:1:8: error[yaml-alias-cycle]: the alias refers to the value that holds it\n  accepted: an alias of a value that ended before this place\n  fix: write the value out instead of using an alias",
        ),
        (
            b"- a\n- b\n",
            "f.yaml:1:1: error[not-a-mapping]: expected an object at the root of the document, found a list\n  accepted: a mapping such as `apiVersion: …`, `kind: …`, `metadata: …`, `spec: …`\n  fix: write `key: value` lines, or separate several entities by `---` lines",
        ),
        (
            b"description: owner: me\n",
            "f.yaml:1:19: error[yaml-syntax]: `: ` stands twice on one line\n  accepted: one `key: value` on a line; `: ` inside a value in quotes only\n  fix: write `owner: me` on the next line, indented by two spaces more; or put the value in quotes: \"owner: me\"",
        ),
        (
            b"a: \"open\nb: 1\n",
            "f.yaml:1:4: error[yaml-syntax]: a quoted text is not closed\n  accepted: a text between two `\"`\n  fix: add the closing `\"`; write \\\" for a quote inside double quotes",
        ),
        (
            b"a: @me\n",
            "f.yaml:1:4: error[yaml-syntax]: a value cannot begin with `@`\n  accepted: a text that begins with a letter, a digit, `/`, `.` or `_`, or any text in quotes\n  fix: put the value in quotes: \"@me\"",
        ),
        (
            b"a: [1, 2\nb: 3\n",
            "f.yaml:1:4: error[yaml-syntax]: `[` is not closed\n  accepted: `]` behind the last item\n  fix: add the missing `]`, or put the value in quotes if `[` is part of a text",
        ),
        (
            b"a: {b: 1\n",
            "f.yaml:1:4: error[yaml-syntax]: `{` is not closed\n  accepted: `}` behind the last item\n  fix: add the missing `}`, or put the value in quotes if `{` is part of a text",
        ),
        (
            b"a: 1\n  b: 2\n",
            "f.yaml:2:3: error[yaml-syntax]: the line is indented more than the line before, which already has a value\n  accepted: no space, as before `a`\n  fix: begin the line at the left margin, or remove the value on line 1 if the line belongs to it",
        ),
        (
            b"a:\n  b: 1\n c: 2\n",
            "f.yaml:3:2: error[yaml-syntax]: the line is not indented like its neighbours\n  accepted: 2 spaces, as before `b`; or no space, as before `a`\n  fix: begin the line with 2 spaces if it stands beside `b`; keys of one mapping have the same number of spaces",
        ),
        (
            b"a:\n  - 1\n  b: 2\n",
            "f.yaml:3:3: error[yaml-syntax]: the line stands among list items but does not begin with `- `\n  accepted: `- ` items, or 4 spaces for a key of the item on line 2\n  fix: begin the line with `- `, or with 4 spaces if it belongs to the item on line 2",
        ),
        (
            b"a: 1\nb\n",
            "f.yaml:2:1: error[yaml-syntax]: `b` stands alone: no colon follows it\n  accepted: `key: value`, with a colon and a space\n  fix: write `b: …`, or indent the line so that it belongs to the value before it",
        ),
        (
            b"a: ]\n",
            "f.yaml:1:4: error[yaml-syntax]: `]` closes nothing\n  accepted: as many closing brackets as opening ones\n  fix: remove the bracket, or put the value in quotes if it is part of a text",
        ),
        (
            b"a: \"\\q\"\n",
            "f.yaml:1:5: error[yaml-syntax]: `\\q` is no escape of a double-quoted text\n  accepted: `\\\\`, `\\\"`, `\\n`, `\\t`, `\\u` with four hexadecimal digits, and the others of YAML\n  fix: write a backslash twice (\\\\), or use single quotes",
        ),
        (
            b"a: 'x' y\n",
            "f.yaml:1:8: error[yaml-syntax]: something follows a quoted text on the same line\n  accepted: one text in one pair of quotes\n  fix: put the whole value in one pair of quotes: \"x y\"",
        ),
        (
            b"a: - 1\n",
            "f.yaml:1:4: error[yaml-syntax]: a list cannot begin behind its key\n  accepted: `- ` items on lines of their own, or `[a, b]`\n  fix: write `- 1` on a line of its own below `a:`, or put the value in quotes if it is a text",
        ),
        (
            b"\xff\xfea\x00:\x00",
            "f.yaml:1:1: error[encoding-utf16]: the file is encoded in UTF-16\n  accepted: UTF-8\n  fix: save the file as UTF-8",
        ),
        (
            b"a: b\nc: \xc7\xd1\n",
            "f.yaml:2:4: error[encoding-invalid-utf8]: the file is not valid UTF-8: byte 0xc7 does not fit here\n  accepted: UTF-8\n  fix: save the file as UTF-8 (an editor may have used Latin-1, Windows-1252 or EUC-KR)",
        ),
        (
            b"\x7fELF\x02\x01\x00\x00",
            "f.yaml:1:7: error[binary-file]: the file holds a NUL byte; it is no text file\n  accepted: YAML or JSON text in UTF-8\n  fix: point the location to a YAML file, or save the file as UTF-8",
        ),
    ];
    let mut failures = Vec::new();
    for (text, expected) in cases {
        let found = problems(text);
        if found.first().map(String::as_str) != Some(*expected) {
            failures.push(format!(
                "{:?}\n{}",
                String::from_utf8_lossy(text),
                found.join("\n")
            ));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn all_problems_of_a_document_are_reported() {
    let found = problems(b"a: 1\na: 2\nb: {c: 1, c: 2}\nd: [\n");
    let codes: Vec<&str> = found
        .iter()
        .map(|text| text.split(['[', ']']).nth(1).unwrap())
        .collect();
    assert_eq!(
        codes,
        ["yaml-duplicate-key", "yaml-duplicate-key", "yaml-syntax"]
    );
}

#[test]
fn many_warnings_hide_no_error() {
    let text = format!("a: 1\nb: [{}]\na: 2\n", "!Ref x, ".repeat(60));
    assert!(problems(text.as_bytes())[0].contains("error[yaml-duplicate-key]"));
}

#[test]
fn limits_are_kept() {
    let limits = Limits {
        max_bytes: 5_000,
        max_documents: 3,
        max_depth: 5,
        max_nodes: 200,
        max_problems: 2,
    };
    let first = |text: &str| {
        parse_documents("f.yaml", text.as_bytes(), &limits)
            .into_iter()
            .find_map(Result::err)
            .map(|problem| problem.to_string())
            .unwrap_or_default()
    };
    assert_eq!(
        first(&"a".repeat(5_001)),
        "f.yaml: error[file-too-large]: the file has 5001 bytes, which is more than the limit of 5000 bytes\n  accepted: at most 5000 bytes\n  fix: split the file, or move large definitions into files of their own and refer to them with `$text`"
    );
    assert_eq!(
        first("a: 1\n---\na: 1\n---\na: 1\n---\na: 1\n"),
        "f.yaml:6:1: error[yaml-too-many-documents]: the file has more than 3 documents\n  accepted: at most 3 documents in one file\n  fix: split the file"
    );
    assert_eq!(
        first("a: [[[[[]]]]]"),
        "f.yaml:1:8: error[yaml-too-deep]: the document is nested deeper than 5 levels\n  accepted: at most 5 levels of lists and mappings\n  fix: flatten the document"
    );
    assert_eq!(first("a: [[[[]]]]"), "");
    assert_eq!(
        first(&format!("a: [{}]", "1, ".repeat(300))),
        "f.yaml:1:596: error[yaml-too-many-nodes]: the document has more than 200 values\n  accepted: at most 200 keys and values in one document\n  fix: split the document"
    );
    assert_eq!(
        first("a: &a [1, 2, 3, 4]\nb: &b [*a, *a, *a]\nc: &c [*b, *b, *b]\nd: [*c, *c, *c]\n"),
        "f.yaml:4:9: error[yaml-alias-bomb]: the aliases of the document stand for more than 200 values\n  accepted: at most 200 keys and values in one document once aliases are expanded\n  fix: remove aliases of values that hold aliases themselves"
    );
    let repeated = parse_documents("f.yaml", "a: 1\n".repeat(50).as_bytes(), &limits);
    assert_eq!(repeated.len(), 2, "no more than max_problems");
}

#[test]
fn the_classic_alias_bomb_is_harmless_with_default_limits() {
    let mut text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    for level in 1..10 {
        let below = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
    }
    assert!(problems(text.as_bytes())[0].contains("error[yaml-alias-bomb]"));
}

#[test]
fn one_value_of_any_type_for_substitutions() {
    let read = |text: &str| parse_value("f.yaml", text.as_bytes(), &Limits::default());
    assert_eq!(
        read("- 1\n- a\n").unwrap().unwrap().to_json(),
        json!([1, "a"])
    );
    assert_eq!(read("# nothing\n").unwrap(), None);
    let errors = read("a: 1\n---\nb: 2\n").unwrap_err();
    assert_eq!(errors[0].message, "expected to find exactly one document");
    assert_eq!(errors[0].line, 2);
    assert_eq!(read("a: [").unwrap_err().len(), 1);
}

/// Input that makes careless parsers quadratic. Each takes milliseconds here
/// even without optimisation; quadratic ones would need minutes.
#[test]
fn hostile_files_are_read_in_linear_time() {
    let started = std::time::Instant::now();
    let million = 400_000;
    for text in [
        "[".repeat(million),
        "{".repeat(million),
        "- ".repeat(million),
        "a: ".repeat(million),
        format!("a: [{}]", "x,".repeat(million)),
        format!("a: {{{}}}", "x: 1,".repeat(million / 4)),
        (0..million / 10).map(|n| format!("k{n}: 1\n")).collect(),
        (0..million / 10)
            .map(|n| format!("k{}: 1\n", n % (million / 20)))
            .collect(),
        "---\n".repeat(million / 10),
        "--- [\n".repeat(million / 40),
        format!("a: \"{}", "x\n ".repeat(million / 4)),
        format!("a: |\n{}", "  x\n".repeat(million / 4)),
        "\n".repeat(million),
        "#\n".repeat(million),
        format!("{}: 1", "k".repeat(million)),
        "? ".repeat(million),
        (0..5_000).map(|n| format!("a{n}: &a{n} [1]\n")).collect(),
    ] {
        let single = std::time::Instant::now();
        let _ = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
        let shown: String = text.chars().take(12).collect();
        assert!(
            single.elapsed().as_secs() < 20,
            "{shown:?} took {:?}",
            single.elapsed()
        );
        println!("{shown:?} {:?}", single.elapsed());
    }
    println!("all {:?}", started.elapsed());
}

/// 500 documents of 1.2 kB in one file: what a monorepo's catalog looks like.
#[test]
fn many_documents_in_one_file() {
    let text: String = (0..500)
        .map(|n| {
            format!(
                "---\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: service-{n}\n  description: >-\n    {}\n  annotations:\n    github.com/project-slug: acme/service-{n}\n  tags: [java, data]\nspec:\n  type: service\n  lifecycle: production\n  owner: team-a\n  dependsOn:\n    - resource:db-{n}\n",
                "lorem ipsum dolor ".repeat(50)
            )
        })
        .collect();
    assert!(text.len() > 550_000);
    let started = std::time::Instant::now();
    let documents = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
    let parsed = started.elapsed();
    assert_eq!(documents.len(), 500);
    for document in &documents {
        let document = document.as_ref().unwrap();
        model::check::check_document(crate::builtin(), "f.yaml", document).unwrap();
    }
    println!(
        "parsed in {parsed:?}, checked in {:?}",
        started.elapsed() - parsed
    );
}
