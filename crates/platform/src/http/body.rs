//! A request's body that keeps to its limits while it is read, whoever reads
//! it.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use futures_util::FutureExt as _;
use http_body::{Frame, SizeHint};
use http_body_util::LengthLimitError;
use tokio::time::Sleep;

use crate::error::ApiError;

/// What a body broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It is longer than this many bytes.
    TooLarge(usize),
    /// It did not arrive within this time.
    TooSlow(Duration),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "the body is larger than {}", size(*limit)),
            Self::TooSlow(limit) => {
                write!(f, "the body did not arrive within {} s", limit.as_secs())
            }
        }
    }
}

impl std::error::Error for Broken {}

/// Says what is wrong with a body that could not be read.
pub fn body_error(error: &axum::Error) -> ApiError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        match current.downcast_ref::<Broken>() {
            Some(Broken::TooLarge(limit)) => return too_large(*limit),
            Some(Broken::TooSlow(limit)) => return too_slow(*limit),
            None if current.is::<LengthLimitError>() => {
                return ApiError::too_large("The request's body is too large");
            }
            None => cause = current.source(),
        }
    }
    ApiError::input("The request's body did not arrive as a whole").fix("send the request again")
}

fn too_slow(limit: Duration) -> ApiError {
    let seconds = limit.as_secs_f32();
    ApiError::new(
        StatusCode::REQUEST_TIMEOUT,
        "RequestTimeoutError",
        format!("The request's body did not arrive within {seconds} seconds"),
    )
    .accepted("a body that is sent without a break")
    .fix("send it again; on a slow line raise `backend.limits.bodyTimeout`")
}

/// The refusal of a body that is too large.
pub(super) fn too_large(limit: usize) -> ApiError {
    let limit = size(limit);
    ApiError::too_large(format!("The request's body is larger than {limit}"))
        .accepted(format!("at most {limit}"))
        .fix("send less at a time, or raise `backend.limits`")
}

fn size(bytes: usize) -> String {
    match bytes {
        _ if bytes >= 1 << 20 && bytes.is_multiple_of(1 << 20) => format!("{} MiB", bytes >> 20),
        _ if bytes >= 1 << 10 && bytes.is_multiple_of(1 << 10) => format!("{} KiB", bytes >> 10),
        _ => format!("{bytes} bytes"),
    }
}

/// A body that ends with an error when it breaks a limit.
pub(super) struct Bounded {
    inner: Body,
    limit: usize,
    seen: usize,
    time: Duration,
    /// Runs from the first time that somebody waits for a piece.
    deadline: Option<Pin<Box<Sleep>>>,
}

impl Bounded {
    /// At most `limit` bytes within `time`. A body that has ended already
    /// needs no guard.
    pub(super) fn body(inner: Body, limit: usize, time: Duration) -> Body {
        if inner.is_end_stream() {
            return inner;
        }
        Body::new(Self {
            inner,
            limit,
            seen: 0,
            time,
            deadline: None,
        })
    }
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        match Pin::new(&mut this.inner).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.seen = this.seen.saturating_add(length);
                if this.seen > this.limit {
                    let broken = Broken::TooLarge(this.limit);
                    return Poll::Ready(Some(Err(axum::Error::new(broken))));
                }
                // A body that always has a piece ready must still end in time.
                if this.waited_too_long(context) {
                    let broken = Broken::TooSlow(this.time);
                    return Poll::Ready(Some(Err(axum::Error::new(broken))));
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(end) => Poll::Ready(end),
            Poll::Pending => {
                let time = this.time;
                this.deadline
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(time)));
                if this.waited_too_long(context) {
                    let broken = Broken::TooSlow(this.time);
                    return Poll::Ready(Some(Err(axum::Error::new(broken))));
                }
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Bounded {
    fn waited_too_long(&mut self, context: &mut Context<'_>) -> bool {
        self.deadline
            .as_mut()
            .is_some_and(|deadline| deadline.poll_unpin(context).is_ready())
    }
}
