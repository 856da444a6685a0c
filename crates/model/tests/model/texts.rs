//! Short texts with a grammar: durations, location references, placeholders,
//! field formats beyond the recorded vectors.

use std::time::Duration;

use model::LocationRef;
use model::duration::{parse, parse_or_seconds, parse_text};
use model::field_format::Rule;
use model::placeholder::{Format, find, replace};
use serde_json::json;

#[test]
fn durations_in_every_accepted_form() {
    let seconds = |text: &str| {
        parse_text(text)
            .unwrap_or_else(|error| panic!("{text}: {error}"))
            .as_secs_f64()
    };
    for (text, expected) in [
        ("5m", 300.0),
        ("1h30m", 5_400.0),
        ("1.5h", 5_400.0),
        ("2 days", 172_800.0),
        ("100ms", 0.1),
        ("1 day 2 hours", 93_600.0),
        ("10S", 10.0),
        ("1w", 604_800.0),
        ("1y", 31_536_000.0),
        ("PT5M", 300.0),
        ("P1DT2H", 93_600.0),
        ("P2W", 1_209_600.0),
        ("PT0.5S", 0.5),
        ("P1M", 2_592_000.0),
        ("pt1h", 3_600.0),
        ("0s", 0.0),
    ] {
        assert!((seconds(text) - expected).abs() < 1e-9, "{text}");
    }
    assert_eq!(
        parse(&json!({"minutes": 5})).unwrap(),
        Duration::from_secs(300)
    );
    assert_eq!(
        parse(&json!({"hours": 1, "minutes": "30", "milliseconds": 5})).unwrap(),
        Duration::from_millis(5_400_005)
    );
    assert_eq!(
        parse(&json!({"days": 1.5})).unwrap(),
        Duration::from_secs(129_600)
    );
    assert_eq!(
        parse_or_seconds(&json!(90)).unwrap(),
        Duration::from_secs(90)
    );
    assert_eq!(
        parse_or_seconds(&json!("90")).unwrap(),
        Duration::from_secs(90)
    );
    assert_eq!(
        parse_or_seconds(&json!("90s")).unwrap(),
        Duration::from_secs(90)
    );
}

#[test]
fn other_durations_say_what_is_accepted() {
    let error = |value| parse(&value).unwrap_err();
    assert_eq!(error(json!("five")).to_string(), "`five` is not a duration");
    assert_eq!(
        error(json!("five")).accepted(),
        "an object such as {minutes: 5}, an ISO 8601 duration such as PT5M, or a text such as 5m, 1h30m or \"2 days\""
    );
    assert_eq!(
        error(json!({"minute": 5})).to_string(),
        "`minute` is not a unit of time"
    );
    assert_eq!(
        error(json!({"minute": 5})).accepted(),
        "years, months, weeks, days, hours, minutes, seconds, milliseconds"
    );
    assert_eq!(
        error(json!({"minutes": "x"})).to_string(),
        "the amount of `minutes` must be a number"
    );
    assert_eq!(
        error(json!("-5m")).to_string(),
        "a duration cannot be negative: `-5m`"
    );
    assert_eq!(
        error(json!({"seconds": -1})).to_string(),
        "a duration cannot be negative: `{\"seconds\":-1}`"
    );
    assert_eq!(
        error(json!("200y")).to_string(),
        "`200y` is more than 100 years"
    );
    for refused in [
        json!(5),
        json!("5"),
        json!(""),
        json!({}),
        json!(null),
        json!([]),
        json!("P"),
        json!("PT"),
        json!("5m5m"),
        json!("m"),
        json!("1h-2m"),
        json!("5 lightyears"),
        json!("1e400s"),
        json!(".s"),
        json!("1..2s"),
    ] {
        assert!(parse(&refused).is_err(), "{refused}");
    }
}

#[test]
fn location_refs_beyond_the_vectors() {
    let error = |text: &str| LocationRef::parse(text).unwrap_err().to_string();
    assert_eq!(
        error("nocolon"),
        "Unable to parse location ref 'nocolon', expected '<type>:<target>', e.g. 'url:https://host/path'"
    );
    assert_eq!(
        error(":x"),
        "Unable to parse location ref ':x', expected '<type>:<target>', e.g. 'url:https://host/path'"
    );
    assert_eq!(
        error("http://x"),
        "Invalid location ref 'http://x', please prefix it with 'url:', e.g. 'url:http://x'"
    );
    assert_eq!(
        error("url:\u{1} java\nscr\tipt:x"),
        r"Invalid location ref 'url:\u{1} java\nscr\tipt:x', target is a javascript: URL"
    );
    assert!(LocationRef::parse("url:javascripts:x").is_ok());
    let parsed: LocationRef = " file : ./a:b ".parse().unwrap();
    assert_eq!((parsed.location_type(), parsed.target()), ("file", "./a:b"));
    assert_eq!(parsed.to_string(), "file:./a:b");
    assert_eq!(
        LocationRef::new("url", "https://x").unwrap().to_string(),
        "url:https://x"
    );
    assert_eq!(
        LocationRef::new("", "x").unwrap_err().to_string(),
        "Unable to stringify location reference, empty location type"
    );
    assert_eq!(
        LocationRef::new("x", "").unwrap_err().to_string(),
        "Unable to stringify location reference, empty location target"
    );
}

