//! `fetch:*`: files from beside the template, from repositories and the web.

use catalog::{Catalog, FolderEntry};
use scaffolder::skeleton::{self, File, Rules};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::action::{Outcome, StepAction, StepError, input_of};
use crate::context::StepContext;
use crate::source::{Files, Sources};
use crate::workspace::Workspace;

/// Files whose writing is said one by one; of more only the number is said.
const SAID: usize = 100;

pub(super) fn actions(catalog: &Catalog) -> Vec<StepAction> {
    let sources = Sources::new(catalog);
    vec![
        plain(sources.clone()),
        plain_file(sources.clone()),
        template(sources.clone()),
        template_file(sources.clone()),
        cookiecutter(sources),
    ]
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    url: String,
    #[serde(default)]
    target_path: Option<String>,
    #[serde(default)]
    values: Option<Map<String, Value>>,
    #[serde(default)]
    copy_without_templating: Vec<String>,
    #[serde(default)]
    copy_without_render: Vec<String>,
    #[serde(default)]
    cookiecutter_compat: bool,
    #[serde(default)]
    template_file_extension: Value,
    #[serde(default)]
    replace: bool,
    #[serde(default)]
    trim_blocks: bool,
    #[serde(default)]
    lstrip_blocks: bool,
    #[serde(default)]
    token: Option<String>,
}

impl Input {
    fn target(&self) -> &str {
        self.target_path.as_deref().unwrap_or(".")
    }

    fn values(&self) -> Value {
        Value::Object(self.values.clone().unwrap_or_default())
    }

    fn rules(&self) -> Rules {
        let extension = match &self.template_file_extension {
            Value::Bool(true) => Some(".njk".to_owned()),
            Value::String(text) if text.starts_with('.') => Some(text.clone()),
            Value::String(text) if !text.is_empty() => Some(format!(".{text}")),
            _ => None,
        };
        Rules {
            copy_without_templating: self.copy_without_templating.clone(),
            template_file_extension: extension,
            cookiecutter: self.cookiecutter_compat,
            trim_blocks: self.trim_blocks,
            lstrip_blocks: self.lstrip_blocks,
        }
    }
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn token() -> Value {
    json!({ "type": "string", "format": "password", "description": "A token for the host, for one file on the web" })
}

fn values() -> Value {
    json!({ "type": "object", "description": "What the files see as `values`", "additionalProperties": true })
}

fn plain(sources: Sources) -> StepAction {
    StepAction::new(
        "fetch:plain",
        "Copies a folder into the workspace as it is.",
        move |context, input| {
            let sources = sources.clone();
            async move {
                let input: Input = input_of(input)?;
                let files = fetched(&sources, &context, &input.url).await?;
                let workspace = context.workspace().clone();
                let target = input.target().to_owned();
                off_thread(move || {
                    for (path, entry) in &files {
                        put(&workspace, &joined(&target, path), entry)?;
                    }
                    Ok(())
                })
                .await?;
                Ok(Outcome::done())
            }
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["url"],
        "additionalProperties": false,
        "properties": {
            "url": text("The folder: relative to the template, or an address"),
            "targetPath": text("Where it goes in the workspace; the workspace itself if left out"),
            "token": token(),
        },
    }))
    .example(
        "Copy a folder beside the template",
        "steps:\n  - action: fetch:plain\n    id: fetch\n    input:\n      url: ./files\n",
    )
    .runs_in_dry_run()
}

fn plain_file(sources: Sources) -> StepAction {
    StepAction::new(
        "fetch:plain:file",
        "Copies one file into the workspace as it is.",
        move |context, input| {
            let sources = sources.clone();
            async move {
                let input: Input = input_of(input)?;
                context.log().info("Fetching plain content from remote URL");
                let file = sources
                    .file(context.base(), &input.url, input.token.as_deref())
                    .await?;
                put(context.workspace(), input.target(), &file)?;
                Ok(Outcome::done())
            }
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["url", "targetPath"],
        "additionalProperties": false,
        "properties": {
            "url": text("The file: relative to the template, or an address"),
            "targetPath": text("Its name in the workspace"),
            "token": token(),
        },
    }))
    .example(
        "Copy a licence",
        "steps:\n  - action: fetch:plain:file\n    id: licence\n    input:\n      url: ./LICENSE\n      targetPath: LICENSE\n",
    )
    .runs_in_dry_run()
}

