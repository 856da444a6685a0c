//! The one clock. Everything that asks for the time or waits for it goes
//! through [`Clock`], so that hours of back-off, leases and schedules pass in
//! microseconds under test.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

/// A source of time: the system's, or one that a test moves by hand.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    System,
    Manual(watch::Sender<Timestamp>),
}

impl Clock {
    /// The machine's own time.
    pub fn system() -> Self {
        Self(Arc::new(Kind::System))
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it.
    pub fn manual(start: Timestamp) -> Self {
        Self(Arc::new(Kind::Manual(watch::Sender::new(start))))
    }

    /// The current time, UTC.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that reads the system's time"
    )]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Kind::System => Timestamp::now(),
            Kind::Manual(time) => *time.borrow(),
        }
    }

    /// Moves a manual clock forward and wakes everything that was waiting for
    /// a time now passed. Does nothing to the system's clock.
    pub fn advance(&self, by: Duration) {
        if let Kind::Manual(time) = &*self.0 {
            time.send_modify(|now| *now = later(*now, by));
        }
    }

    /// Waits until `deadline`. A deadline in the past returns at once.
    pub fn sleep_until(&self, deadline: Timestamp) -> impl Future<Output = ()> + Send + 'static {
        let kind = Arc::clone(&self.0);
        async move {
            match &*kind {
                Kind::System => {
                    let now = Self(Arc::clone(&kind)).now();
                    let wait = Duration::try_from(deadline.duration_since(now)).unwrap_or_default();
                    tokio::time::sleep(wait).await;
                }
                Kind::Manual(time) => {
                    let mut seen = time.subscribe();
                    // The sender lives in `kind`, which this future holds.
                    let _ = seen.wait_for(|now| *now >= deadline).await;
                }
            }
        }
    }

    /// Waits for a length of time, measured by this clock.
    pub fn sleep(&self, length: Duration) -> impl Future<Output = ()> + Send + 'static {
        self.sleep_until(later(self.now(), length))
    }
}

/// `from - by`, held at the smallest representable time instead of failing.
pub fn earlier(from: Timestamp, by: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(by)
        .ok()
        .and_then(|by| from.checked_sub(by).ok())
        .unwrap_or(Timestamp::MIN)
}

/// `from + by`, held at the largest representable time instead of failing.
pub fn later(from: Timestamp, by: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(by)
        .ok()
        .and_then(|by| from.checked_add(by).ok())
        .unwrap_or(Timestamp::MAX)
}
