//! What each verb asks a server for, and what it makes of the answer.

use serde_json::{Value, json};

use crate::remote::{BY_QUERY, error, library, page, pay, program};
use crate::server::Server;

#[test]
fn ownership_is_told_for_people() {
    let answer = json!({
        "ref": "component:default/pay-api", "owner": "group:default/team-pay",
        "profile": {"ref": "group:default/team-pay", "email": "pay@example.com", "links": [{"title": "Chat", "url": "https://chat/pay"}]},
        "chain": [{"ref": "group:default/payments", "title": "결제 본부"}], "members": [{"ref": "user:default/kim"}],
    });
    let server = Server::new(&[("GET /api/v1/catalog/owner", 200, answer)]);
    let program = program(&server);
    let ran = program.run(&["owner", "component:pay-api"]);
    assert_eq!(
        ran.out,
        "ENTITY   component:default/pay-api\n\
         OWNER    group:default/team-pay\n\
         CHAIN    결제 본부 (group:default/payments)\n\
         MEMBERS  user:default/kim\n\
         MAIL     pay@example.com\n\
         LINKS    Chat https://chat/pay\n"
    );
    assert_eq!(
        program
            .run(&["owner", "component:pay-api", "-o", "name"])
            .out,
        "group:default/team-pay\n"
    );
    assert!(
        program
            .run(&["owner", "component:pay-api", "--lang", "ko"])
            .out
            .starts_with("엔티티  component:default/pay-api\n소유자  ")
    );
}

#[test]
fn impact_path_and_history_are_tables() {
    let history = "/api/v1/catalog/entities/component/default/pay-api/history";
    let server = Server::new(&[
        (
            "GET /api/v1/catalog/impact",
            200,
            json!({"root": "component:default/pay-api", "items": [
                {"ref": "component:default/shop", "depth": 1, "via": "component:default/pay-api", "relation": "dependencyOf", "type": "website", "owner": "group:default/team-shop", "title": "상점"},
            ]}),
        ),
        (
            "GET /api/v1/catalog/path",
            200,
            json!({"steps": [{"ref": "component:default/shop", "relation": null}, {"ref": "component:default/pay-api", "relation": "dependsOn"}]}),
        ),
        (
            &format!("GET {history}"),
            200,
            json!({"items": [{"version": 2, "seq": 9, "time": "2026-11-21T10:00:00Z", "actor": "user:default/kim", "commit": "0123456789abcdef", "change": "updated", "summary": "spec.owner"}]}),
        ),
        (
            &format!("GET {history}/diff"),
            200,
            json!({"unified": "--- version 1\n+++ version 2\n", "changes": ["spec.owner"]}),
        ),
    ]);
    let program = program(&server);
    let impact = program.run(&["impact", "component:pay-api", "--depth", "3"]);
    assert_eq!(
        impact.out,
        "DEPTH  REF             RELATION      VIA                TYPE     OWNER            TITLE\n\
         1      component:shop  dependencyOf  component:pay-api  website  group:team-shop  상점\n"
    );
    assert_eq!(
        server.lines()[0],
        "GET /api/v1/catalog/impact?ref=component:default/pay-api&depth=3&direction=dependents"
    );
    assert_eq!(
        program
            .run(&["impact", "component:pay-api", "--exit-code"])
            .code,
        10
    );
    let path = program.run(&["path", "component:shop", "component:pay-api"]);
    assert_eq!(
        path.out,
        "REF                        RELATION\ncomponent:default/shop\ncomponent:default/pay-api  dependsOn\n"
    );
    let versions = program.run(&["history", "component:pay-api"]);
    assert_eq!(
        versions.out,
        "VERSION  TIME                  CHANGE   ACTOR             COMMIT        SUMMARY\n\
         2        2026-11-21T10:00:00Z  updated  user:default/kim  0123456789ab  spec.owner\n"
    );
    assert_eq!(
        program
            .run(&["history", "component:pay-api", "--diff", "1..2"])
            .out,
        "--- version 1\n+++ version 2\n"
    );
    assert!(
        server
            .lines()
            .contains(&format!("GET {history}/diff?from=1&to=2"))
    );
    let odd = program.run(&["history", "component:pay-api", "--diff", "1-2"]);
    assert_eq!(odd.code, 2);
    assert!(
        odd.err
            .contains("fix: write two numbers of `portway history`, for example --diff 3..5"),
        "{}",
        odd.err
    );
}

