//! Comparing: one row for each rule.

use apis::{ApiDoc, Breaking, ChangeKind, compare, read};
use proptest::prelude::*;

use crate::{FIXTURES, fixture};

fn doc(spec_type: &str, text: &str) -> ApiDoc {
    read(spec_type, text).unwrap_or_else(|problems| panic!("{text}\n{problems:#?}"))
}

/// `breaking removed field: response 200 › id [string -> ]`
fn lines(spec_type: &str, before: &str, after: &str) -> Vec<String> {
    compare(&doc(spec_type, before), &doc(spec_type, after))
        .changes
        .iter()
        .map(|change| {
            let breaking = match change.breaking {
                Breaking::Yes => "breaks",
                Breaking::Notable => "notable",
                Breaking::No => "fine",
            };
            let kind = match change.kind {
                ChangeKind::Added => "added",
                ChangeKind::Removed => "removed",
                ChangeKind::Changed => "changed",
            };
            format!(
                "{breaking} {kind} {}: {} [{} -> {}]",
                change.what.code(),
                change.place,
                change.before,
                change.after
            )
        })
        .collect()
}

#[test]
fn nothing_differs_from_itself() {
    for (spec_type, name) in FIXTURES {
        let doc = doc(spec_type, &fixture(name));
        let found = compare(&doc, &doc);
        assert_eq!(found.changes, [], "{name}");
    }
}

/// A definition with one operation; `request` and `answer` are schemas.
fn http(parameters: &str, request: &str, answer: &str) -> String {
    format!(
        "openapi: 3.1.0\ninfo: {{title: x, version: '1'}}\npaths:\n  /a/{{id}}:\n    post:\n      parameters: [{parameters}]\n      requestBody: {{required: true, content: {{application/json: {{schema: {request}}}}}}}\n      responses:\n        '200': {{description: ok, content: {{application/json: {{schema: {answer}}}}}}}\ncomponents:\n  schemas:\n    Tree: {{type: object, properties: {{next: {{$ref: '#/components/schemas/Tree'}}, id: {{type: string}}}}}}\n"
    )
}

