//! The tab Dependencies: a picture with its list, who suffers when this fails,
//! and the way to another entity.

use askama::Template;
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::query::Predicate;
use platform::request::Call;
use portal::graph::Graph;
use portal::ui::Tree;
use portal::{Page, View};

use super::frame::{Frame, Part};
use super::impact::{self, Impact};
use super::path::{PathAnswer, PathCard};
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::index::{EntityView, Index};
use crate::pages::graph::{self, Ask, Controls, Drawing, Families, Format, Mode, Near, Net, tree};
use crate::pages::moment::moment_of;
use crate::pages::standing::Flags;
use crate::pages::summary::{RefLine, Summary};
use crate::visibility::visible_to;

/// With more entities than this a picture that nobody has asked for is smaller.
const COMFORTABLE: usize = 60;
/// With more than this a picture shows little; the sentence above it says so.
const MANY: usize = 2_000;
/// A picture within another page has room for so many neighbours.
const MAX_NEIGHBOURS: usize = 24;
/// One neighbour is a line of text.
const MIN_NEIGHBOURS: usize = 2;

#[derive(Template)]
#[template(path = "catalog/relations.html")]
struct RelationsPage {
    frame: Frame,
    controls: Controls,
    mode: Mode,
    /// Nothing when there is nothing to draw.
    graph: Option<Graph>,
    /// The same with the names of all relations.
    list: Tree,
    /// Things within reach, of which the picture draws some on their own.
    reached: usize,
    relations: usize,
    /// Not everything within reach was collected.
    cut: bool,
    /// A circle of dependencies, its first thing again at the end.
    circle: Vec<RefLine>,
    impact: Impact,
    path: PathCard,
    explore_href: String,
    view: View,
}

/// `GET /catalog/{namespace}/{kind}/{name}/graph`, also `relations` and
/// `graph.json`.
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    let ledger = Ledger::now((&desk, &call), &view, &entity_ref).await?;
    let found = {
        let index = desk.catalog.index_for(&call).await?;
        find(&index, &entity_ref, &call).map(|entity| {
            let of = Looked::new(&desk, &call, &view, (&index, &entity));
            match Format::of(&view) {
                Some(format) => Ok(of.file(format)),
                None => {
                    let frame = Frame::of(
                        (&desk, &call.caller),
                        &view,
                        (&index, &entity),
                        &ledger,
                        Part::Relations,
                    );
                    Err(Box::new(of.page(frame, &call)))
                }
            }
        })
    };
    match found {
        Some(Ok(file)) => Ok(file),
        Some(Err(page)) => Ok(Page::new(*page).into_response()),
        None => missing::answer(&desk, &call, view, &entity_ref).await,
    }
}

/// What the address asks for, found in the index.
struct Looked<'a> {
    view: &'a View,
    kinds: &'a Kinds,
    index: &'a Index,
    entity: &'a EntityView<'a>,
    flags: std::sync::Arc<Flags>,
    ask: Ask,
    net: Net,
    visible: Option<Predicate>,
}

impl<'a> Looked<'a> {
    fn new(
        desk: &'a Desk,
        call: &Call,
        view: &'a View,
        (index, entity): (&'a Index, &'a EntityView<'a>),
    ) -> Self {
        let kinds = desk.catalog.model.kinds();
        let mut ask = Ask::of_entity(view, kinds, entity);
        let roots = [entity.entity_ref().clone()];
        let visible = visible_to(&call.caller);
        let mut near = Near::of(index, &roots, &ask, visible.as_ref());
        if !ask.depth_is_asked && ask.mode != Mode::Impact && near.len() > COMFORTABLE {
            ask.depth = Some(1);
            near = near.within(1);
        }
        let net = near.net(index, &ask);
        Self {
            flags: desk.flags(index, moment_of(view).is_some()),
            view,
            kinds,
            index,
            entity,
            ask,
            net,
            visible,
        }
    }

    fn graph(&self) -> Graph {
        let name = Summary::of(self.index, self.entity);
        let title = self
            .view
            .t("catalog-graph-title")
            .with("name", name.display())
            .to_string();
        self.drawing().graph(&self.net, title)
    }

    fn drawing(&self) -> Drawing<'_> {
        Drawing::new(self.view, (self.kinds, self.index), &self.ask)
    }

