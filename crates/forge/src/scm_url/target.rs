//! Targets of `type: github-discovery` locations.

use url::Url;

use super::parse::host_with_port;
use super::{UrlError, encode_path};
use crate::kind::ForgeKind;

/// A discovery URL: an organisation, a pattern for repositories, a ref and a
/// path, for example `https://github.com/my-org/*/blob/main/catalog-info.yaml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiscoveryTarget {
    /// `https` or `http`.
    pub scheme: String,
    /// Host in lower case, with port.
    pub host: String,
    /// Organisation or group.
    pub owner: String,
    /// Pattern for names of repositories; `*` stands for any characters.
    pub repo_pattern: String,
    /// Branch; `None` (written `-`) means each repository's default branch.
    pub branch: Option<String>,
    /// Path with a leading `/`; may hold `*` and `**`.
    pub path: String,
}

impl DiscoveryTarget {
    /// Reads a target. `https://<host>/<org>` alone means every repository,
    /// its default branch and `/catalog-info.yaml`.
    pub fn parse(target: &str) -> Result<Self, UrlError> {
        super::parse::refuse_encoded_steps(target)?;
        let bad = |reason: &str| UrlError::NotAWebUrl {
            url: target.to_owned(),
            reason: format!(
                "{reason}; a discovery target is `https://<host>/<organisation>/<repositories, * allowed>/blob/<branch or ->/<path>`"
            ),
        };
        let url = Url::parse(target).map_err(|error| bad(&error.to_string()))?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(bad("its scheme is not `https`"));
        }
        let parts: Vec<String> = url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .map(|part| {
                percent_encoding::percent_decode_str(part)
                    .decode_utf8_lossy()
                    .into_owned()
            })
            .collect();
        let (owner, repo_pattern, branch, path) = match parts.as_slice() {
            [owner] => (owner, "*", "-", "/catalog-info.yaml".to_owned()),
            [owner, repos] => (owner, repos.as_str(), "-", "/catalog-info.yaml".to_owned()),
            [owner, repos, page, branch, path @ ..]
                if matches!(page.as_str(), "blob" | "tree") && !path.is_empty() =>
            {
                (
                    owner,
                    repos.as_str(),
                    branch.as_str(),
                    format!("/{}", path.join("/")),
                )
            }
            _ => return Err(bad("its path has another shape")),
        };
        if owner.contains('*') {
            return Err(bad("the organisation cannot hold `*`"));
        }
        Ok(Self {
            scheme: url.scheme().to_owned(),
            host: host_with_port(&url),
            owner: owner.clone(),
            repo_pattern: repo_pattern.to_owned(),
            branch: (branch != "-").then(|| branch.to_owned()),
            path,
        })
    }

    /// Whether a repository of this name is meant. Compared without case, as
    /// the forges do.
    pub fn matches_repository(&self, name: &str) -> bool {
        matches_star(&self.repo_pattern.to_lowercase(), &name.to_lowercase())
    }

    /// The URL of the file in one repository, as Backstage writes it.
    pub fn location(&self, repository_url: &str, branch: &str) -> String {
        blob_url(ForgeKind::GitHub, repository_url, branch, &self.path)
    }
}

/// `<repo>/blob/<branch>/<path>` in the form of each forge.
pub(crate) fn blob_url(forge: ForgeKind, repository: &str, branch: &str, path: &str) -> String {
    let repository = repository.trim_end_matches('/');
    let branch = encode_path(branch);
    let path = encode_path(path.trim_start_matches('/'));
    match forge {
        ForgeKind::GitHub => format!("{repository}/blob/{branch}/{path}"),
        ForgeKind::GitLab => format!("{repository}/-/blob/{branch}/{path}"),
        ForgeKind::Gitea => format!("{repository}/src/branch/{branch}/{path}"),
    }
}

/// Matches `*` (any run of characters) literally otherwise, in linear space
/// and without recursion, so that no pattern can be slow.
fn matches_star(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(first) = parts.next() else {
        return false;
    };
    let Some(mut rest) = text.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(at) = rest.find(part) else {
            return false;
        };
        rest = rest.get(at + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}
