//! What the service talks to: opened at start.

use std::sync::Arc;

use crate::health::Check;
{% if values.database == 'none' %}
use crate::notes::{Memory, Store};
{% else %}
use crate::notes::Store;
{% endif %}
use crate::settings::Settings;

/// What handlers use, and what readiness asks.
#[derive(Clone)]
pub struct Resources {
    /// Where notes are kept.
    pub notes: Arc<dyn Store>,
    /// What has to be there.
    pub checks: Arc<[Check]>,
}

/// Opens everything that the settings name.
///
/// # Errors
/// When something that is needed cannot be reached.
{% if values.database == 'none' and values.cache == 'none' and values.queue == 'none' %}
#[expect(clippy::unused_async, reason = "whatever is added here will connect")]
pub async fn connect(_: &Settings) -> anyhow::Result<Resources> {
    Ok(Resources {
        notes: Arc::new(Memory::default()),
        checks: Arc::new([]),
    })
}
{% else %}
{% if values.database == 'none' and values.queue == 'none' %}
#[expect(clippy::unused_async, reason = "whatever is added here will connect")]
{% endif %}
pub async fn connect(settings: &Settings) -> anyhow::Result<Resources> {
    let mut checks = Vec::new();
{% if values.database == 'postgresql' %}

    let pool = crate::postgres::open(settings).await?;
    let database = pool.clone();
    checks.push(Check::required("database", move || {
        let database = database.clone();
        async move { sqlx::query("SELECT 1").execute(&database).await.is_ok() }
    }));
    let notes: Arc<dyn Store> = Arc::new(crate::postgres::Notes::new(pool));
{% else %}
    let notes: Arc<dyn Store> = Arc::new(Memory::default());
{% endif %}
{% if values.cache == 'redis' %}

    let cache = crate::cache::Cache::open(settings)?;
    let probed = cache.clone();
    let check = Check::required("cache", move || {
        let probed = probed.clone();
        async move { probed.ping().await }
    });
    checks.push(check.optional());
    let notes: Arc<dyn Store> = Arc::new(crate::cache::Cached::new(notes, cache));
{% endif %}
{% if values.queue == 'rabbitmq' %}

    let events = crate::events::Events::open(settings).await?;
    let probed = events.clone();
    checks.push(Check::required("queue", move || {
        let probed = probed.clone();
        async move { probed.ping().await }
    }));
    let notes: Arc<dyn Store> = Arc::new(crate::events::Announced::new(notes, events));
{% endif %}

    let checks = checks.into();
    Ok(Resources { notes, checks })
}
{% endif %}
