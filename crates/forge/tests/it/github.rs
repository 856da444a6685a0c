//! GitHub's API, well and badly behaved.

use std::ops::ControlFlow;

use forge::ForgeError;
use forge::client::{Visibility, unobserved};
use serde_json::{Value, json};

use crate::support::Bench;
use crate::support::forge_server::Fault;

const LIST: &str = "/api/v3/orgs/acme/repos";

pub(crate) fn repo(host: &str, n: usize) -> Value {
    json!({
        "id": 1000 + n,
        "name": format!("repo-{n}"),
        "full_name": format!("acme/repo-{n}"),
        "private": false,
        "visibility": "internal",
        "html_url": format!("http://{host}/acme/repo-{n}"),
        "clone_url": format!("http://{host}/acme/repo-{n}.git"),
        "default_branch": "main",
        "archived": false,
        "fork": n % 2 == 1,
        "topics": ["backstage-enabled"],
        "pushed_at": "2026-02-03T04:05:06Z",
        "owner": { "login": "acme" },
    })
}

#[tokio::test]
async fn ten_thousand_repositories_are_a_hundred_pages() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    bench
        .server
        .list(LIST, (0..10_000).map(|n| repo(&host, n)).collect());
    let seen = parking_lot::Mutex::new(Vec::new());
    let observer = |progress: forge::client::Progress| {
        seen.lock().push((progress.done, progress.total));
        ControlFlow::Continue(())
    };
    let listed = bench
        .forge()
        .repositories("acme", &observer)
        .await
        .expect("list");
    assert_eq!(listed.items.len(), 10_000);
    assert_eq!(bench.server.seen(LIST).len(), 100);
    assert_eq!(seen.lock().first(), Some(&(100, Some(10_000))));
    assert_eq!(seen.lock().last(), Some(&(10_000, Some(10_000))));
    let first = &listed.items[0];
    assert_eq!(
        (first.id.as_str(), first.slug().as_str()),
        ("1000", "acme/repo-0")
    );
    assert_eq!(first.visibility, Visibility::Internal);
    assert_eq!(first.default_branch.as_deref(), Some("main"));
    assert_eq!(
        first.pushed_at.expect("time").to_string(),
        "2026-02-03T04:05:06Z"
    );
    assert_eq!(first.topics, ["backstage-enabled"]);
    assert!(!first.fork && listed.items[1].fork);
}

#[tokio::test]
async fn a_listing_can_be_stopped() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    bench
        .server
        .list(LIST, (0..1000).map(|n| repo(&host, n)).collect());
    let observer = |progress: forge::client::Progress| match progress.done {
        300.. => ControlFlow::Break(()),
        _ => ControlFlow::Continue(()),
    };
    let error = bench
        .forge()
        .repositories("acme", &observer)
        .await
        .expect_err("stopped");
    assert!(matches!(error, ForgeError::Stopped { .. }), "{error}");
    assert_eq!(bench.server.seen(LIST).len(), 3);
}

#[tokio::test]
async fn a_user_is_listed_like_an_organisation() {
    let bench = Bench::start("github").await;
    bench
        .server
        .list("/api/v3/users/minji/repos", vec![repo("h", 1)]);
    let listed = bench
        .forge()
        .repositories("minji", &unobserved)
        .await
        .expect("list");
    assert_eq!(listed.items.len(), 1);
}

#[tokio::test]
async fn an_item_that_cannot_be_read_does_not_hurt_the_others() {
    let bench = Bench::start("github").await;
    bench.server.list(
        LIST,
        vec![repo("h", 1), json!({ "id": 2 }), json!(null), repo("h", 3)],
    );
    let listed = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect("list");
    assert_eq!(listed.items.len(), 2);
    assert_eq!(
        listed.notes,
        [
            "an item on page 1 is left out: it has no `full_name`",
            "an item on page 1 is left out: it has no `full_name`",
        ]
    );
}

