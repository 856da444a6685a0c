//! The first tab: one page that answers the question.

use std::sync::Arc;

use askama::Template;
use axum::response::IntoResponse;
use model::query::Predicate;
use platform::request::Call;
use portal::graph::Graph;
use portal::ui::{Code, Problems, Status, Syntax};
use portal::{Page, View};
use serde_json::Value;

use super::about::{LinkLine, annotations, declaration, facts, labels, links};
use super::frame::{Frame, Part};
use super::history::change;
use super::relations::neighbours;
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::index::{EntityView, Index, RelationView};
use crate::pages::diagram::Diagram;
use crate::pages::export::{json_answer, yaml_answer};
use crate::pages::fact::Fact;
use crate::pages::labels::relation_label;
use crate::pages::people::People;
use crate::pages::problems::{line_href, place_text, short_revision};
use crate::pages::source_status::source_href;
use crate::pages::summary::{RefLine, description_of, text_at};
use crate::socket::{CardPlace, DrawnCard, Shown};
use crate::store::HistoryEntry;
use crate::visibility::{is_shown, visible_to};

/// Relations of one type that are listed; the tab has them all.
const MAX_LISTED: usize = 12;
/// The newest versions that are listed.
const MAX_CHANGES: i64 = 5;
/// The part of an API definition that is shown; the tab Raw has all of it.
const MAX_DEFINITION_LINES: usize = 60;
const MAX_DEFINITION_BYTES: usize = 24_000;

#[derive(Template)]
#[template(path = "catalog/overview.html")]
struct Overview {
    frame: Frame,
    problems: Problems,
    conflicts: Vec<Conflict>,
    description: String,
    definition: Option<Definition>,
    people: Option<People>,
    diagram: Option<Diagram>,
    /// Beside each other, and below each other within.
    groups: Vec<Vec<RelationGroup>>,
    graph: Option<Graph>,
    changes: Vec<ChangeLine>,
    about: Vec<Fact>,
    declaration: Vec<Fact>,
    owner: Option<Owner>,
    links: Vec<LinkLine>,
    annotations: Vec<Fact>,
    labels: Vec<Fact>,
    main_cards: Vec<DrawnCard>,
    aside_cards: Vec<DrawnCard>,
    relations_href: String,
    raw_href: String,
    history_href: String,
    view: View,
}

/// A second declaration of the same entity.
struct Conflict {
    /// Where the shown one is declared.
    winner: Option<Declared>,
    /// Where the other one is.
    loser: Declared,
    since: jiff::Timestamp,
}

struct Declared {
    place: String,
    href: Option<String>,
    source_href: String,
}

/// The beginning of an API's definition.
struct Definition {
    code: Code,
    /// How many lines there are in all, when not all are shown.
    lines: Option<usize>,
}

/// Relations of one type.
struct RelationGroup {
    id: String,
    title: String,
    lines: Vec<RefLine>,
    total: usize,
}

/// One of the last versions.
struct ChangeLine {
    icon: &'static str,
    what: Status,
    version: i64,
    actor: String,
    revision: Option<String>,
    at: jiff::Timestamp,
}

/// Who to ask.
struct Owner {
    line: RefLine,
    email: Option<String>,
    members: Vec<RefLine>,
    member_count: usize,
    above: Vec<RefLine>,
}

/// `GET /catalog/{namespace}/{kind}/{name}`, also with `.json` and `.yaml`.
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    let ledger = Ledger::now((&desk, &call), &view, &entity_ref).await?;
    let versions = match ledger.row {
        Some(_) => {
            desk.catalog
                .store()
                .history(&entity_ref, MAX_CHANGES)
                .await?
        }
        None => Vec::new(),
    };
    let found = {
        let index = desk.catalog.index_for(&call).await?;
        match find(&index, &entity_ref, &call) {
            Some(entity) => {
                let value: Value = serde_json::from_str(entity.json()).unwrap_or_default();
                let of = (&*index, &entity, &value);
                let mut page = assemble(&desk, &call, &view, of, &ledger);
                page.changes = versions
                    .iter()
                    .map(|entry| change_line(&view, entry))
                    .collect();
                Some(Found::Page(Box::new(page), value))
            }
            None => data(&index, &call),
        }
    };
    match found {
        Some(Found::Page(mut page, entity)) => {
            let shown = Shown {
                caller: call.caller.clone(),
                view,
                entity_ref,
                entity: Arc::new(entity),
            };
            (page.main_cards, page.aside_cards) = desk
                .sockets
                .draw_cards(&shown)
                .await
                .into_iter()
                .partition(|card| card.place == CardPlace::Main);
            Ok(Page::new(*page).into_response())
        }
        Some(Found::Json(value)) => Ok(json_answer(&value)),
        Some(Found::Yaml(value)) => Ok(yaml_answer(&value)),
        None => missing::answer(&desk, &call, view, &entity_ref).await,
    }
}

