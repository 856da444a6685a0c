//! From sources to entities: the controller that keeps every source true.

mod address;
mod conditional;
mod content;
mod digest;
mod fetch;
mod files;
mod folder;
mod found;
mod guard;
mod incoming;
mod judgement;
mod look;
mod memory;
mod offline;
mod preview;
mod providers;
mod read;
mod repository;
mod roster;
mod rules;
mod run;
mod sbom;
mod schedule;
mod session;
mod settle;
mod substitution;
mod watch;
mod web;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use model::kinds::Kinds;
use platform::Clock;
use platform::actor::Actor;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::store::StoreError;

pub(crate) use conditional::KeptPages;
pub(crate) use digest::Candidate;
pub use folder::{FileChange, Folder as EntityFolder, FolderEntry, FolderFile};
pub use guard::DeletionGuard;
pub(crate) use look::{Folder, Look};
pub(crate) use preview::Preview;
pub use providers::Providers;
pub(crate) use repository::Target;
pub use roster::{ROSTER_LOCATION, Roster};
pub use rules::Rules;
pub use watch::Watcher;
pub use web::Web;
pub(crate) use web::asked_pause;
pub(crate) use write::etag_of;

use crate::SOURCE_QUEUE;
use crate::source::Source;
use crate::store::Store;
use crate::tier::Tiers;
use digest::Context;
use read::Reader;
use run::{Refresh, Report};

/// How often a source is looked at without being told to.
#[derive(Clone, Copy, Debug)]
pub struct Intervals {
    /// Local files, which are also watched.
    pub files: Duration,
    /// Places on the web; conditional requests keep this cheap.
    pub web: Duration,
}

impl Default for Intervals {
    fn default() -> Self {
        Self {
            files: Duration::from_secs(300),
            web: Duration::from_secs(120),
        }
    }
}

/// The rule under which discovery notes what it left alone. It is not a problem
/// that somebody has to mend.
pub(crate) const PASSED_OVER: &str = "passed-over";

/// Why every source is read when Portway starts.
pub(crate) const STARTED: &str = "Portway has started";

/// A refresh slower than this is worth a warning.
const SLOW: Duration = Duration::from_secs(10);

/// Reads sources and keeps the catalog equal to what they say.
#[derive(Debug)]
pub struct Ingestion {
    pub(crate) store: Store,
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) rules: Arc<Rules>,
    pub(crate) web: Arc<Web>,
    pub(crate) pages: Arc<KeptPages>,
    pub(crate) clock: Clock,
    pub(crate) guard: DeletionGuard,
    pub(crate) intervals: Intervals,
    pub(crate) tiers: Arc<Tiers>,
    /// Who keeps people that no file declares.
    pub(crate) roster: OnceLock<Arc<dyn Roster>>,
}

impl Ingestion {
    /// `sboms`: the digests of those that are stored.
    fn context(&self, source: &Source, sboms: HashMap<(String, String), String>) -> Arc<Context> {
        Arc::new(Context {
            kinds: Arc::clone(&self.kinds),
            rules: Arc::clone(&self.rules),
            reader: Arc::new(
                Reader::new(Arc::clone(&self.web), Arc::clone(&self.pages), source)
                    .with_roster(self.roster.get().cloned()),
            ),
            source: source.clone(),
            sboms,
            tiers: Some(Arc::clone(&self.tiers)),
            started: Some(self.clock.now()),
            keep_documents: false,
        })
    }

    /// What its files are judged by, as a name.
    fn judgement(&self, source: &Source) -> String {
        judgement::name(&self.kinds, &self.rules, &self.tiers, source)
    }

    /// Reads a source now and writes what changed.
    async fn refresh(
        &self,
        source: &Source,
        actor: &Actor,
        job: &JobContext,
    ) -> Result<Report, StoreError> {
        let started = self.clock.now();
        let sboms = self.store.sbom_hashes(&source.id).await?;
        let refresh = Refresh::new(
            &self.store,
            (self.context(source, sboms), self.judgement(source)),
            (actor, job),
            self.guard,
            started,
        )
        .await?;
        let report = refresh.run(&self.clock).await?;
        let took = Duration::try_from(self.clock.now().duration_since(started)).unwrap_or_default();
        if took > SLOW {
            tracing::warn!(
                source = %source.location,
                duration_s = took.as_secs_f64(),
                "Reading {} took {:.1} s; split it, or let it change less at a time",
                source.location,
                took.as_secs_f64()
            );
        }
        Ok(report)
    }

    /// Reads a place without storing anything.
    pub(crate) async fn preview(&self, source: &Source) -> Preview {
        preview::preview(self.context(source, HashMap::new())).await
    }

    /// What a text would bring if it stood at the source's place, without
    /// storing anything. Unless `at_its_place` nothing that it refers to is read.
    pub(crate) async fn preview_text(
        &self,
        source: &Source,
        text: &str,
        at_its_place: bool,
    ) -> Preview {
        let mut context = self.context(source, HashMap::new());
        if !at_its_place && let Some(context) = Arc::get_mut(&mut context) {
            context.reader = Arc::new(Reader::nowhere());
        }
        preview::preview_text(context, text).await
    }

    /// When to look again, and why then.
    fn next(&self, source: &Source, report: &Report) -> Next {
        if let Some(until) = report.retry_at.filter(|until| *until > self.clock.now()) {
            return Next::At(until, format!("rate limited until {until}"));
        }
        if !report.complete {
            let failures = u32::try_from(source.state.failures)
                .unwrap_or(u32::MAX)
                .min(6);
            let wait = Duration::from_secs(10)
                .saturating_mul(1 << failures)
                .min(Duration::from_secs(600));
            let why = report
                .error
                .clone()
                .unwrap_or_else(|| "the last refresh was not complete".into());
            return Next::After(wait, format!("tries again: {why}"));
        }
        if let Some(next) = self.web.providers.next(source, self.clock.now()) {
            return next;
        }
        if source.is_local() {
            Next::After(
                self.intervals.files,
                "watched; also looks for changes now and then".into(),
            )
        } else {
            Next::After(self.intervals.web, "looks for changes now and then".into())
        }
    }
}

#[async_trait]
impl Controller for Ingestion {
    fn queue(&self) -> &'static str {
        SOURCE_QUEUE
    }

    async fn reconcile(&self, key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let Some(source) = self.store.source(key).await? else {
            return Ok(Next::Done);
        };
        // Only a start waits; whoever asks meanwhile is served at once.
        if job.job().reason == STARTED
            && let Some(delay) = self.web.providers.initial_delay(&source)
        {
            let why = "waits for the `initialDelay` of its schedule";
            return Ok(Next::After(delay, why.into()));
        }
        let actor = Actor::system("controller:catalog.source");
        // What has been written stays; the rest is read after the next start.
        let report = tokio::select! {
            biased;
            () = job.shutdown().cancelled() => {
                return Ok(Next::After(Duration::ZERO, "Portway was stopped while it read this".into()));
            }
            report = self.refresh(&source, &actor, job) => report,
        };
        let report = match report {
            Ok(report) => report,
            // Its claim is seen when it looks again.
            Err(StoreError::Duplicate { .. }) => {
                let why = "another source declared the same entity at the same moment";
                return Ok(Next::After(Duration::from_millis(20), why.into()));
            }
            Err(error) => return Err(error.into()),
        };
        Ok(self.next(&source, &report))
    }
}
