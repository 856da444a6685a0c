//! GitHub Apps: tokens that are asked for, kept, renewed, and used for their
//! own installation only.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use forge::budget::Priority;
use forge::client::unobserved;
use forge::discovery::GitHubProvider;
use forge::git::{Git, GitOptions, Remote};
use forge::{Forge, Forges};
use serde_json::{Value, json};

use crate::github;
use crate::support::Bench;
use crate::support::forge_server::ForgeServer;
use crate::support::git_host::GitHost;
use crate::support::repo::Repo;

/// Made for these tests; opens nothing.
const KEY: &str = include_str!("support/app_key.pem");
const TOKEN: &str = "/api/v3/app/installations/7/access_tokens";

fn app(key: &str) -> Value {
    json!([{
        "appId": 4711, "privateKey": key, "clientId": "x", "clientSecret": "x",
        "allowedInstallationOwners": ["acme", "ACME-labs"],
    }])
}

async fn bench(web: Option<&str>, key: &str) -> Bench {
    let server = ForgeServer::start().await;
    let web = web.unwrap_or(&server.host).to_owned();
    let installation = |id: u64, login: &str| json!({ "id": id, "account": { "login": login } });
    server.list(
        "/api/v3/app/installations",
        vec![installation(6, "stranger"), installation(7, "Acme")],
    );
    server.document(
        TOKEN,
        json!({ "token": "ghs_1", "expires_at": "2026-03-01T13:00:00Z" }),
    );
    for owner in ["acme", "stranger"] {
        server.list(
            &format!("/api/v3/orgs/{owner}/repos"),
            vec![github::repo(&server.host, 1)],
        );
    }
    server.list(
        "/api/v3/orgs/Acme/repos",
        vec![github::repo(&server.host, 1)],
    );
    let entry = json!({
        "host": web, "baseUrl": format!("http://{web}"),
        "apiBaseUrl": server.url("/api/v3"), "apps": app(key),
    });
    Bench::of_entry(server, "github", entry)
}

fn forge(forges: &Forges, host: &str, owner: &str) -> Forge {
    forges
        .of_owner(host, owner, Priority::Background)
        .expect("forge")
}

#[tokio::test]
async fn a_token_is_asked_for_once_and_renewed_in_time() {
    let bench = bench(None, KEY).await;
    let forge = forge(&bench.forges, &bench.server.host, "acme");
    for _ in 0..3 {
        forge.repositories("acme", &unobserved).await.expect("list");
    }
    let asked = bench.server.seen("/api/v3/orgs/acme/repos");
    assert!(
        asked
            .iter()
            .all(|seen| seen.header("authorization") == Some("Bearer ghs_1"))
    );
    assert_eq!(bench.server.seen(TOKEN).len(), 1);
    let jwt = bench.server.seen(TOKEN)[0]
        .header("authorization")
        .expect("JWT")
        .to_owned();
    let claims = jwt
        .strip_prefix("Bearer ")
        .and_then(|jwt| jwt.split('.').nth(1))
        .expect("claims");
    let claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).expect("base64")).expect("JSON");
    let now = bench.clock.now().as_second();
    assert_eq!(
        claims,
        json!({ "iat": now - 60, "exp": now + 540, "iss": "4711" })
    );

    bench.clock.advance(Duration::from_secs(56 * 60));
    let renewed = json!({ "token": "ghs_2", "expires_at": "2026-03-01T14:00:00Z" });
    bench.server.document(TOKEN, renewed);
    forge.repositories("acme", &unobserved).await.expect("list");
    let last = bench
        .server
        .seen("/api/v3/orgs/acme/repos")
        .pop()
        .expect("request");
    assert_eq!(last.header("authorization"), Some("Bearer ghs_2"));
    assert!(!format!("{:?} {:?}", bench.forges, bench.credentials).contains("ghs_"));
}

#[tokio::test]
async fn an_owner_that_is_not_allowed_gets_no_token() {
    let bench = bench(None, KEY).await;
    let forge = forge(&bench.forges, &bench.server.host, "stranger");
    forge
        .repositories("stranger", &unobserved)
        .await
        .expect("list");
    assert_eq!(
        bench.server.seen("/api/v3/orgs/stranger")[0].header("authorization"),
        None
    );
    assert!(bench.server.seen("/api/v3/app").is_empty());
    assert_ne!(
        forge.budget().state().credential,
        self::forge(&bench.forges, &bench.server.host, "acme")
            .budget()
            .state()
            .credential
    );
}

#[tokio::test]
async fn an_app_without_an_organisation_reads_its_installations() {
    let bench = bench(None, KEY).await;
    let host = bench.server.host.clone();
    let (providers, problems) = GitHubProvider::from_config(&json!({ "host": host, "app": 4711 }));
    assert_eq!(problems, Vec::<String>::new());
    let found = providers[0]
        .discover(&bench.forges, &unobserved)
        .await
        .expect("run");
    assert_eq!(found.found.len(), 1);
    let owners = bench.forges.app_owners(&host, None).await.expect("owners");
    assert_eq!(owners, ["Acme"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn git_is_read_with_the_apps_token() {
    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    // "x-access-token:ghs_1"
    let header = "Basic eC1hY2Nlc3MtdG9rZW46Z2hzXzE=";
    let host = GitHost::start(repo.root().to_owned(), Some(header)).await;
    let bench = bench(Some(&host.host), KEY).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = Git::new(GitOptions::new(dir.path()), bench.credentials.clone());
    let remote = Remote::parse(&host.url("acme/shop.git")).expect("remote");
    let snapshot = git.fetch(&remote, None).await.expect("fetch");
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
}

#[tokio::test]
async fn a_key_that_is_none_is_explained() {
    let bench = bench(None, "not a key").await;
    let forge = forge(&bench.forges, &bench.server.host, "acme");
    let error = forge
        .repositories("acme", &unobserved)
        .await
        .expect_err("key");
    let text = error.to_string();
    assert!(
        text.contains("apps[appId=4711].privateKey: not an RSA key in PEM form"),
        "{text}"
    );
    assert!(!text.contains("not a key"), "{text}");
}
