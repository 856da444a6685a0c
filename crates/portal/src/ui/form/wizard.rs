//! Forms in several steps, each a page of its own.

use askama::Template;

use super::Form;
use crate::ui::Html;
use crate::view::View;

/// Where somebody is with a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StepState {
    /// Answered.
    Done,
    /// Being answered.
    Current,
    /// To come.
    #[default]
    Open,
}

/// One step of a wizard.
#[derive(Clone, Debug, Default)]
pub struct StepperStep {
    /// What it is about.
    pub text: String,
    /// Where it can be gone back to.
    pub href: Option<String>,
    /// How far it is.
    pub state: StepState,
}

/// The steps of a wizard and where one is.
#[derive(Clone, Debug, Default)]
pub struct Stepper {
    /// In order.
    pub steps: Vec<StepperStep>,
}

impl Stepper {
    /// Steps of which the one at `current` is being answered, counted from 0.
    pub fn at(current: usize, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let steps = texts
            .into_iter()
            .enumerate()
            .map(|(index, text)| StepperStep {
                text: text.into(),
                href: None,
                state: match index.cmp(&current) {
                    std::cmp::Ordering::Less => StepState::Done,
                    std::cmp::Ordering::Equal => StepState::Current,
                    std::cmp::Ordering::Greater => StepState::Open,
                },
            })
            .collect();
        Self { steps }
    }

    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&StepperTemplate {
            view,
            stepper: self,
        })
    }
}

/// A step of a wizard: where one is, the questions, and beside them what will
/// happen. Answers of other steps travel in [`Form::hidden`]; back and next
/// are buttons of the form, so that going back loses nothing either.
#[derive(Clone, Debug, Default)]
pub struct Wizard {
    /// All steps.
    pub stepper: Stepper,
    /// The questions of this step.
    pub form: Form,
    /// What stands beside the form, such as a card of class `preflight`; may be empty.
    pub aside: Html,
}

impl Wizard {
    /// The markup.
    pub fn html(&self, view: &View) -> Html {
        Html::of(&WizardTemplate { view, wizard: self })
    }
}

#[derive(Template)]
#[template(path = "components/stepper.html")]
struct StepperTemplate<'a> {
    view: &'a View,
    stepper: &'a Stepper,
}

#[derive(Template)]
#[template(path = "components/wizard.html")]
struct WizardTemplate<'a> {
    view: &'a View,
    wizard: &'a Wizard,
}

impl Form {
    /// Carries the answers of other steps along: everything that was sent and
    /// that no field of this form asks for.
    #[must_use]
    pub fn carrying(mut self, pairs: &[(String, String)]) -> Self {
        for (name, value) in pairs {
            let head = name.split('.').next().unwrap_or_default();
            let own = name == super::ACTION
                || self.fields.iter().any(|field| field.name == head)
                || self.hidden.iter().any(|(kept, _)| kept == name);
            if !own {
                self.hidden.push((name.clone(), value.clone()));
            }
        }
        self
    }

    /// Adds the button that goes back; it sends [`super::FormAction::Back`].
    #[must_use]
    pub fn back(self, view: &View) -> Self {
        let text = view.t("form-back").to_string();
        self.button(text, "back")
    }
}
