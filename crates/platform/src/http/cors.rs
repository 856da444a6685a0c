//! Which pages of other origins may call the API: `backend.cors`, with
//! Backstage's keys. Without it, none.
//!
//! tower-http answers the browsers; here is decided what it may say. Origins
//! are exact. Backstage lets an origin be a pattern; a pattern that matches
//! more than was meant hands the session of whoever looks to another site, so
//! that patterns are left out with a warning.

use axum::http::{HeaderName, HeaderValue, Method};
use model::diagnostic::Diagnostic;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::config::{Config, Section};

const KEY: &str = "backend.cors";
/// Methods where none are configured, as Backstage's middleware has them.
const METHODS: [Method; 6] = [
    Method::GET,
    Method::HEAD,
    Method::PUT,
    Method::PATCH,
    Method::POST,
    Method::DELETE,
];
/// Headers that our clients send.
const HEADERS: [HeaderName; 3] = [
    axum::http::header::AUTHORIZATION,
    axum::http::header::CONTENT_TYPE,
    axum::http::header::IF_NONE_MATCH,
];

/// What `backend.cors` says, and what of it is left out.
#[derive(Debug)]
pub struct Cors {
    /// Nothing when no origin is allowed.
    pub layer: Option<CorsLayer>,
    /// Entries that cannot be used, each with its place.
    pub problems: Vec<Diagnostic>,
}

impl Cors {
    /// Reads `backend.cors`.
    pub fn from_config(config: &Config) -> Self {
        let mut problems = Vec::new();
        let layer = config
            .at(KEY)
            .and_then(|section| layer(&section, &mut problems));
        Self { layer, problems }
    }
}

fn layer(section: &Section<'_>, problems: &mut Vec<Diagnostic>) -> Option<CorsLayer> {
    let credentials = match section.opt_bool("credentials") {
        Ok(credentials) => credentials == Some(true),
        Err(problem) => {
            problems.push(as_warning(problem));
            false
        }
    };
    let written = texts(section, "origin", problems);
    let any = written.iter().any(|origin| origin == "*") && !credentials;
    let mut origins = Vec::new();
    for origin in &written {
        match exact(origin) {
            Some(exact) => origins.push(exact),
            None if any && origin == "*" => {}
            None => problems.push(warning(
                section,
                "origin",
                format!("`{KEY}.origin` has {origin:?}, which is left out"),
                if origin == "*" {
                    "exact origins such as https://app.example.com; `*` only without `credentials`"
                } else {
                    "exact origins such as https://app.example.com, without a path and without patterns"
                },
            )),
        }
    }
    if origins.is_empty() && !any {
        return None;
    }
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, request| {
        let path = request.uri.path();
        let for_programs = path.starts_with("/api/") || path.starts_with("/.well-known/");
        for_programs && (any || origins.contains(origin))
    });
    let methods = parsed(section, "methods", problems, |text| {
        Method::from_bytes(text.to_ascii_uppercase().as_bytes()).ok()
    });
    let headers = parsed(section, "allowedHeaders", problems, |text| {
        text.parse().ok()
    });
    let exposed: Option<Vec<HeaderName>> = parsed(section, "exposedHeaders", problems, |text| {
        text.parse().ok()
    });
    let mut layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_credentials(credentials)
        .allow_methods(methods.unwrap_or_else(|| METHODS.to_vec()))
        .allow_headers(headers.unwrap_or_else(|| HEADERS.to_vec()))
        .expose_headers(exposed.unwrap_or_default());
    match section.section::<u64>("maxAge") {
        Ok(Some(seconds)) => layer = layer.max_age(std::time::Duration::from_secs(seconds)),
        Ok(None) => {}
        Err(problem) => problems.push(as_warning(problem)),
    }
    Some(layer)
}

/// The origin as browsers write it; nothing for what is no single origin.
fn exact(text: &str) -> Option<HeaderValue> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"))?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '[' | ']');
    if rest.is_empty() || !rest.chars().all(plain) {
        return None;
    }
    HeaderValue::try_from(text.trim_end_matches('/').to_ascii_lowercase()).ok()
}

/// A text or a list of texts; anything else is said and left out.
fn texts(section: &Section<'_>, key: &str, problems: &mut Vec<Diagnostic>) -> Vec<String> {
    if let Ok(Some(text)) = section.opt_str(key) {
        return vec![text.to_owned()];
    }
    match section.section(key) {
        Ok(texts) => texts.unwrap_or_default(),
        Err(problem) => {
            problems.push(as_warning(problem).accepting("a text, or a list of texts"));
            Vec::new()
        }
    }
}

fn parsed<T>(
    section: &Section<'_>,
    key: &str,
    problems: &mut Vec<Diagnostic>,
    read: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    section.at(key)?;
    let mut all = Vec::new();
    let written = texts(section, key, problems);
    for text in written.iter().flat_map(|text| text.split(',')) {
        match Some(text.trim())
            .filter(|text| *text != "*")
            .and_then(&read)
        {
            Some(value) => all.push(value),
            None => problems.push(warning(
                section,
                key,
                format!("`{KEY}.{key}` has {text:?}, which is left out"),
                "a list of names, none of them a pattern",
            )),
        }
    }
    Some(all)
}

fn warning(section: &Section<'_>, key: &str, message: String, accepted: &str) -> Diagnostic {
    as_warning(section.refuse(key, message, accepted))
}

fn as_warning(mut found: Diagnostic) -> Diagnostic {
    found.severity = model::diagnostic::Severity::Warning;
    found
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(cors: &serde_json::Value) -> (bool, Vec<String>) {
        let config = Config::from_json(json!({ "backend": { "cors": cors } }));
        let cors = Cors::from_config(&config);
        let problems = cors.problems.into_iter().map(|found| found.message);
        (cors.layer.is_some(), problems.collect())
    }

    #[test]
    fn only_exact_origins_are_allowed_together_with_credentials() {
        let (allowed, problems) = read(&json!({
            "origin": ["https://app.example.com", "https://*.example.com", "*", "null", "https://a.example/x"],
            "credentials": true,
        }));
        assert!(allowed);
        assert_eq!(problems.len(), 4, "{problems:?}");
        assert!(!read(&json!({ "origin": "*", "credentials": true })).0);
        assert_eq!(read(&json!({ "origin": "*" })), (true, Vec::new()));
        assert_eq!(read(&json!({ "credentials": true })), (false, Vec::new()));
        assert_eq!(read(&json!(false)), (false, Vec::new()));
    }

    #[test]
    fn what_is_neither_a_text_nor_a_list_is_said() {
        let (allowed, problems) = read(&json!({ "origin": 5, "methods": "GET" }));
        assert!(!allowed);
        assert_eq!(problems.len(), 1, "{problems:?}");
        let (allowed, problems) = read(&json!({
            "origin": "https://app.example.com",
            "methods": {},
            "credentials": "perhaps",
            "maxAge": "a day",
        }));
        assert!(allowed);
        assert_eq!(problems.len(), 3, "{problems:?}");
        for key in ["methods", "credentials", "maxAge"] {
            assert!(
                problems.iter().any(|problem| problem.contains(key)),
                "{problems:?}"
            );
        }
    }

    #[test]
    fn wildcards_for_headers_and_methods_are_left_out() {
        let (allowed, problems) = read(&json!({
            "origin": "https://app.example.com",
            "credentials": true,
            "methods": ["GET", "*"],
            "allowedHeaders": "*",
        }));
        assert!(allowed);
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
