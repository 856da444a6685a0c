//! Sources of the type `git`: a whole repository, read at a commit.
//!
//! A target is `<remote>[#<ref>[:<pattern>]]`; a place in it is
//! `<remote>#<ref>:<path>`. Without a pattern every `catalog-info.yaml` counts.

use forge::git::Remote;
use forge::scm_url::{ScmUrl, UrlKind};
use model::diagnostic::{Diagnostic, Severity};
use model::location_ref::LocationRef;
use platform::inside::relative;

use super::content::{Content, Links, ReadFailure, Todo};
use super::read::Start;
use super::session::{Session, git_failure};
use super::web::{WILDCARDS, Web};
use crate::source::Source;

/// What Backstage's discovery looks for by default, in any folder.
const DEFAULT_PATTERN: &str = "**/catalog-info.{yaml,yml}";

/// A target taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target<'a> {
    pub(crate) remote: &'a str,
    pub(crate) git_ref: Option<&'a str>,
    pub(crate) path: Option<&'a str>,
}

impl<'a> Target<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let (remote, rest) = text
            .split_once('#')
            .map_or((text, None), |(remote, rest)| (remote, Some(rest)));
        let (git_ref, path) = match rest.map(|rest| {
            rest.split_once(':')
                .map_or((rest, None), |(r, p)| (r, Some(p)))
        }) {
            None => (None, None),
            Some((git_ref, path)) => (
                (!git_ref.is_empty()).then_some(git_ref),
                path.filter(|path| !path.is_empty()),
            ),
        };
        Self {
            remote,
            git_ref,
            path,
        }
    }

    /// The repository's page, where its host is a known code host.
    pub(crate) fn on_the_web(&self, web: &Web) -> Option<ScmUrl> {
        let address = match Remote::parse(self.remote).ok()? {
            Remote::Http(url) => url.to_string(),
            // `git@host:owner/repository` is the same repository as its page.
            Remote::Ssh { url, .. } => {
                let url = url::Url::parse(&url).ok()?;
                format!("https://{}{}", url.host_str()?, url.path())
            }
            Remote::Local(_) => return None,
        };
        web.integrations.kind_of(&address)?;
        web.integrations.parse(address.trim_end_matches('/')).ok()
    }
}

/// Lists the catalog files of the repository at its commit.
pub(crate) async fn start(session: &Session, source: &Source) -> Start {
    match list(session, source).await {
        Ok(start) => start,
        Err(mut failure) => {
            // A repository that is away may come back; its entities stay.
            failure.gone = false;
            Start {
                failures: vec![(source.location.to_string(), failure)],
                ..Start::default()
            }
        }
    }
}

async fn list(session: &Session, source: &Source) -> Result<Start, ReadFailure> {
    let target = Target::parse(source.location.target());
    let failed = |error| git_failure(&error, session.web().now());
    let (snapshot, _) = session
        .fetch(target.remote, target.git_ref)
        .await
        .map_err(failed)?;
    let pattern = target
        .path
        .unwrap_or(DEFAULT_PATTERN)
        .trim_start_matches('/');
    let tree = snapshot.glob(pattern).await.map_err(failed)?;
    let listed = pattern.contains(['*', '?', '[', '{']);
    let todos = tree.entries.iter().filter_map(|entry| {
        let location = place(target.remote, target.git_ref, &entry.path).ok()?;
        let (parent, hint) = (Some(source.entity_ref.clone()), Some(entry.blob.clone()));
        Some(Todo {
            parent,
            listed,
            hint,
            ..Todo::required(location)
        })
    });
    let mut notes: Vec<(String, Diagnostic)> = tree
        .notes
        .iter()
        .map(|note| {
            (
                source.location.to_string(),
                Diagnostic::new(Severity::Info, super::PASSED_OVER, note.as_str()),
            )
        })
        .collect();
    if tree.entries.is_empty() {
        let note = Diagnostic::warning("no-files", format!("Nothing in {} matches {pattern}", target.remote))
            .accepting("files that match the pattern after the ref, such as `#main:services/*/catalog-info.yaml`")
            .fixed_by("correct the pattern, or add a catalog-info.yaml to the repository");
        notes.push((source.location.to_string(), note));
    }
    Ok(Start {
        todos: todos.collect(),
        notes,
        revision: Some(snapshot.commit().to_string()),
        ..Start::default()
    })
}

