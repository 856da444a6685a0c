//! A tab that another capability fills.

use std::sync::Arc;

use askama::Template;
use axum::response::IntoResponse;
use platform::request::Call;
use portal::ui::Html;
use portal::{Page, View};

use super::frame::{Frame, Part};
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::pages::summary::Summary;
use crate::socket::Shown;

#[derive(Template)]
#[template(path = "catalog/other.html")]
struct OtherPage {
    frame: Frame,
    /// What the capability drew; nothing where it has nothing to say.
    body: Option<Html>,
    view: View,
}

/// `GET /catalog/{namespace}/{kind}/{name}/{tab}`
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    let Some(tab) = desk.sockets.tab(call.path("tab")) else {
        return missing::answer(&desk, &call, view, &entity_ref).await;
    };
    call.caller.require(tab.permission)?;
    let ledger = Ledger::now(&desk, &view, &entity_ref).await?;
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
        return missing::answer(&desk, &call, view, &entity_ref).await;
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
