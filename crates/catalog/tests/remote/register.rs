//! The wizard with a code host: a repository that has its file, one that has
//! several, one that has none, and a pull request for it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{Request, StatusCode, header};
use axum::middleware::from_fn;
use catalog::{LOCALES, Sockets, page_routes};
use platform::actor::Caller;
use platform::error::ApiError;
use platform::http::{Gate, finish};
use platform::request::encode;
use portal::{Nav, Portal};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    Fault, On, Plan, Repo, Server, World, component, forge_json, on_both_databases,
};

on_both_databases! {
    a_repository_with_its_file_is_registered_and_shown,
    two_clicks_at_once_register_once,
    several_files_can_be_registered_together_or_one_by_one,
    a_repository_without_a_file_gets_a_suggestion_and_a_pull_request,
    a_refused_proposal_says_why_and_keeps_the_text,
    without_a_credential_the_file_is_for_copying,
    a_file_that_is_not_there_leads_to_a_suggestion,
    a_provider_lists_what_it_found_and_what_it_passed_over,
    a_registered_source_is_taken_out_as_it_was_shown,
}

struct Everybody;

#[async_trait]
impl Gate for Everybody {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(Caller::system("test"))
    }
}

struct Wizard {
    server: Server,
    world: World,
    router: Router,
    portal: Arc<Portal>,
}

struct Seen {
    status: StatusCode,
    to: String,
    text: String,
}

impl Wizard {
    async fn new(server: Server, plan: Plan) -> Self {
        let world = plan.run().await;
        let portal = Portal::new(&LOCALES, Nav::default(), "Acme").expect("messages");
        let identity = world.identity().await;
        let router = page_routes(
            &world.catalog,
            &portal,
            (&identity, Arc::new(Everybody)),
            Sockets::default(),
        )
        .into_router()
        .layer(from_fn(finish));
        Self {
            server,
            world,
            router,
            portal,
        }
    }

    async fn github(on: On) -> Self {
        let server = Server::start().await;
        let plan = Plan::new(on).forge("github", &server).token("github");
        Self::new(server, plan).await
    }

    async fn send(&self, request: Request<Body>) -> Seen {
        let answer = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = answer.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.expect("a body");
        let to = parts.headers.get(header::LOCATION);
        assert_eq!(self.portal.texts().missing(), Vec::<String>::new());
        Seen {
            status: parts.status,
            to: to.map_or("", |to| to.to_str().expect("text")).to_owned(),
            text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        }
    }

    async fn look(&self, path: &str) -> Seen {
        let url = encode(&self.server.url(path));
        let request = Request::get(format!("/register?url={url}"));
        self.send(request.body(Body::empty()).expect("a request"))
            .await
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Seen {
        let pairs: Vec<String> = form
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(pairs.join("&")));
        self.send(request.expect("a request")).await
    }

    /// The API of a repository that takes everything.
    fn takes_pull_requests(&self, slug: &str) {
        let api = format!("/api/v3/repos/{slug}");
        let found = forge_json::with(
            forge_json::github(&self.server, slug),
            &json!({ "permissions": { "push": true } }),
        );
        self.server.reply(&format!("GET {api}"), 200, found);
        self.server.reply(
            &format!("GET {api}/git/ref/heads/main"),
            200,
            json!({ "object": { "sha": "abc" } }),
        );
        self.server
            .reply(&format!("POST {api}/git/refs"), 201, json!({}));
        self.server.reply(
            &format!("PUT {api}/contents/catalog-info.yaml"),
            201,
            json!({}),
        );
        let pull = json!({ "number": 7, "html_url": self.server.url(&format!("/{slug}/pull/7")) });
        self.server.reply(&format!("POST {api}/pulls"), 201, pull);
    }
}

async fn a_repository_with_its_file_is_registered_and_shown(on: On) {
    let wizard = Wizard::github(on).await;
    Repo::with(
        wizard.server.root(),
        "acme/shop",
        "catalog-info.yaml",
        &component("shop"),
    );
    let seen = wizard.look("/acme/shop").await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
    let url = wizard.server.url("/acme/shop/blob/main/catalog-info.yaml");
    for text in [
        "acme/shop has a catalog file",
        &url,
        "Register 1 new entity",
    ] {
        assert!(seen.text.contains(text), "{text}: {}", seen.text);
    }
    assert_eq!(
        wizard.world.refs(),
        Vec::<String>::new(),
        "looking stores nothing"
    );
    let added = wizard.post("/register/add", &[("url", &url)]).await;
    assert_eq!(
        (added.status, added.to.as_str()),
        (StatusCode::SEE_OTHER, "/catalog/default/component/shop")
    );
    // A second click.
    let again = wizard.post("/register/add", &[("url", &url)]).await;
    assert_eq!((again.status, again.to), (StatusCode::SEE_OTHER, added.to));
    assert_eq!(wizard.world.sources().await.len(), 1);
    let known = wizard.look("/acme/shop").await;
    assert!(
        known.text.contains("registered already") && known.text.contains("As it is"),
        "{}",
        known.text
    );
}

