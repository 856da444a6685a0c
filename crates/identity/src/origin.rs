//! Where a request comes from, as far as the server can see: the address of
//! the client and what it calls itself.

use std::net::IpAddr;

use axum::http::header::USER_AGENT;
use axum::http::request::Parts;
use platform::http::{ClientAddress, client_address};

/// The longest name of a client that is kept, in characters.
const LONGEST_AGENT: usize = 300;

/// Where a request comes from. What a client says of itself is a hint for
/// people and decides nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestOrigin {
    /// The client's address, as far as trusted proxies say it, else the
    /// peer's; none when nobody knows it.
    pub address: Option<IpAddr>,
    /// The header `User-Agent`, cut to 300 characters.
    pub agent: Option<String>,
}

impl RequestOrigin {
    /// Of one request.
    pub fn of(parts: &Parts) -> Self {
        let agent = parts
            .headers
            .get(USER_AGENT)
            .and_then(|agent| agent.to_str().ok())
            .map(|agent| agent.chars().take(LONGEST_AGENT).collect());
        Self {
            address: client_address(&parts.extensions).map(ClientAddress::address),
            agent,
        }
    }

    pub(crate) fn address_text(&self) -> Option<String> {
        self.address.map(|address| address.to_string())
    }

    /// What failed attempts are counted by: the address, of IPv6 the network
    /// of 64 bits, which is what one customer gets.
    pub(crate) fn network(&self) -> String {
        match self.address {
            None => "unknown".to_owned(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        }
    }
}

/// Programs by the word that only they write. Order matters: Edge and Opera
/// also call themselves Chrome, and Chrome calls itself Safari.
const PROGRAMS: [(&str, &str); 9] = [
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("portway/", "portway"),
    ("curl/", "curl"),
];

/// Systems by a word of theirs. iPhones say "like Mac OS X", Android says Linux.
const SYSTEMS: [(&str, &str); 8] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("macos", "macOS"),
    ("inux", "Linux"),
];

/// A client's name in words, such as `Firefox 128, Linux`; the first word of
/// what it wrote when nothing in it is known.
pub fn agent_words(agent: &str) -> String {
    let version = |marker: &str| -> Option<String> {
        let (_, rest) = agent.split_once(marker)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    let known = PROGRAMS.iter().find_map(|(marker, name)| {
        agent.contains(marker).then(|| match version(marker) {
            Some(version) => format!("{name} {version}"),
            None => (*name).to_owned(),
        })
    });
    let safari = || {
        agent
            .contains("Safari/")
            .then(|| match version("Version/") {
                Some(version) => format!("Safari {version}"),
                None => "Safari".to_owned(),
            })
    };
    let other = || {
        let word = agent.split([' ', '/']).next().unwrap_or_default();
        word.chars().take(40).collect::<String>()
    };
    let program = known.or_else(safari).unwrap_or_else(other);
    let system = SYSTEMS
        .iter()
        .find(|(marker, _)| agent.contains(marker))
        .map(|(_, name)| *name);
    match system {
        Some(system) => format!("{program}, {system}"),
        None => program,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_told_in_words() {
        for (agent, words) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
                "Firefox 128, Linux",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 Edg/141.0.0.0",
                "Edge 141, Windows",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
                "Safari 18, macOS",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari 18, iPhone",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
                "Chrome 126, Android",
            ),
            ("portway/0.1.0 (linux)", "portway 0, Linux"),
            ("curl/8.5.0", "curl 8"),
            ("python-requests/2.32", "python-requests"),
            ("", ""),
        ] {
            assert_eq!(agent_words(agent), words);
        }
    }

    #[test]
    fn one_customer_of_ipv6_is_one_network() {
        let network = |text: &str| {
            RequestOrigin {
                address: text.parse().ok(),
                agent: None,
            }
            .network()
        };
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("192.0.2.7"), "192.0.2.7");
    }
}
