//! The bare copies, and fetching into them. Everything here blocks.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gix::ObjectId;
use gix::bstr::{BString, ByteSlice};
use gix::protocol::transport::Protocol;
use gix::protocol::transport::client::blocking_io::Transport;
use gix::protocol::transport::client::blocking_io::http::Transport as HttpTransport;
use gix::remote::{Connection, Direction, fetch};
use parking_lot::Mutex;
use sha2::{Digest, Sha256};
use tokio::runtime::Handle;

use super::error::{Error, chain};
use super::snapshot::CommitId;
use super::transport::{Found, Link};
use super::{GitOptions, LocalAccess, Remote};
use crate::http;

/// A copy with more packs than this is fetched anew: every fetch adds one,
/// and reading gets slower with each. The fetched depth keeps the commits
/// that changes are compared with.
const MAX_PACKS: usize = 50;

/// Everything that blocking work needs.
pub(super) struct Job {
    pub(super) remote: Remote,
    pub(super) git_ref: Option<String>,
    pub(super) options: GitOptions,
    pub(super) client: http::Client,
    /// Header for the origin of the remote.
    pub(super) authorization: Option<String>,
    pub(super) runtime: Handle,
    pub(super) interrupt: Arc<AtomicBool>,
}

/// What a fetch found.
#[derive(Clone, Debug)]
pub(super) struct Fetched {
    pub(super) commit: CommitId,
    /// The branch that HEAD names, when HEAD was asked for.
    pub(super) default_branch: Option<String>,
    /// Where the remote says it has moved for good.
    pub(super) moved_to: Option<String>,
    /// Bytes received.
    pub(super) received: u64,
}

/// A name that may be given to Git: no options, no revision syntax.
pub(super) fn check_ref_name(name: &str) -> Result<(), Error> {
    let full = format!("refs/heads/{name}");
    let valid = name.len() <= 1024
        && !name.starts_with('-')
        && gix::validate::reference::name(full.as_bytes().as_bstr()).is_ok();
    if valid {
        return Ok(());
    }
    Err(Error::BadRef {
        git_ref: name.chars().take(200).collect(),
    })
}

impl Job {
    fn directory(&self) -> PathBuf {
        let digest = hex::encode(Sha256::digest(self.remote.shown().as_bytes()));
        let name = digest.get(..32).unwrap_or(&digest);
        self.options.directory.join(format!("{name}.git"))
    }

    fn failed(&self, error: &gix::Error) -> Error {
        Error::Failed {
            remote: self.remote.shown(),
            cause: chain(error),
        }
    }

    fn io(&self, doing: &str, error: &std::io::Error) -> Error {
        Error::Failed {
            remote: self.remote.shown(),
            cause: format!("{doing}: {error}"),
        }
    }

    fn open_options(&self) -> gix::open::Options {
        gix::open::Options::isolated()
            .config_overrides([
                "user.name=portway".to_owned(),
                "user.email=portway@localhost".to_owned(),
                format!("core.sshCommand={}", self.options.ssh_command),
                "protocol.version=2".to_owned(),
            ])
            .strict_config(false)
    }
}

/// Opens the copy as it is.
pub(super) fn open(job: &Job) -> Result<gix::ThreadSafeRepository, Error> {
    let path = match &job.remote {
        Remote::Local(path) => path.clone(),
        Remote::Http(_) | Remote::Ssh { .. } => job.directory(),
    };
    gix::ThreadSafeRepository::open_opts(path, job.open_options())
        .map_err(|error| job.failed(&error))
}

/// Opens the copy if it holds the commit.
pub(super) fn open_at(
    job: &Job,
    commit: &CommitId,
) -> Result<Option<(gix::ThreadSafeRepository, Fetched)>, Error> {
    if !job.directory().exists() {
        return Ok(None);
    }
    let repo = open(job)?;
    if !repo.to_thread_local().has_object(commit.object()) {
        return Ok(None);
    }
    let fetched = Fetched {
        commit: commit.clone(),
        default_branch: None,
        moved_to: None,
        received: 0,
    };
    Ok(Some((repo, fetched)))
}

