//! What the first page of a group or a person says: who belongs to it, what is
//! above and below it, what it owns and how that is.

use std::collections::{HashMap, HashSet};

use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::query::Predicate;
use platform::request::encode;
use portal::View;
use portal::ui::{Segments, Tab, Tree, TreeNode};

use super::labels::kind_plural;
use super::standing::{Flags, orphans};
use super::summary::RefLine;
use crate::index::{EntityView, Index, ListRequest};
use crate::visibility::is_shown;

/// Members that are listed.
const MAX_MEMBERS: usize = 60;
/// Groups of the tree.
const MAX_GROUPS: usize = 150;
/// Groups whose things are counted together. More of them make a link that no
/// browser opens.
const MAX_OWNERS: usize = 500;
/// Groups in a link to the list.
const MAX_LINKED: usize = 40;

/// The cards of a group or a person.
#[derive(Debug)]
pub(super) struct People {
    /// Groups have members, people do not.
    pub(super) members: Option<Members>,
    /// The groups above and below, with this one marked; nothing when it
    /// stands alone.
    pub(super) tree: Option<Tree>,
    /// The groups of a person, those of groups after its own.
    pub(super) groups: Vec<RefLine>,
    /// How many of them the person is a member of directly.
    pub(super) direct_groups: usize,
    pub(super) owned: Owned,
    /// For a person: what the groups own.
    pub(super) through_groups: Option<Owned>,
    pub(super) health: Vec<Figure>,
}

#[derive(Debug)]
pub(super) struct Members {
    pub(super) lines: Vec<RefLine>,
    pub(super) total: usize,
    /// Direct ones, or those of nested groups too; nothing without nested groups.
    pub(super) scope: Option<Segments>,
}

/// What is owned, by kind.
#[derive(Debug, Default)]
pub(super) struct Owned {
    pub(super) lines: Vec<KindLine>,
    pub(super) total: u64,
    /// Directly, or by nested groups too.
    pub(super) scope: Option<Segments>,
}

/// How many things of one kind are owned.
#[derive(Debug)]
pub(super) struct KindLine {
    pub(super) text: String,
    pub(super) icon: &'static str,
    pub(super) href: String,
    pub(super) count: u64,
}

/// One figure of health, with the list that it counts.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) text: String,
    pub(super) count: u64,
    /// The list that holds them; nothing where there are none.
    pub(super) href: Option<String>,
    /// `bad` or `warn` where something has to be done.
    pub(super) tone: &'static str,
}

/// What everything is read from.
struct Desk<'a> {
    view: &'a View,
    kinds: &'a Kinds,
    index: &'a Index,
    flags: &'a Flags,
    visible: Option<&'a Predicate>,
}

impl People {
    /// Nothing for what is neither a group nor a person.
    pub(super) fn of(
        view: &View,
        (kinds, flags): (&Kinds, &Flags),
        (index, entity): (&Index, &EntityView<'_>),
        visible: Option<&Predicate>,
    ) -> Option<Self> {
        let desk = Desk {
            view,
            kinds,
            index,
            flags,
            visible,
        };
        match entity.entity_ref().kind() {
            "group" => Some(desk.group(entity.entity_ref())),
            "user" => Some(desk.user(entity.entity_ref())),
            _ => None,
        }
    }
}

impl Desk<'_> {
    /// Whether the reader may know of it.
    fn sees(&self, found: &EntityRef) -> bool {
        is_shown(self.index, self.visible, found)
    }

    fn group(&self, group: &EntityRef) -> People {
        let mut below = self.index.descendant_groups(group);
        below.retain(|found| self.sees(found));
        let nested = self.view.here.get("nested") == Some("true") && !below.is_empty();
        let mut owners = vec![group.clone()];
        if nested {
            owners.extend(below.iter().take(MAX_OWNERS).cloned());
        }
        let scope = |name: &'static str| (!below.is_empty()).then(|| self.scope(name, nested));
        People {
            members: Some(Members {
                scope: scope("people-members-scope"),
                ..self.members(&owners)
            }),
            tree: self.tree(group, &below),
            groups: Vec::new(),
            direct_groups: 0,
            owned: Owned {
                scope: scope("people-owned-scope"),
                ..self.owned(&owners)
            },
            through_groups: None,
            health: self.health(&owners),
        }
    }

