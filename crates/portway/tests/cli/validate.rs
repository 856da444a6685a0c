//! `portway validate`.

use serde_json::json;

use crate::program::{Program, shared};

const GOOD: &str = "apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: pay-api
spec:
  type: service
  lifecycle: production
  owner: team-pay
";
const TEAM: &str = "apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: team-pay
spec:
  type: team
  children: []
";

fn changed(from: &str, to: &str) -> String {
    assert!(GOOD.contains(from));
    GOOD.replace(from, to)
}

#[test]
fn valid_files_say_little() {
    let ran = Program::new(&[("catalog-info.yaml", GOOD), ("org.yaml", TEAM)]).run(&["validate"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "2 files, 2 entities: 0 errors, 0 warnings\n");
    let quiet =
        Program::new(&[("catalog-info.yaml", GOOD)]).run(&["validate", "-q", "catalog-info.yaml"]);
    assert_eq!(
        (quiet.code, quiet.out.as_str(), quiet.err.as_str()),
        (0, "", "")
    );
}

#[test]
fn all_errors_come_with_their_places() {
    let broken = format!(
        "{}---\nkind: [\n---\n{}",
        changed("pay-api", "pay api"),
        changed("  owner: team-pay\n", "")
    );
    let ran = Program::new(&[("a.yaml", &broken)]).run(&["validate", "a.yaml"]);
    assert_eq!(ran.code, 1);
    let places: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.starts_with("a.yaml:"))
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert!(places.contains(&"a.yaml:4:9:"), "{}", ran.out);
    assert!(places.contains(&"a.yaml:10:7:"), "{}", ran.out);
    assert!(ran.out.contains("owner"), "{}", ran.out);
    assert!(ran.err.contains("1 file, "), "{}", ran.err);
}