async fn two_clicks_at_once_register_once(on: On) {
    let wizard = Wizard::github(on).await;
    Repo::with(
        wizard.server.root(),
        "acme/shop",
        "catalog-info.yaml",
        &component("shop"),
    );
    let url = wizard.server.url("/acme/shop/blob/main/catalog-info.yaml");
    let form = [("url", url.as_str())];
    let (one, two) = tokio::join!(
        wizard.post("/register/add", &form),
        wizard.post("/register/add", &form)
    );
    assert_eq!(
        (one.status, two.status),
        (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER)
    );
    assert_eq!(wizard.world.sources().await.len(), 1);
}

async fn several_files_can_be_registered_together_or_one_by_one(on: On) {
    let wizard = Wizard::github(on).await;
    let repo = Repo::new(wizard.server.root(), "acme/mono");
    repo.write("catalog-info.yaml", component("root"))
        .write("services/a/catalog-info.yml", component("a"))
        .write("services/b/catalog-info.yaml", "kind: [")
        .commit("first");
    let seen = wizard.look("/acme/mono").await;
    for text in [
        "acme/mono has several catalog files",
        "services/a/catalog-info.yml",
        "Register 2 new entities",
        "services/b/catalog-info.yaml:",
    ] {
        assert!(seen.text.contains(text), "{text}: {}", seen.text);
    }
    let folder = wizard.look("/acme/mono/tree/main/services/a").await;
    assert!(
        folder.text.contains("Register 1 new entity"),
        "{}",
        folder.text
    );
    let all = wizard
        .server
        .url("/acme/mono/blob/main/**/catalog-info.y*ml");
    wizard.post("/register/add", &[("url", &all)]).await;
    assert_eq!(
        wizard.world.refs(),
        ["component:default/a", "component:default/root"]
    );
}

async fn a_repository_without_a_file_gets_a_suggestion_and_a_pull_request(on: On) {
    let wizard = Wizard::github(on).await;
    let repo = Repo::new(wizard.server.root(), "acme/shop");
    repo.write("README.md", "# Shop\n\nTakes orders. More.\n")
        .write("CODEOWNERS", "* @acme/payments\n")
        .write("Dockerfile", "FROM scratch\n")
        .write("src/main.go", "package main\n")
        .commit("first");
    wizard.takes_pull_requests("acme/shop");
    let seen = wizard.look("/acme/shop").await;
    for text in [
        "acme/shop has no catalog-info.yaml yet",
        "name: shop",
        "Takes orders.",
        "owner: payments",
        "type: service",
        "spec.owner: payments",
        "CODEOWNERS",
        "A pull request to main can be opened",
        "Open a pull request",
    ] {
        assert!(seen.text.contains(text), "{text}: {}", seen.text);
    }
    let url = wizard.server.url("/acme/shop/tree/main");
    let text = component("shop");
    let form = [
        ("url", url.as_str()),
        ("path", "catalog-info.yaml"),
        ("yaml", text.as_str()),
        ("then", "propose"),
    ];
    let made = wizard.post("/register", &form).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.text);
    assert!(
        made.to.starts_with("/register/proposed?pull="),
        "{}",
        made.to
    );
    let next = wizard
        .send(
            Request::get(&made.to)
                .body(Body::empty())
                .expect("a request"),
        )
        .await;
    assert!(next.text.contains("/acme/shop/pull/7"), "{}", next.text);
    let commit = wizard
        .server
        .seen("/api/v3/repos/acme/shop/contents")
        .into_iter()
        .find(|seen| seen.method == "PUT")
        .expect("a commit");
    assert_eq!(commit.header("authorization"), "Bearer good-token");
    let sent: Value = serde_json::from_slice(&commit.body).expect("JSON");
    assert_eq!(sent["branch"], "portway/add-catalog-info");
}

