//! Sockets of the home page: cards that other capabilities put there.

use std::future::Future;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use model::entity_ref::EntityRef;
use platform::actor::{Caller, Permission};
use platform::error::ApiError;
use portal::View;
use portal::ui::{Failed, Html};

use crate::socket::CardPlace;

/// For whom the home page is drawn.
#[derive(Clone, Debug)]
pub struct HomeShown {
    /// Who reads.
    pub caller: Caller,
    /// Language, theme, time.
    pub view: View,
    /// The person and the groups whose things the page is about; empty when it
    /// is about everything.
    pub owners: Arc<[EntityRef]>,
}

type Draw =
    Arc<dyn Fn(HomeShown) -> BoxFuture<'static, Result<Option<Html>, ApiError>> + Send + Sync>;

/// One card on the home page.
#[derive(Clone)]
pub struct HomeCard {
    /// Unique among all cards; the `id` of the card's heading.
    pub name: &'static str,
    /// The message key of its title, which names it when it fails.
    pub title: &'static str,
    /// Which column.
    pub place: CardPlace,
    /// Order within the column, smallest first.
    pub order: u16,
    /// Left out for others.
    pub permission: Permission,
    draw: Draw,
}

impl std::fmt::Debug for HomeCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HomeCard")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl HomeCard {
    /// A card. `draw` answers with the whole card, or with nothing where it has
    /// nothing to say to this reader.
    pub fn new<D, F>(
        (name, title): (&'static str, &'static str),
        (place, order): (CardPlace, u16),
        permission: Permission,
        draw: D,
    ) -> Self
    where
        D: Fn(HomeShown) -> F + Send + Sync + 'static,
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
}

/// Draws all cards that have something to say, side by side, in their order. A
/// card that fails says so in its place and hurts no other.
pub(crate) async fn draw(cards: &[HomeCard], shown: &HomeShown) -> Vec<(CardPlace, Html)> {
    let mut wanted: Vec<&HomeCard> = cards
        .iter()
        .filter(|card| shown.caller.may(card.permission))
        .collect();
    wanted.sort_by_key(|card| card.order);
    let drawn = join_all(wanted.into_iter().map(|card| async {
        match (card.draw)(shown.clone()).await {
            Ok(html) => Some((card.place, html?)),
            Err(error) => {
                tracing::warn!(card = card.name, cause = ?error, "A card could not be drawn");
                let failed = FailedCard {
                    name: card.name,
                    title: shown.view.t(card.title).to_string(),
                    body: Failed {
                        what: shown.view.t("catalog-card-failed").to_string(),
                        why: error.message,
                        ..Failed::default()
                    }
                    .html(&shown.view),
                };
                Some((card.place, Html::of(&failed)))
            }
        }
    }));
    drawn.await.into_iter().flatten().collect()
}

#[derive(askama::Template)]
#[template(path = "catalog/home-card-failed.html")]
struct FailedCard {
    name: &'static str,
    title: String,
    body: Html,
}
