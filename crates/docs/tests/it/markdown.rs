//! What Markdown becomes: one test for each thing that TechDocs understands.

use docs::{Part, Rendered, render};

use crate::world::site;

async fn rendered(text: &str) -> Rendered {
    let site = site(&[
        ("mkdocs.yml", "site_name: Shop"),
        ("docs/index.md", text),
        ("docs/guide/setup.md", "# Set up\n\n## First step\n"),
        ("docs/guide/index.md", "# Guide\n"),
        ("docs/img/plan a.png", "png"),
        (
            "docs/part.txt",
            "# one\n<!-- --8<-- [start:middle] -->\ntwo\n<!-- --8<-- [end:middle] -->\nthree\n",
        ),
    ])
    .await
    .expect("a site");
    render(&site, "index.md", "/docs/default/component/shop")
}

async fn html(text: &str) -> String {
    let rendered = rendered(text).await;
    let mut html = String::new();
    for part in rendered.parts {
        match part {
            Part::Html(part) => html.push_str(&part),
            Part::Code { caption, text, .. } => html.push_str(&format!("[{caption}]{text}[/]")),
        }
    }
    html
}

async fn expect(text: &str, wanted: &[&str]) {
    let html = html(text).await;
    for wanted in wanted {
        assert!(html.contains(wanted), "`{wanted}` in\n{html}");
    }
}

#[tokio::test]
async fn tables_tasks_footnotes_and_definitions() {
    expect(
        "| a | b |\n|---|---|\n| 1 | 2 |\n",
        &[
            "<div class=\"table-wrap\" tabindex=\"0\"><table class=\"table\">",
            "<td>1</td>",
            "</table></div>",
        ],
    )
    .await;
    expect("- [x] done\n- [ ] open\n", &["☑ done", "☐ open"]).await;
    expect(
        "A note[^1].\n\n[^1]: What it says.\n",
        &["footnote-ref", "What it says."],
    )
    .await;
    expect(
        "Term\n:   What it means\n",
        &["<dt>Term</dt>", "What it means"],
    )
    .await;
    expect(
        "~~old~~ ==new== :rocket: https://acme.example\n",
        &[
            "<del>old</del>",
            "<mark>new</mark>",
            "🚀",
            "href=\"https://acme.example\"",
        ],
    )
    .await;
    // A Korean particle follows without a space.
    expect("**굵게**입니다\n", &["<strong>굵게</strong>입니다"]).await;
}

#[tokio::test]
async fn headings_have_names_as_python_markdown_gives_them() {
    let page = rendered("# Top\n\n## Set up: the *shop*!\n\n## Set up: the shop\n\n## 결제 지연\n\n## Named {#own}\n\n## Old form {: #older }\n\n## main\n").await;
    let ids: Vec<&str> = page
        .headings
        .iter()
        .map(|heading| heading.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "top",
            "set-up-the-shop",
            "set-up-the-shop_1",
            "결제-지연",
            "own",
            "older",
            "main_1"
        ]
    );
    expect(
        "## One\n",
        &["<h2 id=\"one\">", "href=\"#one\"", "aria-label=\"# One\""],
    )
    .await;
}

#[tokio::test]
async fn admonitions_details_tabs_and_alerts() {
    expect(
        "!!! warning \"Read <this> first\"\n    It is *slow*.\n\n    - one\n\nAfter.\n",
        &[
            "<div class=\"callout\" data-tone=\"warn\">",
            "<p class=\"callout-title\">Read &lt;this&gt; first</p>",
            "<em>slow</em>",
            "<li>one</li>",
            "<p>After.</p>",
        ],
    )
    .await;
    expect(
        "!!! tip\n    Short.\n",
        &[
            "data-tone=\"ok\"",
            "<p class=\"callout-title\">Tip</p>",
            "<p>Short.</p>",
        ],
    )
    .await;
    expect(
        "??? note \"More\"\n    Hidden.\n",
        &[
            "<details class=\"callout\" data-tone=\"info\">",
            "<summary class=\"callout-title\">More</summary>",
        ],
    )
    .await;
    expect("???+ danger\n    Open.\n", &["data-tone=\"bad\" open"]).await;
    expect(
        "=== \"Java\"\n\n    ```java\n    int a;\n    ```\n\n=== \"Go\"\n\n    text\n",
        &[
            "<details class=\"doc-tab\" name=\"docs-tabs-1\" open=\"\">",
            "<summary>Java</summary>",
            "[java]int a;\n[/]",
            "<details class=\"doc-tab\" name=\"docs-tabs-1\">",
            "<summary>Go</summary>",
        ],
    )
    .await;
    expect(
        "> [!CAUTION]\n> Hot.\n",
        &["data-tone=\"warn\"", ">Caution</p>", "<p>Hot.</p>"],
    )
    .await;
    // A fence that nobody closes ends with its container.
    expect(
        "!!! note\n    ```\n    open\n\nAfter.\n",
        &["[]open\n[/]", "<p>After.</p>"],
    )
    .await;
    // What looks like one inside of code is code.
    let code = html("```\n!!! note\n    x\n```\n").await;
    assert!(code.contains("[]!!! note\n    x\n[/]"), "{code}");
}

