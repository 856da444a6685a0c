//! Warnings about a configuration, each with its place: what is misspelt, and
//! what is left out because it cannot be used.

use catalog::Providers;
use forge::Integrations;
use model::diagnostic::{Diagnostic, Severity};
use model::yaml::Mark;
use platform::config::{Config, KeyStatus, Origin};
use platform::http::cors::Cors;
use serde_json::Value;

/// Unknown keys that look like a known one. Keys of plugins have no near name
/// and are left to `portway doctor`.
pub(super) fn misspelt(config: &Config) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for key in config.report() {
        let KeyStatus::Unknown {
            nearest: Some(nearest),
        } = key.status
        else {
            continue;
        };
        let warning = Diagnostic::warning(
            "config-key",
            format!("Portway does not know the key `{}`", key.path),
        );
        let fix = format!(
            "did you mean `{nearest}`? Correct the key at {}",
            key.origin
        );
        found.push(at(warning, &key.origin).fixed_by(fix));
    }
    found
}

/// What is left out of a configuration because it cannot be used.
pub(crate) fn left_out(config: &Config) -> Vec<Diagnostic> {
    let (_, integrations) =
        Integrations::from_config(&config.get("integrations").unwrap_or(Value::Null));
    let (_, providers) =
        Providers::from_config(&config.get("catalog.providers").unwrap_or(Value::Null));
    let (_, identity) = identity::Settings::read(&config.root().to_json());
    let texts = integrations.iter().chain(&providers);
    texts
        .map(|text| placed(config, Severity::Warning, text))
        .chain(identity.iter().map(|problem| {
            let message = format!("`{}` {}", problem.path, problem.message);
            let found = Diagnostic::warning("config-value", message);
            around(
                config,
                found.accepting(problem.accepted.as_str()),
                &problem.path,
            )
        }))
        .chain(unknown_types(config))
        .chain(Cors::from_config(config).problems)
        .collect()
}

/// Locations of a type that only a Backstage with another processor reads.
fn unknown_types(config: &Config) -> Vec<Diagnostic> {
    const READ: [&str; 3] = ["url", "file", "github-discovery"];
    let mut found = Vec::new();
    for section in config.list("catalog.locations").unwrap_or_default() {
        let Ok(Some(kind)) = section.opt_str("type") else {
            continue;
        };
        if !READ.contains(&kind) {
            let path = format!("{}.type", section.path());
            let message = format!("`{path}` is {kind:?}, so nothing is read from it");
            let warning = Diagnostic::warning("config-value", message).accepting(READ.join(", "));
            found.push(around(config, warning, &path));
        }
    }
    found
}

/// A finding `path: what is wrong; accepted: …` of another crate, with the
/// place of the path. Secrets are not part of such texts.
pub(super) fn placed(config: &Config, severity: Severity, text: &str) -> Diagnostic {
    let (path, message) = match text.split_once(": ") {
        Some((path, message)) if !path.contains(' ') => (path, message),
        _ => return Diagnostic::new(severity, "config-value", text),
    };
    let accepted = ["; accepted: ", ". Accepted: ", "; accepted are "]
        .iter()
        .find_map(|word| message.split_once(word));
    let (message, accepted) = match accepted {
        Some((message, accepted)) => (message, Some(accepted)),
        None => (message, None),
    };
    let found = Diagnostic::new(severity, "config-value", format!("`{path}`: {message}"));
    let found = match accepted {
        Some(accepted) => found.accepting(accepted),
        None => found,
    };
    around(config, found, path)
}

/// The finding at the value at `path`, or at the nearest one around it.
fn around(config: &Config, found: Diagnostic, path: &str) -> Diagnostic {
    let mut path = path;
    loop {
        if let Some(origin) = config.origin(path) {
            let fix = format!("correct the value at {origin}");
            return at(found, origin).fixed_by(fix);
        }
        match path.rfind(['.', '[']).and_then(|end| path.get(..end)) {
            Some(shorter) => path = shorter,
            None => return found,
        }
    }
}

fn at(found: Diagnostic, origin: &Origin) -> Diagnostic {
    let found = found.in_file(origin.source());
    match (origin.line(), origin.column()) {
        (Some(line), Some(column)) => found.at(Mark::new(line, column)),
        _ => found,
    }
}
