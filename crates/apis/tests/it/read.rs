//! Reading.

use apis::{ApiDoc, Format, Operation, read};
use proptest::prelude::*;

use crate::{FIXTURES, fixture};

fn doc(spec_type: &str, name: &str) -> ApiDoc {
    read(spec_type, &fixture(name)).unwrap_or_else(|problems| panic!("{name}: {problems:#?}"))
}

fn find<'a>(doc: &'a ApiDoc, key: &str) -> &'a Operation {
    let keys: Vec<_> = doc.operations.iter().map(|found| &found.key).collect();
    doc.operations
        .iter()
        .find(|found| found.key == key)
        .unwrap_or_else(|| panic!("{key} in {keys:?}"))
}

fn problems(doc: &ApiDoc) -> Vec<String> {
    doc.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn openapi_with_references_cycles_and_all_kinds_of_nothing() {
    let doc = doc("openapi", "orders-1.yaml");
    assert_eq!(problems(&doc), Vec::<String>::new());
    assert_eq!(doc.format, Format::OpenApi31);
    assert_eq!(doc.title.as_deref(), Some("주문 API"));
    let keys: Vec<_> = doc
        .operations
        .iter()
        .map(|found| found.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "GET /orders",
            "POST /orders",
            "GET /orders/{}",
            "webhook POST orderPaid"
        ]
    );
    let list = find(&doc, "GET /orders");
    let parameters: Vec<_> = list
        .parameters
        .iter()
        .map(|found| (found.name.as_str(), found.place, found.required))
        .collect();
    assert_eq!(
        parameters,
        [("state", "query", false), ("X-Tenant", "header", true)]
    );
    assert_eq!(list.security, ["token"]);
    assert_eq!(find(&doc, "GET /orders/{}").security, Vec::<String>::new());
    let page = list.outputs[0].shape.as_ref().unwrap();
    assert_eq!(page.fields[0].shape.words(), "Order[]");
    assert_eq!(page.fields[1].shape.words(), "string | null");
    assert!(list.outputs[0].examples[0].contains("\"next\": null"));
    assert_eq!(list.outputs[1].media, "application/problem+json");
    let body = find(&doc, "POST /orders").inputs[0].shape.clone().unwrap();
    let fields: Vec<_> = body
        .fields
        .iter()
        .map(|field| (field.name.as_str(), field.required, field.shape.words()))
        .collect();
    assert_eq!(
        fields,
        [
            ("…Money", false, "Money".to_owned()),
            ("sku", true, "string".to_owned()),
            ("note", false, "string | null".to_owned()),
            ("parent", false, "Line[]".to_owned()),
        ]
    );
    let order = doc.type_named("Order").unwrap();
    assert_eq!(order.description, "주문 하나");
    assert_eq!(order.line, 99);
    let words: Vec<_> = order
        .shape
        .fields
        .iter()
        .map(|field| field.shape.words())
        .collect();
    assert_eq!(
        words,
        [
            "string (uuid)",
            "Money",
            "Line[]",
            "Order",
            "map<string>",
            "Card | Transfer"
        ]
    );
}

#[test]
fn swagger_with_bodies_forms_and_media_types_of_its_own() {
    let doc = doc("openapi", "swagger.json");
    assert_eq!(problems(&doc), Vec::<String>::new());
    assert_eq!(doc.version.as_deref(), Some("1.5"));
    let urls: Vec<_> = doc
        .servers
        .iter()
        .map(|server| server.url.as_str())
        .collect();
    assert_eq!(urls, ["https://pets.example/v1", "http://pets.example/v1"]);
    let add = find(&doc, "POST /pets");
    assert_eq!(add.inputs[0].shape.as_ref().unwrap().words(), "Pet");
    assert_eq!(add.parameters[0].shape.limits, ["≤ 100", "default 20"]);
    assert!(add.outputs[0].examples[0].contains("Bori"));
    let put = find(&doc, "PUT /pets/{}/picture");
    assert_eq!(put.inputs[0].shape.as_ref().unwrap().fields[0].name, "file");
    assert_eq!(put.inputs[0].media, "multipart/form-data");
    assert_eq!(put.outputs[0].media, "image/png");
    assert!(
        doc.type_named("Pet").unwrap().shape.fields[1]
            .shape
            .nullable
    );
}

