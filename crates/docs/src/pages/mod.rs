//! Documentation for people: the list, the reader, the tab of an entity.

mod card;
mod list;
mod nav;
mod reader;

use std::future::Future;
use std::sync::Arc;

use axum::http::Method;
use axum::response::Response;
use catalog::permission::ENTITY_READ;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use model::Severity;
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::request::{Call, encode};
use portal::ui::{Problem, Problems, Tone};
use portal::{Portal, View};

pub(crate) use card::card;
pub(crate) use reader::tab;

use crate::service::Docs;

/// The messages of these pages: language and Fluent source.
pub const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../../locales/en/docs.ftl")),
    ("ko", include_str!("../../locales/ko/docs.ftl")),
];

/// Problems that a page lists.
const MAX_PROBLEMS: usize = 50;

type Answer = Result<Response, ApiError>;

/// What the pages work with.
#[derive(Clone, Debug)]
struct Desk {
    docs: Docs,
    portal: Arc<Portal>,
}

impl Desk {
    fn view(&self, call: &Call) -> View {
        let now = self.docs.clock().now();
        catalog::page_view(&self.portal, call, now, self.docs.catalog()).at("docs-nav")
    }
}

/// Every page of documentation.
pub(crate) fn routes(docs: &Docs, portal: &Arc<Portal>, gate: Arc<dyn Gate>) -> Routes {
    let desk = Desk {
        docs: docs.clone(),
        portal: Arc::clone(portal),
    };
    let read = Access::Needs(ENTITY_READ);
    let site = "/docs/{namespace}/{kind}/{name}";
    Routes::new(gate)
        .page(Method::GET, "/docs", read, on(&desk, list::page))
        .page(Method::GET, site, read, on(&desk, reader::page))
        .page(
            Method::GET,
            &format!("{site}/"),
            read,
            on(&desk, reader::page),
        )
        .page(
            Method::GET,
            &format!("{site}/{{*path}}"),
            read,
            on(&desk, reader::page),
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

/// The address of a site, without a slash at its end.
pub(crate) fn base_of(entity_ref: &EntityRef) -> String {
    place(entity_ref, "docs")
}

/// The address of an entity's page.
fn entity_href(entity_ref: &EntityRef) -> String {
    place(entity_ref, "catalog")
}

fn place(entity_ref: &EntityRef, part: &str) -> String {
    format!(
        "/{part}/{}/{}/{}",
        encode(entity_ref.namespace()),
        encode(entity_ref.kind()),
        encode(entity_ref.name())
    )
}

/// What is wrong, the worst first. Remarks for authors only are left out.
fn problems<'d>(found: impl Iterator<Item = &'d Diagnostic>) -> Problems {
    let mut problems: Vec<Problem> = found
        .filter(|problem| problem.severity != Severity::Info)
        .take(MAX_PROBLEMS)
        .map(|problem| Problem {
            tone: match problem.severity {
                Severity::Error => Tone::Bad,
                Severity::Warning | Severity::Info => Tone::Warn,
            },
            message: problem.message.clone(),
            place: match (&problem.file, problem.line) {
                (Some(file), 0) => file.clone(),
                (Some(file), line) => format!("{file}:{line}:{}", problem.column),
                (None, _) => String::new(),
            },
            href: None,
            accepted: problem.accepted.clone(),
            fix: problem.fix.clone(),
        })
        .collect();
    problems.sort_by_key(|problem| problem.tone != Tone::Bad);
    Problems { problems }
}
