//! Putting jobs into queues, as part of a transaction.

use super::{Claimed, Job, lost};
use crate::args;
use crate::store::{Arg, Sql, StoreError, Tx, lock_row_suffix};

/// What a transaction writes into the queue at commit.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    job: Option<Job>,
    kick: Option<String>,
    fence: Option<i64>,
}

impl Tx {
    /// Puts a job into its queue when this transaction commits. If it is
    /// there already the earlier time wins, with its reason.
    pub fn enqueue(&mut self, job: Job) {
        let slot = self
            .pending
            .entry((job.queue.to_owned(), job.key.clone()))
            .or_default();
        slot.job = Some(match slot.job.take() {
            None => job,
            Some(mut old) => {
                if job.run_at < old.run_at {
                    (old.run_at, old.reason) = (job.run_at, job.reason);
                }
                if !job.payload.is_null() {
                    old.payload = job.payload;
                }
                old
            }
        });
    }

    /// Lets this transaction commit only while `claimed` is still held;
    /// otherwise the commit answers [`StoreError::LeaseLost`]. So a holder
    /// that was paused for longer than its lease changes nothing.
    pub fn guard(&mut self, claimed: &Claimed) {
        let name = (claimed.queue.clone(), claimed.key.clone());
        self.pending.entry(name).or_default().fence = Some(claimed.fence);
    }

    /// Makes a job due at once, or run again if it is running, when this
    /// transaction commits. Answers whether there is such a job.
    pub async fn kick(
        &mut self,
        queue: &str,
        key: &str,
        reason: impl Into<String>,
    ) -> Result<bool, StoreError> {
        let rows = self
            .query(
                "SELECT 1 FROM jobs WHERE queue = $1 AND key = $2",
                args![queue, key],
            )
            .await?;
        if !rows.is_empty() {
            let name = (queue.to_owned(), key.to_owned());
            self.pending.entry(name).or_default().kick = Some(reason.into());
        }
        Ok(!rows.is_empty())
    }
}

const ENQUEUE_COLUMNS: [&str; 8] = [
    "queue",
    "key",
    "payload",
    "reason",
    "run_at",
    "attempts",
    "fence",
    "created_at",
];

const ON_CONFLICT: &str = "ON CONFLICT (queue, key) DO UPDATE SET \
    payload = CASE WHEN excluded.payload = 'null' THEN jobs.payload ELSE excluded.payload END, \
    reason = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.reason ELSE jobs.reason END, \
    run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END";

const KICK: &str = "UPDATE jobs SET reason = CASE WHEN run_at > $1 THEN $2 ELSE reason END, \
    run_at = CASE WHEN run_at > $1 THEN $1 ELSE run_at END WHERE queue = $3 AND key = $4";

/// Writes what the transaction has gathered, in the order of the keys: two
/// transactions that touch the same jobs never wait for each other in a circle.
/// Answers whether some job's time may have changed.
pub(crate) async fn write_pending(tx: &mut Tx) -> Result<bool, StoreError> {
    let pending = std::mem::take(&mut tx.pending);
    let now = tx.db().clock().now();
    let mut rows: Vec<Vec<Arg>> = Vec::new();
    let mut wakes = tx.wakes_jobs;
    for ((queue, key), Pending { job, kick, fence }) in pending {
        if let Some(fence) = fence {
            tx.upsert_many("jobs", &ENQUEUE_COLUMNS, ON_CONFLICT, rows.drain(..))
                .await?;
            check_held(tx, &queue, &key, fence).await?;
        }
        if let Some(job) = job {
            rows.push(args![
                &queue,
                &key,
                &job.payload,
                job.reason,
                job.run_at,
                0,
                0,
                now
            ]);
            wakes = true;
        }
        if let Some(reason) = kick {
            tx.upsert_many("jobs", &ENQUEUE_COLUMNS, ON_CONFLICT, rows.drain(..))
                .await?;
            tx.execute(KICK, args![now, reason, queue, key]).await?;
            wakes = true;
        }
    }
    tx.upsert_many("jobs", &ENQUEUE_COLUMNS, ON_CONFLICT, rows)
        .await?;
    Ok(wakes)
}

async fn check_held(tx: &mut Tx, queue: &str, key: &str, fence: i64) -> Result<(), StoreError> {
    let text = format!(
        "SELECT 1 FROM jobs WHERE queue = $1 AND key = $2 AND fence = $3 AND lease_owner IS NOT NULL{}",
        lock_row_suffix(tx.db().dialect())
    );
    if tx
        .query(Sql::assembled(text), args![queue, key, fence])
        .await?
        .is_empty()
    {
        return Err(lost(queue, key, fence));
    }
    Ok(())
}
