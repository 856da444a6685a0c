//! What has worked, said on the next page: a form answers with a redirect, and
//! the page after it shows the message once.

use axum::http::header::{LOCATION, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use url::form_urlencoded;

use crate::preferences::cookie;
use crate::query::is_local;

const COOKIE: &str = "portway_toast";
/// The page's script takes the cookie away once it is shown; without script it
/// ends by itself.
const SECONDS: u32 = 12;
/// Longer texts belong on a page.
const MAX_CHARS: usize = 300;

/// A short message that something has worked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toast {
    /// What has been done: `v3.2.4 is back in prod.`
    pub text: String,
    /// Where its result is: text and address of this site.
    pub link: Option<(String, String)>,
}

impl Toast {
    /// A message without link.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            link: None,
        }
    }

    /// Sets the link to the result.
    #[must_use]
    pub fn link(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.link = Some((text.into(), href.into()));
        self
    }

    /// 303 to a page of this site, which shows the message. Another target
    /// than a path of this site becomes `/`.
    pub fn redirect(&self, to: &str) -> Response {
        let to = if is_local(to) { to } else { "/" };
        let mut response = StatusCode::SEE_OTHER.into_response();
        let headers = response.headers_mut();
        if let Ok(target) = HeaderValue::from_str(to) {
            headers.insert(LOCATION, target);
        }
        let cut: String = self.text.chars().take(MAX_CHARS).collect();
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("t", &cut);
        if let Some((text, href)) = &self.link {
            let text: String = text.chars().take(MAX_CHARS).collect();
            pairs.append_pair("l", &text).append_pair("h", href);
        }
        let cookie = format!(
            "{COOKIE}={}; Path=/; Max-Age={SECONDS}; SameSite=Lax",
            pairs.finish()
        );
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            headers.append(SET_COOKIE, cookie);
        }
        response
    }

    /// The message that a request brings along.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let value = cookie(headers, COOKIE)?;
        let pairs: Vec<_> = form_urlencoded::parse(value.as_bytes()).take(3).collect();
        let get = |name: &str| {
            let mut pairs = pairs.iter();
            let (_, value) = pairs.find(|(key, _)| key == name)?;
            Some(value.chars().take(2 * MAX_CHARS).collect::<String>())
        };
        let text = get("t").filter(|text| !text.is_empty())?;
        let link = get("l").zip(get("h").filter(|href| is_local(href)));
        Some(Self { text, link })
    }
}
