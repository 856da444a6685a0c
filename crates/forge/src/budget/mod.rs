//! One budget per credential: how many requests a forge still grants, who may
//! use them, and how long everybody else waits.
//!
//! The forge's own headers are the truth. Requests made for a person who is
//! waiting go first and may use the last of the budget; everything else stops
//! at a floor. Every wait is a [`Wait`] with a time and a reason, so that a
//! page can show it and a controller can come back then.

mod etag;
mod headers;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use parking_lot::Mutex;
use platform::Clock;
use platform::clock::later;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::Notify;

pub use etag::{CachedAnswer, EtagCache};
pub(crate) use headers::Observed;

/// For whom a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// A person waits for the answer.
    Interactive,
    /// Nobody does: discovery, refresh, import.
    Background,
}

/// Why a request does not start now, and when it may.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{reason}; next attempt at {until}")]
pub struct Wait {
    /// The earliest time at which trying again makes sense.
    pub until: Timestamp,
    /// What is waited for, as a sentence without a full stop.
    pub reason: String,
}

/// How a budget is shared.
#[derive(Clone, Copy, Debug)]
pub struct Sharing {
    /// Requests at a time.
    pub concurrent: usize,
    /// Share of the limit (in percent) kept for interactive requests.
    pub floor_percent: u8,
}

impl Default for Sharing {
    fn default() -> Self {
        Self {
            concurrent: 8,
            floor_percent: 10,
        }
    }
}

/// What is known of a budget now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct State {
    /// Host the credential belongs to.
    pub host: String,
    /// First digits of the token's hash, `anonymous` without one. Names the
    /// credential without revealing it.
    pub credential: String,
    /// Requests granted in each window; `None` until the forge said so.
    pub limit: Option<u64>,
    /// Requests left in this window.
    pub remaining: Option<u64>,
    /// When the window ends.
    pub reset: Option<Timestamp>,
    /// Requests under way.
    pub in_flight: usize,
    /// Interactive requests waiting for their turn.
    pub waiting_interactive: usize,
    /// Background requests waiting for their turn.
    pub waiting_background: usize,
    /// What background requests wait for, when they have to.
    pub wait: Option<Wait>,
    /// Requests made since start.
    pub requests: u64,
    /// Answers that cost nothing because nothing had changed (304).
    pub unchanged: u64,
}

/// All budgets of the process.
#[derive(Clone, Debug)]
pub struct Governor {
    clock: Clock,
    sharing: Sharing,
    budgets: Arc<Mutex<BTreeMap<(String, String), Budget>>>,
}

impl Governor {
    /// A governor without any budget yet.
    pub fn new(clock: Clock, sharing: Sharing) -> Self {
        Self {
            clock,
            sharing,
            budgets: Arc::default(),
        }
    }

    /// The clock that waits are measured by.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The budget of a credential; the same one for the same host and token.
    pub fn budget(&self, host: &str, token: Option<&str>) -> Budget {
        let key = (host.to_ascii_lowercase(), fingerprint(token));
        let mut budgets = self.budgets.lock();
        let (host, credential) = key.clone();
        budgets
            .entry(key)
            .or_insert_with(|| {
                Budget(Arc::new(Shared {
                    clock: self.clock.clone(),
                    sharing: self.sharing,
                    host,
                    credential,
                    book: Mutex::default(),
                    changed: Notify::new(),
                }))
            })
            .clone()
    }

    /// Every budget's state, by host and credential.
    pub fn states(&self) -> Vec<State> {
        let budgets: Vec<Budget> = self.budgets.lock().values().cloned().collect();
        budgets.iter().map(Budget::state).collect()
    }
}

fn fingerprint(token: Option<&str>) -> String {
    match token {
        Some(token) => {
            let digest = Sha256::digest(token.as_bytes());
            hex::encode(digest.get(..6).unwrap_or_default())
        }
        None => "anonymous".to_owned(),
    }
}

/// The budget of one credential. Clones share it.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    clock: Clock,
    sharing: Sharing,
    host: String,
    credential: String,
    book: Mutex<Book>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct Book {
    window: Option<Window>,
    blocked: Option<Wait>,
    /// Refusals in a row that came without a time; each doubles the pause.
    strikes: u32,
    in_flight: usize,
    waiting_interactive: usize,
    waiting_background: usize,
    requests: u64,
    unchanged: u64,
}

#[derive(Clone, Copy, Debug)]
struct Window {
    limit: u64,
    remaining: u64,
    reset: Timestamp,
}

/// The right to make one request; dropping it lets the next one start.
#[derive(Debug)]
pub struct Permit {
    shared: Arc<Shared>,
}

enum Gate {
    Open,
    /// All places are taken; somebody will leave.
    Full,
    Closed(Wait),
}

