//! The tab API and the routes, through a catalog.

use axum::http::StatusCode;

use crate::fixture;
use crate::world::{World, words};

fn has(text: &str, wanted: &[&str]) {
    for wanted in wanted {
        assert!(text.contains(wanted), "`{wanted}` in {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_types_lint_and_definition_in_both_languages() {
    let world = World::new("openapi", &fixture("orders-1.yaml")).await;
    let page = world.tab("", "en").await;
    // Hostile texts are texts.
    assert!(!page.contains("<script>alert"), "{page}");
    has(
        &words(&page),
        &[
            "주문 API",
            "OpenAPI 3.1",
            "1.4.0",
            "GET /orders List orders",
            "deprecated",
            "Parameters",
            "X-Tenant string required header",
            "curl &#39;https://api.acme.example/orders/orders&#39;",
            "token",
        ],
    );
    has(
        &page,
        &[
            r#"aria-current="page""#,
            "?show=types#type-Order",
            "?show=definition&#38;line=16#definition-16",
        ],
    );
    let korean = words(&world.tab("", "ko").await);
    has(&korean, &["작업", "매개변수", "응답", "필수"]);

    let found = words(&world.tab("?op=ORDERPAID", "en").await);
    assert!(
        found.contains("orderPaid") && !found.contains("List orders"),
        "{found}"
    );
    has(
        &words(&world.tab("?op=nothing", "ko").await),
        &["찾은 작업이 없어요", "작업 모두 보기"],
    );

    let types = world.tab("?show=types", "en").await;
    has(&types, &[r#"id="type-Order""#]);
    has(
        &words(&types),
        &[
            "Order schema 주문 하나",
            "lines",
            "Line[]",
            "items ≥ 1",
            "Card | Transfer",
        ],
    );
    has(
        &words(&world.tab("?show=lint", "en").await),
        &["of 100", "There is no example", "no-example"],
    );
    has(
        &words(&world.tab("?show=lint", "ko").await),
        &["100점 중", "예시가 없어요"],
    );
    has(
        &world.tab("?show=definition&line=16", "ko").await,
        &[r#"id="definition-16""#],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_compared_on_the_page_and_over_http() {
    let base = fixture("orders-1.yaml");
    let world = World::new("openapi", &base).await;
    has(
        &words(&world.tab("?show=changes", "en").await),
        &["There is no earlier definition"],
    );
    let next = base
        .replace("required: [id, total]", "required: [id]")
        .replace("enum: [open, paid, shipped]", "enum: [open, paid]");
    world.rewrite("openapi", &next).await;
    let page = words(&world.tab("?show=changes", "en").await);
    has(
        &page,
        &[
            "5 breaking changes since version 1",
            "Breaks Removed: enumeration value GET /orders query state",
            "answer 200 › items[] › total",
            "required optional",
        ],
    );
    let korean = words(&world.tab("?show=changes&from=1&to=2", "ko").await);
    has(
        &korean,
        &[
            "버전 1 이후 호환을 깨는 변경 5건",
            "호환 깨짐",
            "삭제: 열거 값",
            "필수 선택",
        ],
    );

    let changes = world.json("/api/v1/apis/default/sample/changes").await;
    assert_eq!(
        (&changes["from"], &changes["to"], &changes["breaking"]),
        (&1.into(), &2.into(), &5.into())
    );
    assert_eq!(changes["changes"][0]["breaking"], "yes");
    let same = world
        .json("/api/v1/apis/default/sample/changes?from=2&to=2")
        .await;
    assert_eq!(same["changes"], serde_json::json!([]));
    let (status, text) = world
        .get("/api/v1/apis/default/sample/changes?from=77", "en")
        .await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{text}");

    let read = world.json("/api/v1/apis/default/sample").await;
    assert_eq!(read["readable"], true);
    assert_eq!(read["operations"][0]["key"], "GET /orders");
    let lint = world.json("/api/v1/apis/default/sample/lint").await;
    assert!(
        lint["score"].as_u64().is_some_and(|score| score <= 100),
        "{lint}"
    );
    assert_eq!(
        world.get("/api/v1/apis/default/none", "en").await.0,
        StatusCode::NOT_FOUND
    );

    // A version that cannot be read hurts the comparison only.
    world.rewrite("openapi", "openapi: 3.1.0\npaths: [").await;
    let page = words(&world.tab("", "en").await);
    has(&page, &["The definition cannot be read", "definition:2:8"]);
    let (status, _) = world.get("/api/v1/apis/default/sample/lint", "en").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        world.json("/api/v1/apis/default/sample").await["readable"],
        false
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn other_formats_and_texts_that_are_shown_as_they_are() {
    let world = World::new("graphql", &fixture("shop.graphql")).await;
    let page = world.tab("", "en").await;
    assert!(!page.contains("<b>HTML"), "{page}");
    has(
        &words(&page),
        &[
            "GraphQL",
            "query order",
            "mutation pay",
            "input PayInput required",
        ],
    );
    world.rewrite("grpc", &fixture("stock-broken.proto")).await;
    has(
        &words(&world.tab("", "ko").await),
        &[
            "정의의 문제",
            "definition:4:25",
            "rpc acme.stock.v1.Stock/Get",
        ],
    );
    world.rewrite("asyncapi", &fixture("events-3.yaml")).await;
    has(
        &words(&world.tab("", "en").await),
        &["send payments.{shop}.paid", "Accepted: send or receive"],
    );
    world.rewrite("trpc", "export const <x> = 1;").await;
    let page = words(&world.tab("", "ko").await);
    has(
        &page,
        &[
            "trpc 유형의 정의는 그대로 보여 드려요",
            "export const &#60;x&#62; = 1;",
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_stay_texts() {
    let text = "openapi: 3.0.0\ninfo: {title: '<img src=x onerror=alert(1)>', version: '\"><script>'}\nservers: [{url: \"javascript:alert(1)//'$(id)\"}]\npaths:\n  \"/<script>{a'b}\":\n    post:\n      operationId: \"</code><script>\"\n      tags: ['<i>']\n      summary: \"<b>\"\n      parameters: [{name: \"<u>\", in: query, required: true, description: '<em>', schema: {type: string, enum: ['<s>']}}]\n      responses: {'<200>': {description: '<tt>', content: {'<x/y>': {schema: {$ref: '#/components/schemas/%3Cscript%3E'}, example: '<script>'}}}}\ncomponents: {schemas: {'<script>': {type: '<script>', properties: {'<q>': {$ref: '#/components/schemas/<script>'}}}}}\n";
    let world = World::new("openapi", text).await;
    for query in [
        "",
        "?op=%3Cscript%3E",
        "?show=types",
        "?show=lint",
        "?show=changes",
        "?show=definition",
        "?show=%3Cscript%3E&page=99&line=x",
    ] {
        for language in ["en", "ko"] {
            let page = world.tab(query, language).await;
            let main = page.split_once("<main").expect("a main part").1;
            for bad in [
                "<img src=x",
                "<script>{",
                "<b>",
                "<u>",
                "<em>",
                "<s>",
                "<tt>",
                "<q>",
                "<i>",
                "href=\"javascript:",
                "<script></",
            ] {
                assert!(!main.contains(bad), "{query}: {bad}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_thousand_operations_make_a_small_page() {
    let mut text = String::from("openapi: 3.0.3\ninfo: {title: Big, version: '1'}\npaths:\n");
    for at in 0..2_000 {
        text.push_str(&format!(
            "  /things-{at}/{{id}}:\n    get:\n      operationId: get{at}\n      summary: One thing of many\n      tags: [group-{}]\n      parameters: [{{name: id, in: path, required: true, description: The number, schema: {{type: string}}}}]\n      responses:\n        '200': {{description: ok, content: {{application/json: {{schema: {{type: object, properties: {{a: {{type: string}}, b: {{$ref: '#/components/schemas/T{at}'}}, c: {{type: object, properties: {{d: {{type: array, items: {{type: integer}}}}}}}}}}}}}}}}}}\n        '404': {{description: none}}\n",
            at % 20
        ));
    }
    text.push_str("components:\n  schemas:\n");
    for at in 0..2_000 {
        text.push_str(&format!("    T{at}: {{type: object, properties: {{x: {{type: string}}, y: {{type: integer}}}}}}\n"));
    }
    let world = World::new("openapi", &text).await;
    for query in [
        "",
        "?page=3",
        "?show=types",
        "?show=lint",
        "?show=definition",
        "?show=definition&line=5000",
    ] {
        let page = world.tab(query, "en").await;
        assert!(page.len() < 300_000, "{query}: {} bytes", page.len());
    }
    has(
        &words(&world.tab("?page=67", "en").await),
        &["1,981", "2,000"],
    );
    // The type is on the page that links lead to.
    let page = world.tab("?op=get1999", "en").await;
    has(&page, &["?show=types&#38;page=34#type-T1999"]);
    has(
        &world.tab("?show=types&page=34", "en").await,
        &[r#"id="type-T1999""#],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_overview_says_how_much_there_is_and_leads_to_it() {
    let world = World::new("openapi", &fixture("orders-1.yaml")).await;
    let overview =
        async |language: &str| world.get("/catalog/default/api/sample", language).await.1;
    let page = overview("en").await;
    has(
        &page,
        &[
            r#"aria-labelledby="api-glance""#,
            r#"href="/catalog/default/api/sample/api""#,
        ],
    );
    has(&words(&page), &["The API", "Operations", "of 100"]);
    has(&words(&overview("ko").await), &["API 요약", "100점 중"]);
    let past = world
        .get("/catalog/default/api/sample?at=2999-01-01", "en")
        .await
        .1;
    has(
        &past,
        &[r#"href="/catalog/default/api/sample/api?at=2999-01-01""#],
    );
    // What cannot be read has a tab that says why, and no card.
    world.rewrite("openapi", "openapi: [").await;
    assert!(!overview("en").await.contains("api-glance"));
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_are_markdown_and_lines_have_their_numbers() {
    let filler = "# a line of no meaning\n".repeat(1_600);
    let definition = format!(
        "openapi: 3.1.0\ninfo:\n  title: Notes\n  version: 1.0.0\n  description: \"Takes *notes*, see [docs](https://example.com) <b>x</b>\"\n\
         {filler}paths:\n  /notes:\n    get:\n      description: |\n        Lists\n        - all\n        - of them\n      responses:\n        '200': {{description: \"`ok`\"}}\n"
    );
    let world = World::new("openapi", &definition).await;
    let page = world.tab("", "en").await;
    has(
        &page,
        &[
            "<em>notes</em>",
            r#"<a href="https://example.com">docs</a>"#,
            "&lt;b&gt;x&lt;/b&gt;",
            "<li>of them</li>",
            "<code>ok</code>",
            "?show=definition&#38;line=1608#definition-1608",
        ],
    );
    let window = world.tab("?show=definition&line=1608", "en").await;
    has(
        &window,
        &[r#"id="definition-1608" data-n="1608""#, "/notes"],
    );
    assert!(
        !window.contains(r#"id="definition-1""#),
        "the second window begins at its own line"
    );
}
