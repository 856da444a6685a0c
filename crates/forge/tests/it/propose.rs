//! Pull requests that add a file, at forges that behave and that do not.

use forge::ForgeError;
use forge::client::{Proposal, WriteAccess};
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::forge_server::Fault;

const GITHUB: &str = "/api/v3/repos/acme/shop";
const GITLAB: &str = "/api/v4/projects/acme%2Fshop";
const GITEA: &str = "/api/v1/repos/acme/shop";
/// `apiVersion: x\n` in Base64.
const CONTENT: &str = "YXBpVmVyc2lvbjogeAo=";

fn proposal() -> Proposal {
    Proposal {
        slug: "acme/shop".into(),
        base: None,
        branch: "portway/add-catalog-info".into(),
        path: "catalog-info.yaml".into(),
        content: "apiVersion: x\n".into(),
        title: "Add catalog-info.yaml".into(),
        body: "Describes the service.".into(),
    }
}

fn repository(host: &str, push: Option<bool>) -> Value {
    let mut found = json!({
        "id": 5,
        "full_name": "acme/shop",
        "path_with_namespace": "acme/shop",
        "private": true,
        "visibility": "private",
        "archived": false,
        "fork": false,
        "empty": false,
        "default_branch": "main",
        "topics": [],
        "html_url": format!("http://{host}/acme/shop"),
        "web_url": format!("http://{host}/acme/shop"),
        "clone_url": format!("http://{host}/acme/shop.git"),
        "updated_at": "2026-02-03T04:05:06Z",
    });
    if let Some(push) = push {
        let level = if push { 40 } else { 20 };
        found["permissions"] = json!({ "push": push, "project_access": { "access_level": level } , "group_access": null });
        // GitLab's roles and the flag of the others do not meet in one answer.
        if host.is_empty() {
            found["permissions"]
                .as_object_mut()
                .expect("an object")
                .remove("push");
        }
    }
    found
}

/// A GitHub that takes everything.
async fn github() -> Bench {
    let bench = Bench::start("github").await;
    let server = &bench.server;
    server.document(GITHUB, repository(&server.host, Some(true)));
    server.document(
        &format!("{GITHUB}/git/ref/heads/main"),
        json!({ "object": { "sha": "abc" } }),
    );
    server.reply(&format!("POST {GITHUB}/git/refs"), [(201, json!({}))]);
    server.reply(&contents("PUT", GITHUB), [(201, json!({}))]);
    server.reply(
        &format!("POST {GITHUB}/pulls"),
        [(
            201,
            json!({ "number": 7, "html_url": "https://h/acme/shop/pull/7" }),
        )],
    );
    bench
}

fn contents(method: &str, repository: &str) -> String {
    format!("{method} {repository}/contents/catalog-info.yaml")
}

#[tokio::test]
async fn github_makes_branch_commit_and_pull_request() {
    let bench = github().await;
    let made = bench
        .forge()
        .propose(&proposal())
        .await
        .expect("a pull request");
    assert_eq!(
        (
            made.number,
            made.url.as_str(),
            made.base.as_str(),
            made.again
        ),
        (7, "https://h/acme/shop/pull/7", "main", false)
    );
    assert_eq!(
        bench.server.asked(),
        [
            format!("GET {GITHUB}"),
            format!("GET {GITHUB}/git/ref/heads/main"),
            format!("POST {GITHUB}/git/refs"),
            contents("GET", GITHUB),
            contents("PUT", GITHUB),
            format!("POST {GITHUB}/pulls"),
        ]
    );
    let sent = |path: &str| bench.server.seen(path).pop().expect("a request").json();
    assert_eq!(
        sent(&format!("{GITHUB}/git/refs")),
        json!({ "ref": "refs/heads/portway/add-catalog-info", "sha": "abc" })
    );
    let commit = sent(&format!("{GITHUB}/contents"));
    assert_eq!(commit["content"], CONTENT);
    assert_eq!(commit["branch"], "portway/add-catalog-info");
    assert_eq!(commit.get("sha"), None);
    let pull = sent(&format!("{GITHUB}/pulls"));
    assert_eq!(
        (&pull["head"], &pull["base"], &pull["title"]),
        (
            &json!("portway/add-catalog-info"),
            &json!("main"),
            &json!("Add catalog-info.yaml")
        )
    );
}

