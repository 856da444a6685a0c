//! What may be reached.

use std::net::IpAddr;

use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use url::{Host, Url};

use super::address::{Class, class};
use super::error::{Error, Refused, host, shown};
use super::private::PrivateHost;

/// Whether hosts that are not on the list may be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Listed hosts only: Backstage's rule for reading.
    #[default]
    Listed,
    /// Listed hosts, and every other that has a public address.
    Public,
}

/// A host that may be read: an entry of `backend.reading.allow`, or the host
/// of an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedHost {
    /// `example.com`, `example.com:8080` or `*.example.com`.
    pub host: String,
    /// Paths that may be read; empty means all. `/a` allows `/a` and
    /// everything below it, `/a/` only what is below.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Whether the host may have an address of a private network or of this
    /// machine. True for hosts that a person wrote down; false for the public
    /// hosts that are known without configuration.
    #[serde(skip, default = "yes")]
    pub inner_network: bool,
}

fn yes() -> bool {
    true
}

impl AllowedHost {
    /// A host that a person listed: all paths, any network.
    pub fn listed(host: &str) -> Self {
        Self {
            host: host.to_ascii_lowercase(),
            paths: Vec::new(),
            inner_network: true,
        }
    }

    /// Reads the value of `backend.reading.allow`. Entries that cannot be used
    /// are left out and explained, one text each, starting with the path.
    pub fn from_config(value: &serde_json::Value) -> (Vec<Self>, Vec<String>) {
        let mut hosts = Vec::new();
        let mut problems = Vec::new();
        let entries = match value {
            serde_json::Value::Null => return (hosts, problems),
            serde_json::Value::Array(entries) => entries.as_slice(),
            _ => {
                problems.push(
                    "backend.reading.allow: expected a list of objects with `host`".to_owned(),
                );
                return (hosts, problems);
            }
        };
        for (index, entry) in entries.iter().enumerate() {
            let path = format!("backend.reading.allow[{index}]");
            match serde_json::from_value::<Self>(entry.clone()) {
                Err(error) => problems.push(format!("{path}: {error}")),
                Ok(entry) if !is_host_pattern(&entry.host) => problems.push(format!(
                    "{path}.host: `{}` is not a host; accepted: `example.com`, `example.com:8080`, `*.example.com`",
                    entry.host
                )),
                Ok(entry) if entry.paths.iter().any(|path| !path.starts_with('/')) => {
                    problems.push(format!("{path}.paths: every path starts with `/`"));
                }
                Ok(entry) => hosts.push(Self { host: entry.host.to_ascii_lowercase(), ..entry }),
            }
        }
        (hosts, problems)
    }

    /// A public host that is known without being listed.
    pub fn public(host: &str) -> Self {
        Self {
            inner_network: false,
            ..Self::listed(host)
        }
    }

    /// Whether a URL's host and port are meant.
    fn matches(&self, url: &Url) -> bool {
        let (pattern, port) = split_port(&self.host);
        let default_port = url.port_or_known_default();
        if port.is_some() && port != default_port {
            return false;
        }
        // Without a port in the entry only the scheme's own is meant.
        if port.is_none() && url.port().is_some() {
            return false;
        }
        name_matches(pattern, url.host_str().unwrap_or_default())
    }

    fn allows_path(&self, path: &str) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|allowed| {
                path.strip_prefix(allowed.as_str()).is_some_and(|rest| {
                    allowed.ends_with('/') && !rest.is_empty()
                        || !allowed.ends_with('/') && (rest.is_empty() || rest.starts_with('/'))
                })
            })
    }
}

pub(super) fn is_host_pattern(text: &str) -> bool {
    let (name, _) = split_port(text);
    let name = name.strip_prefix("*.").unwrap_or(name);
    let literal = name.starts_with('[') && name.ends_with(']');
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    !name.is_empty() && (literal || name.chars().all(plain))
}

/// `name`, `name:8080`, `[::1]:8080`.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    match entry.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') || name.ends_with(']') => match port.parse() {
            Ok(port) => (name, Some(port)),
            Err(_) => (entry, None),
        },
        _ => (entry, None),
    }
}

pub(super) fn name_matches(pattern: &str, name: &str) -> bool {
    let pattern = pattern.to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    match pattern.strip_prefix('*') {
        // `*.example.com` means every name below, at a border between labels.
        Some(suffix) => {
            suffix.starts_with('.') && name.len() > suffix.len() && name.ends_with(suffix)
        }
        None => name.trim_end_matches('.') == pattern.trim_end_matches('.'),
    }
}

/// The list, and what to do with everything else.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// Whether unlisted hosts may be read.
    pub reach: Reach,
    /// The listed hosts.
    pub hosts: Vec<AllowedHost>,
    /// What may have a private address beside the listed hosts.
    pub private: Vec<PrivateHost>,
}

impl Access {
    /// Only these hosts.
    pub fn listed(hosts: Vec<AllowedHost>) -> Self {
        Self {
            reach: Reach::Listed,
            hosts,
            private: Vec::new(),
        }
    }

    /// Every public host, and these.
    pub fn public(hosts: Vec<AllowedHost>) -> Self {
        Self {
            reach: Reach::Public,
            hosts,
            private: Vec::new(),
        }
    }

    /// The same, where these may have a private address too.
    #[must_use]
    pub fn with_private(self, private: Vec<PrivateHost>) -> Self {
        Self { private, ..self }
    }

