//! Tasks for whoever asks: made, listed, cancelled, retried.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use catalog::Catalog;
use identity::{Entropy, SealKey, Secret};
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use parking_lot::Mutex;
use platform::actor::{Actor, Caller, Grants, Permission};
use platform::controller::Controller;
use platform::decision::{Limit, Reach};
use platform::event::{EventType, NewEvent, Outcome};
use platform::queue::{Job, Queue};
use platform::store::Db;
use platform::{ApiError, Clock};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::context::Secrets;
use crate::controller::Worker;
use crate::log::Line;
use crate::permission::{ACTION_EXECUTE, TASK_CANCEL, TASK_CREATE, TASK_READ};
use crate::registry::Registry;
use crate::run::Environment;
use crate::source::{Place, Sources};
use crate::store::{NewTask, Store, TaskFilter};
use crate::task::{Spec, Status, Task, TaskEvent, millis};
use crate::template::{Template, not_found};
use crate::{TASK_QUEUE, actions};

/// A task was made. Subject: `task:<id>`. Data: `template`, `name`.
pub const CREATED: EventType = EventType("dev.portway.create.task.created");
/// A task has ended. Subject: `task:<id>`. Data: `template`, `status`.
pub const FINISHED: EventType = EventType("dev.portway.create.task.finished");
/// Somebody wants a task to end. Subject: `task:<id>`.
pub const CANCELLED: EventType = EventType("dev.portway.create.task.cancelled");
/// Somebody has started a task again. Subject: `task:<id>`. Data: `from`.
pub const RETRIED: EventType = EventType("dev.portway.create.task.retried");

/// Templates that are looked through for whoever may see only some.
const MOST_TEMPLATES: usize = 5_000;

/// What a person may do now: their groups, and what the policy says.
pub type RightsOf = dyn Fn(&EntityRef) -> (Vec<EntityRef>, Grants) + Send + Sync;

/// How tasks are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where workspaces are kept.
    pub data: PathBuf,
    /// Tasks at once in this process; with 0 it runs none.
    pub concurrency: usize,
    /// How long the steps of one task may work, waits left out.
    pub timeout: Duration,
    /// How long the workspace of a task is kept that did not complete.
    pub keep: Duration,
    /// Expressions that cannot be rendered stay as text, as in Backstage.
    pub lenient: bool,
    /// What every template can use.
    pub environment: Environment,
}

impl Settings {
    /// Ten tasks at once, a day for each, a week for workspaces of those that
    /// have failed.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            concurrency: 10,
            timeout: Duration::from_secs(24 * 3600),
            keep: Duration::from_secs(7 * 24 * 3600),
            lenient: false,
            environment: Environment::default(),
        }
    }
}

/// Golden paths that run. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Create(pub(crate) Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) catalog: Catalog,
    pub(crate) sources: Sources,
    pub(crate) registry: Registry,
    pub(crate) clock: Clock,
    pub(crate) queue: Queue,
    pub(crate) settings: Settings,
    /// Tasks that this process works on.
    pub(crate) running: Mutex<HashMap<Uuid, CancellationToken>>,
    /// Rises whenever some task has said something.
    pub(crate) said: watch::Sender<u64>,
    rights: OnceLock<Box<RightsOf>>,
    permissions: OnceLock<Vec<Permission>>,
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Create")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// A task to be made.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The template.
    pub template: EntityRef,
    /// The answers of its form.
    pub values: Map<String, Value>,
    /// Secrets for its steps.
    pub secrets: Secrets,
}

impl Create {
    /// Prepares the running of tasks. `more` are actions beside the built-in
    /// ones.
    pub fn new(
        db: &Db,
        catalog: &Catalog,
        (seal, entropy): (SealKey, Entropy),
        settings: Settings,
        more: Vec<crate::StepAction>,
    ) -> Self {
        let actions = actions::built_in(catalog).into_iter().chain(more);
        Self(Arc::new(Shared {
            store: Store::new(db, seal, entropy),
            sources: Sources::new(catalog),
            catalog: catalog.clone(),
            registry: Registry::new(actions),
            clock: db.clock().clone(),
            queue: Queue::new(db),
            settings,
            running: Mutex::default(),
            said: watch::Sender::new(0),
            rights: OnceLock::new(),
            permissions: OnceLock::new(),
        }))
    }

