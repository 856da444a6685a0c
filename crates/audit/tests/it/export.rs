//! Exports: each form against its published fields, and the file that proves
//! itself.

use audit::events::EXPORTED;
use audit::{Settings, Trust, verify};
use platform::event::{NewEvent, Outcome};
use platform::origin::Origin;
use serde_json::{Value, json};

use crate::world::{On, World, append, event, on_both_databases, signer};

async fn world(on: On) -> World {
    let world = World::new(on, |_| Settings {
        every: 2,
        ..Settings::default()
    })
    .await;
    let origin = Origin {
        address: Some("192.0.2.7".into()),
        request: Some("req-1".into()),
        reason: Some("a=b|c\\d\ne".into()),
    };
    let first = event(
        "dev.portway.identity.session.created",
        "session:1",
        json!({ "method": "oidc", "rate": 0.1 }),
    );
    origin.clone().scope(append(&world.db, vec![first])).await;
    let v6 = Origin {
        address: Some("2001:db8::1".into()),
        ..Origin::default()
    };
    let refused = NewEvent {
        outcome: Outcome::Refused,
        ..event(
            "dev.portway.access.refused",
            "=cmd()|x",
            json!({ "text": "상점 \"q\", x" }),
        )
    };
    v6.scope(append(&world.db, vec![refused])).await;
    append(
        &world.db,
        vec![event(
            "dev.portway.catalog.entity.deleted",
            "component:default/a",
            json!({}),
        )],
    )
    .await;
    world
}

fn check(text: &str) -> Result<audit::Report, String> {
    verify::file(&mut text.as_bytes(), &Trust::keys([signer().public()]), &[])
        .map_err(|error| error.to_string())
}

async fn an_export_proves_itself(on: On) {
    let world = world(on).await;
    world.work();
    world.kick(audit::CHECKPOINT_QUEUE, "head").await;
    let text = world.get("/api/v1/audit/export").await.text;
    let report = check(&text).expect("an export");
    assert!(report.is_intact(), "{report:?}\n{text}");
    assert_eq!(report.events, 3);
    assert!(report.checkpoints >= 1, "{text}");
    let exported = world.events(EXPORTED.0).await;
    assert_eq!(exported[0].data["count"], 3);
    assert_eq!(exported[0].data["format"], "jsonl");

    // Whatever is changed in the file is found.
    let lines: Vec<&str> = text.lines().collect();
    for (index, line) in lines.iter().enumerate() {
        let without: Vec<&str> = lines
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != index)
            .map(|(_, line)| *line)
            .collect();
        let found = check(&without.join("\n"));
        let is_checkpoint = line.contains("checkpoint");
        assert!(
            is_checkpoint || !found.is_ok_and(|report| report.is_intact()),
            "without {line}"
        );
        if !line.contains("\"actor\"") {
            continue;
        }
        for (from, to) in [
            ("kim", "lee"),
            ("\"seq\":1", "\"seq\":7"),
            ("dev.portway", "dev.other"),
        ] {
            let changed: Vec<String> = lines
                .iter()
                .enumerate()
                .map(|(at, line)| {
                    if at == index {
                        line.replacen(from, to, 1)
                    } else {
                        (*line).to_owned()
                    }
                })
                .collect();
            if changed[index] != **line {
                let found = check(&changed.join("\n"));
                assert!(
                    !found.is_ok_and(|report| report.is_intact()),
                    "{from} in {line}"
                );
            }
        }
    }
    let events = lines
        .iter()
        .position(|line| line.contains("\"actor\""))
        .expect("an event");
    let mut swapped = lines.clone();
    swapped.swap(events, events + 1);
    assert!(!check(&swapped.join("\n")).is_ok_and(|report| report.is_intact()));
}

async fn a_filtered_export_is_whole_in_each_part(on: On) {
    let world = world(on).await;
    let text = world
        .get("/api/v1/audit/export?format=jsonl&outcome=refused")
        .await
        .text;
    let report = check(&text).expect("an export");
    assert!(report.is_intact(), "{report:?}\n{text}");
    assert_eq!((report.events, report.from), (1, 2));
    let changed = text.replace("2001:db8::1", "2001:db8::2");
    assert!(!check(&changed).expect("an export").is_intact());
}

