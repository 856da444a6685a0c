//! Proxies in front of Portway: who signs in is in the headers that they add.
//!
//! A header proves nothing by itself. It counts when it is a signed statement
//! that was made for this Portway, or when the connection comes from an
//! address that the configuration trusts. A forwarding header never says
//! where a request comes from.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge::http::Client;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::account::{Account, short};
use super::keys;
use super::refused::{Fault, Reason};
use super::settings::{Assertion, IssuerRule, ProviderKind, ProviderSettings, Proxy};
use super::token::{self, Broken, Expected};
use crate::foreign::KeySet;

/// The account that a request's headers name.
pub(super) async fn account(
    provider: &ProviderSettings,
    (proxy, keys): (&Proxy, &KeySet),
    parts: &Parts,
    http: &Client,
    now: Timestamp,
) -> Result<Account, Fault> {
    // A signature says more than an address, so it is asked for where it can be.
    let claims = match &proxy.assertion {
        Some(assertion) => signed_claims(assertion, keys, &parts.headers, http, now).await?,
        None => {
            require_source(proxy, parts)?;
            plain_claims(provider.kind, &parts.headers)?
        }
    };
    let claims = of_kind(provider.kind, claims);
    Account::from_claims(claims, &provider.groups_claim)
        .ok_or_else(|| Fault::untrusted("the proxy did not say who signs in"))
}

fn require_source(proxy: &Proxy, parts: &Parts) -> Result<(), Fault> {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map(|info| info.0.ip());
    match peer {
        Some(peer) if proxy.sources.iter().any(|network| network.holds(peer)) => Ok(()),
        Some(peer) => Err(Fault::new(
            Reason::Source,
            format!("the connection comes from {peer}, which is none of trustedSources"),
        )),
        None => Err(Fault::new(
            Reason::Source,
            "nobody knows where the connection comes from",
        )),
    }
}

/// The one value of a header. Two contradict each other: one of them was not
/// written by the proxy.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, Fault> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    if values.next().is_some() {
        return Err(Fault::untrusted(format!(
            "the header {name} is there twice"
        )));
    }
    let text = first.map(|value| value.to_str()).transpose();
    let text = text.map_err(|_| Fault::untrusted(format!("the header {name} is no text")))?;
    Ok(text.map(str::trim).filter(|text| !text.is_empty()))
}

fn missing(name: &str) -> Fault {
    Fault::new(
        Reason::Source,
        format!("the request has no header {name}, so it did not come through the proxy"),
    )
}

async fn signed_claims(
    assertion: &Assertion,
    known: &KeySet,
    headers: &HeaderMap,
    http: &Client,
    now: Timestamp,
) -> Result<Map<String, Value>, Fault> {
    let name = &assertion.header;
    let text = header(headers, name)?.ok_or_else(|| missing(name))?;
    let token = text.strip_prefix("Bearer ").unwrap_or(text);
    let broken = |broken: Broken| match broken {
        Broken::Tenant(tenant) => Fault::new(
            Reason::Tenant,
            format!("the account belongs to the directory {tenant}"),
        ),
        Broken::Else(why) => Fault::untrusted(format!("the header {name} is not accepted: {why}")),
    };
    let presented = token::read(token, &assertion.algorithms).map_err(broken)?;
    if let Some(signer) = &assertion.signer
        && presented.header.get("signer").and_then(Value::as_str) != Some(signer)
    {
        return Err(Fault::untrusted(format!(
            "the header {name} was signed for another load balancer"
        )));
    }
    let wanted = (presented.key_id.as_deref(), presented.algorithm);
    let key = keys::find(known, &assertion.keys, wanted, (http, now)).await?;
    let named = match &assertion.issuer {
        IssuerRule::Exact(issuer) => issuer.as_str(),
        IssuerRule::Microsoft { .. } => "https://login.microsoftonline.com/{tenantid}/v2.0",
    };
    let expected = Expected {
        issuer: &assertion.issuer,
        named,
        audience: assertion.audience.as_deref(),
        nonce: None,
    };
    token::verified(&presented, &key, &expected, now).map_err(broken)
}

