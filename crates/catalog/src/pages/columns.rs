//! Which columns the list shows, in which order: as the address says, else as
//! the reader has chosen, else the usual ones.

use std::collections::HashMap;

use axum::response::{IntoResponse, Redirect};
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::Column;
use portal::{Address, Toast, View};
use serde_json::Value;

use super::summary::{RefLine, Summary};
use super::{Answer, Desk};
use crate::compliance;
use crate::index::EntityView;
use crate::place::shown;
use crate::tier::Tiers;

/// Where the reader's choice is kept.
const BUCKET: &str = "catalog.list";
const KEY: &str = "columns";
/// Tags in one cell.
const MAX_TAGS: usize = 6;
/// Characters of a commit that tell it from others.
const COMMIT: usize = 7;

/// A column besides the name, which is always there and first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ListColumn {
    Kind,
    Type,
    Owner,
    Lifecycle,
    System,
    Tier,
    Tags,
    Compliance,
    Source,
    Changed,
    Problems,
}

impl ListColumn {
    pub(super) const ALL: [Self; 11] = [
        Self::Kind,
        Self::Type,
        Self::Owner,
        Self::Lifecycle,
        Self::System,
        Self::Tier,
        Self::Tags,
        Self::Compliance,
        Self::Source,
        Self::Changed,
        Self::Problems,
    ];

    /// In the address and in forms.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Type => "type",
            Self::Owner => "owner",
            Self::Lifecycle => "lifecycle",
            Self::System => "system",
            Self::Tier => "tier",
            Self::Tags => "tags",
            Self::Compliance => "compliance",
            Self::Source => "source",
            Self::Changed => "changed",
            Self::Problems => "problems",
        }
    }

    /// The message key of its heading.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Kind => "catalog-kind",
            Self::Type => "catalog-type",
            Self::Owner => "catalog-owner",
            Self::Lifecycle => "catalog-lifecycle",
            Self::System => "catalog-system",
            Self::Tier => "catalog-tier",
            Self::Tags => "catalog-tags",
            Self::Compliance => "catalog-compliance",
            Self::Source => "catalog-source",
            Self::Changed => "catalog-changed",
            Self::Problems => "catalog-problem-count",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|column| column.name().eq_ignore_ascii_case(name.trim()))
    }

    fn sort(self) -> &'static str {
        match self {
            Self::Kind
            | Self::Type
            | Self::Owner
            | Self::Lifecycle
            | Self::System
            | Self::Changed => self.name(),
            _ => "",
        }
    }
}

/// The columns of one list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) shown: Vec<ListColumn>,
    /// Somebody has chosen them, so that none is left out on narrow cards
    /// besides the usual.
    chosen: bool,
}

impl Columns {
    /// Of an address, with what its reader has kept. `kinds`: all kinds are shown.
    pub(super) fn of(here: &Address, kept: &[ListColumn], kinds: bool) -> Self {
        let mut named: Vec<ListColumn> = Vec::new();
        let address = here.get("columns").unwrap_or_default();
        for column in address.split(',').filter_map(ListColumn::named) {
            if !named.contains(&column) {
                named.push(column);
            }
        }
        if named.is_empty() {
            named.extend_from_slice(kept);
        }
        if !named.is_empty() {
            return Self {
                shown: named,
                chosen: true,
            };
        }
        let mut shown = vec![
            ListColumn::Type,
            ListColumn::Owner,
            ListColumn::Lifecycle,
            ListColumn::System,
            ListColumn::Tags,
        ];
        if kinds {
            shown.insert(0, ListColumn::Kind);
        }
        Self {
            shown,
            chosen: false,
        }
    }

    pub(super) fn has(&self, column: ListColumn) -> bool {
        self.shown.contains(&column)
    }

    /// Where a column is left out: `hide` in narrow cards, `wide` but in wide ones.
    pub(super) fn narrow(&self, column: ListColumn) -> &'static str {
        match column {
            ListColumn::Tags if !self.chosen => "wide",
            ListColumn::Owner | ListColumn::Kind => "",
            _ => "hide",
        }
    }

    /// The headings, those of check boxes and stars included.
    pub(super) fn head(&self, view: &View) -> Vec<Column> {
        let text = |key| view.t(key).to_string();
        let mut head = vec![
            Column::silent(text("catalog-pick")),
            Column::sorted(text("catalog-name"), "name"),
        ];
        for column in &self.shown {
            let title = text(column.title());
            let heading = match column.sort() {
                "" => Column::new(title),
                sort => Column::sorted(title, sort),
            };
            head.push(heading.narrow(self.narrow(*column)));
        }
        head.push(Column::silent(text("catalog-star")));
        head
    }
}

/// What stands in a cell.
#[derive(Clone, Debug)]
pub(super) enum Cell {
    Nothing,
    Text(String),
    Reference(RefLine),
    Tags(Vec<String>),
    Link(String, String),
    /// When it changed last, and at which commit.
    Changed(Timestamp, Option<String>),
    /// How much is wrong with it.
    Problems(u64),
}

/// The last change of each entity of a page.
pub(super) type Changes = HashMap<EntityRef, Cell>;