pub(super) fn remove(job: &Job) -> Result<(), Error> {
    match std::fs::remove_dir_all(job.directory()) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(job.io("removing the local copy", &error))
        }
        _ => Ok(()),
    }
}

/// Opens a repository of this machine and resolves the ref in it.
pub(super) fn open_local(
    job: &Job,
    access: &LocalAccess,
) -> Result<(gix::ThreadSafeRepository, Fetched), Error> {
    let path = job.remote.local_path().unwrap_or(Path::new(""));
    let shown = path.display().to_string();
    let real = path.canonicalize().map_err(|error| Error::NotARepository {
        path: shown.clone(),
        reason: error.to_string(),
    })?;
    if !access.allows(&real) {
        return Err(Error::LocalNotAllowed {
            path: shown,
            allowed: access.shown(),
        });
    }
    let repo =
        gix::ThreadSafeRepository::open_opts(&real, job.open_options()).map_err(|error| {
            Error::NotARepository {
                path: shown.clone(),
                reason: chain(&error),
            }
        })?;
    let local = repo.to_thread_local();
    // A `.git` file may point anywhere.
    for part in [local.git_dir(), local.common_dir()] {
        if !part.canonicalize().is_ok_and(|part| access.allows(&part)) {
            return Err(Error::LocalNotAllowed {
                path: part.display().to_string(),
                allowed: access.shown(),
            });
        }
    }
    let head = local.head_name().ok().flatten();
    let default_branch = head.map(|name| name.shorten().to_string());
    let commit = resolve_local(job, &local, default_branch.as_deref())?;
    let fetched = Fetched {
        commit,
        default_branch,
        moved_to: None,
        received: 0,
    };
    Ok((repo, fetched))
}

fn resolve_local(
    job: &Job,
    repo: &gix::Repository,
    default_branch: Option<&str>,
) -> Result<CommitId, Error> {
    let Some(name) = &job.git_ref else {
        let head = repo.head_id().map_err(|_| Error::Empty {
            remote: job.remote.shown(),
        })?;
        return peel(job, repo, head.detach());
    };
    let candidates = [
        format!("refs/heads/{name}"),
        format!("refs/tags/{name}"),
        name.clone(),
        format!("refs/remotes/origin/{name}"),
    ];
    for candidate in candidates {
        if !candidate.starts_with("refs/") && candidate != "HEAD" {
            continue;
        }
        if let Ok(Some(mut reference)) = repo.try_find_reference(candidate.as_str()) {
            let id = reference
                .peel_to_id()
                .map_err(|error| job.failed(&error))?
                .detach();
            return peel(job, repo, id);
        }
    }
    if let Some(commit) = CommitId::parse(name) {
        return match repo.has_object(commit.object()) {
            true => peel(job, repo, commit.object()),
            false => Err(Error::NoSuchCommit {
                remote: job.remote.shown(),
                commit: name.clone(),
            }),
        };
    }
    Err(no_such_ref(job, name, default_branch))
}

fn no_such_ref(job: &Job, name: &str, default_branch: Option<&str>) -> Error {
    Error::NoSuchRef {
        remote: job.remote.shown(),
        git_ref: name.to_owned(),
        hint: default_branch.map_or_else(String::new, |branch| {
            format!("; its default branch is `{branch}`")
        }),
    }
}

fn peel(job: &Job, repo: &gix::Repository, id: ObjectId) -> Result<CommitId, Error> {
    let commit = repo
        .find_object(id)
        .and_then(gix::Object::peel_to_commit)
        .map_err(|error| job.failed(&error))?;
    Ok(CommitId::new(commit.id))
}

/// How many fetches the copy has taken in.
fn packs(directory: &Path) -> usize {
    let files = std::fs::read_dir(directory.join("objects").join("pack"));
    files
        .into_iter()
        .flatten()
        .flatten()
        .filter(|file| {
            file.path()
                .extension()
                .is_some_and(|extension| extension == "pack")
        })
        .count()
}

