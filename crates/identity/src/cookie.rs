//! The session cookie.

use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};

use crate::secret::Secret;

/// How the cookie is named and guarded, which depends on whether people reach
/// Portway by https.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionCookie {
    secure: bool,
}

impl SessionCookie {
    pub(crate) fn new(base_url: &str) -> Self {
        Self {
            secure: base_url.starts_with("https://"),
        }
    }

    /// `__Host-` makes browsers insist on https, the whole site and this host.
    fn name(self) -> &'static str {
        if self.secure {
            "__Host-portway_session"
        } else {
            "portway_session"
        }
    }

    /// The session id that a request carries. Two different ones are none:
    /// one of them was planted.
    pub(crate) fn read(self, parts: &Parts) -> Option<Secret<String>> {
        self.read_in(&parts.headers)
    }

    /// The same, of headers alone.
    pub(crate) fn read_in(self, headers: &HeaderMap) -> Option<Secret<String>> {
        only(headers, self.name())
    }

    fn form_name(self) -> &'static str {
        if self.secure {
            "__Host-portway_form"
        } else {
            "portway_form"
        }
    }

    /// The value that the tokens of forms are made with.
    pub(crate) fn read_form(self, headers: &HeaderMap) -> Option<Secret<String>> {
        only(headers, self.form_name())
    }

    /// `Set-Cookie` for such a value.
    pub(crate) fn set_form(self, value: &Secret<String>) -> HeaderValue {
        self.named_header(self.form_name(), value.expose(), "")
    }

    /// `Set-Cookie` for a new session. The browser keeps it until it closes;
    /// the limits that count are the server's.
    pub(crate) fn set(self, id: &Secret<String>) -> HeaderValue {
        self.header(id.expose(), "")
    }

    /// `Set-Cookie` that removes the cookie.
    pub(crate) fn clear(self) -> HeaderValue {
        self.header("", "; Max-Age=0")
    }

    fn view_name(self) -> &'static str {
        if self.secure {
            "__Host-portway_view_as"
        } else {
            "portway_view_as"
        }
    }

    /// What a request carries of a view through other eyes.
    pub(crate) fn read_view(self, parts: &Parts) -> Option<Secret<String>> {
        let pairs = parts
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let mut found = pairs.filter(|(name, _)| *name == self.view_name());
        let (_, value) = found.next().filter(|(_, value)| value.len() <= 1024)?;
        Some(Secret::new(value.to_owned()))
    }

    /// `Set-Cookie` for a view; the browser forgets it when it ends.
    pub(crate) fn set_view(
        self,
        value: &Secret<String>,
        lasts: std::time::Duration,
    ) -> HeaderValue {
        let age = format!("; Max-Age={}", lasts.as_secs());
        self.named_header(self.view_name(), value.expose(), &age)
    }

    /// `Set-Cookie` that ends a view.
    pub(crate) fn clear_view(self) -> HeaderValue {
        self.named_header(self.view_name(), "", "; Max-Age=0")
    }

    fn header(self, value: &str, more: &str) -> HeaderValue {
        self.named_header(self.name(), value, more)
    }

    fn named_header(self, name: &str, value: &str, more: &str) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{more}");
        // The alphabet of ids is a header's, so the fallback is never taken.
        let mut header =
            HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""));
        header.set_sensitive(true);
        header
    }
}

/// The value of a cookie. Two different ones are none: one was planted.
fn only(headers: &HeaderMap, wanted: &str) -> Option<Secret<String>> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(name, _)| *name == wanted)
        .map(|(_, value)| value);
    let first = found
        .next()
        .filter(|value| (1..=128).contains(&value.len()))?;
    found
        .all(|other| other == first)
        .then(|| Secret::new(first.to_owned()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn read(base_url: &str, headers: &[&str]) -> Option<String> {
        let mut request = Request::builder().uri("/");
        for header in headers {
            request = request.header(COOKIE, *header);
        }
        let parts = request.body(()).expect("a request").into_parts().0;
        SessionCookie::new(base_url)
            .read(&parts)
            .map(|id| id.expose().clone())
    }

    #[test]
    fn finds_its_own_cookie_among_others() {
        let http = "http://localhost:7007";
        assert_eq!(
            read(http, &["a=1; portway_session=x; b=2"]).as_deref(),
            Some("x")
        );
        assert_eq!(
            read(http, &["a=1", "portway_session=x"]).as_deref(),
            Some("x")
        );
        assert_eq!(read(http, &["xportway_session=x"]), None);
        assert_eq!(read(http, &["portway_session="]), None);
        assert_eq!(read(http, &["portway_session=x; portway_session=y"]), None);
        assert_eq!(
            read("https://portway.example", &["portway_session=x"]),
            None
        );
        assert_eq!(
            read("https://portway.example", &["__Host-portway_session=x"]).as_deref(),
            Some("x")
        );
    }

    #[test]
    fn https_cookies_are_bound_to_the_host() {
        let id = Secret::new("x".to_owned());
        let header = |url: &str| SessionCookie::new(url).set(&id).to_str().map(str::to_owned);
        assert_eq!(
            header("https://portway.example").ok().as_deref(),
            Some("__Host-portway_session=x; Path=/; HttpOnly; SameSite=Lax; Secure")
        );
        assert_eq!(
            header("http://localhost:7007").ok().as_deref(),
            Some("portway_session=x; Path=/; HttpOnly; SameSite=Lax")
        );
    }
}
