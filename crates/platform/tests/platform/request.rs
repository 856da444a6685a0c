//! Reading requests, and how long errors may be.

use axum::response::IntoResponse as _;
use platform::ApiError;
use platform::request::{Body, Query};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn object(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn said<T: std::fmt::Debug>(outcome: Result<T, ApiError>) -> (String, String) {
    let error = outcome.unwrap_err();
    assert_eq!(error.status, 400);
    (error.message, error.accepted.unwrap_or_default())
}

#[test]
fn what_is_right_is_read() {
    let fields = object(&json!({
        "text": "x", "texts": ["a", "b"], "count": 20.0, "inner": { "list": [{ "n": 1 }] }, "order": "asc",
    }));
    let body = Body::new(&fields);
    assert_eq!(body.text("text").unwrap(), Some("x"));
    assert_eq!(body.text("missing").unwrap(), None);
    assert_eq!(body.texts("texts").unwrap(), Some(vec!["a", "b"]));
    assert_eq!(body.count("count").unwrap(), Some(20));
    assert_eq!(body.choice("order", &["asc", "desc"]).unwrap(), Some("asc"));
    let inner = body.required_object("inner").unwrap();
    let list = inner.objects("list").unwrap().unwrap();
    assert_eq!(list[0].count("n").unwrap(), Some(1));
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_what_came() {
    let fields = object(&json!({
        "text": 5, "texts": ["a", null], "count": -1, "large": 1e300, "null": null,
        "inner": { "list": [{}, { "n": "one" }] }, "order": "up", "long": "가".repeat(100),
    }));
    let body = Body::new(&fields);
    let own = |message: &str, accepted: &str| (message.to_owned(), accepted.to_owned());
    assert_eq!(
        said(body.text("text")),
        own("request/body/text must be string", "a text; this is 5")
    );
    assert_eq!(
        said(body.text("null")),
        own("request/body/null must be string", "a text; this is null")
    );
    assert_eq!(
        said(body.texts("texts")),
        own(
            "request/body/texts/1 must be string",
            "a text; this is null"
        )
    );
    assert_eq!(
        said(body.count("count")),
        own(
            "request/body/count must be >= 0",
            "a whole number of at least 0"
        )
    );
    assert_eq!(
        said(body.count("large")).0,
        "request/body/large must be integer"
    );
    assert_eq!(
        said(body.choice("order", &["asc", "desc"])),
        own(
            "request/body/order must be equal to one of the allowed values",
            "asc or desc"
        )
    );
    assert_eq!(
        said(body.required("none")),
        own(
            "request/body must have required property 'none'",
            "a JSON object with `none`"
        )
    );
    let inner = body.required_object("inner").unwrap();
    let list = inner.objects("list").unwrap().unwrap();
    assert_eq!(
        said(list[0].required_text("n")).0,
        "request/body/inner/list/0 must have required property 'n'"
    );
    assert_eq!(
        said(list[1].count("n")).0,
        "request/body/inner/list/1/n must be integer"
    );
    // A long text is not repeated.
    let (_, accepted) = said(body.list("long"));
    assert_eq!(
        accepted,
        format!("a list; this is the text \"{}…\"", "가".repeat(40))
    );
}

#[test]
fn a_query_parameter_is_one_of_a_few() {
    let query = Query::parse("a=x&b=z");
    assert_eq!(query.choice("a", &["x", "y"]).unwrap(), Some("x"));
    assert_eq!(query.choice("c", &["x", "y"]).unwrap(), None);
    assert_eq!(
        said(query.choice("b", &["x", "y"])),
        (
            "request/query/b must be equal to one of the allowed values".to_owned(),
            "x or y".to_owned()
        )
    );
}

fn sent(error: ApiError) -> ApiError {
    let mut response = error.into_response();
    response.extensions_mut().remove::<ApiError>().unwrap()
}

#[test]
fn a_long_error_keeps_its_beginning_and_its_end() {
    let long = format!("\"{}\" is no location type", "가".repeat(500_000));
    let left_out = long.chars().count() - 2_000;
    let error = sent(
        ApiError::input(long.clone())
            .accepted(long.clone())
            .fix(long.clone())
            .with_body(json!({ "errors": [{ "message": long }] })),
    );
    let body = error.body.unwrap()["errors"][0]["message"].clone();
    for text in [
        error.message.as_str(),
        error.accepted.as_deref().unwrap(),
        error.fix.as_deref().unwrap(),
        body.as_str().unwrap(),
    ] {
        assert!(text.chars().count() < 2_100, "{}", text.chars().count());
        assert!(text.starts_with("\"가가") && text.ends_with("가\" is no location type"));
        let said = format!("({left_out} characters left out)");
        assert!(text.contains(&said), "no {said}");
    }
    let short = "x".repeat(2_000);
    assert_eq!(sent(ApiError::input(short.clone())).message, short);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[a-c]", inner, 0..4)
                .prop_map(|all| Value::Object(all.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever came: it is read, or the error names the property and the place.
    #[test]
    fn anything_is_read_or_refused_with_its_place(value in any_json()) {
        let fields = object(&json!({ "p": value }));
        let body = Body::new(&fields);
        let outcomes = [
            body.text("p").err(),
            body.count("p").err(),
            body.texts("p").err(),
            body.list("p").err(),
            body.object("p").err(),
            body.objects("p").err(),
            body.choice("p", &["a", "b"]).err(),
        ];
        for error in outcomes.into_iter().flatten() {
            prop_assert_eq!(error.status.as_u16(), 400);
            prop_assert!(error.message.starts_with("request/body/p"), "{}", error.message);
            prop_assert!(error.accepted.is_some());
        }
        if let Ok(Some(number)) = body.count("p") {
            prop_assert!(number >= 0 && value.as_f64() == Some(number as f64));
        }
    }
}
