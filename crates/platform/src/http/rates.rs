//! How many requests one actor may send: a token bucket for each actor and
//! class of routes.
//!
//! A bucket is sixteen bytes behind a hash of the actor, and there are at most
//! [`MOST`] of them, so that a flood of addresses cannot fill the memory. This
//! is our own: the libraries that do it keep time themselves, where all of
//! Portway asks [`Clock`], and grow without a bound until they are swept.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use model::diagnostic::Diagnostic;
use parking_lot::Mutex;

use super::class::{CLASSES, RateClass};
use crate::actor::Actor;
use crate::clock::Clock;
use crate::config::Config;
use crate::error::ApiError;

const KEY: &str = "backend.limits.rates";
const SHARDS: usize = 16;
/// Buckets in one shard.
const MOST: usize = 4_096;
/// Buckets that are dropped when a shard is full of busy ones.
const DROPPED: usize = 512;

/// How fast a bucket fills, and how much it holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Requests a second in the long run.
    pub per_second: f64,
    /// Requests at once after a pause.
    pub burst: u32,
}

/// The rate of each class; nothing for no limit.
///
/// The defaults stop programs that have run wild and whoever guesses secrets:
/// where too many wrong credentials came from, unknown ones are refused unseen.
/// Reading is answered from memory; its default is above what two processors
/// answer, so that whoever measures Portway measures Portway.
#[derive(Clone, Debug, PartialEq)]
pub struct Rates([Option<Rate>; CLASSES.len()]);

impl Default for Rates {
    fn default() -> Self {
        let rate = |per_second: f64, burst: u32| Some(Rate { per_second, burst });
        Self([
            rate(20.0, 1_000),
            rate(20.0, 2_000),
            rate(2_000.0, 20_000),
            rate(20_000.0, 200_000),
            rate(100.0, 2_000),
            rate(50_000.0, 500_000),
        ])
    }
}

impl Rates {
    /// No limit on anything.
    pub fn unlimited() -> Self {
        Self([None; CLASSES.len()])
    }

    /// The rate of a class.
    pub fn of(&self, class: RateClass) -> Option<Rate> {
        let rates = CLASSES.iter().zip(&self.0);
        rates
            .into_iter()
            .find_map(|(own, rate)| (*own == class).then_some(*rate))?
    }

    /// Reads `backend.limits.rates`: `false`, or for each class `false` or an
    /// object with `perSecond` and `burst`.
    ///
    /// # Errors
    /// Another value, with its place.
    pub fn from_config(config: &Config) -> Result<Self, Diagnostic> {
        let Some(section) = config.at(KEY) else {
            return Ok(Self::default());
        };
        if config.opt_bool(KEY) == Ok(Some(false)) {
            return Ok(Self::unlimited());
        }
        let mut rates = Self::default();
        for (class, rate) in CLASSES.iter().zip(&mut rates.0) {
            let name = class.name();
            let Some(of_class) = section.at(name) else {
                continue;
            };
            if section.opt_bool(name) == Ok(Some(false)) {
                *rate = None;
                continue;
            }
            let default = rate.unwrap_or(Rate {
                per_second: 1.0,
                burst: 1,
            });
            let per_second = of_class.section::<f64>("perSecond")?;
            let burst = of_class.section::<u32>("burst")?;
            let chosen = Rate {
                per_second: per_second.unwrap_or(default.per_second),
                burst: burst.unwrap_or(default.burst),
            };
            if !chosen.per_second.is_finite() || chosen.per_second <= 0.0 || chosen.burst == 0 {
                return Err(section.refuse(
                    name,
                    format!("`{KEY}.{name}` would let no request through"),
                    "`perSecond` above 0 and `burst` of at least 1, or `false` for no limit",
                ));
            }
            *rate = Some(chosen);
        }
        Ok(rates)
    }
}

/// Who is counted.
#[derive(Clone, Copy, Debug)]
pub enum Counted<'a> {
    /// Somebody who is known, whatever the session, token or address.
    Actor(&'a Actor),
    /// Somebody who is not known, by address.
    Network(Option<IpAddr>),
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    /// Microseconds since 1970.
    at: i64,
}

/// The buckets of all actors. Clones share them.
#[derive(Clone)]
pub struct RateLimiter(Arc<Buckets>);

struct Buckets {
    rates: Rates,
    policies: [Option<HeaderValue>; CLASSES.len()],
    clock: Clock,
    hasher: RandomState,
    shards: [Mutex<HashMap<u64, Bucket>>; SHARDS],
}

