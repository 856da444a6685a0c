//! `/catalog/{namespace}/{kind}/{name}` and its tabs.

mod about;
mod frame;
mod history;
mod missing;
mod other;
mod overview;
mod raw;
mod relations;

use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use portal::View;

use super::moment::moment_of;
use super::navigation::entry_of_kind;
use super::{Answer, Desk};
use crate::engine::NextRefresh;
use crate::index::{EntityView, Index};
use crate::source::Source;
use crate::store::{ConflictRow, EntityRow, ProblemRow};
use crate::visibility::visible_to;

pub(super) use history::page as history;
pub(super) use other::page as other;
pub(super) use overview::page as overview;
pub(super) use raw::page as raw;
pub(super) use relations::page as relations;

/// What the database knows of an entity besides its document. Nothing of it
/// holds for a past moment.
#[derive(Debug, Default)]
struct Ledger {
    row: Option<EntityRow>,
    source: Option<Source>,
    next: Option<NextRefresh>,
    problems: Vec<ProblemRow>,
    conflicts: Vec<ConflictRow>,
}

impl Ledger {
    async fn of(desk: &Desk, entity_ref: &EntityRef) -> Result<Self, ApiError> {
        let store = desk.catalog.store();
        let (row, problems, conflicts) = tokio::try_join!(
            store.row(entity_ref),
            store.problems_of(entity_ref),
            store.conflicts(Some(entity_ref))
        )?;
        let (mut source, mut next) = (None, None);
        if let Some(row) = &row {
            source = store.source(&row.place.source_id).await?;
            next = desk.catalog.next_refresh(&row.place.source_id).await?;
        }
        Ok(Self {
            row,
            source,
            next,
            problems,
            conflicts,
        })
    }

    /// As [`Ledger::of`], or nothing when the page shows a past moment.
    async fn now(desk: &Desk, view: &View, entity_ref: &EntityRef) -> Result<Self, ApiError> {
        match moment_of(view) {
            Some(_) => Ok(Self::default()),
            None => Self::of(desk, entity_ref).await,
        }
    }
}

/// The entity that a path names.
fn ref_in_path(call: &Call) -> EntityRef {
    EntityRef::new(call.path("kind"), call.path("namespace"), call.path("name"))
}

/// The page's frame, with the rail at the entity's kind.
fn view_for(desk: &Desk, call: &Call, entity_ref: &EntityRef) -> View {
    let view = desk.view(call);
    match entry_of_kind(entity_ref.kind()) {
        Some(label) => view.at(label),
        None => view,
    }
}

/// The entity, if there is one and the caller may know of it.
fn find<'a>(index: &'a Index, entity_ref: &EntityRef, call: &Call) -> Option<EntityView<'a>> {
    let entity = index.get(entity_ref)?;
    let visible = visible_to(&call.caller);
    visible
        .is_none_or(|visible| index.matches(entity_ref, &visible))
        .then_some(entity)
}
