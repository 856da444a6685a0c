//! Whoever may write documentation may not stop the server with it: what
//! multiplies has a total, and what is long is not gone through twice.
//!
//! None of these tests measures time: before the bounds, each of them took
//! hours or more memory than there is.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use docs::{Docs, Publish, Rendered, Site, outline, render};
use jiff::Timestamp;
use platform::Clock;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::world::{World, site};

/// What one page may become: its bound, and one line more.
const MAX_PREPARED: usize = 5 * 1024 * 1024;

fn loaded(files: &[(&str, &str)]) -> Site {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    runtime.block_on(site(files)).expect("a site")
}

fn first_page(files: &[(&str, &str)]) -> Rendered {
    outline(&loaded(files), "index.md", "")
}

#[test]
fn indentation_and_long_lines_of_snippets_do_not_multiply() {
    let lines = "x\n".repeat(10_000);
    let deep = format!("{}--8<-- \"part.txt\"\n", " ".repeat(500_000));
    let page = first_page(&[("docs/index.md", &deep), ("part.txt", &lines)]);
    assert!(page.weight < MAX_PREPARED, "{}", page.weight);

    let long = "y".repeat(1_000_000);
    let many = "--8<-- \"part.txt\"\n".repeat(20_000);
    let page = first_page(&[("docs/index.md", &many), ("part.txt", &long)]);
    assert!(page.weight < MAX_PREPARED, "{}", page.weight);

    // Looked through from end to end for a part that is not there.
    let many = "--8<-- \"part.txt:nowhere\"\n".repeat(20_000);
    let page = first_page(&[("docs/index.md", &many), ("part.txt", &lines.repeat(40))]);
    assert!(page.weight < MAX_PREPARED, "{}", page.weight);
    // A part that is taken in keeps its place in a list.
    let page = first_page(&[
        ("docs/index.md", "- a\n\n    --8<-- \"part.txt\"\n"),
        ("part.txt", "inside\n"),
    ]);
    assert_eq!(page.sections[0].text, "a\ninside");
}

#[test]
fn sites_that_are_taken_in_do_not_multiply() {
    let include = |name: &str| format!("  - {name}: '!include {name}/mkdocs.yml'\n").repeat(30);
    let first = format!("site_name: top\nnav:\n  - index.md\n{}", include("a"));
    let second = format!("site_name: a\nnav:\n{}", include("b"));
    let third = format!("site_name: b\nnav:\n{}", include("c"));
    let fourth = format!("site_name: c\nnav:\n{}", "  - index.md\n".repeat(9_000));
    let site = loaded(&[
        ("mkdocs.yml", &first),
        ("docs/index.md", "# Top\n"),
        ("a/mkdocs.yml", &second),
        ("a/docs/index.md", "# A\n"),
        ("a/b/mkdocs.yml", &third),
        ("a/b/docs/index.md", "# B\n"),
        ("a/b/c/mkdocs.yml", &fourth),
        ("a/b/c/docs/index.md", "# C\n"),
    ]);
    assert!(site.order.len() < 10_000, "{}", site.order.len());
    let again = site.problems.iter().find(|one| one.code == "docs-include");
    let again = again.expect("a problem");
    assert!(again.message.contains("more than once"), "{again}");
    assert!(site.pages["c/index.md"].listed, "once it is there");
}

#[test]
fn headings_with_one_text_get_names_without_trying_all() {
    let page = first_page(&[("docs/index.md", &"# a\n".repeat(50_000))]);
    assert_eq!(page.headings.len(), 50_000);
    let names: Vec<&str> = page.headings.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(names[..3], ["a", "a_1", "a_2"]);
    assert_eq!(names[49_999], "a_49999");

    let mixed = "# a\n\n# a_3\n\n# a\n\n# a\n\n# a\n\n# a_3\n\n# live\n\n# docs-x\n\n# !\n\n# !\n";
    let page = first_page(&[("docs/index.md", mixed)]);
    let names: Vec<&str> = page.headings.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(
        names,
        [
            "a", "a_3", "a_1", "a_2", "a_4", "a_5", "live_1", "doc-x", "_1", "_2"
        ]
    );
    // The largest number has none after it.
    let last = "# a_4294967295\n\n".repeat(3);
    let page = first_page(&[("docs/index.md", &last)]);
    assert_eq!(page.headings[2].id, "a_4294967295_2");
}

