//! What fails with an entity: by tier and owner, and whom to tell.

use std::borrow::Cow;
use std::collections::HashMap;

use axum::response::Response;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::query::Predicate;
use platform::request::encode;
use portal::View;
use portal::ui::Code;
use serde_json::{Value, json};

use crate::csv;
use crate::index::{Direction, Index, StepView, Those};
use crate::pages::export::json_answer;
use crate::pages::graph::{Format, file};
use crate::pages::labels::{kind_title, relation_label};
use crate::pages::standing::Flags;
use crate::pages::summary::RefLine;

const MAX_AFFECTED: usize = 5_000;
/// Rows of the table; the exports have all.
const MAX_ROWS: usize = 100;
const MAX_TEAMS: usize = 30;
/// Addresses of one message. Longer links fail in mail programs.
const MAX_ADDRESSES: usize = 40;

/// The whole card.
#[derive(Debug)]
pub(super) struct Impact {
    pub(super) total: usize,
    pub(super) rows: Vec<Affected>,
    pub(super) teams: Vec<Team>,
    pub(super) team_count: usize,
    /// A message to all owners whose address is known.
    pub(super) mail: Option<String>,
    /// The table as text to be copied.
    pub(super) copy: Option<Code>,
    pub(super) exports: Vec<(&'static str, String)>,
    pub(super) command: Code,
}

/// One thing that fails.
#[derive(Debug)]
pub(super) struct Affected {
    pub(super) depth: usize,
    pub(super) line: RefLine,
    pub(super) kind: String,
    pub(super) spec_type: Option<String>,
    pub(super) relation: String,
    pub(super) tier: Option<String>,
    pub(super) owner: Option<RefLine>,
}

/// An owner with the number of its things that fail.
#[derive(Debug)]
pub(super) struct Team {
    /// Nothing for what nobody owns.
    pub(super) line: Option<RefLine>,
    pub(super) count: usize,
    /// How many of them are in the strictest tier that occurs.
    pub(super) tier: Option<String>,
}

/// What is known of a step without reading its document.
struct Found<'i> {
    step: StepView<'i>,
    /// Place among all tiers; the strictest is first, none is last.
    tier: usize,
    owner: Option<&'i EntityRef>,
}

/// Where the looking starts, and what the reader may see.
type Around<'a> = (&'a EntityRef, Option<&'a Predicate>);

/// Everything that fails, nearest first.
fn affected<'i>(index: &'i Index, flags: &Flags, (root, visible): Around<'_>) -> Vec<Found<'i>> {
    let limits = (usize::MAX, MAX_AFFECTED);
    let steps = index.steps(root, Direction::Dependents, limits, visible);
    let tiers: Vec<Those> = flags
        .tiers
        .iter()
        .map(|(_, tier)| index.those(tier))
        .collect();
    let found = steps.into_iter().map(|step| Found {
        tier: tiers
            .iter()
            .position(|tier| tier.have(&step))
            .unwrap_or(tiers.len()),
        owner: index.targets_from(&step, "ownedBy").min(),
        step,
    });
    found.collect()
}

