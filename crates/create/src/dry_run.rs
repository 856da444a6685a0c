//! A template tried out: in memory but for a folder of its own, with nothing
//! changed outside.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use catalog::FolderEntry;
use platform::ApiError;
use platform::actor::Caller;
use platform::inside;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::action::{Outcome, StepError};
use crate::context::{Inner, Secrets, StepContext, TaskUser, TemplateInfo};
use crate::engine::Create;
use crate::log::{Buffer, Log};
use crate::marks::Marks;
use crate::mask::{MASK, Masker};
use crate::permission::{ACTION_EXECUTE, DRY_RUN};
use crate::run::{Iteration, Prepared, Unprepared, World, example_of, gathered};
use crate::source::{Base, Files};
use crate::task::Spec;
use crate::template::Template;
use crate::workspace::{EntryKind, Workspace};

/// The size of the files that come along, and of those that come out, in bytes.
const MOST_BYTES: usize = 10 * 1024 * 1024;
/// How long a dry run may take, in seconds.
const SECONDS: u64 = 60;

/// A template to be tried out.
#[derive(Debug)]
pub struct Trial {
    /// The template's document.
    pub template: Value,
    /// The answers of its form.
    pub values: Map<String, Value>,
    /// Secrets for its steps.
    pub secrets: Secrets,
    /// Files beside the template.
    pub files: Files,
    /// The template in the catalog whose files are meant, instead of `files`.
    pub place: Option<crate::source::Place>,
}

/// What came out of a trial.
#[derive(Debug)]
pub struct Tried {
    /// Bodies of log events.
    pub log: Vec<Value>,
    /// The workspace at the end.
    pub files: Vec<(String, Vec<u8>, bool)>,
    /// What the task would answer.
    pub output: Value,
    /// The steps as they were run.
    pub steps: Vec<Map<String, Value>>,
    /// Why it would have failed.
    pub error: Option<String>,
}

impl Tried {
    /// As Backstage's API answers it, with what went wrong beside it.
    pub fn to_json(&self) -> Value {
        let files: Vec<Value> = self
            .files
            .iter()
            .map(|(path, bytes, executable)| {
                json!({
                    "path": path,
                    "executable": executable,
                    "base64Content": STANDARD.encode(bytes),
                })
            })
            .collect();
        let log: Vec<Value> = self
            .log
            .iter()
            .map(|body| json!({ "body": body }))
            .collect();
        json!({
            "log": log,
            "directoryContents": files,
            "output": self.output,
            "steps": self.steps,
        })
    }
}

/// The files of a request: `[{path, base64Content, executable?}]`.
///
/// # Errors
/// 400 for what is no path or no base64, 413 for too much.
pub(crate) fn uploaded(list: Option<&Value>) -> Result<Files, ApiError> {
    let mut files = Files::new();
    let mut total = 0;
    let items = list.and_then(Value::as_array).map(Vec::as_slice);
    for item in items.unwrap_or_default() {
        let text = |field: &str| item.get(field).and_then(Value::as_str);
        let path = text("path").unwrap_or_default();
        let below = inside::relative(path).filter(|below| !below.is_empty());
        let below = below.ok_or_else(|| {
            ApiError::input(format!("\"directoryContents\" holds the path {path:?}"))
                .accepted("a path below a folder, with `/` between names")
        })?;
        let bytes = STANDARD.decode(text("base64Content").unwrap_or_default());
        let bytes = bytes.map_err(|error| {
            ApiError::input(format!("The content of {path} is no base64: {error}"))
        })?;
        total += bytes.len();
        if total > MOST_BYTES {
            return Err(ApiError::too_large(
                "The files of a dry run are larger than 10 MB",
            ));
        }
        let executable = item.get("executable").and_then(Value::as_bool) == Some(true);
        files.insert(below, FolderEntry::File { bytes, executable });
    }
    Ok(files)
}

