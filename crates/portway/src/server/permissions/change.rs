//! Making, changing and removing bindings and rules in the portal: a form, the
//! dry run, and the button that does it. Both are the actions' own.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::permission::POLICY_UPDATE;
use askama::Template;
use axum::http::Method;
use axum::response::IntoResponse;
use platform::action::Plan;
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::journal::Door;
use platform::request::{Call, Query};
use portal::ui::form::{Choice, Field, FieldKind, Form};
use portal::ui::{Crumbs, Html};
use portal::{Page, Portal, Toast, View};
use serde_json::{Map, Value, json};

use super::{Answer, Desk, shown};

/// Fields of a scope that hold a list.
const LISTS: [&str; 6] = ["kind", "namespace", "system", "environment", "type", "tag"];

pub(super) fn routes(desk: &Desk, portal: &Arc<Portal>, gate: Arc<dyn Gate>) -> Routes {
    let update = Access::Needs(POLICY_UPDATE);
    Routes::new(gate)
        .page(
            Method::GET,
            "/admin/permissions/change",
            update,
            shown(desk, portal, ask),
        )
        .page(
            Method::POST,
            "/admin/permissions/change",
            update,
            shown(desk, portal, try_out),
        )
        .page(
            Method::POST,
            "/admin/permissions/apply",
            update,
            shown(desk, portal, apply),
        )
}

#[derive(Template)]
#[template(path = "portway/permissions-change.html")]
struct ChangePage {
    crumbs: Crumbs,
    title: &'static str,
    form: Option<Html>,
    plan: Option<Plan>,
    /// Action and input, for the button that does it.
    input: (String, String),
    /// What is there now, and what would be.
    before: String,
    after: String,
    view: View,
}

impl ChangePage {
    fn new(view: View, title: &'static str, form: Option<Html>) -> Self {
        let crumbs = Crumbs::to(view.t(title).to_string()).via(
            view.t("permissions-title").to_string(),
            "/admin/permissions",
        );
        Self {
            crumbs,
            title,
            form,
            plan: None,
            input: (String::new(), String::new()),
            before: String::new(),
            after: String::new(),
            view,
        }
    }
}

fn title_of(sort: &str) -> &'static str {
    match sort {
        "rule" => "permissions-rule",
        _ => "permissions-binding",
    }
}

async fn ask(desk: Desk, view: View, call: Call) -> Answer {
    let id = call.query.get("id").unwrap_or_default();
    let stored = desk.policy.stored().into_iter().find(|item| item.id == id);
    let sort = match &stored {
        Some(item) => item.sort.clone(),
        None => call.query.get("sort").unwrap_or("binding").to_owned(),
    };
    let mut form = form(&desk, &view, &sort, id);
    if let Some(item) = &stored {
        form.fill(&pairs_of(&item.body));
        form.was_sent = false;
    }
    let html = form.card(&view);
    Ok(Page::new(ChangePage::new(view, title_of(&sort), Some(html))).into_response())
}

/// The dry run.
async fn try_out(desk: Desk, view: View, call: Call) -> Answer {
    let sent = call.form();
    let removed = sent.get("remove").filter(|id| !id.is_empty());
    let (name, input, sort) = match removed {
        Some(id) => {
            let stored = desk.policy.stored().into_iter().find(|item| item.id == id);
            let sort = stored.map_or_else(|| "binding".to_owned(), |item| item.sort);
            ("access:remove", json!({ "id": id }), sort)
        }
        None => {
            let sort = sent.get("sort").unwrap_or("binding").to_owned();
            ("access:put", put_input(&sent, &sort), sort)
        }
    };
    let action = desk.action(name)?;
    let plan = action.plan(call.caller.clone(), input.clone()).await;
    let mut form = form(&desk, &view, &sort, sent.get("id").unwrap_or_default());
    form.fill(
        &sent
            .pairs()
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .collect::<Vec<_>>(),
    );
    let plan = match plan {
        Ok(plan) => Some(plan),
        Err(problem) if removed.is_none() => {
            let accepted = problem.accepted.map(|text| format!(" ({text})"));
            form.fail(
                "",
                format!("{}{}", problem.message, accepted.unwrap_or_default()),
            );
            None
        }
        Err(problem) => return Err(problem),
    };
    let id = input.get("id").and_then(Value::as_str).unwrap_or_default();
    let before = desk.policy.stored().into_iter().find(|item| item.id == id);
    let pretty = |value: &Value| serde_json::to_string_pretty(value).unwrap_or_default();
    let html = removed.is_none().then(|| form.card(&view));
    let mut page = ChangePage::new(view, title_of(&sort), html);
    page.before = before.map(|item| pretty(&item.body)).unwrap_or_default();
    page.after = input.get(&sort).map(pretty).unwrap_or_default();
    page.plan = plan;
    page.input = (name.to_owned(), input.to_string());
    Ok(Page::new(page).into_response())
}

async fn apply(desk: Desk, view: View, call: Call) -> Answer {
    let sent = call.form();
    let action = desk.action(sent.get("action").unwrap_or_default())?;
    let input: Value =
        serde_json::from_str(sent.get("input").unwrap_or_default()).map_err(|_| {
            ApiError::input("The form did not arrive as a whole").fix("go back and try again")
        })?;
    desk.journal
        .run(&action, call.caller, Door::Portal, input)
        .await?;
    let done = view.t("permissions-done").to_string();
    Ok(Toast::new(done).redirect("/admin/permissions"))
}

