//! A tab that another capability fills.

use std::sync::Arc;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use model::entity_ref::EntityRef;
use platform::request::Call;
use portal::ui::Html;
use portal::{ErrorPage, Page, View};

use super::frame::{Frame, Part};
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::pages::moment::then;
use crate::pages::summary::{Summary, entity_href};
use crate::socket::Shown;

#[derive(Template)]
#[template(path = "catalog/other.html")]
struct OtherPage {
    frame: Frame,
    /// What the capability drew; nothing where it has nothing to say.
    body: Option<Html>,
    view: View,
}

/// The tab of ours that shows what one of Backstage's shows: its links go on working.
fn known_elsewhere(tab: &str) -> Option<&'static str> {
    match tab {
        "definition" => Some("api"),
        "dependencies" | "apis" | "diagram" => Some("graph"),
        _ => None,
    }
}

/// There is no such tab: the tabs that there are, or what was meant where
/// there is no such entity either.
async fn unknown(desk: &Desk, call: &Call, view: View, entity_ref: &EntityRef) -> Answer {
    let ledger = Ledger::now((desk, call), &view, entity_ref).await?;
    let found = {
        let index = desk.catalog.index_for(call).await?;
        find(&index, entity_ref, call).map(|entity| {
            let of = (desk, &call.caller);
            Frame::of(of, &view, (&index, &entity), &ledger, Part::Overview)
        })
    };
    let Some(frame) = found else {
        return missing::answer(desk, call, view, entity_ref).await;
    };
    let what = view.t("catalog-tab-unknown").with("name", &frame.title);
    let what = what.with("tab", call.path("tab")).to_string();
    let next = view.t("catalog-tab-unknown-next").to_string();
    let mut page = ErrorPage::new(view, StatusCode::NOT_FOUND).next(next);
    page.what = what;
    for tab in frame.tabs.tabs {
        page = page.link(tab.text, tab.href);
    }
    Ok(page.into_response())
}

/// `GET /catalog/{namespace}/{kind}/{name}/{tab}`
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    if let Some(own) = known_elsewhere(call.path("tab")) {
        let to = then(&view, format!("{}/{own}", entity_href(&entity_ref)));
        return Ok(Redirect::to(&to).into_response());
    }
    let Some(tab) = desk.sockets.tab(call.path("tab")) else {
        return unknown(&desk, &call, view, &entity_ref).await;
    };
    call.caller.require(tab.permission)?;
    let ledger = Ledger::now((&desk, &call), &view, &entity_ref).await?;
    let found = {
        let index = desk.catalog.index_for(&call).await?;
        find(&index, &entity_ref, &call).and_then(|entity| {
            let summary = Summary::of(&index, &entity);
            (tab.applies)(summary.subject()).then(|| {
                let of = (&desk, &call.caller);
                let part = Part::other(tab);
                (
                    Frame::of(of, &view, (&index, &entity), &ledger, part),
                    entity.to_value(),
                )
            })
        })
    };
    let Some((frame, entity)) = found else {
        return unknown(&desk, &call, view, &entity_ref).await;
    };
    let body = tab
        .draw(Shown {
            caller: call.caller.clone(),
            view: view.clone(),
            entity_ref,
            entity: Arc::new(entity),
        })
        .await?;
    Ok(Page::new(OtherPage { frame, body, view }).into_response())
}