impl Create {
    /// Tries a template out. Actions that would change something outside are
    /// left out, and their outputs made up from their schemas.
    ///
    /// # Errors
    /// 403, and 400 for a template or values that cannot be used. A step that
    /// fails is no error: it is said in the answer.
    pub async fn dry_run(&self, caller: &Caller, trial: Trial) -> Result<Tried, ApiError> {
        caller.require(DRY_RUN)?;
        caller.require(ACTION_EXECUTE)?;
        let template = Template::new(trial.template.clone())?;
        let values = Value::Object(trial.values.clone());
        crate::engine::refuse(&template.problems(&values))?;
        let info = json!({ "entity": { "metadata": template.metadata() } });
        let user = self.user(caller);
        let spec = template.spec(values, user, info)?;
        let id = Uuid::new_v4();
        let folder = self
            .0
            .settings
            .data
            .join("tasks")
            .join(format!("dry-run-{id}"));
        let workspace = Workspace::open(&folder).map_err(ApiError::internal)?;
        let _removed = Removed(folder);
        let run = self.try_steps(caller, trial, spec, workspace, id);
        let limit = std::time::Duration::from_secs(SECONDS);
        tokio::select! {
            tried = run => tried,
            () = self.0.clock.sleep(limit) => Err(ApiError::unavailable(format!(
                "The dry run took longer than {SECONDS} seconds"
            ))
            .fix("try a smaller template out, or leave waiting steps away")),
        }
    }

    async fn try_steps(
        &self,
        caller: &Caller,
        trial: Trial,
        spec: Spec,
        workspace: Workspace,
        id: Uuid,
    ) -> Result<Tried, ApiError> {
        let buffer = Buffer::default();
        let secrets = Arc::new(trial.secrets);
        let masker = Masker::new(secrets.values().map(|secret| secret.expose().as_str()));
        let log = Log::new(buffer.clone(), self.0.clock.clone(), masker);
        let base = match trial.place {
            Some(place) => Base::Place(place),
            None => Base::Uploaded(Arc::new(trial.files)),
        };
        let mut attempt = Attempt {
            create: self,
            world: World {
                task: id,
                spec: Arc::new(spec),
                secrets: Arc::clone(&secrets),
                environment: Arc::new(self.0.settings.environment.clone()),
                outputs: BTreeMap::new(),
                failed: false,
                lenient: self.0.settings.lenient,
            },
            caller: caller.clone(),
            marks: Marks::Memory(Arc::default()),
            error: None,
            workspace,
            base,
            log,
        };
        let spec = Arc::clone(&attempt.world.spec);
        let count = spec.steps.len();
        attempt
            .log
            .put(&format!("Starting up task with {count} steps"), None);
        for (index, step) in spec.steps.iter().enumerate() {
            if let Err(error) = attempt.step(index, step).await {
                let log = attempt.log.of_step(Spec::text(step, "id"));
                let message = log.masked(&error.to_string());
                log.put(&message, Some("failed"));
                attempt.world.failed = true;
                attempt.error.get_or_insert(message);
            }
        }
        let output = match attempt.error {
            None => attempt
                .log
                .masked_value(&attempt.world.output(&attempt.log)),
            Some(_) => json!({}),
        };
        Ok(Tried {
            files: files_of(&attempt.workspace)?,
            log: buffer.take().into_iter().map(|line| line.body).collect(),
            steps: spec.steps.clone(),
            error: attempt.error,
            output,
        })
    }
}

/// One dry run.
struct Attempt<'a> {
    create: &'a Create,
    world: World,
    caller: Caller,
    marks: Marks,
    error: Option<String>,
    workspace: Workspace,
    base: Base,
    log: Log,
}

