//! What the first page of a system or a domain shows of its inside: the parts,
//! what crosses the border, and which APIs others use.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::query::Predicate;
use portal::View;
use portal::graph::Graph;

use super::graph::{Drawing, Families, Net};
use super::labels::kind_plural;
use super::summary::RefLine;
use crate::index::{EntityView, Index};
use crate::visibility::is_shown;

/// Parts that are looked at.
const MAX_PARTS: usize = 2_000;
/// Parts that are drawn on their own; a picture within a page has not more room.
const MAX_DRAWN: usize = 60;
/// Things beyond the border that are drawn.
const MAX_OUTSIDE: usize = 30;
const MAX_APIS: usize = 30;

/// The picture of a system or a domain with its figures.
#[derive(Debug)]
pub(super) struct Diagram {
    /// Nothing when there is nothing to draw.
    pub(super) graph: Option<Graph>,
    /// Parts that the picture has no room for.
    pub(super) hidden: usize,
    /// How many parts there are of each kind.
    pub(super) counts: Vec<(String, usize)>,
    /// Relations that cross the border: outwards, and inwards.
    pub(super) outwards: usize,
    pub(super) inwards: usize,
    /// APIs that somebody beyond the border uses, with the number of users.
    pub(super) offered: Vec<(RefLine, usize)>,
    /// APIs of its own that nobody beyond the border uses.
    pub(super) inner_apis: usize,
}

impl Diagram {
    /// Nothing for what is neither a system nor a domain.
    pub(super) fn of(
        view: &View,
        (kinds, index): (&Kinds, &Index),
        entity: &EntityView<'_>,
        visible: Option<&Predicate>,
    ) -> Option<Self> {
        let whole = entity.entity_ref();
        match whole.kind() {
            "system" => {
                Some(Inside::of_system((index, visible), whole).diagram(view, kinds, whole))
            }
            "domain" => {
                Some(Inside::of_domain((index, visible), whole).diagram(view, kinds, whole))
            }
            _ => None,
        }
    }
}

/// Everything inside, and what it is connected with.
struct Inside<'a> {
    index: &'a Index,
    visible: Option<&'a Predicate>,
    /// What is drawn: the parts of a system, the systems of a domain.
    drawn: Vec<EntityRef>,
    /// Everything inside, with what of it is drawn for it.
    shown_as: HashMap<EntityRef, EntityRef>,
    /// All relations that cross the border: the inner end, the outer end, and
    /// whether the inner one uses the outer one.
    crossing: Vec<(EntityRef, EntityRef, bool)>,
}

/// The index, and what of it the reader may see.
type Seen<'a> = (&'a Index, Option<&'a Predicate>);

/// The parts that the reader may know of.
fn parts_of<'i>((index, visible): Seen<'i>, whole: &EntityRef) -> Vec<&'i EntityRef> {
    let relations = index.relations(whole).into_iter();
    let parts = relations.filter(|relation| relation.kind == "hasPart");
    let targets = parts.map(|relation| relation.target);
    targets
        .filter(|part| is_shown(index, visible, part))
        .collect()
}

impl<'a> Inside<'a> {
    fn of_system(seen: Seen<'a>, system: &EntityRef) -> Self {
        let drawn: Vec<EntityRef> = parts_of(seen, system)
            .into_iter()
            .take(MAX_PARTS)
            .cloned()
            .collect();
        let shown_as = drawn
            .iter()
            .map(|part| (part.clone(), part.clone()))
            .collect();
        Self::with(seen, drawn, shown_as)
    }

    /// Systems stand for what is in them; what belongs to the domain without a
    /// system stands for itself.
    fn of_domain(seen: Seen<'a>, domain: &EntityRef) -> Self {
        let drawn: Vec<EntityRef> = parts_of(seen, domain)
            .into_iter()
            .take(MAX_PARTS)
            .cloned()
            .collect();
        let mut shown_as: HashMap<EntityRef, EntityRef> = HashMap::new();
        for part in &drawn {
            shown_as.insert(part.clone(), part.clone());
            let mut known: HashSet<&EntityRef> = HashSet::from([part]);
            let mut next: Vec<&EntityRef> = vec![part];
            while let Some(whole) = next.pop() {
                for inner in parts_of(seen, whole) {
                    if shown_as.len() < MAX_PARTS && known.insert(inner) {
                        shown_as
                            .entry(inner.clone())
                            .or_insert_with(|| part.clone());
                        next.push(inner);
                    }
                }
            }
        }
        Self::with(seen, drawn, shown_as)
    }

    fn with(
        (index, visible): Seen<'a>,
        drawn: Vec<EntityRef>,
        shown_as: HashMap<EntityRef, EntityRef>,
    ) -> Self {
        let families = Families::dependencies();
        let mut crossing = Vec::new();
        for inner in shown_as.keys() {
            for relation in index.relations(inner) {
                let outside = !shown_as.contains_key(relation.target);
                let told = is_shown(index, visible, relation.target);
                if outside && told && families.holds(relation.kind) {
                    let uses = families.draws(relation.kind);
                    crossing.push((inner.clone(), relation.target.clone(), uses));
                }
            }
        }
        crossing.sort();
        crossing.dedup();
        Self {
            index,
            visible,
            drawn,
            shown_as,
            crossing,
        }
    }

