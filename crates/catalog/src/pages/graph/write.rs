//! A picture as text for other tools, and as data.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use portal::View;
use portal::graph::{Graph, GraphEdge};
use serde_json::{Value, json};

use super::net::{GroupKey, Net};
use crate::csv;
use crate::pages::export::json_answer;

/// A file format of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Format {
    Svg,
    Mermaid,
    Dot,
    Csv,
    Json,
}

impl Format {
    /// What `?format=` or the ending `.json` of the path asks for.
    pub(in crate::pages) fn of(view: &View) -> Option<Self> {
        match view.here.get("format") {
            Some("svg") => Some(Self::Svg),
            Some("mermaid") => Some(Self::Mermaid),
            Some("dot") => Some(Self::Dot),
            Some("csv") => Some(Self::Csv),
            Some("json") => Some(Self::Json),
            _ => view
                .here
                .path()
                .ends_with("/graph.json")
                .then_some(Self::Json),
        }
    }
}

/// The picture as a file. SVG, Mermaid and DOT hold what is drawn, CSV and
/// JSON all that was found.
pub(in crate::pages) fn answer(view: &View, format: Format, graph: &Graph, net: &Net) -> Response {
    match format {
        Format::Svg => file(graph.svg(view), "image/svg+xml", "graph.svg"),
        Format::Mermaid => file(mermaid(graph), "text/plain; charset=utf-8", "graph.mmd"),
        Format::Dot => file(dot(graph), "text/vnd.graphviz; charset=utf-8", "graph.dot"),
        Format::Csv => file(table(net), "text/csv; charset=utf-8", "graph.csv"),
        Format::Json => json_answer(&data(net)),
    }
}

/// 200 with a text to be kept as a file.
pub(in crate::pages) fn file(text: String, mime: &'static str, name: &str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    let disposition = format!("attachment; filename=\"{name}\"");
    if let Ok(value) = HeaderValue::from_str(&disposition) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    portal::secure(headers);
    response
}

/// Nodes by cluster, those without one under an empty name.
fn clusters(graph: &Graph) -> Vec<(&str, Vec<usize>)> {
    let mut found: Vec<(&str, Vec<usize>)> = Vec::new();
    for (place, node) in graph.nodes.iter().enumerate() {
        match found.iter_mut().find(|(name, _)| *name == node.cluster) {
            Some((_, places)) => places.push(place),
            None => found.push((&node.cluster, vec![place])),
        }
    }
    found
}

fn ends(graph: &Graph) -> impl Iterator<Item = (usize, usize, &GraphEdge)> {
    let place = |id: &str| graph.nodes.iter().position(|node| node.id == id);
    graph
        .edges
        .iter()
        .filter_map(move |edge| Some((place(&edge.from)?, place(&edge.to)?, edge)))
}

/// A flowchart for <https://mermaid.js.org>.
fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    for (number, (name, places)) in clusters(graph).into_iter().enumerate() {
        if !name.is_empty() {
            out.push_str(&format!("  subgraph s{number}[\"{}\"]\n", entities(name)));
        }
        for place in places {
            if let Some(node) = graph.nodes.get(place) {
                out.push_str(&format!("    n{place}[\"{}\"]\n", entities(&node.text)));
            }
        }
        if !name.is_empty() {
            out.push_str("  end\n");
        }
    }
    for (from, to, edge) in ends(graph) {
        if edge.text.is_empty() {
            out.push_str(&format!("  n{from} --> n{to}\n"));
        } else {
            out.push_str(&format!(
                "  n{from} -->|\"{}\"| n{to}\n",
                entities(&edge.text)
            ));
        }
    }
    out
}

/// Everything that could end a quoted text of Mermaid, as its entity codes.
fn entities(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | '`' | ';' => {
                out.push_str(&format!("#{};", u32::from(c)));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// The language of Graphviz.
fn dot(graph: &Graph) -> String {
    let mut out = String::from("digraph catalog {\n  rankdir=LR;\n  node [shape=box];\n");
    for (number, (name, places)) in clusters(graph).into_iter().enumerate() {
        if !name.is_empty() {
            out.push_str(&format!(
                "  subgraph cluster_{number} {{\n    label={};\n",
                quoted(name)
            ));
        }
        for place in places {
            if let Some(node) = graph.nodes.get(place) {
                let bold = if node.current { ", style=bold" } else { "" };
                out.push_str(&format!(
                    "    n{place} [label={}{bold}];\n",
                    quoted(&node.text)
                ));
            }
        }
        if !name.is_empty() {
            out.push_str("  }\n");
        }
    }
    for (from, to, edge) in ends(graph) {
        if edge.text.is_empty() {
            out.push_str(&format!("  n{from} -> n{to};\n"));
        } else {
            out.push_str(&format!(
                "  n{from} -> n{to} [label={}];\n",
                quoted(&edge.text)
            ));
        }
    }
    out.push_str("}\n");
    out
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// One line for each relation, and one for each entity without any.
fn table(net: &Net) -> String {
    let mut text = String::new();
    csv::line(&mut text, ["from", "relation", "to", "depth", "circle"]);
    let name = |place: usize| net.nodes.get(place).map(|node| node.entity_ref.as_str());
    let mut related = vec![false; net.nodes.len()];
    for edge in &net.edges {
        let ends = [edge.from, edge.to];
        let depth = ends
            .iter()
            .filter_map(|end| net.nodes.get(*end))
            .map(|node| node.depth);
        csv::line(
            &mut text,
            [
                name(edge.from).unwrap_or_default(),
                edge.relation.as_str(),
                name(edge.to).unwrap_or_default(),
                &depth.max().unwrap_or_default().to_string(),
                if edge.cyclic { "yes" } else { "" },
            ],
        );
        for end in ends {
            if let Some(known) = related.get_mut(end) {
                *known = true;
            }
        }
    }
    for (node, related) in net.nodes.iter().zip(related) {
        if !related {
            let depth = node.depth.to_string();
            csv::line(&mut text, [node.entity_ref.as_str(), "", "", &depth, ""]);
        }
    }
    text
}

fn data(net: &Net) -> Value {
    let name = |place: usize| net.nodes.get(place).map(|node| node.entity_ref.to_string());
    let nodes: Vec<Value> = net
        .nodes
        .iter()
        .map(|node| {
            let system = match &node.group {
                GroupKey::System(system) => Some(system.to_string()),
                GroupKey::Kind(_) => None,
            };
            json!({
                "ref": node.entity_ref.to_string(),
                "depth": node.depth,
                "exists": node.exists,
                "root": node.root,
                "system": system,
            })
        })
        .collect();
    let edges: Vec<Value> = net
        .edges
        .iter()
        .map(|edge| {
            json!({
                "from": name(edge.from),
                "to": name(edge.to),
                "relation": edge.relation,
                "circle": edge.cyclic,
            })
        })
        .collect();
    json!({ "nodes": nodes, "edges": edges, "truncated": net.cut })
}
