//! The OpenAPI document, read for the explorer's pages.

use platform::request::encode;
use serde_json::Value;

/// Schemas shown with an operation; more are named only.
const MAX_SCHEMAS: usize = 12;
/// What a reference to a schema begins with.
const REF: &str = "#/components/schemas/";

/// All operations, in the order of the document.
#[derive(Debug, Default)]
pub(super) struct Described {
    operations: Vec<Operation>,
    schemas: Value,
}

/// One method of one path.
#[derive(Debug, Default)]
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) tag: String,
    /// In capitals.
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) description: String,
    /// Nothing for what everybody may call.
    pub(super) permission: Option<String>,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
    /// Names of the schemas that it refers to, in order.
    names: Vec<String>,
}

/// A parameter of the path, the query or a header.
#[derive(Debug)]
pub(super) struct Parameter {
    pub(super) name: String,
    /// `path`, `query` or `header`.
    pub(super) place: String,
    pub(super) required: bool,
    pub(super) description: String,
    pub(super) kind: String,
    /// The only values, where there are few.
    pub(super) choices: Vec<String>,
}

/// What is sent.
#[derive(Debug)]
pub(super) struct Body {
    pub(super) media: String,
    /// As indented JSON.
    pub(super) schema: String,
}

/// One answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: String,
    pub(super) description: String,
    /// What it holds: a schema's name, a type, or nothing.
    pub(super) kind: String,
    /// The part of the page with the schema.
    pub(super) href: String,
}

impl Described {
    /// From the document's text; what cannot be read is left out.
    pub(super) fn read(text: &[u8]) -> Self {
        let document: Value = serde_json::from_slice(text).unwrap_or_default();
        let mut operations = Vec::new();
        let paths = document.get("paths").and_then(Value::as_object);
        for (path, methods) in paths.into_iter().flatten() {
            for (method, value) in methods.as_object().into_iter().flatten() {
                operations.push(operation(&document, path, method, value));
            }
        }
        let schemas = document.pointer("/components/schemas").cloned();
        Self {
            operations,
            schemas: schemas.unwrap_or_default(),
        }
    }

    pub(super) fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub(super) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Operations whose ids hold this one or are held by it.
    pub(super) fn near(&self, id: &str) -> Vec<&Operation> {
        let wanted = id.to_lowercase();
        let is_near = |operation: &&Operation| {
            let known = operation.id.to_lowercase();
            !wanted.is_empty() && (known.contains(&wanted) || wanted.contains(&known))
        };
        self.operations.iter().filter(is_near).collect()
    }

    /// The schemas that an operation refers to, and those that they refer to:
    /// name and indented JSON.
    pub(super) fn schemas_of(&self, operation: &Operation) -> Vec<(String, String)> {
        let mut wanted = operation.names.clone();
        let mut found: Vec<(String, String)> = Vec::new();
        let mut at = 0;
        while let Some(name) = wanted.get(at).cloned() {
            at += 1;
            if found.len() >= MAX_SCHEMAS {
                break;
            }
            if let Some(schema) = self.schemas.get(&name) {
                let mut names = Vec::new();
                references(schema, &mut names);
                for name in names {
                    if !wanted.contains(&name) {
                        wanted.push(name);
                    }
                }
                found.push((name, format!("{schema:#}")));
            }
        }
        found
    }
}

impl Operation {
    /// Its page.
    pub(super) fn href(&self) -> String {
        format!("/api-explorer/{}", encode(&self.id))
    }

    /// Whether the words that people look for are in it; `needle` is lower case.
    pub(super) fn holds(&self, needle: &str) -> bool {
        let texts = [&self.id, &self.tag, &self.path, &self.summary];
        let mut texts = texts.into_iter().chain(&self.permission);
        texts.any(|text| text.to_lowercase().contains(needle))
    }

    /// Its address with these values. Without a parameter of the path there is none.
    pub(super) fn address<'v>(
        &self,
        given: impl Fn(&Parameter) -> Option<&'v str>,
    ) -> Result<String, String> {
        let mut path = self.path.clone();
        let mut query = Vec::new();
        for parameter in &self.parameters {
            let value = given(parameter);
            match (parameter.place.as_str(), value) {
                ("path", Some(value)) => {
                    path = path.replace(&format!("{{{}}}", parameter.name), &encode(value));
                }
                ("query", Some(value)) => {
                    query.push(format!("{}={}", encode(&parameter.name), encode(value)));
                }
                ("path", None) => return Err(parameter.name.clone()),
                ("query", None) if parameter.required => return Err(parameter.name.clone()),
                _ => {}
            }
        }
        Ok(if query.is_empty() {
            path
        } else {
            format!("{path}?{}", query.join("&"))
        })
    }

    /// A line for a shell. Values to be filled in are in capitals.
    pub(super) fn curl(&self, base: &str) -> String {
        let mut path = self.path.clone();
        for parameter in &self.parameters {
            let sample = parameter.name.to_uppercase();
            path = path.replace(&format!("{{{}}}", parameter.name), &sample);
        }
        let mut required = self
            .parameters
            .iter()
            .filter(|parameter| parameter.place == "query" && parameter.required)
            .map(|parameter| format!("{}={}", parameter.name, parameter.name.to_uppercase()));
        if let Some(first) = required.next() {
            path = required.fold(format!("{path}?{first}"), |path, next| {
                format!("{path}&{next}")
            });
        }
        let mut line = "curl".to_owned();
        if self.method != "GET" {
            line.push_str(&format!(" -X {}", self.method));
        }
        if self.permission.is_some() {
            line.push_str(" -H \"Authorization: Bearer $PORTWAY_TOKEN\"");
        }
        if let Some(body) = &self.body {
            line.push_str(&format!(" -H 'Content-Type: {}' -d @body", body.media));
        }
        format!("{line} '{base}{path}'")
    }
}