#[test]
fn links_that_lead_nowhere_are_compared_with_few_names() {
    let names: Vec<(String, String)> = (0..2_000)
        .map(|at| {
            (
                format!("docs/pages-of-the-site-{at:06}.md"),
                "x\n".to_owned(),
            )
        })
        .collect();
    let dead: String = (0..10_000)
        .map(|at| format!("[x](pages-of-the-city-{at:06}.md) [y](#nowhere-{at})\n\n"))
        .collect();
    let nav: String = (0..9_000)
        .map(|at| format!("  - pages-of-the-city-{at:06}.md\n"))
        .collect();
    let nav = format!("site_name: x\nnav:\n  - index.md\n{nav}");
    let mut files: Vec<(&str, &str)> = names
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    files.push(("docs/index.md", &dead));
    files.push(("mkdocs.yml", &nav));
    let site = loaded(&files);
    assert_eq!(site.problems.len(), 200);
    assert!(
        site.problems[0]
            .fix
            .as_deref()
            .is_some_and(|fix| fix.contains("pages-of-the-site"))
    );
    let page = outline(&site, "index.md", "");
    assert_eq!(page.problems.len(), 50);
    let near = |fix: &str| fix.contains("pages-of-the-site");
    let suggested = page
        .problems
        .iter()
        .filter(|one| one.fix.as_deref().is_some_and(near));
    assert_eq!(suggested.count(), 10);
}