#[tokio::test]
async fn broken_answers_are_asked_for_again() {
    for fault in [Fault::Cut, Fault::status(500), Fault::status(502)] {
        let bench = Bench::start("github").await;
        bench.server.list(LIST, vec![repo("h", 1)]);
        bench.server.fail(LIST, [fault.clone(), fault]);
        let listed = bench
            .forge()
            .repositories("acme", &unobserved)
            .await
            .expect("third time");
        assert_eq!(listed.items.len(), 1);
        assert_eq!(bench.server.seen(LIST).len(), 3);
    }
}

#[tokio::test]
async fn a_silent_server_is_given_up_on() {
    let bench = Bench::impatient().await;
    bench
        .server
        .fail(LIST, std::iter::repeat_n(Fault::Silence, 3));
    let result = bench.forge().repositories("acme", &unobserved).await;
    let error = result.expect_err("silence");
    assert!(
        error.is_transient() && error.to_string().contains("no byte arrived"),
        "{error}"
    );
    assert_eq!(bench.server.seen(LIST).len(), 3);
}

#[tokio::test]
async fn what_stays_broken_is_explained() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    bench
        .server
        .fail(LIST, std::iter::repeat_n(Fault::status(500), 3));
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("500");
    assert_eq!(
        error.to_string(),
        format!("could not list repositories of `acme`: {host} answered with status 500: no")
    );
    assert!(error.is_transient() && !error.is_absence());

    bench.server.fail(LIST, std::iter::repeat_n(Fault::Cut, 3));
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("cut");
    assert!(error.is_transient(), "{error}");

    let login = Fault::Answer(
        200,
        vec![("etag", "\"1\"".to_owned())],
        "<html>sign in</html>".to_owned(),
    );
    bench.server.fail(LIST, [login]);
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("garbage");
    assert!(
        error
            .to_string()
            .contains("something else than its API describes: expected value at line 1 column 1"),
        "{error}"
    );
    // The garbage was not kept.
    bench.server.list(LIST, vec![repo("h", 1)]);
    let listed = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect("again");
    assert_eq!(listed.items.len(), 1);
}

#[tokio::test]
async fn half_a_listing_is_no_listing() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    bench
        .server
        .list(LIST, (0..150).map(|n| repo(&host, n)).collect());
    let good = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect("good");
    assert_eq!(good.items.len(), 150);
    // The second page now says that the organisation is gone.
    let ok = Fault::Answer(
        200,
        vec![(
            "link",
            format!("<{}?page=2>; rel=\"next\"", bench.server.url(LIST)),
        )],
        "[]".to_owned(),
    );
    bench.server.fail(LIST, [ok, Fault::status(403)]);
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("second page");
    assert!(matches!(error, ForgeError::Forbidden { .. }), "{error}");
}

#[tokio::test]
async fn refusals_say_what_the_token_lacks() {
    let bench = Bench::start("github").await;
    let host = bench.server.host.clone();
    let scopes = vec![
        ("x-oauth-scopes", "repo, gist".to_owned()),
        (
            "x-accepted-oauth-scopes",
            "admin:org, read:org, repo".to_owned(),
        ),
    ];
    let body = r#"{"message":"Must have admin rights"}"#.to_owned();
    bench.server.fail(LIST, [Fault::Answer(403, scopes, body)]);
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("403");
    assert_eq!(
        error.to_string(),
        format!(
            "could not list repositories of `acme`: {host} forbids it (status 403: Must have admin rights). The token has the scopes `repo, gist`; give it one of `admin:org`, `read:org`"
        )
    );
    let sso = vec![(
        "x-github-sso",
        "required; url=https://github.com/orgs/acme/sso?x=1".to_owned(),
    )];
    bench
        .server
        .fail(LIST, [Fault::Answer(403, sso, "{}".to_owned())]);
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("sso");
    assert!(
        error
            .to_string()
            .contains("authorise the token at https://github.com/orgs/acme/sso?x=1"),
        "{error}"
    );
    bench.server.fail(LIST, [Fault::status(401)]);
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("401");
    assert!(
        error
            .to_string()
            .contains("does not accept the configured token (status 401: no). Replace the `token`"),
        "{error}"
    );
    let error = bench
        .forge()
        .repository("acme/none")
        .await
        .expect_err("404");
    assert!(
        error.is_absence()
            && error
                .to_string()
                .contains("the token's owner must be able to see it"),
        "{error}"
    );
    // The token was sent as a header, and never in an address.
    for seen in bench.server.seen("/") {
        assert_eq!(seen.header("authorization"), Some("Bearer good-token"));
        assert!(!seen.query.contains("good-token"));
    }
}

