//! How the keys of workloads' issuers are read: through the one HTTP client,
//! from the hosts that the configuration names and from public ones.

use std::time::Duration;

use anyhow::Result;
use forge::http::{Access, AllowedHost, Client, Limits, Options, Request};
use identity::{Identity, KeyFetch};
use url::Url;

/// Bytes of a document about keys.
const LONGEST: u64 = 512 * 1024;

/// Reads documents about keys for [`Identity::set_key_fetch`].
pub(super) fn fetch(identity: &Identity) -> Result<Box<KeyFetch>> {
    // An issuer that somebody wrote down may stand in the own network.
    let named = identity
        .trust()
        .workload
        .iter()
        .flat_map(|entry| [Some(entry.issuer.as_str()), entry.jwks_uri()])
        .flatten()
        .filter_map(|address| Url::parse(address).ok())
        .chain(
            identity
                .external()
                .iter()
                .filter_map(|one| one.keys_url().cloned()),
        );
    let hosts = named
        .filter_map(|url| {
            let host = url.host_str()?;
            Some(AllowedHost::listed(&match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            }))
        })
        .collect();
    let client = Client::new(Options {
        access: Access::public(hosts),
        limits: Limits {
            body: LONGEST,
            connect: Duration::from_secs(5),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(10),
            redirects: 2,
        },
        ..Options::default()
    })?;
    Ok(Box::new(move |address| {
        let client = client.clone();
        Box::pin(async move {
            let url = Url::parse(&address).map_err(|error| format!("{address}: {error}"))?;
            let answer = client
                .send(Request::get(url).header("accept", "application/json"))
                .await
                .map_err(|error| error.to_string())?;
            match answer.status {
                200 => Ok(answer.body.to_vec()),
                status => Err(format!("{address} answers with {status}")),
            }
        })
    }))
}
