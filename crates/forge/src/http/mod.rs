//! The one HTTP client: limits on size, time, redirects and addresses.
//!
//! Every request Portway makes for somebody else's text (a URL in a catalog
//! file, a forge's API, a Git server) goes through [`Client`]. What it may
//! reach is an [`Access`]; the check happens on the URL, again on every
//! redirect, and again on the addresses that the name resolves to, which are
//! the only ones connected to: a name that changes its address between check
//! and use gains nothing.

mod access;
mod address;
mod error;
mod private;
mod resolver;

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;

pub use access::{Access, AllowedHost, Reach};
pub use error::Error;
pub use private::PrivateHost;
pub use resolver::Names;

use resolver::{Resolver, SystemNames};

/// How much a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body, counted after decompression.
    pub body: u64,
    /// Time to connect.
    pub connect: Duration,
    /// Time without a byte arriving.
    pub idle: Duration,
    /// Time for the whole exchange, body included.
    pub total: Duration,
    /// Number of redirects followed.
    pub redirects: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 16 * 1024 * 1024,
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(30),
            total: Duration::from_secs(120),
            redirects: 5,
        }
    }
}

/// What a [`Client`] is made from.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What may be reached.
    pub access: Access,
    /// How much each request may take.
    pub limits: Limits,
    /// Who answers for names; the system's resolver when absent. The address
    /// rules hold for whatever it answers.
    pub names: Option<Arc<dyn Names>>,
}

/// The client. Clones share connections.
#[derive(Clone, Debug)]
pub struct Client {
    inner: reqwest::Client,
    access: Arc<Access>,
    limits: Limits,
}

/// A request. Built by [`Request::get`] and [`Request::post`].
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    secret: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    max_body: Option<u64>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &error::shown(&self.url))
            .finish_non_exhaustive()
    }
}

impl Request {
    /// A GET.
    pub fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    /// A HEAD.
    pub fn head(url: Url) -> Self {
        Self::new(Method::HEAD, url)
    }

    /// A POST with a body of the given media type.
    pub fn post(url: Url, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::carrying(Method::POST, url, media_type, body)
    }

    /// A PUT with a body of the given media type.
    pub fn put(url: Url, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self::carrying(Method::PUT, url, media_type, body)
    }

    fn carrying(
        method: Method,
        url: Url,
        media_type: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let mut request = Self::new(method, url);
        request.headers.insert(
            reqwest::header::CONTENT_TYPE,
            HeaderValue::from_static(media_type),
        );
        request.body = body.into();
        request
    }

    fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            secret: Vec::new(),
            body: Bytes::new(),
            max_body: None,
        }
    }

    /// Adds a header; a name or value that HTTP does not allow is left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(name),
            HeaderValue::try_from(value.trim()),
        ) {
            self.headers.append(name, value);
        }
        self
    }

    /// Adds a header with a credential. It is sent to the origin (scheme,
    /// host and port) of the request's URL only, dropped on redirects to any
    /// other, and never shown in logs.
    #[must_use]
    pub fn secret_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(mut value)) =
            (HeaderName::try_from(name), HeaderValue::try_from(value))
        {
            value.set_sensitive(true);
            self.secret.push((name, value));
        }
        self
    }

    /// Sets another limit on the body than the client's.
    #[must_use]
    pub fn max_body(mut self, bytes: u64) -> Self {
        self.max_body = Some(bytes);
        self
    }

    /// Replaces the body.
    #[must_use]
    pub(crate) fn with_body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    /// The URL that will be asked.
    pub fn url(&self) -> &Url {
        &self.url
    }
}

/// A complete answer, whatever its status.
#[derive(Clone, Debug)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Where the answer came from, after redirects.
    pub url: Url,
    /// Whether a permanent redirect (301 or 308) led there.
    pub moved: bool,
    /// The body, within the limit.
    pub body: Bytes,
    headers: HeaderMap,
}

impl Response {
    /// The first header of this name, when it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }
}

/// An answer whose body has not been read yet.
pub(crate) struct Streaming {
    pub(crate) status: u16,
    pub(crate) url: Url,
    pub(crate) moved: bool,
    pub(crate) headers: HeaderMap,
    inner: reqwest::Response,
}

impl Streaming {
    /// The next piece of the body, `None` at its end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Error> {
        self.inner
            .chunk()
            .await
            .map_err(|error| Error::from_body(&self.url, &error))
    }
}