    /// Tells what people may do, so that a task acts with what its maker may
    /// do when it runs. Without this every task may do everything that its
    /// maker's credential could when it was made. Later calls change nothing.
    pub fn set_rights(
        &self,
        rights: impl Fn(&EntityRef) -> (Vec<EntityRef>, Grants) + Send + Sync + 'static,
        permissions: Vec<Permission>,
    ) {
        let _ = self.0.rights.set(Box::new(rights));
        let _ = self.0.permissions.set(permissions);
    }

    /// What runs tasks.
    pub fn controllers(&self) -> Vec<Arc<dyn Controller>> {
        vec![Arc::new(Worker::new(self.clone()))]
    }

    /// How many tasks run at once here.
    pub fn concurrency(&self) -> usize {
        self.0.settings.concurrency
    }

    /// The actions that templates can use.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// A template that the caller may see.
    ///
    /// # Errors
    /// 404 when there is none, 400 when it cannot be run.
    pub fn template(&self, caller: &Caller, template: &EntityRef) -> Result<Template, ApiError> {
        let index = self.0.catalog.model().index();
        let seen = template.kind() == "template"
            && catalog::visible_to(caller).is_none_or(|visible| index.matches(template, &visible));
        let entity = index.get(template).filter(|_| seen);
        let entity = entity.ok_or_else(|| not_found(template))?.to_value();
        drop(index);
        Template::new(entity)
    }

    /// Makes a task. It is durable when this answers, and begins by itself.
    ///
    /// # Errors
    /// 403, 404 without such a template, 400 with every problem of the values.
    pub async fn create(&self, caller: &Caller, wanted: Wanted) -> Result<Uuid, ApiError> {
        caller.require(TASK_CREATE)?;
        caller.require(ACTION_EXECUTE)?;
        let template = self.template(caller, &wanted.template)?;
        let values = Value::Object(wanted.values);
        refuse(&template.problems(&values))?;
        let exposed: Value = wanted
            .secrets
            .iter()
            .map(|(name, secret)| (name.clone(), Value::from(secret.expose().as_str())))
            .collect();
        refuse(&template.secret_problems(&exposed))?;
        let place = self
            .0
            .sources
            .place_of(&wanted.template)
            .await
            .map_err(ApiError::from)?;
        let info = json!({
            "entityRef": wanted.template.as_str(),
            "baseUrl": place.as_ref().map(base_url),
            "entity": { "metadata": template.metadata() },
        });
        let spec = template.spec(values, self.user(caller), info)?;
        let id = Uuid::new_v4();
        let granted = match caller.is_unlimited() {
            true => Value::Null,
            false => json!(self.held(caller)),
        };
        let mut tx = self.0.store.db().begin().await?;
        let new = NewTask {
            id,
            template: wanted.template.as_str(),
            created_by: creator(caller),
            spec: &spec,
            actor: &caller.actor,
            granted: &granted,
            place: &json!(place),
            secrets: &wanted.secrets,
        };
        self.0.store.add_task(&mut tx, &new).await?;
        tx.enqueue(self.job(id, format!("asked for by {}", caller.actor)));
        let data = json!({ "template": wanted.template.as_str() });
        tx.append(event(CREATED, id, &caller.actor, data)).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// One task.
    ///
    /// # Errors
    /// 404 when there is none that the caller may see.
    pub async fn task(&self, caller: &Caller, id: &str) -> Result<Task, ApiError> {
        caller.require(TASK_READ)?;
        self.known(caller, id).await
    }

    /// A task that the caller made, or may see.
    async fn known(&self, caller: &Caller, id: &str) -> Result<Task, ApiError> {
        let missing = || {
            ApiError::not_found(format!("No task with id '{id}' found"))
                .fix("`portway task list` lists the tasks that you may see")
        };
        let parsed = Uuid::parse_str(id).map_err(|_| missing())?;
        let task = self.0.store.task(parsed).await?.ok_or_else(missing)?;
        if !self.sees(caller, &task) {
            return Err(missing());
        }
        Ok(task)
    }

    /// The tasks that the caller may see, and how many they are in all.
    ///
    /// # Errors
    /// 403, or when the database does not answer.
    pub async fn tasks(
        &self,
        caller: &Caller,
        mut filter: TaskFilter,
    ) -> Result<(Vec<Task>, i64), ApiError> {
        caller.require(TASK_READ)?;
        filter.visible = self.visible(caller);
        Ok(self.0.store.tasks(&filter).await?)
    }

    /// The steps of a task, and what it has left behind outside.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn details(&self, task: &Task) -> Result<Value, ApiError> {
        let steps = self.0.store.steps(task.id).await?;
        let shown: Vec<Value> = steps
            .iter()
            .map(|row| {
                let step = task
                    .spec
                    .steps
                    .iter()
                    .find(|step| Spec::text(step, "id") == row.id);
                json!({
                    "id": row.id,
                    "name": step.map(|step| Spec::text(step, "name")),
                    "action": step.map(|step| Spec::text(step, "action")),
                    "status": row.status.as_str(),
                    "startedAt": row.started_at.map(millis),
                    "endedAt": row.ended_at.map(millis),
                    "error": row.error,
                })
            })
            .collect();
        let left = match task.status {
            Status::Failed | Status::Cancelled => self.0.store.left_behind(task.id).await?,
            _ => Vec::new(),
        };
        Ok(json!({ "steps": shown, "leftBehind": left }))
    }

