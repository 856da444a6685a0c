//! The semantics of steps: what a step is given, and whether it runs.

mod render;
pub mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use scaffolder::language;
use serde_json::{Map, Value, json};
use templating::{Engine, Options};
use uuid::Uuid;

use crate::action::{StepAction, StepError};
use crate::context::Secrets;
use crate::log::Log;
use crate::task::Spec;

pub(crate) use render::{RenderError, example_of};
use render::{differences, is_true, names_secrets, render};

/// What the administrator gives to every template.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// `environment.parameters`.
    pub parameters: Value,
    /// `environment.secrets`.
    pub secrets: Secrets,
}

/// One task while its steps are worked on: what expressions see.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) task: Uuid,
    pub(crate) spec: Arc<Spec>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) environment: Arc<Environment>,
    /// Outputs of the steps that have completed.
    pub(crate) outputs: BTreeMap<String, Map<String, Value>>,
    /// Whether a step has failed.
    pub(crate) failed: bool,
    /// Expressions that cannot be rendered stay as text, as in Backstage.
    pub(crate) lenient: bool,
}

/// What is to be done for one step.
#[derive(Debug)]
pub(crate) enum Prepared {
    /// Nothing, for this reason.
    Skip(&'static str),
    /// These, in their order.
    Run {
        iterations: Vec<Iteration>,
        /// Whether outputs are lists, one item for each iteration.
        each: bool,
    },
}

/// One run of an action.
#[derive(Clone, Debug)]
pub(crate) struct Iteration {
    /// The key of `each`.
    pub(crate) key: Option<String>,
    /// `{key, value}` of `each`.
    pub(crate) each: Option<Value>,
    /// The input; nothing when the condition is false for this one.
    pub(crate) input: Option<Value>,
}

/// Why a step cannot be prepared.
#[derive(Debug)]
pub(crate) enum Unprepared {
    /// An expression cannot be rendered.
    Expression(RenderError),
    /// Anything else.
    Step(StepError),
}

impl From<RenderError> for Unprepared {
    fn from(error: RenderError) -> Self {
        Self::Expression(error)
    }
}

impl From<StepError> for Unprepared {
    fn from(error: StepError) -> Self {
        Self::Step(error)
    }
}

const FALSE: &str = "because its if condition was false";
const FAILED: &str = "because a step before it has failed";

impl World {
    /// What the step at `index` is to do.
    pub(crate) fn prepare(
        &self,
        index: usize,
        step: &Map<String, Value>,
        action: &StepAction,
        log: &Log,
    ) -> Result<Prepared, Unprepared> {
        let at = format!("/spec/steps/{index}");
        let condition = step.get("if");
        let Some(each) = step.get("each") else {
            if let Some(reason) = self.skips(condition, None, &at)? {
                return Ok(Prepared::Skip(reason));
            }
            let input = self.input(step, None, &at, log)?;
            check_input(action, &input, None)?;
            let iterations = vec![Iteration {
                key: None,
                each: None,
                input: Some(input),
            }];
            return Ok(Prepared::Run {
                iterations,
                each: false,
            });
        };
        if self.failed && !may_run_after_failure(condition) {
            return Ok(Prepared::Skip(FAILED));
        }
        let engine = language::engine(Options::default());
        let context = self.context(true, None);
        let resolved = render(&engine, each, &context, &format!("{at}/each"), self.lenient)?;
        let mut iterations = Vec::new();
        for (key, value) in entries(step, each, resolved)? {
            let each = json!({ "key": key, "value": value });
            let runs = self.skips(condition, Some(&each), &at)?.is_none();
            let input = match runs {
                true => Some(self.input(step, Some(&each), &at, log)?),
                false => None,
            };
            if let Some(input) = &input {
                check_input(action, input, Some(&key))?;
            }
            iterations.push(Iteration {
                key: Some(key),
                each: Some(each),
                input,
            });
        }
        Ok(Prepared::Run {
            iterations,
            each: true,
        })
    }