    fn user(&self, user: &EntityRef) -> People {
        let relations = self.index.relations(user);
        let direct: HashSet<&EntityRef> = relations
            .iter()
            .filter(|relation| relation.kind == "memberOf")
            .map(|relation| relation.target)
            .collect();
        let mut groups = self.index.groups_of(user);
        groups.retain(|found| self.sees(found));
        let (first, above): (Vec<&EntityRef>, Vec<&EntityRef>) =
            groups.iter().partition(|group| direct.contains(group));
        let own = [user.clone()];
        let all: Vec<EntityRef> = groups.iter().take(MAX_OWNERS).cloned().collect();
        let mut everything = own.to_vec();
        everything.extend(all.iter().cloned());
        People {
            members: None,
            tree: None,
            direct_groups: first.len(),
            groups: first
                .into_iter()
                .chain(above)
                .take(MAX_GROUPS)
                .map(|group| RefLine::of(self.index, group))
                .collect(),
            owned: self.owned(&own),
            through_groups: (!all.is_empty()).then(|| self.owned(&all)),
            health: self.health(&everything),
        }
    }

    /// The choice between direct and nested; it stays on the page.
    fn scope(&self, label: &str, nested: bool) -> Segments {
        let here = self.view.here.without("nested");
        let t = |key| self.view.t(key).to_string();
        Segments {
            label: t(label),
            choices: vec![
                Tab::new(t("people-direct"), here.to_string(), !nested),
                Tab::new(
                    t("people-nested"),
                    here.with("nested", "true").to_string(),
                    nested,
                ),
            ],
        }
    }

    fn members(&self, groups: &[EntityRef]) -> Members {
        let mut seen: HashSet<&EntityRef> = HashSet::new();
        let mut found: Vec<&EntityRef> = Vec::new();
        for group in groups {
            for relation in self.index.relations(group) {
                let member = relation.kind == "hasMember" && self.sees(relation.target);
                if member && seen.insert(relation.target) {
                    found.push(relation.target);
                }
            }
        }
        found.sort();
        let lines = found.iter().take(MAX_MEMBERS);
        Members {
            lines: lines
                .map(|member| RefLine::of(self.index, member))
                .collect(),
            total: found.len(),
            scope: None,
        }
    }

    /// The groups above, the groups below, and this one between them.
    fn tree(&self, group: &EntityRef, below: &[EntityRef]) -> Option<Tree> {
        let above = self.above(group);
        if above.is_empty() && below.is_empty() {
            return None;
        }
        let mut children: HashMap<&EntityRef, Vec<&EntityRef>> = HashMap::new();
        let mut placed: HashSet<&EntityRef> = HashSet::from([group]);
        // Nearest first, so that each group hangs below the nearest parent.
        let shown: HashSet<&EntityRef> = below.iter().take(MAX_GROUPS).collect();
        for parent in std::iter::once(group).chain(below.iter().take(MAX_GROUPS)) {
            for relation in self.index.relations(parent) {
                let child = relation.target;
                let wanted = relation.kind == "parentOf" && shown.contains(child);
                if wanted && placed.insert(child) {
                    children.entry(parent).or_default().push(child);
                }
            }
        }
        let mut node = self.branch(group, &children, 0);
        node.current = true;
        for parent in above {
            node = TreeNode {
                open: true,
                children: vec![node],
                ..self.row(&parent)
            };
        }
        Some(Tree { roots: vec![node] })
    }

    /// The chain of first parents, the nearest first.
    fn above(&self, group: &EntityRef) -> Vec<EntityRef> {
        let mut chain: Vec<EntityRef> = Vec::new();
        let mut at = group.clone();
        while chain.len() < MAX_GROUPS {
            let relations = self.index.relations(&at);
            let mut parents = relations.iter().filter(|one| one.kind == "childOf");
            let parent = parents.find(|one| self.sees(one.target));
            match parent.map(|parent| parent.target) {
                Some(parent) if parent != group && !chain.contains(parent) => {
                    chain.push(parent.clone());
                    at = parent.clone();
                }
                _ => break,
            }
        }
        chain
    }

