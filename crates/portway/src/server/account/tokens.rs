//! `/settings/tokens`: API tokens, made here and shown once. Those who may do
//! everything see everybody's.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use identity::ApiToken;
use jiff::{SignedDuration, Timestamp};
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::form::{Choice, Field, FieldKind, Form};
use portal::ui::{Code, Crumbs, Html, Status, Tabs, Tone};
use portal::{Page, Toast, View};
use serde_json::{Value, json};

use super::{Desk, require_somebody, settings_crumbs};
use crate::server::user_pages::tabs;

/// Days after which a token may run out, as far as the policy allows.
const LIVES: [i64; 5] = [7, 30, 90, 180, 365];

#[derive(Template)]
#[template(path = "portway/tokens.html")]
struct TokensPage {
    crumbs: Crumbs,
    tabs: Tabs,
    rows: Vec<Row>,
    /// Whether the tokens of all are shown.
    everybody: bool,
    may_see_all: bool,
    /// The form, for those who may make tokens.
    form: Option<Html>,
    may_revoke: bool,
    /// Tokens that run out within a week.
    ending: usize,
    /// The longest life that is allowed, in days.
    longest: u64,
    /// A token that has just been made: name and secret, shown this once.
    made: Option<(String, Code)>,
    view: View,
}

struct Row {
    id: String,
    name: String,
    by: String,
    scope: String,
    created: Timestamp,
    expires: Option<Timestamp>,
    used: Option<Timestamp>,
    address: Option<String>,
    status: Status,
}

/// `GET /settings/tokens`
pub(super) async fn page(desk: Desk, call: Call) -> Result<Response, ApiError> {
    require_somebody(&call.caller)?;
    let form = token_form(&desk, &desk.view(&call), &call.caller);
    show(&desk, &call, form, None).await
}

/// `GET /settings/tokens.json`
pub(super) async fn json(desk: Desk, call: Call) -> Result<Response, ApiError> {
    require_somebody(&call.caller)?;
    let now = desk.clock.now();
    let (tokens, _) = listed(&desk, &call).await?;
    let items: Vec<Value> = tokens.iter().map(|token| token.to_value(now)).collect();
    Ok(axum::Json(json!({ "items": items })).into_response())
}

/// The tokens to show, and whether they are everybody's.
async fn listed(desk: &Desk, call: &Call) -> Result<(Vec<ApiToken>, bool), ApiError> {
    let mut tokens = desk.identity.tokens(&call.caller).await?;
    let everybody = may_see_all(&call.caller) && call.query.get("all").is_some();
    if !everybody {
        tokens.retain(|token| token.created_by == call.caller.actor.name);
    }
    Ok((tokens, everybody))
}

fn may_see_all(caller: &Caller) -> bool {
    caller.is_unlimited()
}

