//! The rows of tasks.

use std::collections::BTreeMap;

use identity::Secret;
use jiff::Timestamp;
use platform::actor::{Actor, ActorKind};
use platform::args;
use platform::store::{Arg, Row, Sql, StoreError, Tx, placeholders};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Store;
use crate::context::Secrets;
use crate::task::{Spec, Status, Task};

const COLUMNS: &str = "id, template, created_by, status, spec, actor, granted, place, \
    secret_names, created_at, started_at, ended_at, heartbeat_at, wait_until, wait_reason, \
    cancel_asked, attempt, pack, output, error, events";

/// A task to be stored.
#[derive(Debug)]
pub(crate) struct NewTask<'a> {
    pub(crate) id: Uuid,
    pub(crate) template: &'a str,
    pub(crate) created_by: &'a str,
    pub(crate) spec: &'a Spec,
    pub(crate) actor: &'a Actor,
    pub(crate) granted: &'a Value,
    pub(crate) place: &'a Value,
    pub(crate) secrets: &'a Secrets,
}

/// How a task ends.
#[derive(Debug)]
pub(crate) struct Ending<'a> {
    pub(crate) status: Status,
    pub(crate) output: Option<&'a Value>,
    pub(crate) error: Option<&'a Value>,
}

/// Which tasks are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskFilter {
    /// Made by one of these; empty for everybody.
    pub created_by: Vec<String>,
    /// In one of these states; empty for all.
    pub status: Vec<String>,
    /// Of this template.
    pub template: Option<String>,
    /// Made at this time or later.
    pub created_after: Option<Timestamp>,
    /// Of these templates, or made by this person: what the reader may see.
    pub visible: Option<(Vec<String>, String)>,
    /// `(column, descending)`, the first counts most.
    pub order: Vec<(&'static str, bool)>,
    /// How many at most.
    pub limit: Option<usize>,
    /// How many of the first are passed over.
    pub offset: usize,
}

impl Store {
    pub(crate) async fn add_task(&self, tx: &mut Tx, new: &NewTask<'_>) -> Result<(), StoreError> {
        let names: Vec<&str> = new.secrets.keys().map(String::as_str).collect();
        let secrets = self.sealed_secrets(new.id, new.secrets)?;
        tx.execute(
            "INSERT INTO create_tasks (id, template, created_by, status, spec, actor, granted, place, \
             secrets, secret_names, created_at, cancel_asked, attempt, events, pack) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 1, 0, 0)",
            args![
                new.id.to_string(),
                new.template,
                new.created_by,
                Status::Open.as_str(),
                serde_json::to_value(new.spec).unwrap_or_default().to_string(),
                json!(new.actor).to_string(),
                new.granted,
                new.place,
                secrets,
                json!(names).to_string(),
                tx.db().clock().now()
            ],
        )
        .await?;
        self.add_steps(tx, new.id, new.spec).await
    }

    fn sealed_secrets(&self, task: Uuid, secrets: &Secrets) -> Result<Option<Vec<u8>>, StoreError> {
        if secrets.is_empty() {
            return Ok(None);
        }
        let plain: BTreeMap<&str, &str> = secrets
            .iter()
            .map(|(name, secret)| (name.as_str(), secret.expose().as_str()))
            .collect();
        self.seal(&json!(plain).to_string(), &secrets_place(task))
            .map(Some)
    }

