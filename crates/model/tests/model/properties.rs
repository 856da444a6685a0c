//! Properties over arbitrary input.

use model::LocationRef;
use model::check::{check_document, check_json};
use model::duration;
use model::kinds::Verdict;
use model::yaml::{Limits, NodeValue, parse_documents};
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::builtin;

const SAMPLE: &str = "# a sample with most of YAML's forms
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: &name \"orders\"
  labels: {a: 'b', \"c\": d}
  description: |
    several
    lines
  tags:
    - java
    - *name
spec: {type: service, lifecycle: >-
  folded, owner: [team, !!str 5, ~]}
---
? complex
: value
...
%YAML 1.2
---
a: 0x1f
";

fn limits() -> Limits {
    Limits {
        max_nodes: 2_000,
        max_depth: 20,
        ..Limits::default()
    }
}

/// Reads, checks and prints; the point is that nothing panics.
fn exercise(text: &[u8]) {
    let mut last = 0;
    for result in parse_documents("f.yaml", text, &limits()) {
        match result {
            Ok(document) => {
                assert!(document.first_line <= document.last_line);
                assert!(document.first_line >= last);
                last = document.first_line;
                let _ = check_document(builtin(), "f.yaml", &document).map_err(|problems| {
                    for problem in &problems {
                        assert!(problem.line >= 1 && problem.column >= 1, "{problem}");
                        assert!(!problem.to_string().is_empty());
                    }
                });
            }
            Err(problem) => assert!(!problem.to_string().is_empty()),
        }
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Whole floats come back as integers, so they are left out.
        (-1e9f64..1e9)
            .prop_filter("whole", |float| float.fract() != 0.0)
            .prop_map(Value::from),
        "[ -~가-힣\n\t\u{85}\u{2028}]{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "null", "~", "yes", "0x1f", "1e3", ".inf", "- a", "a: b", "#x", "'", "\"", "---",
            "...", "%", "@", "!x", "&a", "*a", "|", ">", "<<"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec(("[a-zA-Z0-9가-힣:# .-]{0,8}", inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A plain block-style emitter: quoted keys and texts, one entry per line.
fn emit(value: &Value, indent: usize, out: &mut String) {
    let pad = "  ".repeat(indent);
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, child) in map {
                out.push_str(&format!("\n{pad}{}:", Value::from(key.as_str())));
                emit(child, indent + 1, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("\n{pad}-"));
                emit(item, indent + 1, out);
            }
        }
        scalar => out.push_str(&format!(" {scalar}")),
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exercise(&bytes);
    }

    #[test]
    fn arbitrary_marks_never_panic(text in "[-:?#&*!|>'\"%@`{}\\[\\], \n\tab0.~<]{0,120}") {
        exercise(text.as_bytes());
    }

    #[test]
    fn mutated_documents_never_panic(
        cuts in prop::collection::vec((0usize..600, 0usize..8, "[-:#&*!|>'\"{}\\[\\], \n\ta]{0,4}"), 1..6)
    ) {
        let mut text: Vec<char> = SAMPLE.chars().collect();
        for (at, length, insert) in cuts {
            let start = at.min(text.len());
            let end = (start + length).min(text.len());
            text.splice(start..end, insert.chars());
        }
        exercise(text.into_iter().collect::<String>().as_bytes());
    }

    #[test]
    fn block_yaml_reads_back_as_the_json_it_was_made_of(value in json()) {
        let mut text = String::from("root:");
        emit(&value, 1, &mut text);
        let mut documents = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
        prop_assert_eq!(documents.len(), 1, "{}", text);
        let document = documents.remove(0).map_err(|problem| TestCaseError::fail(format!("{problem}\n{text}")))?;
        prop_assert_eq!(&document.to_json()["root"], &value, "{}", text);
    }

    #[test]
    fn json_is_yaml(value in json()) {
        let text = Value::Object(Map::from_iter([("root".to_owned(), value.clone())])).to_string();
        let mut documents = parse_documents("f.yaml", text.as_bytes(), &Limits::default());
        let document = documents.remove(0).map_err(|problem| TestCaseError::fail(format!("{problem}\n{text}")))?;
        prop_assert_eq!(&document.to_json()["root"], &value);
        prop_assert!(matches!(document.root.value, NodeValue::Mapping(_)));
    }

    #[test]
    fn the_fast_answer_and_the_list_of_problems_agree(spec in json(), metadata in json(), kind in "Component|API|Group|Template|AiResource|Nothing") {
        let mut value = serde_json::json!({"apiVersion": "backstage.io/v1alpha1", "kind": kind, "metadata": {"name": "n"}, "spec": spec});
        let verdict = builtin().validate(&value);
        if let Verdict::Invalid(problems) = &verdict {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(value.pointer(&problem.pointer).is_some(), "{:?}", problem);
            }
        }
        if check_json(builtin(), &value).is_ok() {
            prop_assert_eq!(verdict, Verdict::Valid);
        }
        value["metadata"] = metadata;
        if let Err(problems) = check_json(builtin(), &value) {
            prop_assert!(!problems.is_empty());
        }
    }

    #[test]
    fn short_texts_never_panic(text in "\\PC{0,40}") {
        let _ = duration::parse_text(&text);
        if let Ok(parsed) = LocationRef::parse(&text) {
            prop_assert_eq!(LocationRef::parse(&parsed.to_string()), Ok(parsed));
        }
    }
}
