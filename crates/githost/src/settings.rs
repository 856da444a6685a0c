//! `githost`: whether Portway keeps repositories itself, where, and how much.

use std::path::{Path, PathBuf};

use forge::host::Limits;
use model::diagnostic::Diagnostic;
use platform::config::Config;

const KEY: &str = "githost";

/// How the host is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the objects of repositories lie.
    pub directory: PathBuf,
    /// Where people and clients reach Portway, without a trailing slash.
    pub base_url: String,
    /// Bytes of one repository on the disk.
    pub repository_bytes: u64,
    /// Bytes of all repositories on the disk.
    pub total_bytes: u64,
    /// Bytes of one push.
    pub push_bytes: u64,
    /// Repositories of one owner.
    pub repositories: usize,
    /// Refs of one repository.
    pub refs: usize,
    /// What one push and one object may hold.
    pub limits: Limits,
}

impl Settings {
    /// The defaults: 2 GiB a repository, 50 GiB in all, 1 GiB a push, 100 MiB
    /// an object, 10,000 repositories of one owner, 10,000 refs of one
    /// repository.
    pub fn new(data: &Path, base_url: &str) -> Self {
        Self {
            directory: data.join("repositories"),
            base_url: base_url.trim_end_matches('/').to_owned(),
            repository_bytes: 2 << 30,
            total_bytes: 50 << 30,
            push_bytes: 1 << 30,
            repositories: 10_000,
            refs: 10_000,
            limits: Limits::default(),
        }
    }

    /// Reads `githost`; what is not set has its default.
    ///
    /// # Errors
    /// A value that is no number or lets nothing through, with its place.
    pub fn from_config(config: &Config, data: &Path, base_url: &str) -> Result<Self, Diagnostic> {
        let mut settings = Self::new(data, base_url);
        let Some(section) = config.at(KEY) else {
            return Ok(settings);
        };
        if let Some(directory) = section.opt_str("directory")? {
            settings.directory = data.join(directory);
        }
        let bytes = [
            ("limits.repositoryBytes", &mut settings.repository_bytes),
            ("limits.totalBytes", &mut settings.total_bytes),
            ("limits.pushBytes", &mut settings.push_bytes),
        ];
        for (name, limit) in bytes {
            if let Some(number) = section.section::<u64>(name)? {
                *limit = number;
            }
        }
        let counts = [
            ("limits.objectBytes", &mut settings.limits.object),
            ("limits.repositories", &mut settings.repositories),
            ("limits.refs", &mut settings.refs),
        ];
        for (name, limit) in counts {
            if let Some(number) = section.section::<usize>(name)? {
                *limit = number;
            }
        }
        if settings.limits.object < 1 << 10 {
            return Err(section.refuse(
                "limits.objectBytes",
                "`githost.limits.objectBytes` is so small that no commit could be pushed",
                "a number of bytes of at least 1024",
            ));
        }
        Ok(settings)
    }
}