/// Brings one ref into the copy, making the copy first if there is none. A
/// broken copy is thrown away and made again once.
pub(super) fn fetch(job: &Job) -> Result<Fetched, Error> {
    if packs(&job.directory()) > MAX_PACKS {
        remove(job)?;
    }
    let repo = match open_or_init(job) {
        Ok(repo) => repo,
        Err(_) => {
            remove(job)?;
            open_or_init(job)?
        }
    };
    match fetch_into(job, &repo) {
        Err(Outcome::Broken(cause)) => {
            tracing::warn!(git.remote = job.remote.shown(), %cause, "The local copy of a repository is broken and is fetched again");
            drop(repo);
            remove(job)?;
            let repo = open_or_init(job)?;
            fetch_into(job, &repo).map_err(Outcome::into_error)
        }
        other => other.map_err(Outcome::into_error),
    }
}

fn open_or_init(job: &Job) -> Result<gix::Repository, Error> {
    static ATTEMPT: AtomicU64 = AtomicU64::new(0);
    let directory = job.directory();
    if directory.exists() {
        return gix::ThreadSafeRepository::open_opts(&directory, job.open_options())
            .map(|repo| repo.to_thread_local())
            .map_err(|error| job.failed(&error));
    }
    // Made beside its place and moved there, so that a crash leaves nothing
    // that looks like a repository.
    let attempt = ATTEMPT.fetch_add(1, Ordering::Relaxed);
    let new = directory.with_extension(format!("new-{}-{attempt}", std::process::id()));
    std::fs::create_dir_all(&new).map_err(|error| job.io("creating the local copy", &error))?;
    gix::ThreadSafeRepository::init_opts(
        &new,
        gix::create::Kind::Bare,
        gix::create::Options::default(),
        job.open_options(),
    )
    .map_err(|error| job.failed(&error))?;
    std::fs::write(new.join("portway-remote"), job.remote.shown())
        .and_then(|()| std::fs::rename(&new, &directory))
        .map_err(|error| job.io("creating the local copy", &error))?;
    gix::ThreadSafeRepository::open_opts(&directory, job.open_options())
        .map(|repo| repo.to_thread_local())
        .map_err(|error| job.failed(&error))
}

enum Outcome {
    Error(Error),
    /// The copy itself cannot be read.
    Broken(String),
    /// The remote has no such ref.
    Missing,
}

impl Outcome {
    fn into_error(self) -> Error {
        match self {
            Self::Error(error) => error,
            Self::Broken(cause) => Error::Failed {
                remote: "the local copy".to_owned(),
                cause,
            },
            Self::Missing => Error::Failed {
                remote: "the local copy".to_owned(),
                cause: "the ref disappeared while it was fetched".to_owned(),
            },
        }
    }
}

