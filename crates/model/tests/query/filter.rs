use model::query::{FilterError, Predicate, parse_filters};
use proptest::prelude::*;
use serde_json::{Value, json};

fn parsed(filters: &[&str]) -> Value {
    parse_filters(filters)
        .unwrap()
        .map_or(Value::Null, |predicate| predicate.to_json())
}

#[test]
fn statements_and_parameters_combine() {
    assert_eq!(parsed(&[]), Value::Null);
    assert_eq!(parsed(&["", " , "]), Value::Null);
    assert_eq!(
        parsed(&["kind=a", ""]),
        json!({"kind": "a"}),
        "an empty alternative is none"
    );
    assert_eq!(parsed(&["a="]), json!({"a": ""}));
    assert_eq!(
        parsed(&["a = x = y "]),
        json!({"a": "x = y"}),
        "only the first = divides"
    );
    assert_eq!(
        parsed(&["a,a=b"]),
        json!({"a": "b"}),
        "a value says more than existence"
    );
    assert_eq!(parsed(&["a=b,a=b"]), json!({"a": {"$in": ["b", "b"]}}));
    assert_eq!(
        parsed(&["a=1,b=2,a=3"]),
        json!({"$all": [{"a": {"$in": ["1", "3"]}}, {"b": "2"}]}),
    );
    assert_eq!(
        parsed(&["kind=a,x", "kind=b"]),
        json!({"$any": [{"$all": [{"kind": "a"}, {"x": {"$exists": true}}]}, {"kind": "b"}]}),
    );
}

#[test]
fn a_statement_without_a_key_is_refused() {
    for filter in ["=x", "a=b, =x ", " = "] {
        let error = parse_filters(&[filter]).unwrap_err();
        assert!(
            matches!(&error, FilterError::Statement(s) if s.starts_with('=')),
            "{error}"
        );
    }
}

#[test]
fn a_key_that_the_json_form_reads_as_an_operator_is_refused() {
    for (filter, key) in [("$all=x", "$all"), ("kind=a, $x ", "$x"), ("$", "$")] {
        let error = parse_filters(&[filter]).unwrap_err();
        assert_eq!(error, FilterError::Operator(key.to_owned()));
        assert!(error.to_string().contains("metadata.name"), "{error}");
    }
    let fine = parse_filters(&["metadata.annotations.$x=$y"])
        .unwrap()
        .unwrap();
    assert_eq!(Predicate::from_json(&fine.to_json()), Ok(fine));
}

#[test]
fn a_long_statement_is_not_repeated_in_full() {
    let filter = format!("={}", "x".repeat(2_000_000));
    assert!(parse_filters(&[filter]).unwrap_err().to_string().len() < 300);
}

#[test]
fn a_request_has_a_limit() {
    let long = "a=b,".repeat(10_001);
    assert_eq!(parse_filters(&[long]), Err(FilterError::TooLong));
}

proptest! {
    #[test]
    fn nothing_panics(filters in prop::collection::vec("\\PC{0,24}|[a=, ]{0,16}", 0..4)) {
        let _ = parse_filters(&filters);
    }

    #[test]
    fn the_json_form_means_the_same(filters in prop::collection::vec("[a$=, .]{0,16}", 0..4)) {
        if let Ok(Some(condition)) = parse_filters(&filters) {
            prop_assert_eq!(Predicate::from_json(&condition.to_json()), Ok(condition));
        }
    }
}
