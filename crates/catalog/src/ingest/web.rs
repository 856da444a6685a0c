//! Places that are not on this machine: files on the web, files in
//! repositories of known code hosts, whole Git repositories.
//!
//! A repository is fetched once per refresh and commit; every file of it is
//! then read from the local copy.

use std::sync::Arc;
use std::time::Duration;

use forge::budget::Priority;
use forge::client::Forges;
use forge::git::Git;
use forge::http::{Client, Request, Response};
use forge::scm_url::{ScmUrl, UrlKind};
use forge::{ForgeKind, Integrations, Secret};
use jiff::Timestamp;
use platform::clock::later;
use url::Url;

use super::content::{Content, Links, MAX_FILE_BYTES, ReadFailure};
use super::providers::Providers;
use super::session::{Session, git_failure};
use crate::outgoing::Receiver;
use crate::source::Source;

/// No pause that a host asks for is believed to be longer than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// The pause after "too many requests" without a time.
const DEFAULT_PAUSE: Duration = Duration::from_secs(60);
/// What makes a path a pattern, as in Backstage.
pub(super) const WILDCARDS: [char; 2] = ['*', '?'];
/// Parts of a branch's name that may be hidden in the path of a URL.
const BRANCH_PARTS: usize = 4;

/// How to reach what is not on this machine. Shared by all sources.
#[derive(Clone, Debug)]
pub struct Web {
    /// For files on the web.
    pub client: Client,
    /// For repositories.
    pub git: Git,
    /// Which hosts run what, and their credentials.
    pub integrations: Arc<Integrations>,
    /// For the hosts' APIs.
    pub forges: Forges,
    /// What is configured under `catalog.providers`.
    pub providers: Providers,
    /// Secrets of incoming webhooks, besides those of GitHub Apps.
    pub webhook_secrets: Vec<(ForgeKind, Secret)>,
    /// Who is told of changes.
    pub receivers: Vec<Receiver>,
}

impl Web {
    /// `target` as it is meant in the file at `base`.
    pub(crate) fn resolve(&self, base: &str, target: &str) -> Result<String, ReadFailure> {
        self.integrations.resolve(target, base).map_err(|error| {
            ReadFailure::new(
                "bad-url",
                error.to_string(),
                "write a path relative to the file, or a whole URL",
            )
        })
    }

    /// What is left of the credential that a source is read with; `None` when
    /// its host has no API that Portway knows.
    pub(crate) fn budget(&self, source: &Source) -> Option<forge::budget::State> {
        let host = self.providers.host(source)?;
        let owner = self
            .providers
            .owner(source)
            .or_else(|| Some(self.scm(source.location.target())?.owner));
        let forge = match owner {
            Some(owner) => self.forges.of_owner(&host, &owner, Priority::Background),
            None => self.forges.of_host(&host, Priority::Background),
        }?;
        Some(forge.budget().state())
    }

    /// The place in a repository of a known code host that a URL names.
    pub(crate) fn scm(&self, url: &str) -> Option<ScmUrl> {
        // A host that nobody has said to be a code host serves plain files,
        // whatever its paths look like.
        self.integrations.kind_of(url)?;
        self.integrations
            .parse(url)
            .ok()
            .filter(|scm| scm.forge.is_some() && scm.kind != UrlKind::Repository)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.forges.governor().clock().now()
    }
}

/// A place in a repository, at a commit.
pub(super) struct Place {
    pub(super) snapshot: forge::git::Snapshot,
    pub(super) scm: ScmUrl,
    pub(super) default_branch: Option<String>,
}

impl Session {
    /// Reads a file by its URL.
    pub(crate) async fn read(&self, url: &str) -> Result<Content, ReadFailure> {
        match self.web().scm(url) {
            Some(scm) => self.read_scm(url, scm).await,
            None => self.read_plain(url).await,
        }
    }

    /// The files that a URL with wildcards means, with the commit. `None` when
    /// the URL has none, or its host cannot list files.
    pub(crate) async fn expand(
        &self,
        url: &str,
    ) -> Option<Result<(Vec<String>, String), ReadFailure>> {
        let scm = self
            .web()
            .scm(url)
            .filter(|scm| scm.path.contains(WILDCARDS))?;
        Some(self.list_scm(scm).await)
    }

