//! From connections to the router: hyper's server with the limits that hold
//! before there is a request.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use parking_lot::Mutex;
use platform::http::{Limits, TrustedProxies};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::Service as _;

/// How long a refused client may take to read that it is refused.
const LAST_WORD: Duration = Duration::from_secs(2);
/// The pause after the system has no more files or memory for connections.
const PAUSE: Duration = Duration::from_millis(500);
/// How much more than the configured head hyper reads before it answers by
/// itself, without a body; within it, the refusal is one of ours.
const HEAD_SLACK: usize = 4;
/// hyper needs at least this much, in bytes.
const LEAST_BUFFER: usize = 64 << 10;

/// What holds for connections.
#[derive(Clone, Debug)]
pub(super) struct Doorkeeper {
    pub(super) limits: Limits,
    pub(super) proxies: TrustedProxies,
}

/// Serves until `stop`, then lets requests that are worked on end. Streams
/// never end by themselves, so that the caller decides how long it waits.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    keeper: Doorkeeper,
    stop: CancellationToken,
) {
    let guests = Arc::new(Connections::default());
    let graceful = GracefulShutdown::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(keeper.limits.head_timeout)
        .max_buf_size((keeper.limits.head_bytes * HEAD_SLACK).max(LEAST_BUFFER));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(cause) => {
                wait_out(&cause).await;
                continue;
            }
        };
        let address = peer.ip().to_canonical();
        let counted = !keeper.proxies.contains(address);
        let Some(place) = guests.admit(address, counted, &keeper.limits) else {
            tracing::debug!(%address, "A connection was refused: there are too many");
            tokio::spawn(turn_away(stream));
            continue;
        };
        // Answers are written as a whole, so that waiting for more is no use.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request
                .extensions_mut()
                .insert(ConnectInfo::<SocketAddr>(peer));
            router.clone().call(request)
        });
        let connection = graceful.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // A client that goes away or says nothing is no news.
            if let Err(cause) = connection.await {
                tracing::trace!(%cause, "A connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    graceful.shutdown().await;
}

/// An error of one connection is over; one of the system needs a pause.
async fn wait_out(cause: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        cause.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!(%cause, "Connections cannot be accepted: {cause}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// How many connections there are, in all and from each address.
#[derive(Debug, Default)]
struct Connections(Mutex<Open>);

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place; free again when it is dropped.
struct Place {
    of: Arc<Connections>,
    address: Option<IpAddr>,
}

impl Connections {
    fn admit(self: &Arc<Self>, from: IpAddr, counted: bool, limits: &Limits) -> Option<Place> {
        let mut open = self.0.lock();
        if open.all >= limits.connections {
            return None;
        }
        if counted {
            let own = open.by_address.entry(from).or_default();
            if *own >= limits.connections_per_address {
                return None;
            }
            *own += 1;
        }
        open.all += 1;
        Some(Place {
            of: Arc::clone(self),
            address: counted.then_some(from),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.of.0.lock();
        open.all = open.all.saturating_sub(1);
        let Some(address) = self.address else { return };
        if let Some(own) = open.by_address.get_mut(&address) {
            *own = own.saturating_sub(1);
            if *own == 0 {
                open.by_address.remove(&address);
            }
        }
    }
}

/// Says why nothing is served, without reading anything.
async fn turn_away(mut stream: TcpStream) {
    let body = serde_json::json!({
        "error": {
            "name": "ServiceUnavailableError",
            "message": "There are too many connections",
            "accepted": "a new connection after a second, as `Retry-After` says",
            "fix": "use connections again instead of opening more; an administrator sets `backend.limits.connectionsPerAddress`",
        },
        "response": { "statusCode": 503 },
    })
    .to_string();
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json; charset=utf-8\r\n\
         cache-control: no-store\r\nx-content-type-options: nosniff\r\nretry-after: 1\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = tokio::time::timeout(LAST_WORD, async {
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_by_address_and_given_back() {
        let connections = Arc::new(Connections::default());
        let limits = Limits {
            connections: 3,
            connections_per_address: 2,
            ..Limits::default()
        };
        let from = |last: u8| IpAddr::from([192, 0, 2, last]);
        let first = connections.admit(from(1), true, &limits);
        let second = connections.admit(from(1), true, &limits);
        assert!(first.is_some() && second.is_some());
        assert!(connections.admit(from(1), true, &limits).is_none());
        let proxy = connections.admit(from(1), false, &limits);
        assert!(proxy.is_some(), "a proxy is not counted by its address");
        assert!(connections.admit(from(2), true, &limits).is_none(), "full");
        drop(first);
        assert!(connections.admit(from(1), true, &limits).is_some());
        drop((second, proxy));
        let open = connections.0.lock();
        assert_eq!((open.all, open.by_address.len()), (0, 0));
    }
}
