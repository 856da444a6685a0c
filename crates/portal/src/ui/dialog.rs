//! Dialogs that open without script, and the messages of what has worked.

use askama::Template;

use super::form::Field;
use super::{Html, form};
use crate::view::View;

/// A question before something is done. The page's button opens it:
/// `{{ dialog.opener(view, …) }}`; the dialog itself stands at the end of the
/// page's content.
#[derive(Clone, Debug, Default)]
pub struct Dialog {
    /// Unique on the page.
    pub id: String,
    /// The question.
    pub title: String,
    /// What will happen.
    pub body: Html,
    /// Further questions.
    pub fields: Vec<Field>,
    /// Where it is sent, by POST.
    pub action: String,
    /// Sent along.
    pub hidden: Vec<(String, String)>,
    /// The text of the button that does it.
    pub confirm: String,
    /// The icon of that button; may be empty.
    pub icon: String,
    /// Whether it destroys something.
    pub danger: bool,
    /// What must be typed before it is done, such as the name of the thing; sent
    /// as `confirm`. The server compares it: without script nothing else does.
    pub typed: Option<String>,
}

impl Dialog {
    /// A dialog without further questions.
    pub fn new(
        id: impl Into<String>,
        title: impl Into<String>,
        action: impl Into<String>,
        confirm: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            action: action.into(),
            confirm: confirm.into(),
            ..Self::default()
        }
    }

    /// The markup of the dialog.
    pub fn html(&self, view: &View) -> Html {
        let mut fields = self.fields.clone();
        if let Some(typed) = &self.typed {
            let label = view.t("dialog-type").with("text", typed).to_string();
            let field = Field::new("confirm", label, form::FieldKind::text());
            fields.push(field.required());
        }
        let inside = form::Form {
            id: format!("{}-form", self.id),
            fields,
            ..form::Form::default()
        };
        Html::of(&DialogTemplate {
            view,
            dialog: self,
            fields: inside.fields_html(view),
        })
    }

    /// The button that opens it. `look`: `danger`, `quiet` or nothing.
    pub fn opener(&self, text: &str, icon: &str, look: &str) -> Html {
        Html::of(&OpenerTemplate {
            dialog: self,
            text,
            icon,
            look,
        })
    }
}

#[derive(Template)]
#[template(path = "components/dialog.html")]
struct DialogTemplate<'a> {
    view: &'a View,
    dialog: &'a Dialog,
    fields: Html,
}

#[derive(Template)]
#[template(path = "components/dialog-open.html")]
struct OpenerTemplate<'a> {
    dialog: &'a Dialog,
    text: &'a str,
    icon: &'a str,
    look: &'a str,
}
