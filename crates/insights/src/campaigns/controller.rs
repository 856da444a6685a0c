//! Writes down how far each campaign has come.

use std::time::Duration;

use async_trait::async_trait;
use model::entity_ref::EntityRef;
use platform::actor::Actor;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::event::{EventType, NewEvent, Outcome};
use serde_json::json;

use super::arithmetic::{Day, Standing};
use super::report::Report;
use super::{Campaigns, QUEUE};

/// A campaign's numbers are others than when they were written last.
pub(super) const MEASURED: EventType = EventType("dev.portway.insights.campaign.measured");

/// How often campaigns are looked at. A target that is done and undone again
/// within this time leaves no trace.
const PERIOD: Duration = Duration::from_secs(300);

/// The controller of all campaigns.
#[derive(Debug)]
pub(super) struct Recorder(pub(super) Campaigns);

#[async_trait]
impl Controller for Recorder {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    async fn reconcile(&self, _key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let campaigns = &self.0;
        // Old numbers must not be written as today's.
        let seq = campaigns.log.latest_seq().await?;
        if !campaigns.catalog.model().caught_up(seq).await {
            return Err(ReconcileError::new(
                "the entities in memory are behind the event log",
            ));
        }
        for entity_ref in campaigns.refs(None).0 {
            if job.shutdown().is_cancelled() {
                break;
            }
            self.record(&entity_ref, job).await?;
        }
        Ok(Next::After(
            PERIOD,
            "campaigns are measured every five minutes".to_owned(),
        ))
    }
}

impl Recorder {
    /// Writes today's numbers of one campaign. Nothing is written before its
    /// start, nor after its deadline once nothing remains and nothing changes.
    async fn record(&self, entity_ref: &EntityRef, job: &JobContext) -> Result<(), ReconcileError> {
        let campaigns = &self.0;
        let Some(plan) = campaigns
            .reading(entity_ref)
            .and_then(|(_, reading)| reading.plan)
        else {
            return Ok(());
        };
        let now = campaigns.clock.now();
        if plan.day_of(now) < plan.starts {
            return Ok(());
        }
        let memory = campaigns.store.memory(entity_ref).await?;
        let report = {
            let index = campaigns.catalog.model().index();
            Report::of(plan, &index, &memory, now)
        };
        let (Some(day), last) = (report.days.last().copied(), memory.days.last()) else {
            return Ok(());
        };
        let changed =
            last.is_none_or(|last| (last.tally, last.removed) != (day.tally, day.removed));
        let over = report.standing == Standing::Finished && report.today > report.plan.deadline;
        let news = report.news(&memory.members);
        let new_day = last.is_none_or(|last| last.day != day.day);
        if !changed && news.is_empty() && (!new_day || over) {
            return Ok(());
        }
        let mut tx = job.begin().await?;
        campaigns
            .store
            .write_members(&mut tx, entity_ref, &news)
            .await?;
        campaigns
            .store
            .write_day(&mut tx, entity_ref, &day, now)
            .await?;
        if changed {
            tx.append(event(entity_ref, last, &day)).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn event(entity_ref: &EntityRef, last: Option<&Day>, day: &Day) -> NewEvent {
    let told = |day: &Day| json!({ "total": day.tally.total, "done": day.tally.done, "exempt": day.tally.exempt });
    NewEvent {
        kind: MEASURED,
        subject: entity_ref.as_str().to_owned(),
        actor: Actor::system("insights"),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({
            "day": day.day.to_string(),
            "total": day.tally.total,
            "done": day.tally.done,
            "exempt": day.tally.exempt,
            "remaining": day.tally.remaining(),
            "removed": day.removed,
            "before": last.map(told),
            "after": told(day),
        }),
    }
}