impl Budget {
    /// Waits for a turn, but not beyond `patience`.
    ///
    /// # Errors
    /// The [`Wait`] that would have exceeded `patience`.
    pub async fn acquire(&self, priority: Priority, patience: Duration) -> Result<Permit, Wait> {
        let deadline = later(self.0.clock.now(), patience);
        let _queued = Queued::enter(&self.0, priority);
        loop {
            let changed = self.0.changed.notified();
            tokio::pin!(changed);
            // Registered before the look, so that no change is missed.
            changed.as_mut().enable();
            match self.0.enter(priority) {
                Gate::Open => {
                    return Ok(Permit {
                        shared: Arc::clone(&self.0),
                    });
                }
                Gate::Full => changed.await,
                Gate::Closed(wait) if wait.until > deadline => return Err(wait),
                Gate::Closed(wait) => {
                    tokio::select! {
                        () = self.0.clock.sleep_until(wait.until) => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    /// What is known now.
    pub fn state(&self) -> State {
        let now = self.0.clock.now();
        let book = self.0.book.lock();
        let window = book.window.filter(|window| window.reset > now);
        State {
            host: self.0.host.clone(),
            credential: self.0.credential.clone(),
            limit: book.window.map(|window| window.limit),
            remaining: window.map(|window| window.remaining),
            reset: window.map(|window| window.reset),
            in_flight: book.in_flight,
            waiting_interactive: book.waiting_interactive,
            waiting_background: book.waiting_background,
            wait: self.0.closed(&book, Priority::Background, now),
            requests: book.requests,
            unchanged: book.unchanged,
        }
    }

    /// What a request of this priority would wait for now, apart from its
    /// place in the queue.
    pub fn wait(&self, priority: Priority) -> Option<Wait> {
        let now = self.0.clock.now();
        self.0.closed(&self.0.book.lock(), priority, now)
    }
}

impl Shared {
    fn enter(&self, priority: Priority) -> Gate {
        let now = self.clock.now();
        let mut book = self.book.lock();
        if let Some(wait) = self.closed(&book, priority, now) {
            return Gate::Closed(wait);
        }
        let yields = priority == Priority::Background
            && book.waiting_interactive > 0
            && self.closed(&book, Priority::Interactive, now).is_none();
        if book.in_flight >= self.sharing.concurrent.max(1) || yields {
            return Gate::Full;
        }
        book.in_flight += 1;
        book.requests += 1;
        // Counted down here too, because answers arrive later than requests.
        if let Some(window) = &mut book.window {
            window.remaining = window.remaining.saturating_sub(1);
        }
        Gate::Open
    }

    fn closed(&self, book: &Book, priority: Priority, now: Timestamp) -> Option<Wait> {
        if let Some(blocked) = book.blocked.as_ref().filter(|wait| wait.until > now) {
            return Some(blocked.clone());
        }
        let window = book.window.filter(|window| window.reset > now)?;
        let floor = match priority {
            Priority::Interactive => 0,
            Priority::Background => {
                window
                    .limit
                    .saturating_mul(u64::from(self.sharing.floor_percent))
                    / 100
            }
        };
        (window.remaining <= floor).then(|| Wait {
            until: window.reset,
            reason: if window.remaining == 0 {
                format!(
                    "the rate limit of {} is used up ({} requests)",
                    self.host, window.limit
                )
            } else {
                format!(
                    "{} of {} requests to {} are left, which are kept for people at the portal",
                    window.remaining, window.limit, self.host
                )
            },
        })
    }
}

impl Permit {
    /// Enters an answer into the book: what the headers say of the budget, and
    /// whether the request was refused for its rate. Returns the wait when it
    /// was.
    pub(crate) fn observe(&self, answer: &Observed) -> Option<Wait> {
        let now = self.shared.clock.now();
        let mut book = self.shared.book.lock();
        if answer.unchanged {
            book.unchanged += 1;
        }
        if let Some(seen) = answer.window(now) {
            let reset = seen.reset;
            let current = book.window.filter(|window| window.reset > now);
            book.window = Some(match current {
                // Answers overtake each other; the lowest count of a window
                // is the latest. A 304 gives the request back.
                Some(window) if same_window(window.reset, reset) && !answer.unchanged => Window {
                    limit: seen.limit,
                    remaining: window.remaining.min(seen.remaining),
                    reset,
                },
                _ => Window {
                    limit: seen.limit,
                    remaining: seen.remaining,
                    reset,
                },
            });
        }
        if !answer.refused {
            book.strikes = 0;
            return None;
        }
        let (until, reason) = match answer.pause(now) {
            Some(until) => (
                until,
                format!(
                    "{} asked to wait (status {})",
                    self.shared.host, answer.status
                ),
            ),
            None => {
                // No time given: a minute, then twice as long each time.
                let minutes = 1_u64 << book.strikes.min(6);
                book.strikes += 1;
                let until = later(now, Duration::from_secs(60 * minutes));
                (
                    until,
                    format!(
                        "{} refused the request for its rate without a time (status {})",
                        self.shared.host, answer.status
                    ),
                )
            }
        };
        let wait = Wait { until, reason };
        if book.blocked.as_ref().is_none_or(|old| old.until < until) {
            book.blocked = Some(wait.clone());
        }
        drop(book);
        self.shared.changed.notify_waiters();
        Some(wait)
    }
}

/// Servers round; two ends within two seconds are the same window's.
fn same_window(a: Timestamp, b: Timestamp) -> bool {
    a.duration_since(b).unsigned_abs() <= Duration::from_secs(2)
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut book = self.shared.book.lock();
        book.in_flight = book.in_flight.saturating_sub(1);
        drop(book);
        self.shared.changed.notify_waiters();
    }
}

/// Somebody in the queue, counted as long as the value lives.
struct Queued<'a> {
    shared: &'a Shared,
    priority: Priority,
}

impl<'a> Queued<'a> {
    fn enter(shared: &'a Shared, priority: Priority) -> Self {
        *Self::count(&mut shared.book.lock(), priority) += 1;
        Self { shared, priority }
    }

    fn count(book: &mut Book, priority: Priority) -> &mut usize {
        match priority {
            Priority::Interactive => &mut book.waiting_interactive,
            Priority::Background => &mut book.waiting_background,
        }
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let mut book = self.shared.book.lock();
        let count = Self::count(&mut book, self.priority);
        *count = count.saturating_sub(1);
        drop(book);
        self.shared.changed.notify_waiters();
    }
}
