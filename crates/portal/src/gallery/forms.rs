//! Made-up questions: every kind of field in every state.

use crate::ui::form::{Choice, Field, FieldKind, Form, Method, Stepper, TextKind, Wizard};
use crate::ui::{Dialog, Html};
use crate::view::View;

fn said(view: &View, key: &str) -> String {
    view.t(key).to_string()
}

/// All fields, filled with what the address says.
pub(super) fn form(view: &View, text: &str) -> Form {
    let name = said(view, "gallery-name");
    let mut form = Form {
        method: Method::Get,
        title: said(view, "gallery-form"),
        ..Form::new("sample-form", "/design", said(view, "gallery-edit"))
    }
    .cancel(said(view, "dialog-cancel"), "/design")
    .button(said(view, "gallery-act"), "plan");
    form.fields = texts(view, text, &name);
    form.fields.extend(choices(view, text));
    form.fields.extend(nested(view, text));
    let pairs = view.here.pairs();
    if pairs.iter().any(|(sent, _)| sent == "s-text") {
        form.fill(pairs);
    }
    form
}

fn texts(view: &View, text: &str, name: &str) -> Vec<Field> {
    let help = said(view, "gallery-text");
    vec![
        Field::new("s-text", name, FieldKind::text())
            .required()
            .value(text)
            .help(&*help),
        Field::new(
            "s-host",
            text,
            FieldKind::Text {
                kind: TextKind::Text,
                proposals: vec!["refund".to_owned(), text.to_owned()],
                unit: ".acme.example".to_owned(),
                max_length: Some(63),
            },
        )
        .value("refund")
        .praise(said(view, "gallery-ok")),
        Field::new(
            "s-port",
            said(view, "gallery-level"),
            FieldKind::Number {
                min: Some(1_025.0),
                max: Some(65_535.0),
                whole: true,
                unit: String::new(),
            },
        )
        .required()
        .value("80")
        .error(format!("{help} {text}"))
        .help(&*help),
        Field::new(
            "s-range",
            said(view, "gallery-week"),
            FieldKind::Range {
                min: 1.0,
                max: 12.0,
                step: 1.0,
            },
        )
        .value("3"),
        Field::new("s-lines", name, FieldKind::Multiline { rows: 3 }).value(text),
        Field::new(
            "s-code",
            name,
            FieldKind::Code {
                language: "YAML".to_owned(),
                rows: 4,
            },
        )
        .value(format!("kind: Component\nmetadata:\n  name: {text}\n")),
        Field::new("s-secret", said(view, "login-token"), FieldKind::Secret).required(),
        Field::new("s-date", said(view, "gallery-week"), FieldKind::Date).value("2026-11-21"),
        Field::new("s-time", said(view, "gallery-week"), FieldKind::Time).value("17:05"),
        Field::new("s-at", said(view, "gallery-week"), FieldKind::DateTime)
            .value("2026-11-21T17:05"),
        Field::new(
            "s-file",
            "catalog-info.yaml",
            FieldKind::File {
                accept: ".yaml,.yml".to_owned(),
                many: false,
            },
        ),
        Field::new("s-fixed", name, FieldKind::Fixed).value(text),
        Field::new("s-locked", name, FieldKind::text())
            .value(text)
            .locked(said(view, "gallery-off")),
    ]
}

fn sizes(view: &View, text: &str) -> Vec<Choice> {
    let choice = |value: &str, note: &str| Choice {
        note: note.to_owned(),
        ..Choice::new(value)
    };
    vec![
        choice("s", "CPU 0.25, 256 MiB"),
        Choice {
            tag: said(view, "gallery-golden"),
            ..choice("m", "CPU 0.5, 512 MiB")
        },
        choice(text, text),
    ]
}

