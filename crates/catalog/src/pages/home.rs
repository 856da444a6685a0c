//! What the home page shows of the catalog.

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use platform::request::Call;
use portal::{HomePage, KindCount, OwnedLine, SourceLine, View};

use super::labels::kind_plural;
use super::navigation::kind_counts;
use super::shorten::shortened;
use super::source_status::{Condition, fresh, place_of, source_href};
use super::summary::Summary;
use crate::engine::Catalog;
use crate::index::{Index, ListRequest, Order};
use crate::permission::LOCATION_READ;
use crate::visibility::visible_to;

/// Things of one's own that are listed; the link leads to all of them.
const MAX_OWNED: usize = 12;
/// Sources in need that are listed; the link leads to all of them.
const MAX_SOURCES: usize = 8;
/// Room for what is wrong with a source, in columns of the screen.
const NOTE_COLUMNS: usize = 160;

impl Catalog {
    /// The home page for this caller.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn home(&self, view: View, call: &Call) -> Result<HomePage, ApiError> {
        let (source_count, sources) = if call.caller.may(LOCATION_READ) {
            self.sources_in_need(&view).await?
        } else {
            (0, Vec::new())
        };
        let visible = visible_to(&call.caller);
        let (counts, owned) = {
            let index = self.model.index();
            let counts = if visible.is_none() {
                kind_counts(&index)
            } else {
                Vec::new()
            };
            (counts, owned(&index, call, visible.as_ref()))
        };
        let kinds = counts
            .into_iter()
            .map(|(kind, count)| KindCount {
                text: kind_plural(&view, self.model.kinds(), &kind),
                icon: portal::kind_icon(&kind, None).to_owned(),
                href: format!(
                    "/catalog?kind={}",
                    platform::request::encode(&kind.to_lowercase())
                ),
                count,
            })
            .collect();
        let lines = |owned: Vec<Summary>| {
            owned
                .iter()
                .map(|summary| owned_line(&view, summary))
                .collect()
        };
        Ok(HomePage {
            kinds,
            sources,
            source_count,
            sources_href: "/sources".to_owned(),
            owned: owned.map(lines),
            owned_href: "/catalog?owner=me".to_owned(),
            view,
        })
    }

    async fn sources_in_need(&self, view: &View) -> Result<(u64, Vec<SourceLine>), ApiError> {
        let sources = self.store.sources().await?;
        let counts = self.store.problem_counts().await?;
        let mut lines = Vec::new();
        for source in &sources {
            let flaws = counts.get(source.id.as_str()).copied().unwrap_or(0);
            // Without its job first: only sources in need are worth a look at the queue.
            if !Condition::of(source, None, flaws, view.now).asks_for_attention() {
                continue;
            }
            let next = self.next_refresh(&source.id).await?;
            let condition = Condition::of(source, next.as_ref(), flaws, view.now);
            lines.push(SourceLine {
                name: place_of(source),
                href: source_href(&source.id),
                status: condition.status(view),
                note: shortened(
                    source.state.last_error.as_deref().unwrap_or_default(),
                    NOTE_COLUMNS,
                ),
                fresh: fresh(source, next.as_ref(), &condition),
            });
            if lines.len() >= MAX_SOURCES {
                break;
            }
        }
        Ok((u64::try_from(sources.len()).unwrap_or(u64::MAX), lines))
    }
}

/// What the caller owns, by name; nothing for callers of whom the catalog
/// knows no group and no person.
fn owned(index: &Index, call: &Call, visible: Option<&Predicate>) -> Option<Vec<Summary>> {
    let owners = &call.caller.ownership;
    owners.iter().find(|owner| index.get(owner).is_some())?;
    let found = index.list(&ListRequest {
        query: Some(Predicate::is_in(
            "relations.ownedBy",
            owners.iter().map(EntityRef::as_str),
        )),
        visible: visible.cloned(),
        order: ["kind", "metadata.name"]
            .map(|field| Order {
                field: field.to_owned(),
                descending: false,
            })
            .into(),
        limit: Some(MAX_OWNED),
        ..ListRequest::default()
    });
    Some(
        found
            .items
            .iter()
            .map(|entity| Summary::of(index, entity))
            .collect(),
    )
}

fn owned_line(view: &View, summary: &Summary) -> OwnedLine {
    OwnedLine {
        name: summary.display().to_owned(),
        href: summary.href(),
        icon: summary.icon().to_owned(),
        note: summary.description(view.lang).to_owned(),
        status: summary.flawed.then(|| portal::ui::Status {
            tone: portal::ui::Tone::Bad,
            text: view.t("catalog-flawed").to_string(),
        }),
    }
}
