//! The questions of the wizard.

use platform::actor::Caller;
use portal::View;
use portal::ui::form::{Field, FieldKind, Form, FormButton, TextKind};

use super::REGISTER;
use crate::onboarding::MayPropose;
use crate::permission::LOCATION_ANALYZE;

/// Names of the answers.
pub(super) const URL: &str = "url";
const PATH: &str = "path";
const TEXT: &str = "yaml";
/// What the primary button does: checks, or proposes.
const THEN: &str = "then";
const PROPOSE: &str = "propose";
/// Where a catalog file usually is.
const USUAL_PATH: &str = "catalog-info.yaml";

/// What somebody has typed so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Typed {
    pub(super) url: String,
    pub(super) path: String,
    pub(super) text: String,
    /// The page that was sent had "open a pull request" as its button.
    pub(super) proposes: bool,
}

impl Typed {
    pub(super) fn of_url(url: &str) -> Self {
        Self {
            url: url.trim().to_owned(),
            ..Self::default()
        }
    }

    pub(super) fn of(pairs: &[(String, String)]) -> Self {
        let get = |name: &str| {
            let found = pairs.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        Self {
            url: get(URL).trim().to_owned(),
            path: get(PATH),
            text: get(TEXT),
            proposes: get(THEN) == PROPOSE,
        }
    }
}

fn url_field(view: &View, typed: &Typed) -> Field {
    let kind = FieldKind::Text {
        kind: TextKind::Url,
        proposals: Vec::new(),
        unit: String::new(),
        max_length: None,
    };
    Field {
        placeholder: "https://github.com/acme/shop".to_owned(),
        ..Field::new(URL, view.t("catalog-register-url").to_string(), kind)
            .help(view.t("catalog-register-url-help").to_string())
            .value(&typed.url)
    }
}

fn text_field(label: String, typed: &Typed, rows: u8) -> Field {
    let kind = FieldKind::Code {
        language: "YAML".to_owned(),
        rows,
    };
    Field::new(TEXT, label, kind).value(&typed.text)
}

/// The first step: an address, a text, or both.
pub(super) fn first(view: &View, typed: &Typed, caller: &Caller) -> Form {
    let label = view.t("catalog-register-yaml").to_string();
    let mut url = url_field(view, typed);
    let mut text =
        text_field(label, typed, 8).help(view.t("catalog-register-yaml-help").to_string());
    if !caller.may(LOCATION_ANALYZE) {
        let why = view.t("catalog-register-analyze-off").to_string();
        url = url.locked(why.clone());
        text = text.locked(why);
    }
    let mut form = Form::new(
        "register",
        REGISTER,
        view.t("catalog-register-look").to_string(),
    )
    .field(url)
    .field(text)
    .cancel(view.t("catalog-register-cancel").to_string(), "/sources");
    if !typed.path.is_empty() {
        form = form.keep(PATH, &typed.path);
    }
    form
}

/// The second step for a text: change it, check it, propose it.
pub(super) fn second(view: &View, typed: &Typed, may: &MayPropose, sound: bool) -> Form {
    let check = view.t("catalog-register-check").to_string();
    let proposes = sound && matches!(may, MayPropose::Yes(_));
    let submit = if proposes {
        view.t("catalog-register-propose").to_string()
    } else {
        check.clone()
    };
    let path = if typed.path.trim().is_empty() {
        USUAL_PATH
    } else {
        &typed.path
    };
    let label = view.t("catalog-register-file").to_string();
    let rows = u8::try_from(typed.text.lines().count() + 2).unwrap_or(u8::MAX);
    // Another name than the first step's: what was typed there is no draft of this.
    let mut form = Form::new("register-file", REGISTER, submit)
        .field(url_field(view, typed).help(standing(view, may)))
        .field(
            Field::new(
                PATH,
                view.t("catalog-register-path").to_string(),
                FieldKind::text(),
            )
            .help(view.t("catalog-register-path-help").to_string())
            .value(path),
        )
        .field(text_field(label, typed, rows.clamp(12, 40)).required())
        .back(view);
    if proposes {
        form = form.keep(THEN, PROPOSE);
        form.submit_icon = "branch".to_owned();
        form.buttons.push(FormButton {
            text: check,
            action: "check".to_owned(),
            ..FormButton::default()
        });
    }
    form
}

/// Whether and why a pull request can be opened, in a sentence.
fn standing(view: &View, may: &MayPropose) -> String {
    let text = match may {
        MayPropose::Yes(base) => view.t("catalog-register-may").with("branch", base.clone()),
        MayPropose::NoPermission => view.t("catalog-register-off"),
        MayPropose::NoForge => view.t("catalog-register-no-forge"),
        MayPropose::NoCredential(host) => view
            .t("catalog-register-no-credential")
            .with("host", host.clone()),
        MayPropose::ReadOnly(host) => view
            .t("catalog-register-read-only")
            .with("host", host.clone()),
        MayPropose::Archived => view.t("catalog-register-archived"),
        MayPropose::Empty => view.t("catalog-register-empty-repository"),
        MayPropose::Failed(why) => view.t("catalog-register-failed").with("why", why.clone()),
    };
    text.to_string()
}
