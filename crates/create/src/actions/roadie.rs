//! `roadiehq:utils:*`: the community's actions for files and data, by the
//! names and inputs that templates know them with.

use std::time::Duration;

use model::yaml::{Limits, parse_documents, parse_value, to_yaml};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::debug::sleep_until_over;
use crate::action::{Outcome, StepAction, StepError, input_of};
use crate::context::StepContext;

/// The longest sleep.
const LONGEST: Duration = Duration::from_secs(24 * 3600);
/// How deep values that are merged may nest.
const DEEPEST: usize = 64;

pub(super) fn actions() -> Vec<StepAction> {
    vec![
        sleep(),
        write(),
        append(),
        parse(),
        replace(),
        merge(
            "roadiehq:utils:json:merge",
            "Merges data into a JSON file of the workspace.",
            Form::Json,
        ),
        merge(
            "roadiehq:utils:yaml:merge",
            "Merges data into a YAML file of the workspace. Comments are lost.",
            Form::Yaml,
        ),
        merge(
            "roadiehq:utils:merge",
            "Merges data into a JSON or YAML file of the workspace.",
            Form::ByName,
        ),
        serialize_json(),
        serialize_yaml(),
    ]
}

#[derive(Deserialize)]
struct Sleep {
    amount: f64,
}

fn sleep() -> StepAction {
    StepAction::new(
        "roadiehq:utils:sleep",
        "Waits for some seconds. A restart does not make it longer.",
        |context, input| async move {
            let input: Sleep = input_of(input)?;
            let length = Duration::try_from_secs_f64(input.amount).ok();
            let length = length.filter(|length| *length <= LONGEST).ok_or_else(|| {
                StepError::new(format!("{} is no time that can be slept", input.amount))
                    .accepting("seconds from 0 to 86400")
            })?;
            sleep_until_over(&context, length).await
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["amount"],
        "properties": { "amount": { "type": "number", "description": "Seconds" } },
    }))
    .example(
        "Sleep",
        "steps:\n  - action: roadiehq:utils:sleep\n    id: sleep\n    input:\n      amount: 5\n",
    )
}

#[derive(Deserialize)]
struct Text {
    path: String,
    content: Value,
}

fn text_of(content: &Value) -> String {
    content
        .as_str()
        .map_or_else(|| content.to_string(), str::to_owned)
}

fn file_schema(more: Value) -> Value {
    let mut properties = json!({
        "path": { "type": "string", "description": "The file in the workspace" },
    });
    if let (Some(properties), Value::Object(more)) = (properties.as_object_mut(), more) {
        properties.extend(more);
    }
    json!({ "type": "object", "required": ["path"], "properties": properties })
}

fn gives_path() -> Value {
    json!({ "type": "object", "properties": { "path": { "type": "string" } } })
}

fn write() -> StepAction {
    StepAction::new(
        "roadiehq:utils:fs:write",
        "Writes a file of the workspace.",
        |context, input| async move {
            let input: Text = input_of(input)?;
            context.workspace().write(&input.path, text_of(&input.content).as_bytes(), false)?;
            Ok(Outcome::with(json!({ "path": input.path })))
        },
    )
    .takes(file_schema(json!({ "content": { "description": "The text" }, "preserveFormatting": { "type": "boolean" } })))
    .gives(gives_path())
    .example(
        "Write a file",
        "steps:\n  - action: roadiehq:utils:fs:write\n    id: write\n    input:\n      path: NOTES.md\n      content: Made by ${{ user.ref }}\n",
    )
    .runs_in_dry_run()
}

fn append() -> StepAction {
    StepAction::new(
        "roadiehq:utils:fs:append",
        "Appends to a file of the workspace, which is made if it is not there.",
        |context, input| async move {
            let input: Text = input_of(input)?;
            let workspace = context.workspace();
            let mut bytes = match workspace.exists(&input.path)? {
                true => workspace.read(&input.path)?,
                false => Vec::new(),
            };
            bytes.extend(text_of(&input.content).into_bytes());
            workspace.write(&input.path, &bytes, false)?;
            Ok(Outcome::with(json!({ "path": input.path })))
        },
    )
    .takes(file_schema(json!({ "content": { "description": "The text" } })))
    .gives(gives_path())
    .example(
        "Append a line",
        "steps:\n  - action: roadiehq:utils:fs:append\n    id: append\n    input:\n      path: OWNERS\n      content: ${{ parameters.owner }}\n",
    )
    .runs_in_dry_run()
}

#[derive(Deserialize)]
struct Parse {
    path: String,
    #[serde(default)]
    parser: Option<String>,
}