impl Client {
    /// Builds a client. The process must have installed rustls' crypto
    /// provider before (the binary does it in `main`).
    pub fn new(options: Options) -> Result<Self, Error> {
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(Error::NoTls(
                "no rustls crypto provider is installed in this process".to_owned(),
            ));
        }
        let access = Arc::new(options.access);
        let limits = options.limits;
        let names = options.names.unwrap_or_else(|| Arc::new(SystemNames));
        let resolver = Resolver::new(Arc::clone(&access), names);
        let inner = reqwest::Client::builder()
            .user_agent(concat!("portway/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(resolver))
            // A proxy would resolve names on our behalf, past the check.
            .no_proxy()
            .connect_timeout(limits.connect)
            .read_timeout(limits.idle)
            .build()
            .map_err(|error| Error::NoTls(error::chain(&error)))?;
        Ok(Self {
            inner,
            access,
            limits,
        })
    }

    /// What this client may reach.
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// Sends the request, follows redirects and reads the body.
    ///
    /// # Errors
    /// Only what happened below HTTP and what a limit or a rule refused; an
    /// answer of any status is `Ok`.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let limit = request.max_body.unwrap_or(self.limits.body);
        let url = request.url.clone();
        let exchange = async {
            let head = request.method == Method::HEAD;
            let mut answer = self.follow(request).await?;
            let mut body = BytesMut::new();
            if let Some(length) = answer.inner.content_length().filter(|_| !head)
                && length > limit
            {
                return Err(Error::TooLarge {
                    url: error::shown(&answer.url),
                    limit,
                });
            }
            while let Some(chunk) = answer.chunk().await? {
                if (body.len() as u64).saturating_add(chunk.len() as u64) > limit {
                    return Err(Error::TooLarge {
                        url: error::shown(&answer.url),
                        limit,
                    });
                }
                body.extend_from_slice(&chunk);
            }
            Ok(Response {
                status: answer.status,
                url: answer.url,
                moved: answer.moved,
                body: body.freeze(),
                headers: answer.headers,
            })
        };
        tokio::time::timeout(self.limits.total, exchange)
            .await
            .unwrap_or_else(|_| {
                Err(Error::Timeout {
                    url: error::shown(&url),
                    seconds: self.limits.total.as_secs_f32(),
                })
            })
    }

    /// Sends the request and follows redirects; the body is left unread. Only
    /// the connect and idle limits hold; the caller bounds size and time.
    pub(crate) async fn follow(&self, request: Request) -> Result<Streaming, Error> {
        let origin = request.url.origin();
        let mut url = request.url;
        let mut method = request.method;
        let mut body = request.body;
        let mut moved = false;
        for _ in 0..=self.limits.redirects {
            self.access.check(&url)?;
            let mut call = self
                .inner
                .request(method.clone(), url.clone())
                .headers(request.headers.clone())
                .body(body.clone());
            if url.origin() == origin {
                for (name, value) in &request.secret {
                    call = call.header(name, value);
                }
            }
            let answer = call
                .send()
                .await
                .map_err(|error| Error::from_send(&url, &error))?;
            let status = answer.status();
            let Some(next) = redirect_target(&answer, &url)? else {
                return Ok(Streaming {
                    status: status.as_u16(),
                    headers: answer.headers().clone(),
                    url,
                    moved,
                    inner: answer,
                });
            };
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(Error::Downgrade {
                    from: error::shown(&url),
                    to: error::shown(&next),
                });
            }
            moved |= matches!(
                status,
                StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT
            );
            if keeps_no_method(status) && method != Method::HEAD {
                method = Method::GET;
                body = Bytes::new();
            }
            // 307 and 308 keep the body, which may hold a client's secret.
            if !body.is_empty() && next.origin() != url.origin() {
                return Err(Error::BodyElsewhere {
                    from: error::shown(&url),
                    to: error::shown(&next),
                });
            }
            url = next;
        }
        Err(Error::Redirects {
            url: error::shown(&url),
            limit: self.limits.redirects,
        })
    }
}

/// 301, 302 and 303 turn a POST into a GET, as browsers do.
fn keeps_no_method(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER
    )
}

fn redirect_target(answer: &reqwest::Response, from: &Url) -> Result<Option<Url>, Error> {
    let follows = matches!(
        answer.status(),
        StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::SEE_OTHER
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT
    );
    if !follows {
        return Ok(None);
    }
    let Some(location) = answer.headers().get(reqwest::header::LOCATION) else {
        return Ok(None);
    };
    let target = location
        .to_str()
        .ok()
        .and_then(|text| from.join(text).ok())
        .ok_or_else(|| Error::BadRedirect {
            url: error::shown(from),
        })?;
    Ok(Some(target))
}
