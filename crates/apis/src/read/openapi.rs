//! OpenAPI 3.0 and 3.1, and Swagger 2.0.

use model::diagnostic::Diagnostic;
use model::yaml::{Entry, Node, NodeValue};

use super::references;
use super::schema::Schemas;
use super::tree::{entries, entries_of, flag, items, list_of_texts, scalar, text, texts};
use crate::doc::{ApiDoc, Field, Format, Operation, Payload, SecurityScheme, Server, Shape};
use model::quoted;

const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];
const PLACES: [&str; 4] = ["path", "query", "header", "cookie"];
/// References that lead to references; more is a cycle.
const MAX_HOPS: usize = 16;

/// Reads OpenAPI 3.
pub(super) fn read(root: &Node, version: &str) -> ApiDoc {
    let format = if version.starts_with("3.0") {
        Format::OpenApi30
    } else {
        Format::OpenApi31
    };
    let mut doc = begin(root, format);
    if !version.starts_with("3.") {
        doc.problems.push(
            Diagnostic::warning(
                "api-version-unknown",
                format!("OpenAPI `{}` is not known", quoted(version)),
            )
            .at(root.place("/openapi"))
            .accepting("3.0.x and 3.1.x"),
        );
    }
    doc.servers = items(root, "servers")
        .map(|server| Server {
            url: texts(server, "url"),
            description: texts(server, "description"),
        })
        .collect();
    let components = root.get("components");
    let schemas = Schemas::new(root, "#/components/schemas/");
    doc.types = schemas.types();
    if let Some(components) = components {
        doc.security = entries(components, "securitySchemes")
            .map(|entry| scheme(&entry.key, &entry.value))
            .collect();
    }
    operations(&schemas, &Dialect::Three, &mut doc);
    finish(root, &mut doc);
    doc
}

/// Reads Swagger 2.0.
pub(super) fn read_swagger(root: &Node, version: &str) -> ApiDoc {
    let mut doc = begin(root, Format::Swagger2);
    if version != "2.0" {
        doc.problems.push(
            Diagnostic::warning(
                "api-version-unknown",
                format!("Swagger `{}` is not known", quoted(version)),
            )
            .at(root.place("/swagger"))
            .accepting("2.0"),
        );
    }
    if let Some(host) = text(root, "host") {
        let base = text(root, "basePath").unwrap_or_default();
        let mut schemes = list_of_texts(root, "schemes");
        if schemes.is_empty() {
            schemes.push("https");
        }
        doc.servers = schemes
            .into_iter()
            .map(|scheme| Server {
                url: format!("{scheme}://{host}{base}"),
                description: String::new(),
            })
            .collect();
    }
    let schemas = Schemas::new(root, "#/definitions/");
    doc.types = schemas.types();
    doc.security = entries(root, "securityDefinitions")
        .map(|entry| scheme(&entry.key, &entry.value))
        .collect();
    let media = |key| {
        let found = list_of_texts(root, key);
        found
            .first()
            .map_or("application/json".to_owned(), |media| (*media).to_owned())
    };
    let dialect = Dialect::Two {
        consumes: media("consumes"),
        produces: media("produces"),
    };
    operations(&schemas, &dialect, &mut doc);
    finish(root, &mut doc);
    doc
}

/// What differs between the versions.
enum Dialect {
    Two { consumes: String, produces: String },
    Three,
}

pub(super) fn begin(root: &Node, format: Format) -> ApiDoc {
    let mut doc = ApiDoc::new(format);
    match root.get("info") {
        Some(info) => {
            doc.title = text(info, "title").map(str::to_owned);
            doc.version = scalar(info, "version");
            doc.description = text(info, "description").map(str::to_owned);
        }
        None => doc.problems.push(
            Diagnostic::error("api-info-missing", "info is missing")
                .at(root.mark)
                .accepting("info with title and version")
                .fixed_by("add `info: {title: Orders, version: 1.0.0}`"),
        ),
    }
    doc
}

pub(super) fn scheme(name: &str, node: &Node) -> SecurityScheme {
    let kind = text(node, "type").unwrap_or("?");
    let kind = match kind {
        "http" => format!("http {}", text(node, "scheme").unwrap_or_default()),
        "apiKey" | "httpApiKey" => format!(
            "{kind} in {} {}",
            text(node, "in").unwrap_or_default(),
            text(node, "name").unwrap_or_default()
        ),
        other => other.to_owned(),
    };
    SecurityScheme {
        name: name.to_owned(),
        kind: kind.trim_end().to_owned(),
    }
}

fn finish(root: &Node, doc: &mut ApiDoc) {
    references::check(root, doc);
}