    fn diagram(&self, view: &View, kinds: &Kinds, whole: &EntityRef) -> Diagram {
        let (offered, inner_apis) = self.apis();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for part in self.shown_as.keys() {
            *counts.entry(part.kind().to_lowercase()).or_default() += 1;
        }
        let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
        counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let uses = self.crossing.iter().filter(|(_, _, uses)| *uses).count();
        Diagram {
            graph: (!self.drawn.is_empty()).then(|| self.graph(view, kinds, whole)),
            hidden: self.drawn.len().saturating_sub(MAX_DRAWN),
            counts: counts
                .into_iter()
                .map(|(kind, count)| (kind_plural(view, kinds, &kind), count))
                .collect(),
            outwards: uses,
            inwards: self.crossing.len() - uses,
            offered,
            inner_apis,
        }
    }

    /// APIs with users beyond the border, most used first, and how many have none.
    fn apis(&self) -> (Vec<(RefLine, usize)>, usize) {
        let mut users: BTreeMap<&EntityRef, BTreeSet<&EntityRef>> = BTreeMap::new();
        for api in self.shown_as.keys().filter(|part| part.kind() == "api") {
            users.entry(api).or_default();
        }
        for (inner, outer, uses) in &self.crossing {
            if let (Some(known), false) = (users.get_mut(inner), *uses) {
                known.insert(outer);
            }
        }
        let inner = users.values().filter(|users| users.is_empty()).count();
        let mut offered: Vec<(&EntityRef, usize)> = users
            .into_iter()
            .map(|(api, users)| (api, users.len()))
            .filter(|(_, users)| *users > 0)
            .collect();
        offered.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let offered = offered
            .into_iter()
            .take(MAX_APIS)
            .map(|(api, users)| (RefLine::of(self.index, api), users))
            .collect();
        (offered, inner)
    }

    /// What a thing beyond the border is drawn as: in the picture of a domain,
    /// its system.
    fn outer(&self, entity_ref: &EntityRef, by_system: bool) -> EntityRef {
        let relations = self.index.relations(entity_ref);
        let system = relations
            .iter()
            .filter(|one| is_shown(self.index, self.visible, one.target))
            .find(|one| one.kind == "partOf" && one.target.kind() == "system");
        match system {
            Some(system) if by_system => system.target.clone(),
            _ => entity_ref.clone(),
        }
    }

    fn graph(&self, view: &View, kinds: &Kinds, whole: &EntityRef) -> Graph {
        let by_system = whole.kind() == "domain";
        let families = Families::dependencies();
        let drawn: Vec<&EntityRef> = self.drawn.iter().take(MAX_DRAWN).collect();
        let inside: HashSet<&EntityRef> = drawn.iter().copied().collect();
        let mut edges: BTreeMap<(EntityRef, EntityRef), String> = BTreeMap::new();
        let mut add = |from: &EntityRef, to: &EntityRef, relation: &str| {
            if from != to {
                let known = edges.entry((from.clone(), to.clone()));
                known.or_insert_with(|| relation.to_owned());
            }
        };
        for (inner, shown) in &self.shown_as {
            for relation in self.index.relations(inner) {
                let other = self.shown_as.get(relation.target);
                let Some(other) = other.filter(|_| families.draws(relation.kind)) else {
                    continue;
                };
                if inside.contains(shown) && inside.contains(other) {
                    add(shown, other, relation.kind);
                }
            }
        }
        let mut outside: Vec<EntityRef> = Vec::new();
        for (inner, outer, uses) in &self.crossing {
            let outer = self.outer(outer, by_system);
            let shown = self
                .shown_as
                .get(inner)
                .filter(|shown| inside.contains(shown));
            let Some(shown) = shown else { continue };
            if !outside.contains(&outer) {
                if outside.len() >= MAX_OUTSIDE {
                    continue;
                }
                outside.push(outer.clone());
            }
            if *uses {
                add(shown, &outer, "");
            } else {
                add(&outer, shown, "");
            }
        }
        let refs = drawn.into_iter().cloned().chain(outside);
        let mut net = Net::of(self.index, refs);
        net.join(
            edges
                .iter()
                .map(|((from, to), relation)| (from, to, relation.as_str())),
        );
        let title = view
            .t("diagram-title")
            .with("name", RefLine::of(self.index, whole).text)
            .to_string();
        let frame = RefLine::of(self.index, whole).text;
        let drawing = Drawing {
            view,
            kinds,
            index: self.index,
            cluster: false,
            open: &[],
        };
        let mut graph = drawing.graph(&net, title);
        // One frame: the border.
        let own: HashSet<String> = self.drawn.iter().map(ToString::to_string).collect();
        for node in &mut graph.nodes {
            if own.contains(&node.id) {
                node.cluster.clone_from(&frame);
            }
        }
        graph
    }
}
