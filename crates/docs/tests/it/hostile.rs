//! Whatever an author writes: no panic, and nothing that runs.

use docs::{Part, render};
use proptest::prelude::*;

use crate::world::site;

/// Everything of a page that is written as markup.
fn markup(files: &[(&str, &str)]) -> Option<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .expect("a runtime");
    let site = runtime.block_on(site(files)).ok()?;
    let mut html = String::new();
    for key in site.pages.keys() {
        for part in render(&site, key, "/docs/default/component/shop").parts {
            if let Part::Html(part) = part {
                html.push_str(&part);
            }
        }
    }
    Some(html)
}

/// The tags of some markup, without what stands between them.
fn tags(html: &str) -> Vec<String> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        tags.push(tag.to_lowercase());
        rest = after;
    }
    tags
}

fn is_harmless(html: &str) -> Result<(), String> {
    for tag in tags(html) {
        let name: String = tag
            .trim_start_matches('/')
            .chars()
            .take_while(|c| c.is_alphanumeric())
            .collect();
        let bad = [
            "script", "style", "iframe", "object", "embed", "form", "input", "button", "link",
            "meta", "base", "svg", "math", "template",
        ];
        if bad.contains(&name.as_str()) {
            return Err(format!("<{tag}>"));
        }
        // Outside of quoted values, no attribute begins with `on`.
        let bare: String = tag.split('"').step_by(2).collect::<Vec<_>>().join(" ");
        if bare
            .split_whitespace()
            .skip(1)
            .any(|part| part.starts_with("on") || part.starts_with("style"))
        {
            return Err(format!("<{tag}>"));
        }
        for value in ["href=\"", "src=\""] {
            if let Some((_, rest)) = tag.split_once(value) {
                let scheme: String = rest
                    .chars()
                    .filter(|c| !c.is_control() && !c.is_whitespace())
                    .take(12)
                    .collect();
                if scheme.starts_with("javascript")
                    || scheme.starts_with("data:")
                    || scheme.starts_with("vbscript")
                {
                    return Err(format!("<{tag}>"));
                }
            }
        }
    }
    Ok(())
}

const ATTACKS: [&str; 22] = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "<a href=\"java\nscript:alert(1)\">x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<iframe src=\"https://evil.example\"></iframe>",
    "<style>*{display:none}</style>",
    "<div style=\"position:fixed\">x</div>",
    "<form action=/sign-out method=post><button>x</button></form>",
    "<div title=\"\n\n```\n\"><script>alert(1)</script>\n```\n\n\">",
    "<p title='&#xE000;0&#xE001;'>x</p>\n\n```\n\" onmouseover=\"alert(1)\n```\n",
    "&#xE000;0&#xE001;\n\n```x\" onload=\"1\ncode\n```\n",
    "!!! note \"<img src=x onerror=alert(1)>\"\n    <script>x</script>\n",
    "=== \"<script>\"\n    x\n",
    "# <img src=x onerror=alert(1)> {#\"><script>}\n",
    "> [!NOTE] <script>alert(1)</script>\n> x\n",
    "<table title=\"<table>\"><tr><td>x</td></tr></table>",
    "[a]: javascript:alert(1)\n\n[a]\n\n<details name=main open ontoggle=alert(1)>x</details>",
];

#[test]
fn nothing_that_runs_survives() {
    for attack in ATTACKS {
        let html = markup(&[("docs/index.md", attack)]).expect("a site");
        if let Err(bad) = is_harmless(&html) {
            panic!("{attack}: {bad} in {html}");
        }
    }
}

#[test]
fn ids_of_the_portal_stay_its_own() {
    let html = markup(&[(
        "docs/index.md",
        "## Main\n\n<a id=\"main\"></a><p id=\"docs-code-1\">x</p>\n\n## palette\n\n## live\n",
    )])
    .expect("a site");
    for id in [
        "id=\"main\"",
        "id=\"docs-code-1\"",
        "id=\"palette\"",
        "id=\"live\"",
    ] {
        assert!(!html.contains(id), "{html}");
    }
}

#[test]
fn deep_and_large_pages_have_an_end() {
    for text in [
        ">".repeat(5_000),
        "- ".repeat(5_000),
        "<div>".repeat(5_000),
        "[".repeat(20_000),
        "!!! note\n    ".repeat(2_000),
        "*a _b ".repeat(20_000),
        format!("| a |\n|---|\n{}", "| x |\n".repeat(20_000)),
    ] {
        let html = markup(&[("docs/index.md", &text)]);
        assert!(html.is_some_and(|html| html.len() < 20_000_000));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_text_is_a_page(text in "\\PC{0,300}") {
        let html = markup(&[("docs/index.md", &text)]).unwrap_or_default();
        prop_assert!(is_harmless(&html).is_ok(), "{html}");
    }

    #[test]
    fn attacks_in_any_order_are_harmless(
        parts in proptest::collection::vec(0..ATTACKS.len() + 8, 1..6),
        pads in proptest::collection::vec(" {0,5}", 6),
    ) {
        let wrappers = ["\n\n", "!!! note\n    ", "- ", "> ", "```\n", "=== \"a\"\n    ", "| a |\n|--|\n| ", "\n"];
        let text: String = parts.iter().zip(&pads).map(|(part, pad)| {
            let text = ATTACKS.get(*part).copied().unwrap_or_else(|| wrappers[part - ATTACKS.len()]);
            format!("{pad}{text}")
        }).collect();
        let html = markup(&[("docs/index.md", &text)]).unwrap_or_default();
        prop_assert!(is_harmless(&html).is_ok(), "{text}\n{html}");
    }

    #[test]
    fn any_mkdocs_yml_is_read_or_refused(text in "(site_name|nav|docs_dir|plugins|exclude_docs|- |: |\n|  |\\[|\\]|\\{|\\}|a\\.md|!ENV|'|\"|\\*|/|\\.\\.|!include x){0,40}") {
        let _ = markup(&[("mkdocs.yml", &text), ("docs/index.md", "x"), ("docs/a.md", "y")]);
    }
}
