//! Reads the log: pages, records for whoever checks the chain, and the log as
//! it grows.

use tokio::sync::watch;
use uuid::Uuid;

use super::chain::{Hash, Record};
use super::{
    COLUMNS, ChainHead, Event, EventFilter, event_from, hash_from, no_head, record_of, seq_of,
};
use crate::args;
use crate::store::{Arg, Db, Sql, StoreError};

/// Reads the log.
#[derive(Clone, Debug)]
pub struct EventLog {
    db: Db,
}

impl EventLog {
    /// The log of a database.
    pub fn new(db: &Db) -> Self {
        Self { db: db.clone() }
    }

    /// The oldest `limit` events after sequence number `seq`, oldest first.
    pub async fn after(
        &self,
        seq: i64,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.page("seq > $1", "seq", seq, filter, limit).await
    }

    /// The newest `limit` events before sequence number `seq`, newest first;
    /// `i64::MAX` begins at the end.
    pub async fn before(
        &self,
        seq: i64,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        self.page("seq < $1", "seq DESC", seq, filter, limit).await
    }

    async fn page(
        &self,
        bound: &'static str,
        order: &'static str,
        seq: i64,
        filter: &EventFilter,
        limit: usize,
    ) -> Result<Vec<Event>, StoreError> {
        let mut values: Vec<Arg> = args![seq, limit];
        let mut condition = bound.to_owned();
        if let Some(subject) = &filter.subject {
            values.push(subject.into());
            condition.push_str(&format!(" AND subject = ${}", values.len()));
        }
        if let Some(prefix) = &filter.type_prefix {
            values.push(prefix.into());
            condition.push_str(&format!(" AND type >= ${}", values.len()));
            // No character sorts after this one, in UTF-8 as in code points.
            values.push(format!("{prefix}\u{10ffff}").into());
            condition.push_str(&format!(" AND type < ${}", values.len()));
        }
        let values = values.split_off(2);
        self.select_where(&condition, order, (seq, limit), values)
            .await
    }

    /// The event with this id.
    pub async fn get(&self, id: Uuid) -> Result<Option<Event>, StoreError> {
        let text = format!(
            "SELECT {} FROM events WHERE seq = $1 AND id = $2",
            COLUMNS.join(", ")
        );
        let rows = self
            .db
            .read(Sql::assembled(text), args![seq_of(id), id.to_string()])
            .await?;
        rows.first().map(event_from).transpose()
    }

    /// The oldest `limit` records after `seq` as `read` sees them, with the
    /// hash that each carries; for whoever checks the chain.
    pub async fn records<T>(
        &self,
        seq: i64,
        limit: usize,
        mut read: impl FnMut(&Record<'_>, Option<Hash>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let text = format!(
            "SELECT {} FROM events WHERE seq > $1 ORDER BY seq LIMIT $2",
            COLUMNS.join(", ")
        );
        let rows = self
            .db
            .read(Sql::assembled(text), args![seq, limit])
            .await?;
        rows.iter()
            .map(|row| Ok(read(&record_of(row)?, hash_from(row, 9)?)))
            .collect()
    }

    /// The records after `after` up to `to` as `read` sees them, oldest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn records_to<T>(
        &self,
        (after, to): (i64, i64),
        mut read: impl FnMut(&Record<'_>, Option<Hash>) -> T,
    ) -> Result<Vec<T>, StoreError> {
        let text = format!(
            "SELECT {} FROM events WHERE seq > $1 AND seq <= $2 ORDER BY seq",
            COLUMNS.join(", ")
        );
        let rows = self.db.read(Sql::assembled(text), args![after, to]).await?;
        rows.iter()
            .map(|row| Ok(read(&record_of(row)?, hash_from(row, 9)?)))
            .collect()
    }

    /// The number of the record that is the `count`th after `after`; none where
    /// there are fewer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn nth_after(&self, after: i64, count: usize) -> Result<Option<i64>, StoreError> {
        let rows = self
            .db
            .read(
                "SELECT seq FROM events WHERE seq > $1 ORDER BY seq LIMIT 1 OFFSET $2",
                args![after, count.saturating_sub(1)],
            )
            .await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// Where the chain stands.
    pub async fn chain_head(&self) -> Result<ChainHead, StoreError> {
        let rows = self
            .db
            .read("SELECT seq, chain_from, hash FROM event_head", Vec::new())
            .await?;
        rows.first().map_or_else(|| Err(no_head()), ChainHead::of)
    }

    /// Events before `seq` that fulfil an SQL condition whose values are `$3`
    /// and on, newest first; for crate `audit`, which searches.
    pub async fn select(
        &self,
        condition: &str,
        bounds: (i64, usize),
        values: Vec<Arg>,
    ) -> Result<Vec<Event>, StoreError> {
        self.select_where(
            &format!("seq < $1 AND {condition}"),
            "seq DESC",
            bounds,
            values,
        )
        .await
    }

    /// The same after `seq`, oldest first.
    pub async fn select_up(
        &self,
        condition: &str,
        bounds: (i64, usize),
        values: Vec<Arg>,
    ) -> Result<Vec<Event>, StoreError> {
        self.select_where(&format!("seq > $1 AND {condition}"), "seq", bounds, values)
            .await
    }

    async fn select_where(
        &self,
        condition: &str,
        order: &'static str,
        (seq, limit): (i64, usize),
        values: Vec<Arg>,
    ) -> Result<Vec<Event>, StoreError> {
        let text = format!(
            "SELECT {} FROM events WHERE {condition} ORDER BY {order} LIMIT $2",
            COLUMNS.join(", ")
        );
        let mut all = args![seq, limit];
        all.extend(values);
        let rows = self.db.read(Sql::assembled(text), all).await?;
        rows.iter().map(event_from).collect()
    }

    /// The sequence number of the last event; 0 when there is none.
    pub async fn latest_seq(&self) -> Result<i64, StoreError> {
        let rows = self
            .db
            .read("SELECT seq FROM event_head", Vec::new())
            .await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Holds the newest sequence number known to be committed and changes with
    /// it, whichever replica commits.
    pub fn subscribe(&self) -> watch::Receiver<i64> {
        self.db.0.signals.events()
    }

    /// Reads on from `seq` for ever, without missing anything.
    pub fn follow(&self, seq: i64, filter: EventFilter) -> Follower {
        Follower {
            log: self.clone(),
            seq,
            filter,
            head: self.subscribe(),
        }
    }
}

/// Reads the log as it grows.
#[derive(Debug)]
pub struct Follower {
    log: EventLog,
    seq: i64,
    filter: EventFilter,
    head: watch::Receiver<i64>,
}

impl Follower {
    /// Events in one answer of [`Follower::next`].
    const PAGE: usize = 500;

    /// Waits for the next wanted events and answers at least one. Dropping
    /// the future loses nothing.
    pub async fn next(&mut self) -> Result<Vec<Event>, StoreError> {
        loop {
            // Marked as seen before reading: what is committed after the read
            // changes the head again and ends the wait below.
            let head = *self.head.borrow_and_update();
            let events = self.log.after(self.seq, &self.filter, Self::PAGE).await?;
            if let Some(last) = events.last() {
                self.seq = last.seq;
                return Ok(events);
            }
            self.seq = self.seq.max(head);
            if self.head.changed().await.is_err() {
                return Err(StoreError::Closed);
            }
        }
    }

    /// Everything up to this sequence number has been answered or is not
    /// wanted.
    pub fn seq(&self) -> i64 {
        self.seq
    }
}
