//! Errors in files, with their place and their remedy.

use askama::Template;

use super::{Html, Tone};
use crate::view::View;

/// One thing that is wrong.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// [`Tone::Bad`] for errors, [`Tone::Warn`] for warnings.
    pub tone: Tone,
    /// What is wrong, in one sentence.
    pub message: String,
    /// `file:line:column`, or empty.
    pub place: String,
    /// A link to that place, when there is one.
    pub href: Option<String>,
    /// What would be accepted.
    pub accepted: Option<String>,
    /// How to fix it.
    pub fix: Option<String>,
}

/// The list in a card.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// The worst first.
    pub problems: Vec<Problem>,
}

impl Problems {
    /// The markup: a `<ul class="problems">`.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&ProblemsTemplate {
            view,
            problems: &self.problems,
        })
    }
}

#[derive(Template)]
#[template(path = "components/problems.html")]
struct ProblemsTemplate<'a> {
    view: &'a View,
    problems: &'a [Problem],
}
