//! `/sources/{id}/remove`: takes a source out, after showing what would go.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::Crumbs;
use portal::{Page, Toast, View};
use sha2::{Digest as _, Sha256};

use super::labels::origin_label;
use super::source_status::{place_of, short_name, source_href};
use super::summary::RefLine;
use super::{Answer, Desk};
use crate::permission::LOCATION_DELETE;
use crate::source::{Origin, Source};
use crate::visibility::visible_to;

/// Entities that are listed.
const MAX_LISTED: usize = 200;
/// Where more go, the source's name has to be typed.
const ASK_ABOVE: usize = 10;

#[derive(Template)]
#[template(path = "catalog/source-remove.html")]
struct RemovePage {
    crumbs: Crumbs,
    place: String,
    action: String,
    back: String,
    lines: Vec<RefLine>,
    total: usize,
    /// What has to be typed; nothing for a few entities.
    word: Option<String>,
    /// What was typed.
    typed: String,
    refused: Option<&'static str>,
    /// Who declares it, where that is not a person.
    declared: Option<String>,
    may: bool,
    /// Names what is shown, so that nobody confirms more than that.
    seen: String,
    view: View,
}

/// `GET /sources/{id}/remove`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let source = desk.catalog.require_source(call.path("id")).await?;
    let refs = refs_of(&desk, &source).await?;
    Ok(show(&desk, &call, &source, &refs, None))
}

/// `POST /sources/{id}/remove`: only what the page has shown.
pub(super) async fn remove(desk: Desk, call: Call) -> Answer {
    let source = desk.catalog.require_source(call.path("id")).await?;
    let refs = refs_of(&desk, &source).await?;
    let form = call.form();
    if form.get("seen") != Some(seen(&refs).as_str()) {
        return Ok(show(
            &desk,
            &call,
            &source,
            &refs,
            Some("catalog-remove-changed"),
        ));
    }
    let typed = form.get("confirm").unwrap_or_default().trim();
    if word_for(&source, &refs).is_some_and(|word| word != typed) {
        return Ok(show(
            &desk,
            &call,
            &source,
            &refs,
            Some("catalog-remove-mistyped"),
        ));
    }
    if declared_elsewhere(&source) {
        return Err(ApiError::conflict(
            "The configuration declares this source, so it would come back with the next start",
        )
        .fix("take it out of app-config.yaml"));
    }
    desk.catalog.unregister(&call.caller, &source.id).await?;
    let view = desk.view(&call);
    let text = view
        .t("catalog-removed")
        .with("place", short_name(&source))
        .with("count", refs.len())
        .to_string();
    Ok(Toast::new(text).redirect("/sources"))
}

async fn refs_of(desk: &Desk, source: &Source) -> Result<Vec<EntityRef>, ApiError> {
    let rows = desk.catalog.store.rows_of_source(&source.id).await?;
    Ok(rows.into_iter().map(|row| row.entity_ref).collect())
}

fn declared_elsewhere(source: &Source) -> bool {
    matches!(source.origin, Origin::Config | Origin::Provider(_))
}

fn word_for(source: &Source, refs: &[EntityRef]) -> Option<String> {
    (refs.len() > ASK_ABOVE).then(|| short_name(source))
}

fn seen(refs: &[EntityRef]) -> String {
    let mut hasher = Sha256::new();
    for entity_ref in refs {
        hasher.update(entity_ref.as_str().as_bytes());
        hasher.update([0]);
    }
    hex::encode(hasher.finalize())
}

fn show(
    desk: &Desk,
    call: &Call,
    source: &Source,
    refs: &[EntityRef],
    refused: Option<&'static str>,
) -> Response {
    let view = desk.view(call).at("catalog-nav-sources");
    let lines = {
        let index = desk.catalog.model.index();
        let visible = visible_to(&call.caller);
        let listed = refs.iter().take(MAX_LISTED);
        listed
            .map(|found| RefLine::of(&index, found).seen_by(&index, visible.as_ref()))
            .collect()
    };
    let place = place_of(source);
    let back = source_href(&source.id);
    let status = match refused {
        None => StatusCode::OK,
        Some(_) => StatusCode::CONFLICT,
    };
    let page = RemovePage {
        crumbs: Crumbs::to(view.t("catalog-remove").to_string())
            .via(view.t("catalog-nav-sources").to_string(), "/sources")
            .via(place.clone(), back.clone()),
        action: format!("{back}/remove"),
        word: word_for(source, refs),
        typed: call.form().get("confirm").unwrap_or_default().to_owned(),
        declared: declared_elsewhere(source).then(|| origin_label(&view, &source.origin)),
        may: call.caller.may(LOCATION_DELETE),
        seen: seen(refs),
        total: refs.len(),
        place,
        back,
        lines,
        refused,
        view,
    };
    Page::new(page).status(status).into_response()
}
