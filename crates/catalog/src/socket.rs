//! Sockets: places on an entity's page that other capabilities fill.
//!
//! A capability gives cards for the overview and tabs of its own, as plain
//! data. The catalog draws header, tabs and notices, checks that the reader
//! may see the entity, and keeps one card's failure from hurting the others.

use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use model::entity_ref::EntityRef;
use platform::actor::{Caller, Permission};
use platform::capability::{Surface, SurfaceSort};
use platform::error::ApiError;
use platform::http::{Gate, Routes};
use portal::ui::Html;
use portal::{Portal, View};
use serde_json::Value;

use crate::home_card::HomeCard;

/// The entity whose page is shown, and to whom.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Who reads. Has been found to be allowed to see the entity.
    pub caller: Caller,
    /// Language, theme, address and time of the page. A past moment is its
    /// parameter `at`.
    pub view: View,
    /// Which entity.
    pub entity_ref: EntityRef,
    /// The whole document, as programs get it.
    pub entity: Arc<Value>,
}

type Draw = Arc<dyn Fn(Shown) -> BoxFuture<'static, Result<Option<Html>, ApiError>> + Send + Sync>;

/// Where a card stands on the overview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardPlace {
    /// The wide column.
    Main,
    /// The narrow column beside it.
    Aside,
}

/// One card on the overview of an entity.
#[derive(Clone)]
pub struct EntityCard {
    /// Unique among all cards; the `id` of the card in the page.
    pub name: &'static str,
    /// The message key of its title, which also names it when it fails.
    pub title: &'static str,
    /// Which column.
    pub place: CardPlace,
    /// Order within the column, smallest first.
    pub order: u16,
    /// Left out for others.
    pub permission: Permission,
    draw: Draw,
}

impl std::fmt::Debug for EntityCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntityCard")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl EntityCard {
    /// A card. `draw` answers with the whole card (`ui::card`), or with nothing
    /// where it has nothing to say of this entity.
    pub fn new<D, F>(
        (name, title): (&'static str, &'static str),
        (place, order): (CardPlace, u16),
        permission: Permission,
        draw: D,
    ) -> Self
    where
        D: Fn(Shown) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Option<Html>, ApiError>> + Send + 'static,
    {
        Self {
            name,
            title,
            place,
            order,
            permission,
            draw: Arc::new(move |shown| draw(shown).boxed()),
        }
    }

    /// The card; nothing where there is nothing to say.
    ///
    /// # Errors
    /// Whatever the capability could not do.
    pub async fn draw(&self, shown: Shown) -> Result<Option<Html>, ApiError> {
        (self.draw)(shown).await
    }
}

/// What decides whether an entity has a tab: its kind, type and annotations,
/// read without parsing the whole document.
#[derive(Clone, Copy, Debug)]
pub struct TabSubject<'a> {
    pub(crate) parts: &'a Value,
}

impl<'a> TabSubject<'a> {
    /// The kind as written.
    pub fn kind(&self) -> &'a str {
        self.text("/kind")
    }

    /// `spec.type`, or nothing.
    pub fn spec_type(&self) -> &'a str {
        self.text("/spec/type")
    }

    /// The annotation of this name.
    pub fn annotation(&self, name: &str) -> Option<&'a str> {
        self.parts
            .pointer("/metadata/annotations")?
            .get(name)?
            .as_str()
    }

    fn text(&self, pointer: &str) -> &'a str {
        self.parts
            .pointer(pointer)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// One tab of an entity's page, at `/catalog/{namespace}/{kind}/{name}/{path}`.
