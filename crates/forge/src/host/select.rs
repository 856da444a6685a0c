//! Which objects somebody lacks.
//!
//! A walk over commits decides which are missing; a walk over their trees adds
//! the rest, leaving out what the trees of known neighbours hold.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use gix::hash::Kind as Hash;
use gix::objs::{CommitRefIter, Find, Kind, TagRefIter, TreeRefIter};

use super::{Error, Oid};

/// What a walk knows of a commit.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) tree: Oid,
    pub(super) parents: Vec<Oid>,
    /// Seconds since 1970 at which it was committed.
    pub(super) time: i64,
}

/// Commits read once. `most` bounds how many one request may look at.
pub(super) struct Graph<'a, F> {
    odb: &'a F,
    known: HashMap<Oid, Option<Node>>,
    most: usize,
    buffer: Vec<u8>,
}

impl<'a, F: Find> Graph<'a, F> {
    pub(super) fn new(odb: &'a F, most: usize) -> Self {
        Self {
            odb,
            known: HashMap::new(),
            most,
            buffer: Vec::new(),
        }
    }

    /// A commit; nothing where there is none of that id.
    pub(super) fn node(&mut self, id: Oid) -> Result<Option<&Node>, Error> {
        if self.known.len() > self.most {
            return Err(Error::TooMuch {
                what: "the number of commits to look at",
                limit: self.most as u64,
            });
        }
        match self.known.entry(id) {
            Entry::Occupied(entry) => Ok(entry.into_mut().as_ref()),
            Entry::Vacant(entry) => {
                let node = read(self.odb, id, &mut self.buffer)?;
                Ok(entry.insert(node).as_ref())
            }
        }
    }

    pub(super) fn parents(&mut self, id: Oid) -> Result<Vec<Oid>, Error> {
        Ok(self
            .node(id)?
            .map(|node| node.parents.clone())
            .unwrap_or_default())
    }

    /// Everything that is reached from `starts`. The parents of those in
    /// `ends` are not looked at.
    pub(super) fn reach(
        &mut self,
        starts: &[Oid],
        ends: &HashSet<Oid>,
    ) -> Result<HashSet<Oid>, Error> {
        let mut seen: HashSet<Oid> = HashSet::new();
        let mut open: Vec<Oid> = starts.to_vec();
        while let Some(id) = open.pop() {
            if self.node(id)?.is_some() && seen.insert(id) && !ends.contains(&id) {
                open.extend(self.parents(id)?);
            }
        }
        Ok(seen)
    }

    /// Whether `old` is `new` or comes before it.
    pub(super) fn is_ancestor(&mut self, old: Oid, new: Oid) -> Result<bool, Error> {
        let Some(least) = self.node(old)?.map(|node| node.time) else {
            return Ok(false);
        };
        // Clocks are wrong by hours, hardly by more than a day.
        let least = least.saturating_sub(86_400);
        let mut seen = HashSet::new();
        let mut open = VecDeque::from([new]);
        let mut late = Vec::new();
        while let Some(id) = open.pop_front() {
            if id == old {
                return Ok(true);
            }
            if !seen.insert(id) {
                continue;
            }
            let Some(node) = self.node(id)? else { continue };
            if node.time < least {
                late.extend(node.parents.clone());
            } else {
                open.extend(node.parents.clone());
            }
        }
        // Dates proved nothing: what was put off is looked at after all.
        while let Some(id) = late.pop() {
            if id == old {
                return Ok(true);
            }
            if seen.insert(id) {
                late.extend(self.parents(id)?);
            }
        }
        Ok(false)
    }
}

fn read(odb: &impl Find, id: Oid, buffer: &mut Vec<u8>) -> Result<Option<Node>, Error> {
    let Some(data) = odb.try_find(&id, buffer)? else {
        return Ok(None);
    };
    if data.kind != Kind::Commit {
        return Ok(None);
    }
    let commit = CommitRefIter::from_bytes(data.data, Hash::Sha1);
    let mut start = commit;
    Ok(Some(Node {
        tree: start.tree_id()?,
        parents: commit.parent_ids().collect(),
        time: commit
            .committer()
            .ok()
            .and_then(|who| who.time().ok())
            .map_or(0, |time| time.seconds),
    }))
}