#[test]
fn html_of_a_page_is_gone_through_once() {
    let addresses = "<p><img src='a.png'>\n".repeat(9_000);
    let page = first_page(&[("docs/index.md", &addresses), ("docs/a.png", "x")]);
    assert_eq!(page.problems, []);

    let opened: String = (0..3_000).map(|at| format!("<b id=b{at}>")).collect();
    let html = format!("{opened}\n\n{}", "x\n\n".repeat(3_000));
    let site = loaded(&[("docs/index.md", &html)]);
    let shown = format!("{:?}", render(&site, "index.md", "").parts);
    assert!(shown.len() < 1_000_000, "{}", shown.len());

    let nested = loaded(&[("docs/index.md", &"<div>".repeat(4_000))]);
    assert_eq!(render(&nested, "index.md", "").problems, []);
    let deep = loaded(&[("docs/index.md", &"<div>".repeat(150_000))]);
    let page = render(&deep, "index.md", "");
    assert_eq!(page.problems[0].code, "docs-too-large");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn links_of_a_repository_count_as_what_they_lead_to() {
    let world = World::in_git(&[("docs/index.md", "# Welcome\n")]).await;
    let large = "x\n".repeat(700_000);
    for at in 0..100 {
        let link = world.root().join(format!("docs/large-{at}.md"));
        std::os::unix::fs::symlink("../large.txt", link).expect("a link");
    }
    let linked = world.root().join("docs/other.md");
    std::os::unix::fs::symlink("../NOTES.md", linked).expect("a link");
    let dead = world.root().join("docs/dead.md");
    std::os::unix::fs::symlink("nowhere.md", dead).expect("a link");
    world
        .push(&[("large.txt", &large), ("NOTES.md", "# Notes from above\n")])
        .await;
    let site = world.json("/api/v1/docs/default/component/shop").await;
    let text = site.to_string();
    assert!(
        text.contains("Notes from above"),
        "a link is followed: {text}"
    );
    assert!(text.contains("1400000 bytes"), "{text}");
    assert!(!text.contains("dead.md"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_sites_than_are_kept_are_not_read_anew_each_turn() {
    const SITES: usize = 300;
    let component = |name: &str, place: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  annotations: {{{place}}}\nspec: {{type: service, lifecycle: production, owner: team}}\n"
        )
    };
    let mut entities = vec![component("shop", "")];
    let mut pages = Vec::new();
    for at in 0..SITES {
        let place = format!("backstage.io/techdocs-ref: 'dir:./site-{at}'");
        entities.push(component(&format!("site-{at}"), &place));
        pages.push(format!("site-{at}/docs/index.md"));
    }
    let entities = entities.join("---\n");
    let mut files = vec![("catalog-info.yaml", entities.as_str())];
    files.extend(pages.iter().map(|path| (path.as_str(), "# Welcome\n")));
    let world = World::new(&files).await;

    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    let publish: Publish = Arc::new(move |owner, opened| {
        assert!(opened.is_some(), "{owner} has documentation");
        teller.lock().expect("a list").push(owner.to_string());
    });
    let clock = Clock::manual(Timestamp::UNIX_EPOCH);
    let docs = Docs::new(world.catalog(), &clock, publish);
    let stop = CancellationToken::new();
    let (keeper, token) = (docs.clone(), stop.clone());
    let kept = tokio::spawn(async move { keeper.keep_fresh(token).await });
    let until = async |count: usize| {
        let wait = async {
            while told.lock().expect("a list").len() < count {
                clock.advance(Duration::from_secs(61));
                tokio::task::yield_now().await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(120), wait).await;
        waited.expect("they are read");
    };
    until(SITES).await;
    // Between two changes of one site, each of the others had its turn.
    for text in ["# One change\n", "# And another\n"] {
        world.write(&[("site-7/docs/index.md", text)]);
        let before = told.lock().expect("a list").len();
        until(before + 1).await;
    }
    stop.cancel();
    kept.await.expect("it ends");
    let mut told = told.lock().expect("a list").clone();
    assert_eq!(told.len(), SITES + 2);
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), SITES);
}

/// Pieces that pages and configurations are made of.
fn piece() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "--8<-- \"a.md\"\n",
        "    --8<-- \"docs/b.md:2:9\"\n",
        "--8<-- \"a.md:part\"\n--8<-- [start:part]\n",
        "# a\n",
        "## a {#b_4294967295}\n",
        "!!! note\n    ",
        "??? tip \"x\"\n    ",
        "=== \"A\"\n    ",
        "- ",
        "> ",
        "```\n",
        "[x](b.md) [y](#a_7) [z](nowhere.md) ",
        "![p](p.png)\n",
        "<b id=x><table><td><a href='b.md'><i>",
        "</b></table>\n\n",
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        "*[a]: b\n",
        "{: .x }\n",
        "Term\n:   what\n",
        "[^1] [^1]: x\n",
        "글자 *_**",
        "\t",
        "\n\n",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_site_has_an_end(
        pages in prop::collection::vec((prop::collection::vec(piece(), 0..12), 1..400_usize), 3),
        nav in prop::collection::vec("(  - index\\.md|  - b\\.md|  - X: nowhere\\.md|  - Y: '!include sub/mkdocs\\.yml'|  - Z: '!include mkdocs\\.yml'|  - S:\n      - b\\.md)", 0..12),
        again in 1..60_usize,
    ) {
        let texts: Vec<String> = pages.iter().map(|(pieces, times)| pieces.concat().repeat(*times)).collect();
        let nav = format!("site_name: x\nnav:\n{}\n", (nav.join("\n") + "\n").repeat(again));
        let files = [
            ("mkdocs.yml", nav.as_str()),
            ("sub/mkdocs.yml", nav.as_str()),
            ("docs/index.md", texts[0].as_str()),
            ("docs/b.md", texts[1].as_str()),
            ("sub/docs/b.md", texts[1].as_str()),
            ("a.md", texts[2].as_str()),
        ];
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let Ok(site) = runtime.block_on(site(&files)) else { return Ok(()) };
        prop_assert!(site.problems.len() <= 200 && site.order.len() <= 20_000);
        for key in site.pages.keys() {
            let page = outline(&site, key, "");
            prop_assert!(page.weight < 3 * MAX_PREPARED, "{key}: {}", page.weight);
            prop_assert!(page.problems.len() <= 100, "{key}");
            let mut names: Vec<&str> = page.headings.iter().map(|one| one.id.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            prop_assert_eq!(names.len(), page.headings.len());
        }
    }
}
