//! Tier, objective and error budget of an entity.

use catalog::tier::{Origin, Slo, Tiers, named};
use serde_json::{Value, json};

#[expect(clippy::needless_pass_by_value, reason = "json! makes a value")]
fn entity(metadata: Value) -> Value {
    json!({ "kind": "Component", "metadata": metadata })
}

fn found(tiers: &Tiers, metadata: Value) -> (Option<String>, Option<String>) {
    let standing = tiers.of(&entity(metadata));
    (
        standing
            .tier
            .map(|(tier, from)| format!("{tier} from {from}")),
        standing.slo.map(|(slo, from)| format!("{slo} from {from}")),
    )
}

fn texts(tier: &str, slo: &str) -> (Option<String>, Option<String>) {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    (some(tier), some(slo))
}

#[test]
fn three_tiers_have_three_objectives_and_budgets() {
    let tiers = Tiers::default();
    for (tag, slo, seconds, parts) in [
        ("tier-1", "99.99", 259, [0, 0, 4, 19]),
        ("tier-2", "99.9", 2_592, [0, 0, 43, 12]),
        ("tier-3", "99", 25_920, [0, 7, 12, 0]),
    ] {
        let standing = tiers.of(&entity(json!({ "tags": ["java", tag] })));
        let (objective, from) = standing.slo.expect("an objective");
        assert_eq!(objective.to_string(), slo);
        assert_eq!(from, Origin::Tag(tag.to_owned()));
        assert_eq!(objective.budget_seconds(), seconds);
        assert_eq!(objective.budget_parts(), parts);
    }
}

#[test]
fn the_most_precise_says_it() {
    let tiers = Tiers::default();
    let annotated = json!({
        "tags": ["tier-3"],
        "labels": { "portway.dev/tier": "2" },
        "annotations": { "portway.dev/tier": "tier-1" },
    });
    let annotation = "annotation portway.dev/tier";
    assert_eq!(
        found(&tiers, annotated),
        texts(
            &format!("1 from {annotation}"),
            &format!("99.99 from {annotation}")
        )
    );
    let labelled = json!({ "tags": ["tier-3"], "labels": { "portway.dev/tier": "2" } });
    assert_eq!(
        found(&tiers, labelled),
        texts(
            "2 from label portway.dev/tier",
            "99.9 from label portway.dev/tier"
        )
    );
    let own = json!({ "tags": ["tier-2"], "annotations": { "portway.dev/slo": "99.95%" } });
    assert_eq!(
        found(&tiers, own),
        texts("2 from tag tier-2", "99.95 from annotation portway.dev/slo")
    );
    let several = json!({ "tags": ["tier-3", "tier-1"] });
    assert_eq!(
        found(&tiers, several),
        texts("1 from tag tier-1", "99.99 from tag tier-1")
    );
    assert_eq!(found(&tiers, json!({ "tags": ["tier-9"] })), texts("", ""));
    // What is wrong decides nothing: the tier's own objective holds.
    let wrong = json!({ "tags": ["tier-1"], "annotations": { "portway.dev/slo": "always" } });
    assert_eq!(
        found(&tiers, wrong),
        texts("1 from tag tier-1", "99.99 from tag tier-1")
    );
}

#[test]
fn objectives_are_percentages() {
    for (text, shown) in [
        ("99.95", "99.95"),
        ("99.950 %", "99.95"),
        ("50", "50"),
        ("0.5", "0.5"),
    ] {
        assert_eq!(
            Slo::parse(text).map(|slo| slo.to_string()),
            Some(shown.to_owned())
        );
    }
    for wrong in [
        "",
        "100",
        "0",
        "-1",
        "99,9",
        "1e2",
        "99.9999999",
        "NaN",
        "100.1",
        "%",
    ] {
        assert_eq!(Slo::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn tiers_can_be_configured() {
    let tiers =
        Tiers::from_config(&json!({ "silver": { "slo": 99.5 }, "Gold": { "slo": "99.95" } }))
            .expect("tiers");
    let names: Vec<_> = tiers.all().iter().map(|tier| tier.name.as_str()).collect();
    assert_eq!(names, ["gold", "silver"], "the strictest first");
    assert_eq!(
        found(&tiers, json!({ "tags": ["tier-gold"] })),
        texts("gold from tag tier-gold", "99.95 from tag tier-gold")
    );
    assert_eq!(found(&tiers, json!({ "tags": ["tier-1"] })), texts("", ""));
    assert_eq!(Tiers::from_config(&Value::Null), Ok(Tiers::default()));
    for wrong in [
        json!({}),
        json!([]),
        json!({ "1": 99 }),
        json!({ "1": { "slo": 100 } }),
        json!({ "a b": { "slo": 99 } }),
    ] {
        assert!(Tiers::from_config(&wrong).is_err(), "{wrong}");
    }
}

#[test]
fn the_name_alone_needs_no_configuration() {
    let name = |metadata| named(&entity(metadata));
    assert_eq!(
        name(json!({ "tags": ["tier-gold"] })).as_deref(),
        Some("gold")
    );
    assert_eq!(
        name(json!({ "labels": { "portway.dev/tier": "2" } })).as_deref(),
        Some("2")
    );
    assert_eq!(name(json!({ "tags": ["java"] })), None);
}
