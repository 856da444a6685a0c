//! The layers that hold every request to its [`Limits`].
//!
//! [`bound_body`] stands outside of everything that may read a body,
//! [`bound_request`] inside of what makes refusals readable. Rates are counted
//! at the door of each route, where the caller is known.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Semaphore;

use super::body::{Bounded, too_large};
use super::class::{RateClass, is_git, is_probe, is_sign_in};
use super::client::client_address;
use super::credentials::Accepted;
use super::limits::Limits;
use super::rates::{Counted, RateLimiter, Standing};
use super::{ServedBy, Surface};
use crate::actor::Caller;
use crate::clock::Clock;
use crate::error::ApiError;
use crate::telemetry::Metrics;

/// The limits of a server with what is used of them. Clones share it. Every
/// request carries it as an extension.
#[derive(Clone, Debug)]
pub struct Bounds(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    limits: Limits,
    rates: RateLimiter,
    accepted: Accepted,
    working: Semaphore,
    limited: Counter,
    overloaded: Counter,
    late: Counter,
}

impl Bounds {
    /// Nothing is used yet.
    pub fn new(limits: Limits, clock: &Clock, metrics: &Metrics) -> Self {
        Self(Arc::new(Inner {
            rates: RateLimiter::new(limits.rates.clone(), clock.clone()),
            accepted: Accepted::default(),
            working: Semaphore::new(limits.concurrent_requests.min(Semaphore::MAX_PERMITS)),
            limits,
            limited: metrics.counter(
                "portway_http_rate_limited",
                "Requests that were refused because their actor sends too many",
            ),
            overloaded: metrics.counter(
                "portway_http_overloaded",
                "Requests that were refused because too many are worked on",
            ),
            late: metrics.counter(
                "portway_http_timed_out",
                "Requests that were given up because they took too long",
            ),
        }))
    }

    /// The limits.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// Counts a request of a caller who is recognised, or of nobody.
    pub(super) fn count(
        &self,
        class: RateClass,
        caller: &Caller,
        parts: &Parts,
    ) -> Option<Standing> {
        if caller.is_anonymous() {
            self.count_network(class, parts)
        } else {
            self.counted(self.0.rates.take(class, Counted::Actor(&caller.actor)))
        }
    }

    /// The refusal of a request whose credentials are not worth a look: too
    /// many from there were wrong, and these have not been good before.
    pub(super) fn guessing(&self, parts: &Parts) -> Option<Standing> {
        let network = client_address(&parts.extensions).map(|client| client.network());
        let network = Counted::Network(network);
        let standing = self.0.rates.peek(RateClass::Refused, network);
        let spent = standing.filter(Standing::is_refused)?;
        let unknown = self.0.accepted.knows(&parts.headers) == Some(false);
        self.counted(unknown.then_some(spent))
    }

    /// Remembers credentials that are good.
    pub(super) fn accept(&self, parts: &Parts) {
        self.0.accepted.note(&parts.headers);
    }

    /// Counts a request whose credentials are wrong.
    pub(super) fn count_refused(&self, parts: &Parts) -> Option<Standing> {
        self.count_network(RateClass::Refused, parts)
    }

    fn count_network(&self, class: RateClass, parts: &Parts) -> Option<Standing> {
        let network = client_address(&parts.extensions).map(|client| client.network());
        self.counted(self.0.rates.take(class, Counted::Network(network)))
    }

    fn counted(&self, standing: Option<Standing>) -> Option<Standing> {
        if standing.as_ref().is_some_and(Standing::is_refused) {
            self.0.limited.inc();
        }
        standing
    }

    fn body_limit(&self, path: &str) -> usize {
        let limits = &self.0.limits;
        if path.starts_with("/webhooks/") {
            limits.webhook_bytes
        } else if is_sign_in(path) {
            limits.sign_in_bytes
        } else if path.ends_with("/git-receive-pack") && is_git(path) {
            limits.push_bytes
        } else {
            limits.body_bytes
        }
    }