#[test]
fn http_schemas_by_direction() {
    let object = |inside: &str| format!("{{type: object, {inside}}}");
    let state = |values: &str| {
        object(&format!(
            "properties: {{s: {{type: string, enum: [{values}]}}}}"
        ))
    };
    let a = |inside: &str| object(&format!("properties: {{a: {inside}}}"));
    let needed = |inside: &str| object(&format!("required: [a], properties: {{a: {inside}}}"));
    let text = "{type: string}";
    // before, after, what it means in a request, what it means in an answer
    let rows: Vec<(String, String, &str, &str)> = vec![
        (
            object("properties: {}"),
            needed(text),
            "breaks added required-field: PLACE › a [ -> string]",
            "fine added required-field: PLACE › a [ -> string]",
        ),
        (
            object("properties: {}"),
            a(text),
            "fine added field: PLACE › a [ -> string]",
            "fine added field: PLACE › a [ -> string]",
        ),
        (
            object("properties: {}"),
            needed("{type: string, readOnly: true}"),
            "fine added required-field: PLACE › a [ -> string]",
            "fine added required-field: PLACE › a [ -> string]",
        ),
        (
            a(text),
            object("properties: {}"),
            "notable removed field: PLACE › a [string -> ]",
            "breaks removed field: PLACE › a [string -> ]",
        ),
        (
            a(text),
            needed(text),
            "breaks changed requiredness: PLACE › a [optional -> required]",
            "fine changed requiredness: PLACE › a [optional -> required]",
        ),
        (
            needed(text),
            a(text),
            "fine changed requiredness: PLACE › a [required -> optional]",
            "breaks changed requiredness: PLACE › a [required -> optional]",
        ),
        (
            a(text),
            a("{type: [string, 'null']}"),
            "fine changed nullability: PLACE › a [not null -> nullable]",
            "breaks changed nullability: PLACE › a [not null -> nullable]",
        ),
        (
            a("{type: string, nullable: true}"),
            a(text),
            "breaks changed nullability: PLACE › a [nullable -> not null]",
            "fine changed nullability: PLACE › a [nullable -> not null]",
        ),
        (
            a(text),
            a("{type: integer}"),
            "breaks changed type: PLACE › a [string -> integer]",
            "breaks changed type: PLACE › a [string -> integer]",
        ),
        (
            a("{type: integer}"),
            a("{type: number}"),
            "fine changed type: PLACE › a [integer -> number]",
            "breaks changed type: PLACE › a [integer -> number]",
        ),
        (
            a(text),
            a("{type: string, format: uuid}"),
            "breaks changed type: PLACE › a [string -> string (uuid)]",
            "fine changed type: PLACE › a [string -> string (uuid)]",
        ),
        (
            state("x, y"),
            state("x"),
            "breaks removed value: PLACE › s [y -> ]",
            "fine removed value: PLACE › s [y -> ]",
        ),
        (
            state("x"),
            state("x, y"),
            "fine added value: PLACE › s [ -> y]",
            "notable added value: PLACE › s [ -> y]",
        ),
        (
            a(text),
            a("{type: string, enum: [x]}"),
            "breaks changed values: PLACE › a [ -> x]",
            "fine changed values: PLACE › a [ -> x]",
        ),
        (
            a("{type: string, minLength: 2}"),
            a("{type: string, minLength: 5}"),
            "breaks changed limit: PLACE › a [length ≥ 2 -> length ≥ 5]",
            "fine changed limit: PLACE › a [length ≥ 2 -> length ≥ 5]",
        ),
        (
            a("{type: string, maxLength: 2}"),
            a("{type: string, maxLength: 5}"),
            "fine changed limit: PLACE › a [length ≤ 2 -> length ≤ 5]",
            "fine changed limit: PLACE › a [length ≤ 2 -> length ≤ 5]",
        ),
        (
            a("{oneOf: [{type: string}, {type: integer}]}"),
            a("{oneOf: [{type: string}, {type: boolean}]}"),
            "breaks removed choice: PLACE › a [integer -> ]\nfine added choice: PLACE › a [ -> boolean]",
            "notable added choice: PLACE › a [ -> boolean]\nfine removed choice: PLACE › a [integer -> ]",
        ),
        (
            a("{type: array, items: {type: string}}"),
            a("{type: array, items: {type: integer}}"),
            "breaks changed type: PLACE › a[] [string -> integer]",
            "breaks changed type: PLACE › a[] [string -> integer]",
        ),
        (
            a(text),
            a("{type: string, deprecated: true}"),
            "notable added deprecated: PLACE › a [ -> deprecated]",
            "notable added deprecated: PLACE › a [ -> deprecated]",
        ),
        // What only the spelling changes is no change.
        (
            a(text),
            "{allOf: [{type: object, properties: {a: {type: string}}}]}".to_owned(),
            "",
            "",
        ),
        (
            "{$ref: '#/components/schemas/Tree'}".to_owned(),
            object("properties: {id: {type: string}, next: {$ref: '#/components/schemas/Tree'}}"),
            "",
            "",
        ),
    ];
    for (before, after, request, answer) in rows {
        let plain = "{type: object}";
        let found = lines(
            "openapi",
            &http("", &before, plain),
            &http("", &after, plain),
        );
        assert_eq!(
            found.join("\n"),
            request.replace("PLACE", "request"),
            "{before} -> {after}"
        );
        let found = lines(
            "openapi",
            &http("", plain, &before),
            &http("", plain, &after),
        );
        assert_eq!(
            found.join("\n"),
            answer.replace("PLACE", "response 200"),
            "{before} -> {after}"
        );
    }
}

