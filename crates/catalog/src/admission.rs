//! Whether whoever reads an open stream may still read it.
//!
//! A request is asked once who it is from. A stream lasts for minutes, and
//! meanwhile a token is revoked, a session ended, a binding taken away: the log
//! tells of each, and then the gate is asked again with the same request. A
//! stream whose reader is no longer who they were ends; the client comes back
//! with its place in the log and is answered as whoever it is then.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::request::Parts;
use parking_lot::Mutex;
use platform::actor::Caller;
use platform::args;
use platform::event::EventLog;
use platform::http::Gate;
use platform::request::Call;
use platform::store::StoreError;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::permission::{ENTITY_READ, LOCATION_READ};

/// A stream ends after this time, whatever happens: what runs out by itself, as
/// a token does, is no event.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// The gate is asked at once when something has happened, and again after each
/// of these: what it knows follows the log a moment later.
const AGAIN: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(2)];

/// The reader of a stream.
pub(crate) struct Admission {
    gate: Arc<dyn Gate>,
    parts: Parts,
    caller: Caller,
    log: EventLog,
    turns: Arc<Turns>,
    head: watch::Receiver<i64>,
    /// Up to this event the caller is who they were.
    looked: i64,
    /// The gate has to be asked; kept here, so that whoever stops to wait for
    /// its answer forgets nothing.
    asking: bool,
    /// When it is asked again, the next time last.
    again: Vec<Instant>,
    ends: Instant,
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admission")
            .field("caller", &self.caller.actor)
            .field("looked", &self.looked)
            .finish_non_exhaustive()
    }
}

impl Admission {
    /// Admits the caller of a request that the gate has let in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn of(
        call: &Call,
        gate: Arc<dyn Gate>,
        (log, turns): (&EventLog, &Arc<Turns>),
    ) -> Result<Self, StoreError> {
        let mut admission = Self {
            gate,
            parts: call.parts(),
            caller: call.caller.clone(),
            head: log.subscribe(),
            looked: log.latest_seq().await?,
            log: log.clone(),
            turns: Arc::clone(turns),
            asking: false,
            again: Vec::new(),
            ends: Instant::now() + LIFETIME,
        };
        // What has happened since the gate let the request in.
        if !admission.is_unchanged().await {
            admission.ends = Instant::now();
        }
        Ok(admission)
    }

    /// Who reads.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Waits until the reader is to be told nothing more.
    pub(crate) async fn over(&mut self) {
        // Looked first: whoever waited here before may have stopped halfway.
        while self.holds().await {
            tokio::select! {
                () = tokio::time::sleep_until(self.ends) => return,
                () = sleep_until(self.again.last().copied()) => {}
                changed = self.head.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Whether the reader is still who they were, after all that is stored.
    pub(crate) async fn holds(&mut self) -> bool {
        if Instant::now() >= self.ends {
            return false;
        }
        let head = *self.head.borrow_and_update();
        if head > self.looked {
            let Ok(turned) = self.turns.since(&self.log, self.looked, head).await else {
                return false;
            };
            if turned {
                let now = Instant::now();
                self.again = AGAIN.iter().rev().map(|wait| now + *wait).collect();
            }
            self.asking |= turned;
            self.looked = head;
        }
        while self.again.last().is_some_and(|at| *at <= Instant::now()) {
            self.again.pop();
            self.asking = true;
        }
        if self.asking && !self.is_unchanged().await {
            self.ends = Instant::now();
            return false;
        }
        self.asking = false;
        true
    }

    /// Asks the gate again.
    async fn is_unchanged(&self) -> bool {
        let Ok(now) = self.gate.caller(&self.parts).await else {
            return false;
        };
        let same = |permission| now.reach(permission) == self.caller.reach(permission);
        now.actor == self.caller.actor && same(ENTITY_READ) && same(LOCATION_READ)
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What may change who somebody is or what they may do: the policy and views,
/// ends of credentials, people and groups. Its values are `$5` and on.
const CONDITION: &str = "seq > $3 AND seq <= $4 AND (\
     (type >= $5 AND type < $6) OR (type >= $7 AND type < $8) \
     OR type IN ($9, $10, $11) \
     OR (type >= $12 AND type < $13 AND (subject LIKE 'user:%' OR subject LIKE 'group:%')))";

/// How far the log was looked through for such events, for all streams
/// together.
#[derive(Debug, Default)]
pub(crate) struct Turns(tokio::sync::Mutex<()>, Mutex<Option<Looked>>);

#[derive(Clone, Copy, Debug)]
struct Looked {
    /// Up to this event.
    known: i64,
    /// The last one that was found.
    last: i64,
}

impl Turns {
    /// Whether there was one after `after`, up to `head`.
    async fn since(&self, log: &EventLog, after: i64, head: i64) -> Result<bool, StoreError> {
        // One of many streams asks.
        let _asking = self.0.lock().await;
        let known = *self.1.lock();
        let mut looked = known.unwrap_or(Looked {
            known: after,
            last: 0,
        });
        if looked.known < head {
            let found = log
                .select(CONDITION, (i64::MAX, 1), values(looked.known, head))
                .await?;
            if let Some(event) = found.first() {
                looked.last = event.seq;
            }
            looked.known = head;
            *self.1.lock() = Some(looked);
        }
        Ok(looked.last > after)
    }
}

fn values(known: i64, head: i64) -> Vec<platform::store::Arg> {
    let end = |prefix: &str| format!("{prefix}\u{10ffff}");
    let (policy, view) = ("dev.portway.access.policy.", "dev.portway.access.view-as.");
    let entity = crate::events::ENTITY_PREFIX;
    args![
        known,
        head,
        policy,
        end(policy),
        view,
        end(view),
        identity::SESSION_ENDED.0,
        identity::TOKEN_REVOKED.0,
        identity::ACCOUNT_CHANGED.0,
        entity,
        end(entity),
    ]
}
