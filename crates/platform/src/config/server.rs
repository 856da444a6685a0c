//! The settings of the server itself: where it listens, how the world reaches
//! it, and where it keeps its state.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use model::diagnostic::Diagnostic;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::Config;
use super::section::Section;
use super::tree::Data;

const DEFAULT_HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Backstage's port, so that existing clients need no change.
const DEFAULT_PORT: u16 = 7007;
const DEFAULT_POSTGRES_PORT: u16 = 5432;
const DEFAULT_DATABASE: &str = "portway";

/// Where to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// An address or a name that resolves to one.
    pub host: String,
    /// 0 lets the system choose.
    pub port: u16,
}

impl Default for Listen {
    /// 127.0.0.1:7007: the portal and the API, reachable from this machine only.
    fn default() -> Self {
        Self {
            host: DEFAULT_HOST.to_string(),
            port: DEFAULT_PORT,
        }
    }
}

impl std::fmt::Display for Listen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl std::str::FromStr for Listen {
    type Err = String;

    /// `host:port`, `:port`, `port`, `host` or `[v6]:port`. What is left out
    /// has its default; a missing host is this machine only.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let default = Self::default();
        if text.is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.parse::<std::net::Ipv6Addr>().is_ok() {
            return Ok(Self {
                host: text.to_owned(),
                ..default
            });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.ends_with(':') => (host, Some(port)),
            _ if text.chars().all(|letter| letter.is_ascii_digit()) => ("", Some(text)),
            _ => (text, None),
        };
        let host = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        if host.contains(|letter: char| letter.is_whitespace() || letter == '/') {
            return Err(format!("`{host}` is no host name"));
        }
        let port = match port {
            Some(port) => port
                .parse()
                .map_err(|_| format!("`{port}` is no port (0 to 65535)"))?,
            None => default.port,
        };
        let host = if host.is_empty() {
            default.host
        } else {
            host.to_owned()
        };
        Ok(Self { host, port })
    }
}

/// Where state is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file in the data directory.
    Embedded,
    /// An SQLite database that is gone when the process ends.
    Memory,
    /// An SQLite file at this path.
    File(PathBuf),
    /// A PostgreSQL URL. Contains the password; `Debug` hides it.
    Postgres(String),
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Embedded => f.write_str("Embedded"),
            Self::Memory => f.write_str("Memory"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Postgres(url) => f
                .debug_tuple("Postgres")
                .field(&super::secret::without_password(url))
                .finish(),
        }
    }
}

impl Config {
    /// `backend.listen`, as a text or as `{host, port}`; default 127.0.0.1:7007.
    ///
    /// # Errors
    /// It is neither.
    pub fn listen(&self) -> Result<Listen, Diagnostic> {
        let Some(section) = self.at("backend.listen") else {
            return Ok(Listen::default());
        };
        let accepted = "`127.0.0.1:7007`, `:7007`, or an object with `host` and `port`";
        let refuse = |path: &str, cause: String| {
            section.refuse(
                path,
                format!("`backend.listen` is no address: {cause}"),
                accepted,
            )
        };
        match &section.node().data {
            Data::Text(text) => text.parse().map_err(|cause| refuse("", cause)),
            Data::Number(number) => number
                .to_string()
                .parse()
                .map_err(|cause| refuse("", cause)),
            Data::Map(_) => {
                let default = Listen::default();
                let host = section.opt_str("host")?.map_or(default.host, str::to_owned);
                let port = section.section::<u16>("port")?.unwrap_or(default.port);
                Ok(Listen { host, port })
            }
            other => Err(refuse("", format!("it is {}", other.sort()))),
        }
    }

    /// The URL under which people and programs reach Portway, without a
    /// trailing slash: `backend.baseUrl`, else `app.baseUrl`. `None` means the
    /// address that [`Config::listen`] gives. Portway serves the portal and
    /// the API on one port, so Backstage's second one (3000) is not needed.
    ///
    /// # Errors
    /// The value is no http or https URL.
    pub fn public_url(&self) -> Result<Option<String>, Diagnostic> {
        for path in ["backend.baseUrl", "app.baseUrl"] {
            let Some(url) = self.opt_str(path)? else {
                continue;
            };
            if let Err(cause) = is_web_address(url) {
                let accepted = "a URL such as http://localhost:7007 or https://portal.example.com";
                return Err(self.root().refuse(
                    path,
                    format!("`{path}` is no http or https URL{cause}"),
                    accepted,
                ));
            }
            return Ok(Some(url.trim_end_matches('/').to_owned()));
        }
        Ok(None)
    }

