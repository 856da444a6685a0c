//! Whether a change was asked for by our own pages.
//!
//! A browser sends the session cookie along whoever wrote the page, so a
//! request that changes something and is recognised by its cookie must prove
//! its origin: by `Sec-Fetch-Site`, which pages cannot set, else by an `Origin`
//! that names our own host. With neither it is refused (every browser of the
//! last years sends at least one of them; for the others the server proves the
//! form by its token first, see [`crate::FormToken`]). Requests with a token in
//! `Authorization` need no proof, since no browser adds that by itself.

use axum::http::header::ORIGIN;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use platform::ApiError;

use crate::guest::host;

/// Refuses a change that another site could have caused.
///
/// # Errors
/// 403 with the reason.
pub fn require_same_origin(parts: &Parts) -> Result<(), ApiError> {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let reason = match parts
        .headers
        .get("sec-fetch-site")
        .map(HeaderValue::as_bytes)
    {
        Some(b"same-origin") => return Ok(()),
        Some(_) => "The request comes from another site",
        None => match parts.headers.get(ORIGIN) {
            Some(origin) if is_own(origin, parts) => return Ok(()),
            Some(_) => "The request comes from another site",
            None => "The request does not say which site it comes from",
        },
    };
    Err(ApiError::not_allowed(reason)
        .accepted(
            "a request from Portway's own pages (Sec-Fetch-Site: same-origin), or one with a token",
        )
        .fix("programs send `Authorization: Bearer <token>` instead of the session cookie"))
}

fn is_own(origin: &HeaderValue, parts: &Parts) -> bool {
    let authority = origin.to_str().ok().and_then(|origin| {
        origin
            .strip_prefix("http://")
            .or_else(|| origin.strip_prefix("https://"))
    });
    authority.is_some() && authority == host(parts)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn allowed(method: &str, headers: &[(&str, &str)]) -> bool {
        let mut request = Request::builder()
            .method(method)
            .uri("/x")
            .header("host", "localhost:7007");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        require_same_origin(&request.body(()).expect("a request").into_parts().0).is_ok()
    }

    #[test]
    fn looking_needs_no_proof() {
        assert!(allowed("GET", &[("sec-fetch-site", "cross-site")]));
        assert!(allowed("HEAD", &[]));
    }

    #[test]
    fn changing_needs_proof_of_origin() {
        for method in ["POST", "PUT", "PATCH", "DELETE", "PURGE"] {
            assert!(
                allowed(method, &[("sec-fetch-site", "same-origin")]),
                "{method}"
            );
            assert!(
                allowed(method, &[("origin", "http://localhost:7007")]),
                "{method}"
            );
            assert!(!allowed(method, &[]), "{method}");
            assert!(
                !allowed(method, &[("sec-fetch-site", "cross-site")]),
                "{method}"
            );
            assert!(
                !allowed(method, &[("sec-fetch-site", "same-site")]),
                "{method}"
            );
            assert!(!allowed(method, &[("sec-fetch-site", "none")]), "{method}");
            assert!(!allowed(method, &[("origin", "null")]), "{method}");
            assert!(
                !allowed(method, &[("origin", "http://localhost:7008")]),
                "{method}"
            );
            assert!(
                !allowed(method, &[("origin", "http://localhost:7007.evil.example")]),
                "{method}"
            );
        }
    }

    #[test]
    fn the_origin_does_not_outvote_the_browser() {
        assert!(!allowed(
            "POST",
            &[
                ("sec-fetch-site", "cross-site"),
                ("origin", "http://localhost:7007")
            ]
        ));
    }
}
