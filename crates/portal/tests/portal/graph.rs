use portal::Lang;
use portal::graph::{Graph, GraphEdge, GraphNode, MAX_NODES};
use portal::ui::Html;
use proptest::prelude::*;

use crate::request::view_in;

fn graph(count: usize, edges: &[(usize, usize)]) -> Graph {
    let node = |index: usize| GraphNode {
        id: format!("n{index}"),
        text: format!("service-{index}"),
        icon: "service".to_owned(),
        href: Some(format!("/catalog/default/component/service-{index}")),
        group: format!("system-{}", index % 3),
        current: index == 0,
        ..GraphNode::default()
    };
    let edge = |(from, to): &(usize, usize)| GraphEdge {
        from: format!("n{from}"),
        to: format!("n{to}"),
        ..GraphEdge::default()
    };
    Graph {
        id: "g".to_owned(),
        title: "Relations".to_owned(),
        nodes: (0..count).map(node).collect(),
        edges: edges.iter().map(edge).collect(),
    }
}

fn drawn(graph: &Graph) -> Html {
    graph.html(&view_in(Lang::En, "/"))
}

/// Left and top of every node's frame.
fn frames(html: &Html) -> Vec<(i32, i32, i32)> {
    let number = |text: &str, name: &str| {
        text.split(&format!(" {name}=\""))
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap()
            .parse::<i32>()
            .unwrap()
    };
    html.as_str()
        .split("<rect")
        .skip(1)
        .filter(|rect| rect.contains("height=\"52\""))
        .map(|rect| (number(rect, "x"), number(rect, "y"), number(rect, "width")))
        .collect()
}

#[test]
fn users_stand_left_of_what_they_use() {
    let html = drawn(&graph(4, &[(1, 0), (0, 2), (2, 3), (1, 3)]));
    let frames = frames(&html);
    let x = |node: usize| frames[node].0;
    assert!(x(1) < x(0) && x(0) < x(2) && x(2) < x(3), "{frames:?}");
    assert_eq!(html.as_str().matches("class=\"graph-edge\"").count(), 4);
    assert!(
        html.as_str()
            .contains("<title id=\"g-title\">Relations</title>")
    );
    assert!(html.as_str().contains("4 things and 4 relations"));
}

#[test]
fn cycles_loops_and_unknown_ends_do_no_harm() {
    let html = drawn(&graph(3, &[(0, 1), (1, 2), (2, 0), (1, 1), (0, 99)]));
    assert_eq!(frames(&html).len(), 3);
    assert_eq!(html.as_str().matches("class=\"graph-edge\"").count(), 3);
    assert_eq!(frames(&drawn(&graph(0, &[]))).len(), 0);
}

#[test]
fn the_list_holds_every_node_and_every_edge() {
    let graph = graph(4, &[(1, 0), (0, 2), (0, 1)]);
    let list = graph.list().html(&view_in(Lang::En, "/"));
    for node in &graph.nodes {
        assert!(list.as_str().contains(&node.text), "{}", node.text);
    }
    // Two roots with three children in all, and the node without relations.
    assert_eq!(list.as_str().matches("<li>").count(), 2 + 3 + 1);
}

#[test]
fn a_crowd_is_gathered() {
    let edges: Vec<_> = (1..5_000).map(|index| (0, index)).collect();
    let html = drawn(&graph(5_000, &edges));
    assert!(frames(&html).len() <= MAX_NODES, "{}", frames(&html).len());
    assert!(html.as_str().contains(" in system-1"), "names the groups");
    assert!(html.as_str().contains("5,000 things and 4,999 relations"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn layouts_repeat_and_nothing_overlaps(
        count in 1_usize..60,
        edges in proptest::collection::vec((0_usize..60, 0_usize..60), 0..120),
    ) {
        let graph = graph(count, &edges);
        let html = drawn(&graph);
        prop_assert_eq!(&html, &drawn(&graph));
        let frames = frames(&html);
        prop_assert_eq!(frames.len(), count);
        for (index, a) in frames.iter().enumerate() {
            prop_assert!(a.0 >= 0 && a.1 >= 0);
            for b in &frames[index + 1..] {
                let apart = a.0 + a.2 <= b.0 || b.0 + b.2 <= a.0 || a.1 + 52 <= b.1 || b.1 + 52 <= a.1;
                prop_assert!(apart, "{:?} and {:?} overlap", a, b);
            }
        }
    }
}
