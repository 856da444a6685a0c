//! There is no such entity: what may have been meant.

use axum::http::StatusCode;
use axum::response::IntoResponse;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::request::{Call, encode};
use portal::{ErrorPage, View};

use super::{Answer, Desk};
use crate::index::{FullText, Index, ListRequest};
use crate::pages::labels::kind_plural;
use crate::pages::navigation::kind_counts;
use crate::pages::summary::entity_href;
use crate::visibility::visible_to;

/// Names that are proposed.
const MAX_PROPOSALS: usize = 6;
/// Names that are compared letter by letter.
const MAX_COMPARED: usize = 50_000;
/// Longer names are not compared: nobody types them.
const MAX_NAME_CHARS: usize = 63;

/// 404 with near names, and the way to the history of what was deleted.
pub(super) async fn answer(desk: &Desk, call: &Call, view: View, entity_ref: &EntityRef) -> Answer {
    let deleted = match desk.catalog.sees(&call.caller, entity_ref).await? {
        true => desk.catalog.store().history(entity_ref, 1).await?.pop(),
        false => None,
    };
    let visible = visible_to(&call.caller);
    let (near, kind) = {
        let index = desk.catalog.index_for(call).await?;
        let kind = match visible {
            None => near_kind(&index, entity_ref.kind()),
            Some(_) => None,
        };
        (near(&index, entity_ref, visible.as_ref()), kind)
    };
    let kind = kind.map(|kind| {
        let href = format!("/catalog?kind={}", encode(&kind.to_lowercase()));
        (kind_plural(&view, desk.catalog.model.kinds(), &kind), href)
    });
    let gone = deleted.as_ref().filter(|entry| entry.change == "deleted");
    let why = gone.map(|entry| {
        view.t("catalog-gone")
            .with("time", view.date(&entry.time))
            .to_string()
    });
    let what = match gone {
        Some(_) => view.t("catalog-gone-what"),
        None => view.t("catalog-unknown-what"),
    };
    let what = what.with("name", entity_ref.to_string()).to_string();
    let next = if near.is_empty() && kind.is_none() {
        view.t("catalog-unknown-next")
    } else {
        view.t("catalog-unknown-near")
    };
    let (next, history) = (next.to_string(), view.t("catalog-gone-history").to_string());
    let mut page = ErrorPage::new(view, StatusCode::NOT_FOUND)
        .why(why.unwrap_or_default())
        .next(next);
    page.what = what;
    if deleted.is_some() {
        page = page.link(history, format!("{}/history", entity_href(entity_ref)));
    }
    for found in near {
        page = page.link(found.to_string(), entity_href(&found));
    }
    if let Some((text, href)) = kind {
        page = page.link(text, href);
    }
    Ok(page.into_response())
}

/// The kind that was probably meant, when nothing has the one that was written.
fn near_kind(index: &Index, wanted: &str) -> Option<String> {
    let known: Vec<String> = kind_counts(index, None)
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    if known.iter().any(|kind| kind.eq_ignore_ascii_case(wanted)) {
        return None;
    }
    let close = known.into_iter().filter_map(|kind| {
        let slips = slips(&wanted.to_lowercase(), &kind.to_lowercase())?;
        Some((slips, kind))
    });
    close.min().map(|(_, kind)| kind)
}

/// Entities that were probably meant, the likeliest first: the same name
/// elsewhere, names that hold this one, names with a slip or two.
pub(in crate::pages) fn near(
    index: &Index,
    wanted: &EntityRef,
    visible: Option<&Predicate>,
) -> Vec<EntityRef> {
    let mut found: Vec<EntityRef> = Vec::new();
    let mut add = |refs: Vec<EntityRef>| {
        for entity_ref in refs {
            if found.len() < MAX_PROPOSALS && !found.contains(&entity_ref) {
                found.push(entity_ref);
            }
        }
    };
    let list = |request: ListRequest| -> Vec<EntityRef> {
        let listed = index.list(&ListRequest {
            visible: visible.cloned(),
            limit: Some(MAX_PROPOSALS),
            ..request
        });
        listed
            .items
            .iter()
            .map(|entity| entity.entity_ref().clone())
            .collect()
    };
    let named = |name: &str| ListRequest {
        query: Some(Predicate::equals("metadata.name", name)),
        ..ListRequest::default()
    };
    add(list(named(wanted.name())));
    add(list(ListRequest {
        full_text: Some(FullText {
            term: wanted.name().to_owned(),
            fields: Some(vec![
                "metadata.name".to_owned(),
                "metadata.title".to_owned(),
            ]),
        }),
        ..ListRequest::default()
    }));
    let names = index.facets(&["metadata.name"], None, visible);
    let mut close: Vec<(usize, &str)> = names
        .iter()
        .flat_map(|facet| &facet.values)
        .take(MAX_COMPARED)
        .filter_map(|value| {
            let slips = slips(wanted.name(), &value.value.to_lowercase())?;
            Some((slips, value.value.as_str()))
        })
        .collect();
    close.sort_unstable();
    for (_, name) in close.into_iter().take(MAX_PROPOSALS) {
        add(list(named(name)));
    }
    found
}

/// How many letters differ, when those are few for the length of the name:
/// Levenshtein's distance.
fn slips(wanted: &str, name: &str) -> Option<usize> {
    let wanted: Vec<char> = wanted.chars().take(MAX_NAME_CHARS + 1).collect();
    let name: Vec<char> = name.chars().take(MAX_NAME_CHARS + 1).collect();
    let allowed = match wanted.len() {
        0..=2 => return None,
        3..=5 => 1,
        6..=MAX_NAME_CHARS => 2,
        _ => return None,
    };
    if wanted.len().abs_diff(name.len()) > allowed {
        return None;
    }
    let mut before: Vec<usize> = (0..=name.len()).collect();
    for (row, a) in wanted.iter().enumerate() {
        let mut diagonal = row;
        let mut left = row + 1;
        let mut current = Vec::with_capacity(before.len());
        current.push(left);
        for (b, above) in name.iter().zip(before.iter().skip(1)) {
            let cost = (diagonal + usize::from(a != b))
                .min(above + 1)
                .min(left + 1);
            diagonal = *above;
            left = cost;
            current.push(cost);
        }
        before = current;
    }
    before
        .last()
        .copied()
        .filter(|distance| *distance <= allowed)
}

#[cfg(test)]
mod tests {
    use super::slips;

    #[test]
    fn slips_are_counted_as_people_make_them() {
        assert_eq!(slips("order-service", "order-service"), Some(0));
        assert_eq!(slips("oder-service", "order-service"), Some(1));
        assert_eq!(slips("order-servise", "order-service"), Some(1));
        assert_eq!(slips("odrer-service", "order-service"), Some(2));
        assert_eq!(slips("payment", "order-service"), None);
        assert_eq!(slips("ab", "ac"), None);
        assert_eq!(slips(&"x".repeat(200), &"x".repeat(200)), None);
    }
}
