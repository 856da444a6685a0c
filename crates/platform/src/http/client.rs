//! Where a request comes from: the peer of its connection, or, behind proxies
//! that are trusted, the address that they saw.
//!
//! Only `X-Forwarded-For` counts, and only the part of it that trusted proxies
//! have written: it is read from its right end, hop by hop, until an address
//! that is no trusted proxy. Whatever a client writes itself stands further
//! left and is never reached. `Forwarded` is not read: a proxy that appends to
//! the one header passes the other through as the client wrote it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Extensions, HeaderMap};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use model::diagnostic::Diagnostic;

use crate::config::Config;

const KEY: &str = "backend.trustedProxies";
const FORWARDED_FOR: &str = "x-forwarded-for";
/// Hops that are looked at; no real chain of proxies is as long.
const MOST_HOPS: usize = 32;

/// Where a request comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress {
    peer: IpAddr,
    address: IpAddr,
}

impl ClientAddress {
    /// The other end of the connection: the client, or the last proxy.
    pub fn peer(self) -> IpAddr {
        self.peer
    }

    /// The client, as far as trusted proxies say it; else the peer. IPv4
    /// addresses are never written as IPv6 ones.
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// What counts as one client where addresses are counted: an IPv4 address,
    /// or the 64 bits of an IPv6 address that a subscriber gets at least.
    pub fn network(self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
            }
        }
    }
}

impl From<IpAddr> for ClientAddress {
    /// A client that is connected without a proxy.
    fn from(peer: IpAddr) -> Self {
        let peer = peer.to_canonical();
        Self {
            peer,
            address: peer,
        }
    }
}

/// The proxies whose `X-Forwarded-For` is believed: `backend.trustedProxies`.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Arc<[IpNet]>);

impl TrustedProxies {
    /// Reads `backend.trustedProxies`: a list of addresses, of networks such as
    /// `10.0.0.0/8`, and of the names `loopback`, `linklocal` and `uniquelocal`
    /// that Express has for them.
    ///
    /// # Errors
    /// An entry that is none of these, with its place.
    pub fn from_config(config: &Config) -> Result<Self, Diagnostic> {
        let entries: Vec<String> = config.section(KEY)?.unwrap_or_default();
        let mut networks = Vec::new();
        for (index, entry) in entries.iter().enumerate() {
            let named = NAMED.iter().find(|(name, _)| name == entry);
            let texts = named.map_or(
                std::slice::from_ref(&entry.as_str()).to_vec(),
                |(_, list)| list.to_vec(),
            );
            for text in texts {
                networks.push(network(text).ok_or_else(|| {
                    let path = format!("{KEY}[{index}]");
                    config.root().refuse(
                        &path,
                        format!("`{path}` is {entry:?}, which is neither an address nor a network"),
                        "an address such as 10.0.0.5, a network such as 10.0.0.0/8 or fd00::/8, or loopback, linklocal or uniquelocal",
                    )
                })?);
            }
        }
        Ok(Self(networks.into()))
    }

    /// Whether nobody is trusted, which is the default.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is a trusted proxy.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// Where a request with these headers comes from.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = ClientAddress::from(peer);
        if !self.contains(client.peer) {
            return client;
        }
        let hops = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .rev()
            .flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','))
            .take(MOST_HOPS);
        for hop in hops {
            // A hop that nobody can read says nothing; what stands left of it
            // was handed on by something unknown.
            let hop = std::str::from_utf8(hop).ok();
            let Some(address) = hop.and_then(|hop| hop_address(hop.trim())) else {
                break;
            };
            client.address = address;
            if !self.contains(address) {
                break;
            }
        }
        client
    }
}

const NAMED: [(&str, &[&str]); 3] = [
    ("loopback", &["127.0.0.0/8", "::1/128"]),
    ("linklocal", &["169.254.0.0/16", "fe80::/10"]),
    (
        "uniquelocal",
        &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
    ),
];