    /// Why a step does not run; nothing if it does.
    fn skips(
        &self,
        condition: Option<&Value>,
        each: Option<&Value>,
        at: &str,
    ) -> Result<Option<&'static str>, Unprepared> {
        let (asked, failed) = (Arc::new(AtomicBool::new(false)), self.failed);
        let answer = match condition {
            None => true,
            Some(Value::String(text)) => {
                let engine = condition_engine(&asked, failed);
                let pointer = format!("{at}/if");
                let context = self.context(false, each);
                let value = render(
                    &engine,
                    &Value::from(text.as_str()),
                    &context,
                    &pointer,
                    self.lenient,
                );
                match value {
                    // A step that does not run after a failure needs no value.
                    Err(_) if failed => false,
                    value => is_true(value?.as_ref()),
                }
            }
            Some(other) => is_true(Some(other)),
        };
        if failed && !asked.load(Ordering::Relaxed) {
            return Ok(Some(FAILED));
        }
        Ok((!answer).then_some(FALSE))
    }

    /// The input of a step, rendered. Whatever is different because of a
    /// secret is masked in the log from now on.
    fn input(
        &self,
        step: &Map<String, Value>,
        each: Option<&Value>,
        at: &str,
        log: &Log,
    ) -> Result<Value, Unprepared> {
        let Some(input) = step.get("input").filter(|input| !input.is_null()) else {
            return Ok(json!({}));
        };
        let engine = language::engine(Options::default());
        let pointer = format!("{at}/input");
        let context = self.context(true, each);
        let rendered = render(&engine, input, &context, &pointer, self.lenient)?;
        let rendered = rendered.unwrap_or_else(|| json!({}));
        let from_secrets =
            names_secrets(input) || (step.get("each").is_some_and(names_secrets) && each.is_some());
        if from_secrets {
            let blank = self.context(false, None);
            let mut blank_context = blank;
            if let (Some(fields), Some(each)) = (blank_context.as_object_mut(), each) {
                let hides = step.get("each").is_some_and(names_secrets);
                let each = if hides {
                    json!({ "key": each.get("key") })
                } else {
                    each.clone()
                };
                fields.insert("each".to_owned(), each);
            }
            let without = render(&engine, input, &blank_context, &pointer, true);
            let without = without.ok().flatten().unwrap_or_default();
            let mut hidden = Vec::new();
            differences(&rendered, &without, &mut hidden);
            for text in hidden {
                log.mask(&text);
            }
        }
        Ok(rendered)
    }

    /// What the task answers. An expression that cannot be rendered is left
    /// out and said in the log, because everything has been done by then.
    pub(crate) fn output(&self, log: &Log) -> Value {
        let engine = language::engine(Options::default());
        let context = self.context(false, None);
        let Value::Object(fields) = &self.spec.output else {
            return json!({});
        };
        let mut output = Map::new();
        for (key, field) in fields {
            let pointer = format!("/spec/output/{key}");
            let items = match field {
                Value::Array(items) => items,
                other => {
                    if let Some(value) = self.output_part(&engine, other, &context, &pointer, log) {
                        output.insert(key.clone(), value);
                    }
                    continue;
                }
            };
            let mut shown = Vec::new();
            for (index, item) in items.iter().enumerate() {
                let pointer = format!("{pointer}/{index}");
                let Some(mut item) = self.output_part(&engine, item, &context, &pointer, log)
                else {
                    continue;
                };
                let condition = items.get(index).and_then(|raw| raw.get("if")).is_some();
                let holds = is_true(item.get("if"));
                if let Some(fields) = item.as_object_mut() {
                    fields.shift_remove("if");
                }
                if !condition || holds {
                    shown.push(item);
                }
            }
            output.insert(key.clone(), shown.into());
        }
        Value::Object(output)
    }

