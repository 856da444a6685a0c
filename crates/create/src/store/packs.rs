//! Workspaces in the database, where several replicas share it.

use platform::args;
use platform::store::{StoreError, Tx};
use uuid::Uuid;

use super::Store;

impl Store {
    pub(crate) async fn put_pack(
        &self,
        tx: &mut Tx,
        task: Uuid,
        number: i64,
        bytes: Vec<u8>,
    ) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO create_packs (task, number, bytes) VALUES ($1, $2, $3) \
             ON CONFLICT (task) DO UPDATE SET number = excluded.number, bytes = excluded.bytes",
            args![task.to_string(), number, bytes],
        )
        .await?;
        Ok(())
    }

    pub(crate) async fn pack(
        &self,
        task: Uuid,
        number: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT bytes FROM create_packs WHERE task = $1 AND number = $2",
                args![task.to_string(), number],
            )
            .await?;
        rows.first()
            .map(|row| row.bytes(0).map(<[u8]>::to_vec))
            .transpose()
    }

    pub(crate) async fn drop_pack(&self, tx: &mut Tx, task: Uuid) -> Result<(), StoreError> {
        tx.execute(
            "DELETE FROM create_packs WHERE task = $1",
            args![task.to_string()],
        )
        .await?;
        Ok(())
    }
}
