//! Proxies in front of Portway: what makes their headers believable.

use std::net::IpAddr;
use std::str::FromStr;

use jsonwebtoken::Algorithm;
use url::Url;

use super::read::Part;
use super::{ASYMMETRIC, Assertion, IssuerRule, KeySource, ProviderKind, Proxy};
use crate::settings::{SettingsProblem, report};

/// A network such as `10.0.0.0/8`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Whether an address is part of it. IPv4 inside IPv6 counts as IPv4.
    pub(crate) fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => same(
                u128::from(base.to_bits()),
                u128::from(address.to_bits()),
                32,
                self.bits,
            ),
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                same(base.to_bits(), address.to_bits(), 128, self.bits)
            }
            _ => false,
        }
    }
}

/// Whether the first `bits` of two numbers of `width` bits are the same.
fn same(one: u128, other: u128, width: u8, bits: u8) -> bool {
    let rest = u32::from(width.saturating_sub(bits));
    one.checked_shr(rest).unwrap_or(0) == other.checked_shr(rest).unwrap_or(0)
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (base, bits) = match text.split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().map_err(|_| ())?)),
            None => (text, None),
        };
        let base: IpAddr = base.trim().parse().map_err(|_| ())?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(());
        }
        Ok(Self {
            base: base.to_canonical(),
            bits,
        })
    }
}

pub(super) fn read_proxy(
    kind: ProviderKind,
    part: &Part<'_>,
    problems: &mut Vec<SettingsProblem>,
) -> Option<Proxy> {
    let before = problems.len();
    let sources = read_sources(part, problems);
    let assertion = read_assertion(kind, part, problems);
    if problems.len() > before {
        return None;
    }
    if assertion.is_none() && sources.is_empty() {
        let (message, accepted) = match kind {
            ProviderKind::GcpIap | ProviderKind::CfAccess => (
                "has no audience, so a token that was made for another application would be believed; nobody can sign in with it",
                "`audience`, as the proxy's settings show it",
            ),
            ProviderKind::AwsAlb => (
                "does not say which load balancer signs, so another customer's would be believed; nobody can sign in with it",
                "`region`, `issuer` and `signer` (the ARN of the load balancer)",
            ),
            _ => (
                "has nothing that makes its headers believable: anybody could write them. Nobody can sign in with it",
                "`trustedSources` with the addresses of the proxy, or `issuer`, `jwksUrl` and `audience` of the token that it sends along",
            ),
        };
        report(problems, part.path.as_str(), message, accepted);
        return None;
    }
    Some(Proxy { assertion, sources })
}

fn read_sources(part: &Part<'_>, problems: &mut Vec<SettingsProblem>) -> Vec<Network> {
    let mut sources = Vec::new();
    for (at, text) in part
        .words("trustedSources")
        .unwrap_or_default()
        .iter()
        .enumerate()
    {
        match text.parse::<Network>() {
            // Everybody's address is nobody's proof.
            Ok(network) if network.bits > 0 => sources.push(network),
            _ => report(
                problems,
                format!("{}[{at}]", part.at("trustedSources")),
                format!("{text:?} is not a network that could be trusted"),
                "an address such as 10.0.0.7, or a network such as 10.0.0.0/24",
            ),
        }
    }
    sources
}

fn read_assertion(
    kind: ProviderKind,
    part: &Part<'_>,
    problems: &mut Vec<SettingsProblem>,
) -> Option<Assertion> {
    let header = |usual: &str| part.text("jwtHeader").unwrap_or(usual).to_lowercase();
    let keys = part.url("jwksUrl", problems).ok()?;
    let published = |usual: &str| match &keys {
        Some(url) => Some(url.clone()),
        None => Url::parse(usual).ok(),
    };
    let audience = part.text("audience").map(str::to_owned);
    match kind {
        ProviderKind::GcpIap => Some(Assertion {
            header: header("x-goog-iap-jwt-assertion"),
            keys: KeySource::Set(published(
                "https://www.gstatic.com/iap/verify/public_key-jwk",
            )?),
            issuer: IssuerRule::Exact("https://cloud.google.com/iap".to_owned()),
            audience: Some(audience?),
            signer: None,
            algorithms: vec![Algorithm::ES256],
        }),
        ProviderKind::CfAccess => {
            let team = part.required(
                "teamName",
                "the name of your team, without .cloudflareaccess.com",
                problems,
            )?;
            let issuer = format!("https://{team}.cloudflareaccess.com");
            Some(Assertion {
                header: header("cf-access-jwt-assertion"),
                keys: KeySource::Set(published(&format!("{issuer}/cdn-cgi/access/certs"))?),
                issuer: IssuerRule::Exact(issuer),
                audience: Some(audience?),
                signer: None,
                algorithms: vec![Algorithm::RS256],
            })
        }
        ProviderKind::AwsAlb => {
            let (region, issuer, signer) = (
                part.text("region")?,
                part.text("issuer")?,
                part.text("signer")?,
            );
            let keys = match keys {
                Some(url) => url,
                None => Url::parse(&format!(
                    "https://public-keys.auth.elb.{region}.amazonaws.com/"
                ))
                .ok()?,
            };
            Some(Assertion {
                header: header("x-amzn-oidc-data"),
                keys: KeySource::PemBelow(keys),
                issuer: IssuerRule::Exact(issuer.to_owned()),
                audience: None,
                signer: Some(signer.to_owned()),
                algorithms: vec![Algorithm::ES256],
            })
        }
        ProviderKind::AzureEasyAuth => {
            let (tenant, client) = (part.text("tenantId")?, part.text("clientId")?);
            let keys = published(&format!(
                "https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"
            ))?;
            Some(Assertion {
                header: header("x-ms-token-aad-id-token"),
                keys: KeySource::Set(keys),
                issuer: IssuerRule::Microsoft {
                    tenant: tenant.to_lowercase(),
                },
                audience: Some(client.to_owned()),
                signer: None,
                algorithms: vec![Algorithm::RS256],
            })
        }
        _ => Some(Assertion {
            header: header("x-forwarded-id-token"),
            keys: KeySource::Set(keys?),
            issuer: IssuerRule::Exact(part.text("issuer")?.to_owned()),
            audience: Some(audience?),
            signer: None,
            algorithms: ASYMMETRIC.to_vec(),
        }),
    }
}
