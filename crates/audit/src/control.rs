//! What stays true of the trail: its chain is looked at and signed.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use platform::ApiError;
use platform::actor::Actor;
use platform::clock::later;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::event::{EventLog, NewEvent, Outcome};
use platform::queue::Job;
use platform::store::StoreError;
use serde_json::{Value, json};

use crate::checkpoint::Checkpoint;
use crate::events::BROKEN;
use crate::store::{Verified, add_checkpoint, set_verified};
use crate::verify::{self, Span};
use crate::walk::Report;
use crate::{Audit, Standing};

/// The queue whose one key is the head of the chain.
pub const CHECKPOINT_QUEUE: &str = "audit.checkpoint";
/// The queue whose one key is the whole chain.
pub const VERIFY_QUEUE: &str = "audit.verify";
/// How often somebody looks whether a checkpoint is due.
const LOOK: Duration = Duration::from_secs(30);
/// How often the whole chain is looked at.
const WHOLE: Duration = Duration::from_secs(86_400);
/// Problems that the event about a broken chain names.
const NAMED: usize = 20;

/// Signs where the chain stands.
#[derive(Debug)]
pub(crate) struct Checkpoints(pub(crate) Audit);

#[async_trait]
impl Controller for Checkpoints {
    fn queue(&self) -> &'static str {
        CHECKPOINT_QUEUE
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn reconcile(&self, _key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let inner = &self.0.0;
        let last = inner.store.last_checkpoint().await?;
        let head = EventLog::new(job.db()).chain_head().await?;
        if !due(&self.0, last.as_ref(), head.seq, job.clock().now()) {
            return Ok(Next::After(
                LOOK,
                "looks whether a checkpoint is due".into(),
            ));
        }
        // What does not fit is never signed.
        let report = self.0.verify_tail().await?;
        if !report.is_intact() {
            self.0.stands(Standing::of(&report, job.clock().now()));
            return Err(ReconcileError::new(format!(
                "the chain does not fit since the last checkpoint, so none is signed; run `portway audit verify`: {}",
                first_problem(&report)
            )));
        }
        let Some(hash) = report.head.filter(|_| report.to > 0) else {
            return Ok(Next::After(LOOK, "nothing has happened yet".into()));
        };
        let now = job.clock().now();
        let checkpoint = inner.signer.sign(head.first, (report.to, hash), now);
        if let Some(path) = &inner.settings.checkpoint_file {
            append_line(path, &checkpoint.to_json().to_string())
                .map_err(|error| ReconcileError::new(format!("{}: {error}", path.display())))?;
        }
        let mut tx = job.begin().await?;
        add_checkpoint(&mut tx, &checkpoint).await?;
        if inner.settings.checkpoint_webhook.is_some() {
            tx.enqueue(Job {
                queue: crate::sink::QUEUE,
                key: crate::sink::CHECKPOINTS.to_owned(),
                payload: Value::Null,
                run_at: now,
                reason: "a checkpoint was signed".into(),
            });
        }
        tx.commit().await?;
        Ok(Next::After(
            LOOK,
            "looks whether a checkpoint is due".into(),
        ))
    }
}

fn due(audit: &Audit, last: Option<&Checkpoint>, head: i64, now: Timestamp) -> bool {
    let settings = &audit.0.settings;
    last.is_none_or(|last| {
        head - last.seq >= settings.every
            || (head > last.seq && later(last.at, settings.interval) <= now)
    })
}

/// Appends one line and waits until it is on the disk.
///
/// # Errors
/// Whatever the file system says.
pub(crate) fn append_line(path: &Path, line: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    // One write: lines of two processes cannot mix.
    file.write_all(format!("{line}\n").as_bytes())?;
    file.sync_data()
}

/// Looks at the whole chain, once a day and when somebody asks.
#[derive(Debug)]
pub(crate) struct Verification(pub(crate) Audit);

