//! What people keep of the list: views that they have named, and stars.

use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::Dialog;
use portal::ui::form::{Choice, Field, FieldKind};
use portal::{Address, Toast, View};
use serde_json::{Value, json};

use super::{Answer, Desk};
use crate::visibility::visible_to;

/// The bucket of the views; a setting's key is the name of a view.
const BUCKET: &str = "catalog.views";
/// Characters of a name.
pub(super) const MAX_NAME: usize = 60;
/// Bytes of what a view chooses.
const MAX_QUERY: usize = 8 * 1024;
/// Views of one person or group; more tabs than this nobody finds.
const MAX_VIEWS: usize = 30;
/// Groups of one person whose views are looked up.
const MAX_TEAMS: usize = 20;

/// A list that somebody has named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnView {
    pub(super) name: String,
    /// The group that it belongs to; nothing for the reader's own.
    pub(super) team: Option<EntityRef>,
    /// What it chooses: a query string without moment, page and language.
    pub(super) query: String,
}

impl OwnView {
    /// Its address, at the moment that is looked at.
    pub(super) fn href(&self, here: &Address) -> String {
        let mut address = Address::new("/catalog", &self.query);
        for name in ["at", "lang"] {
            if let Some(value) = here.get(name) {
                address = address.with(name, value);
            }
        }
        address.to_string()
    }

