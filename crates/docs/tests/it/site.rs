//! mkdocs.yml, the navigation, and what a folder without one is.

use docs::{NavItem, Site};

use crate::world::{site, site_at};

/// The navigation as indented lines.
fn lines(site: &Site) -> Vec<String> {
    fn walk(items: &[NavItem], depth: usize, lines: &mut Vec<String>) {
        let pad = "  ".repeat(depth);
        for item in items {
            match item {
                NavItem::Page {
                    title,
                    key,
                    missing,
                } => {
                    let sign = if *missing { " (missing)" } else { "" };
                    lines.push(format!("{pad}{title}: {key}{sign}"));
                }
                NavItem::Link { title, href } => lines.push(format!("{pad}{title} -> {href}")),
                NavItem::Section { title, items } => {
                    lines.push(format!("{pad}{title}"));
                    walk(items, depth + 1, lines);
                }
            }
        }
    }
    let mut found = Vec::new();
    walk(&site.nav, 0, &mut found);
    found
}

fn codes(site: &Site) -> Vec<(&str, u32, u32)> {
    site.problems
        .iter()
        .map(|problem| (problem.code, problem.line, problem.column))
        .collect()
}

#[tokio::test]
async fn a_navigation_with_sections_links_and_missing_pages() {
    let site = site(&[
        ("mkdocs.yml", "site_name: Shop\nsite_description: All of it\nnav:\n  - index.md\n  - Guide:\n      - Set up: guide/setup.md\n      - guide/other.md\n      - Deep:\n          - Deeper: deep.md\n  - Elsewhere: https://acme.example\n  - Gone: gone.md\nplugins: [techdocs-core, {search: {lang: ko}}, macros]\nhooks: [x.py]\nINHERIT: ../base.yml\n"),
        ("docs/index.md", "# Welcome\n"),
        ("docs/guide/setup.md", "# Something else\n"),
        ("docs/guide/other.md", "no title\n"),
        ("docs/deep.md", ""),
        ("docs/extra.md", "# Extra\n"),
    ])
    .await
    .expect("a site");
    assert_eq!(
        (site.name.as_str(), site.description.as_deref()),
        ("Shop", Some("All of it"))
    );
    assert_eq!(
        lines(&site),
        [
            "Welcome: index.md",
            "Guide",
            "  Set up: guide/setup.md",
            "  Other: guide/other.md",
            "  Deep",
            "    Deeper: deep.md",
            "Elsewhere -> https://acme.example",
            "Gone: gone.md (missing)",
        ]
    );
    assert_eq!(
        site.order,
        ["index.md", "guide/setup.md", "guide/other.md", "deep.md"]
    );
    assert_eq!(
        codes(&site),
        [
            ("docs-nav-missing", 11, 11),
            ("docs-plugin", 12, 48),
            ("docs-key", 13, 1),
            ("docs-key", 14, 1),
            ("docs-unlisted", 0, 0),
        ]
    );
    assert_eq!(
        site.around("guide/setup.md"),
        (Some("index.md"), Some("guide/other.md"))
    );
    assert_eq!(site.sections_of("deep.md"), ["Guide", "Deep"]);
    for form in [
        "guide/setup/",
        "guide/setup",
        "guide/setup.md",
        "guide/setup.html",
        "guide/setup/index.html",
    ] {
        assert_eq!(site.at(form), Some("guide/setup.md"), "{form}");
    }
    assert_eq!(site.at(""), Some("index.md"));
    assert_eq!(site.at("guide/nothing"), None);
}

#[tokio::test]
async fn without_a_navigation_the_folder_is_one_in_the_order_of_mkdocs() {
    let site = site(&[
        ("mkdocs.yaml", "site_name: First\n"),
        ("mkdocs.yml", "site_name: Second\n"),
        ("docs/index.md", "text\n"),
        ("docs/b.md", ""),
        ("docs/a-b_c.md", ""),
        ("docs/zeta/page.md", "---\ntitle: \"Front\"\n---\n# Head\n"),
        ("docs/alpha-one/README.md", "# Alpha\n"),
        ("docs/alpha-one/Zed.md", ""),
        ("docs/alpha-one/sub/x.md", ""),
        ("docs/.hidden/no.md", ""),
        ("docs/README.md", "# not shown\n"),
    ])
    .await
    .expect("a site");
    assert_eq!(site.name, "First");
    assert_eq!(
        lines(&site),
        [
            "Home: index.md",
            "A b c: a-b_c.md",
            "B: b.md",
            "Alpha one",
            "  Alpha: alpha-one/README.md",
            "  Zed: alpha-one/Zed.md",
            "  Sub",
            "    X: alpha-one/sub/x.md",
            "Zeta",
            "  Front: zeta/page.md",
        ]
    );
    assert_eq!(site.pages["alpha-one/README.md"].url, "alpha-one/");
}

#[tokio::test]
async fn a_readme_stands_in_for_the_first_page() {
    let only = site(&[("README.md", "# The shop\n")])
        .await
        .expect("a site");
    assert_eq!(
        (only.name.as_str(), only.home()),
        ("shop", Some("index.md"))
    );
    assert_eq!(only.pages["index.md"].file, "README.md");
    let within = site(&[("docs/readme.md", "# Inner\n"), ("README.md", "# Outer\n")])
        .await
        .expect("a site");
    assert_eq!(within.pages["readme.md"].title, "Inner");
    assert_eq!(within.home(), Some("readme.md"));
}

