//! What of a page's HTML stays. Authors of pages are not authors of the
//! portal: no script, no style, no form, no frame, no address that runs.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::LazyLock;

use ammonia::Builder;

use super::{CLOSE, OPEN};

/// Ids that the pages of the portal use themselves.
pub(super) const RESERVED_IDS: [&str; 13] = [
    "main",
    "rail",
    "keys",
    "keys-title",
    "palette",
    "palette-list",
    "palette-status",
    "toast",
    "offline",
    "draft-notice",
    "announce",
    "live",
    "problems",
];
/// Ids that begin so are those of code blocks and fields around the page.
pub(super) const RESERVED_PREFIX: &str = "docs-";

/// Classes that mean something in a page.
const CLASSES: [&str; 9] = [
    "callout",
    "callout-title",
    "doc-tab",
    "doc-missing",
    "anchor",
    "footnotes",
    "footnote-ref",
    "footnote-backref",
    "tasks",
];
const TONES: [&str; 5] = ["ok", "warn", "bad", "info", "neutral"];

static CLEANER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::default();
    // A table is wrapped by its bare tag.
    let of_tables: Vec<&str> = builder
        .clone_tag_attributes()
        .remove("table")
        .into_iter()
        .flatten()
        .collect();
    builder
        .add_tags([
            "details",
            "summary",
            "figure",
            "figcaption",
            "mark",
            "ins",
            "section",
            "kbd",
        ])
        .rm_tags(["map", "area"])
        .add_generic_attributes(["id", "class"])
        .rm_tag_attributes("table", of_tables)
        .add_tag_attributes("div", ["data-tone"])
        .add_tag_attributes("details", ["data-tone", "open", "name"])
        .add_tag_attributes("a", ["aria-label"])
        .add_tag_attributes("abbr", ["title"])
        .add_tag_attributes("ol", ["start"])
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"))
        .attribute_filter(attribute);
    builder
});

/// The markup that may be shown.
pub(super) fn clean(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

fn attribute<'v>(element: &str, name: &str, value: &'v str) -> Option<Cow<'v, str>> {
    if value.contains([OPEN, CLOSE]) {
        return None;
    }
    match name {
        "class" if element == "table" => None,
        "class" => classes(value).map(Cow::Owned),
        "id" if element == "table" || value.is_empty() || value.contains(char::is_whitespace) => {
            None
        }
        "id" if RESERVED_IDS.contains(&value) || value.starts_with(RESERVED_PREFIX) => {
            Some(Cow::Owned(format!("doc-{value}")))
        }
        "name" => value
            .starts_with("docs-tabs-")
            .then_some(Cow::Borrowed(value)),
        "data-tone" => TONES.contains(&value).then_some(Cow::Borrowed(value)),
        // Texts of attributes are looked through for tags later.
        _ if value.contains(['<', '>']) => Some(Cow::Owned(
            value.replace('<', "\u{2039}").replace('>', "\u{203A}"),
        )),
        _ => Some(Cow::Borrowed(value)),
    }
}

fn classes(value: &str) -> Option<String> {
    let known: Vec<&str> = value
        .split_whitespace()
        .filter(|class| CLASSES.contains(class) || is_language(class))
        .collect();
    (!known.is_empty()).then(|| known.join(" "))
}

fn is_language(class: &str) -> bool {
    class.strip_prefix("language-").is_some_and(|name| {
        name.len() <= 40
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '#' | '.'))
    })
}