/// What unsigned headers say.
fn plain_claims(kind: ProviderKind, headers: &HeaderMap) -> Result<Map<String, Value>, Fault> {
    let claims = match kind {
        ProviderKind::AzureEasyAuth => {
            const NAME: &str = "x-ms-client-principal-id";
            let id = header(headers, NAME)?.ok_or_else(|| missing(NAME))?;
            let name = header(headers, "x-ms-client-principal-name")?;
            let mut claims = json!({"sub": id, "oid": id, "preferred_username": name});
            if let Some(principal) = header(headers, "x-ms-client-principal")? {
                add_principal(&mut claims, principal);
            }
            claims
        }
        _ => {
            const NAME: &str = "x-forwarded-user";
            let user = header(headers, NAME)?.ok_or_else(|| missing(NAME))?;
            let preferred = header(headers, "x-forwarded-preferred-username")?;
            json!({
                "sub": user,
                "preferred_username": preferred.unwrap_or(user),
                "email": header(headers, "x-forwarded-email")?,
                "groups": header(headers, "x-forwarded-groups")?,
            })
        }
    };
    Ok(match claims {
        Value::Object(mut fields) => {
            fields.retain(|_, value| !value.is_null());
            fields
        }
        _ => Map::new(),
    })
}

/// Azure's list of claims, `{claims: [{typ, val}]}` in base64.
fn add_principal(claims: &mut Value, principal: &str) {
    let decoded = STANDARD
        .decode(principal)
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    let listed = decoded
        .as_ref()
        .and_then(|value| value.get("claims")?.as_array());
    for entry in listed.into_iter().flatten().take(200) {
        let text = |key: &str| entry.get(key).and_then(Value::as_str);
        let (Some(kind), Some(value)) = (text("typ"), text("val")) else {
            continue;
        };
        let key = match kind {
            "name" => "name",
            "preferred_username" => "preferred_username",
            "email" => "email",
            other if other.ends_with("/emailaddress") => "email",
            _ => continue,
        };
        if let Some(fields) = claims.as_object_mut() {
            fields.insert(key.to_owned(), value.into());
        }
    }
}

/// What differs between proxies.
fn of_kind(kind: ProviderKind, mut claims: Map<String, Value>) -> Map<String, Value> {
    match kind {
        // Google writes `accounts.google.com:` in front of both.
        ProviderKind::GcpIap => {
            for key in ["sub", "email"] {
                let plain = claims
                    .get(key)
                    .and_then(Value::as_str)
                    .and_then(|text| text.strip_prefix("accounts.google.com:"))
                    .map(str::to_owned);
                if let Some(plain) = plain {
                    claims.insert(key.to_owned(), plain.into());
                }
            }
        }
        ProviderKind::AzureEasyAuth => {
            if let Some(oid) = claims.get("oid").and_then(short) {
                claims.insert("sub".to_owned(), oid.into());
            }
        }
        _ => {}
    }
    claims
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    const KINDS: [ProviderKind; 2] = [ProviderKind::Oauth2Proxy, ProviderKind::AzureEasyAuth];
    const NAMES: [&str; 7] = [
        "x-forwarded-user",
        "x-forwarded-email",
        "x-forwarded-preferred-username",
        "x-forwarded-groups",
        "x-ms-client-principal",
        "x-ms-client-principal-id",
        "x-ms-client-principal-name",
    ];

    #[test]
    fn headers_that_are_there_twice_count_for_nothing() {
        let mut headers = HeaderMap::new();
        headers.append("x-forwarded-user", HeaderValue::from_static("kim"));
        assert!(plain_claims(ProviderKind::Oauth2Proxy, &headers).is_ok());
        headers.append("x-forwarded-user", HeaderValue::from_static("admin"));
        assert!(plain_claims(ProviderKind::Oauth2Proxy, &headers).is_err());
    }

    #[test]
    fn a_network_holds_its_own_addresses() {
        use super::super::settings::Network;
        let holds = |network: &str, address: &str| {
            let network: Network = network.parse().expect("a network");
            network.holds(address.parse().expect("an address"))
        };
        assert!(holds("10.0.0.0/8", "10.9.8.7"));
        assert!(!holds("10.0.0.0/8", "11.0.0.1"));
        assert!(holds("10.0.0.7", "10.0.0.7"));
        assert!(holds("10.0.0.7", "::ffff:10.0.0.7"));
        assert!(!holds("10.0.0.7", "10.0.0.8"));
        assert!(holds("fd00::/8", "fd12::1"));
        assert!(!holds("fd00::/8", "10.0.0.1"));
        for wrong in ["10.0.0.0/33", "x", "10.0.0.0/x", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_headers_can_be_read(values in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 7)) {
            let mut headers = HeaderMap::new();
            for (name, value) in NAMES.into_iter().zip(values) {
                if let Ok(value) = HeaderValue::from_bytes(&value) {
                    headers.append(HeaderName::from_static(name), value);
                }
            }
            for kind in KINDS {
                if let Ok(claims) = plain_claims(kind, &headers) {
                    let _ = Account::from_claims(of_kind(kind, claims), "groups");
                }
            }
        }
    }
}
