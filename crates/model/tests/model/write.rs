//! YAML that is written reads back as the same value.

use model::yaml::{Limits, parse_value, to_yaml};
use proptest::prelude::*;
use serde_json::{Value, json};

fn back(text: &str) -> Value {
    parse_value("f.yaml", text.as_bytes(), &Limits::default())
        .unwrap_or_else(|found| panic!("{text}\n{found:?}"))
        .map_or(Value::Null, |node| node.to_json())
}

#[test]
fn it_reads_like_a_catalog_file() {
    let value = json!({
        "apiVersion": "backstage.io/v1alpha1",
        "metadata": {
            "name": "결제", "tags": ["java", "on"], "labels": {},
            "links": [{"url": "https://a.b/c", "title": "x: y"}],
        },
        "spec": {
            "definition": "openapi: 3.1.0\ninfo:\n  title: T\n",
            "parameters": {"$text": "./a.yaml"},
            "lifecycle": null, "count": 3, "list": [[1, 2], []],
        },
    });
    let expected = r#"apiVersion: backstage.io/v1alpha1
metadata:
  name: 결제
  tags:
    - java
    - "on"
  labels: {}
  links:
    - url: https://a.b/c
      title: "x: y"
spec:
  definition: |
    openapi: 3.1.0
    info:
      title: T
  parameters:
    $text: "./a.yaml"
  lifecycle: null
  count: 3
  list:
    -
      - 1
      - 2
    - []
"#;
    assert_eq!(to_yaml(&value), expected);
    assert_eq!(back(expected), value);
}

#[test]
fn texts_that_look_like_something_else_stay_texts() {
    for text in [
        "",
        " ",
        "~",
        "null",
        "Null",
        "true",
        "Yes",
        "NO",
        "on",
        "y",
        "1",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "0x1f",
        "0o7",
        "1_000",
        ".5",
        ".inf",
        "-.INF",
        ".nan",
        "2024-01-31",
        "12:30:45",
        "=",
        "<<",
        "-",
        "- a",
        "? a",
        "key: value",
        "key:",
        "a #b",
        "#a",
        "@a",
        "`a`",
        "%a",
        "&a",
        "*a",
        "!a",
        "|",
        ">",
        "|-",
        "[a]",
        "{a: b}",
        "a, b",
        "'a'",
        "\"a\"",
        "--- a",
        "---",
        "...",
        "  leading",
        "trailing  ",
        "\ttab",
        "a\tb",
        "a\nb",
        "a\nb\n",
        "a\n\nb\n\n",
        "\na",
        "  a\n b",
        "a\n  b\n",
        "a\r\nb",
        "\u{85}",
        "\u{2028}",
        "\u{feff}a",
        "\0",
        "\u{7f}",
        "가나다",
        "🙂 emoji",
        "👩‍👩‍👧",
        "C:\\temp",
        "it's",
        "# no comment\nx",
        "a: |\n  b",
        "\u{10ffff}",
    ] {
        for value in [
            json!(text),
            json!([text]),
            json!({"k": text}),
            json!({text: {text: [text]}}),
        ] {
            let written = to_yaml(&value);
            assert_eq!(back(&written), value, "{written}");
        }
    }
}

#[test]
fn long_keys_and_deep_values_come_back() {
    let long = "k".repeat(5_000);
    let value = json!({ &long: {"a": [{ &long: 1 }]}, "b": "x".repeat(5_000) });
    assert_eq!(back(&to_yaml(&value)), value);
    let mut deep = json!("x: y");
    for _ in 0..90 {
        deep = json!([{ "a": deep }]);
        if to_yaml(&deep).len() > 20_000 {
            break;
        }
    }
    let limits = Limits {
        max_depth: 500,
        ..Limits::default()
    };
    let read = parse_value("f.yaml", to_yaml(&deep).as_bytes(), &limits);
    assert_eq!(read.unwrap().unwrap().to_json(), deep);
}

fn any_value() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "\\PC{0,12}",
        any::<String>(),
        "[a-z: #\\-\\n\\t\"'|>%@&*!?{}\\[\\],0-9.~]{0,16}",
        "(a|  b|\\n|c: d|# e|- f){0,6}",
        "[+-]?[0-9]{0,3}[.:_e-]?[0-9]{0,3}",
        "[ynYN~]|(true|NO|Off|null|가|\u{1f642}){0,2}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e6..1e6f64)
            .prop_filter("whole floats come back as integers", |x| x.fract() != 0.0)
            .prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((text.clone(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(value in any_value()) {
        let text = to_yaml(&value);
        prop_assert!(text.ends_with('\n'));
        prop_assert_eq!(back(&text), value, "{}", text);
    }
}
