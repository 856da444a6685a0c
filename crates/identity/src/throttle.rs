//! Failed attempts make the next one wait, longer each time.
//!
//! Nobody can lock somebody else out with it: what counts against an account
//! from one network holds up that network only, and what counts against the
//! account as a whole delays by seconds, never more. Attempts that come too
//! early are refused before any work is done for them.

use std::time::Duration;

use axum::http::StatusCode;
use platform::ApiError;
use platform::clock::later;

use crate::error::IdentityError;
use crate::identity::Identity;
use crate::store::attempts as rows;

/// After this long without a failure the count begins again.
const FORGET: Duration = Duration::from_secs(3600);

/// One thing that attempts are counted by.
#[derive(Clone, Debug)]
pub(crate) struct Counter {
    name: String,
    /// Failures that cost nothing.
    free: u32,
    /// The longest wait.
    longest: Duration,
}

impl Counter {
    /// An account as seen from one network.
    pub(crate) fn account_from(account: &str, network: &str) -> Self {
        Self {
            name: format!("account-from:{account}@{network}"),
            free: 4,
            longest: Duration::from_secs(900),
        }
    }

    /// An account from everywhere.
    pub(crate) fn account(account: &str) -> Self {
        Self {
            name: format!("account:{account}"),
            free: 20,
            longest: Duration::from_secs(10),
        }
    }

    /// A network, whatever it tries.
    pub(crate) fn network(network: &str) -> Self {
        Self {
            name: format!("network:{network}"),
            free: 20,
            longest: Duration::from_secs(900),
        }
    }

    /// Codes of devices that a person types.
    pub(crate) fn device_codes(who: &str) -> Self {
        Self {
            name: format!("device-codes:{who}"),
            free: 5,
            longest: Duration::from_secs(900),
        }
    }

    /// How long to wait after so many failures: 1, 2, 4, … seconds.
    fn pause(&self, failures: u32) -> Duration {
        match failures.checked_sub(self.free) {
            None | Some(0) => Duration::ZERO,
            Some(over) => Duration::from_secs(1_u64.checked_shl(over - 1).unwrap_or(u64::MAX))
                .min(self.longest),
        }
    }
}

impl Identity {
    /// Refuses an attempt that comes too early.
    pub(crate) async fn require_patience(&self, counters: &[Counter]) -> Result<(), ApiError> {
        let now = self.clock().now();
        for counter in counters {
            let Some((failures, last)) = rows::get(self.db(), &counter.name).await? else {
                continue;
            };
            let until = later(last, counter.pause(failures));
            if now < until {
                return Err(too_early(now, until));
            }
        }
        Ok(())
    }

    /// Counts a failure.
    pub(crate) async fn count_failure(&self, counters: &[Counter]) -> Result<(), IdentityError> {
        let now = self.clock().now();
        let forget = now
            .checked_sub(jiff::SignedDuration::try_from(FORGET).unwrap_or_default())
            .unwrap_or(now);
        let mut tx = self.db().begin().await?;
        rows::forget_before(&mut tx, forget).await?;
        for counter in counters {
            rows::add(&mut tx, &counter.name, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Begins a count again after a success.
    pub(crate) async fn forget_failures(&self, counter: &Counter) -> Result<(), IdentityError> {
        let mut tx = self.db().begin().await?;
        rows::forget(&mut tx, &counter.name).await?;
        tx.commit().await?;
        Ok(())
    }
}

fn too_early(now: jiff::Timestamp, until: jiff::Timestamp) -> ApiError {
    let seconds = until.duration_since(now).as_secs().max(0) + 1;
    ApiError::new(
        StatusCode::TOO_MANY_REQUESTS,
        "TooManyRequestsError",
        format!("Too many attempts have failed; the next one counts in {seconds} seconds"),
    )
    .accepted(format!("an attempt after {until}"))
    .fix("wait, or sign in another way: a passkey is never held up")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_are_held() {
        let here = Counter::account_from("kim", "192.0.2.7");
        let seconds = |counter: &Counter, failures| counter.pause(failures).as_secs();
        assert_eq!(
            [0, 4, 5, 6, 7, 30, 500].map(|failures| seconds(&here, failures)),
            [0, 0, 1, 2, 4, 900, 900]
        );
        let everywhere = Counter::account("kim");
        assert_eq!(seconds(&everywhere, 20), 0);
        assert_eq!(seconds(&everywhere, 1_000_000), 10, "nobody is locked out");
    }
}
