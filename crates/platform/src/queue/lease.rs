//! Taking jobs, keeping them, giving them back.

use std::time::Duration;

use jiff::Timestamp;

use super::{Claimed, NEVER, Next, Queue, lost, small};
use crate::args;
use crate::clock::later;
use crate::store::{Arg, Db, Sql, StoreError, Tx, claim_suffix};

impl Queue {
    /// Takes up to `limit` due jobs of a queue, those due longest first, and
    /// holds them for `lease`. Jobs whose lease is over are due.
    pub async fn claim(
        &self,
        queue: &str,
        owner: &str,
        lease: Duration,
        limit: usize,
    ) -> Result<Vec<Claimed>, StoreError> {
        let now = self.db.clock().now();
        let until = later(now, lease);
        let mut tx = self.db.begin().await?;
        let text = format!(
            "WITH due AS (SELECT queue AS due_queue, key AS due_key FROM jobs \
               WHERE queue = $1 AND coalesce(lease_until, run_at) <= $2 \
               ORDER BY coalesce(lease_until, run_at), key LIMIT $3{}) \
             UPDATE jobs SET lease_owner = $4, lease_until = $5, run_at = $6, attempts = attempts + 1, \
               fence = (SELECT last FROM job_fence) \
             FROM due WHERE queue = due_queue AND key = due_key \
             RETURNING key, payload, reason, attempts, last_error, fence",
            claim_suffix(self.db.dialect())
        );
        // The number is taken before jobs are: a second claimer waits here.
        tx.execute("UPDATE job_fence SET last = last + 1", Vec::new())
            .await?;
        let rows = tx
            .query(
                Sql::assembled(text),
                args![queue, now, limit, owner, until, NEVER],
            )
            .await?;
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        let claimed = rows
            .iter()
            .map(|row| {
                Ok(Claimed {
                    queue: queue.to_owned(),
                    key: row.text(0)?.to_owned(),
                    payload: row.json(1)?,
                    reason: row.text(2)?.to_owned(),
                    attempts: small(row.int(3)?),
                    last_error: row.opt_text(4)?.map(str::to_owned),
                    fence: row.int(5)?,
                    lease_until: until,
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        tx.commit().await?;
        Ok(claimed)
    }

    /// Holds jobs for another `lease` from now. A lease that is over but that
    /// nobody has taken is still the holder's. Answers queue and key of the
    /// jobs that are no longer held.
    pub async fn renew(
        &self,
        claimed: &[Claimed],
        lease: Duration,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let until = later(self.db.clock().now(), lease);
        let mut sorted: Vec<&Claimed> = claimed.iter().collect();
        sorted.sort_by_key(|claimed| (&claimed.queue, &claimed.key));
        let mut tx = self.db.begin().await?;
        let mut gone = Vec::new();
        for held in sorted {
            let touched = tx
                .execute(
                    "UPDATE jobs SET lease_until = $1 \
                     WHERE queue = $2 AND key = $3 AND fence = $4 AND lease_owner IS NOT NULL",
                    args![until, &held.queue, &held.key, held.fence],
                )
                .await?;
            if touched == 0 {
                gone.push((held.queue.clone(), held.key.clone()));
            }
        }
        tx.commit().await?;
        Ok(gone)
    }

    /// Ends a run that went well. Answers [`StoreError::LeaseLost`] and changes
    /// nothing when the job has passed to somebody else.
    pub async fn finish(&self, claimed: &Claimed, next: Next) -> Result<(), StoreError> {
        let (at, reason) = match next {
            Next::Done => (NEVER, String::new()),
            Next::At(at, reason) => (at.as_microsecond(), reason),
            Next::After(wait, reason) => {
                (later(self.db.clock().now(), wait).as_microsecond(), reason)
            }
        };
        let mut tx = self.db.begin().await?;
        let mut touched = 0;
        if at == NEVER {
            touched = tx
                .execute(
                    "DELETE FROM jobs WHERE queue = $1 AND key = $2 AND fence = $3 \
                     AND lease_owner IS NOT NULL AND run_at = $4",
                    args![&claimed.queue, &claimed.key, claimed.fence, NEVER],
                )
                .await?;
        }
        if touched == 0 {
            touched = tx
                .execute(RELEASE, release(claimed, at, &reason, 0, None))
                .await?;
        }
        conclude(tx, claimed, touched).await
    }

    /// Ends a run that went wrong: the job keeps its attempts and the error,
    /// and runs again at `at`, or earlier if somebody has asked meanwhile.
    pub async fn fail(
        &self,
        claimed: &Claimed,
        at: Timestamp,
        reason: &str,
        error: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let values = release(
            claimed,
            at.as_microsecond(),
            reason,
            claimed.attempts,
            Some(error.to_owned()),
        );
        let touched = tx.execute(RELEASE, values).await?;
        conclude(tx, claimed, touched).await
    }

    /// Gives a job back unfinished, as if it had not been claimed, to be run
    /// at once by somebody else.
    pub async fn release(&self, claimed: &Claimed, reason: &str) -> Result<(), StoreError> {
        let now = self.db.clock().now().as_microsecond();
        let mut tx = self.db.begin().await?;
        let attempts = claimed.attempts.saturating_sub(1);
        let values = release(claimed, now, reason, attempts, claimed.last_error.clone());
        let touched = tx.execute(RELEASE, values).await?;
        tx.wakes_jobs = true;
        conclude(tx, claimed, touched).await
    }
}

/// Ends every lease: the process that held them is gone, because this one has
/// the data directory to itself. A job that was running at the end of three
/// processes in a row may be what ends them, so it waits a while.
pub(crate) async fn abandon_leases(db: &Db) -> Result<(), StoreError> {
    let held = "SELECT 1 FROM jobs WHERE lease_owner IS NOT NULL LIMIT 1";
    if db.is_shared() || db.read(held, Vec::new()).await?.is_empty() {
        return Ok(());
    }
    let now = db.clock().now().as_microsecond();
    let mut tx = db.begin().await?;
    tx.execute(
        "UPDATE jobs SET lease_owner = NULL, lease_until = NULL, \
         reason = 'the server ended while it worked on this', \
         last_error = 'the server ended while it worked on this', \
         run_at = $1 + CASE WHEN attempts < 3 THEN 0 WHEN attempts < 8 THEN 60000000 ELSE 600000000 END \
         WHERE lease_owner IS NOT NULL",
        args![now],
    )
    .await?;
    tx.commit().await
}

/// Takes the lease away. What was asked for meanwhile wins if it is earlier.
const RELEASE: &str = "UPDATE jobs SET lease_owner = NULL, lease_until = NULL, \
    reason = CASE WHEN $1 < run_at THEN $2 ELSE reason END, \
    run_at = CASE WHEN $1 < run_at THEN $1 ELSE run_at END, \
    attempts = $3, last_error = $4 \
    WHERE queue = $5 AND key = $6 AND fence = $7 AND lease_owner IS NOT NULL";

fn release(
    claimed: &Claimed,
    at: i64,
    reason: &str,
    attempts: u32,
    error: Option<String>,
) -> Vec<Arg> {
    args![
        at,
        reason,
        attempts,
        error,
        &claimed.queue,
        &claimed.key,
        claimed.fence
    ]
}

async fn conclude(tx: Tx, claimed: &Claimed, touched: u64) -> Result<(), StoreError> {
    if touched == 0 {
        tx.rollback().await?;
        return Err(lost(&claimed.queue, &claimed.key, claimed.fence));
    }
    tx.commit().await
}