/// A network such as `10.0.0.0/8`, or a single address.
pub fn network(text: &str) -> Option<IpNet> {
    text.parse()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// `192.0.2.7`, `192.0.2.7:50000`, `2001:db8::1` or `[2001:db8::1]:50000`.
fn hop_address(hop: &str) -> Option<IpAddr> {
    let bare = hop
        .strip_prefix('[')
        .and_then(|hop| hop.strip_suffix(']'))
        .unwrap_or(hop);
    bare.parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
        .map(|address| address.to_canonical())
}

/// Where the request with these extensions comes from: what [`note_client`]
/// found, else the peer of the connection. `None` where nobody knows, as in a
/// test without a connection.
pub fn client_address(extensions: &Extensions) -> Option<ClientAddress> {
    extensions.get::<ClientAddress>().copied().or_else(|| {
        extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| ClientAddress::from(info.0.ip()))
    })
}

/// Middleware outside of everything that asks for [`client_address`].
pub async fn note_client(
    State(proxies): State<TrustedProxies>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    if let Some(peer) = peer.map(|info| info.0.ip()) {
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(client);
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(trusted: &[&str], peer: &str, headers: &[&str]) -> String {
        let config = Config::from_json(json!({ "backend": { "trustedProxies": trusted } }));
        let proxies = TrustedProxies::from_config(&config).expect("networks");
        let mut map = HeaderMap::new();
        for header in headers {
            let bytes: Vec<u8> = header
                .chars()
                .map(|c| u8::try_from(c).expect("Latin-1"))
                .collect();
            let value = axum::http::HeaderValue::from_bytes(&bytes).expect("a header");
            map.append(FORWARDED_FOR, value);
        }
        let client = proxies.client(peer.parse().expect("an address"), &map);
        client.address().to_string()
    }

    #[test]
    fn without_a_trusted_proxy_only_the_connection_counts() {
        assert_eq!(found(&[], "192.0.2.7", &["10.0.0.1"]), "192.0.2.7");
        assert_eq!(
            found(&["10.0.0.0/8"], "192.0.2.7", &["1.2.3.4"]),
            "192.0.2.7"
        );
        assert_eq!(found(&[], "::ffff:192.0.2.7", &[]), "192.0.2.7");
    }

    #[test]
    fn what_trusted_proxies_wrote_counts_and_nothing_left_of_it() {
        let trusted = ["10.0.0.0/8", "loopback"];
        for (peer, headers, client) in [
            ("10.0.0.1", &["192.0.2.7"][..], "192.0.2.7"),
            ("10.0.0.1", &["6.6.6.6, 192.0.2.7"], "192.0.2.7"),
            ("127.0.0.1", &["6.6.6.6, 192.0.2.7, 10.0.0.9"], "192.0.2.7"),
            ("::1", &["6.6.6.6", "192.0.2.7", "10.0.0.9"], "192.0.2.7"),
            ("10.0.0.1", &["192.0.2.7:50000"], "192.0.2.7"),
            ("10.0.0.1", &["[2001:db8::1]:50000"], "2001:db8::1"),
            ("10.0.0.1", &["[2001:db8::1]"], "2001:db8::1"),
            ("10.0.0.1", &["192.0.2.7, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["192.0.2.7, "], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6", "\u{ff}"], "10.0.0.1"),
            ("10.0.0.1", &["6.6.6.6, \u{ff}, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["\u{ff}, 192.0.2.7"], "192.0.2.7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("::ffff:10.0.0.1", &["::ffff:192.0.2.7"], "192.0.2.7"),
        ] {
            assert_eq!(found(&trusted, peer, headers), client, "{peer} {headers:?}");
        }
    }

    #[test]
    fn an_ipv6_subscriber_is_one_client() {
        let of = |text: &str| {
            let address: IpAddr = text.parse().expect("an address");
            ClientAddress::from(address).network()
        };
        assert_eq!(of("2001:db8:1:2:3::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.7"), of("192.0.2.8"));
    }

    #[test]
    fn an_entry_that_is_no_network_is_refused_with_its_place() {
        let config = Config::from_json(json!({ "backend": { "trustedProxies": ["10.0.0.0/33"] } }));
        let refused = TrustedProxies::from_config(&config).expect_err("no network");
        assert!(
            refused.message.contains("backend.trustedProxies[0]"),
            "{refused}"
        );
        assert!(
            refused
                .accepted
                .is_some_and(|text| text.contains("10.0.0.0/8"))
        );
    }
}
