//! Backstage's scaffolder API, under `/api/scaffolder`.

mod describe;
mod events;
mod extensions;
mod tasks;
mod templates;

use std::future::Future;
use std::sync::Arc;

use axum::http::Method;
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use platform::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;

use crate::engine::Create;
use crate::permission::{DRY_RUN, PARAMETER_READ, STEP_READ, TASK_CANCEL, TASK_CREATE, TASK_READ};

/// The answer of a handler.
type Answer = Result<Response, ApiError>;

/// Every route for programs.
pub fn routes(create: &Create, gate: Arc<dyn Gate>) -> Routes {
    let (form, steps) = (Access::Needs(PARAMETER_READ), Access::Needs(STEP_READ));
    let (see, change) = (Access::Needs(TASK_READ), Access::Needs(TASK_CANCEL));
    Routes::new(gate)
        .api(
            Method::GET,
            "/api/scaffolder/v2/templates/{namespace}/{kind}/{name}/parameter-schema",
            form,
            on(create, templates::form),
        )
        .describe(describe::form())
        .api(
            Method::GET,
            "/api/scaffolder/v2/actions",
            steps,
            on(create, templates::actions),
        )
        .describe(describe::actions())
        .api(
            Method::POST,
            "/api/scaffolder/v2/dry-run",
            Access::Needs(DRY_RUN),
            on(create, templates::dry_run),
        )
        .describe(describe::dry_run())
        .api(
            Method::POST,
            "/api/scaffolder/v2/autocomplete/{provider}/{resource}",
            form,
            on(create, templates::autocomplete),
        )
        .describe(describe::autocomplete())
        .api(
            Method::GET,
            "/api/scaffolder/v2/templating-extensions",
            steps,
            on(create, extensions::list),
        )
        .describe(describe::extensions())
        .api(
            Method::POST,
            "/api/scaffolder/v2/tasks",
            Access::Needs(TASK_CREATE),
            on(create, tasks::create),
        )
        .describe(describe::create())
        .api(
            Method::GET,
            "/api/scaffolder/v2/tasks",
            see,
            on(create, tasks::list),
        )
        .describe(describe::list())
        .api(
            Method::GET,
            "/api/scaffolder/v2/tasks/{taskId}",
            see,
            on(create, tasks::get),
        )
        .describe(describe::get())
        .api(
            Method::POST,
            "/api/scaffolder/v2/tasks/{taskId}/cancel",
            change,
            on(create, tasks::cancel),
        )
        .describe(describe::cancel())
        .api(
            Method::POST,
            "/api/scaffolder/v2/tasks/{taskId}/retry",
            change,
            on(create, tasks::retry),
        )
        .describe(describe::retry())
        .api(
            Method::GET,
            "/api/scaffolder/v2/tasks/{taskId}/eventstream",
            see,
            on(create, events::stream),
        )
        .describe(describe::stream())
        .api(
            Method::GET,
            "/api/scaffolder/v2/tasks/{taskId}/events",
            see,
            on(create, events::poll),
        )
        .describe(describe::poll())
}

/// A handler with the engine in hand.
fn on<F, R>(
    create: &Create,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Create, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let create = create.clone();
    move |call: Call| work(create.clone(), call).boxed()
}
