//! How packages came in: a walk over the dependency graph of an SBOM.

use std::collections::{HashMap, VecDeque};

/// Who depends on whom, by the ids of the SBOM.
pub(super) type Edges<'a> = HashMap<&'a str, Vec<&'a str>>;

/// How a package came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way<'a> {
    /// The root depends on it.
    Direct,
    /// This package, on which the root depends, brought it by the shortest way.
    Through(&'a str),
}

/// The way of everything that can be reached from the root. Empty when the
/// SBOM has no root, or nothing depends on anything.
pub(super) fn ways<'a>(edges: &Edges<'a>, root: Option<&'a str>) -> HashMap<&'a str, Way<'a>> {
    let mut ways = HashMap::new();
    let Some(direct) = root.and_then(|root| edges.get(root)) else {
        return ways;
    };
    let mut queue = VecDeque::new();
    for id in direct {
        if Some(*id) != root && ways.insert(*id, Way::Direct).is_none() {
            queue.push_back((*id, *id));
        }
    }
    while let Some((id, first)) = queue.pop_front() {
        for next in edges.get(id).into_iter().flatten() {
            if Some(*next) != root && !ways.contains_key(next) {
                ways.insert(*next, Way::Through(first));
                queue.push_back((*next, first));
            }
        }
    }
    ways
}
