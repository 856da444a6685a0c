//! What can go wrong below HTTP, said so that somebody can act on it.

use std::net::IpAddr;

use url::Url;

/// A request that was refused or got no complete answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The host (or the path on it) is not on the list.
    #[error(
        "reading from `{host}` is not allowed{path}. Allowed: {allowed}. Add an `integrations` entry for the host, or `backend.reading.allow: [{{ host: '{host}' }}]`"
    )]
    NotAllowed {
        /// Host with port.
        host: String,
        /// `` or `: the path … is not below an allowed one`.
        path: String,
        /// What is on the list.
        allowed: String,
    },
    /// The host is, or resolves to, an address that is not public.
    #[error(
        "`{host}` is {address}, {class}; such addresses are refused. If this host is meant, add it to `backend.reading.allow`, `integrations` or `backend.outgoing.allowPrivate`{hint}"
    )]
    Forbidden {
        /// Host as in the URL.
        host: String,
        /// The address.
        address: IpAddr,
        /// What the address is.
        class: &'static str,
        /// A further condition, or nothing.
        hint: &'static str,
    },
    /// Neither `https` nor `http`, or credentials inside the URL.
    #[error(
        "`{url}` cannot be read: {reason}. Accepted: an `https://` or `http://` URL without user and password"
    )]
    BadUrl {
        /// The URL without credentials.
        url: String,
        /// What is wrong.
        reason: String,
    },
    /// The body is longer than the limit.
    #[error(
        "`{url}` answered with more than {limit} bytes, which is the limit; nothing of it was used"
    )]
    TooLarge {
        /// The URL.
        url: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// No (complete) answer in time.
    #[error("`{url}` did not finish within {seconds} s; it is tried again later")]
    Timeout {
        /// The URL.
        url: String,
        /// How long was waited.
        seconds: f32,
    },
    /// More redirects than the limit.
    #[error("`{url}` was reached after more than {limit} redirects; give the final URL")]
    Redirects {
        /// The last URL.
        url: String,
        /// How many are followed.
        limit: u8,
    },
    /// A redirect without a usable target.
    #[error("`{url}` redirects to something that is not a URL")]
    BadRedirect {
        /// The URL that redirected.
        url: String,
    },
    /// A redirect from `https` to `http`.
    #[error("`{from}` redirects to `{to}`, which is not encrypted; give an `https` URL")]
    Downgrade {
        /// The URL that redirected.
        from: String,
        /// Its target.
        to: String,
    },
    /// A redirect that would hand a body, and what is secret in it, to somebody
    /// else.
    #[error(
        "`{from}` redirects what was sent to `{to}`, which is another origin; nothing was sent there. Give the final URL"
    )]
    BodyElsewhere {
        /// The URL that redirected.
        from: String,
        /// Its target.
        to: String,
    },
    /// The name does not resolve, nothing listens, or TLS failed.
    #[error(
        "could not connect to `{host}`: {cause}. Check the name, the port and whether this machine may reach it"
    )]
    Connect {
        /// Host with port.
        host: String,
        /// The causes, outermost first.
        cause: String,
    },
    /// The connection ended before the answer did.
    #[error("`{url}` ended in the middle of its answer: {cause}; nothing of it was used")]
    CutOff {
        /// The URL.
        url: String,
        /// The causes, outermost first.
        cause: String,
    },
    /// The client could not be built.
    #[error("the HTTP client could not be built: {0}")]
    NoTls(String),
}

/// An address that the resolver refused; travels inside reqwest's error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{host} resolves to {address}, {class}")]
pub(super) struct Refused {
    pub(super) host: String,
    pub(super) address: IpAddr,
    pub(super) class: &'static str,
    pub(super) hint: &'static str,
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        Self::Forbidden {
            host: refused.host,
            address: refused.address,
            class: refused.class,
            hint: refused.hint,
        }
    }
}

impl Error {
    /// Whether trying the same again later can help: the network failed, and
    /// no rule was broken.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Timeout { .. } | Self::Connect { .. } | Self::CutOff { .. }
        )
    }

    pub(super) fn from_send(url: &Url, error: &reqwest::Error) -> Self {
        if let Some(refused) = refused(error) {
            return refused.clone().into();
        }
        if error.is_timeout() && !error.is_connect() {
            return Self::CutOff {
                url: shown(url),
                cause: "no byte arrived for too long".to_owned(),
            };
        }
        if error.is_connect() {
            return Self::Connect {
                host: host(url),
                cause: chain(error),
            };
        }
        Self::CutOff {
            url: shown(url),
            cause: chain(error),
        }
    }

    pub(super) fn from_body(url: &Url, error: &reqwest::Error) -> Self {
        Self::CutOff {
            url: shown(url),
            cause: if error.is_timeout() {
                "no byte arrived for too long".to_owned()
            } else {
                chain(error)
            },
        }
    }
}

fn refused(error: &reqwest::Error) -> Option<&Refused> {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(current) = cause {
        if let Some(refused) = current.downcast_ref::<Refused>() {
            return Some(refused);
        }
        cause = current.source();
    }
    None
}

/// Host with port, in lower case.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The URL without user, password, query and fragment: tokens travel there.
pub(crate) fn shown(url: &Url) -> String {
    let mut shown = url.clone();
    // Fails only for URLs that cannot have them.
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    shown.set_query(None);
    shown.set_fragment(None);
    shown.to_string()
}

/// An error and its causes in one line, without the URL that reqwest puts
/// into the outermost one.
pub(super) fn chain(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(current) = cause {
        let text = current.to_string();
        if texts.last() != Some(&text) {
            texts.push(text);
        }
        cause = current.source();
    }
    if texts.is_empty() {
        return "the exchange failed".to_owned();
    }
    texts.join(": ")
}
