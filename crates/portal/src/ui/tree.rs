//! Parts in parts: nested lists that fold without script.

use askama::Template;

use super::{Html, Status};
use crate::view::View;

/// Deeper parts are left out; no screen shows them and no person reads them.
const MAX_DEPTH: usize = 40;

/// One row and what is below it.
#[derive(Clone, Debug, Default)]
pub struct TreeNode {
    /// The name.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// The icon's name.
    pub icon: String,
    /// How it belongs to its parent, such as `dependsOn`.
    pub relation: String,
    /// At the end of the row.
    pub status: Option<Status>,
    /// Whether it is unfolded at first.
    pub open: bool,
    /// Whether it is the thing that the page is about.
    pub current: bool,
    /// What is below it.
    pub children: Vec<TreeNode>,
}

/// The whole tree.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The topmost rows.
    pub roots: Vec<TreeNode>,
}

impl Tree {
    /// The markup: a `<ul class="tree">`.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&TreeTemplate {
            view,
            nodes: &self.roots,
            depth: 0,
        })
    }
}

#[derive(Template)]
#[template(path = "components/tree.html")]
struct TreeTemplate<'a> {
    view: &'a View,
    nodes: &'a [TreeNode],
    depth: usize,
}

impl TreeTemplate<'_> {
    fn below(&self, node: &TreeNode) -> Html {
        Html::of(&TreeTemplate {
            view: self.view,
            nodes: &node.children,
            depth: self.depth + 1,
        })
    }

    fn folds(&self, node: &TreeNode) -> bool {
        !node.children.is_empty() && self.depth + 1 < MAX_DEPTH
    }
}
