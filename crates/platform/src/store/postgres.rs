//! Opening PostgreSQL, and hearing what other replicas have committed.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgListener, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection};
use tokio_util::sync::CancellationToken;

use super::database::{Backend, Inner};
use super::error::StoreError;
use super::signal::Signals;
use crate::clock::Clock;

/// Connections of one replica.
const CONNECTIONS: u32 = 16;
/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long the first connection may take.
const FIRST: Duration = Duration::from_secs(10);
/// A connection that was idle for longer is tried before it is used.
const TRUSTED: Duration = Duration::from_secs(10);
/// How often the log and the queue are looked at without any notification, in
/// case notifications do not arrive (a proxy, a lost connection).
const POLL: Duration = Duration::from_secs(15);
/// How long to wait before listening is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// An open PostgreSQL database.
#[derive(Debug)]
pub(super) struct Postgres {
    pub(super) pool: PgPool,
    pub(super) place: String,
    /// Notifications are per database; several installations may share one
    /// database in schemas of their own, so the name holds the schema.
    pub(super) channel: String,
    stop: CancellationToken,
}

impl Postgres {
    pub(super) async fn open(
        options: &PgConnectOptions,
        place: String,
    ) -> Result<Self, StoreError> {
        let options = options
            .clone()
            .application_name("portway")
            .disable_statement_logging();
        let schema = first_contact(&options, &place).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(PATIENCE)
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for > TRUSTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_lazy_with(options);
        Ok(Self {
            pool,
            place,
            channel: format!("portway_{schema}"),
            stop: CancellationToken::new(),
        })
    }

    pub(super) async fn close(&self) {
        self.stop.cancel();
        self.pool.close().await;
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Connects once without a pool, which would hide why it failed. Answers the
/// schema in use.
async fn first_contact(options: &PgConnectOptions, place: &str) -> Result<String, StoreError> {
    let sort = |error| StoreError::from_driver(place, error);
    let mut connection = tokio::time::timeout(FIRST, PgConnection::connect_with(options))
        .await
        .map_err(|_| StoreError::Unreachable {
            place: place.to_owned(),
            problem: format!("no answer within {} s", FIRST.as_secs()),
        })?
        .map_err(sort)?;
    let schema: Option<String> = sqlx::query_scalar("SELECT current_schema()::text")
        .fetch_one(&mut connection)
        .await
        .map_err(sort)?;
    connection.close().await.map_err(sort)?;
    schema.ok_or_else(|| StoreError::Refused {
        place: place.to_owned(),
        problem: "no schema of the search path exists".into(),
    })
}

/// Starts to hear other replicas. Ends when the store is closed or dropped.
pub(super) fn listen(inner: &Arc<Inner>) {
    let Backend::Postgres(postgres) = &inner.backend else {
        return;
    };
    let stop = postgres.stop.clone();
    let clock = inner.clock.clone();
    let (hearing, polling) = (Arc::downgrade(inner), Arc::downgrade(inner));
    let poll_clock = clock.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = hear(hearing, clock) => {}
            () = poll(polling, poll_clock) => {}
        }
    });
}

async fn hear(inner: Weak<Inner>, clock: Clock) {
    loop {
        let Some((pool, channel, signals)) = parts(&inner) else {
            return;
        };
        let lost = hear_until_lost(&inner, &pool, &channel, &signals).await;
        if let Some(inner) = inner.upgrade() {
            inner.kept.set_hearing(false);
        }
        if let Err(error) = lost {
            tracing::warn!(
                error = %error,
                "Lost PostgreSQL's notifications; looking every {} s until they are back",
                POLL.as_secs()
            );
        }
        drop((pool, signals));
        clock.sleep(RETRY).await;
    }
}

fn parts(inner: &Weak<Inner>) -> Option<(PgPool, String, Arc<Signals>)> {
    let inner = inner.upgrade()?;
    match &inner.backend {
        Backend::Postgres(postgres) => Some((
            postgres.pool.clone(),
            postgres.channel.clone(),
            Arc::clone(&inner.signals),
        )),
        Backend::Sqlite(_) => None,
    }
}

async fn hear_until_lost(
    inner: &Weak<Inner>,
    pool: &PgPool,
    channel: &str,
    signals: &Signals,
) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        // Whatever was committed before listening began is looked up once.
        // This also forgets what was kept when the connection was lost for a
        // moment and is back.
        match inner.upgrade() {
            Some(inner) => inner.kept.set_hearing(true),
            None => return Ok(()),
        }
        look(inner).await;
        while let Some(notification) = listener.try_recv().await? {
            hear_one(inner, signals, notification.payload());
        }
    }
}

fn hear_one(inner: &Weak<Inner>, signals: &Signals, payload: &str) {
    match payload.split_once(':') {
        Some(("event", seq)) => {
            if let Ok(seq) = seq.parse() {
                signals.event(seq);
            }
        }
        Some(("kept", table)) => {
            if let Some(inner) = inner.upgrade() {
                inner.kept.written(table);
            }
        }
        _ => signals.job(),
    }
}

async fn poll(inner: Weak<Inner>, clock: Clock) {
    loop {
        clock.sleep(POLL).await;
        look(&inner).await;
    }
}

/// Looks at the log and wakes everybody.
async fn look(inner: &Weak<Inner>) {
    let Some((pool, _, signals)) = parts(inner) else {
        return;
    };
    // A failure shows itself at the next read that somebody waits for.
    if let Ok(seq) = sqlx::query_scalar("SELECT seq FROM event_head")
        .fetch_one(&pool)
        .await
    {
        signals.event(seq);
    }
    signals.job();
}
