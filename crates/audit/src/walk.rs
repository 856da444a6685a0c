//! Follows the chain record by record and says what does not fit. Pure: it
//! knows neither where records come from nor what time it is.

use std::collections::BTreeMap;

use platform::event::chain::{self, Hash, Record};
use serde_json::{Value, json};

use crate::checkpoint::{Checkpoint, Trust};
use crate::events::PURGED;

/// Problems that are kept; more are counted.
const MOST_PROBLEMS: usize = 1_000;

/// What is wrong with a part of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A record, or the one before it, is not as it was written.
    Changed,
    /// Records are missing, and no retention says that it removed them.
    Removed,
    /// A record stands at another number than it was written with.
    Moved,
    /// A record carries no hash.
    Unsealed,
    /// Records at the end are missing.
    Truncated,
    /// The chain is not the one that a checkpoint was signed over.
    Rewritten,
    /// A checkpoint's signature is wrong.
    Signature,
    /// A checkpoint is signed with a key that nobody trusts.
    Key,
}

impl Fault {
    /// Every fault.
    pub const ALL: [Self; 8] = [
        Self::Changed,
        Self::Removed,
        Self::Moved,
        Self::Unsealed,
        Self::Truncated,
        Self::Rewritten,
        Self::Signature,
        Self::Key,
    ];

    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Moved => "moved",
            Self::Unsealed => "unsealed",
            Self::Truncated => "truncated",
            Self::Rewritten => "rewritten",
            Self::Signature => "signature",
            Self::Key => "key",
        }
    }

    fn sentence(self, from: i64, to: i64) -> String {
        let numbers = if from == to {
            format!("event {from}")
        } else {
            format!("events {from} to {to}")
        };
        match self {
            Self::Changed => format!(
                "{numbers} does not follow from the one before it: one of the two was changed after it was written"
            ),
            Self::Removed => {
                format!("{numbers} removed, and no policy of retention has recorded that it did so")
            }
            Self::Moved => {
                format!("{numbers} carries the id of event {to}: it was moved or inserted")
            }
            Self::Unsealed => {
                format!("{numbers} carries no hash: it was inserted past the program")
            }
            Self::Truncated => format!("{numbers} cut off from the end of the log"),
            Self::Rewritten => format!(
                "{numbers} is not the one that the checkpoint was signed over: the chain was written anew"
            ),
            Self::Signature => format!("the signature of the checkpoint at {numbers} is wrong"),
            Self::Key => format!(
                "the checkpoint at {numbers} is signed with a key that this installation does not hold; add it to audit.checkpoints.trustedKeys if it was yours"
            ),
        }
    }
}

/// One thing that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What.
    pub fault: Fault,
    /// The first event that it concerns.
    pub from: i64,
    /// The last; for [`Fault::Moved`] the number that the id says.
    pub to: i64,
}

impl Problem {
    /// As the API answers it.
    pub fn to_json(self) -> Value {
        json!({
            "fault": self.fault.name(),
            "from": self.from,
            "to": self.to,
            "message": self.fault.sentence(self.from, self.to),
        })
    }
}

/// What a policy of retention removed, as the log says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Removal {
    /// The number of the event that says so.
    pub seq: i64,
    /// When, RFC 3339.
    pub at: String,
    /// The policy, such as `dev.portway.catalog.* after 90d`.
    pub policy: String,
    /// How many events.
    pub count: u64,
    /// Which, as first and last numbers.
    pub runs: Vec<(i64, i64)>,
}

impl Removal {
    /// Reads what an event of the type [`PURGED`] says.
    pub(crate) fn read(seq: i64, time: i64, data: &str) -> Option<Self> {
        let data: Value = serde_json::from_str(data).ok()?;
        let runs = data.get("runs")?.as_array()?;
        let pair = |run: &Value| Some((run.get(0)?.as_i64()?, run.get(1)?.as_i64()?));
        Some(Self {
            seq,
            at: jiff::Timestamp::from_microsecond(time).ok()?.to_string(),
            policy: data.get("policy")?.as_str()?.to_owned(),
            count: data.get("count")?.as_u64()?,
            runs: runs.iter().map(pair).collect::<Option<_>>()?,
        })
    }

    fn covers(&self, from: i64, to: i64) -> bool {
        self.runs
            .iter()
            .any(|(first, last)| *first <= from && to <= *last)
    }
}