impl Attempt<'_> {
    async fn step(&mut self, index: usize, step: &Map<String, Value>) -> Result<(), StepError> {
        let (id, name) = (Spec::text(step, "id"), Spec::text(step, "name"));
        let log = self.log.of_step(id);
        let action = self.create.0.registry.get(Spec::text(step, "action"))?;
        let (world, raw, checked, mask) = (
            self.world.clone(),
            step.clone(),
            Arc::clone(action),
            log.clone(),
        );
        let prepared =
            tokio::task::spawn_blocking(move || world.prepare(index, &raw, &checked, &mask));
        let prepared = prepared
            .await
            .map_err(|error| StepError::new(error.to_string()))?;
        let (iterations, each) = match prepared {
            Ok(Prepared::Run { iterations, each }) => (iterations, each),
            Ok(Prepared::Skip(reason)) => {
                log.put(&format!("Skipping step {id} {reason}"), Some("skipped"));
                return Ok(());
            }
            Err(Unprepared::Step(error)) => return Err(error),
            Err(Unprepared::Expression(error)) => {
                return Err(StepError::new(format!(
                    "{}:{}:{}: Template error: {}",
                    error.pointer, error.error.line, error.error.column, error.error.message
                )));
            }
        };
        log.put(&format!("Beginning step {name}"), Some("processing"));
        let mut outputs = Vec::new();
        for iteration in &iterations {
            let Some(input) = &iteration.input else {
                continue;
            };
            let shown = self.shown(step, input);
            if !action.in_dry_run {
                log.info(&format!(
                    "Skipping because {} does not support dry-run, with inputs (secrets redacted): {shown}",
                    action.id
                ));
                let made_up = example_of(&action.output, 0);
                outputs.push(made_up.as_object().cloned().unwrap_or_default());
                continue;
            }
            log.info(&format!(
                "Running {} in dry-run mode with inputs (secrets redacted): {shown}",
                action.id
            ));
            let context = self.context(id, iteration, &log);
            match action.run(context, input.clone()).await? {
                Outcome::Done(output) => outputs.push(output),
                Outcome::Wait { reason, .. } => {
                    log.info(&format!("It would wait here: {reason}"));
                    outputs.push(Map::new());
                }
            }
        }
        let output = match each {
            true => gathered(outputs),
            false => outputs.pop().unwrap_or_default(),
        };
        self.world.outputs.insert(id.to_owned(), output);
        log.flush();
        log.put(&format!("Finished step {name}"), Some("completed"));
        Ok(())
    }

    /// The input for the log: what secrets have made is stars.
    fn shown(&self, step: &Map<String, Value>, input: &Value) -> String {
        let hides = step
            .get("input")
            .is_some_and(|input| input.to_string().contains("secrets"));
        let shown = if hides {
            self.log.masked_value(input)
        } else {
            input.clone()
        };
        let text = serde_json::to_string_pretty(&shown).unwrap_or_else(|_| MASK.to_owned());
        self.log.masked(&text)
    }

    fn context(&self, id: &str, iteration: &Iteration, log: &Log) -> StepContext {
        StepContext(Arc::new(Inner {
            task: self.world.task,
            step: id.to_owned(),
            iteration: iteration.key.clone(),
            workspace: self.workspace.clone(),
            log: log.clone(),
            secrets: Arc::clone(&self.world.secrets),
            user: Arc::new(TaskUser {
                entity_ref: self
                    .world
                    .spec
                    .user
                    .get("ref")
                    .and_then(Value::as_str)
                    .map(str::to_owned),
                entity: self.world.spec.user.get("entity").cloned(),
            }),
            template: Arc::new(TemplateInfo {
                entity_ref: None,
                base_url: None,
                entity: self.world.spec.template_info.get("entity").cloned(),
            }),
            base: self.base.clone(),
            caller: self.caller.clone(),
            marks: self.marks.clone(),
            cancel: CancellationToken::new(),
            clock: self.create.0.clock.clone(),
            dry_run: true,
        }))
    }
}

fn files_of(workspace: &Workspace) -> Result<Vec<(String, Vec<u8>, bool)>, ApiError> {
    let refuse = |error: StepError| ApiError::input(error.to_string());
    let mut files = Vec::new();
    let mut total = 0;
    for entry in workspace.entries().map_err(refuse)? {
        if entry.kind == EntryKind::File {
            let bytes = workspace.read(&entry.path).map_err(refuse)?;
            total += bytes.len();
            if total > MOST_BYTES {
                return Err(ApiError::too_large(
                    "The files that the dry run makes are larger than 10 MB",
                )
                .fix("try a smaller skeleton out"));
            }
            files.push((entry.path, bytes, entry.executable));
        }
    }
    Ok(files)
}

/// Removes a folder, also when whoever waited has gone away.
struct Removed(std::path::PathBuf);

impl Drop for Removed {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(folder: &Path) {
    if let Err(error) = std::fs::remove_dir_all(folder) {
        tracing::warn!(error = %error, "The folder of a dry run stays: {}: {error}", folder.display());
    }
}