#[test]
fn folders_leave_alone_what_is_no_entity() {
    let ran = Program::new(&[
        ("a/catalog-info.yaml", GOOD),
        (
            "a/deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\n",
        ),
        ("a/values.yml", "replicas: 3\n"),
        (
            "skeleton/catalog-info.yaml",
            &changed("pay-api", "${{ values.name }}"),
        ),
        (
            "skeleton/mkdocs.yml",
            "site_name: {{ name }}\n{% if docs %}\nx: 1\n{% endif %}\n",
        ),
        ("node_modules/x/catalog-info.yaml", "kind: ["),
        (".git/x.yaml", "kind: ["),
        ("target/x.yaml", "kind: ["),
    ])
    .run(&["validate", "--no-references"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "5 files, 1 entity: 0 errors, 0 warnings\n");
}

#[test]
fn a_named_file_has_to_hold_entities() {
    let ran = Program::new(&[("x.yaml", "replicas: 3\n")]).run(&["validate", "x.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("x.yaml:1:1: error["), "{}", ran.out);
    let none = Program::new(&[]).run(&["validate", "none.yaml"]);
    assert_eq!(none.code, 1);
    assert!(
        none.err
            .starts_with("error: none.yaml cannot be read\ncause: No such file"),
        "{}",
        none.err
    );
}

#[test]
fn standard_input_is_a_file() {
    let program = Program::new(&[]);
    assert_eq!(program.run_with_input(&["validate", "-"], GOOD).code, 0);
    let ran = program.run_with_input(&["validate", "-"], &changed("type: service", "type: 7"));
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("<stdin>:6:9: error["), "{}", ran.out);
}

#[test]
fn references_between_files_are_checked() {
    let program = Program::new(&[
        ("a.yaml", &changed("team-pay", "team-pays")),
        ("b.yaml", TEAM),
    ]);
    let ran = program.run(&["validate"]);
    assert_eq!(ran.code, 0);
    assert_eq!(
        ran.out,
        "a.yaml:8:10: warning[dangling-reference]: group:default/team-pays is in none of the validated files\n  \
         fix: write group:default/team-pay if that is what you mean\n"
    );
    assert_eq!(program.run(&["validate", "--exit-code"]).code, 10);
    assert_eq!(
        program
            .run(&["validate", "--exit-code", "--no-references"])
            .code,
        0
    );
    // One file cannot hold the whole catalog.
    assert_eq!(program.run(&["validate", "--exit-code", "a.yaml"]).code, 0);
}

#[test]
fn two_entities_with_one_name_are_an_error() {
    let ran = Program::new(&[
        ("a.yaml", GOOD),
        ("b.yaml", &changed("pay-api", "Pay-API")),
        ("c.yaml", TEAM),
    ])
    .run(&["validate"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.starts_with("b.yaml:4:9: error[duplicate-entity]: component:default/pay-api is written twice; the other one is at a.yaml:4:9\n"),
        "{}",
        ran.out
    );
}

#[test]
fn groups_cannot_contain_themselves() {
    let group = |name: &str, parent: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: {name}\nspec:\n  type: team\n  children: []\n  parent: {parent}\n---\n"
        )
    };
    let text = [
        group("a", "b"),
        group("b", "c"),
        group("c", "a"),
        group("d", "a"),
        group("e", "e"),
    ]
    .concat();
    let ran = Program::new(&[("org.yaml", &text), ("x.yaml", TEAM)]).run(&["validate"]);
    let circles: Vec<&str> = ran
        .out
        .lines()
        .filter(|line| line.contains("group-circle"))
        .collect();
    assert_eq!(
        circles,
        [
            "org.yaml:8:11: error[group-circle]: groups contain themselves: group:default/a → group:default/b → group:default/c → group:default/a",
            "org.yaml:44:11: error[group-circle]: groups contain themselves: group:default/e → group:default/e",
        ]
    );
}

#[test]
fn substitutions_and_locations_are_followed() {
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {name: pay}\nspec:\n  type: openapi\n  lifecycle: production\n  owner: team-pay\n  definition:\n    $text: ./pay.json\n";
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: all}\nspec:\n  targets: [./api/pay.yaml, ./gone.yaml, 'https://example.com/x.yaml']\n";
    let program = Program::new(&[
        ("all.yaml", location),
        ("api/pay.yaml", api),
        ("api/pay.json", "{}"),
    ]);
    let ran = program.run(&["validate", "all.yaml", "-o", "json"]);
    assert_eq!(ran.code, 1);
    let found = ran.json();
    let gone = &found["items"][0];
    assert_eq!(
        (&gone["file"], &gone["line"], &gone["column"]),
        (&json!("all.yaml"), &json!(5), &json!(29)),
        "{gone}"
    );
    assert_eq!(
        found["meta"],
        json!({"files": 3, "entities": 2, "errors": 1, "warnings": 1})
    );
    let program = Program::new(&[("pay.yaml", api)]);
    let ran = program.run(&["validate", "pay.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.starts_with(
            "pay.yaml:9:12: error[not-found]: Placeholder $text could not read location file:"
        ),
        "{}",
        ran.out
    );
}

/// As a server: each path is a source with a tree of its own.
#[test]
fn nothing_outside_of_the_tree_is_read() {
    let location = |target: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {{name: all}}\nspec:\n  target: {target}\n"
        )
    };
    let program = Program::new(&[
        ("secret.yaml", "secret: [\n"),
        ("tree/climbs.yaml", &location("../secret.yaml")),
        ("tree/file-url.yaml", &location("file:///etc/hostname")),
        ("tree/script.yaml", &location("javascript:alert(1)")),
        ("tree/web.yaml", &location("https://example.com/x.yaml")),
        ("repo/.git/HEAD", "ref: refs/heads/main\n"),
        ("repo/below/up.yaml", &location("../team.yaml")),
        ("repo/team.yaml", TEAM),
    ]);
    let ran = program.run(&["validate", "--no-references", "tree"]);
    assert_eq!(ran.code, 1);
    let places: Vec<String> = ran
        .out
        .lines()
        .filter_map(|line| line.split_once("]: ").map(|(place, _)| place.to_owned()))
        .filter(|place| place.starts_with("tree/") && !place.contains("duplicate-entity"))
        .collect();
    assert_eq!(
        places,
        [
            "tree/climbs.yaml:5:11: error[outside-tree",
            "tree/file-url.yaml:5:11: error[file-url",
            "tree/script.yaml:5:11: error[bad-location",
        ],
        "{}",
        ran.out
    );
    assert!(!ran.out.contains("yaml-syntax"), "{}", ran.out);
    // A Git work tree is one tree, wherever in it a file lies.
    let ran = program.run(&["validate", "repo/below/up.yaml"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{}", ran.out);
    assert_eq!(ran.err, "2 files, 2 entities: 0 errors, 0 warnings\n");
}

#[test]
fn places_are_shown_as_they_were_typed() {
    let broken = changed("pay-api", "pay api");
    let program = Program::new(&[("a/b/x.yaml", &broken)]);
    for (typed, shown) in [
        ("a", "a/b/x.yaml:4:9:"),
        ("./a/b", "a/b/x.yaml:4:9:"),
        ("a/../a/b/x.yaml", "a/../a/b/x.yaml:4:9:"),
        (".", "a/b/x.yaml:4:9:"),
    ] {
        let ran = program.run(&["validate", typed]);
        assert!(ran.out.starts_with(shown), "{typed}: {}", ran.out);
    }
}

#[test]
fn programs_get_diagnostics() {
    let program = Program::new(&[("a.yaml", &changed("pay-api", "pay api"))]);
    let found = program.run(&["validate", "a.yaml", "-o", "json"]).json();
    assert_eq!(
        (&found["apiVersion"], &found["kind"]),
        (&json!("portway.dev/v1"), &json!("DiagnosticList"))
    );
    let first = &found["items"][0];
    assert_eq!(
        (&first["file"], &first["line"], &first["column"]),
        (&json!("a.yaml"), &json!(4), &json!(9))
    );
    assert_eq!(first["severity"], "error");
    let lines = program.run(&["validate", "a.yaml", "-o", "jsonl"]).out;
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(lines.lines().next().unwrap()).unwrap(),
        *first
    );
    let csv = program
        .run(&["validate", "a.yaml", "-o", "csv", "--no-headers"])
        .out;
    assert!(csv.starts_with("error,"), "{csv}");
}