#[test]
fn registering_sends_what_is_meant() {
    let answer = json!({"location": {"id": "l1", "type": "url", "target": "https://x/c.yaml"}, "entities": [pay()], "exists": false});
    let server = Server::new(&[("POST /api/catalog/locations", 201, answer)]);
    let program = program(&server);
    let ran = program.run(&["register", "https://x/c.yaml"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "registered https://x/c.yaml as l1 with 1 entity\n")
    );
    assert_eq!(
        server.asked()[0].body,
        json!({"type": "url", "target": "https://x/c.yaml"})
    );
    let dry = program.run(&["register", "https://x/c.yaml", "--dry-run", "-o", "name"]);
    assert_eq!(dry.out, "component:default/pay-api\n");
    assert_eq!(
        dry.err,
        "1 entity would come from https://x/c.yaml; nothing was changed\n"
    );
    assert_eq!(server.lines()[1], "POST /api/catalog/locations?dryRun=true");
    program.run(&["register", "catalog-info.yaml"]);
    let target = server.asked()[2].body["target"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        target.starts_with('/') && target.ends_with("/catalog-info.yaml"),
        "{target}"
    );
}

#[test]
fn refreshing_several_may_succeed_in_part() {
    let refresh = "POST /api/catalog/refresh";
    let server = Server::new(&[
        (refresh, 200, Value::Null),
        (refresh, 404, error("NotFoundError", "gone")),
    ]);
    let ran = program(&server).run(&["refresh", "component:a", "component:b"]);
    assert_eq!(ran.code, 11);
    assert_eq!(
        ran.out,
        "REF                  REFRESH\ncomponent:default/a  requested\n"
    );
    assert!(ran.err.starts_with("error: gone\n"), "{}", ran.err);
    assert_eq!(
        server.asked()[0].body,
        json!({"entityRef": "component:default/a"})
    );
    assert_eq!(program(&server).run(&["refresh", "component:b"]).code, 3);
}

#[test]
fn exports_can_be_registered_again() {
    let server = Server::new(&[(BY_QUERY, 200, page(&[pay(), library()], 2, None))]);
    let program = program(&server);
    let ran = program.run(&["export"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, "2 entities exported\n"));
    assert!(
        !ran.out.contains("uid")
            && !ran.out.contains("relations")
            && !ran.out.contains("managed-by"),
        "{}",
        ran.out
    );
    let checked = program.run_with_input(&["validate", "-"], &ran.out);
    assert_eq!(
        (checked.code, checked.err.as_str()),
        (0, "1 file, 2 entities: 0 errors, 0 warnings\n"),
        "{}",
        checked.out
    );
    program.run(&["export", "components", "--dir", "out"]);
    let file = std::fs::read_to_string(program.path().join("out/component/shop/lib.yaml")).unwrap();
    assert!(
        file.starts_with(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: lib\n"
        ),
        "{file}"
    );
    assert!(program.run(&["export", "--raw"]).out.contains("  uid: u\n"));
}

#[test]
fn tokens_are_actions() {
    let token = json!({"id": "t1", "name": "ci", "scope": "read", "status": "active", "createdAt": "2026-11-21T10:00:00Z", "expiresAt": null});
    let server = Server::new(&[
        (
            "POST /api/v1/actions/token:create",
            200,
            json!({"token": token, "secret": "pw_secret"}),
        ),
        (
            "POST /api/v1/actions/token:list",
            200,
            json!({"items": [token]}),
        ),
        (
            "POST /api/v1/actions/token:revoke",
            200,
            json!({"token": token}),
        ),
    ]);
    let program = program(&server);
    let made = program.run(&[
        "token",
        "create",
        "ci",
        "--scope",
        "catalog.entity.read, catalog.location.read",
    ]);
    assert_eq!(made.out, "pw_secret\n");
    assert_eq!(
        made.err,
        "this is the only time that the token is shown; keep it in PORTWAY_TOKEN\n"
    );
    assert_eq!(
        server.asked()[0].body,
        json!({"name": "ci", "scope": ["catalog.entity.read", "catalog.location.read"]})
    );
    program.run(&["token", "create", "ci", "--expires-in", "30d"]);
    let body = &server.asked()[1].body;
    assert_eq!(body["scope"], "read");
    assert!(body["expiresAt"].as_str().unwrap().ends_with('Z'), "{body}");
    let odd = program.run(&["token", "create", "ci", "--expires-in", "soon"]);
    assert_eq!(odd.code, 2);
    assert_eq!(
        odd.err,
        "error: `soon` is no length of time\ncause: `soon` is not a duration\nfix: write it like 30d or 12h\n"
    );
    assert!(
        program
            .run(&["token", "list"])
            .out
            .starts_with("NAME  ID  SCOPE  STATUS  CREATED")
    );
    let ended = program.run(&["token", "revoke", "ci"]);
    assert_eq!(
        (ended.out.as_str(), ended.err.as_str()),
        ("", "ci does not work any more\n")
    );
    assert_eq!(server.asked().last().unwrap().body, json!({"token": "ci"}));
}
