//! The audit trail promises: what was done can be found, nobody can quietly
//! edit it, and what goes leaves its proof behind.
//!
//! The trail is the one event log of crate `platform`, which also makes the
//! hash chain ([`platform::event::chain`]). This crate looks at it:
//!
//! | module | what it does |
//! |---|---|
//! | [`walk`], [`verify`] | follows the chain in the database or in an export |
//! | [`checkpoint`], `control` | signs where the chain stands; looks at all of it once a day |
//! | `watch` | sees every answer: refusals, first uses of tokens, files that leave |
//! | `search`, `api`, `pages` | finds events |
//! | `export`, `sink` | CSV, JSON lines, CEF and OCSF; to a file, a webhook, syslog |
//! | `retention`, `actions` | removes events when their time is over; legal holds |

use std::sync::{Arc, OnceLock};

use catalog::{Catalog, PortalParts};
use forge::http::{Access, AllowedHost, Client, Options};
use jiff::Timestamp;
use parking_lot::RwLock;
use platform::Clock;
use platform::capability::Capability;
use platform::controller::Controller;
use platform::event::EventLog;
use platform::http::Gate;
use platform::queue::{Job, Queue};
use platform::store::{Db, StoreError};
use platform::telemetry::{LabelledGauge, Metrics};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

mod actions;
mod api;
pub mod checkpoint;
mod condition;
mod control;
mod describe;
mod doctor;
pub mod events;
mod export;
mod pages;
pub mod permission;
mod retention;
mod search;
mod settings;
mod sink;
mod store;
mod syslog;
pub mod verify;
pub mod walk;
mod watch;

pub use checkpoint::{Signer, Trust};
pub use control::{CHECKPOINT_QUEUE, VERIFY_QUEUE, read_checkpoints};
pub use export::Format;
pub use retention::QUEUE as RETENTION_QUEUE;
pub use search::Filter;
pub use settings::{Retention, Settings, SinkSettings, Target, Webhook};
pub use sink::QUEUE as SINK_QUEUE;
pub use store::{Hold, MIGRATIONS, Verified};
pub use syslog::{Tls, Transport};
pub use verify::Span;
pub use walk::Report;
pub use watch::{Watch, watch};

use store::Store;

/// The messages of these pages: language and Fluent source.
pub const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../locales/en/audit.ftl")),
    ("ko", include_str!("../locales/ko/audit.ftl")),
];

/// The audit trail. Clones share it.
#[derive(Clone, Debug)]
pub struct Audit(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    catalog: Catalog,
    settings: Settings,
    signer: Signer,
    trust: Trust,
    sinks: Arc<sink::Sinks>,
    watch: Watch,
    standing: RwLock<Option<Standing>>,
    gauge: OnceLock<LabelledGauge>,
}

/// What this process knows of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    at: Timestamp,
    events: u64,
    problems: u64,
    first: Option<String>,
}

impl Standing {
    fn of(report: &Report, at: Timestamp) -> Self {
        Self {
            at,
            events: report.events + report.removed,
            problems: report.problems.len() as u64 + report.more,
            first: (!report.is_intact()).then(|| control::first_problem(report)),
        }
    }

    fn show(&self, gauge: &LabelledGauge) {
        let figure = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        gauge.set("problems", figure(self.problems));
        gauge.set("events", figure(self.events));
        gauge.set("looked_at", self.at.as_second());
    }
}

/// Why the trail could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The database does not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This process has no TLS.
    #[error(transparent)]
    Http(#[from] forge::http::Error),
}

