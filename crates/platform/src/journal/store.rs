//! The table of runs.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{FINISHED, Journal, Run, RunFilter, RunState, STARTED};
use crate::actor::Actor;
use crate::args;
use crate::event::{EventType, NewEvent, Outcome, kind_from, kind_name};
use crate::store::{Arg, Row, Sql, StoreError, Tx};

/// `actor_kind` is the fifth, as the reader of events has it.
const COLUMNS: &str = "id, action, door, state, actor_kind, actor, input, started_at, ended_at, error, output, on_behalf_of";
/// What an interrupted run says of itself.
const KILLED: &str = "The process ended before the action did; look at what it was to change before you run it again";
/// Runs that are marked in one transaction.
const AT_ONCE: usize = 200;

impl Journal {
    /// Writes a run down together with its event.
    pub(super) async fn begin(&self, run: &Run) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "INSERT INTO action_runs (id, action, door, state, actor_kind, actor, input, started_at, alive_until, on_behalf_of) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            args![
                run.id.to_string(),
                &run.action,
                &run.door,
                &run.state,
                kind_name(run.actor.kind),
                &run.actor.name,
                &run.input,
                run.started,
                self.alive_until(),
                run.actor.on_behalf_of.as_ref(),
            ],
        )
        .await?;
        let data = json!({ "action": run.action, "door": run.door });
        append(&mut tx, (STARTED, Outcome::Allowed), run, None, data).await?;
        tx.commit().await
    }

    /// Writes down how a run ended, also where it had been given up.
    pub(super) async fn end(&self, run: &Run, secret_shown: bool) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        tx.execute(
            "UPDATE action_runs SET state = $2, ended_at = $3, error = $4, output = $5 WHERE id = $1",
            args![
                run.id.to_string(),
                &run.state,
                run.ended,
                run.error.as_ref(),
                run.output.as_ref(),
            ],
        )
        .await?;
        finished(&mut tx, run, secret_shown).await?;
        tx.commit().await
    }

    /// Says that a run's process is alive.
    pub(super) async fn beat(&self, id: Uuid) {
        let said = async {
            let mut tx = self.db.begin().await?;
            tx.execute(
                "UPDATE action_runs SET alive_until = $2 WHERE id = $1",
                args![id.to_string(), self.alive_until()],
            )
            .await?;
            tx.commit().await
        };
        if let Err(cause) = said.await {
            tracing::warn!(run.id = %id, %cause, "A run could not say that it is alive");
        }
    }

    /// Marks the runs whose process has not been heard of since before
    /// `dead_before`. Answers how many there were.
    pub(super) async fn interrupt(&self, dead_before: Timestamp) -> Result<usize, StoreError> {
        let mut count = 0;
        loop {
            let marked = self.interrupt_some(dead_before).await?;
            count += marked;
            if marked < AT_ONCE {
                return Ok(count);
            }
        }
    }

    async fn interrupt_some(&self, dead_before: Timestamp) -> Result<usize, StoreError> {
        let left = self
            .db
            .read(
                "SELECT id FROM action_runs WHERE state = 'running' AND alive_until < $1 ORDER BY id LIMIT $2",
                args![dead_before, AT_ONCE],
            )
            .await?;
        if left.is_empty() {
            return Ok(0);
        }
        let mut tx = self.db.begin().await?;
        let now = self.db.clock().now();
        for row in &left {
            // Another replica may have marked it, or it has ended after all.
            let marked = tx
                .query(
                    Sql::assembled(format!(
                        "UPDATE action_runs SET state = 'interrupted', ended_at = $3, error = $4 \
                         WHERE id = $1 AND state = 'running' AND alive_until < $2 RETURNING {COLUMNS}"
                    )),
                    args![row.text(0)?, dead_before, now, KILLED],
                )
                .await?;
            if let Some(row) = marked.first() {
                finished(&mut tx, &run_from(row)?, false).await?;
            }
        }
        tx.commit().await?;
        Ok(left.len())
    }

    pub(super) async fn page(
        &self,
        filter: &RunFilter,
        before: Option<Uuid>,
        limit: usize,
    ) -> Result<Vec<Run>, StoreError> {
        let mut values: Vec<Arg> = args![limit];
        let mut conditions = Vec::new();
        let before = before.map(|id| id.to_string());
        for (condition, value) in [
            ("action =", &filter.action),
            ("actor =", &filter.actor),
            ("state =", &filter.state),
            ("id <", &before),
        ] {
            if let Some(value) = value {
                values.push(value.into());
                conditions.push(format!("{condition} ${}", values.len()));
            }
        }
        let condition = if conditions.is_empty() {
            String::new()
        } else {
            format!("WHERE {}", conditions.join(" AND "))
        };
        let text =
            format!("SELECT {COLUMNS} FROM action_runs {condition} ORDER BY id DESC LIMIT $1");
        let rows = self.db.read(Sql::assembled(text), values).await?;
        rows.iter().map(run_from).collect()
    }

    pub(super) async fn find(&self, id: Uuid) -> Result<Option<Run>, StoreError> {
        let text = format!("SELECT {COLUMNS} FROM action_runs WHERE id = $1");
        let rows = self
            .db
            .read(Sql::assembled(text), args![id.to_string()])
            .await?;
        rows.first().map(run_from).transpose()
    }
}

async fn finished(tx: &mut Tx, run: &Run, secret_shown: bool) -> Result<(), StoreError> {
    let mut data = json!({ "action": run.action, "state": run.state });
    if let Some(fields) = data.as_object_mut() {
        if let Some(error) = &run.error {
            fields.insert("error".to_owned(), error.as_str().into());
        }
        if secret_shown {
            fields.insert("secretShown".to_owned(), true.into());
        }
    }
    let outcome = match run.state == RunState::Succeeded.as_str() {
        true => Outcome::Allowed,
        false => Outcome::Failed,
    };
    append(tx, (FINISHED, outcome), run, Some(run.id.to_string()), data).await
}

async fn append(
    tx: &mut Tx,
    (kind, outcome): (EventType, Outcome),
    run: &Run,
    cause: Option<String>,
    data: Value,
) -> Result<(), StoreError> {
    tx.append(NewEvent {
        kind,
        subject: format!("run:{}", run.id),
        actor: run.actor.clone(),
        outcome,
        cause,
        data,
    })
    .await?;
    Ok(())
}

fn run_from(row: &Row) -> Result<Run, StoreError> {
    Ok(Run {
        id: Uuid::parse_str(row.text(0)?).map_err(|error| StoreError::Column {
            index: 0,
            expected: "a UUID",
            problem: error.to_string(),
        })?,
        action: row.text(1)?.to_owned(),
        door: row.text(2)?.to_owned(),
        state: row.text(3)?.to_owned(),
        actor: Actor {
            on_behalf_of: row.opt_text(11)?.map(str::to_owned),
            ..Actor::new(kind_from(row.text(4)?)?, row.text(5)?)
        },
        input: row.json(6)?,
        started: row.time(7)?,
        ended: row.opt_time(8)?,
        error: row.opt_text(9)?.map(str::to_owned),
        output: match row.opt_text(10)? {
            None => None,
            Some(_) => Some(row.json(10)?),
        },
    })
}
