//! What the command palette shows: the answer of `GET /search/palette?q=…`, a
//! fragment that the page's script puts into its list.

use askama::Template;

use super::{Html, found};
use crate::view::View;

/// One line: something to open, to do, or to copy.
#[derive(Clone, Debug, Default)]
pub struct PaletteItem {
    /// What it is called.
    pub text: String,
    /// The icon's name.
    pub icon: String,
    /// Where it leads; empty when it is only copied.
    pub href: String,
    /// What enter copies instead of opening; empty for most.
    pub copies: String,
    /// Where alt and enter lead, such as the owner; empty without such a place.
    pub secondary: String,
    /// What tab writes into the box; the text when empty.
    pub complete: String,
    /// Owner, kind, state: at the end of the line.
    pub note: String,
    /// A tag after the name; may be empty.
    pub tag: String,
    /// Details beside the list; may be empty.
    pub preview: Html,
    /// Written in the fixed-width face, for commands.
    pub is_code: bool,
}

impl PaletteItem {
    /// Something to open.
    pub fn new(text: impl Into<String>, icon: impl Into<String>, href: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            icon: icon.into(),
            href: href.into(),
            ..Self::default()
        }
    }

    /// Sets the end of the line.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Sets where alt and enter lead.
    #[must_use]
    pub fn secondary(mut self, href: impl Into<String>) -> Self {
        self.secondary = href.into();
        self
    }
}

/// Lines of one kind.
#[derive(Clone, Debug, Default)]
pub struct PaletteGroup {
    /// What they are.
    pub title: String,
    /// In order, best first.
    pub items: Vec<PaletteItem>,
}

/// The answer to what is in the box.
#[derive(Clone, Debug, Default)]
pub struct PaletteResults {
    /// What was looked for; marked in the texts.
    pub query: String,
    /// Groups without items are left out.
    pub groups: Vec<PaletteGroup>,
    /// How long the search took, in milliseconds.
    pub took: Option<u64>,
}

impl PaletteResults {
    /// The fragment.
    pub fn html(&self, view: &View) -> Html {
        let count = self.groups.iter().map(|group| group.items.len()).sum();
        let mut number = 0;
        let groups = self
            .groups
            .iter()
            .filter(|group| !group.items.is_empty())
            .enumerate()
            .map(|(index, group)| {
                let items = group.items.iter();
                let items = items
                    .map(|item| {
                        number += 1;
                        (number, item, found::found(&item.text, &self.query))
                    })
                    .collect();
                (index + 1, group.title.as_str(), items)
            })
            .collect();
        let status = match self.took {
            Some(took) => view.t("palette-status").with("ms", took),
            None => view.t("palette-count"),
        };
        Html::of(&PaletteTemplate {
            view,
            results: self,
            groups,
            count,
            status: status.with("count", count).to_string(),
        })
    }
}

/// Number, line, and its name in parts.
type Line<'a> = (usize, &'a PaletteItem, Vec<(&'a str, bool)>);

#[derive(Template)]
#[template(path = "components/palette.html")]
struct PaletteTemplate<'a> {
    view: &'a View,
    results: &'a PaletteResults,
    groups: Vec<(usize, &'a str, Vec<Line<'a>>)>,
    count: usize,
    status: String,
}
