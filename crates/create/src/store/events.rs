//! What a task has said.

use platform::args;
use platform::store::{StoreError, Tx};
use uuid::Uuid;

use super::Store;
use crate::log::Line;
use crate::task::TaskEvent;

/// Lines that are kept of one task; older ones go.
pub(crate) const KEPT: i64 = 50_000;

impl Store {
    /// Appends lines and numbers them.
    pub(crate) async fn say(
        &self,
        tx: &mut Tx,
        task: Uuid,
        lines: &[Line],
    ) -> Result<(), StoreError> {
        if lines.is_empty() {
            return Ok(());
        }
        let id = task.to_string();
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        let rows = tx
            .query(
                "UPDATE create_tasks SET events = events + $1 WHERE id = $2 RETURNING events",
                args![count, &id],
            )
            .await?;
        let Some(last) = rows.first().map(|row| row.int(0)).transpose()? else {
            return Ok(());
        };
        let first = last - count + 1;
        let rows = lines.iter().zip(first..).map(|(line, number)| {
            args![
                &id,
                number,
                line.kind,
                line.body.to_string().replace('\0', ""),
                line.at
            ]
        });
        tx.insert_many(
            "create_events",
            &["task", "id", "kind", "body", "at"],
            rows.collect::<Vec<_>>(),
        )
        .await?;
        if last > KEPT {
            tx.execute(
                "DELETE FROM create_events WHERE task = $1 AND id <= $2",
                args![&id, last - KEPT],
            )
            .await?;
        }
        Ok(())
    }

    /// Events after a number, the oldest first.
    pub(crate) async fn events(
        &self,
        task: Uuid,
        after: i64,
        limit: usize,
    ) -> Result<Vec<TaskEvent>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT id, kind, body, at FROM create_events WHERE task = $1 AND id > $2 \
                 ORDER BY id LIMIT $3",
                args![task.to_string(), after, limit],
            )
            .await?;
        rows.iter()
            .map(|row| {
                Ok(TaskEvent {
                    id: row.int(0)?,
                    kind: row.text(1)?.to_owned(),
                    body: row.json(2)?,
                    at: row.time(3)?,
                })
            })
            .collect()
    }
}
