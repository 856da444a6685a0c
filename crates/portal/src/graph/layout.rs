//! Layered layout (Sugiyama, Tagawa, Toda 1981): break cycles, put every node
//! into a layer, order each layer so that few edges cross, then place.
//!
//! Everything is in whole pixels and decided by the input's order alone.

use std::collections::HashMap;

use super::lanes::{self, Lane};
use super::{GraphEdge, GraphNode};

pub(super) const NODE_HEIGHT: i32 = 52;
/// From a node's left edge to its text.
pub(super) const TEXT_LEFT: i32 = 35;
const MIN_WIDTH: i32 = 144;
const MAX_WIDTH: i32 = 248;
/// Between layers: room for an edge's name.
const GAP_X: i32 = 96;
const GAP_Y: f64 = 16.0;
/// What an edge takes that passes a layer.
pub(super) const PASSAGE: f64 = 10.0;
pub(super) const PADDING: i32 = 20;
const SWEEPS: usize = 8;

/// Where everything is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) width: i32,
    pub(super) height: i32,
    /// In the order of the given nodes.
    pub(super) boxes: Vec<Box>,
    /// In the order of the given edges.
    pub(super) paths: Vec<Path>,
    /// From the top down.
    pub(super) clusters: Vec<Cluster>,
}

/// The frame around the nodes of one cluster.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) name: String,
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Cluster {
    /// Where its name stands.
    pub(super) fn name_x(&self) -> i32 {
        self.x + 10
    }

    pub(super) fn name_y(&self) -> i32 {
        self.y + 17
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Box {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
}

impl Box {
    pub(super) fn height(&self) -> i32 {
        NODE_HEIGHT
    }

    pub(super) fn text_x(&self) -> i32 {
        self.x + TEXT_LEFT
    }
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    /// SVG path data, from the edge's start to its end.
    pub(super) d: String,
    /// Where its name stands.
    pub(super) name_x: i32,
    pub(super) name_y: i32,
}

/// How wide a character of 13 px text is, roughly: Hangul and other wide
/// scripts take a full em.
pub(super) fn char_width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' => 3.6,
        'f' | 't' | 'r' | '-' | '(' | ')' | '/' | ' ' => 5.2,
        'm' | 'w' | 'M' | 'W' | '@' => 11.0,
        'A'..='Z' => 8.8,
        c if u32::from(c) >= 0x1100 => 13.0,
        _ => 7.4,
    }
}

/// A node, or the passage of an edge through a layer between its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) node: Option<usize>,
    pub(super) layer: usize,
}

pub(super) struct Layered {
    pub(super) slots: Vec<Slot>,
    /// Slot indices per layer, in order from the top.
    pub(super) layers: Vec<Vec<usize>>,
    /// Slot to slot in the next layer.
    pub(super) links: Vec<(usize, usize)>,
    /// Per edge: its slots from left to right, and whether it runs to the left.
    pub(super) chains: Vec<(Vec<usize>, bool)>,
}

/// Edges with unknown ends get an empty path.
pub(super) fn layout(nodes: &[GraphNode], edges: &[GraphEdge]) -> Picture {
    if nodes.is_empty() {
        return Picture::default();
    }
    let index: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(i, node)| (node.id.as_str(), i))
        .collect();
    let ends: Vec<Option<(usize, usize)>> = edges
        .iter()
        .map(|edge| {
            Some((
                *index.get(edge.from.as_str())?,
                *index.get(edge.to.as_str())?,
            ))
            .filter(|(a, b)| a != b)
        })
        .collect();
    let forward = without_cycles(nodes.len(), &ends);
    let layer_of = layers(nodes.len(), &forward);
    let mut layered = slots(nodes.len(), &ends, &layer_of);
    order(&mut layered);
    if nodes.iter().any(|node| !node.cluster.is_empty()) {
        let (ys, lanes) = lanes::place(nodes, &mut layered);
        draw(nodes, &layered, &ys, &lanes)
    } else {
        let ys = place(&layered);
        draw(nodes, &layered, &ys, &[])
    }
}

