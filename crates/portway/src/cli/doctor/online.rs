//! Checks that ask the database and the server.

use std::sync::Arc;
use std::time::Duration;

use platform::config::Database;
use platform::doctor::{Message, Outcome};
use serde_json::Value;

use super::Patient;
use super::offline::{fix_of, no_config, one_line};
use crate::cli::output::text_at;

/// How long the database may take to answer.
const DATABASE_LIMIT: Duration = Duration::from_secs(3);

pub(super) async fn reach_database(patient: Arc<Patient>) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let url = match config.database() {
        Err(found) => return Outcome::fail(one_line(&found), fix_of(&found)),
        Ok(Database::Postgres(url)) => url,
        Ok(Database::Memory) => {
            return Outcome::warn(
                Message::new(
                    "doctor-memory",
                    "state is kept in memory and lost at the end",
                ),
                Message::new("doctor-memory-fix", "remove `connection: ':memory:'`"),
            );
        }
        Ok(Database::Embedded) => {
            let folder = patient.data.display().to_string();
            let found = Message::new("doctor-sqlite", format!("SQLite in {folder}"));
            return Outcome::ok(found.with("folder", folder));
        }
        Ok(Database::File(file)) => {
            let file = file.display().to_string();
            let found = Message::new("doctor-sqlite-file", format!("SQLite file {file}"));
            return Outcome::ok(found.with("file", file));
        }
    };
    let place = url::Url::parse(&url)
        .ok()
        .and_then(|url| Some((url.host_str()?.to_owned(), url.port().unwrap_or(5432))));
    let Some((host, port)) = place else {
        return Outcome::skip(Message::new(
            "doctor-socket",
            "PostgreSQL through a local socket",
        ));
    };
    let connect = tokio::net::TcpStream::connect((host.trim_matches(['[', ']']), port));
    let at = format!("{host}:{port}");
    let fix = Message::new(
        "doctor-postgres-fix",
        format!("start PostgreSQL at {at}, or correct backend.database.connection"),
    )
    .with("at", at.as_str());
    match tokio::time::timeout(DATABASE_LIMIT, connect).await {
        Ok(Ok(_)) => Outcome::ok(
            Message::new("doctor-postgres", format!("PostgreSQL answers at {at}")).with("at", at),
        ),
        Ok(Err(cause)) => Outcome::fail(format!("{at}: {cause}"), fix),
        Err(_) => Outcome::fail(
            Message::new("doctor-silent", format!("{at} does not answer")).with("at", at),
            fix,
        ),
    }
}

pub(super) async fn reach_server(patient: Arc<Patient>) -> Outcome {
    let client = match &patient.client {
        Ok(client) => client,
        Err(failure) => return Outcome::skip(failure.to_string()),
    };
    let base = client.base().as_str().trim_end_matches('/');
    match client.status(client.url(["readyz"])).await {
        Ok(status) if (200..300).contains(&status) => {
            Outcome::ok(Message::new("doctor-ready", format!("{base} is ready")).with("url", base))
        }
        Ok(status) => Outcome::fail(
            Message::new(
                "doctor-not-ready",
                format!("{base}/readyz answers {status}"),
            )
            .with("url", base)
            .with("status", status.to_string()),
            Message::new("doctor-not-ready-fix", "read the log of the server"),
        ),
        Err(failure) => Outcome::fail(
            failure.to_string(),
            failure.fix.map_or_else(
                || Message::new("doctor-start-fix", "start a server with `portway up`"),
                Message::from,
            ),
        ),
    }
}

pub(super) async fn compare_versions(patient: Arc<Patient>) -> Outcome {
    let Ok(client) = &patient.client else {
        return Outcome::skip(Message::new("doctor-no-server", "no server is known"));
    };
    let own = env!("CARGO_PKG_VERSION");
    match client.get(client.url(["api", "v1", "version"])).await {
        Ok(answer) => match text_at(&answer.body, "version") {
            version if version == own => Outcome::ok(
                Message::new("doctor-same-version", format!("both are {own}")).with("version", own),
            ),
            version => Outcome::warn(
                Message::new(
                    "doctor-other-version",
                    format!("this program is {own}, the server {version}"),
                )
                .with("own", own)
                .with("version", version.as_str()),
                Message::new(
                    "doctor-other-version-fix",
                    format!("install portway {version} here"),
                )
                .with("version", version.as_str()),
            ),
        },
        Err(failure) => Outcome::skip(failure.to_string()),
    }
}

/// What the capabilities of the server find, in the words of the language.
pub(super) async fn server_findings(patient: &Patient, lang: portal::Lang) -> Vec<Value> {
    let Ok(client) = &patient.client else {
        return Vec::new();
    };
    let mut url = client.url(["api", "v1", "doctor"]);
    url.query_pairs_mut().append_pair("lang", lang.tag());
    let answer = client.get(url).await;
    let mut body = answer.map(|answer| answer.body).unwrap_or_default();
    match body.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}