enum Found {
    Page(Box<Overview>, Value),
    Json(Value),
    Yaml(Value),
}

/// The entity whose name stands before a suffix. Names may hold dots, so the
/// whole name has been tried before.
fn data(index: &Index, call: &Call) -> Option<Found> {
    let name = call.path("name");
    let (stem, as_data): (_, fn(Value) -> Found) =
        match (name.strip_suffix(".json"), name.strip_suffix(".yaml")) {
            (Some(stem), _) => (stem, Found::Json),
            (_, Some(stem)) => (stem, Found::Yaml),
            _ => return None,
        };
    let entity_ref = model::EntityRef::new(call.path("kind"), call.path("namespace"), stem);
    find(index, &entity_ref, call).map(|entity| as_data(entity.to_value()))
}

fn assemble(
    desk: &Desk,
    call: &Call,
    view: &View,
    (index, entity, value): (&Index, &EntityView<'_>, &Value),
    ledger: &Ledger,
) -> Overview {
    let kinds = desk.catalog.model.kinds();
    let mut frame = Frame::of(
        (desk, &call.caller),
        view,
        (index, entity),
        ledger,
        Part::Overview,
    );
    let relations = entity.relations();
    let kind = entity.entity_ref().kind();
    let visible = visible_to(&call.caller);
    let seen = (index, visible.as_ref());
    let parents: Vec<RefLine> = targets(seen, &relations, "partOf")
        .take(MAX_LISTED)
        .map(|target| RefLine::of(index, target))
        .collect();
    Overview {
        problems: Problems {
            problems: std::mem::take(&mut frame.problems),
        },
        conflicts: conflicts(ledger),
        description: description_of(value, view.lang)
            .unwrap_or_default()
            .to_owned(),
        definition: (kind == "api").then(|| definition(view, value)).flatten(),
        people: People::of(
            view,
            (kinds, &desk.flags(index, frame.at.is_some())),
            (index, entity),
            visible.as_ref(),
        ),
        diagram: Diagram::of(view, (kinds, index), entity, visible.as_ref()),
        groups: beside(groups(view, seen, &relations, kind)),
        graph: (!matches!(kind, "group" | "user" | "location" | "system" | "domain"))
            .then(|| {
                neighbours(
                    view,
                    kinds,
                    index,
                    entity,
                    visible_to(&call.caller).as_ref(),
                )
            })
            .flatten(),
        changes: Vec::new(),
        about: facts(view, (kinds, desk.catalog.tiers()), value, &parents),
        declaration: declaration(view, value, ledger),
        owner: frame.owner.clone().map(|line| owner(seen, line)),
        links: links(value),
        annotations: annotations(value),
        labels: labels(value),
        main_cards: Vec::new(),
        aside_cards: Vec::new(),
        relations_href: frame.href(view, Part::Relations),
        raw_href: frame.href(view, Part::Raw),
        history_href: frame.href(view, Part::History),
        frame,
        view: view.clone(),
    }
}

fn change_line(view: &View, entry: &HistoryEntry) -> ChangeLine {
    ChangeLine {
        icon: match entry.change.as_str() {
            "created" => "create",
            "deleted" => "close",
            _ => "edit",
        },
        what: change(view, &entry.change),
        version: entry.version,
        actor: entry.actor.clone(),
        revision: entry
            .revision
            .as_deref()
            .map(|revision| short_revision(revision).to_owned()),
        at: entry.time,
    }
}

/// The targets of one type that the reader may know of.
fn targets<'a>(
    (index, visible): (&Index, Option<&Predicate>),
    relations: &[RelationView<'a>],
    kind: &str,
) -> impl Iterator<Item = &'a model::EntityRef> {
    let found: Vec<_> = relations
        .iter()
        .filter(|relation| relation.kind == kind && is_shown(index, visible, relation.target))
        .map(|relation| relation.target)
        .collect();
    found.into_iter()
}

fn conflicts(ledger: &Ledger) -> Vec<Conflict> {
    let number = |value: i64| u32::try_from(value).unwrap_or(0);
    let declared = |location: &str, line: u32, column: u32, source: &str| Declared {
        place: place_text(location, line, column),
        href: line_href(location, line),
        source_href: source_href(source),
    };
    let row = ledger.row.as_ref();
    ledger
        .conflicts
        .iter()
        .map(|conflict| Conflict {
            winner: row.map(|row| {
                let place = &row.place;
                declared(&place.location, place.line, place.column, &place.source_id)
            }),
            loser: declared(
                &conflict.location,
                number(conflict.line),
                number(conflict.column),
                &conflict.source_id,
            ),
            since: conflict.since,
        })
        .collect()
}