    /// Its group, as forms send it.
    fn team_text(&self) -> String {
        self.team
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// Whether the address shows this view and nothing else.
    pub(super) fn is_open(&self, here: &Address) -> bool {
        let (own, open) = (
            Address::new("/catalog", &self.query),
            Address::new("/catalog", &kept_of(here)),
        );
        own.covers(&open) && open.covers(&own)
    }
}

/// What a view keeps of an address.
pub(super) fn kept_of(here: &Address) -> String {
    let mut kept = Address::new("", "");
    for (name, value) in here.pairs() {
        let passing = matches!(name.as_str(), "page" | "at" | "lang" | "ref");
        if !passing && !value.is_empty() {
            kept = kept.and(name, value);
        }
    }
    kept.to_string().trim_start_matches('?').to_owned()
}

impl Desk {
    /// The views of the caller and of the caller's groups, by name, the own ones first.
    pub(super) async fn own_views(&self, caller: &Caller) -> Result<Vec<OwnView>, ApiError> {
        let own = self.identity.user_settings(caller, BUCKET).await?;
        let mut views = read(own, None);
        for team in teams(caller) {
            let kept = self.identity.group_settings(caller, team, BUCKET).await?;
            views.extend(read(kept, Some(team)));
        }
        views.sort_by(|a, b| (&a.team, &a.name).cmp(&(&b.team, &b.name)));
        Ok(views)
    }
}

fn read(kept: Vec<(String, Value)>, team: Option<&EntityRef>) -> Vec<OwnView> {
    let view = |(name, value): (String, Value)| {
        Some(OwnView {
            query: value.get("query")?.as_str()?.to_owned(),
            team: team.cloned(),
            name,
        })
    };
    kept.into_iter().filter_map(view).collect()
}

/// The groups that may have views which the caller sees.
pub(super) fn teams(caller: &Caller) -> impl Iterator<Item = &EntityRef> {
    let groups = caller.ownership.iter();
    groups
        .filter(|owner| owner.kind() == "group" && !caller.is_anonymous())
        .take(MAX_TEAMS)
}

/// The dialog that keeps the list that is open, with the text and the icon of
/// its button. `teams`: the caller's groups with their titles.
pub(super) fn save_dialog(
    view: &View,
    teams: &[(EntityRef, String)],
) -> (Dialog, &'static str, &'static str) {
    let mut dialog = dialog(
        view,
        ("view-save", "save"),
        "catalog-view-save-title",
        "catalog-view-save",
    );
    dialog
        .fields
        .push(name_field(view, "", "catalog-view-save-help"));
    if !teams.is_empty() {
        dialog.fields.push(team_field(view, teams));
    }
    (dialog, "catalog-view-save", "create")
}

/// The same for the own view that is open: another name, or none.
pub(super) fn rename_dialogs(
    view: &View,
    open: &OwnView,
) -> Vec<(Dialog, &'static str, &'static str)> {
    let was = [
        ("was".to_owned(), open.name.clone()),
        ("team".to_owned(), open.team_text()),
    ];
    let mut rename = dialog(
        view,
        ("view-rename", "rename"),
        "catalog-view-rename-title",
        "catalog-view-rename",
    );
    rename
        .fields
        .push(name_field(view, &open.name, "catalog-view-name-help"));
    rename.hidden.extend(was.clone());
    let mut delete = dialog(
        view,
        ("view-delete", "delete"),
        "catalog-view-delete-title",
        "catalog-view-delete",
    );
    delete.hidden.extend(was);
    delete.danger = true;
    vec![
        (rename, "catalog-view-rename", "edit"),
        (delete, "catalog-view-delete", "close"),
    ]
}

fn dialog(view: &View, (id, what): (&str, &str), title: &str, confirm: &str) -> Dialog {
    let text = |key: &str| view.t(key).to_string();
    let mut dialog = Dialog::new(id, text(title), "/catalog/views", text(confirm));
    dialog.hidden = vec![
        ("do".to_owned(), what.to_owned()),
        ("back".to_owned(), view.back()),
    ];
    dialog
}

fn name_field(view: &View, name: &str, help: &str) -> Field {
    let field = Field::new(
        "name",
        view.t("catalog-view-name").to_string(),
        FieldKind::text(),
    );
    field.required().value(name).help(view.t(help).to_string())
}

fn team_field(view: &View, teams: &[(EntityRef, String)]) -> Field {
    let mut choices = vec![Choice::named("", view.t("catalog-view-for-me").to_string())];
    choices.extend(
        teams
            .iter()
            .map(|(team, title)| Choice::named(team.to_string(), title.as_str())),
    );
    let label = view.t("catalog-view-for").to_string();
    let help = view.t("catalog-view-for-help").to_string();
    Field::new("team", label, FieldKind::Select { choices }).help(help)
}

/// `POST /catalog/views`: with `team`, a view of that group. `do=save` keeps the list at `back` as `name`,
/// `do=rename` gives the view `was` that name, `do=delete` forgets `was`.
pub(super) async fn change(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let form = call.form();
    let get = |name: &str| form.get(name).unwrap_or_default();
    let back = Address::parse(get("back"));
    let views = desk.own_views(&call.caller).await?;
    let team = match get("team") {
        "" => None,
        text => Some(
            EntityRef::parse(text, Some("group"), None).map_err(|problem| {
                ApiError::input(problem.to_string())
                    .accepted("a group such as group:default/team-a")
            })?,
        ),
    };
    let views: Vec<OwnView> = views.into_iter().filter(|view| view.team == team).collect();
    let known = |name: &str| views.iter().find(|view| view.name == name);
    let missing = |name: &str| {
        ApiError::not_found(format!("There is no view {name:?}"))
            .fix("load the list again; the view may have been renamed or removed elsewhere")
    };
    match get("do") {
        "save" => {
            let name = named(get("name"))?;
            if views.len() >= MAX_VIEWS && known(&name).is_none() {
                return Err(ApiError::conflict(format!("You keep {MAX_VIEWS} views"))
                    .fix("remove one that you no longer need"));
            }
            let own = OwnView {
                query: kept_of(&back),
                team,
                name,
            };
            keep(&desk, &call, &own).await?;
            Ok(said(&view, "catalog-view-saved", &own.name).redirect(&own.href(&back)))
        }
        "rename" => {
            let name = named(get("name"))?;
            let was = known(get("was")).ok_or_else(|| missing(get("was")))?;
            if name != was.name {
                if known(&name).is_some() {
                    return Err(
                        ApiError::conflict(format!("You already keep a view {name:?}"))
                            .fix("choose another name, or remove that view"),
                    );
                }
                let own = OwnView {
                    name: name.clone(),
                    ..was.clone()
                };
                keep(&desk, &call, &own).await?;
                forget(&desk, &call, was).await?;
            }
            Ok(said(&view, "catalog-view-renamed", &name).redirect(&was.href(&back)))
        }
        "delete" => {
            let was = known(get("was")).ok_or_else(|| missing(get("was")))?;
            forget(&desk, &call, was).await?;
            Ok(said(&view, "catalog-view-removed", &was.name).redirect(&was.href(&back)))
        }
        other => Err(ApiError::input(format!("request/body/do is {other:?}"))
            .accepted("save, rename, delete")),
    }
}

async fn keep(desk: &Desk, call: &Call, own: &OwnView) -> Result<(), ApiError> {
    if own.query.len() > MAX_QUERY {
        return Err(ApiError::input("The list chooses too much to be kept")
            .accepted(format!("an address of up to {MAX_QUERY} bytes")));
    }
    let value = json!({ "query": own.query });
    let (caller, place) = (&call.caller, (BUCKET, own.name.as_str()));
    match &own.team {
        None => desk.identity.set_user_setting(caller, place, &value).await,
        Some(team) => {
            let kept = &desk.identity;
            kept.set_group_setting(caller, team, place, &value).await
        }
    }
}

async fn forget(desk: &Desk, call: &Call, own: &OwnView) -> Result<(), ApiError> {
    let caller = &call.caller;
    match &own.team {
        None => {
            let kept = &desk.identity;
            kept.remove_user_setting(caller, BUCKET, &own.name).await
        }
        Some(team) => {
            let kept = &desk.identity;
            kept.remove_group_setting(caller, team, (BUCKET, &own.name))
                .await
        }
    }
}

fn said(view: &View, key: &str, name: &str) -> Toast {
    Toast::new(view.t(key).with("name", name).to_string())
}

fn named(text: &str) -> Result<String, ApiError> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME || name.chars().any(char::is_control) {
        return Err(ApiError::input("The view cannot be named so")
            .accepted(format!("1 to {MAX_NAME} characters")));
    }
    Ok(name)
}

/// `POST /catalog/stars`: `star=` or `unstar=` with a reference.
pub(super) async fn star(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let form = call.form();
    let (text, starred) = match (form.get("star"), form.get("unstar")) {
        (Some(text), _) => (text, true),
        (None, Some(text)) => (text, false),
        (None, None) => {
            return Err(ApiError::input("request/body has no star").accepted(
                "star or unstar with a reference such as component:default/order-service",
            ));
        }
    };
    let entity_ref = EntityRef::parse(text, None, None)
        .map_err(|problem| ApiError::input(problem.to_string()).accepted("kind:namespace/name"))?;
    let seen = {
        let index = desk.catalog.model.index();
        match visible_to(&call.caller) {
            Some(visible) => index.matches(&entity_ref, &visible),
            None => index.get(&entity_ref).is_some(),
        }
    };
    // A star on what has gone may still be taken away.
    if starred && !seen {
        return Err(ApiError::not_found(format!(
            "There is no entity {entity_ref}"
        )));
    }
    desk.star(&call.caller, &entity_ref, starred).await?;
    let key = if starred {
        "catalog-starred"
    } else {
        "catalog-unstarred"
    };
    let back = form.get("back").unwrap_or("/catalog");
    Ok(said(&view, key, entity_ref.name()).redirect(back))
}