#[tokio::test]
async fn a_repetition_ends_with_the_same_pull_request() {
    let bench = github().await;
    let server = &bench.server;
    let exists = |what: &str| (422, json!({ "message": format!("{what} already exists") }));
    server.reply(&format!("POST {GITHUB}/git/refs"), [exists("Reference")]);
    server.reply(
        &format!("POST {GITHUB}/pulls"),
        [exists("A pull request for acme:portway/add-catalog-info")],
    );
    let open = json!([{ "number": 7, "html_url": "https://h/acme/shop/pull/7" }]);
    server.reply(&format!("GET {GITHUB}/pulls"), [(200, open)]);
    // The file that the first attempt committed, with lines as GitHub breaks them.
    let lines = format!("{}\n{}\n", &CONTENT[..8], &CONTENT[8..]);
    server.reply(
        &contents("GET", GITHUB),
        [
            (200, json!({ "sha": "f00", "content": lines })),
            (200, json!({ "sha": "f00", "content": "b2xk" })),
        ],
    );
    let made = bench
        .forge()
        .propose(&proposal())
        .await
        .expect("the pull request");
    assert_eq!((made.number, made.again), (7, true));
    assert!(
        !server.asked().contains(&contents("PUT", GITHUB)),
        "nothing to commit"
    );
    let asked = server
        .seen(&format!("{GITHUB}/pulls"))
        .pop()
        .expect("a search");
    assert!(
        asked
            .query
            .contains("head=acme%3Aportway%2Fadd-catalog-info"),
        "{}",
        asked.query
    );
    // Somebody has changed the text in the meantime.
    bench
        .forge()
        .propose(&proposal())
        .await
        .expect("the pull request");
    let commit = server
        .seen(&format!("{GITHUB}/contents"))
        .pop()
        .expect("a commit");
    assert_eq!(commit.json()["sha"], "f00");
}

#[tokio::test]
async fn gitlab_makes_branch_commit_and_merge_request() {
    let bench = Bench::start("gitlab").await;
    let server = &bench.server;
    server.document(GITLAB, repository("", Some(true)));
    let file = format!("{GITLAB}/repository/files/catalog-info.yaml");
    server.reply(
        &format!("POST {GITLAB}/repository/branches"),
        [(201, json!({}))],
    );
    server.reply(&format!("POST {file}"), [(201, json!({}))]);
    let merge = json!({ "iid": 3, "web_url": "https://h/acme/shop/-/merge_requests/3" });
    let requests = format!("{GITLAB}/merge_requests");
    server.reply(
        &format!("POST {requests}"),
        [
            (201, merge.clone()),
            (409, json!({ "message": ["Another open merge request already exists for this source branch: !3"] })),
        ],
    );
    server.reply(&format!("GET {requests}"), [(200, json!([merge]))]);
    let forge = bench.forge();
    assert_eq!(
        forge.write_access("acme/shop").await.expect("access").1,
        WriteAccess::Granted
    );
    let made = forge.propose(&proposal()).await.expect("a merge request");
    assert_eq!((made.number, made.again), (3, false));
    let commit = server.seen(&file).pop().expect("a commit").json();
    assert_eq!(
        (&commit["encoding"], &commit["content"]),
        (&json!("base64"), &json!(CONTENT))
    );
    server.reply(
        &format!("POST {GITLAB}/repository/branches"),
        [(400, json!({ "message": "Branch already exists" }))],
    );
    server.reply(
        &format!("GET {file}"),
        [(200, json!({ "content": CONTENT }))],
    );
    let again = forge.propose(&proposal()).await.expect("the merge request");
    assert_eq!((again.number, again.again), (3, true));
}

#[tokio::test]
async fn gitea_makes_branch_commit_and_pull_request() {
    let bench = Bench::start("gitea").await;
    let server = &bench.server;
    server.document(GITEA, repository(&server.host, Some(false)));
    let forge = bench.forge();
    assert_eq!(
        forge.write_access("acme/shop").await.expect("access").1,
        WriteAccess::ReadOnly
    );
    let pull = json!({ "number": 9, "html_url": "https://h/acme/shop/pulls/9" });
    let conflict = || {
        (
            409,
            json!({ "message": "pull request already exists for these targets" }),
        )
    };
    server.reply(
        &format!("POST {GITEA}/branches"),
        [(201, json!({})), conflict()],
    );
    server.reply(&contents("POST", GITEA), [(201, json!({}))]);
    server.reply(
        &format!("POST {GITEA}/pulls"),
        [(201, pull.clone()), conflict()],
    );
    server.document(
        &format!("{GITEA}/pulls/main/portway/add-catalog-info"),
        pull,
    );
    let made = forge.propose(&proposal()).await.expect("a pull request");
    assert_eq!((made.number, made.again), (9, false));
    server.reply(
        &contents("GET", GITEA),
        [(200, json!({ "sha": "f00", "content": "b2xk" }))],
    );
    server.reply(&contents("PUT", GITEA), [(200, json!({}))]);
    let again = forge.propose(&proposal()).await.expect("the pull request");
    assert_eq!((again.number, again.again), (9, true));
    let update = server
        .seen(&format!("{GITEA}/contents"))
        .pop()
        .expect("a commit");
    assert_eq!(update.json()["sha"], "f00");
}