fn template(sources: Sources) -> StepAction {
    StepAction::new(
        "fetch:template",
        "Copies a folder into the workspace and renders names and contents of its files.",
        move |context, input| {
            let sources = sources.clone();
            async move {
                let input: Input = input_of(input)?;
                let rules = input.rules();
                if !input.copy_without_render.is_empty() {
                    context.log().warn("copyWithoutRender is not read any more; write copyWithoutTemplating");
                }
                let files = fetched(&sources, &context, &input.url).await?;
                let values = input.values();
                say_processing(&context, files.len(), &values);
                let made = off_thread(move || rendered(files, &values, &rules)).await?;
                write_all(&context, input.target(), made, input.replace).await?;
                Ok(Outcome::done())
            }
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["url"],
        "additionalProperties": false,
        "properties": {
            "url": text("The folder: relative to the template, or an address"),
            "targetPath": text("Where it goes in the workspace; the workspace itself if left out"),
            "values": values(),
            "copyWithoutRender": { "type": "array", "items": { "type": "string" }, "description": "Not read any more" },
            "copyWithoutTemplating": { "type": "array", "items": { "type": "string" }, "description": "Patterns of files whose content stays as it is; their names are rendered" },
            "cookiecutterCompat": flag("Renders `{{ cookiecutter.x }}`, as cookiecutter does"),
            "templateFileExtension": { "type": ["string", "boolean"], "description": "Renders only files that end in this, and cuts the ending off; `true` is `.njk`" },
            "replace": flag("Overwrites files that are there already"),
            "trimBlocks": flag("Takes the newline behind each `{% … %}` away"),
            "lstripBlocks": flag("Takes the indentation in front of each `{% … %}` away"),
            "token": token(),
        },
    }))
    .example(
        "Render a skeleton beside the template",
        "steps:\n  - action: fetch:template\n    id: fetch\n    input:\n      url: ./skeleton\n      values:\n        name: ${{ parameters.name }}\n",
    )
    .example(
        "Leave some files as they are",
        "steps:\n  - action: fetch:template\n    id: fetch\n    input:\n      url: ./skeleton\n      copyWithoutTemplating:\n        - .github/workflows/*\n      values:\n        name: ${{ parameters.name }}\n",
    )
    .runs_in_dry_run()
}

fn template_file(sources: Sources) -> StepAction {
    StepAction::new(
        "fetch:template:file",
        "Copies one file into the workspace and renders its content.",
        move |context, input| {
            let sources = sources.clone();
            async move {
                let input: Input = input_of(input)?;
                let target = input.target().to_owned();
                if !input.replace && context.workspace().exists(&target)? {
                    context.log().info(&format!("File {target} already exists in workspace, not replacing."));
                    return Ok(Outcome::done());
                }
                let file = sources
                    .file(context.base(), &input.url, input.token.as_deref())
                    .await?;
                let name = input.url.rsplit('/').next().unwrap_or("file").to_owned();
                let (values, rules) = (input.values(), input.rules());
                let made = off_thread(move || {
                    // The name is given, so that of the source is not rendered.
                    let fixed = Files::from([("file".to_owned(), file)]);
                    rendered(fixed, &values, &rules).map_err(|error| {
                        StepError::new(error.message.replacen("file:", &format!("{name}:"), 1))
                    })
                })
                .await?;
                for entry in made.values() {
                    put(context.workspace(), &target, entry)?;
                }
                Ok(Outcome::done())
            }
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["url", "targetPath"],
        "additionalProperties": false,
        "properties": {
            "url": text("The file: relative to the template, or an address"),
            "targetPath": text("Its name in the workspace"),
            "values": values(),
            "cookiecutterCompat": flag("Renders `{{ cookiecutter.x }}`, as cookiecutter does"),
            "replace": flag("Overwrites a file that is there already"),
            "trimBlocks": flag("Takes the newline behind each `{% … %}` away"),
            "lstripBlocks": flag("Takes the indentation in front of each `{% … %}` away"),
            "token": token(),
        },
    }))
    .example(
        "Render one file",
        "steps:\n  - action: fetch:template:file\n    id: readme\n    input:\n      url: ./README.md\n      targetPath: README.md\n      values:\n        name: ${{ parameters.name }}\n",
    )
    .runs_in_dry_run()
}

