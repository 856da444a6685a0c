//! Removes events when their time is over, such that the chain can still be
//! computed: the digest of each stays, and an event says which went and why.

use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use platform::actor::Actor;
use platform::args;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::event::chain::Hash;
use platform::event::{NewEvent, Outcome};
use platform::store::{StoreError, Tx};
use serde_json::{Map, Value, json};

use crate::condition::Condition;
use crate::events::{PREFIX, PURGED};
use crate::settings::Retention;
use crate::store::{HOLDS, Hold, LONGEST_RUN, hold_from};

/// The queue whose one key is the log.
pub const QUEUE: &str = "audit.retention";
/// Events that go in one transaction.
const BATCH: usize = 500;
/// How often it looks.
const EVERY: Duration = Duration::from_secs(3_600);

/// How much longer events stay that a sink has not got: a receiver that is away
/// for a while misses nothing, one that is gone does not keep what has to go.
const GRACE: Duration = Duration::from_secs(7 * 86_400);

/// Removes events when their time is over.
#[derive(Debug)]
pub(crate) struct Keeper {
    pub(crate) retention: Retention,
    /// The names of the sinks, which get events before they go.
    pub(crate) sinks: Vec<String>,
}

/// One policy: which types, except which others, and for how long.
#[derive(Clone, Debug)]
struct Policy {
    kind: String,
    others: Vec<String>,
    length: Duration,
}

#[async_trait]
impl Controller for Keeper {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn reconcile(&self, _key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        for policy in self.policies() {
            let before = before(job.clock().now(), policy.length);
            let mut after = 0;
            while let Some(last) = purge(&policy, &self.sinks, (after, before), job).await? {
                after = last;
                if job.shutdown().is_cancelled() {
                    return Ok(Next::After(EVERY, "the server stops".to_owned()));
                }
            }
        }
        Ok(Next::After(
            EVERY,
            "looks every hour for events whose time is over".to_owned(),
        ))
    }
}

fn before(now: Timestamp, length: Duration) -> Timestamp {
    SignedDuration::try_from(length)
        .ok()
        .and_then(|length| now.checked_sub(length).ok())
        .unwrap_or(Timestamp::MIN)
}

impl Keeper {
    /// Every policy; the types that a more precise one names are not the
    /// business of the next, and the trail itself is nobody's.
    fn policies(&self) -> Vec<Policy> {
        let mut named = vec![PREFIX.to_owned()];
        let mut policies = Vec::new();
        let default = self.retention.default.map(|length| (String::new(), length));
        for (kind, length) in self.retention.types.iter().cloned().chain(default) {
            policies.push(Policy {
                others: named.clone(),
                kind: kind.clone(),
                length,
            });
            named.push(kind);
        }
        policies
    }
}

impl Policy {
    fn name(&self) -> String {
        format!("{}* after {}d", self.kind, self.length.as_secs() / 86_400)
    }

    fn condition(
        &self,
        (after, before): (i64, Timestamp),
        holds: &[Hold],
        delivered: Option<i64>,
    ) -> Condition {
        let mut condition = Condition::from(2);
        let before_of = before;
        let (after, before) = (condition.value(after), condition.value(before));
        condition.and(format!("seq > {after} AND time < {before}"));
        if let Some(delivered) = delivered {
            let delivered = condition.value(delivered);
            let late = condition.value(self::before(before_of, GRACE));
            condition.and(format!("(seq <= {delivered} OR time < {late})"));
        }
        if !self.kind.is_empty() {
            let own = condition.begins(&self.kind);
            condition.and(own);
        }
        for other in &self.others {
            let other = condition.begins(other);
            condition.and(format!("NOT {other}"));
        }
        for hold in holds {
            let mut covered = Vec::new();
            if !hold.kind.is_empty() {
                covered.push(condition.begins(&hold.kind));
            }
            if !hold.subject.is_empty() {
                let subject = condition.value(hold.subject.as_str());
                covered.push(format!("subject = {subject}"));
            }
            // A hold that names nothing covers everything.
            if covered.is_empty() {
                covered.push("1 = 1".to_owned());
            }
            condition.and(format!("NOT ({})", covered.join(" AND ")));
        }
        condition
    }
}

/// Removes some events in one transaction with the event that says so. Answers
/// the number of the last one; none when nothing is left to do.
async fn purge(
    policy: &Policy,
    sinks: &[String],
    (after, before): (i64, Timestamp),
    job: &JobContext,
) -> Result<Option<i64>, StoreError> {
    let mut tx = job.begin().await?;
    // Under this lock nobody puts a hold on.
    let head = tx.chain_head().await?;
    let holds = holds_in(&mut tx).await?;
    let cursors = cursors_in(&mut tx, sinks).await?;
    let delivered = cursors.iter().map(|(_, cursor)| *cursor).min();
    let (condition, values) = policy
        .condition((after, before), &holds, delivered)
        .finish();
    let removed = tx.remove_events(&condition, values, BATCH).await?;
    let Some(last) = removed.last().map(|(seq, _)| *seq) else {
        tx.rollback().await?;
        return Ok(None);
    };
    let runs = runs(&removed);
    let missed = missed(&cursors, &removed);
    let event = NewEvent {
        kind: PURGED,
        subject: "audit:log".to_owned(),
        actor: Actor::system("controller:audit.retention"),
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({
            "policy": policy.name(),
            "before": before,
            "count": removed.len(),
            "runs": runs.iter().map(|run| [run.first, run.last]).collect::<Vec<_>>(),
            "missedBySinks": missed,
        }),
    };
    let removal = tx.append(event).await?;
    let mut rows = Vec::new();
    for run in runs.iter().filter(|run| run.first >= head.first) {
        rows.push(args![run.first, run.last, removal, run.digests.concat()]);
    }
    tx.insert_many(
        "audit_stubs",
        &["first", "last", "removal", "digests"],
        rows,
    )
    .await?;
    tx.commit().await?;
    Ok(Some(last))
}

struct Run {
    first: i64,
    last: i64,
    digests: Vec<Hash>,
}

/// Neighbours together.
fn runs(removed: &[(i64, Hash)]) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (seq, digest) in removed {
        match runs.last_mut() {
            Some(run) if run.last + 1 == *seq && run.digests.len() < LONGEST_RUN => {
                run.last = *seq;
                run.digests.push(*digest);
            }
            _ => runs.push(Run {
                first: *seq,
                last: *seq,
                digests: vec![*digest],
            }),
        }
    }
    runs
}

/// How far each sink is.
async fn cursors_in(tx: &mut Tx, sinks: &[String]) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = tx
        .query("SELECT sink, seq FROM audit_cursors ORDER BY sink", args![])
        .await?;
    let mut cursors = Vec::new();
    for row in &rows {
        let sink = row.text(0)?;
        if sinks.iter().any(|one| one == sink) {
            cursors.push((sink.to_owned(), row.int(1)?));
        }
    }
    Ok(cursors)
}

/// How many of the removed events each sink has not been given, if any.
fn missed(cursors: &[(String, i64)], removed: &[(i64, Hash)]) -> Value {
    let counts = cursors.iter().filter_map(|(sink, cursor)| {
        let count = removed.iter().filter(|(seq, _)| seq > cursor).count();
        (count > 0).then(|| (sink.clone(), count.into()))
    });
    let counts: Map<String, Value> = counts.collect();
    match counts.is_empty() {
        true => Value::Null,
        false => counts.into(),
    }
}

async fn holds_in(tx: &mut Tx) -> Result<Vec<Hold>, StoreError> {
    let rows = tx.query(HOLDS, Vec::new()).await?;
    rows.iter().map(hold_from).collect()
}