/// Each edge as (left, right): edges that would close a cycle are turned round.
fn without_cycles(count: usize, ends: &[Option<(usize, usize)>]) -> Vec<(usize, usize)> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in ends.iter().flatten() {
        if let Some(list) = next.get_mut(*from) {
            list.push(*to);
        }
    }
    // The position at which a depth-first walk leaves a node: an edge to a node
    // that is left later closes a cycle.
    let mut left_at = vec![usize::MAX; count];
    let mut entered = vec![false; count];
    let mut clock = 0;
    for start in 0..count {
        let mut stack = vec![(start, 0)];
        if entered.get(start).copied().unwrap_or(true) {
            continue;
        }
        set(&mut entered, start, true);
        while let Some((at, child)) = stack.pop() {
            if let Some(&below) = next.get(at).and_then(|list| list.get(child)) {
                stack.push((at, child + 1));
                if entered.get(below) == Some(&false) {
                    set(&mut entered, below, true);
                    stack.push((below, 0));
                }
            } else {
                set(&mut left_at, at, clock);
                clock += 1;
            }
        }
    }
    let left = |node: usize| left_at.get(node).copied().unwrap_or_default();
    ends.iter()
        .flatten()
        .map(|&(from, to)| {
            if left(from) > left(to) {
                (from, to)
            } else {
                (to, from)
            }
        })
        .collect()
}

/// The longest way from a source gives the layer; sources stand next to what
/// they use.
fn layers(count: usize, forward: &[(usize, usize)]) -> Vec<usize> {
    let mut layer = vec![0_usize; count];
    let at = |layer: &[usize], node: usize| layer.get(node).copied().unwrap_or_default();
    // Edges form no cycle, so the longest way has fewer steps than nodes.
    for _ in 0..count {
        let mut changed = false;
        for &(from, to) in forward {
            let needed = at(&layer, from) + 1;
            if at(&layer, to) < needed {
                set(&mut layer, to, needed);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let mut is_target = vec![false; count];
    for &(_, to) in forward {
        set(&mut is_target, to, true);
    }
    for (node, target) in is_target.iter().enumerate() {
        let nearest = forward
            .iter()
            .filter(|(from, _)| *from == node)
            .map(|(_, to)| at(&layer, *to))
            .min();
        if let (false, Some(nearest)) = (*target, nearest) {
            set(&mut layer, node, nearest.saturating_sub(1));
        }
    }
    layer
}

fn slots(count: usize, ends: &[Option<(usize, usize)>], layer_of: &[usize]) -> Layered {
    let layer = |node: usize| layer_of.get(node).copied().unwrap_or_default();
    let mut made = Layered {
        slots: (0..count)
            .map(|node| Slot {
                node: Some(node),
                layer: layer(node),
            })
            .collect(),
        layers: vec![Vec::new(); layer_of.iter().max().copied().unwrap_or_default() + 1],
        links: Vec::new(),
        chains: Vec::new(),
    };
    for end in ends {
        let Some((from, to)) = *end else {
            made.chains.push((Vec::new(), false));
            continue;
        };
        let leftwards = layer(from) > layer(to);
        let (left, right) = if leftwards { (to, from) } else { (from, to) };
        let mut chain = vec![left];
        for passed in layer(left) + 1..layer(right) {
            chain.push(made.slots.len());
            made.slots.push(Slot {
                node: None,
                layer: passed,
            });
        }
        chain.push(right);
        made.links.extend(
            chain
                .windows(2)
                .filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))),
        );
        made.chains.push((chain, leftwards));
    }
    for (index, slot) in made.slots.iter().enumerate() {
        if let Some(list) = made.layers.get_mut(slot.layer) {
            list.push(index);
        }
    }
    made
}

