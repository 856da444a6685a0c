//! Clone, fetch and push over HTTP (`gitprotocol-http`), for every Git client.
//!
//! A client sends its token as the password of Basic authentication; the name
//! before it does not matter. A browser's session works too.

use std::io::{Read as _, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge::host::{self, Service, Version, packet};
use futures_util::StreamExt as _;
use platform::ApiError;
use platform::actor::Caller;
use platform::http::{Access, Gate, Routes, body_error};
use platform::openapi::{Operation, schema};
use tokio::sync::mpsc;

use crate::names::RepositoryName;
use crate::push::{self, Arrived, StopOnDrop, blocking};
use crate::rights::{self, Right};
use crate::store::Repository;
use crate::{GitHost, permission};

/// Bytes of the request of a fetch, unpacked: 100,000 ids.
const LARGEST_REQUEST: u64 = 8 << 20;
/// Pieces of an answer that wait for the network.
const WAITING: usize = 16;
/// How long a client may leave a piece unread.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one clone or fetch may be worked on.
const LONGEST: Duration = Duration::from_secs(1_800);

const TAG: &str = "Git";

type Answer = Result<Response, ApiError>;

/// The routes for Git clients.
pub(crate) fn routes(host: &GitHost, gate: &Arc<dyn Gate>) -> Routes {
    let read = Access::Needs(permission::READ);
    let write = Access::Needs(permission::UPDATE);
    let (one, two, three) = (host.clone(), host.clone(), host.clone());
    Routes::new(Arc::new(ClientGate(Arc::clone(gate))))
        .api(
            Method::GET,
            "/git/{owner}/{repository}/info/refs",
            read,
            move |path: Path<(String, String)>, request: Request| {
                let host = one.clone();
                async move { info_refs(host, path.0, request).await }
            },
        )
        .describe(
            named(Operation::new(
                "listGitRefs",
                TAG,
                "Lists branches and tags for Git clients",
            ))
            .query(
                "service",
                schema::text(),
                "git-upload-pack or git-receive-pack",
            )
            .media(
                200,
                "pkt-lines",
                "application/x-git-upload-pack-advertisement",
            ),
        )
        .api(
            Method::POST,
            "/git/{owner}/{repository}/git-upload-pack",
            read,
            move |path: Path<(String, String)>, request: Request| {
                let host = two.clone();
                async move { upload(host, path.0, request).await }
            },
        )
        .describe(
            named(Operation::new(
                "fetchGitPack",
                TAG,
                "Answers a clone or fetch of a Git client",
            ))
            .media(200, "pkt-lines", "application/x-git-upload-pack-result"),
        )
        .api(
            Method::POST,
            "/git/{owner}/{repository}/git-receive-pack",
            write,
            move |path: Path<(String, String)>, request: Request| {
                let host = three.clone();
                async move { receive(host, path.0, request).await }
            },
        )
        .describe(
            named(Operation::new(
                "pushGitPack",
                TAG,
                "Takes a push of a Git client",
            ))
            .media(200, "pkt-lines", "application/x-git-receive-pack-result"),
        )
}

fn named(operation: Operation) -> Operation {
    operation
        .path("owner", schema::text(), "Whose repository it is")
        .path(
            "repository",
            schema::text(),
            "Its name, with or without .git",
        )
}

/// Reads the token of Git clients, which know Basic authentication only.
struct ClientGate(Arc<dyn Gate>);

#[async_trait]
impl Gate for ClientGate {
    async fn caller(&self, parts: &Parts) -> Result<Caller, ApiError> {
        let Some(token) = basic(&parts.headers) else {
            return self.0.caller(parts).await;
        };
        let mut bearing = parts.clone();
        let value = HeaderValue::try_from(format!("Bearer {token}"))
            .map_err(|_| ApiError::unauthenticated("The password is not a token"))?;
        bearing.headers.insert(header::AUTHORIZATION, value);
        self.0.caller(&bearing).await
    }
}

/// The token: the password, or the name where the password is empty.
fn basic(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (name, password) = pair.split_once(':')?;
    let token = if password.is_empty() || password == "x-oauth-basic" {
        name
    } else {
        password
    };
    Some(token.to_owned())
}

/// The repository, when the caller has this right in it.
pub(crate) async fn reach(
    host: &GitHost,
    caller: &Caller,
    (owner, name): (&str, &str),
    wanted: Right,
) -> Result<(Repository, Right), ApiError> {
    let hidden = || {
        ApiError::not_found(format!(
            "There is no repository {owner}/{name} that you may see"
        ))
        .fix("check the address; `portway repo list` lists what there is")
    };
    let Ok(name) = RepositoryName::new(owner, name) else {
        return Err(hidden());
    };
    let Some(repository) = host.store().repository(&name).await? else {
        return Err(hidden());
    };
    let members = host.store().members(&repository.id).await?;
    let right = rights::right(caller, &repository, &members).ok_or_else(hidden)?;
    if right < wanted {
        return Err(rights::refused(caller, &repository, wanted));
    }
    Ok((repository, right))
}

fn caller_of(request: &mut Request) -> Caller {
    let caller = request.extensions_mut().remove::<Caller>();
    caller.unwrap_or_else(Caller::anonymous)
}

fn version(headers: &HeaderMap) -> Version {
    let header = headers.get("git-protocol");
    Version::asked(
        header
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default(),
    )
}

/// An answer that is neither kept nor compressed on the way: packs are
/// compressed already.
fn answer(service: Service, kind: &str, body: Body) -> Response {
    let content = format!("application/x-{}-{kind}", service.name());
    let mut response = body.into_response();
    let headers = response.headers_mut();
    if let Ok(content) = HeaderValue::try_from(content) {
        headers.insert(header::CONTENT_TYPE, content);
    }
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("no-cache, max-age=0, must-revalidate"),
    );
    headers.insert(
        header::CONTENT_ENCODING,
        HeaderValue::from_static("identity"),
    );
    response
}

