//! The data folder, and how the command line finds the server that runs on
//! this machine: `portway up` leaves its URL and a token in
//! `local-access.json`, readable by the same user only.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

const FILE: &str = "local-access.json";

/// What `portway up` leaves for the command line.
#[derive(Clone, Deserialize, Serialize, PartialEq, Eq)]
pub struct LocalAccess {
    /// For example `http://127.0.0.1:7007`.
    pub url: String,
    /// A token with every permission, valid while that server runs.
    pub token: String,
    /// The process that serves.
    pub pid: u32,
}

impl std::fmt::Debug for LocalAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LocalAccess")
            .field("url", &self.url)
            .field("pid", &self.pid)
            .finish_non_exhaustive()
    }
}

impl LocalAccess {
    /// Writes the file so that nobody else can read it, not even for a moment.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn write(&self, data: &Path) -> io::Result<()> {
        let text = serde_json::to_vec(self)?;
        let file = data.join(FILE);
        let waiting = data.join(format!("{FILE}.{}", self.pid));
        let mut options = fs::OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&waiting)?.write_all(&text)?;
        fs::rename(&waiting, &file)
    }

    /// What the server of this data folder left; `None` when none runs or ran.
    pub fn read(data: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(data.join(FILE)).ok()?).ok()
    }

    /// Removes the file when it is still the one of process `pid`.
    pub fn remove(data: &Path, pid: u32) {
        if Self::read(data).is_some_and(|found| found.pid == pid) {
            // A file that stays names a server that does not answer, which the
            // client reports well.
            let _ = fs::remove_file(data.join(FILE));
        }
    }
}

/// `$XDG_DATA_HOME/portway`, else `~/.local/share/portway`, else `.portway`.
pub fn default_data_folder(variables: &BTreeMap<String, String>) -> PathBuf {
    let set = |name: &str| {
        variables
            .get(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    // The XDG rules say that a relative path is not valid.
    if let Some(base) = set("XDG_DATA_HOME").filter(|base| base.is_absolute()) {
        return base.join("portway");
    }
    match set("HOME") {
        Some(home) => home.join(".local/share/portway"),
        None => PathBuf::from(".portway"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_private() {
        let folder = std::env::temp_dir().join(format!("portway-local-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let access = LocalAccess {
            url: "http://127.0.0.1:1".into(),
            token: "t".into(),
            pid: 7,
        };
        access.write(&folder).unwrap();
        assert_eq!(LocalAccess::read(&folder), Some(access.clone()));
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(
                &fs::metadata(folder.join(FILE)).unwrap().permissions(),
            );
            assert_eq!(mode & 0o777, 0o600);
        }
        LocalAccess::remove(&folder, 8);
        assert_eq!(LocalAccess::read(&folder), Some(access));
        LocalAccess::remove(&folder, 7);
        assert_eq!(LocalAccess::read(&folder), None);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_data_folder_follows_the_xdg_rules() {
        let folder = |pairs: &[(&str, &str)]| {
            default_data_folder(
                &pairs
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect(),
            )
        };
        assert_eq!(
            folder(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]),
            PathBuf::from("/x/portway")
        );
        assert_eq!(
            folder(&[("XDG_DATA_HOME", "x"), ("HOME", "/h")]),
            PathBuf::from("/h/.local/share/portway")
        );
        assert_eq!(folder(&[]), PathBuf::from(".portway"));
    }
}
