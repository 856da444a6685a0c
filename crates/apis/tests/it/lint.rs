//! Lint: every rule finds what it is for, and nothing else.

use std::collections::HashSet;

use apis::{RULES, lint, read};

use crate::{FIXTURES, fixture};

fn found(spec_type: &str, text: &str) -> Vec<(&'static str, String)> {
    let doc = read(spec_type, text).unwrap_or_else(|problems| panic!("{problems:#?}"));
    let report = lint(&doc);
    report
        .findings
        .iter()
        .map(|finding| (finding.code, finding.subject.clone()))
        .collect()
}

/// A definition that no rule finds fault with.
const GOOD: &str = "openapi: 3.0.3\ninfo: {title: Good, version: '1', description: Fine}\nservers: [{url: https://good.example}]\nsecurity: [{key: []}]\npaths:\n  /good-things/{id}:\n    get:\n      operationId: getThing\n      summary: One thing\n      parameters: [{name: id, in: path, required: true, description: Which, schema: {type: string}}]\n      responses:\n        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}, example: {}}}}\n        '404': {description: none}\ncomponents:\n  securitySchemes: {key: {type: http, scheme: bearer}}\n  schemas:\n    Thing: {type: object, description: A thing}\n";

#[test]
fn each_rule_finds_what_it_is_for() {
    assert_eq!(found("openapi", GOOD), []);
    assert_eq!(lint(&read("openapi", GOOD).unwrap()).score, 100);
    let second = "  /good-things/{name}:\n    get:\n      operationId: getThing\n      summary: Twice\n      parameters: [{name: name, in: path, required: true, description: Which, schema: {type: string}}]\n      responses: {'204': {description: ok}, '404': {description: none}}\ncomponents:\n";
    let rows: [(&str, &str, &[&str]); 17] = [
        (
            "components:\n",
            second,
            &["duplicate-operation", "duplicate-operation-id"],
        ),
        (
            "name: id, in: path",
            "name: id, in: query",
            &["path-parameter-undeclared"],
        ),
        ("{id}:", "{id}/{part}:", &["path-parameter-undeclared"]),
        ("/{id}:", ":", &["path-parameter-unused"]),
        ("title: Good, ", "", &["no-title"]),
        (
            "servers: [{url: https://good.example}]\n",
            "",
            &["no-server"],
        ),
        ("https://good", "http://good", &["plain-http"]),
        ("      operationId: getThing\n", "", &["no-operation-id"]),
        ("      summary: One thing\n", "", &["no-summary"]),
        ("'200': {", "'500': {", &["no-success-answer"]),
        (
            "        '404': {description: none}\n",
            "",
            &["no-error-answer"],
        ),
        (
            "      responses:",
            "      requestBody: {content: {a/b: {example: x}}}\n      responses:",
            &["get-with-body"],
        ),
        (", description: Fine", "", &["no-description"]),
        (
            "      summary: One",
            "      deprecated: true\n      summary: One",
            &["deprecated-without-hint"],
        ),
        ("{id}:", "{id}/:", &["trailing-slash"]),
        (", example: {}", "", &["no-example"]),
        (
            "    Thing: {type: object, description: A thing}",
            "    Thing: {type: object}\n    Lost: {type: object}",
            &["type-undescribed", "type-undescribed", "unused-type"],
        ),
    ];
    for (before, after, expected) in rows {
        let text = GOOD.replacen(before, after, 1);
        assert_ne!(text, GOOD, "{before}");
        let codes: Vec<_> = found("openapi", &text)
            .into_iter()
            .map(|(code, _)| code)
            .collect();
        assert_eq!(codes, expected, "{before} -> {after}");
        assert!(lint(&read("openapi", &text).unwrap()).score < 100);
    }
    let text = GOOD.replace("security: [{key: []}]\n", "").replace(
        "  securitySchemes: {key: {type: http, scheme: bearer}}\n",
        "",
    );
    assert_eq!(found("openapi", &text), [("no-security", String::new())]);
    let text = GOOD.replace("components:\n", "  /good_things:\n    post:\n      operationId: add\n      summary: Add\n      parameters: [{name: q, in: query, schema: {type: string}}]\n      responses: {'204': {description: ok}, default: {description: bad}}\n  /more-things:\n    get:\n      operationId: more\n      summary: More\n      responses: {'204': {description: ok}, default: {description: bad}}\ncomponents:\n");
    assert_eq!(
        found("openapi", &text),
        [
            ("mixed-path-case", "POST /good_things".to_owned()),
            (
                "parameter-undescribed",
                "POST /good_things query q".to_owned()
            )
        ]
    );
    let codes = |spec_type, text| -> HashSet<&str> {
        found(spec_type, text)
            .into_iter()
            .map(|(code, _)| code)
            .collect()
    };
    assert!(codes("grpc", "syntax = \"proto3\"; message A {}").contains("no-package"));
    assert!(codes("graphql", "type Query { a: [Int] }").contains("nullable-items"));
    assert!(!codes("graphql", "type Query { a: [Int!] }").contains("nullable-items"));
}

#[test]
fn every_rule_is_explained_in_both_languages() {
    for language in ["", "ko/"] {
        let path = format!(
            "{}/../../docs/{language}catalog/apis.md",
            env!("CARGO_MANIFEST_DIR")
        );
        let page = std::fs::read_to_string(&path).expect(&path);
        for rule in RULES {
            assert!(
                page.contains(&format!("`{}`", rule.code)),
                "{path}: {}",
                rule.code
            );
        }
    }
}

#[test]
fn one_bad_operation_of_many_costs_little() {
    for (spec_type, name) in FIXTURES {
        let report = lint(&read(spec_type, &fixture(name)).unwrap());
        assert!(report.score <= 100);
        assert_eq!(report.total, report.findings.len(), "{name}");
    }
    let mut text = GOOD.to_owned();
    let many: String = (0..99)
        .map(|at| format!("  /more-{at}:\n    get: {{operationId: m{at}, summary: x, responses: {{'204': {{description: ok}}, default: {{description: bad}}}}}}\n"))
        .collect();
    text = text.replace("components:\n", &format!("{many}components:\n"));
    text = text.replacen("      operationId: getThing\n", "", 1);
    assert_eq!(lint(&read("openapi", &text).unwrap()).score, 100);
}
