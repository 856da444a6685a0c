//! `/settings`: who somebody is here, how the portal looks to them, and the API
//! tokens that they have made.

use std::sync::Arc;

use askama::Template;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use catalog::Catalog;
use identity::{ApiToken, Identity};
use jiff::{SignedDuration, Timestamp};
use platform::Clock;
use platform::action::Action;
use platform::actor::{Caller, Grants, Permission};
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::journal::{Door, Journal};
use platform::request::Call;
use portal::ui::form::{Choice, Field, FieldKind, Form};
use portal::ui::{Code, Crumbs, Html, Status, Tone};
use portal::{Page, Portal, Toast, View};
use serde_json::{Value, json};

const OWN: Access = Access::Public("it shows and changes only what belongs to whoever asks");
/// Days after which a token may run out; `0` stands for never.
const LIVES: [&str; 4] = ["30", "90", "365", "0"];

/// What the page works with.
#[derive(Clone)]
pub(super) struct Desk {
    catalog: Catalog,
    identity: Arc<Identity>,
    portal: Arc<Portal>,
    clock: Clock,
    journal: Journal,
    create: Option<Action>,
    revoke: Option<Action>,
    permissions: Arc<[Permission]>,
}

impl Desk {
    /// `actions` are those of all capabilities, `permissions` what a token can
    /// be given.
    pub(super) fn new(
        (catalog, identity): (&Catalog, &Arc<Identity>),
        (portal, clock): (&Arc<Portal>, &Clock),
        (journal, actions): (&Journal, &[Action]),
        permissions: Vec<Permission>,
    ) -> Self {
        let named = |name: &str| actions.iter().find(|action| action.name == name).cloned();
        Self {
            catalog: catalog.clone(),
            identity: Arc::clone(identity),
            portal: Arc::clone(portal),
            clock: clock.clone(),
            journal: journal.clone(),
            create: named("token:create"),
            revoke: named("token:revoke"),
            permissions: permissions.into(),
        }
    }

    fn view(&self, call: &Call) -> View {
        catalog::page_view(&self.portal, call, self.clock.now(), &self.catalog)
    }
}

/// The page and its forms. Looks are changed by `POST /preferences`.
pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let (one, two, three) = (desk.clone(), desk.clone(), desk.clone());
    let mut routes = Routes::new(gate).page(Method::GET, "/settings", OWN, move |call: Call| {
        let desk = one.clone();
        async move {
            let form = token_form(&desk, &desk.view(&call), &call.caller);
            show(&desk, &call, form, None).await
        }
    });
    if let Some(create) = &desk.create {
        routes = routes.page(
            Method::POST,
            "/settings/tokens",
            Access::Needs(create.permission),
            move |call: Call| make(two.clone(), call),
        );
    }
    if let Some(revoke) = &desk.revoke {
        routes = routes.page(
            Method::POST,
            "/settings/tokens/revoke",
            Access::Needs(revoke.permission),
            move |call: Call| end(three.clone(), call),
        );
    }
    routes
}

#[derive(Template)]
#[template(path = "portway/settings.html")]
struct SettingsPage {
    crumbs: Crumbs,
    profile: Profile,
    appearance: Form,
    zone: Option<String>,
    tokens: Option<Tokens>,
    /// A token that has just been made: name and secret, shown this once.
    made: Option<(String, Code)>,
    view: View,
}

impl SettingsPage {
    fn can_sign_out(&self) -> bool {
        self.view
            .user
            .as_ref()
            .is_some_and(|user| user.can_sign_out)
    }
}

struct Profile {
    /// How the log names whoever asks; nothing for nobody.
    actor: Option<String>,
    groups: Vec<(String, String)>,
    grants: String,
    stars: usize,
}

struct Tokens {
    rows: Vec<Row>,
    /// The form, for those who may make tokens.
    form: Option<Html>,
    may_revoke: bool,
}

struct Row {
    id: String,
    name: String,
    scope: String,
    created: Timestamp,
    expires: Option<Timestamp>,
    used: Option<Timestamp>,
    status: Status,
}

