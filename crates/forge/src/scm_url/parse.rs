//! From text to [`ScmUrl`].

use percent_encoding::percent_decode_str;
use url::Url;

use super::{RefKind, ScmUrl, UrlError, UrlKind};
use crate::kind::ForgeKind;

/// The host that serves GitHub's raw files, whose paths have no `raw` step.
const GITHUB_RAW: &str = "raw.githubusercontent.com";

pub(super) fn parse(text: &str, forge: Option<ForgeKind>) -> Result<ScmUrl, UrlError> {
    refuse_encoded_steps(text)?;
    let url = Url::parse(text).map_err(|error| UrlError::NotAWebUrl {
        url: text.to_owned(),
        reason: error.to_string(),
    })?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(UrlError::NotAWebUrl {
            url: text.to_owned(),
            reason: format!("its scheme is `{}`", url.scheme()),
        });
    }
    let segments = segments(&url);
    let host = host_with_port(&url);
    let forge = forge.or_else(|| ForgeKind::of_public_host(&host));
    let place = if host == GITHUB_RAW {
        raw_github(&segments)
    } else {
        place(&segments, forge)
    };
    let place = place.ok_or_else(|| UrlError::NoRepository {
        url: text.to_owned(),
    })?;
    let host = if host == GITHUB_RAW {
        "github.com".to_owned()
    } else {
        host
    };
    Ok(ScmUrl {
        forge: forge.or(place.forge),
        scheme: url.scheme().to_owned(),
        host,
        owner: place.owner,
        repo: place.repo,
        git_ref: place.git_ref.filter(|name| name != "-"),
        ref_kind: place.ref_kind,
        path: place.path,
        kind: place.kind,
        query: url
            .query()
            .filter(|query| !query.is_empty())
            .map(str::to_owned),
    })
}

