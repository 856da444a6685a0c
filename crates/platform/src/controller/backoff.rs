//! How long a failed job waits.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

/// Doubling waits with an upper bound, spread so that jobs that failed
/// together do not come back together. The spread depends on nothing but the
/// job, the attempt and `seed`, so that a test can say what it will be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The wait after the first failure.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// Where the spread comes from; without it there is none.
    pub seed: Option<u64>,
}

impl Backoff {
    /// One second, doubling up to ten minutes, spread by `seed`.
    pub fn new(seed: u64) -> Self {
        Self {
            seed: Some(seed),
            ..Self::exact()
        }
    }

    /// One second, doubling up to ten minutes, to the microsecond.
    pub fn exact() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(600),
            seed: None,
        }
    }

    /// The wait after the failure of attempt number `attempt` (from 1): the
    /// full wait without a seed, else between three quarters and all of it.
    pub fn wait(&self, queue: &str, key: &str, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        let full = self.first.saturating_mul(1 << doublings).min(self.longest);
        let Some(seed) = self.seed else { return full };
        let mut hasher = DefaultHasher::new();
        (seed, queue, key, attempt).hash(&mut hasher);
        let share = u32::try_from(hasher.finish() % 1024).unwrap_or(0);
        full - full / 4 * share / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_ten_minutes() {
        let seconds = |attempt| Backoff::exact().wait("q", "k", attempt).as_secs();
        assert_eq!([1, 2, 3, 4, 10].map(seconds), [1, 2, 4, 8, 512]);
        assert_eq!([11, 12, 40, u32::MAX].map(seconds), [600; 4]);
    }

    #[test]
    fn a_spread_wait_is_repeatable_and_within_its_quarter() {
        let backoff = Backoff::new(7);
        let mut different = std::collections::BTreeSet::new();
        for key in 0..100 {
            let wait = backoff.wait("q", &key.to_string(), 5);
            assert_eq!(wait, backoff.wait("q", &key.to_string(), 5));
            assert!(
                wait > Duration::from_secs(12) && wait <= Duration::from_secs(16),
                "{wait:?}"
            );
            different.insert(wait);
        }
        assert!(different.len() > 50, "{}", different.len());
    }
}
