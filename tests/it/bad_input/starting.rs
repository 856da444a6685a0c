//! Starting where something is in the way: arguments, port, data directory,
//! database.

use std::net::TcpListener;
use std::path::Path;

use platform::Clock;
use platform::store::{DatabaseUrl, Db};

use crate::program::{Ran, component, folder, run_for_a_moment, write};
use crate::server::Server;

fn up(folder: &Path, arguments: &[&str]) -> Ran {
    let mut words = vec!["up"];
    if !arguments.contains(&"--data") {
        words.extend(["--data", "data"]);
    }
    if !arguments.contains(&"--listen") {
        words.extend(["--listen", "127.0.0.1:0"]);
    }
    words.extend(arguments);
    run_for_a_moment(folder, &words)
}

/// What `portway up` says when it does not start.
fn refusal(folder: &Path, arguments: &[&str]) -> String {
    let ran = up(folder, arguments);
    assert_ne!(ran.code, Some(0), "{arguments:?}: {ran:?}");
    assert_eq!(ran.out, "", "{arguments:?} started");
    ran.said()
}

/// `--listen` and what is said; `[a]` stands for the forms that are accepted.
const LISTEN: &[(&str, &str)] = &[
    ("", "error: --listen : it is empty. Accepted: [a]\n"),
    (
        "99999",
        "error: --listen 99999: `99999` is no port (0 to 65535). Accepted: [a]\n",
    ),
    (
        ":99999",
        "error: --listen :99999: `99999` is no port (0 to 65535). Accepted: [a]\n",
    ),
    (
        "127.0.0.1:http",
        "error: --listen 127.0.0.1:http: `http` is no port (0 to 65535). Accepted: [a]\n",
    ),
    (
        "a:b:c",
        "error: --listen a:b:c: `c` is no port (0 to 65535). Accepted: [a]\n",
    ),
    (
        "no.such.invalid",
        "error: cannot listen on no.such.invalid:7007: failed to lookup address information: Name or service not known. Accepted: [a]\n",
    ),
    (
        "300.1.1.1:80",
        "error: cannot listen on 300.1.1.1:80: failed to lookup address information: Name or service not known. Accepted: [a]\n",
    ),
    (
        "192.0.2.1:7007",
        "error: cannot listen on 192.0.2.1:7007: Cannot assign requested address (os error 99). Accepted: [a]\n",
    ),
];

#[test]
fn an_address_that_is_none_is_refused() {
    let files = folder(&[]);
    for (listen, expected) in LISTEN {
        let ran = up(files.path(), &["--listen", listen]);
        let expected = expected.replace("[a]", "127.0.0.1:7007, :7007 or [::1]:7007");
        // The command line is wrong, so nothing was tried: a usage error.
        assert_eq!((ran.code, ran.said()), (Some(2), expected), "{listen}");
    }
}

#[test]
fn a_port_in_use_is_said_with_another_to_try() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let files = folder(&[]);
    let said = refusal(files.path(), &["--listen", &format!("127.0.0.1:{port}")]);
    assert_eq!(
        said,
        format!(
            "error: 127.0.0.1:{port} is in use by another program. Stop it, or choose another port: `portway up --listen 127.0.0.1:{}`\n",
            port.saturating_add(1)
        )
    );
}

#[test]
fn a_path_that_does_not_exist_is_named() {
    let files = folder(&[("ok.yaml", &component("ok"))]);
    assert_eq!(
        refusal(files.path(), &["ok.yaml", "none.yaml"]),
        "error: none.yaml does not exist; give `portway up` a file or a folder with entities\n"
    );
    // Nothing has been stored of the paths that are fine.
    let server = Server::start(files.path(), &[]);
    assert_eq!(server.items("/api/v1/catalog/sources").len(), 0);
}

/// A path that cannot be a data directory for anybody, root included.
const NO_DIRECTORY: &[(&str, &str)] = &[
    (
        "file",
        "error: the data directory file cannot be made
cause: File exists (os error 17)
fix: give this user write access, or choose another directory with --data DIR\n",
    ),
    (
        "file/below",
        "error: the data directory file/below cannot be made
cause: Not a directory (os error 20)
fix: give this user write access, or choose another directory with --data DIR\n",
    ),
    (
        "/proc/portway",
        "error: the data directory /proc/portway cannot be made
cause: No such file or directory (os error 2)
fix: give this user write access, or choose another directory with --data DIR\n",
    ),
    (
        "/dev/null",
        "error: the data directory /dev/null cannot be made
cause: File exists (os error 17)
fix: give this user write access, or choose another directory with --data DIR\n",
    ),
];

