//! Checks that need neither a server nor the network.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use platform::config::{KeyStatus, Listen};
use platform::doctor::Outcome;

use super::Patient;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::local::LocalAccess;

/// Shorter static tokens can be guessed.
const SHORTEST_TOKEN: usize = 16;

pub(super) fn stopped() -> Outcome {
    Outcome::fail("the check stopped with an error", "report this as a bug")
}

pub(super) fn no_config() -> Outcome {
    Outcome::skip("the configuration cannot be read")
}

pub(super) fn readable(patient: &Patient) -> Outcome {
    match &patient.config {
        Ok(config) if config.files().is_empty() => {
            Outcome::ok("no file; every setting has its default")
        }
        Ok(config) => {
            let files: Vec<String> = config
                .files()
                .iter()
                .map(|file| file.display().to_string())
                .collect();
            Outcome::ok(files.join(", "))
        }
        Err(found) => {
            let first = found
                .iter()
                .find(|finding| finding.severity == model::Severity::Error);
            let text = first.map(|finding| {
                Failure::from_diagnostics(Exit::Failed, std::slice::from_ref(finding)).to_string()
            });
            let fix = first.and_then(|finding| finding.fix.clone());
            Outcome::fail(
                text.unwrap_or_default(),
                fix.unwrap_or_else(|| "correct the file".to_owned()),
            )
        }
    }
}

pub(super) fn keys(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let report = config.report();
    let ignored = report
        .iter()
        .filter(|key| matches!(key.status, KeyStatus::Ignored { .. }))
        .count();
    let unknown: Vec<String> = report
        .iter()
        .filter_map(|key| match &key.status {
            KeyStatus::Unknown {
                nearest: Some(near),
            } => Some(format!("{} at {} (near {near})", key.path, key.origin)),
            KeyStatus::Unknown { nearest: None } => Some(format!("{} at {}", key.path, key.origin)),
            _ => None,
        })
        .collect();
    if unknown.is_empty() {
        return Outcome::ok(format!(
            "{} keys, {ignored} of them without effect",
            report.len()
        ));
    }
    Outcome::warn(
        format!("unknown: {}", unknown.join(", ")),
        "correct or remove them; `portway import backstage FILE` lists every key",
    )
}

pub(super) fn variables(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let missing: Vec<&str> = config
        .warnings()
        .iter()
        .map(|warning| warning.message.as_str())
        .collect();
    match config
        .warnings()
        .iter()
        .find_map(|warning| warning.fix.as_deref())
    {
        None => Outcome::ok("none is missing"),
        Some(fix) => Outcome::warn(missing.join("; "), fix),
    }
}

pub(super) fn integrations(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let Some(all) = config.at("integrations") else {
        return Outcome::skip("no integrations are configured");
    };
    let mut open = Vec::new();
    let mut count = 0;
    for (kind, _) in all.fields() {
        for host in all.list(kind).unwrap_or_default() {
            count += 1;
            let credentials = ["token", "apps", "password", "credentials", "appPassword"];
            if !credentials.iter().any(|key| host.at(key).is_some()) {
                let name = host.opt_str("host").ok().flatten().unwrap_or(kind);
                open.push(format!("{kind} {name} at {}", host.origin()));
            }
        }
    }
    if open.is_empty() {
        return Outcome::ok(format!("{count} hosts with credentials"));
    }
    Outcome::warn(
        format!(
            "without credentials, so only public repositories and few requests: {}",
            open.join(", ")
        ),
        "set the token in the environment and refer to it as ${NAME}",
    )
}

pub(super) fn guest(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    if !config.has("auth.providers.guest") {
        return Outcome::ok("guests are not let in by the configuration");
    }
    let listen = config.listen().unwrap_or_default();
    if is_loopback(&listen.host) {
        return Outcome::ok(format!(
            "guests may sign in from this machine; Portway listens on {listen}"
        ));
    }
    Outcome::warn(
        format!(
            "auth.providers.guest is set and Portway listens on {listen}; guests from elsewhere are refused"
        ),
        "remove auth.providers.guest where other machines reach Portway",
    )
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

pub(super) fn tokens(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let entries = config
        .list("backend.auth.externalAccess")
        .unwrap_or_default();
    let short: Vec<String> = entries
        .iter()
        .filter(|entry| {
            let secret = ["options.token", "options.secret"]
                .iter()
                .find_map(|path| entry.opt_str(path).ok().flatten());
            secret.is_some_and(|secret| secret.chars().count() < SHORTEST_TOKEN)
        })
        .map(|entry| format!("{} at {}", entry.path(), entry.origin()))
        .collect();
    if entries.is_empty() {
        return Outcome::skip("no static tokens are configured");
    }
    if short.is_empty() {
        return Outcome::ok(format!("{} tokens", entries.len()));
    }
    Outcome::fail(
        format!(
            "shorter than {SHORTEST_TOKEN} letters: {}",
            short.join(", ")
        ),
        "make a new one with `portway token create NAME`",
    )
}

pub(super) fn folder(patient: &Patient) -> Outcome {
    let data = &patient.data;
    let probe = data.join(format!(".probe-{}", std::process::id()));
    let existing = data
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("/"));
    if existing != data {
        return Outcome::ok(format!(
            "{} will be made below {}",
            data.display(),
            existing.display()
        ));
    }
    let written = fs::write(&probe, b"x").and_then(|()| fs::remove_file(&probe));
    match written {
        Ok(()) => Outcome::ok(data.display().to_string()),
        Err(cause) => Outcome::fail(
            format!("{} cannot be written: {cause}", data.display()),
            format!(
                "run `chown $USER {}`, or give another folder with --data",
                data.display()
            ),
        ),
    }
}

pub(super) fn port(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let listen = match config.listen() {
        Ok(listen) => listen,
        Err(found) => {
            return Outcome::fail(
                found.message,
                found
                    .fix
                    .unwrap_or_else(|| "correct backend.listen".to_owned()),
            );
        }
    };
    if let Some(own) = LocalAccess::read(&patient.data)
        .filter(|own| own.url.ends_with(&format!(":{}", listen.port)))
    {
        return Outcome::ok(format!("{} is Portway's own, process {}", own.url, own.pid));
    }
    match TcpListener::bind((listen.host.as_str(), listen.port)) {
        Ok(_) => Outcome::ok(format!("{listen} is free")),
        Err(cause) => taken(&listen, &cause),
    }
}

fn taken(listen: &Listen, cause: &std::io::Error) -> Outcome {
    let fix = match cause.kind() {
        std::io::ErrorKind::AddrInUse => {
            "stop the program that uses it, or choose another with --listen 127.0.0.1:7008"
        }
        std::io::ErrorKind::PermissionDenied => "choose a port from 1024 on with --listen",
        _ => "choose an address of this machine with --listen",
    };
    Outcome::fail(format!("{listen} cannot be used: {cause}"), fix)
}
