//! The star in an entity's header.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::{Call, encode};
use portal::View;

use super::{Answer, Desk, find, ref_in_path};
use crate::pages::summary::entity_href;

/// The button, ready to be drawn.
#[derive(Debug)]
pub(super) struct Star {
    /// Whether the reader has starred it; nothing for readers without a name.
    pub(super) starred: Option<bool>,
    /// Where the form goes, with the page that the reader comes back to.
    pub(super) action: String,
    pub(super) sign_in: String,
}

impl Star {
    pub(super) fn of(view: &View, entity_ref: &EntityRef) -> Self {
        Self {
            starred: None,
            action: format!(
                "{}/star?back={}",
                entity_href(entity_ref),
                encode(&view.back())
            ),
            sign_in: format!("/sign-in?back={}", encode(&view.back())),
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.starred == Some(true)
    }
}

/// `POST /catalog/{namespace}/{kind}/{name}/star` with `on=true` or `on=false`.
/// What is gone can still lose its star.
pub(in crate::pages) async fn change(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let form = call.form();
    let on = match form.get("on") {
        Some("true") => true,
        Some("false") => false,
        other => {
            let said = other.unwrap_or("nothing");
            return Err(ApiError::input(format!("request/body/on is {said:?}"))
                .accepted("true to star it, false to take the star away"));
        }
    };
    if call.caller.is_anonymous() {
        return Err(
            ApiError::unauthenticated("Stars belong to a person").fix("sign in, then star it")
        );
    }
    let exists = {
        let index = desk.catalog.index_for(&call).await?;
        find(&index, &entity_ref, &call).is_some()
    };
    if on && !exists {
        return Err(ApiError::not_found(format!("No such entity {entity_ref}")));
    }
    desk.star(&call.caller, &entity_ref, on).await?;
    let own = entity_href(&entity_ref);
    let back = form.get("back").or_else(|| call.query.get("back"));
    let back = back.filter(|back| is_below(back, &own));
    let mut response = Redirect::to(back.unwrap_or(&own)).into_response();
    *response.status_mut() = StatusCode::SEE_OTHER;
    Ok(response)
}

/// Whether an address is a page of this entity, so that a form of another
/// place cannot send the reader elsewhere.
fn is_below(back: &str, own: &str) -> bool {
    let plain = back
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    plain
        && back.len() <= 4_096
        && back
            .strip_prefix(own)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']))
}
