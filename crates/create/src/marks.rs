//! What a step remembers of itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;
use platform::controller::JobContext;
use serde_json::Value;

use crate::action::StepError;
use crate::context::StepContext;
use crate::store::Store;

/// What is written under a name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// It was about to happen.
    Begun,
    /// It has happened, with this answer.
    Done(Value),
}

/// Names of things that were left behind begin with this.
pub(crate) const LEFT: &str = "left:";

/// Where marks are kept.
#[derive(Clone, Debug)]
pub(crate) enum Marks {
    /// For dry runs, which end with the request.
    Memory(Arc<Mutex<BTreeMap<String, Mark>>>),
    /// In the database, written only while the lease is held.
    Durable { store: Store, job: Box<JobContext> },
}

impl Marks {
    pub(crate) async fn get(
        &self,
        context: &StepContext,
        name: &str,
    ) -> Result<Option<Mark>, StepError> {
        match self {
            Self::Memory(marks) => Ok(marks.lock().get(&key(context, name)).cloned()),
            Self::Durable { store, .. } => {
                Ok(store.mark(context.task(), &scope(context), name).await?)
            }
        }
    }

    pub(crate) async fn put(
        &self,
        context: &StepContext,
        name: &str,
        mark: &Mark,
    ) -> Result<(), StepError> {
        match self {
            Self::Memory(marks) => {
                marks.lock().insert(key(context, name), mark.clone());
            }
            Self::Durable { store, job } => {
                let mut tx = job.begin().await?;
                store
                    .put_mark(&mut tx, context.task(), &scope(context), name, mark)
                    .await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }

    pub(crate) async fn leave(
        &self,
        context: &StepContext,
        what: &str,
        value: &Value,
    ) -> Result<(), StepError> {
        let mark = Mark::Done(value.clone());
        self.put(context, &format!("{LEFT}{what}"), &mark).await
    }
}

/// What marks of one step, or of one iteration of it, share.
fn scope(context: &StepContext) -> String {
    scope_of(context.step(), context.iteration())
}

pub(crate) fn scope_of(step: &str, iteration: Option<&str>) -> String {
    match iteration {
        Some(key) => format!("{step}[{key}]"),
        None => step.to_owned(),
    }
}

fn key(context: &StepContext, name: &str) -> String {
    format!("{}\u{1}{name}", scope(context))
}
