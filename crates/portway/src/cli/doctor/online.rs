//! Checks that ask the database and the server.

use std::sync::Arc;
use std::time::Duration;

use platform::config::Database;
use platform::doctor::Outcome;
use serde_json::Value;

use super::Patient;
use super::offline::no_config;
use crate::cli::output::text_at;

/// How long the database may take to answer.
const DATABASE_LIMIT: Duration = Duration::from_secs(3);

pub(super) async fn reach_database(patient: Arc<Patient>) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let url = match config.database() {
        Err(found) => {
            return Outcome::fail(
                found.message,
                found.fix.or(found.accepted).unwrap_or_default(),
            );
        }
        Ok(Database::Postgres(url)) => url,
        Ok(Database::Memory) => {
            return Outcome::warn(
                "state is kept in memory and lost at the end",
                "remove `connection: ':memory:'`",
            );
        }
        Ok(Database::Embedded) => {
            return Outcome::ok(format!("SQLite in {}", patient.data.display()));
        }
        Ok(Database::File(file)) => return Outcome::ok(format!("SQLite file {}", file.display())),
    };
    let place = url::Url::parse(&url)
        .ok()
        .and_then(|url| Some((url.host_str()?.to_owned(), url.port().unwrap_or(5432))));
    let Some((host, port)) = place else {
        return Outcome::skip("PostgreSQL through a local socket");
    };
    let connect = tokio::net::TcpStream::connect((host.trim_matches(['[', ']']), port));
    let fix = format!("start PostgreSQL at {host}:{port}, or correct backend.database.connection");
    match tokio::time::timeout(DATABASE_LIMIT, connect).await {
        Ok(Ok(_)) => Outcome::ok(format!("PostgreSQL answers at {host}:{port}")),
        Ok(Err(cause)) => Outcome::fail(format!("{host}:{port}: {cause}"), fix),
        Err(_) => Outcome::fail(format!("{host}:{port} does not answer"), fix),
    }
}

pub(super) async fn reach_server(patient: Arc<Patient>) -> Outcome {
    let client = match &patient.client {
        Ok(client) => client,
        Err(failure) => return Outcome::skip(failure.to_string()),
    };
    let base = client.base().as_str().trim_end_matches('/');
    match client.status(client.url(["readyz"])).await {
        Ok(status) if (200..300).contains(&status) => Outcome::ok(format!("{base} is ready")),
        Ok(status) => Outcome::fail(
            format!("{base}/readyz answers {status}"),
            "read the log of the server",
        ),
        Err(failure) => Outcome::fail(
            failure.to_string(),
            failure
                .fix
                .unwrap_or_else(|| "start a server with `portway up`".to_owned()),
        ),
    }
}

pub(super) async fn compare_versions(patient: Arc<Patient>) -> Outcome {
    let Ok(client) = &patient.client else {
        return Outcome::skip("no server is known");
    };
    let own = env!("CARGO_PKG_VERSION");
    match client.get(client.url(["api", "v1", "version"])).await {
        Ok(answer) => match text_at(&answer.body, "version") {
            version if version == own => Outcome::ok(format!("both are {own}")),
            version => Outcome::warn(
                format!("this program is {own}, the server {version}"),
                format!("install portway {version} here"),
            ),
        },
        Err(failure) => Outcome::skip(failure.to_string()),
    }
}

pub(super) async fn look_at_sources(patient: Arc<Patient>) -> Outcome {
    let Ok(client) = &patient.client else {
        return Outcome::skip("no server is known");
    };
    let found = match client
        .get(client.url(["api", "v1", "catalog", "sources"]))
        .await
    {
        Ok(answer) => answer.body,
        Err(failure) => return Outcome::skip(failure.to_string()),
    };
    let items = found
        .get("items")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let mut problems = Vec::new();
    for item in items {
        let (target, error) = (text_at(item, "target"), text_at(item, "lastError"));
        if !error.is_empty() {
            problems.push(format!("{target}: {error}"));
        } else if item.get("heldDeletion").is_some_and(|held| !held.is_null()) {
            problems.push(format!("{target}: a deletion waits for confirmation"));
        }
    }
    if problems.is_empty() {
        return Outcome::ok(format!("{} sources without errors", items.len()));
    }
    Outcome::warn(
        problems.join("; "),
        "open the page of the source, which shows file, line and the next try",
    )
}

/// What the capabilities of the server find, where it offers that.
pub(super) async fn server_findings(patient: &Patient) -> Vec<Value> {
    let Ok(client) = &patient.client else {
        return Vec::new();
    };
    let answer = client.get(client.url(["api", "v1", "doctor"])).await;
    let mut body = answer.map(|answer| answer.body).unwrap_or_default();
    match body.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}
