//! The list as data: JSON and YAML of one page, CSV of everything selected.

use std::collections::HashMap;

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use model::yaml::to_yaml;
use platform::error::ApiError;
use platform::request::Call;
use portal::View;
use serde::Serialize;
use serde_json::{Value, json};

use super::facets::Question;
use super::list::request;
use super::moment::moment_of;
use super::selection::Selection;
use super::summary::{description_of, parts_of, reference_at, text_at, texts_at, title_of};
use super::{Answer, Desk};
use crate::compliance::{self, Evidence};
use crate::csv;
use crate::index::{EntityView, Index, ListRequest};
use crate::place::shown;
use crate::tier::Tiers;
use crate::visibility::visible_to;

/// Rows of one CSV file. More than a spreadsheet is pleasant with.
const MAX_ROWS: usize = 100_000;
/// Rows written while the index is locked.
const CHUNK: usize = 500;

const COLUMNS: [&str; 16] = [
    "kind",
    "namespace",
    "name",
    "title",
    "type",
    "owner",
    "lifecycle",
    "system",
    "tags",
    "description",
    "tier",
    "slo",
    "compliance",
    "evidence",
    "source",
    "commit",
];

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
    let (items, parts, total) = {
        let index = desk.catalog.index_for(call).await?;
        let listed = index.list(&asked(desk, call, &view, &selection, &index));
        let items: Vec<Value> = listed
            .items
            .iter()
            .map(|entity| entity.to_value())
            .collect();
        let parts: Vec<(EntityRef, Value)> = listed
            .items
            .iter()
            .map(|entity| (entity.entity_ref().clone(), parts_of(entity)))
            .collect();
        (items, parts, listed.total)
    };
    let refs: Vec<EntityRef> = parts
        .iter()
        .map(|(entity_ref, _)| entity_ref.clone())
        .collect();
    let commits = commits(desk, &view, &refs).await?;
    let audit: Vec<Audit> = parts
        .iter()
        .map(|(entity_ref, value)| Audit::of(desk.catalog.tiers(), &commits, entity_ref, value))
        .collect();
    Ok(json!({
        "items": items,
        "audit": audit,
        "totalItems": total,
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
    let mut text = String::new();
    csv::line(&mut text, COLUMNS);
    for chunk in refs.chunks(CHUNK) {
        let commits = commits(&desk, &view, chunk).await?;
        let of = (desk.catalog.tiers(), &commits);
        {
            let index = desk.catalog.index_for(&call).await?;
            // What has gone in the meantime is left out.
            for entity in chunk.iter().filter_map(|entity_ref| index.get(entity_ref)) {
                line(&mut text, &entity, of, &view);
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
fn line(
    text: &mut String,
    entity: &EntityView<'_>,
    (tiers, commits): (&Tiers, &Commits),
    view: &View,
) {
    let value = parts_of(entity);
    let at = |pointer: &str| text_at(&value, pointer).unwrap_or_default().to_owned();
    let reference = |pointer: &str, kind: &str| {
        let found = reference_at(&value, pointer, kind, entity.entity_ref());
        found.map(|found| found.to_string()).unwrap_or_default()
    };
    let audit = Audit::of(tiers, commits, entity.entity_ref(), &value);
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
        audit.tier.unwrap_or_default(),
        audit.slo.unwrap_or_default(),
        audit.compliance.join(" "),
        audit
            .evidence
            .iter()
            .map(|evidence| evidence.url.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        audit.source.unwrap_or_default(),
        audit.commit.unwrap_or_default(),
    ];
    csv::line(text, cells);
}

/// The commits at which entities were read.
type Commits = HashMap<EntityRef, String>;

/// What an audit asks of an entity: how important, under which standards,
/// with which evidence, and where that is written.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Audit {
    #[serde(rename = "ref")]
    entity_ref: EntityRef,
    tier: Option<String>,
    /// In percent.
    slo: Option<String>,
    compliance: Vec<String>,
    evidence: Vec<Evidence>,
    /// The address of the file, or its path where it has none.
    source: Option<String>,
    commit: Option<String>,
}

impl Audit {
    fn of(tiers: &Tiers, commits: &Commits, entity_ref: &EntityRef, value: &Value) -> Self {
        let standing = tiers.of(value);
        let annotation = |name: &str| {
            let found = value.pointer("/metadata/annotations")?.get(name)?.as_str();
            found.map(|text| shown(text).to_owned())
        };
        Self {
            entity_ref: entity_ref.clone(),
            tier: standing.tier.map(|(tier, _)| tier),
            slo: standing.slo.map(|(slo, _)| slo.to_string()),
            compliance: compliance::standards(value),
            evidence: compliance::evidence(value),
            source: annotation("backstage.io/view-url")
                .or_else(|| annotation("backstage.io/managed-by-location")),
            commit: commits.get(entity_ref).cloned(),
        }
    }
}

/// The commits of these entities as they are now. Nobody knows those of a
/// past moment.
async fn commits(desk: &Desk, view: &View, refs: &[EntityRef]) -> Result<Commits, ApiError> {
    if moment_of(view).is_some() {
        return Ok(Commits::new());
    }
    let rows = desk.catalog.store().rows(refs).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(entity_ref, row)| Some((entity_ref, row.place.revision?)))
        .collect())
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