impl fmt::Debug for RateLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RateLimiter").field(&self.0.rates).finish()
    }
}

/// What is left of a bucket after a request.
#[derive(Clone, Debug)]
pub struct Standing {
    class: RateClass,
    rate: Rate,
    policy: Option<HeaderValue>,
    left: f64,
    refused: bool,
}

impl RateLimiter {
    /// Full buckets for everybody.
    pub fn new(rates: Rates, clock: Clock) -> Self {
        let policies = CLASSES.map(|class| {
            let rate = rates.of(class)?;
            let window = (f64::from(rate.burst) / rate.per_second).ceil();
            HeaderValue::try_from(format!("\"{}\";q={};w={window}", class.name(), rate.burst)).ok()
        });
        Self(Arc::new(Buckets {
            rates,
            policies,
            clock,
            hasher: RandomState::new(),
            shards: std::array::from_fn(|_| Mutex::default()),
        }))
    }

    /// Takes one request of a class out of somebody's bucket. Nothing where
    /// the class has no limit.
    pub fn take(&self, class: RateClass, who: Counted<'_>) -> Option<Standing> {
        self.look(class, who, 1.0)
    }

    /// How somebody's bucket stands, without taking from it.
    pub fn peek(&self, class: RateClass, who: Counted<'_>) -> Option<Standing> {
        self.look(class, who, 0.0)
    }

    fn look(&self, class: RateClass, who: Counted<'_>, cost: f64) -> Option<Standing> {
        let buckets = &*self.0;
        let rate = buckets.rates.of(class)?;
        let key = match who {
            Counted::Actor(actor) => {
                let kind = actor.kind as u8;
                buckets.hasher.hash_one((class, kind, actor.name.as_str()))
            }
            Counted::Network(network) => buckets.hasher.hash_one((class, network)),
        };
        let now = buckets.clock.now().as_microsecond();
        let shard = usize::try_from(key % SHARDS as u64).unwrap_or_default();
        let mut shard = buckets.shards.get(shard)?.lock();
        if shard.len() >= MOST && !shard.contains_key(&key) {
            make_room(&mut shard, now);
        }
        let bucket = shard.entry(key).or_insert(Bucket {
            tokens: f64::from(rate.burst),
            at: now,
        });
        bucket.tokens =
            (bucket.tokens + rate.per_second * seconds(bucket.at, now)).min(f64::from(rate.burst));
        bucket.at = now.max(bucket.at);
        let refused = bucket.tokens < 1.0;
        if !refused {
            bucket.tokens -= cost;
        }
        let left = bucket.tokens;
        drop(shard);
        let policies = CLASSES.iter().zip(&buckets.policies);
        Some(Standing {
            class,
            rate,
            policy: policies
                .into_iter()
                .find_map(|(own, policy)| (*own == class).then(|| policy.clone()))?,
            left,
            refused,
        })
    }
}

fn seconds(from: i64, to: i64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "a pause in microseconds fits a float exactly for centuries"
    )]
    let micros = to.saturating_sub(from).max(0) as f64;
    micros / 1e6
}

/// Forgets the buckets that have not been used for longest. Most of them are
/// full again, so that nothing is lost; under a flood of addresses, a bucket
/// more or less does not decide.
fn make_room(shard: &mut HashMap<u64, Bucket>, now: i64) {
    let mut times: Vec<i64> = shard.values().map(|bucket| bucket.at).collect();
    let at = DROPPED.min(times.len().saturating_sub(1));
    let (_, oldest_kept, _) = times.select_nth_unstable(at);
    let oldest_kept = *oldest_kept;
    // Where all are equally old, one class of time would take everything along.
    let mut spare = DROPPED;
    shard.retain(|_, bucket| {
        let goes = spare > 0 && bucket.at <= oldest_kept.min(now);
        spare -= usize::from(goes);
        !goes
    });
}

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

impl Standing {
    /// Whether the bucket was empty.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// Adds `RateLimit` and `RateLimit-Policy`, as
    /// draft-ietf-httpapi-ratelimit-headers names them.
    pub fn describe(&self, headers: &mut HeaderMap) {
        let until_full = (f64::from(self.rate.burst) - self.left) / self.rate.per_second;
        let limit = format!(
            "\"{}\";r={};t={}",
            self.class.name(),
            self.left.floor(),
            until_full.ceil()
        );
        if let Ok(limit) = HeaderValue::try_from(limit) {
            headers.insert(RATE_LIMIT, limit);
        }
        if let Some(policy) = &self.policy {
            headers.insert(RATE_LIMIT_POLICY, policy.clone());
        }
    }