#[test]
fn asyncapi_of_both_versions() {
    let two = doc("asyncapi", "events-2.yaml");
    assert_eq!(problems(&two), Vec::<String>::new());
    let sent = find(&two, "send orders.{region}.created");
    assert_eq!(sent.outputs[0].status, "OrderCreated");
    assert_eq!(sent.parameters[0].shape.values, ["kr", "eu"]);
    assert_eq!(
        find(&two, "receive orders.{region}.created").inputs.len(),
        2
    );

    let three = doc("asyncapi", "events-3.yaml");
    assert_eq!(three.servers[0].url, "amqps://broker.acme.example:5671/pay");
    let sent = find(&three, "send payments.{shop}.paid");
    assert_eq!(sent.outputs[0].status, "Paid");
    assert_eq!(
        sent.outputs[0].shape.as_ref().unwrap().fields[0].name,
        "amount"
    );
    assert_eq!(find(&three, "receive payments.{shop}.paid").inputs.len(), 1);
    assert_eq!(
        problems(&three),
        [
            "21:13: error[api-action]: the operation `broken` has the action `shout`\n  accepted: send or receive",
            "22:21: error[api-reference]: `#/channels/nothing` leads nowhere\n  accepted: a reference within the definition: #/components/…\n  fix: add `nothing` to the definition, or correct the reference",
        ]
    );
}

#[test]
fn graphql_with_extensions_and_own_roots() {
    let doc = doc("graphql", "shop.graphql");
    assert_eq!(problems(&doc), Vec::<String>::new());
    let keys: Vec<_> = doc
        .operations
        .iter()
        .map(|found| found.key.as_str())
        .collect();
    assert_eq!(
        keys,
        [
            "query order",
            "query orders",
            "query old",
            "query node",
            "mutation pay"
        ]
    );
    let order = find(&doc, "query order");
    assert_eq!(order.summary.as_deref(), Some("One order"));
    let required: Vec<_> = order
        .parameters
        .iter()
        .map(|found| found.required)
        .collect();
    assert_eq!(required, [true, false]);
    assert!(order.outputs[0].shape.as_ref().unwrap().nullable);
    assert!(find(&doc, "query old").deprecated);
    assert_eq!(find(&doc, "query old").summary, None);
    assert_eq!(
        find(&doc, "query orders").outputs[0]
            .shape
            .as_ref()
            .unwrap()
            .words(),
        "Order[]"
    );
    assert_eq!(
        doc.type_named("State").unwrap().shape.values,
        ["OPEN", "PAID", "SHIPPED"]
    );
    assert_eq!(
        doc.type_named("Receipt").unwrap().shape.words(),
        "Card | Transfer"
    );
    assert_eq!(
        doc.type_named("Line").unwrap().shape.fields[1].name,
        "count"
    );
    let input = &doc.type_named("PayInput").unwrap().shape.fields[1];
    assert!(input.required && input.deprecated);
    assert!(doc.type_named("Root").is_none());
}

#[test]
fn proto_with_nested_names_maps_choices_and_comments() {
    let doc = doc("grpc", "stock.proto");
    assert_eq!(problems(&doc), Vec::<String>::new());
    assert_eq!(doc.title.as_deref(), Some("acme.stock.v1"));
    let get = find(&doc, "rpc acme.stock.v1.Stock/Get");
    assert_eq!(get.summary.as_deref(), Some("Looks one thing up."));
    assert_eq!(
        get.inputs[0].shape.as_ref().unwrap().named.as_deref(),
        Some("GetRequest")
    );
    let watch = find(&doc, "rpc acme.stock.v1.Stock/Watch");
    assert!(watch.deprecated);
    assert_eq!(
        (
            watch.inputs[0].media.as_str(),
            watch.outputs[0].media.as_str()
        ),
        ("stream", "stream")
    );
    let names: Vec<_> = doc.types.iter().map(|found| found.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "GetRequest",
            "Item",
            "Item.Place",
            "Item.Place.Inner",
            "Item.Kind"
        ]
    );
    let item = &doc.type_named("Item").unwrap().shape;
    let fields: Vec<_> = item
        .fields
        .iter()
        .map(|field| (field.number.unwrap(), field.shape.words()))
        .collect();
    assert_eq!(
        fields,
        [
            (1, "string".to_owned()),
            (2, "int32 | null".to_owned()),
            (3, "map<Item.Place>".to_owned()),
            (4, "Item[]".to_owned()),
            (5, "google.protobuf.Timestamp".to_owned()),
            (6, "string".to_owned()),
            (7, "Item.Place".to_owned()),
            (8, "Item.Kind".to_owned()),
        ]
    );
    assert_eq!(item.fields[0].description, "The number on the box.");
    assert_eq!(item.fields[5].shape.limits, ["oneof origin"]);
    assert!(item.fields[6].deprecated);
}

