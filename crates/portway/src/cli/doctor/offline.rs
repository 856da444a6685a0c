//! Checks that need neither a server nor the network.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use model::{Diagnostic, Severity};
use platform::config::{KeyStatus, Listen};
use platform::doctor::{Message, Outcome};

use super::Patient;
use crate::cli::exit::Exit;
use crate::cli::failure::Failure;
use crate::cli::local::LocalAccess;
use crate::server::{oddities, settings};

/// Shorter static tokens can be guessed.
const SHORTEST_TOKEN: usize = 16;

pub(super) fn stopped() -> Outcome {
    Outcome::fail(
        Message::new("doctor-stopped", "the check itself stopped with an error"),
        Message::new("doctor-report-bug", "report this as a bug"),
    )
}

pub(super) fn no_config() -> Outcome {
    Outcome::skip(Message::new(
        "doctor-no-config",
        "the configuration cannot be read",
    ))
}

/// Which configuration was looked at: a server that runs elsewhere has its own.
pub(super) fn readable(patient: &Patient) -> Outcome {
    let folder = absolute(Path::new("."));
    match &patient.config {
        Ok(config) if config.files().is_empty() => Outcome::ok(
            Message::new(
                "doctor-config-none",
                format!("no app-config.yaml in {folder}; every setting has its default"),
            )
            .with("folder", folder),
        ),
        Ok(config) => {
            let files = joined(config.files().iter().map(|file| absolute(file)));
            Outcome::ok(
                Message::new(
                    "doctor-config-files",
                    format!("{files}, which is what `portway up` reads in {folder}"),
                )
                .with("files", files)
                .with("folder", folder),
            )
        }
        Err(found) => {
            let first = found
                .iter()
                .find(|finding| finding.severity == Severity::Error);
            first.map_or_else(
                || Outcome::fail(String::new(), correct_file()),
                |first| Outcome::fail(one_line(first), fix_of(first)),
            )
        }
    }
}

fn correct_file() -> Message {
    Message::new("doctor-correct-file", "correct the file")
}

/// A path that says where it is.
fn absolute(path: &Path) -> String {
    std::path::absolute(path)
        .map(|path| path.components().collect())
        .unwrap_or_else(|_| path.to_path_buf())
        .display()
        .to_string()
}

fn joined(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().join(", ")
}

/// A finding about a file: its place and its sentence.
pub(super) fn one_line(found: &Diagnostic) -> String {
    Failure::from_diagnostics(Exit::Failed, std::slice::from_ref(found)).to_string()
}

/// What to do about it, and what would be accepted.
pub(super) fn fix_of(found: &Diagnostic) -> Message {
    match (&found.accepted, &found.fix) {
        (Some(accepted), Some(fix)) => {
            Message::new("doctor-config-fix", format!("{fix}; accepted: {accepted}"))
                .with("fix", fix.as_str())
                .with("accepted", accepted.as_str())
        }
        (Some(accepted), None) => {
            Message::new("doctor-accepted-is", format!("accepted: {accepted}"))
                .with("accepted", accepted.as_str())
        }
        (None, Some(fix)) => fix.as_str().into(),
        (None, None) => correct_file(),
    }
}

