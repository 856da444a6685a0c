//! Progress by team, rolled up through the groups above, each target once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use catalog::index::Index;
use model::entity_ref::EntityRef;

use super::arithmetic::Tally;
use super::measure::{Measured, title_of};

/// Groups above one another that are followed; real companies have fewer than ten.
const MAX_LEVELS: usize = 64;

/// One team with its targets and those of the teams below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TeamRow {
    /// Who; nothing for targets that nobody owns.
    pub team: Option<EntityRef>,
    /// What to call it; empty for nobody.
    pub title: String,
    /// Whether the catalog knows it.
    pub exists: bool,
    /// How many groups of the list it is below.
    pub depth: usize,
    /// Its targets and those of the groups below, each counted once.
    pub tally: Tally,
    /// Its own targets only.
    pub own: Tally,
}

/// The owners of the targets with every group above them, as a tree written
/// down line by line: a group, then the groups below it. Among sisters, what
/// has most left to do comes first. Targets without owner come last.
///
/// A target counts once in each row, however many ways lead up to it. A group
/// with several parents stands below the first of them, and counts for all.
/// Groups that contain themselves do no harm.
#[must_use]
pub fn by_team(index: &Index, measured: &Measured) -> Vec<TeamRow> {
    let mut above = Above::new(index);
    let mut own: BTreeMap<&EntityRef, Tally> = BTreeMap::new();
    let mut sums: BTreeMap<EntityRef, Tally> = BTreeMap::new();
    let mut nobody = Tally::default();
    for target in &measured.targets {
        if target.owners.is_empty() {
            nobody.add(target.state);
        }
        let mut counted: BTreeSet<EntityRef> = BTreeSet::new();
        for owner in &target.owners {
            own.entry(owner).or_default().add(target.state);
            counted.extend(above.of(owner));
        }
        for team in counted {
            sums.entry(team).or_default().add(target.state);
        }
    }
    let mut tree = Tree {
        index,
        own: &own,
        sums: &sums,
        below: BTreeMap::new(),
        rows: Vec::new(),
        seen: BTreeSet::new(),
    };
    let mut roots = Vec::new();
    for team in sums.keys() {
        let parent = above.parents(team).iter().find(|up| sums.contains_key(*up));
        match parent {
            Some(parent) => tree
                .below
                .entry(parent.clone())
                .or_default()
                .push(team.clone()),
            None => roots.push(team.clone()),
        }
    }
    tree.write(roots, 0);
    // Groups in a circle have no root.
    let left: Vec<EntityRef> = sums
        .keys()
        .filter(|team| !tree.seen.contains(*team))
        .cloned()
        .collect();
    tree.write(left, 0);
    let mut rows = tree.rows;
    if nobody.total > 0 {
        rows.push(TeamRow {
            team: None,
            title: String::new(),
            exists: false,
            depth: 0,
            tally: nobody,
            own: nobody,
        });
    }
    rows
}

/// The groups above a group, looked up once.
struct Above<'a> {
    index: &'a Index,
    parents: HashMap<EntityRef, Vec<EntityRef>>,
}

impl<'a> Above<'a> {
    fn new(index: &'a Index) -> Self {
        Self {
            index,
            parents: HashMap::new(),
        }
    }

    fn parents(&mut self, team: &EntityRef) -> &[EntityRef] {
        let index = self.index;
        self.parents.entry(team.clone()).or_insert_with(|| {
            // A person is below no group: whoever is in two would count in both.
            let relations = index.relations(team);
            relations
                .iter()
                .filter(|relation| relation.kind == "childOf")
                .map(|relation| relation.target.clone())
                .collect()
        })
    }

    /// A team and everything above it.
    fn of(&mut self, team: &EntityRef) -> BTreeSet<EntityRef> {
        let mut found = BTreeSet::from([team.clone()]);
        let mut level = vec![team.clone()];
        for _ in 0..MAX_LEVELS {
            let mut next = Vec::new();
            for below in &level {
                for parent in self.parents(below) {
                    if found.insert(parent.clone()) {
                        next.push(parent.clone());
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            level = next;
        }
        found
    }
}

struct Tree<'a> {
    index: &'a Index,
    own: &'a BTreeMap<&'a EntityRef, Tally>,
    sums: &'a BTreeMap<EntityRef, Tally>,
    below: BTreeMap<EntityRef, Vec<EntityRef>>,
    rows: Vec<TeamRow>,
    seen: BTreeSet<EntityRef>,
}

impl Tree<'_> {
    /// Writes teams and what is below them, deepest first within a stack, so
    /// that no depth of groups is a depth of calls.
    fn write(&mut self, teams: Vec<EntityRef>, depth: usize) {
        let mut stack: Vec<(EntityRef, usize)> = Vec::new();
        self.push(&mut stack, teams, depth);
        while let Some((team, depth)) = stack.pop() {
            if !self.seen.insert(team.clone()) {
                continue;
            }
            let entity = self.index.get(&team);
            self.rows.push(TeamRow {
                title: entity
                    .as_ref()
                    .map_or_else(|| team.name().to_owned(), title_of),
                exists: entity.is_some(),
                depth,
                tally: self.sums.get(&team).copied().unwrap_or_default(),
                own: self.own.get(&team).copied().unwrap_or_default(),
                team: Some(team.clone()),
            });
            let below = self.below.get(&team).cloned().unwrap_or_default();
            self.push(&mut stack, below, depth + 1);
        }
    }

    /// Puts sisters on the stack so that the one with most left comes off first.
    fn push(&self, stack: &mut Vec<(EntityRef, usize)>, mut teams: Vec<EntityRef>, depth: usize) {
        let left = |team: &EntityRef| self.sums.get(team).map_or(0, Tally::remaining);
        teams.sort_by(|a, b| left(b).cmp(&left(a)).then_with(|| a.cmp(b)));
        stack.extend(teams.into_iter().rev().map(|team| (team, depth)));
    }
}