#[test]
fn placeholders_are_found_and_replaced() {
    let mut document = json!({
        "spec": {
            "definition": {"$text": "./a.yaml"},
            "list": [{"$json": "b.json"}, {"$yaml": "https://x/c", "more": 1}, {"$other": "x"}],
            "a/b": {"$yaml": "c.yaml"},
            "bad": {"$text": 5}
        }
    });
    let found = find(&document);
    let shown: Vec<String> = found
        .iter()
        .map(|found| match found {
            Ok(found) => format!("{} {} {}", found.pointer, found.format.key(), found.target),
            Err(error) => format!("{} {error}", error.pointer),
        })
        .collect();
    assert_eq!(
        shown,
        [
            "/spec/definition $text ./a.yaml",
            "/spec/list/0 $json b.json",
            "/spec/a~1b $yaml c.yaml",
            "/spec/bad Placeholder $text expected a string value parameter, in the form of an absolute URL or a relative path",
        ]
    );
    assert_eq!(found[2].as_ref().unwrap().format, Format::Yaml);
    assert!(replace(&mut document, "/spec/a~1b", json!([1])));
    assert!(replace(&mut document, "/spec/list/0", json!("x")));
    assert!(!replace(&mut document, "/spec/none/0", json!("x")));
    assert_eq!(document["spec"]["a/b"], json!([1]));
    assert_eq!(document["spec"]["list"][0], "x");
}

#[test]
fn field_formats_beyond_the_vectors() {
    let long = "a".repeat(63);
    let domain = vec!["a".repeat(63); 3].join(".");
    for (rule, text, accepted) in [
        (Rule::EntityName, &*format!("{long}a"), false),
        (Rule::EntityName, "", false),
        (Rule::EntityName, "a\n", false),
        (Rule::Kind, "1a", false),
        (Rule::Kind, "a", true),
        (Rule::ApiVersion, "", false),
        (Rule::ApiVersion, "A.io/v1", false),
        (Rule::ApiVersion, "a.io/b/v1", false),
        (
            Rule::ApiVersion,
            &format!("{domain}.{}/v1", "a".repeat(61)),
            true,
        ),
        (
            Rule::ApiVersion,
            &format!("{domain}.{}/v1", "a".repeat(62)),
            false,
        ),
        (Rule::Namespace, "a-", false),
        (Rule::Tag, "node.js", false),
        (Rule::Tag, "c#", true),
        (Rule::Tag, "-a", false),
        (Rule::Tag, "a-", false),
        (Rule::Tag, "A", false),
        (Rule::LabelKey, "a..b/c", false),
        (Rule::LabelKey, "/c", false),
        (Rule::LabelKey, "c/", false),
        (Rule::LabelValue, "a b", false),
        (Rule::AnnotationKey, "A/b", false),
        (Rule::AnnotationValue, "any thing", true),
        (Rule::Url, "https://x", true),
        (Rule::Url, "mailto:a@b", true),
        (Rule::Url, "//x", false),
        (Rule::Url, "x", false),
    ] {
        assert_eq!(rule.accepts_text(text), accepted, "{rule:?} {text:?}");
    }
}

#[test]
fn messages_use_backstages_words() {
    for (rule, words) in [
        (Rule::ApiVersion, "a valid prefix and/or suffix"),
        (
            Rule::Kind,
            "a string that is a sequence of [a-zA-Z][a-z0-9A-Z], at most 63 characters in total",
        ),
        (
            Rule::LabelValue,
            "a string that is sequences of [a-zA-Z0-9] separated by any of [-_.], at most 63 characters in total",
        ),
        (Rule::AnnotationKey, "a valid prefix and/or suffix"),
        (Rule::Url, "a string that is a valid url"),
    ] {
        assert_eq!(
            rule.message("some.field", &json!("x y")),
            format!(
                "\"some.field\" is not valid; expected {words} but found \"x y\". To learn more about catalog file format, visit: https://github.com/backstage/backstage/blob/master/docs/architecture-decisions/adr002-default-catalog-file-format.md"
            )
        );
    }
    assert_eq!(
        Rule::EntityName.repaired("Bad  Name!"),
        Some("Bad-Name".to_owned())
    );
    assert_eq!(
        Rule::Tag.repaired("Node.JS 18"),
        Some("node-js-18".to_owned())
    );
    assert_eq!(Rule::Namespace.repaired("한글"), None);
    assert_eq!(Rule::EntityName.repaired("fine"), None);
}
