//! Made-up data for the gallery.

use jiff::{SignedDuration, Timestamp};

use crate::graph::{Graph, GraphEdge, GraphNode};
use crate::query::Address;
use crate::ui::{
    Bar, Bars, Chip, Chips, Code, CodeLine, Diff, Facet, FacetValue, Facets, Fresh, Pager, Problem,
    Problems, Segments, Spark, Status, Syntax, Tab, Tabs, Tone, Tree, TreeNode,
};
use crate::view::View;

/// One row of the sample table.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) owner: String,
    pub(super) status: Status,
    pub(super) level: u8,
    pub(super) selected: bool,
}

fn status(view: &View, tone: Tone) -> Status {
    let key = match tone {
        Tone::Ok => "gallery-ok",
        Tone::Info => "gallery-info",
        Tone::Neutral => "gallery-neutral",
        Tone::Warn => "gallery-warn",
        Tone::Bad => "gallery-bad",
    };
    Status {
        tone,
        text: view.t(key).to_string(),
    }
}

pub(super) fn tabs(view: &View, text: &str) -> Tabs {
    let here = |number: &str| view.here.with("tab", number).to_string();
    Tabs {
        label: text.to_owned(),
        tabs: vec![
            Tab::new(view.t("gallery-name").to_string(), here("1"), true),
            Tab::new(view.t("gallery-owner").to_string(), here("2"), false).counting(1_204, None),
            Tab::new(view.t("gallery-health").to_string(), here("3"), false)
                .counting(3, Some(Tone::Bad)),
            Tab::new(text, here("4"), false).counting(9, Some(Tone::Warn)),
        ],
    }
}

pub(super) fn segments(view: &View) -> Segments {
    let choice =
        |depth: &str, current| Tab::new(depth, view.here.with("depth", depth).to_string(), current);
    Segments {
        label: view.t("gallery-level").to_string(),
        choices: vec![choice("1", true), choice("2", false), choice("3", false)],
    }
}

/// Both fresh and stale, each with and without a next time, and never read.
pub(super) fn fresh(view: &View, text: &str) -> Vec<Fresh> {
    let before = |minutes: i64| shifted(view.now, -minutes);
    let next = Some(shifted(view.now, 3));
    let line = |at, stale, next| Fresh {
        at,
        source: text.to_owned(),
        stale,
        next,
    };
    vec![
        line(Some(before(0)), false, None),
        line(Some(before(4)), false, next),
        line(Some(before(42)), true, None),
        line(Some(before(3 * 24 * 60)), true, next),
        line(None, false, None),
        line(None, true, next),
    ]
}

fn shifted(at: Timestamp, minutes: i64) -> Timestamp {
    at.checked_add(SignedDuration::from_mins(minutes))
        .unwrap_or(at)
}

pub(super) fn facets(view: &View, text: &str) -> Facets {
    let value = |name: &str, count, checked| FacetValue {
        value: name.to_owned(),
        text: name.to_owned(),
        count,
        checked,
    };
    let facet = |name: &str, title: &str, values| Facet {
        name: name.to_owned(),
        title: title.to_owned(),
        values,
    };
    Facets {
        action: "/design".to_owned(),
        keep: Vec::new(),
        facets: vec![
            facet(
                "type",
                &view.t("gallery-name").to_string(),
                vec![
                    value("service", 9, true),
                    value("website", 2, false),
                    value(text, 1_204, false),
                ],
            ),
            facet(
                "owner",
                &view.t("gallery-owner").to_string(),
                vec![
                    value("team-commerce", 12, false),
                    value("team-payments", 0, false),
                ],
            ),
        ],
    }
    .keeping(&view.here, &["page"])
}

pub(super) fn chips(text: &str) -> Chips {
    let chip = |text: &str| Chip {
        text: text.to_owned(),
        remove: "/design".to_owned(),
    };
    Chips {
        chips: vec![chip("type: service"), chip(text)],
        clear: "/design".to_owned(),
    }
}

pub(super) fn rows(view: &View, text: &str) -> Vec<Row> {
    let name = |index: usize| {
        if index == 0 {
            text.to_owned()
        } else {
            format!("sample-service-{index}")
        }
    };
    Tone::ALL
        .into_iter()
        .enumerate()
        .map(|(index, tone)| Row {
            name: name(index),
            owner: "team-commerce".to_owned(),
            status: status(view, tone),
            level: u8::try_from(index).unwrap_or(0).min(3),
            selected: index == 1,
        })
        .collect()
}

