//! What happened: one append-only log.
//!
//! Sequence numbers have no gaps and their order is the order of commits on
//! both databases: appending changes the one row of `event_head`, which holds
//! every other appending transaction back until this one ends. So a reader
//! that remembers the last number it has seen never misses an event.

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::actor::{Actor, ActorKind};
use crate::args;
use crate::journal;
use crate::store::{Arg, Db, Row, Sql, StoreError, Tx};

/// The type of an event: a CDEvents name where one exists (`dev.cdevents.…`),
/// else `dev.portway.<capability>.<thing>.<verb>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EventType(pub &'static str);

/// Something that has just happened.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its type.
    pub kind: EventType,
    /// What it happened to: an entity ref or another stable name.
    pub subject: String,
    /// Who caused it.
    pub actor: Actor,
    /// The id of the event or request that led to it. Left out, it is the run
    /// of the action that is at work ([`crate::journal`]), if there is one.
    pub cause: Option<String>,
    /// The facts, a JSON object.
    pub data: Value,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its place in the log, from 1.
    pub seq: i64,
    /// A UUID version 7, unique within and across databases.
    pub id: Uuid,
    /// When it was appended, to the microsecond.
    pub time: Timestamp,
    /// Its type.
    pub kind: String,
    /// What it happened to.
    pub subject: String,
    /// Who caused it.
    pub actor: Actor,
    /// What led to it.
    pub cause: Option<String>,
    /// The facts.
    pub data: Value,
}

/// Which events are wanted. The default wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Types that begin with this.
    pub type_prefix: Option<String>,
    /// Exactly this subject.
    pub subject: Option<String>,
}

const COLUMNS: [&str; 9] = [
    "seq",
    "id",
    "time",
    "type",
    "actor_kind",
    "actor",
    "subject",
    "cause",
    "data",
];

impl Tx {
    /// Appends one event and answers its sequence number. From here to the end
    /// of the transaction every other append waits, so this comes late.
    pub async fn append(&mut self, event: NewEvent) -> Result<i64, StoreError> {
        self.append_many(vec![event]).await.map(|range| range.start)
    }

    /// Appends events in this order and answers their sequence numbers.
    pub async fn append_many(&mut self, events: Vec<NewEvent>) -> Result<Range<i64>, StoreError> {
        let rows = self
            .query(
                "UPDATE event_head SET seq = seq + $1 RETURNING seq",
                args![events.len()],
            )
            .await?;
        let last = rows.first().map_or(Ok(0), |row| row.int(0))?;
        let first = last - i64::try_from(events.len()).unwrap_or(0) + 1;
        if events.is_empty() {
            return Ok(first..first);
        }
        let now = self.db().clock().now();
        let rows = (first..).zip(events).map(|(seq, event)| {
            args![
                seq,
                event_id(now, seq).to_string(),
                now,
                event.kind.0,
                kind_name(event.actor.kind),
                event.actor.name,
                event.subject,
                event.cause.or_else(journal::current),
                &event.data,
            ]
        });
        self.insert_many("events", &COLUMNS, rows).await?;
        self.last_event = Some(last);
        Ok(first..last + 1)
    }
}

/// A UUID version 7 whose random part is the sequence number: unique because
/// the number is, ordered as the log is, and the same in every run of a test.
fn event_id(time: Timestamp, seq: i64) -> Uuid {
    let millis = u64::try_from(time.as_millisecond()).unwrap_or(0);
    let mut tail = [0; 10];
    if let Some(place) = tail.last_chunk_mut::<8>() {
        *place = seq.to_be_bytes();
    }
    uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
}

/// The sequence number inside an id: its last 62 bits.
fn seq_of(id: Uuid) -> i64 {
    let (_, low) = id.as_u64_pair();
    i64::try_from(low & (u64::MAX >> 2)).unwrap_or(0)
}

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
        let text = format!(
            "SELECT {} FROM events WHERE {condition} ORDER BY {order} LIMIT $2",
            COLUMNS.join(", ")
        );
        self.db
            .read(Sql::assembled(text), values)
            .await?
            .iter()
            .map(event_from)
            .collect()
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

fn event_from(row: &Row) -> Result<Event, StoreError> {
    Ok(Event {
        seq: row.int(0)?,
        id: Uuid::parse_str(row.text(1)?).map_err(|error| StoreError::Column {
            index: 1,
            expected: "a UUID",
            problem: error.to_string(),
        })?,
        time: row.time(2)?,
        kind: row.text(3)?.to_owned(),
        actor: Actor {
            kind: kind_from(row.text(4)?)?,
            name: row.text(5)?.to_owned(),
        },
        subject: row.text(6)?.to_owned(),
        cause: row.opt_text(7)?.map(str::to_owned),
        data: row.json(8)?,
    })
}

pub(crate) fn kind_name(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::User => "user",
        ActorKind::Service => "service",
        ActorKind::System => "system",
        ActorKind::Anonymous => "anonymous",
    }
}

pub(crate) fn kind_from(name: &str) -> Result<ActorKind, StoreError> {
    Ok(match name {
        "user" => ActorKind::User,
        "service" => ActorKind::Service,
        "system" => ActorKind::System,
        "anonymous" => ActorKind::Anonymous,
        other => {
            return Err(StoreError::Column {
                index: 4,
                expected: "a sort of actor",
                problem: format!("`{other}`"),
            });
        }
    })
}

/// The event in CloudEvents 1.0's JSON format. `source` is the URI of this
/// installation. Extension attributes: `sequence` (the registered extension,
/// padded so that it sorts as text), `actor`, `actorkind` and `cause`.
pub fn to_cloudevent(event: &Event, source: &str) -> Value {
    let mut envelope = json!({
        "specversion": "1.0",
        "id": event.id.to_string(),
        "source": source,
        "type": event.kind,
        "subject": event.subject,
        "time": event.time.to_string(),
        "datacontenttype": "application/json",
        "sequence": format!("{:020}", event.seq),
        "actor": event.actor.name,
        "actorkind": kind_name(event.actor.kind),
        "data": event.data,
    });
    if let (Some(cause), Some(fields)) = (&event.cause, envelope.as_object_mut()) {
        fields.insert("cause".to_owned(), cause.as_str().into());
    }
    // CloudEvents wants a non-empty subject or none.
    if event.subject.is_empty()
        && let Some(fields) = envelope.as_object_mut()
    {
        fields.remove("subject");
    }
    envelope
}
