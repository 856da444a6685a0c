//! `fs:*`: files of the workspace.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::action::{Outcome, StepAction, StepError, input_of};
use crate::workspace::{Entry, EntryKind};

pub(super) fn actions() -> Vec<StepAction> {
    vec![delete(), rename(), readdir(), read()]
}

#[derive(Deserialize)]
struct Delete {
    files: Vec<String>,
}

fn delete() -> StepAction {
    StepAction::new(
        "fs:delete",
        "Removes files and folders of the workspace.",
        |context, input| async move {
            let input: Delete = input_of(input)?;
            for pattern in &input.files {
                let found = context.workspace().matching(std::slice::from_ref(pattern))?;
                if found.is_empty() {
                    context.log().warn(&format!("`{pattern}` fits nothing in the workspace"));
                }
                for entry in found {
                    context.workspace().remove(&entry.path)?;
                    context.log().info(&format!("File {} deleted successfully", entry.path));
                }
            }
            Ok(Outcome::done())
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["files"],
        "additionalProperties": false,
        "properties": {
            "files": { "type": "array", "items": { "type": "string" }, "description": "Names and patterns of files and folders" },
        },
    }))
    .example(
        "Remove files",
        "steps:\n  - action: fs:delete\n    id: clean\n    input:\n      files:\n        - tmp\n        - '**/*.bak'\n",
    )
    .runs_in_dry_run()
}

#[derive(Deserialize)]
struct Rename {
    files: Vec<Move>,
}

#[derive(Deserialize)]
struct Move {
    from: String,
    to: String,
    #[serde(default)]
    overwrite: bool,
}

fn rename() -> StepAction {
    StepAction::new(
        "fs:rename",
        "Renames and moves files and folders within the workspace.",
        |context, input| async move {
            let input: Rename = input_of(input)?;
            for file in &input.files {
                context.workspace().rename(&file.from, &file.to, file.overwrite)?;
                context.log().info(&format!("File {} renamed to {} successfully", file.from, file.to));
            }
            Ok(Outcome::done())
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["files"],
        "additionalProperties": false,
        "properties": {
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["from", "to"],
                    "additionalProperties": false,
                    "properties": {
                        "from": { "type": "string" },
                        "to": { "type": "string" },
                        "overwrite": { "type": "boolean", "description": "Takes the place of what is there" },
                    },
                },
            },
        },
    }))
    .example(
        "Rename a file",
        "steps:\n  - action: fs:rename\n    id: move\n    input:\n      files:\n        - from: a.md\n          to: docs/a.md\n",
    )
    .runs_in_dry_run()
}

#[derive(Deserialize)]
struct List {
    paths: Vec<String>,
    #[serde(default)]
    recursive: bool,
}

fn readdir() -> StepAction {
    let entry = json!({
        "type": "object",
        "required": ["name", "path", "fullPath"],
        "properties": {
            "name": { "type": "string" },
            "path": { "type": "string" },
            "fullPath": { "type": "string" },
        },
    });
    StepAction::new(
        "fs:readdir",
        "Lists files and folders of the workspace.",
        |context, input| async move {
            let input: List = input_of(input)?;
            let (mut files, mut folders) = (Vec::new(), Vec::new());
            for path in &input.paths {
                let found = context.workspace().entries_below(path)?;
                let above = platform::inside::relative(path).unwrap_or_default();
                for entry in found {
                    let below = entry.path.strip_prefix(&above).unwrap_or(&entry.path);
                    if !input.recursive && below.trim_start_matches('/').contains('/') {
                        continue;
                    }
                    let listed = listed(&entry, context.workspace().root());
                    match entry.kind {
                        EntryKind::Folder => folders.push(listed),
                        _ => files.push(listed),
                    }
                }
            }
            Ok(Outcome::with(json!({ "files": files, "folders": folders })))
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["paths"],
        "additionalProperties": false,
        "properties": {
            "paths": { "type": "array", "items": { "type": "string", "minLength": 1 } },
            "recursive": { "type": "boolean", "default": false },
        },
    }))
    .gives(json!({
        "type": "object",
        "required": ["files", "folders"],
        "properties": {
            "files": { "type": "array", "items": entry },
            "folders": { "type": "array", "items": entry },
        },
    }))
    .example(
        "List a folder",
        "steps:\n  - action: fs:readdir\n    id: list\n    input:\n      paths:\n        - src\n",
    )
    .runs_in_dry_run()
}

fn listed(entry: &Entry, root: &std::path::Path) -> Value {
    json!({
        "name": entry.path.rsplit('/').next(),
        "path": entry.path,
        "fullPath": root.join(&entry.path).to_string_lossy(),
    })
}

#[derive(Deserialize)]
struct Read {
    path: String,
}

fn read() -> StepAction {
    StepAction::new(
        "fs:read",
        "Reads a text of the workspace, of at most 1 MiB.",
        |context, input| async move {
            let input: Read = input_of(input)?;
            let content = context.workspace().read_text(&input.path)?;
            if content.len() > 1024 * 1024 {
                return Err(StepError::new(format!(
                    "{} is longer than 1 MiB",
                    input.path
                )));
            }
            Ok(Outcome::with(json!({ "content": content })))
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["path"],
        "additionalProperties": false,
        "properties": { "path": { "type": "string" } },
    }))
    .gives(json!({ "type": "object", "properties": { "content": { "type": "string" } } }))
    .example(
        "Read a file",
        "steps:\n  - action: fs:read\n    id: version\n    input:\n      path: VERSION\n",
    )
    .runs_in_dry_run()
}
