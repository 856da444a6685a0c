//! What was done: every run of an [`Action`], through whichever door.
//!
//! A run is written down before it starts and again when it ends, each time in
//! one transaction with its event. A run of a process that was killed is found
//! and marked: its row says until when its process is known to have lived, and
//! a running process keeps moving that time.
//!
//! Whatever the action appends to the event log while it runs carries the
//! run's id as its cause.

mod redact;
mod retention;
mod store;

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::action::Action;
use crate::actor::{Actor, Caller, Permission, Verb};
use crate::clock::later;
use crate::error::ApiError;
use crate::event::EventType;
use crate::origin::Origin;
use crate::store::{Db, StoreError};

pub use retention::{PRUNED, Retention};

/// Look at what was done, by whom, with which input.
pub const READ: Permission = Permission {
    name: "platform.run.read",
    verb: Verb::Read,
};

/// An action was started. Subject: `run:<id>`. Data: `action`, `door`.
pub const STARTED: EventType = EventType("dev.portway.platform.action.started");
/// A run has ended. Subject: `run:<id>`. Data: `action`, `state`, `error`, and
/// `secretShown` where the answer held a secret, which is not kept.
pub const FINISHED: EventType = EventType("dev.portway.platform.action.finished");

/// How long a run counts as alive after its process last said so.
const ALIVE: Duration = Duration::from_secs(90);
/// How often a process says so.
const BEAT: Duration = Duration::from_secs(20);
/// Inputs and outputs that are larger, in bytes of JSON, are not kept.
const LARGEST: usize = 64 * 1024;

tokio::task_local! {
    static RUNNING: Uuid;
}

/// The id of the run that the current task works for.
pub(crate) fn current() -> Option<String> {
    RUNNING.try_with(Uuid::to_string).ok()
}

/// Where an action was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// A program that speaks HTTP.
    Http,
    /// The command line.
    Cli,
    /// A page of the portal.
    Portal,
}

impl Door {
    /// `http`, `cli` or `portal`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Cli => "cli",
            Self::Portal => "portal",
        }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It has started.
    Running,
    /// It has ended as it should.
    Succeeded,
    /// It has ended with an error.
    Failed,
    /// Its process ended first; nobody knows how far it got.
    Interrupted,
}

impl RunState {
    /// Every state, by the name that it has in the API.
    pub const NAMES: [&'static str; 4] = ["running", "succeeded", "failed", "interrupted"];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }
}

/// One run of an action.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// A UUID version 7: runs sort by it in the order in which they started.
    pub id: Uuid,
    /// The action's name.
    pub action: String,
    /// Where it was asked for: `http`, `cli` or `portal`.
    pub door: String,
    /// One of [`RunState::NAMES`].
    pub state: String,
    /// Who asked.
    pub actor: Actor,
    /// What it was given, without secrets.
    pub input: Value,
    /// When it was written down, before anything was done.
    pub started: Timestamp,
    /// When it ended or was found to have been interrupted.
    pub ended: Option<Timestamp>,
    /// What the caller was told, if it did not succeed.
    pub error: Option<String>,
    /// What it answered, without secrets.
    pub output: Option<Value>,
}

impl Run {
    /// As the API answers it.
    pub fn to_json(&self) -> Value {
        json!({
            "id": self.id.to_string(),
            "action": self.action,
            "actor": self.actor,
            "door": self.door,
            "state": self.state,
            "input": self.input,
            "started": self.started,
            "ended": self.ended,
            "error": self.error,
            "output": self.output,
        })
    }
}

/// Which runs are wanted. The default wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunFilter {
    /// Of this action.
    pub action: Option<String>,
    /// Asked for by whoever has this name.
    pub actor: Option<String>,
    /// In this state, by its name.
    pub state: Option<String>,
}

/// Runs actions and remembers it.
#[derive(Clone, Debug)]
pub struct Journal {
    db: Db,
}