/// One event, as far as the chain is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    pub(crate) seq: i64,
    pub(crate) seq_in_id: Option<i64>,
    pub(crate) digest: Hash,
    pub(crate) hash: Option<Hash>,
    pub(crate) removal: Option<Removal>,
}

impl Seen {
    /// What the chain needs of a record and the hash that it carries.
    pub fn of(record: &Record<'_>, hash: Option<Hash>) -> Self {
        Self {
            seq: record.seq,
            seq_in_id: record.seq_in_id(),
            digest: record.digest(),
            hash,
            removal: (record.kind == PURGED.0)
                .then(|| Removal::read(record.seq, record.time, record.data))
                .flatten(),
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The first number that was looked at.
    pub from: i64,
    /// The last.
    pub to: i64,
    /// Events from before there was a chain.
    pub unchained: i64,
    /// Events whose hash was computed again.
    pub events: u64,
    /// Events of which only the digest is left.
    pub removed: u64,
    /// Checkpoints that were compared.
    pub checkpoints: u64,
    /// What retention removed.
    pub removals: Vec<Removal>,
    /// What does not fit, in the order of the log.
    pub problems: Vec<Problem>,
    /// Problems beyond those that are kept.
    pub more: u64,
    /// The hash of the last event.
    pub head: Option<Hash>,
}

impl Report {
    /// Whether everything fits.
    pub fn is_intact(&self) -> bool {
        self.problems.is_empty()
    }

    pub(crate) fn add(&mut self, fault: Fault, from: i64, to: i64) {
        let problem = Problem { fault, from, to };
        if self.problems.contains(&problem) {
            return;
        }
        if self.problems.len() < MOST_PROBLEMS {
            self.problems.push(problem);
        } else {
            self.more += 1;
        }
    }

    /// As the API answers it.
    pub fn to_json(&self) -> Value {
        let removals: Vec<Value> = self
            .removals
            .iter()
            .map(|removal| {
                json!({
                    "event": removal.seq,
                    "at": removal.at,
                    "policy": removal.policy,
                    "count": removal.count,
                })
            })
            .collect();
        json!({
            "intact": self.is_intact(),
            "from": self.from,
            "to": self.to,
            "unchained": self.unchained,
            "events": self.events,
            "removed": self.removed,
            "checkpoints": self.checkpoints,
            "head": self.head.map(hex::encode),
            "removals": removals,
            "problems": self.problems.iter().map(|problem| problem.to_json()).collect::<Vec<_>>(),
            "moreProblems": self.more,
        })
    }
}

/// Follows the chain upwards.
#[derive(Debug)]
pub struct Walker {
    expected: i64,
    /// Where the chain begins, if this walk begins there too.
    first: Option<i64>,
    previous: Option<Hash>,
    signed: BTreeMap<i64, Hash>,
    stubs: Vec<(i64, i64, i64)>,
    report: Report,
}

impl Walker {
    /// Begins before event `from`; `previous` is the hash of the one before, if
    /// it is known.
    pub fn new(from: i64, previous: Option<Hash>) -> Self {
        Self {
            expected: from,
            first: None,
            previous,
            signed: BTreeMap::new(),
            stubs: Vec::new(),
            report: Report {
                from,
                to: from - 1,
                ..Report::default()
            },
        }
    }

    /// Begins where a chain begins.
    pub fn at_start(first: i64) -> Self {
        let mut walker = Self::new(first, Some(chain::start(first)));
        walker.first = Some(first);
        walker.report.unchained = first - 1;
        walker
    }

    /// The number that comes next.
    pub fn expected(&self) -> i64 {
        self.expected
    }

    /// Whether this began where the chain begins.
    pub(crate) fn is_whole(&self) -> bool {
        self.first.is_some()
    }

    /// Compares with a checkpoint when its event comes by. Call it before.
    pub fn expect(&mut self, checkpoint: &Checkpoint, trust: &Trust) {
        self.report.checkpoints += 1;
        match trust.judge(checkpoint) {
            // The beginning was moved, and with it what came before.
            Ok(()) if self.first.is_some_and(|first| first != checkpoint.first) => {
                self.report
                    .add(Fault::Rewritten, checkpoint.first, checkpoint.seq);
            }
            Ok(()) => {
                self.signed.insert(checkpoint.seq, checkpoint.hash);
            }
            Err(fault) => self.report.add(fault, checkpoint.seq, checkpoint.seq),
        }
    }

    /// An event of the log.
    pub fn event(&mut self, seen: Seen) {
        self.gap(seen.seq);
        if let Some(at) = seen.seq_in_id
            && at != seen.seq
        {
            self.report.add(Fault::Moved, seen.seq, at);
        }
        let computed = self
            .previous
            .map(|previous| chain::link(&previous, &seen.digest));
        match (computed, seen.hash) {
            (_, None) => self.report.add(Fault::Unsealed, seen.seq, seen.seq),
            (Some(computed), Some(hash)) if computed != hash => {
                self.report.add(Fault::Changed, seen.seq, seen.seq);
            }
            _ => {}
        }
        self.report.events += 1;
        self.report.removals.extend(seen.removal);
        // From here on, what the record says: one fault is reported once.
        self.passed(seen.seq, seen.hash.or(computed));
    }

    /// What is left of an event that retention removed, as event `removal` says.
    pub fn stub(&mut self, seq: i64, digest: &Hash, removal: i64) {
        self.gap(seq);
        self.report.removed += 1;
        match self.stubs.last_mut() {
            Some((_, last, by)) if *last + 1 == seq && *by == removal => *last = seq,
            _ => self.stubs.push((seq, seq, removal)),
        }
        let computed = self.previous.map(|previous| chain::link(&previous, digest));
        self.passed(seq, computed);
    }

    /// A record that comes after its successor, or a second time.
    pub fn disorder(&mut self, seq: i64) {
        self.report.add(Fault::Moved, seq, self.expected);
    }

    fn gap(&mut self, seq: i64) {
        if seq > self.expected {
            self.report.add(Fault::Removed, self.expected, seq - 1);
            self.previous = None;
        }
    }

    fn passed(&mut self, seq: i64, hash: Option<Hash>) {
        if let Some(signed) = self.signed.remove(&seq)
            && hash.is_some_and(|hash| hash != signed)
        {
            self.report.add(Fault::Rewritten, seq, seq);
        }
        self.report.to = seq;
        self.previous = hash;
        self.expected = seq + 1;
    }

    /// Ends at a given event without looking at what comes after.
    pub fn end_at(mut self, to: i64) -> Report {
        if self.expected <= to {
            self.report.add(Fault::Removed, self.expected, to);
        }
        self.settle(false)
    }

    /// Ends at the end of the log: nothing may be missing, every checkpoint
    /// must have been met, and every removal must be on record. `head` is what
    /// the database says is the last event, `beyond` the last record that is
    /// there all the same.
    pub fn end(mut self, head: Option<(i64, Hash)>, beyond: Option<i64>) -> Report {
        if let Some((seq, hash)) = head {
            if self.expected <= seq {
                self.report.add(Fault::Truncated, self.expected, seq);
            } else if self.expected > seq + 1 {
                // It was signed once that there is more.
                self.report
                    .add(Fault::Truncated, seq + 1, self.expected - 1);
            } else if self.previous.is_some_and(|last| last != hash) {
                self.report.add(Fault::Changed, seq, seq);
            }
            if let Some(last) = beyond.filter(|last| *last > seq) {
                self.report.add(Fault::Unsealed, seq + 1, last);
            }
        }
        let signed = self.signed.keys().next_back().copied();
        if let Some(last) = signed.filter(|last| *last >= self.expected) {
            self.report.add(Fault::Truncated, self.expected, last);
        }
        self.settle(true)
    }

    fn settle(mut self, complete: bool) -> Report {
        let recorded: BTreeMap<i64, &Removal> = self
            .report
            .removals
            .iter()
            .map(|removal| (removal.seq, removal))
            .collect();
        let unrecorded: Vec<(i64, i64)> = self
            .stubs
            .iter()
            .filter(|(from, to, by)| match recorded.get(by) {
                Some(removal) => !removal.covers(*from, *to),
                // It may stand behind the part that was looked at.
                None => complete || *by <= self.report.to,
            })
            .map(|(from, to, _)| (*from, *to))
            .collect();
        for (from, to) in unrecorded {
            self.report.add(Fault::Removed, from, to);
        }
        self.report.problems.sort_by_key(|problem| problem.from);
        self.report.head = self.previous;
        self.report
    }
}
