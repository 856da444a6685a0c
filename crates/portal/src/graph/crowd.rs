//! Keeps a picture readable: what is too much is gathered into groups.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use super::{Graph, GraphEdge, GraphNode};
use crate::view::View;

/// The most nodes that a picture shows.
pub const MAX_NODES: usize = 150;
/// Room that is kept for groups.
const MAX_GROUPS: usize = 20;
/// More edges than this make a picture black; the list has them all.
const MAX_EDGES: usize = 600;

/// The graph as it can be drawn.
pub(super) fn gathered(graph: &Graph, view: &View) -> Graph {
    let mut shown = graph.clone();
    if graph.nodes.len() > MAX_NODES {
        gather(&mut shown, view);
    }
    let known: HashSet<&str> = shown.nodes.iter().map(|node| node.id.as_str()).collect();
    let mut seen = HashSet::new();
    let edges: Vec<GraphEdge> = shown
        .edges
        .iter()
        .filter(|edge| {
            known.contains(edge.from.as_str())
                && known.contains(edge.to.as_str())
                && edge.from != edge.to
        })
        .filter(|edge| seen.insert((edge.from.clone(), edge.to.clone(), edge.text.clone())))
        .take(MAX_EDGES)
        .cloned()
        .collect();
    shown.edges = edges;
    shown
}

fn gather(graph: &mut Graph, view: &View) {
    let near = by_distance(graph);
    let keep: HashSet<&str> = near
        .iter()
        .take(MAX_NODES - MAX_GROUPS)
        .filter_map(|index| graph.nodes.get(*index))
        .map(|n| n.id.as_str())
        .collect();
    let mut sizes: BTreeMap<&str, usize> = BTreeMap::new();
    for node in graph
        .nodes
        .iter()
        .filter(|node| !keep.contains(node.id.as_str()))
    {
        *sizes.entry(node.group.as_str()).or_default() += 1;
    }
    // The largest groups keep their names; the rest share one node.
    let mut largest: Vec<(&str, usize)> =
        sizes.iter().map(|(group, size)| (*group, *size)).collect();
    largest.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    let named: HashSet<&str> = largest
        .iter()
        .take(MAX_GROUPS - 1)
        .map(|(group, _)| *group)
        .filter(|group| !group.is_empty())
        .collect();
    let place = |group: &str| {
        if named.contains(group) {
            format!("group:{group}")
        } else {
            "group:".to_owned()
        }
    };

    let mut moved: HashMap<String, String> = HashMap::new();
    let mut members: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut nodes = Vec::new();
    for node in &graph.nodes {
        if keep.contains(node.id.as_str()) {
            nodes.push(node.clone());
            continue;
        }
        let id = place(&node.group);
        let name = if id == "group:" {
            String::new()
        } else {
            node.group.clone()
        };
        members.entry(id.clone()).or_insert((name, 0)).1 += 1;
        moved.insert(node.id.clone(), id);
    }
    for (id, (name, count)) in members {
        let text = if name.is_empty() {
            view.t("graph-more").with("count", count).to_string()
        } else {
            view.t("graph-more-in")
                .with("count", count)
                .with("group", &name)
                .to_string()
        };
        nodes.push(GraphNode {
            id,
            text,
            icon: "more".to_owned(),
            ..GraphNode::default()
        });
    }
    for edge in &mut graph.edges {
        let from_moved = moved.get(&edge.from).cloned();
        let to_moved = moved.get(&edge.to).cloned();
        if from_moved.is_some() || to_moved.is_some() {
            edge.text.clear();
        }
        edge.from = from_moved.unwrap_or_else(|| std::mem::take(&mut edge.from));
        edge.to = to_moved.unwrap_or_else(|| std::mem::take(&mut edge.to));
    }
    graph.nodes = nodes;
}

/// Indices of nodes, nearest to the current one first, ties in given order;
/// what is not connected comes last.
fn by_distance(graph: &Graph) -> Vec<usize> {
    let index: HashMap<&str, usize> = graph
        .nodes
        .iter()
        .enumerate()
        .map(|(i, node)| (node.id.as_str(), i))
        .collect();
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); graph.nodes.len()];
    for edge in &graph.edges {
        let (Some(&from), Some(&to)) = (index.get(edge.from.as_str()), index.get(edge.to.as_str()))
        else {
            continue;
        };
        if let Some(list) = neighbours.get_mut(from) {
            list.push(to);
        }
        if let Some(list) = neighbours.get_mut(to) {
            list.push(from);
        }
    }
    let start = graph
        .nodes
        .iter()
        .position(|node| node.current)
        .unwrap_or(0);
    let mut order = Vec::with_capacity(graph.nodes.len());
    let mut seen = vec![false; graph.nodes.len()];
    for first in std::iter::once(start).chain(0..graph.nodes.len()) {
        let mut queue = VecDeque::from([first]);
        while let Some(at) = queue.pop_front() {
            let Some(mark) = seen.get_mut(at) else {
                continue;
            };
            if std::mem::replace(mark, true) {
                continue;
            }
            order.push(at);
            queue.extend(neighbours.get(at).into_iter().flatten());
        }
    }
    order
}