impl Journal {
    /// The journal of a database. Runs that an earlier process left behind are
    /// marked as interrupted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(db: &Db) -> Result<Self, StoreError> {
        let journal = Self { db: db.clone() };
        // Nobody else can be at work on a database that is not shared.
        let dead_before = if db.is_shared() {
            db.clock().now()
        } else {
            Timestamp::MAX
        };
        let count = journal.interrupt(dead_before).await?;
        if count > 0 {
            tracing::warn!(
                "{count} runs of actions had been interrupted; see /api/v1/runs?state=interrupted"
            );
        }
        Ok(journal)
    }

    /// Checks permission and input, writes the run down, does it, and writes
    /// down how it ended. What is refused by permission or schema has not
    /// started and is not written down.
    ///
    /// The work goes on when the caller no longer waits for its end.
    ///
    /// # Errors
    /// What the action answers; 503 when the run cannot be written down, in
    /// which case nothing is done.
    pub async fn run(
        &self,
        action: &Action,
        caller: Caller,
        door: Door,
        input: Value,
    ) -> Result<Value, ApiError> {
        action.admit(&caller, &input)?;
        let started = self.db.clock().now();
        let run = Run {
            id: new_id(started),
            action: action.name.to_owned(),
            door: door.as_str().to_owned(),
            state: RunState::Running.as_str().to_owned(),
            actor: caller.actor.clone(),
            input: kept(&action.input, &input),
            started,
            ended: None,
            error: None,
            output: None,
        };
        let reason = run.input.get("reason").and_then(Value::as_str);
        let origin = Origin::current().because(reason);
        origin.clone().scope(self.begin(&run)).await?;
        let (journal, action) = (self.clone(), action.clone());
        let work = async move { journal.perform(run, &action, caller, input).await };
        tokio::spawn(origin.scope(work).in_current_span())
            .await
            .unwrap_or_else(|cause| Err(ApiError::internal(cause)))
    }

    async fn perform(
        &self,
        mut run: Run,
        action: &Action,
        caller: Caller,
        input: Value,
    ) -> Result<Value, ApiError> {
        let work = RUNNING.scope(run.id, action.perform(caller, input));
        let mut work = std::pin::pin!(AssertUnwindSafe(work).catch_unwind());
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                () = self.db.clock().sleep(BEAT) => self.beat(run.id).await,
            }
        };
        let outcome = done.unwrap_or_else(|_| Err(ApiError::internal(Panicked)));
        run.ended = Some(self.db.clock().now());
        let mut secret_shown = false;
        let state = match &outcome {
            Ok(output) => {
                let kept = kept(&action.output, output);
                secret_shown = redact::hid_something(&kept, output);
                run.output = Some(kept);
                RunState::Succeeded
            }
            Err(error) => {
                // U+0000 cannot be stored.
                run.error = Some(error.clone().shortened().message.replace('\0', "␀"));
                RunState::Failed
            }
        };
        run.state = state.as_str().to_owned();
        if let Err(cause) = self.end(&run, secret_shown).await {
            // What was done stays done; the row will be found interrupted.
            tracing::error!(run.id = %run.id, %cause, "The end of {} could not be written down", run.action);
        }
        outcome
    }

    /// The runs before the run `before`, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn runs(
        &self,
        filter: &RunFilter,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        self.interrupt(self.db.clock().now()).await?;
        self.page(filter, before, limit).await
    }

    /// The run with this id.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn get(&self, id: Uuid) -> Result<Option<Run>, StoreError> {
        self.interrupt(self.db.clock().now()).await?;
        self.find(id).await
    }

    fn alive_until(&self) -> Timestamp {
        later(self.db.clock().now(), ALIVE)
    }
}

/// The cause of a run's error that only the log sees.
#[derive(Debug, thiserror::Error)]
#[error("the action panicked")]
struct Panicked;

/// Reads a run's id; `None` when the text is none.
pub fn run_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok()
}

/// A UUID version 7 of this time.
fn new_id(time: Timestamp) -> Uuid {
    let seconds = u64::try_from(time.as_second()).unwrap_or(0);
    let nanos = u32::try_from(time.subsec_nanosecond()).unwrap_or(0);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos))
}

/// What is kept of an input or an output: no secrets, and not much.
fn kept(schema: &Value, value: &Value) -> Value {
    let kept = redact::redacted(schema, value);
    let size = kept.to_string().len();
    if size > LARGEST {
        return json!({ "notKept": format!("{size} bytes of JSON are more than {LARGEST}") });
    }
    kept
}