/// Barycentre sweeps to the right and back; ties keep their order.
fn order(layered: &mut Layered) {
    let (befores, afters) = neighbours(layered);
    let count = layered.layers.len();
    for sweep in 0..SWEEPS {
        let rightwards = sweep % 2 == 0;
        for step in 1..count {
            let at = if rightwards { step } else { count - 1 - step };
            let around = if rightwards { &befores } else { &afters };
            let mut position = vec![0.0; layered.slots.len()];
            for list in &layered.layers {
                for (row, slot) in list.iter().enumerate() {
                    set(&mut position, *slot, row as f64);
                }
            }
            let Some(list) = layered.layers.get_mut(at) else {
                continue;
            };
            let mut keyed: Vec<(f64, usize)> = list
                .iter()
                .enumerate()
                .map(|(row, slot)| {
                    (
                        mean(around.get(*slot), &position).unwrap_or(row as f64),
                        *slot,
                    )
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *list = keyed.into_iter().map(|(_, slot)| slot).collect();
        }
    }
}

/// The middle of every slot: near its neighbours, never over another.
pub(super) fn place(layered: &Layered) -> Vec<f64> {
    let (befores, afters) = neighbours(layered);
    let mut ys = vec![0.0; layered.slots.len()];
    for list in &layered.layers {
        let offsets = offsets(layered, list);
        for (slot, offset) in list.iter().zip(&offsets) {
            set(&mut ys, *slot, *offset);
        }
    }
    let count = layered.layers.len();
    for sweep in 0..SWEEPS {
        for step in 0..count {
            let at = if sweep % 2 == 0 {
                step
            } else {
                count - 1 - step
            };
            let Some(list) = layered.layers.get(at) else {
                continue;
            };
            let wanted: Vec<f64> = list
                .iter()
                .map(|slot| {
                    let here = ys.get(*slot).copied().unwrap_or_default();
                    let left = mean(befores.get(*slot), &ys);
                    let right = mean(afters.get(*slot), &ys);
                    match (left, right) {
                        (Some(left), Some(right)) => (left + right) / 2.0,
                        (Some(one), None) | (None, Some(one)) => one,
                        (None, None) => here,
                    }
                })
                .collect();
            let offsets = offsets(layered, list);
            for (slot, y) in list.iter().zip(spread(&wanted, &offsets)) {
                set(&mut ys, *slot, y);
            }
        }
    }
    ys
}

/// Least squares with minimal distances: the pool-adjacent-violators algorithm
/// on what is wanted, less the distance from the top.
fn spread(wanted: &[f64], offsets: &[f64]) -> Vec<f64> {
    let mut pools: Vec<(f64, usize)> = Vec::new();
    for (want, offset) in wanted.iter().zip(offsets) {
        pools.push((want - offset, 1));
        while let [.., (above, many), (below, few)] = pools.as_slice()
            && above > below
        {
            let total = many + few;
            let merged = (above * *many as f64 + below * *few as f64) / total as f64;
            pools.truncate(pools.len() - 2);
            pools.push((merged, total));
        }
    }
    let bases = pools
        .iter()
        .flat_map(|(value, many)| std::iter::repeat_n(*value, *many));
    bases
        .zip(offsets)
        .map(|(base, offset)| base + offset)
        .collect()
}

/// Each slot's least distance from the top of its layer, to its middle.
fn offsets(layered: &Layered, list: &[usize]) -> Vec<f64> {
    let half = |slot: &usize| match layered.slots.get(*slot).and_then(|slot| slot.node) {
        Some(_) => f64::from(NODE_HEIGHT) / 2.0,
        None => PASSAGE / 2.0,
    };
    let mut top = 0.0;
    list.iter()
        .map(|slot| {
            let middle = top + half(slot);
            top = middle + half(slot) + GAP_Y;
            middle
        })
        .collect()
}

fn draw(nodes: &[GraphNode], layered: &Layered, ys: &[f64], lanes: &[Lane]) -> Picture {
    let mut columns = Vec::new();
    let mut x = PADDING;
    for list in &layered.layers {
        let widest = list
            .iter()
            .filter_map(|slot| nodes.get(layered.slots.get(*slot)?.node?))
            .map(text_width)
            .max();
        let width = widest.unwrap_or_default().clamp(MIN_WIDTH, MAX_WIDTH);
        columns.push((x, width));
        x += width + GAP_X;
    }
    let first = ys.iter().copied().fold(f64::INFINITY, f64::min) - f64::from(NODE_HEIGHT) / 2.0;
    let top = lanes.iter().map(|lane| lane.top).fold(first, f64::min);
    let middle =
        |slot: usize| (ys.get(slot).copied().unwrap_or_default() - top).round() as i32 + PADDING;
    let column = |slot: usize| {
        let layer = layered.slots.get(slot).map_or(0, |slot| slot.layer);
        columns.get(layer).copied().unwrap_or_default()
    };
    let boxes: Vec<Box> = (0..nodes.len())
        .map(|node| {
            let (x, width) = column(node);
            Box {
                x,
                y: middle(node) - NODE_HEIGHT / 2,
                width,
            }
        })
        .collect();
    let paths = layered
        .chains
        .iter()
        .map(|(chain, leftwards)| {
            // Left and right edge of every slot that the edge touches.
            let stops: Vec<(i32, i32, i32)> = chain
                .iter()
                .map(|slot| {
                    let (x, width) = column(*slot);
                    (x, x + width, middle(*slot))
                })
                .collect();
            path(&stops, *leftwards)
        })
        .collect();
    let clusters = lanes::frames(lanes, &boxes, |y| (y - top).round() as i32 + PADDING);
    let height = boxes
        .iter()
        .map(|one| one.y + NODE_HEIGHT)
        .chain(clusters.iter().map(|cluster| cluster.y + cluster.height))
        .chain(passages(layered, &middle))
        .max()
        .unwrap_or_default();
    Picture {
        width: x - GAP_X + PADDING,
        height: height + PADDING,
        boxes,
        paths,
        clusters,
    }
}

fn passages<'a>(
    layered: &'a Layered,
    middle: &'a impl Fn(usize) -> i32,
) -> impl Iterator<Item = i32> + 'a {
    (0..layered.slots.len())
        .filter(|slot| layered.slots.get(*slot).is_some_and(|s| s.node.is_none()))
        .map(middle)
}