fn parse() -> StepAction {
    StepAction::new(
        "roadiehq:utils:fs:parse",
        "Reads a file of the workspace as text, JSON or YAML.",
        |context, input| async move {
            let input: Parse = input_of(input)?;
            let bytes = context.workspace().read(&input.path)?;
            let content = match input.parser.as_deref() {
                None => String::from_utf8_lossy(&bytes).into_owned().into(),
                Some("json") => json_of(&input.path, &bytes)?,
                Some("yaml") => yaml_of(&input.path, &bytes)?,
                Some("multiyaml") => documents(&input.path, &bytes)?.into(),
                Some(other) => {
                    return Err(StepError::new(format!("There is no parser `{other}`"))
                        .accepting("json, yaml, multiyaml"));
                }
            };
            Ok(Outcome::with(json!({ "content": content })))
        },
    )
    .takes(file_schema(json!({
        "parser": { "type": "string", "enum": ["json", "yaml", "multiyaml"], "description": "Text if left out" },
    })))
    .gives(json!({ "type": "object", "properties": { "content": {} } }))
    .example(
        "Read a file",
        "steps:\n  - action: roadiehq:utils:fs:parse\n    id: read\n    input:\n      path: package.json\n      parser: json\n",
    )
    .runs_in_dry_run()
}

#[derive(Deserialize)]
struct Replace {
    files: Vec<Replacement>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    file: String,
    find: String,
    replace_with: String,
    #[serde(default)]
    match_regex: bool,
}

fn replace() -> StepAction {
    StepAction::new(
        "roadiehq:utils:fs:replace",
        "Replaces texts in files of the workspace.",
        |context, input| async move {
            let input: Replace = input_of(input)?;
            let mut changed = Vec::new();
            for one in &input.files {
                let text = context.workspace().read_text(&one.file)?;
                let made = match one.match_regex {
                    false => text.replace(&one.find, &one.replace_with),
                    true => {
                        let regex = fancy_regex::RegexBuilder::new(&one.find)
                            .backtrack_limit(1_000_000)
                            .build()
                            .map_err(|error| StepError::new(format!("`{}` is no regular expression: {error}", one.find)))?;
                        let replaced = regex.try_replacen(&text, 0, one.replace_with.as_str());
                        replaced
                            .map_err(|error| StepError::new(format!("`{}` takes too long: {error}", one.find)))?
                            .into_owned()
                    }
                };
                if made != text {
                    context.workspace().write(&one.file, made.as_bytes(), false)?;
                    changed.push(one.file.clone());
                }
            }
            context.log().info(&format!("Changed {} files", changed.len()));
            Ok(Outcome::done())
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["files"],
        "properties": {
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["file", "find", "replaceWith"],
                    "properties": {
                        "file": { "type": "string" },
                        "find": { "type": "string" },
                        "replaceWith": { "type": "string" },
                        "matchRegex": { "type": "boolean" },
                    },
                },
            },
        },
    }))
    .example(
        "Replace a text",
        "steps:\n  - action: roadiehq:utils:fs:replace\n    id: replace\n    input:\n      files:\n        - file: README.md\n          find: NAME\n          replaceWith: ${{ parameters.name }}\n",
    )
    .runs_in_dry_run()
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Yaml,
    ByName,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Merge {
    path: String,
    content: Value,
    #[serde(default)]
    merge_arrays: bool,
    use_document_including_field: Option<Field>,
}

#[derive(Deserialize)]
struct Field {
    key: String,
    value: String,
}

fn merge(id: &'static str, description: &'static str, form: Form) -> StepAction {
    StepAction::new(id, description, move |context, input| async move {
        run_merge(&context, &input_of(input)?, form)
    })
    .takes(file_schema(json!({
        "content": { "description": "What is merged: an object, or its text" },
        "mergeArrays": { "type": "boolean", "description": "Appends to lists; otherwise they are replaced" },
        "matchFileIndent": { "type": "boolean" },
        "preserveYamlComments": { "type": "boolean" },
        "options": { "type": "object" },
        "useDocumentIncludingField": {
            "type": "object",
            "required": ["key", "value"],
            "properties": { "key": { "type": "string" }, "value": { "type": "string" } },
            "description": "Of several documents, the one that has this field",
        },
    })))
    .gives(gives_path())
    .example(
        "Merge",
        "steps:\n  - action: roadiehq:utils:merge\n    id: merge\n    input:\n      path: package.json\n      content:\n        private: true\n",
    )
    .runs_in_dry_run()
}