    /// What is wrong with a request that can be told from its head.
    fn refusal(&self, path: &str, request: &Request) -> Option<ApiError> {
        let limits = &self.0.limits;
        let target = request.uri().path_and_query();
        if target.is_some_and(|target| target.as_str().len() > limits.url_bytes) {
            let most = limits.url_bytes;
            return Some(
                ApiError::new(
                    StatusCode::URI_TOO_LONG,
                    "UriTooLongError",
                    format!("The address is longer than {most} bytes"),
                )
                .accepted(format!("at most {most} bytes"))
                .fix("send long filters in the body of a POST, where the route has one"),
            );
        }
        if size(request.headers()) > limits.head_bytes {
            let most = limits.head_bytes;
            return Some(
                ApiError::new(
                    StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "HeadersTooLargeError",
                    format!("The headers are larger than {most} bytes"),
                )
                .accepted(format!("at most {most} bytes in all headers"))
                .fix("remove headers that are not needed; in a browser, delete the cookies of this site"),
            );
        }
        let text = |name| {
            let value = request.headers().get(name);
            value.and_then(|value: &HeaderValue| value.to_str().ok())
        };
        let coding = text(header::CONTENT_ENCODING).map(str::trim);
        // Git compresses long requests; the route unpacks them within bounds.
        let read = |coding: &str| {
            coding.eq_ignore_ascii_case("identity")
                || is_git(path) && coding.eq_ignore_ascii_case("gzip")
        };
        if let Some(coding) = coding.filter(|coding| !read(coding)) {
            return Some(
                ApiError::new(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "UnsupportedMediaTypeError",
                    format!("The body is compressed ({coding:?}), which is not read"),
                )
                .accepted("a body without Content-Encoding")
                .fix("send the body as it is"),
            );
        }
        let most = self.body_limit(path);
        let length =
            text(header::CONTENT_LENGTH).and_then(|text| text.trim().parse::<usize>().ok());
        length
            .is_some_and(|length| length > most)
            .then(|| too_large(most))
    }
}

fn size(headers: &HeaderMap) -> usize {
    headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum()
}

/// The pattern of the route, else the path as it came.
fn route(request: &Request) -> String {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| request.uri().path(), MatchedPath::as_str)
        .to_owned()
}

/// Middleware that puts [`Bounds`] into the request and bounds its body.
pub async fn bound_body(
    State(bounds): State<Bounds>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = route(&request);
    let limit = bounds.body_limit(&path);
    let limits = &bounds.0.limits;
    let time = if is_git(&path) {
        limits.push_timeout
    } else {
        limits.body_timeout
    };
    request.extensions_mut().insert(bounds);
    next.run(request.map(|body: Body| Bounded::body(body, limit, time)))
        .await
}

/// Middleware that refuses what is too large, too much at once or too slow.
pub async fn bound_request(State(bounds): State<Bounds>, request: Request, next: Next) -> Response {
    let path = route(&request);
    let surface = surface(&path, &request);
    let refused = |error: ApiError| {
        let mut response = error.into_response();
        response.extensions_mut().insert(ServedBy(surface));
        response
    };
    if let Some(error) = bounds.refusal(&path, &request) {
        return refused(error);
    }
    // Whether the server lives must be known above all when it is busy.
    if is_probe(&path) {
        return next.run(request).await;
    }
    let Ok(_working) = bounds.0.working.try_acquire() else {
        bounds.0.overloaded.inc();
        return soon(refused(
            ApiError::unavailable("Portway works on as many requests as it can")
                .accepted("a request after a second, as `Retry-After` says")
                .fix("send it again; an administrator sets `backend.limits.concurrentRequests`"),
        ));
    };
    let time = bounds.0.limits.request_timeout;
    match tokio::time::timeout(time, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            bounds.0.late.inc();
            soon(refused(
                ApiError::unavailable(format!(
                    "The request was not answered within {} seconds and was given up",
                    time.as_secs_f32()
                ))
                .accepted("a request that asks for less, or the same one later")
                .fix("send it again; an administrator sets `backend.limits.requestTimeout`"),
            ))
        }
    }
}

fn soon(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

/// Whom a request that reaches no route is answered as.
fn surface(path: &str, request: &Request) -> Surface {
    let accepts_page = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let asks = matches!(*request.method(), Method::GET | Method::POST);
    if asks && accepts_page && !path.starts_with("/api/") {
        Surface::Page
    } else {
        Surface::Api
    }
}
