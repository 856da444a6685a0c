//! How far each receiver of webhooks has got.

use platform::args;
use platform::controller::JobContext;
use platform::store::StoreError;

use super::Store;

impl Store {
    /// The last event that a receiver has been told of.
    pub(crate) async fn delivered(&self, receiver: &str) -> Result<Option<i64>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT seq FROM catalog_deliveries WHERE receiver = $1",
                args![receiver],
            )
            .await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Starts the cursors of receivers that have none at `seq`.
    pub(crate) async fn begin_deliveries(
        &self,
        receivers: &[&str],
        seq: i64,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for receiver in receivers {
            tx.execute(
                "INSERT INTO catalog_deliveries (receiver, seq) VALUES ($1, $2) ON CONFLICT (receiver) DO NOTHING",
                args![*receiver, seq],
            )
            .await?;
        }
        tx.commit().await
    }

    /// Remembers how far a receiver has got, while `job` holds its lease.
    pub(crate) async fn set_delivered(
        &self,
        job: &JobContext,
        receiver: &str,
        seq: i64,
    ) -> Result<(), StoreError> {
        let mut tx = job.begin().await?;
        tx.execute(
            "INSERT INTO catalog_deliveries (receiver, seq) VALUES ($1, $2) \
             ON CONFLICT (receiver) DO UPDATE SET seq = excluded.seq",
            args![receiver, seq],
        )
        .await?;
        tx.commit().await
    }
}
