//! A net as a picture: what is too much is gathered into groups that can be
//! opened.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use platform::request::encode;
use portal::View;
use portal::graph::{Graph, GraphEdge, GraphNode, MAX_NODES};
use portal::ui::{Status, Tone};

use super::ask::Ask;
use super::net::{GroupKey, Net, NetNode};
use crate::index::Index;
use crate::pages::labels::{kind_plural, relation_label};
use crate::pages::summary::{RefLine, entity_href};

/// Room that is kept for groups.
const MAX_GROUPS: usize = 20;
/// With more relations than this their names hide the picture; the list has them.
const MAX_NAMED_EDGES: usize = 24;
/// A name on a picture. Longer ones are cut by the layout anyway.
const MAX_NAME_CHARS: usize = 120;

/// What a picture is drawn from.
pub(in crate::pages) struct Drawing<'a> {
    pub(in crate::pages) view: &'a View,
    pub(in crate::pages) kinds: &'a Kinds,
    pub(in crate::pages) index: &'a Index,
    /// Nodes of one system stand in a frame.
    pub(in crate::pages) cluster: bool,
    /// Groups that are not gathered.
    pub(in crate::pages) open: &'a [GroupKey],
}

impl<'a> Drawing<'a> {
    pub(in crate::pages) fn new(
        view: &'a View,
        (kinds, index): (&'a Kinds, &'a Index),
        ask: &'a Ask,
    ) -> Self {
        Self {
            view,
            kinds,
            index,
            cluster: ask.cluster,
            open: &ask.open,
        }
    }

    /// What a group is called.
    pub(in crate::pages) fn group_name(&self, group: &GroupKey) -> String {
        match group {
            GroupKey::System(system) => RefLine::of(self.index, system).text,
            GroupKey::Kind(kind) => kind_plural(self.view, self.kinds, kind),
        }
    }

    /// The picture of a net.
    pub(in crate::pages) fn graph(&self, net: &Net, title: String) -> Graph {
        let kept = kept(net, self.open);
        let mut nodes: Vec<GraphNode> = Vec::new();
        let mut place_of: Vec<String> = Vec::with_capacity(net.nodes.len());
        let mut gathered: BTreeMap<&GroupKey, usize> = BTreeMap::new();
        for (node, kept) in net.nodes.iter().zip(&kept) {
            if *kept {
                place_of.push(node.entity_ref.to_string());
                nodes.push(self.node(node));
            } else {
                *gathered.entry(&node.group).or_default() += 1;
                place_of.push(group_id(&node.group));
            }
        }
        // The largest groups keep their names; the rest share one node.
        let mut groups: Vec<(&GroupKey, usize)> = gathered.into_iter().collect();
        groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let rest: HashSet<String> = groups
            .iter()
            .skip(MAX_GROUPS - 1)
            .map(|(group, _)| group_id(group))
            .collect();
        let rest_count: usize = groups
            .iter()
            .skip(MAX_GROUPS - 1)
            .map(|(_, count)| count)
            .sum();
        for (group, count) in groups.iter().take(MAX_GROUPS - 1) {
            nodes.push(self.group_node(group, *count));
        }
        if rest_count > 0 {
            nodes.push(GraphNode {
                id: "group:".to_owned(),
                text: self
                    .view
                    .t("graph-more")
                    .with("count", rest_count)
                    .to_string(),
                icon: "more".to_owned(),
                ..GraphNode::default()
            });
        }
        let place = |node: usize| {
            let place = place_of.get(node).map(String::as_str).unwrap_or_default();
            if rest.contains(place) {
                "group:"
            } else {
                place
            }
        };
        let mut graph = Graph {
            id: "graph".to_owned(),
            title,
            nodes,
            edges: self.edges(net, &kept, place),
        };
        if graph.edges.len() > MAX_NAMED_EDGES {
            graph.edges.iter_mut().for_each(|edge| edge.text.clear());
        }
        graph
    }

