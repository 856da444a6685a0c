//! What a document may say, and what is said about its mistakes.

use insights::campaigns::plan::{Part, Plan, Reading, Scope};
use jiff::civil::date;
use model::Severity;
use model::check::check_document;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::yaml::{Limits, SourceDocument, parse_documents};
use serde_json::{Value, json};

fn document(spec: &Value) -> Value {
    json!({
        "apiVersion": "portway.dev/v1alpha1",
        "kind": "Campaign",
        "metadata": { "name": "pg11", "title": "PostgreSQL 11" },
        "spec": spec,
    })
}

fn read(spec: &Value) -> Reading {
    let name = EntityRef::parse("campaign:default/pg11", None, None).expect("a ref");
    Plan::read(&name, &document(spec))
}

fn least() -> Value {
    json!({
        "owner": "team-a",
        "starts": "2026-09-01",
        "deadline": "2026-12-15",
        "targets": { "filter": "kind=resource,spec.type=database" },
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut spec = least();
    if let Some(fields) = spec.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
    spec
}

/// Code and place of every finding.
fn findings(spec: &Value) -> Vec<(&'static str, String)> {
    let reading = read(spec);
    let errors = reading
        .problems
        .iter()
        .any(|problem| problem.severity == Severity::Error);
    assert_eq!(reading.plan.is_none(), errors, "{:?}", reading.problems);
    for problem in &reading.problems {
        assert!(
            problem.accepted.is_some() && problem.fix.is_some(),
            "{problem}"
        );
    }
    reading
        .problems
        .into_iter()
        .map(|problem| (problem.code, problem.pointer.unwrap_or_default()))
        .collect()
}

#[test]
fn the_least_that_works() {
    let plan = read(&least()).plan.expect("a plan");
    assert_eq!(plan.title, "PostgreSQL 11");
    assert_eq!(
        plan.owner.expect("an owner").as_str(),
        "group:default/team-a"
    );
    assert_eq!(
        (plan.starts, plan.deadline),
        (date(2026, 9, 1), date(2026, 12, 15))
    );
    assert_eq!(plan.scope, Scope::Open);
    assert_eq!(plan.zone_name, "UTC");
    assert!(plan.done.is_none());
}

#[test]
fn filters_in_three_forms_mean_the_same() {
    let targets = |filter: Value| {
        read(&with("targets", json!({ "filter": filter })))
            .plan
            .expect("a plan")
            .targets
    };
    let text = targets(json!("kind=resource,spec.type=database"));
    assert_eq!(text, targets(json!(["kind=resource,spec.type=database"])));
    let object = targets(json!({ "kind": "resource", "spec.type": "database" }));
    assert_eq!(
        object.to_json(),
        json!({ "$all": [{ "kind": "resource" }, { "spec.type": "database" }] })
    );
}

#[test]
fn days_end_in_the_campaign_s_time_zone() {
    let at = "2026-11-21T15:30:00Z".parse().expect("a time");
    let day = |zone: &str| {
        read(&with("timeZone", json!(zone)))
            .plan
            .expect("a plan")
            .day_of(at)
    };
    assert_eq!(day("UTC"), date(2026, 11, 21));
    assert_eq!(day("+09:00"), date(2026, 11, 22));
    assert_eq!(day("-11:00"), date(2026, 11, 21));
    assert_eq!(day("+08:30"), date(2026, 11, 22));
    assert_eq!(day("+08:29"), date(2026, 11, 21));
    if jiff::tz::TimeZone::get("Asia/Seoul").is_err() {
        println!("skipped: the time zone database of this machine is absent");
        return;
    }
    assert_eq!(day("Asia/Seoul"), date(2026, 11, 22));
    // Clocks went back on the 1st of November 2026: UTC-4 before, UTC-5 after.
    let plan = read(&with("timeZone", json!("America/New_York")))
        .plan
        .expect("a plan");
    let day = |text: &str| plan.day_of(text.parse().expect("a time"));
    assert_eq!(day("2026-11-01T03:59:59Z"), date(2026, 10, 31));
    assert_eq!(day("2026-11-01T04:00:00Z"), date(2026, 11, 1));
    assert_eq!(day("2026-11-02T04:59:59Z"), date(2026, 11, 1));
    assert_eq!(day("2026-11-02T05:00:00Z"), date(2026, 11, 2));
}

#[test]
fn waves_and_exemptions() {
    let mut spec = with(
        "waves",
        json!([
            { "name": "pilot", "deadline": "2026-10-01", "share": 20 },
            { "name": "payments", "deadline": "2026-11-01", "filter": "metadata.labels.tier=1" },
        ]),
    );
    if let Some(fields) = spec.as_object_mut() {
        fields.insert(
            "exemptions".into(),
            json!([{ "ref": "resource:old-db", "until": "2026-12-01", "reason": "switched off soon", "approvedBy": "user:ada" }]),
        );
    }
    let plan = read(&spec).plan.expect("a plan");
    assert!(matches!(plan.waves[0].part, Part::Share(20)));
    assert!(matches!(plan.waves[1].part, Part::Filter(_)));
    assert_eq!(
        plan.exemptions[0].entity_ref.as_str(),
        "resource:default/old-db"
    );
    assert_eq!(plan.exemptions[0].until, Some(date(2026, 12, 1)));
}

#[test]
fn every_mistake_is_named_with_its_place() {
    let cases = [
        (
            with("deadline", json!("2026-08-31")),
            "campaign-dates",
            "/spec/deadline",
        ),
        (
            with("starts", json!("2026-02-30")),
            "campaign-date",
            "/spec/starts",
        ),
        (
            with("starts", json!("soon")),
            "campaign-date",
            "/spec/starts",
        ),
        (
            with("deadline", json!(20261215)),
            "campaign-date",
            "/spec/deadline",
        ),
        (
            with("timeZone", json!("Mars/Olympus")),
            "campaign-time-zone",
            "/spec/timeZone",
        ),
        (
            with("timeZone", json!("+25:00")),
            "campaign-time-zone",
            "/spec/timeZone",
        ),
        (
            with("targets", json!({ "filter": { "kind": { "$like": "x" } } })),
            "campaign-filter",
            "/spec/targets/filter",
        ),
        (
            with("targets", json!({ "filter": "" })),
            "campaign-filter",
            "/spec/targets/filter",
        ),
        (
            with("done", json!({ "filter": [] })),
            "campaign-filter",
            "/spec/done/filter",
        ),
        (
            with("exemptions", json!([{ "ref": "orders-db", "reason": "x" }])),
            "campaign-exemption",
            "/spec/exemptions/0/ref",
        ),
        (
            with(
                "exemptions",
                json!([{ "ref": "resource:a", "reason": " " }]),
            ),
            "campaign-exemption",
            "/spec/exemptions/0/reason",
        ),
        (
            with(
                "exemptions",
                json!([{ "ref": "resource:a", "reason": "x", "until": "never" }]),
            ),
            "campaign-date",
            "/spec/exemptions/0/until",
        ),
        (
            with(
                "waves",
                json!([{ "name": "late", "deadline": "2027-01-01", "share": 10 }]),
            ),
            "campaign-dates",
            "/spec/waves/0/deadline",
        ),
    ];
    for (spec, code, place) in cases {
        assert_eq!(findings(&spec), [(code, place.to_owned())], "{spec}");
    }
}

#[test]
fn anything_at_all_can_be_read() {
    for spec in [
        json!(null),
        json!([]),
        json!("x"),
        json!({ "waves": {}, "exemptions": "x", "targets": [] }),
    ] {
        assert!(read(&spec).plan.is_none(), "{spec}");
    }
    let many: Vec<Value> = (0..60)
        .map(|at| json!({ "name": format!("w{at}"), "deadline": "2026-12-01", "share": 1 }))
        .collect();
    assert_eq!(
        findings(&with("waves", json!(many))),
        [("campaign-too-many", "/spec/waves".to_owned())]
    );
}

fn parsed(text: &str) -> SourceDocument {
    parse_documents("pg11.yaml", text.as_bytes(), &Limits::default())
        .pop()
        .expect("a document")
        .expect("YAML")
}

/// The kind's schema says file, line and column.
#[test]
fn the_schema_names_the_line() {
    let text = "apiVersion: portway.dev/v1alpha1\nkind: Campaign\nmetadata:\n  name: pg11\nspec:\n  owner: team-a\n  starts: 2026-09-01\n  deadline: 2026-02-30\n  targets:\n    filter: kind=resource\n  exemptions:\n    - ref: resource:a\n";
    let kinds = Kinds::builtin();
    let found = check_document(&kinds, "pg11.yaml", &parsed(text)).expect_err("two mistakes");
    let places: Vec<(u32, &str)> = found.iter().map(|found| (found.line, found.code)).collect();
    assert!(places.contains(&(8, "wrong-format")), "{found:?}");
    assert!(places.contains(&(12, "missing-field")), "{found:?}");
    let good = text.replace("02-30", "12-15").replace(
        "    - ref: resource:a\n",
        "    - {ref: \"resource:a\", reason: it is gone soon}\n",
    );
    check_document(&kinds, "pg11.yaml", &parsed(&good)).expect("a campaign");
}
