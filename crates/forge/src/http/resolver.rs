//! Names to addresses, with the forbidden ones taken out.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::access::Access;
use super::error::Refused;

/// Finds the addresses of a name.
pub trait Names: std::fmt::Debug + Send + Sync {
    /// All addresses of `host`, which is in lower case.
    fn find(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// The resolver of the system.
#[derive(Debug)]
pub(super) struct SystemNames;

impl Names for SystemNames {
    fn find(&self, host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let host = host.to_owned();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    }
}

/// The resolver below every connection. What it returns is connected to
/// without another look-up, so nothing can change in between.
#[derive(Debug)]
pub(super) struct Resolver {
    access: Arc<Access>,
    names: Arc<dyn Names>,
}

impl Resolver {
    pub(super) fn new(access: Arc<Access>, names: Arc<dyn Names>) -> Self {
        Self { access, names }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let access = Arc::clone(&self.access);
        let host = name.as_str().to_ascii_lowercase();
        let found = self.names.find(&host);
        Box::pin(async move {
            let found = found.await?;
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
