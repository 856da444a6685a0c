//! The list as data: JSON and YAML of one page, CSV of everything selected.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use portal::View;
use serde_json::{Value, json};

use super::facets::Question;
use super::list::request;
use super::moment::moment_of;
use super::selection::Selection;
use super::summary::{description_of, parts_of, reference_at, text_at, texts_at, title_of};
use super::yaml::to_yaml;
use super::{Answer, Desk};
use crate::index::{EntityView, Index, ListRequest};
use crate::visibility::visible_to;

/// Rows of one CSV file. More than a spreadsheet is pleasant with.
const MAX_ROWS: usize = 100_000;
/// Rows written while the index is locked.
const CHUNK: usize = 500;

const COLUMNS: &str = "kind,namespace,name,title,type,owner,lifecycle,system,tags,description\r\n";

/// `GET /catalog.json`
pub(super) async fn json(desk: Desk, call: Call) -> Answer {
    let page = selected(&desk, &call).await?;
    Ok(json_answer(&page))
}

/// `GET /catalog.yaml`
pub(super) async fn yaml(desk: Desk, call: Call) -> Answer {
    let page = selected(&desk, &call).await?;
    Ok(yaml_answer(&page))
}

/// The page that the list shows for the same query, as data.
async fn selected(desk: &Desk, call: &Call) -> Result<Value, ApiError> {
    let view = desk.view(call);
    let selection = Selection::of(&view.here);
    let index = desk.catalog.index_for(call).await?;
    let asked = asked(desk, call, &view, &selection, &index);
    let listed = index.list(&asked);
    let items: Vec<Value> = listed
        .items
        .iter()
        .map(|entity| entity.to_value())
        .collect();
    Ok(json!({
        "items": items,
        "totalItems": listed.total,
        "offset": selection.offset(),
        "limit": selection.limit,
    }))
}

fn asked(
    desk: &Desk,
    call: &Call,
    view: &View,
    selection: &Selection,
    index: &Index,
) -> ListRequest {
    let flags = desk.flags(index, moment_of(view).is_some());
    let visible = visible_to(&call.caller);
    request(&Question {
        index,
        kinds: desk.catalog.model.kinds(),
        selection,
        flags: &flags,
        caller: &call.caller,
        visible: visible.as_ref(),
    })
}

/// `GET /catalog.csv`: every selected entity, in the order of the list.
pub(super) async fn csv(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let selection = Selection::of(&view.here);
    let refs: Vec<EntityRef> = {
        let index = desk.catalog.index_for(&call).await?;
        let all = ListRequest {
            offset: 0,
            limit: Some(MAX_ROWS),
            ..asked(&desk, &call, &view, &selection, &index)
        };
        let listed = index.list(&all);
        listed
            .items
            .iter()
            .map(|entity| entity.entity_ref().clone())
            .collect()
    };
    let mut text = String::from(COLUMNS);
    for chunk in refs.chunks(CHUNK) {
        {
            let index = desk.catalog.index_for(&call).await?;
            // What has gone in the meantime is left out.
            for entity in chunk.iter().filter_map(|entity_ref| index.get(entity_ref)) {
                line(&mut text, &entity, &view);
            }
        }
        // Writers wait for the lock, other requests for the thread.
        tokio::task::yield_now().await;
    }
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/csv; charset=utf-8"),
    );
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static("attachment; filename=\"catalog.csv\""),
    );
    portal::secure(headers);
    Ok(response)
}

/// One row. Owner and system are references, as everywhere in data.
fn line(text: &mut String, entity: &EntityView<'_>, view: &View) {
    let value = parts_of(entity);
    let at = |pointer: &str| text_at(&value, pointer).unwrap_or_default().to_owned();
    let reference = |pointer: &str, kind: &str| {
        let found = reference_at(&value, pointer, kind, entity.entity_ref());
        found.map(|found| found.to_string()).unwrap_or_default()
    };
    let cells = [
        at("/kind"),
        entity.entity_ref().namespace().to_owned(),
        at("/metadata/name"),
        title_of(&value).unwrap_or_default().to_owned(),
        at("/spec/type"),
        reference("/spec/owner", "group"),
        at("/spec/lifecycle"),
        reference("/spec/system", "system"),
        texts_at(&value, "/metadata/tags").join(" "),
        description_of(&value, view.lang)
            .unwrap_or_default()
            .to_owned(),
    ];
    for (at, value) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        cell(text, value);
    }
    text.push_str("\r\n");
}

/// A cell as RFC 4180 wants it. What a spreadsheet would take for a formula
/// gets an apostrophe, so that nobody's description runs in somebody's office.
fn cell(text: &mut String, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || value.contains(['"', ',', '\n', '\r']);
    if !quoted {
        text.push_str(value);
        return;
    }
    text.push('"');
    if formula {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}

/// 200 with JSON, indented for people.
pub(super) fn json_answer(value: &Value) -> Response {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    typed(text, "application/json; charset=utf-8")
}

/// 200 with YAML (RFC 9512).
pub(super) fn yaml_answer(value: &Value) -> Response {
    typed(to_yaml(value), "application/yaml; charset=utf-8")
}

fn typed(text: String, mime: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    portal::secure(headers);
    response
}