    /// What a task has said after an event.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn events(&self, task: Uuid, after: i64) -> Result<Vec<TaskEvent>, ApiError> {
        Ok(self.0.store.events(task, after, EVENTS).await?)
    }

    /// Rises whenever a task of this process has said something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.0.said.subscribe()
    }

    /// Has a task end. What it has begun may end or be dropped.
    ///
    /// # Errors
    /// 403 for somebody else's task, 404, 409 when it has ended otherwise.
    pub async fn cancel(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        caller.require(TASK_CANCEL)?;
        let task = self.known(caller, id).await?;
        self.may_change(caller, &task)?;
        if task.status == Status::Cancelled {
            return Ok(());
        }
        let mut tx = self.0.store.db().begin().await?;
        if self
            .0
            .store
            .ask_to_cancel(&mut tx, task.id)
            .await?
            .is_none()
        {
            return Err(ApiError::conflict(format!(
                "Task {id} has ended: {}",
                task.status.as_str()
            ))
            .fix("there is nothing left to cancel"));
        }
        tx.enqueue(self.job(task.id, format!("cancelled by {}", caller.actor)));
        let line = Line {
            kind: "cancelled",
            body: json!({ "message": format!("{} has cancelled this task", caller.actor) }),
            at: self.0.clock.now(),
        };
        self.0.store.say(&mut tx, task.id, &[line]).await?;
        tx.append(event(CANCELLED, task.id, &caller.actor, json!({})))
            .await?;
        tx.commit().await?;
        self.noise();
        if let Some(token) = self.0.running.lock().get(&task.id) {
            token.cancel();
        }
        Ok(())
    }

    /// Runs a task again that has ended: from the step that failed, or all of
    /// it when it has completed or `anew` is wished for.
    ///
    /// # Errors
    /// 403 for somebody else's task, 404, 409 when it has not ended, 400 when
    /// secrets are missing that it was given before.
    pub async fn retry(
        &self,
        caller: &Caller,
        id: &str,
        secrets: Secrets,
        anew: bool,
    ) -> Result<Uuid, ApiError> {
        caller.require(TASK_CANCEL)?;
        let task = self.known(caller, id).await?;
        self.may_change(caller, &task)?;
        caller.require(ACTION_EXECUTE)?;
        let missing: Vec<&str> = task
            .secret_names
            .iter()
            .map(String::as_str)
            .filter(|name| !secrets.contains_key(*name))
            .collect();
        if !missing.is_empty() {
            return Err(ApiError::input(format!(
                "The secrets of a task are forgotten when it ends; send again: {}",
                missing.join(", ")
            ))
            .accepted("`{\"secrets\": {\"NAME\": \"…\"}}`"));
        }
        let gone = task.pack == crate::controller::files::GONE;
        let anew = anew || gone || task.status == Status::Completed || starts_over(&task.spec);
        let mut tx = self.0.store.db().begin().await?;
        if !self
            .0
            .store
            .reopen(&mut tx, task.id, &secrets, anew)
            .await?
        {
            return Err(ApiError::conflict(format!(
                "Task {id} has not ended: {}",
                task.status.as_str()
            ))
            .fix("cancel it first, or wait until it has ended"));
        }
        self.0.store.reopen_steps(&mut tx, task.id, anew).await?;
        if anew {
            self.0.store.clear_marks(&mut tx, task.id).await?;
        }
        let from = if anew { "startOver" } else { "failedStep" };
        let line = Line {
            kind: "recovered",
            body: json!({
                "message": format!("{} has started this task again", caller.actor),
                "recoverStrategy": from,
            }),
            at: self.0.clock.now(),
        };
        self.0.store.say(&mut tx, task.id, &[line]).await?;
        tx.enqueue(self.job(task.id, format!("retried by {}", caller.actor)));
        let data = json!({ "from": from });
        tx.append(event(RETRIED, task.id, &caller.actor, data))
            .await?;
        tx.commit().await?;
        self.noise();
        Ok(task.id)
    }

    /// Has a waiting task look now: what it waits for may have happened.
    /// Answers whether there is such a task.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wake(&self, task: Uuid, reason: &str) -> Result<bool, ApiError> {
        Ok(self
            .0
            .queue
            .kick(TASK_QUEUE, &task.to_string(), reason)
            .await?)
    }

    /// What a host suggests for a field of a form.
    ///
    /// # Errors
    /// 400 for a provider that is not here.
    pub async fn suggest(
        &self,
        _caller: &Caller,
        (provider, resource): (&str, &str),
        _context: &Value,
        _token: Option<&str>,
    ) -> Result<Vec<Value>, ApiError> {
        Err(ApiError::input(format!("Unsupported provider: {provider}"))
            .fix(format!("fill the field for {resource} in by hand")))
    }

    /// In whose name the steps of a task act.
    pub(crate) fn caller_of(&self, task: &Task) -> Caller {
        let granted = match &task.granted {
            None => Grants::All,
            Some(names) => Grants::Named(names.iter().cloned().collect()),
        };
        let person = EntityRef::parse(&task.actor.name, None, None).ok();
        let person = person.filter(|person| person.kind() == "user");
        let (mut ownership, mut grants) = (Vec::new(), granted.clone());
        if let (Some(person), Some(rights)) = (&person, self.0.rights.get()) {
            let (refs, now) = rights(person);
            ownership = refs;
            grants = match now {
                Grants::Decided(rights) => Grants::Decided(rights.within(
                    granted,
                    Limit {
                        kind: "task",
                        name: task.id.to_string(),
                        text:
                            "a task may do no more than the credential that started it".to_owned(),
                    },
                )),
                Grants::All => granted,
                other => other,
            };
        }
        Caller {
            actor: task.actor.clone(),
            ownership,
            grants,
        }
    }

    /// Wakes whoever follows the log of a task.
    pub(crate) fn noise(&self) {
        self.0
            .said
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    pub(crate) fn job(&self, task: Uuid, reason: String) -> Job {
        Job {
            queue: TASK_QUEUE,
            key: task.to_string(),
            payload: Value::Null,
            run_at: self.0.clock.now(),
            reason,
        }
    }

    pub(crate) fn user(&self, caller: &Caller) -> Value {
        let mut user = Map::new();
        if let Ok(person) = EntityRef::parse(&caller.actor.name, None, None)
            && person.kind() == "user"
        {
            if let Some(entity) = self.0.catalog.model().entity_json(&person) {
                user.insert("entity".to_owned(), entity);
            }
            user.insert("ref".to_owned(), person.as_str().into());
        }
        Value::Object(user)
    }

    /// The names of the permissions that a caller holds on anything.
    fn held(&self, caller: &Caller) -> Vec<&'static str> {
        let known = self.0.permissions.get().map(Vec::as_slice);
        let known = known.unwrap_or(crate::permission::ALL);
        known
            .iter()
            .filter(|permission| caller.may(**permission))
            .map(|permission| permission.name)
            .collect()
    }

    fn sees(&self, caller: &Caller, task: &Task) -> bool {
        match self.visible(caller) {
            None => true,
            Some((templates, person)) => {
                task.created_by == person || templates.contains(&task.template)
            }
        }
    }

    /// The templates whose tasks a caller may see, beside those of their own.
    fn visible(&self, caller: &Caller) -> Option<(Vec<String>, String)> {
        let person = creator(caller).to_owned();
        match caller.reach(TASK_READ) {
            Reach::Everything => None,
            Reach::Nothing => Some((Vec::new(), person)),
            Reach::Where(predicate) => {
                let index = self.0.catalog.model().index();
                let request = catalog::index::ListRequest {
                    query: Some(Predicate::equals("kind", "template")),
                    visible: Some((*predicate).clone()),
                    limit: Some(MOST_TEMPLATES),
                    ..Default::default()
                };
                let refs = index.list(&request).items;
                let refs = refs.iter().map(|one| one.entity_ref().as_str().to_owned());
                Some((refs.collect(), person))
            }
        }
    }

    /// One's own tasks may be cancelled and retried by whoever holds the
    /// permission, others by whoever may do everything.
    fn may_change(&self, caller: &Caller, task: &Task) -> Result<(), ApiError> {
        if caller.is_unlimited() || task.created_by == creator(caller) {
            return Ok(());
        }
        Err(ApiError::not_allowed(format!(
            "{} may not change a task of {}",
            caller.actor, task.created_by
        ))
        .fix(format!("ask {}, or an administrator", task.created_by)))
    }
}

