//! `backend.outgoing.allowPrivate`: what may be reached in private networks
//! although nobody listed it as something to read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use super::access::{is_host_pattern, name_matches};
use super::address::{Class, class};

const KEY: &str = "backend.outgoing.allowPrivate";

/// A host, or a network, that may be private.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrivateHost {
    /// `proxy.example.com` or `*.example.com`, on any port.
    Name(String),
    /// `10.20.0.0/16`, or one address.
    Network(IpNet),
}

impl PrivateHost {
    /// Reads the value of `backend.outgoing.allowPrivate`. Entries that cannot
    /// be used are left out and explained, one text each, starting with the path.
    pub fn from_config(value: &serde_json::Value) -> (Vec<Self>, Vec<String>) {
        let (mut hosts, mut problems) = (Vec::new(), Vec::new());
        let entries = value.as_array().map(Vec::as_slice).unwrap_or_default();
        for (index, entry) in entries.iter().enumerate() {
            match entry.as_str().and_then(Self::parse) {
                Some(host) => hosts.push(host),
                None => problems.push(format!(
                    "{KEY}[{index}]: {entry} is neither a host nor a network; accepted: `proxy.example.com`, `*.example.com`, `10.20.0.0/16` or `fd00::1`"
                )),
            }
        }
        (hosts, problems)
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(network) = platform::http::network(text) {
            return Some(Self::Network(network));
        }
        (is_host_pattern(text) && !text.contains([':', '/']))
            .then(|| Self::Name(text.to_ascii_lowercase()))
    }

    /// Whether this lets `name`, which is at `address`, be private. The
    /// addresses of metadata services count only where a network names them
    /// and nothing else: whoever writes `0.0.0.0/0` does not mean them.
    pub(super) fn allows(&self, name: &str, address: IpAddr) -> bool {
        match self {
            Self::Name(pattern) => {
                class(address) != Class::LinkLocal && name_matches(pattern, name)
            }
            Self::Network(network) => {
                let address = address.to_canonical();
                let narrow = class(address) != Class::LinkLocal || is_link_local(network);
                narrow && network.contains(&address)
            }
        }
    }
}

/// Whether a network is part of the link-local ones, or a single address.
fn is_link_local(network: &IpNet) -> bool {
    let v4 = IpNet::new_assert(Ipv4Addr::new(169, 254, 0, 0).into(), 16);
    let v6 = IpNet::new_assert(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0).into(), 10);
    network.prefix_len() == network.max_prefix_len() || v4.contains(network) || v6.contains(network)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn allows(entry: &str, name: &str, address: &str) -> bool {
        let (hosts, problems) = PrivateHost::from_config(&json!([entry]));
        assert_eq!(problems, Vec::<String>::new());
        let address = address.parse().expect("an address");
        hosts.iter().any(|host| host.allows(name, address))
    }

    #[test]
    fn names_and_networks_are_let_in_and_nothing_beside_them() {
        assert!(allows("10.20.0.0/16", "x", "10.20.1.1"));
        assert!(!allows("10.20.0.0/16", "x", "10.21.1.1"));
        assert!(allows("10.20.0.0/16", "x", "::ffff:10.20.1.1"));
        assert!(allows("proxy.example.com", "PROXY.example.com", "10.0.0.1"));
        assert!(allows("*.example.com", "a.example.com", "10.0.0.1"));
        assert!(!allows(
            "*.example.com",
            "example.com.evil.test",
            "10.0.0.1"
        ));
    }

    #[test]
    fn metadata_services_are_not_meant_by_a_name_or_a_wide_network() {
        assert!(!allows("*.example.com", "a.example.com", "169.254.169.254"));
        assert!(!allows("0.0.0.0/0", "x", "169.254.169.254"));
        assert!(!allows("fd00::/8", "x", "fd00:ec2::254"));
        assert!(allows("169.254.169.254/32", "x", "169.254.169.254"));
        assert!(allows("169.254.0.0/16", "x", "169.254.169.254"));
        assert!(allows("fd00:ec2::254", "x", "fd00:ec2::254"));
    }

    #[test]
    fn an_entry_that_is_neither_is_explained() {
        let (hosts, problems) = PrivateHost::from_config(&json!(["10.0.0.0/99", 7, "a:80", "ok"]));
        assert_eq!(hosts.len(), 1);
        assert_eq!(problems.len(), 3, "{problems:?}");
    }
}