fn text(value: &Value, key: &str) -> String {
    value
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn operation(document: &Value, path: &str, method: &str, value: &Value) -> Operation {
    let tags = value.get("tags").and_then(Value::as_array);
    let tag = tags.and_then(|tags| tags.first()).and_then(Value::as_str);
    let parameters = value.get("parameters").and_then(Value::as_array);
    let answers = value.get("responses").and_then(Value::as_object);
    let content = value.pointer("/requestBody/content");
    let body = content.and_then(Value::as_object).and_then(|content| {
        let (media, described) = content.iter().next()?;
        Some(Body {
            media: media.clone(),
            schema: format!("{:#}", described.get("schema")?),
        })
    });
    let mut names = Vec::new();
    references(value, &mut names);
    Operation {
        id: text(value, "operationId"),
        tag: tag.unwrap_or_default().to_owned(),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(value, "summary"),
        description: text(value, "description"),
        permission: value
            .get("x-portway-permission")
            .and_then(Value::as_str)
            .map(str::to_owned),
        parameters: parameters.into_iter().flatten().map(parameter).collect(),
        body,
        answers: answers
            .into_iter()
            .flatten()
            .map(|(status, value)| answer(document, status, value))
            .collect(),
        names,
    }
}

fn parameter(value: &Value) -> Parameter {
    let schema = value.get("schema").cloned().unwrap_or_default();
    let choices = schema.get("enum").and_then(Value::as_array);
    Parameter {
        name: text(value, "name"),
        place: text(value, "in"),
        required: value
            .get("required")
            .and_then(Value::as_bool)
            .unwrap_or(false),
        description: text(value, "description"),
        kind: kind(&schema),
        choices: choices
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    }
}

fn answer(document: &Value, status: &str, value: &Value) -> Answer {
    let shared = value.get("$ref").and_then(Value::as_str);
    let value = shared
        .and_then(|target| document.pointer(target.strip_prefix('#')?))
        .unwrap_or(value);
    let content = value.get("content").and_then(Value::as_object);
    let media = content.and_then(|content| content.iter().next());
    let schema = media.and_then(|(_, described)| described.get("schema"));
    let mut names = Vec::new();
    // What is shared by all operations is not shown with each.
    if let (Some(schema), None) = (schema, shared) {
        references(schema, &mut names);
    }
    Answer {
        status: status.to_owned(),
        description: text(value, "description"),
        kind: match (schema, media) {
            (Some(schema), _) => kind(schema),
            (None, Some((media, _))) => media.clone(),
            (None, None) => String::new(),
        },
        href: names
            .first()
            .map_or_else(String::new, |name| format!("#schema-{name}")),
    }
}

/// What a schema is, in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return target.strip_prefix(REF).unwrap_or(target).to_owned();
    }
    let own = match schema.get("type") {
        Some(Value::String(word)) => word.clone(),
        Some(Value::Array(words)) => {
            let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
            words.join(" | ")
        }
        _ => String::new(),
    };
    match schema.get("items") {
        Some(items) if own == "array" => format!("{}[]", kind(items)),
        _ => own,
    }
}

/// The names of the schemas that a part of the document refers to, each once.
fn references(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let target = fields.get("$ref").and_then(Value::as_str);
            if let Some(name) = target.and_then(|target| target.strip_prefix(REF))
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
            for field in fields.values() {
                references(field, names);
            }
        }
        Value::Array(items) => {
            for item in items {
                references(item, names);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = r##"{
        "paths": { "/api/v1/shelves/{name}": { "get": {
            "operationId": "getShelf", "tags": ["Library"], "summary": "Answers a shelf",
            "x-portway-permission": "library.read",
            "parameters": [
                { "name": "name", "in": "path", "required": true, "schema": { "type": "string" } },
                { "name": "sort", "in": "query", "required": false, "schema": { "enum": ["a", "b"] } }
            ],
            "responses": { "200": { "description": "It", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Shelf" } } } } }
        } } },
        "components": { "schemas": {
            "Shelf": { "type": "object", "properties": { "books": { "items": { "$ref": "#/components/schemas/Book" } }, "self": { "$ref": "#/components/schemas/Shelf" } } },
            "Book": { "type": "object" }
        } }
    }"##;

    #[test]
    fn an_operation_is_found_with_its_schemas_each_once() {
        let described = Described::read(DOCUMENT.as_bytes());
        let operation = described.operation("getShelf").expect("the operation");
        let names: Vec<String> = described
            .schemas_of(operation)
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["Shelf", "Book"]);
        assert_eq!(
            operation.answers.first().map(|answer| answer.kind.as_str()),
            Some("Shelf")
        );
        assert!(operation.holds("library.read") && !operation.holds("delete"));
        assert_eq!(described.near("shelf").len(), 1);
    }

    #[test]
    fn values_are_encoded_into_the_address() {
        let described = Described::read(DOCUMENT.as_bytes());
        let operation = described.operation("getShelf").expect("the operation");
        let address = operation.address(|parameter| match parameter.name.as_str() {
            "name" => Some("a/b?c"),
            _ => Some("a&b"),
        });
        assert_eq!(
            address.as_deref(),
            Ok("/api/v1/shelves/a%2Fb%3Fc?sort=a%26b")
        );
        assert_eq!(operation.address(|_| None), Err("name".to_owned()));
        assert_eq!(
            operation.curl("http://localhost:7007"),
            "curl -H \"Authorization: Bearer $PORTWAY_TOKEN\" 'http://localhost:7007/api/v1/shelves/NAME'"
        );
    }

    #[test]
    fn what_is_no_document_has_no_operations() {
        assert!(Described::read(b"[1").operations().is_empty());
    }
}