fn operations(schemas: &Schemas<'_>, dialect: &Dialect, doc: &mut ApiDoc) {
    let root = schemas.root();
    let everywhere = security(root);
    let mut found = Vec::new();
    let webhooks = entries(root, "webhooks").map(|entry| ("webhook ", entry));
    for (prefix, entry) in entries(root, "paths")
        .map(|entry| ("", entry))
        .chain(webhooks)
    {
        if entry.key.starts_with("x-") {
            continue;
        }
        let item = follow(root, &entry.value);
        for method in entries_of(item) {
            if METHODS.contains(&method.key.as_str()) {
                let at = Place {
                    schemas,
                    root,
                    prefix,
                    path: entry,
                    item,
                    method,
                };
                found.push(operation(&at, dialect, everywhere.as_deref(), doc));
            }
        }
    }
    if root.get("paths").is_none() && found.is_empty() && root.get("components").is_none() {
        doc.problems.push(
            Diagnostic::error("api-paths-missing", "paths is missing")
                .at(root.mark)
                .accepting("paths with at least one operation")
                .fixed_by("add `paths:`"),
        );
    }
    doc.operations = found;
}

struct Place<'a> {
    schemas: &'a Schemas<'a>,
    root: &'a Node,
    prefix: &'static str,
    path: &'a Entry,
    item: &'a Node,
    method: &'a Entry,
}

fn operation(
    at: &Place<'_>,
    dialect: &Dialect,
    everywhere: Option<&[String]>,
    doc: &mut ApiDoc,
) -> Operation {
    let node = &at.method.value;
    let dialect = &own(dialect, node);
    let verb = at.method.key.to_uppercase();
    let path = &at.path.key;
    let mut operation = Operation {
        key: format!("{}{verb} {}", at.prefix, same_path(path)),
        target: path.clone(),
        name: text(node, "operationId").map(str::to_owned),
        summary: text(node, "summary")
            .or_else(|| text(at.item, "summary"))
            .map(str::to_owned),
        description: text(node, "description").map(str::to_owned),
        deprecated: flag(node, "deprecated"),
        tags: list_of_texts(node, "tags")
            .into_iter()
            .map(str::to_owned)
            .collect(),
        security: security(node)
            .or_else(|| everywhere.map(<[String]>::to_vec))
            .unwrap_or_default(),
        line: at.method.key_mark.line,
        verb,
        ..Operation::default()
    };
    parameters(at, dialect, &mut operation, doc);
    if let Some(body) = node.get("requestBody") {
        let body = follow(at.root, body);
        operation.inputs = content(at.schemas, body, "", flag(body, "required"));
    }
    for entry in entries(node, "responses") {
        let answer = follow(at.root, &entry.value);
        operation
            .outputs
            .extend(answers(at.schemas, &entry.key, answer, dialect));
    }
    operation
}

/// The dialect as this operation has it: media types of its own go first.
fn own(dialect: &Dialect, node: &Node) -> Dialect {
    let first = |key, general: &String| {
        let found = list_of_texts(node, key);
        found
            .first()
            .map_or_else(|| general.clone(), |media| (*media).to_owned())
    };
    match dialect {
        Dialect::Three => Dialect::Three,
        Dialect::Two { consumes, produces } => Dialect::Two {
            consumes: first("consumes", consumes),
            produces: first("produces", produces),
        },
    }
}

fn answers(schemas: &Schemas<'_>, status: &str, answer: &Node, dialect: &Dialect) -> Vec<Payload> {
    let empty = Payload {
        status: status.to_owned(),
        description: texts(answer, "description"),
        ..Payload::default()
    };
    match dialect {
        Dialect::Two { produces, .. } => {
            let shape = answer.get("schema").map(|node| schemas.shape(node));
            vec![Payload {
                media: if shape.is_some() {
                    produces.clone()
                } else {
                    String::new()
                },
                examples: entries(answer, "examples")
                    .map(|entry| pretty(&entry.value))
                    .collect(),
                shape,
                ..empty
            }]
        }
        Dialect::Three => {
            let found = content(schemas, answer, status, false);
            if found.is_empty() { vec![empty] } else { found }
        }
    }
}

/// One payload for each media type of `content`.
fn content(schemas: &Schemas<'_>, node: &Node, status: &str, required: bool) -> Vec<Payload> {
    let description = texts(node, "description");
    entries(node, "content")
        .map(|entry| Payload {
            status: status.to_owned(),
            media: entry.key.clone(),
            description: description.clone(),
            required,
            shape: entry.value.get("schema").map(|node| schemas.shape(node)),
            examples: examples(&entry.value),
        })
        .collect()
}

