//! Where a change comes from: address, request and the reason that was given.
//!
//! The gate of a route notes it for as long as the handler runs, and the event
//! log takes it from here, so that no event of a request can be without it.

use std::cell::Cell;
use std::future::Future;

use axum::http::Extensions;
use axum::http::request::Parts;

use crate::http::client_address;
use crate::telemetry::RequestId;

/// The header in which a caller says why: at most [`LONGEST_REASON`] characters
/// of UTF-8, percent-encoded where they are not ASCII.
pub const REASON: &str = "x-portway-reason";
/// Characters of a reason that are kept.
const LONGEST_REASON: usize = 500;

tokio::task_local! {
    static CURRENT: Origin;
    /// Whether the work of a request has written down that it was refused.
    static REFUSED: Cell<bool>;
}

/// Where a change comes from. All of it may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// The client's IP address.
    pub address: Option<String>,
    /// The id of the request, as in the log and in `x-request-id`.
    pub request: Option<String>,
    /// Why, in the words of whoever asked.
    pub reason: Option<String>,
}

impl Origin {
    /// Where a request comes from.
    pub fn of(parts: &Parts) -> Self {
        let reason = parts
            .headers
            .get(REASON)
            .map(|value| percent_encoding::percent_decode(value.as_bytes()).decode_utf8_lossy())
            .and_then(|text| plain(&text));
        Self {
            address: client(&parts.extensions),
            request: parts.extensions.get::<RequestId>().map(|id| id.0.clone()),
            reason,
        }
    }

    /// The same with a reason, where none was given before.
    #[must_use]
    pub fn because(mut self, reason: Option<&str>) -> Self {
        self.reason = self.reason.or_else(|| reason.and_then(plain));
        self
    }

    /// Where the work of the current task comes from.
    pub fn current() -> Self {
        CURRENT.try_with(Self::clone).unwrap_or_default()
    }

    /// Does the work of a request that comes from here, and answers whether it
    /// has written an event of a refusal: then nobody has to write another.
    pub(crate) async fn answering<T>(self, work: impl Future<Output = T>) -> (T, bool) {
        let noting = async {
            let done = CURRENT.scope(self, work).await;
            (done, REFUSED.with(Cell::get))
        };
        REFUSED.scope(Cell::new(false), noting).await
    }

    /// An event of a refusal is stored.
    pub(crate) fn note_refusal() {
        let _ = REFUSED.try_with(|refused| refused.set(true));
    }

    /// Does work that comes from here.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        CURRENT.scope(self, work).await
    }
}

fn client(extensions: &Extensions) -> Option<String> {
    client_address(extensions).map(|client| client.address().to_string())
}

/// One line of at most [`LONGEST_REASON`] characters.
fn plain(text: &str) -> Option<String> {
    let line: String = text
        .chars()
        .map(|one| if one.is_control() { ' ' } else { one })
        .take(LONGEST_REASON)
        .collect();
    let line = line.trim();
    (!line.is_empty()).then(|| line.to_owned())
}