/// The files that a place with wildcards means, with the commit. `None` when
/// it has none.
pub(crate) async fn expand(
    session: &Session,
    target: &str,
) -> Option<Result<(Vec<LocationRef>, String), ReadFailure>> {
    let target = Target::parse(target);
    let pattern = target.path.filter(|path| path.contains(WILDCARDS))?;
    let failed = |error| git_failure(&error, session.web().now());
    let found = async {
        let (snapshot, _) = session
            .fetch(target.remote, target.git_ref)
            .await
            .map_err(failed)?;
        let tree = snapshot.glob(pattern).await.map_err(failed)?;
        let places = tree
            .entries
            .iter()
            .filter_map(|entry| place(target.remote, target.git_ref, &entry.path).ok());
        Ok((places.collect(), snapshot.commit().to_string()))
    };
    Some(found.await)
}

/// Reads one file of a repository.
pub(crate) async fn read(session: &Session, target: &str) -> Result<Content, ReadFailure> {
    let target = Target::parse(target);
    let failed = |error| git_failure(&error, session.web().now());
    let (snapshot, default_branch) = session
        .fetch(target.remote, target.git_ref)
        .await
        .map_err(failed)?;
    let bytes = snapshot
        .read(target.path.unwrap_or_default())
        .await
        .map_err(failed)?;
    let links = target.on_the_web(session.web()).map(|page| {
        let git_ref = target.git_ref.map(str::to_owned).or(default_branch);
        let file = ScmUrl {
            git_ref,
            kind: UrlKind::Blob,
            ..page.with_path(target.path.unwrap_or_default())
        };
        Links {
            view: Some(file.view_url()),
            edit: file.edit_url(),
            source: Some(format!("url:{}", file.directory_url())),
        }
    });
    Ok(Content {
        bytes: bytes.to_vec(),
        revision: Some(snapshot.commit().to_string()),
        links: links.unwrap_or_default(),
    })
}

/// `reference` as it is meant in the file at `base`, never outside of the repository.
pub(crate) fn resolve(base: &str, reference: &str) -> Result<LocationRef, ReadFailure> {
    let target = Target::parse(base);
    let outside = || {
        ReadFailure::new(
            "outside-tree",
            format!("{reference} leads out of the repository {}", target.remote),
            "refer to a file of the same repository, or to a whole URL",
        )
    };
    let from = target.path.unwrap_or_default();
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let joined = match reference.strip_prefix('/') {
        Some(absolute) => absolute.to_owned(),
        None => format!("{folder}/{reference}"),
    };
    let path = relative(joined.trim_start_matches('/')).ok_or_else(outside)?;
    place(target.remote, target.git_ref, &path)
}

fn place(remote: &str, git_ref: Option<&str>, path: &str) -> Result<LocationRef, ReadFailure> {
    LocationRef::new(
        "git",
        &format!("{remote}#{}:{path}", git_ref.unwrap_or_default()),
    )
    .map_err(|error| ReadFailure::new("bad-location", error.to_string(), error.accepted()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_target_is_a_remote_a_ref_and_a_pattern() {
        let parts = |text| {
            let target = Target::parse(text);
            (
                target.remote.to_owned(),
                target.git_ref.map(str::to_owned),
                target.path.map(str::to_owned),
            )
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(parts("/srv/shop.git"), ("/srv/shop.git".into(), None, None));
        assert_eq!(
            parts("git@host:a/b#main"),
            ("git@host:a/b".into(), some("main"), None)
        );
        assert_eq!(
            parts("https://h/a#release/1:x/*.yaml"),
            ("https://h/a".into(), some("release/1"), some("x/*.yaml"))
        );
        assert_eq!(
            parts("ssh://h:22/a#:x"),
            ("ssh://h:22/a".into(), None, some("x"))
        );
        assert_eq!(parts("file:///a#:"), ("file:///a".into(), None, None));
    }

    proptest! {
        #[test]
        fn nothing_that_a_file_refers_to_lies_outside(
            folder in "([a-z]{1,3}/){0,3}",
            reference in "(/|\\.\\./|\\./|[a-z]{1,3}/){0,8}[a-z]{1,3}",
        ) {
            let base = format!("/srv/shop.git#main:{folder}catalog-info.yaml");
            if let Ok(place) = resolve(&base, &reference) {
                let path = place.target().strip_prefix("/srv/shop.git#main:").expect("the same repository");
                prop_assert!(!path.starts_with('/'));
                prop_assert!(path.split('/').all(|step| !step.is_empty() && step != ".."));
            }
        }

        #[test]
        fn any_text_can_be_read(base in ".{0,40}", reference in ".{0,40}") {
            let _ = resolve(&base, &reference);
        }
    }
}