async fn a_refused_proposal_says_why_and_keeps_the_text(on: On) {
    let wizard = Wizard::github(on).await;
    Repo::with(wizard.server.root(), "acme/shop", "README.md", "x");
    wizard.takes_pull_requests("acme/shop");
    let url = wizard.server.url("/acme/shop");
    let text = component("shop");
    let form = |text: &str| {
        [
            ("url", url.clone()),
            ("path", "catalog-info.yaml".to_owned()),
            ("yaml", text.to_owned()),
            ("then", "propose".to_owned()),
        ]
    };
    let send = async |text: &str| {
        let form = form(text);
        let form: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        wizard.post("/register", &form).await
    };
    let api = "/api/v3/repos/acme/shop";
    wizard
        .server
        .fail(&format!("{api}/pulls"), 1, Fault::status(403));
    let refused = send(&text).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    for words in [
        "This did not work",
        "open a pull request",
        "name: shop",
        "Open a pull request",
    ] {
        assert!(refused.text.contains(words), "{words}: {}", refused.text);
    }
    let limit = vec![("retry-after", "120".to_owned())];
    wizard.server.fail(
        &format!("{api}/git/refs"),
        1,
        Fault::Answer(429, limit, "{}"),
    );
    let limited = send(&text).await;
    assert_eq!(limited.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(limited.text.contains("name: shop"), "{}", limited.text);
    wizard
        .world
        .clock
        .advance(std::time::Duration::from_secs(300));
    let broken = send("kind: Component\n").await;
    assert_eq!(broken.status, StatusCode::BAD_REQUEST);
    assert!(broken.text.contains("kind: Component"), "{}", broken.text);
    let puts = wizard.server.seen(&format!("{api}/contents")).len();
    // The file has appeared on the branch meanwhile.
    wizard.server.reply(
        &format!("HEAD {api}/contents/catalog-info.yaml"),
        200,
        json!({}),
    );
    let there = send(&text).await;
    assert_eq!(there.status, StatusCode::CONFLICT, "{}", there.text);
    assert_eq!(
        wizard.server.seen(&format!("{api}/contents")).len(),
        puts + 1,
        "only looked"
    );
}

async fn without_a_credential_the_file_is_for_copying(on: On) {
    let server = Server::start().await;
    let plan = Plan::new(on).forge("github", &server);
    let wizard = Wizard::new(server, plan).await;
    Repo::with(wizard.server.root(), "acme/shop", "README.md", "x");
    let slug = "acme/shop";
    let found = forge_json::github(&wizard.server, slug);
    wizard
        .server
        .reply("GET /api/v3/repos/acme/shop", 200, found);
    let seen = wizard.look("/acme/shop").await;
    assert!(seen.text.contains("has no credential for"), "{}", seen.text);
    assert!(!seen.text.contains("Open a pull request"), "{}", seen.text);
}

async fn a_file_that_is_not_there_leads_to_a_suggestion(on: On) {
    let wizard = Wizard::github(on).await;
    Repo::with(wizard.server.root(), "acme/shop", "README.md", "x");
    let seen = wizard.look("/acme/shop/blob/main/catalog-info.yaml").await;
    assert!(
        seen.text.contains("Suggest a file for this repository"),
        "{}",
        seen.text
    );
    let gone = wizard.look("/acme/nothing").await;
    assert_eq!(gone.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(gone.text.contains("This did not work"), "{}", gone.text);
}

async fn a_provider_lists_what_it_found_and_what_it_passed_over(on: On) {
    let server = Server::start().await;
    Repo::with(
        server.root(),
        "acme/shop",
        "catalog-info.yaml",
        &component("shop"),
    );
    let old = json!({ "archived": true });
    server.list(
        "/api/v3/orgs/acme/repos",
        vec![
            forge_json::github(&server, "acme/shop"),
            forge_json::with(forge_json::github(&server, "acme/old"), &old),
        ],
    );
    let providers = json!({ "github": { "acme": { "organization": "acme", "host": server.host, "schedule": { "frequency": { "minutes": 30 }, "timeout": { "minutes": 3 } } } } });
    let plan = Plan::new(on)
        .forge("github", &server)
        .token("github")
        .providers(providers);
    let wizard = Wizard::new(server, plan).await;
    wizard.world.declare(&[]).await;
    let id = wizard.world.source().await.id;
    let request = Request::get(format!("/sources/{id}")).body(Body::empty());
    let seen = wizard.send(request.expect("a request")).await;
    for text in [
        "Found",
        "acme/shop",
        "Passed over",
        "acme/old",
        "archived",
        "Rate budget",
    ] {
        assert!(seen.text.contains(text), "{text}: {}", seen.text);
    }
}

async fn a_registered_source_is_taken_out_as_it_was_shown(on: On) {
    let wizard = Wizard::github(on).await;
    let many: Vec<String> = (0..12).map(|at| component(&format!("c{at}"))).collect();
    Repo::with(
        wizard.server.root(),
        "acme/shop",
        "catalog-info.yaml",
        &many.join("---\n"),
    );
    let url = wizard.server.url("/acme/shop/blob/main/catalog-info.yaml");
    wizard.post("/register/add", &[("url", &url)]).await;
    let path = format!("/sources/{}/remove", wizard.world.source().await.id);
    let page = wizard
        .send(Request::get(&path).body(Body::empty()).expect("a request"))
        .await;
    assert!(
        page.text.contains("Remove the source and 13 entities"),
        "{}",
        page.text
    );
    let (_, rest) = page
        .text
        .split_once("name=\"seen\" value=\"")
        .expect("what was seen");
    let (seen, _) = rest.split_once('"').expect("its end");
    let stale = wizard
        .post(&path, &[("seen", "other"), ("confirm", "127.0.0.1")])
        .await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let wrong = wizard
        .post(&path, &[("seen", seen), ("confirm", "something")])
        .await;
    assert_eq!(wrong.status, StatusCode::CONFLICT);
    assert!(wrong.text.contains("value=\"something\""), "{}", wrong.text);
    assert_eq!(wizard.world.sources().await.len(), 1);
    let gone = wizard
        .post(&path, &[("seen", seen), ("confirm", "127.0.0.1")])
        .await;
    assert_eq!(
        (gone.status, gone.to.as_str()),
        (StatusCode::SEE_OTHER, "/sources"),
        "{}",
        gone.text
    );
    assert_eq!(wizard.world.sources().await.len(), 0);
    assert_eq!(wizard.world.refs(), Vec::<String>::new());
}
