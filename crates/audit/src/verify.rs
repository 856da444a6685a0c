//! Verifies the log in the database, and an export in a file.

use std::collections::VecDeque;
use std::io::BufRead;

use platform::args;
use platform::event::chain::{Hash, Record};
use platform::event::{ChainHead, EventLog};
use platform::store::{Db, StoreError};
use serde_json::Value;
use tokio_util::task::AbortOnDropHandle;

use crate::checkpoint::{Checkpoint, Trust, bytes};
use crate::store::Store;
use crate::walk::{Report, Seen, Walker};

/// Records that are read at once.
const PAGE: usize = 2_000;
/// Parts that are read while one is followed.
const AHEAD: usize = 4;
/// The longest line of a file that is read, in bytes.
const LONGEST_LINE: u64 = 16 * 1024 * 1024;

/// Which events are wanted. The default wants all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// The first number.
    pub from: Option<i64>,
    /// The last.
    pub to: Option<i64>,
}

/// Looks at the log of a database that was opened with [`crate::MIGRATIONS`].
///
/// # Errors
/// When the database does not answer.
pub async fn log(
    db: &Db,
    span: Span,
    trust: &Trust,
    outside: &[Checkpoint],
) -> Result<Report, StoreError> {
    database(&Store::new(db), span, trust, outside).await
}

/// Looks at the log of a database, page by page. What is appended meanwhile is
/// not looked at. `outside` are checkpoints that lie elsewhere.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn database(
    store: &Store,
    span: Span,
    trust: &Trust,
    outside: &[Checkpoint],
) -> Result<Report, StoreError> {
    let log = EventLog::new(store.db());
    let head = log.chain_head().await?;
    let from = span.from.unwrap_or(head.first).max(head.first);
    let to = span.to.unwrap_or(i64::MAX).min(head.seq);
    let walker = if from == head.first {
        Walker::at_start(head.first)
    } else {
        Walker::new(from, hash_of(&log, from - 1).await?)
    };
    follow_to(store, walker, (to, head), (trust, outside)).await
}

/// Looks at what came after a checkpoint, whose hash is where the chain has to
/// go on. One that does not count vouches for nothing: then everything is
/// looked at.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn after(
    store: &Store,
    last: Option<&Checkpoint>,
    trust: &Trust,
    outside: &[Checkpoint],
) -> Result<Report, StoreError> {
    let Some(last) = last.filter(|last| trust.judge(last).is_ok()) else {
        return database(store, Span::default(), trust, outside).await;
    };
    let head = EventLog::new(store.db()).chain_head().await?;
    let walker = Walker::new(last.seq + 1, Some(last.hash));
    follow_to(store, walker, (head.seq, head), (trust, outside)).await
}

async fn follow_to(
    store: &Store,
    mut walker: Walker,
    (to, head): (i64, ChainHead),
    (trust, outside): (&Trust, &[Checkpoint]),
) -> Result<Report, StoreError> {
    let log = EventLog::new(store.db());
    let complete = to == head.seq;
    // Whoever looks at all of it also hears of those from before: the beginning
    // of the chain may have been moved.
    let least = if walker.is_whole() {
        0
    } else {
        walker.expected()
    };
    let mut checkpoints = store.checkpoints(least).await?;
    for checkpoint in outside.iter().filter(|one| one.seq >= least) {
        if !checkpoints.contains(checkpoint) {
            checkpoints.push(*checkpoint);
        }
    }
    // One about an event after this end counts too, if the end is the log's:
    // then the log was longer. What others append and sign while this reads is
    // told apart by asking for the head again.
    let newest = log.chain_head().await?.seq;
    for checkpoint in &checkpoints {
        if checkpoint.seq <= to || (complete && checkpoint.seq > newest) {
            walker.expect(checkpoint, trust);
        }
    }
    follow(store, &log, &mut walker, to).await?;
    if !complete {
        return Ok(walker.end_at(to));
    }
    let beyond = beyond(store, head.seq, newest).await?;
    Ok(walker.end(Some((head.seq, head.hash)), beyond))
}

/// The last record or digest after the end of the log; none as it should be.
async fn beyond(store: &Store, end: i64, newest: i64) -> Result<Option<i64>, StoreError> {
    if newest != end {
        return Ok(None);
    }
    let rows = store
        .db()
        .read("SELECT max(seq) FROM events WHERE seq > $1", args![end])
        .await?;
    let last = rows
        .first()
        .map(|row| row.opt_int(0))
        .transpose()?
        .flatten();
    // Appended in between, or past the program?
    let appended = EventLog::new(store.db()).chain_head().await?.seq > end;
    Ok(last.filter(|_| !appended))
}