async fn show(
    desk: &Desk,
    call: &Call,
    form: Form,
    made: Option<(String, Code)>,
) -> Result<Response, ApiError> {
    let view = desk.view(call);
    let failed = form.has_errors();
    let fresh = made.is_some();
    let page = SettingsPage {
        crumbs: Crumbs::to(view.t("settings-title").to_string()),
        profile: profile(desk, &view, &call.caller).await?,
        appearance: appearance(&view),
        zone: view
            .preferences
            .zone
            .as_ref()
            .and_then(|zone| zone.iana_name().map(str::to_owned)),
        tokens: tokens(desk, &view, &call.caller, &form).await?,
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

async fn profile(desk: &Desk, view: &View, caller: &Caller) -> Result<Profile, ApiError> {
    let stars = if caller.is_anonymous() {
        0
    } else {
        let kept = desk
            .identity
            .user_setting(caller, "starredEntities", "entityRefs")
            .await?;
        kept.as_ref().and_then(Value::as_array).map_or(0, Vec::len)
    };
    let groups = caller
        .ownership
        .iter()
        .filter(|owner| owner.kind() == "group")
        .map(|group| {
            let href = format!("/catalog/{}/group/{}", group.namespace(), group.name());
            (group.name().to_owned(), href)
        })
        .collect();
    Ok(Profile {
        actor: (!caller.is_anonymous()).then(|| caller.actor.name.clone()),
        groups,
        grants: granted(view, &caller.grants),
        stars,
    })
}

fn granted(view: &View, grants: &Grants) -> String {
    match grants {
        Grants::None => view.t("settings-grants-none").to_string(),
        Grants::Read => view.t("settings-grants-read").to_string(),
        Grants::All => view.t("settings-grants-all").to_string(),
        Grants::Named(names) => names.iter().cloned().collect::<Vec<_>>().join(", "),
    }
}

/// The same choices as in the menu of the top bar, for `POST /preferences`.
fn appearance(view: &View) -> Form {
    let text = |key: &str| view.t(key).to_string();
    let choose = |name: &str, label: &str, value: &str, choices: &[(&str, &str)]| {
        let choices = choices
            .iter()
            .map(|(value, key)| Choice::named(*value, view.t(key).to_string()))
            .collect();
        Field::new(name, text(label), FieldKind::Select { choices })
            .required()
            .value(value)
    };
    let seen = &view.preferences;
    let pick = |on: bool, yes: &'static str, no: &'static str| if on { yes } else { no };
    Form::new("appearance", "/preferences", text("settings-save"))
        .keep("back", "/settings")
        .field(choose(
            "lang",
            "settings-language",
            view.lang.tag(),
            &[("en", "settings-english"), ("ko", "settings-korean")],
        ))
        .field(choose(
            "theme",
            "settings-theme",
            seen.theme.name(),
            &[
                ("system", "theme-system"),
                ("light", "theme-light"),
                ("dark", "theme-dark"),
            ],
        ))
        .field(choose(
            "contrast",
            "settings-contrast",
            pick(seen.more_contrast, "more", "normal"),
            &[("normal", "settings-normal"), ("more", "contrast-more")],
        ))
        .field(choose(
            "density",
            "settings-density",
            pick(seen.compact, "compact", "comfortable"),
            &[
                ("comfortable", "settings-comfortable"),
                ("compact", "density-compact"),
            ],
        ))
        .field(choose(
            "keys",
            "settings-keys",
            pick(seen.keys_off, "off", "on"),
            &[("on", "settings-on"), ("off", "settings-off")],
        ))
}

/// Nothing for those who may not even list their own.
async fn tokens(
    desk: &Desk,
    view: &View,
    caller: &Caller,
    form: &Form,
) -> Result<Option<Tokens>, ApiError> {
    if caller.is_anonymous() {
        return Ok(None);
    }
    let now = desk.clock.now();
    let mut rows = desk.identity.tokens(caller).await?;
    // Those who may see all tokens find them with `portway token list`.
    rows.retain(|token| token.created_by == caller.actor.name);
    let may = |action: &Option<Action>| {
        let permission = action.as_ref().map(|action| action.permission);
        permission.is_some_and(|permission| caller.may(permission))
    };
    Ok(Some(Tokens {
        rows: rows.iter().map(|token| row(view, token, now)).collect(),
        form: may(&desk.create).then(|| form.html(view)),
        may_revoke: may(&desk.revoke),
    }))
}

fn row(view: &View, token: &ApiToken, now: Timestamp) -> Row {
    let shown = token.to_value(now);
    let scope = match shown.get("scope") {
        Some(Value::String(word)) if word == "all" => view.t("settings-scope-all").to_string(),
        Some(Value::String(_)) => view.t("settings-scope-read").to_string(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(", ")
        }
        _ => String::new(),
    };
    let (tone, key) = match shown.get("status").and_then(Value::as_str) {
        Some("active") => (Tone::Ok, "settings-token-active"),
        _ => (Tone::Neutral, "settings-token-expired"),
    };
    Row {
        id: token.id.clone(),
        name: token.name.clone(),
        scope,
        created: token.created_at,
        expires: token.expires_at,
        used: token.last_used_at,
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
    let lives = LIVES.map(|days| {
        let text = match days {
            "0" => view.t("settings-never").to_string(),
            days => view
                .t("settings-days")
                .with("count", days.parse::<u64>().unwrap_or_default())
                .to_string(),
        };
        Choice::named(days, text)
    });
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
                FieldKind::Select {
                    choices: lives.into(),
                },
            )
            .required()
            .value("90"),
        )
}

/// `POST /settings/tokens`: answers with the secret, once.
async fn make(desk: Desk, call: Call) -> Result<Response, ApiError> {
    let view = desk.view(&call);
    let Some(action) = &desk.create else {
        return Err(ApiError::not_found("No tokens can be made here"));
    };
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
    let made = desk
        .journal
        .run(action, call.caller.clone(), Door::Portal, input);
    match made.await {
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

/// When a token with so many days runs out; never for what is no number of days.
fn end_of_life(days: &str, now: Timestamp) -> Option<Timestamp> {
    let days: i64 = days
        .parse()
        .ok()
        .filter(|days| (1..=3_650).contains(days))?;
    now.checked_add(SignedDuration::from_hours(24 * days)).ok()
}

/// `POST /settings/tokens/revoke`
async fn end(desk: Desk, call: Call) -> Result<Response, ApiError> {
    let view = desk.view(&call);
    let Some(action) = &desk.revoke else {
        return Err(ApiError::not_found("No tokens can be revoked here"));
    };
    let form = call.form();
    let token = form.get("token").unwrap_or_default();
    let output = desk
        .journal
        .run(
            action,
            call.caller.clone(),
            Door::Portal,
            json!({ "token": token }),
        )
        .await?;
    let name = output
        .pointer("/token/name")
        .and_then(Value::as_str)
        .unwrap_or(token);
    let done = view.t("settings-token-revoked").with("name", name);
    Ok(Toast::new(done.to_string()).redirect("/settings"))
}
