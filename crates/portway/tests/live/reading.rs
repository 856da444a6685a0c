//! The verbs that only look.

use unicode_width::UnicodeWidthStr as _;

use super::running::Portway;

/// In which terminal column a text begins.
fn column(line: &str, text: &str) -> usize {
    let (before, _) = line
        .split_once(text)
        .unwrap_or_else(|| panic!("no {text:?} in {line:?}"));
    before.width()
}

#[test]
fn get_lists_entities_in_every_form() {
    let portway = Portway::up();
    let names = portway.ok(&["get", "components", "-o", "name"]);
    assert_eq!(
        names.lines(),
        [
            "component:default/order-service",
            "component:default/pay-service"
        ]
    );
    let table = portway.ok(&["get", "comp"]);
    let lines = table.lines();
    assert!(
        lines[0].starts_with("REF ") && lines[0].contains(" OWNER "),
        "{table:?}"
    );
    assert!(
        lines[1].starts_with("component:order-service  "),
        "{table:?}"
    );
    assert!(lines[2].contains("group:team-order"), "{table:?}");
    assert_eq!(lines.len(), 3);

    let listed = portway.ok(&["get", "components", "-o", "json"]).json();
    assert_eq!(listed["kind"], "EntityList");
    assert_eq!(listed["items"][0]["metadata"]["title"], "주문 서비스");
    assert_eq!(listed["meta"]["total"], 2);
    assert_eq!(
        listed["meta"]["source"]
            .as_str()
            .unwrap()
            .trim_end_matches('/'),
        portway.url
    );

    let one_a_line = portway.ok(&["get", "components", "-o", "jsonl"]);
    for line in one_a_line.lines() {
        let entity: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(entity["kind"], "Component");
    }
    let csv = portway.ok(&["get", "resources", "-o", "csv"]);
    assert!(
        csv.lines()[1].starts_with("resource:cache,cache,group:team-order,"),
        "{csv:?}"
    );
    let bare = portway.ok(&["get", "resources", "-o", "csv", "--no-headers"]);
    assert!(bare.out.starts_with("resource:cache,"), "{bare:?}");

    let yaml = portway.ok(&["get", "component", "order-service", "-o", "yaml"]);
    assert!(yaml.out.contains("\n  title: 주문 서비스\n"), "{yaml:?}");
    assert!(
        yaml.out
            .contains("targetRef: component:default/pay-service"),
        "{yaml:?}"
    );
    let one = portway.ok(&["get", "api", "-o", "json"]).json();
    assert_eq!(one["items"], serde_json::json!([]));
}

#[test]
fn get_selects_by_owner_text_and_filter() {
    let portway = Portway::up();
    let names = |arguments: &[&str]| {
        let all: Vec<&str> = arguments.iter().copied().chain(["-o", "name"]).collect();
        portway.ok(&all).out
    };
    assert_eq!(
        names(&["get", "all", "--query", "money"]),
        "component:default/pay-service\n"
    );
    assert_eq!(
        names(&["get", "all", "--query", "주문을"]),
        "component:default/order-service\n"
    );
    assert_eq!(
        names(&["get", "systems", "--owner", "team-order"]),
        "system:default/shop\n"
    );
    assert_eq!(
        names(&["get", "all", "-f", "spec.type=cache"]),
        "resource:default/cache\n"
    );
    assert_eq!(
        names(&["get", "components", "--limit", "1"])
            .lines()
            .count(),
        1
    );
    let past = portway.ok(&[
        "get",
        "components",
        "--at",
        "2020-01-01T00:00:00Z",
        "-o",
        "json",
    ]);
    assert_eq!(past.json()["items"], serde_json::json!([]));
}

#[test]
fn columns_line_up_under_hangul() {
    let portway = Portway::up();
    for lang in ["en", "ko"] {
        let wide = portway.ok(&["get", "components", "-o", "wide", "--lang", lang]);
        let lines = wide.lines();
        let source = column(lines[0], "SOURCE");
        let title = column(lines[0], "TITLE");
        assert_eq!(column(lines[1], "주문 서비스"), title, "{wide:?}");
        assert_eq!(column(lines[2], "Payment"), title, "{wide:?}");
        for line in &lines[1..] {
            assert_eq!(column(line, "file:"), source, "{wide:?}");
        }
    }
}

#[test]
fn owner_impact_path_and_history_answer_from_the_graph() {
    let portway = Portway::up();
    let owner = portway.ok(&["owner", "component:order-service"]);
    for line in ["OWNER ", "CHAIN ", "MEMBERS ", "MAIL "] {
        assert!(owner.out.contains(line), "{owner:?}");
    }
    let owner = portway.ok(&["owner", "order-service", "-o", "json"]).json();
    assert_eq!(owner["data"]["owner"], "group:default/team-order");
    assert_eq!(owner["data"]["chain"][0]["ref"], "group:default/division");
    assert_eq!(owner["data"]["members"][0]["title"], "김서연");
    assert_eq!(owner["data"]["profile"]["email"], "order@example.com");

    let impact = portway.ok(&["impact", "resource:cache"]);
    let lines = impact.lines();
    assert!(
        lines[1].starts_with("1 ") && lines[1].contains("component:pay-service"),
        "{impact:?}"
    );
    assert!(
        lines[2].starts_with("2 ") && lines[2].contains("component:order-service"),
        "{impact:?}"
    );
    let near = portway.ok(&["impact", "resource:cache", "--depth", "1", "-o", "name"]);
    assert_eq!(near.out, "component:default/pay-service\n");
    let needs = portway.ok(&[
        "impact",
        "order-service",
        "--direction",
        "dependencies",
        "-o",
        "name",
    ]);
    assert!(needs.out.contains("resource:default/cache\n"), "{needs:?}");

    let path = portway
        .ok(&[
            "path",
            "component:order-service",
            "resource:cache",
            "-o",
            "json",
        ])
        .json();
    let refs: Vec<_> = path["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["ref"].clone())
        .collect();
    assert_eq!(
        refs,
        [
            "component:default/order-service",
            "component:default/pay-service",
            "resource:default/cache"
        ]
    );

    let history = portway.ok(&["history", "component:order-service"]);
    assert!(history.lines()[0].starts_with("VERSION "), "{history:?}");
    assert!(
        history.lines()[1].starts_with("1 ") && history.out.contains("created"),
        "{history:?}"
    );
}

#[test]
fn doctor_asks_the_server_too() {
    let portway = Portway::up();
    let found = portway.run(&["doctor", "-o", "json"]).json();
    let titles: Vec<&str> = found["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| item["title"].as_str())
        .collect();
    assert!(titles.contains(&"Data folder can be written"), "{titles:?}");
    assert!(titles.contains(&"Every source can be read"), "{titles:?}");
    let table = portway.run(&["doctor"]);
    assert!(
        table.out.contains(&format!("{} is ready", portway.url)),
        "{table:?}"
    );
    assert_eq!(table.code, 0, "{table:?}");
    let korean = portway.run(&["doctor", "--lang", "ko"]);
    assert!(
        korean
            .out
            .chars()
            .any(|letter| ('가'..='힣').contains(&letter)),
        "{korean:?}"
    );
}