    fn branch(
        &self,
        group: &EntityRef,
        children: &HashMap<&EntityRef, Vec<&EntityRef>>,
        depth: usize,
    ) -> TreeNode {
        let below = children.get(group).map(Vec::as_slice).unwrap_or_default();
        TreeNode {
            open: depth < 2,
            children: below
                .iter()
                .map(|child| self.branch(child, children, depth + 1))
                .collect(),
            ..self.row(group)
        }
    }

    fn row(&self, group: &EntityRef) -> TreeNode {
        let line = RefLine::of(self.index, group);
        TreeNode {
            text: line.text.chars().take(200).collect(),
            href: Some(line.href),
            icon: line.icon.to_owned(),
            ..TreeNode::default()
        }
    }

    fn owned(&self, owners: &[EntityRef]) -> Owned {
        let counted = self.flags.facets(
            self.index,
            &["kind"],
            &ListRequest {
                query: Some(owned_by(owners)),
                visible: self.visible.cloned(),
                ..ListRequest::default()
            },
        );
        let mut lines: Vec<KindLine> = Vec::new();
        let mut total = 0;
        for value in counted.iter().flat_map(|facet| &facet.values) {
            let kind = value.value.to_lowercase();
            let count = u64::try_from(value.count).unwrap_or(u64::MAX);
            total += count;
            lines.push(KindLine {
                text: kind_plural(self.view, self.kinds, &kind),
                icon: portal::kind_icon(&kind, None),
                href: self.list(&format!("kind={}", encode(&kind)), owners),
                count,
            });
        }
        Owned {
            lines,
            total,
            scope: None,
        }
    }

    /// A list of the catalog with these owners; a past moment stays.
    fn list(&self, query: &str, owners: &[EntityRef]) -> String {
        let mut href = format!("/catalog?{query}");
        for owner in owners.iter().take(MAX_LINKED) {
            href.push_str(&format!("&owner={}", encode(owner.as_str())));
        }
        if let Some(at) = self.view.here.get("at") {
            href.push_str(&format!("&at={}", encode(at)));
        }
        href
    }

    fn health(&self, owners: &[EntityRef]) -> Vec<Figure> {
        let theirs = owned_by(owners);
        let systems = self.index.list(&ListRequest {
            query: Some(Predicate::All(vec![
                theirs.clone(),
                Predicate::is_in("kind", ["system", "domain"]),
            ])),
            visible: self.visible.cloned(),
            limit: Some(MAX_OWNERS),
            ..ListRequest::default()
        });
        let systems: Vec<&str> = systems
            .items
            .iter()
            .map(|entity| entity.entity_ref().as_str())
            .collect();
        let inside = Predicate::is_in("relations.partOf", systems.iter().copied());
        let count = |conditions: Vec<Predicate>| {
            let request = ListRequest {
                query: Some(Predicate::All(conditions)),
                visible: self.visible.cloned(),
                ..ListRequest::default()
            };
            self.flags.count(self.index, &request)
        };
        let figure = |key, count: u64, tone, href: String| Figure {
            text: self.view.t(key).to_string(),
            count,
            href: (count > 0).then_some(href),
            tone: if count > 0 { tone } else { "neutral" },
        };
        let mut in_systems = String::from("/catalog?view=ownerless");
        for system in systems.iter().take(MAX_LINKED) {
            in_systems.push_str(&format!("&system={}", encode(system)));
        }
        vec![
            figure(
                "people-errors",
                count(vec![theirs.clone(), self.flags.flawed.clone()]),
                "bad",
                self.list("view=errors", owners),
            ),
            figure(
                "people-orphans",
                count(vec![theirs, orphans()]),
                "warn",
                self.list("view=orphans", owners),
            ),
            figure(
                "people-ownerless",
                count(vec![inside, self.flags.ownerless.clone()]),
                "warn",
                in_systems,
            ),
        ]
    }
}

fn owned_by(owners: &[EntityRef]) -> Predicate {
    Predicate::is_in("relations.ownedBy", owners.iter().map(EntityRef::as_str))
}
