//! Whether the files that hold secrets can be read by other users of this
//! machine. A data directory that Portway makes is closed to them; one that
//! was there keeps the rights that somebody gave it, and is spoken of.

use std::path::Path;

/// Files of the data directory that are worth a sign-in, with what they hold.
#[cfg(unix)]
const KEYS: [(&str, &str); 4] = [
    ("seal.key", "the key of the signing keys"),
    ("local-access.json", "the token of the command line"),
    ("portway.db", "the database"),
    ("portway.db-wal", "the newest part of the database"),
];

/// Speaks of them in the log.
pub(super) fn warn(data: &Path) {
    for warning in exposed(data) {
        tracing::warn!("{warning}");
    }
}

/// One sentence for each file that others can read, with what to do.
#[cfg(unix)]
fn exposed(data: &Path) -> Vec<String> {
    use std::os::unix::fs::PermissionsExt as _;
    let others_may = |path: &Path, rights: u32| {
        path.metadata()
            .is_ok_and(|found| found.permissions().mode() & rights != 0)
    };
    // Whoever may not enter the directory reads nothing in it.
    if !others_may(data, 0o011) {
        return Vec::new();
    }
    KEYS.iter()
        .map(|(name, what)| (data.join(name), what))
        .filter(|(path, _)| others_may(path, 0o044))
        .map(|(path, what)| {
            let (path, data) = (path.display(), data.display());
            format!("{path}, {what}, can be read by other users of this machine; run `chmod 700 {data}` and `chmod 600 {path}`")
        })
        .collect()
}

#[cfg(not(unix))]
fn exposed(_: &Path) -> Vec<String> {
    Vec::new()
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_that_others_can_read_is_named_with_what_to_do() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path();
        let set = |path: &Path, mode| {
            fs::set_permissions(path, Permissions::from_mode(mode)).expect("rights");
        };
        for name in ["seal.key", "portway.db"] {
            fs::write(data.join(name), "x").expect("a file");
            set(&data.join(name), 0o644);
        }
        set(data, 0o700);
        assert_eq!(exposed(data), Vec::<String>::new());
        set(data, 0o755);
        let found = exposed(data);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found.iter().all(|text| text.contains("chmod 600")),
            "{found:?}"
        );
        set(&data.join("seal.key"), 0o600);
        set(&data.join("portway.db"), 0o600);
        assert_eq!(exposed(data), Vec::<String>::new());
    }
}
