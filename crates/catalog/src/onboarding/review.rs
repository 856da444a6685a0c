//! What registering a place, or a text, would do to the catalog.

use std::collections::HashSet;

use model::diagnostic::{Diagnostic, Severity};
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use platform::actor::Caller;
use platform::error::ApiError;

use crate::engine::Catalog;
use crate::ingest::{Candidate, Preview, etag_of};
use crate::permission;
use crate::source::{Origin, Source};
use crate::store::EntityRow;

/// What a place would do.
#[derive(Debug)]
pub(crate) struct Review {
    /// The source that reads this place already.
    pub(crate) known: Option<Source>,
    /// The entities, conflicts first.
    pub(crate) entities: Vec<Reviewed>,
    /// What is wrong, errors first.
    pub(crate) flaws: Vec<Flaw>,
    /// Why nothing could be read at all.
    pub(crate) unreadable: Option<Diagnostic>,
}

/// An entity that the place declares.
#[derive(Debug)]
pub(crate) struct Reviewed {
    pub(crate) entity_ref: EntityRef,
    /// As written.
    pub(crate) kind: String,
    /// As written.
    pub(crate) name: String,
    pub(crate) owner: Option<EntityRef>,
    pub(crate) location: String,
    pub(crate) line: u32,
    pub(crate) effect: Effect,
}

/// What becomes of it. The order is that of the list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// Another place has it already and keeps it.
    Taken {
        /// Where.
        location: String,
        /// By which source.
        source_id: String,
    },
    /// The same review has it twice; the first counts.
    Twice,
    /// It does not exist yet.
    New,
    /// This place has it, with other content.
    Changed,
    /// This place has it, as it is.
    Same,
}

/// Something wrong, with the text around it where that is known.
#[derive(Debug)]
pub(crate) struct Flaw {
    pub(crate) problem: Diagnostic,
    pub(crate) excerpt: Option<Excerpt>,
}

/// Lines of a file around a problem.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Excerpt {
    /// The lines, each with its number.
    pub(crate) text: String,
    /// Which of them the problem is on, from 1.
    pub(crate) marked: usize,
}

/// Lines shown before and after the one that is meant.
const BEFORE: usize = 2;
const AFTER: usize = 1;
/// Longer lines are cut, in characters.
const MAX_COLUMNS: usize = 160;

impl Review {
    /// Whether something is refused.
    pub(crate) fn has_errors(&self) -> bool {
        self.unreadable.is_some()
            || self
                .flaws
                .iter()
                .any(|flaw| flaw.problem.severity == Severity::Error)
    }

    /// How many entities would be new.
    pub(crate) fn new_entities(&self) -> usize {
        let new = |one: &&Reviewed| one.effect == Effect::New;
        self.entities.iter().filter(new).count()
    }
}

impl Catalog {
    /// Reviews a place.
    ///
    /// # Errors
    /// 403 without `catalog.location.analyze`; when the database does not answer.
    pub(crate) async fn review(
        &self,
        caller: &Caller,
        location: &LocationRef,
    ) -> Result<Review, ApiError> {
        let (source, preview) = self.preview(caller, location.clone()).await?;
        let known = self.store.source_at(location).await?;
        self.judge(&source, known, preview).await
    }

    /// Reviews a text that is to stand at `location`; without one it stands
    /// nowhere yet, and what it refers to is not read.
    ///
    /// # Errors
    /// As [`Catalog::review`].
    pub(crate) async fn review_text(
        &self,
        caller: &Caller,
        location: Option<&LocationRef>,
        text: &str,
    ) -> Result<Review, ApiError> {
        caller.require(permission::LOCATION_ANALYZE)?;
        let place = match location {
            Some(location) => location.clone(),
            None => LocationRef::new("file", "catalog-info.yaml")
                .map_err(|error| ApiError::input(error.to_string()))?,
        };
        let source = self.new_source(place, Origin::Api, &caller.actor);
        let preview = self
            .ingestion
            .preview_text(&source, text, location.is_some())
            .await;
        self.judge(&source, None, preview).await
    }

