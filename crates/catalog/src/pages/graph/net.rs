//! The part of the catalog that a picture is about, before anything of it is
//! drawn: no document is parsed here, so that thousands of nodes cost little.

use std::collections::{HashMap, HashSet};
use std::fmt;

use model::entity_ref::EntityRef;
use model::query::Predicate;

use super::ask::{Ask, Way};
use super::cycles::cyclic;
use super::families::is_dependency;
use crate::index::{Direction, Index};

/// Beyond this nobody reads any more; pages say that there is more.
const MAX_NODES: usize = 5_000;
/// Relations of these nodes; the exports have no more either.
const MAX_EDGES: usize = 20_000;

/// What a crowd of nodes is gathered under.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(in crate::pages) enum GroupKey {
    System(EntityRef),
    /// For what belongs to no system; lower case.
    Kind(String),
}

impl GroupKey {
    /// As it is written in addresses.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.strip_prefix("kind:") {
            Some(kind) if !kind.is_empty() => Some(Self::Kind(kind.to_lowercase())),
            Some(_) => None,
            None => {
                let system = EntityRef::parse(text, Some("system"), None).ok()?;
                Some(Self::System(system))
            }
        }
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(system) => write!(f, "{system}"),
            Self::Kind(kind) => write!(f, "kind:{kind}"),
        }
    }
}

/// One entity of a net.
#[derive(Clone, Debug)]
pub(in crate::pages) struct NetNode {
    pub(in crate::pages) entity_ref: EntityRef,
    /// Relations away from the nearest root.
    pub(in crate::pages) depth: usize,
    pub(in crate::pages) exists: bool,
    /// The picture begins here.
    pub(in crate::pages) root: bool,
    pub(in crate::pages) group: GroupKey,
}

/// One relation, from who uses to what is used.
#[derive(Clone, Debug)]
pub(in crate::pages) struct NetEdge {
    /// Places in [`Net::nodes`].
    pub(in crate::pages) from: usize,
    pub(in crate::pages) to: usize,
    pub(in crate::pages) relation: String,
    /// It is part of a circle of dependencies.
    pub(in crate::pages) cyclic: bool,
}

/// Entities with their relations to each other.
#[derive(Clone, Debug, Default)]
pub(in crate::pages) struct Net {
    /// Nearest to the roots first.
    pub(in crate::pages) nodes: Vec<NetNode>,
    pub(in crate::pages) edges: Vec<NetEdge>,
    /// There is more than was collected.
    pub(in crate::pages) cut: bool,
}

impl Net {
    /// What lies around the roots. A walk does not turn round on its way: the
    /// other users of what is used are somebody else's picture.
    pub(in crate::pages) fn around(
        index: &Index,
        roots: &[EntityRef],
        ask: &Ask,
        visible: Option<&Predicate>,
    ) -> Self {
        Near::of(index, roots, ask, visible).net(index, ask)
    }

    /// The given entities, without any relation yet.
    pub(in crate::pages) fn of(index: &Index, refs: impl IntoIterator<Item = EntityRef>) -> Self {
        let mut seen = HashSet::new();
        Self {
            nodes: refs
                .into_iter()
                .filter(|entity_ref| seen.insert(entity_ref.clone()))
                .take(MAX_NODES)
                .map(|entity_ref| NetNode {
                    group: group_of(index, &entity_ref),
                    exists: index.get(&entity_ref).is_some(),
                    depth: 0,
                    root: false,
                    entity_ref,
                })
                .collect(),
            edges: Vec::new(),
            cut: false,
        }
    }

    /// Adds relations by the names of their ends; unknown ends are left out.
    pub(in crate::pages) fn join<'r>(
        &mut self,
        relations: impl Iterator<Item = (&'r EntityRef, &'r EntityRef, &'r str)>,
    ) {
        let places: HashMap<&EntityRef, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (&node.entity_ref, place))
            .collect();
        let edges: Vec<NetEdge> = relations
            .filter_map(|(from, to, relation)| {
                Some(NetEdge {
                    from: *places.get(from)?,
                    to: *places.get(to)?,
                    relation: relation.to_owned(),
                    cyclic: false,
                })
            })
            .collect();
        self.edges.extend(edges);
    }

    fn connect(&mut self, index: &Index, draws: impl Fn(&str) -> bool) {
        let places: HashMap<&EntityRef, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(place, node)| (&node.entity_ref, place))
            .collect();
        let mut edges: Vec<NetEdge> = Vec::new();
        for (from, node) in self.nodes.iter().enumerate() {
            for relation in index.relations(&node.entity_ref) {
                let to = places.get(relation.target).copied();
                if let Some(to) = to.filter(|_| draws(relation.kind)) {
                    edges.push(NetEdge {
                        from,
                        to,
                        relation: relation.kind.to_owned(),
                        cyclic: false,
                    });
                }
            }
            if edges.len() >= MAX_EDGES {
                edges.truncate(MAX_EDGES);
                self.cut = true;
                break;
            }
        }
        let pairs: Vec<(usize, usize)> = edges
            .iter()
            .filter(|edge| is_dependency(&edge.relation))
            .map(|edge| (edge.from, edge.to))
            .collect();
        let circles = cyclic(self.nodes.len(), &pairs);
        for edge in &mut edges {
            let circle = |node: usize| circles.get(node).copied().flatten();
            edge.cyclic = is_dependency(&edge.relation)
                && circle(edge.from).is_some()
                && circle(edge.from) == circle(edge.to);
        }
        self.edges = edges;
    }

    /// The entities of the first circle of dependencies, in the order of the
    /// relations, the first one again at the end; empty without a circle.
    pub(in crate::pages) fn circle(&self) -> Vec<&EntityRef> {
        let next = |at: usize| {
            let mut edges = self.edges.iter();
            edges
                .find(|edge| edge.cyclic && edge.from == at)
                .map(|edge| edge.to)
        };
        let start = self.edges.iter().find(|edge| edge.cyclic);
        let mut way: Vec<usize> = Vec::new();
        let mut at = start.map(|edge| edge.from);
        while let Some(place) = at {
            if let Some(first) = way.iter().position(|seen| *seen == place) {
                way.drain(..first);
                way.push(place);
                break;
            }
            way.push(place);
            at = next(place);
        }
        way.iter()
            .filter_map(|place| self.nodes.get(*place).map(|node| &node.entity_ref))
            .collect()
    }
}