#[async_trait]
impl Controller for Verification {
    fn queue(&self) -> &'static str {
        VERIFY_QUEUE
    }

    fn concurrency(&self) -> usize {
        1
    }

    async fn reconcile(&self, _key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let started = job.clock().now();
        let report = self.0.verify(Span::default()).await?;
        let now = job.clock().now();
        let before = self.0.0.store.verified().await?;
        let known = before.is_some_and(|before| {
            before.report.get("problems") == report.to_json().get("problems")
        });
        let mut tx = job.begin().await?;
        if !report.is_intact() && !known {
            tx.append(broken(&report)).await?;
        }
        let found = Verified {
            at: now,
            milliseconds: i64::try_from(now.duration_since(started).as_millis())
                .unwrap_or(i64::MAX),
            report: report.to_json(),
        };
        set_verified(&mut tx, &found).await?;
        tx.commit().await?;
        self.0.stands(Standing::of(&report, now));
        if !report.is_intact() {
            tracing::error!(
                "The audit trail does not fit: {}; run `portway audit verify`",
                first_problem(&report)
            );
        }
        Ok(Next::At(
            now.checked_add(SignedDuration::try_from(WHOLE).unwrap_or_default())
                .unwrap_or(Timestamp::MAX),
            "looks at the whole chain once a day".into(),
        ))
    }
}

fn broken(report: &Report) -> NewEvent {
    let named = report.problems.iter().take(NAMED);
    NewEvent {
        kind: BROKEN,
        subject: "audit:log".to_owned(),
        actor: Actor::system("controller:audit.verify"),
        outcome: Outcome::Failed,
        cause: None,
        data: json!({
            "count": report.problems.len() as u64 + report.more,
            "problems": named.map(|problem| problem.to_json()).collect::<Vec<_>>(),
        }),
    }
}

pub(crate) fn first_problem(report: &Report) -> String {
    report
        .problems
        .first()
        .and_then(|problem| {
            let json = problem.to_json();
            json.get("message")?.as_str().map(str::to_owned)
        })
        .unwrap_or_default()
}

impl Audit {
    /// Looks at the chain in the database.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify(&self, span: Span) -> Result<Report, StoreError> {
        let inner = &self.0;
        verify::database(&inner.store, span, &inner.trust, &self.outside()).await
    }

    /// Looks at a part of the chain, for whoever asks. Only a look at all of it
    /// says how the chain stands: what somebody asks for must not raise an
    /// alarm that the log gives no cause for.
    ///
    /// # Errors
    /// 400 for a part that there cannot be.
    pub(crate) async fn look_at(&self, span: Span) -> Result<Report, ApiError> {
        let head = EventLog::new(self.0.store.db()).chain_head().await?;
        let (from, to) = (span.from.unwrap_or(1), span.to.unwrap_or(head.seq));
        if from > head.seq + 1 || (span.to.is_some() && from > to) {
            return Err(ApiError::input(format!(
                "There are no events from {from} to {to}: the log goes from 1 to {}",
                head.seq
            ))
            .accepted("a first number that is not after the last one, and not after the log"));
        }
        let report = self.verify(span).await?;
        if span == Span::default() {
            self.stands(Standing::of(&report, self.clock().now()));
        }
        Ok(report)
    }

    /// Looks at what came since the last checkpoint.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn verify_tail(&self) -> Result<Report, StoreError> {
        let inner = &self.0;
        let last = inner.store.last_checkpoint().await?;
        verify::after(&inner.store, last.as_ref(), &inner.trust, &self.outside()).await
    }

    /// Checkpoints in the file outside of the database. What is no checkpoint
    /// is passed over: the file is evidence, not configuration.
    fn outside(&self) -> Vec<Checkpoint> {
        let Some(path) = &self.0.settings.checkpoint_file else {
            return Vec::new();
        };
        read_checkpoints(path).unwrap_or_default()
    }
}

/// The checkpoints in a file, one in a line.
///
/// # Errors
/// Whatever the file system says.
pub fn read_checkpoints(path: &Path) -> std::io::Result<Vec<Checkpoint>> {
    Ok(std::fs::read_to_string(path)?
        .lines()
        .filter_map(|line| Checkpoint::from_json(&serde_json::from_str(line).ok()?))
        .collect())
}