    async fn judge(
        &self,
        source: &Source,
        known: Option<Source>,
        preview: Preview,
    ) -> Result<Review, ApiError> {
        // Those of line 0 stand in no file: they exist because the source does.
        let declared: Vec<Candidate> = preview
            .candidates
            .into_iter()
            .filter(|candidate| candidate.line > 0)
            .collect();
        let refs: Vec<EntityRef> = declared.iter().map(|one| one.entity_ref.clone()).collect();
        let rows = self.store.rows(&refs).await?;
        let mut seen = HashSet::new();
        let mut entities: Vec<Reviewed> = declared
            .iter()
            .map(|candidate| {
                let first = seen.insert(candidate.entity_ref.clone());
                let row = rows.get(&candidate.entity_ref);
                Reviewed::of(candidate, effect_of(candidate, row, first))
            })
            .collect();
        entities.sort_by(|a, b| (&a.effect, &a.entity_ref).cmp(&(&b.effect, &b.entity_ref)));
        let mut flaws: Vec<Flaw> = preview
            .problems
            .into_iter()
            .map(|problem| Flaw {
                excerpt: excerpt_of(&problem, &preview.texts),
                problem,
            })
            .collect();
        flaws.sort_by_key(|flaw| {
            let problem = &flaw.problem;
            (
                std::cmp::Reverse(problem.severity),
                problem.file.clone(),
                problem.line,
            )
        });
        let unreadable = preview
            .unreadable
            .map(|problem| problem.in_file(crate::place::shown(&source.location.to_string())));
        Ok(Review {
            known,
            entities,
            flaws,
            unreadable,
        })
    }
}

impl Reviewed {
    fn of(candidate: &Candidate, effect: Effect) -> Self {
        let entity = &candidate.entity;
        let owner = entity.spec_text("owner").and_then(|owner| {
            EntityRef::parse(owner, Some("group"), Some(entity.namespace())).ok()
        });
        Self {
            entity_ref: candidate.entity_ref.clone(),
            kind: entity.kind().to_owned(),
            name: entity.name().to_owned(),
            owner,
            location: candidate.location.clone(),
            line: candidate.line,
            effect,
        }
    }
}

fn effect_of(candidate: &Candidate, row: Option<&EntityRow>, first: bool) -> Effect {
    match row {
        _ if !first => Effect::Twice,
        None => Effect::New,
        Some(row) if !candidate.is_also(row) => Effect::Taken {
            location: row.place.location.clone(),
            source_id: row.place.source_id.clone(),
        },
        Some(row) if row.etag == etag_of(&candidate.entity) => Effect::Same,
        Some(_) => Effect::Changed,
    }
}

fn excerpt_of(problem: &Diagnostic, texts: &[(String, String)]) -> Option<Excerpt> {
    let file = problem.file.as_deref()?;
    let (_, text) = texts.iter().find(|(name, _)| name == file)?;
    let line = usize::try_from(problem.line)
        .ok()
        .filter(|line| *line > 0)?;
    let first = line.saturating_sub(BEFORE).max(1);
    let shown: Vec<(usize, &str)> = (1..)
        .zip(text.lines())
        .skip(first - 1)
        .take(line + AFTER + 1 - first)
        .collect();
    // A problem at the very end may lie behind the last line.
    shown.iter().find(|(number, _)| *number == line)?;
    let width = (line + AFTER).to_string().len();
    let lines: Vec<String> = shown
        .iter()
        .map(|(number, text)| {
            let cut: String = text.chars().take(MAX_COLUMNS).collect();
            format!("{number:>width$} │ {cut}")
        })
        .collect();
    Some(Excerpt {
        text: lines.join("\n"),
        marked: line - first + 1,
    })
}

#[cfg(test)]
mod tests {
    use model::yaml::Mark;
    use proptest::prelude::*;

    use super::*;

    fn at(line: u32) -> Diagnostic {
        Diagnostic::error("yaml-tab", "x")
            .in_file("a.yaml")
            .at(Mark::new(line, 1))
    }

    #[test]
    fn an_excerpt_is_the_line_with_its_neighbours() {
        let text: String = (1..=12).map(|line| format!("l{line}\n")).collect();
        let texts = [("a.yaml".to_owned(), text)];
        let excerpt = excerpt_of(&at(10), &texts).expect("an excerpt");
        assert_eq!(excerpt.text, " 8 │ l8\n 9 │ l9\n10 │ l10\n11 │ l11");
        assert_eq!(excerpt.marked, 3);
        let first = excerpt_of(&at(1), &texts).expect("an excerpt");
        assert_eq!((first.text.as_str(), first.marked), ("1 │ l1\n2 │ l2", 1));
        assert_eq!(excerpt_of(&at(13), &texts), None);
        assert_eq!(excerpt_of(&at(0), &texts), None);
        assert_eq!(excerpt_of(&at(1), &[]), None);
    }

    proptest! {
        #[test]
        fn any_text_has_excerpts(text in ".{0,80}", line in 0_u32..20) {
            let texts = [("a.yaml".to_owned(), text)];
            if let Some(excerpt) = excerpt_of(&at(line), &texts) {
                prop_assert!(excerpt.marked >= 1 && excerpt.marked <= excerpt.text.lines().count());
            }
        }
    }
}
