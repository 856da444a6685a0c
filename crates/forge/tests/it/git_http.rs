//! Repositories behind smart HTTP and ssh.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use forge::Integrations;
use forge::git::{CommitId, Error, Git, GitOptions, Remote};
use serde_json::json;

use crate::support::{credentials_for, git_host::GitHost, integrations, repo::Repo};

fn git(dir: &tempfile::TempDir, host: &GitHost) -> Git {
    Git::new(
        GitOptions::new(dir.path()),
        credentials_for(&host.host, Arc::new(Integrations::default())),
    )
}

fn remote(host: &GitHost) -> Remote {
    Remote::parse(&host.url("acme/shop.git")).expect("remote")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ref_is_fetched_once_per_commit() {
    let repo = Repo::new();
    let first = repo.write("a", "1").commit("one");
    repo.git(&["branch", "other"]);
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = git(&dir, &host);
    let remote = remote(&host);

    let snapshot = git.fetch(&remote, None).await.expect("fetch");
    assert_eq!(snapshot.commit().to_string(), first);
    assert_eq!(snapshot.default_branch(), Some("main"));
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
    assert!(snapshot.received() > 0);
    let after_first = host.packs();

    // Nothing new: the refs are listed, no objects are asked for.
    git.fetch(&remote, None).await.expect("fetch");
    let listing_only = host.packs() - after_first;
    assert_eq!(listing_only, 1, "one ls-refs, no fetch");
    // The same commit under another name costs no objects either.
    let other = git.fetch(&remote, Some("other")).await.expect("fetch");
    assert_eq!(other.commit().to_string(), first);

    let second = repo.write("a", "2").commit("two");
    let snapshot = git.fetch(&remote, Some("main")).await.expect("fetch");
    assert_eq!(snapshot.commit().to_string(), second);
    assert_eq!(snapshot.read("a").await.expect("file"), "2");
    let first = CommitId::parse(&first).expect("id");
    let changes = snapshot
        .changes_since(&first)
        .await
        .expect("changes")
        .expect("known");
    assert_eq!(changes.len(), 1);

    // Known commits are opened without any request.
    let before = host.seen.listings.load(Ordering::SeqCst);
    let known = git.at(&remote, &first).await.expect("open").expect("known");
    assert_eq!(known.read("a").await.expect("file"), "1");
    let unknown = CommitId::parse(&"1".repeat(40)).expect("id");
    assert!(git.at(&remote, &unknown).await.expect("open").is_none());
    assert_eq!(host.seen.listings.load(Ordering::SeqCst), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_that_wait_together_share_a_fetch() {
    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = git(&dir, &host);
    let remote = remote(&host);
    let all = (0..20).map(|_| git.fetch(&remote, None));
    for result in futures_util::future::join_all(all).await {
        assert_eq!(result.expect("fetch").read("a").await.expect("file"), "1");
    }
    // The first runs; all others were waiting and share the second.
    assert!(host.seen.listings.load(Ordering::SeqCst) <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_force_push_is_followed() {
    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    repo.write("a", "2").commit("two");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = git(&dir, &host);
    let remote = remote(&host);
    let old = git.fetch(&remote, None).await.expect("fetch");
    repo.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let new = repo.write("a", "3").commit("three");
    let snapshot = git.fetch(&remote, None).await.expect("fetch");
    assert_eq!(snapshot.commit().to_string(), new);
    assert_eq!(snapshot.read("a").await.expect("file"), "3");
    assert_eq!(old.read("a").await.expect("old commit stays readable"), "2");
    assert!(
        snapshot
            .changes_since(old.commit())
            .await
            .expect("changes")
            .is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_below_the_depth_is_said_to_be_unknown() {
    let repo = Repo::new();
    repo.write("old", "1").commit("one");
    for n in 0..5 {
        repo.write("new", n.to_string()).commit("more");
    }
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let options = GitOptions {
        depth: NonZeroU32::new(2),
        ..GitOptions::new(dir.path())
    };
    let git = Git::new(
        options,
        credentials_for(&host.host, Arc::new(Integrations::default())),
    );
    let snapshot = git.fetch(&remote(&host), None).await.expect("fetch");
    let changes = snapshot
        .last_changes(vec!["new".into(), "old".into()], 100)
        .await
        .expect("changes");
    let (new, old) = (
        changes[0].as_ref().expect("new"),
        changes[1].as_ref().expect("old"),
    );
    assert!(new.exact);
    assert_eq!(new.commit.id.to_string(), repo.head());
    assert!(!old.exact);
    // The next fetches go on from there.
    let head = repo.write("new", "x").commit("newer");
    let snapshot = git.fetch(&remote(&host), None).await.expect("fetch");
    assert_eq!(snapshot.commit().to_string(), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_goes_to_its_own_host_and_nowhere_else() {
    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    // "oauth2:glpat-secret"
    let header = "Basic b2F1dGgyOmdscGF0LXNlY3JldA==";
    let host = GitHost::start(repo.root().to_owned(), Some(header)).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let base = format!("http://{}", host.host);
    let known = integrations(&json!({ "gitlab": [
        { "host": host.host, "baseUrl": base, "token": "glpat-secret\n" }
    ]}));
    let git = Git::new(
        GitOptions::new(dir.path()),
        credentials_for(&host.host, known),
    );
    let snapshot = git.fetch(&remote(&host), None).await.expect("fetch");
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
    assert!(!format!("{git:?} {snapshot:?}").contains("glpat-secret"));

    // Another host's token is not tried here.
    let elsewhere = integrations(&json!({ "gitlab": [
        { "host": "gitlab.example.com", "token": "glpat-secret" }
    ]}));
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = Git::new(
        GitOptions::new(dir.path()),
        credentials_for(&host.host, elsewhere),
    );
    let error = git.fetch(&remote(&host), None).await.expect_err("no token");
    assert_eq!(
        error.to_string(),
        format!(
            "`http://{}/acme/shop.git` refused the anonymous access (status 401). Add an `integrations` entry with a `token` for `127.0.0.1`",
            host.host
        )
    );
    assert!(!error.is_absence());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_explained() {
    let repo = Repo::new();
    repo.commit("one");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = git(&dir, &host);
    let error = git
        .fetch(&remote(&host), Some("master"))
        .await
        .expect_err("renamed");
    assert!(
        error
            .to_string()
            .ends_with("has no branch or tag `master`; its default branch is `main`"),
        "{error}"
    );
    assert!(error.is_absence());
    let none = Remote::parse(&host.url("acme/none.git")).expect("remote");
    let error = git.fetch(&none, None).await.expect_err("no repository");
    assert!(matches!(error, Error::NoSuchRepository { .. }), "{error}");
    let other = Remote::parse("http://127.0.0.1:9/acme/shop.git").expect("remote");
    let error = git.fetch(&other, None).await.expect_err("not listed");
    assert!(
        error
            .to_string()
            .contains("reading from `127.0.0.1:9` is not allowed"),
        "{error}"
    );
    let empty = Repo::new();
    let host = GitHost::start(empty.root().to_owned(), None).await;
    let git = self::git(&dir, &host);
    let error = git
        .fetch(&remote(&host), None)
        .await
        .expect_err("no commit");
    assert!(matches!(error, Error::Empty { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_moved_is_read_and_reported() {
    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let old = Remote::parse(&host.url("old/acme/shop.git")).expect("remote");
    let snapshot = git(&dir, &host).fetch(&old, None).await.expect("fetch");
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
    assert_eq!(
        snapshot.moved_to(),
        Some(host.url("acme/shop.git").as_str())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_copy_is_made_again() {
    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = git(&dir, &host);
    git.fetch(&remote(&host), None).await.expect("fetch");
    let copy = std::fs::read_dir(dir.path())
        .expect("directory")
        .next()
        .expect("copy")
        .expect("entry");
    std::fs::remove_file(copy.path().join("HEAD")).expect("file");
    let snapshot = git.fetch(&remote(&host), None).await.expect("fetch");
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
    git.forget(&remote(&host)).await.expect("forget");
    assert!(!copy.path().exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_with_many_packs_is_fetched_anew() {
    let repo = Repo::new();
    let first = repo.write("a", "0").commit("one");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let git = git(&dir, &host);
    git.fetch(&remote(&host), None).await.expect("fetch");
    let copy = std::fs::read_dir(dir.path())
        .expect("directory")
        .next()
        .expect("copy")
        .expect("entry");
    let packs = copy.path().join("objects").join("pack");
    for n in 0..60 {
        std::fs::write(packs.join(format!("left-{n}.pack")), "").expect("file");
    }
    repo.write("a", "1").commit("two");
    let snapshot = git.fetch(&remote(&host), None).await.expect("fetch");
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
    assert!(std::fs::read_dir(&packs).expect("directory").count() < 5);
    // The commit before is within the fetched depth.
    let first = CommitId::parse(&first).expect("id");
    assert_eq!(
        snapshot
            .changes_since(&first)
            .await
            .expect("changes")
            .expect("known")
            .len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fetch_above_the_limit_is_refused() {
    let repo = Repo::new();
    let noise: String = (0..20_000_u64)
        .map(|n| format!("{:x}", n.wrapping_mul(0x9E37_79B9_7F4A_7C15)))
        .collect();
    repo.write("noise", noise).commit("one");
    let host = GitHost::start(repo.root().to_owned(), None).await;
    let dir = tempfile::tempdir().expect("temporary directory");
    let options = GitOptions {
        max_fetch: 10_000,
        ..GitOptions::new(dir.path())
    };
    let git = Git::new(
        options,
        credentials_for(&host.host, Arc::new(Integrations::default())),
    );
    let error = git
        .fetch(&remote(&host), None)
        .await
        .expect_err("too large");
    assert!(
        error.to_string().contains("more than 10000 bytes to fetch"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ssh_runs_the_configured_program() {
    use std::os::unix::fs::PermissionsExt;

    let repo = Repo::new();
    repo.write("a", "1").commit("one");
    let dir = tempfile::tempdir().expect("temporary directory");
    // Stands for ssh: notes what it was asked, then runs the remote command
    // here, below the served directory.
    let script = dir.path().join("ssh");
    let log = dir.path().join("log");
    std::fs::write(
        &script,
        format!(
            "#!/bin/sh\necho \"$@\" >> {log}\nwhile [ \"$1\" != git-upload-pack ]; do shift; done\ncd {root} || exit 1\neval \"$(printf '%s ' \"$@\" | sed \"s#'/#'./#\")\"\n",
            log = log.display(),
            root = repo.root().display()
        ),
    )
    .expect("script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("mode");
    let options = GitOptions {
        ssh_command: script.display().to_string(),
        ..GitOptions::new(dir.path().join("data"))
    };
    let git = Git::new(
        options,
        credentials_for("127.0.0.1:22", Arc::new(Integrations::default())),
    );
    let remote = Remote::parse("git@127.0.0.1:acme/shop.git").expect("remote");
    let snapshot = git.fetch(&remote, Some("main")).await.expect("fetch");
    assert_eq!(snapshot.read("a").await.expect("file"), "1");
    let asked = std::fs::read_to_string(&log).expect("log");
    assert!(
        asked.contains("git@127.0.0.1") && asked.contains("git-upload-pack"),
        "{asked}"
    );
    let other = Remote::parse("git@10.0.0.1:acme/shop.git").expect("remote");
    let error = git.fetch(&other, None).await.expect_err("not listed");
    assert!(error.to_string().contains("not allowed"), "{error}");
}
