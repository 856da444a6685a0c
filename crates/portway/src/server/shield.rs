//! What stands between the network and the routes, as it is configured.

use std::sync::Arc;

use anyhow::{Result, anyhow};
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use identity::Identity;
use platform::Clock;
use platform::config::Config;
use platform::http::bounds::{bound_body, bound_request};
use platform::http::cors::Cors;
use platform::http::headers::{self, Transport};
use platform::http::{Bounds, Limits, TrustedProxies, note_client};
use platform::telemetry::{self, Metrics};
use tower::util::option_layer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::CorsLayer;

use super::forms::prove_forms;
use super::page_errors::{Frame, page_errors};
use super::serve::Doorkeeper;

/// `backend.limits`, `backend.trustedProxies` and `backend.cors`.
#[derive(Debug)]
pub(super) struct Shield {
    limits: Limits,
    proxies: TrustedProxies,
    cors: Option<CorsLayer>,
}

impl Shield {
    /// Reads the configuration.
    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let plain = |problem: model::diagnostic::Diagnostic| anyhow!(problem.to_string());
        Ok(Self {
            limits: Limits::from_config(config).map_err(plain)?,
            proxies: TrustedProxies::from_config(config).map_err(plain)?,
            cors: Cors::from_config(config).layer,
        })
    }

    /// What holds for connections.
    pub(super) fn doorkeeper(&self) -> Doorkeeper {
        Doorkeeper {
            limits: self.limits.clone(),
            proxies: self.proxies.clone(),
        }
    }

    /// The routes under the layers that hold for every request, the innermost
    /// first. Bodies are bounded outside of the error pages, which read forms;
    /// refusals are made inside of them, so that they become pages.
    pub(super) fn around(
        &self,
        routes: Router,
        frame: Frame,
        identity: &Arc<Identity>,
        metrics: &Metrics,
        clock: &Clock,
    ) -> Router {
        let bounds = Bounds::new(self.limits.clone(), clock, metrics);
        routes
            .layer(from_fn_with_state(bounds.clone(), bound_request))
            .layer(from_fn_with_state(frame, page_errors))
            .layer(from_fn_with_state(Arc::clone(identity), prove_forms))
            .layer(from_fn_with_state(bounds, bound_body))
            .layer(from_fn(platform::http::finish))
            .layer(option_layer(self.cors.clone()))
            .layer(CompressionLayer::new().gzip(true))
            .layer(from_fn_with_state(metrics.clone(), telemetry::observe))
            .layer(from_fn_with_state(
                Transport::of(identity.base_url()),
                headers::secure,
            ))
            .layer(from_fn_with_state(self.proxies.clone(), note_client))
    }
}
