//! What is wrong with values, in Backstage's words and in people's.

use create::run::schema::problems;
use serde_json::json;

#[test]
fn every_keyword_of_the_seeds_has_words_in_both_languages() {
    let schema = json!({
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": { "type": "string", "pattern": "^[a-z][a-z0-9-]*$", "minLength": 3, "maxLength": 5 },
            "size": { "type": "integer", "minimum": 1, "maximum": 20 },
            "kind": { "type": "string", "enum": ["a", "b"] },
            "flag": { "type": "boolean" },
            "own": { "type": "string", "pattern": "^x+$", "errorMessage": "only x, please" },
            "list": { "type": "array", "minItems": 1, "uniqueItems": true },
        },
        "additionalProperties": false,
    });
    let first = |value: serde_json::Value| {
        problems(&schema, &value)
            .into_iter()
            .next()
            .expect("a problem")
    };
    for (value, stack) in [
        (json!({}), "instance requires property \"name\""),
        (
            json!({ "name": 1 }),
            "instance.name is not of a type(s) string",
        ),
        (
            json!({ "name": "ABC" }),
            "instance.name does not match pattern \"^[a-z][a-z0-9-]*$\"",
        ),
        (
            json!({ "name": "ab" }),
            "instance.name does not meet minimum length of 3",
        ),
        (
            json!({ "name": "abcdef" }),
            "instance.name does not meet maximum length of 5",
        ),
        (
            json!({ "name": "abc", "size": 0 }),
            "instance.size must be greater than or equal to 1",
        ),
        (
            json!({ "name": "abc", "size": 21 }),
            "instance.size must be less than or equal to 20",
        ),
        (
            json!({ "name": "abc", "kind": "c" }),
            "instance.kind is not one of enum values: a,b",
        ),
        (
            json!({ "name": "abc", "flag": "yes" }),
            "instance.flag is not of a type(s) boolean",
        ),
        (
            json!({ "name": "abc", "list": [] }),
            "instance.list does not meet minimum length of 1",
        ),
        (
            json!({ "name": "abc", "list": [1, 1] }),
            "instance.list contains duplicate item",
        ),
        (
            json!({ "name": "abc", "nmae": 1 }),
            "instance is not allowed to have the additional property \"nmae\"",
        ),
    ] {
        let found = first(value.clone());
        assert_eq!(found.stack(), stack, "{value}");
        assert!(
            !found.words.0.is_empty()
                && found
                    .words
                    .1
                    .chars()
                    .any(|letter| ('가'..='힣').contains(&letter)),
            "{found:?}"
        );
        assert!(
            !found.words.0.contains('^'),
            "a bare regular expression: {found:?}"
        );
    }
    assert!(
        first(json!({ "name": "abc", "nmae": 1 }))
            .words
            .0
            .contains("`name`")
    );
    assert_eq!(
        first(json!({ "name": "abc", "own": "y" })).words.0,
        "only x, please"
    );
}

#[test]
fn conditional_fields_are_draft_7() {
    let schema = json!({
        "properties": { "cloud": { "enum": ["aws", "none"] } },
        "dependencies": { "cloud": { "oneOf": [
            { "properties": { "cloud": { "const": "none" } } },
            { "properties": { "cloud": { "const": "aws" }, "region": { "type": "string" } }, "required": ["region"] },
        ] } },
        "if": { "properties": { "size": { "const": "xl" } }, "required": ["size"] },
        "then": { "required": ["reason"] },
    });
    assert!(problems(&schema, &json!({ "cloud": "none" })).is_empty());
    assert!(problems(&schema, &json!({ "cloud": "aws", "region": "x" })).is_empty());
    assert_eq!(problems(&schema, &json!({ "cloud": "aws" })).len(), 1);
    assert_eq!(
        problems(&schema, &json!({ "size": "xl" }))[0].message,
        "requires property \"reason\""
    );
    assert_eq!(
        problems(&json!({ "type": 5 }), &json!({})).len(),
        1,
        "a schema that is none says so"
    );
}
