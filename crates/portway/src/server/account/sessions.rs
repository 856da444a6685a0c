//! `/settings/sessions`: where somebody is signed in, with a button that ends
//! each. `/admin/sessions` shows everybody's to those who keep order.

use askama::Template;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use identity::{Method, SESSION_MANAGE, Session, agent_words};
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Crumbs, Tabs};
use portal::{Page, Toast, View};
use serde_json::{Value, json};

use super::{Answer, Desk, require_somebody, settings_crumbs};
use crate::server::user_pages::tabs;

/// Sessions of everybody that are shown.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "portway/sessions.html")]
struct SessionsPage {
    crumbs: Crumbs,
    /// None on the page about everybody.
    tabs: Option<Tabs>,
    rows: Vec<Row>,
    /// Where the forms lead back to.
    back: &'static str,
    /// Whether the reader may see everybody's.
    may_manage: bool,
    /// Whose sessions are asked for, on the page about everybody.
    asked: String,
    idle_hours: u64,
    absolute_days: u64,
    view: View,
}

impl SessionsPage {
    fn others(&self) -> usize {
        self.rows.iter().filter(|row| !row.current).count()
    }
}

struct Row {
    id: String,
    user: String,
    /// The browser or program, in words.
    agent: String,
    method: String,
    /// What a program may do; empty for a browser.
    scope: String,
    address: Option<String>,
    created: Timestamp,
    seen: Timestamp,
    ends: Timestamp,
    current: bool,
}

/// `GET /settings/sessions`
pub(super) async fn page(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let view = desk.view(&call);
    let sessions = desk.identity.sessions_of(&call.caller, None).await?;
    let crumbs = settings_crumbs(&view, "account-sessions");
    let tabs = Some(tabs(&view, "/settings/sessions"));
    let heading = (crumbs, tabs, call.caller.may(SESSION_MANAGE));
    draw(&desk, &parts, view, heading, (sessions, String::new())).await
}

/// `GET /admin/sessions`
pub(super) async fn everybody(desk: Desk, parts: Parts, call: Call) -> Answer {
    let view = desk.view(&call);
    let (sessions, asked) = of_everybody(&desk, &call).await?;
    let crumbs = Crumbs::to(view.t("account-sessions-all").to_string());
    draw(&desk, &parts, view, (crumbs, None, true), (sessions, asked)).await
}

async fn of_everybody(desk: &Desk, call: &Call) -> Result<(Vec<Session>, String), ApiError> {
    let asked = call.query.get("user").unwrap_or_default().trim().to_owned();
    let sessions = if asked.is_empty() {
        desk.identity.all_sessions(&call.caller, MOST).await?
    } else {
        let user = EntityRef::parse(&asked, Some("user"), Some("default")).map_err(|problem| {
            ApiError::input(problem.to_string()).accepted("a reference such as user:default/kim")
        })?;
        desk.identity.sessions_of(&call.caller, Some(&user)).await?
    };
    Ok((sessions, asked))
}

async fn draw(
    desk: &Desk,
    parts: &Parts,
    view: View,
    (crumbs, tabs, may_manage): (Crumbs, Option<Tabs>, bool),
    (sessions, asked): (Vec<Session>, String),
) -> Answer {
    let current = desk
        .identity
        .session(parts)
        .await?
        .map(|session| session.id);
    let limits = desk.identity.trust().sessions;
    let rows = sessions
        .iter()
        .map(|session| {
            let value = session.to_value(&limits, current.as_deref());
            row(&view, session, &value, session.ends_at(&limits))
        })
        .collect();
    Ok(super::unkept(
        Page::new(SessionsPage {
            crumbs,
            back: if tabs.is_some() {
                "/settings/sessions"
            } else {
                "/admin/sessions"
            },
            tabs,
            rows,
            may_manage,
            asked,
            idle_hours: limits.idle.as_secs().div_ceil(3600),
            absolute_days: limits.absolute.as_secs().div_ceil(86_400),
            view,
        })
        .into_response(),
    ))
}

fn row(view: &View, session: &Session, value: &Value, ends: Timestamp) -> Row {
    let key = match session.method {
        Method::Guest => "account-method-guest",
        Method::Link => "account-method-link",
        Method::Password => "account-method-password",
        Method::Passkey => "account-method-passkey",
        Method::Recovery => "account-method-recovery",
        Method::Provider => "account-method-provider",
        Method::Device => "account-method-device",
    };
    let agent = session.agent.as_deref().map(agent_words);
    Row {
        id: session.id.clone(),
        user: session.user.to_string(),
        agent: agent
            .filter(|agent| !agent.is_empty())
            .unwrap_or_else(|| view.t("account-agent-unknown").to_string()),
        method: view.t(key).to_string(),
        scope: super::scope_text(view, value.get("scope").unwrap_or(&Value::Null)),
        address: session.address.clone(),
        created: session.created_at,
        seen: session.last_seen_at,
        ends,
        current: value.get("current") == Some(&Value::Bool(true)),
    }
}

/// `GET /settings/sessions.json`
pub(super) async fn json(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let sessions = desk.identity.sessions_of(&call.caller, None).await?;
    as_json(&desk, &parts, &sessions).await
}

/// `GET /admin/sessions.json`
pub(super) async fn everybody_json(desk: Desk, parts: Parts, call: Call) -> Answer {
    let (sessions, _) = of_everybody(&desk, &call).await?;
    as_json(&desk, &parts, &sessions).await
}

async fn as_json(desk: &Desk, parts: &Parts, sessions: &[Session]) -> Answer {
    let current = desk
        .identity
        .session(parts)
        .await?
        .map(|session| session.id);
    let limits = desk.identity.trust().sessions;
    let items: Vec<Value> = sessions
        .iter()
        .map(|session| session.to_value(&limits, current.as_deref()))
        .collect();
    let body = axum::Json(json!({ "items": items }));
    Ok(super::unkept(body.into_response()))
}

/// `POST /settings/sessions/end`
pub(super) async fn end(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let view = desk.view(&call);
    let form = call.form();
    let id = form.get("session").unwrap_or_default();
    let current = desk
        .identity
        .session(&parts)
        .await?
        .map(|session| session.id);
    desk.run(&call, "session:end", json!({ "session": id }))
        .await?;
    // Whoever ends the session they sit in has signed out.
    let to = match current.as_deref() == Some(id) {
        true => "/sign-in",
        false => back(&form),
    };
    Ok(Toast::new(view.t("account-session-ended").to_string()).redirect(to))
}

/// `POST /settings/sessions/end-others`
pub(super) async fn end_others(desk: Desk, parts: Parts, call: Call) -> Answer {
    require_somebody(&call.caller)?;
    let view = desk.view(&call);
    let form = call.form();
    let current = desk
        .identity
        .session(&parts)
        .await?
        .map(|session| session.id);
    let mut input = json!({});
    if let Some(fields) = input.as_object_mut() {
        if let Some(current) = current {
            fields.insert("keep".to_owned(), current.into());
        }
        if let Some(user) = form.get("user").filter(|user| !user.is_empty()) {
            fields.insert("user".to_owned(), user.into());
        }
    }
    let output = desk.run(&call, "session:end-others", input).await?;
    let count = output.get("ended").and_then(Value::as_u64).unwrap_or(0);
    let done = view.t("account-sessions-ended").with("count", count);
    Ok(Toast::new(done.to_string()).redirect(back(&form)))
}

fn back(form: &platform::request::Query) -> &'static str {
    match form.get("back") {
        Some("/admin/sessions") => "/admin/sessions",
        _ => "/settings/sessions",
    }
}