#[tokio::test]
async fn what_is_missing_is_said_with_what_to_add() {
    let nothing = site(&[("src/main.rs", "")]).await.expect_err("no site");
    assert_eq!(nothing[0].code, "docs-empty");
    assert!(
        nothing[0]
            .fix
            .as_deref()
            .is_some_and(|fix| fix.contains("mkdocs.yml"))
    );
    let empty = site(&[("mkdocs.yml", "site_name: x\n")])
        .await
        .expect_err("no site");
    assert!(empty[0].message.contains("`docs`"), "{:?}", empty[0]);
    let broken = site(&[
        ("mkdocs.yml", "site_name: x\nnav: [a\n"),
        ("docs/index.md", ""),
    ])
    .await
    .expect_err("no site");
    assert!(
        broken[0].line >= 2
            && broken[0]
                .file
                .as_deref()
                .is_some_and(|file| file.ends_with("mkdocs.yml")),
        "{:?}",
        broken[0]
    );
    let list = site(&[("mkdocs.yml", "- a\n"), ("docs/index.md", "")])
        .await
        .expect_err("no site");
    assert_eq!((list[0].code, list[0].line), ("docs-config", 1));
    let wrong = site(&[
        ("mkdocs.yml", "site_name: [a]\nnav: {a: b}\n"),
        ("docs/index.md", ""),
    ])
    .await
    .expect("a site");
    assert_eq!(codes(&wrong), [("docs-config", 1, 12), ("docs-nav", 2, 6)]);
}

#[tokio::test]
async fn nothing_outside_of_the_folder_is_read() {
    for folder in ["/etc", "../../etc/", "..", "a/../../b", "C:\\\\x"] {
        let problems = site(&[
            (
                "mkdocs.yml",
                &format!("site_name: x\ndocs_dir: \"{folder}\"\n"),
            ),
            ("docs/index.md", ""),
        ])
        .await
        .expect_err(folder);
        assert_eq!(
            (problems[0].code, problems[0].line, problems[0].column),
            ("docs-dir", 2, 11),
            "{folder}"
        );
    }
    // A link that leads out is not there; one that stays is.
    let outer = tempfile::tempdir().expect("a folder");
    let root = outer.path().join("site");
    std::fs::create_dir_all(root.join("docs")).expect("made");
    std::fs::write(outer.path().join("secret.md"), "# secret\n").expect("written");
    std::fs::write(root.join("docs/index.md"), "# in\n").expect("written");
    std::os::unix::fs::symlink(outer.path().join("secret.md"), root.join("docs/out.md"))
        .expect("linked");
    std::os::unix::fs::symlink(outer.path(), root.join("docs/outer")).expect("linked");
    std::os::unix::fs::symlink(root.join("docs/index.md"), root.join("docs/same.md"))
        .expect("linked");
    let site = site_at(&root).await.expect("a site");
    assert_eq!(
        site.pages.keys().collect::<Vec<_>>(),
        ["index.md", "same.md"]
    );
}

#[tokio::test]
async fn tags_of_python_and_of_the_environment_are_text() {
    let site = site(&[
        ("mkdocs.yml", "site_name: !ENV [SITE_NAME, 'A default']\nsite_description: !ENV HOME\nmarkdown_extensions:\n  - pymdownx.emoji:\n      emoji_index: !!python/name:materialx.emoji.twemoji\n"),
        ("docs/index.md", ""),
    ])
    .await
    .expect("a site");
    assert_eq!((site.name.as_str(), site.description), ("A default", None));
}

#[tokio::test]
async fn pages_can_be_left_out_moved_and_taken_in_from_other_sites() {
    let site = site(&[
        ("mkdocs.yml", "site_name: Platform\nexclude_docs: |\n  drafts/\n  *.tmp.md\n  !keep.tmp.md\nnot_in_nav: /quiet.md\nnav:\n  - Home: index.md\n  - Payments: '!include ./payments/mkdocs.yml'\n  - Lost: '!include ./lost/mkdocs.yml'\nplugins:\n  - redirects: {redirect_maps: {old.md: index.md}}\n"),
        ("docs/index.md", ""),
        ("docs/quiet.md", ""),
        ("docs/drafts/one.md", ""),
        ("docs/a.tmp.md", ""),
        ("docs/keep.tmp.md", ""),
        ("payments/mkdocs.yml", "site_name: payments\nnav:\n  - Start: index.md\n"),
        ("payments/docs/index.md", "# Pay\n"),
    ])
    .await
    .expect("a site");
    assert_eq!(
        site.pages.keys().collect::<Vec<_>>(),
        ["index.md", "keep.tmp.md", "payments/index.md", "quiet.md"]
    );
    assert_eq!(
        lines(&site),
        ["Home: index.md", "Payments", "  Start: payments/index.md"]
    );
    assert_eq!(site.redirects["old/"], "index.md");
    let found = codes(&site);
    assert!(
        found
            .iter()
            .any(|found| found.0 == "docs-include" && found.1 == 10),
        "{found:?}"
    );
    let unlisted: Vec<&str> = site
        .problems
        .iter()
        .filter(|problem| problem.code == "docs-unlisted")
        .map(|problem| problem.message.as_str())
        .collect();
    assert_eq!(unlisted.len(), 1, "{unlisted:?}");
}
