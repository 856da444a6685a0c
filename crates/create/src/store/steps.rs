//! How far the steps of a task are.

use platform::args;
use platform::store::{StoreError, Tx};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::Store;
use crate::task::{Spec, StepRow, StepStatus};

impl Store {
    /// One row for each step that has none.
    pub(crate) async fn add_steps(
        &self,
        tx: &mut Tx,
        task: Uuid,
        spec: &Spec,
    ) -> Result<(), StoreError> {
        let rows = spec.steps.iter().enumerate().map(|(position, step)| {
            args![
                task.to_string(),
                Spec::text(step, "id"),
                position,
                StepStatus::Open.as_str()
            ]
        });
        tx.upsert_many(
            "create_steps",
            &["task", "step", "position", "status"],
            "ON CONFLICT (task, step) DO NOTHING",
            rows.collect::<Vec<_>>(),
        )
        .await?;
        Ok(())
    }

    pub(crate) async fn steps(&self, task: Uuid) -> Result<Vec<StepRow>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT step, status, started_at, ended_at, output, error FROM create_steps \
                 WHERE task = $1 ORDER BY position",
                args![task.to_string()],
            )
            .await?;
        rows.iter()
            .map(|row| {
                let id = row.text(0)?.to_owned();
                let output = match row.opt_bytes(4)? {
                    None => None,
                    Some(sealed) => {
                        let text = self.open(sealed, &place(task, &id))?;
                        serde_json::from_str::<Map<String, Value>>(&text).ok()
                    }
                };
                Ok(StepRow {
                    status: StepStatus::from_name(row.text(1)?),
                    started_at: row.opt_time(2)?,
                    ended_at: row.opt_time(3)?,
                    error: row.opt_text(5)?.map(str::to_owned),
                    output,
                    id,
                })
            })
            .collect()
    }

    /// A step begins, once more where it was interrupted.
    pub(crate) async fn begin_step(
        &self,
        tx: &mut Tx,
        task: Uuid,
        step: &str,
    ) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE create_steps SET status = $1, started_at = coalesce(started_at, $2), \
             ended_at = NULL, error = NULL WHERE task = $3 AND step = $4",
            args![
                StepStatus::Processing.as_str(),
                tx.db().clock().now(),
                task.to_string(),
                step
            ],
        )
        .await?;
        Ok(())
    }

    /// A step ends.
    pub(crate) async fn end_step(
        &self,
        tx: &mut Tx,
        (task, step): (Uuid, &str),
        status: StepStatus,
        output: Option<&Map<String, Value>>,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let output = match output {
            None => None,
            Some(fields) => {
                let text = Value::Object(fields.clone()).to_string();
                Some(self.seal(&text, &place(task, step))?)
            }
        };
        tx.execute(
            "UPDATE create_steps SET status = $1, ended_at = $2, output = $3, error = $4 \
             WHERE task = $5 AND step = $6",
            args![
                status.as_str(),
                tx.db().clock().now(),
                output,
                error.map(|text| text.replace('\0', "")),
                task.to_string(),
                step
            ],
        )
        .await?;
        Ok(())
    }

    /// Steps that have not completed may run again; with `all`, every step.
    pub(crate) async fn reopen_steps(
        &self,
        tx: &mut Tx,
        task: Uuid,
        all: bool,
    ) -> Result<(), StoreError> {
        let keep = if all {
            ""
        } else {
            StepStatus::Completed.as_str()
        };
        tx.execute(
            "UPDATE create_steps SET status = $1, started_at = NULL, ended_at = NULL, \
             output = NULL, error = NULL WHERE task = $2 AND status <> $3",
            args![StepStatus::Open.as_str(), task.to_string(), keep],
        )
        .await?;
        Ok(())
    }
}

fn place(task: Uuid, step: &str) -> String {
    format!("create.output/{task}/{step}")
}