    fn edges<'p>(
        &self,
        net: &Net,
        kept: &[bool],
        place: impl Fn(usize) -> &'p str,
    ) -> Vec<GraphEdge> {
        let mut at: HashMap<(&str, &str, &str), usize> = HashMap::new();
        let mut edges: Vec<GraphEdge> = Vec::new();
        for edge in &net.edges {
            let (from, to) = (place(edge.from), place(edge.to));
            let is_kept = |node: usize| kept.get(node).copied().unwrap_or(false);
            let whole = is_kept(edge.from) && is_kept(edge.to);
            let relation = if whole { edge.relation.as_str() } else { "" };
            if from == to {
                continue;
            }
            let tone = edge.cyclic.then_some(Tone::Warn);
            if let Some(known) = at
                .get(&(from, to, relation))
                .and_then(|at| edges.get_mut(*at))
            {
                known.tone = known.tone.or(tone);
                continue;
            }
            at.insert((from, to, relation), edges.len());
            edges.push(GraphEdge {
                from: from.to_owned(),
                to: to.to_owned(),
                text: match relation {
                    "" => String::new(),
                    relation => relation_label(self.view, relation),
                },
                dashed: false,
                tone,
            });
        }
        edges
    }

    fn node(&self, node: &NetNode) -> GraphNode {
        let entity = self.index.get(&node.entity_ref);
        let line = RefLine::of(self.index, &node.entity_ref);
        let owner = entity.and_then(|entity| {
            let written = entity.text(&["spec", "owner"])?;
            let namespace = Some(node.entity_ref.namespace());
            let owner = EntityRef::parse(&written, Some("group"), namespace).ok()?;
            Some(RefLine::of(self.index, &owner))
        });
        let status = |tone, key| {
            Some(Status {
                tone,
                text: self.view.t(key).to_string(),
            })
        };
        GraphNode {
            id: node.entity_ref.to_string(),
            text: short(&line.text),
            note: owner.map(|owner| short(&owner.text)).unwrap_or_default(),
            icon: line.icon.to_owned(),
            href: Some(self.entity_href(&node.entity_ref)),
            group: String::new(),
            cluster: self.cluster_name(&node.group),
            status: match entity {
                None => status(Tone::Warn, "catalog-missing"),
                Some(entity) if entity.status().is_some() => status(Tone::Bad, "catalog-flawed"),
                Some(_) => None,
            },
            current: node.root,
        }
    }

    fn group_node(&self, group: &GroupKey, count: usize) -> GraphNode {
        let name = short(&self.group_name(group));
        let opened = self.open.contains(group);
        GraphNode {
            id: group_id(group),
            text: self
                .view
                .t("graph-more-in")
                .with("count", count)
                .with("group", &name)
                .to_string(),
            icon: "more".to_owned(),
            // An opened group that is still too large is read as a list.
            href: Some(match (opened, group) {
                (true, GroupKey::System(system)) => {
                    format!("/catalog?system={}", encode(system.as_str()))
                }
                (true, GroupKey::Kind(kind)) => format!("/catalog?kind={}", encode(kind)),
                (false, group) => self.view.here.and("open", &group.to_string()).to_string(),
            }),
            cluster: self.cluster_name(group),
            ..GraphNode::default()
        }
    }

    fn cluster_name(&self, group: &GroupKey) -> String {
        match group {
            GroupKey::System(system) if self.cluster => {
                short(&RefLine::of(self.index, system).text)
            }
            _ => String::new(),
        }
    }

    /// An entity's page; a past moment stays.
    fn entity_href(&self, entity_ref: &EntityRef) -> String {
        let href = entity_href(entity_ref);
        match self.view.here.get("at") {
            Some(at) => format!("{href}?at={}", encode(at)),
            None => href,
        }
    }
}

fn group_id(group: &GroupKey) -> String {
    format!("group:{group}")
}

fn short(text: &str) -> String {
    text.chars().take(MAX_NAME_CHARS).collect()
}

/// Which nodes are drawn on their own: roots, what is in opened groups, then
/// the nearest.
fn kept(net: &Net, open: &[GroupKey]) -> Vec<bool> {
    if net.nodes.len() <= MAX_NODES {
        return vec![true; net.nodes.len()];
    }
    let mut kept = vec![false; net.nodes.len()];
    let mut room = MAX_NODES - MAX_GROUPS;
    let is_open = |node: &NetNode| open.contains(&node.group);
    let turns: [&dyn Fn(&NetNode) -> bool; 3] = [&|node| node.root, &is_open, &|_| true];
    for wanted in turns {
        for (node, kept) in net.nodes.iter().zip(&mut kept) {
            if room > 0 && !*kept && wanted(node) {
                *kept = true;
                room -= 1;
            }
        }
    }
    kept
}
