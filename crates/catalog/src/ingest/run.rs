//! One refresh of one source: walk everything that it leads to, compare with
//! what is stored, write the difference in batches, and only then decide what
//! is gone.
//!
//! Invariants:
//! - an entity is removed only when its place was read and does not have it;
//! - what a failed place brought stays, with a remark;
//! - a ref belongs to the source that declared it first.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use model::yaml::Mark;
use platform::actor::Actor;
use platform::controller::JobContext;
use platform::store::StoreError;

use super::content::Todo;
use super::digest::{Candidate, Context, Digest};
use super::fetch::{self, ABSENT, Fetched, FetchedFile, fetch};
use super::guard::DeletionGuard;
use super::memory::Memory;
use super::read::folder_of_pattern;
use super::write::Writer;
use crate::place::{named_by, shown};
use crate::source::Source;
use crate::store::{Claim, EntityRow, FileState, Finding, Outcome, Store};

/// Entities per transaction: large enough to be fast, small enough that
/// readers of the in-memory model never wait long.
const BATCH: usize = 500;
/// Files that are read ahead while others are written.
const AHEAD: usize = 2;
/// The same for places on the web, where most of the time is waiting.
const AHEAD_REMOTE: usize = 12;
/// Places whose versions are asked for at a time.
const STAMPED: usize = 512;
/// A chain of locations longer than this is a loop or a mistake.
const MAX_LOCATIONS: usize = 200_000;

/// What a refresh did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// The last event written; waiting for it makes the refresh readable.
    pub(crate) last_seq: Option<i64>,
    /// Everything that is declared was read.
    pub(crate) complete: bool,
    /// The first thing that could not be read.
    pub(crate) error: Option<String>,
    /// A place that asks to be left alone until then.
    pub(crate) retry_at: Option<Timestamp>,
}

/// How a place was found on this walk.
pub(super) enum Visit {
    /// As it was before; what it brought is still there.
    Unchanged,
    /// Read; these refs are in it, and `broken` tells whether something else may be.
    Read {
        refs: HashSet<EntityRef>,
        broken: Option<Diagnostic>,
    },
    /// Not read.
    Failed(Diagnostic),
    /// The place answered that nothing is there, and nothing need be.
    Gone,
}

/// The state of one refresh.
pub(crate) struct Refresh<'a> {
    pub(super) store: &'a Store,
    pub(super) context: Arc<Context>,
    pub(super) writer: Writer<'a>,
    pub(super) guard: DeletionGuard,
    memory: Memory,
    queue: VecDeque<Todo>,
    /// How many at the head of the queue have been asked for their versions.
    stamped: usize,
    asked: HashSet<String>,
    /// Places that could not be listed, with why: below them nothing is known.
    pub(super) unlisted: Vec<(String, Diagnostic)>,
    pub(super) visits: HashMap<String, Visit>,
    /// Places that are as they were and have a document that could not be
    /// understood: whether an entity is in it is not remembered.
    pub(super) unclear: HashMap<String, Todo>,
    holders: HashMap<EntityRef, String>,
    pending: Vec<Candidate>,
    pub(super) moved: Vec<(Candidate, EntityRow)>,
    pub(super) outcome: Outcome,
    pub(super) report: Report,
}

impl<'a> Refresh<'a> {
    /// Prepares a refresh of the context's source, whose files are judged by
    /// what `judgement` names.
    pub(crate) async fn new(
        store: &'a Store,
        (context, judgement): (Arc<Context>, String),
        (actor, job): (&'a Actor, &'a JobContext),
        guard: DeletionGuard,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let memory = Memory::load(store, &context.source.id, judgement).await?;
        Ok(Self {
            writer: Writer::new(store, context.source.clone(), actor, job),
            store,
            context,
            guard,
            memory,
            queue: VecDeque::new(),
            stamped: 0,
            asked: HashSet::new(),
            unlisted: Vec::new(),
            visits: HashMap::new(),
            unclear: HashMap::new(),
            holders: HashMap::new(),
            pending: Vec::new(),
            moved: Vec::new(),
            outcome: Outcome {
                started_at: now,
                ..Outcome::default()
            },
            report: Report::default(),
        })
    }