pub(super) fn pagers() -> Vec<Pager> {
    let link = |page: &str| Some(Address::parse("/design").with("page", page).to_string());
    vec![
        Pager {
            first: 1,
            last: 9,
            total: 9,
            previous: None,
            next: None,
        },
        Pager {
            first: 51,
            last: 100,
            total: 1_204,
            previous: link("1"),
            next: link("3"),
        },
    ]
}

pub(super) fn problems(text: &str) -> Problems {
    Problems {
        problems: vec![
            Problem {
                tone: Tone::Bad,
                message: format!("spec.owner `{text}` is not a valid reference"),
                place: format!("{text}/catalog-info.yaml:7:10"),
                href: Some("/design".to_owned()),
                accepted: Some(
                    "[kind:][namespace/]name, for example group:default/team-commerce".to_owned(),
                ),
                fix: Some("Write owner: group:default/team-commerce".to_owned()),
            },
            Problem {
                tone: Tone::Warn,
                message: format!("{text} is used by nobody"),
                place: String::new(),
                href: None,
                accepted: None,
                fix: None,
            },
        ],
    }
}

pub(super) fn tree(view: &View, text: &str) -> Tree {
    let leaf = |name: &str, icon: &str, relation: &str, tone| TreeNode {
        text: name.to_owned(),
        href: Some("/design".to_owned()),
        icon: icon.to_owned(),
        relation: relation.to_owned(),
        status: Some(status(view, tone)),
        ..TreeNode::default()
    };
    let mut payment = leaf("payment-service", "service", "dependsOn", Tone::Ok);
    payment.children = vec![leaf("fraud-check", "service", "dependsOn", Tone::Neutral)];
    let mut root = leaf(text, "service", "", Tone::Bad);
    root.open = true;
    root.current = true;
    root.children = vec![
        payment,
        leaf("orders-db", "database", "dependsOn", Tone::Warn),
    ];
    let plain = TreeNode {
        text: text.to_owned(),
        icon: "folder".to_owned(),
        ..TreeNode::default()
    };
    Tree {
        roots: vec![root, plain],
    }
}

pub(super) fn code(text: &str) -> Vec<Code> {
    let yaml = format!(
        "# The file that the service's team keeps\napiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  \
         name: {text}\n  description: \"Takes orders and drives them to delivery\"\n  tags: [kotlin, tier-1]\nspec:\n  \
         type: service\n  replicas: 3\n  owner: ???\n"
    );
    vec![
        Code {
            id: "sample-yaml".to_owned(),
            caption: "catalog-info.yaml".to_owned(),
            text: yaml,
            syntax: Syntax::Yaml,
            numbered: true,
            marks: vec![CodeLine {
                line: 11,
                tone: Tone::Bad,
                text: format!("owner is no reference: {text}"),
            }],
            ..Code::default()
        },
        Code {
            id: "sample-part".to_owned(),
            caption: "openapi.yaml".to_owned(),
            text: "  /orders:\n    get:\n      summary: All orders\n".to_owned(),
            syntax: Syntax::Yaml,
            first: 1_501,
            numbered: true,
            marks: vec![CodeLine {
                line: 1_502,
                tone: Tone::Info,
                text: String::new(),
            }],
        },
        Code {
            id: "sample-json".to_owned(),
            caption: "answer.json".to_owned(),
            text: format!("{{\n  \"name\": \"{text}\",\n  \"items\": [1, 2.5, true, null]\n}}"),
            syntax: Syntax::Json,
            ..Code::default()
        },
        Code::command("sample-command", format!("portway get component {text}")),
    ]
}

pub(super) fn diff(text: &str) -> Diff {
    let lines = |replicas: &str| {
        format!(
            "kind: Component\nmetadata:\n  name: {text}\n  labels:\n    tier: \"1\"\n    area: orders\n    \
             language: kotlin\nspec:\n  type: service\n  replicas: {replicas}\n  lifecycle: production\n"
        )
    };
    Diff::between(
        format!("{text} diff"),
        &lines("4"),
        &format!("{}  owner: {text}\n", lines("8")),
    )
}

