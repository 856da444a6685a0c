//! What happened: one append-only log.
//!
//! Sequence numbers have no gaps and their order is the order of commits on
//! both databases: appending changes the one row of `event_head`, which holds
//! every other appending transaction back until this one ends. So a reader
//! that remembers the last number it has seen never misses an event.
//!
//! The log is the audit trail: each event says who, for whom, from where, why
//! and how it ended, and carries a hash over all of it and over the event
//! before ([`chain`]). The hash is made under the lock that gives the number
//! out, in the same transaction.

pub mod chain;
mod log;

use std::ops::Range;

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::actor::{Actor, ActorKind};
use crate::args;
use crate::journal;
use crate::origin::Origin;
use crate::store::{Arg, Row, Sql, StoreError, Tx, lock_row_suffix, placeholders};

use chain::{Hash, Record};

pub use log::{EventLog, Follower};

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
    /// How it ended.
    pub outcome: Outcome,
    /// The id of the event or request that led to it. Left out, it is the run
    /// of the action that is at work ([`crate::journal`]), if there is one.
    pub cause: Option<String>,
    /// The facts, a JSON object. `before` and `after` are what a change replaced
    /// and by what, or their hashes. Never a secret.
    pub data: Value,
}

/// How what was asked for ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was allowed and done.
    Allowed,
    /// It was not allowed.
    Refused,
    /// It was allowed and did not succeed.
    Failed,
}

impl Outcome {
    /// Every outcome, by the name that it has in the API.
    pub const NAMES: [&'static str; 3] = ["allowed", "refused", "failed"];

    /// The name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }

    /// The outcome with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "allowed" => Some(Self::Allowed),
            "refused" => Some(Self::Refused),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
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
    /// Where it was asked for.
    pub origin: Origin,
    /// How it ended.
    pub outcome: Outcome,
    /// Its hash in the chain; none from before there was a chain.
    pub hash: Option<Hash>,
}

/// Which events are wanted. The default wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Types that begin with this.
    pub type_prefix: Option<String>,
    /// Exactly this subject.
    pub subject: Option<String>,
}

const COLUMNS: [&str; 15] = [
    "seq",
    "id",
    "time",
    "type",
    "actor_kind",
    "actor",
    "subject",
    "cause",
    "data",
    "hash",
    "on_behalf_of",
    "address",
    "request",
    "reason",
    "outcome",
];
/// The columns that every event fills; what controllers find in sources has
/// nothing else, and is most of what is appended.
const ALWAYS: usize = 10;

/// Where the chain stands.
#[derive(Clone, Copy, Debug)]
pub struct ChainHead {
    /// The number of the last event.
    pub seq: i64,
    /// The number of the first event that is in the chain.
    pub first: i64,
    /// The hash of the last event.
    pub hash: Hash,
}

impl ChainHead {
    fn of(row: &Row) -> Result<Self, StoreError> {
        let first = row.int(1)?;
        Ok(Self {
            seq: row.int(0)?,
            first,
            hash: hash_from(row, 2)?.unwrap_or_else(|| chain::start(first)),
        })
    }
}

impl Tx {
    /// Appends one event and answers its sequence number. From here to the end
    /// of the transaction every other append waits, so this comes late.
    pub async fn append(&mut self, event: NewEvent) -> Result<i64, StoreError> {
        self.append_many(vec![event]).await.map(|range| range.start)
    }

    /// Appends events in this order and answers their sequence numbers.
    pub async fn append_many(&mut self, events: Vec<NewEvent>) -> Result<Range<i64>, StoreError> {
        let mut head = self.chain_head().await?;
        let first = head.seq + 1;
        if events.is_empty() {
            return Ok(first..first);
        }
        let (now, origin) = (self.db().clock().now(), Origin::current());
        let mut plain = origin == Origin::default();
        let mut rows = Vec::with_capacity(events.len());
        for event in events {
            plain &= event.actor.on_behalf_of.is_none() && event.outcome == Outcome::Allowed;
            self.refuses |= event.outcome == Outcome::Refused;
            rows.push(row_of(event, &mut head, now, &origin));
        }
        let columns = if plain {
            for row in &mut rows {
                row.truncate(ALWAYS);
            }
            COLUMNS.get(..ALWAYS).unwrap_or(&COLUMNS)
        } else {
            &COLUMNS
        };
        self.insert_many("events", columns, rows).await?;
        self.execute(
            "UPDATE event_head SET seq = $1, hash = $2",
            args![head.seq, head.hash.as_slice()],
        )
        .await?;
        self.chain = Some(head);
        self.last_event = Some(head.seq);
        Ok(first..head.seq + 1)
    }