    async fn list_scm(&self, scm: ScmUrl) -> Result<(Vec<String>, String), ReadFailure> {
        let place = self.place(scm).await?;
        let tree = place
            .snapshot
            .glob(&place.scm.path)
            .await
            .map_err(|error| git_failure(&error, self.web().now()))?;
        let urls = tree
            .entries
            .iter()
            .map(|entry| place.scm.with_path(&entry.path).to_string())
            .collect();
        Ok((urls, place.snapshot.commit().to_string()))
    }

    async fn read_scm(&self, url: &str, scm: ScmUrl) -> Result<Content, ReadFailure> {
        let on_default_branch = scm.git_ref.is_none();
        let Place {
            snapshot,
            mut scm,
            default_branch,
        } = self.place(scm).await?;
        let bytes = snapshot
            .read(&scm.path)
            .await
            .map_err(|error| git_failure(&error, self.web().now()))?;
        scm.git_ref = scm.git_ref.or(default_branch);
        Ok(Content {
            bytes: bytes.to_vec(),
            revision: Some(snapshot.commit().to_string()),
            links: Links {
                // A browser cannot open `-`.
                view: Some(if on_default_branch {
                    scm.view_url()
                } else {
                    url.to_owned()
                }),
                edit: scm.edit_url(),
                source: Some(format!("url:{}", scm.directory_url())),
            },
        })
    }

    /// Fetches the repository of a URL. A URL alone cannot say where
    /// `feature/x/catalog-info.yaml` is to be cut, so the repository is asked.
    pub(super) async fn place(&self, scm: ScmUrl) -> Result<Place, ReadFailure> {
        let web = self.web();
        let mut steps = scm.path.split('/').map(str::to_owned).collect::<Vec<_>>();
        let mut attempt = scm.clone();
        let mut first_error = None;
        for _ in 0..BRANCH_PARTS {
            match self
                .fetch(&attempt.clone_url(), attempt.git_ref.as_deref())
                .await
            {
                Ok((snapshot, default_branch)) => {
                    return Ok(Place {
                        snapshot,
                        scm: attempt,
                        default_branch,
                    });
                }
                Err(error @ forge::git::Error::NoSuchRef { .. }) => {
                    first_error.get_or_insert(error);
                }
                Err(error) => {
                    first_error.get_or_insert(error);
                    break;
                }
            }
            let Some(branch) = attempt
                .git_ref
                .as_ref()
                .filter(|_| steps.len() > 1 && !attempt.is_pinned())
            else {
                break;
            };
            attempt.git_ref = Some(format!("{branch}/{}", steps.remove(0)));
            attempt.path = steps.join("/");
        }
        Err(first_error.map_or_else(
            || {
                ReadFailure::new(
                    "cannot-read",
                    format!("{scm} was not tried"),
                    "report this as a bug",
                )
            },
            |error| git_failure(&error, web.now()),
        ))
    }

    async fn read_plain(&self, url: &str) -> Result<Content, ReadFailure> {
        let parsed = Url::parse(url).map_err(|error| {
            ReadFailure::new(
                "bad-url",
                format!("{url} is not a URL: {error}"),
                "write it as https://host/path",
            )
        })?;
        let kept = self.pages().get(url);
        let request = Request::get(parsed).max_body(MAX_FILE_BYTES + 1);
        let request = match &kept {
            Some(kept) => kept.condition(request),
            None => request,
        };
        let answer = self.web().client.send(request).await.map_err(|error| {
            if matches!(error, forge::http::Error::TooLarge { .. }) {
                return ReadFailure::too_large_to_finish();
            }
            let fix = if error.is_transient() {
                "nothing to do here; it is tried again by itself"
            } else if matches!(
                error,
                forge::http::Error::NotAllowed { .. } | forge::http::Error::Forbidden { .. }
            ) {
                "allow the host in app-config.yaml, or correct the address"
            } else {
                "correct the address"
            };
            ReadFailure::new("cannot-read", error.to_string(), fix)
        })?;
        let (body, etag) = match (answer.status, kept) {
            (304, Some(kept)) => (kept.body, kept.etag),
            (200..=299, _) if is_page(&answer) => return Err(self.page_instead(url)),
            (200..=299, _) => {
                self.pages().put(url, &answer);
                (
                    answer.body.clone(),
                    answer.header("etag").map(str::to_owned),
                )
            }
            _ => return Err(refused(url, &answer, self.web().now())),
        };
        let source = self.web().resolve(url, "./").ok();
        Ok(Content {
            bytes: body.to_vec(),
            revision: etag,
            links: Links {
                view: Some(url.to_owned()),
                edit: None,
                source: source.map(|folder| format!("url:{folder}")),
            },
        })
    }