/// What a walk from the roots finds, before anything is asked of it.
pub(in crate::pages) struct Near<'i> {
    /// Nearest first: the entity, relations away from its root, and whether it exists.
    found: Vec<(&'i EntityRef, usize, bool)>,
    roots: Vec<EntityRef>,
    cut: bool,
}

impl<'i> Near<'i> {
    pub(in crate::pages) fn of(
        index: &'i Index,
        roots: &'i [EntityRef],
        ask: &Ask,
        visible: Option<&Predicate>,
    ) -> Self {
        let mut nearest: HashMap<&EntityRef, (usize, bool)> = HashMap::new();
        let (down, up) = (ask.families.down(), ask.families.up());
        let mut ways: Vec<&[&str]> = Vec::new();
        if ask.way != Way::Up {
            ways.push(&down);
        }
        if ask.way != Way::Down {
            ways.push(&up);
        }
        for root in roots {
            nearest.insert(root, (0, index.get(root).is_some()));
            for types in &ways {
                let limits = (ask.steps(), MAX_NODES);
                for step in index.steps(root, Direction::Types(types), limits, visible) {
                    let known = nearest
                        .entry(step.entity_ref)
                        .or_insert((step.depth, step.exists));
                    known.0 = known.0.min(step.depth);
                }
            }
        }
        let shown = |entity_ref: &EntityRef| {
            let kind = entity_ref.kind().to_lowercase();
            let wanted = ask.kinds.is_empty() || ask.kinds.contains(&kind);
            (wanted || roots.contains(entity_ref))
                && visible.is_none_or(|visible| index.matches(entity_ref, visible))
        };
        let mut found: Vec<(&EntityRef, usize, bool)> = nearest
            .into_iter()
            .filter(|(entity_ref, _)| shown(entity_ref))
            .map(|(entity_ref, (depth, exists))| (entity_ref, depth, exists))
            .collect();
        found.sort_unstable_by(|a, b| (a.1, a.0).cmp(&(b.1, b.0)));
        let cut = found.len() >= MAX_NODES;
        found.truncate(MAX_NODES);
        Self {
            found,
            roots: roots.to_vec(),
            cut,
        }
    }

    /// How many there are, the roots included.
    pub(in crate::pages) fn len(&self) -> usize {
        self.found.len()
    }

    /// What a walk of at most `depth` relations would have found.
    pub(in crate::pages) fn within(mut self, depth: usize) -> Self {
        self.found.retain(|(_, away, _)| *away <= depth);
        self.cut = self.found.len() >= MAX_NODES;
        self
    }

    /// With the relations between them.
    pub(in crate::pages) fn net(&self, index: &Index, ask: &Ask) -> Net {
        let nodes = self
            .found
            .iter()
            .map(|(entity_ref, depth, exists)| NetNode {
                group: group_of(index, entity_ref),
                root: self.roots.contains(entity_ref),
                entity_ref: (*entity_ref).clone(),
                depth: *depth,
                exists: *exists,
            });
        let mut net = Net {
            nodes: nodes.collect(),
            edges: Vec::new(),
            cut: self.cut,
        };
        net.connect(index, |relation| ask.families.draws(relation));
        net
    }
}

/// The system that it is part of, or its kind.
fn group_of(index: &Index, entity_ref: &EntityRef) -> GroupKey {
    let wholes = index.targets(entity_ref, "partOf");
    match wholes.filter(|whole| whole.kind() == "system").min() {
        Some(system) => GroupKey::System(system.clone()),
        None => GroupKey::Kind(entity_ref.kind().to_lowercase()),
    }
}
