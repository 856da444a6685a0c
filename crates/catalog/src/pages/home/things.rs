//! The table of things: one's own, or the most important ones of all.

use std::sync::Arc;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use portal::ui::{Status, Tone};
use portal::{ThingLine, View};

use super::super::Desk;
use super::super::standing::Flags;
use super::super::summary::{Summary, entity_href};
use super::Scope;
use crate::index::{Index, ListRequest, Order};

/// Rows; the link leads to all of them.
const MAX_THINGS: usize = 10;

/// The table.
pub(super) struct Things {
    pub(super) lines: Vec<ThingLine>,
    pub(super) title: String,
    pub(super) total: u64,
    pub(super) href: String,
}

/// Components first by tier, then by name; where one's groups own no
/// component, whatever they own.
pub(super) async fn find(
    desk: &Desk,
    view: &View,
    scope: &Scope,
    flags: &Arc<Flags>,
) -> Result<Things, ApiError> {
    let components = Predicate::equals("kind", "component");
    let (found, total, only_components) = {
        let index = desk.catalog.model.index();
        let total = flags.count(&index, &scope.request(Some(components.clone())));
        if total > 0 {
            (important(&index, scope, flags, &components), total, true)
        } else {
            let request = scope.request(None);
            let found = listed(&index, request.clone(), MAX_THINGS);
            (found, flags.count(&index, &request), false)
        }
    };
    let mut lines = Vec::with_capacity(found.len());
    for summary in &found {
        let latest = desk
            .lately
            .version(&desk.catalog, &summary.entity_ref)
            .await?;
        let problems = if summary.flawed {
            desk.catalog
                .store
                .problems_of(&summary.entity_ref)
                .await?
                .len()
        } else {
            0
        };
        let mut line = line(desk, view, summary, problems, scope.is_mine());
        line.changed = latest.map(|entry| {
            let href = history_href(&summary.entity_ref, entry.version);
            (view.ago(&entry.time), href)
        });
        lines.push(line);
    }
    let title = match (scope.is_mine(), only_components) {
        (true, true) => "catalog-home-my-components",
        (true, false) => "catalog-home-my-things",
        (false, true) if lines.iter().any(|line| !line.tier.is_empty()) => "catalog-home-important",
        (false, true) => "catalog-nav-components",
        (false, false) => "catalog-home-things",
    };
    Ok(Things {
        lines,
        title: view.t(title).to_string(),
        total,
        href: scope.href(if only_components {
            "kind=component"
        } else {
            ""
        }),
    })
}

fn important(index: &Index, scope: &Scope, flags: &Flags, components: &Predicate) -> Vec<Summary> {
    let mut found: Vec<Summary> = Vec::new();
    let tiers = flags.tiers.iter().map(|(_, tier)| Some(tier.clone()));
    for tier in tiers.chain([None]) {
        let wanted = Predicate::and(Some(components.clone()), tier);
        for summary in listed(index, scope.request(wanted), MAX_THINGS) {
            let known = |known: &Summary| known.entity_ref == summary.entity_ref;
            if found.len() < MAX_THINGS && !found.iter().any(known) {
                found.push(summary);
            }
        }
        if found.len() >= MAX_THINGS {
            break;
        }
    }
    found
}

fn listed(index: &Index, request: ListRequest, limit: usize) -> Vec<Summary> {
    let visible = request.visible.clone();
    let list = index.list(&ListRequest {
        order: vec![Order {
            field: "metadata.name".to_owned(),
            descending: false,
        }],
        limit: Some(limit),
        ..request
    });
    list.items
        .iter()
        .map(|entity| Summary::of(index, entity).seen_by(index, visible.as_ref()))
        .collect()
}

fn line(desk: &Desk, view: &View, summary: &Summary, problems: usize, mine: bool) -> ThingLine {
    let tier = summary.standing(desk.catalog.tiers()).tier;
    let owner = summary.owner.as_ref().filter(|_| !mine);
    let status = if summary.flawed {
        let text = match problems {
            0 => view.t("catalog-flawed").to_string(),
            count => view
                .t("catalog-source-flawed")
                .with("count", count)
                .to_string(),
        };
        Status {
            tone: Tone::Bad,
            text,
        }
    } else {
        Status {
            tone: Tone::Ok,
            text: view.t("catalog-home-fine").to_string(),
        }
    };
    ThingLine {
        name: summary.display().to_owned(),
        href: summary.href(),
        icon: summary.icon().to_owned(),
        owner: owner.map(|owner| (owner.text.clone(), owner.href.clone())),
        spec_type: summary.spec_type.clone().unwrap_or_default(),
        tier: tier.map(|(name, _)| name).unwrap_or_default(),
        lifecycle: summary.lifecycle.clone().unwrap_or_default(),
        status,
        changed: None,
    }
}

/// What changed with this version.
pub(super) fn history_href(entity_ref: &EntityRef, version: i64) -> String {
    let page = format!("{}/history", entity_href(entity_ref));
    if version > 1 {
        format!("{page}?from={}&to={version}#diff", version - 1)
    } else {
        page
    }
}
