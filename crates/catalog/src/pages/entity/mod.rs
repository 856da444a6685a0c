//! `/catalog/{namespace}/{kind}/{name}` and its tabs.

mod about;
mod frame;
mod history;
mod impact;
mod missing;
mod other;
mod overview;
mod path;
mod raw;
mod relations;
mod star;

use std::iter;

use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use portal::View;

use super::moment::{following, moment_of};
use super::navigation::entry_of_kind;
use super::{Answer, Desk};
use crate::engine::NextRefresh;
use crate::index::{EntityView, Index};
use crate::source::Source;
use crate::store::{ConflictRow, EntityRow, ProblemRow};
use crate::visibility::visible_to;

pub(super) use history::page as history;
pub(super) use missing::near;
pub(super) use other::page as other;
pub(super) use overview::page as overview;
pub(super) use raw::page as raw;
pub(super) use relations::page as relations;
pub(super) use star::change as star;

/// Entities that a page follows at most.
const MAX_FOLLOWED: usize = 60;

/// What the database knows of an entity besides its document. Nothing of it
/// holds for a past moment.
#[derive(Debug, Default)]
struct Ledger {
    row: Option<EntityRow>,
    source: Option<Source>,
    next: Option<NextRefresh>,
    problems: Vec<ProblemRow>,
    conflicts: Vec<ConflictRow>,
    /// Whether the reader has starred it; nothing for readers without a name.
    starred: Option<bool>,
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
            starred: None,
        })
    }

    /// As [`Ledger::of`], or nothing when the page shows a past moment.
    async fn now(
        (desk, call): (&Desk, &Call),
        view: &View,
        entity_ref: &EntityRef,
    ) -> Result<Self, ApiError> {
        let ledger = match moment_of(view) {
            Some(_) => Self::default(),
            None => Self::of(desk, entity_ref).await?,
        };
        ledger.with_star(desk, call, entity_ref).await
    }

    async fn with_star(
        mut self,
        desk: &Desk,
        call: &Call,
        entity_ref: &EntityRef,
    ) -> Result<Self, ApiError> {
        if !call.caller.is_anonymous() {
            let stars = desk.stars(&call.caller).await?;
            self.starred = Some(stars.contains(entity_ref));
        }
        Ok(self)
    }
}

/// The entity that a path names.
fn ref_in_path(call: &Call) -> EntityRef {
    EntityRef::new(call.path("kind"), call.path("namespace"), call.path("name"))
}

/// The page's frame, with the rail at the entity's kind.
fn view_for(desk: &Desk, call: &Call, entity_ref: &EntityRef) -> View {
    let view = following(desk.view(call), around(desk, entity_ref));
    match entry_of_kind(entity_ref.kind()) {
        Some(label) => view.at(label),
        None => view,
    }
}

/// What the page of an entity shows: itself, and what it has to do with.
fn around(desk: &Desk, entity_ref: &EntityRef) -> Vec<String> {
    let index = desk.catalog.model.index();
    let relations = index.relations(entity_ref);
    let others = relations.iter().map(|relation| relation.target.to_string());
    iter::once(entity_ref.to_string())
        .chain(others)
        .take(MAX_FOLLOWED)
        .collect()
}

/// The entity, if there is one and the caller may know of it.
fn find<'a>(index: &'a Index, entity_ref: &EntityRef, call: &Call) -> Option<EntityView<'a>> {
    let entity = index.get(entity_ref)?;
    let visible = visible_to(&call.caller);
    visible
        .is_none_or(|visible| index.matches(entity_ref, &visible))
        .then_some(entity)
}
