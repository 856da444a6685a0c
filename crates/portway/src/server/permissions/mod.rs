//! Who may do what here: the policy's API, its page, explanations, and seeing
//! the portal as somebody else does. What decides is crate `access`.

mod api;
mod backstage;
mod change;
mod describe;
mod page;
mod simulate;
mod view_as;
mod world;

use std::sync::Arc;

use ::access::{Access as Policy, World, permission};
use axum::response::Response;
use catalog::{Catalog, PortalParts};
use identity::Identity;
use platform::Clock;
use platform::action::Action;
use platform::actor::Permission;
use platform::capability::Capability;
use platform::error::ApiError;
use platform::http::Gate;
use platform::journal::Journal;
use platform::request::Call;
use portal::{Portal, View};

type Answer = Result<Response, ApiError>;

/// What everything here works with.
#[derive(Clone)]
pub(super) struct Desk {
    policy: Arc<Policy>,
    identity: Arc<Identity>,
    catalog: Catalog,
    journal: Journal,
    clock: Clock,
    world: Arc<dyn World>,
}

impl Desk {
    pub(super) fn new(
        policy: &Arc<Policy>,
        (catalog, identity): (&Catalog, &Arc<Identity>),
        (journal, clock): (&Journal, &Clock),
    ) -> Self {
        Self {
            policy: Arc::clone(policy),
            identity: Arc::clone(identity),
            catalog: catalog.clone(),
            journal: journal.clone(),
            clock: clock.clone(),
            world: Arc::new(world::CatalogWorld::new(catalog, identity)),
        }
    }

    fn actions(&self) -> Vec<Action> {
        ::access::actions(&self.policy, &self.world)
    }

    fn action(&self, name: &str) -> Result<Action, ApiError> {
        let mut actions = self.actions().into_iter();
        actions
            .find(|action| action.name == name)
            .ok_or_else(|| ApiError::not_found(format!("There is no action {name}")))
    }
}

/// What changes and explains the policy, for programs.
pub(super) fn capability(desk: &Desk, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "access",
        routes: api::routes(desk, Arc::clone(&gate)).merge(backstage::routes(desk, gate)),
        navigation: Vec::new(),
        actions: desk.actions(),
        controllers: Vec::new(),
        permissions: PERMISSIONS,
        checks: Vec::new(),
    }
}

const PERMISSIONS: &[Permission] = permission::ALL;

/// The pages and their texts.
pub(super) fn portal_parts(desk: &Desk) -> PortalParts {
    let desk = desk.clone();
    PortalParts {
        locales: vec![
            ("en", include_str!("../../../locales/en/permissions.ftl")),
            ("ko", include_str!("../../../locales/ko/permissions.ftl")),
        ],
        pages: Some(Box::new(move |portal, gate| {
            page::routes(&desk, portal, Arc::clone(&gate))
                .merge(change::routes(&desk, portal, Arc::clone(&gate)))
                .merge(view_as::routes(&desk, gate))
        })),
        ..PortalParts::default()
    }
}

/// A handler with the desk in hand.
fn on<F, R>(desk: &Desk, work: F) -> impl Fn(Call) -> R + Clone + Send + Sync + 'static
where
    F: Fn(Desk, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let desk = desk.clone();
    move |call: Call| work(desk.clone(), call)
}

/// A handler of a page.
fn shown<F, R>(
    desk: &Desk,
    portal: &Arc<Portal>,
    work: F,
) -> impl Fn(Call) -> R + Clone + Send + Sync + 'static
where
    F: Fn(Desk, View, Call) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let (desk, portal) = (desk.clone(), Arc::clone(portal));
    move |call: Call| {
        let view = catalog::page_view(&portal, &call, desk.clock.now(), &desk.catalog);
        work(desk.clone(), view, call)
    }
}
