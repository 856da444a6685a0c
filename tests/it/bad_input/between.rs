//! Entities that are each fine and do not fit together.

use serde_json::Value;

use crate::program::{component, folder, run};
use crate::server::Server;

fn group(name: &str, parent: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: {name}\nspec:\n  type: team\n  children: []\n  \
         parent: {parent}\n"
    )
}

/// Name and short content of a file.
type File = (&'static str, &'static str);

/// Name, files, and all that `portway validate` prints.
const CASES: &[(&str, &[File], &str)] = &[
    (
        "an owner that is nobody",
        &[("a.yaml", "x owner: team-b"), ("b.yaml", "group team-a root")],
        "a.yaml:8:10: warning[dangling-reference]: group:default/team-b is in none of the validated files
  fix: add the entity, or leave this as it is when it lives in another repository
",
    ),
    (
        "an owner whose name has a space",
        &[("a.yaml", "x owner: Team A"), ("b.yaml", "group team-a root")],
        "a.yaml:8:10: warning[dangling-reference]: group:default/team a is in none of the validated files
  fix: write group:default/team-a if that is what you mean
",
    ),
    (
        "a reference with three colons",
        &[("a.yaml", "x owner: team-a\n  dependsOn: ['a:b:c']"), ("b.yaml", "group team-a root")],
        "a.yaml:9:15: warning[dangling-reference]: a:default/b:c is in none of the validated files
  fix: add the entity, or leave this as it is when it lives in another repository
",
    ),
    (
        "an underline that is a dash",
        &[("a.yaml", "x owner: team_a"), ("b.yaml", "group team-a root")],
        "a.yaml:8:10: warning[dangling-reference]: group:default/team_a is in none of the validated files
  fix: write group:default/team-a if that is what you mean
",
    ),
    (
        "the same entity in two files",
        &[("a.yaml", "x owner: team-a"), ("b.yaml", "x owner: team-a"), ("c.yaml", "group team-a root")],
        "b.yaml:4:9: error[duplicate-entity]: component:default/x is written twice; the other one is at a.yaml:4:9
  accepted: each kind, namespace and name once
  fix: remove one of the two, or give it another name or namespace
",
    ),
    (
        "names that differ in letter case only",
        &[("a.yaml", "x owner: team-a"), ("b.yaml", "X owner: team-a"), ("c.yaml", "group team-a root")],
        "b.yaml:4:9: error[duplicate-entity]: component:default/x is written twice; the other one is at a.yaml:4:9
  accepted: each kind, namespace and name once
  fix: remove one of the two, or give it another name or namespace
",
    ),
    (
        "a group that is its own parent",
        &[("a.yaml", "group a a"), ("b.yaml", "group root root2"), ("c.yaml", "group root2 a")],
        "a.yaml:8:11: error[group-circle]: groups contain themselves: group:default/a → group:default/a
  accepted: parents that end at a group without a parent
  fix: remove `parent` from one of these groups
",
    ),
    (
        "a circle of three groups",
        &[("a.yaml", "group a b"), ("b.yaml", "group b c"), ("c.yaml", "group c a")],
        "a.yaml:8:11: error[group-circle]: groups contain themselves: group:default/a → group:default/b → group:default/c → group:default/a
  accepted: parents that end at a group without a parent
  fix: remove `parent` from one of these groups
",
    ),
];

/// `NAME owner: …` is a component, `group NAME PARENT` a group; a group whose
/// parent is `root` has none.
fn document(short: &str) -> String {
    if let Some(rest) = short.strip_prefix("group ") {
        let (name, parent) = rest.split_once(' ').unwrap();
        return group(name, parent).replace("  parent: root\n", "");
    }
    let (name, owner) = short.split_once(' ').unwrap();
    component(name).replace("owner: team-a", owner)
}

#[test]
fn validate_looks_at_all_files_together() {
    for (name, files, expected) in CASES {
        let written: Vec<(&str, String)> = files
            .iter()
            .map(|(file, short)| (*file, document(short)))
            .collect();
        let written: Vec<(&str, &str)> = written
            .iter()
            .map(|(file, text)| (*file, text.as_str()))
            .collect();
        let ran = run(folder(&written).path(), &["validate"]);
        assert_eq!(ran.out, *expected, "{name}: {}", ran.err);
    }
}

