//! What an answer's headers say about the budget.
//!
//! GitHub: `x-ratelimit-limit/remaining/reset/resource`, 403 with nothing
//! remaining, secondary limits (403 or 429 with `retry-after` or only a
//! message). GitLab: `ratelimit-*`, 429. Gitea: whatever its proxy sends,
//! usually 429 with `retry-after`.

use std::time::Duration;

use jiff::Timestamp;
use platform::clock::later;
use reqwest::header::HeaderMap;

use super::Window;

/// No pause that a header asks for is believed to be longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);

/// The part of an answer that matters to a budget.
#[derive(Clone, Debug, Default)]
pub(crate) struct Observed {
    pub(crate) status: u16,
    /// 304: nothing changed.
    pub(crate) unchanged: bool,
    /// Refused for its rate.
    pub(crate) refused: bool,
    limit: Option<u64>,
    remaining: Option<u64>,
    /// Seconds until the window ends, by the server's own clock if it said.
    reset_at: Option<Timestamp>,
    retry: Option<Retry>,
    server_now: Option<Timestamp>,
}

#[derive(Clone, Copy, Debug)]
enum Retry {
    After(Duration),
    At(Timestamp),
}

impl Observed {
    pub(crate) fn new(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let number = |names: [&str; 2]| {
            names
                .iter()
                .find_map(|name| text(headers, name)?.parse().ok())
        };
        let remaining = number(["x-ratelimit-remaining", "ratelimit-remaining"]);
        let retry = text(headers, "retry-after").and_then(retry_after);
        let refused = match status {
            429 => true,
            403 => remaining == Some(0) || retry.is_some() || speaks_of_rate(body),
            503 => retry.is_some(),
            // GraphQL says it in the body of an answer that is a success.
            200 => remaining == Some(0) && mentions(body, "\"rate_limited\""),
            _ => false,
        };
        // GitHub counts search and GraphQL apart; their windows say nothing
        // about the one that everything else uses.
        let core = text(headers, "x-ratelimit-resource").is_none_or(|name| name == "core");
        Self {
            status,
            unchanged: status == 304,
            refused,
            limit: number(["x-ratelimit-limit", "ratelimit-limit"]).filter(|_| core),
            remaining: remaining.filter(|_| core || refused),
            reset_at: number(["x-ratelimit-reset", "ratelimit-reset"])
                .and_then(|seconds: u64| i64::try_from(seconds).ok())
                .and_then(|seconds| Timestamp::from_second(seconds).ok()),
            retry,
            server_now: text(headers, "date").and_then(http_date),
        }
    }

    pub(super) fn window(&self, now: Timestamp) -> Option<Window> {
        Some(Window {
            limit: self.limit?,
            remaining: self.remaining?,
            reset: self.by_our_clock(self.reset_at?, now),
        })
    }

    /// Until when the answer asks to wait; `None` when it gives no time.
    pub(super) fn pause(&self, now: Timestamp) -> Option<Timestamp> {
        let until = match self.retry {
            Some(Retry::After(length)) => later(now, length.min(LONGEST_PAUSE)),
            Some(Retry::At(time)) => self.by_our_clock(time, now),
            None if self.remaining == Some(0) => self.by_our_clock(self.reset_at?, now),
            None => return None,
        };
        Some(until.max(later(now, Duration::from_secs(1))))
    }

    /// A time of the server's, moved by the difference between its clock and
    /// ours, and never further away than [`LONGEST_PAUSE`].
    fn by_our_clock(&self, time: Timestamp, now: Timestamp) -> Timestamp {
        let server_now = self.server_now.unwrap_or(now);
        let ahead = Duration::try_from(time.duration_since(server_now)).unwrap_or_default();
        later(now, ahead.min(LONGEST_PAUSE))
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// Seconds, or an HTTP date (RFC 9110, 10.2.3).
fn retry_after(value: &str) -> Option<Retry> {
    match value.parse::<u64>() {
        Ok(seconds) => Some(Retry::After(Duration::from_secs(seconds))),
        Err(_) => http_date(value).map(Retry::At),
    }
}

fn http_date(value: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(value)
        .ok()
}

/// GitHub's secondary limits may come without any header.
fn speaks_of_rate(body: &[u8]) -> bool {
    [
        "secondary rate limit",
        "rate limit exceeded",
        "abuse detection",
    ]
    .iter()
    .any(|words| mentions(body, words))
}

/// Whether the start of a body contains a text in lower case.
fn mentions(body: &[u8], text: &str) -> bool {
    let start = body.get(..body.len().min(4096)).unwrap_or_default();
    String::from_utf8_lossy(start)
        .to_ascii_lowercase()
        .contains(text)
}
