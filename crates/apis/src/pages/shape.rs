//! Schemas as nested lists.

use std::cell::Cell;

use askama::Template;
use portal::View;
use portal::ui::Html;

use super::{Desk, clipped};
use crate::doc::{Field, Shape};

/// Rows of all schemas of one page; what comes later is named only.
const MAX_ROWS: usize = 700;
/// Values of an enumeration that are shown.
const MAX_VALUES: usize = 30;

/// Draws schemas until the page is full.
pub(super) struct Shapes<'a> {
    desk: &'a Desk<'a>,
    left: Cell<usize>,
}

#[derive(Template)]
#[template(path = "apis/shape.html")]
struct Row<'a> {
    view: &'a View,
    name: String,
    words: String,
    /// Where the named type inside is shown.
    link: Option<String>,
    required: bool,
    deprecated: bool,
    number: Option<i32>,
    notes: Vec<String>,
    description: String,
    below: Vec<Html>,
    is_cut: bool,
}

impl<'a> Shapes<'a> {
    pub(super) fn new(desk: &'a Desk<'a>) -> Self {
        Self {
            desk,
            left: Cell::new(MAX_ROWS),
        }
    }

    /// A schema without a name of its own.
    pub(super) fn draw(&self, shape: &Shape) -> Html {
        let field = Field {
            shape: shape.clone(),
            ..Field::default()
        };
        self.field(&field)
    }

    /// A property, a parameter or a field with everything in it.
    pub(super) fn field(&self, field: &Field) -> Html {
        let left = self.left.get();
        self.left.set(left.saturating_sub(1));
        let shape = &field.shape;
        let inside = inside(shape);
        let is_cut = left < inside.len() + 2 && !inside.is_empty();
        let below = if is_cut {
            Vec::new()
        } else {
            inside.iter().map(|field| self.field(field)).collect()
        };
        let mut notes: Vec<String> = shape
            .limits
            .iter()
            .map(|limit| clipped(limit, 120))
            .collect();
        if !shape.values.is_empty() {
            let values: Vec<_> = shape
                .values
                .iter()
                .take(MAX_VALUES)
                .map(|value| clipped(value, 60))
                .collect();
            let more = if shape.values.len() > MAX_VALUES {
                ", …"
            } else {
                ""
            };
            notes.push(format!("{}{more}", values.join(", ")));
        }
        Html::of(&Row {
            view: self.desk.view,
            name: clipped(&field.name, 120),
            words: clipped(&shape.words(), 160),
            link: self.link(shape),
            required: field.required,
            deprecated: field.deprecated,
            number: field.number,
            notes,
            description: clipped(&field.description, 240),
            below,
            is_cut,
        })
    }

    /// Where the first named type in a shape is shown.
    fn link(&self, shape: &Shape) -> Option<String> {
        let mut shape = shape;
        for _ in 0..8 {
            if let Some(name) = &shape.named {
                return self.desk.type_href(name);
            }
            shape = shape.items.as_deref()?;
        }
        None
    }
}

/// What stands below a shape: its fields, those of what it holds, its choices.
fn inside(shape: &Shape) -> Vec<Field> {
    if !shape.fields.is_empty() {
        return shape.fields.clone();
    }
    if !shape.one_of.is_empty() {
        let choices = shape.one_of.iter().map(|choice| Field {
            shape: choice.clone(),
            ..Field::default()
        });
        return choices.collect();
    }
    match &shape.items {
        Some(items) if items.named.is_none() => inside(items),
        _ => Vec::new(),
    }
}
