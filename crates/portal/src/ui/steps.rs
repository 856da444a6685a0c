//! Work in order, now: the steps of a run.

use askama::Template;

use super::Html;
use crate::view::View;

/// How far a step is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepProgress {
    /// Others come first.
    #[default]
    Waiting,
    /// Under way.
    Running,
    /// It worked.
    Done,
    /// It did not.
    Failed,
    /// It was not needed.
    Skipped,
}

impl StepProgress {
    const fn icon(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Waiting => ("clock", "neutral", "step-waiting"),
            Self::Running => ("run", "info", "step-running"),
            Self::Done => ("ok", "ok", "step-done"),
            Self::Failed => ("bad", "bad", "step-failed"),
            Self::Skipped => ("neutral", "neutral", "step-skipped"),
        }
    }
}

/// One step.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// What is done.
    pub text: String,
    /// How far it is.
    pub progress: StepProgress,
    /// How long it took, or what it waits for.
    pub time: String,
    /// Where its log is.
    pub href: Option<String>,
    /// Whether its log is shown.
    pub current: bool,
}

/// The steps of a run.
#[derive(Clone, Debug, Default)]
pub struct Steps {
    /// In order.
    pub steps: Vec<Step>,
}

impl Steps {
    /// The list, for a card.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&StepsTemplate { view, steps: self })
    }

    /// How many of them have ended: a bar with the same in words.
    pub fn progress(&self, view: &View) -> Html {
        let ended =
            |step: &&Step| !matches!(step.progress, StepProgress::Waiting | StepProgress::Running);
        Html::of(&ProgressTemplate {
            view,
            done: self.steps.iter().filter(ended).count(),
            all: self.steps.len(),
            failed: self
                .steps
                .iter()
                .any(|step| step.progress == StepProgress::Failed),
        })
    }
}

#[derive(Template)]
#[template(path = "components/steps.html")]
struct StepsTemplate<'a> {
    view: &'a View,
    steps: &'a Steps,
}

#[derive(Template)]
#[template(path = "components/progress.html")]
struct ProgressTemplate<'a> {
    view: &'a View,
    done: usize,
    all: usize,
    failed: bool,
}

impl ProgressTemplate<'_> {
    fn width(&self) -> String {
        format!("{:.1}", self.done as f64 * 100.0 / self.all.max(1) as f64)
    }
}