async fn show(
    desk: &Desk,
    call: &Call,
    form: Form,
    made: Option<(String, Code)>,
) -> Result<Response, ApiError> {
    let view = desk.view(call);
    let now = desk.clock.now();
    let failed = form.has_errors();
    let fresh = made.is_some();
    let (tokens, everybody) = listed(desk, call).await?;
    let page = TokensPage {
        crumbs: settings_crumbs(&view, "account-tokens"),
        tabs: tabs(&view, "/settings/tokens"),
        ending: tokens
            .iter()
            .filter(|token| token.expires_soon(now))
            .count(),
        rows: tokens.iter().map(|token| row(&view, token, now)).collect(),
        everybody,
        may_see_all: may_see_all(&call.caller),
        form: desk
            .may(&call.caller, "token:create")
            .then(|| form.html(&view)),
        may_revoke: desk.may(&call.caller, "token:revoke"),
        longest: desk.identity.trust().tokens.longest.as_secs() / 86_400,
        made,
        view,
    };
    let status = if failed {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let mut response = Page::new(page).status(status).into_response();
    if fresh {
        // The secret is on this page and nowhere else.
        response
            .headers_mut()
            .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    Ok(response)
}

fn row(view: &View, token: &ApiToken, now: Timestamp) -> Row {
    let shown = token.to_value(now);
    let (tone, key) = match shown.get("status").and_then(Value::as_str) {
        Some("active") if token.expires_soon(now) => (Tone::Warn, "account-token-ending"),
        Some("active") => (Tone::Ok, "settings-token-active"),
        _ => (Tone::Neutral, "settings-token-expired"),
    };
    Row {
        id: token.id.clone(),
        name: token.name.clone(),
        by: token.created_by.clone(),
        scope: super::scope_text(view, shown.get("scope").unwrap_or(&Value::Null)),
        created: token.created_at,
        expires: token.expires_at,
        used: token.last_used_at,
        address: token.last_used_address.clone(),
        status: Status {
            tone,
            text: view.t(key).to_string(),
        },
    }
}

fn token_form(desk: &Desk, view: &View, caller: &Caller) -> Form {
    let text = |key: &str| view.t(key).to_string();
    let scopes = [
        ("read", "settings-scope-read", "settings-scope-read-note"),
        ("all", "settings-scope-all", "settings-scope-all-note"),
        (
            "chosen",
            "settings-scope-chosen",
            "settings-scope-chosen-note",
        ),
    ];
    let scopes = scopes.map(|(value, key, note)| Choice {
        note: text(note),
        ..Choice::named(value, text(key))
    });
    let policy = desk.identity.trust().tokens;
    let longest = i64::try_from(policy.longest.as_secs() / 86_400).unwrap_or(i64::MAX);
    let mut days: Vec<i64> = LIVES.into_iter().filter(|days| *days <= longest).collect();
    if days.is_empty() {
        days.push(longest.max(1));
    }
    let usual = days.iter().copied().filter(|days| *days <= 90).max();
    let lives: Vec<Choice> = days
        .iter()
        .map(|days| {
            let text = view.t("settings-days").with("count", *days).to_string();
            Choice::named(days.to_string(), text)
        })
        .collect();
    let held = desk.permissions.iter().filter(|one| caller.may(**one));
    let permissions = held
        .map(|permission| Choice::new(permission.name))
        .collect();
    let name = FieldKind::Text {
        kind: portal::ui::form::TextKind::Text,
        proposals: Vec::new(),
        unit: String::new(),
        max_length: Some(100),
    };
    Form::new("token", "/settings/tokens", text("settings-token-make"))
        .field(
            Field::new("name", text("settings-token-name"), name)
                .required()
                .help(text("settings-token-name-help")),
        )
        .field(
            Field::new(
                "scope",
                text("settings-token-scope"),
                FieldKind::Radio {
                    choices: scopes.into(),
                },
            )
            .required()
            .value("read"),
        )
        .field(Field::new(
            "permissions",
            text("settings-token-permissions"),
            FieldKind::Checkboxes {
                choices: permissions,
            },
        ))
        .field(
            Field::new(
                "days",
                text("settings-token-life"),
                FieldKind::Select { choices: lives },
            )
            .required()
            .value(usual.unwrap_or(30).to_string()),
        )
}

/// `POST /settings/tokens`: answers with the secret, once.
pub(super) async fn make(desk: Desk, call: Call) -> Result<Response, ApiError> {
    let view = desk.view(&call);
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&call.body)
        .into_owned()
        .take(400)
        .collect();
    let mut form = token_form(&desk, &view, &call.caller);
    form.fill(&pairs);
    let name = form.value("name").trim().to_owned();
    if name.is_empty() {
        form.fail("name", view.t("settings-token-name-missing").to_string());
    }
    let chosen: Vec<&str> = pairs
        .iter()
        .filter(|(key, _)| key == "permissions")
        .map(|(_, value)| value.as_str())
        .collect();
    let scope = match form.value("scope") {
        "all" => json!("all"),
        "chosen" if chosen.is_empty() => {
            let why = view.t("settings-token-permissions-missing").to_string();
            form.fail("permissions", why);
            Value::Null
        }
        "chosen" => json!(chosen),
        _ => json!("read"),
    };
    if form.has_errors() {
        return show(&desk, &call, form, None).await;
    }
    let mut input = json!({ "name": name, "scope": scope });
    if let Some(end) = end_of_life(form.value("days"), desk.clock.now())
        && let Some(fields) = input.as_object_mut()
    {
        fields.insert("expiresAt".to_owned(), json!(end));
    }
    match desk.run(&call, "token:create", input).await {
        Ok(output) => {
            let secret = output.get("secret").and_then(Value::as_str);
            let code = Code::command("secret", secret.unwrap_or_default());
            let form = token_form(&desk, &view, &call.caller);
            show(&desk, &call, form, Some((name, code))).await
        }
        Err(error) if error.status.is_client_error() => {
            // A second press of the button finds the name taken, and says so.
            form.fail("name", error.message);
            show(&desk, &call, form, None).await
        }
        Err(error) => Err(error),
    }
}

/// When a token with so many days runs out; as the policy says for what is no
/// number of days.
fn end_of_life(days: &str, now: Timestamp) -> Option<Timestamp> {
    let days: i64 = days
        .parse()
        .ok()
        .filter(|days| (1..=3_650).contains(days))?;
    now.checked_add(SignedDuration::from_hours(24 * days)).ok()
}

/// `POST /settings/tokens/revoke`
pub(super) async fn end(desk: Desk, call: Call) -> Result<Response, ApiError> {
    let view = desk.view(&call);
    let form = call.form();
    let token = form.get("token").unwrap_or_default();
    let output = desk
        .run(&call, "token:revoke", json!({ "token": token }))
        .await?;
    let name = output
        .pointer("/token/name")
        .and_then(Value::as_str)
        .unwrap_or(token);
    let done = view.t("settings-token-revoked").with("name", name);
    let back = match form.get("all") {
        Some(_) => "/settings/tokens?all=1",
        None => "/settings/tokens",
    };
    Ok(Toast::new(done.to_string()).redirect(back))
}
