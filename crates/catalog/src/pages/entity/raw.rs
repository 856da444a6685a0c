//! The tab Raw: the entity as programs get it.

use askama::Template;
use axum::response::IntoResponse;
use model::yaml::to_yaml;
use platform::request::{Call, encode};
use portal::ui::{Code, Segments, Syntax, Tab};
use portal::{Page, View};

use super::frame::{Frame, Part};
use super::{Answer, Desk, Ledger, find, missing, ref_in_path, view_for};
use crate::pages::summary::entity_href;

/// What a page shows of one entity, in bytes; the links have all of it.
const MAX_BYTES: usize = 400_000;

#[derive(Template)]
#[template(path = "catalog/raw.html")]
struct RawPage {
    frame: Frame,
    formats: Segments,
    code: Code,
    command: Code,
    cut: bool,
    links: Vec<(String, String)>,
    view: View,
}

/// `GET /catalog/{namespace}/{kind}/{name}/raw`
pub(in crate::pages) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_in_path(&call);
    let view = view_for(&desk, &call, &entity_ref);
    let ledger = Ledger::now((&desk, &call), &view, &entity_ref).await?;
    let found = {
        let index = desk.catalog.index_for(&call).await?;
        find(&index, &entity_ref, &call).map(|entity| {
            let of = (&desk, &call.caller);
            (
                Frame::of(of, &view, (&index, &entity), &ledger, Part::Raw),
                entity.to_value(),
            )
        })
    };
    let Some((frame, value)) = found else {
        return missing::answer(&desk, &call, view, &entity_ref).await;
    };
    let json = view.here.get("format") == Some("json");
    let text = if json {
        serde_json::to_string_pretty(&value).unwrap_or_default()
    } else {
        to_yaml(&value)
    };
    let (text, cut) = beginning(text);
    let format = |name: &str, current| {
        let href = view.here.with("format", name).to_string();
        Tab::new(name.to_uppercase(), href, current)
    };
    let page = RawPage {
        formats: Segments {
            label: view.t("catalog-format").to_string(),
            choices: vec![format("yaml", !json), format("json", json)],
        },
        code: Code {
            id: "raw".to_owned(),
            caption: entity_ref.to_string(),
            text,
            syntax: if json { Syntax::Json } else { Syntax::Yaml },
            numbered: true,
            ..Code::default()
        },
        command: Code::command("get", format!("portway get {entity_ref} -o yaml")),
        cut,
        links: links(&view, &frame),
        frame,
        view,
    };
    Ok(Page::new(page).into_response())
}

/// The first lines, as far as a page should hold them.
fn beginning(text: String) -> (String, bool) {
    if text.len() <= MAX_BYTES {
        return (text, false);
    }
    let mut end = MAX_BYTES;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (text.get(..end).unwrap_or_default().to_owned(), true)
}

/// The same as data: beside the page, and where Backstage's clients ask.
fn links(view: &View, frame: &Frame) -> Vec<(String, String)> {
    let entity_ref = &frame.entity_ref;
    let page = entity_href(entity_ref);
    let api = format!(
        "/api/catalog/entities/by-name/{}/{}/{}",
        encode(entity_ref.kind()),
        encode(entity_ref.namespace()),
        encode(entity_ref.name())
    );
    let at = |path: String| match view.here.get("at") {
        Some(at) => format!("{path}?at={}", encode(at)),
        None => path,
    };
    vec![
        ("YAML".to_owned(), at(format!("{page}.yaml"))),
        ("JSON".to_owned(), at(format!("{page}.json"))),
        (view.t("catalog-api").to_string(), at(api)),
    ]
}
