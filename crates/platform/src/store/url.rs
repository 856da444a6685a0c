//! Where the database is.

use std::fmt;
use std::path::{Path, PathBuf};

use sqlx::postgres::PgConnectOptions;

use super::error::StoreError;

/// The file that a data directory holds.
const FILE: &str = "portway.db";

/// The address of a database. Its `Display` and `Debug` hold no password.
#[derive(Clone)]
pub struct DatabaseUrl(pub(super) Target);

#[derive(Clone)]
pub(super) enum Target {
    File(PathBuf),
    Memory,
    Postgres(Box<PgConnectOptions>),
}

impl DatabaseUrl {
    /// Reads a data directory, `sqlite:<file or directory>`, `sqlite::memory:`
    /// (for tests: gone when closed) or `postgres://…`.
    pub fn parse(text: &str) -> Result<Self, StoreError> {
        let text = text.trim();
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return text
                .parse::<PgConnectOptions>()
                .map(|options| Self(Target::Postgres(Box::new(options))))
                .map_err(|error| address_error("postgres://…", &error.to_string()));
        }
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            // Never shown whole: it may hold a password.
            return Err(address_error(
                "postgres:…",
                "two slashes follow `postgres:`",
            ));
        }
        if let Some(rest) = text.strip_prefix("sqlite:") {
            if rest == ":memory:" || rest == "//:memory:" {
                return Ok(Self(Target::Memory));
            }
            let path = rest.strip_prefix("//").unwrap_or(rest);
            if path.contains('?') {
                return Err(address_error(
                    text,
                    "options after `?` are not accepted for SQLite",
                ));
            }
            if path.is_empty() {
                return Err(address_error(text, "the file name is missing"));
            }
            return Ok(Self(Target::File(file_in(Path::new(path)))));
        }
        match text.split_once("://") {
            Some((scheme, _)) => Err(address_error(
                &format!("{scheme}://…"),
                &format!("`{scheme}` is not a database that Portway knows"),
            )),
            None if text.is_empty() => Err(address_error(text, "it is empty")),
            None => Ok(Self::in_directory(Path::new(text))),
        }
    }

    /// The SQLite database of a data directory.
    pub fn in_directory(directory: &Path) -> Self {
        Self(Target::File(directory.join(FILE)))
    }

    /// Whether this is PostgreSQL, which several servers may share.
    pub fn is_postgres(&self) -> bool {
        matches!(self.0, Target::Postgres(_))
    }
}

fn file_in(path: &Path) -> PathBuf {
    let names_directory = path.is_dir() || path.as_os_str().to_string_lossy().ends_with('/');
    if names_directory {
        path.join(FILE)
    } else {
        path.to_owned()
    }
}

fn address_error(found: &str, problem: &str) -> StoreError {
    StoreError::Address {
        found: found.to_owned(),
        problem: problem.to_owned(),
    }
}

impl std::str::FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        Self::parse(text)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Target::File(path) => write!(f, "sqlite:{}", path.display()),
            Target::Memory => f.write_str("sqlite::memory:"),
            Target::Postgres(options) => {
                write!(f, "postgres://{}@", options.get_username())?;
                match options.get_socket() {
                    Some(socket) => write!(f, "{}:{}", socket.display(), options.get_port())?,
                    None => write!(f, "{}:{}", options.get_host(), options.get_port())?,
                }
                write!(
                    f,
                    "/{}",
                    options.get_database().unwrap_or(options.get_username())
                )
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_never_shows() {
        let url = DatabaseUrl::parse("postgres://kim:hunter2@db.example:5433/portway").unwrap();
        assert_eq!(url.to_string(), "postgres://kim@db.example:5433/portway");
        assert!(!format!("{url:?}").contains("hunter2"));
        let error = DatabaseUrl::parse("mysql://kim:hunter2@db/x")
            .unwrap_err()
            .to_string();
        assert!(error.contains("`mysql` is not a database"), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
        let error = DatabaseUrl::parse("postgres://kim:hunter2@db:99999/x")
            .unwrap_err()
            .to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }

    #[test]
    fn every_form_of_a_file_is_read() {
        for (text, shown) in [
            ("data", "sqlite:data/portway.db"),
            ("sqlite:x.db", "sqlite:x.db"),
            ("sqlite:///var/x.db", "sqlite:/var/x.db"),
            ("sqlite:new/", "sqlite:new/portway.db"),
            ("sqlite::memory:", "sqlite::memory:"),
        ] {
            assert_eq!(
                DatabaseUrl::parse(text).unwrap().to_string(),
                shown,
                "{text}"
            );
        }
        for text in ["", "sqlite:", "sqlite:x.db?mode=ro"] {
            assert!(DatabaseUrl::parse(text).is_err(), "{text}");
        }
    }
}