#[tokio::test]
async fn code_keeps_what_was_written() {
    expect(
        "```python title=\"app.py\" hl_lines=\"1\"\nprint(\"<b>\")\n```\n",
        &["[app.py]print(\"<b>\")\n[/]"],
    )
    .await;
    expect("```mermaid\ngraph TD\n```\n", &["[mermaid]graph TD\n[/]"]).await;
    expect(
        "1. First:\n   ```bash\n   ls\n   ```\n2. Second\n",
        &["<li>", "[bash]ls\n[/]", "Second"],
    )
    .await;
}

#[tokio::test]
async fn links_and_pictures_mean_files_of_the_site() {
    let base = "/docs/default/component/shop";
    for (link, href) in [
        ("guide/setup.md", "/guide/setup/"),
        ("./guide/setup.md#first-step", "/guide/setup/#first-step"),
        ("guide/", "/guide/"),
        ("guide/index.md", "/guide/"),
        ("/guide/setup.md", "/guide/setup/"),
        ("img/plan%20a.png", "/img/plan%20a.png"),
    ] {
        expect(
            &format!("[x]({link})\n"),
            &[&format!("href=\"{base}{href}\"")],
        )
        .await;
    }
    expect(
        "[x](https://acme.example/a.md)\n",
        &["href=\"https://acme.example/a.md\""],
    )
    .await;
    expect("[x](/catalog)\n", &["href=\"/catalog\""]).await;
    expect(
        "![Plan](<img/plan a.png>)\n",
        &["<img src=\"/docs/default/component/shop/img/plan%20a.png\" alt=\"Plan\""],
    )
    .await;
    expect(
        "<img src=\"img/plan%20a.png\">\n",
        &["src=\"/docs/default/component/shop/img/plan%20a.png\""],
    )
    .await;
    // Nothing is loaded from elsewhere.
    let picture = html("![badge](https://img.example/b.svg)\n").await;
    assert!(
        !picture.contains("<img") && picture.contains("href=\"https://img.example/b.svg\""),
        "{picture}"
    );
}

#[tokio::test]
async fn links_to_nothing_are_seen_and_explained() {
    let page =
        rendered("---\ntitle: Own\n---\n# Top\n\nSee [this](guide/setpu.md) and [that](#tpo).\n")
            .await;
    let problems: Vec<String> = page
        .problems
        .iter()
        .map(|problem| {
            assert_eq!(problem.line, 6, "{problem:?}");
            format!(
                "{} {} {}",
                problem.code,
                problem.column,
                problem.fix.clone().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        problems,
        [
            "docs-link 5 perhaps it is guide/setup.md",
            "docs-anchor 32 perhaps it is #top"
        ]
    );
    expect(
        "See [this](nowhere.md).\n",
        &["<span class=\"doc-missing\">this</span>"],
    )
    .await;
}

#[tokio::test]
async fn files_are_taken_in() {
    expect(
        "--8<-- \"docs/part.txt\"\n",
        &["<h1 id=\"one\">one</h1>", "two\nthree"],
    )
    .await;
    let middle = html("--8<-- \"docs/part.txt:middle\"\n").await;
    assert!(middle.contains("<p>two</p>"), "{middle}");
    let page = rendered("--8<-- \"../../etc/passwd\"\n\n--8<-- \"none.txt\"\n").await;
    assert_eq!(page.problems.len(), 1, "{:?}", page.problems);
    assert_eq!(
        (page.problems[0].code, page.problems[0].line),
        ("docs-snippet", 3)
    );
}

#[tokio::test]
async fn sections_are_what_search_reads() {
    let page =
        rendered("Before.\n\n# Top\n\nText `ORDER-001`.\n\n## Next\n\n```\ncode\n```\n").await;
    let sections: Vec<(&str, &str)> = page
        .sections
        .iter()
        .map(|section| (section.id.as_str(), section.text.as_str()))
        .collect();
    assert_eq!(
        sections,
        [
            ("", "Before."),
            ("top", "Text ORDER-001."),
            ("next", "code")
        ]
    );
}