    /// `backend.database`: `better-sqlite3` (or nothing) keeps state in an
    /// SQLite file, `pg` in PostgreSQL.
    ///
    /// # Errors
    /// Another client, or a PostgreSQL connection that names no host.
    pub fn database(&self) -> Result<Database, Diagnostic> {
        let Some(section) = self.at("backend.database") else {
            return Ok(Database::Embedded);
        };
        match section.opt_str("client")? {
            None if section.at("connection").is_none() => Ok(Database::Embedded),
            None | Some("better-sqlite3" | "sqlite3" | "sqlite") => sqlite(&section),
            Some("pg" | "postgres" | "postgresql") => postgres(&section).map(Database::Postgres),
            Some(other) => Err(section.refuse(
                "client",
                format!("the database client `{other}` is not supported"),
                "`pg` for PostgreSQL, or `better-sqlite3` for the built-in database",
            )),
        }
    }
}

/// Whether people can be sent to this address; else what is wrong with it, as
/// the end of a sentence.
fn is_web_address(url: &str) -> Result<(), String> {
    let (Some(rest), Ok(uri)) = (
        url.strip_prefix("http://")
            .or_else(|| url.strip_prefix("https://")),
        url.parse::<axum::http::Uri>(),
    ) else {
        return Err(String::new());
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let port = authority
        .rsplit_once(':')
        .map(|(_, port)| port)
        .filter(|port| !port.ends_with(']'));
    if uri.host().is_none_or(str::is_empty) {
        return Err(": it names no host".to_owned());
    }
    if let Some(port) = port.filter(|port| port.parse::<u16>().is_err()) {
        return Err(format!(": `{port}` is no port (0 to 65535)"));
    }
    if uri.query().is_some() || rest.contains(['#', '@']) {
        return Err(": it may have a host, a port and a path only".to_owned());
    }
    Ok(())
}

fn sqlite(section: &Section<'_>) -> Result<Database, Diagnostic> {
    let Some(connection) = section.at("connection") else {
        return Ok(Database::Embedded);
    };
    let file = match &connection.node().data {
        Data::Text(text) => Some(text.as_str()),
        _ => match connection.opt_str("filename")? {
            Some(file) => Some(file),
            None => {
                let directory = connection.opt_str("directory")?;
                return Ok(directory.map_or(Database::Embedded, |directory| {
                    Database::File(PathBuf::from(directory).join("portway.db"))
                }));
            }
        },
    };
    Ok(match file {
        None | Some("") => Database::Embedded,
        Some(":memory:") => Database::Memory,
        Some(file) => Database::File(PathBuf::from(file)),
    })
}

fn postgres(section: &Section<'_>) -> Result<String, Diagnostic> {
    let Some(connection) = section.at("connection") else {
        return Err(section.absent("connection"));
    };
    let given = match &connection.node().data {
        Data::Text(text) => Some(text.as_str()),
        _ => connection.opt_str("connectionString")?,
    };
    if let Some(url) = given {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(url.to_owned());
        }
        let accepted = "a URL such as postgres://user:password@host:5432/portway, or an object with host, port, user, password";
        return Err(section.refuse(
            "connection",
            "`backend.database.connection` is no PostgreSQL URL",
            accepted,
        ));
    }
    let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let host = connection.str("host")?;
    // A socket folder and an IPv6 address need their own spelling in a URL.
    let host = if host.starts_with('/') {
        encode(host)
    } else if host.contains(':') && !host.starts_with('[') {
        format!("[{host}]")
    } else {
        host.to_owned()
    };
    let port = connection
        .section::<u16>("port")?
        .unwrap_or(DEFAULT_POSTGRES_PORT);
    let mut user = connection.opt_str("user")?.map(encode).unwrap_or_default();
    if let Some(password) = connection.opt_str("password")? {
        user = format!("{user}:{}", encode(password));
    }
    let user = if user.is_empty() {
        user
    } else {
        format!("{user}@")
    };
    let database = connection.opt_str("database")?.unwrap_or(DEFAULT_DATABASE);
    let tls = tls_mode(&connection)?
        .map(|mode| format!("?sslmode={mode}"))
        .unwrap_or_default();
    Ok(format!(
        "postgres://{user}{host}:{port}/{}{tls}",
        encode(database)
    ))
}

/// `ssl: true` or `ssl: {rejectUnauthorized: …}`; certificates are checked
/// unless the configuration says otherwise, as node-postgres does.
fn tls_mode(connection: &Section<'_>) -> Result<Option<&'static str>, Diagnostic> {
    let Some(ssl) = connection.at("ssl") else {
        return Ok(None);
    };
    if let Data::Map(_) = &ssl.node().data {
        let checked = ssl.opt_bool("rejectUnauthorized")?.unwrap_or(true);
        return Ok(Some(if checked { "verify-full" } else { "require" }));
    }
    Ok(connection
        .opt_bool("ssl")?
        .unwrap_or(false)
        .then_some("verify-full"))
}
