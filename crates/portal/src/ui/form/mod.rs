//! Forms: everything that a schema can ask for, without any script.
//!
//! A form knows its fields; [`Form::fill`] puts what somebody sent back into
//! them, so that an error, an added row or an expired session loses nothing:
//!
//! ```
//! use portal::ui::form::{Field, FieldKind, Form, FormAction};
//! # fn answer(view: &portal::View, pairs: &[(String, String)]) -> portal::ui::Html {
//! let mut form = Form::new("create", "/create", "Create")
//!     .field(Field::new("name", "Name", FieldKind::text()).required())
//!     .field(Field::new("tags", "Tags", FieldKind::list(Field::new("", "Tag", FieldKind::text()))));
//! form.fill(pairs); // also does what an add or remove button asked for
//! if FormAction::of(pairs) == FormAction::Submit && form.value("name").is_empty() {
//!     form.fail("name", "Write a name, such as order-service.");
//! }
//! form.html(view)
//! # }
//! ```
//!
//! Names are joined by points: the field `size` of the group `db` is sent as
//! `db.size`, the second item of `tags` as `tags.1`. [`Form::fail`] takes such
//! names and JSON pointers (`/db/size`) alike.

mod action;
mod field;
mod fill;
mod shown;
mod wizard;

pub use action::{ACTION, FormAction};
pub use field::{Choice, Field, FieldKind, TextKind};
pub use wizard::{StepState, Stepper, StepperStep, Wizard};

use super::Html;
use crate::view::View;

/// How a form is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The answers are the state of a page.
    Get,
    /// The answers change something.
    #[default]
    Post,
}

/// A further submit button.
#[derive(Clone, Debug, Default)]
pub struct FormButton {
    /// What it says.
    pub text: String,
    /// The icon's name; may be empty.
    pub icon: String,
    /// The value of [`ACTION`] that it sends, such as `plan`.
    pub action: String,
    /// `danger`, `quiet` or nothing.
    pub look: &'static str,
}

/// A form.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// Unique on the page; ids of fields begin with it.
    pub id: String,
    /// Where it is sent.
    pub action: String,
    /// How it is sent.
    pub method: Method,
    /// The heading; may be empty.
    pub title: String,
    /// In order.
    pub fields: Vec<Field>,
    /// Sent along unchanged: tokens, and the answers of a wizard's other steps.
    pub hidden: Vec<(String, String)>,
    /// The text of the one primary button.
    pub submit: String,
    /// The icon of the primary button; may be empty.
    pub submit_icon: String,
    /// Whether the primary button destroys something.
    pub danger: bool,
    /// Further buttons.
    pub buttons: Vec<FormButton>,
    /// A link out of the form: text and address.
    pub cancel: Option<(String, String)>,
    /// Problems that belong to no field.
    pub errors: Vec<String>,
    /// Whether somebody has just sent it: problems then get the focus. Set by
    /// [`Form::fill`].
    pub was_sent: bool,
}

impl Form {
    /// A form that is sent by POST.
    pub fn new(
        id: impl Into<String>,
        action: impl Into<String>,
        submit: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            action: action.into(),
            submit: submit.into(),
            ..Self::default()
        }
    }

    /// Adds a field.
    #[must_use]
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a value that is sent along.
    #[must_use]
    pub fn keep(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// Adds a submit button that sends `action`.
    #[must_use]
    pub fn button(mut self, text: impl Into<String>, action: impl Into<String>) -> Self {
        self.buttons.push(FormButton {
            text: text.into(),
            action: action.into(),
            ..FormButton::default()
        });
        self
    }

    /// Sets the link out of the form.
    #[must_use]
    pub fn cancel(mut self, text: impl Into<String>, href: impl Into<String>) -> Self {
        self.cancel = Some((text.into(), href.into()));
        self
    }

    /// Puts what somebody sent into the fields and does what an add, remove or
    /// move button asked for. Secrets are not written back, files cannot be.
    /// Names that no field has are ignored.
    pub fn fill(&mut self, pairs: &[(String, String)]) {
        self.was_sent = true;
        fill::fill(&mut self.fields, pairs);
        fill::act(&mut self.fields, &FormAction::of(pairs));
    }

    /// Notes a problem of the field with this name or JSON pointer; of the
    /// whole form when there is no such field.
    pub fn fail(&mut self, name: &str, text: impl Into<String>) {
        let text = text.into();
        let name = field_name(name);
        match fill::find(&mut self.fields, &name) {
            Some(field) => field.error = Some(text),
            None => self.errors.push(text),
        }
    }

    /// The first value of a field that holds one; empty when there is none.
    pub fn value(&self, name: &str) -> &str {
        fill::find_ref(&self.fields, &field_name(name))
            .and_then(|field| field.values.first())
            .map_or("", String::as_str)
    }

    /// Whether a problem was noted.
    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty() || !self.problems().is_empty()
    }

    /// The whole `<form>`.
    pub fn html(&self, view: &View) -> Html {
        shown::form(self, view, "form")
    }

    /// The whole `<form>` as a card, for wizards and pages that are one form.
    pub fn card(&self, view: &View) -> Html {
        shown::form(self, view, "card")
    }

    /// Only the fields, for a form that is written by hand.
    pub fn fields_html(&self, view: &View) -> Html {
        shown::fields(&self.fields, &self.id, view)
    }

    /// Only the list of problems with links to the fields; nothing without problems.
    pub fn summary(&self, view: &View) -> Html {
        shown::summary(self, view)
    }

    /// Element id, label and problem of each field that has one, in order.
    pub(crate) fn problems(&self) -> Vec<(String, String, String)> {
        let mut found = Vec::new();
        fill::problems(&self.fields, &self.id, &mut found);
        found
    }
}

/// `/db/size` becomes `db.size`.
fn field_name(name: &str) -> String {
    name.strip_prefix('/').map_or_else(
        || name.to_owned(),
        |pointer| {
            let parts = pointer.split('/');
            let parts: Vec<String> = parts
                .map(|part| part.replace("~1", "/").replace("~0", "~"))
                .collect();
            parts.join(".")
        },
    )
}
