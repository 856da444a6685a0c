//! Repositories of this machine, read in place.

use std::sync::Arc;

use forge::Integrations;
use forge::git::{
    Change, ChangeKind, CommitId, EntryKind, Error, Git, GitOptions, LocalAccess, Remote, Snapshot,
};

use crate::support::{credentials_for, repo::Repo};

fn git(dir: &tempfile::TempDir, local: LocalAccess) -> Git {
    let options = GitOptions {
        local,
        max_file: 1024 * 1024,
        max_entries: 1000,
        ..GitOptions::new(dir.path())
    };
    Git::new(
        options,
        credentials_for("127.0.0.1:1", Arc::new(Integrations::default())),
    )
}

async fn open(repo: &Repo, git_ref: Option<&str>) -> Result<Snapshot, Error> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let remote = Remote::parse(&format!("file://{}", repo.path().display()))?;
    git(&dir, LocalAccess::Anywhere)
        .fetch(&remote, git_ref)
        .await
}

fn paths(tree: &forge::git::Tree) -> Vec<&str> {
    tree.entries
        .iter()
        .map(|entry| entry.path.as_str())
        .collect()
}

#[tokio::test]
async fn a_commit_is_listed_and_read_without_a_checkout() {
    let repo = Repo::new();
    repo.write("catalog-info.yaml", "kind: Component\n")
        .write("docs/한글 문서.md", "# 안녕\n")
        .write("run.sh", "#!/bin/sh\n")
        .link("current", "docs");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(repo.path().join("run.sh"), mode).expect("mode");
    let commit = repo.commit("first");
    // What lies in the work tree but is not committed does not exist.
    repo.write("catalog-info.yaml", "changed")
        .write("new.txt", "new");

    let snapshot = open(&repo, None).await.expect("snapshot");
    assert_eq!(snapshot.commit().to_string(), commit);
    assert_eq!(snapshot.default_branch(), Some("main"));
    let tree = snapshot.tree().await.expect("tree");
    assert_eq!(
        paths(&tree),
        [
            "catalog-info.yaml",
            "current",
            "docs/한글 문서.md",
            "run.sh"
        ]
    );
    let kinds: Vec<EntryKind> = tree.entries.iter().map(|entry| entry.kind).collect();
    assert_eq!(
        kinds,
        [
            EntryKind::File,
            EntryKind::Link,
            EntryKind::File,
            EntryKind::Executable
        ]
    );
    assert_eq!(tree.entries[0].size, 16);
    assert_eq!(tree.entries[0].blob.len(), 40);
    assert_eq!(
        snapshot.read("catalog-info.yaml").await.expect("file"),
        "kind: Component\n"
    );
    // Through a link to a directory.
    assert_eq!(
        snapshot.read("/current/한글 문서.md").await.expect("file"),
        "# 안녕\n"
    );
    let info = snapshot.commit_info().await.expect("commit");
    assert_eq!(info.author, "Kim Minji");
    assert_eq!(info.email, "minji@acme.example");
    assert_eq!(info.time.to_string(), "2026-03-04T05:06:07Z");
    assert_eq!(info.summary, "first");
}

#[tokio::test]
async fn a_branch_a_tag_and_a_commit_name_the_same_place() {
    let repo = Repo::new();
    let first = repo.write("a", "1").commit("one");
    repo.git(&["tag", "-a", "-m", "release", "v1.0"]);
    repo.git(&["branch", "feature/x"]);
    let second = repo.write("a", "2").commit("two");
    for (name, expected) in [
        (Some("v1.0"), &first),
        (Some("feature/x"), &first),
        (Some(first.as_str()), &first),
        (Some("main"), &second),
        (Some("refs/heads/main"), &second),
        (None, &second),
    ] {
        let snapshot = open(&repo, name).await.expect("snapshot");
        assert_eq!(&snapshot.commit().to_string(), expected, "{name:?}");
    }
}

#[tokio::test]
async fn a_missing_ref_says_what_the_default_branch_is() {
    let repo = Repo::new();
    repo.commit("one");
    let error = open(&repo, Some("master"))
        .await
        .expect_err("no such branch");
    assert!(error.is_absence());
    assert!(
        error
            .to_string()
            .ends_with("has no branch or tag `master`; its default branch is `main`"),
        "{error}"
    );
    let unknown = "1234567890123456789012345678901234567890";
    let error = open(&repo, Some(unknown))
        .await
        .expect_err("no such commit");
    assert!(matches!(error, Error::NoSuchCommit { .. }), "{error}");
    for bad in ["--upload-pack=touch", "a..b", "HEAD~1", "a b", ":/text", ""] {
        let error = open(&repo, Some(bad)).await.expect_err(bad);
        assert!(matches!(error, Error::BadRef { .. }), "{bad}: {error}");
    }
    let empty = Repo::new();
    let error = open(&empty, None).await.expect_err("no commit");
    assert!(matches!(error, Error::Empty { .. }), "{error}");
}

