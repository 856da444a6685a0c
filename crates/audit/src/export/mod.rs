//! Events for other programs: CSV, JSON lines, CEF and OCSF.

mod cef;
mod ocsf;

use std::sync::Arc;

use axum::body::Bytes;
use futures_util::stream::{self, Stream};
use platform::args;
use platform::event::chain::Hash;
use platform::event::{ChainHead, Event, kind_name};
use platform::store::{Arg, Sql, StoreError, placeholders};
use serde_json::{Value, json};

use crate::search::{self, Filter};
use crate::store::Store;

/// Events that are read at once.
const PAGE: usize = 1_000;

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180 with a head; formulas are made harmless.
    Csv,
    /// One JSON object in a line; what `portway audit verify --file` reads.
    JsonLines,
    /// ArcSight's Common Event Format, version 0.
    Cef,
    /// Open Cybersecurity Schema Framework 1.3, one JSON object in a line.
    Ocsf,
}

impl Format {
    /// Every format, by the name that it has in the API.
    pub const NAMES: [&'static str; 4] = ["csv", "jsonl", "cef", "ocsf"];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
            Self::Cef => "cef",
            Self::Ocsf => "ocsf",
        }
    }

    /// The format with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "csv" => Some(Self::Csv),
            "jsonl" => Some(Self::JsonLines),
            "cef" => Some(Self::Cef),
            "ocsf" => Some(Self::Ocsf),
            _ => None,
        }
    }

    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::JsonLines | Self::Ocsf => "application/x-ndjson",
            Self::Cef => "text/plain; charset=utf-8",
        }
    }

    /// What the file is called.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Csv => "audit.csv",
            Self::JsonLines => "audit.jsonl",
            Self::Cef => "audit.cef",
            Self::Ocsf => "audit.ocsf.jsonl",
        }
    }

    /// One event, without the end of the line.
    pub fn line(self, event: &Event) -> String {
        match self {
            Self::Csv => csv(event),
            Self::JsonLines => json_line(event, None).to_string(),
            Self::Cef => cef::line(event),
            Self::Ocsf => ocsf::object(event).to_string(),
        }
    }
}

const CSV_HEAD: &str = "seq,time,type,outcome,actorKind,actor,onBehalfOf,subject,address,request,reason,cause,data,id,hash";

fn csv(event: &Event) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        event.seq.to_string(),
        event.time.to_string(),
        event.kind.clone(),
        event.outcome.as_str().to_owned(),
        kind_name(event.actor.kind).to_owned(),
        event.actor.name.clone(),
        text(&event.actor.on_behalf_of),
        event.subject.clone(),
        text(&event.origin.address),
        text(&event.origin.request),
        text(&event.origin.reason),
        text(&event.cause),
        event.data.to_string(),
        event.id.to_string(),
        event.hash.map(hex::encode).unwrap_or_default(),
    ]
    .map(|field| csv_field(&field))
    .join(",")
}

/// A field in quotes; one that a spreadsheet would take for a formula begins
/// with an apostrophe.
fn csv_field(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        "'"
    } else {
        ""
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// Every field that the hash covers, flat, as the file is verified.
fn json_line(event: &Event, previous: Option<Hash>) -> Value {
    let mut line = json!({
        "seq": event.seq,
        "id": event.id.to_string(),
        "time": event.time.to_string(),
        "type": event.kind,
        "actorKind": kind_name(event.actor.kind),
        "actor": event.actor.name,
        "subject": event.subject,
        "outcome": event.outcome.as_str(),
    });
    if let Some(fields) = line.as_object_mut() {
        let absent = |text: &Option<String>| text.clone().map(Value::from);
        for (key, value) in [
            ("onBehalfOf", absent(&event.actor.on_behalf_of)),
            ("address", absent(&event.origin.address)),
            ("request", absent(&event.origin.request)),
            ("reason", absent(&event.origin.reason)),
            ("cause", absent(&event.cause)),
            ("data", Some(event.data.clone())),
            ("hash", event.hash.map(|hash| hex::encode(hash).into())),
            (
                "previousHash",
                previous.map(|hash| hex::encode(hash).into()),
            ),
        ] {
            if let Some(value) = value {
                fields.insert(key.to_owned(), value);
            }
        }
    }
    line
}

/// An export on its way out.
struct Export {
    store: Store,
    filter: Filter,
    format: Format,
    head: ChainHead,
    after: i64,
    stage: Stage,
}

enum Stage {
    Head,
    Events,
    Tail,
    Done,
}

/// The whole file, in pieces, oldest event first. Ends with the event that was
/// the last when it began.
pub(crate) fn file(
    store: Store,
    filter: Filter,
    format: Format,
    head: ChainHead,
) -> impl Stream<Item = Result<Bytes, Arc<StoreError>>> + Send + 'static {
    let export = Export {
        store,
        filter,
        format,
        head,
        after: 0,
        stage: Stage::Head,
    };
    stream::try_unfold(export, |mut export| async move {
        match export.piece().await {
            Ok(Some(text)) => Ok(Some((Bytes::from(text), export))),
            Ok(None) => Ok(None),
            Err(error) => {
                tracing::error!(%error, "An export of the audit trail broke off: {error}");
                Err(Arc::new(error))
            }
        }
    })
}