    fn page_instead(&self, url: &str) -> ReadFailure {
        let fix = match self.web().integrations.by_url(url) {
            Some(host) => format!(
                "name the file: https://{}/<owner>/<repository>/blob/<branch>/catalog-info.yaml",
                host.host
            ),
            None => "check the address; a sign-in page may answer in place of the file".to_owned(),
        };
        ReadFailure::new(
            "not-a-file",
            format!("{url} answered with a web page, not with a catalog file"),
            fix,
        )
    }
}

fn is_page(answer: &Response) -> bool {
    answer
        .header("content-type")
        .is_some_and(|media| media.to_ascii_lowercase().starts_with("text/html"))
}

/// An answer that is not the file, and when to ask again.
fn refused(url: &str, answer: &Response, now: Timestamp) -> ReadFailure {
    let status = answer.status;
    match status {
        404 | 410 => ReadFailure::new(
            "not-found",
            format!("NotFoundError: Unable to read url, no matching files found for {url}"),
            "correct the address, or remove what refers to it; what it brought stays as it was last read",
        )
        .gone(),
        401 | 403 => ReadFailure::new(
            "not-allowed",
            format!("{url} answered {status}: it may not be read without other credentials"),
            "give the host a token under `integrations` in app-config.yaml",
        ),
        429 | 503 => {
            let mut failure = ReadFailure::new(
                "cannot-read",
                format!("{url} answered {status}: it asks to wait"),
                "nothing to do here; it is tried again by itself",
            );
            let asked = answer.header("retry-after").and_then(|text| asked_pause(text, now));
            failure.retry_at = asked.or((status == 429).then(|| pause(now, DEFAULT_PAUSE)));
            failure
        }
        _ => ReadFailure::new(
            "cannot-read",
            format!("{url} answered {status}"),
            "nothing to do here; it is tried again by itself",
        ),
    }
}

/// `Retry-After`: seconds, or an HTTP date (RFC 9110, 10.2.3).
pub(crate) fn asked_pause(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    let wanted = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let time = jiff::fmt::rfc2822::DateTimeParser::new()
                .parse_timestamp(text)
                .ok()?;
            Duration::try_from(time.duration_since(now)).unwrap_or_default()
        }
    };
    Some(pause(now, wanted))
}

/// At least a second, so that no host makes Portway spin, and at most a day.
pub(super) fn pause(now: Timestamp, wanted: Duration) -> Timestamp {
    later(now, wanted.clamp(Duration::from_secs(1), LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_seconds_or_a_date_and_never_absurd() {
        let now: Timestamp = "2026-03-10T12:00:00Z".parse().expect("a time");
        let until = |text| asked_pause(text, now).map(|at| at.to_string());
        assert_eq!(until("90").as_deref(), Some("2026-03-10T12:01:30Z"));
        assert_eq!(
            until(" Tue, 10 Mar 2026 12:05:00 GMT ").as_deref(),
            Some("2026-03-10T12:05:00Z")
        );
        assert_eq!(
            until("Tue, 10 Mar 2026 11:05:00 GMT").as_deref(),
            Some("2026-03-10T12:00:01Z")
        );
        assert_eq!(until("0").as_deref(), Some("2026-03-10T12:00:01Z"));
        assert_eq!(
            until("99999999999").as_deref(),
            Some("2026-03-11T12:00:00Z")
        );
        assert_eq!(until("soon"), None);
    }
}
