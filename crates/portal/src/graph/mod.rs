//! Relations as a picture that the server draws, and the same facts as a list.
//!
//! Left is who uses, right is what is used. The layout depends on nothing but
//! the given nodes and edges, so the picture is the same at every load.

mod crowd;
mod lanes;
mod layout;

use askama::Template;

use crate::ui::{Html, Status, Tone, Tree, TreeNode};
use crate::view::View;

pub use crowd::MAX_NODES;

/// One thing in the picture.
#[derive(Clone, Debug, Default)]
pub struct GraphNode {
    /// Unique; edges refer to it.
    pub id: String,
    /// The name.
    pub text: String,
    /// A second line, such as the owner; may be empty.
    pub note: String,
    /// The icon's name.
    pub icon: String,
    /// Its page.
    pub href: Option<String>,
    /// What a crowd of such nodes is gathered under, such as the system.
    pub group: String,
    /// The name of the frame that it stands in with others; empty for none.
    pub cluster: String,
    /// How it is, when that is known.
    pub status: Option<Status>,
    /// The thing that the page is about.
    pub current: bool,
}

/// One relation.
#[derive(Clone, Debug, Default)]
pub struct GraphEdge {
    /// The id of the node on the left: the one that uses.
    pub from: String,
    /// The id of the node on the right: the one that is used.
    pub to: String,
    /// What it is called; may be empty.
    pub text: String,
    /// Seen, but not declared.
    pub dashed: bool,
    /// A problem on the way.
    pub tone: Option<Tone>,
}

/// A graph with its sentences.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// Unique on the page.
    pub id: String,
    /// What it shows, for example `Relations of order-service`.
    pub title: String,
    /// The order decides ties of the layout.
    pub nodes: Vec<GraphNode>,
    /// Edges whose ends are not among the nodes are left out.
    pub edges: Vec<GraphEdge>,
}

impl Graph {
    /// The picture. Beyond [`MAX_NODES`] the nodes farthest from the current
    /// one are gathered by their groups.
    pub fn html(&self, view: &View) -> Html {
        let shown = crowd::gathered(self, view);
        let picture = layout::layout(&shown.nodes, &shown.edges);
        let desc = view
            .t("graph-desc")
            .with("nodes", self.nodes.len())
            .with("edges", self.edges.len())
            .to_string();
        Html::of(&GraphTemplate {
            view,
            graph: &shown,
            picture: &picture,
            desc,
        })
    }

    /// The picture as a file of its own: nothing in it refers to the portal's
    /// styles or icons, and it is light whatever the reader's theme is.
    pub fn svg(&self, view: &View) -> String {
        let shown = crowd::gathered(self, view);
        let picture = layout::layout(&shown.nodes, &shown.edges);
        let file = GraphFile {
            graph: &shown,
            picture: &picture,
        };
        Html::of(&file).as_str().to_owned()
    }

    /// The same facts as nested lists: each node with what it uses.
    pub fn list(&self) -> Tree {
        let node = |id: &str| self.nodes.iter().find(|node| node.id == id);
        let row = |node: &GraphNode| TreeNode {
            text: node.text.clone(),
            href: node.href.clone(),
            icon: node.icon.clone(),
            status: node.status.clone(),
            ..TreeNode::default()
        };
        let mut order: Vec<&GraphNode> = self.nodes.iter().collect();
        order.sort_by_key(|node| !node.current);
        let roots = order.into_iter().filter_map(|root| {
            let children: Vec<TreeNode> = self
                .edges
                .iter()
                .filter(|edge| edge.from == root.id)
                .filter_map(|edge| {
                    node(&edge.to).map(|to| TreeNode {
                        relation: edge.text.clone(),
                        ..row(to)
                    })
                })
                .collect();
            let used = self
                .edges
                .iter()
                .any(|edge| edge.to == root.id && node(&edge.from).is_some());
            let own_row = !children.is_empty() || !used || root.current;
            own_row.then(|| TreeNode {
                open: true,
                current: root.current,
                children,
                ..row(root)
            })
        });
        Tree {
            roots: roots.collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "components/graph.html")]
struct GraphTemplate<'a> {
    view: &'a View,
    graph: &'a Graph,
    picture: &'a layout::Picture,
    desc: String,
}

impl GraphTemplate<'_> {
    fn nodes(&self) -> impl Iterator<Item = (&GraphNode, &layout::Box)> {
        self.graph.nodes.iter().zip(&self.picture.boxes)
    }

    fn edges(&self) -> impl Iterator<Item = (&GraphEdge, &layout::Path)> {
        self.graph.edges.iter().zip(&self.picture.paths)
    }

    fn fitted(&self, text: &str, width: &i32) -> (String, bool) {
        fitted(text, width - layout::TEXT_LEFT - 8)
    }

    /// A cluster's name, as far as its frame has room.
    fn cluster_name(&self, cluster: &layout::Cluster) -> String {
        fitted(&cluster.name, cluster.width - 20).0
    }
}

#[derive(Template)]
#[template(path = "components/graph-file.svg", escape = "html")]
struct GraphFile<'a> {
    graph: &'a Graph,
    picture: &'a layout::Picture,
}

impl GraphFile<'_> {
    fn nodes(&self) -> impl Iterator<Item = (&GraphNode, &layout::Box)> {
        self.graph.nodes.iter().zip(&self.picture.boxes)
    }

    fn edges(&self) -> impl Iterator<Item = (&GraphEdge, &layout::Path)> {
        let pairs = self.graph.edges.iter().zip(&self.picture.paths);
        pairs.filter(|(_, path)| !path.d.is_empty())
    }

    fn fitted(&self, text: &str, width: &i32) -> String {
        fitted(text, width - 24).0
    }

    fn cluster_name(&self, cluster: &layout::Cluster) -> String {
        fitted(&cluster.name, cluster.width - 20).0
    }
}

/// The text as far as it fits into `room` pixels of 13 px text, and whether
/// that is all of it.
fn fitted(text: &str, room: i32) -> (String, bool) {
    let mut used = 0.0;
    let mut out = String::new();
    for c in text.chars() {
        used += layout::char_width(c);
        if used > f64::from(room) {
            out.push('…');
            return (out, false);
        }
        out.push(c);
    }
    (out, true)
}