async fn info_refs(host: GitHost, path: (String, String), mut request: Request) -> Answer {
    let caller = caller_of(&mut request);
    let query = platform::request::Query::parse(request.uri().query().unwrap_or_default());
    let Some(service) = query.get("service").and_then(Service::from_name) else {
        return Err(ApiError::input("Only Git's smart protocol is spoken here")
            .accepted("?service=git-upload-pack or ?service=git-receive-pack")
            .fix("use Git 1.6.6 or newer"));
    };
    let wanted = match service {
        Service::UploadPack => Right::Read,
        Service::ReceivePack => Right::Write,
    };
    let (repository, _) = reach(&host, &caller, (&path.0, &path.1), wanted).await?;
    let refs = host.refs(&repository).await?;
    let bare = host.bare(&repository);
    let version = version(request.headers());
    let listed = blocking(move || host::advertise(&bare, &refs, service, version)).await?;
    let listed = listed.map_err(push::explained)?;
    Ok(answer(service, "advertisement", Body::from(listed)))
}

async fn upload(host: GitHost, path: (String, String), mut request: Request) -> Answer {
    let caller = caller_of(&mut request);
    let (repository, _) = reach(&host, &caller, (&path.0, &path.1), Right::Read).await?;
    let version = version(request.headers());
    let asked = request_body(request).await?;
    let refs = host.refs(&repository).await?;
    let bare = host.bare(&repository);
    let (send, receive) = mpsc::channel(WAITING);
    let stop = Arc::new(AtomicBool::new(false));
    let permit = Arc::clone(&host.0.workers).acquire_owned().await;
    let work = Arc::clone(&stop);
    let runtime = tokio::runtime::Handle::current();
    let worker = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        let mut out = Pieces {
            send,
            runtime,
            waiting: Vec::new(),
            sent: false,
        };
        let done = host::upload_pack(&bare, &refs, (version, &asked), &mut out, &work);
        if let Err(error) = done {
            if !matches!(error, host::Error::Client(_)) {
                tracing::warn!(%error, "A fetch could not be answered: {error}");
            }
            if !out.sent {
                out.waiting.clear();
                let _ = packet::data(&mut out, format!("ERR {error}").as_bytes());
            }
        }
        let _ = out.flush();
    });
    // Whoever stops reading stops the work; so does taking too long.
    let guard = StopOnDrop(stop);
    tokio::spawn(async move {
        let late = Arc::clone(&guard.0);
        if tokio::time::timeout(LONGEST, worker).await.is_err() {
            late.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        drop(guard);
    });
    let body = futures_util::stream::unfold(receive, |mut receive| async {
        let piece: Bytes = receive.recv().await?;
        Some((Ok::<_, std::convert::Infallible>(piece), receive))
    });
    Ok(answer(
        Service::UploadPack,
        "result",
        Body::from_stream(body),
    ))
}