#[test]
fn http_parameters() {
    let rows = [
        (
            "",
            "{name: q, in: query, required: true, schema: {type: string}}",
            "breaks added required-parameter: query q [ -> string]",
        ),
        (
            "",
            "{name: q, in: query, schema: {type: string}}",
            "fine added parameter: query q [ -> string]",
        ),
        (
            "{name: q, in: query, schema: {type: string}}",
            "",
            "notable removed parameter: query q [string -> ]",
        ),
        (
            "{name: q, in: query, schema: {type: string}}",
            "{name: q, in: query, schema: {type: boolean}}",
            "breaks changed type: query q [string -> boolean]",
        ),
        (
            "{name: X-A, in: header, schema: {type: string}}",
            "{name: x-a, in: header, schema: {type: string}}",
            "",
        ),
    ];
    for (before, after, expected) in rows {
        let found = lines(
            "openapi",
            &http(before, "{}", "{}"),
            &http(after, "{}", "{}"),
        );
        assert_eq!(found.join("\n"), expected);
    }
}

#[test]
fn http_operations_answers_and_security() {
    let base = fixture("orders-1.yaml");
    let rows = [
        ("  /orders/{id}:", "  /orders/{number}:", ""),
        (
            "  /orders/{id}:",
            "  /old-orders/{id}:",
            "breaks removed operation:  [/orders/{id} -> ]\nfine added operation:  [ -> /old-orders/{id}]",
        ),
        (
            "    - token: []\n".trim_start_matches("    "),
            "- key: []\n",
            "breaks changed security:  [token -> key]",
        ),
        (
            "- token: []\n",
            "- token: []\n  - key: []\n",
            "fine changed security:  [token -> key, token]",
        ),
        (
            "        '201':",
            "        '202':",
            "breaks removed answer: response 201 [application/json Order -> ]\nnotable added answer: response 202 [ -> application/json Order]",
        ),
        (
            "      deprecated: true\n",
            "",
            "fine removed deprecated:  [deprecated -> ]",
        ),
        // In a webhook the API writes the request.
        (
            "      required: [id, total]",
            "      required: [id]",
            "breaks changed requiredness: response 200 › items[] › total [required -> optional]",
        ),
    ];
    for (before, after, expected) in rows {
        let mut text = base.replacen(before, after, 1);
        if after.contains("number") {
            text = text.replace("{name: id, in: path", "{name: number, in: path");
        }
        assert_ne!(text, base, "{before}");
        let mut found = lines("openapi", &base, &text);
        found.dedup();
        let found: Vec<_> = found
            .into_iter()
            .take(expected.lines().count().max(1))
            .collect();
        assert_eq!(found.join("\n"), expected, "{before} -> {after}");
    }
}

#[test]
fn webhooks_go_the_other_way() {
    let text = |request: &str| {
        format!(
            "openapi: 3.1.0\ninfo: {{title: x, version: '1'}}\nwebhooks:\n  paid:\n    post:\n      requestBody: {{required: true, content: {{application/json: {{schema: {{type: object, {request}}}}}}}}}\n"
        )
    };
    assert_eq!(
        lines(
            "openapi",
            &text("properties: {a: {type: string}}"),
            &text("properties: {}")
        ),
        ["breaks removed field: request › a [string -> ]"]
    );
    assert_eq!(
        lines(
            "openapi",
            &text("properties: {}"),
            &text("required: [a], properties: {a: {type: string}}")
        ),
        ["fine added required-field: request › a [ -> string]"]
    );
}

#[test]
fn messages_of_channels() {
    let base = fixture("events-2.yaml");
    let found = lines("asyncapi", &base, &base.replace("required: [id], ", ""));
    assert_eq!(
        found,
        [
            "breaks changed requiredness: response OrderCreated › id [required -> optional]",
            "fine changed requiredness: request OrderCreated › id [required -> optional]",
        ]
    );
    let found = lines(
        "asyncapi",
        &base,
        &base.replace("name: OrderCancelled", "name: OrderStopped"),
    );
    assert_eq!(
        found,
        [
            "breaks removed body: request OrderCancelled [object -> ]",
            "fine added body: request OrderStopped [ -> object]",
        ]
    );
}

