//! A running catalog with its search, over files.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::from_fn;
use catalog::{Catalog, DeletionGuard, Intervals, MIGRATIONS, Origin, Rules, Settings};
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::controller::{Runner, RunnerOptions};
use platform::http::Gate;
use platform::store::{DatabaseUrl, Db};
use platform::{ApiError, Clock};
use portal::{Nav, NavEntry, Portal};
use search::{Narrow, Results, Search};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

/// Everything ends when it is dropped.
pub(crate) struct World {
    pub(crate) catalog: Catalog,
    pub(crate) search: Search,
    pub(crate) portal: Arc<Portal>,
    pub(crate) db: Db,
    files: TempDir,
    _data: TempDir,
    stop: CancellationToken,
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// An answer.
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) text: String,
}

impl Seen {
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text);
        serde_json::from_str(&self.text).expect("JSON")
    }
}

/// Recognises everybody as the same caller.
struct Everyone(Caller);

#[async_trait]
impl Gate for Everyone {
    async fn caller(&self, _parts: &Parts) -> Result<Caller, ApiError> {
        Ok(self.0.clone())
    }
}

/// A member of a team.
pub(crate) fn member(team: &str) -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/somebody"),
        ownership: vec![EntityRef::new("group", "default", team)],
        grants: Grants::All,
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let data = tempfile::tempdir().expect("a directory for the database");
        let files = tempfile::tempdir().expect("a directory for files");
        let clock = Clock::system();
        let url = DatabaseUrl::parse(&data.path().to_string_lossy()).expect("a database address");
        let db = Db::open(&url, &[MIGRATIONS], clock.clone())
            .await
            .expect("the database opens");
        let settings = Settings {
            rules: Rules::everything(),
            guard: DeletionGuard::default(),
            intervals: Intervals::default(),
            readonly: false,
            web: testing::offline(data.path(), &clock),
            kinds: Kinds::builtin(),
            tiers: catalog::tier::Tiers::default(),
        };
        let catalog = Catalog::open(&db, &clock, settings)
            .await
            .expect("the catalog opens");
        let search = Search::new(&catalog, &db);
        let stop = CancellationToken::new();
        let runner = Runner::new(&db, catalog.controllers(), RunnerOptions::new("test"));
        let (keeper, token) = (catalog.clone(), stop.clone());
        tokio::spawn(async move { keeper.keep_fresh(token).await });
        let token = stop.clone();
        tokio::spawn(async move { runner.run(token).await });
        let (keeper, token) = (search.clone(), stop.clone());
        tokio::spawn(async move { keeper.keep_fresh(token).await });
        let nav = Nav::default()
            .entry(
                "nav-catalog",
                NavEntry::new("catalog-nav-components", "/catalog?kind=component"),
            )
            .entry(
                "nav-catalog",
                NavEntry::new("catalog-nav-sources", "/sources"),
            );
        let parts = search::portal_parts(&search, &clock);
        let messages = [catalog::LOCALES.to_vec(), parts.locales].concat();
        Self {
            portal: Portal::new(&messages, nav, "Acme").expect("the messages are Fluent"),
            catalog,
            search,
            db,
            files,
            _data: data,
            stop,
        }
    }

    /// One that has read a document.
    pub(crate) async fn with(text: &str) -> Self {
        let world = Self::new().await;
        let file = world.write("acme.yaml", text);
        world.read(&[&file]).await;
        world
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.files.path().join(name);
        fs::write(&path, text).expect("the file is written");
        path
    }

    /// Declares sources, reads each, and waits until it can be found.
    pub(crate) async fn read(&self, targets: &[&Path]) {
        let location =
            |path: &&Path| LocationRef::new("file", &path.to_string_lossy()).expect("a location");
        let locations: Vec<_> = targets
            .iter()
            .map(|path| (Origin::Config, location(path)))
            .collect();
        self.catalog
            .declare(&locations)
            .await
            .expect("sources are declared");
        self.reread().await;
    }

    /// Reads every source again, and waits until it can be found.
    pub(crate) async fn reread(&self) {
        self.reread_catalog().await;
        assert!(self.search.caught_up(self.catalog.model().applied()).await);
    }

    /// Reads every source again, and waits until the catalog has it.
    pub(crate) async fn reread_catalog(&self) {
        for source in self.catalog.store().sources().await.expect("sources") {
            let admin = Caller::system("test");
            self.catalog
                .read_again(&admin, &source.id)
                .await
                .expect("the source is read");
        }
    }

    /// What Portway itself finds.
    pub(crate) fn find(&self, text: &str) -> Results {
        self.search
            .ask(&Caller::system("test"), text, Narrow::default(), 0, 50)
    }

    /// The references of what is found, the best first.
    pub(crate) fn refs(&self, text: &str) -> Vec<String> {
        let found = self.find(text);
        found.hits.iter().map(|hit| hit.id.to_string()).collect()
    }

    pub(crate) async fn get_as(&self, caller: Caller, path: &str, language: &str) -> Seen {
        let gate: Arc<dyn Gate> = Arc::new(Everyone(caller));
        let clock = Clock::system();
        let pages = search::portal_parts(&self.search, &clock)
            .pages
            .expect("pages");
        let routes = search::capability(&self.search, Arc::clone(&gate))
            .routes
            .merge(pages(&self.portal, gate));
        let router = routes.into_router().layer(from_fn(platform::http::finish));
        let request = Request::get(path)
            .header(header::ACCEPT_LANGUAGE, language)
            .body(Body::empty())
            .expect("a request");
        let response = router.oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 24).await.expect("a body");
        Seen {
            status: parts.status,
            text: String::from_utf8(bytes.to_vec()).expect("UTF-8"),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Seen {
        self.get_as(member("team-commerce"), path, "en").await
    }
}
