//! The journal of actions, through the doors of the whole program.

use serde_json::{Value, json};

use crate::program::{component, folder, run};
use crate::server::Server;

fn by_action(server: &Server, action: &str) -> Vec<Value> {
    server.items(&format!("/api/v1/runs?action={action}"))
}

#[test]
fn what_was_done_by_which_door_is_there_without_its_secrets_also_after_a_kill() {
    let files = folder(&[("x.yaml", &component("x"))]);
    let mut server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    let made = server.ask(
        "POST",
        "/api/v1/actions/token:create",
        br#"{"name": "over-http"}"#,
    );
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    let told = run(
        files.path(),
        &["token", "create", "by-cli", "--data", "data"],
    );
    assert_eq!(told.code, Some(0), "{}", told.err);
    // Refused before it starts: nothing was done.
    let refused = server.ask("POST", "/api/v1/actions/token:create", b"{}");
    assert_eq!(refused.status, 400);
    // Accepted, and fails.
    let failed = server.ask(
        "POST",
        "/api/v1/actions/catalog:unregister",
        br#"{"id": "none"}"#,
    );
    assert_eq!(failed.status, 404, "{}", failed.text());
    let source = server.items("/api/v1/catalog/sources")[0]["id"].clone();
    let body = json!({ "sourceId": source }).to_string();
    let refreshed = server.ask("POST", "/api/v1/actions/catalog:refresh", body.as_bytes());
    assert_eq!(refreshed.status, 200, "{}", refreshed.text());

    server.kill();
    let server = Server::start(files.path(), &["x.yaml"]);
    let runs = by_action(&server, "token:create");
    let seen: Vec<_> = runs
        .iter()
        .map(|run| (&run["input"]["name"], &run["door"], &run["state"]))
        .collect();
    let (http, cli, done) = (json!("http"), json!("cli"), json!("succeeded"));
    assert_eq!(
        seen,
        [
            (&json!("by-cli"), &cli, &done),
            (&json!("over-http"), &http, &done)
        ]
    );
    for run in &runs {
        assert_eq!(run["output"]["secret"], "[redacted]");
        assert_eq!(run["actor"]["kind"], "service", "{run}");
    }
    assert!(!json!(runs).to_string().contains(&secret));
    let failed = by_action(&server, "catalog:unregister");
    assert_eq!(failed[0]["state"], "failed");
    assert_eq!(
        failed[0]["error"],
        server
            .ask(
                "POST",
                "/api/v1/actions/catalog:unregister",
                br#"{"id": "none"}"#
            )
            .json()["error"]["message"]
    );
    let refreshed = by_action(&server, "catalog:refresh");
    assert_eq!(refreshed[0]["input"], json!({ "sourceId": source }));
    let id = refreshed[0]["id"].as_str().unwrap();
    assert_eq!(server.json(&format!("/api/v1/runs/{id}")), refreshed[0]);
}

#[test]
fn an_event_names_the_run_that_caused_it_and_pages_hold_together() {
    let files = folder(&[]);
    let server = Server::start(files.path(), &[]);
    for number in 0..5 {
        let body = format!(r#"{{"target": "http://127.0.0.1:9/{number}.yaml"}}"#);
        let answer = server.ask("POST", "/api/v1/actions/catalog:register", body.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let runs = by_action(&server, "catalog:register");
    for event in server.items("/api/v1/events?type=source.created&after=0") {
        let caused: Vec<&Value> = runs
            .iter()
            .filter(|run| run["id"] == event["cause"])
            .collect();
        let [run] = caused.as_slice() else {
            panic!("{event}");
        };
        assert_eq!(run["output"]["id"], event["subject"]);
    }
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = server.json(&format!("/api/v1/runs?limit=2{cursor}"));
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["pageInfo"]["nextCursor"].as_str() else {
            break;
        };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, runs);
    for (query, message) in [
        ("cursor=x", "Malformed cursor: \"x\""),
        (
            "state=done",
            "request/query/state must be equal to one of the allowed values",
        ),
        ("limit=0", "request/query/limit must be >= 1"),
    ] {
        let answer = server.ask("GET", &format!("/api/v1/runs?{query}"), b"");
        assert_eq!(answer.status, 400, "{query}");
        let error = answer.json()["error"].clone();
        assert_eq!(error["message"], message);
        assert!(error["accepted"].is_string(), "{error}");
    }
}