fn cookiecutter(sources: Sources) -> StepAction {
    StepAction::new(
        "fetch:cookiecutter",
        "Renders a cookiecutter project into the workspace, without Python: hooks and extensions are not run.",
        move |context, input| {
            let sources = sources.clone();
            async move {
                let input: Input = input_of(input)?;
                let files = fetched(&sources, &context, &input.url).await?;
                let given = input.values.clone().unwrap_or_default();
                say_processing(&context, files.len(), &Value::Object(given.clone()));
                let raw = input.copy_without_render.clone();
                let made = off_thread(move || baked(files, given, raw)).await?;
                write_all(&context, input.target(), made, true).await?;
                Ok(Outcome::done())
            }
        },
    )
    .takes(json!({
        "type": "object",
        "required": ["url"],
        "properties": {
            "url": text("The folder with cookiecutter.json"),
            "targetPath": text("Where it goes in the workspace"),
            "values": values(),
            "copyWithoutRender": { "type": "array", "items": { "type": "string" } },
        },
    }))
    .example(
        "Render a cookiecutter project",
        "steps:\n  - action: fetch:cookiecutter\n    id: fetch\n    input:\n      url: ./project\n      values:\n        name: ${{ parameters.name }}\n",
    )
    .runs_in_dry_run()
}

/// Runs work that takes a processor away from the threads that wait.
pub(super) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StepError> + Send + 'static,
) -> Result<T, StepError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| {
        Err(StepError::new(error.to_string()).fixed_by("report this as a bug"))
    })
}

async fn fetched(sources: &Sources, context: &StepContext, url: &str) -> Result<Files, StepError> {
    context
        .log()
        .info("Fetching template content from remote URL");
    let files = sources.folder(context.base(), url).await?;
    context
        .log()
        .info("Listing files and directories in template");
    Ok(files)
}

fn say_processing(context: &StepContext, count: usize, values: &Value) {
    context.log().info(&format!(
        "Processing {count} template files/directories with input values {values}"
    ));
}

/// Renders names and contents. Links keep where they lead.
fn rendered(files: Files, values: &Value, rules: &Rules) -> Result<Files, StepError> {
    let mut regular = skeleton::Files::new();
    let mut links = Vec::new();
    for (path, entry) in files {
        let file = match entry {
            FolderEntry::File { bytes, executable } => File { bytes, executable },
            FolderEntry::EmptyFolder => {
                regular.insert(format!("{path}/"), empty());
                continue;
            }
            FolderEntry::Link(target) => {
                links.push((path, target));
                continue;
            }
        };
        regular.insert(path, file);
    }
    let failed = |errors: Vec<skeleton::SkeletonError>| {
        let all: Vec<String> = errors.iter().take(20).map(ToString::to_string).collect();
        StepError::new(all.join("\n")).fixed_by(
            "correct the file; `portway template render` renders a skeleton on your machine",
        )
    };
    let mut made: Files = skeleton::render(&regular, values, rules)
        .map_err(failed)?
        .into_iter()
        .map(|(path, file)| match path.strip_suffix('/') {
            Some(folder) => (folder.to_owned(), FolderEntry::EmptyFolder),
            None => {
                let File { bytes, executable } = file;
                (path, FolderEntry::File { bytes, executable })
            }
        })
        .collect();
    for (path, target) in links {
        let named = skeleton::Files::from([(path, empty())]);
        let named = skeleton::render(&named, values, rules).map_err(failed)?;
        if let Some((path, _)) = named.into_iter().next() {
            made.insert(path, FolderEntry::Link(target));
        }
    }
    Ok(made)
}

fn empty() -> File {
    File {
        bytes: Vec::new(),
        executable: false,
    }
}