    fn file(&self, format: Format) -> Response {
        let root = self.entity.entity_ref();
        let listed = (self.ask.mode == Mode::Impact)
            .then(|| {
                let around = (root, self.visible.as_ref());
                impact::answer(format, (self.index, &self.flags), around)
            })
            .flatten();
        listed.unwrap_or_else(|| graph::answer(self.view, format, &self.graph(), &self.net))
    }

    fn page(&self, frame: Frame, call: &Call) -> RelationsPage {
        let (view, index) = (self.view, self.index);
        let root: &EntityRef = self.entity.entity_ref();
        let drawing = self.drawing();
        let drawn = self.net.nodes.len() > 1;
        let csv = view.here.with("format", "csv").to_string();
        let circle = self.net.circle();
        let visible = visible_to(&call.caller);
        RelationsPage {
            controls: Controls::of(view, self.kinds, &self.ask, |group| {
                drawing.group_name(group)
            }),
            mode: self.ask.mode,
            graph: drawn.then(|| self.graph()),
            list: tree(view, index, &self.net, &csv),
            reached: self.net.nodes.len().saturating_sub(1),
            relations: self.net.edges.len(),
            cut: self.net.cut,
            circle: circle
                .into_iter()
                .map(|entity_ref| RefLine::of(index, entity_ref))
                .collect(),
            impact: Impact::of(
                view,
                self.kinds,
                (index, &self.flags),
                (root, visible.as_ref()),
            ),
            path: PathCard::of(view, (index, root), visible.as_ref()),
            explore_href: format!("/graph?root={}", platform::request::encode(root.as_str())),
            frame,
            view: view.clone(),
        }
    }
}

impl RelationsPage {
    fn is_impact(&self) -> bool {
        self.mode == Mode::Impact
    }

    fn is_many(&self) -> bool {
        self.reached > MANY
    }

    /// Other things that may have been meant by the name in the form.
    fn which(&self) -> Option<&[(String, String)]> {
        match &self.path.answer {
            Some(PathAnswer::Which(found)) => Some(found),
            _ => None,
        }
    }
}

/// The entity with its neighbours, for its first page; nothing when they are too
/// few or too many.
pub(super) fn neighbours(
    view: &View,
    kinds: &Kinds,
    index: &Index,
    entity: &EntityView<'_>,
    visible: Option<&Predicate>,
) -> Option<Graph> {
    let mut ask = Ask::of_entity(view, kinds, entity);
    ask.depth = Some(1);
    ask.cluster = false;
    ask.kinds.clear();
    if ask.mode != Mode::Dependencies {
        ask.families = Families::all(kinds).chosen(&["partOf"]);
    }
    let relations = entity.relations();
    let near = relations
        .iter()
        .filter(|relation| ask.families.holds(relation.kind))
        .count();
    if near > 2 * MAX_NEIGHBOURS {
        return None;
    }
    let mut net = Net::around(index, &[entity.entity_ref().clone()], &ask, visible);
    if !(MIN_NEIGHBOURS..=MAX_NEIGHBOURS).contains(&net.nodes.len().saturating_sub(1)) {
        return None;
    }
    let mut edges = std::mem::take(&mut net.edges);
    edges.retain(|edge| {
        let nodes = &net.nodes;
        [edge.from, edge.to]
            .iter()
            .any(|place| nodes.get(*place).is_some_and(|node| node.root))
    });
    net.edges = edges;
    let name = Summary::of(index, entity);
    let title = view
        .t("catalog-graph-title")
        .with("name", name.display())
        .to_string();
    Some(Drawing::new(view, (kinds, index), &ask).graph(&net, title))
}
