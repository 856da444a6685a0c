//! How a server is found, and how its answers and refusals are shown.

use serde_json::{Value, json};

use crate::program::Program;
use crate::server::Server;

pub(crate) const BY_QUERY: &str = "GET /api/catalog/entities/by-query";
const PAY: &str = "GET /api/catalog/entities/by-name/component/default/pay-api";

pub(crate) fn pay() -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {
            "name": "pay-api", "namespace": "default", "title": "결제", "description": "결제를 처리하는 서비스",
            "uid": "u", "etag": "e", "tags": ["java"],
            "annotations": {"backstage.io/managed-by-location": "url:https://x/catalog-info.yaml"},
        },
        "spec": {"type": "service", "lifecycle": "production", "owner": "team-pay"},
        "relations": [{"type": "ownedBy", "targetRef": "group:default/team-pay"}],
    })
}

pub(crate) fn library() -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
        "metadata": {"name": "lib", "namespace": "shop"},
        "spec": {"type": "library", "lifecycle": "experimental", "owner": "team-a"}, "relations": [],
    })
}

pub(crate) fn page(items: &[Value], total: u64, next: Option<&str>) -> Value {
    json!({"items": items, "totalItems": total, "pageInfo": {"nextCursor": next}})
}

pub(crate) fn error(name: &str, message: &str) -> Value {
    json!({"error": {"name": name, "message": message, "accepted": "something else", "fix": "do it"}})
}

pub(crate) fn program(server: &Server) -> Program {
    Program::new(&[]).with("PORTWAY_SERVER", &server.url)
}