#[derive(Clone)]
pub struct EntityTab {
    /// The last part of its address. Not one of the catalog's own tabs.
    pub path: &'static str,
    /// The message key of its title.
    pub title: &'static str,
    /// Order among the tabs of other capabilities, smallest first.
    pub order: u16,
    /// Left out for others, and refused.
    pub permission: Permission,
    /// Which entities have the tab.
    pub applies: fn(TabSubject<'_>) -> bool,
    draw: Draw,
}

impl std::fmt::Debug for EntityTab {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EntityTab")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl EntityTab {
    /// A tab. `draw` answers with what stands below the tabs.
    pub fn new<D, F>(
        (path, title): (&'static str, &'static str),
        order: u16,
        permission: Permission,
        applies: fn(TabSubject<'_>) -> bool,
        draw: D,
    ) -> Self
    where
        D: Fn(Shown) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Option<Html>, ApiError>> + Send + 'static,
    {
        Self {
            path,
            title,
            order,
            permission,
            applies,
            draw: Arc::new(move |shown| draw(shown).boxed()),
        }
    }

    /// What stands below the tabs; nothing where there is nothing to say.
    ///
    /// # Errors
    /// Whatever the capability could not do.
    pub async fn draw(&self, shown: Shown) -> Result<Option<Html>, ApiError> {
        (self.draw)(shown).await
    }
}

/// Makes a capability's pages, once there is a portal with everybody's messages.
pub type PagesOf = Box<dyn FnOnce(&Arc<Portal>, Arc<dyn Gate>) -> Routes + Send>;

/// What a capability brings to the portal, besides its `Capability`. The
/// binary collects these.
#[derive(Default)]
pub struct PortalParts {
    /// Its messages: language and Fluent source.
    pub locales: Vec<(&'static str, &'static str)>,
    /// Its pages.
    pub pages: Option<PagesOf>,
    /// Its cards on the overview of entities.
    pub cards: Vec<EntityCard>,
    /// Its tabs on the pages of entities.
    pub tabs: Vec<EntityTab>,
    /// Its cards on the home page.
    pub home: Vec<HomeCard>,
}

impl std::fmt::Debug for PortalParts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PortalParts")
            .field("cards", &self.cards)
            .field("tabs", &self.tabs)
            .finish_non_exhaustive()
    }
}

/// A card that has been drawn, or has failed.
#[derive(Debug)]
pub(crate) struct DrawnCard {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) place: CardPlace,
    /// The markup, or why there is none.
    pub(crate) html: Result<Html, String>,
}

/// Everything that other capabilities put on the pages of entities.
#[derive(Clone, Debug, Default)]
pub struct Sockets {
    cards: Vec<EntityCard>,
    tabs: Vec<EntityTab>,
    home: Vec<HomeCard>,
}

impl Sockets {
    /// In the order in which they are to be shown.
    pub fn new(mut cards: Vec<EntityCard>, mut tabs: Vec<EntityTab>) -> Self {
        cards.sort_by_key(|card| card.order);
        tabs.sort_by_key(|tab| tab.order);
        Self {
            cards,
            tabs,
            home: Vec::new(),
        }
    }

    /// The same with these cards on the home page.
    #[must_use]
    pub fn with_home(mut self, cards: Vec<HomeCard>) -> Self {
        self.home.extend(cards);
        self
    }

    /// The cards of the home page.
    pub(crate) fn home_cards(&self) -> &[HomeCard] {
        &self.home
    }

    /// The same with one more card and tab, in their places.
    #[must_use]
    pub(crate) fn with(self, card: EntityCard, tab: EntityTab) -> Self {
        let (mut cards, mut tabs) = (self.cards, self.tabs);
        cards.push(card);
        tabs.push(tab);
        Self::new(cards, tabs).with_home(self.home)
    }

    /// Every card and tab, with who sees it.
    pub fn surfaces(&self) -> Vec<Surface> {
        let cards = self
            .cards
            .iter()
            .map(|card| Surface::needs(SurfaceSort::Card, card.name, card.permission));
        let tabs = self
            .tabs
            .iter()
            .map(|tab| Surface::needs(SurfaceSort::Tab, tab.path, tab.permission));
        let home = self
            .home
            .iter()
            .map(|card| Surface::needs(SurfaceSort::HomeCard, card.name, card.permission));
        cards.chain(tabs).chain(home).collect()
    }

    /// The tabs that this entity has for this caller.
    pub(crate) fn tabs_of<'a>(
        &'a self,
        caller: &'a Caller,
        subject: TabSubject<'a>,
    ) -> impl Iterator<Item = &'a EntityTab> {
        self.tabs
            .iter()
            .filter(move |tab| caller.may(tab.permission) && (tab.applies)(subject))
    }

    /// The tab at this address, whatever the entity.
    pub(crate) fn tab(&self, path: &str) -> Option<&EntityTab> {
        self.tabs.iter().find(|tab| tab.path == path)
    }

    /// Draws all cards that have something to say, side by side.
    pub(crate) async fn draw_cards(&self, shown: &Shown) -> Vec<DrawnCard> {
        let cards = self
            .cards
            .iter()
            .filter(|card| shown.caller.may(card.permission));
        let drawn = join_all(cards.map(|card| async {
            let html = match card.draw(shown.clone()).await {
                Ok(html) => Ok(html?),
                Err(error) => {
                    tracing::warn!(card = card.name, cause = ?error, "A card could not be drawn");
                    Err(error.message)
                }
            };
            Some(DrawnCard {
                name: card.name,
                title: card.title,
                place: card.place,
                html,
            })
        }));
        drawn.await.into_iter().flatten().collect()
    }
}