#[test]
fn the_server_keeps_what_it_had_first_and_names_both_places() {
    let (one, team) = (component("x"), group("team-a", "team-b"));
    let files = folder(&[
        ("a.yaml", &one),
        ("b.yaml", &one.replace("service", "website")),
        (
            "groups.yaml",
            &format!("{team}---\n{}", group("team-b", "team-a")),
        ),
    ]);
    let server = Server::start(files.path(), &["a.yaml", "b.yaml", "groups.yaml"]);
    server.settled();
    let root = std::fs::canonicalize(files.path()).unwrap();
    let (a, b) = (root.join("a.yaml"), root.join("b.yaml"));
    let kept = server.json("/api/catalog/entities/by-name/component/default/x");
    let origin = kept["metadata"]["annotations"]["backstage.io/managed-by-location"]
        .as_str()
        .unwrap();
    // The two are read side by side; whichever came first keeps the name.
    let (winner, loser, kind) = if origin == format!("file:{}", a.display()) {
        (a, b, "service")
    } else {
        (b, a, "website")
    };
    assert_eq!(kept["spec"]["type"], kind);
    let problems = server.json("/api/v1/catalog/problems");
    let conflict = &problems["conflicts"][0];
    assert_eq!(
        problems["conflicts"].as_array().unwrap().len(),
        1,
        "{problems}"
    );
    assert_eq!(conflict["ref"], "component:default/x");
    assert_eq!(conflict["location"], format!("file:{}", loser.display()));
    assert_eq!(
        conflict["winnerLocation"],
        format!("file:{}", winner.display())
    );
    let said: Vec<&Value> = problems["items"].as_array().unwrap().iter().collect();
    let about = said.iter().find(|item| item["code"] == "conflict").unwrap();
    assert_eq!(
        about["message"],
        format!(
            "Detected conflicting entityRef component:default/x already referenced by file:{} and now also file:{}",
            winner.display(),
            loser.display()
        )
    );
    assert_eq!(
        about["fix"],
        format!(
            "rename one of the two, give it another namespace, or remove it from {}",
            loser.display()
        )
    );
    // Nobody who asks for owners may run in circles.
    let impact = server.json("/api/v1/catalog/owner?ref=component:default/x");
    assert!(impact.is_object(), "{impact}");
    let page = server.ask("GET", "/catalog/default/group/team-a/relations", b"");
    assert_eq!(page.status, 200, "{}", page.text());
}

#[test]
fn two_sources_with_the_same_entities_do_not_fail_each_other() {
    let many: Vec<String> = (0..300).map(|at| component(&format!("c{at}"))).collect();
    let many = many.join("---\n");
    let files = folder(&[
        ("a/all.yaml", &many),
        ("b/all.yaml", &many),
        ("c/all.yaml", &many),
    ]);
    let server = Server::start(files.path(), &["a", "b", "c"]);
    server.settled();
    let page = server.json("/api/catalog/entities/by-query?limit=0&filter=kind=component");
    assert_eq!(page["totalItems"], 300);
    let log = server.log();
    assert!(
        !log.contains("UNIQUE constraint") && !log.contains("failed (attempt"),
        "{log}"
    );
}

#[test]
fn ten_thousand_documents_in_one_file_are_all_read() {
    let faulty = |at: usize| at % 1000 == 999;
    let mut text = String::new();
    for at in 0..10_000 {
        let name = if faulty(at) {
            format!("not a name {at}")
        } else {
            format!("c{at}")
        };
        text.push_str(&component(&name));
        text.push_str("---\n");
    }
    let files = folder(&[("all.yaml", &text)]);
    let ran = run(files.path(), &["validate", "all.yaml"]);
    assert_eq!(
        (ran.code, ran.said().as_str()),
        (Some(1), "1 file, 9990 entities: 10 errors, 0 warnings\n")
    );
    assert!(
        ran.out
            .starts_with("all.yaml:8995:9: error[invalid-name]: \"metadata.name\" is not valid;"),
        "{}",
        ran.out.lines().next().unwrap_or_default()
    );
}

#[test]
fn links_that_run_scripts_are_text_and_not_links() {
    let text = component("x").replace(
        "spec:",
        "  links:\n    - url: javascript:alert(1)\n      title: Click me\n    - url: data:text/html,x\n      title: Me too\nspec:",
    );
    let files = folder(&[("x.yaml", &text)]);
    let server = Server::start(files.path(), &["x.yaml"]);
    server.settled();
    let page = server
        .ask("GET", "/catalog/default/component/x", b"")
        .text();
    assert!(page.contains("Click me"), "{page}");
    for start in ["href=\"javascript:", "href=\"data:", "src=\"javascript:"] {
        assert!(!page.contains(start), "{start}: {page}");
    }
}