#[test]
fn lists_are_tables() {
    let server = Server::new(&[(BY_QUERY, 200, page(&[pay(), library()], 2, None))]);
    let program = program(&server);
    let ran = program.run(&[
        "get", "comp", "-l", "tier=1", "--owner", "team-pay", "-n", "default", "--query", "결제",
    ]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    assert_eq!(
        ran.out,
        "REF                 TYPE     OWNER           LIFECYCLE     DESCRIPTION\n\
         component:pay-api   service  group:team-pay  production    결제를 처리하는 서비스\n\
         component:shop/lib  library  team-a          experimental\n"
    );
    assert_eq!(
        server.lines(),
        [format!(
            "{BY_QUERY}?filter=kind=component,metadata.namespace=default,relations.ownedBy=group:default/team-pay,metadata.labels.tier=1\
             &fullTextFilterTerm=결제&fullTextFilterFields=metadata.name,metadata.title,metadata.description\
             &orderField=metadata.name,asc&limit=500"
        )]
    );
}

#[test]
fn several_filters_are_alternatives_under_common_conditions() {
    let server = Server::new(&[(BY_QUERY, 200, page(&[], 0, None))]);
    let ran = program(&server).run(&[
        "get",
        "apis",
        "-f",
        "spec.type=openapi",
        "-f",
        "spec.type=grpc",
        "--limit",
        "0",
    ]);
    assert_eq!(
        (ran.code, ran.out.as_str(), ran.err.as_str()),
        (0, "", "nothing matches\n")
    );
    assert_eq!(
        server.lines(),
        [format!(
            "{BY_QUERY}?filter=kind=api,spec.type=openapi&filter=kind=api,spec.type=grpc&orderField=metadata.name,asc&limit=500"
        )]
    );
}

#[test]
fn every_format_has_its_form() {
    let server = Server::new(&[(BY_QUERY, 200, page(&[pay(), library()], 7, None))]);
    let program = program(&server);
    let run = |format: &str| program.run(&["get", "components", "-o", format]);
    assert_eq!(
        run("name").out,
        "component:default/pay-api\ncomponent:shop/lib\n"
    );
    let json = run("json").json();
    assert_eq!(
        (&json["apiVersion"], &json["kind"]),
        (&json!("portway.dev/v1"), &json!("EntityList"))
    );
    assert_eq!(json["items"], json!([pay(), library()]));
    assert_eq!(
        json["meta"],
        json!({"total": 7, "source": format!("{}/", server.url), "requestId": "req-1"})
    );
    assert_eq!(run("jsonl").out, format!("{}\n{}\n", pay(), library()));
    assert!(
        run("yaml")
            .out
            .starts_with("---\napiVersion: backstage.io/v1alpha1\nkind: Component\n"),
        "{}",
        run("yaml").out
    );
    let csv = run("csv").out;
    assert!(csv.starts_with("REF,TYPE,OWNER,LIFECYCLE,TITLE,SYSTEM,TIER,TAGS,SOURCE,DESCRIPTION\ncomponent:pay-api,service,"), "{csv}");
    assert!(run("wide").out.contains("url:https://x/catalog-info.yaml"));
    let columns = program.run(&[
        "get",
        "components",
        "--columns",
        "metadata.name,spec.type",
        "--no-headers",
    ]);
    assert_eq!(columns.out, "pay-api  service\nlib      library\n");
    assert_eq!(run("table").err, "2 of 7 shown; --limit 0 shows all\n");
}

#[test]
fn tables_fit_a_narrow_terminal() {
    let server = Server::new(&[(BY_QUERY, 200, page(&[pay()], 1, None))]);
    let ran = program(&server)
        .with("COLUMNS", "60")
        .run(&["get", "components", "--no-headers"]);
    // Each Hangul letter takes two cells.
    let cells: usize = ran
        .out
        .trim_end()
        .chars()
        .map(|letter| {
            if ('가'..='힣').contains(&letter) {
                2
            } else {
                1
            }
        })
        .sum();
    assert!(cells <= 60 && ran.out.contains('…'), "{cells}: {}", ran.out);
}

#[test]
fn pages_are_followed() {
    let server = Server::new(&[
        (BY_QUERY, 200, page(&[pay()], 2, Some("abc"))),
        (BY_QUERY, 200, page(&[library()], 2, None)),
    ]);
    let ran = program(&server).run(&["get", "components", "-o", "name"]);
    assert_eq!(ran.out.lines().count(), 2);
    assert_eq!(
        server.lines()[1],
        format!("{BY_QUERY}?cursor=abc&limit=499")
    );
}

#[test]
fn one_entity_is_found_by_kind_and_name_or_by_name_alone() {
    let server = Server::new(&[(PAY, 200, pay()), (BY_QUERY, 200, page(&[pay()], 1, None))]);
    let program = program(&server);
    assert_eq!(
        program
            .run(&["get", "component", "pay-api", "-o", "json"])
            .json()["data"],
        pay()
    );
    assert!(
        program
            .run(&["get", "component:pay-api", "-o", "yaml"])
            .out
            .contains("  title: 결제\n")
    );
    assert_eq!(
        program.run(&["get", "default/pay-api", "-o", "name"]).out,
        "component:default/pay-api\n"
    );
    assert!(server.lines().contains(&format!(
        "{BY_QUERY}?filter=metadata.name=pay-api,metadata.namespace=default&limit=20"
    )));
}

#[test]
fn what_is_not_found_is_guessed() {
    let missing = error("NotFoundError", "No entity named pay found");
    let missing =
        json!({"error": {"name": "NotFoundError", "message": missing["error"]["message"]}});
    let server = Server::new(&[
        (
            "GET /api/catalog/entities/by-name/component/default/pay",
            404,
            missing,
        ),
        (BY_QUERY, 200, page(&[pay()], 1, None)),
    ]);
    let ran = program(&server).run(&["get", "component", "pay"]);
    assert_eq!(ran.code, 3);
    assert_eq!(
        ran.err,
        "error: No entity named pay found\nfix: did you mean component:default/pay-api?\nid: req-1\n"
    );
}

#[test]
fn a_name_that_several_have_is_refused() {
    let api = json!({"kind": "API", "metadata": {"name": "pay-api"}});
    let server = Server::new(&[(BY_QUERY, 200, page(&[pay(), api], 2, None))]);
    let ran = program(&server).run(&["owner", "pay-api"]);
    assert_eq!(ran.code, 2);
    assert_eq!(
        ran.err,
        "error: `pay-api` may be any of 2 entities\n\
         cause: component:default/pay-api, api:default/pay-api\n\
         fix: write the kind as well\n"
    );
    let odd = program(&server).run(&["owner", "component:a/"]);
    assert_eq!(odd.code, 2);
    assert!(odd.err.starts_with("error: `component:a/` is no entity reference\ncause: Entity reference \"component:a/\" was not on the form"), "{}", odd.err);
}

#[test]
fn refusals_become_exit_codes_and_keep_their_words() {
    for (status, code) in [
        (400, 1),
        (401, 4),
        (403, 5),
        (404, 3),
        (409, 6),
        (429, 9),
        (500, 1),
        (503, 9),
    ] {
        let server = Server::new(&[(BY_QUERY, status, error("SomeError", "it went wrong"))]);
        let ran = program(&server).run(&["get", "components"]);
        assert_eq!(ran.code, code, "{status}");
        assert_eq!(
            ran.err,
            "error: it went wrong\ncause: accepted would be something else\nfix: do it\nid: req-1\n"
        );
        let json: Value = serde_json::from_str(
            &program(&server)
                .run(&["get", "components", "-o", "json"])
                .err,
        )
        .unwrap();
        assert_eq!(json["error"]["requestId"], "req-1");
        assert_eq!(json["error"]["retryable"], matches!(status, 429 | 503));
    }
}

#[test]
fn the_local_token_is_sent_to_the_local_server_only() {
    let (own, other) = (
        Server::new(&[(BY_QUERY, 200, page(&[], 0, None))]),
        Server::new(&[(BY_QUERY, 200, page(&[], 0, None))]),
    );
    let access = json!({"url": own.url, "token": "local-secret", "pid": 1}).to_string();
    let program = Program::new(&[(".local/share/portway/local-access.json", &access)]);
    assert_eq!(program.run(&["get", "components"]).code, 0);
    assert_eq!(own.asked()[0].token.as_deref(), Some("Bearer local-secret"));
    assert_eq!(
        program
            .run(&["get", "components", "--server", &other.url])
            .code,
        0
    );
    assert_eq!(other.asked()[0].token, None);
    let given = program
        .with("PORTWAY_TOKEN", "given")
        .run(&["get", "components"]);
    assert_eq!(given.code, 0);
    assert_eq!(own.asked()[1].token.as_deref(), Some("Bearer given"));
}

#[test]
fn something_else_than_portway_is_recognised() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let (mut stream, _) = listener.accept().unwrap();
        let _ = stream.read(&mut [0; 4096]).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n<html>")
            .unwrap();
    });
    let ran = Program::new(&[]).run(&["get", "components", "--server", &url]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.starts_with(&format!(
            "error: http://{url} does not answer like Portway\ncause: HTTP 200 OK without JSON\n"
        )),
        "{}",
        ran.err
    );
}