#[test]
fn graphql_rules() {
    let base = "type Query { a(x: Int, y: Int = 1): A! list: [A!]! }\ntype A { id: ID! name: String state: State u: U with(n: Int): Int }\nenum State { ON OFF }\nunion U = A | B\ntype B { id: ID }\ninput I { a: Int b: Int! = 2 }\ntype Mutation { m(i: I): A }\ninterface N { id: ID! }\n";
    let rows = [
        (
            "x: Int,",
            "x: Int!,",
            "breaks changed nullability: argument x [nullable -> not null]\nbreaks",
        ),
        (
            "x: Int,",
            "x: Int, z: Int!,",
            "breaks added required-parameter: argument z [ -> Int]",
        ),
        (
            "x: Int,",
            "x: Int, z: Int,",
            "fine added parameter: argument z [ -> Int | null]",
        ),
        (
            "(x: Int, y: Int = 1)",
            "(x: Int)",
            "breaks removed parameter: argument y [Int | null -> ]",
        ),
        (
            "y: Int = 1",
            "y: Int = 2",
            "notable changed limit: argument y [default 1 -> default 2]",
        ),
        (
            "): A!",
            "): A",
            "breaks changed nullability: response [not null -> nullable]",
        ),
        ("): A!", "): B!", "breaks changed type: response [A -> B]"),
        (
            " name: String",
            "",
            "breaks removed field: response › name [String | null -> ]",
        ),
        (
            "name: String",
            "name: String!",
            "fine changed nullability: response › name [nullable -> not null]",
        ),
        (
            "ON OFF",
            "ON",
            "breaks removed value: response › state [OFF -> ]",
        ),
        (
            "ON OFF",
            "ON OFF BROKEN",
            "notable added value: response › state [ -> BROKEN]",
        ),
        (
            "U = A | B",
            "U = A",
            "breaks removed choice: response › u [B -> ]",
        ),
        (
            "U = A",
            "U = Query | A",
            "notable added choice: response › u [ -> Query]",
        ),
        (
            "a: Int b",
            "a: Int c: Int! b",
            "breaks added required-field: argument i › c [ -> Int]",
        ),
        (
            "a: Int b",
            "b",
            "breaks removed field: argument i › a [Int | null -> ]",
        ),
        (
            "b: Int! = 2",
            "b: Int!",
            "breaks changed requiredness: argument i › b [optional -> required]",
        ),
        (
            "with(n: Int)",
            "with(n: Int, k: Int!)",
            "breaks changed limit: response › with [ -> (k: Int!)]",
        ),
        (
            "with(n: Int)",
            "with(n: Int, k: Int)",
            "fine changed limit: response › with [ -> (k: Int | null)]",
        ),
        (
            "with(n: Int)",
            "with",
            "breaks changed limit: response › with [(n: Int | null) -> ]",
        ),
        (
            "type A {",
            "type A implements N {",
            "fine changed limit: response [ -> implements N]",
        ),
        ("list: [A!]!", "", "breaks removed operation:  [list -> ]"),
        (
            "list: [A!]!",
            "list: [A]!",
            "breaks changed nullability: response[] [not null -> nullable]",
        ),
        (
            "u: U",
            "u: U @deprecated",
            "notable added deprecated: response › u [ -> deprecated]",
        ),
    ];
    for (before, after, expected) in rows {
        let text = base.replacen(before, after, 1);
        assert_ne!(text, base, "{before}");
        let found = lines("graphql", base, &text).join("\n");
        let expected = expected.trim_end_matches("\nbreaks");
        assert!(
            found.starts_with(expected),
            "{before} -> {after}\n{found}\n{expected}"
        );
    }
}