impl ListColumn {
    /// The cell of an entity. What changed when is not known here: that cell
    /// stays empty.
    pub(super) fn cell(
        self,
        summary: &Summary,
        entity: &EntityView<'_>,
        (kind, tiers): (&str, &Tiers),
    ) -> Cell {
        let text = |text: Option<String>| text.map_or(Cell::Nothing, Cell::Text);
        match self {
            Self::Kind => Cell::Text(kind.to_owned()),
            Self::Type => text(summary.spec_type.clone()),
            Self::Lifecycle => text(summary.lifecycle.clone()),
            Self::Owner => summary.owner.clone().map_or(Cell::Nothing, Cell::Reference),
            Self::System => summary
                .system
                .clone()
                .map_or(Cell::Nothing, Cell::Reference),
            Self::Tier => text(summary.standing(tiers).tier.map(|(tier, _)| tier)),
            Self::Tags => Cell::Tags(summary.tags.iter().take(MAX_TAGS).cloned().collect()),
            Self::Compliance => Cell::Tags(compliance::standards(summary.subject().parts)),
            Self::Source => source(summary),
            Self::Changed => Cell::Nothing,
            Self::Problems => match problems(entity) {
                0 => Cell::Nothing,
                count => Cell::Problems(count),
            },
        }
    }
}

/// Where it is written: the name of the file, with its link where it has one.
fn source(summary: &Summary) -> Cell {
    let tail = |place: &str| {
        let path = place.split(['?', '#']).next().unwrap_or(place);
        let mut steps: Vec<&str> = path
            .rsplit('/')
            .filter(|step| !step.is_empty())
            .take(2)
            .collect();
        steps.reverse();
        steps.join("/")
    };
    if let Some(href) = summary.annotation("backstage.io/view-url") {
        return Cell::Link(tail(href), href.to_owned());
    }
    match summary.annotation("backstage.io/managed-by-location") {
        Some(location) => Cell::Text(tail(shown(location))),
        None => Cell::Nothing,
    }
}

fn short_commit(commit: &str) -> String {
    commit.chars().take(COMMIT).collect()
}

/// How many problems its status names.
pub(super) fn problems(entity: &EntityView<'_>) -> u64 {
    let Some(status) = entity.status() else {
        return 0;
    };
    let status: Value = serde_json::from_str(status).unwrap_or_default();
    let items = status.pointer("/items").and_then(Value::as_array);
    // A status without items still says that something is wrong.
    items.map_or(1, |items| u64::try_from(items.len()).unwrap_or(u64::MAX))
}

impl Desk {
    /// The columns that the caller has chosen; none for the usual ones.
    pub(super) async fn columns(&self, caller: &Caller) -> Result<Vec<ListColumn>, ApiError> {
        if caller.is_anonymous() {
            return Ok(Vec::new());
        }
        let kept = self.identity.user_setting(caller, BUCKET, KEY).await?;
        let listed = kept.as_ref().and_then(Value::as_array);
        Ok(listed
            .into_iter()
            .flatten()
            .filter_map(|name| ListColumn::named(name.as_str()?))
            .collect())
    }

    /// When these changed last, and at which commit.
    pub(super) async fn changes(&self, refs: &[EntityRef]) -> Result<Changes, ApiError> {
        let rows = self.catalog.store().rows(refs).await?;
        Ok(rows
            .into_iter()
            .map(|(entity_ref, row)| {
                let commit = row.place.revision.as_deref().map(short_commit);
                (entity_ref, Cell::Changed(row.updated_at, commit))
            })
            .collect())
    }
}

/// `POST /catalog/columns`: `column=` for each, `place-NAME=` for its place;
/// `do=reset` for the usual ones.
pub(super) async fn change(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let form = call.form();
    // The list is the only page with this form.
    let query = form.get("back").and_then(|back| back.split_once('?'));
    let back = Address::new("/catalog", query.map_or("", |(_, query)| query))
        .without("columns")
        .to_string();
    if form.get("do") == Some("reset") {
        desk.identity
            .remove_user_setting(&call.caller, BUCKET, KEY)
            .await?;
        return Ok(Toast::new(view.t("catalog-columns-reset-done").to_string()).redirect(&back));
    }
    let mut chosen: Vec<(usize, ListColumn)> = Vec::new();
    for column in form.all("column").filter_map(ListColumn::named) {
        let place = form.get(&format!("place-{}", column.name()));
        let place = place
            .and_then(|text| text.parse().ok())
            .unwrap_or(usize::MAX);
        if !chosen.iter().any(|(_, known)| *known == column) {
            chosen.push((place, column));
        }
    }
    if chosen.is_empty() {
        return Err(ApiError::input("No column was chosen")
            .accepted(ListColumn::ALL.map(ListColumn::name).join(", ")));
    }
    // Of two in the same place, the one that stands first in the form.
    chosen.sort_by_key(|(place, _)| *place);
    if call.caller.is_anonymous() {
        // Nothing can be kept for nobody: the address keeps it.
        let names: Vec<&str> = chosen.iter().map(|(_, column)| column.name()).collect();
        let shown = Address::parse(&back).with("columns", &names.join(","));
        return Ok(Redirect::to(&shown.to_string()).into_response());
    }
    let names = chosen
        .iter()
        .map(|(_, column)| Value::String(column.name().to_owned()))
        .collect();
    desk.identity
        .set_user_setting(&call.caller, (BUCKET, KEY), &Value::Array(names))
        .await?;
    Ok(Toast::new(view.t("catalog-columns-done").to_string()).redirect(&back))
}
