//! Campaigns: something has to move by a day, and everybody can see how far it
//! has come.
//!
//! ```text
//! Campaign (entity) ─▶ plan ─┐
//! catalog index ─────────────┼─▶ measure ─▶ report ─▶ api, pages
//! days and targets (tables) ─┘                 │
//!         ▲                                    │
//!         └────────── controller ◀─────────────┘
//! ```
//! What is shown is measured when it is asked for. What is remembered, one
//! number for each day and the day on which each target joined, is written by
//! the controller and never made up afterwards.

pub mod api;
pub mod arithmetic;
mod controller;
mod csv;
mod describe;
pub mod measure;
pub mod pages;
pub mod plan;
pub mod report;
pub mod store;
pub mod teams;

use std::sync::Arc;

use catalog::Catalog;
use catalog::index::ListRequest;
use model::Diagnostic;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use model::yaml::Mark;
use platform::Clock;
use platform::actor::Caller;
use platform::controller::Controller;
use platform::error::ApiError;
use platform::event::EventLog;
use platform::queue::{Job, JobInfo, Queue};
use platform::store::{Db, StoreError};
use serde_json::Value;

use plan::{Plan, Reading};
use report::Report;
use store::Store;

/// The queue of the campaigns' controller; its one key is [`EVERY`].
pub const QUEUE: &str = "insights.campaigns";
/// The key that stands for all campaigns.
pub const EVERY: &str = "all";
/// The kind that is a campaign, with its apiVersion.
const KIND: (&str, &str) = ("campaign", "portway.dev/v1alpha1");
/// Campaigns that are looked at; more than anybody runs at once.
const MAX_CAMPAIGNS: usize = 500;

/// Everything that campaigns can do.
#[derive(Clone, Debug)]
pub struct Campaigns {
    catalog: Catalog,
    store: Store,
    log: EventLog,
    queue: Queue,
    clock: Clock,
}

/// One campaign as it was found: measured, or with the reason why not.
#[derive(Clone, Debug)]
pub struct Found {
    /// Which one.
    pub entity_ref: EntityRef,
    /// Its title, or its name.
    pub title: String,
    /// Nothing when its plan has an error.
    pub report: Option<Report>,
    /// What is wrong with it, with file, line and column of its document.
    pub problems: Vec<Diagnostic>,
}

impl Campaigns {
    /// Prepares the campaigns of a catalog and has them measured at once.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open(db: &Db, catalog: &Catalog, clock: &Clock) -> Result<Self, StoreError> {
        let queue = Queue::new(db);
        queue
            .enqueue(Job {
                queue: QUEUE,
                key: EVERY.to_owned(),
                payload: Value::Null,
                run_at: clock.now(),
                reason: "Portway has started".to_owned(),
            })
            .await?;
        Ok(Self {
            catalog: catalog.clone(),
            store: Store::new(db),
            log: EventLog::new(db),
            queue,
            clock: clock.clone(),
        })
    }

    /// What keeps the history of campaigns.
    #[must_use]
    pub fn controllers(&self) -> Vec<Arc<dyn Controller>> {
        vec![Arc::new(controller::Recorder(self.clone()))]
    }

    /// All campaigns, the most urgent first, and how many there are.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(&self, caller: &Caller) -> Result<(Vec<Found>, usize), ApiError> {
        let visible = catalog::visible_to(caller);
        let (refs, total) = self.refs(visible.clone());
        let mut found = Vec::with_capacity(refs.len());
        for entity_ref in &refs {
            found.extend(self.one(entity_ref, visible.as_ref()).await?);
        }
        found.sort_by_key(urgency);
        Ok((found, total))
    }

    /// One campaign.
    ///
    /// # Errors
    /// 404 when there is none of that name.
    pub async fn named(
        &self,
        caller: &Caller,
        namespace: &str,
        name: &str,
    ) -> Result<Found, ApiError> {
        let missing = || {
            ApiError::not_found(format!("There is no campaign {namespace}/{name}"))
                .accepted("the namespace and the name of an entity of kind Campaign")
                .fix("`portway campaigns` lists them, and so does /campaigns")
        };
        let text = format!("{}:{namespace}/{name}", KIND.0);
        let entity_ref = EntityRef::parse(&text, None, None).map_err(|_| missing())?;
        let visible = catalog::visible_to(caller);
        let hidden = visible.as_ref().is_some_and(|visible| {
            let index = self.catalog.model().index();
            !index.matches(&entity_ref, visible)
        });
        if hidden {
            return Err(missing());
        }
        let found = self.one(&entity_ref, visible.as_ref()).await?;
        found.ok_or_else(missing)
    }

    /// When the history is written next, and why then.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_record(&self) -> Result<Option<JobInfo>, StoreError> {
        self.queue.get(QUEUE, EVERY).await
    }

    /// The campaigns in order of their references, and how many there are.
    fn refs(&self, visible: Option<Predicate>) -> (Vec<EntityRef>, usize) {
        let index = self.catalog.model().index();
        let request = ListRequest {
            query: Some(Predicate::All(vec![
                Predicate::equals("kind", KIND.0),
                Predicate::equals("apiVersion", KIND.1),
            ])),
            visible,
            limit: Some(MAX_CAMPAIGNS),
            ..ListRequest::default()
        };
        let list = index.list(&request);
        let refs = list
            .items
            .iter()
            .map(|entity| entity.entity_ref().clone())
            .collect();
        (refs, list.total)
    }

    fn reading(&self, entity_ref: &EntityRef) -> Option<(String, Reading)> {
        let index = self.catalog.model().index();
        let entity = index.get(entity_ref)?;
        let document: Value = serde_json::from_str(entity.json()).ok()?;
        if document.get("apiVersion").and_then(Value::as_str) != Some(KIND.1) {
            return None;
        }
        Some((
            measure::title_of(&entity),
            Plan::read(entity_ref, &document),
        ))
    }

    async fn one(
        &self,
        entity_ref: &EntityRef,
        visible: Option<&Predicate>,
    ) -> Result<Option<Found>, StoreError> {
        let Some((title, reading)) = self.reading(entity_ref) else {
            return Ok(None);
        };
        let mut problems = reading.problems;
        let report = match reading.plan {
            None => None,
            Some(plan) => {
                let memory = self.store.memory(entity_ref).await?;
                let now = self.clock.now();
                let index = self.catalog.model().index();
                Some(Report::seen(plan, (&index, visible), &memory, now))
            }
        };
        if let Some(report) = &report {
            problems.extend(report.measured.problems.iter().cloned());
        }
        if !problems.is_empty()
            && let Some(row) = self.catalog.store().row(entity_ref).await?
        {
            let file = row.place.location;
            let file = file
                .strip_prefix("file:")
                .or_else(|| file.strip_prefix("url:"))
                .unwrap_or(&file);
            let place = Mark {
                line: row.place.line,
                column: row.place.column,
            };
            problems = problems
                .into_iter()
                .map(|problem| problem.in_file(file).at(place))
                .collect();
        }
        Ok(Some(Found {
            entity_ref: entity_ref.clone(),
            title,
            report,
            problems,
        }))
    }
}

/// What cannot be measured first, then what is late, then by deadline.
fn urgency(found: &Found) -> impl Ord + use<> {
    (
        found.report.as_ref().map(|report| report.standing),
        found.report.as_ref().map(|report| report.plan.deadline),
        found.entity_ref.clone(),
    )
}