/// The `limit` most important first; the others are left out. Without an owner
/// last: `None` would be first.
fn most_important(mut found: Vec<Found<'_>>, limit: usize) -> Vec<Found<'_>> {
    let order = |a: &Found<'_>, b: &Found<'_>| {
        let key = |one: &Found<'_>| (one.tier, one.owner.is_none());
        key(a)
            .cmp(&key(b))
            .then_with(|| a.owner.cmp(&b.owner))
            .then_with(|| (a.step.depth, a.step.entity_ref).cmp(&(b.step.depth, b.step.entity_ref)))
    };
    if limit < found.len() {
        found.select_nth_unstable_by(limit, order);
        found.truncate(limit);
    }
    found.sort_unstable_by(order);
    found
}

fn tier_name<'f>(flags: &'f Flags, found: &Found<'_>) -> Option<&'f str> {
    flags.tiers.get(found.tier).map(|(name, _)| name.as_str())
}

impl Impact {
    pub(super) fn of(
        view: &View,
        kinds: &Kinds,
        (index, flags): (&Index, &Flags),
        around: Around<'_>,
    ) -> Self {
        let (root, _) = around;
        let found = affected(index, flags, around);
        let total = found.len();
        let (teams, team_count, owners) = teams(index, flags, &found);
        let rows: Vec<Affected> = most_important(found, MAX_ROWS)
            .iter()
            .map(|one| row(view, kinds, (index, flags), one))
            .collect();
        let export = |format: &str| {
            let address = view.here.with("mode", "impact").with("format", format);
            address.to_string()
        };
        Self {
            total,
            mail: mail(view, index, root, &owners),
            copy: (!rows.is_empty()).then(|| as_text(view, &rows)),
            rows,
            teams,
            team_count,
            exports: vec![("CSV", export("csv")), ("JSON", export("json"))],
            command: Code::command("impact-command", format!("portway impact {root}")),
        }
    }
}

/// All of it as a file; nothing for formats that are pictures.
pub(super) fn answer(
    format: Format,
    (index, flags): (&Index, &Flags),
    around: Around<'_>,
) -> Option<Response> {
    let (root, _) = around;
    let found = most_important(affected(index, flags, around), usize::MAX);
    match format {
        Format::Csv => {
            let mut text = String::new();
            csv::line(
                &mut text,
                ["tier", "owner", "entity", "depth", "relation", "via"],
            );
            for one in &found {
                let via = one.step.via;
                csv::line(
                    &mut text,
                    [
                        tier_name(flags, one).unwrap_or_default(),
                        one.owner.map(EntityRef::as_str).unwrap_or_default(),
                        one.step.entity_ref.as_str(),
                        &one.step.depth.to_string(),
                        via.map(|(relation, _)| relation).unwrap_or_default(),
                        via.map(|(_, from)| from.as_str()).unwrap_or_default(),
                    ],
                );
            }
            Some(file(text, "text/csv; charset=utf-8", "impact.csv"))
        }
        Format::Json => {
            let items: Vec<Value> = found
                .iter()
                .map(|one| {
                    json!({
                        "ref": one.step.entity_ref.to_string(),
                        "tier": tier_name(flags, one),
                        "owner": one.owner.map(ToString::to_string),
                        "depth": one.step.depth,
                        "relation": one.step.via.map(|(relation, _)| relation),
                        "via": one.step.via.as_ref().map(|(_, from)| from.to_string()),
                        "exists": one.step.exists,
                    })
                })
                .collect();
            let truncated = found.len() >= MAX_AFFECTED;
            Some(json_answer(&json!({
                "root": root.to_string(),
                "items": items,
                "truncated": truncated,
            })))
        }
        _ => None,
    }
}

fn row(
    view: &View,
    kinds: &Kinds,
    (index, flags): (&Index, &Flags),
    found: &Found<'_>,
) -> Affected {
    let step = &found.step;
    let entity = index.get(step.entity_ref);
    Affected {
        depth: step.depth,
        line: RefLine::of(index, step.entity_ref),
        kind: kind_title(view, kinds, step.entity_ref.kind()),
        spec_type: entity
            .and_then(|entity| entity.text(&["spec", "type"]))
            .map(Cow::into_owned),
        relation: step
            .via
            .map(|(relation, _)| relation_label(view, relation))
            .unwrap_or_default(),
        tier: tier_name(flags, found).map(str::to_owned),
        owner: found.owner.map(|owner| RefLine::of(index, owner)),
    }
}

/// The owners with most at stake first, how many there are, and all of them.
fn teams(index: &Index, flags: &Flags, found: &[Found<'_>]) -> (Vec<Team>, usize, Vec<EntityRef>) {
    let mut counts: HashMap<Option<&EntityRef>, (usize, usize)> = HashMap::new();
    for one in found {
        let known = counts.entry(one.owner).or_insert((usize::MAX, 0));
        known.0 = known.0.min(one.tier);
        known.1 += 1;
    }
    let mut order: Vec<(Option<&EntityRef>, usize, usize)> = counts
        .into_iter()
        .map(|(owner, (tier, count))| (owner, tier, count))
        .collect();
    order.sort_by(|a, b| {
        (a.1, std::cmp::Reverse(a.2), a.0).cmp(&(b.1, std::cmp::Reverse(b.2), b.0))
    });
    let owners = order
        .iter()
        .filter_map(|(owner, ..)| owner.cloned())
        .collect();
    let teams = order
        .iter()
        .take(MAX_TEAMS)
        .map(|(owner, tier, count)| Team {
            line: owner.map(|owner| RefLine::of(index, owner)),
            count: *count,
            tier: flags.tiers.get(*tier).map(|(name, _)| name.clone()),
        })
        .collect();
    (teams, order.len(), owners)
}

fn mail(view: &View, index: &Index, root: &EntityRef, owners: &[EntityRef]) -> Option<String> {
    let mut addresses: Vec<String> = Vec::new();
    for owner in owners {
        let found = index
            .get(owner)
            .and_then(|entity| entity.text(&["spec", "profile", "email"]));
        // Anything else would be a header of the message, not an address.
        let plain =
            |text: &Cow<'_, str>| text.contains('@') && !text.contains(['?', '&', ',', ' ', '%']);
        addresses.extend(found.filter(plain).map(Cow::into_owned));
        if addresses.len() >= MAX_ADDRESSES {
            break;
        }
    }
    if addresses.is_empty() {
        return None;
    }
    let subject = view
        .t("graph-impact-subject")
        .with("name", RefLine::of(index, root).text)
        .to_string();
    Some(format!(
        "mailto:{}?subject={}",
        addresses.join(","),
        encode(&subject)
    ))
}

/// A table that chats and issues show as one.
fn as_text(view: &View, rows: &[Affected]) -> Code {
    let head = [
        "catalog-tier",
        "catalog-owner",
        "catalog-name",
        "catalog-depth",
    ]
    .map(|key| view.t(key).to_string());
    let mut text = format!("| {} |\n| --- | --- | --- | --- |\n", head.join(" | "));
    let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
    for row in rows {
        let owner = row.owner.as_ref().map(|owner| cell(&owner.text));
        text.push_str(&format!(
            "| {} | {} | {} | {} |\n",
            row.tier.as_deref().unwrap_or("-"),
            owner.as_deref().unwrap_or("-"),
            cell(row.line.entity_ref.as_str()),
            row.depth
        ));
    }
    Code {
        id: "impact-text".to_owned(),
        caption: view.t("graph-impact-text").to_string(),
        text,
        ..Code::default()
    }
}
