//! `backend.limits`: how much one client may ask of the server.

use std::time::Duration;

use model::diagnostic::Diagnostic;

use super::rates::Rates;
use crate::config::{Config, Section};

const KEY: &str = "backend.limits";

/// What a request, a connection and a client may take.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Bytes of all header names and values of a request; more get 431.
    pub head_bytes: usize,
    /// Bytes of the path and query; more get 414.
    pub url_bytes: usize,
    /// Bytes of a body; more get 413.
    pub body_bytes: usize,
    /// Bytes of the body of a webhook, which strangers may send too.
    pub webhook_bytes: usize,
    /// Bytes of the body of a request that signs in.
    pub sign_in_bytes: usize,
    /// Bytes of the body of a `git push`.
    pub push_bytes: usize,
    /// How deep arrays and objects may be nested in a JSON body.
    pub json_depth: usize,
    /// How long the head of a request may take to arrive, and how long a
    /// connection may be idle. The connection is closed then.
    pub head_timeout: Duration,
    /// How long the body may take to arrive; 408 then.
    pub body_timeout: Duration,
    /// How long the body of a `git push` may take to arrive; 408 then.
    pub push_timeout: Duration,
    /// How long a request may take until its answer begins; 503 then. Streams
    /// go on for as long as they like.
    pub request_timeout: Duration,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address; trusted proxies are not counted.
    pub connections_per_address: usize,
    /// Requests that are worked on at once; more get 503 at once.
    pub concurrent_requests: usize,
    /// How many requests one actor may send.
    pub rates: Rates,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_bytes: 32 << 10,
            url_bytes: 16 << 10,
            body_bytes: 10 << 20,
            webhook_bytes: 10 << 20,
            sign_in_bytes: 64 << 10,
            push_bytes: 1 << 30,
            json_depth: 100,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(60),
            push_timeout: Duration::from_secs(600),
            request_timeout: Duration::from_secs(180),
            connections: 10_000,
            connections_per_address: 1_000,
            concurrent_requests: 1_000,
            rates: Rates::default(),
        }
    }
}

impl Limits {
    /// Reads `backend.limits`; what is not set has its default.
    ///
    /// # Errors
    /// A value that would let nothing through, or that is no number or length
    /// of time, with its place.
    pub fn from_config(config: &Config) -> Result<Self, Diagnostic> {
        let mut limits = Self::default();
        let Some(section) = config.at(KEY) else {
            return Ok(limits);
        };
        for (name, limit, least) in [
            ("headBytes", &mut limits.head_bytes, 1 << 10),
            ("urlBytes", &mut limits.url_bytes, 256),
            ("bodyBytes", &mut limits.body_bytes, 1 << 10),
            ("webhookBytes", &mut limits.webhook_bytes, 1 << 10),
            ("signInBytes", &mut limits.sign_in_bytes, 1 << 10),
            ("pushBytes", &mut limits.push_bytes, 1 << 10),
            ("jsonDepth", &mut limits.json_depth, 8),
            ("connections", &mut limits.connections, 1),
            (
                "connectionsPerAddress",
                &mut limits.connections_per_address,
                1,
            ),
            ("concurrentRequests", &mut limits.concurrent_requests, 1),
        ] {
            if let Some(number) = section.section::<usize>(name)? {
                *limit = at_least(&section, name, number, least)?;
            }
        }
        for (name, limit) in [
            ("headTimeout", &mut limits.head_timeout),
            ("bodyTimeout", &mut limits.body_timeout),
            ("pushTimeout", &mut limits.push_timeout),
            ("requestTimeout", &mut limits.request_timeout),
        ] {
            if let Some(time) = section.duration(name)? {
                if time < Duration::from_millis(100) {
                    return Err(section.refuse(
                        name,
                        format!("`{KEY}.{name}` is shorter than any request takes"),
                        "a length of time of at least 100 ms, such as 30s",
                    ));
                }
                *limit = time;
            }
        }
        limits.rates = Rates::from_config(config)?;
        Ok(limits)
    }
}

fn at_least(
    section: &Section<'_>,
    name: &str,
    number: usize,
    least: usize,
) -> Result<usize, Diagnostic> {
    if number >= least {
        return Ok(number);
    }
    Err(section.refuse(
        name,
        format!("`{KEY}.{name}` is {number}, with which Portway could not be used"),
        format!("a whole number of at least {least}"),
    ))
}