fn examples(node: &Node) -> Vec<String> {
    let own = node.get("example").into_iter();
    let named = entries(node, "examples").filter_map(|entry| entry.value.get("value"));
    let schema = node.get("schema").and_then(|schema| schema.get("example"));
    own.chain(named).chain(schema).take(8).map(pretty).collect()
}

/// An example for people: texts as they are, data indented.
pub(super) fn pretty(node: &Node) -> String {
    match &node.value {
        NodeValue::String(text) => text.clone(),
        _ => serde_json::to_string_pretty(&node.to_json()).unwrap_or_default(),
    }
}

fn parameters(at: &Place<'_>, dialect: &Dialect, operation: &mut Operation, doc: &mut ApiDoc) {
    let listed: Vec<&Node> = items(at.item, "parameters")
        .chain(items(&at.method.value, "parameters"))
        .collect();
    let mut form = Vec::new();
    for node in listed {
        let node = follow(at.root, node);
        let (name, place) = (texts(node, "name"), text(node, "in").unwrap_or_default());
        match (place, dialect) {
            ("body", Dialect::Two { consumes, .. }) => operation.inputs.push(Payload {
                media: consumes.clone(),
                description: texts(node, "description"),
                required: flag(node, "required"),
                shape: node.get("schema").map(|node| at.schemas.shape(node)),
                ..Payload::default()
            }),
            ("formData", Dialect::Two { .. }) => form.push(parameter(at.schemas, node, name, "")),
            _ => match PLACES.into_iter().find(|known| *known == place) {
                Some(place) => {
                    // An operation's own parameter stands for that of its path.
                    operation
                        .parameters
                        .retain(|known| (known.name.as_str(), known.place) != (&name, place));
                    operation
                        .parameters
                        .push(parameter(at.schemas, node, name, place));
                }
                None => doc.problems.push(
                    Diagnostic::error(
                        "api-parameter-place",
                        format!(
                            "the parameter `{}` of {} stands in {}",
                            quoted(&name),
                            operation.key,
                            if place.is_empty() {
                                "no place".to_owned()
                            } else {
                                format!("`{}`", quoted(place))
                            }
                        ),
                    )
                    .at(node.mark)
                    .accepting("in: path, query, header or cookie"),
                ),
            },
        }
    }
    if !form.is_empty() {
        operation.inputs.push(Payload {
            media: form_media(dialect),
            required: form.iter().any(|field| field.required),
            shape: Some(Shape {
                fields: form,
                ..Shape::plain("object")
            }),
            ..Payload::default()
        });
    }
}

/// Swagger's forms: what the operation consumes when that is a form.
fn form_media(dialect: &Dialect) -> String {
    match dialect {
        Dialect::Two { consumes, .. } if consumes.contains("form") => consumes.clone(),
        _ => "application/x-www-form-urlencoded".to_owned(),
    }
}

fn parameter(schemas: &Schemas<'_>, node: &Node, name: String, place: &'static str) -> Field {
    let schema = node.get("schema").or_else(|| {
        let content = entries(node, "content").next();
        content.and_then(|entry| entry.value.get("schema"))
    });
    Field {
        name,
        place,
        required: place == "path" || flag(node, "required"),
        deprecated: flag(node, "deprecated"),
        description: texts(node, "description"),
        // Swagger 2 writes the schema into the parameter itself.
        shape: schemas.shape(schema.unwrap_or(node)),
        number: None,
    }
}

/// Names of the schemes of which one is needed; [`None`] where nothing is said.
fn security(node: &Node) -> Option<Vec<String>> {
    node.get("security")?;
    let alternatives = items(node, "security").map(|one| {
        let names: Vec<&str> = entries_of(one)
            .iter()
            .map(|entry| entry.key.as_str())
            .collect();
        names.join(" + ")
    });
    Some(alternatives.filter(|names| !names.is_empty()).collect())
}

/// `/orders/{}` for `/orders/{id}`: what a parameter is called changes nothing.
fn same_path(path: &str) -> String {
    let mut same = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '{' => {
                inside = true;
                same.push_str("{}");
            }
            '}' => inside = false,
            _ if inside => {}
            _ => same.push(character),
        }
    }
    same
}

/// What a local reference leads to, or the node itself.
pub(super) fn follow<'a>(root: &'a Node, node: &'a Node) -> &'a Node {
    let mut node = node;
    for _ in 0..MAX_HOPS {
        let Some(target) = text(node, "$ref")
            .and_then(|reference| reference.strip_prefix('#'))
            .and_then(|pointer| root.at(pointer))
        else {
            break;
        };
        node = target;
    }
    node
}
