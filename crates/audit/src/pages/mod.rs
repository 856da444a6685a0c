//! The trail for people: the list at `/admin/audit`, and one event.

mod event;
mod list;
mod words;

use std::future::Future;
use std::sync::Arc;

use axum::Json;
use axum::http::Method;
use axum::response::IntoResponse;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use portal::{Portal, Toast, View};

use crate::api::Answer;
use crate::verify::Span;
use crate::{Audit, Standing, api, permission};

/// What the pages work with.
#[derive(Clone, Debug)]
struct Desk {
    audit: Audit,
    portal: Arc<Portal>,
}

impl Desk {
    fn view(&self, call: &Call) -> View {
        let now = self.audit.clock().now();
        catalog::page_view(&self.portal, call, now, &self.audit.0.catalog).at("audit-title")
    }
}

/// Every page of the trail.
pub(crate) fn routes(audit: &Audit, portal: &Arc<Portal>, gate: Arc<dyn Gate>) -> Routes {
    let desk = Desk {
        audit: audit.clone(),
        portal: Arc::clone(portal),
    };
    let read = Access::Needs(permission::READ);
    Routes::new(gate)
        .page(Method::GET, "/admin/audit", read, on(&desk, list::page))
        .page(
            Method::GET,
            "/admin/audit.json",
            read,
            api::on(audit, api::list),
        )
        .page(Method::POST, "/admin/audit/verify", read, on(&desk, verify))
        .page(
            Method::GET,
            "/admin/audit/{seq}",
            read,
            on(&desk, event::page),
        )
}

/// A handler with the desk in hand.
fn on<F, R>(
    desk: &Desk,
    work: F,
) -> impl Fn(Call) -> BoxFuture<'static, Answer> + Clone + Send + Sync + 'static
where
    F: Fn(Desk, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let desk = desk.clone();
    move |call: Call| work(desk.clone(), call).boxed()
}

/// `POST /admin/audit/verify`
async fn verify(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let audit = &desk.audit;
    let report = audit.verify(Span::default()).await?;
    audit.stands(Standing::of(&report, audit.clock().now()));
    let said = if report.is_intact() {
        view.t("audit-verified")
            .with("count", report.events + report.removed)
    } else {
        view.t("audit-verified-broken")
            .with("count", report.problems.len())
    };
    Ok(Toast::new(said.to_string()).redirect("/admin/audit#chain"))
}

/// The twin of one event's page.
fn twin(event: &platform::event::Event) -> Result<axum::response::Response, ApiError> {
    Ok(Json(crate::search::to_json(event)).into_response())
}