    pub(crate) async fn task(&self, id: Uuid) -> Result<Option<Task>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM create_tasks WHERE id = $1");
        let rows = self
            .db
            .read(Sql::assembled(text), args![id.to_string()])
            .await?;
        rows.first().map(task_from).transpose()
    }

    /// The secrets of a task that has not ended.
    pub(crate) async fn secrets(&self, id: Uuid) -> Result<Secrets, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT secrets FROM create_tasks WHERE id = $1",
                args![id.to_string()],
            )
            .await?;
        let sealed = rows
            .first()
            .map(|row| row.opt_bytes(0))
            .transpose()?
            .flatten();
        let Some(sealed) = sealed else {
            return Ok(Secrets::new());
        };
        let text = self.open(sealed, &secrets_place(id))?;
        let plain: BTreeMap<String, String> = serde_json::from_str(&text).unwrap_or_default();
        Ok(plain
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect())
    }

    /// The tasks that are wanted, and how many there are without the limit.
    pub(crate) async fn tasks(&self, filter: &TaskFilter) -> Result<(Vec<Task>, i64), StoreError> {
        let (condition, mut values) = condition(filter);
        let text = format!("SELECT count(*) FROM create_tasks WHERE {condition}");
        let rows = self.db.read(Sql::assembled(text), values.clone()).await?;
        let total = rows.first().map(|row| row.int(0)).transpose()?.unwrap_or(0);
        let mut order: Vec<String> = filter
            .order
            .iter()
            .map(|(column, descending)| {
                format!("{column} {}", if *descending { "DESC" } else { "ASC" })
            })
            .collect();
        if order.is_empty() {
            order.push("created_at DESC".to_owned());
        }
        order.push("id DESC".to_owned());
        let at = values.len();
        let text = format!(
            "SELECT {COLUMNS} FROM create_tasks WHERE {condition} ORDER BY {} LIMIT ${} OFFSET ${}",
            order.join(", "),
            at + 1,
            at + 2
        );
        values.push(filter.limit.unwrap_or(MOST_LISTED).min(MOST_LISTED).into());
        values.push(filter.offset.into());
        let rows = self.db.read(Sql::assembled(text), values).await?;
        let tasks = rows.iter().map(task_from).collect::<Result<_, _>>()?;
        Ok((tasks, total))
    }

    /// A replica works on it.
    pub(crate) async fn begin(&self, tx: &mut Tx, id: Uuid) -> Result<(), StoreError> {
        let now = tx.db().clock().now();
        tx.execute(
            "UPDATE create_tasks SET status = $1, started_at = coalesce(started_at, $2), \
             heartbeat_at = $2, wait_until = NULL, wait_reason = NULL WHERE id = $3",
            args![Status::Processing.as_str(), now, id.to_string()],
        )
        .await?;
        Ok(())
    }

    /// It is being worked on; answers whether somebody wants it to end.
    pub(crate) async fn beat(&self, tx: &mut Tx, id: Uuid) -> Result<bool, StoreError> {
        let rows = tx
            .query(
                "UPDATE create_tasks SET heartbeat_at = $1 WHERE id = $2 RETURNING cancel_asked",
                args![tx.db().clock().now(), id.to_string()],
            )
            .await?;
        rows.first().map_or(Ok(false), |row| row.bool(0))
    }

    /// It waits for something outside.
    pub(crate) async fn wait(
        &self,
        tx: &mut Tx,
        id: Uuid,
        until: Timestamp,
        reason: &str,
    ) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE create_tasks SET status = $1, wait_until = $2, wait_reason = $3 WHERE id = $4",
            args![Status::Waiting.as_str(), until, reason, id.to_string()],
        )
        .await?;
        Ok(())
    }

    /// Remembers which workspace was kept last.
    pub(crate) async fn set_pack(
        &self,
        tx: &mut Tx,
        id: Uuid,
        number: i64,
    ) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE create_tasks SET pack = $1 WHERE id = $2",
            args![number, id.to_string()],
        )
        .await?;
        Ok(())
    }

    /// It ends; its secrets go.
    pub(crate) async fn end(
        &self,
        tx: &mut Tx,
        id: Uuid,
        ending: &Ending<'_>,
    ) -> Result<(), StoreError> {
        let clean = |value: &Value| value.to_string().replace('\0', "");
        tx.execute(
            "UPDATE create_tasks SET status = $1, ended_at = $2, heartbeat_at = $2, secrets = NULL, \
             wait_until = NULL, wait_reason = NULL, cancel_asked = 0, output = $3, error = $4 \
             WHERE id = $5",
            args![
                ending.status.as_str(),
                tx.db().clock().now(),
                ending.output.map(clean),
                ending.error.map(clean),
                id.to_string()
            ],
        )
        .await?;
        Ok(())
    }

    /// Somebody wants it to end. Answers its status, if there is one that has
    /// not ended.
    pub(crate) async fn ask_to_cancel(
        &self,
        tx: &mut Tx,
        id: Uuid,
    ) -> Result<Option<Status>, StoreError> {
        let rows = tx
            .query(
                "UPDATE create_tasks SET cancel_asked = 1 \
                 WHERE id = $1 AND status IN ('open', 'processing', 'waiting') RETURNING status",
                args![id.to_string()],
            )
            .await?;
        let name = rows.first().map(|row| row.text(0)).transpose()?;
        Ok(name.and_then(Status::from_name))
    }

    /// It begins again, with new secrets. Answers whether it had ended.
    pub(crate) async fn reopen(
        &self,
        tx: &mut Tx,
        id: Uuid,
        secrets: &Secrets,
        anew: bool,
    ) -> Result<bool, StoreError> {
        let names: Vec<&str> = secrets.keys().map(String::as_str).collect();
        let touched = tx
            .execute(
                "UPDATE create_tasks SET status = 'open', secrets = $1, secret_names = $2, \
                 ended_at = NULL, output = NULL, error = NULL, cancel_asked = 0, \
                 attempt = attempt + 1, started_at = NULL, \
                 pack = CASE WHEN $3 = 1 THEN 0 ELSE pack END \
                 WHERE id = $4 AND status IN ('completed', 'failed', 'cancelled')",
                args![
                    self.sealed_secrets(id, secrets)?,
                    json!(names).to_string(),
                    anew,
                    id.to_string()
                ],
            )
            .await?;
        Ok(touched > 0)
    }
}

