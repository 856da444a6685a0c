//! Names to addresses, with the forbidden ones taken out.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::access::Access;
use super::error::Refused;

/// The resolver below every connection. What it returns is connected to
/// without another look-up, so nothing can change in between.
#[derive(Debug)]
pub(super) struct Resolver {
    access: Arc<Access>,
    names: Arc<HashMap<String, Vec<IpAddr>>>,
}

impl Resolver {
    pub(super) fn new(access: Arc<Access>, names: HashMap<String, Vec<IpAddr>>) -> Self {
        Self {
            access,
            names: Arc::new(names),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let access = Arc::clone(&self.access);
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            let host = name.as_str().to_ascii_lowercase();
            let found: Vec<IpAddr> = match names.get(&host) {
                Some(fixed) => fixed.clone(),
                None => tokio::net::lookup_host((host.as_str(), 0))
                    .await?
                    .map(|address| address.ip())
                    .collect(),
            };
            let mut refused: Option<Refused> = None;
            let mut allowed = Vec::with_capacity(found.len());
            for address in found {
                match access.check_address(&host, address) {
                    Ok(()) => allowed.push(SocketAddr::new(address, 0)),
                    Err(why) => refused = Some(why),
                }
            }
            match (allowed.is_empty(), refused) {
                (true, Some(why)) => Err(why.into()),
                _ => Ok(Box::new(allowed.into_iter()) as Addrs),
            }
        })
    }
}
