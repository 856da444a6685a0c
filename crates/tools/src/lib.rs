//! What tools beside Portway know of an entity: where its pipelines are, which
//! dashboards show it, what the code analysis says.
//!
//! An entity names itself in a tool by an annotation, with Backstage's names.
//! Links follow from annotations alone. What needs an answer of the tool is
//! asked for when somebody looks, kept for a minute, and shown with its age;
//! a tool that does not answer never hurts the page.

mod ask;
mod dashboards;
mod pages;
mod pipelines;
mod quality;
mod settings;

use std::sync::Arc;

use catalog::PortalParts;
use forge::http::{Access, AllowedHost, Client, Limits, Options};
use platform::Clock;

pub use dashboards::{Dashboard, Monitoring};
pub use pipelines::{Pipeline, pipelines};
pub use quality::{Gate, Measure, Quality};
pub use settings::{Grafana, Settings, SonarQube};

use ask::Asked;

/// The tools that are configured, and what they said lately.
#[derive(Debug)]
pub struct Tools {
    settings: Settings,
    client: Client,
    clock: Clock,
    quality: Asked<Quality>,
    dashboards: Asked<Vec<Dashboard>>,
}

impl Tools {
    /// Tools that may be asked at the addresses in `settings`, and nowhere else.
    ///
    /// # Errors
    /// When this process has no TLS.
    pub fn new(settings: Settings, clock: Clock) -> Result<Arc<Self>, forge::http::Error> {
        let hosts = settings
            .addresses()
            .filter_map(|url| {
                let host = url.host_str()?;
                Some(AllowedHost::listed(&match url.port() {
                    Some(port) => format!("{host}:{port}"),
                    None => host.to_owned(),
                }))
            })
            .collect();
        let client = Client::new(Options {
            access: Access::listed(hosts),
            limits: Limits {
                body: ask::MAX_BODY,
                connect: ask::PATIENCE,
                idle: ask::PATIENCE,
                total: ask::PATIENCE,
                redirects: 3,
            },
            ..Options::default()
        })?;
        Ok(Arc::new(Self {
            settings,
            client,
            clock,
            quality: Asked::default(),
            dashboards: Asked::default(),
        }))
    }
}

/// What this capability brings to the portal.
pub fn portal_parts(tools: &Arc<Tools>) -> PortalParts {
    PortalParts {
        locales: pages::LOCALES.to_vec(),
        cards: vec![pages::quality_card(tools)],
        tabs: vec![pages::pipelines_tab(), pages::monitoring_tab(tools)],
        ..PortalParts::default()
    }
}
