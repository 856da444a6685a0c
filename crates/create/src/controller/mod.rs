//! Tasks on the durable queue.
//!
//! ```text
//! claim ─▶ workspace as after the last step ─▶ step ─▶ one transaction: step, log, workspace's number ─▶ next step
//!   ▲                                            └─ Wait: give everything back until its time
//!   └─ killed, lease lost, server stopping: the same task is claimed again
//! ```

pub(crate) mod files;
mod step;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use platform::actor::Caller;
use platform::clock::later;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::TASK_QUEUE;
use crate::action::StepError;
use crate::context::{TaskUser, TemplateInfo};
use crate::engine::{Create, FINISHED, event};
use crate::log::{Buffer, Line, Log};
use crate::mask::Masker;
use crate::run::{RenderError, World};
use crate::source::Base;
use crate::store::Ending;
use crate::task::{Spec, Status, StepStatus, Task};
use crate::workspace::Workspace;

/// How long a step has to end by itself after its task was cancelled.
const GRACE: Duration = Duration::from_secs(10);
/// How often the log of a running step is stored.
const TICK: Duration = Duration::from_millis(500);
/// Every so many ticks the task says that it is being worked on, and asks
/// whether another replica was told to cancel it.
const BEATS: u32 = 4;

/// Runs tasks.
#[derive(Debug)]
pub(crate) struct Worker {
    create: Create,
}

/// A task while this process works on it.
pub(super) struct Active<'a> {
    pub(super) create: &'a Create,
    pub(super) job: &'a JobContext,
    pub(super) task: Task,
    pub(super) world: World,
    pub(super) workspace: Workspace,
    pub(super) buffer: Buffer,
    pub(super) log: Log,
    pub(super) cancel: CancellationToken,
    pub(super) caller: Caller,
    pub(super) user: Arc<TaskUser>,
    pub(super) template: Arc<TemplateInfo>,
    pub(super) base: Base,
    /// Steps that were at work when the process before this one ended.
    pub(super) resumed: Vec<String>,
    /// The first error of a step.
    pub(super) error: Option<(String, String)>,
}

/// How the work on a task ended for now.
enum Stop {
    /// Every step has its end.
    Finished,
    /// Somebody has cancelled it.
    Cancelled,
    /// It waits for something outside.
    Waits(Next),
    /// The server stops.
    Leaving,
}

/// Forgets that this process works on a task, however the work ends.
struct Registered<'a>(&'a Create, Uuid);

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.0.0.running.lock().remove(&self.1);
    }
}

impl Worker {
    pub(crate) fn new(create: Create) -> Self {
        Self { create }
    }

