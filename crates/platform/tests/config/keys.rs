//! What is said of each key, and the configurations that are given.

use std::path::PathBuf;

use platform::config::{Config, Database, KeyStatus, Sources};

use crate::support::{load, variables};

#[test]
fn every_key_is_read_ignored_with_a_reason_or_unknown() {
    let text = concat!(
        "app:\n  title: T\n  packages: all\n",
        "catalog:\n",
        "  locations:\n    - {type: file, target: a.yaml}\n    - {type: file, taget: b.yaml}\n",
        "  proccessingInterval: {minutes: 1}\n",
        "  processingInterval: {minutes: 1}\n",
        "  providers:\n    github:\n      acme: {organization: acme, schedule: {frequency: {minutes: 30}}}\n",
        "techdocs: {builder: external}\n",
        "readonly: true\n",
        "myPlugin: {a: 1, b: 2}\n",
    );
    let report = load(&[("app-config.yaml", text)], &[]).report();
    let rows: Vec<(String, u32, usize, String)> = report
        .iter()
        .map(|row| {
            let status = match &row.status {
                KeyStatus::Read => "read".to_owned(),
                KeyStatus::Ignored { why } => format!("ignored: {why}"),
                KeyStatus::Unknown { nearest } => format!("unknown, nearest {nearest:?}"),
            };
            (
                row.path.clone(),
                row.origin.line().unwrap(),
                row.values,
                status,
            )
        })
        .collect();
    let later = "ignored: read by a capability that is not part of this version";
    let expected = [
        (
            "app.title",
            2,
            1,
            "ignored: the portal is named by organization.name",
        ),
        (
            "app.packages",
            3,
            1,
            "ignored: the portal is rendered on the server; this configures Backstage's React front end",
        ),
        ("catalog.locations[].type", 6, 2, "read"),
        ("catalog.locations[].target", 6, 1, "read"),
        (
            "catalog.locations[].taget",
            7,
            1,
            "unknown, nearest Some(\"catalog.locations[].target\")",
        ),
        (
            "catalog.proccessingInterval",
            8,
            1,
            "unknown, nearest Some(\"catalog.processingInterval\")",
        ),
        (
            "catalog.processingInterval",
            9,
            1,
            "ignored: sources are read again when they change, and on their own schedule",
        ),
        ("catalog.providers.github.acme.organization", 12, 1, "read"),
        (
            "catalog.providers.github.acme.schedule.frequency",
            12,
            1,
            "read",
        ),
        ("techdocs", 13, 1, later),
        (
            "readonly",
            14,
            1,
            "unknown, nearest Some(\"catalog.readonly\")",
        ),
        ("myPlugin", 15, 2, "unknown, nearest None"),
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|(path, line, values, status)| {
            ((*path).to_owned(), *line, *values, (*status).to_owned())
        })
        .collect();
    assert_eq!(rows, expected);
}

#[test]
fn a_provider_may_stand_without_an_id() {
    let report = load(
        &[(
            "app-config.yaml",
            "catalog: {providers: {github: {organization: acme, filters: {allowForks: true}}}}",
        )],
        &[],
    )
    .report();
    assert!(
        report.iter().all(|row| row.status == KeyStatus::Read),
        "{report:?}"
    );
    assert_eq!(report.len(), 2);
}

#[test]
fn empty_sections_are_no_mistake() {
    let config = load(
        &[(
            "app-config.yaml",
            "catalog: {}\nbackend: {listen: {}}\nauth: {providers: {guest: {}}}\n",
        )],
        &[],
    );
    let rows: Vec<_> = config
        .report()
        .into_iter()
        .map(|row| (row.path, row.status))
        .collect();
    assert_eq!(
        rows,
        [
            ("backend.listen".to_owned(), KeyStatus::Read),
            ("auth.providers.guest".to_owned(), KeyStatus::Read)
        ]
    );
}

/// The configurations that come with the seeds and with Backstage's demo.
#[test]
fn given_configurations_load() {
    let shared = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared");
    let cases = [
        ("seed-cases/config/app-config.yaml", vec![]),
        ("seed-cases/config/github-provider.yaml", vec![]),
        ("seed-cases/config/techdocs-external.yaml", vec![]),
        (
            "conformance/backstage/fixtures/demo/app-config.yaml",
            vec![],
        ),
        (
            "conformance/backstage/fixtures/demo/app-config.heroku.yaml",
            vec![],
        ),
    ];
    for (name, unknown) in cases {
        let file = PathBuf::from(shared).join(name);
        if !file.exists() {
            println!("skipped: {} is absent", file.display());
            continue;
        }
        let config = Config::load(&Sources {
            files: vec![file],
            ..Sources::default()
        })
        .unwrap();
        let found: Vec<String> = config
            .report()
            .into_iter()
            .filter(|row| matches!(row.status, KeyStatus::Unknown { .. }))
            .map(|row| row.path)
            .collect();
        assert_eq!(found, unknown as Vec<String>, "{name}");
    }
}

#[test]
fn the_seed_configuration_reads_postgres_from_the_environment() {
    let file = PathBuf::from(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/seed-cases/config/app-config.yaml"
    ));
    if !file.exists() {
        println!("skipped: {} is absent", file.display());
        return;
    }
    let environment = [
        ("POSTGRES_HOST", "db"),
        ("POSTGRES_PORT", "5432"),
        ("POSTGRES_USER", "portway"),
        ("POSTGRES_PASSWORD", "pw"),
    ];
    let sources = Sources {
        files: vec![file],
        variables: variables(&environment),
        ..Sources::default()
    };
    let config = Config::load(&sources).unwrap();
    assert_eq!(
        config.database().unwrap(),
        Database::Postgres("postgres://portway:pw@db:5432/portway".into())
    );
    let missing: Vec<&str> = config
        .warnings()
        .iter()
        .filter_map(|found| found.fix.as_deref())
        .collect();
    assert_eq!(missing.len(), 3);
    assert!(
        missing[0].starts_with("export GITHUB_TOKEN=…"),
        "{missing:?}"
    );
}
