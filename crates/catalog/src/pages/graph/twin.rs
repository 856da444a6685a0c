//! The same as a picture in nested lists. Nothing is said twice: what has been
//! unfolded once is only named where it comes again.

use std::collections::HashSet;

use portal::View;
use portal::ui::{Status, Tone, Tree, TreeNode};

use super::net::Net;
use crate::index::Index;
use crate::pages::labels::relation_label;
use crate::pages::summary::RefLine;

/// Rows below one row; the rest is counted.
const MAX_CHILDREN: usize = 25;
/// Rows of a tree; the exports have everything.
const MAX_ROWS: usize = 300;
/// Rows of roots whose branches are open at first.
const MAX_OPEN: usize = 3;

/// A branch of the tree: what is used, or who uses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Branch {
    Uses,
    UsedBy,
}

/// Relations by their ends, for a walk in either direction.
struct Around<'n> {
    net: &'n Net,
    /// For each node the edges that begin there, and those that end there.
    edges: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Around<'_> {
    /// The neighbours of a node: the edge and the node at its other end.
    fn of(&self, node: usize, branch: Branch) -> impl Iterator<Item = (usize, usize)> {
        let list = self.edges.get(node).map(|(out, inward)| match branch {
            Branch::Uses => out.as_slice(),
            Branch::UsedBy => inward.as_slice(),
        });
        list.into_iter().flatten().filter_map(move |edge| {
            let found = self.net.edges.get(*edge)?;
            let other = match branch {
                Branch::Uses => found.to,
                Branch::UsedBy => found.from,
            };
            (other != node).then_some((*edge, other))
        })
    }
}

/// The tree of a net: each root with what it uses and who uses it. `more` is
/// where the rest of a long list is.
pub(in crate::pages) fn tree(view: &View, index: &Index, net: &Net, more: &str) -> Tree {
    let mut edges = vec![(Vec::new(), Vec::new()); net.nodes.len()];
    for (number, edge) in net.edges.iter().enumerate() {
        if let Some((out, _)) = edges.get_mut(edge.from) {
            out.push(number);
        }
        if let Some((_, inward)) = edges.get_mut(edge.to) {
            inward.push(number);
        }
    }
    let mut maker = Maker {
        view,
        index,
        around: Around { net, edges },
        seen: HashSet::new(),
        rows: 0,
        more,
    };
    let roots: Vec<usize> = (0..net.nodes.len())
        .filter(|node| net.nodes.get(*node).is_some_and(|node| node.root))
        .collect();
    let few = roots.len() <= MAX_OPEN;
    Tree {
        roots: roots.iter().map(|root| maker.root(*root, few)).collect(),
    }
}

struct Maker<'a> {
    view: &'a View,
    index: &'a Index,
    around: Around<'a>,
    seen: HashSet<(usize, bool)>,
    rows: usize,
    more: &'a str,
}

impl Maker<'_> {
    fn root(&mut self, root: usize, open: bool) -> TreeNode {
        let mut row = self.row(root, None, Branch::Uses);
        for branch in [Branch::Uses, Branch::UsedBy] {
            self.seen.insert((root, branch == Branch::Uses));
            let children = self.children(root, branch);
            if !children.is_empty() {
                let key = match branch {
                    Branch::Uses => "graph-tree-uses",
                    Branch::UsedBy => "graph-tree-used-by",
                };
                row.children.push(TreeNode {
                    text: self.view.t(key).to_string(),
                    icon: "arrow".to_owned(),
                    open,
                    children,
                    ..TreeNode::default()
                });
            }
        }
        row.current = true;
        row.open = true;
        row
    }

    fn children(&mut self, node: usize, branch: Branch) -> Vec<TreeNode> {
        let all: Vec<(usize, usize)> = self.around.of(node, branch).collect();
        let room = MAX_CHILDREN.min(MAX_ROWS.saturating_sub(self.rows));
        let left = all.len().saturating_sub(room);
        // All of a level come before what is below them, so that a thing is
        // unfolded where it stands nearest to the root.
        let shown: Vec<(usize, usize, bool)> = all
            .into_iter()
            .take(room)
            .map(|(edge, other)| {
                let first = self.seen.insert((other, branch == Branch::Uses));
                (edge, other, first)
            })
            .collect();
        self.rows += shown.len();
        let mut rows = Vec::with_capacity(shown.len());
        for (edge, other, first) in shown {
            let mut row = self.row(other, Some(edge), branch);
            let has_more = self.around.of(other, branch).next().is_some();
            if first {
                row.children = self.children(other, branch);
            } else if has_more {
                row.relation = format!("{} · {}", row.relation, self.view.t("graph-tree-above"));
            }
            rows.push(row);
        }
        if left > 0 {
            rows.push(TreeNode {
                text: self.view.t("graph-more").with("count", left).to_string(),
                href: Some(self.more.to_owned()),
                icon: "more".to_owned(),
                ..TreeNode::default()
            });
        }
        rows
    }

    fn row(&self, node: usize, edge: Option<usize>, branch: Branch) -> TreeNode {
        let Some(found) = self.around.net.nodes.get(node) else {
            return TreeNode::default();
        };
        let line = RefLine::of(self.index, &found.entity_ref);
        let edge = edge.and_then(|edge| self.around.net.edges.get(edge));
        let cyclic = edge.is_some_and(|edge| edge.cyclic);
        let status = |tone, key| Status {
            tone,
            text: self.view.t(key).to_string(),
        };
        TreeNode {
            text: line.text.chars().take(200).collect(),
            href: Some(line.href),
            icon: line.icon.to_owned(),
            relation: edge.map_or_else(String::new, |edge| {
                let name = match branch {
                    Branch::Uses => edge.relation.as_str(),
                    Branch::UsedBy => {
                        model::kinds::inverse_of(&edge.relation).unwrap_or(&edge.relation)
                    }
                };
                relation_label(self.view, name)
            }),
            status: if !found.exists {
                Some(status(Tone::Warn, "catalog-missing"))
            } else if cyclic {
                Some(status(Tone::Warn, "graph-cyclic"))
            } else {
                None
            },
            ..TreeNode::default()
        }
    }
}
