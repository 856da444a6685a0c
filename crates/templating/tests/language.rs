//! The language, case by case; and that no text can break the engine.

use proptest::prelude::*;
use serde_json::{Value, json};
use templating::{Engine, Options};

#[derive(Debug)]
struct Outcome {
    text: Option<String>,
    value: Option<Value>,
    undefined: bool,
}

fn outcome(engine: &Engine, template: &str, context: &Value) -> Outcome {
    let value = engine.value(template, context);
    Outcome {
        text: engine.render(template, context).ok(),
        undefined: matches!(value, Ok(None)),
        value: value.ok().flatten(),
    }
}

fn engine(cookiecutter: bool) -> Engine {
    Engine::new(Options {
        cookiecutter,
        ..Options::default()
    })
}

/// Numbers of JSON compare by value: 1.0 is 1.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|((k, a), (l, b))| k == l && same(a, b))
        }
        _ => left == right,
    }
}

/// Each case says what Nunjucks's language makes of a text: `text`; the `value`
/// where it is another, `undefined`; or an `error`.
#[test]
fn every_case_of_the_language_holds() {
    let file: Value = serde_json::from_str(include_str!("language.json")).expect("cases");
    let context = &file["context"];
    let cases = file["cases"].as_array().expect("cases");
    let mut wrong = Vec::new();
    for case in cases {
        let template = case["template"].as_str().expect("a template");
        let found = outcome(&engine(case["cookiecutter"] == true), template, context);
        let holds = if case["error"] == true {
            found.text.is_none() && found.value.is_none() && !found.undefined
        } else {
            let text = case["text"].as_str().expect("a text");
            let value = case.get("value").cloned().unwrap_or_else(|| json!(text));
            found.text.as_deref() == Some(text)
                && if case["undefined"] == true {
                    found.undefined
                } else {
                    found
                        .value
                        .as_ref()
                        .is_some_and(|found| same(found, &value))
                }
        };
        if !holds {
            wrong.push(format!("{case}\n     gave {found:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_recorded_cases_of_backstage_hold() {
    for (file, cookiecutter) in [("templating", false), ("templating-cookiecutter", true)] {
        let path = format!(
            "{}/../../../shared/conformance/backstage/vectors/{file}.json",
            env!("CARGO_MANIFEST_DIR")
        );
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!("skipped: the conformance data at {path} is absent");
            continue;
        };
        let file: Value = serde_json::from_str(&text).expect("JSON");
        let default = json!({"cookiecutter": {"name": "svc", "o": {"a": 1}, "list": [1, 2]}});
        let context = file.get("context").unwrap_or(&default);
        for case in file
            .get("cases")
            .unwrap_or(&file)
            .as_array()
            .expect("cases")
        {
            let template = case["template"].as_str().expect("a template");
            let found = outcome(&engine(cookiecutter), template, context);
            if let Some(wanted) = case["string"].get("ok") {
                assert_eq!(found.text.as_deref(), wanted.as_str(), "{template}");
            } else {
                assert_eq!(found.text, None, "{template}");
            }
            match case.get("value") {
                Some(value) if value["undefined"] == true => assert!(found.undefined, "{template}"),
                Some(value) if value.get("ok").is_some() => {
                    let found = found.value.expect("a value");
                    assert!(same(&found, &value["ok"]), "{template}: {found}");
                }
                Some(_) => assert!(found.value.is_none() && !found.undefined, "{template}"),
                None => {}
            }
        }
    }
}

#[test]
fn white_space_goes_where_it_is_wanted() {
    let engine = Engine::new(Options {
        trim_blocks: true,
        lstrip_blocks: true,
        ..Options::default()
    });
    let text = "a\n  {% if 1 %}\nb\n  {% endif %}\nc\n${{ 1 }}\n{# x #}\nd";
    assert_eq!(
        engine.render(text, &json!({})).expect("text"),
        "a\nb\nc\n1\n\nd"
    );
}

#[test]
fn functions_and_filters_of_the_caller_are_used() {
    let engine = engine(false)
        .with_filter("owner", |given| {
            let url = given[0]
                .as_ref()
                .and_then(Value::as_str)
                .ok_or("give it text")?;
            Ok(url.split('/').nth(3).map(|owner| json!(owner)))
        })
        .with_global("always", |_| Ok(Some(json!(true))));
    let context = json!({"url": "https://host/acme/shop"});
    assert_eq!(
        engine.value("${{ url | owner }}", &context),
        Ok(Some(json!("acme")))
    );
    assert_eq!(
        engine.value("${{ always() }}", &context),
        Ok(Some(json!(true)))
    );
    let error = engine
        .value("a\n ${{ 5 | owner }}", &context)
        .expect_err("an error");
    assert_eq!(
        error.to_string(),
        "line 2, column 10: `owner`: give it text"
    );
}

#[test]
fn errors_say_where_and_what_would_be_right() {
    let error = |text: &str| {
        engine(false)
            .render(text, &json!({}))
            .expect_err(text)
            .to_string()
    };
    assert_eq!(
        error("one\ntwo ${{ a | uper }}"),
        "line 2, column 13: there is no filter `uper`; did you mean `upper`?"
    );
    assert_eq!(
        error("${{ a && b }}"),
        "line 1, column 7: `&` has no meaning here; write `and`"
    );
    assert_eq!(
        error("{% include 'x' %}"),
        "line 1, column 1: `include` would load another template, which is not possible here"
    );
    assert_eq!(
        error("{% for x in y %}"),
        "line 1, column 1: `for` never ends; close it with `{% endfor %}`"
    );
    assert_eq!(
        error("${{ parameters.foo.bar() }}"),
        "line 1, column 5: `parameters.foo.bar` is undefined and cannot be called"
    );
}

#[test]
fn what_a_text_uses_is_listed() {
    let uses = engine(false)
        .inspect("{% set a = parameters.x %}${{ a }}${{ steps['one'].output | dump }}\n${{ pick(secrets.t) }}")
        .expect("uses");
    let paths: Vec<_> = uses
        .paths
        .iter()
        .map(|found| found.what.join("."))
        .collect();
    assert_eq!(paths, ["parameters.x", "steps.one.output", "secrets.t"]);
    assert_eq!(uses.filters[0].what, "dump");
    assert_eq!(
        (uses.calls[0].what.as_str(), uses.calls[0].line),
        ("pick", 2)
    );
}

/// That each text is stopped by a limit; by a lower one than alone, so that
/// the test does not take as long as the limits allow.
fn is_stopped(texts: &[String]) {
    for text in texts {
        let shown = text.get(..200).unwrap_or(text);
        let allowance = templating::Allowance::new(300_000, 8 * 1024 * 1024);
        let made = engine(false).render_within(text, &json!({}), &allowance);
        assert!(made.is_err(), "{shown}");
    }
}

#[test]
fn a_value_in_many_places_counts_at_each() {
    let doubled = "{% set a = ['x'] %}{% for i in range(50) %}{% set a = [a, a] %}{% endfor %}";
    let records = doubled.replace("[a, a]", "{'a': a, 'b': a}");
    is_stopped(&[
        format!("{doubled}${{{{ a }}}}"),
        format!("{doubled}${{{{ a == 'x' }}}}"),
        format!("{doubled}${{{{ a.flat(60) | length }}}}"),
        format!("{doubled}{{% set b = [] %}}${{{{ b.push(a) }}}}"),
        format!("{records}${{{{ a | dump }}}}"),
    ]);
}

#[test]
fn a_text_is_counted_before_it_is_put_together() {
    let long = "{% set s = 'x' | center(1000000) %}{% set a = [] %}{% for i in range(1000) %}{% set b = a.push(s) %}{% endfor %}";
    let again = |expression: &str| {
        format!(
            "{{% set s = 'xY' | center(1000000) %}}{{% for i in range(100) %}}{{% set t = {expression} %}}{{% endfor %}}"
        )
    };
    is_stopped(&[
        format!("{long}${{{{ a | join }}}}"),
        format!("{long}${{{{ a.join() }}}}"),
        format!("{long}${{{{ a | dump }}}}"),
        format!("{long}${{{{ s.concat({}) }}}}", "s, ".repeat(100) + "s"),
        format!("{long}${{{{ s | replace(r/ /g, s) }}}}"),
        format!("{long}${{{{ s.replace(s, '{}') }}}}", "$&".repeat(100)),
        // What makes text counts, also where nobody looks at it.
        again("s | upper"),
        again("s | truncate(900000)"),
        again("s.toUpperCase()"),
    ]);
}

#[test]
fn what_never_ends_is_stopped() {
    for text in [
        "{% for a in range(900000) %}{% for b in range(900000) %}x{% endfor %}{% endfor %}".to_owned(),
        "{% macro f() %}${{ f() }}{% endmacro %}${{ f() }}".to_owned(),
        "${{ range(0, 1, 0.0000001) | length }}".to_owned(),
        "{% set s = 'xxxxxxxxxxxxxxxx' %}{% for i in range(100) %}{% set s = s ~ s %}{% endfor %}".to_owned(),
        "${{ 'x' | center(1000000000) }}".to_owned(),
        "{% set a = [] %}${{ a.push(a) }}".to_owned(),
        "${{ [0] | batch(1000000, 1) | length }}".repeat(20),
        "{% set s = 'a' | center(8000000) %}{% set t = s.slice(4000001) %}${{ s.indexOf(t + 'b') }}".to_owned(),
        "{% set s = 'a' | center(30000000) %}${{ s.split('') | length }}".to_owned(),
        "${{ r/a/ }}".repeat(1_000),
        "${{ r/(\\w{100}){100}/ }}".to_owned(),
    ] {
        let shown = text.get(..200).unwrap_or(&text);
        assert!(engine(false).render(&text, &json!({})).is_err(), "{shown}");
    }
    // Whether it matches is the matcher's; it may only not hold the thread.
    let steps_back = "${{ 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!' | replace(r/(?=(a+)+$)(a+)+$/, 'b') }}";
    let _ = engine(false).render(steps_back, &json!({}));
    let deep = format!("${{{{ {}1{} }}}}", "(".repeat(5000), ")".repeat(5000));
    assert!(engine(false).render(&deep, &json!({})).is_err());
    let long = format!("${{{{ {}1 }}}}", "1 + ".repeat(5000));
    assert!(engine(false).render(&long, &json!({})).is_err());
    let nested = format!(
        "{}x{}",
        "{% if 1 %}".repeat(5000),
        "{% endif %}".repeat(5000)
    );
    assert!(engine(false).render(&nested, &json!({})).is_err());
}

#[test]
fn what_a_loop_nests_deeper_than_a_stack_is_let_go() {
    for text in [
        "{% set a = [] %}{% for i in range(300000) %}{% set a = [a] %}{% endfor %}${{ a | length }}",
        "{% set a = {} %}{% for i in range(300000) %}{% set a = {a: a} %}{% endfor %}${{ a | length }}",
        "{% set a = [] %}{% for i in range(300000) %}{% set a = [a].concat([a]) %}{% endfor %}${{ a | length }}",
    ] {
        let made = engine(false).render(text, &json!({}));
        assert!(made.is_ok_and(|text| text == "1" || text == "2"), "{text}");
    }
    let kept = "{% set a = [] %}{% for i in range(300000) %}{% set a = [a] %}{% endfor %}{% set b = [] %}${{ b.push(a) }}";
    assert_eq!(engine(false).render(kept, &json!({})).as_deref(), Ok("1"));
    let written =
        "{% set a = [] %}{% for i in range(300000) %}{% set a = [a] %}{% endfor %}${{ a }}";
    assert!(engine(false).render(written, &json!({})).is_err());
}

#[test]
fn what_many_texts_may_take_together_is_bounded() {
    let allowance = templating::Allowance::new(10_000, 1_000);
    let engine = engine(false);
    let text = "{% for i in range(100) %}x{% endfor %}";
    let made = (0..100).map(|_| engine.render_within(text, &json!({}), &allowance));
    let made = made.take_while(Result::is_ok).count();
    assert!((2..10).contains(&made), "{made}");
    assert!(engine.render(text, &json!({})).is_ok(), "alone it is fine");
}

#[test]
fn functions_are_not_kept() {
    for text in [
        "${{ [range] | length }}",
        "${{ {a: range} | length }}",
        "${{ [].concat(range) | length }}",
        "${{ [1] | batch(2, range) | length }}",
    ] {
        let refused = engine(false).render(text, &json!({})).expect_err(text);
        assert!(refused.message.contains("cannot be kept"), "{refused}");
    }
}

/// Pieces that templates are made of, in any order.
fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "${{ ",
        " }}",
        "{% ",
        " %}",
        "{# ",
        " #}",
        "if ",
        "endif",
        "for ",
        "x in ",
        "endfor",
        "set ",
        "macro ",
        "raw",
        "endraw",
        "else",
        "a",
        ".b",
        "['c']",
        "[1:",
        "]",
        "(",
        ")",
        "{",
        "}",
        " | ",
        "sort",
        "join",
        "batch(0)",
        "slice(2)",
        "round",
        "+",
        "-",
        "*",
        "/",
        "%",
        "**",
        "//",
        "~",
        "==",
        "<",
        "not ",
        "and ",
        "is ",
        "odd",
        "1",
        "2.5",
        "'t'",
        "\"",
        "'",
        "\\",
        "한",
        "\n",
        "-%}",
        "{%-",
        "r/a(/g",
        ",",
        ":",
        "=",
        ".push(a)",
        ".split('')",
        ".toFixed(2)",
        "loop.index",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_text_panics(pieces in prop::collection::vec(piece(), 0..24), cookiecutter: bool) {
        let text = pieces.concat();
        let context = json!({"a": {"b": [1, "x", null], "c": {"d": 1.5}}, "x": [3, 1, 2]});
        let _ = engine(cookiecutter).value(&text, &context);
    }

    #[test]
    fn text_without_delimiters_stays_as_it_is(text in "[^{$#%}]{0,200}") {
        prop_assert_eq!(engine(false).render(&text, &json!({})), Ok(text));
    }

    #[test]
    fn a_lone_value_comes_out_as_it_went_in(number in -1e15..1e15_f64, text in ".*") {
        let context = json!({"n": number, "t": text});
        let found = engine(false).value("${{ n }}", &context).expect("a value").expect("defined");
        prop_assert_eq!(found.as_f64(), Some(number));
        prop_assert_eq!(engine(false).value("${{ t }}", &context), Ok(Some(json!(text))));
    }
}