fn fetch_into(job: &Job, repo: &gix::Repository) -> Result<Fetched, Outcome> {
    let specs = match job.git_ref.as_deref() {
        None => vec!["+HEAD:refs/portway/HEAD".to_owned()],
        Some(name) if CommitId::parse(name).is_some() => {
            vec![format!("{name}:refs/portway/commits/{name}")]
        }
        Some("HEAD") => vec!["+HEAD:refs/portway/HEAD".to_owned()],
        Some(full) if full.starts_with("refs/") => {
            vec![format!("+{full}:refs/portway/full/{full}")]
        }
        Some(name) => vec![
            format!("+refs/heads/{name}:refs/portway/heads/{name}"),
            format!("+refs/tags/{name}:refs/portway/tags/{name}"),
        ],
    };
    match fetch_specs(job, repo, &specs, Purpose::Fetch) {
        Err(Outcome::Missing) => {
            let name = job.git_ref.as_deref().unwrap_or("HEAD");
            // Asked once more, only to say what is there instead.
            let head = ["+HEAD:refs/portway/HEAD".to_owned()];
            let default_branch = fetch_specs(job, repo, &head, Purpose::Look)
                .ok()
                .and_then(|found| found.default_branch);
            Err(Outcome::Error(
                match (job.git_ref.is_none(), default_branch) {
                    (true, _) | (_, None) => Error::Empty {
                        remote: job.remote.shown(),
                    },
                    (false, branch) => no_such_ref(job, name, branch.as_deref()),
                },
            ))
        }
        other => other,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Fetch,
    /// Only what the remote's refs are.
    Look,
}

fn fetch_specs(
    job: &Job,
    repo: &gix::Repository,
    specs: &[String],
    purpose: Purpose,
) -> Result<Fetched, Outcome> {
    let failed = |error: gix::Error| Outcome::Error(job.failed(&error));
    let address = job.remote.shown();
    let remote = repo
        .remote_at_without_url_rewrite(address.as_str())
        .map_err(failed)?
        .with_fetch_tags(fetch::Tags::None)
        .with_refspecs(specs.iter().map(String::as_str), Direction::Fetch)
        .map_err(failed)?;
    if job.remote.local_path().is_some() {
        return Err(Outcome::Error(Error::BadRemote {
            remote: address,
            reason: "local repositories are read in place".to_owned(),
        }));
    }
    if matches!(job.remote, Remote::Ssh { .. }) {
        let connection = remote.connect(Direction::Fetch).map_err(failed)?;
        let shared = Arc::default();
        return receive(job, repo, connection, purpose, &shared);
    }
    let url = gix::url::parse(address.as_bytes().as_bstr()).map_err(|error| {
        Outcome::Error(Error::BadRemote {
            remote: address.clone(),
            reason: chain(&error),
        })
    })?;
    let link = Link {
        client: job.client.clone(),
        runtime: job.runtime.clone(),
        authorization: match (&job.remote, &job.authorization) {
            (Remote::Http(url), Some(header)) => Some((url.origin(), header.clone())),
            _ => None,
        },
        interrupt: Arc::clone(&job.interrupt),
        max_bytes: job.options.max_fetch,
        shared: Arc::default(),
    };
    let shared = Arc::clone(&link.shared);
    let transport = HttpTransport::new_http(link, url, Protocol::V2, false);
    let connection = remote
        .to_connection_with_transport(transport)
        .with_credentials(|_| Ok(None));
    receive(job, repo, connection, purpose, &shared)
}

fn receive<T: Transport>(
    job: &Job,
    repo: &gix::Repository,
    connection: Connection<'_, '_, '_, T>,
    purpose: Purpose,
    shared: &Arc<Mutex<Found>>,
) -> Result<Fetched, Outcome> {
    let failed = |error: gix::Error| {
        if let Some(known) = shared.lock().failure.take() {
            return Outcome::Error(known);
        }
        if job.interrupt.load(Ordering::Relaxed) {
            return Outcome::Error(Error::Stopped {
                remote: job.remote.shown(),
            });
        }
        if error.is_corrupted() {
            return Outcome::Broken(chain(&error));
        }
        Outcome::Error(job.failed(&error))
    };
    let prepared = connection
        .prepare_fetch(
            gix::progress::Discard,
            gix::remote::ref_map::Options::default(),
        )
        .map_err(failed)?;
    let map = prepared.ref_map();
    let first = map.mappings.first().ok_or(Outcome::Missing)?;
    let default_branch = first
        .remote
        .as_target()
        .and_then(|target| target.strip_prefix(b"refs/heads/"))
        .map(|branch| branch.to_str_lossy().into_owned());
    let id = first.remote.as_id().ok_or(Outcome::Missing)?.to_owned();
    let local_name: Option<BString> = first.local.clone();
    if purpose == Purpose::Fetch && !repo.has_object(id) {
        let prepared = match job.options.depth {
            Some(depth) => prepared.with_shallow(fetch::Shallow::DepthAtRemote(depth)),
            None => prepared,
        };
        prepared
            .receive(gix::progress::Discard, &job.interrupt)
            .map_err(failed)?;
    } else if purpose == Purpose::Fetch
        && let Some(name) = local_name
    {
        // Known already, perhaps under another name; the name keeps it.
        repo.reference(
            name.to_str_lossy().as_ref(),
            id,
            gix::refs::transaction::PreviousValue::Any,
            "portway: fetch",
        )
        .map_err(failed)?;
    }
    let commit = match purpose {
        Purpose::Fetch => {
            peel(job, repo, id).map_err(|error| Outcome::Broken(error.to_string()))?
        }
        Purpose::Look => CommitId::new(id),
    };
    let mut found = shared.lock();
    Ok(Fetched {
        commit,
        default_branch,
        moved_to: found.redirected.take().filter(|_| found.moved),
        received: found.received,
    })
}
