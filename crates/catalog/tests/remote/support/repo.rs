//! Repositories made with the `git` program.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A work tree in a folder that a [`super::Server`] may serve.
pub(crate) struct Repo {
    path: PathBuf,
}

impl Repo {
    /// An empty repository `owner/name` below `root`, with the branch `main`.
    pub(crate) fn new(root: &Path, slug: &str) -> Self {
        let path = root.join(format!("{slug}.git"));
        std::fs::create_dir_all(&path).expect("a folder");
        let repo = Self { path };
        repo.git(&["init", "--quiet", "--initial-branch=main"]);
        repo
    }

    /// A repository with one committed file.
    pub(crate) fn with(root: &Path, slug: &str, file: &str, content: &str) -> Self {
        let repo = Self::new(root, slug);
        repo.write(file, content).commit("first");
        repo
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        git_in(&self.path, arguments, "")
    }

    pub(crate) fn write(&self, file: &str, content: impl AsRef<[u8]>) -> &Self {
        let full = self.path.join(file);
        std::fs::create_dir_all(full.parent().expect("a folder")).expect("folders");
        std::fs::write(full, content).expect("the file is written");
        self
    }

    pub(crate) fn remove(&self, file: &str) -> &Self {
        std::fs::remove_file(self.path.join(file)).expect("the file is removed");
        self
    }

    pub(crate) fn link(&self, file: &str, target: &str) -> &Self {
        std::os::unix::fs::symlink(target, self.path.join(file)).expect("a link");
        self
    }

    /// Commits everything and answers the id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"]).trim().to_owned()
    }
}

/// One bare repository that looks like many: each name is a Git namespace
/// with one commit of one `catalog-info.yaml`.
pub(crate) fn many(root: &Path, names: &[String], content: impl Fn(&str) -> String) {
    let path = root.join("shared.git");
    std::fs::create_dir_all(&path).expect("a folder");
    git_in(
        &path,
        &["init", "--quiet", "--bare", "--initial-branch=main"],
        "",
    );
    let mut stream = String::new();
    for name in names {
        let content = content(name);
        stream.push_str(&format!(
            "commit refs/namespaces/{name}/refs/heads/main\ncommitter Kim Minji <minji@acme.example> 1772600767 +0000\n\
             data 5\nfirst\nM 100644 inline catalog-info.yaml\ndata {}\n{content}\n",
            content.len()
        ));
    }
    git_in(&path, &["fast-import", "--quiet"], &stream);
}

fn git_in(directory: &Path, arguments: &[&str], input: &str) -> String {
    use std::io::Write as _;
    let mut child = Command::new("git")
        .args(arguments)
        .current_dir(directory)
        .env("GIT_AUTHOR_NAME", "Kim Minji")
        .env("GIT_AUTHOR_EMAIL", "minji@acme.example")
        .env("GIT_COMMITTER_NAME", "Kim Minji")
        .env("GIT_COMMITTER_EMAIL", "minji@acme.example")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the git program");
    child
        .stdin
        .take()
        .expect("its input")
        .write_all(input.as_bytes())
        .expect("input is taken");
    let output = child.wait_with_output().expect("output");
    assert!(
        output.status.success(),
        "git {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("UTF-8")
}