#[test]
fn a_data_directory_that_cannot_be_written_is_named() {
    for (data, expected) in NO_DIRECTORY {
        let files = folder(&[("file", "not a directory")]);
        assert_eq!(refusal(files.path(), &["--data", data]), *expected);
    }
}

#[test]
fn a_data_directory_that_may_only_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let files = folder(&[("data/keep", "")]);
    let data = files.path().join("data");
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o555)).unwrap();
    if std::fs::write(data.join("probe"), "").is_ok() {
        println!("skipped: this user (root?) may write where nobody may write");
        return;
    }
    let said = refusal(files.path(), &[]);
    assert_eq!(
        said,
        "error: cannot write data/portway.db: Permission denied (os error 13). Give this user write access, or choose another directory with --data DIR\n"
    );
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_data_directory_in_use_is_said_with_the_process() {
    let files = folder(&[]);
    let first = Server::start(files.path(), &[]);
    assert_eq!(
        refusal(files.path(), &[]),
        format!(
            "error: another portway (pid {}) uses data/portway.db. Stop it, or give this one its own directory with --data DIR\n",
            first.pid()
        )
    );
    assert_eq!(
        first.ask("GET", "/healthz", b"").status,
        200,
        "the first one is disturbed"
    );
    // Neither its address nor its token may be taken away from it.
    let access = std::fs::read_to_string(files.path().join("data/local-access.json")).unwrap();
    assert!(
        access.contains(&first.token) && access.contains(&first.address),
        "{access}"
    );
}

#[test]
fn a_file_that_is_no_database_is_kept_and_named() {
    for (bytes, problem) in [
        (
            b"this is somebody's letter".to_vec(),
            "it does not begin with `SQLite format 3`",
        ),
        (vec![0xff; 9000], "it does not begin with `SQLite format 3`"),
    ] {
        let files = folder(&[]);
        let file = write(files.path(), "data/portway.db", &bytes);
        assert_eq!(
            refusal(files.path(), &[]),
            format!(
                "error: data/portway.db is not a SQLite database or is damaged: {problem}. Restore a backup, or move the file away to begin with an empty one\n"
            )
        );
        assert_eq!(std::fs::read(file).unwrap(), bytes, "the file was changed");
    }
    let files = folder(&[("data/portway.db/inside", "")]);
    assert_eq!(
        refusal(files.path(), &[]),
        "error: cannot write data/portway.db: Is a directory (os error 21). Give this user write access, or choose another directory with --data DIR\n"
    );
}

/// Opens the database of a server that has ended; closing it writes everything
/// into the one file.
async fn opened(folder: &Path) -> Db {
    let url = DatabaseUrl::parse(&folder.join("data").to_string_lossy()).unwrap();
    Db::open(&url, &[], Clock::system()).await.unwrap()
}

#[tokio::test]
async fn a_database_that_is_cut_short_is_not_taken_for_an_empty_one() {
    let files = folder(&[]);
    drop(Server::start(files.path(), &[]));
    opened(files.path()).await.close().await;
    // What a full disk or a broken copy leaves.
    let file = files.path().join("data/portway.db");
    let bytes = std::fs::read(&file).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    let said = refusal(files.path(), &[]);
    assert!(
        said.starts_with("error: data/portway.db is not a SQLite database or is damaged: "),
        "{said}"
    );
    assert!(
        said.ends_with(". Restore a backup, or move the file away to begin with an empty one\n"),
        "{said}"
    );
}

#[tokio::test]
async fn a_database_of_a_newer_portway_is_left_alone() {
    let files = folder(&[]);
    drop(Server::start(files.path(), &[]));
    let db = opened(files.path()).await;
    let mut tx = db.begin().await.unwrap();
    let row = "INSERT INTO schema_migrations (set_name, version, name, checksum, applied_at) VALUES ('catalog', 99, 'the future', '', 0)";
    tx.execute(row, Vec::new()).await.unwrap();
    tx.commit().await.unwrap();
    db.close().await;
    let said = refusal(files.path(), &[]);
    let (start, known) = said
        .split_once(" knows versions up to ")
        .unwrap_or_else(|| panic!("{said}"));
    assert_eq!(
        start,
        "error: data/portway.db was written by a newer portway: the tables of `catalog` are at version 99, this portway"
    );
    assert!(
        known.ends_with(". Start the newer portway, or restore a backup made before the upgrade\n"),
        "{known}"
    );
}

