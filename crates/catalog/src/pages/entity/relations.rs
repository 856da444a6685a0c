//! The tab Relations: a picture with its list, and who suffers when this fails.

use std::collections::HashSet;

use askama::Template;
use axum::response::IntoResponse;
use model::entity_ref::EntityRef;
use model::kinds::{Kinds, inverse_of};
use platform::actor::Caller;
use platform::request::{Call, encode};
use portal::graph::{Graph, GraphEdge, GraphNode};
use portal::ui::{Segments, Status, Tab, Tone, Tree};
use portal::{Page, View};

use super::frame::{Frame, Part};
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::index::{Direction, EntityView, Index, Step};
use crate::pages::labels::{kind_title, relation_label};
use crate::pages::summary::{RefLine, Summary};

/// Entities of one picture; it gathers those that it has no room for.
const MAX_NODES: usize = 400;
/// How far the search for what is affected goes.
const IMPACT_DEPTH: usize = 10;
const MAX_AFFECTED: usize = 5_000;
/// Rows of the table; the rest is counted.
const MAX_ROWS: usize = 200;
const DEFAULT_DEPTH: usize = 2;
/// With more entities than this a picture that nobody has asked for is smaller.
const COMFORTABLE: usize = 40;
/// With more relations than this their names hide the picture; the list has them.
const MAX_NAMED_EDGES: usize = 16;
/// A picture within another page has room for so many neighbours.
const MAX_NEIGHBOURS: usize = 24;
/// One neighbour is a line of text.
const MIN_NEIGHBOURS: usize = 2;

#[derive(Template)]
#[template(path = "catalog/relations.html")]
struct RelationsPage {
    frame: Frame,
    kinds: Segments,
    depths: Segments,
    /// Nothing when there is nothing to draw.
    graph: Option<Graph>,
    /// The same with the names of all relations.
    list: Tree,
    /// Not everything within reach was drawn.
    cut: bool,
    affected: usize,
    rows: Vec<Affected>,
    json_href: String,
    view: View,
}

/// What fails with the entity.
struct Affected {
    depth: usize,
    line: RefLine,
    kind: String,
    spec_type: Option<String>,
    relation: String,
    owner: Option<RefLine>,
}

/// Which relations the picture follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    Dependencies,
    Parts,
    People,
    All,
}

impl Show {
    const ALL: [Self; 4] = [Self::Dependencies, Self::Parts, Self::People, Self::All];

    fn name(self) -> &'static str {
        match self {
            Self::Dependencies => "dependencies",
            Self::Parts => "parts",
            Self::People => "people",
            Self::All => "all",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Dependencies => "catalog-show-dependencies",
            Self::Parts => "catalog-show-parts",
            Self::People => "catalog-show-people",
            Self::All => "catalog-show-all",
        }
    }

    /// The relations towards what is used and, behind them, towards who uses;
    /// nothing where all relations are followed.
    fn types(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Dependencies => (
                &["dependsOn", "consumesApi", "apiProvidedBy"],
                &["dependencyOf", "apiConsumedBy", "providesApi"],
            ),
            Self::Parts => (&["partOf"], &["hasPart"]),
            Self::People => (
                &["ownedBy", "memberOf", "childOf"],
                &["ownerOf", "hasMember", "parentOf"],
            ),
            Self::All => (&[], &[]),
        }
    }

    fn follows(self, relation: &str) -> bool {
        let (used, users) = self.types();
        self == Self::All || used.contains(&relation) || users.contains(&relation)
    }

    /// What lies within `depth` relations, without turning round on the way:
    /// the other users of what is used are somebody else's picture.
    fn steps(self, index: &Index, from: &EntityRef, depth: usize) -> Vec<Step> {
        let (used, users) = self.types();
        if self == Self::All {
            return index.walk(from, Direction::Any, depth, MAX_NODES);
        }
        let mut steps = index.walk(from, Direction::Types(used), depth, MAX_NODES);
        let seen: HashSet<EntityRef> = steps.iter().map(|step| step.entity_ref.clone()).collect();
        let users = index.walk(from, Direction::Types(users), depth, MAX_NODES);
        steps.extend(
            users
                .into_iter()
                .filter(|step| !seen.contains(&step.entity_ref)),
        );
        steps.truncate(MAX_NODES);
        steps
    }

    /// What the address asks for, or the first kind of relation that there is.
    fn of(view: &View, entity: &EntityView<'_>) -> Self {
        let asked = view.here.get("show");
        if let Some(asked) = Self::ALL
            .into_iter()
            .find(|show| asked == Some(show.name()))
        {
            return asked;
        }
        let relations = entity.relations();
        Self::ALL
            .into_iter()
            .find(|show| relations.iter().any(|relation| show.follows(relation.kind)))
            .unwrap_or(Self::All)
    }
}