/// What would keep `portway up` from starting, or what it would leave out.
pub(super) fn usable(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    if let Some(found) = settings::obstacle(config) {
        return Outcome::fail(one_line(&found), fix_of(&found));
    }
    let odd = config
        .misfits()
        .into_iter()
        .chain(oddities::left_out(config));
    let odd: Vec<Diagnostic> = odd.collect();
    let Some(first) = odd.first() else {
        return Outcome::ok(Message::new(
            "doctor-config-usable",
            "every value fits its key",
        ));
    };
    let list = odd.iter().map(one_line).collect::<Vec<_>>().join("; ");
    Outcome::warn(
        Message::new("doctor-left-out", list.clone()).with("list", list),
        fix_of(first),
    )
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
    let (mut english, mut plain) = (Vec::new(), Vec::new());
    for key in &report {
        let KeyStatus::Unknown { nearest } = &key.status else {
            continue;
        };
        let (path, origin) = (&key.path, &key.origin);
        match nearest {
            Some(near) => {
                english.push(format!("{path} at {origin} (near {near})"));
                plain.push(format!("{path} ({origin}) → {near}"));
            }
            None => {
                english.push(format!("{path} at {origin}"));
                plain.push(format!("{path} ({origin})"));
            }
        }
    }
    if english.is_empty() {
        return Outcome::ok(
            Message::new(
                "doctor-keys",
                format!("{} keys, {ignored} of them without effect", report.len()),
            )
            .with("count", report.len())
            .with("ignored", ignored),
        );
    }
    let english = english.join(", ");
    Outcome::warn(
        Message::new("doctor-keys-unknown", format!("unknown: {english}"))
            .with("english", english)
            .with("list", plain.join(", ")),
        Message::new(
            "doctor-keys-fix",
            "correct or remove them; `portway import backstage FILE` lists every key",
        ),
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
    let Some(first) = config.warnings().first() else {
        return Outcome::ok(Message::new("doctor-variables", "none is missing"));
    };
    let places = joined(config.warnings().iter().map(|warning| {
        let file = warning.file.as_deref().unwrap_or_default();
        format!("{file}:{}:{}", warning.line, warning.column)
    }));
    let english = missing.join("; ");
    Outcome::warn(
        Message::new("doctor-variables-missing", english.clone())
            .with("english", english)
            .with("places", places),
        Message::new(
            "doctor-variables-fix",
            first.fix.clone().unwrap_or_default(),
        )
        .with("english", first.fix.clone().unwrap_or_default()),
    )
}

pub(super) fn integrations(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let Some(all) = config.at("integrations") else {
        return Outcome::skip(Message::new(
            "doctor-no-integrations",
            "no integrations are configured",
        ));
    };
    let mut open = Vec::new();
    let mut count = 0_u64;
    for (kind, _) in all.fields() {
        for host in all.list(kind).unwrap_or_default() {
            count += 1;
            let credentials = ["token", "apps", "password", "credentials", "appPassword"];
            if !credentials.iter().any(|key| host.at(key).is_some()) {
                let name = host.opt_str("host").ok().flatten().unwrap_or(kind);
                open.push(format!("{kind} {name} ({})", host.origin()));
            }
        }
    }
    if open.is_empty() {
        return Outcome::ok(
            Message::new(
                "doctor-integrations",
                format!("{count} hosts with credentials"),
            )
            .with("count", count),
        );
    }
    let open = open.join(", ");
    Outcome::warn(
        Message::new(
            "doctor-integrations-open",
            format!("without credentials, so only public repositories and few requests: {open}"),
        )
        .with("list", open),
        Message::new(
            "doctor-integrations-fix",
            "set the token in the environment and refer to it as ${NAME}",
        ),
    )
}

pub(super) fn guest(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    if !config.has("auth.providers.guest") {
        return Outcome::ok(Message::new(
            "doctor-guest-none",
            "guests are not let in by the configuration",
        ));
    }
    let listen = config.listen().unwrap_or_default();
    let at = listen.to_string();
    if is_loopback(&listen.host) {
        return Outcome::ok(
            Message::new(
                "doctor-guest-here",
                format!("guests may sign in from this machine; Portway listens on {at}"),
            )
            .with("listen", at),
        );
    }
    Outcome::warn(
        Message::new(
            "doctor-guest-open",
            format!(
                "auth.providers.guest is set and Portway listens on {at}; guests from elsewhere are refused"
            ),
        )
        .with("listen", at),
        Message::new(
            "doctor-guest-fix",
            "remove auth.providers.guest where other machines reach Portway",
        ),
    )
}

/// Sign-in links and tokens begin with `backend.baseUrl`; one that names this
/// machine and another port leads nowhere.
pub(super) fn address(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let Some(text) = config.opt_str("backend.baseUrl").ok().flatten() else {
        return Outcome::skip(Message::new(
            "doctor-url-none",
            "backend.baseUrl is not set; the address that Portway listens on is used",
        ));
    };
    let listen = config.listen().unwrap_or_default();
    let parsed = url::Url::parse(text).ok();
    let port = parsed.as_ref().and_then(url::Url::port_or_known_default);
    let here = parsed
        .as_ref()
        .and_then(url::Url::host_str)
        .is_some_and(|host| is_loopback(host.trim_matches(['[', ']'])));
    let agree = !here || listen.port == 0 || port == Some(listen.port);
    let url = parsed.map_or_else(String::new, |url| url.to_string());
    if agree {
        return Outcome::ok(url);
    }
    let at = listen.to_string();
    Outcome::warn(
        Message::new(
            "doctor-url-other-port",
            format!("backend.baseUrl is {url}, but Portway listens on {at}"),
        )
        .with("url", url)
        .with("listen", at),
        Message::new(
            "doctor-url-fix",
            format!(
                "write the port {} in backend.baseUrl, or set backend.listen",
                listen.port
            ),
        )
        .with("port", listen.port.to_string()),
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
    if entries.is_empty() {
        return Outcome::skip(Message::new(
            "doctor-static-none",
            "no static tokens are configured",
        ));
    }
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
    if short.is_empty() {
        return Outcome::ok(
            Message::new("doctor-static", format!("{} tokens", entries.len()))
                .with("count", entries.len()),
        );
    }
    let list = short.join(", ");
    Outcome::fail(
        Message::new(
            "doctor-static-short",
            format!("shorter than {SHORTEST_TOKEN} letters: {list}"),
        )
        .with("letters", SHORTEST_TOKEN)
        .with("list", list),
        Message::new(
            "doctor-static-fix",
            "make a new one with `portway token create NAME`",
        ),
    )
}

pub(super) fn folder(patient: &Patient) -> Outcome {
    let data = &patient.data;
    let probe = data.join(format!(".probe-{}", std::process::id()));
    let existing = data
        .ancestors()
        .find(|folder| folder.exists())
        .unwrap_or(Path::new("/"));
    let shown = data.display().to_string();
    if existing != data {
        let above = existing.display().to_string();
        return Outcome::ok(
            Message::new(
                "doctor-folder-new",
                format!("{shown} will be made below {above}"),
            )
            .with("folder", shown)
            .with("above", above),
        );
    }
    let written = fs::write(&probe, b"x").and_then(|()| fs::remove_file(&probe));
    match written {
        Ok(()) => Outcome::ok(shown),
        Err(cause) => Outcome::fail(
            Message::new(
                "doctor-folder-closed",
                format!("{shown} cannot be written: {cause}"),
            )
            .with("folder", shown.as_str())
            .with("cause", cause.to_string()),
            Message::new(
                "doctor-folder-fix",
                format!("run `chown $USER {shown}`, or give another folder with --data"),
            )
            .with("folder", shown.as_str()),
        ),
    }
}

pub(super) fn port(patient: &Patient) -> Outcome {
    let Ok(config) = &patient.config else {
        return no_config();
    };
    let listen = match config.listen() {
        Ok(listen) => listen,
        Err(found) => return Outcome::fail(one_line(&found), fix_of(&found)),
    };
    let at = listen.to_string();
    if let Some(own) = LocalAccess::read(&patient.data)
        .filter(|own| own.url.ends_with(&format!(":{}", listen.port)))
    {
        return Outcome::ok(
            Message::new(
                "doctor-port-own",
                format!("{} is Portway's own, process {}", own.url, own.pid),
            )
            .with("url", own.url.as_str())
            .with("process", own.pid.to_string()),
        );
    }
    match TcpListener::bind((listen.host.as_str(), listen.port)) {
        Ok(_) => Outcome::ok(
            Message::new("doctor-port-free", format!("{at} is free")).with("listen", at),
        ),
        Err(cause) => taken(&listen, &cause),
    }
}

fn taken(listen: &Listen, cause: &std::io::Error) -> Outcome {
    let fix = match cause.kind() {
        std::io::ErrorKind::AddrInUse => Message::new(
            "doctor-port-used-fix",
            "stop the program that uses it, or choose another with --listen 127.0.0.1:7008",
        ),
        std::io::ErrorKind::PermissionDenied => Message::new(
            "doctor-port-low-fix",
            "choose a port from 1024 on with --listen",
        ),
        _ => Message::new(
            "doctor-port-other-fix",
            "choose an address of this machine with --listen",
        ),
    };
    let evidence = Message::new(
        "doctor-port-taken",
        format!("{listen} cannot be used: {cause}"),
    )
    .with("listen", listen.to_string())
    .with("cause", cause.to_string());
    Outcome::fail(evidence, fix)
}