/// How far back a client wants to have history.
#[derive(Clone, Debug, Default)]
pub(super) struct Deepen {
    /// So many commits, counted from what is wanted.
    pub(super) depth: Option<u32>,
    /// `depth` counts from where the client's history ends.
    pub(super) relative: bool,
    /// Nothing committed before this (seconds since 1970).
    pub(super) since: Option<i64>,
    /// Nothing that these reach.
    pub(super) not: Vec<Oid>,
}

impl Deepen {
    pub(super) fn is_asked(&self) -> bool {
        self.depth.is_some() || self.since.is_some() || !self.not.is_empty()
    }
}

/// Where a client's history ends from now on.
#[derive(Clone, Debug, Default)]
pub(super) struct Boundary {
    /// Commits whose parents are not sent.
    ends: HashSet<Oid>,
    /// Those of them that the client does not know as such.
    pub(super) shallow: Vec<Oid>,
    /// Those that the client knew as such, whose parents come now.
    pub(super) unshallow: Vec<Oid>,
}

/// Finds out where history ends for a client whose history ends at `known`.
pub(super) fn boundary<F: Find>(
    graph: &mut Graph<'_, F>,
    wants: &[Oid],
    known: &HashSet<Oid>,
    deepen: &Deepen,
) -> Result<Boundary, Error> {
    if !deepen.is_asked() {
        return Ok(Boundary {
            ends: known.clone(),
            ..Boundary::default()
        });
    }
    let (included, ends) = if deepen.since.is_some() || !deepen.not.is_empty() {
        by_condition(graph, wants, deepen)?
    } else if deepen.relative && !known.is_empty() {
        let starts: Vec<Oid> = known.iter().copied().collect();
        let depth = deepen.depth.unwrap_or(0).saturating_add(1);
        let (mut included, ends) = by_depth(graph, &starts, depth)?;
        included.extend(graph.reach(wants, known)?);
        (included, ends)
    } else {
        by_depth(graph, wants, deepen.depth.unwrap_or(u32::MAX))?
    };
    let shallow = ends.difference(known).copied().collect();
    let unshallow = known
        .iter()
        .filter(|id| included.contains(*id) && !ends.contains(*id))
        .copied()
        .collect();
    Ok(Boundary {
        ends,
        shallow,
        unshallow,
    })
}

type Depths = (HashSet<Oid>, HashSet<Oid>);

fn by_depth<F: Find>(
    graph: &mut Graph<'_, F>,
    starts: &[Oid],
    depth: u32,
) -> Result<Depths, Error> {
    let (mut included, mut ends) = (HashSet::new(), HashSet::new());
    let mut open: VecDeque<(Oid, u32)> = starts.iter().map(|id| (*id, 1)).collect();
    while let Some((id, at)) = open.pop_front() {
        if graph.node(id)?.is_none() || !included.insert(id) {
            continue;
        }
        let parents = graph.parents(id)?;
        if at < depth {
            open.extend(parents.into_iter().map(|parent| (parent, at + 1)));
        } else if !parents.is_empty() {
            ends.insert(id);
        }
    }
    Ok((included, ends))
}

fn by_condition<F: Find>(
    graph: &mut Graph<'_, F>,
    wants: &[Oid],
    deepen: &Deepen,
) -> Result<Depths, Error> {
    let excluded = graph.reach(&deepen.not, &HashSet::new())?;
    let since = deepen.since.unwrap_or(i64::MIN);
    let mut included = HashSet::new();
    let mut open: Vec<Oid> = wants.to_vec();
    while let Some(id) = open.pop() {
        let young = graph.node(id)?.is_some_and(|node| node.time >= since);
        if young && !excluded.contains(&id) && included.insert(id) {
            open.extend(graph.parents(id)?);
        }
    }
    if included.is_empty() {
        return Err(Error::Client(
            "no commits are selected by the given limits of history".to_owned(),
        ));
    }
    let mut ends = HashSet::new();
    for id in &included {
        let parents = graph.parents(*id)?;
        if parents.iter().any(|parent| !included.contains(parent)) {
            ends.insert(*id);
        }
    }
    Ok((included, ends))
}

/// What is asked for.
pub(super) struct Wish<'a> {
    /// Objects that are wanted, tags among them.
    pub(super) wants: &'a [Oid],
    /// Commits that the client has, with all that comes before.
    pub(super) haves: &'a [Oid],
    /// Where the client's history ends now.
    pub(super) known: &'a HashSet<Oid>,
    /// Annotated tags that come along when what they are for does: the tag and
    /// what it is for.
    pub(super) tags: &'a [(Oid, Oid)],
}

