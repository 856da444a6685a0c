//! What a template's `fetch:` steps leave in the workspace for given answers,
//! without running anything: the files that would be published.

use model::diagnostic::Diagnostic;
use model::yaml::{Mark, Node};
use serde_json::{Map, Value, json};
use templating::{Engine, Options};

use crate::language;
use crate::lint::Folder;
use crate::reading::{self, Step, items};
use crate::skeleton::{self, Files, Rules, below};

/// Renders the steps `fetch:template` and `fetch:plain` of a template whose
/// folders stand beside it, in their order, into one workspace. Questions
/// without an answer get the default of the form. Outputs of steps are
/// `undefined`, since nothing runs. As in a run, a file that is there already
/// stays unless the step says `replace`.
///
/// `file` is the template's name in the findings, `folder` reads what stands
/// beside it.
///
/// # Errors
/// What cannot be rendered, with its place in the template or the skeleton.
pub fn preview(
    file: &str,
    root: &Node,
    answers: &Map<String, Value>,
    folder: &Folder<'_>,
) -> Result<Files, Vec<Diagnostic>> {
    let engine = language::engine(Options::default());
    let context = json!({ "parameters": with_defaults(root, answers), "steps": {}, "secrets": {} });
    let (mut workspace, mut findings) = (Files::new(), Vec::new());
    for step in reading::steps(root) {
        if !step.does("fetch:template") && !step.does("fetch:plain") {
            continue;
        }
        match fetched(file, &step, &engine, &context, folder) {
            Ok(Some((files, replace))) => {
                for (path, made) in files {
                    if replace || !workspace.contains_key(&path) {
                        workspace.insert(path, made);
                    }
                }
            }
            Ok(None) => {}
            Err(problems) => findings.extend(problems),
        }
    }
    if findings.is_empty() {
        Ok(workspace)
    } else {
        Err(findings)
    }
}

/// The answers, and the defaults of the form where there is none.
fn with_defaults(root: &Node, answers: &Map<String, Value>) -> Map<String, Value> {
    let mut fields = Vec::new();
    for page in reading::pages(root) {
        reading::fields(page, &mut fields);
    }
    let mut all = Map::new();
    for field in fields {
        if let Some(default) = field.schema.get("default") {
            all.entry(field.name.to_owned())
                .or_insert_with(|| default.to_json());
        }
    }
    all.extend(answers.clone());
    all
}

/// The files of one step with their paths in the workspace, and whether they
/// go over what is there; `None` when the step does not run.
fn fetched(
    file: &str,
    step: &Step<'_>,
    engine: &Engine,
    context: &Value,
    folder: &Folder<'_>,
) -> Result<Option<(Files, bool)>, Vec<Diagnostic>> {
    let wrong = |mark: Mark, message: String| vec![problem(file, mark, message)];
    if let Some(condition) = step.at("/if") {
        let engine = language::condition_engine(Options::default(), false);
        let asked = rendered(&engine, condition, context)
            .map_err(|message| wrong(condition.mark, message))?;
        if !asked.as_ref().is_some_and(truthy) {
            return Ok(None);
        }
    }
    if let Some(each) = step.at("/each") {
        let message = "a preview renders no step with `each`".to_owned();
        return Err(wrong(each.mark, message));
    }
    let Some(node) = step.at("/input") else {
        return Ok(Some((Files::new(), false)));
    };
    let input = rendered(engine, node, context)
        .map_err(|message| wrong(node.mark, message))?
        .unwrap_or_default();
    let url = input.get("url").and_then(Value::as_str).unwrap_or_default();
    let files = folder(url).ok_or_else(|| {
        let message = format!("there is no folder `{}` beside it", model::quoted(url));
        wrong(step.node.place("/input/url"), message)
    })?;
    let made = if step.does("fetch:plain") {
        files
    } else {
        let values = input.get("values").cloned().unwrap_or_else(|| json!({}));
        skeleton::render(&files, &values, &rules(&input)).map_err(|errors| {
            let shown = url.trim_start_matches("./");
            let beside = file.rsplit_once('/').map(|(beside, _)| beside);
            errors
                .into_iter()
                .map(|error| {
                    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
                    let path = [beside.unwrap_or("."), shown, &error.path].join("/");
                    let mark = Mark::new(number(error.line), number(error.column));
                    problem(path.trim_start_matches("./"), mark, error.message)
                })
                .collect::<Vec<_>>()
        })?
    };
    let target = input.get("targetPath").and_then(Value::as_str);
    let target = target.unwrap_or_default().trim_start_matches("./");
    below(target).map_err(|message| wrong(step.node.place("/input/targetPath"), message))?;
    let made = match target.trim_end_matches('/') {
        "" | "." => made,
        target => made
            .into_iter()
            .map(|(path, made)| (format!("{target}/{path}"), made))
            .collect(),
    };
    Ok(Some((made, input.get("replace") == Some(&json!(true)))))
}

fn rules(input: &Value) -> Rules {
    let flag = |name: &str| input.get(name) == Some(&json!(true));
    let globs = |name: &str| -> Vec<String> {
        let found = input.get(name).and_then(Value::as_array);
        found
            .into_iter()
            .flatten()
            .filter_map(|glob| glob.as_str().map(str::to_owned))
            .collect()
    };
    Rules {
        copy_without_templating: globs("copyWithoutTemplating"),
        template_file_extension: match input.get("templateFileExtension") {
            Some(Value::Bool(true)) => Some(".njk".to_owned()),
            Some(Value::String(ending)) => Some(ending.clone()),
            _ => None,
        },
        cookiecutter: flag("cookiecutterCompat"),
        trim_blocks: flag("trimBlocks"),
        lstrip_blocks: flag("lstripBlocks"),
    }
}

/// Texts rendered at any depth; what is `undefined` is left out.
fn rendered(engine: &Engine, node: &Node, context: &Value) -> Result<Option<Value>, String> {
    use model::yaml::NodeValue;
    match &node.value {
        NodeValue::String(text) => engine.value(text, context).map_err(|error| error.message),
        NodeValue::Sequence(_) => {
            let mut list = Vec::new();
            for item in items(Some(node)) {
                list.push(rendered(engine, item, context)?.unwrap_or_default());
            }
            Ok(Some(Value::Array(list)))
        }
        NodeValue::Mapping(entries) => {
            let mut map = Map::new();
            for entry in entries {
                if let Some(value) = rendered(engine, &entry.value, context)? {
                    map.insert(entry.key.clone(), value);
                }
            }
            Ok(Some(Value::Object(map)))
        }
        _ => Ok(Some(node.to_json())),
    }
}

/// What a condition counts as true: an empty list does not, as in Backstage.
fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(_) => true,
    }
}

fn problem(file: &str, mark: Mark, message: String) -> Diagnostic {
    Diagnostic::error("template-file", message)
        .in_file(file)
        .at(mark)
        .fixed_by("correct it there, then render again")
}
