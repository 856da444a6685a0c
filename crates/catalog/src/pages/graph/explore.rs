//! `/graph`: a picture around any entities, and Backstage's address for it.

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::request::Call;
use portal::graph::Graph;
use portal::ui::{Chip, Chips, Tree};
use portal::{Address, Page, View};

use crate::pages::moment::following;

use super::ask::{Ask, Controls, Mode};
use super::draw::Drawing;
use super::lookup::{Meant, lookup};
use super::net::Net;
use super::twin::tree;
use super::write::{Format, answer};
use crate::index::{Index, ListRequest, Order};
use crate::pages::summary::RefLine;
use crate::pages::{Answer, Desk};
use crate::visibility::visible_to;

/// Where a picture may begin.
const MAX_ROOTS: usize = 20;
/// Places to begin that are proposed, of each kind.
const MAX_PROPOSED: usize = 60;
const DEPTHS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];

#[derive(Template)]
#[template(path = "catalog/explore.html")]
struct ExplorePage {
    controls: Controls,
    roots: Chips,
    /// What is not in the catalog any more.
    unknown: Vec<String>,
    /// The text that was looked for, and what may have been meant.
    add: String,
    /// What the form keeps of the address.
    keep: Vec<(String, String)>,
    which: Vec<(String, String)>,
    graph: Option<Graph>,
    list: Tree,
    reached: usize,
    relations: usize,
    cut: bool,
    circle: Vec<RefLine>,
    /// Where to begin, while nothing is chosen: heading, and text with address.
    starts: Vec<(String, Vec<Start>)>,
    at: Option<jiff::Timestamp>,
    now_href: String,
    view: View,
}

struct Start {
    line: RefLine,
    href: String,
}

/// `GET /graph?root=…`, also `/graph.json`.
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call).at("catalog-nav-graph");
    let view = following(view, ["catalog"]);
    let visible = visible_to(&call.caller);
    let index = desk.catalog.index_for(&call).await?;
    let index: &Index = &index;
    let roots: Vec<EntityRef> = view
        .here
        .all("root")
        .filter_map(|text| EntityRef::parse(text, Some("component"), None).ok())
        .take(MAX_ROOTS)
        .collect();
    let add = view.here.get("add").unwrap_or_default().trim().to_owned();
    let mut which = Vec::new();
    if !add.is_empty() {
        match lookup(index, &add, visible.as_ref()) {
            Meant::One(found) => {
                let address = view.here.without("add").and("root", found.as_str());
                return Ok(Redirect::to(&address.to_string()).into_response());
            }
            Meant::Perhaps(refs) => {
                let link = |found: &EntityRef| {
                    let address = view.here.without("add").and("root", found.as_str());
                    (found.to_string(), address.to_string())
                };
                which = refs.iter().map(link).collect();
            }
        }
    }
    let looked = Looked {
        desk: &desk,
        view: &view,
        index,
        visible: visible.as_ref(),
    };
    Ok(looked.answer(&roots, add, which))
}

struct Looked<'a> {
    desk: &'a Desk,
    view: &'a View,
    index: &'a Index,
    visible: Option<&'a Predicate>,
}