impl Export {
    async fn piece(&mut self) -> Result<Option<String>, StoreError> {
        match self.stage {
            Stage::Head => {
                self.stage = Stage::Events;
                self.first_lines().await.map(Some)
            }
            Stage::Events => self.events().await.map(Some),
            Stage::Tail => {
                self.stage = Stage::Done;
                Ok(Some(self.last_line()))
            }
            Stage::Done => Ok(None),
        }
    }

    /// What stands before the events. Checkpoints do: whoever verifies the file
    /// compares with them as the events come by.
    async fn first_lines(&self) -> Result<String, StoreError> {
        match self.format {
            Format::Csv => return Ok(format!("{CSV_HEAD}\r\n")),
            Format::Cef | Format::Ocsf => return Ok(String::new()),
            Format::JsonLines => {}
        }
        let head = json!({
            "portwayAudit": {
                "first": self.head.first,
                "last": self.head.seq,
                "complete": self.filter.is_all(),
                "filter": self.filter.to_json(),
            }
        });
        let mut text = format!("{head}\n");
        if self.filter.is_all() {
            for checkpoint in self.store.checkpoints(0).await? {
                if checkpoint.seq <= self.head.seq {
                    text.push_str(&json!({ "checkpoint": checkpoint.to_json() }).to_string());
                    text.push('\n');
                }
            }
        }
        Ok(text)
    }

    async fn events(&mut self) -> Result<String, StoreError> {
        let until = (self.after, self.head.seq);
        let events = search::upwards(&self.store, &self.filter, until, PAGE).await?;
        let full = events.len() == PAGE;
        let last = match events.last() {
            Some(event) if full => event.seq,
            _ => self.head.seq,
        };
        let mut text = String::new();
        if self.format == Format::JsonLines {
            self.json_lines(&events, last, &mut text).await?;
        } else {
            let end = if self.format == Format::Csv {
                "\r\n"
            } else {
                "\n"
            };
            for event in &events {
                text.push_str(&self.format.line(event));
                text.push_str(end);
            }
        }
        self.after = last;
        if !full {
            self.stage = Stage::Tail;
        }
        Ok(text)
    }

    /// Events, and where nothing is filtered what is left of removed ones.
    async fn json_lines(
        &self,
        events: &[Event],
        last: i64,
        text: &mut String,
    ) -> Result<(), StoreError> {
        let mut lines: Vec<(i64, Value)> = Vec::new();
        if self.filter.is_all() {
            for stubs in self.store.stubs(self.after + 1, last).await? {
                for (seq, digest) in (stubs.first..).zip(stubs.digests) {
                    let line = json!({ "seq": seq, "removedBy": stubs.removal, "digest": hex::encode(digest) });
                    if seq > self.after && seq <= last {
                        lines.push((seq, line));
                    }
                }
            }
        }
        let previous = self.previous_hashes(events).await?;
        for event in events {
            let before = previous
                .iter()
                .find(|(seq, _)| *seq == event.seq - 1)
                .map(|(_, hash)| *hash);
            lines.push((event.seq, json_line(event, before)));
        }
        lines.sort_by_key(|(seq, _)| *seq);
        // Retention may have turned an event into its digest in between.
        lines.dedup_by_key(|(seq, _)| *seq);
        for (_, line) in lines {
            text.push_str(&line.to_string());
            text.push('\n');
        }
        Ok(())
    }

    /// The hashes of those events before these that are not among these.
    async fn previous_hashes(&self, events: &[Event]) -> Result<Vec<(i64, Hash)>, StoreError> {
        if self.filter.is_all() {
            return Ok(Vec::new());
        }
        let mut last = i64::MIN;
        let mut wanted = Vec::new();
        for event in events {
            if event.seq - 1 != last {
                wanted.push(Arg::Int(event.seq - 1));
            }
            last = event.seq;
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(
            "SELECT seq, hash FROM events WHERE seq IN ({}) AND hash IS NOT NULL ORDER BY seq",
            placeholders(1, wanted.len())
        );
        let rows = self.store.db().read(Sql::assembled(sql), wanted).await?;
        rows.iter()
            .map(|row| Ok((row.int(0)?, row.bytes(1)?.try_into().unwrap_or([0; 32]))))
            .collect()
    }

    fn last_line(&self) -> String {
        if self.format != Format::JsonLines || !self.filter.is_all() {
            return String::new();
        }
        let end = json!({ "end": { "seq": self.head.seq, "hash": hex::encode(self.head.hash) } });
        format!("{end}\n")
    }
}

/// How many events an export will have, for the event that says so.
pub(crate) async fn count(store: &Store, filter: &Filter, to: i64) -> Result<i64, StoreError> {
    if filter.is_all() {
        let rows = store
            .db()
            .read("SELECT count(*) FROM events WHERE seq <= $1", args![to])
            .await?;
        return rows.first().map_or(Ok(0), |row| row.int(0));
    }
    search::count(store, filter, to).await
}