impl Audit {
    /// Opens the trail, looks at what came since the last checkpoint, and sets
    /// its controllers to work.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(
        db: &Db,
        catalog: &Catalog,
        settings: Settings,
        signer: Signer,
    ) -> Result<Self, OpenError> {
        let store = Store::new(db);
        let trust = Trust::keys(
            settings
                .trusted_keys
                .iter()
                .copied()
                .chain([signer.public()]),
        );
        let sinks = Arc::new(sink::Sinks {
            store: store.clone(),
            sinks: settings.sinks.clone(),
            checkpoints: settings.checkpoint_webhook.clone(),
            client: client(&settings)?,
            queue: Queue::new(db),
        });
        sinks.begin().await?;
        let audit = Self(Arc::new(Inner {
            store,
            catalog: catalog.clone(),
            signer,
            trust,
            sinks,
            watch: Watch::new(db),
            standing: RwLock::default(),
            gauge: OnceLock::new(),
            settings,
        }));
        let tail = audit.verify_tail().await?;
        if !tail.is_intact() {
            tracing::error!(
                "The audit trail does not fit: {}; run `portway audit verify`",
                control::first_problem(&tail)
            );
        }
        audit.stands(Standing::of(&tail, audit.clock().now()));
        audit.set_to_work().await?;
        Ok(audit)
    }

    async fn set_to_work(&self) -> Result<(), StoreError> {
        let mut tx = self.0.store.db().begin().await?;
        for (queue, key) in [
            (CHECKPOINT_QUEUE, "head"),
            (VERIFY_QUEUE, "chain"),
            (RETENTION_QUEUE, "log"),
            (SINK_QUEUE, sink::CHECKPOINTS),
        ] {
            tx.enqueue(Job {
                queue,
                key: key.to_owned(),
                payload: Value::Null,
                run_at: self.clock().now(),
                reason: "the server starts".to_owned(),
            });
        }
        tx.commit().await
    }

    /// Keeps sinks and counts going until `stop`.
    pub async fn keep(&self, stop: CancellationToken) {
        let watch = self.0.watch.clone();
        let sinks = Arc::clone(&self.0.sinks);
        tokio::join!(watch.run(stop.clone()), sinks.watch(stop));
    }

    /// What sees every answer, for [`watch()`].
    pub fn watcher(&self) -> Watch {
        self.0.watch.clone()
    }

    fn clock(&self) -> &Clock {
        self.0.store.db().clock()
    }

    /// Shows what is known of the chain at `/metrics`.
    pub fn measured_by(&self, metrics: &Metrics) {
        let gauge = metrics.labelled_gauge(
            "portway_audit_chain",
            "What the last look at the audit trail found: problems, events, and when (seconds since 1970)",
            "figure",
        );
        if let Some(standing) = self.standing() {
            standing.show(&gauge);
        }
        let _ = self.0.gauge.set(gauge);
    }

    /// Remembers what was found, for the doctor and for monitoring.
    fn stands(&self, standing: Standing) {
        if let Some(gauge) = self.0.gauge.get() {
            standing.show(gauge);
        }
        *self.0.standing.write() = Some(standing);
    }

    fn standing(&self) -> Option<Standing> {
        self.0.standing.read().clone()
    }

    /// Where everything stands, for programs.
    async fn state(&self) -> Result<Value, StoreError> {
        let inner = &self.0;
        let head = EventLog::new(inner.store.db()).chain_head().await?;
        let verified = inner.store.verified().await?;
        let holds: Vec<Value> = inner
            .store
            .holds()
            .await?
            .iter()
            .map(|hold| {
                json!({
                    "name": hold.name,
                    "reason": hold.reason,
                    "type": hold.kind,
                    "subject": hold.subject,
                    "createdBy": hold.created_by,
                    "createdAt": hold.created_at,
                })
            })
            .collect();
        let standing = self.standing().map(|standing| {
            json!({
                "at": standing.at,
                "events": standing.events,
                "problems": standing.problems,
                "first": standing.first,
            })
        });
        Ok(json!({
            "chain": { "first": head.first, "last": head.seq, "hash": hex::encode(head.hash) },
            "key": hex::encode(inner.signer.public()),
            "checkpoint": inner.store.last_checkpoint().await?.map(|one| one.to_json()),
            "standing": standing,
            "verified": verified.map(|found| json!({
                "at": found.at,
                "milliseconds": found.milliseconds,
                "report": found.report,
            })),
            "sinks": inner.sinks.standing().await?,
            "holds": holds,
        }))
    }

    fn controllers(&self) -> Vec<Arc<dyn Controller>> {
        vec![
            Arc::new(control::Checkpoints(self.clone())),
            Arc::new(control::Verification(self.clone())),
            Arc::new(retention::Keeper {
                retention: self.0.settings.retention.clone(),
                sinks: self
                    .0
                    .settings
                    .sinks
                    .iter()
                    .map(|sink| sink.name.clone())
                    .collect(),
            }),
            Arc::<sink::Sinks>::clone(&self.0.sinks),
        ]
    }
}

/// A client that may reach the webhooks that are configured, and nothing else.
fn client(settings: &Settings) -> Result<Client, forge::http::Error> {
    let of_sinks = settings.sinks.iter().filter_map(|sink| match &sink.target {
        Target::Webhook(webhook) => Some(webhook),
        Target::File(_) | Target::Syslog { .. } => None,
    });
    let hosts = of_sinks
        .chain(&settings.checkpoint_webhook)
        .filter_map(|webhook| {
            let host = webhook.url.host_str()?;
            Some(AllowedHost::listed(&match webhook.url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            }))
        })
        .collect();
    Client::new(Options {
        access: Access::listed(hosts),
        ..Options::default()
    })
}

/// The trail as a capability of Portway.
pub fn capability(audit: &Audit, gate: Arc<dyn Gate>) -> Capability {
    Capability {
        name: "audit",
        routes: api::routes(audit, gate),
        navigation: Vec::new(),
        actions: actions::actions(audit),
        controllers: audit.controllers(),
        permissions: permission::ALL,
        checks: doctor::checks(audit),
    }
}

/// What this crate brings to the portal: its messages and its pages.
pub fn portal_parts(audit: &Audit) -> PortalParts {
    let audit = audit.clone();
    PortalParts {
        locales: LOCALES.to_vec(),
        pages: Some(Box::new(move |portal, gate| {
            pages::routes(&audit, portal, gate)
        })),
        ..PortalParts::default()
    }
}