/// The hash that the record with this number carries.
async fn hash_of(log: &EventLog, seq: i64) -> Result<Option<Hash>, StoreError> {
    let found = log
        .records(seq - 1, 1, |record, hash| {
            (record.seq == seq).then_some(hash)
        })
        .await?;
    Ok(found.into_iter().flatten().flatten().next())
}

/// Follows the chain to `to`. Parts of the log are read and digested side by
/// side; only the chain itself has to go one by one.
async fn follow(
    store: &Store,
    log: &EventLog,
    walker: &mut Walker,
    to: i64,
) -> Result<(), StoreError> {
    let mut after = walker.expected() - 1;
    let mut reading: VecDeque<AbortOnDropHandle<Result<Part, StoreError>>> = VecDeque::new();
    loop {
        while after < to && reading.len() < AHEAD {
            let end = log.nth_after(after, PAGE).await?;
            let end = end.filter(|end| *end < to).unwrap_or(to);
            let part = Part::read(store.clone(), (after, end));
            reading.push_back(AbortOnDropHandle::new(tokio::spawn(part)));
            after = end;
        }
        let Some(part) = reading.pop_front() else {
            return Ok(());
        };
        part.await.unwrap_or(Err(StoreError::Closed))?.pass(walker);
    }
}

/// A part of the log.
struct Part {
    events: Vec<Seen>,
    /// What is left of events that were removed: number, digest, removal.
    left: Vec<(i64, Hash, i64)>,
}

impl Part {
    async fn read(store: Store, (after, to): (i64, i64)) -> Result<Self, StoreError> {
        let log = EventLog::new(store.db());
        // Events first, stubs second: retention may turn the one into the other
        // between the two, and then a number comes twice instead of never.
        let events = log.records_to((after, to), Seen::of).await?;
        let mut left = Vec::new();
        for stubs in store.stubs(after + 1, to).await? {
            let numbered = (stubs.first..).zip(stubs.digests);
            let own = numbered.filter(|(seq, _)| *seq > after && *seq <= to);
            left.extend(own.map(|(seq, digest)| (seq, digest, stubs.removal)));
        }
        Ok(Self { events, left })
    }

    fn pass(self, walker: &mut Walker) {
        let mut left = self.left.into_iter().peekable();
        for seen in self.events {
            while let Some((seq, digest, removal)) = left.next_if(|(seq, ..)| *seq < seen.seq) {
                if seq >= walker.expected() {
                    walker.stub(seq, &digest, removal);
                }
            }
            walker.event(seen);
        }
        for (seq, digest, removal) in left {
            if seq >= walker.expected() {
                walker.stub(seq, &digest, removal);
            }
        }
    }
}

/// Why a file is no export.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// A line is not as an export has it.
    #[error("line {line}: {problem}")]
    Line {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
}

/// Looks at an export in JSON lines. Where the export left events out (a filter
/// was given), the chain is followed within each part that hangs together.
///
/// # Errors
/// What is no export of the audit trail.
pub fn file(
    input: &mut dyn BufRead,
    trust: &Trust,
    outside: &[Checkpoint],
) -> Result<Report, FileError> {
    let mut lines = Lines { input, line: 0 };
    let Some(head) = lines.next_value()? else {
        return Err(lines.wrong("the file is empty"));
    };
    let first = head.pointer("/portwayAudit/first").and_then(Value::as_i64);
    let Some(first) = first else {
        return Err(lines.wrong("it is no head of an export: `portwayAudit` is missing"));
    };
    let flag = |name: &str| {
        head.pointer("/portwayAudit")
            .and_then(|fields| fields.get(name))
            .and_then(Value::as_bool)
            == Some(true)
    };
    let complete = flag("complete");
    let mut walker = Walker::at_start(first);
    for checkpoint in outside {
        walker.expect(checkpoint, trust);
    }
    let mut parts: Vec<Report> = Vec::new();
    let mut end = None;
    while let Some(value) = lines.next_value()? {
        if let Some(checkpoint) = value.get("checkpoint") {
            let checkpoint = Checkpoint::from_json(checkpoint)
                .ok_or_else(|| lines.wrong("`checkpoint` is not complete"))?;
            walker.expect(&checkpoint, trust);
        } else if let Some(last) = value.get("end") {
            end = Some(end_of(last).ok_or_else(|| lines.wrong("`end` is not complete"))?);
        } else {
            let piece = Piece::read(&value).map_err(|problem| lines.wrong(&problem))?;
            // From before there was a chain.
            if piece.seq() < first {
                continue;
            }
            if !complete && piece.seq() > walker.expected() {
                let next = Walker::new(piece.seq(), piece.previous());
                parts.push(std::mem::replace(&mut walker, next).end_at(0));
            }
            piece.pass(&mut walker);
        }
    }
    if complete && end.is_none() {
        return Err(lines.wrong("the file ends before its last line: it was cut off"));
    }
    Ok(if complete {
        walker.end(end, None)
    } else {
        parts.push(walker.end_at(0));
        together(parts)
    })
}

