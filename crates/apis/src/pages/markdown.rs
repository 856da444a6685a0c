//! Descriptions as their authors wrote them: OpenAPI, AsyncAPI and GraphQL say
//! that they are CommonMark.
//!
//! The text is a stranger's, so nothing of it is markup but what the parser
//! itself writes: HTML is shown as text, links lead to other sites and to mail
//! only, and pictures become links, because a page loads nothing from elsewhere.

use askama::Template;
use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options};
use portal::ui::Html;

use super::clipped;

/// Where links may lead. A path would be one of this portal, which the author
/// of a definition does not know.
const SCHEMES: [&str; 3] = ["https://", "http://", "mailto:"];

#[derive(Template)]
#[template(source = "{{ markup|safe }}", ext = "html")]
struct Prose<'a> {
    markup: &'a str,
}

/// At most so many characters of a description; nothing of an empty one.
pub(super) fn prose(text: &str, most: usize) -> Option<Html> {
    let text = clipped(text, most);
    if text.is_empty() {
        return None;
    }
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.render.escape = true;
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, &text, &options);
    for node in root.descendants().collect::<Vec<_>>() {
        fit(&arena, node);
    }
    let mut markup = String::new();
    comrak::format_html(root, &options, &mut markup).ok()?;
    Some(Html::of(&Prose { markup: &markup }))
}

/// Headings become lines in bold, because the page has its own outline;
/// pictures become links; links to anywhere else become their text.
fn fit<'a>(arena: &'a Arena<'a>, node: &'a AstNode<'a>) {
    let mut data = node.data.borrow_mut();
    match &mut data.value {
        NodeValue::Heading(_) => {
            data.value = NodeValue::Paragraph;
            drop(data);
            let strong = arena.alloc(NodeValue::Strong.into());
            for child in node.children().collect::<Vec<_>>() {
                strong.append(child);
            }
            node.append(strong);
        }
        NodeValue::Image(link) | NodeValue::Link(link) => {
            let leads = |scheme: &&str| link.url.to_ascii_lowercase().starts_with(*scheme);
            if SCHEMES.iter().any(leads) {
                data.value = NodeValue::Link(link.clone());
                return;
            }
            drop(data);
            for child in node.children().collect::<Vec<_>>() {
                node.insert_before(child);
            }
            node.detach();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::prose;
    use proptest::prelude::*;

    fn html(text: &str) -> String {
        prose(text, 2_000)
            .map(|html| html.to_string())
            .unwrap_or_default()
    }

    #[test]
    fn a_description_is_commonmark() {
        let shown = html(
            "# Pays\n\nTakes *cards*, `EUR` and\n\n- one\n- two\n\n[docs](https://example.com/a)",
        );
        for part in [
            "<p><strong>Pays</strong></p>",
            "<em>cards</em>",
            "<code>EUR</code>",
            "<li>two</li>",
            r#"href="https://example.com/a""#,
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
    }

    #[test]
    fn what_a_stranger_writes_harms_nobody() {
        let shown = html(
            "<script>alert(1)</script>\n\n<b onclick=x>hi</b> [x](javascript:alert(1)) \
             ![pixel](https://example.com/p.png) [y](/sign-out)",
        );
        for bad in [
            "<script",
            "<b",
            "<img",
            "javascript:",
            "href=\"/sign-out",
            "href=\"\"",
        ] {
            assert!(!shown.contains(bad), "{bad}: {shown}");
        }
        assert!(
            shown.contains("&lt;script&gt;") && shown.contains(">pixel</a>"),
            "{shown}"
        );
        assert_eq!(html("  "), "");
    }

    proptest! {
        #[test]
        fn any_text_stays_markup_of_the_list(text in "[ -~\n\u{ac00}-\u{d7a3}]{0,300}") {
            let shown = html(&text);
            prop_assert!(!shown.contains("<script") && !shown.contains("<img") && !shown.contains("<svg"));
        }
    }
}
