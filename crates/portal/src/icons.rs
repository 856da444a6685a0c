//! Icons: one cached sprite; pages refer to its symbols.

use std::fmt;
use std::sync::LazyLock;

use askama::filters::HtmlSafe;

use crate::assets::asset_url;

static SPRITE: &str = include_str!("../assets/icons.svg");

static NAMES: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    SPRITE
        .split("id=\"i-")
        .skip(1)
        .filter_map(|rest| rest.split_once('"').map(|(name, _)| name))
        .collect()
});

/// Every icon's name, sorted.
pub fn icon_names() -> &'static [&'static str] {
    &NAMES
}

/// The address of one symbol of the sprite.
#[derive(Clone, Copy, Debug)]
pub struct IconHref(&'static str);

impl HtmlSafe for IconHref {}

impl fmt::Display for IconHref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#i-{}", asset_url("icons.svg"), self.0)
    }
}

/// For `<use href>`. An unknown name gives the sign for "unknown", so that a
/// name from data cannot break a page.
pub fn icon_href(name: impl AsRef<str>) -> IconHref {
    let name = name.as_ref();
    IconHref(
        NAMES
            .iter()
            .copied()
            .find(|known| *known == name)
            .unwrap_or("unknown"),
    )
}

/// The icon of a status: `icon`, or when that is empty the tone's own shape.
pub fn status_href(tone: impl fmt::Display, icon: impl AsRef<str>) -> IconHref {
    if icon.as_ref().is_empty() {
        icon_href(tone.to_string())
    } else {
        icon_href(icon)
    }
}

/// Whether a screen reader should hear of a notice at once.
pub fn is_urgent(tone: impl fmt::Display) -> bool {
    matches!(tone.to_string().as_str(), "bad" | "warn")
}

/// The icon of an entity kind, or of a component's type.
pub fn kind_icon(kind: &str, entity_type: Option<&str>) -> &'static str {
    match (kind.to_ascii_lowercase().as_str(), entity_type) {
        ("component", Some("website")) => "web",
        ("component", Some("library")) => "package",
        ("component", Some("documentation")) | ("document", _) => "doc",
        ("resource", Some("queue" | "topic" | "kafka-topic")) => "queue",
        ("resource", Some("bucket" | "s3-bucket")) => "folder",
        ("resource", Some("secret")) => "key",
        ("component", _) => "service",
        ("api", _) => "api",
        ("resource", _) => "database",
        ("system", _) => "tree",
        ("domain", _) => "domain",
        ("group", _) => "team",
        ("user", _) => "user",
        ("location", _) => "branch",
        ("template", _) => "create",
        ("airesource", _) => "agent",
        _ => "catalog",
    }
}