/// Tasks in one answer.
const MOST_LISTED: usize = 1_000;

fn secrets_place(task: Uuid) -> String {
    format!("create.secrets/{task}")
}

fn condition(filter: &TaskFilter) -> (String, Vec<Arg>) {
    let (mut parts, mut values): (Vec<String>, Vec<Arg>) = (vec!["1 = 1".to_owned()], Vec::new());
    let mut one_of = |column: &str, wanted: &[String], values: &mut Vec<Arg>| {
        if !wanted.is_empty() {
            let list = placeholders(values.len() + 1, wanted.len());
            parts.push(format!("{column} IN ({list})"));
            values.extend(wanted.iter().map(Arg::from));
        }
    };
    one_of("created_by", &filter.created_by, &mut values);
    one_of("status", &filter.status, &mut values);
    if let Some(template) = &filter.template {
        one_of("template", std::slice::from_ref(template), &mut values);
    }
    if let Some(after) = filter.created_after {
        values.push(after.into());
        parts.push(format!("created_at >= ${}", values.len()));
    }
    if let Some((templates, person)) = &filter.visible {
        values.push(person.into());
        let own = format!("created_by = ${}", values.len());
        if templates.is_empty() {
            parts.push(own);
        } else {
            let list = placeholders(values.len() + 1, templates.len());
            values.extend(templates.iter().map(Arg::from));
            parts.push(format!("({own} OR template IN ({list}))"));
        }
    }
    (parts.join(" AND "), values)
}

fn task_from(row: &Row) -> Result<Task, StoreError> {
    let bad = |index, problem: String| StoreError::Column {
        index,
        expected: "a task",
        problem,
    };
    let waiting = match (row.opt_time(13)?, row.opt_text(14)?) {
        (Some(until), Some(reason)) => Some((until, reason.to_owned())),
        _ => None,
    };
    let optional = |index| -> Result<Option<Value>, StoreError> {
        Ok(row
            .opt_text(index)?
            .and_then(|text| serde_json::from_str(text).ok()))
    };
    Ok(Task {
        id: Uuid::parse_str(row.text(0)?).map_err(|error| bad(0, error.to_string()))?,
        template: row.text(1)?.to_owned(),
        created_by: row.text(2)?.to_owned(),
        status: Status::from_name(row.text(3)?).unwrap_or(Status::Failed),
        spec: serde_json::from_str::<Spec>(row.text(4)?)
            .map_err(|error| bad(4, error.to_string()))?,
        actor: actor_from(&row.json(5)?),
        granted: serde_json::from_value(row.json(6)?).unwrap_or_default(),
        place: serde_json::from_value(row.json(7)?).unwrap_or_default(),
        secret_names: serde_json::from_value(row.json(8)?).unwrap_or_default(),
        created_at: row.time(9)?,
        started_at: row.opt_time(10)?,
        ended_at: row.opt_time(11)?,
        heartbeat_at: row.opt_time(12)?,
        waiting,
        cancel_asked: row.bool(15)?,
        attempt: row.int(16)?,
        pack: row.int(17)?,
        output: optional(18)?,
        error: optional(19)?,
        events: row.int(20)?,
    })
}

fn actor_from(value: &Value) -> Actor {
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    let kind = match text("kind") {
        Some("user") => ActorKind::User,
        Some("agent") => ActorKind::Agent,
        Some("system") => ActorKind::System,
        Some("anonymous") => ActorKind::Anonymous,
        _ => ActorKind::Service,
    };
    let actor = Actor::new(kind, text("name").unwrap_or_default());
    match text("onBehalfOf") {
        Some(person) => actor.for_person(person),
        None => actor,
    }
}