async fn csv_is_safe_for_spreadsheets(on: On) {
    let world = world(on).await;
    let seen = world.get("/api/v1/audit/export?format=csv").await;
    assert_eq!(seen.headers["content-type"], "text/csv; charset=utf-8");
    assert!(
        seen.headers["content-disposition"]
            .to_str()
            .is_ok_and(|text| text.contains("audit.csv"))
    );
    let lines: Vec<&str> = seen.text.split("\r\n").collect();
    assert!(lines[0].starts_with("seq,time,type,outcome,actorKind,actor"));
    assert!(lines[2].contains(r#""'=cmd()|x""#), "{}", lines[2]);
    assert!(
        lines[2].contains(r#"\""q\"""#) || lines[2].contains(r#"\""q\"", x"#),
        "{}",
        lines[2]
    );
}

async fn cef_has_the_published_form(on: On) {
    /// Keys of the CEF dictionary that may be used.
    const KNOWN: [&str; 22] = [
        "rt",
        "externalId",
        "act",
        "outcome",
        "suser",
        "src",
        "c6a2",
        "c6a2Label",
        "reason",
        "msg",
        "cn1",
        "cn1Label",
        "cs1",
        "cs1Label",
        "cs2",
        "cs2Label",
        "cs3",
        "cs3Label",
        "cs4",
        "cs4Label",
        "cs5",
        "cs5Label",
    ];
    let world = world(on).await;
    let text = world.get("/api/v1/audit/export?format=cef").await.text;
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    for line in &lines {
        let (head, extension) = split_head(line);
        assert_eq!(head[0], "CEF:0");
        assert_eq!(&head[1..3], ["Portway", "Portway"]);
        assert!(
            head[6].parse::<u8>().is_ok_and(|severity| severity <= 10),
            "{line}"
        );
        for key in keys(&extension) {
            assert!(KNOWN.contains(&key.as_str()), "{key} in {line}");
        }
    }
    assert!(lines[0].contains("src=192.0.2.7 "), "{}", lines[0]);
    assert!(
        lines[0].contains(r"reason=a\=b|c\\d e") || lines[0].contains(r"reason=a\=b|c\\d\ne"),
        "{}",
        lines[0]
    );
    assert!(lines[1].contains("c6a2=2001:db8::1 "), "{}", lines[1]);
    assert!(lines[1].contains("cs1=\\=cmd()|x"), "{}", lines[1]);
}

/// The seven parts of the head and the rest, with `\|` not counting as an end.
fn split_head(line: &str) -> (Vec<String>, String) {
    let (mut parts, mut part, mut escaped) = (Vec::new(), String::new(), false);
    for (at, one) in line.char_indices() {
        match one {
            '|' if !escaped => {
                parts.push(std::mem::take(&mut part));
                if parts.len() == 7 {
                    return (parts, line.split_at(at + 1).1.to_owned());
                }
            }
            other => part.push(other),
        }
        escaped = one == '\\' && !escaped;
    }
    (parts, part)
}

/// Every key of an extension: a word before an unescaped `=`.
fn keys(extension: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut word = String::new();
    let mut escaped = false;
    for one in extension.chars() {
        match one {
            '=' if !escaped => keys.push(std::mem::take(&mut word)),
            ' ' => word.clear(),
            other => word.push(other),
        }
        escaped = one == '\\' && !escaped;
    }
    keys
}

async fn ocsf_has_the_published_fields(on: On) {
    let world = world(on).await;
    let text = world.get("/api/v1/audit/export?format=ocsf").await.text;
    let events: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(events.len(), 3);
    for event in &events {
        // What every class requires, in version 1.3 of the schema.
        for key in [
            "activity_id",
            "category_uid",
            "class_uid",
            "severity_id",
            "time",
            "type_uid",
        ] {
            assert!(event[key].is_i64(), "{key} in {event}");
        }
        assert_eq!(event["category_uid"], 3);
        let (class, activity) = (event["class_uid"].as_i64(), event["activity_id"].as_i64());
        assert_eq!(
            event["type_uid"].as_i64(),
            class
                .zip(activity)
                .map(|(class, activity)| class * 100 + activity)
        );
        assert_eq!(event["metadata"]["version"], "1.3.0");
        assert_eq!(event["metadata"]["product"]["vendor_name"], "Portway");
        assert!(event["actor"]["user"]["name"].is_string());
    }
    // Authentication: user, and at least one of service and dst_endpoint.
    assert_eq!(events[0]["class_uid"], 3002);
    assert_eq!(events[0]["activity_id"], 1);
    assert!(events[0]["user"]["name"].is_string() && events[0]["service"]["name"].is_string());
    assert_eq!(events[0]["src_endpoint"]["ip"], "192.0.2.7");
    // Entity Management: entity.
    assert_eq!(events[1]["class_uid"], 3004);
    assert_eq!(
        (&events[1]["status_id"], &events[1]["status"]),
        (&json!(2), &json!("Failure"))
    );
    assert_eq!(events[2]["activity_id"], 4);
    assert_eq!(events[2]["entity"]["uid"], "component:default/a");
    assert_eq!(events[2]["entity"]["type"], "component");
}

on_both_databases!(
    an_export_proves_itself,
    a_filtered_export_is_whole_in_each_part,
    csv_is_safe_for_spreadsheets,
    cef_has_the_published_form,
    ocsf_has_the_published_fields,
);