fn path(stops: &[(i32, i32, i32)], leftwards: bool) -> Path {
    let (Some(first), Some(last)) = (stops.first(), stops.last()) else {
        return Path::default();
    };
    let mut points = vec![(first.1, first.2)];
    for (left, right, y) in stops.iter().skip(1).take(stops.len().saturating_sub(2)) {
        points.extend([(*left, *y), (*right, *y)]);
    }
    points.push((last.0, last.2));
    // The name stands in the gap before the right end, where ends differ most.
    let before = points
        .get(points.len().saturating_sub(2))
        .copied()
        .unwrap_or_default();
    let (name_x, name_y) = (
        i32::midpoint(before.0, last.0),
        i32::midpoint(before.1, last.2) - 4,
    );
    if leftwards {
        points.reverse();
    }
    let mut d = String::new();
    let mut at = (0, 0);
    for (step, &(x, y)) in points.iter().enumerate() {
        if step == 0 {
            d.push_str(&format!("M{x} {y}"));
        } else if at.1 == y {
            d.push_str(&format!("H{x}"));
        } else {
            let half = i32::midpoint(at.0, x);
            d.push_str(&format!("C{half} {} {half} {y} {x} {y}", at.1));
        }
        at = (x, y);
    }
    Path { d, name_x, name_y }
}

fn text_width(node: &GraphNode) -> i32 {
    let width = |text: &str| text.chars().take(80).map(char_width).sum::<f64>();
    let needed = width(&node.text).max(width(&node.note) * 12.0 / 13.0);
    needed.ceil() as i32 + TEXT_LEFT + 12
}

fn neighbours(layered: &Layered) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut befores = vec![Vec::new(); layered.slots.len()];
    let mut afters = vec![Vec::new(); layered.slots.len()];
    for (left, right) in &layered.links {
        if let Some(list) = befores.get_mut(*right) {
            list.push(*left);
        }
        if let Some(list) = afters.get_mut(*left) {
            list.push(*right);
        }
    }
    (befores, afters)
}

fn mean(slots: Option<&Vec<usize>>, values: &[f64]) -> Option<f64> {
    let slots = slots.filter(|slots| !slots.is_empty())?;
    let sum: f64 = slots.iter().filter_map(|slot| values.get(*slot)).sum();
    Some(sum / slots.len() as f64)
}

fn set<T>(list: &mut [T], at: usize, value: T) {
    if let Some(place) = list.get_mut(at) {
        *place = value;
    }
}