#[tokio::test]
async fn links_are_followed_inside_the_tree_only() {
    let repo = Repo::new();
    repo.write("real/file.yaml", "inside")
        .link("ok.yaml", "real/./file.yaml")
        .link("real/back.yaml", "../ok.yaml")
        .link("etc", "/etc")
        .link("up.yaml", "../../../../etc/passwd")
        .link("real/up.yaml", "../../etc/passwd")
        .link("loop-a", "loop-b")
        .link("loop-b", "loop-a")
        .link("dangling", "nowhere")
        .link("root", ".")
        .commit("links");
    let snapshot = open(&repo, None).await.expect("snapshot");
    for path in [
        "ok.yaml",
        "real/back.yaml",
        "root/ok.yaml",
        "root/root/real/file.yaml",
    ] {
        assert_eq!(snapshot.read(path).await.expect(path), "inside", "{path}");
    }
    for path in ["etc/passwd", "up.yaml", "real/up.yaml", "loop-a"] {
        let error = snapshot.read(path).await.expect_err(path);
        assert!(matches!(error, Error::Link { .. }), "{path}: {error}");
    }
    let error = snapshot.read("up.yaml").await.expect_err("outside");
    assert_eq!(
        error.to_string(),
        "`up.yaml` goes through the symbolic link `up.yaml` -> `../../../../etc/passwd`, which leads out of the repository; links are followed inside the repository only"
    );
    for path in ["dangling", "ok.yaml/x", "none"] {
        let error = snapshot.read(path).await.expect_err(path);
        assert!(matches!(error, Error::NoSuchPath { .. }), "{path}: {error}");
    }
    for path in ["../x", "real/../ok.yaml", "", "a\\b"] {
        let error = snapshot.read(path).await.expect_err(path);
        assert!(matches!(error, Error::BadPath { .. }), "{path}: {error}");
    }
    let error = snapshot.read("real").await.expect_err("directory");
    assert_eq!(error.to_string(), "`real` is a directory, not a file");
}

#[tokio::test]
async fn a_huge_file_is_refused_and_a_binary_one_is_only_bytes() {
    let repo = Repo::new();
    let binary: Vec<u8> = (0..=255).collect();
    repo.write("huge.yaml", vec![b'a'; 1024 * 1024 + 1])
        .write("binary", &binary)
        .commit("files");
    let snapshot = open(&repo, None).await.expect("snapshot");
    let error = snapshot.read("huge.yaml").await.expect_err("too large");
    assert_eq!(
        error.to_string(),
        "`huge.yaml` has 1048577 bytes; files up to 1048576 bytes are read"
    );
    let all = snapshot
        .read_many(vec!["binary".to_owned(), "huge.yaml".to_owned()])
        .await
        .expect("files");
    assert_eq!(all[0].as_ref().expect("binary").as_ref(), binary);
    assert!(all[1].is_err());
}

#[tokio::test]
async fn a_tree_above_the_limit_is_refused() {
    let repo = Repo::new();
    for n in 0..1001 {
        repo.write(&format!("f{n}"), "");
    }
    repo.commit("many");
    let snapshot = open(&repo, None).await.expect("snapshot");
    let error = snapshot.tree().await.expect_err("too many");
    assert!(
        error
            .to_string()
            .contains("more than 1000 entries in one tree"),
        "{error}"
    );
}

