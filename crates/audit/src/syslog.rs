//! Syslog (RFC 5424) over UDP, over TCP with the lengths in front (RFC 6587),
//! and over TLS (RFC 5425).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use platform::event::Event;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;

/// How long a syslog server may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// Facility 13 (log audit) and severity 6 (informational), RFC 5424.
const PRIORITY: u32 = 13 * 8 + 6;
/// The largest datagram that is sent, in bytes; what is longer is cut.
const LARGEST_DATAGRAM: usize = 60_000;

/// How messages travel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// One datagram for each; what gets lost is lost.
    Udp,
    /// RFC 6587.
    Tcp,
    /// RFC 5425.
    Tls(Tls),
}

/// Who is trusted over TLS, and as whom this side speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tls {
    /// A file with certificates (PEM) that are trusted beside those of the
    /// system.
    pub authority: Option<PathBuf>,
    /// The files of the own certificate and its key (PEM), where the server
    /// asks for one.
    pub own: Option<(PathBuf, PathBuf)>,
}

/// `<110>1 TIME - portway - TYPE - LINE`, RFC 5424.
pub(crate) fn message(event: &Event, line: &str) -> String {
    let plain: String = event
        .kind
        .chars()
        .filter(char::is_ascii_graphic)
        .take(32)
        .collect();
    let id = if plain.is_empty() { "-" } else { &plain };
    format!("<{PRIORITY}>1 {} - portway - {id} - {line}", event.time)
}

/// Sends messages to `host:port`.
///
/// # Errors
/// Whatever the network, the certificates or the clock say.
pub(crate) async fn send(
    address: &str,
    transport: &Transport,
    messages: Vec<String>,
) -> std::io::Result<()> {
    let sent = async {
        match transport {
            Transport::Udp => datagrams(address, &messages).await,
            Transport::Tcp => framed(TcpStream::connect(address).await?, &messages).await,
            Transport::Tls(tls) => {
                let connector = TlsConnector::from(Arc::new(tls.client()?));
                let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
                let name = ServerName::try_from(host.trim_matches(['[', ']']).to_owned())
                    .map_err(std::io::Error::other)?;
                let stream = TcpStream::connect(address).await?;
                framed(connector.connect(name, stream).await?, &messages).await
            }
        }
    };
    tokio::time::timeout(PATIENCE, sent)
        .await
        .unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}

/// Each message with its length in front, which RFC 6587 and RFC 5425 share.
async fn framed(mut stream: impl AsyncWrite + Unpin, messages: &[String]) -> std::io::Result<()> {
    for message in messages {
        let framed = format!("{} {message}", message.len());
        stream.write_all(framed.as_bytes()).await?;
    }
    stream.flush().await?;
    stream.shutdown().await
}

async fn datagrams(address: &str, messages: &[String]) -> std::io::Result<()> {
    let socket = UdpSocket::bind(("0.0.0.0", 0)).await?;
    socket.connect(address).await?;
    for message in messages {
        let bytes = message.as_bytes();
        let datagram = bytes.get(..LARGEST_DATAGRAM).unwrap_or(bytes);
        socket.send(datagram).await?;
    }
    Ok(())
}

impl Tls {
    /// Read anew for each delivery: certificates are replaced while the program
    /// runs.
    fn client(&self) -> std::io::Result<ClientConfig> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = &self.authority {
            for certificate in certificates(path)? {
                roots
                    .add(certificate)
                    .map_err(|error| named(path, &error))?;
            }
        }
        let trusting = ClientConfig::builder().with_root_certificates(roots);
        let Some((certificate, key)) = &self.own else {
            return Ok(trusting.with_no_client_auth());
        };
        let own = PrivateKeyDer::from_pem_file(key).map_err(|error| named(key, &error))?;
        trusting
            .with_client_auth_cert(certificates(certificate)?, own)
            .map_err(|error| named(certificate, &error))
    }
}

fn certificates(path: &Path) -> std::io::Result<Vec<CertificateDer<'static>>> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let found = read().map_err(|error| named(path, &error))?;
    match found.is_empty() {
        true => Err(named(path, &"it holds no certificate in PEM form")),
        false => Ok(found),
    }
}

fn named(path: &Path, error: &dyn std::fmt::Display) -> std::io::Error {
    std::io::Error::other(format!("{}: {error}", path.display()))
}