#[tokio::test]
async fn every_refusal_names_the_step_and_what_to_do() {
    let branches = format!("{GITHUB}/git/refs");
    let commits = format!("{GITHUB}/contents");
    let pulls = format!("{GITHUB}/pulls");
    let refused = async |path: &str, fault: Fault| {
        let bench = github().await;
        bench
            .server
            .fail(path, [fault.clone(), fault.clone(), fault]);
        bench
            .forge()
            .propose(&proposal())
            .await
            .expect_err("a refusal")
    };
    let error = refused(GITHUB, Fault::status(401)).await;
    assert!(matches!(error, ForgeError::Unauthorized { .. }), "{error}");
    assert!(error.to_string().contains("Replace the `token`"), "{error}");
    let scopes = vec![
        ("x-oauth-scopes", "read:org".to_owned()),
        ("x-accepted-oauth-scopes", "repo".to_owned()),
    ];
    let error = refused(
        &branches,
        Fault::Answer(403, scopes, r#"{"message":"no"}"#.into()),
    )
    .await;
    let text = error.to_string();
    assert!(
        text.contains("make the branch `portway/add-catalog-info`") && text.contains("`repo`"),
        "{text}"
    );
    let error = refused(&commits, Fault::status(409)).await;
    assert!(
        matches!(&error, ForgeError::Status { status: 409, what, .. } if what.contains("catalog-info.yaml")),
        "{error}"
    );
    let error = refused(&pulls, Fault::status(404)).await;
    assert!(
        error.is_absence() && error.to_string().contains("open a pull request"),
        "{error}"
    );
    let error = refused(
        &pulls,
        Fault::Answer(422, Vec::new(), r#"{"message":"Validation Failed"}"#.into()),
    )
    .await;
    assert!(
        error.to_string().contains("status 422: Validation Failed"),
        "{error}"
    );
    let limited = vec![("retry-after", "120".to_owned())];
    let error = refused(&pulls, Fault::Answer(429, limited, "{}".into())).await;
    assert_eq!(
        error.wait().map(|wait| wait.until.to_string()).as_deref(),
        Some("2026-03-01T12:02:00Z"),
        "{error}"
    );
    let error = refused(&pulls, Fault::Answer(200, Vec::new(), "<html>".into())).await;
    assert!(matches!(error, ForgeError::Garbage { .. }), "{error}");
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_without_doing_it_twice() {
    let bench = github().await;
    let server = &bench.server;
    server.fail(&format!("{GITHUB}/git/refs"), [Fault::Cut]);
    server.reply(
        &format!("POST {GITHUB}/git/refs"),
        [(422, json!({ "message": "Reference already exists" }))],
    );
    let made = bench
        .forge()
        .propose(&proposal())
        .await
        .expect("a pull request");
    assert_eq!(made.number, 7);
    assert_eq!(server.seen(&format!("{GITHUB}/git/refs")).len(), 2);
}

#[tokio::test]
async fn a_silent_forge_is_given_up_on() {
    let bench = Bench::impatient().await;
    bench
        .server
        .fail(GITHUB, std::iter::repeat_n(Fault::Silence, 3));
    let error = bench
        .forge()
        .propose(&proposal())
        .await
        .expect_err("silence");
    assert!(error.is_transient(), "{error}");
}

#[tokio::test]
async fn without_a_credential_nothing_can_be_written() {
    let bench = Bench::with("github", None).await;
    bench
        .server
        .document(GITHUB, repository(&bench.server.host, None));
    let (_, access) = bench
        .forge()
        .write_access("acme/shop")
        .await
        .expect("the repository");
    assert_eq!(access, WriteAccess::NoCredential);
}

#[tokio::test]
async fn an_empty_repository_has_no_branch_to_start_from() {
    let bench = github().await;
    let mut empty = repository(&bench.server.host, Some(true));
    empty["default_branch"] = Value::Null;
    bench.server.document(GITHUB, empty);
    let error = bench
        .forge()
        .propose(&proposal())
        .await
        .expect_err("a refusal");
    assert!(
        error.to_string().contains("the repository is empty"),
        "{error}"
    );
}