fn definition(view: &View, entity: &Value) -> Option<Definition> {
    let text = text_at(entity, "/spec/definition")?;
    let lines = text.lines().count();
    let mut shown = String::new();
    for line in text.lines().take(MAX_DEFINITION_LINES) {
        if shown.len() + line.len() > MAX_DEFINITION_BYTES {
            // A whole document may be one line.
            let room = MAX_DEFINITION_BYTES.saturating_sub(shown.len());
            shown.extend(line.chars().take(room / 4));
            shown.push('…');
            break;
        }
        shown.push_str(line);
        shown.push('\n');
    }
    let whole = shown.trim_end() == text.trim_end();
    let spec_type = text_at(entity, "/spec/type").unwrap_or_default();
    Some(Definition {
        code: Code {
            id: "definition".to_owned(),
            caption: view
                .t("catalog-definition")
                .with("type", spec_type)
                .to_string(),
            syntax: match spec_type {
                "graphql" | "grpc" | "trpc" => Syntax::Plain,
                _ if text.trim_start().starts_with('{') => Syntax::Json,
                _ => Syntax::Yaml,
            },
            text: shown,
            numbered: true,
            ..Code::default()
        },
        lines: (!whole).then_some(lines),
    })
}

/// Two stacks of about the same height, so that a long list leaves no hole
/// beside it; the order stays from the top down.
fn beside(groups: Vec<RelationGroup>) -> Vec<Vec<RelationGroup>> {
    /// The heading and the edges of a card, in lines.
    const FRAME: usize = 2;
    let mut stacks: [(usize, Vec<RelationGroup>); 2] = Default::default();
    let [left, right] = &mut stacks;
    for group in groups {
        let shorter = if left.0 <= right.0 {
            &mut *left
        } else {
            &mut *right
        };
        let more = usize::from(group.total > group.lines.len());
        shorter.0 += FRAME + group.lines.len() + more;
        shorter.1.push(group);
    }
    let stacks = stacks.into_iter().map(|(_, stack)| stack);
    stacks.filter(|stack| !stack.is_empty()).collect()
}

/// Relations by type, without those that the page shows elsewhere.
fn groups(
    view: &View,
    (index, visible): (&Index, Option<&Predicate>),
    relations: &[RelationView<'_>],
    kind: &str,
) -> Vec<RelationGroup> {
    let elsewhere = |relation: &str| {
        matches!(relation, "ownedBy" | "ownerOf" | "partOf")
            || (kind == "group" && matches!(relation, "hasMember" | "parentOf" | "childOf"))
            || (kind == "user" && relation == "memberOf")
    };
    let mut groups: Vec<(String, RelationGroup)> = Vec::new();
    for relation in relations
        .iter()
        .filter(|relation| !elsewhere(relation.kind))
        .filter(|relation| is_shown(index, visible, relation.target))
    {
        let at = groups.iter().position(|(name, _)| name == relation.kind);
        let known = match at.and_then(|at| groups.get_mut(at)) {
            Some((_, known)) => known,
            None => {
                let group = RelationGroup {
                    id: format!("relation-{}", groups.len()),
                    title: relation_label(view, relation.kind),
                    lines: Vec::new(),
                    total: 0,
                };
                groups.push((relation.kind.to_owned(), group));
                let Some((_, group)) = groups.last_mut() else {
                    continue;
                };
                group
            }
        };
        known.total += 1;
        if known.lines.len() < MAX_LISTED {
            known.lines.push(RefLine::of(index, relation.target));
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

fn owner(seen: (&Index, Option<&Predicate>), line: RefLine) -> Owner {
    let (index, visible) = seen;
    let known = is_shown(index, visible, &line.entity_ref);
    // Of an owner whom the reader may not see there is only the name.
    let mut relations = index.relations(&line.entity_ref);
    relations.retain(|_| known);
    let members: Vec<_> = targets(seen, &relations, "hasMember").collect();
    let found = index.get(&line.entity_ref).filter(|_| known);
    let email = found.and_then(|entity| {
        let value: Value = serde_json::from_str(entity.json()).ok()?;
        text_at(&value, "/spec/profile/email").map(str::to_owned)
    });
    let refs = |found: &[&model::EntityRef]| {
        let shown = found.iter().take(MAX_LISTED);
        shown.map(|target| RefLine::of(index, target)).collect()
    };
    Owner {
        email,
        member_count: members.len(),
        members: refs(&members),
        above: refs(&targets(seen, &relations, "childOf").collect::<Vec<_>>()),
        line,
    }
}

impl Overview {
    /// Whether the description fits among the facts.
    fn description_is_short(&self) -> bool {
        self.description.chars().count() <= 240
    }

    /// A system or a domain with something in it.
    fn has_parts(&self) -> bool {
        let diagram = self.diagram.as_ref();
        diagram.is_some_and(|diagram| !diagram.counts.is_empty())
    }
}
