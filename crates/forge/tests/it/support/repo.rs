//! Repositories made with the `git` program in a temporary directory.

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) struct Repo {
    _dir: tempfile::TempDir,
    path: PathBuf,
}

impl Repo {
    /// An empty repository with the branch `main`.
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("acme").join("shop.git");
        std::fs::create_dir_all(&path).expect("directory");
        let repo = Self { _dir: dir, path };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo.git(&["config", "http.receivepack", "true"]);
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory above `acme/shop.git`, to be served.
    pub(crate) fn root(&self) -> &Path {
        self.path.parent().and_then(Path::parent).expect("root")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.path, arguments)
    }

    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let full = self.path.join(path);
        std::fs::create_dir_all(full.parent().expect("parent")).expect("directory");
        std::fs::write(full, content).expect("file");
        self
    }

    pub(crate) fn link(&self, path: &str, target: &str) -> &Self {
        let full = self.path.join(path);
        std::fs::create_dir_all(full.parent().expect("parent")).expect("directory");
        std::os::unix::fs::symlink(target, full).expect("link");
        self
    }

    /// Commits everything and returns the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.head()
    }

    pub(crate) fn head(&self) -> String {
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }
}

pub(crate) fn git_in(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .envs(identity())
        .output()
        .expect("the git program");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn identity() -> [(&'static str, &'static str); 8] {
    [
        ("GIT_AUTHOR_NAME", "Kim Minji"),
        ("GIT_AUTHOR_EMAIL", "minji@acme.example"),
        ("GIT_COMMITTER_NAME", "Kim Minji"),
        ("GIT_COMMITTER_EMAIL", "minji@acme.example"),
        ("GIT_AUTHOR_DATE", "2026-03-04T05:06:07Z"),
        ("GIT_COMMITTER_DATE", "2026-03-04T05:06:07Z"),
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_NOSYSTEM", "1"),
    ]
}
