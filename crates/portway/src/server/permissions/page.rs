//! `/admin/permissions`: roles, bindings, rules, and the question "can they,
//! and why?".

use std::sync::Arc;

use access::permission::{DECISION_READ, POLICY_READ, POLICY_UPDATE, VIEW_AS};
use access::{Localised, RuleEffect, ScopeSpec, Source, known};
use askama::Template;
use axum::Json;
use axum::http::Method;
use axum::response::IntoResponse;
use platform::decision::{Decision, Effect};
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use portal::ui::form::{self, Choice, Field, FieldKind, Form};
use portal::ui::{Crumbs, Html, Tone};
use portal::{Address, Lang, Page, Portal, View};

use super::api::policy_json;
use super::simulate::Question;
use super::{Answer, Desk, on, shown};

pub(super) fn routes(desk: &Desk, portal: &Arc<Portal>, gate: Arc<dyn Gate>) -> Routes {
    let read = Access::Needs(POLICY_READ);
    Routes::new(gate)
        .page(
            Method::GET,
            "/admin/permissions",
            read,
            shown(desk, portal, page),
        )
        .page(
            Method::GET,
            "/admin/permissions.json",
            read,
            on(desk, |desk, _call| async move {
                Ok(Json(policy_json(&desk)).into_response())
            }),
        )
}

/// A binding or a rule in its table.
struct Line {
    /// Its id, when it was made in the portal.
    id: Option<String>,
    name: String,
    what: String,
    allows: bool,
    subjects: Vec<String>,
    except: Vec<String>,
    scope: Vec<String>,
    reason: String,
    source: String,
}

/// A role with what it may do, in the order of the columns.
struct RoleLine {
    name: String,
    title: String,
    about: String,
    source: String,
}

/// A permission with which of the roles have it.
struct PermissionLine {
    name: String,
    text: String,
    held: Vec<bool>,
}

/// An answer.
struct Asked {
    tone: Tone,
    key: &'static str,
    /// What decided, in words, with the place where it is written.
    lines: Vec<(Tone, String, String)>,
    decision: Decision,
}

#[derive(Template)]
#[template(path = "portway/permissions.html")]
struct PermissionsPage {
    crumbs: Crumbs,
    enabled: bool,
    question: Html,
    asked: Option<Asked>,
    refused: Option<String>,
    who: Option<Vec<(String, String, bool)>>,
    bindings: Vec<Line>,
    rules: Vec<Line>,
    roles: Vec<RoleLine>,
    permissions: Vec<PermissionLine>,
    problems: Vec<String>,
    may_change: bool,
    view_as: Option<Html>,
    view: View,
}

