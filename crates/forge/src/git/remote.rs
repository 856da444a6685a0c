//! Where a repository is.

use std::path::{Path, PathBuf};

use url::Url;

use super::error::Error;

/// The address of a repository.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Remote {
    /// A directory of this machine (a work tree or a bare repository), read
    /// in place.
    Local(PathBuf),
    /// Smart HTTP.
    Http(Url),
    /// The system's `ssh` program.
    Ssh {
        /// Host with port.
        host: String,
        /// `ssh://[user@]host[:port]/path`.
        url: String,
    },
}

impl Remote {
    /// Reads a path, a `file://`, `https://`, `http://` or `ssh://` URL, or
    /// the short form `user@host:path`.
    ///
    /// # Errors
    /// Other schemes (`git://` is not authenticated, `ext::` runs programs),
    /// credentials inside the URL, hosts that a program would take for an
    /// option.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::BadRemote {
            remote: without_credentials(text),
            reason: reason.to_owned(),
        };
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(bad("it is empty or contains control characters"));
        }
        if text.contains("::") && !text.contains("://") {
            return Err(bad("remote helpers (`name::address`) are not used"));
        }
        let Some((scheme, _)) = text.split_once("://") else {
            return match short_ssh(text) {
                Some((user_host, path)) => Self::ssh(&format!(
                    "ssh://{user_host}/{}",
                    path.trim_start_matches('/')
                )),
                None => Ok(Self::Local(PathBuf::from(text))),
            };
        };
        match scheme {
            "file" => {
                let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
                match url.host_str() {
                    None | Some("" | "localhost") => {}
                    Some(_) => return Err(bad("a `file` URL has three slashes and no host")),
                }
                let path = url
                    .to_file_path()
                    .map_err(|()| bad("it is not a path of this machine"))?;
                Ok(Self::Local(path))
            }
            "https" | "http" => {
                let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
                if !url.username().is_empty() || url.password().is_some() {
                    return Err(bad(
                        "it carries a user or a token; put the token into `integrations`",
                    ));
                }
                if url.host_str().is_none() || url.path().trim_matches('/').is_empty() {
                    return Err(bad("it names no repository"));
                }
                Ok(Self::Http(url))
            }
            "ssh" | "git+ssh" | "ssh+git" => Self::ssh(text),
            "git" => Err(bad(
                "`git://` is neither encrypted nor authenticated; use `https://` or `ssh://`",
            )),
            _ => Err(bad(
                "accepted are a path, `file://`, `https://`, `ssh://` and `user@host:path`",
            )),
        }
    }

    fn ssh(text: &str) -> Result<Self, Error> {
        let bad = |reason: &str| Error::BadRemote {
            remote: without_credentials(text),
            reason: reason.to_owned(),
        };
        let url = Url::parse(text).map_err(|error| bad(&error.to_string()))?;
        if url.password().is_some() {
            return Err(bad("it carries a password; ssh uses keys"));
        }
        let host = url.host_str().unwrap_or_default();
        let dangerous = |part: &str| {
            part.starts_with('-') || part.starts_with("%2d") || part.starts_with("%2D")
        };
        let plain = |part: &str| {
            part.chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-[]:".contains(c))
        };
        if host.is_empty() || dangerous(host) || !plain(host) {
            return Err(bad("its host is not a host name"));
        }
        if dangerous(url.username()) || !plain(url.username()) {
            return Err(bad("its user is not a user name"));
        }
        if url.path().trim_matches('/').is_empty() || url.path().starts_with("/-") {
            return Err(bad("it names no repository"));
        }
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let user = match url.username() {
            "" => String::new(),
            user => format!("{user}@"),
        };
        Ok(Self::Ssh {
            host: format!("{host}{port}"),
            url: format!("ssh://{user}{host}{port}{}", url.path()),
        })
    }

    /// The address as it may be shown and stored: it never holds a credential.
    pub fn shown(&self) -> String {
        match self {
            Self::Local(path) => path.display().to_string(),
            Self::Http(url) => url.to_string(),
            Self::Ssh { url, .. } => url.clone(),
        }
    }

    /// The directory of a local repository.
    pub fn local_path(&self) -> Option<&Path> {
        match self {
            Self::Local(path) => Some(path),
            Self::Http(_) | Self::Ssh { .. } => None,
        }
    }
}

/// `user@host:path`: a colon before the first slash, as Git decides it.
fn short_ssh(text: &str) -> Option<(&str, &str)> {
    let (host, path) = text.split_once(':')?;
    let is_path = host.contains('/') || host.len() < 2 || path.is_empty() || text.starts_with('.');
    (!is_path).then_some((host, path))
}

/// Cuts `user:password@` out of a text that may not even be a URL.
fn without_credentials(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.chars().take(300).collect();
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{host}{path}")
        .chars()
        .take(300)
        .collect()
}