#[tokio::test]
async fn patterns_match_as_in_backstage() {
    let repo = Repo::new();
    for path in [
        "catalog-info.yaml",
        "services/a/catalog-info.yaml",
        "services/b/catalog-info.yaml",
        "services/b/deep/catalog-info.yaml",
        "services/b/catalog-info.yml",
        ".github/catalog-info.yaml",
        "services/.hidden/catalog-info.yaml",
    ] {
        repo.write(path, path);
    }
    repo.link("services/link.yaml", "a/catalog-info.yaml")
        .commit("files");
    let snapshot = open(&repo, None).await.expect("snapshot");
    let cases: [(&str, &[&str]); 8] = [
        ("/catalog-info.yaml", &["/catalog-info.yaml"]),
        ("services/link.yaml", &["services/link.yaml"]),
        ("none.yaml", &[]),
        (
            "**/catalog-info.yaml",
            &[
                "catalog-info.yaml",
                "services/a/catalog-info.yaml",
                "services/b/catalog-info.yaml",
                "services/b/deep/catalog-info.yaml",
            ],
        ),
        (
            "/services/*/catalog-info.yaml",
            &[
                "services/a/catalog-info.yaml",
                "services/b/catalog-info.yaml",
            ],
        ),
        (
            "services/b/catalog-info.{yaml,yml}",
            &[
                "services/b/catalog-info.yaml",
                "services/b/catalog-info.yml",
            ],
        ),
        (".github/*.yaml", &[".github/catalog-info.yaml"]),
        ("services/?/*.yml", &["services/b/catalog-info.yml"]),
    ];
    for (pattern, expected) in cases {
        let found = snapshot.glob(pattern).await.expect(pattern);
        let expected: Vec<&str> = expected
            .iter()
            .map(|path| path.trim_start_matches('/'))
            .collect();
        assert_eq!(paths(&found), expected, "{pattern}");
    }
    for bad in ["[", "a/../*", "{a"] {
        let error = snapshot.glob(bad).await.expect_err(bad);
        assert!(matches!(error, Error::BadPattern { .. }), "{bad}: {error}");
    }
}

#[tokio::test]
async fn a_submodule_is_a_note() {
    let repo = Repo::new();
    let first = repo.write("a", "1").commit("one");
    repo.git(&[
        "update-index",
        "--add",
        "--cacheinfo",
        &format!("160000,{first},vendor/lib"),
    ]);
    repo.git(&["commit", "--quiet", "-m", "submodule"]);
    let snapshot = open(&repo, None).await.expect("snapshot");
    let tree = snapshot.tree().await.expect("tree");
    assert_eq!(paths(&tree), ["a"]);
    assert_eq!(
        tree.notes,
        ["`vendor/lib` is a submodule, which is not read; register its repository on its own"]
    );
    let error = snapshot.read("vendor/lib/x").await.expect_err("submodule");
    assert!(matches!(error, Error::NotAFile { .. }), "{error}");
}

#[tokio::test]
async fn the_last_change_is_the_one_git_log_names() {
    let repo = Repo::new();
    let one = repo.write("a", "1").write("b", "1").commit("one");
    repo.git(&["checkout", "--quiet", "-b", "side"]);
    let side = repo.write("b", "2").commit("side");
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("c", "1").commit("main");
    repo.git(&["merge", "--quiet", "--no-ff", "-m", "merge", "side"]);
    repo.commit("empty");
    let snapshot = open(&repo, None).await.expect("snapshot");
    let found = snapshot
        .last_changes(vec!["a".into(), "b".into(), "none".into()], 100)
        .await
        .expect("changes");
    for (index, path, expected) in [(0, "a", &one), (1, "b", &side)] {
        let change = found[index].as_ref().expect(path);
        assert_eq!(&change.commit.id.to_string(), expected, "{path}");
        assert!(change.exact);
        let log = repo.git(&["log", "-1", "--format=%H", "--", path]);
        assert_eq!(log.trim(), expected, "{path}");
    }
    assert_eq!(found[2], None);
    let bounded = snapshot
        .last_changes(vec!["a".into()], 1)
        .await
        .expect("changes");
    assert!(!bounded[0].as_ref().expect("a").exact);
}

#[tokio::test]
async fn moved_files_are_recognised() {
    let repo = Repo::new();
    let text: String = (0..40).map(|n| format!("line {n}\n")).collect();
    repo.write("catalog-info.yaml", &text)
        .write("gone", "gone\n")
        .write("edited", "1\n")
        .write("same", "same\n");
    let before = repo.commit("before");
    repo.git(&["mv", "catalog-info.yaml", "backstage.yaml"]);
    repo.write("backstage.yaml", text.replace("line 7\n", "line seven\n"));
    repo.git(&["mv", "same", "moved-same"]);
    repo.git(&["rm", "--quiet", "gone"]);
    repo.write("edited", "2\n")
        .write("dir/new", "new\n")
        .commit("after");
    let snapshot = open(&repo, None).await.expect("snapshot");
    let before = CommitId::parse(&before).expect("id");
    let changes = snapshot
        .changes_since(&before)
        .await
        .expect("changes")
        .expect("known");
    let change = |path: &str, kind| Change {
        path: path.to_owned(),
        kind,
    };
    let moved = |from: &str, modified| ChangeKind::Moved {
        from: from.to_owned(),
        modified,
    };
    assert_eq!(
        changes,
        [
            change("backstage.yaml", moved("catalog-info.yaml", true)),
            change("dir/new", ChangeKind::Added),
            change("edited", ChangeKind::Modified),
            change("gone", ChangeKind::Removed),
            change("moved-same", moved("same", false)),
        ]
    );
    let unknown = CommitId::parse(&"1".repeat(40)).expect("id");
    assert_eq!(
        snapshot.changes_since(&unknown).await.expect("changes"),
        None
    );
}

