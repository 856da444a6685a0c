//! AsyncAPI 2 and 3.

use model::diagnostic::Diagnostic;
use model::yaml::{Entry, Node};

use super::openapi::{begin, follow, pretty, scheme};
use super::references;
use super::schema::{Schemas, last_part};
use super::tree::{entries, flag, items, text, texts};
use crate::doc::{ApiDoc, Field, Format, Operation, Payload, Server};
use model::quoted;

/// Reads AsyncAPI.
pub(super) fn read(root: &Node, version: &str) -> ApiDoc {
    let two = version.starts_with("2.");
    let mut doc = begin(
        root,
        if two {
            Format::AsyncApi2
        } else {
            Format::AsyncApi3
        },
    );
    if !two && !version.starts_with("3.") {
        doc.problems.push(
            Diagnostic::warning(
                "api-version-unknown",
                format!("AsyncAPI `{}` is not known", quoted(version)),
            )
            .at(root.place("/asyncapi"))
            .accepting("2.x and 3.x"),
        );
    }
    doc.servers = entries(root, "servers").map(server).collect();
    let schemas = Schemas::new(root, "#/components/schemas/");
    doc.types = schemas.types();
    if let Some(components) = root.get("components") {
        doc.security = entries(components, "securitySchemes")
            .map(|entry| scheme(&entry.key, &entry.value))
            .collect();
    }
    if two {
        channels(&schemas, &mut doc);
    } else {
        operations(&schemas, &mut doc);
    }
    references::check(root, &mut doc);
    if root.get("channels").is_none() {
        doc.problems.push(
            Diagnostic::error("api-channels-missing", "channels is missing")
                .at(root.mark)
                .accepting("channels with at least one channel")
                .fixed_by("add `channels:`"),
        );
    }
    doc
}

fn server(entry: &Entry) -> Server {
    let node = &entry.value;
    let protocol = texts(node, "protocol");
    let url = match (text(node, "url"), text(node, "host")) {
        (Some(url), _) => url.to_owned(),
        (None, Some(host)) => {
            format!(
                "{protocol}://{host}{}",
                text(node, "pathname").unwrap_or_default()
            )
        }
        (None, None) => String::new(),
    };
    let description = match text(node, "description") {
        Some(description) => format!("{}: {description}", entry.key),
        None => format!("{} {protocol}", entry.key),
    };
    Server { url, description }
}

/// Version 2: a channel says what others may do with it. `subscribe` is what
/// the application sends, `publish` what it receives.
fn channels(schemas: &Schemas<'_>, doc: &mut ApiDoc) {
    let root = schemas.root();
    let mut found = Vec::new();
    for entry in entries(root, "channels") {
        let channel = follow(root, &entry.value);
        for (key, verb) in [("subscribe", "send"), ("publish", "receive")] {
            let Some(node) = channel.entry(key) else {
                continue;
            };
            let messages = match node.value.get("message") {
                Some(message) if message.get("oneOf").is_some() => {
                    items(message, "oneOf").collect()
                }
                Some(message) => vec![message],
                None => Vec::new(),
            };
            let messages = messages
                .into_iter()
                .map(|message| payload(schemas, "", message))
                .collect();
            found.push(Operation {
                name: text(&node.value, "operationId").map(str::to_owned),
                parameters: parameters(schemas, channel),
                description: described(&node.value).or_else(|| described(channel)),
                ..operation(&node.value, verb, &entry.key, node.key_mark.line, messages)
            });
        }
    }
    doc.operations = found;
}

/// Version 3: operations stand by themselves and name their channel.
fn operations(schemas: &Schemas<'_>, doc: &mut ApiDoc) {
    let root = schemas.root();
    let mut found = Vec::new();
    for entry in entries(root, "operations") {
        let node = follow(root, &entry.value);
        let verb = match text(node, "action") {
            Some("receive") => "receive",
            Some("send") => "send",
            other => {
                doc.problems.push(
                    Diagnostic::error(
                        "api-action",
                        match other {
                            Some(action) => format!(
                                "the operation `{}` has the action `{}`",
                                quoted(&entry.key),
                                quoted(action)
                            ),
                            None => format!("the operation `{}` has no action", quoted(&entry.key)),
                        },
                    )
                    .at(entry.value.place("/action"))
                    .accepting("send or receive"),
                );
                continue;
            }
        };
        let named = node.get("channel");
        let channel = named.map(|channel| follow(root, channel));
        let name = named
            .and_then(|channel| text(channel, "$ref"))
            .map(last_part)
            .unwrap_or_default();
        let address = channel.and_then(|channel| text(channel, "address"));
        let messages = match (items(node, "messages").next().is_some(), channel) {
            (true, _) => items(node, "messages")
                .map(|message| payload(schemas, "", message))
                .collect(),
            (false, Some(channel)) => entries(channel, "messages")
                .map(|message| payload(schemas, &message.key, &message.value))
                .collect(),
            (false, None) => Vec::new(),
        };
        let target = address.map_or(name, str::to_owned);
        found.push(Operation {
            name: Some(entry.key.clone()),
            parameters: channel.map_or(Vec::new(), |channel| parameters(schemas, channel)),
            description: described(node).or_else(|| channel.and_then(described)),
            ..operation(node, verb, &target, entry.key_mark.line, messages)
        });
    }
    doc.operations = found;
}

fn operation(
    node: &Node,
    verb: &str,
    target: &str,
    line: u32,
    messages: Vec<Payload>,
) -> Operation {
    let mut operation = Operation {
        key: format!("{verb} {target}"),
        verb: verb.to_owned(),
        target: target.to_owned(),
        summary: text(node, "summary")
            .or_else(|| text(node, "title"))
            .map(str::to_owned),
        deprecated: flag(node, "deprecated"),
        tags: items(node, "tags")
            .filter_map(|tag| text(tag, "name"))
            .map(str::to_owned)
            .collect(),
        line,
        ..Operation::default()
    };
    if verb == "send" {
        operation.outputs = messages;
    } else {
        operation.inputs = messages;
    }
    operation
}

fn described(node: &Node) -> Option<String> {
    text(node, "description").map(str::to_owned)
}

fn parameters(schemas: &Schemas<'_>, channel: &Node) -> Vec<Field> {
    entries(channel, "parameters")
        .map(|entry| {
            let node = follow(schemas.root(), &entry.value);
            Field {
                name: entry.key.clone(),
                place: "path",
                required: true,
                description: texts(node, "description"),
                shape: schemas.shape(node.get("schema").unwrap_or(node)),
                ..Field::default()
            }
        })
        .collect()
}

fn payload(schemas: &Schemas<'_>, key: &str, node: &Node) -> Payload {
    let referred = text(node, "$ref").map(last_part);
    let message = follow(schemas.root(), node);
    let name = text(message, "name").map(str::to_owned).or(referred);
    // A schema of another language stands one level deeper in version 3.
    let schema = message
        .get("payload")
        .map(|payload| payload.get("schema").unwrap_or(payload));
    Payload {
        status: name.unwrap_or_else(|| key.to_owned()),
        media: texts(message, "contentType"),
        description: text(message, "summary")
            .or_else(|| text(message, "description"))
            .or_else(|| text(message, "title"))
            .unwrap_or_default()
            .to_owned(),
        required: true,
        shape: schema.map(|node| schemas.shape(node)),
        examples: items(message, "examples")
            .filter_map(|example| example.get("payload"))
            .take(8)
            .map(pretty)
            .collect(),
    }
}