fn put_input(sent: &Query, sort: &str) -> Value {
    let lines = |key: &str| -> Vec<&str> {
        let text = sent.get(key).unwrap_or_default();
        let parts = text.split([',', '\n']).map(str::trim);
        parts.filter(|part| !part.is_empty()).collect()
    };
    let text = |key: &str| sent.get(key).map(str::trim).filter(|text| !text.is_empty());
    let mut scope = Map::new();
    for field in LISTS {
        let values = lines(field);
        if !values.is_empty() {
            scope.insert(field.to_owned(), json!(values));
        }
    }
    let mut labels: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for pair in lines("label") {
        let (key, value) = pair.split_once('=').unwrap_or((pair, "*"));
        labels.entry(key).or_default().push(value);
    }
    if !labels.is_empty() {
        scope.insert("label".to_owned(), json!(labels));
    }
    if let Some(relation) = text("relation") {
        scope.insert("relation".to_owned(), json!(relation));
    }
    if let Some(filter) = text("filter") {
        scope.insert("filter".to_owned(), json!([filter]));
    }
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    if let Some(name) = text("name") {
        put("name", json!(name));
    }
    put("subjects", json!(lines("subjects")));
    match sort {
        "rule" => {
            put("effect", json!(text("effect").unwrap_or("deny")));
            put("permissions", json!(lines("permissions")));
            put("except", json!(lines("except")));
            put("reason", json!(text("reason").unwrap_or_default()));
        }
        _ => {
            put("role", json!(text("role").unwrap_or_default()));
            if let Some(reason) = text("reason") {
                put("reason", json!(reason));
            }
        }
    }
    if !scope.is_empty() {
        put("scope", Value::Object(scope));
    }
    let mut input = json!({ sort: body });
    if let (Some(id), Some(fields)) = (text("id"), input.as_object_mut()) {
        fields.insert("id".to_owned(), json!(id));
    }
    input
}

/// What is stored, as the form's fields.
fn pairs_of(body: &Value) -> Vec<(String, String)> {
    let joined = |value: &Value| match value {
        Value::Array(list) => list
            .iter()
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join("\n"),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    let mut pairs = Vec::new();
    for (key, value) in body.as_object().into_iter().flatten() {
        if key != "scope" {
            pairs.push((key.clone(), joined(value)));
        }
    }
    for (key, value) in body
        .get("scope")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        if key == "label" {
            let labels = value.as_object().into_iter().flatten();
            let written = labels.flat_map(|(label, values)| {
                let values = joined(values);
                values
                    .lines()
                    .map(|value| format!("{label}={value}"))
                    .collect::<Vec<_>>()
            });
            pairs.push((key.clone(), written.collect::<Vec<_>>().join(", ")));
        } else {
            pairs.push((key.clone(), joined(value).replace('\n', ", ")));
        }
    }
    pairs
}

fn form(desk: &Desk, view: &View, sort: &str, id: &str) -> Form {
    let text = |key: &str| view.t(key).to_string();
    let lines = || FieldKind::Multiline { rows: 2 };
    let policy = desk.policy.policy();
    let mut form = Form::new(
        "change",
        "/admin/permissions/change",
        text("permissions-try"),
    )
    .keep("sort", sort)
    .keep("id", id)
    .cancel(text("permissions-cancel"), "/admin/permissions")
    .field(
        Field::new("name", text("permissions-name"), FieldKind::text())
            .help(text("permissions-name-help")),
    );
    let subjects = Field::new("subjects", text("permissions-subjects"), lines())
        .placeholder("group:default/payments");
    if sort == "rule" {
        let effects = vec![
            Choice::named("deny", text("permissions-deny")),
            Choice::named("allow", text("permissions-allow")),
        ];
        form = form
            .field(
                Field::new(
                    "effect",
                    text("permissions-effect"),
                    FieldKind::Select { choices: effects },
                )
                .required()
                .value("deny"),
            )
            .field(
                Field::new("permissions", text("permissions-what"), lines())
                    .required()
                    .help(text("permissions-what-help"))
                    .placeholder("catalog.entity.delete"),
            )
            .field(subjects.help(text("permissions-subjects-rule-help")))
            .field(
                Field::new("except", text("permissions-except"), lines())
                    .help(text("permissions-except-help")),
            );
    } else {
        let roles = policy.roles().map(|role| Choice::new(&role.name)).collect();
        form = form
            .field(
                Field::new(
                    "role",
                    text("permissions-role"),
                    FieldKind::Select { choices: roles },
                )
                .required(),
            )
            .field(subjects.required().help(text("permissions-subjects-help")));
    }
    let reason = Field::new("reason", text("permissions-reason"), FieldKind::text())
        .help(text("permissions-reason-help"));
    let reason = if sort == "rule" {
        reason.required()
    } else {
        reason
    };
    scope_fields(view, form).field(reason)
}

fn scope_fields(view: &View, mut form: Form) -> Form {
    let text = |key: &str| view.t(key).to_string();
    for (field, example) in [
        ("kind", "Component, API"),
        ("namespace", "default"),
        ("system", "payments"),
        ("environment", "production"),
        ("label", "tier=1"),
        ("type", "service"),
        ("tag", "java"),
        ("filter", "spec.lifecycle=production"),
    ] {
        let label = text(&format!("permissions-scope-{field}"));
        form = form.field(Field::new(field, label, FieldKind::text()).placeholder(example));
    }
    let relations = vec![
        Choice::named("", text("permissions-relation-none")),
        Choice::named("owner", text("permissions-relation-owner")),
        Choice::named("member", text("permissions-relation-member")),
    ];
    form.field(Field::new(
        "relation",
        text("permissions-scope-relation"),
        FieldKind::Select { choices: relations },
    ))
}
