//! What stands in place of data: nothing yet, an error, a late answer.

use askama::Template;

use super::{Code, Fresh, Html};
use crate::view::View;

/// A part of a page that could not be made: what, why, what next.
#[derive(Clone, Debug, Default)]
pub struct Failed {
    /// What is missing, such as `Cost could not be read`.
    pub what: String,
    /// The cause, in the words of who refused: `GitHub said 403`.
    pub why: String,
    /// The next step.
    pub next: String,
    /// Where it can be tried again; empty without such a place.
    pub retry: String,
    /// Further links: text and address.
    pub links: Vec<(String, String)>,
    /// The age of what is shown instead, if anything is.
    pub fresh: Option<Fresh>,
}

impl Failed {
    /// The markup, for a card.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&FailedTemplate { view, failed: self })
    }
}

/// Old data is shown because its source does not answer.
#[derive(Clone, Debug)]
pub struct Stale {
    /// What is old, such as `Incidents are 6 h old`.
    pub what: String,
    /// Why, such as `PagerDuty does not answer`.
    pub why: String,
    /// Its age and the next try.
    pub fresh: Fresh,
    /// Where it can be tried again; empty without such a place.
    pub retry: String,
}

impl Stale {
    /// The markup: a notice for the top of the card or page.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&StaleTemplate { view, stale: self })
    }
}

/// Nothing to show: a reason, one action, the command line where useful.
#[derive(Clone, Debug, Default)]
pub struct Empty {
    /// What is not there.
    pub title: String,
    /// Why, or what to do; may be empty.
    pub text: String,
    /// The icon's name; may be empty.
    pub icon: String,
    /// The action: text and address.
    pub action: Option<(String, String)>,
    /// The same as a command, with an id that is unique on the page.
    pub command: Option<Code>,
    /// For a small card.
    pub small: bool,
}

impl Empty {
    /// Nothing, and why.
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            ..Self::default()
        }
    }

    /// Sets the one action.
    #[must_use]
    pub fn action(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.action = Some((text.into(), href.into()));
        self
    }

    /// The markup, for a card.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&EmptyTemplate { view, empty: self })
    }
}

#[derive(Template)]
#[template(path = "components/failed.html")]
struct FailedTemplate<'a> {
    view: &'a View,
    failed: &'a Failed,
}

#[derive(Template)]
#[template(path = "components/stale.html")]
struct StaleTemplate<'a> {
    view: &'a View,
    stale: &'a Stale,
}

#[derive(Template)]
#[template(path = "components/empty.html")]
struct EmptyTemplate<'a> {
    view: &'a View,
    empty: &'a Empty,
}
