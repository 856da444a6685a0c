//! The card on an API's overview: how much there is, how well it is described.

use askama::Template;
use catalog::permission::ENTITY_READ;
use catalog::{CardPlace, EntityCard, Shown};
use platform::error::ApiError;
use portal::ui::{Html, Tone};
use portal::{Address, View};

use super::{lint, wide};
use crate::service::{Apis, Written};

/// Among the cards of the narrow column: behind the owner.
const ORDER: u16 = 5;

#[derive(Template)]
#[template(path = "apis/glance.html")]
struct Glance<'a> {
    view: &'a View,
    href: String,
    operations: u64,
    types: u64,
    score: u8,
    tone: Tone,
}

/// The card, for entities of the kind API whose definition can be read.
pub(crate) fn card(apis: &Apis) -> EntityCard {
    let apis = apis.clone();
    EntityCard::new(
        ("api-glance", "apis-glance"),
        (CardPlace::Aside, ORDER),
        ENTITY_READ,
        move |shown| draw(apis.clone(), shown),
    )
}

async fn draw(apis: Apis, shown: Shown) -> Result<Option<Html>, ApiError> {
    let written = Written::of(&shown.entity);
    if shown.entity_ref.kind() != "api" || written.text.trim().is_empty() {
        return Ok(None);
    }
    let read = apis.read(written).await;
    // What cannot be read is told by the tab, with its places.
    let Ok(doc) = read.as_ref() else {
        return Ok(None);
    };
    let score = crate::lint::lint(doc).score;
    let here = &shown.view.here;
    let tab = Address::new(&format!("{}/api", here.path()), "");
    Ok(Some(Html::of(&Glance {
        view: &shown.view,
        href: match here.get("at") {
            Some(at) => tab.with("at", at).to_string(),
            None => tab.to_string(),
        },
        operations: wide(doc.operations.len()),
        types: wide(doc.types.len()),
        score,
        tone: lint::tone_of(score),
    })))
}
