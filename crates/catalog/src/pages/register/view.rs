//! What a review looks like on the page.

use model::diagnostic::Severity;
use platform::request::encode;
use portal::View;
use portal::ui::{Code, CodeLine, Problem, Problems, Status, Tone};

use super::REGISTER;
use crate::index::Index;
use crate::ingest::Folder;
use crate::onboarding::{Clue, Effect, Flaw, Review, Reviewed};
use crate::pages::problems::{line_href, place_text};
use crate::pages::source_status::source_href;
use crate::pages::summary::RefLine;

/// Rows, problems and files that are shown.
const MAX_ROWS: usize = 200;
const MAX_FLAWS: usize = 50;
const MAX_FILES: usize = 100;

/// A review, ready to be shown.
pub(super) struct ReviewView {
    pub(super) rows: Vec<Row>,
    pub(super) more_rows: usize,
    pub(super) flaws: Vec<FlawView>,
    pub(super) more_flaws: usize,
    pub(super) total: usize,
    pub(super) has_errors: bool,
}

/// One entity.
pub(super) struct Row {
    pub(super) line: RefLine,
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) owner: Option<RefLine>,
    pub(super) place: String,
    pub(super) place_href: Option<String>,
    pub(super) status: Status,
    /// Who has it already: where, and the page of that source.
    pub(super) holder: Option<(String, String)>,
}

/// One problem with its lines.
pub(super) struct FlawView {
    pub(super) problem: Problems,
    pub(super) excerpt: Option<Code>,
}

impl ReviewView {
    pub(super) fn of(view: &View, index: &Index, review: &Review) -> Self {
        let rows = review.entities.iter().take(MAX_ROWS);
        let flaws = review.flaws.iter().take(MAX_FLAWS).enumerate();
        Self {
            rows: rows.map(|one| Row::of(view, index, one)).collect(),
            more_rows: review.entities.len().saturating_sub(MAX_ROWS),
            flaws: flaws.map(|(at, flaw)| FlawView::of(at, flaw)).collect(),
            more_flaws: review.flaws.len().saturating_sub(MAX_FLAWS),
            total: review.entities.len(),
            has_errors: review.has_errors(),
        }
    }
}

impl Row {
    fn of(view: &View, index: &Index, one: &Reviewed) -> Self {
        let (tone, key) = match one.effect {
            Effect::New => (Tone::Ok, "catalog-register-new"),
            Effect::Changed => (Tone::Info, "catalog-register-changed"),
            Effect::Same => (Tone::Neutral, "catalog-register-same"),
            Effect::Taken { .. } => (Tone::Warn, "catalog-register-taken"),
            Effect::Twice => (Tone::Warn, "catalog-register-twice"),
        };
        let holder = match &one.effect {
            Effect::Taken {
                location,
                source_id,
            } => Some((place_text(location, 0, 0), source_href(source_id))),
            _ => None,
        };
        Self {
            line: RefLine::of(index, &one.entity_ref),
            kind: one.kind.clone(),
            name: one.name.clone(),
            owner: one.owner.as_ref().map(|owner| RefLine::of(index, owner)),
            place: place_text(&one.location, one.line, 0),
            place_href: line_href(&one.location, one.line),
            status: Status {
                tone,
                text: view.t(key).to_string(),
            },
            holder,
        }
    }
}

impl FlawView {
    fn of(at: usize, flaw: &Flaw) -> Self {
        let problem = &flaw.problem;
        let file = problem.file.as_deref().unwrap_or_default();
        let tone = match problem.severity {
            Severity::Error => Tone::Bad,
            Severity::Warning => Tone::Warn,
            Severity::Info => Tone::Info,
        };
        let place = place_text(file, problem.line, problem.column);
        let excerpt = flaw.excerpt.as_ref().map(|excerpt| Code {
            id: format!("flaw-{at}"),
            caption: place.clone(),
            text: excerpt.text.clone(),
            marks: vec![CodeLine {
                line: excerpt.marked,
                tone,
                text: String::new(),
            }],
            ..Code::default()
        });
        Self {
            problem: Problems {
                problems: vec![Problem {
                    tone,
                    message: problem.message.clone(),
                    href: line_href(&format!("url:{file}"), problem.line),
                    place,
                    accepted: problem.accepted.clone(),
                    fix: problem.fix.clone(),
                }],
            },
            excerpt,
        }
    }
}

/// What an address turned out to be.
pub(super) enum Found {
    /// A repository with one catalog file.
    One { repository: String, file: String },
    /// A repository with several: path and the address of its own review.
    Many {
        repository: String,
        files: Vec<(String, String)>,
        more: usize,
    },
    /// A repository without any.
    None { repository: String, files: usize },
    /// A file that is not there, in a repository that may take it.
    Absent { href: String },
}

impl Found {
    pub(super) fn one(folder: &Folder, file: &str) -> Self {
        Self::One {
            repository: folder.scm.slug(),
            file: file.to_owned(),
        }
    }

    pub(super) fn many(folder: &Folder, files: &[String]) -> Self {
        let href = |file: &String| format!("{REGISTER}?url={}", encode(&folder.url_of(file)));
        Self::Many {
            repository: folder.scm.slug(),
            files: files
                .iter()
                .take(MAX_FILES)
                .map(|file| (file.clone(), href(file)))
                .collect(),
            more: files.len().saturating_sub(MAX_FILES),
        }
    }

    pub(super) fn none(folder: &Folder) -> Self {
        Self::None {
            repository: folder.scm.slug(),
            files: folder.files.len(),
        }
    }

    pub(super) fn absent(repository_url: &str) -> Self {
        Self::Absent {
            href: format!("{REGISTER}?url={}", encode(repository_url)),
        }
    }
}

/// One field of a suggestion and where it comes from.
pub(super) struct ClueLine {
    pub(super) text: String,
    pub(super) known: bool,
    pub(super) note: String,
}

impl ClueLine {
    pub(super) fn of(view: &View, clue: &Clue) -> Self {
        let note = match (clue.value.is_some(), clue.source.as_str()) {
            (false, _) => view.t("catalog-register-clue-none").to_string(),
            (true, "") => view.t("catalog-register-clue-default").to_string(),
            (true, source) => source.to_owned(),
        };
        Self {
            text: match &clue.value {
                Some(value) => format!("{}: {value}", clue.field),
                None => clue.field.to_owned(),
            },
            known: clue.value.is_some(),
            note,
        }
    }
}