fn run_merge(context: &StepContext, input: &Merge, form: Form) -> Result<Outcome, StepError> {
    let path = &input.path;
    let as_json = match form {
        Form::Json => true,
        Form::Yaml => false,
        Form::ByName => path.ends_with(".json"),
    };
    let bytes = match context.workspace().exists(path)? {
        true => context.workspace().read(path)?,
        false => Vec::new(),
    };
    let added = match &input.content {
        Value::String(text) if as_json => json_of("content", text.as_bytes())?,
        Value::String(text) => yaml_of("content", text.as_bytes())?,
        other => other.clone(),
    };
    let text = if as_json {
        let mut whole = if bytes.is_empty() {
            json!({})
        } else {
            json_of(path, &bytes)?
        };
        combine(&mut whole, added, input.merge_arrays, 0)?;
        let mut text = serde_json::to_string_pretty(&whole).unwrap_or_default();
        text.push('\n');
        text
    } else {
        let mut all = if bytes.is_empty() {
            vec![json!({})]
        } else {
            documents(path, &bytes)?
        };
        let wanted = |document: &Value| match &input.use_document_including_field {
            None => true,
            Some(field) => document
                .get(&field.key)
                .is_some_and(|value| text_of(value) == field.value),
        };
        let chosen = all
            .iter_mut()
            .find(|document| wanted(document))
            .ok_or_else(|| {
                StepError::new(format!(
                    "No document of {path} has the field that is wanted"
                ))
                .fixed_by("correct `useDocumentIncludingField`")
            })?;
        combine(chosen, added, input.merge_arrays, 0)?;
        let texts: Vec<String> = all.iter().map(to_yaml).collect();
        texts.join("---\n")
    };
    context.workspace().write(path, text.as_bytes(), false)?;
    Ok(Outcome::with(json!({ "path": path })))
}

fn combine(whole: &mut Value, added: Value, arrays: bool, depth: usize) -> Result<(), StepError> {
    if depth > DEEPEST {
        return Err(StepError::new(format!(
            "The values nest more than {DEEPEST} deep"
        )));
    }
    match (whole, added) {
        (Value::Object(fields), Value::Object(more)) => {
            for (key, value) in more {
                match fields.get_mut(&key) {
                    Some(there) => combine(there, value, arrays, depth + 1)?,
                    None => {
                        fields.insert(key, value);
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(more)) if arrays => items.extend(more),
        (whole, added) => *whole = added,
    }
    Ok(())
}

#[derive(Deserialize)]
struct Data {
    data: Value,
    #[serde(default)]
    space: Value,
}

fn serialize_json() -> StepAction {
    StepAction::new(
        "roadiehq:utils:serialize:json",
        "Answers data as a text in JSON.",
        |_, input| async move {
            let input: Data = input_of(input)?;
            let pretty = !matches!(&input.space, Value::Null) && input.space != json!(0) && input.space != json!("");
            let serialized = if pretty {
                serde_json::to_string_pretty(&input.data).unwrap_or_default()
            } else {
                input.data.to_string()
            };
            Ok(Outcome::with(json!({ "serialized": serialized })))
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["data"],
        "properties": { "data": {}, "replacer": {}, "space": { "description": "Anything but 0 indents by two blanks" } },
    }))
    .gives(json!({ "type": "object", "properties": { "serialized": { "type": "string" } } }))
    .example("Serialise", "steps:\n  - action: roadiehq:utils:serialize:json\n    id: json\n    input:\n      data:\n        a: 1\n")
    .runs_in_dry_run()
}

fn serialize_yaml() -> StepAction {
    StepAction::new(
        "roadiehq:utils:serialize:yaml",
        "Answers data as a text in YAML.",
        |_, input| async move {
            let input: Data = input_of(input)?;
            Ok(Outcome::with(json!({ "serialized": to_yaml(&input.data) })))
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["data"],
        "properties": { "data": {}, "replacer": {}, "options": { "type": "object" } },
    }))
    .gives(json!({ "type": "object", "properties": { "serialized": { "type": "string" } } }))
    .example("Serialise", "steps:\n  - action: roadiehq:utils:serialize:yaml\n    id: yaml\n    input:\n      data:\n        a: 1\n")
    .runs_in_dry_run()
}

fn json_of(path: &str, bytes: &[u8]) -> Result<Value, StepError> {
    serde_json::from_slice(bytes).map_err(|error| {
        StepError::new(format!(
            "{path}:{}:{}: {error}",
            error.line(),
            error.column()
        ))
    })
}

fn yaml_of(path: &str, bytes: &[u8]) -> Result<Value, StepError> {
    let parsed = parse_value(path, bytes, &Limits::default());
    parsed
        .map(|node| node.map_or(Value::Null, |node| node.to_json()))
        .map_err(|problems| {
            let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
            StepError::new(texts.join("\n"))
        })
}

fn documents(path: &str, bytes: &[u8]) -> Result<Vec<Value>, StepError> {
    let mut found = Vec::new();
    for document in parse_documents(path, bytes, &Limits::default()) {
        match document {
            Ok(document) => found.push(document.to_json()),
            Err(problem) => return Err(StepError::new(problem.to_string())),
        }
    }
    if found.is_empty() {
        found.push(Value::Object(Map::new()));
    }
    Ok(found)
}
