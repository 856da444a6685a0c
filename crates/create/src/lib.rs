//! Create promises: whoever fills in the form of a golden path gets what it
//! promises, or is told what is missing and how to go on. A run survives the
//! end of its process at any moment, and nothing that it has done outside is
//! done twice.
//!
//! ```text
//! Template (entity) ─▶ task (table) ─▶ queue create.task ─▶ controller ─▶ run: if, each, render ─▶ actions
//!                        ▲    └─ steps, marks, events, workspace packs ◀────────────┘
//! api, pages, command line
//! ```
//!
//! What stays true: a step that has completed never runs again unless the task
//! begins anew; a task's files stay in its workspace; secrets are sealed while
//! the task lives, gone when it ends, and in no log.

pub mod action;
pub mod actions;
pub mod api;
pub mod context;
mod controller;
mod dry_run;
mod engine;
mod log;
mod marks;
pub mod mask;
pub mod permission;
mod registry;
pub mod run;
pub mod source;
mod store;
pub mod task;
mod template;
pub mod workspace;

pub use action::{Example, Outcome, StepAction, StepError, input_of};
pub use context::{LeftBehind, Secrets, StepContext, TaskUser, TemplateInfo};
pub use dry_run::{Trial, Tried};
pub use engine::{CANCELLED, CREATED, Create, FINISHED, RETRIED, RightsOf, Settings, Wanted};
pub use log::{Level, Log};
pub use registry::Registry;
pub use run::Environment;
pub use store::{MIGRATIONS, TaskFilter};
pub use template::Template;

use std::sync::Arc;

use platform::capability::Capability;
use platform::http::Gate;

/// Golden paths as a capability of Portway.
pub fn capability(create: &Create, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "create",
        routes: api::routes(create, gate),
        navigation: Vec::new(),
        actions: Vec::new(),
        controllers: create.controllers(),
        permissions: permission::ALL,
        checks: Vec::new(),
    }
}

/// The queue whose keys are ids of tasks.
pub const TASK_QUEUE: &str = "create.task";