    /// 429, and when to come back.
    pub fn refusal(&self) -> Response {
        let name = self.class.name();
        let wait = ((1.0 - self.left) / self.rate.per_second).ceil().max(1.0);
        let error = ApiError::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TooManyRequestsError",
            format!("Too many requests of the class {name}"),
        )
        .accepted(format!(
            "{} a second, and {} at once after a pause",
            self.rate.per_second, self.rate.burst
        ))
        .fix(format!(
            "wait {wait} s, as `Retry-After` says, and send fewer; an administrator sets `{KEY}.{name}`"
        ));
        let mut response = error.into_response();
        self.describe(response.headers_mut());
        if let Ok(wait) = HeaderValue::try_from(wait.to_string()) {
            response.headers_mut().insert(header::RETRY_AFTER, wait);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn limiter(per_second: f64, burst: u32) -> (RateLimiter, Clock) {
        let config = Config::from_json(json!({ "backend": { "limits": { "rates": {
            "read": { "perSecond": per_second, "burst": burst }
        } } } }));
        let clock = Clock::manual(Timestamp::UNIX_EPOCH);
        let rates = Rates::from_config(&config).expect("rates");
        (RateLimiter::new(rates, clock.clone()), clock)
    }

    fn from(number: u32) -> Counted<'static> {
        Counted::Network(Some(std::net::Ipv4Addr::from(number).into()))
    }

    #[test]
    fn a_burst_is_let_through_and_then_as_many_as_the_rate_says() {
        let (limiter, clock) = limiter(2.0, 3);
        let passed = |number| {
            let standing = limiter
                .take(RateClass::Read, from(number))
                .expect("a limit");
            !standing.is_refused()
        };
        assert_eq!([0; 4].map(|_| passed(1)), [true, true, true, false]);
        assert!(passed(2), "another address has a bucket of its own");
        clock.advance(Duration::from_millis(500));
        assert_eq!([0; 2].map(|_| passed(1)), [true, false]);
        clock.advance(Duration::from_secs(3_600));
        assert_eq!([0; 4].map(|_| passed(1)), [true, true, true, false]);
    }

    #[test]
    fn the_headers_say_what_is_left_and_when_to_come_back() {
        let (limiter, _) = limiter(0.5, 2);
        let take = || limiter.take(RateClass::Read, from(1)).expect("a limit");
        let mut headers = HeaderMap::new();
        take().describe(&mut headers);
        assert_eq!(headers["ratelimit"], "\"read\";r=1;t=2");
        assert_eq!(headers["ratelimit-policy"], "\"read\";q=2;w=4");
        take();
        let refusal = take().refusal();
        assert_eq!(refusal.status(), StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(refusal.headers()["retry-after"], "2");
        assert_eq!(refusal.headers()["ratelimit"], "\"read\";r=0;t=4");
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let (limiter, clock) = limiter(1.0, 1);
        for number in 0..200_000 {
            if number % 1_000 == 0 {
                clock.advance(Duration::from_millis(1));
            }
            limiter.take(RateClass::Read, from(number));
        }
        let kept: usize = limiter
            .0
            .shards
            .iter()
            .map(|shard| shard.lock().len())
            .sum();
        assert!(kept <= SHARDS * MOST, "{kept}");
        let recent = limiter
            .take(RateClass::Read, from(199_999))
            .expect("a limit");
        assert!(recent.is_refused(), "the newest bucket was forgotten");
    }

    #[test]
    fn classes_can_be_switched_off_and_senseless_rates_are_refused() {
        let read = |rates: serde_json::Value| {
            Rates::from_config(&Config::from_json(
                json!({ "backend": { "limits": { "rates": rates } } }),
            ))
        };
        assert_eq!(read(json!(false)).ok(), Some(Rates::unlimited()));
        let rates = read(json!({ "search": false })).expect("rates");
        assert_eq!(rates.of(RateClass::Search), None);
        assert!(rates.of(RateClass::Read).is_some());
        let refused = read(json!({ "read": { "burst": 0 } })).expect_err("nothing passes");
        assert!(
            refused.message.contains("backend.limits.rates.read"),
            "{refused}"
        );
    }
}