pub(super) fn graphs(view: &View, text: &str) -> Vec<Graph> {
    let node = |id: &str, icon: &str, tone: Option<Tone>| GraphNode {
        id: id.to_owned(),
        text: id.to_owned(),
        note: "team-commerce".to_owned(),
        icon: icon.to_owned(),
        href: Some("/design".to_owned()),
        group: "commerce".to_owned(),
        status: tone.map(|tone| status(view, tone)),
        ..GraphNode::default()
    };
    let edge = |from: &str, to: &str| GraphEdge {
        from: from.to_owned(),
        to: to.to_owned(),
        text: "dependsOn".to_owned(),
        ..GraphEdge::default()
    };
    let mut here = node("here", "service", Some(Tone::Bad));
    here.text = text.to_owned();
    here.current = true;
    let nodes = vec![
        node("checkout-web", "web", Some(Tone::Ok)),
        node("mobile-bff", "service", None),
        here,
        node("pricing-service", "service", Some(Tone::Warn)),
        node("inventory-service", "service", Some(Tone::Ok)),
        node("orders-db", "database", Some(Tone::Warn)),
        node("order-events", "queue", None),
        node(
            "a-service-with-a-name-that-does-not-fit-anywhere",
            "service",
            Some(Tone::Neutral),
        ),
        GraphNode {
            note: String::new(),
            href: None,
            ..node("ledger-service", "service", None)
        },
    ];
    let mut seen = edge("here", "pricing-service");
    seen.dashed = true;
    seen.tone = Some(Tone::Warn);
    seen.text = text.to_owned();
    let edges = vec![
        edge("checkout-web", "here"),
        edge("mobile-bff", "here"),
        seen,
        edge("here", "inventory-service"),
        edge("here", "orders-db"),
        edge("here", "order-events"),
        edge("order-events", "ledger-service"),
        edge(
            "order-events",
            "a-service-with-a-name-that-does-not-fit-anywhere",
        ),
        // A cycle, and an edge that passes a layer.
        edge("ledger-service", "here"),
        edge("checkout-web", "orders-db"),
    ];
    vec![
        Graph {
            id: "sample-graph".to_owned(),
            title: format!("{text} 1"),
            nodes,
            edges,
        },
        crowd(text),
    ]
}

/// More nodes than fit: the last ones are gathered.
fn crowd(text: &str) -> Graph {
    let count = 190;
    let nodes = (0..count)
        .map(|index| GraphNode {
            id: index.to_string(),
            text: if index == 0 {
                text.to_owned()
            } else {
                format!("service-{index}")
            },
            icon: "service".to_owned(),
            href: Some("/design".to_owned()),
            group: if index % 3 == 0 {
                "billing".to_owned()
            } else {
                String::new()
            },
            current: index == 0,
            ..GraphNode::default()
        })
        .collect();
    let edges = (1..count)
        .map(|index| GraphEdge {
            from: (index / 7).to_string(),
            to: index.to_string(),
            ..GraphEdge::default()
        })
        .collect();
    Graph {
        id: "sample-crowd".to_owned(),
        title: format!("{text} 2"),
        nodes,
        edges,
    }
}

pub(super) fn sparks(text: &str) -> Vec<Spark> {
    let values = vec![
        500.0, 540.0, 520.0, 580.0, 620.0, 600.0, 660.0, 680.0, 430.0, 412.0,
    ];
    vec![
        Spark {
            label: text.to_owned(),
            values: values.clone(),
            colour: 1,
            small: false,
        },
        Spark {
            label: text.to_owned(),
            values,
            colour: 2,
            small: true,
        },
        Spark {
            label: text.to_owned(),
            values: vec![3.0, 3.0, 3.0],
            colour: 4,
            small: false,
        },
    ]
}

pub(super) fn bars(view: &View, text: &str) -> Bars {
    let bar = |text: &str, value, tone| Bar {
        text: text.to_owned(),
        href: Some("/design".to_owned()),
        value,
        tone,
    };
    Bars {
        caption: format!("{text} 3"),
        names: view.t("gallery-owner").to_string(),
        numbers: view.t("gallery-level").to_string(),
        bars: vec![
            bar("team-commerce", 1_204, None),
            bar(text, 318, None),
            bar("team-payments", 41, Some(Tone::Bad)),
        ],
    }
}