    /// Walks, compares, writes.
    pub(crate) async fn run(mut self, clock: &platform::Clock) -> Result<Report, StoreError> {
        self.start().await;
        let mut ahead = FuturesOrdered::new();
        let room = if self.context.source.is_local() {
            AHEAD
        } else {
            AHEAD_REMOTE
        };
        loop {
            while ahead.len() < room
                && let Some(todo) = self.next_changed().await
            {
                let before = self.memory.of(&todo.location.to_string()).cloned();
                ahead.push_back(fetch(Arc::clone(&self.context), before, todo));
            }
            let Some(fetched) = ahead.next().await else {
                break;
            };
            self.take(fetched);
            if self.pending.len() >= BATCH {
                self.flush().await?;
            }
        }
        self.flush().await?;
        self.settle_moves().await?;
        self.settle_absences().await?;
        let elapsed = clock.now().duration_since(self.outcome.started_at);
        self.outcome.duration_us = i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX);
        self.outcome.complete = self.outcome.error.is_none();
        self.outcome.files = self.memory.changes();
        self.report.last_seq = self
            .writer
            .finish(&self.outcome)
            .await?
            .or(self.report.last_seq);
        self.report.complete = self.outcome.complete;
        self.report.error = self.outcome.error;
        Ok(self.report)
    }

    /// The next place that is not known to be as it was.
    async fn next_changed(&mut self) -> Option<Todo> {
        loop {
            if self.stamped == 0 {
                self.stamped = STAMPED.min(self.queue.len());
                fetch::stamp(&self.context, self.queue.iter_mut().take(STAMPED)).await;
            }
            let todo = self.queue.pop_front()?;
            self.stamped = self.stamped.saturating_sub(1);
            match self.memory.same(&todo) {
                Some(state) if state.hash != ABSENT => {
                    let state = state.clone();
                    self.unchanged(todo, state);
                }
                _ => return Some(todo),
            }
        }
    }

    /// A place is as it was.
    fn unchanged(&mut self, todo: Todo, state: FileState) {
        let location = todo.location.to_string();
        if state.broken {
            self.unclear.insert(location.clone(), todo);
        }
        self.memory.keep(location.clone(), state);
        self.visits.insert(location, Visit::Unchanged);
    }

    /// Queues what the source names, and the Location entity that stands for it.
    async fn start(&mut self) {
        let source = self.context.source.clone();
        let start = self
            .context
            .reader
            .start(&source, &self.context.kinds)
            .await;
        self.outcome.revision = start.revision;
        for (location, failure) in start.failures {
            let problem = failure.diagnostic.in_file(shown(&location));
            self.fail(&location, &problem, failure.retry_at);
            self.find(location.clone(), problem.clone(), None);
            // What the listing itself brings is then not known in full.
            self.visits.insert(
                location.clone(),
                Visit::Read {
                    refs: HashSet::new(),
                    broken: Some(problem.clone()),
                },
            );
            self.unlisted.push((location, problem));
        }
        for (location, note) in start.notes {
            self.find(location, note, None);
        }
        for candidate in start.entities {
            self.holders
                .insert(candidate.entity_ref.clone(), candidate.location.clone());
            self.seen_at(&candidate.location, &candidate.entity_ref);
            self.pending.push(candidate);
        }
        for todo in start.todos {
            self.ask(todo);
        }
    }

    /// Notes a problem that is looked for anew by each refresh.
    fn find(&mut self, location: String, problem: Diagnostic, entity_ref: Option<EntityRef>) {
        self.outcome.findings.push(Finding {
            location,
            problem,
            entity_ref,
            read_in: String::new(),
        });
    }

    fn seen_at(&mut self, location: &str, entity_ref: &EntityRef) {
        let visit = self
            .visits
            .entry(location.to_owned())
            .or_insert_with(|| Visit::Read {
                refs: HashSet::new(),
                broken: None,
            });
        if let Visit::Read { refs, .. } = visit {
            refs.insert(entity_ref.clone());
        }
    }

    fn ask(&mut self, todo: Todo) {
        if self.asked.len() < MAX_LOCATIONS && self.asked.insert(todo.location.to_string()) {
            self.queue.push_back(todo);
        }
    }

    fn take(&mut self, fetched: Fetched) {
        let Fetched { todo, result } = fetched;
        let location = todo.location.to_string();
        match result {
            Err(failure) if failure.gone && !todo.required => {
                let state = FileState {
                    hash: ABSENT.into(),
                    plain: true,
                    broken: false,
                    hint: todo.hint,
                };
                self.memory.learn(location.clone(), state);
                self.visits.insert(location, Visit::Gone);
            }
            Err(failure) => {
                let retry_at = failure.retry_at;
                let (file, problem) = todo.problem(failure);
                self.fail(&location, &problem, retry_at);
                self.find(file, problem.clone(), todo.parent);
                if let Some(folder) = folder_of_pattern(&location) {
                    self.unlisted.push((folder.to_owned(), problem.clone()));
                }
                self.visits.insert(location, Visit::Failed(problem));
            }
            Ok(FetchedFile::Unchanged(state, revision)) => {
                self.read_at(revision);
                self.unchanged(todo, state);
            }
            Ok(FetchedFile::Read {
                hash,
                revision,
                digest,
            }) => {
                self.read_at(revision);
                let state = FileState {
                    hash,
                    plain: digest.plain,
                    broken: digest.broken,
                    hint: todo.hint,
                };
                self.memory.learn(location.clone(), state);
                self.take_digest(location, digest);
            }
        }
    }

    /// The source's revision is that of the first thing read from it. A
    /// provider reads many repositories, so it has none.
    fn read_at(&mut self, revision: Option<String>) {
        if self.outcome.revision.is_none()
            && matches!(
                self.context.source.location.location_type(),
                "file" | "url" | "git"
            )
        {
            self.outcome.revision = revision;
        }
    }

    fn take_digest(&mut self, location: String, digest: Digest) {
        let broken = digest.why_broken();
        let mut refs = HashSet::with_capacity(digest.candidates.len());
        for (problem, entity_ref) in digest.problems {
            self.outcome.findings.push(Finding {
                location: named_by(problem.file.as_deref(), &location),
                problem,
                entity_ref,
                read_in: location.clone(),
            });
        }
        for candidate in digest.candidates {
            match self.holders.get(&candidate.entity_ref) {
                Some(holder) => {
                    let holder = holder.clone();
                    self.conflict(&candidate, &holder);
                }
                None => {
                    self.holders
                        .insert(candidate.entity_ref.clone(), location.clone());
                    refs.insert(candidate.entity_ref.clone());
                    self.pending.push(candidate);
                }
            }
        }
        self.visits.insert(location, Visit::Read { refs, broken });
        for child in digest.children {
            self.ask(child);
        }
    }

    fn fail(&mut self, location: &str, problem: &Diagnostic, retry_at: Option<Timestamp>) {
        if self.outcome.error.is_none() {
            self.outcome.error = Some(format!("{}: {}", shown(location), problem.message));
        }
        self.report.retry_at = self.report.retry_at.max(retry_at);
    }

    pub(super) fn conflict(&mut self, candidate: &Candidate, holder: &str) {
        let entity_ref = &candidate.entity_ref;
        let problem = Diagnostic::error(
            "conflict",
            format!(
                "Detected conflicting entityRef {entity_ref} already referenced by {holder} and now also {}",
                candidate.location
            ),
        )
        .accepting("one declaration of each entity")
        .fixed_by(format!("rename one of the two, give it another namespace, or remove it from {}", shown(&candidate.location)))
        .in_file(shown(&candidate.location))
        .at(Mark::new(candidate.line, candidate.column));
        self.claim(candidate);
        let place = candidate.location.clone();
        self.find(place, problem, Some(entity_ref.clone()));
    }

    /// Remembers that this source would bring the entity if nobody else did.
    fn claim(&mut self, candidate: &Candidate) {
        self.outcome.claims.push(Claim {
            entity_ref: candidate.entity_ref.clone(),
            location: candidate.location.clone(),
            line: candidate.line,
            column: candidate.column,
        });
        // The clash may end without a change of this file.
        self.memory.depends(&candidate.location);
    }

    /// Compares what has been collected with what is stored and writes it.
    async fn flush(&mut self) -> Result<(), StoreError> {
        let batch = std::mem::take(&mut self.pending);
        if batch.is_empty() {
            return Ok(());
        }
        let refs: Vec<EntityRef> = batch
            .iter()
            .map(|candidate| candidate.entity_ref.clone())
            .collect();
        let mut rows = self.store.rows(&refs).await?;
        let mut writable = Vec::with_capacity(batch.len());
        for candidate in batch {
            match rows.remove(&candidate.entity_ref) {
                Some(row) if row.place.source_id != self.context.source.id && !row.orphan => {
                    self.forget(&candidate);
                    if candidate.is_also(&row) {
                        self.claim(&candidate);
                    } else {
                        self.conflict(&candidate, &row.place.location);
                    }
                }
                // Whether it moved or exists twice is known after the walk.
                Some(row) if row.place.location != candidate.location && !row.orphan => {
                    self.moved.push((candidate, row));
                }
                row => writable.push((candidate, row)),
            }
        }
        let last = self.writer.documents(writable).await?;
        self.report.last_seq = last.or(self.report.last_seq);
        Ok(())
    }

    pub(super) fn forget(&mut self, candidate: &Candidate) {
        if let Some(Visit::Read { refs, .. }) = self.visits.get_mut(&candidate.location) {
            refs.remove(&candidate.entity_ref);
        }
    }
}

impl std::fmt::Debug for Refresh<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Refresh")
            .field("source", &self.context.source.location)
            .finish_non_exhaustive()
    }
}

impl Source {
    /// Whether this is one of the places that only a person's machine has.
    pub(crate) fn is_local(&self) -> bool {
        self.location.location_type() == "file"
    }
}