/// Events in one answer.
const EVENTS: usize = 2_000;

pub(crate) fn event(kind: EventType, task: Uuid, actor: &Actor, data: Value) -> NewEvent {
    // How a task ended is how what was asked for ended.
    let ended = data.get("status").and_then(Value::as_str);
    NewEvent {
        kind,
        subject: format!("task:{task}"),
        actor: actor.clone(),
        outcome: match ended {
            Some("failed") => Outcome::Failed,
            _ => Outcome::Allowed,
        },
        cause: None,
        data,
    }
}

/// Who made a task: the person, also where their token did it.
fn creator(caller: &Caller) -> &str {
    caller
        .actor
        .on_behalf_of
        .as_deref()
        .unwrap_or(&caller.actor.name)
}

/// `EXPERIMENTAL_recovery: {EXPERIMENTAL_strategy: startOver}`.
fn starts_over(spec: &Spec) -> bool {
    let strategy = spec.recovery.get("EXPERIMENTAL_strategy");
    strategy.and_then(Value::as_str) == Some("startOver")
}

/// `file:///srv/template.yaml` or the address of the template's file.
fn base_url(place: &Place) -> String {
    match place.location.split_once(':') {
        Some(("file", path)) => format!("file://{path}"),
        Some((_, url)) => url.to_owned(),
        None => place.location.clone(),
    }
}

