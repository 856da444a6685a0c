//! Where the logins of the command line are kept: one file for each server in
//! `logins` of the data folder, readable by the same user only.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use platform::clock::later;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// An access token is renewed this long before it runs out.
const MARGIN: Duration = Duration::from_secs(60);

/// What is kept of a login.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Login {
    pub(super) server: String,
    pub(super) access_token: String,
    pub(super) refresh_token: String,
    pub(super) expires_at: Timestamp,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("server", &self.server)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// What the token endpoint answered; `None` for anything else.
    pub(super) fn from_answer(server: &Url, answer: &Value, now: Timestamp) -> Option<Self> {
        let text = |key: &str| answer.get(key).and_then(Value::as_str).map(str::to_owned);
        let seconds = answer.get("expires_in").and_then(Value::as_u64)?;
        Some(Self {
            server: server.as_str().to_owned(),
            access_token: text("access_token")?,
            refresh_token: text("refresh_token")?,
            expires_at: later(now, Duration::from_secs(seconds)),
        })
    }

    /// The same login with its next tokens.
    pub(super) fn renewed(&self, answer: &Value, now: Timestamp) -> Option<Self> {
        let server = Url::parse(&self.server).ok()?;
        Self::from_answer(&server, answer, now)
    }

    pub(super) fn is_fresh(&self, now: Timestamp) -> bool {
        later(now, MARGIN) < self.expires_at
    }
}

/// The place of one server's login.
#[derive(Clone, Debug)]
pub(super) struct Logins {
    path: PathBuf,
    server: String,
}

impl Logins {
    /// The place of the login at `server`.
    pub(super) fn of(data: &Path, server: &Url) -> Self {
        // Letters, digits, dots and dashes: a name that every system takes.
        let name: String = server
            .as_str()
            .trim_end_matches('/')
            .chars()
            .map(|letter| match letter {
                'a'..='z' | '0'..='9' | '.' | '-' => letter,
                _ => '_',
            })
            .take(150)
            .collect();
        Self {
            path: data.join("logins").join(format!("{name}.json")),
            server: server.as_str().to_owned(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_there(&self) -> bool {
        self.read().is_some()
    }

    /// The login, if it is one at this server: two servers can come to the
    /// same name of a file, and no server shall get the tokens of another.
    pub(super) fn read(&self) -> Option<Login> {
        let login: Login = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        (login.server == self.server).then_some(login)
    }

    /// Writes the file so that nobody else can read it, not even for a moment.
    pub(super) fn write(&self, login: &Login) -> io::Result<()> {
        let text = serde_json::to_vec(login)?;
        self.make_folder()?;
        let waiting = self.path.with_extension(format!("{}", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&waiting)?;
        file.write_all(&text)?;
        file.sync_all()?;
        fs::rename(&waiting, &self.path)
    }

    pub(super) fn remove(&self) {
        // A file that stays names a login that the server no longer knows.
        let _ = fs::remove_file(&self.path);
    }

    /// Holds every other process back from refreshing until it is dropped.
    pub(super) fn lock(&self) -> io::Result<File> {
        self.make_folder()?;
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.path.with_extension("lock"))?;
        file.lock()?;
        Ok(file)
    }

    fn make_folder(&self) -> io::Result<()> {
        let Some(folder) = self.path.parent() else {
            return Ok(());
        };
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_login_is_private_and_belongs_to_one_server() {
        let folder = tempfile::tempdir().unwrap();
        let url = |text: &str| Url::parse(text).unwrap();
        let here = Logins::of(folder.path(), &url("https://portway.example.com/"));
        let there = Logins::of(folder.path(), &url("https://portway.example.com:8443/x"));
        assert_ne!(here.path(), there.path());
        let now: Timestamp = "2026-11-21T09:00:00Z".parse().unwrap();
        let answer = json!({"access_token": "a", "refresh_token": "r", "expires_in": 3600});
        let login = Login::from_answer(&url("https://portway.example.com/"), &answer, now).unwrap();
        assert!(login.is_fresh(now));
        assert!(!login.is_fresh(later(now, Duration::from_secs(3550))));
        assert!(!format!("{login:?}").contains('r') || !format!("{login:?}").contains("\"r\""));
        here.write(&login).unwrap();
        assert_eq!(here.read().unwrap().refresh_token, "r");
        assert!(there.read().is_none());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(here.path()), 0o600);
            assert_eq!(mode(here.path().parent().unwrap()), 0o700);
        }
        // Two addresses that come to one file.
        let other = Logins::of(folder.path(), &url("https://portway.example.com:8443/X"));
        let twin = Logins::of(folder.path(), &url("https://portway.example.com:8443/Y"));
        assert_eq!(other.path(), twin.path());
        let login = Login::from_answer(&url("https://portway.example.com:8443/X"), &answer, now);
        other.write(&login.unwrap()).unwrap();
        assert!(other.is_there());
        assert!(!twin.is_there());
        here.remove();
        assert!(!here.is_there());
    }
}
