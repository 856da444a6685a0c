//! The end of a refresh, when all places have been visited: what has moved, and
//! what is gone.

use std::collections::HashMap;

use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use platform::store::StoreError;

use super::digest::read_and_digest;
use super::run::{Refresh, Visit};
use crate::store::EntityRow;

impl Refresh<'_> {
    /// An entity whose old place no longer has it has moved; otherwise it is
    /// declared twice and the place that had it keeps it.
    pub(super) async fn settle_moves(&mut self) -> Result<(), StoreError> {
        let mut moved = Vec::new();
        for (candidate, row) in std::mem::take(&mut self.moved) {
            self.clear_up(&row.place.location).await;
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
    pub(super) async fn settle_absences(&mut self) -> Result<(), StoreError> {
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
        // What a Location leads to is only known where that can be read.
        for row in &rows {
            if row.entity_ref.kind() == "location" {
                self.clear_up(&row.place.location).await;
            }
        }
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

    /// Reads a place again that is as it was, where it must be known what is in
    /// it besides a document that could not be understood.
    async fn clear_up(&mut self, location: &str) {
        let Some(todo) = self.unclear.remove(location) else {
            return;
        };
        let visit = match read_and_digest(&self.context, &todo).await {
            Ok(digest) => Visit::Read {
                broken: digest.why_broken(),
                refs: digest
                    .candidates
                    .into_iter()
                    .map(|candidate| candidate.entity_ref)
                    .collect(),
            },
            Err(failure) => Visit::Failed(todo.problem(failure).1),
        };
        self.visits.insert(location.to_owned(), visit);
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
