//! What a discovery provider found, and what it passed over and why.

use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use portal::safe_href;

use super::Desk;
use super::source_status::is_note;
use super::summary::{entity_href, text_at};
use crate::source::Source;
use crate::store::ProblemRow;
use crate::visibility::{is_shown, visible_to};

/// Lines of each list.
const MAX_LINES: usize = 200;

/// Places that a provider found.
pub(super) struct FoundView {
    /// The place and where it is.
    pub(super) lines: Vec<(String, String)>,
    pub(super) more: u64,
    pub(super) total: u64,
}

/// Repositories, people and teams that were passed over.
pub(super) struct SkippedView {
    /// What, and why.
    pub(super) lines: Vec<(String, String)>,
    pub(super) total: usize,
}

/// The files that a provider reads; nothing for a source that is one place.
pub(super) async fn found(
    desk: &Desk,
    caller: &Caller,
    source: &Source,
) -> Result<Option<FoundView>, ApiError> {
    if matches!(source.location.location_type(), "file" | "url" | "git") {
        return Ok(None);
    }
    let (refs, total) = desk.catalog.store().found_by(source, MAX_LINES).await?;
    let mut lines: Vec<(String, String)> = {
        let index = desk.catalog.model.index();
        let visible = visible_to(caller);
        let shown = |found: &EntityRef| is_shown(&index, visible.as_ref(), found);
        refs.iter()
            .filter(|entity_ref| shown(entity_ref))
            .filter_map(|entity_ref| {
                let entity = index.get(entity_ref)?;
                let target = target_of(&entity).unwrap_or_else(|| entity_ref.to_string());
                let href = match safe_href(&target) == target && target.starts_with("http") {
                    true => target.clone(),
                    false => entity_href(entity_ref),
                };
                Some((target, href))
            })
            .collect()
    };
    lines.sort();
    let shown = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    Ok(Some(FoundView {
        more: total.saturating_sub(shown),
        lines,
        total,
    }))
}

fn target_of(entity: &crate::index::EntityView<'_>) -> Option<String> {
    // A Location is a few lines.
    let document: serde_json::Value = serde_json::from_str(entity.json()).ok()?;
    text_at(&document, "/spec/target").map(str::to_owned)
}

/// Takes what was passed over out of the problems: nobody has to mend it.
pub(super) fn skipped(problems: Vec<ProblemRow>) -> (SkippedView, Vec<ProblemRow>) {
    let (notes, rest): (Vec<_>, Vec<_>) = problems.into_iter().partition(is_note);
    let lines = notes
        .iter()
        .take(MAX_LINES)
        .map(|row| match row.message.split_once(": ") {
            Some((what, why)) => (what.to_owned(), why.to_owned()),
            None => (row.message.clone(), String::new()),
        })
        .collect();
    let view = SkippedView {
        lines,
        total: notes.len(),
    };
    (view, rest)
}