impl Looked<'_> {
    fn answer(&self, roots: &[EntityRef], add: String, which: Vec<(String, String)>) -> Response {
        let (view, index) = (self.view, self.index);
        let kinds = self.desk.catalog.model.kinds();
        let first = roots.iter().find_map(|root| index.get(root));
        let mut ask = match &first {
            Some(entity) => Ask::of_entity(view, kinds, entity),
            None => Ask::of(view, kinds, || Mode::Dependencies),
        };
        if ask.mode == Mode::Impact && roots.len() > 1 && !ask.depth_is_asked {
            ask.depth = None;
        }
        let net = Net::around(index, roots, &ask, self.visible);
        let drawing = Drawing::new(view, (kinds, index), &ask);
        let title = view.t("graph-explore-title").to_string();
        let graph = drawing.graph(&net, title);
        if let Some(format) = Format::of(view) {
            return answer(view, format, &graph, &net);
        }
        let csv = view.here.with("format", "csv").to_string();
        let circle = net.circle().into_iter();
        let page = ExplorePage {
            controls: Controls::of(view, kinds, &ask, |group| drawing.group_name(group)),
            roots: self.chips(roots),
            unknown: roots
                .iter()
                .filter(|root| index.get(root).is_none())
                .map(ToString::to_string)
                .collect(),
            add,
            keep: view.here.without("add").without("format").pairs().to_vec(),
            which,
            list: tree(view, index, &net, &csv),
            reached: net.nodes.len(),
            relations: net.edges.len(),
            cut: net.cut,
            circle: circle.map(|found| RefLine::of(index, found)).collect(),
            graph: (!net.nodes.is_empty()).then_some(graph),
            starts: if roots.is_empty() {
                self.starts()
            } else {
                Vec::new()
            },
            at: crate::pages::moment::moment_of(view),
            now_href: view.here.without("at").to_string(),
            view: view.clone(),
        };
        Page::new(page).into_response()
    }

    fn chips(&self, roots: &[EntityRef]) -> Chips {
        let here = self.view.here.without("add");
        let chips = roots.iter().map(|root| {
            // The address may hold a shorter form of the same reference.
            let same = |text: &&str| {
                EntityRef::parse(text, Some("component"), None).is_ok_and(|other| other == *root)
            };
            let written = here.all("root").find(same).unwrap_or_default();
            Chip {
                text: RefLine::of(self.index, root).text,
                remove: here.without_value("root", written).to_string(),
            }
        });
        Chips {
            chips: chips.collect(),
            clear: here.without("root").to_string(),
        }
    }

    /// The largest things that there are, as places to begin.
    fn starts(&self) -> Vec<(String, Vec<Start>)> {
        let named = |kind: &str, key: &str| {
            let listed = self.index.list(&ListRequest {
                query: Some(Predicate::equals("kind", kind)),
                visible: self.visible.cloned(),
                order: vec![Order {
                    field: "metadata.name".to_owned(),
                    descending: false,
                }],
                limit: Some(MAX_PROPOSED),
                ..ListRequest::default()
            });
            let starts = listed.items.iter().map(|entity| Start {
                line: RefLine::of(self.index, entity.entity_ref()),
                href: self
                    .view
                    .here
                    .with("root", entity.entity_ref().as_str())
                    .with("mode", "all")
                    .to_string(),
            });
            (self.view.t(key).to_string(), starts.collect::<Vec<_>>())
        };
        [
            named("domain", "catalog-nav-domains"),
            named("system", "catalog-nav-systems"),
        ]
        .into_iter()
        .filter(|(_, starts)| !starts.is_empty())
        .collect()
    }
}

/// `GET /catalog-graph`: Backstage's address, so that its links keep working.
pub(in crate::pages) async fn backstage(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    Ok(Redirect::permanent(&translated(&view.here).to_string()).into_response())
}

/// Arrays are written `name[]=…` or `name[0]=…`. Directions and curves of the
/// drawing mean nothing here.
fn translated(there: &Address) -> Address {
    let mut here = Address::new("/graph", "");
    for (name, value) in there.pairs() {
        let name = name.split('[').next().unwrap_or_default();
        here = match name {
            "rootEntityRefs" => here.and("root", value),
            "selectedKinds" => here.and("kind", &value.to_lowercase()),
            "selectedRelations" => here.and("rel", value),
            "lang" | "at" => here.with(name, value),
            _ => here,
        };
    }
    let depth = there.get("maxDepth").unwrap_or_default();
    let depth = if DEPTHS.contains(&depth) {
        depth
    } else {
        "all"
    };
    here.with("mode", "all").with("depth", depth)
}