#[test]
fn proto_rules() {
    let base = fixture("stock.proto");
    let rows = [
        (
            "string sku = 1;\n  optional",
            "string sku = 9;\n  optional",
            "breaks changed number: response › sku [1 -> 9]",
        ),
        (
            "optional int32 count",
            "optional int64 count",
            "breaks changed type: response › count [int32 -> int64]",
        ),
        (
            "optional int32 count",
            "int32 count",
            "notable changed nullability: response › count [nullable -> not null]",
        ),
        (
            "  repeated Item parts = 4;\n",
            "",
            "breaks removed field: response › parts [Item[] -> ]",
        ),
        (
            "repeated Item parts",
            "Item parts",
            "breaks changed type: response › parts [Item[] -> Item]",
        ),
        (
            "BOX = 1;",
            "BOX = 2;",
            "breaks changed number: response › kind › BOX [1 -> 2]",
        ),
        (
            "BOX = 1;",
            "",
            "breaks removed value: response › kind [BOX -> ]",
        ),
        (
            "BOX = 1;",
            "BOX = 1; BAG = 2;",
            "notable added value: response › kind [ -> BAG]",
        ),
        (
            "(stream GetRequest)",
            "(GetRequest)",
            "breaks changed streaming: request [stream -> ]",
        ),
        (
            "(GetRequest) returns (Item)",
            "(GetRequest) returns (stream Item)",
            "breaks changed streaming: response [ -> stream]",
        ),
        (
            "rpc Get(",
            "rpc Fetch(",
            "breaks removed operation:  [acme.stock.v1.Stock/Get -> ]",
        ),
        (
            "bool cold = 1;",
            "bool cold = 1; bool wet = 2;",
            "fine added field: response › places[] › inner › wet [ -> bool]",
        ),
        (
            "string maker = 6;",
            "",
            "breaks removed field: response › maker [string -> ]",
        ),
        (
            "package acme.stock.v1",
            "package acme.stock.v2",
            "breaks removed operation:  [acme.stock.v1.Stock/Get -> ]",
        ),
    ];
    for (before, after, expected) in rows {
        let text = base.replacen(before, after, 1);
        assert_ne!(text, base, "{before}");
        let found = lines("grpc", &base, &text).join("\n");
        assert!(found.starts_with(expected), "{before} -> {after}\n{found}");
    }
}

/// What one operation says twice is still said by the next one.
#[test]
fn a_shared_type_that_changes_is_found_at_every_operation() {
    let text = |kind: &str| {
        let mut text = String::from("openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths:\n");
        for at in 0..5 {
            text.push_str(&format!("  /a{at}: {{get: {{responses: {{'200': {{description: ok, content: {{a/json: {{schema: {{$ref: '#/components/schemas/A'}}}}, b/json: {{schema: {{$ref: '#/components/schemas/A'}}}}}}}}}}}}}}\n"));
        }
        text.push_str(&format!("components: {{schemas: {{A: {{type: object, properties: {{next: {{$ref: '#/components/schemas/A'}}, b: {{$ref: '#/components/schemas/B'}}}}}}, B: {{type: object, properties: {{up: {{$ref: '#/components/schemas/A'}}, x: {{type: {kind}}}}}}}}}}}\n"));
        text
    };
    let found = lines("openapi", &text("string"), &text("integer"));
    assert_eq!(
        found,
        vec!["breaks changed type: response 200 › b › x [string -> integer]"; 5]
    );
}

#[test]
fn changes_know_their_lines_and_are_counted() {
    let base = fixture("orders-1.yaml");
    let before = doc("openapi", &base);
    let after = doc(
        "openapi",
        &base.replace(
            "        - name: state\n          in: query\n",
            "        - name: state\n          in: query\n          required: true\n",
        ),
    );
    let found = compare(&before, &after);
    assert_eq!((found.breaking, found.notable, found.harmless), (1, 0, 0));
    assert_eq!(found.changes[0].operation, "GET /orders");
    assert_eq!(
        (found.changes[0].line_before, found.changes[0].line_after),
        (16, 16)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever is read compares as equal to itself, and what is added one way
    /// is removed the other way.
    #[test]
    fn any_readable_definition_equals_itself(
        which in 0..FIXTURES.len(),
        cut in any::<prop::sample::Index>(),
        length in 0_usize..40,
    ) {
        let (spec_type, name) = FIXTURES[which];
        let text = fixture(name);
        let whole = doc(spec_type, &text);
        let mut characters: Vec<char> = text.chars().collect();
        let start = cut.index(characters.len());
        let end = (start + length).min(characters.len());
        characters.drain(start..end);
        if let Ok(part) = read(spec_type, &characters.into_iter().collect::<String>()) {
            prop_assert_eq!(&compare(&part, &part).changes, &[]);
            let there = compare(&whole, &part);
            let back = compare(&part, &whole);
            prop_assert_eq!(there.changes.is_empty(), back.changes.is_empty());
        }
    }
}