#[tokio::test]
async fn only_allowed_directories_are_read() {
    let repo = Repo::new();
    repo.commit("one");
    let outside = Repo::new();
    outside.commit("one");
    let dir = tempfile::tempdir().expect("temporary directory");
    let link = repo.root().join("sneaky");
    std::os::unix::fs::symlink(outside.path(), &link).expect("link");
    let git = git(&dir, LocalAccess::Below(vec![repo.root().to_owned()]));
    let inside = Remote::Local(repo.path().to_owned());
    git.fetch(&inside, None).await.expect("below the root");
    for path in [outside.path(), &link, std::path::Path::new("/")] {
        let error = git
            .fetch(&Remote::Local(path.to_owned()), None)
            .await
            .expect_err("outside");
        assert!(matches!(error, Error::LocalNotAllowed { .. }), "{error}");
    }
    let gitfile = repo.root().join("gitfile");
    std::fs::create_dir(&gitfile).expect("directory");
    std::fs::write(
        gitfile.join(".git"),
        format!("gitdir: {}/.git\n", outside.path().display()),
    )
    .expect("file");
    let error = git
        .fetch(&Remote::Local(gitfile), None)
        .await
        .expect_err("leads outside");
    assert!(matches!(error, Error::LocalNotAllowed { .. }), "{error}");
    let commit = CommitId::parse(&outside.head()).expect("id");
    let error = git
        .at(&Remote::Local(outside.path().to_owned()), &commit)
        .await
        .expect_err("outside");
    assert!(matches!(error, Error::LocalNotAllowed { .. }), "{error}");
    let commit = CommitId::parse(&repo.head()).expect("id");
    assert!(git.at(&inside, &commit).await.expect("open").is_some());
    let plain = repo.root().join("plain");
    std::fs::create_dir(&plain).expect("directory");
    let error = git
        .fetch(&Remote::Local(plain), None)
        .await
        .expect_err("no repository");
    assert!(matches!(error, Error::NotARepository { .. }), "{error}");
    let error = git
        .fetch(&Remote::Local(repo.root().join("none")), None)
        .await
        .expect_err("no directory");
    assert!(matches!(error, Error::NotARepository { .. }), "{error}");
}

#[test]
fn addresses_of_repositories_are_read_or_explained() {
    for (text, shown) in [
        ("/srv/git/shop.git", "/srv/git/shop.git"),
        ("./shop", "./shop"),
        ("file:///srv/git/shop.git", "/srv/git/shop.git"),
        (
            "https://git.example.com/acme/shop.git",
            "https://git.example.com/acme/shop.git",
        ),
        (
            "git@git.example.com:acme/shop.git",
            "ssh://git@git.example.com/acme/shop.git",
        ),
        (
            "ssh://git@git.example.com:2222/acme/shop.git",
            "ssh://git@git.example.com:2222/acme/shop.git",
        ),
    ] {
        assert_eq!(Remote::parse(text).expect(text).shown(), shown);
    }
    for text in [
        "",
        "git://git.example.com/acme/shop.git",
        "ext::sh -c touch% /tmp/x",
        "https://user:hunter2@git.example.com/acme/shop.git",
        "https://ghp_token@git.example.com/acme/shop.git",
        "ssh://-oProxyCommand=touch/acme/shop.git",
        "ssh://git:hunter2@host/acme",
        "-oProxyCommand=x:acme/shop",
        "ftp://git.example.com/shop.git",
        "https://git.example.com/",
        "file://host/share/shop.git",
        "a\nb",
    ] {
        let error = Remote::parse(text).expect_err(text).to_string();
        assert!(
            !error.contains("hunter2") && !error.contains("ghp_token"),
            "{error}"
        );
    }
}
