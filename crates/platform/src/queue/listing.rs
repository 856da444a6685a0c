//! What people and metrics see of the queues.

use std::time::Duration;

use jiff::Timestamp;

use super::{JobInfo, JobState, NEVER, Queue, QueueDepth, count, small};
use crate::args;
use crate::store::{Row, StoreError};

impl Queue {
    /// The next `limit` jobs of a queue, in the order of their times.
    pub async fn list(&self, queue: &str, limit: usize) -> Result<Vec<JobInfo>, StoreError> {
        self.db
            .read(
                "SELECT queue, key, payload, reason, run_at, attempts, last_error, lease_owner, \
                 lease_until, created_at FROM jobs WHERE queue = $1 \
                 ORDER BY coalesce(lease_until, run_at), key LIMIT $2",
                args![queue, limit],
            )
            .await?
            .iter()
            .map(info_from)
            .collect()
    }

    /// One job.
    pub async fn get(&self, queue: &str, key: &str) -> Result<Option<JobInfo>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT queue, key, payload, reason, run_at, attempts, last_error, lease_owner, \
                 lease_until, created_at FROM jobs WHERE queue = $1 AND key = $2",
                args![queue, key],
            )
            .await?;
        rows.first().map(info_from).transpose()
    }

    /// Every queue that holds a job, in numbers.
    pub async fn depths(&self) -> Result<Vec<QueueDepth>, StoreError> {
        let now = self.db.clock().now();
        self.db
            .read(
                "SELECT queue, count(*), \
                 CAST(sum(CASE WHEN coalesce(lease_until, run_at) <= $1 THEN 1 ELSE 0 END) AS BIGINT), \
                 CAST(sum(CASE WHEN lease_until > $1 THEN 1 ELSE 0 END) AS BIGINT), \
                 CAST(sum(CASE WHEN last_error IS NULL THEN 0 ELSE 1 END) AS BIGINT), \
                 min(coalesce(lease_until, run_at)) FROM jobs GROUP BY queue ORDER BY queue",
                args![now],
            )
            .await?
            .iter()
            .map(|row| {
                let waited = now.as_microsecond().saturating_sub(row.int(5)?);
                Ok(QueueDepth {
                    queue: row.text(0)?.to_owned(),
                    jobs: count(row.int(1)?),
                    due: count(row.int(2)?),
                    running: count(row.int(3)?),
                    failing: count(row.int(4)?),
                    oldest_due: Duration::from_micros(count(waited)),
                })
            })
            .collect()
    }

    /// For every queue that holds a job: when its next job becomes due.
    pub(crate) async fn next_due(&self) -> Result<Vec<(String, Timestamp)>, StoreError> {
        self.db
            .read(
                "SELECT queue, min(coalesce(lease_until, run_at)) FROM jobs GROUP BY queue ORDER BY queue",
                Vec::new(),
            )
            .await?
            .iter()
            .map(|row| Ok((row.text(0)?.to_owned(), row.time(1)?)))
            .collect()
    }
}

fn info_from(row: &Row) -> Result<JobInfo, StoreError> {
    let again = match row.int(4)? {
        NEVER => None,
        _ => Some(row.time(4)?),
    };
    let state = match (row.opt_text(7)?, row.opt_time(8)?) {
        (Some(owner), Some(lease_until)) => JobState::Running {
            owner: owner.to_owned(),
            lease_until,
            again_at: again,
        },
        _ => JobState::Waiting {
            run_at: again.unwrap_or(Timestamp::MAX),
        },
    };
    Ok(JobInfo {
        queue: row.text(0)?.to_owned(),
        key: row.text(1)?.to_owned(),
        payload: row.json(2)?,
        reason: row.text(3)?.to_owned(),
        state,
        attempts: small(row.int(5)?),
        last_error: row.opt_text(6)?.map(str::to_owned),
        created_at: row.time(9)?,
    })
}