/// `--database` and what is said. Every one holds the password hunter2.
const DATABASES: &[(&str, &str)] = &[
    (
        "postgres://ada:hunter2@127.0.0.1:9/x",
        "error: cannot reach the database postgres://ada@127.0.0.1:9/x: Connection refused (os error 111). Check that the server runs and that host and port are right\n",
    ),
    (
        "postgres://ada:hunter2@no.such.invalid/x",
        "error: cannot reach the database postgres://ada@no.such.invalid:5432/x: failed to lookup address information: Name or service not known. Check that the server runs and that host and port are right\n",
    ),
    (
        "mysql://ada:hunter2@127.0.0.1/x",
        "error: `mysql://…` is not a database address: `mysql` is not a database that Portway knows. Accepted: a directory, `sqlite:<file>`, `sqlite::memory:` or `postgres://user:password@host:5432/database`\n",
    ),
    (
        "postgres://ada:hunter2@127.0.0.1:port/x",
        "error: `postgres://…` is not a database address: error with configuration: invalid port number. Accepted: a directory, `sqlite:<file>`, `sqlite::memory:` or `postgres://user:password@host:5432/database`\n",
    ),
    (
        "postgres:/ada:hunter2@127.0.0.1/x",
        "error: `postgres:…` is not a database address: two slashes follow `postgres:`. Accepted: a directory, `sqlite:<file>`, `sqlite::memory:` or `postgres://user:password@host:5432/database`\n",
    ),
];

#[test]
fn an_unusable_database_address_is_said_without_its_password() {
    let mut wrong = String::new();
    for (database, expected) in DATABASES {
        for by_file in [false, true] {
            let config = format!("backend:\n  database: '{database}'\n");
            let files = folder(&[]);
            let ran = if by_file {
                write(files.path(), "app-config.yaml", &config);
                up(files.path(), &[])
            } else {
                up(files.path(), &["--database", database])
            };
            if format!("{}{}", ran.out, ran.err).contains("hunter2") {
                wrong.push_str(&format!(
                    "--- {database}: the password is printed:\n{}{}\n",
                    ran.out, ran.err
                ));
            }
            for entry in walk(files.path()) {
                let name = entry
                    .strip_prefix(files.path())
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                if name.contains("hunter2") {
                    wrong.push_str(&format!(
                        "--- {database}: the password is the name of {name}\n"
                    ));
                }
            }
            // What the configuration says is said with its place.
            if !by_file && ran.said() != *expected {
                wrong.push_str(&format!(
                    "--- {database}\nexpected:\n{expected}said:\n{}{}\n",
                    ran.out,
                    ran.said()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map_while(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            found.extend(walk(&path));
        }
        found.push(path);
    }
    found
}

#[test]
fn guests_are_not_admitted_on_a_public_address_and_the_operator_is_told() {
    let config = "auth:\n  providers:\n    guest: {}\n";
    for (config, arguments) in [
        (config, &["--listen", "0.0.0.0:0"][..]),
        ("", &["--demo", "--listen", "0.0.0.0:0"]),
    ] {
        let files = folder(&[("app-config.yaml", config)]);
        let server = Server::start(files.path(), arguments);
        let port = server.address.rsplit(':').next().unwrap();
        let host = format!("localhost:{port}");
        let refused = server.ask_as("GET", "/api/auth/guest/refresh", &[("host", &host)], b"");
        assert_eq!(refused.status, 403, "{}", refused.text());
        let error = refused.json()["error"].clone();
        assert_eq!(
            error["message"],
            "Guests are admitted only while Portway listens on a loopback address such as 127.0.0.1"
        );
        assert_eq!(
            error["fix"],
            "use a token from `portway token create`, or a sign-in link"
        );
        let list = server.ask_as("GET", "/api/catalog/entities", &[("host", &host)], b"");
        assert_eq!(
            list.status, 401,
            "reading needs no sign-in on a public address"
        );
        assert!(
            server
                .log()
                .contains("Guests are not admitted while Portway listens on 0.0.0.0"),
            "the operator is not told: {}",
            server.log()
        );
    }
}
