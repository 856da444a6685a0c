//! ArcSight's Common Event Format: `CEF:0|vendor|product|version|id|name|severity|extension`.
//!
//! Keys are those of the published dictionary. What it has no key for is in the
//! custom strings, each with its label.

use platform::event::{Event, Outcome};

/// One line.
pub(super) fn line(event: &Event) -> String {
    let severity = match event.outcome {
        Outcome::Allowed => 3,
        Outcome::Failed => 5,
        Outcome::Refused => 6,
    };
    let head = [
        "Portway",
        "Portway",
        env!("CARGO_PKG_VERSION"),
        event.kind.as_str(),
        name(&event.kind),
    ]
    .map(head)
    .join("|");
    let mut extension = vec![
        ("rt", event.time.as_millisecond().to_string()),
        ("externalId", event.id.to_string()),
        ("act", name(&event.kind).to_owned()),
        ("outcome", event.outcome.as_str().to_owned()),
        ("suser", event.actor.name.clone()),
        ("cn1Label", "seq".to_owned()),
        ("cn1", event.seq.to_string()),
        ("cs1Label", "subject".to_owned()),
        ("cs1", event.subject.clone()),
    ];
    let mut add =
        |label: (&'static str, &'static str), key: &'static str, text: &Option<String>| {
            if let Some(text) = text {
                if !label.0.is_empty() {
                    extension.push((label.0, label.1.to_owned()));
                }
                extension.push((key, text.clone()));
            }
        };
    let address = event.origin.address.as_ref();
    let (v6, v4): (Option<String>, Option<String>) = match address {
        Some(address) if address.contains(':') => (Some(address.clone()), None),
        other => (None, other.cloned()),
    };
    add(("", ""), "src", &v4);
    add(("c6a2Label", "Source IPv6 Address"), "c6a2", &v6);
    add(("", ""), "reason", &event.origin.reason);
    add(("cs2Label", "onBehalfOf"), "cs2", &event.actor.on_behalf_of);
    add(("cs3Label", "request"), "cs3", &event.origin.request);
    add(("cs4Label", "cause"), "cs4", &event.cause);
    add(("cs5Label", "hash"), "cs5", &event.hash.map(hex::encode));
    add(("", ""), "msg", &Some(event.data.to_string()));
    let extension: Vec<String> = extension
        .iter()
        .map(|(key, text)| format!("{key}={}", value(text)))
        .collect();
    format!("CEF:0|{head}|{severity}|{}", extension.join(" "))
}

/// `token.created` of `dev.portway.identity.token.created`.
fn name(kind: &str) -> &str {
    let mut dots = kind.rmatch_indices('.');
    dots.next();
    dots.next()
        .and_then(|(at, _)| kind.get(at + 1..))
        .unwrap_or(kind)
}

fn head(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace(['\n', '\r'], " ")
}

fn value(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('=', "\\=")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
}