    /// Checks scheme, host, path and (for a literal address) the address.
    /// Names are checked again when they resolve.
    ///
    /// # Errors
    /// Says what is not allowed, what is, and where to allow more.
    pub fn check(&self, url: &Url) -> Result<(), Error> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(Error::BadUrl {
                url: shown(url),
                reason: format!("its scheme is `{}`", url.scheme()),
            });
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::BadUrl {
                url: shown(url),
                reason: "it carries a user or a password".to_owned(),
            });
        }
        let of_host: Vec<&AllowedHost> = self
            .hosts
            .iter()
            .filter(|entry| entry.matches(url))
            .collect();
        if of_host.is_empty() && self.reach == Reach::Listed {
            return Err(self.not_allowed(url, String::new()));
        }
        if of_host.is_empty() && self.names_inner_host(url) {
            return Err(self.not_allowed(url, ": it is listed with another port".to_owned()));
        }
        if !of_host.is_empty() {
            let path = decoded_path(url)?;
            if !of_host.iter().any(|entry| entry.allows_path(&path)) {
                let reason = format!(": the path `{path}` is not below an allowed one");
                return Err(self.not_allowed(url, reason));
            }
        }
        let address = match url.host() {
            Some(Host::Ipv4(v4)) => IpAddr::V4(v4),
            Some(Host::Ipv6(v6)) => IpAddr::V6(v6),
            _ => return Ok(()),
        };
        let inner = of_host.iter().any(|entry| entry.inner_network);
        self.judge(url.host_str().unwrap_or_default(), address, inner, true)
            .map_err(Error::from)
    }

    /// Whether the list lets this name into the inner network, on any port:
    /// the resolver does not know ports, so a wrong one is refused here.
    fn names_inner_host(&self, url: &Url) -> bool {
        let name = url.host_str().unwrap_or_default();
        self.hosts
            .iter()
            .any(|entry| entry.inner_network && name_matches(split_port(&entry.host).0, name))
    }

    /// Checks a host that is not spoken to over HTTP (ssh): its name against
    /// the list whatever the port, and every address it resolves to now. The
    /// program that connects resolves again, so a name that changes in
    /// between is not caught here.
    pub(crate) async fn check_host(&self, host: &str) -> Result<(), Error> {
        let (name, port) = split_port(host);
        let name = name.trim_matches(['[', ']']);
        let listed = self
            .hosts
            .iter()
            .any(|entry| name_matches(split_port(&entry.host).0, name) && entry.paths.is_empty());
        if !listed && self.reach == Reach::Listed {
            let url = Url::parse(&format!("https://{host}/"));
            return match url {
                Ok(url) => Err(self.not_allowed(&url, String::new())),
                Err(error) => Err(Error::Connect {
                    host: host.to_owned(),
                    cause: error.to_string(),
                }),
            };
        }
        let addresses = tokio::net::lookup_host((name, port.unwrap_or(22)))
            .await
            .map_err(|error| Error::Connect {
                host: host.to_owned(),
                cause: error.to_string(),
            })?;
        for address in addresses {
            self.check_address(name, address.ip())?;
        }
        Ok(())
    }

    /// Checks an address that `name` resolved to.
    pub(super) fn check_address(&self, name: &str, address: IpAddr) -> Result<(), Refused> {
        let inner = self
            .hosts
            .iter()
            .any(|entry| entry.inner_network && name_matches(split_port(&entry.host).0, name));
        self.judge(name, address, inner, false)
    }

    fn judge(
        &self,
        name: &str,
        address: IpAddr,
        inner: bool,
        literal: bool,
    ) -> Result<(), Refused> {
        let private = |host: &PrivateHost| host.allows(name, address);
        judge(name, address, inner, literal).or_else(|refused| {
            let never = class(address) == Class::Reserved;
            match !never && self.private.iter().any(private) {
                true => Ok(()),
                false => Err(refused),
            }
        })
    }

    fn not_allowed(&self, url: &Url, path: String) -> Error {
        let mut allowed: Vec<String> = self
            .hosts
            .iter()
            .map(|entry| match entry.paths.as_slice() {
                [] => format!("`{}`", entry.host),
                paths => format!("`{}` ({})", entry.host, paths.join(", ")),
            })
            .collect();
        if allowed.len() > 8 {
            let more = allowed.len() - 8;
            allowed.truncate(8);
            allowed.push(format!("and {more} more"));
        }
        Error::NotAllowed {
            host: host(url),
            path,
            allowed: if allowed.is_empty() {
                "nothing".to_owned()
            } else {
                allowed.join(", ")
            },
        }
    }
}

fn judge(host: &str, address: IpAddr, inner: bool, literal: bool) -> Result<(), Refused> {
    let class = class(address);
    let refused = match class {
        Class::Public => false,
        Class::Loopback | Class::Private => !inner,
        // A listed *name* must not lead to a metadata service; only the
        // address itself, written down, may be meant.
        Class::LinkLocal => !(inner && literal),
        Class::Reserved => true,
    };
    if !refused {
        return Ok(());
    }
    Err(Refused {
        host: host.to_owned(),
        address,
        class: class.text(),
        hint: match class {
            Class::LinkLocal => " by its address, not by a name",
            Class::Reserved => "; reserved addresses stay refused even then",
            _ => "",
        },
    })
}

/// The path as servers see it. Encoded steps are refused where paths decide,
/// because some servers decode them after the check.
fn decoded_path(url: &Url) -> Result<String, Error> {
    let path = percent_decode_str(url.path())
        .decode_utf8_lossy()
        .into_owned();
    let hidden = path
        .split(['/', '\\'])
        .any(|segment| matches!(segment, "." | ".."));
    if hidden {
        return Err(Error::BadUrl {
            url: shown(url),
            reason: "its path contains an encoded `..`".to_owned(),
        });
    }
    Ok(path)
}
