//! How old a figure is and where it came from.

use askama::Template;
use jiff::Timestamp;

use super::Html;
use crate::view::View;

/// One line under or beside data.
#[derive(Clone, Debug)]
pub struct Fresh {
    /// When the data was read; [`None`] when it never was.
    pub at: Option<Timestamp>,
    /// What it was read from, such as `GitHub`.
    pub source: String,
    /// Older than it should be: shown in amber.
    pub stale: bool,
    /// When it will be read again, if that is known.
    pub next: Option<Timestamp>,
}

impl Fresh {
    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&FreshTemplate { view, fresh: self })
    }
}

#[derive(Template)]
#[template(path = "components/fresh.html")]
struct FreshTemplate<'a> {
    view: &'a View,
    fresh: &'a Fresh,
}