/// Every object that has to be sent, without repetition.
pub(super) fn objects<F: Find>(
    graph: &mut Graph<'_, F>,
    wish: &Wish<'_>,
    boundary: &Boundary,
) -> Result<Vec<Oid>, Error> {
    let odb = graph.odb;
    let mut found = Found::new(odb);
    let mut starts = Vec::new();
    for want in wish.wants {
        starts.extend(found.peel(*want)?);
    }
    for id in &boundary.unshallow {
        starts.extend(graph.parents(*id)?);
    }
    let had = graph.reach(wish.haves, wish.known)?;
    let mut commits = Vec::new();
    let mut sent = HashSet::new();
    let mut open = starts;
    while let Some(id) = open.pop() {
        if had.contains(&id) || !sent.insert(id) {
            continue;
        }
        if graph.node(id)?.is_none() {
            return Err(Error::Objects(format!("the commit {id} is missing")));
        }
        commits.push(id);
        if !boundary.ends.contains(&id) || boundary.unshallow.contains(&id) {
            open.extend(graph.parents(id)?);
        }
    }
    let mut neighbours = HashSet::new();
    for id in &commits {
        for parent in graph.parents(*id)? {
            if had.contains(&parent)
                && neighbours.insert(parent)
                && let Some(node) = graph.node(parent)?
            {
                found.leave_out(node.tree)?;
            }
        }
    }
    for id in &commits {
        found.add(*id);
        if let Some(node) = graph.node(*id)? {
            found.tree(node.tree)?;
        }
    }
    for (tag, target) in wish.tags {
        if sent.contains(target) {
            found.add(*tag);
        }
    }
    Ok(found.objects)
}

/// The objects so far.
struct Found<'a, F> {
    odb: &'a F,
    seen: HashSet<Oid>,
    objects: Vec<Oid>,
    buffer: Vec<u8>,
}

impl<'a, F: Find> Found<'a, F> {
    fn new(odb: &'a F) -> Self {
        Self {
            odb,
            seen: HashSet::new(),
            objects: Vec::new(),
            buffer: Vec::new(),
        }
    }

    fn add(&mut self, id: Oid) -> bool {
        let new = self.seen.insert(id);
        if new {
            self.objects.push(id);
        }
        new
    }

    /// Adds tags, and whatever is no commit; answers the commit at the end.
    fn peel(&mut self, mut id: Oid) -> Result<Option<Oid>, Error> {
        for _ in 0..32 {
            let data = self.odb.try_find(&id, &mut self.buffer)?;
            let Some(data) = data else {
                return Err(Error::Client(format!("not our ref {id}")));
            };
            match data.kind {
                Kind::Commit => return Ok(Some(id)),
                Kind::Tag => {
                    let next = TagRefIter::from_bytes(data.data, Hash::Sha1).target_id()?;
                    self.add(id);
                    id = next;
                }
                Kind::Tree => {
                    self.tree(id)?;
                    return Ok(None);
                }
                Kind::Blob => {
                    self.add(id);
                    return Ok(None);
                }
            }
        }
        Ok(None)
    }

    fn tree(&mut self, root: Oid) -> Result<(), Error> {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if self.add(id) {
                self.entries(id, &mut open, true)?;
            }
        }
        Ok(())
    }

    /// What this tree holds is known on the other side.
    fn leave_out(&mut self, root: Oid) -> Result<(), Error> {
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            if self.seen.insert(id) {
                self.entries(id, &mut open, false)?;
            }
        }
        Ok(())
    }

    fn entries(&mut self, id: Oid, open: &mut Vec<Oid>, wanted: bool) -> Result<(), Error> {
        let Some(data) = self.odb.try_find(&id, &mut self.buffer)? else {
            return Err(Error::Objects(format!("the tree {id} is missing")));
        };
        for entry in TreeRefIter::from_bytes(data.data, Hash::Sha1) {
            let entry = entry?;
            let child = entry.oid.to_owned();
            if entry.mode.is_tree() {
                open.push(child);
            } else if !entry.mode.is_commit() && self.seen.insert(child) && wanted {
                self.objects.push(child);
            }
        }
        Ok(())
    }
}