    async fn begin<'a>(
        &'a self,
        job: &'a JobContext,
        task: Task,
        workspace: Workspace,
        cancel: CancellationToken,
    ) -> Result<Active<'a>, ReconcileError> {
        let shared = &self.create.0;
        let secrets = Arc::new(shared.store.secrets(task.id).await?);
        let environment = Arc::new(shared.settings.environment.clone());
        let hidden = secrets.values().chain(environment.secrets.values());
        let masker = Masker::new(hidden.map(|secret| secret.expose().as_str()));
        let buffer = Buffer::default();
        let log = Log::new(buffer.clone(), shared.clock.clone(), masker);
        let rows = shared.store.steps(task.id).await?;
        let failed = rows.iter().find(|row| row.status == StepStatus::Failed);
        let world = World {
            task: task.id,
            spec: Arc::new(task.spec.clone()),
            secrets,
            environment,
            outputs: rows
                .iter()
                .filter_map(|row| Some((row.id.clone(), row.output.clone()?)))
                .collect(),
            failed: failed.is_some(),
            lenient: shared.settings.lenient,
        };
        let text = |pointer: &str| {
            let found = task.spec.template_info.pointer(pointer);
            found.and_then(Value::as_str).map(str::to_owned)
        };
        Ok(Active {
            user: Arc::new(TaskUser {
                entity_ref: task
                    .spec
                    .user
                    .get("ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                entity: task.spec.user.get("entity").cloned(),
            }),
            template: Arc::new(TemplateInfo {
                entity_ref: text("/entityRef"),
                base_url: text("/baseUrl"),
                entity: task.spec.template_info.get("entity").cloned(),
            }),
            base: task.place.clone().map_or(Base::Nowhere, Base::Place),
            caller: self.create.caller_of(&task),
            error: failed.map(|row| (row.id.clone(), row.error.clone().unwrap_or_default())),
            resumed: rows
                .iter()
                .filter(|row| row.status == StepStatus::Processing)
                .map(|row| row.id.clone())
                .collect(),
            create: &self.create,
            job,
            world,
            workspace,
            buffer,
            log,
            cancel,
            task,
        })
    }

    /// Ends a task that cannot even begin.
    async fn give_up(
        &self,
        job: &JobContext,
        task: &Task,
        error: &StepError,
    ) -> Result<Next, ReconcileError> {
        let store = &self.create.0.store;
        let error = json!({ "name": "Error", "message": error.to_string() });
        let line = Line {
            kind: "completion",
            body: json!({ "message": "Run completed with status: failed", "error": error }),
            at: self.create.0.clock.now(),
        };
        let mut tx = job.begin().await?;
        let ending = Ending {
            status: Status::Failed,
            output: None,
            error: Some(&error),
        };
        store.end(&mut tx, task.id, &ending).await?;
        store.say(&mut tx, task.id, &[line]).await?;
        let data = json!({ "template": task.template, "status": "failed", "outcome": "failed" });
        tx.append(event(FINISHED, task.id, &task.actor, data))
            .await?;
        tx.commit().await?;
        self.create.noise();
        files::remove(&self.create, task.id).await?;
        Ok(Next::Done)
    }

    /// Takes files away that nobody needs any more.
    async fn tidy(&self, task: &Task) -> Result<Next, ReconcileError> {
        let shared = &self.create.0;
        let ended = task.ended_at.unwrap_or(task.created_at);
        let until = later(ended, shared.settings.keep);
        if task.status != Status::Completed && task.pack > 0 && until > shared.clock.now() {
            let reason = "its files are kept for a retry until then".to_owned();
            return Ok(Next::At(until, reason));
        }
        files::remove(&self.create, task.id).await?;
        Ok(Next::Done)
    }
}

#[async_trait]
impl Controller for Worker {
    fn queue(&self) -> &'static str {
        TASK_QUEUE
    }

    fn concurrency(&self) -> usize {
        self.create.0.settings.concurrency
    }

    async fn reconcile(&self, key: &str, job: &JobContext) -> Result<Next, ReconcileError> {
        let shared = &self.create.0;
        let Ok(id) = Uuid::parse_str(key) else {
            return Ok(Next::Done);
        };
        let Some(task) = shared.store.task(id).await? else {
            files::remove(&self.create, id).await?;
            return Ok(Next::Done);
        };
        if task.status.is_terminal() {
            return self.tidy(&task).await;
        }
        let cancel = CancellationToken::new();
        shared.running.lock().insert(id, cancel.clone());
        let _registered = Registered(&self.create, id);
        if task.cancel_asked {
            cancel.cancel();
        }
        let workspace = match files::open(&self.create, job, &task).await? {
            Ok(workspace) => workspace,
            Err(error) => return self.give_up(job, &task, &error).await,
        };
        let mut active = self.begin(job, task, workspace, cancel).await?;
        let stop = active.work().await?;
        active.conclude(stop).await
    }
}

