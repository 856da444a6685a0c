//! Which addresses are not the public internet.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not reached without being allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// Anybody's.
    Public,
    /// This machine.
    Loopback,
    /// A private network (RFC 1918, RFC 4193, carrier-grade NAT).
    Private,
    /// This link, and the addresses elsewhere at which cloud metadata services
    /// answer.
    LinkLocal,
    /// Multicast, broadcast, documentation, reserved.
    Reserved,
}

impl Class {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Public => "a public address",
            Self::Loopback => "an address of this machine",
            Self::Private => "an address of a private network",
            Self::LinkLocal => "a link-local address (cloud metadata services use these)",
            Self::Reserved => "a reserved address",
        }
    }
}

/// Sorts an address by the IANA special-purpose registries. Addresses that
/// wrap an IPv4 address (mapped, compatible, NAT64, 6to4, Teredo) are judged
/// by what they wrap.
pub(crate) fn class(address: IpAddr) -> Class {
    match address {
        IpAddr::V4(v4) => class_v4(v4),
        IpAddr::V6(v6) => class_v6(v6),
    }
}

const METADATA: [Ipv4Addr; 2] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(192, 0, 0, 192),
];

fn class_v4(address: Ipv4Addr) -> Class {
    let [a, b, c, _] = address.octets();
    match (a, b, c) {
        (127, ..) | (0, ..) => Class::Loopback,
        (169, 254, _) => Class::LinkLocal,
        // Alibaba Cloud's and Oracle Cloud's metadata services.
        (100, 100, 100) | (192, 0, 0) if METADATA.contains(&address) => Class::LinkLocal,
        (10, ..) | (192, 168, _) => Class::Private,
        (172, 16..=31, _) | (100, 64..=127, _) => Class::Private,
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) => Class::Reserved,
        (198, 18 | 19, _) => Class::Private,
        (224..=255, ..) => Class::Reserved,
        _ => Class::Public,
    }
}

fn class_v6(address: Ipv6Addr) -> Class {
    if address.is_loopback() || address.is_unspecified() {
        return Class::Loopback;
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    let tail = v4(g, h);
    match (a, b) {
        // ::ffff:0:0/96 mapped and ::/96 compatible.
        (0, 0) if c == 0 && d == 0 && e == 0 && (f == 0xffff || f == 0) => class_v4(tail),
        // 64:ff9b::/96 (NAT64) and 64:ff9b:1::/48 (local NAT64).
        (0x64, 0xff9b) => match class_v4(tail) {
            Class::Public if c == 0 => Class::Public,
            Class::Public => Class::Private,
            other => other,
        },
        // 2002::/16 carries the IPv4 address of its router.
        (0x2002, _) => class_v4(v4(b, c)),
        // 2001::/32 (Teredo) carries the client's, inverted.
        (0x2001, 0) => class_v4(v4(!g, !h)),
        (0x2001, 0x0db8) | (0x3fff, 0..=0x0fff) | (0x5f00, _) => Class::Reserved,
        // The metadata services of AWS and Google Cloud.
        (0xfd00, 0x0ec2) | (0xfd20, 0x00ce) => Class::LinkLocal,
        (0xfc00..=0xfdff, _) => Class::Private,
        (0xfe80..=0xfebf, _) => Class::LinkLocal,
        (0xfec0..=0xfeff, _) => Class::Private,
        (0xff00..=0xffff, _) => Class::Reserved,
        (0x100, 0) => Class::Reserved,
        _ => Class::Public,
    }
}

fn v4(high: u16, low: u16) -> Ipv4Addr {
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    Ipv4Addr::new(a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_an_inner_address_is_recognised() {
        let cases = [
            ("8.8.8.8", Class::Public),
            ("127.8.8.8", Class::Loopback),
            ("0.0.0.0", Class::Loopback),
            ("10.1.2.3", Class::Private),
            ("172.31.255.255", Class::Private),
            ("172.32.0.1", Class::Public),
            ("192.168.0.1", Class::Private),
            ("100.64.0.1", Class::Private),
            ("169.254.169.254", Class::LinkLocal),
            ("224.0.0.1", Class::Reserved),
            ("255.255.255.255", Class::Reserved),
            ("::1", Class::Loopback),
            ("::", Class::Loopback),
            ("::ffff:127.0.0.1", Class::Loopback),
            ("::ffff:169.254.169.254", Class::LinkLocal),
            ("::7f00:1", Class::Loopback),
            ("64:ff9b::10.0.0.1", Class::Private),
            ("64:ff9b::8.8.8.8", Class::Public),
            ("2002:7f00:1::", Class::Loopback),
            ("2001:0:0:0:0:0:80ff:fffe", Class::Loopback),
            ("fe80::1", Class::LinkLocal),
            ("fd00:ec2::254", Class::LinkLocal),
            ("100.100.100.200", Class::LinkLocal),
            ("100.100.100.201", Class::Private),
            ("3fff::1", Class::Reserved),
            ("fd00::1", Class::Private),
            ("ff02::1", Class::Reserved),
            ("2606:4700::1111", Class::Public),
        ];
        for (text, expected) in cases {
            let address: IpAddr = text.parse().expect(text);
            assert_eq!(class(address), expected, "{text}");
        }
    }
}
