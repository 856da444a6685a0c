//! The audit trail of the running program, from the command line.

use serde_json::Value;

use crate::program::{component, folder, run};
use crate::server::Server;

#[test]
fn the_trail_is_searched_exported_and_verified_also_without_a_server() {
    let config = "audit:\n  checkpoints: { every: 5 }\n  retention:\n    default: { days: 400 }\n    types:\n      dev.portway.catalog.: 90d\n";
    let files = folder(&[("x.yaml", &component("x")), ("app-config.yaml", config)]);
    let mut server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    let ran = |words: &[&str]| run(files.path(), &[words, &["--data", "data"]].concat());
    server.ask("POST", "/api/v1/actions/token:create", br#"{"name": "ci"}"#);

    let found = ran(&[
        "audit",
        "search",
        "--type",
        "dev.portway.identity.token.created",
        "-o",
        "json",
    ]);
    assert_eq!(found.code, Some(0), "{}", found.err);
    let found: Value = serde_json::from_str(&found.out).unwrap();
    let event = &found["items"][0];
    assert_eq!(event["outcome"], "allowed");
    assert_eq!(event["address"], "127.0.0.1");
    assert!(event["request"].is_string(), "{event}");

    let verified = ran(&["audit", "verify"]);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    assert!(
        verified.out.contains("the chain is whole"),
        "{}",
        verified.out
    );
    let exported = ran(&["audit", "export", "--out", "audit.jsonl"]);
    assert_eq!(exported.code, Some(0), "{}", exported.err);
    let state = server.json("/api/v1/audit/state");
    let key = state["key"].as_str().unwrap().to_owned();

    // Checkpoints are kept outside of the database.
    let kept = files.path().join("data/audit-checkpoints.jsonl");
    assert!(kept.exists());
    std::fs::copy(&kept, files.path().join("copy.jsonl")).unwrap();
    let compared = ran(&["audit", "verify", "--checkpoint", "copy.jsonl"]);
    assert_eq!(compared.code, Some(0), "{}{}", compared.out, compared.err);

    server.kill();
    let offline = [
        "audit",
        "verify",
        "--file",
        "audit.jsonl",
        "--key",
        key.as_str(),
    ];
    let verified = ran(&offline);
    assert_eq!(verified.code, Some(0), "{}{}", verified.out, verified.err);
    // Somebody edits the file.
    let path = files.path().join("audit.jsonl");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("\"ci\"", "\"cd\"", 1)).unwrap();
    let verified = ran(&offline);
    assert_eq!(verified.code, Some(1), "{}", verified.out);
    assert!(verified.out.contains("changed: event"), "{}", verified.out);
    std::fs::write(&path, "nonsense").unwrap();
    let verified = ran(&offline);
    assert_eq!(verified.code, Some(1));
    assert!(verified.err.contains("line 1"), "{}", verified.err);
    assert!(
        verified.err.contains("portway audit export"),
        "{}",
        verified.err
    );
    let wrong = ran(&["audit", "verify", "--file", "audit.jsonl", "--key", "abc"]);
    assert_eq!(wrong.code, Some(2), "{}", wrong.err);

    // After a kill at any moment the chain is whole, and goes on.
    let server = Server::start(files.path(), &["x.yaml"]);
    let report = server.json("/api/v1/audit/verify");
    assert_eq!(report["intact"], true, "{report}");
}