/// 400 with all problems, in Backstage's body.
pub(crate) fn refuse(problems: &[crate::run::schema::Problem]) -> Result<(), ApiError> {
    let Some(first) = problems.first() else {
        return Ok(());
    };
    let errors: Vec<Value> = problems
        .iter()
        .map(crate::run::schema::Problem::to_json)
        .collect();
    Err(ApiError::input(first.stack())
        .fix(first.words.0.clone())
        .with_body(json!({ "errors": errors })))
}

/// Secrets of a request: an object of texts.
///
/// # Errors
/// 400 for anything else.
pub(crate) fn secrets_of(value: Option<&Value>) -> Result<Secrets, ApiError> {
    let wrong = || {
        ApiError::input("\"secrets\" must be an object whose values are strings")
            .accepted("{\"NAME\": \"value\"}")
    };
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Ok(Secrets::new());
    };
    let fields = value.as_object().ok_or_else(wrong)?;
    fields
        .iter()
        .map(|(name, value)| {
            let text = value.as_str().ok_or_else(wrong)?;
            Ok((name.clone(), Secret::new(text.to_owned())))
        })
        .collect()
}

/// The time that a text such as `2026-08-23T10:00:00` means; without a zone,
/// UTC.
pub(crate) fn time_of(text: &str) -> Option<Timestamp> {
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}