fn choices(view: &View, text: &str) -> Vec<Field> {
    let many = || ["dev", "staging", "prod", text].map(Choice::new).to_vec();
    vec![
        Field::new(
            "s-size",
            said(view, "gallery-level"),
            FieldKind::Radio {
                choices: sizes(view, text),
            },
        )
        .required()
        .value("m")
        .refreshing(),
        Field::new(
            "s-db",
            said(view, "gallery-owner"),
            FieldKind::Select { choices: many() },
        )
        .help(said(view, "gallery-text")),
        Field::new(
            "s-envs",
            said(view, "gallery-health"),
            FieldKind::Checkboxes { choices: many() },
        )
        .values(["dev", "prod"])
        .error(said(view, "gallery-bad")),
        Field::new("s-on", said(view, "gallery-golden"), FieldKind::Switch)
            .value("true")
            .help(said(view, "gallery-text")),
        Field::new("s-off", text, FieldKind::Switch),
    ]
}

fn nested(view: &View, text: &str) -> Vec<Field> {
    let mut tags = Field::new(
        "s-tags",
        said(view, "gallery-owner"),
        FieldKind::list(Field::new("", "", FieldKind::text())),
    );
    let port = Field::new(
        "",
        said(view, "gallery-name"),
        FieldKind::group(vec![
            Field::new("name", said(view, "gallery-name"), FieldKind::text()).required(),
            Field::new("port", said(view, "gallery-level"), FieldKind::integer()),
        ]),
    );
    let mut ports = Field::new("s-ports", text, FieldKind::list(port));
    for (field, sent) in [
        (&mut tags, vec![("0", "commerce"), ("1", text)]),
        (&mut ports, vec![("0.name", "http"), ("0.port", "8080")]),
    ] {
        let pairs: Vec<_> = sent
            .into_iter()
            .map(|(name, value)| (format!("{}.{name}", field.name), value.to_owned()))
            .collect();
        let mut holder = Form {
            fields: vec![field.clone()],
            ..Form::default()
        };
        holder.fill(&pairs);
        if let Some(filled) = holder.fields.pop() {
            *field = filled;
        }
    }
    let group = Field::new(
        "s-group",
        said(view, "gallery-golden"),
        FieldKind::group(vec![
            Field::new("cpu", "CPU", FieldKind::integer()).value("2"),
            Field::new("note", text, FieldKind::text()),
        ]),
    )
    .help(said(view, "gallery-text"));
    vec![tags, ports, group]
}

/// The second of three steps, with what will happen beside it.
pub(super) fn wizard(view: &View, text: &str, action: &str) -> Wizard {
    let mut stepper = Stepper::at(
        1,
        [
            said(view, "gallery-name"),
            text.to_owned(),
            said(view, "gallery-health"),
        ],
    );
    if let Some(first) = stepper.steps.first_mut() {
        first.href = Some("/design".to_owned());
    }
    let form = Form {
        title: text.to_owned(),
        ..Form::new("wizard-form", action, said(view, "pager-next"))
    }
    .keep("name", text)
    .field(
        Field::new("w-port", said(view, "gallery-level"), FieldKind::integer())
            .required()
            .placeholder("8080"),
    )
    .field(
        Field::new(
            "w-about",
            said(view, "gallery-name"),
            FieldKind::Multiline { rows: 2 },
        )
        .help(said(view, "gallery-text")),
    )
    .field(Field::new(
        "w-tags",
        said(view, "gallery-owner"),
        FieldKind::list(Field::new("", "", FieldKind::text())),
    ))
    .field(Field::new(
        "w-preview",
        said(view, "gallery-golden"),
        FieldKind::Switch,
    ))
    .back(view);
    Wizard {
        stepper,
        form,
        aside: Html::default(),
    }
}

pub(super) fn dialogs(view: &View, text: &str) -> Vec<Dialog> {
    let plain = Dialog {
        fields: vec![
            Field::new(
                "mode",
                said(view, "gallery-level"),
                FieldKind::Radio {
                    choices: sizes(view, text),
                },
            )
            .required()
            .value("s"),
        ],
        danger: true,
        icon: "undo".to_owned(),
        typed: Some(text.to_owned()),
        ..Dialog::new("dialog-danger", text, "/design", said(view, "gallery-act"))
    };
    vec![
        plain,
        Dialog::new(
            "dialog-plain",
            said(view, "gallery-edit"),
            "/design",
            said(view, "gallery-edit"),
        ),
    ]
}
