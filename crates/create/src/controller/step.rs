//! One step of a durable task.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt as _;
use jiff::Timestamp;
use platform::clock::later;
use platform::controller::ReconcileError;
use serde_json::{Map, Value};

use super::{Active, BEATS, GRACE, TICK, files};
use crate::action::{Outcome, StepAction, StepError};
use crate::context::{Inner, StepContext};
use crate::log::Log;
use crate::marks::{Mark, Marks, scope_of};
use crate::run::{Iteration, Prepared, Unprepared, gathered};
use crate::task::{Spec, StepStatus};

/// The name under which the output of an iteration is remembered. No action
/// can choose it.
const OUTPUT: &str = "#output";

/// How the work on a step ended.
pub(super) enum Ended {
    /// It has its end; the next one follows.
    Goes,
    /// The task was cancelled meanwhile.
    Cancelled,
    /// It waits.
    Waits(Timestamp, String),
}

/// How one run of an action ended.
enum Ran {
    Done(Map<String, Value>),
    Waits(Timestamp, String),
    Failed(StepError),
    Cancelled,
}

impl Active<'_> {
    pub(super) async fn step(
        &mut self,
        index: usize,
        step: &Map<String, Value>,
    ) -> Result<Ended, ReconcileError> {
        let (id, name) = (Spec::text(step, "id"), Spec::text(step, "name"));
        let log = self.log.of_step(id);
        let action = self
            .create
            .0
            .registry
            .get(Spec::text(step, "action"))
            .cloned();
        let prepared = match &action {
            Ok(action) => self.prepare(index, step, action, &log).await?,
            // A step that does not run may name an action that is not there.
            Err(_) if self.world.failed && step.get("if").is_none() => {
                Ok(Prepared::Skip("because a step before it has failed"))
            }
            Err(error) => Err(error.clone()),
        };
        let (iterations, each) = match prepared {
            Ok(Prepared::Run { iterations, each }) => (iterations, each),
            Ok(Prepared::Skip(reason)) => {
                log.put(&format!("Skipping step {id} {reason}"), Some("skipped"));
                self.finish(step, StepStatus::Skipped, None, None).await?;
                return Ok(Ended::Goes);
            }
            Err(error) => {
                self.begin_step(id, name, &log).await?;
                return self.fail(step, &log, &error).await;
            }
        };
        let action = match action {
            Ok(action) => action,
            Err(error) => return self.fail(step, &log, &error).await,
        };
        self.begin_step(id, name, &log).await?;
        let mut outputs = Vec::with_capacity(iterations.len());
        for iteration in &iterations {
            let Some(input) = &iteration.input else {
                let key = iteration.key.as_deref().unwrap_or_default();
                log.info(&format!(
                    "Skipping step {id}[{key}] because its if condition was false"
                ));
                continue;
            };
            if each && let Some(output) = self.iteration_output(id, iteration).await? {
                outputs.push(output);
                continue;
            }
            if let Some(shown) = iteration.each.as_ref().filter(|_| each) {
                log.info(&format!("Running step each: {shown}"));
            }
            match self
                .run(&action, id, iteration, input.clone(), &log)
                .await?
            {
                Ran::Done(output) => {
                    if each {
                        self.keep_iteration(id, iteration, &output).await?;
                    }
                    outputs.push(output);
                }
                Ran::Waits(until, reason) => {
                    log.put(&format!("Waiting until {until}: {reason}"), None);
                    return Ok(Ended::Waits(until, reason));
                }
                Ran::Failed(error) => return self.fail(step, &log, &error).await,
                Ran::Cancelled => {
                    log.put(&format!("Step {name} was cancelled"), Some("cancelled"));
                    self.finish(step, StepStatus::Cancelled, None, None).await?;
                    return Ok(Ended::Cancelled);
                }
            }
        }
        let output = match each {
            true => gathered(outputs),
            false => outputs.pop().unwrap_or_default(),
        };
        log.flush();
        log.put(&format!("Finished step {name}"), Some("completed"));
        self.world.outputs.insert(id.to_owned(), output.clone());
        match self
            .finish(step, StepStatus::Completed, Some(&output), None)
            .await?
        {
            None => Ok(Ended::Goes),
            Some(error) => self.fail(step, &log, &error).await,
        }
    }

    /// Renders conditions and inputs, away from the threads that wait.
    async fn prepare(
        &self,
        index: usize,
        step: &Map<String, Value>,
        action: &Arc<StepAction>,
        log: &Log,
    ) -> Result<Result<Prepared, StepError>, ReconcileError> {
        let (world, step, action, log) = (
            self.world.clone(),
            step.clone(),
            Arc::clone(action),
            log.clone(),
        );
        let prepared =
            tokio::task::spawn_blocking(move || world.prepare(index, &step, &action, &log));
        Ok(match prepared.await? {
            Ok(prepared) => Ok(prepared),
            Err(Unprepared::Step(error)) => Err(error),
            Err(Unprepared::Expression(error)) => Err(self.explain(&error).await),
        })
    }

    async fn begin_step(&self, id: &str, name: &str, log: &Log) -> Result<(), ReconcileError> {
        if !self.resumed.iter().any(|resumed| resumed == id) {
            log.put(&format!("Beginning step {name}"), Some("processing"));
        }
        let store = &self.create.0.store;
        let mut tx = self.job.begin().await?;
        store.begin_step(&mut tx, self.task.id, id).await?;
        store
            .say(&mut tx, self.task.id, &self.buffer.take())
            .await?;
        tx.commit().await?;
        self.create.noise();
        Ok(())
    }

    async fn fail(
        &mut self,
        step: &Map<String, Value>,
        log: &Log,
        error: &StepError,
    ) -> Result<Ended, ReconcileError> {
        let message = log.masked(&error.to_string());
        log.flush();
        log.put(&message, Some("failed"));
        let id = Spec::text(step, "id");
        if self.error.is_none() {
            self.error = Some((id.to_owned(), message.clone()));
        }
        self.world.failed = true;
        // What a failed step has left in the workspace is what it found.
        self.workspace.take_changed();
        self.finish(step, StepStatus::Failed, None, Some(&message))
            .await?;
        // Where it cannot be had again, later steps see what is there.
        if let Ok(workspace) = files::open(self.create, self.job, &self.task).await? {
            self.workspace = workspace;
        }
        Ok(Ended::Goes)
    }

    /// Writes the end of a step. Answers why its workspace cannot be kept.
    async fn finish(
        &mut self,
        step: &Map<String, Value>,
        status: StepStatus,
        output: Option<&Map<String, Value>>,
        error: Option<&str>,
    ) -> Result<Option<StepError>, ReconcileError> {
        let kept = match files::keep(self.create, &self.task, &self.workspace).await {
            Ok(kept) => kept,
            Err(error) => return Ok(Some(error)),
        };
        let store = &self.create.0.store;
        let id = Spec::text(step, "id");
        let mut tx = self.job.begin().await?;
        store
            .end_step(&mut tx, (self.task.id, id), status, output, error)
            .await?;
        let number = kept.as_ref().map(|kept| kept.number);
        if let Some(kept) = kept {
            store.set_pack(&mut tx, self.task.id, kept.number).await?;
            if let Some(bytes) = kept.row {
                store
                    .put_pack(&mut tx, self.task.id, kept.number, bytes)
                    .await?;
            }
        }
        store
            .say(&mut tx, self.task.id, &self.buffer.take())
            .await?;
        tx.commit().await?;
        self.create.noise();
        if let Some(number) = number {
            self.task.pack = number;
            files::forget_before(self.create, self.task.id, number).await;
        }
        Ok(None)
    }

    /// The output of an iteration that an earlier run has finished.
    async fn iteration_output(
        &self,
        id: &str,
        iteration: &Iteration,
    ) -> Result<Option<Map<String, Value>>, ReconcileError> {
        let scope = scope_of(id, iteration.key.as_deref());
        let mark = self
            .create
            .0
            .store
            .mark(self.task.id, &scope, OUTPUT)
            .await?;
        Ok(match mark {
            Some(Mark::Done(Value::Object(output))) => Some(output),
            _ => None,
        })
    }

    /// Remembers the output of an iteration, and the workspace after it.
    async fn keep_iteration(
        &mut self,
        id: &str,
        iteration: &Iteration,
        output: &Map<String, Value>,
    ) -> Result<(), ReconcileError> {
        let kept = files::keep(self.create, &self.task, &self.workspace).await?;
        let store = &self.create.0.store;
        let scope = scope_of(id, iteration.key.as_deref());
        let mark = Mark::Done(Value::Object(output.clone()));
        let mut tx = self.job.begin().await?;
        store
            .put_mark(&mut tx, self.task.id, &scope, OUTPUT, &mark)
            .await?;
        let number = kept.as_ref().map(|kept| kept.number);
        if let Some(kept) = kept {
            store.set_pack(&mut tx, self.task.id, kept.number).await?;
            if let Some(bytes) = kept.row {
                store
                    .put_pack(&mut tx, self.task.id, kept.number, bytes)
                    .await?;
            }
        }
        store
            .say(&mut tx, self.task.id, &self.buffer.take())
            .await?;
        tx.commit().await?;
        self.create.noise();
        if let Some(number) = number {
            self.task.pack = number;
            files::forget_before(self.create, self.task.id, number).await;
        }
        Ok(())
    }

    /// Runs an action, storing its log meanwhile.
    async fn run(
        &self,
        action: &Arc<StepAction>,
        id: &str,
        iteration: &Iteration,
        input: Value,
        log: &Log,
    ) -> Result<Ran, ReconcileError> {
        let context = self.context(id, iteration, log);
        let work = AssertUnwindSafe(action.run(context, input)).catch_unwind();
        tokio::pin!(work);
        let clock = &self.create.0.clock;
        let end = later(clock.now(), self.create.0.settings.timeout);
        let (mut leave_at, mut ticks) = (None, 0_u32);
        loop {
            tokio::select! {
                biased;
                ended = &mut work => return Ok(match ended {
                    Ok(Ok(Outcome::Done(output))) => Ran::Done(output),
                    Ok(Ok(Outcome::Wait { until, reason })) => Ran::Waits(until, reason),
                    Ok(Err(_)) if self.cancel.is_cancelled() => Ran::Cancelled,
                    Ok(Err(error)) => Ran::Failed(error),
                    Err(_) => Ran::Failed(StepError::new(format!("The action {} has a mistake and panicked", action.id))
                        .fixed_by("report this as a bug, with the log of the server")),
                }),
                () = self.cancel.cancelled(), if leave_at.is_none() => {
                    leave_at = Some(later(clock.now(), GRACE));
                }
                () = clock.sleep_until(leave_at.unwrap_or(Timestamp::MAX)), if leave_at.is_some() => {
                    return Ok(Ran::Cancelled);
                }
                () = clock.sleep_until(end) => {
                    let hours = self.create.0.settings.timeout.as_secs() / 3600;
                    return Ok(Ran::Failed(StepError::new(format!("The step took longer than {hours} hours"))
                        .fixed_by("`scaffolder.taskTimeout` says how long steps may take")));
                }
                () = clock.sleep(TICK) => {
                    self.flush().await?;
                    ticks += 1;
                    if ticks.is_multiple_of(BEATS) && self.beat().await? {
                        self.cancel.cancel();
                    }
                }
            }
        }
    }

    async fn beat(&self) -> Result<bool, ReconcileError> {
        let mut tx = self.job.begin().await?;
        let cancelled = self.create.0.store.beat(&mut tx, self.task.id).await?;
        tx.commit().await?;
        Ok(cancelled)
    }

    fn context(&self, id: &str, iteration: &Iteration, log: &Log) -> StepContext {
        StepContext(Arc::new(Inner {
            task: self.task.id,
            step: id.to_owned(),
            iteration: iteration.key.clone(),
            workspace: self.workspace.clone(),
            log: log.clone(),
            secrets: Arc::clone(&self.world.secrets),
            user: Arc::clone(&self.user),
            template: Arc::clone(&self.template),
            base: self.base.clone(),
            caller: self.caller.clone(),
            marks: Marks::Durable {
                store: self.create.0.store.clone(),
                job: Box::new(self.job.clone()),
            },
            cancel: self.cancel.clone(),
            clock: self.create.0.clock.clone(),
            dry_run: false,
        }))
    }
}
