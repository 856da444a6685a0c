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
use super::fetch::{ABSENT, Fetched, FetchedFile, fetch};
use super::guard::DeletionGuard;
use super::read::folder_of_pattern;
use super::write::Writer;
use crate::place::{named_by, shown};
use crate::source::Source;
use crate::store::{Claim, EntityRow, FileState, Outcome, Store};

/// Entities per transaction: large enough to be fast, small enough that
/// readers of the in-memory model never wait long.
const BATCH: usize = 500;
/// Files that are read ahead while others are written.
const AHEAD: usize = 2;
/// The same for places on the web, where most of the time is waiting.
const AHEAD_REMOTE: usize = 12;
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
    /// What was found, in order of the walk.
    pub(crate) problems: Vec<(String, Diagnostic, Option<EntityRef>)>,
    /// Refs that another source holds.
    pub(crate) conflicts: Vec<EntityRef>,
}

/// How a place was found on this walk.
enum Visit {
    /// Same bytes as before; what it brought is still there.
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
    store: &'a Store,
    context: Arc<Context>,
    writer: Writer<'a>,
    guard: DeletionGuard,
    known: Arc<HashMap<String, FileState>>,
    queue: VecDeque<Todo>,
    asked: HashSet<String>,
    /// Places that could not be listed, with why: below them nothing is known.
    unlisted: Vec<(String, Diagnostic)>,
    visits: HashMap<String, Visit>,
    holders: HashMap<EntityRef, String>,
    pending: Vec<Candidate>,
    moved: Vec<(Candidate, EntityRow)>,
    outcome: Outcome,
    report: Report,
}