#[test]
fn kinds_of_the_configuration_are_accepted() {
    let config = "catalog:\n  kinds:\n    - kind: Robot\n      apiVersions: [acme.io/v1]\n      schema: {type: object}\n";
    let robot = "apiVersion: acme.io/v1\nkind: Robot\nmetadata: {name: r2}\nspec: {}\n";
    let program = Program::new(&[("app-config.yaml", config), ("robot.yaml", robot)]);
    assert_eq!(program.run(&["validate", "robot.yaml"]).code, 1);
    let ran = program.run(&["validate", "robot.yaml", "--config", "app-config.yaml"]);
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (0, "1 file, 1 entity: 0 errors, 0 warnings\n"),
        "{}",
        ran.out
    );
    let broken = Program::new(&[("app-config.yaml", "catalog: {kinds: [{kind: Robot}]}")]);
    let ran = broken.run(&["validate", "--config", "app-config.yaml"]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.err.starts_with(
            "error: app-config.yaml:1:19: catalog.kinds[0] describes no kind\ncause: "
        ),
        "{}",
        ran.err
    );
}

#[test]
fn korean_messages_carry_the_same_findings() {
    let ran = Program::new(&[("a.yaml", &changed("pay-api", "결제"))])
        .run(&["validate", "a.yaml", "--lang", "ko"]);
    assert_eq!(ran.code, 1);
    assert!(ran.out.starts_with("a.yaml:4:9: error["), "{}", ran.out);
    assert_eq!(ran.err, "파일 1개, 엔티티 0개: 오류 1개, 경고 0개\n");
}

#[test]
fn the_seeds_files_lack_only_the_files_that_they_substitute() {
    let Some(folder) = shared("seed-cases/catalog") else {
        return;
    };
    let found = Program::new(&[])
        .run(&[
            "validate",
            "--no-references",
            folder.to_str().unwrap(),
            "-o",
            "json",
        ])
        .json();
    assert_eq!(found["meta"]["entities"], 7);
    for finding in found["items"].as_array().unwrap() {
        assert_eq!(finding["code"], "not-found", "{finding}");
    }
}

#[test]
fn hooks_for_pre_commit_run_this_command() {
    let hooks = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../.pre-commit-hooks.yaml"
    ))
    .unwrap();
    assert!(hooks.contains("entry: portway validate"), "{hooks}");
}
