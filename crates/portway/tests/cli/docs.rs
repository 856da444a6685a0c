//! `portway docs check`.

use serde_json::Value;

use crate::program::Program;

const CONFIG: &str = "site_name: Shop\nnav:\n  - Home: index.md\n  - Gone: gone.md\n";

#[test]
fn a_site_without_faults_says_little() {
    let program = Program::new(&[
        ("mkdocs.yml", "site_name: Shop\n"),
        (
            "docs/index.md",
            "# Shop\n\nSee [set up](guide/setup.md#first).\n",
        ),
        ("docs/guide/setup.md", "# Set up\n\n## First\n"),
    ]);
    let ran = program.run(&["docs", "check"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""));
    assert_eq!(ran.err, "2 pages: 0 errors, 0 warnings\n");
}

#[test]
fn faults_come_with_their_places() {
    let program = Program::new(&[
        ("mkdocs.yml", CONFIG),
        (
            "docs/index.md",
            "# Shop\n\nSee [set up](guide/setpu.md) and [first](guide/setup.md#frist).\n",
        ),
        ("docs/guide/setup.md", "# Set up\n\n## First\n"),
    ]);
    let ran = program.run(&["docs", "check", "."]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    for wanted in [
        "mkdocs.yml:4:11:",
        "docs/index.md:3:5:",
        "perhaps it is guide/setup.md",
        "docs/index.md:3:34:",
        "perhaps it is #first",
        "guide/setup.md is not in `nav`",
    ] {
        assert!(ran.out.contains(wanted), "{wanted} in {}", ran.out);
    }
    let json = program.run(&["docs", "check", "-o", "json"]);
    let body: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(
        (&body["meta"]["errors"], &body["meta"]["pages"]),
        (&1.into(), &2.into())
    );
}

#[test]
fn warnings_count_when_asked_for() {
    let program = Program::new(&[("docs/index.md", "[x](none.md)\n")]);
    assert_eq!(program.run(&["docs", "check"]).code, 0);
    assert_eq!(program.run(&["docs", "check", "--exit-code"]).code, 10);
    let none = program.run(&["docs", "check", "nowhere"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("nowhere is not a folder"), "{}", none.err);
}