/// The host in lower case with its port, when the port is not the scheme's own.
pub(crate) fn host_with_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Refuses a segment that turns into a step or a separator when decoded, no
/// matter how many times it was encoded. The URL parser itself would resolve
/// `%2e%2e` silently, so the raw text is looked at.
pub(super) fn refuse_encoded_steps(text: &str) -> Result<(), UrlError> {
    let path = text.split(['?', '#']).next().unwrap_or_default();
    for segment in path.split(['/', '\\']) {
        if !segment.contains('%') {
            continue;
        }
        let mut decoded = segment.to_owned();
        for _ in 0..8 {
            let next = percent_decode_str(&decoded)
                .decode_utf8_lossy()
                .into_owned();
            if next == decoded {
                break;
            }
            decoded = next;
            let bad = matches!(decoded.as_str(), "." | "..")
                || decoded.contains(['/', '\\', '\0'])
                || decoded.chars().any(char::is_control);
            if bad {
                return Err(UrlError::EncodedStep {
                    url: text.to_owned(),
                    segment: segment.to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// The decoded segments of the path; a trailing `/` leaves an empty last one.
fn segments(url: &Url) -> Vec<String> {
    let mut segments: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .map(|segment| percent_decode_str(segment).decode_utf8_lossy().into_owned())
        .collect();
    // A doubled slash means nothing inside a path.
    let last = segments.pop().unwrap_or_default();
    segments.retain(|segment| !segment.is_empty());
    segments.push(last);
    segments
}

struct Place {
    forge: Option<ForgeKind>,
    owner: String,
    repo: String,
    git_ref: Option<String>,
    ref_kind: RefKind,
    path: String,
    kind: UrlKind,
}

/// `https://raw.githubusercontent.com/<owner>/<repo>/<ref>/<path>`.
fn raw_github(segments: &[String]) -> Option<Place> {
    let [owner, repo, rest @ ..] = segments else {
        return None;
    };
    at_ref(
        Some(ForgeKind::GitHub),
        owner.clone(),
        repo,
        UrlKind::Raw,
        rest,
    )
}

fn place(segments: &[String], forge: Option<ForgeKind>) -> Option<Place> {
    match forge {
        Some(ForgeKind::GitHub) => github(segments),
        Some(ForgeKind::GitLab) => gitlab(segments),
        Some(ForgeKind::Gitea) => gitea(segments),
        None => {
            if segments.iter().skip(2).any(|segment| segment == "-") {
                gitlab(segments)
            } else if segments
                .get(2)
                .is_some_and(|step| gitea_page(step).is_some())
                && segments
                    .get(3)
                    .is_some_and(|said| gitea_ref_kind(said).is_some())
            {
                gitea(segments)
            } else if segments.get(2).is_some_and(|step| page(step).is_some()) {
                github(segments)
            } else {
                bare(None, segments)
            }
        }
    }
}

fn github(segments: &[String]) -> Option<Place> {
    let [owner, repo, step, rest @ ..] = segments else {
        return bare(Some(ForgeKind::GitHub), segments);
    };
    match page(step) {
        Some(kind) => at_ref(Some(ForgeKind::GitHub), owner.clone(), repo, kind, rest),
        None => bare(
            Some(ForgeKind::GitHub),
            segments.get(..2).unwrap_or_default(),
        ),
    }
}

fn gitlab(segments: &[String]) -> Option<Place> {
    let forge = Some(ForgeKind::GitLab);
    // Today's form has `/-/` before the page; a project cannot be named `-`.
    if let Some(dash) = segments.iter().skip(2).position(|segment| segment == "-") {
        let project = segments.get(..dash + 2)?;
        let rest = segments.get(dash + 3..).unwrap_or_default();
        let (repo, owner) = project.split_last()?;
        return match rest {
            [step, rest @ ..] => match page(step) {
                Some(kind) => at_ref(forge, owner.join("/"), repo, kind, rest),
                None => bare(forge, project),
            },
            [] => bare(forge, project),
        };
    }
    // The old form has none; the first page word after owner and project is it.
    let old = segments
        .iter()
        .skip(2)
        .position(|segment| page(segment).is_some());
    match old {
        Some(at) => {
            let project = segments.get(..at + 2)?;
            let (repo, owner) = project.split_last()?;
            let kind = segments.get(at + 2).and_then(|step| page(step))?;
            at_ref(forge, owner.join("/"), repo, kind, segments.get(at + 3..)?)
        }
        None => bare(forge, segments),
    }
}

fn gitea(segments: &[String]) -> Option<Place> {
    let forge = Some(ForgeKind::Gitea);
    let [owner, repo, step, rest @ ..] = segments else {
        return bare(forge, segments);
    };
    if step == "_edit" {
        return at_ref(forge, owner.clone(), repo, UrlKind::Edit, rest);
    }
    let Some(kind) = gitea_page(step) else {
        return bare(forge, segments.get(..2).unwrap_or_default());
    };
    match rest {
        [said, rest @ ..] if gitea_ref_kind(said).is_some() => {
            let mut place = at_ref(forge, owner.clone(), repo, kind, rest)?;
            place.ref_kind = gitea_ref_kind(said).unwrap_or_default();
            Some(place)
        }
        _ => at_ref(forge, owner.clone(), repo, kind, rest),
    }
}

/// A repository without a ref: everything but the last segment is the owner.
fn bare(forge: Option<ForgeKind>, segments: &[String]) -> Option<Place> {
    let named: Vec<&String> = segments
        .iter()
        .filter(|segment| !segment.is_empty())
        .collect();
    let named = match forge {
        Some(ForgeKind::GitHub | ForgeKind::Gitea) => named.get(..2)?,
        Some(ForgeKind::GitLab) | None => named.as_slice(),
    };
    let (repo, owner) = named.split_last()?;
    if owner.is_empty() {
        return None;
    }
    let owner = owner
        .iter()
        .map(|part| part.as_str())
        .collect::<Vec<_>>()
        .join("/");
    Some(Place {
        forge,
        owner,
        repo: repository_name(repo)?,
        git_ref: None,
        ref_kind: RefKind::Unsaid,
        path: String::new(),
        kind: UrlKind::Repository,
    })
}

fn at_ref(
    forge: Option<ForgeKind>,
    owner: String,
    repo: &str,
    kind: UrlKind,
    rest: &[String],
) -> Option<Place> {
    let (git_ref, ref_kind, path) = match rest {
        // The long form says what the ref is.
        [refs, class, name, path @ ..] if refs == "refs" && class == "heads" => {
            (Some(name.clone()), RefKind::Branch, path)
        }
        [refs, class, name, path @ ..] if refs == "refs" && class == "tags" => {
            (Some(name.clone()), RefKind::Tag, path)
        }
        [name, path @ ..] if !name.is_empty() => (Some(name.clone()), RefKind::Unsaid, path),
        _ => (None, RefKind::Unsaid, rest),
    };
    if owner.is_empty() {
        return None;
    }
    Some(Place {
        forge,
        owner,
        repo: repository_name(repo)?,
        git_ref,
        ref_kind,
        path: path.join("/"),
        kind,
    })
}

fn repository_name(segment: &str) -> Option<String> {
    let name = segment.strip_suffix(".git").unwrap_or(segment);
    (!name.is_empty()).then(|| name.to_owned())
}

fn page(step: &str) -> Option<UrlKind> {
    match step {
        "blob" | "blame" => Some(UrlKind::Blob),
        "tree" => Some(UrlKind::Tree),
        "raw" => Some(UrlKind::Raw),
        "edit" => Some(UrlKind::Edit),
        _ => None,
    }
}

fn gitea_page(step: &str) -> Option<UrlKind> {
    match step {
        "src" => Some(UrlKind::Blob),
        "raw" | "media" => Some(UrlKind::Raw),
        _ => None,
    }
}

fn gitea_ref_kind(said: &str) -> Option<RefKind> {
    match said {
        "branch" => Some(RefKind::Branch),
        "tag" => Some(RefKind::Tag),
        "commit" => Some(RefKind::Commit),
        _ => None,
    }
}
