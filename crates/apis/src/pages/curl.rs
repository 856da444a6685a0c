//! A command that calls an operation.

use crate::doc::{ApiDoc, Operation};

/// `curl` for operations over HTTP; nothing for others.
pub(super) fn command(doc: &ApiDoc, operation: &Operation) -> Option<String> {
    if !doc.format.is_http() || operation.key.starts_with("webhook ") {
        return None;
    }
    let server = doc.servers.first().map_or("", |server| server.url.as_str());
    let mut url = format!("{}{}", server.trim_end_matches('/'), operation.target);
    let needed = operation.parameters.iter().filter(|field| field.required);
    let queries: Vec<String> = needed
        .clone()
        .filter(|field| field.place == "query")
        .map(|field| format!("{}={{{}}}", field.name, field.name))
        .collect();
    if !queries.is_empty() {
        url = format!("{url}?{}", queries.join("&"));
    }
    let mut parts = vec!["curl".to_owned()];
    if operation.verb != "GET" {
        parts.push(format!("-X {}", operation.verb));
    }
    parts.push(quoted(&url));
    for field in needed.filter(|field| field.place == "header") {
        parts.push(format!("-H {}", quoted(&format!("{}: …", field.name))));
    }
    if !operation.security.is_empty() {
        parts.push(authorization(doc, operation));
    }
    if let Some(body) = operation.inputs.first() {
        if !body.media.is_empty() {
            let header = format!("Content-Type: {}", body.media);
            parts.push(format!("-H {}", quoted(&header)));
        }
        parts.push("-d @body".to_owned());
    }
    Some(parts.join(" "))
}

/// The header that the first scheme wants.
fn authorization(doc: &ApiDoc, operation: &Operation) -> String {
    let first = operation.security.first().map_or("", String::as_str);
    let scheme = doc.security.iter().find(|scheme| scheme.name == first);
    let kind = scheme.map_or("", |scheme| scheme.kind.as_str());
    if let Some(header) = kind.strip_prefix("apiKey in header ") {
        return format!("-H {}", quoted(&format!("{header}: …")));
    }
    if kind == "http basic" {
        return "-u user:password".to_owned();
    }
    "-H \"Authorization: Bearer $TOKEN\"".to_owned()
}

/// One word for a shell, whatever is in it.
fn quoted(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    format!("'{}'", clean.replace('\'', "'\\''"))
}