    /// Removes the oldest `limit` events that fulfil an SQL condition whose
    /// values are `$2` and on, and answers the digest of each. For retention
    /// only, which keeps the digests: without them the chain is broken.
    pub async fn remove_events(
        &mut self,
        condition: &str,
        values: Vec<Arg>,
        limit: usize,
    ) -> Result<Vec<(i64, Hash)>, StoreError> {
        let text = format!(
            "SELECT {} FROM events WHERE {condition} ORDER BY seq LIMIT $1",
            COLUMNS.join(", ")
        );
        let mut all = args![limit];
        all.extend(values);
        let rows = self.query(Sql::assembled(text), all).await?;
        let removed = rows
            .iter()
            .map(|row| {
                let record = record_of(row)?;
                Ok((record.seq, record.digest()))
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        if !removed.is_empty() {
            let text = format!(
                "DELETE FROM events WHERE seq IN ({})",
                placeholders(1, removed.len())
            );
            let numbers = removed.iter().map(|(seq, _)| Arg::Int(*seq)).collect();
            self.execute(Sql::assembled(text), numbers).await?;
        }
        Ok(removed)
    }

    /// Where the chain stands. From here to the end of the transaction every
    /// append of others waits.
    pub async fn chain_head(&mut self) -> Result<ChainHead, StoreError> {
        if let Some(head) = self.chain {
            return Ok(head);
        }
        let text = format!(
            "SELECT seq, chain_from, hash FROM event_head{}",
            lock_row_suffix(self.db().dialect())
        );
        let rows = self.query(Sql::assembled(text), Vec::new()).await?;
        let head = rows.first().map_or_else(|| Err(no_head()), ChainHead::of)?;
        self.chain = Some(head);
        Ok(head)
    }
}

fn no_head() -> StoreError {
    StoreError::Column {
        index: 0,
        expected: "one row in event_head",
        problem: "it has none; restore the table from a backup".to_owned(),
    }
}

/// The row of an event after `head`, which moves on to it.
fn row_of(event: NewEvent, head: &mut ChainHead, now: Timestamp, origin: &Origin) -> Vec<Arg> {
    head.seq += 1;
    let outcome = event.outcome.as_str();
    let (id, data) = (event_id(now, head.seq).to_string(), settled(&event.data));
    let cause = event.cause.or_else(journal::current);
    let (actor_kind, actor) = (kind_name(event.actor.kind), event.actor);
    let record = Record {
        seq: head.seq,
        time: now.as_microsecond(),
        id: &id,
        kind: event.kind.0,
        actor_kind,
        actor: &actor.name,
        on_behalf_of: actor.on_behalf_of.as_deref(),
        subject: &event.subject,
        cause: cause.as_deref(),
        address: origin.address.as_deref(),
        request: origin.request.as_deref(),
        reason: origin.reason.as_deref(),
        outcome,
        data: &data,
    };
    head.hash = chain::link(&head.hash, &record.digest());
    args![
        head.seq,
        id,
        now,
        event.kind.0,
        actor_kind,
        actor.name,
        event.subject,
        cause,
        data,
        head.hash.as_slice(),
        actor.on_behalf_of,
        origin.address.as_deref(),
        origin.request.as_deref(),
        origin.reason.as_deref(),
        outcome,
    ]
}

/// The JSON text of the facts, such that reading and writing it again gives the
/// same text: an exported event has to have the same digest. Only numbers with
/// a fraction can change, in their last digit.
fn settled(data: &Value) -> String {
    let mut text = data.to_string();
    if !has_fraction(data) {
        return text;
    }
    for _ in 0..4 {
        let again =
            serde_json::from_str::<Value>(&text).map_or_else(|_| text.clone(), |v| v.to_string());
        if again == text {
            break;
        }
        text = again;
    }
    text
}

fn has_fraction(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Array(list) => list.iter().any(has_fraction),
        Value::Object(fields) => fields.values().any(has_fraction),
        _ => false,
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

/// The record in a row with [`COLUMNS`].
fn record_of(row: &Row) -> Result<Record<'_>, StoreError> {
    Ok(Record {
        seq: row.int(0)?,
        id: row.text(1)?,
        time: row.int(2)?,
        kind: row.text(3)?,
        actor_kind: row.text(4)?,
        actor: row.text(5)?,
        subject: row.text(6)?,
        cause: row.opt_text(7)?,
        data: row.text(8)?,
        on_behalf_of: row.opt_text(10)?,
        address: row.opt_text(11)?,
        request: row.opt_text(12)?,
        reason: row.opt_text(13)?,
        outcome: row.text(14)?,
    })
}

/// A hash; one of another length, which somebody must have written, is none
/// that any event can have.
fn hash_from(row: &Row, index: usize) -> Result<Option<Hash>, StoreError> {
    Ok(row
        .opt_bytes(index)?
        .map(|bytes| bytes.try_into().unwrap_or([0; 32])))
}

fn event_from(row: &Row) -> Result<Event, StoreError> {
    let text = |text: Option<&str>| text.map(str::to_owned);
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
            on_behalf_of: text(row.opt_text(10)?),
        },
        subject: row.text(6)?.to_owned(),
        cause: text(row.opt_text(7)?),
        data: row.json(8)?,
        hash: hash_from(row, 9)?,
        origin: Origin {
            address: text(row.opt_text(11)?),
            request: text(row.opt_text(12)?),
            reason: text(row.opt_text(13)?),
        },
        outcome: Outcome::from_name(row.text(14)?).unwrap_or(Outcome::Allowed),
    })
}

/// The name of a sort of actor in the database and in the API.
pub fn kind_name(kind: ActorKind) -> &'static str {
    match kind {
        ActorKind::User => "user",
        ActorKind::Service => "service",
        ActorKind::Agent => "agent",
        ActorKind::System => "system",
        ActorKind::Anonymous => "anonymous",
    }
}

pub(crate) fn kind_from(name: &str) -> Result<ActorKind, StoreError> {
    Ok(match name {
        "user" => ActorKind::User,
        "service" => ActorKind::Service,
        "agent" => ActorKind::Agent,
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
/// padded so that it sorts as text), `actor`, `actorkind`, `outcome`, `cause`
/// and, for whoever acts for a person, `onbehalfof`.
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
        "outcome": event.outcome.as_str(),
        "data": event.data,
    });
    for (key, value) in [
        ("cause", &event.cause),
        ("onbehalfof", &event.actor.on_behalf_of),
    ] {
        if let (Some(value), Some(fields)) = (value, envelope.as_object_mut()) {
            fields.insert(key.to_owned(), value.as_str().into());
        }
    }
    // CloudEvents wants a non-empty subject or none.
    if event.subject.is_empty()
        && let Some(fields) = envelope.as_object_mut()
    {
        fields.remove("subject");
    }
    envelope
}
