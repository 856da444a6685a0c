//! `/settings`: who somebody is here and how the portal looks to them. What
//! concerns their sign-in stands beside it (`account`).

use std::sync::Arc;

use askama::Template;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use catalog::Catalog;
use identity::Identity;
use platform::Clock;
use platform::action::Action;
use platform::actor::{Caller, Grants, Permission};
use platform::error::ApiError;
use platform::http::{Access, Gate, Routes};
use platform::journal::{Door, Journal};
use platform::request::Call;
use portal::ui::form::{Choice, Field, FieldKind, Form};
use portal::ui::{Crumbs, Tabs};
use portal::{Page, Portal, View};
use serde_json::Value;

pub(super) const OWN: Access =
    Access::Public("it shows and changes only what belongs to whoever asks");

/// What the page works with.
#[derive(Clone)]
pub(super) struct Desk {
    catalog: Catalog,
    pub(super) identity: Arc<Identity>,
    pub(super) portal: Arc<Portal>,
    pub(super) clock: Clock,
    journal: Journal,
    actions: Arc<[Action]>,
    pub(super) permissions: Arc<[Permission]>,
}

impl Desk {
    /// `actions` are those of all capabilities, `permissions` what a token can
    /// be given.
    pub(super) fn new(
        (catalog, identity): (&Catalog, &Arc<Identity>),
        (portal, clock): (&Arc<Portal>, &Clock),
        (journal, actions): (&Journal, &Arc<[Action]>),
        permissions: Vec<Permission>,
    ) -> Self {
        Self {
            catalog: catalog.clone(),
            identity: Arc::clone(identity),
            portal: Arc::clone(portal),
            clock: clock.clone(),
            journal: journal.clone(),
            actions: Arc::clone(actions),
            permissions: permissions.into(),
        }
    }

    pub(super) fn view(&self, call: &Call) -> View {
        catalog::page_view(&self.portal, call, self.clock.now(), &self.catalog)
    }

    /// Whether the caller may use an action.
    pub(super) fn may(&self, caller: &Caller, action: &str) -> bool {
        let found = self.actions.iter().find(|one| one.name == action);
        found.is_some_and(|found| caller.may(found.permission))
    }

    /// Runs an action as a button of a page does.
    pub(super) async fn run(
        &self,
        call: &Call,
        action: &str,
        input: Value,
    ) -> Result<Value, ApiError> {
        let found = self.actions.iter().find(|one| one.name == action);
        let found = found.ok_or_else(|| ApiError::not_found("This cannot be done here"))?;
        self.journal
            .run(found, call.caller.clone(), Door::Portal, input)
            .await
    }
}

/// The parts of the settings, of which one is open.
pub(super) fn tabs(view: &View, current: &str) -> Tabs {
    let tab = |key: &str, href: &str| {
        portal::ui::Tab::new(view.t(key).to_string(), href, href == current)
    };
    Tabs {
        label: view.t("settings-title").to_string(),
        tabs: vec![
            tab("account-general", "/settings"),
            tab("account-sessions", "/settings/sessions"),
            tab("account-tokens", "/settings/tokens"),
            tab("account-security", "/settings/security"),
        ],
    }
}

/// The page. Looks are changed by `POST /preferences`.
pub(super) fn routes(desk: &Desk, gate: Arc<dyn Gate>) -> Routes {
    let one = desk.clone();
    Routes::new(gate).page(Method::GET, "/settings", OWN, move |call: Call| {
        let desk = one.clone();
        async move { show(&desk, &call).await }
    })
}

#[derive(Template)]
#[template(path = "portway/settings.html")]
struct SettingsPage {
    crumbs: Crumbs,
    profile: Profile,
    appearance: Form,
    zone: Option<String>,
    tabs: Tabs,
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

async fn show(desk: &Desk, call: &Call) -> Result<Response, ApiError> {
    let view = desk.view(call);
    let page = SettingsPage {
        crumbs: Crumbs::to(view.t("settings-title").to_string()),
        profile: profile(desk, &view, &call.caller).await?,
        appearance: appearance(&view),
        zone: view
            .preferences
            .zone
            .as_ref()
            .and_then(|zone| zone.iana_name().map(str::to_owned)),
        tabs: tabs(&view, "/settings"),
        view,
    };
    Ok(Page::new(page).into_response())
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
        grants: granted(view, caller, &desk.permissions),
        stars,
    })
}

fn granted(view: &View, caller: &Caller, known: &[Permission]) -> String {
    match &caller.grants {
        Grants::Decided(_) if caller.is_unlimited() => view.t("settings-grants-all").to_string(),
        Grants::Decided(_) => {
            let held = known.iter().filter(|one| caller.may(**one));
            held.map(|one| one.name).collect::<Vec<_>>().join(", ")
        }
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
