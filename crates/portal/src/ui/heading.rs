//! Parts of a page's head: breadcrumbs, tabs, segments.

use askama::Template;

use super::{Html, Tone};
use crate::view::View;

/// The way to this page. The last step is the page itself and no link.
#[derive(Clone, Debug, Default)]
pub struct Crumbs {
    steps: Vec<(String, String)>,
    here: String,
}

impl Crumbs {
    /// Ends at the page called `here`.
    pub fn to(here: impl Into<String>) -> Self {
        Self {
            steps: Vec::new(),
            here: here.into(),
        }
    }

    /// Puts one more step before the page, after earlier ones.
    #[must_use]
    pub fn via(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.steps.push((text.into(), href.into()));
        self
    }

    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&CrumbsTemplate { view, crumbs: self })
    }
}

#[derive(Template)]
#[template(path = "components/crumbs.html")]
struct CrumbsTemplate<'a> {
    view: &'a View,
    crumbs: &'a Crumbs,
}

/// One tab or segment.
#[derive(Clone, Debug, Default)]
pub struct Tab {
    /// What it is called.
    pub text: String,
    /// Where it leads.
    pub href: String,
    /// How many things are behind it.
    pub count: Option<u64>,
    /// The count's colour, when it asks for attention.
    pub tone: Option<Tone>,
    /// Whether it is open.
    pub current: bool,
}

impl Tab {
    /// A tab without count.
    pub fn new(text: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self {
            text: text.into(),
            href: href.into(),
            current,
            ..Self::default()
        }
    }

    /// The same with a count.
    #[must_use]
    pub fn counting(mut self, count: u64, tone: Option<Tone>) -> Self {
        self.count = Some(count);
        self.tone = tone;
        self
    }
}

/// Parts of one thing, each with an address of its own.
#[derive(Clone, Debug, Default)]
pub struct Tabs {
    /// Whose parts they are, for screen readers.
    pub label: String,
    /// In order.
    pub tabs: Vec<Tab>,
}

impl Tabs {
    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&TabsTemplate { view, tabs: self })
    }
}

#[derive(Template)]
#[template(path = "components/tabs.html")]
struct TabsTemplate<'a> {
    view: &'a View,
    tabs: &'a Tabs,
}

/// Two to four views of the same data.
#[derive(Clone, Debug, Default)]
pub struct Segments {
    /// What is chosen, for screen readers.
    pub label: String,
    /// In order; counts are not shown.
    pub choices: Vec<Tab>,
}

impl Segments {
    /// The markup.
    pub fn html(&self) -> Html {
        Html::of(&SegmentsTemplate { segments: self })
    }
}

#[derive(Template)]
#[template(path = "components/segments.html")]
struct SegmentsTemplate<'a> {
    segments: &'a Segments,
}