fn end_of(value: &Value) -> Option<(i64, Hash)> {
    let hash = value.get("hash")?.as_str()?;
    Some((value.get("seq")?.as_i64()?, bytes(hash)?))
}

/// One report of the parts of a file.
fn together(parts: Vec<Report>) -> Report {
    let mut whole = Report::default();
    for part in parts.into_iter().filter(|part| part.events > 0) {
        if whole.events == 0 {
            whole.from = part.from;
        }
        whole.to = part.to;
        whole.events += part.events;
        whole.checkpoints += part.checkpoints;
        whole.removals.extend(part.removals);
        whole.more += part.more;
        whole.head = part.head;
        for problem in part.problems {
            whole.add(problem.fault, problem.from, problem.to);
        }
    }
    whole
}

struct Lines<'a> {
    input: &'a mut dyn BufRead,
    line: usize,
}

impl Lines<'_> {
    fn next_value(&mut self) -> Result<Option<Value>, FileError> {
        let mut text = String::new();
        let mut limited = std::io::Read::take(&mut *self.input, LONGEST_LINE);
        self.line += 1;
        if limited.read_line(&mut text)? == 0 {
            return Ok(None);
        }
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| self.wrong(&format!("it is no JSON: {error}")))
    }

    fn wrong(&self, problem: &str) -> FileError {
        FileError::Line {
            line: self.line,
            problem: problem.to_owned(),
        }
    }
}

/// A line about an event.
enum Piece {
    Event(Seen, Option<Hash>),
    Stub {
        seq: i64,
        digest: Hash,
        removal: i64,
    },
}

impl Piece {
    fn read(value: &Value) -> Result<Self, String> {
        let number = |key: &str| {
            value
                .get(key)
                .and_then(Value::as_i64)
                .ok_or_else(|| format!("`{key}` is no number"))
        };
        let text = |key: &str| value.get(key).and_then(Value::as_str);
        let needed = |key: &str| text(key).ok_or_else(|| format!("`{key}` is no text"));
        let hash = |key: &str| text(key).and_then(bytes);
        let seq = number("seq")?;
        if let Some(removal) = value.get("removedBy").and_then(Value::as_i64) {
            let digest = hash("digest").ok_or("`digest` is no SHA-256")?;
            return Ok(Self::Stub {
                seq,
                digest,
                removal,
            });
        }
        let time: jiff::Timestamp = needed("time")?
            .parse()
            .map_err(|_| "`time` is no time".to_owned())?;
        let data = value.get("data").unwrap_or(&Value::Null).to_string();
        let record = Record {
            seq,
            time: time.as_microsecond(),
            id: needed("id")?,
            kind: needed("type")?,
            actor_kind: needed("actorKind")?,
            actor: needed("actor")?,
            on_behalf_of: text("onBehalfOf"),
            subject: needed("subject")?,
            cause: text("cause"),
            address: text("address"),
            request: text("request"),
            reason: text("reason"),
            outcome: needed("outcome")?,
            data: &data,
        };
        let seen = Seen::of(&record, hash("hash"));
        Ok(Self::Event(seen, hash("previousHash")))
    }

    fn seq(&self) -> i64 {
        match self {
            Self::Event(seen, _) => seen.seq,
            Self::Stub { seq, .. } => *seq,
        }
    }

    /// The hash of the event before, as the line says it.
    fn previous(&self) -> Option<Hash> {
        match self {
            Self::Event(_, previous) => *previous,
            Self::Stub { .. } => None,
        }
    }

    fn pass(self, walker: &mut Walker) {
        if self.seq() < walker.expected() {
            // Out of order, or there twice.
            walker.disorder(self.seq());
            return;
        }
        match self {
            Self::Event(seen, _) => walker.event(seen),
            Self::Stub {
                seq,
                digest,
                removal,
            } => walker.stub(seq, &digest, removal),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_export_says_in_which_line() {
        let read = |text: &str| {
            file(&mut text.as_bytes(), &Trust::anybody(), &[])
                .map(|_| ())
                .map_err(|error| error.to_string())
        };
        assert_eq!(read(""), Err("line 1: the file is empty".to_owned()));
        assert!(read("{}").unwrap_err().contains("portwayAudit"));
        let head = r#"{"portwayAudit":{"first":1,"complete":true}}"#;
        assert!(read(head).unwrap_err().contains("cut off"));
        let wrong = read(&format!("{head}\n{{\"seq\":1}}\n")).unwrap_err();
        assert_eq!(wrong, "line 2: `time` is no text");
        assert!(
            read(&format!("{head}\nnonsense"))
                .unwrap_err()
                .starts_with("line 2: it is no JSON")
        );
    }
}
