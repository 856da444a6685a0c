//! A catalog with one documented component, and somebody who reads it.

pub(crate) use testing::words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::from_fn;
use axum::response::Response;
use catalog::{Catalog, DeletionGuard, EntityFolder, Intervals, Origin, Rules, Settings, Sockets};
use docs::{Docs, Site};
use identity::{Entropy, Identity, SealKey};
use model::Diagnostic;
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
    docs: Docs,
    portal: Arc<Portal>,
    identity: Arc<Identity>,
    root: PathBuf,
    caller: Caller,
    stop: CancellationToken,
    _folder: TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl World {
    /// A catalog with the component `default/shop`, beside which these files lie.
    pub(crate) async fn new(files: &[(&str, &str)]) -> Self {
        Self::from(files, "file").await
    }

    /// The same in a repository.
    pub(crate) async fn in_git(files: &[(&str, &str)]) -> Self {
        Self::from(files, "git").await
    }

    async fn from(files: &[(&str, &str)], source: &str) -> Self {
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
        let root = folder.path().join("shop");
        write(&root, files);
        let file = root.join("catalog-info.yaml");
        if !file.exists() {
            fs::write(&file, COMPONENT).expect("the file is written");
        }
        let place = if source == "git" { &root } else { &file };
        if source == "git" {
            git(&root, &["init", "--quiet", "--initial-branch=main"]);
            commit(&root, "first");
        }
        let location = LocationRef::new(source, &place.to_string_lossy()).expect("a location");
        catalog
            .declare(&[(Origin::Config, location)])
            .await
            .expect("the source is declared");
        let runner = Runner::new(&db, catalog.controllers(), RunnerOptions::new("test"));
        let token = stop.clone();
        tokio::spawn(async move { runner.run(token).await });
        let docs = Docs::new(&catalog, &clock, Arc::new(|_, _| {}));
        let messages: Vec<_> = catalog::LOCALES
            .into_iter()
            .chain(docs::portal_parts(&docs).locales)
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
            docs,
            portal,
            identity,
            root,
            caller: Caller::system("test"),
            stop,
            _folder: folder,
        };
        world.wait(|_| true).await;
        world
    }

    /// The same, seen by somebody else.
    pub(crate) fn seen_by(mut self, caller: Caller) -> Self {
        self.caller = caller;
        self
    }

    /// Writes files beside the component.
    pub(crate) fn write(&self, files: &[(&str, &str)]) {
        write(&self.root, files);
    }

    /// Writes files, commits them, and has the source read, as a webhook does.
    pub(crate) async fn push(&self, files: &[(&str, &str)]) -> String {
        write(&self.root, files);
        let id = commit(&self.root, "again");
        for source in self.catalog.store().sources().await.expect("sources") {
            self.catalog
                .read_again(&Caller::system("test"), &source.id)
                .await
                .expect("the source is read");
        }
        id
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Waits until the documentation has been looked at anew.
    pub(crate) async fn until(&self, path: &str, ready: impl Fn(&str) -> bool) -> String {
        let wait = async {
            loop {
                let (_, text) = self.get(path, "en").await;
                if ready(&text) {
                    return text;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait)
            .await
            .expect("it is seen")
    }

    pub(crate) async fn keep_fresh(&self) {
        let (docs, stop) = (self.docs.clone(), self.stop.clone());
        tokio::spawn(async move { docs.keep_fresh(stop).await });
    }

    async fn wait(&self, ready: impl Fn(&Value) -> bool) {
        let name = EntityRef::parse("component:default/shop", None, None).expect("a ref");
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
            .expect("the catalog has the component");
    }

    async fn answer(&self, path: &str, language: &str) -> Response {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(self.caller.clone()));
        let parts = docs::portal_parts(&self.docs);
        let pages = parts.pages.expect("pages");
        let routes = catalog::page_routes(
            &self.catalog,
            &self.portal,
            (&self.identity, Arc::clone(&gate)),
            Sockets::new(parts.cards, parts.tabs),
        );
        let routes = routes
            .merge(pages(&self.portal, Arc::clone(&gate)))
            .merge(docs::capability(&self.docs, gate).routes);
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .expect("a request");
        let router = routes.into_router().layer(from_fn(platform::http::finish));
        router.oneshot(request).await.expect("an answer")
    }

    pub(crate) async fn get(&self, path: &str, language: &str) -> (StatusCode, String) {
        let (status, _, text) = self.whole(path, language).await;
        (status, text)
    }

    pub(crate) async fn whole(
        &self,
        path: &str,
        language: &str,
    ) -> (StatusCode, HeaderMap, String) {
        let response = self.answer(path, language).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), 1 << 26)
            .await
            .expect("a body");
        (
            status,
            headers,
            String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    /// A page of the reader in a language.
    pub(crate) async fn page(&self, path: &str, language: &str) -> String {
        let (status, text) = self.get(path, language).await;
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

const COMPONENT: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\n  title: The shop\n  annotations: {backstage.io/techdocs-ref: dir:.}\nspec: {type: service, lifecycle: production, owner: team}\n";

fn git(folder: &Path, arguments: &[&str]) -> String {
    let ran = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=Kim Minji",
            "-c",
            "user.email=minji@acme.example",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git runs");
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}

/// Commits everything and answers the id.
fn commit(folder: &Path, message: &str) -> String {
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "--quiet", "-m", message]);
    git(folder, &["rev-parse", "HEAD"])
}

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let whole = root.join(path);
        fs::create_dir_all(whole.parent().expect("a folder")).expect("the folder is made");
        fs::write(whole, text).expect("the file is written");
    }
}

/// The site of some files, or why there is none.
pub(crate) async fn site(files: &[(&str, &str)]) -> Result<Site, Vec<Diagnostic>> {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), files);
    site_at(folder.path()).await
}

pub(crate) async fn site_at(folder: &Path) -> Result<Site, Vec<Diagnostic>> {
    let folder = EntityFolder::local(folder).expect("a folder");
    docs::load(&folder, "shop").await
}