/// `GET /catalog/{namespace}/{kind}/{name}/relations`
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    let ledger = Ledger::now(&desk, &view, &entity_ref).await?;
    let found = {
        let index = desk.catalog.index_for(&call).await?;
        find(&index, &entity_ref, &call)
            .map(|entity| assemble((&desk, &call.caller), &view, (&index, &entity), &ledger))
    };
    match found {
        Some(page) => Ok(Page::new(page).into_response()),
        None => missing::answer(&desk, &call, view, &entity_ref).await,
    }
}

fn assemble(
    (desk, caller): (&Desk, &Caller),
    view: &View,
    (index, entity): (&Index, &EntityView<'_>),
    ledger: &Ledger,
) -> RelationsPage {
    let kinds = desk.catalog.model.kinds();
    let frame = Frame::of(
        (desk, caller),
        view,
        (index, entity),
        ledger,
        Part::Relations,
    );
    let show = Show::of(view, entity);
    let asked = view
        .here
        .get("depth")
        .and_then(|text| text.parse::<usize>().ok());
    let asked = asked.filter(|depth| (1..=3).contains(depth));
    let mut depth = asked.unwrap_or(DEFAULT_DEPTH);
    let mut steps = show.steps(index, entity.entity_ref(), depth);
    if asked.is_none() && steps.len() > COMFORTABLE {
        depth = 1;
        steps = show.steps(index, entity.entity_ref(), depth);
    }
    let affected = index.walk(
        entity.entity_ref(),
        Direction::Dependents,
        IMPACT_DEPTH,
        MAX_AFFECTED,
    );
    let title = view
        .t("catalog-graph-title")
        .with("name", &frame.title)
        .to_string();
    let graph = picture(view, kinds, (index, entity), &steps, show, title);
    RelationsPage {
        kinds: Segments {
            label: view.t("catalog-show").to_string(),
            choices: Show::ALL
                .map(|choice| {
                    let href = view.here.with("show", choice.name()).to_string();
                    Tab::new(view.t(choice.title()).to_string(), href, choice == show)
                })
                .into(),
        },
        depths: Segments {
            label: view.t("catalog-depth").to_string(),
            choices: [1, 2, 3]
                .map(|choice: usize| {
                    let text = choice.to_string();
                    let href = view.here.with("depth", &text).to_string();
                    Tab::new(text, href, choice == depth)
                })
                .into(),
        },
        cut: steps.len() >= MAX_NODES,
        list: graph.list(),
        graph: (!steps.is_empty()).then(|| without_crowded_names(graph)),
        affected: affected.len(),
        rows: affected
            .iter()
            .take(MAX_ROWS)
            .map(|step| affected_row(view, kinds, index, step))
            .collect(),
        json_href: format!(
            "/api/v1/catalog/impact?ref={}",
            encode(entity.entity_ref().as_str())
        ),
        frame,
        view: view.clone(),
    }
}

/// The entity with its neighbours, for its first page; nothing when they are too
/// few or too many.
pub(super) fn neighbours(
    view: &View,
    kinds: &Kinds,
    index: &Index,
    entity: &EntityView<'_>,
) -> Option<Graph> {
    let show = Show::of(view, entity);
    let steps = show.steps(index, entity.entity_ref(), 1);
    if !(MIN_NEIGHBOURS..=MAX_NEIGHBOURS).contains(&steps.len()) {
        return None;
    }
    let name = Summary::of(index, entity);
    let title = view
        .t("catalog-graph-title")
        .with("name", name.display())
        .to_string();
    let mut graph = picture(view, kinds, (index, entity), &steps, show, title);
    let own = entity.entity_ref().as_str();
    graph
        .edges
        .retain(|edge| edge.from == own || edge.to == own);
    Some(without_crowded_names(graph))
}

fn without_crowded_names(mut graph: Graph) -> Graph {
    if graph.edges.len() > MAX_NAMED_EDGES {
        graph.edges.iter_mut().for_each(|edge| edge.text.clear());
    }
    graph
}

fn picture(
    view: &View,
    kinds: &Kinds,
    (index, entity): (&Index, &EntityView<'_>),
    steps: &[Step],
    show: Show,
    title: String,
) -> Graph {
    let refs: Vec<&EntityRef> = std::iter::once(entity.entity_ref())
        .chain(steps.iter().map(|step| &step.entity_ref))
        .collect();
    let inside: HashSet<&EntityRef> = refs.iter().copied().collect();
    let drawn = drawn_types(kinds);
    let mut edges = Vec::new();
    for from in &refs {
        for relation in index.relations(from) {
            let wanted = show.follows(relation.kind) && is_drawn(&drawn, relation.kind);
            if wanted && inside.contains(relation.target) {
                edges.push(GraphEdge {
                    from: from.to_string(),
                    to: relation.target.to_string(),
                    text: relation.kind.to_owned(),
                    dashed: false,
                    tone: (!relation.exists).then_some(Tone::Warn),
                });
            }
        }
    }
    Graph {
        id: "graph".to_owned(),
        title,
        nodes: refs
            .iter()
            .map(|entity_ref| node(view, index, entity_ref, *entity_ref == entity.entity_ref()))
            .collect(),
        edges,
    }
}

fn node(view: &View, index: &Index, entity_ref: &EntityRef, current: bool) -> GraphNode {
    let summary = index
        .get(entity_ref)
        .map(|entity| Summary::of(index, &entity));
    let line = RefLine::of(index, entity_ref);
    let owner = summary.as_ref().and_then(|summary| summary.owner.as_ref());
    let owner = owner.map(|owner| owner.text.clone()).unwrap_or_default();
    let status = |tone, key| {
        Some(Status {
            tone,
            text: view.t(key).to_string(),
        })
    };
    GraphNode {
        id: entity_ref.to_string(),
        text: line.text,
        note: owner.clone(),
        icon: line.icon.to_owned(),
        href: Some(line.href),
        group: owner,
        status: match summary {
            None => status(Tone::Warn, "catalog-missing"),
            Some(summary) if summary.flawed => status(Tone::Bad, "catalog-flawed"),
            Some(_) => None,
        },
        current,
    }
}

/// Of each pair of relations the one that leads from who uses to what is used,
/// so that every arrow is drawn once and points to the right.
fn drawn_types(kinds: &Kinds) -> Vec<&str> {
    let mut drawn = vec![
        "dependsOn",
        "consumesApi",
        "apiProvidedBy",
        "partOf",
        "ownedBy",
        "memberOf",
        "childOf",
        "scaffoldedFrom",
    ];
    for field in kinds.iter().flat_map(|definition| &definition.relations) {
        let opposite = drawn.contains(&field.inverse.as_str());
        if !opposite && !drawn.contains(&field.relation.as_str()) {
            drawn.push(&field.relation);
        }
    }
    drawn
}

/// Types that no kind declares are drawn unless their opposite is.
fn is_drawn(drawn: &[&str], relation: &str) -> bool {
    drawn.contains(&relation)
        || inverse_of(relation).is_some_and(|inverse| !drawn.contains(&inverse))
}

fn affected_row(view: &View, kinds: &Kinds, index: &Index, step: &Step) -> Affected {
    let summary = index
        .get(&step.entity_ref)
        .map(|entity| Summary::of(index, &entity));
    let (spec_type, owner) =
        summary.map_or((None, None), |summary| (summary.spec_type, summary.owner));
    Affected {
        depth: step.depth,
        line: RefLine::of(index, &step.entity_ref),
        kind: kind_title(view, kinds, step.entity_ref.kind()),
        spec_type,
        relation: step
            .via
            .as_ref()
            .map(|(relation, _)| relation_label(view, relation))
            .unwrap_or_default(),
        owner,
    }
}
