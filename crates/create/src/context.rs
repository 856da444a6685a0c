//! What a step knows and may do: the only way from an action to its task.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

use identity::Secret;
use platform::Clock;
use platform::actor::Caller;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::action::StepError;
use crate::log::Log;
use crate::marks::{Mark, Marks};
use crate::source::Base;
use crate::workspace::Workspace;

/// Secrets of a task by their names.
pub type Secrets = BTreeMap<String, Secret<String>>;

/// Whoever started the task, as expressions see them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TaskUser {
    /// `user:default/kim`; nothing for a program.
    pub entity_ref: Option<String>,
    /// The entity of the catalog, if there is one.
    pub entity: Option<Value>,
}

/// The template that the task was made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TemplateInfo {
    /// `template:default/python-service`; nothing in a dry run of a text.
    pub entity_ref: Option<String>,
    /// Where its file stands; what relative addresses start from.
    pub base_url: Option<String>,
    /// `{metadata}` of the entity.
    pub entity: Option<Value>,
}

/// The context of one run of one step. Cheap to clone.
#[derive(Clone, Debug)]
pub struct StepContext(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) task: Uuid,
    pub(crate) step: String,
    pub(crate) iteration: Option<String>,
    pub(crate) workspace: Workspace,
    pub(crate) log: Log,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) user: Arc<TaskUser>,
    pub(crate) template: Arc<TemplateInfo>,
    pub(crate) base: Base,
    pub(crate) caller: Caller,
    pub(crate) marks: Marks,
    pub(crate) cancel: CancellationToken,
    pub(crate) clock: Clock,
    pub(crate) dry_run: bool,
}

/// Something outside that was made and stays when a later step fails. It is
/// listed with the failed task, with the way to take it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBehind {
    /// What it is: `repository acme/shop`.
    pub what: String,
    /// Where it can be looked at.
    pub url: Option<String>,
    /// How to take it back, in words: `delete it in its settings`.
    pub undo: String,
}

impl StepContext {
    /// The task's id.
    pub fn task(&self) -> Uuid {
        self.0.task
    }

    /// The step's id.
    pub fn step(&self) -> &str {
        &self.0.step
    }

    /// The key of this iteration of an `each`.
    pub fn iteration(&self) -> Option<&str> {
        self.0.iteration.as_deref()
    }

    /// A key that is the same whenever this step (of this iteration) is run
    /// again for the same task, and different for everything else: for systems
    /// that take an idempotency key.
    pub fn idempotency_key(&self) -> String {
        let name = format!(
            "{}/{}",
            self.0.step,
            self.0.iteration.as_deref().unwrap_or_default()
        );
        Uuid::new_v5(&self.0.task, name.as_bytes()).to_string()
    }

    /// The files of the task.
    pub fn workspace(&self) -> &Workspace {
        &self.0.workspace
    }

    /// The log. It masks secrets.
    pub fn log(&self) -> &Log {
        &self.0.log
    }

    /// A secret that the task was given.
    pub fn secret(&self, name: &str) -> Option<&Secret<String>> {
        self.0.secrets.get(name)
    }

    /// Whoever started the task.
    pub fn user(&self) -> &TaskUser {
        &self.0.user
    }

    /// The template.
    pub fn template(&self) -> &TemplateInfo {
        &self.0.template
    }

    /// Where relative addresses start; for [`crate::source::Sources`].
    pub fn base(&self) -> &Base {
        &self.0.base
    }

    /// In whose name the step acts: with what they may do now, and no more
    /// than the credential that started the task could.
    pub fn caller(&self) -> &Caller {
        &self.0.caller
    }

    /// Cancelled when somebody cancels the task. The step has ten seconds to
    /// come to an end by itself, then it is dropped at its next await.
    pub fn cancelled(&self) -> &CancellationToken {
        &self.0.cancel
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Whether this is a dry run, in which nothing outside may change.
    pub fn is_dry_run(&self) -> bool {
        self.0.dry_run
    }

    /// What was remembered under a name by an earlier run of this step.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remembered(&self, name: &str) -> Result<Option<Value>, StepError> {
        Ok(match self.0.marks.get(self, name).await? {
            Some(Mark::Done(value)) => Some(value),
            _ => None,
        })
    }

    /// Remembers a value for later runs of this step. It is durable when this
    /// answers.
    ///
    /// # Errors
    /// When the database does not answer, or the task has passed to another
    /// replica.
    pub async fn remember(&self, name: &str, value: &Value) -> Result<(), StepError> {
        self.0
            .marks
            .put(self, name, &Mark::Done(value.clone()))
            .await
    }

    /// Does something whose repetition does no harm, and remembers its answer:
    /// a later run of this step gets the answer without doing it again. This
    /// is Backstage's `ctx.checkpoint`.
    ///
    /// # Errors
    /// Those of `work`, which are not remembered.
    pub async fn checkpoint<F, W>(&self, name: &str, work: W) -> Result<Value, StepError>
    where
        W: FnOnce() -> F,
        F: Future<Output = Result<Value, StepError>>,
    {
        if let Some(value) = self.remembered(name).await? {
            return Ok(value);
        }
        let value = work().await?;
        self.remember(name, &value).await?;
        Ok(value)
    }

    /// Does something outside that must not happen twice. It is written down
    /// that it is about to happen; when a run finds that without an answer,
    /// the process ended in between, and `find` looks whether it has happened
    /// (`Ok(None)`: it has not) before `make` does it.
    ///
    /// # Errors
    /// Those of `find` and `make`. What is left without an answer is looked
    /// for again next time.
    pub async fn once<F, M, FF, MF>(&self, name: &str, find: F, make: M) -> Result<Value, StepError>
    where
        F: FnOnce() -> FF,
        FF: Future<Output = Result<Option<Value>, StepError>>,
        M: FnOnce() -> MF,
        MF: Future<Output = Result<Value, StepError>>,
    {
        let value = match self.0.marks.get(self, name).await? {
            Some(Mark::Done(value)) => return Ok(value),
            Some(Mark::Begun) => match find().await? {
                Some(value) => value,
                None => make().await?,
            },
            None => {
                self.0.marks.put(self, name, &Mark::Begun).await?;
                make().await?
            }
        };
        self.remember(name, &value).await?;
        Ok(value)
    }

    /// Whether an earlier run of this step has begun what [`StepContext::once`]
    /// does under a name: what is found then is the task's own.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn begun(&self, name: &str) -> Result<bool, StepError> {
        Ok(self.0.marks.get(self, name).await?.is_some())
    }

    /// Lists something that was made outside, so that nobody has to search for
    /// it when the task fails later.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn left_behind(&self, left: &LeftBehind) -> Result<(), StepError> {
        let value = json!({ "what": left.what, "url": left.url, "undo": left.undo });
        self.0.marks.leave(self, &left.what, &value).await
    }
}