#[tokio::test]
async fn without_a_token_the_fix_is_to_add_one() {
    let bench = Bench::with("github", None).await;
    bench.server.fail(LIST, [Fault::status(401)]);
    let error = bench
        .forge()
        .repositories("acme", &unobserved)
        .await
        .expect_err("401");
    assert!(
        error
            .to_string()
            .contains("does not accept the anonymous access (status 401: no). Add a `token`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_renamed_repository_and_branch_are_found() {
    let bench = Bench::start("github").await;
    let mut new = repo(&bench.server.host, 7);
    new["default_branch"] = json!("trunk");
    bench.server.document("/api/v3/repositories/1007", new);
    let to = bench.server.url("/api/v3/repositories/1007");
    bench
        .server
        .fail("/api/v3/repos/acme/old-name", [Fault::Redirect(301, to)]);
    let found = bench
        .forge()
        .repository("acme/old-name")
        .await
        .expect("moved");
    assert_eq!(
        (found.slug().as_str(), found.id.as_str()),
        ("acme/repo-7", "1007")
    );
    assert_eq!(found.default_branch.as_deref(), Some("trunk"));
}

#[tokio::test]
async fn files_and_trees_are_read() {
    let bench = Bench::start("github").await;
    bench
        .server
        .file("/api/v3/repos/acme/shop/contents/docs/a%20b.md", "hello");
    bench.server.document(
        "/api/v3/repos/acme/shop/git/trees/main",
        json!({ "sha": "x", "truncated": false, "tree": [
            { "path": "docs", "type": "tree", "sha": "1" },
            { "path": "docs/a b.md", "type": "blob", "sha": "2", "size": 5 },
            { "path": "lib", "type": "commit", "sha": "3" },
        ]}),
    );
    let forge = bench.forge();
    let file = forge
        .file("acme/shop", Some("main"), "docs/a b.md", 1000)
        .await
        .expect("file");
    assert_eq!(file, "hello");
    let seen = &bench.server.seen("/api/v3/repos/acme/shop/contents")[0];
    assert_eq!(
        (seen.query.as_str(), seen.header("accept")),
        ("ref=main", Some("application/vnd.github.raw+json"))
    );
    let error = forge
        .file("acme/shop", None, "docs/a b.md", 3)
        .await
        .expect_err("too large");
    assert!(error.to_string().contains("more than 3 bytes"), "{error}");
    let tree = forge.tree("acme/shop", "main").await.expect("tree");
    assert!(tree.complete);
    assert_eq!(tree.files.len(), 1);
    assert_eq!(
        (tree.files[0].path.as_str(), tree.files[0].size),
        ("docs/a b.md", Some(5))
    );
}

#[tokio::test]
async fn pages_do_not_lead_elsewhere() {
    for (link, expected) in [
        (
            "<http://127.0.0.1:1/steal>; rel=\"next\"".to_owned(),
            "the next page is on another host",
        ),
        (
            format!("<{LIST}?per_page=100&sort=full_name>; rel=\"next\""),
            "a page names itself as the next one",
        ),
    ] {
        let bench = Bench::start("github").await;
        bench.server.fail(
            LIST,
            [Fault::Answer(200, vec![("link", link)], "[]".to_owned())],
        );
        let error = bench
            .forge()
            .repositories("acme", &unobserved)
            .await
            .expect_err(expected);
        assert!(error.to_string().contains(expected), "{error}");
    }
}
