//! What steps remember of themselves.

use platform::args;
use platform::store::{StoreError, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::Store;
use crate::marks::{LEFT, Mark};

impl Store {
    pub(crate) async fn mark(
        &self,
        task: Uuid,
        scope: &str,
        name: &str,
    ) -> Result<Option<Mark>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT value FROM create_marks WHERE task = $1 AND scope = $2 AND name = $3",
                args![task.to_string(), scope, name],
            )
            .await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        Ok(Some(match row.opt_bytes(0)? {
            None => Mark::Begun,
            Some(sealed) => Mark::Done(self.opened(sealed, task, scope, name)?),
        }))
    }

    pub(crate) async fn put_mark(
        &self,
        tx: &mut Tx,
        task: Uuid,
        scope: &str,
        name: &str,
        mark: &Mark,
    ) -> Result<(), StoreError> {
        let value = match mark {
            Mark::Begun => None,
            Mark::Done(value) => Some(self.seal(&value.to_string(), &place(task, scope, name))?),
        };
        tx.execute(
            "INSERT INTO create_marks (task, scope, name, value, at) VALUES ($1, $2, $3, $4, $5) \
             ON CONFLICT (task, scope, name) DO UPDATE SET value = excluded.value, at = excluded.at",
            args![task.to_string(), scope, name, value, tx.db().clock().now()],
        )
        .await?;
        Ok(())
    }

    /// What steps have listed as left behind, the oldest first.
    pub(crate) async fn left_behind(&self, task: Uuid) -> Result<Vec<Value>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT scope, name, value FROM create_marks WHERE task = $1 ORDER BY at, name",
                args![task.to_string()],
            )
            .await?;
        let mut left = Vec::new();
        for row in &rows {
            let (scope, name) = (row.text(0)?, row.text(1)?);
            if let (true, Some(sealed)) = (name.starts_with(LEFT), row.opt_bytes(2)?) {
                left.push(self.opened(sealed, task, scope, name)?);
            }
        }
        Ok(left)
    }

    /// Forgets everything that steps remember: the task begins anew.
    pub(crate) async fn clear_marks(&self, tx: &mut Tx, task: Uuid) -> Result<(), StoreError> {
        tx.execute(
            "DELETE FROM create_marks WHERE task = $1",
            args![task.to_string()],
        )
        .await?;
        Ok(())
    }

    fn opened(
        &self,
        sealed: &[u8],
        task: Uuid,
        scope: &str,
        name: &str,
    ) -> Result<Value, StoreError> {
        let text = self.open(sealed, &place(task, scope, name))?;
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }
}

fn place(task: Uuid, scope: &str, name: &str) -> String {
    format!("create.mark/{task}/{scope}/{name}")
}