impl Active<'_> {
    /// Works through the steps that have no end yet.
    async fn work(&mut self) -> Result<Stop, ReconcileError> {
        let store = &self.create.0.store;
        let rows = store.steps(self.task.id).await?;
        let fresh = rows.iter().all(|row| row.status == StepStatus::Open);
        if fresh {
            let count = self.task.spec.steps.len();
            self.log
                .put(&format!("Starting up task with {count} steps"), None);
        } else if self.task.status == Status::Processing {
            self.log.put("Going on after a restart of Portway", None);
        }
        let mut tx = self.job.begin().await?;
        store.begin(&mut tx, self.task.id).await?;
        store
            .say(&mut tx, self.task.id, &self.buffer.take())
            .await?;
        tx.commit().await?;
        self.create.noise();
        let spec = Arc::clone(&self.world.spec);
        for (index, step) in spec.steps.iter().enumerate() {
            let id = Spec::text(step, "id");
            let ended = rows.iter().find(|row| row.id == id).is_some_and(|row| {
                !matches!(row.status, StepStatus::Open | StepStatus::Processing)
            });
            if ended {
                continue;
            }
            if self.cancel.is_cancelled() {
                return Ok(Stop::Cancelled);
            }
            if self.job.shutdown().is_cancelled() {
                return Ok(Stop::Leaving);
            }
            match self.step(index, step).await? {
                step::Ended::Goes => {}
                step::Ended::Cancelled => return Ok(Stop::Cancelled),
                step::Ended::Waits(until, reason) => {
                    return Ok(Stop::Waits(Next::At(until, reason)));
                }
            }
        }
        Ok(Stop::Finished)
    }

    async fn conclude(&mut self, stop: Stop) -> Result<Next, ReconcileError> {
        let store = &self.create.0.store;
        match stop {
            Stop::Leaving => {
                self.flush().await?;
                Ok(Next::After(
                    Duration::ZERO,
                    "the server that worked on it was stopped".to_owned(),
                ))
            }
            Stop::Waits(next) => {
                if let Next::At(until, reason) = &next {
                    let mut tx = self.job.begin().await?;
                    store.wait(&mut tx, self.task.id, *until, reason).await?;
                    store
                        .say(&mut tx, self.task.id, &self.buffer.take())
                        .await?;
                    tx.commit().await?;
                    self.create.noise();
                }
                Ok(next)
            }
            Stop::Cancelled => self.end(Status::Cancelled).await,
            Stop::Finished if self.error.is_some() => self.end(Status::Failed).await,
            Stop::Finished => self.end(Status::Completed).await,
        }
    }

    /// Writes the end of the task: its state, its last event, and the facts
    /// for the log of events.
    async fn end(&mut self, status: Status) -> Result<Next, ReconcileError> {
        let store = &self.create.0.store;
        let output = match status {
            Status::Completed => {
                let output = self.world.output(&self.log);
                Some(self.log.masked_value(&output))
            }
            _ => None,
        };
        let error = match (&self.error, status) {
            (Some((step, message)), Status::Failed) => {
                Some(json!({ "name": "Error", "message": message, "stepId": step }))
            }
            (_, Status::Cancelled) => {
                Some(json!({ "name": "AbortError", "message": "The task was cancelled" }))
            }
            _ => None,
        };
        let mut body =
            json!({ "message": format!("Run completed with status: {}", status.as_str()) });
        if let Some(fields) = body.as_object_mut() {
            if let Some(output) = &output {
                fields.insert("output".to_owned(), output.clone());
            }
            if let Some(error) = &error {
                fields.insert("error".to_owned(), error.clone());
            }
        }
        self.log.push("completion", body);
        let mut tx = self.job.begin().await?;
        let ending = Ending {
            status,
            output: output.as_ref(),
            error: error.as_ref(),
        };
        store.end(&mut tx, self.task.id, &ending).await?;
        if status == Status::Completed {
            store.clear_marks(&mut tx, self.task.id).await?;
        }
        store
            .say(&mut tx, self.task.id, &self.buffer.take())
            .await?;
        let outcome = if status == Status::Failed {
            "failed"
        } else {
            "allowed"
        };
        let data = json!({
            "template": self.task.template,
            "status": status.as_str(),
            "outcome": outcome,
            "error": error.as_ref().and_then(|error| error.get("message")),
        });
        tx.append(event(FINISHED, self.task.id, &self.task.actor, data))
            .await?;
        tx.commit().await?;
        self.create.noise();
        files::remove_work(&self.create.0.settings.data, self.task.id).await;
        let task = self.create.0.store.task(self.task.id).await?;
        match task {
            Some(task) => Worker::new(self.create.clone()).tidy(&task).await,
            None => Ok(Next::Done),
        }
    }

    /// Stores what the log holds.
    pub(super) async fn flush(&self) -> Result<(), ReconcileError> {
        let lines = self.buffer.take();
        if lines.is_empty() {
            return Ok(());
        }
        let mut tx = self.job.begin().await?;
        self.create
            .0
            .store
            .say(&mut tx, self.task.id, &lines)
            .await?;
        tx.commit().await?;
        self.create.noise();
        Ok(())
    }

    /// An expression that cannot be rendered, with its place in the template's
    /// file where that can be found out.
    pub(super) async fn explain(&self, error: &RenderError) -> StepError {
        let place = match &self.base {
            Base::Place(place) => {
                let sources = &self.create.0.sources;
                sources
                    .find(place, &error.pointer, &error.text, &error.error)
                    .await
            }
            _ => None,
        };
        let place = place.unwrap_or_else(|| {
            format!(
                "{}:{}:{}",
                error.pointer, error.error.line, error.error.column
            )
        });
        StepError::new(format!("{place}: Template error: {}", error.error.message))
            .fixed_by("correct the expression; `portway template lint` finds such mistakes before anybody runs the template")
    }
}
