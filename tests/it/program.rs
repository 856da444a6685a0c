//! The program, run in a folder of its own with an empty environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

/// Longer than any command that should end by itself.
const PATIENCE: Duration = Duration::from_secs(60);

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard error without log lines, which are no part of an answer.
    pub(crate) fn said(&self) -> String {
        let is_log = |line: &&str| line.starts_with("{\"timestamp\"");
        self.err
            .lines()
            .filter(|line| !is_log(line))
            .fold(String::new(), |said, line| said + line + "\n")
    }
}

/// The program, built from the sources as they are now. A package that depends
/// on another one gets only its library built.
pub(crate) fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let folder = std::env::current_exe()
            .unwrap()
            .parent()
            .and_then(Path::parent)
            .unwrap()
            .to_path_buf();
        let binary = folder.join("portway");
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        if written_at(&binary).is_none_or(|built| built < newest_source(root)) {
            build(root, &folder);
        }
        binary
    })
}

fn build(root: &Path, folder: &Path) {
    let mut build = Command::new(env!("CARGO"));
    build
        .args([
            "build",
            "--quiet",
            "--package",
            "portway",
            "--bin",
            "portway",
        ])
        .current_dir(root);
    if folder.file_name() == Some(OsStr::new("release")) {
        build.arg("--release");
    }
    let built = build
        .env("CARGO_TARGET_DIR", folder.parent().unwrap())
        .output()
        .unwrap();
    assert!(
        built.status.success(),
        "portway cannot be built: {}",
        String::from_utf8_lossy(&built.stderr)
    );
}

fn written_at(path: &Path) -> Option<SystemTime> {
    path.metadata().and_then(|data| data.modified()).ok()
}

/// When a file that goes into the program was written last.
fn newest_source(root: &Path) -> SystemTime {
    let mut newest = SystemTime::UNIX_EPOCH;
    let mut waiting = vec![
        root.join("Cargo.lock"),
        root.join("crates"),
        root.join("examples"),
    ];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(&path)
                .unwrap()
                .map_while(Result::ok)
                .map(|entry| entry.path());
            waiting.extend(inside.filter(|path| path.file_name() != Some(OsStr::new("tests"))));
        } else {
            newest = newest.max(written_at(&path).unwrap_or(SystemTime::UNIX_EPOCH));
        }
    }
    newest
}

/// A command that sees nothing of this machine but its folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary());
    command
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs a command that ends by itself.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Ran {
    run_command(command(folder, arguments))
}

/// As [`run`].
pub(crate) fn run_command(command: Command) -> Ran {
    let shown = format!("{command:?}");
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let ended = runtime.block_on(async { tokio::time::timeout(PATIENCE, command.output()).await });
    let output = ended
        .unwrap_or_else(|_| panic!("{shown} does not end"))
        .unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Files in a temporary folder.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        write(folder.path(), name, text);
    }
    folder
}

/// Writes a file and the folders above it.
pub(crate) fn write(folder: &Path, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// A component that nothing is wrong with.
pub(crate) fn component(name: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\nspec:\n  type: service\n  \
         lifecycle: production\n  owner: team-a\n"
    )
}

/// Runs a command that should end by itself, and ends it if it starts to serve
/// instead.
pub(crate) fn run_for_a_moment(folder: &Path, arguments: &[&str]) -> Ran {
    use std::io::{BufRead as _, BufReader, Read as _};
    let mut child = command(folder, arguments).spawn().unwrap();
    let mut err = child.stderr.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut said = String::new();
        err.read_to_string(&mut said).map(|_| said)
    });
    let mut out = String::new();
    for line in BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok)
    {
        out.push_str(&line);
        out.push('\n');
        if line.starts_with("Portway is at ") {
            let _ = child.kill();
        }
    }
    let ended = child.wait().unwrap();
    Ran {
        code: ended.code(),
        out,
        err: reader.join().unwrap().unwrap(),
    }
}
