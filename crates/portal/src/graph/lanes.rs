//! Clusters: every cluster has a lane of its own across all layers, so that
//! frames never overlap and nothing foreign stands in them.

use std::collections::HashMap;

use super::GraphNode;
use super::layout::{Box, Cluster, Layered, NODE_HEIGHT, PASSAGE, place as place_rows};

/// From the frame's top to its first node: room for its name.
const HEAD: f64 = 26.0;
/// From a node to the frame around it.
const ROOM: f64 = 12.0;
/// Between two lanes.
const GAP: f64 = 26.0;

/// What belongs together, in a band of the picture.
pub(super) struct Lane {
    /// Nothing for nodes without a cluster, which have no frame.
    name: String,
    nodes: Vec<usize>,
    /// Upper edge, in the same measure as the slots' middles.
    pub(super) top: f64,
    bottom: f64,
}

/// The middle of every slot, and the lanes from the top down. Slots are
/// brought into the order of the lanes; ways through a layer stay in the lane
/// in which they begin.
pub(super) fn place(nodes: &[GraphNode], layered: &mut Layered) -> (Vec<f64>, Vec<Lane>) {
    let (lane_of, names) = assign(nodes, layered);
    let ranks = ranks(layered, &lane_of, names.len());
    let rank = |slot: usize| {
        let lane = lane_of.get(slot).copied().unwrap_or_default();
        ranks.get(lane).copied().unwrap_or_default()
    };
    for list in &mut layered.layers {
        list.sort_by_key(|slot| rank(*slot));
    }
    let mut by_rank: Vec<usize> = (0..names.len()).collect();
    by_rank.sort_by_key(|lane| ranks.get(*lane).copied().unwrap_or_default());

    let mut ys = vec![0.0; layered.slots.len()];
    let mut lanes = Vec::with_capacity(names.len());
    let mut top = 0.0;
    for lane in by_rank {
        let name = names.get(lane).copied().unwrap_or_default();
        let inside = |slot: &usize| lane_of.get(*slot) == Some(&lane);
        let part = Layered {
            slots: layered.slots.clone(),
            layers: layered
                .layers
                .iter()
                .map(|list| list.iter().copied().filter(inside).collect())
                .collect(),
            links: layered
                .links
                .iter()
                .copied()
                .filter(|(left, right)| inside(left) && inside(right))
                .collect(),
            chains: Vec::new(),
        };
        let rows = place_rows(&part);
        let slots: Vec<usize> = part.layers.iter().flatten().copied().collect();
        let row = |slot: usize| rows.get(slot).copied().unwrap_or_default();
        let half = |slot: usize| half_height(&part, slot);
        let first = slots.iter().map(|slot| row(*slot) - half(*slot));
        let first = first.fold(f64::INFINITY, f64::min);
        let last = slots.iter().map(|slot| row(*slot) + half(*slot));
        let last = last.fold(f64::NEG_INFINITY, f64::max);
        if !(first.is_finite() && last.is_finite()) {
            continue;
        }
        let (head, foot) = if name.is_empty() {
            (0.0, 0.0)
        } else {
            (HEAD, ROOM)
        };
        for slot in &slots {
            if let Some(y) = ys.get_mut(*slot) {
                *y = row(*slot) - first + top + head;
            }
        }
        let bottom = top + head + (last - first) + foot;
        lanes.push(Lane {
            name: name.to_owned(),
            nodes: slots
                .iter()
                .filter_map(|slot| part.slots.get(*slot)?.node)
                .collect(),
            top,
            bottom,
        });
        top = bottom + GAP;
    }
    (ys, lanes)
}

/// The lane of every slot, and the names of the lanes.
fn assign<'n>(nodes: &'n [GraphNode], layered: &Layered) -> (Vec<usize>, Vec<&'n str>) {
    let mut names: Vec<&str> = Vec::new();
    let mut known: HashMap<&str, usize> = HashMap::new();
    let mut lane_of = vec![0; layered.slots.len()];
    for (slot, lane) in layered.slots.iter().zip(&mut lane_of) {
        if let Some(node) = slot.node.and_then(|node| nodes.get(node)) {
            *lane = *known.entry(node.cluster.as_str()).or_insert_with(|| {
                names.push(node.cluster.as_str());
                names.len() - 1
            });
        }
    }
    for (chain, _) in &layered.chains {
        let first = chain.first().and_then(|slot| lane_of.get(*slot)).copied();
        let between = chain.iter().skip(1).take(chain.len().saturating_sub(2));
        for slot in between {
            if let (Some(lane), Some(first)) = (lane_of.get_mut(*slot), first) {
                *lane = first;
            }
        }
    }
    (lane_of, names)
}

/// The place of each lane from the top: where its nodes stood on the average
/// before they were moved into lanes.
fn ranks(layered: &Layered, lane_of: &[usize], count: usize) -> Vec<usize> {
    let mut sums = vec![(0.0_f64, 0_usize); count];
    for list in &layered.layers {
        let height = list.len().max(1) as f64;
        for (row, slot) in list.iter().enumerate() {
            let is_node = layered.slots.get(*slot).is_some_and(|s| s.node.is_some());
            let lane = lane_of.get(*slot).and_then(|lane| sums.get_mut(*lane));
            if let (true, Some((sum, nodes))) = (is_node, lane) {
                *sum += (row as f64 + 0.5) / height;
                *nodes += 1;
            }
        }
    }
    let mean = |lane: usize| {
        let (sum, nodes) = sums.get(lane).copied().unwrap_or_default();
        sum / nodes.max(1) as f64
    };
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| mean(*a).total_cmp(&mean(*b)));
    let mut ranks = vec![0; count];
    for (rank, lane) in order.into_iter().enumerate() {
        if let Some(place) = ranks.get_mut(lane) {
            *place = rank;
        }
    }
    ranks
}

fn half_height(layered: &Layered, slot: usize) -> f64 {
    match layered.slots.get(slot).and_then(|slot| slot.node) {
        Some(_) => f64::from(NODE_HEIGHT) / 2.0,
        None => PASSAGE / 2.0,
    }
}

/// The frames of lanes that have a name. `pixel` brings a height of the slots
/// into the picture.
pub(super) fn frames(lanes: &[Lane], boxes: &[Box], pixel: impl Fn(f64) -> i32) -> Vec<Cluster> {
    let room = ROOM as i32;
    lanes
        .iter()
        .filter(|lane| !lane.name.is_empty())
        .filter_map(|lane| {
            let inside = || lane.nodes.iter().filter_map(|node| boxes.get(*node));
            let left = inside().map(|one| one.x).min()? - room;
            let right = inside().map(|one| one.x + one.width).max()? + room;
            Some(Cluster {
                name: lane.name.clone(),
                x: left,
                y: pixel(lane.top),
                width: right - left,
                height: pixel(lane.bottom) - pixel(lane.top),
            })
        })
        .collect()
}