/// The answer on its way to the network, in pieces of 64 KiB.
struct Pieces {
    send: mpsc::Sender<Bytes>,
    runtime: tokio::runtime::Handle,
    waiting: Vec<u8>,
    sent: bool,
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= 64 << 10 {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        self.sent = true;
        let piece = Bytes::from(std::mem::take(&mut self.waiting));
        // A client that does not read must not hold a place for ever.
        let sent = async { tokio::time::timeout(PATIENCE, self.send.send(piece)).await };
        match self.runtime.block_on(sent) {
            Ok(Ok(())) => Ok(()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe)),
        }
    }
}

fn is_gzip(headers: &HeaderMap) -> bool {
    let coding = headers.get(header::CONTENT_ENCODING);
    coding.is_some_and(|coding| {
        let coding = coding.as_bytes();
        coding.eq_ignore_ascii_case(b"gzip") || coding.eq_ignore_ascii_case(b"x-gzip")
    })
}

/// The request of a fetch, unpacked: Git compresses it when it is long.
async fn request_body(request: Request) -> Result<Vec<u8>, ApiError> {
    let gzip = is_gzip(request.headers());
    let limit = usize::try_from(LARGEST_REQUEST).unwrap_or(usize::MAX);
    let body = axum::body::to_bytes(request.into_body(), limit)
        .await
        .map_err(|error| body_error(&error))?;
    if !gzip {
        return Ok(body.to_vec());
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(body.as_ref())
        .take(LARGEST_REQUEST + 1)
        .read_to_end(&mut plain)
        .map_err(|error| ApiError::input(format!("The body is not gzip: {error}")))?;
    if plain.len() > limit {
        return Err(ApiError::too_large(
            "The request names more objects than are looked at",
        ));
    }
    Ok(plain)
}

async fn receive(host: GitHost, path: (String, String), mut request: Request) -> Answer {
    let caller = caller_of(&mut request);
    let (repository, right) = reach(&host, &caller, (&path.0, &path.1), Right::Write).await?;
    if is_gzip(request.headers()) {
        return Err(ApiError::input("A compressed push is not read")
            .accepted("a body without Content-Encoding"));
    }
    let file = spooled(&host, &repository, request.into_body()).await?;
    let _permit = host.0.workers.acquire().await;
    let report = push::receive(
        &host,
        Arrived {
            repository,
            caller,
            right,
            file,
        },
    )
    .await?;
    Ok(answer(Service::ReceivePack, "result", Body::from(report)))
}

/// The whole body in a file without a name, so that a slow line holds no
/// thread.
async fn spooled(
    host: &GitHost,
    repository: &Repository,
    body: Body,
) -> Result<std::fs::File, ApiError> {
    let most = host.settings().push_bytes;
    let directory = host.bare(repository).incoming();
    let file = blocking(move || {
        std::fs::create_dir_all(&directory)?;
        tempfile::tempfile_in(&directory)
    })
    .await?
    .map_err(ApiError::internal)?;
    let mut file = tokio::fs::File::from_std(file);
    let mut length: u64 = 0;
    let mut stream = body.into_data_stream();
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| body_error(&error))?;
        length += piece.len() as u64;
        if length > most {
            return Err(ApiError::too_large(format!(
                "The push is larger than {most} bytes"
            ))
            .accepted(format!("at most {most} bytes in one push"))
            .fix("push fewer commits at a time; an administrator sets `githost.limits.pushBytes`"));
        }
        tokio::io::AsyncWriteExt::write_all(&mut file, &piece)
            .await
            .map_err(ApiError::internal)?;
    }
    tokio::io::AsyncWriteExt::flush(&mut file)
        .await
        .map_err(ApiError::internal)?;
    Ok(file.into_std().await)
}
