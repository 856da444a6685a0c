//! What wakes those who wait for events and jobs after a commit.

use tokio::sync::watch;

/// Live wake-ups inside this process. PostgreSQL's notifications from other
/// replicas end here too.
#[derive(Debug)]
pub(crate) struct Signals {
    events: watch::Sender<i64>,
    jobs: watch::Sender<u64>,
}

impl Signals {
    pub(super) fn new() -> Self {
        Self {
            events: watch::Sender::new(0),
            jobs: watch::Sender::new(0),
        }
    }

    /// The log has reached `seq`.
    pub(crate) fn event(&self, seq: i64) {
        self.events.send_if_modified(|known| {
            let newer = seq > *known;
            *known = seq.max(*known);
            newer
        });
    }

    /// Some job's time may have changed.
    pub(crate) fn job(&self) {
        self.jobs
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn events(&self) -> watch::Receiver<i64> {
        self.events.subscribe()
    }

    pub(crate) fn jobs(&self) -> watch::Receiver<u64> {
        self.jobs.subscribe()
    }
}