impl<'a> Refresh<'a> {
    /// Prepares a refresh of the context's source.
    pub(crate) async fn new(
        store: &'a Store,
        context: Arc<Context>,
        (actor, job): (&'a Actor, &'a JobContext),
        guard: DeletionGuard,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let known = store.files(&context.source.id).await?.into_iter().collect();
        Ok(Self {
            writer: Writer::new(store, context.source.clone(), actor, job),
            store,
            context,
            guard,
            known: Arc::new(known),
            queue: VecDeque::new(),
            asked: HashSet::new(),
            unlisted: Vec::new(),
            visits: HashMap::new(),
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
                && let Some(todo) = self.queue.pop_front()
            {
                ahead.push_back(fetch(
                    Arc::clone(&self.context),
                    Arc::clone(&self.known),
                    todo,
                ));
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
        self.outcome
            .problems
            .sort_by(|a, b| (&a.0, a.1.line, a.1.column).cmp(&(&b.0, b.1.line, b.1.column)));
        self.report.last_seq = self
            .writer
            .finish(&self.outcome)
            .await?
            .or(self.report.last_seq);
        self.report.complete = self.outcome.complete;
        self.report.error = self.outcome.error.clone();
        self.report.problems = std::mem::take(&mut self.outcome.problems);
        Ok(self.report)
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
            self.outcome
                .problems
                .push((location.clone(), problem.clone(), None));
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
            self.outcome.problems.push((location, note, None));
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
                    hint: todo.hint,
                };
                self.outcome.files.push((location.clone(), state));
                self.visits.insert(location, Visit::Gone);
            }
            Err(failure) => {
                let retry_at = failure.retry_at;
                let (file, problem) = todo.problem(failure);
                self.fail(&location, &problem, retry_at);
                self.outcome
                    .problems
                    .push((file, problem.clone(), todo.parent));
                if let Some(folder) = folder_of_pattern(&location) {
                    self.unlisted.push((folder.to_owned(), problem.clone()));
                }
                self.visits.insert(location, Visit::Failed(problem));
            }
            Ok(FetchedFile::Unchanged(state, revision)) => {
                self.read_at(revision);
                self.outcome.files.push((location.clone(), state));
                self.visits.insert(location, Visit::Unchanged);
            }
            Ok(FetchedFile::Read {
                hash,
                revision,
                digest,
            }) => {
                self.read_at(revision);
                self.outcome.files.push((
                    location.clone(),
                    FileState {
                        hash,
                        plain: digest.plain,
                        hint: todo.hint,
                    },
                ));
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
        let broken = digest
            .broken
            .then(|| digest.problems.first().map(|(problem, _)| problem.clone()))
            .flatten();
        let mut refs = HashSet::with_capacity(digest.candidates.len());
        for (problem, entity_ref) in digest.problems {
            let place = named_by(problem.file.as_deref(), &location);
            self.outcome.problems.push((place, problem, entity_ref));
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

    fn conflict(&mut self, candidate: &Candidate, holder: &str) {
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
        self.report.conflicts.push(entity_ref.clone());
        self.outcome.problems.push((
            candidate.location.clone(),
            problem,
            Some(entity_ref.clone()),
        ));
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
        if let Some((_, file)) = self
            .outcome
            .files
            .iter_mut()
            .rev()
            .find(|(place, _)| *place == candidate.location)
        {
            file.plain = false;
        }
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

    fn forget(&mut self, candidate: &Candidate) {
        if let Some(Visit::Read { refs, .. }) = self.visits.get_mut(&candidate.location) {
            refs.remove(&candidate.entity_ref);
        }
    }

    /// An entity whose old place no longer has it has moved; otherwise it is
    /// declared twice and the place that had it keeps it.
    async fn settle_moves(&mut self) -> Result<(), StoreError> {
        let mut moved = Vec::new();
        for (candidate, row) in std::mem::take(&mut self.moved) {
            let still_there = match self.visits.get(&row.place.location) {
                Some(Visit::Unchanged) => true,
                Some(Visit::Read { refs, .. }) => refs.contains(&candidate.entity_ref),
                Some(Visit::Failed(_) | Visit::Gone) | None => false,
            };
            if still_there {
                self.forget(&candidate);
                self.conflict(&candidate, &row.place.location);
            } else {
                moved.push((candidate, Some(row)));
            }
        }
        let last = self.writer.documents(moved).await?;
        self.report.last_seq = last.or(self.report.last_seq);
        Ok(())
    }

    /// Decides about everything that is stored and was not seen.
    async fn settle_absences(&mut self) -> Result<(), StoreError> {
        let listing = self.context.source.location.to_string();
        let visits = &self.visits;
        let seen = |name: &str, location: &str, orphan: bool| match visits.get(location) {
            // What the same bytes did not have before, they do not have now.
            Some(Visit::Unchanged) => !orphan,
            Some(Visit::Read { refs, .. }) => refs.contains(name),
            _ => false,
        };
        // Locations are looked at in any case: what is below them hangs on them.
        // Those that discovery makes are nobody's work and count for nothing.
        let (rows, total) = self
            .store
            .doubtful_rows(
                &self.context.source.id,
                &listing,
                |location| matches!(visits.get(location), Some(Visit::Unchanged)),
                |name, location, orphan| !seen(name, location, orphan),
            )
            .await?;
        let unread = self.unread_parents(&rows);
        let mut gone = Vec::new();
        let mut kept = Vec::new();
        for row in rows {
            match self.visits.get(&row.place.location) {
                // What the same bytes did not have before, they do not have now.
                Some(Visit::Unchanged) if row.orphan => gone.push(row),
                Some(Visit::Unchanged) => {}
                Some(Visit::Read { refs, .. }) if refs.contains(&row.entity_ref) => {}
                Some(
                    Visit::Read {
                        broken: Some(problem),
                        ..
                    }
                    | Visit::Failed(problem),
                ) => {
                    kept.push((row, problem.clone()));
                }
                Some(Visit::Read { broken: None, .. } | Visit::Gone) => gone.push(row),
                None => {
                    let above = row
                        .place
                        .parent
                        .as_ref()
                        .and_then(|parent| unread.get(parent));
                    match above.or_else(|| self.unlisted_above(&row.place.location)) {
                        Some(problem) => kept.push((row, problem.clone())),
                        None => gone.push(row),
                    }
                }
            }
        }
        let last = self.writer.keep(kept).await?;
        self.report.last_seq = last.or(self.report.last_seq);
        let previous = self.context.source.state.held.clone();
        let made =
            |row: &EntityRow| row.place.location == listing && row.entity_ref.kind() == "location";
        let (gone_locations, gone): (Vec<_>, Vec<_>) = gone.into_iter().partition(made);
        let mut decision = self
            .guard
            .decide(gone, total, previous, self.outcome.started_at);
        if decision.waiting.is_empty() {
            decision.removed.extend(gone_locations);
        } else {
            decision.waiting.extend(gone_locations);
        }
        self.outcome.held = decision.held;
        let last = self
            .writer
            .remove(decision.removed, decision.waiting)
            .await?;
        self.report.last_seq = last.or(self.report.last_seq);
        Ok(())
    }

    /// Why the place above a location could not be listed, if that is so.
    fn unlisted_above(&self, location: &str) -> Option<&Diagnostic> {
        let source = self.context.source.location.to_string();
        self.unlisted
            .iter()
            .find(|(place, _)| *place == source || location.starts_with(&format!("{place}/")))
            .map(|(_, problem)| problem)
    }

    /// Location entities below which something could not be read, with why.
    /// What an unread Location led to is not gone but unknown.
    fn unread_parents(&self, rows: &[EntityRow]) -> HashMap<EntityRef, Diagnostic> {
        let mut unread: HashMap<EntityRef, Diagnostic> = HashMap::new();
        loop {
            let before = unread.len();
            for row in rows
                .iter()
                .filter(|row| row.entity_ref.kind() == "location")
            {
                let above = row
                    .place
                    .parent
                    .as_ref()
                    .and_then(|parent| unread.get(parent))
                    .cloned();
                let here = match self.visits.get(&row.place.location) {
                    Some(Visit::Failed(problem)) => Some(problem.clone()),
                    Some(Visit::Read {
                        refs,
                        broken: Some(problem),
                    }) if !refs.contains(&row.entity_ref) => Some(problem.clone()),
                    Some(_) => None,
                    None => above,
                };
                if let Some(problem) = here {
                    unread.entry(row.entity_ref.clone()).or_insert(problem);
                }
            }
            if unread.len() == before {
                return unread;
            }
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