async fn page(desk: Desk, view: View, call: Call) -> Answer {
    let query = |key: &str| {
        call.query
            .get(key)
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    let (mut asked, mut refused, mut who) = (None, None, None);
    if let Some(permission) = query("permission") {
        match Question::read(permission, query("entity"), query("user")) {
            Err(problem) => refused = Some(problem.message),
            Ok(question) => match question.answer(&desk, &call.caller) {
                Err(problem) => refused = Some(problem.message),
                Ok(_) if question.user.is_none() && call.caller.may(DECISION_READ) => {
                    let found = question.who(&desk, &call.caller).into_iter();
                    let line = found.map(|(person, effect)| {
                        let href = format!(
                            "/catalog/{}/{}/{}",
                            person.namespace(),
                            person.kind(),
                            person.name()
                        );
                        (person.to_string(), href, effect == Effect::Allow)
                    });
                    who = Some(line.collect());
                }
                Ok(decision) => asked = Some(Asked::of(decision)),
            },
        }
    }
    let policy = desk.policy.policy();
    let said = |text: &Localised| match view.lang {
        Lang::Ko => text.ko.clone(),
        Lang::En => text.en.clone(),
    };
    let permissions = known().iter().map(|known| {
        let text = match view.lang {
            Lang::Ko => known.ko.clone(),
            Lang::En => known.en.clone(),
        };
        PermissionLine {
            name: known.name.clone(),
            text,
            held: policy.roles().map(|role| role.has(&known.name)).collect(),
        }
    });
    let roles = policy.roles().map(|role| RoleLine {
        name: role.name.clone(),
        title: said(&role.title),
        about: said(&role.about),
        source: written(&view, &role.source),
    });
    let page = PermissionsPage {
        crumbs: Crumbs::to(view.t("permissions-title").to_string()),
        enabled: desk.policy.is_enabled(),
        question: question_form(&view, &call).html(&view),
        asked,
        refused,
        who,
        bindings: bindings(&desk, &view),
        rules: rules(&desk, &view),
        roles: roles.collect(),
        permissions: permissions.collect(),
        problems: desk
            .policy
            .problems()
            .iter()
            .map(ToString::to_string)
            .collect(),
        may_change: call.caller.may(POLICY_UPDATE),
        view_as: call
            .caller
            .may(VIEW_AS)
            .then(|| view_as_form(&view).html(&view)),
        view,
    };
    Ok(Page::new(page).into_response())
}

impl Asked {
    fn of(decision: Decision) -> Self {
        let (tone, key) = match decision.effect {
            Effect::Allow => (Tone::Ok, "permissions-yes"),
            Effect::Deny => (Tone::Bad, "permissions-no"),
            Effect::Conditional => (Tone::Warn, "permissions-some"),
        };
        let lines = decision.because.iter().map(|cause| {
            let source = cause.source.clone().unwrap_or_default();
            (tone_of(cause.effect), cause.text.clone(), source)
        });
        Self {
            tone,
            key,
            lines: lines.collect(),
            decision,
        }
    }

    fn ask(&self) -> String {
        self.decision.ask.join(", ")
    }
}

impl PermissionsPage {
    /// The address of the form that changes something made here.
    fn change_href(&self, id: &str) -> String {
        Address::new("/admin/permissions/change", "")
            .with("id", id)
            .to_string()
    }
}

fn tone_of(effect: Effect) -> Tone {
    match effect {
        Effect::Allow => Tone::Ok,
        Effect::Deny => Tone::Bad,
        Effect::Conditional => Tone::Warn,
    }
}

/// Where something is written, in words.
pub(super) fn written(view: &View, source: &Source) -> String {
    match source {
        Source::BuiltIn => view.t("permissions-built-in").to_string(),
        Source::Config(place) => place.clone(),
        Source::Portal(_) => view.t("permissions-portal").to_string(),
    }
}

fn id_of(source: &Source) -> Option<String> {
    match source {
        Source::Portal(id) => Some(id.clone()),
        Source::BuiltIn | Source::Config(_) => None,
    }
}

fn bindings(desk: &Desk, view: &View) -> Vec<Line> {
    let policy = desk.policy.policy();
    let lines = policy.bindings().iter().map(|binding| Line {
        id: id_of(&binding.source),
        name: binding.name.clone(),
        what: binding.role.clone(),
        allows: true,
        subjects: binding.subjects.iter().map(ToString::to_string).collect(),
        except: Vec::new(),
        scope: scope_words(&binding.spec.scope),
        reason: binding.reason.clone().unwrap_or_default(),
        source: written(view, &binding.source),
    });
    lines.collect()
}

fn rules(desk: &Desk, view: &View) -> Vec<Line> {
    let policy = desk.policy.policy();
    let lines = policy.rules().iter().map(|rule| Line {
        id: id_of(&rule.source),
        name: rule.name.clone(),
        what: rule.spec.permissions.join(", "),
        allows: rule.effect == RuleEffect::Allow,
        subjects: rule.subjects.iter().map(ToString::to_string).collect(),
        except: rule.except.iter().map(ToString::to_string).collect(),
        scope: scope_words(&rule.spec.scope),
        reason: rule.reason.clone(),
        source: written(view, &rule.source),
    });
    lines.collect()
}

/// A scope as it is written, one condition in each entry.
fn scope_words(scope: &ScopeSpec) -> Vec<String> {
    let mut words = Vec::new();
    for (name, values) in [
        ("kind", &scope.kind),
        ("namespace", &scope.namespace),
        ("system", &scope.system),
        ("environment", &scope.environment),
        ("type", &scope.types),
        ("tag", &scope.tag),
        ("filter", &scope.filter),
    ] {
        if !values.is_empty() {
            words.push(format!("{name}: {}", values.join(", ")));
        }
    }
    for (label, values) in &scope.label {
        words.push(format!("{label}: {}", values.join(", ")));
    }
    words.extend(
        scope
            .relation
            .iter()
            .map(|relation| format!("relation: {relation}")),
    );
    words
}

fn question_form(view: &View, call: &Call) -> Form {
    let text = |key: &str| view.t(key).to_string();
    let choices = known()
        .iter()
        .map(|known| Choice::new(&known.name))
        .collect();
    let given = |key: &str| call.query.get(key).unwrap_or_default().to_owned();
    let chosen = match given("permission") {
        none if none.is_empty() => "catalog.entity.read".to_owned(),
        chosen => chosen,
    };
    let mut form = Form::new("question", "/admin/permissions", text("permissions-ask"))
        .field(
            Field::new("user", text("permissions-who"), FieldKind::text())
                .help(text("permissions-who-help"))
                .placeholder("user:default/kim")
                .value(given("user")),
        )
        .field(
            Field::new(
                "permission",
                text("permissions-what"),
                FieldKind::Select { choices },
            )
            .required()
            .value(chosen),
        )
        .field(
            Field::new("entity", text("permissions-on"), FieldKind::text())
                .help(text("permissions-on-help"))
                .placeholder("component:default/payment-service")
                .value(given("entity")),
        );
    form.method = form::Method::Get;
    form
}

fn view_as_form(view: &View) -> Form {
    let text = |key: &str| view.t(key).to_string();
    Form::new(
        "view-as",
        "/admin/permissions/view-as",
        text("permissions-view-as-start"),
    )
    .field(
        Field::new("user", text("permissions-view-as-user"), FieldKind::text())
            .required()
            .help(text("permissions-view-as-help"))
            .placeholder("user:default/kim"),
    )
}
