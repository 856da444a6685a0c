//! The guest: somebody who has proved nothing but that they sit at the machine
//! Portway runs on.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::header::{HOST, HeaderName};
use axum::http::request::Parts;
use model::entity_ref::EntityRef;

/// Who a guest is taken for.
#[derive(Clone, Debug)]
pub struct GuestSettings {
    /// The user entity, `user:development/guest` unless configured.
    pub user: EntityRef,
    /// What the guest's possessions are counted by.
    pub ownership: Vec<EntityRef>,
}

impl Default for GuestSettings {
    fn default() -> Self {
        let user = EntityRef::new("user", "development", "guest");
        Self {
            ownership: vec![user.clone()],
            user,
        }
    }
}

/// Headers that a proxy adds. A request that carries one was not made by the
/// peer that we see, so being on loopback says nothing about its origin.
const RELAYED: [HeaderName; 5] = [
    HeaderName::from_static("forwarded"),
    HeaderName::from_static("via"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-real-ip"),
];

/// Why a request does not count as made on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remote {
    /// The server can be reached from other machines.
    Listener,
    /// The connection comes from elsewhere, or nobody knows from where.
    Peer,
    /// The name in the address bar is not this machine's: another site's name
    /// that points here (DNS rebinding) would show up like this.
    Host,
    /// A proxy stands between.
    Relayed,
}

impl Remote {
    /// For the person who is refused.
    pub(crate) fn explanation(self) -> &'static str {
        match self {
            Self::Listener => {
                "Guests are admitted only while Portway listens on a loopback address such as 127.0.0.1"
            }
            Self::Peer => "Guests are admitted only from the machine that Portway runs on",
            Self::Host => {
                "Guests are admitted only under the names localhost, 127.0.0.1 and [::1] with Portway's own port"
            }
            Self::Relayed => "Guests are not admitted through a proxy",
        }
    }
}

/// Whether a request was made on this machine, to this machine, by its name.
/// Nothing that a client can write counts as evidence for it: forwarding
/// headers only ever count against.
pub(crate) fn require_local(parts: &Parts, listen: SocketAddr) -> Result<(), Remote> {
    if !listen.ip().to_canonical().is_loopback() {
        return Err(Remote::Listener);
    }
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    if !peer.is_some_and(|peer| peer.to_canonical().is_loopback()) {
        return Err(Remote::Peer);
    }
    if RELAYED.iter().any(|name| parts.headers.contains_key(name)) {
        return Err(Remote::Relayed);
    }
    if !host(parts).is_some_and(|host| names_this_machine(host, listen.port())) {
        return Err(Remote::Host);
    }
    Ok(())
}

/// The host that the client addressed: the request target's authority (HTTP/2
/// and absolute form), else the one `Host` header. `None` when it is missing
/// or contradicts itself.
pub(crate) fn host(parts: &Parts) -> Option<&str> {
    let mut headers = parts.headers.get_all(HOST).iter();
    let header = match (headers.next(), headers.next()) {
        (None, _) => None,
        (Some(header), None) => Some(header.to_str().ok()?),
        (Some(_), Some(_)) => return None,
    };
    match (parts.uri.authority(), header) {
        (Some(target), Some(header)) if !target.as_str().eq_ignore_ascii_case(header) => None,
        (Some(target), _) => Some(target.as_str()),
        (None, header) => header,
    }
}

fn names_this_machine(host: &str, port: u16) -> bool {
    let (name, written) = match host.rsplit_once(':') {
        // The colon inside `[::1]` without a port belongs to the address.
        Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
        _ => (host, Some(80)),
    };
    written == Some(port)
        && (name.eq_ignore_ascii_case("localhost")
            || name
                .strip_prefix('[')
                .and_then(|name| name.strip_suffix(']'))
                .unwrap_or(name)
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback()))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn parts(peer: Option<&str>, headers: &[(&str, &str)]) -> Parts {
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).expect("a request").into_parts();
        if let Some(peer) = peer {
            parts
                .extensions
                .insert(ConnectInfo(peer.parse::<SocketAddr>().expect("an address")));
        }
        parts
    }

    fn check(listen: &str, peer: Option<&str>, headers: &[(&str, &str)]) -> Result<(), Remote> {
        require_local(&parts(peer, headers), listen.parse().expect("an address"))
    }

    #[test]
    fn this_machine_by_its_own_names_is_local() {
        let peer = Some("127.0.0.1:50000");
        for host in [
            "localhost:7007",
            "LOCALHOST:7007",
            "127.0.0.1:7007",
            "[::1]:7007",
        ] {
            assert_eq!(
                check("127.0.0.1:7007", peer, &[("host", host)]),
                Ok(()),
                "{host}"
            );
        }
        assert_eq!(
            check("[::1]:7007", Some("[::1]:50000"), &[("host", "[::1]:7007")]),
            Ok(())
        );
        assert_eq!(
            check("127.0.0.1:80", peer, &[("host", "localhost")]),
            Ok(())
        );
        assert_eq!(
            check(
                "127.0.0.1:7007",
                Some("[::ffff:127.0.0.1]:1"),
                &[("host", "localhost:7007")]
            ),
            Ok(())
        );
    }

    #[test]
    fn foreign_names_are_not_local() {
        for host in [
            "evil.example:7007",
            "localhost.evil.example:7007",
            "localhost",
            "localhost:7008",
            "127.0.0.1.evil.example:7007",
            "10.0.0.1:7007",
            "user@localhost:7007",
            "localhost:7007:7007",
            "",
            "[::1",
        ] {
            assert_eq!(
                check("127.0.0.1:7007", Some("127.0.0.1:1"), &[("host", host)]),
                Err(Remote::Host),
                "{host}"
            );
        }
        assert_eq!(
            check("127.0.0.1:7007", Some("127.0.0.1:1"), &[]),
            Err(Remote::Host)
        );
        let twice = [("host", "localhost:7007"), ("host", "localhost:7007")];
        assert_eq!(
            check("127.0.0.1:7007", Some("127.0.0.1:1"), &twice),
            Err(Remote::Host)
        );
    }

    #[test]
    fn other_machines_are_not_local_whatever_they_claim() {
        let host = ("host", "localhost:7007");
        assert_eq!(
            check("0.0.0.0:7007", Some("127.0.0.1:1"), &[host]),
            Err(Remote::Listener)
        );
        assert_eq!(
            check("127.0.0.1:7007", Some("192.0.2.7:1"), &[host]),
            Err(Remote::Peer)
        );
        assert_eq!(check("127.0.0.1:7007", None, &[host]), Err(Remote::Peer));
        let claim = [host, ("x-forwarded-for", "127.0.0.1")];
        assert_eq!(
            check("127.0.0.1:7007", Some("192.0.2.7:1"), &claim),
            Err(Remote::Peer)
        );
        assert_eq!(
            check("127.0.0.1:7007", Some("127.0.0.1:1"), &claim),
            Err(Remote::Relayed)
        );
    }
}
