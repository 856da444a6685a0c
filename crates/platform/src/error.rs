//! The one error that leaves the process over HTTP.
//!
//! It has two audiences: the caller reads `message`, `accepted` and `fix`; the
//! operator reads the internal cause in the log, which is never sent. On the
//! wire it is Backstage's envelope `{error, request, response}`, written by
//! [`crate::http::finish`], which knows the request.

use std::fmt;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// An answer that is not success.
#[derive(Clone, Debug)]
pub struct ApiError {
    /// The HTTP status.
    pub status: StatusCode,
    /// Backstage's error name, for example `NotFoundError`.
    pub name: &'static str,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What would have been accepted.
    pub accepted: Option<String>,
    /// What to do about it.
    pub fix: Option<String>,
    /// A whole body that replaces the envelope, for the routes where
    /// Backstage answers `{errors: [...]}`.
    pub body: Option<serde_json::Value>,
    /// Why access was refused, for programs; see [`crate::decision`].
    pub decision: Option<Box<serde_json::Value>>,
    /// For the log only.
    pub internal: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $function:ident = $status:ident, $name:literal;)*) => {
        $($(#[$doc])* pub fn $function(message: impl Into<String>) -> Self {
            Self::new(StatusCode::$status, $name, message)
        })*
    };
}

impl ApiError {
    /// An error with a status and a Backstage error name.
    pub fn new(status: StatusCode, name: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            name,
            message: message.into(),
            accepted: None,
            fix: None,
            body: None,
            decision: None,
            internal: None,
        }
    }

    constructors! {
        /// 400: the request is malformed.
        input = BAD_REQUEST, "InputError";
        /// 401: nobody is signed in, or the credentials are not valid.
        unauthenticated = UNAUTHORIZED, "AuthenticationError";
        /// 403: known, but not allowed.
        not_allowed = FORBIDDEN, "NotAllowedError";
        /// 404: there is no such thing, or the caller may not know of it.
        not_found = NOT_FOUND, "NotFoundError";
        /// 409: it clashes with what exists.
        conflict = CONFLICT, "ConflictError";
        /// 413: the body is larger than this route reads.
        too_large = PAYLOAD_TOO_LARGE, "PayloadTooLargeError";
        /// 503: something that is needed does not answer; try again.
        unavailable = SERVICE_UNAVAILABLE, "ServiceUnavailableError";
    }

    /// 500. The cause goes to the log; the caller gets a request id to quote.
    pub fn internal(cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        let mut error = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            "Something failed inside Portway",
        );
        error.internal = Some(Arc::new(cause));
        error
    }

    /// Says what would be accepted.
    #[must_use]
    pub fn accepted(mut self, accepted: impl Into<String>) -> Self {
        self.accepted = Some(accepted.into());
        self
    }

    /// Says how to mend it.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Adds why access was refused.
    #[must_use]
    pub fn with_decision(mut self, decision: &crate::decision::Decision) -> Self {
        self.decision = serde_json::to_value(decision).ok().map(Box::new);
        self
    }

    /// Replaces the whole body.
    #[must_use]
    pub fn with_body(mut self, body: serde_json::Value) -> Self {
        self.body = Some(body);
        self
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.message)
    }
}

impl std::error::Error for ApiError {}

impl IntoResponse for ApiError {
    /// Every error leaves through here, so this is where what it quotes is
    /// kept short.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self.shortened());
        response
    }
}

/// The longest text of an error, in characters: whoever sends a megabyte does
/// not get it back.
const LONGEST: usize = 2_000;
/// What is kept of the end of a longer one, because the reason often stands
/// behind the value.
const TAIL: usize = 500;

impl ApiError {
    /// The same with every text at most 2,000 characters and a few words long.
    #[must_use]
    pub(crate) fn shortened(mut self) -> Self {
        shorten(&mut self.message);
        for text in [&mut self.accepted, &mut self.fix].into_iter().flatten() {
            shorten(text);
        }
        if let Some(body) = &mut self.body {
            shorten_all(body);
        }
        self
    }
}

fn shorten_all(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => shorten(text),
        serde_json::Value::Array(list) => list.iter_mut().for_each(shorten_all),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(shorten_all),
        _ => {}
    }
}

fn shorten(text: &mut String) {
    // Bytes are an upper bound, and free to ask for.
    if text.len() <= LONGEST {
        return;
    }
    let count = text.chars().count();
    let Some(left_out) = count.checked_sub(LONGEST).filter(|more| *more > 0) else {
        return;
    };
    let head: String = text.chars().take(LONGEST - TAIL).collect();
    let tail: String = text.chars().skip(count - TAIL).collect();
    *text = format!("{head} … ({left_out} characters left out) … {tail}");
}
