//! The query language of the list: what is read, what is refused and where.
#![expect(clippy::expect_used, reason = "a test fails like this")]

use catalog::list_query::{ListQuery, Problem};
use proptest::prelude::*;

/// What is read, printed.
fn printed(text: &str) -> String {
    ListQuery::parse(text).expect(text).to_string()
}

/// The marked place of a refused query, and what is wrong.
fn refused(text: &str) -> (&str, Problem) {
    let error = ListQuery::parse(text).expect_err(text);
    (
        text.get(error.place).expect("a place in the text"),
        error.problem,
    )
}

#[test]
fn the_grammar_is_as_documented() {
    for (text, wanted) in [
        ("", ""),
        ("payment service", "payment service"),
        (
            "OWNER:team-pay Kind:component",
            "owner:team-pay kind:component",
        ),
        ("type:service,website", "type:service,website"),
        (
            "owner:group:default/team-pay",
            "owner:group:default/team-pay",
        ),
        ("owner:결제팀 결제", "owner:결제팀 결제"),
        ("tag:\"a b\",c", "tag:\"a b\",c"),
        (
            "label.foo:bar annotation.x/y",
            "label.foo:bar annotation.x/y",
        ),
        (
            "has:annotation.x/y -is:orphan",
            "has:annotation.x/y -is:orphan",
        ),
        ("tier<=2", "tier<=2"),
        ("tier:>=2", "tier>=2"),
        ("a and b or not c", "a \"b\" or -c"),
        ("(a or b) tag:x", "(a or b) tag:x"),
        ("((a))", "a"),
        ("- e-mail", "\"- e-mail\""),
        ("\"owner:x\"", "\"owner:x\""),
        ("-(tag:a or tag:b)", "-(tag:a or tag:b)"),
        ("-legacy service", "-legacy service"),
        ("a<b", "\"a<b\""),
        (r#""say \"hi\" \\""#, r#""say \"hi\" \\""#),
    ] {
        assert_eq!(printed(text), wanted, "{text}");
    }
    // `and` is what stands side by side means; negation takes one word.
    assert_eq!(ListQuery::parse("a AND tag:b"), ListQuery::parse("a tag:b"));
    assert_eq!(ListQuery::parse("not a b"), ListQuery::parse("-a b"));
    assert_ne!(ListQuery::parse("a b"), ListQuery::parse("a and b"));
}

#[test]
fn a_refusal_marks_the_token() {
    let text = |text: &str| text.to_owned();
    for (query, place, problem) in [
        ("kind:api ownr:x", "ownr", Problem::Field(text("ownr"))),
        ("http://x", "http", Problem::Field(text("http"))),
        ("tag:", "tag:", Problem::NoValue(text("tag"))),
        ("결제 tag:a,,b", "tag:a,,b", Problem::NoValue(text("tag"))),
        ("is:new", "is:new", Problem::State(text("new"))),
        ("has:money", "has:money", Problem::Having(text("money"))),
        ("owner<3", "owner<3", Problem::Order(text("owner"))),
        ("tier<1,2", "tier<1,2", Problem::Order(text("tier"))),
        ("a \"b", "\"b", Problem::Quote),
        ("tag:\"b", "\"b", Problem::Quote),
        ("a \"\"", "\"\"", Problem::Nothing),
        ("a ()", "()", Problem::Nothing),
        ("(a", "(", Problem::Parenthesis),
        ("a)", ")", Problem::Parenthesis),
        ("a or", "or", Problem::Operand(text("or"))),
        ("and a", "and", Problem::Operand(text("and"))),
        ("a NOT", "NOT", Problem::Operand(text("NOT"))),
    ] {
        assert_eq!(refused(query), (place, problem), "{query}");
    }
    assert_eq!(refused(&"(".repeat(999)).1, Problem::Depth);
    let long = "가".repeat(1_001);
    assert_eq!(refused(&long), ("가", Problem::Length));
}

/// Texts that are nearly queries.
fn nearly() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        "[a-c가나]{1,3}",
        "(owner|kind|tag|is|has|tier|label\\.k|annotation\\.x/y|nobody)(:|<=?|>=?)[a-b<>=:,]{0,3}",
        "(is:(orphan|mine)|has:(tag|label\\.q))",
        "(or|and|not|OR|-|--|\\(|\\)|,|:)",
        "\"[a b,:()\\\\-]{0,4}\"",
        "(tag|name|tier<):?\"[a b,<=\\\\]{1,3}\"(,\"?x\"?)?",
        "label\\.[a,=]{1,3}",
    ];
    let space = prop_oneof![Just(" "), Just(""), Just("\u{3000}")];
    proptest::collection::vec((token, space), 0..12).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(token, space)| [token, space.to_owned()])
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn what_is_printed_is_read_back_as_equal(text in nearly()) {
        if let Ok(query) = ListQuery::parse(&text) {
            let printed = query.to_string();
            prop_assert_eq!(ListQuery::parse(&printed), Ok(query), "{} printed as {}", text, printed);
        }
    }

    #[test]
    fn nothing_panics_and_places_are_in_the_text(text in prop_oneof![any::<String>(), nearly()]) {
        if let Err(error) = ListQuery::parse(&text) {
            prop_assert!(text.get(error.place.clone()).is_some_and(|marked| !marked.is_empty()), "{:?}", error);
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
