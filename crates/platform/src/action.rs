//! What can be done. An [`Action`] is defined once and appears at every door:
//! HTTP (`POST /api/v1/actions/{name}`), command line, portal form, and later
//! template step and MCP tool, with the same validation, permission and record.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use crate::actor::{Caller, Permission};
use crate::error::ApiError;

type Work<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send>>;
type Handler<T> = Arc<dyn Fn(Caller, Value) -> Work<T> + Send + Sync>;

/// What an action would change, found without changing anything.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// One sentence.
    pub summary: String,
    /// One entry per thing that would be created, changed or removed.
    pub changes: Vec<PlannedChange>,
}

/// One thing that a plan touches.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedChange {
    /// `create`, `update`, `delete` or `none`.
    pub effect: &'static str,
    /// What is touched: an entity ref, a location or a token name.
    pub subject: String,
    /// More, where there is more to say.
    pub detail: Option<String>,
}

/// Something that can be done.
#[derive(Clone)]
pub struct Action {
    /// `catalog:register`, in the manner of Backstage's action ids.
    pub name: &'static str,
    /// One sentence in English for `--help`, OpenAPI and agents.
    pub description: &'static str,
    /// JSON Schema (draft 7) of the input.
    pub input: Value,
    /// JSON Schema of the output.
    pub output: Value,
    /// Who may run it.
    pub permission: Permission,
    plan: Handler<Plan>,
    run: Handler<Value>,
}

impl std::fmt::Debug for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Action")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Action {
    /// Declares an action. `plan` must not change anything.
    pub fn new<P, PF, R, RF>(
        name: &'static str,
        description: &'static str,
        permission: Permission,
        (input, output): (Value, Value),
        plan: P,
        run: R,
    ) -> Self
    where
        P: Fn(Caller, Value) -> PF + Send + Sync + 'static,
        PF: Future<Output = Result<Plan, ApiError>> + Send + 'static,
        R: Fn(Caller, Value) -> RF + Send + Sync + 'static,
        RF: Future<Output = Result<Value, ApiError>> + Send + 'static,
    {
        Self {
            name,
            description,
            input,
            output,
            permission,
            plan: Arc::new(move |caller, input| Box::pin(plan(caller, input))),
            run: Arc::new(move |caller, input| Box::pin(run(caller, input))),
        }
    }

    /// Checks permission and input, then says what would change.
    pub async fn plan(&self, caller: Caller, input: Value) -> Result<Plan, ApiError> {
        self.admit(&caller, &input)?;
        (self.plan)(caller, input).await
    }

    /// Checks permission and input, then does it. Doors use
    /// [`crate::journal::Journal::run`], which also writes it down.
    pub async fn run(&self, caller: Caller, input: Value) -> Result<Value, ApiError> {
        self.admit(&caller, &input)?;
        self.perform(caller, input).await
    }

    /// Does it, for a caller and an input that were admitted.
    pub(crate) async fn perform(&self, caller: Caller, input: Value) -> Result<Value, ApiError> {
        (self.run)(caller, input).await
    }

    pub(crate) fn admit(&self, caller: &Caller, input: &Value) -> Result<(), ApiError> {
        caller.require(self.permission)?;
        jsonschema::validate(&self.input, input).map_err(|problem| {
            ApiError::input(format!(
                "The input of {} is not valid: {problem}",
                self.name
            ))
            .accepted(format!(
                "an object that fits the schema at /api/v1/actions/{}",
                self.name
            ))
        })
    }
}
