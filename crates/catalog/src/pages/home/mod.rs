//! `GET /`: what needs somebody, what is theirs, what has changed. About what
//! the reader's groups own; for somebody unknown, or whose groups own nothing,
//! about everything.

mod changes;
mod lately;
mod queue;
mod things;

use std::sync::Arc;

use axum::response::IntoResponse;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::request::Call;
use portal::{HomePage, KindCount, LinkLine, Page, SourcesLine, View};

use super::labels::kind_plural;
use super::navigation::kind_counts;
use super::standing::Flags;
use super::summary::RefLine;
use super::{Answer, Desk};
use crate::home_card::{HomeShown, draw};
use crate::index::{Index, ListRequest};
use crate::permission::LOCATION_READ;
use crate::socket::CardPlace;
use crate::visibility::visible_to;
pub(super) use lately::Lately;

/// Groups that the head names.
const MAX_NAMED: usize = 3;
/// Starred things that are listed.
const MAX_STARRED: usize = 12;

/// Whose things the page is about.
struct Scope {
    /// The reader and the reader's groups that own something; empty for everything.
    owners: Vec<EntityRef>,
    /// What they own.
    owned: Option<Predicate>,
    /// What the reader may see.
    visible: Option<Predicate>,
}

impl Scope {
    fn of(index: &Index, flags: &Flags, caller: &Caller) -> Self {
        let visible = visible_to(caller);
        let owners = &caller.ownership;
        let owned = Predicate::is_in("relations.ownedBy", owners.iter().map(EntityRef::as_str));
        let known = owners.iter().any(|owner| index.get(owner).is_some());
        let request = ListRequest {
            query: Some(owned.clone()),
            visible: visible.clone(),
            ..ListRequest::default()
        };
        if known && flags.count(index, &request) > 0 {
            return Self {
                owners: owners.clone(),
                owned: Some(owned),
                visible,
            };
        }
        Self {
            owners: Vec::new(),
            owned: None,
            visible,
        }
    }

    fn is_mine(&self) -> bool {
        self.owned.is_some()
    }

    /// A list of what is in scope and fulfils `query`.
    fn request(&self, query: Option<Predicate>) -> ListRequest {
        ListRequest {
            query: Predicate::and(self.owned.clone(), query),
            visible: self.visible.clone(),
            ..ListRequest::default()
        }
    }

    /// Whether an entity belongs to it.
    fn holds(&self, index: &Index, entity_ref: &EntityRef) -> bool {
        let fulfils = |wanted: &Option<Predicate>| {
            wanted
                .as_ref()
                .is_none_or(|all| index.matches(entity_ref, all))
        };
        fulfils(&self.owned) && fulfils(&self.visible)
    }

    /// A list of the catalog, narrowed to what is in scope.
    fn href(&self, query: &str) -> String {
        match (self.is_mine(), query.is_empty()) {
            (true, true) => "/catalog?owner=me".to_owned(),
            (true, false) => format!("/catalog?{query}&owner=me"),
            (false, true) => "/catalog".to_owned(),
            (false, false) => format!("/catalog?{query}"),
        }
    }
}

/// `GET /`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call).following(["catalog", "sources"]);
    let (scope, flags, kinds, lead) = {
        let index = desk.catalog.model.index();
        let flags = desk.flags(&index, false);
        let scope = Scope::of(&index, &flags, &call.caller);
        let kinds = if scope.visible.is_none() {
            kinds(&desk, &view, &index)
        } else {
            Vec::new()
        };
        let lead = lead(&view, &index, &scope);
        (scope, flags, kinds, lead)
    };
    let shown = HomeShown {
        caller: call.caller.clone(),
        view: view.clone(),
        owners: scope.owners.clone().into(),
    };
    let cards = draw(desk.sockets.home_cards(), &shown).await;
    let (main, aside): (Vec<_>, Vec<_>) = cards
        .into_iter()
        .partition(|(place, _)| *place == CardPlace::Main);
    let found = queue::find(&desk, &call, &view, (&scope, &flags)).await?;
    let things = things::find(&desk, &view, &scope, &flags).await?;
    let sources = call.caller.may(LOCATION_READ).then(|| SourcesLine {
        total: found.sources,
        in_need: found.sources_in_need,
        href: "/sources".to_owned(),
    });
    let page = HomePage {
        mine: scope.is_mine(),
        lead,
        queue: found.lines,
        things: things.lines,
        things_title: things.title,
        things_total: things.total,
        things_href: things.href,
        changes: changes::find(&desk, &view, &scope).await?,
        starred: starred(&desk, &call).await?,
        kinds,
        sources,
        main_cards: main.into_iter().map(|(_, html)| html).collect(),
        aside_cards: aside.into_iter().map(|(_, html)| html).collect(),
        ..HomePage::new(view)
    };
    Ok(Page::new(page).into_response())
}

fn kinds(desk: &Desk, view: &View, index: &Index) -> Vec<KindCount> {
    kind_counts(index, None)
        .into_iter()
        .map(|(kind, count)| KindCount {
            text: kind_plural(view, desk.catalog.model.kinds(), &kind),
            icon: portal::kind_icon(&kind, None).to_owned(),
            href: format!(
                "/catalog?kind={}",
                platform::request::encode(&kind.to_lowercase())
            ),
            count,
        })
        .collect()
}

/// The day, and whose things these are.
fn lead(view: &View, index: &Index, scope: &Scope) -> String {
    let day = view.day(&view.now);
    let groups: Vec<String> = scope
        .owners
        .iter()
        .filter(|owner| owner.kind() == "group")
        .take(MAX_NAMED)
        .map(|owner| RefLine::of(index, owner).text)
        .collect();
    let whose = if !groups.is_empty() {
        groups.join(", ")
    } else if scope.is_mine() {
        view.user
            .as_ref()
            .map(|user| user.name.clone())
            .unwrap_or_default()
    } else if view.portal.organisation().is_empty() {
        view.t("catalog-home-everything").to_string()
    } else {
        view.t("catalog-home-all-of")
            .with("name", view.portal.organisation())
            .to_string()
    };
    format!("{day} · {whose}")
}

/// The reader's stars, the latest first. Those that a reader may not see, or
/// that are gone, are left out.
async fn starred(desk: &Desk, call: &Call) -> Result<Option<Vec<LinkLine>>, ApiError> {
    if call.caller.is_anonymous() {
        return Ok(None);
    }
    let stars = desk.stars(&call.caller).await?;
    let index = desk.catalog.model.index();
    let visible = visible_to(&call.caller);
    let may_see = |star: &EntityRef| visible.as_ref().is_none_or(|all| index.matches(star, all));
    let lines = stars
        .iter()
        .rev()
        .filter(|star| may_see(star))
        .map(|star| RefLine::of(&index, star))
        .filter(|line| line.exists)
        .take(MAX_STARRED)
        .map(|line| LinkLine {
            text: line.text,
            href: line.href,
            icon: line.icon.to_owned(),
            note: line.entity_ref.kind().to_owned(),
        })
        .collect();
    Ok(Some(lines))
}

/// The last two parts of a place: `order-service/catalog-info.yaml`.
fn short_place(place: &str) -> &str {
    let mut slashes = place.rmatch_indices('/').map(|(at, _)| at);
    match slashes.nth(1) {
        Some(at) => place.get(at + 1..).unwrap_or(place),
        None => place,
    }
}

/// The flags of one state, shared by the parts of the page.
type Known<'a> = (&'a Scope, &'a Arc<Flags>);