    fn output_part(
        &self,
        engine: &Engine,
        value: &Value,
        context: &Value,
        pointer: &str,
        log: &Log,
    ) -> Option<Value> {
        match render(engine, value, context, pointer, self.lenient) {
            Ok(value) => value,
            Err(error) => {
                let (at, what) = (&error.pointer, &error.error);
                log.warn(&format!("{at} of the template is left out: {what}"));
                None
            }
        }
    }

    fn context(&self, with_secrets: bool, each: Option<&Value>) -> Value {
        let steps: Map<String, Value> = self
            .outputs
            .iter()
            .map(|(id, output)| (id.clone(), json!({ "output": output })))
            .collect();
        let mut context = json!({
            "parameters": self.spec.parameters,
            "steps": steps,
            "user": self.spec.user,
            "context": { "task": { "id": self.task.to_string() } },
            "environment": { "parameters": self.environment.parameters },
        });
        if let Some(fields) = context.as_object_mut() {
            if let Some(each) = each {
                fields.insert("each".to_owned(), each.clone());
            }
            if with_secrets {
                fields.insert("secrets".to_owned(), exposed(&self.secrets));
                if let Some(environment) =
                    fields.get_mut("environment").and_then(Value::as_object_mut)
                {
                    environment.insert("secrets".to_owned(), exposed(&self.environment.secrets));
                }
            }
        }
        context
    }
}

fn exposed(secrets: &Secrets) -> Value {
    secrets
        .iter()
        .map(|(name, secret)| (name.clone(), Value::from(secret.expose().as_str())))
        .collect()
}

fn condition_engine(asked: &Arc<AtomicBool>, failed: bool) -> Engine {
    let (one, other) = (Arc::clone(asked), Arc::clone(asked));
    language::engine(Options::default())
        .with_global("always", move |_| {
            one.store(true, Ordering::Relaxed);
            Ok(Some(json!(true)))
        })
        .with_global("failure", move |_| {
            other.store(true, Ordering::Relaxed);
            Ok(Some(json!(failed)))
        })
}

/// Whether a condition asks `always()` or `failure()` anywhere: only then a
/// step with `each` has to be looked at after a failure.
fn may_run_after_failure(condition: Option<&Value>) -> bool {
    let text = condition.and_then(Value::as_str).unwrap_or_default();
    text.contains("always") || text.contains("failure")
}

/// The keys and values of an `each`.
fn entries(
    step: &Map<String, Value>,
    each: &Value,
    resolved: Option<Value>,
) -> Result<Vec<(String, Value)>, StepError> {
    match resolved {
        Some(Value::Array(items)) => Ok(items
            .into_iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect()),
        Some(Value::Object(fields)) => Ok(fields.into_iter().collect()),
        _ => Err(StepError::new(format!(
            "Invalid value on action {}.each parameter, {each} cannot be resolved to a value",
            Spec::text(step, "action")
        ))
        .accepting("a list or an object")
        .fixed_by("look at what the expression answers, with a step `debug:log`")),
    }
}

/// That an input fits the schema of its action.
pub(crate) fn check_input(
    action: &StepAction,
    input: &Value,
    key: Option<&str>,
) -> Result<(), StepError> {
    let found = schema::problems(&action.input, input);
    let Some(first) = found.first() else {
        return Ok(());
    };
    let stacks: Vec<String> = found.iter().map(schema::Problem::stack).collect();
    let key = key.map(|key| format!("[{key}]")).unwrap_or_default();
    Err(StepError::new(format!(
        "Invalid input passed to action {}{key}, {}",
        action.id,
        stacks.join(", ")
    ))
    .fixed_by(first.words.0.clone()))
}

/// Outputs of iterations as one: each name with the list of its values.
pub(crate) fn gathered(outputs: Vec<Map<String, Value>>) -> Map<String, Value> {
    let mut gathered: Map<String, Value> = Map::new();
    for output in outputs {
        for (name, value) in output {
            let list = gathered.entry(name).or_insert_with(|| json!([]));
            if let Some(list) = list.as_array_mut() {
                list.push(value);
            }
        }
    }
    gathered
}