#[test]
fn what_is_broken_in_the_middle_is_shown_around() {
    let proto = doc("grpc", "stock-broken.proto");
    let names: Vec<_> = proto
        .types
        .iter()
        .map(|found| found.name.as_str())
        .collect();
    assert_eq!(names, ["Before", "After"]);
    assert_eq!(proto.operations.len(), 1);
    assert_eq!((proto.problems[0].line, proto.problems[0].column), (4, 25));
    let graphql = doc("graphql", "broken.graphql");
    assert!(graphql.type_named("After").is_some());
    assert_eq!(graphql.operations.len(), 1);
    assert_eq!(graphql.problems[0].line, 2);
}

#[test]
fn a_text_that_says_nothing_gets_an_answer() {
    for (spec_type, text, start) in [
        ("openapi", "  \n", "error[api-empty]"),
        ("openapi", "title: x\n", "1:1: error[api-version-missing]"),
        ("openapi", "openapi: 3.1.0\npaths: [\n", "definition:"),
        ("trpc", "export const x = 1;", "warning[api-type-unknown]"),
        ("graphql", "hello", "1:1: error[api-graphql-syntax]"),
        ("grpc", "hello", "1:1: error[api-proto-syntax]"),
        ("grpc", "", "error[api-empty]"),
    ] {
        let problems = read(spec_type, text).expect_err(text);
        assert!(
            problems[0].to_string().starts_with(start),
            "{}",
            problems[0]
        );
    }
}

#[test]
fn depth_has_an_end() {
    for (spec_type, text) in [
        ("grpc", "message A { ".repeat(20_000)),
        ("grpc", format!("option (a) = {}", "{a: ".repeat(20_000))),
        (
            "graphql",
            format!("type Query {{ a: {} }}", "[".repeat(100_000)),
        ),
        (
            "graphql",
            format!("type Query {{ a(b: Int = {}) : Int }}", "[".repeat(100_000)),
        ),
        ("openapi", format!("{{\"openapi\": {}", "[".repeat(100_000))),
    ] {
        drop(read(spec_type, &text));
    }
}

#[test]
fn references_that_multiply_have_an_end() {
    let mut text = String::from(
        "openapi: 3.0.0\ninfo: {title: x, version: '1'}\npaths: {}\ncomponents:\n  parameters:\n",
    );
    for at in 0..30 {
        let next = format!("'#/components/parameters/P{}/schema'", at + 1);
        text.push_str(&format!(
            "    P{at}: {{schema: {{properties: {{a: {{$ref: {next}}}, b: {{$ref: {next}}}}}}}}}\n"
        ));
    }
    text.push_str("  schemas: {A: {$ref: '#/components/parameters/P0/schema'}}\n");
    let doc = read("openapi", &text).unwrap();
    assert_eq!(doc.types.len(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_text_causes_a_panic(text in "(?s).{0,200}") {
        for spec_type in ["openapi", "asyncapi", "graphql", "grpc", "trpc", ""] {
            drop(read(spec_type, &text));
        }
    }

    #[test]
    fn no_change_of_a_definition_causes_a_panic(
        which in 0..FIXTURES.len(),
        cuts in proptest::collection::vec((any::<prop::sample::Index>(), 0_usize..12, "[\\[\\]{}<>()\"'`#$:;=!@,.\\\\a-z0-9 \n]{0,3}"), 1..6),
    ) {
        let (spec_type, name) = FIXTURES[which];
        let mut characters: Vec<char> = fixture(name).chars().collect();
        for (at, length, instead) in cuts {
            let start = at.index(characters.len().max(1)).min(characters.len());
            let end = (start + length).min(characters.len());
            characters.splice(start..end, instead.chars());
        }
        drop(read(spec_type, &characters.into_iter().collect::<String>()));
    }
}