/// What cookiecutter would make: the folder whose name is an expression, with
/// the answers of `cookiecutter.json` where none are given.
fn baked(
    files: Files,
    given: Map<String, Value>,
    mut raw: Vec<String>,
) -> Result<Files, StepError> {
    let mut values = Map::new();
    if let Some(FolderEntry::File { bytes, .. }) = files.get("cookiecutter.json") {
        let defaults: Map<String, Value> = serde_json::from_slice(bytes).map_err(|error| {
            StepError::new(format!(
                "cookiecutter.json:{}:{}: {error}",
                error.line(),
                error.column()
            ))
        })?;
        let engine = scaffolder::language::engine(templating::Options {
            cookiecutter: true,
            ..Default::default()
        });
        for (name, default) in defaults {
            if name == "_copy_without_render" {
                let more = default.as_array().into_iter().flatten();
                raw.extend(more.filter_map(Value::as_str).map(str::to_owned));
                continue;
            }
            let chosen = match default {
                Value::Array(choices) => choices.first().cloned().unwrap_or_default(),
                other => other,
            };
            let value = match chosen {
                Value::String(text) if !name.starts_with('_') => engine
                    .render(&text, &json!({ "cookiecutter": values }))
                    .map_err(|error| {
                        StepError::new(format!("cookiecutter.json: `{name}`: {error}"))
                    })?
                    .into(),
                other => other,
            };
            let value = given.get(&name).cloned().unwrap_or(value);
            values.insert(name, value);
        }
    }
    for (name, value) in given {
        values.insert(name, value);
    }
    let root = files.keys().find_map(|path| {
        let (folder, _) = path.split_once('/')?;
        (folder.contains("{{") && folder.contains("cookiecutter")).then(|| format!("{folder}/"))
    });
    let root = root.ok_or_else(|| {
        StepError::new(
            "The folder is no cookiecutter project: no folder in it is named by an expression",
        )
        .accepting("a folder such as `{{cookiecutter.name}}` beside cookiecutter.json")
    })?;
    let inner: Files = files
        .into_iter()
        .filter_map(|(path, entry)| Some((path.strip_prefix(&root)?.to_owned(), entry)))
        .filter(|(path, _)| !path.is_empty())
        .collect();
    let rules = Rules {
        copy_without_templating: raw,
        cookiecutter: true,
        ..Rules::default()
    };
    rendered(inner, &Value::Object(values), &rules)
}

async fn write_all(
    context: &StepContext,
    target: &str,
    made: Files,
    replace: bool,
) -> Result<(), StepError> {
    let (workspace, log) = (context.workspace().clone(), context.log().clone());
    let target = target.to_owned();
    off_thread(move || {
        let (mut written, mut kept) = (0_usize, 0_usize);
        let count = made.len();
        for (path, entry) in &made {
            let place = joined(&target, path);
            if !replace && !matches!(entry, FolderEntry::EmptyFolder) && workspace.exists(&place)? {
                kept += 1;
                if count <= SAID {
                    log.info(&format!(
                        "File {place} already exists, it is kept; `replace: true` overwrites it"
                    ));
                }
                continue;
            }
            put(&workspace, &place, entry)?;
            written += 1;
            if count <= SAID
                && let FolderEntry::File { executable, .. } = entry
            {
                let mode = if *executable { 33261 } else { 33188 };
                log.info(&format!(
                    "Writing file {path} to template output path with mode {mode}."
                ));
            }
        }
        if count > SAID {
            log.info(&format!(
                "Wrote {written} files, kept {kept} that were there"
            ));
        }
        log.info("Template result written to the workspace");
        Ok(())
    })
    .await
}

fn put(workspace: &Workspace, path: &str, entry: &FolderEntry) -> Result<(), StepError> {
    match entry {
        FolderEntry::File { bytes, executable } => workspace.write(path, bytes, *executable),
        FolderEntry::EmptyFolder => workspace.make_folder(path),
        FolderEntry::Link(target) => workspace.link(path, target),
    }
}

fn joined(folder: &str, path: &str) -> String {
    match folder.trim_end_matches('/') {
        "" | "." => path.to_owned(),
        folder => format!("{folder}/{path}"),
    }
}
