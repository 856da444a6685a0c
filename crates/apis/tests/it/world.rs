//! A catalog with one API, and somebody who looks at its page.

pub(crate) use testing::words;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use apis::Apis;
use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use catalog::{Catalog, DeletionGuard, Intervals, Origin, Rules, Settings, Sockets};
use identity::{Entropy, Identity, SealKey};
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::actor::Caller;
use platform::controller::{Runner, RunnerOptions};
use platform::http::Gate;
use platform::store::{DatabaseUrl, Db};
use platform::{ApiError, Clock};
use portal::{Nav, Portal};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

const PATIENCE: Duration = Duration::from_secs(60);
const NEVER: Duration = Duration::from_secs(20 * 365 * 86_400);

struct Everyone(Caller);

#[async_trait]
impl Gate for Everyone {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(self.0.clone())
    }
}

pub(crate) struct World {
    catalog: Catalog,
    apis: Apis,
    portal: Arc<Portal>,
    identity: Arc<Identity>,
    file: PathBuf,
    stop: CancellationToken,
    _folder: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    /// A catalog with the API `default/sample` that has this definition.
    pub(crate) async fn new(spec_type: &str, definition: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = Clock::system();
        let url = DatabaseUrl::parse(&folder.path().to_string_lossy()).expect("an address");
        let sets = [identity::MIGRATIONS, catalog::MIGRATIONS];
        let db = Db::open(&url, &sets, clock.clone())
            .await
            .expect("a database");
        let settings = Settings {
            rules: Rules::everything(),
            guard: DeletionGuard {
                share: 1.0,
                keep_orphans: false,
            },
            intervals: Intervals {
                files: NEVER,
                web: NEVER,
            },
            readonly: false,
            web: testing::offline(folder.path(), &clock),
            kinds: Kinds::builtin(),
            tiers: Default::default(),
        };
        let catalog = Catalog::open(&db, &clock, settings)
            .await
            .expect("a catalog");
        let stop = CancellationToken::new();
        let (keeper, token) = (catalog.clone(), stop.clone());
        tokio::spawn(async move { keeper.keep_fresh(token).await });
        let file = folder.path().join("api.yaml");
        write(&file, spec_type, definition);
        let location = LocationRef::new("file", &file.to_string_lossy()).expect("a location");
        catalog
            .declare(&[(Origin::Config, location)])
            .await
            .expect("the source is declared");
        let runner = Runner::new(&db, catalog.controllers(), RunnerOptions::new("test"));
        let token = stop.clone();
        tokio::spawn(async move { runner.run(token).await });
        let apis = Apis::new(&catalog);
        let messages: Vec<_> = catalog::LOCALES
            .into_iter()
            .chain(apis::portal_parts(&apis).locales)
            .collect();
        let portal = Portal::new(&messages, Nav::default(), "Acme").expect("messages");
        let entropy = Entropy::system();
        let options = identity::Options {
            settings: identity::Settings::read(&json!({})).0,
            listen: "127.0.0.1:7007".parse().expect("an address"),
            demo: false,
            seal: SealKey::in_file(&folder.path().join("seal.key"), &entropy).expect("a key"),
            entropy,
        };
        let identity = Identity::open(db, options).await.expect("identity opens");
        let world = Self {
            catalog,
            apis,
            portal,
            identity,
            file,
            stop,
            _folder: folder,
        };
        world.wait(|_| true).await;
        world
    }

    /// Writes another definition and waits until the catalog has it.
    pub(crate) async fn rewrite(&self, spec_type: &str, definition: &str) {
        write(&self.file, spec_type, definition);
        for source in self.catalog.store().sources().await.expect("sources") {
            self.catalog
                .refresh_source(&Caller::system("test"), &source.id)
                .await
                .expect("the source is read");
        }
        self.wait(|entity| {
            entity.pointer("/spec/definition")
                == Some(&json!(definition.trim_end().to_owned() + "\n"))
        })
        .await;
    }

    async fn wait(&self, ready: impl Fn(&Value) -> bool) {
        let name = EntityRef::parse("api:default/sample", None, None).expect("a ref");
        let wait = async {
            loop {
                let found = {
                    let index = self.catalog.model().index();
                    index.get(&name).map(|entity| entity.to_value())
                };
                if found.is_some_and(|entity| ready(&entity)) {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .expect("the catalog has the API");
    }

    pub(crate) async fn get(&self, path: &str, language: &str) -> (StatusCode, String) {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(Caller::system("test")));
        let parts = apis::portal_parts(&self.apis);
        let routes = catalog::page_routes(
            &self.catalog,
            &self.portal,
            (&self.identity, Arc::clone(&gate)),
            Sockets::new(parts.cards, parts.tabs),
        );
        let routes = routes.merge(apis::capability(&self.apis, gate).routes);
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .expect("a request");
        let router = routes.into_router().layer(from_fn(platform::http::finish));
        let response = router.oneshot(request).await.expect("an answer");
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 26)
            .await
            .expect("a body");
        (status, String::from_utf8(bytes.to_vec()).expect("UTF-8"))
    }

    /// The tab with this query, in a language.
    pub(crate) async fn tab(&self, query: &str, language: &str) -> String {
        let path = format!("/catalog/default/api/sample/api{query}");
        let (status, text) = self.get(&path, language).await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        assert!(
            text.contains(&format!(r#"<html lang="{language}""#)),
            "{path}"
        );
        assert_eq!(
            self.portal.texts().missing(),
            Vec::<String>::new(),
            "{path}"
        );
        text
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let (status, text) = self.get(path, "en").await;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }
}

fn write(file: &Path, spec_type: &str, definition: &str) {
    let indented: String = definition
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect();
    let text = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: sample}}\nspec:\n  type: {spec_type}\n  lifecycle: production\n  owner: team\n  definition: |\n{indented}"
    );
    fs::write(file, text).expect("the file is written");
}
