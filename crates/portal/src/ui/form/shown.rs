//! Forms as markup.

use askama::Template;
use askama::filters::escape;

use super::action::ACTION;
use super::field::{Choice, Field, FieldKind};
use super::fill::{MAX_DEPTH, element_id, join};
use super::{Form, Method};
use crate::ui::Html;
use crate::view::View;

#[derive(Template)]
#[template(path = "components/form.html")]
struct FormTemplate<'a> {
    form: &'a Form,
    class: &'a str,
    summary: Html,
    fields: Html,
    sends_files: bool,
}

#[derive(Template)]
#[template(path = "components/form-summary.html")]
struct SummaryTemplate<'a> {
    view: &'a View,
    form: &'a Form,
    problems: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "components/form-field.html")]
struct FieldTemplate<'a> {
    view: &'a View,
    field: &'a Field,
    /// The whole name.
    name: String,
    id: String,
    form: &'a str,
    /// Said instead of the field's own label: `Tag 2`.
    label: String,
    /// The label is for screen readers only.
    silent: bool,
    depth: usize,
}

pub(super) fn form(form: &Form, view: &View, class: &str) -> Html {
    Html::of(&FormTemplate {
        form,
        class,
        summary: summary(form, view),
        fields: fields(&form.fields, &form.id, view),
        sends_files: form.fields.iter().any(|field| holds_file(field, 0)),
    })
}

fn holds_file(field: &Field, depth: usize) -> bool {
    depth <= MAX_DEPTH
        && match &field.kind {
            FieldKind::File { .. } => true,
            FieldKind::Group { fields } => fields.iter().any(|field| holds_file(field, depth + 1)),
            FieldKind::List { item, .. } => holds_file(item, depth + 1),
            _ => false,
        }
}

pub(super) fn summary(form: &Form, view: &View) -> Html {
    let problems = form.problems();
    if problems.is_empty() && form.errors.is_empty() {
        return Html::default();
    }
    Html::of(&SummaryTemplate {
        view,
        form,
        problems,
    })
}

pub(super) fn fields(fields: &[Field], form: &str, view: &View) -> Html {
    many(fields, "", form, view, 0)
}

fn many(fields: &[Field], prefix: &str, form: &str, view: &View, depth: usize) -> Html {
    let all: String = fields
        .iter()
        .map(|field| one(field, prefix, form, view, depth, &field.label, false).to_string())
        .collect();
    Html(all)
}

fn one(
    field: &Field,
    prefix: &str,
    form: &str,
    view: &View,
    depth: usize,
    label: &str,
    silent: bool,
) -> Html {
    if depth > MAX_DEPTH {
        return Html::default();
    }
    let name = join(prefix, &field.name);
    Html::of(&FieldTemplate {
        view,
        field,
        id: element_id(form, &name),
        name,
        form,
        label: label.to_owned(),
        silent,
        depth,
    })
}

fn attribute(name: &str, value: &str) -> String {
    let Ok(value) = escape(value, askama::filters::Html);
    format!(" {name}=\"{value}\"")
}

impl FieldTemplate<'_> {
    fn value(&self) -> &str {
        self.field.values.first().map_or("", String::as_str)
    }

    fn has(&self, choice: &Choice) -> bool {
        self.field.values.contains(&choice.value)
    }

    /// A closed list offers "nothing" when that is an answer, or none was given.
    fn offers_nothing(&self, choices: &[Choice]) -> bool {
        !self.field.required || !choices.iter().any(|choice| self.has(choice))
    }

    fn is_on(&self) -> bool {
        matches!(self.value(), "true" | "on" | "1" | "yes")
    }

    /// Ids of the texts that belong to the input; empty when there are none.
    fn described_by(&self) -> String {
        let parts = [
            (self.field.error.is_some(), "e"),
            (self.field.praise.is_some(), "ok"),
            (!self.field.locked.is_empty(), "l"),
            (!self.field.help.is_empty(), "h"),
        ];
        let ids: Vec<String> = parts
            .iter()
            .filter(|(there, _)| *there)
            .map(|(_, part)| format!("{}-{part}", self.id))
            .collect();
        ids.join(" ")
    }

    /// The attributes that lead to these texts.
    fn described(&self) -> Html {
        let mut out = String::new();
        let ids = self.described_by();
        if !ids.is_empty() {
            out.push_str(&attribute("aria-describedby", &ids));
        }
        if self.field.error.is_some() {
            out.push_str(" aria-invalid=\"true\"");
        }
        Html(out)
    }

    /// The attributes of every input.
    fn common(&self) -> Html {
        let mut out = attribute("id", &self.id) + &attribute("name", &self.name);
        if self.field.required {
            out.push_str(" required");
        }
        if !self.field.locked.is_empty() {
            out.push_str(" disabled");
        }
        out.push_str(self.described().as_str());
        Html(out)
    }

    fn autocomplete(&self) -> &str {
        match (&self.field.kind, self.field.autocomplete.as_str()) {
            (FieldKind::Secret, "") => "new-password",
            (_, "") => "off",
            (_, token) => token,
        }
    }

    fn below(&self, fields: &[Field]) -> Html {
        many(fields, &self.name, self.form, self.view, self.depth + 1)
    }

    /// An item of a list, called by its number.
    fn item(&self, index: &usize, field: &Field) -> Html {
        let label = if field.label.is_empty() {
            &self.label
        } else {
            &field.label
        };
        let label = format!("{label} {}", index + 1);
        let silent = !matches!(
            field.kind,
            FieldKind::Group { .. } | FieldKind::List { .. } | FieldKind::Switch
        );
        one(
            field,
            &self.name,
            self.form,
            self.view,
            self.depth + 1,
            &label,
            silent,
        )
    }

    /// What an item of a list is called.
    fn item_label<'f>(&'f self, item: &'f Field) -> &'f str {
        if item.label.is_empty() {
            &self.label
        } else {
            &item.label
        }
    }
}
