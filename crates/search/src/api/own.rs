//! `GET /api/v1/search`: results with owner, facets and reasons.

use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::openapi::{Operation, schema};
use platform::request::Call;
use serde_json::{Value, json};

use super::{Answer, MAX_PAGE, MAX_TERM, json_answer};
use crate::card::Card;
use crate::engine::Narrow;
use crate::service::Search;

const DEFAULT_LIMIT: usize = 20;
/// Results that are explained; each costs as much as the search.
const EXPLAINED: usize = 10;
/// Nobody reads on behind this many results.
const MAX_OFFSET: i64 = 10_000;

/// `GET /api/v1/search`
pub(super) fn search(search: &Search, call: &Call) -> Answer {
    let query = &call.query;
    let text = query.get("q").unwrap_or_default();
    if text.chars().count() > MAX_TERM {
        return Err(ApiError::input(format!(
            "request/query/q must NOT have more than {MAX_TERM} characters"
        ))
        .accepted(format!("at most {MAX_TERM} characters")));
    }
    let number = |key: &str, least: i64| query.integer(key, least);
    let limit = number("limit", 0)?
        .and_then(|limit| usize::try_from(limit).ok())
        .unwrap_or(DEFAULT_LIMIT);
    if limit > MAX_PAGE {
        return Err(
            ApiError::input(format!("request/query/limit must be <= {MAX_PAGE}"))
                .accepted(format!("a whole number up to {MAX_PAGE}")),
        );
    }
    let offset = number("offset", 0)?.unwrap_or(0).min(MAX_OFFSET);
    let offset = usize::try_from(offset).unwrap_or(0);
    let owners = query.all("owner").map(|owner| {
        EntityRef::parse(owner, Some("group"), Some("default")).map_err(|error| {
            ApiError::input(format!(
                "request/query/owner is no entity reference: {error}"
            ))
            .accepted("a reference such as team-payments or group:default/team-payments")
        })
    });
    let texts = |key: &'static str| {
        query
            .all(key)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let narrow = Narrow {
        collections: texts("collection"),
        kinds: texts("kind"),
        types: texts("type"),
        lifecycles: texts("lifecycle"),
        namespaces: texts("namespace"),
        owners: owners.collect::<Result<_, _>>()?,
        tags: texts("tag"),
    };
    let explain = matches!(query.get("explain"), Some("1" | "true"));
    let found = search.ask(&call.caller, text, narrow, offset, limit);
    let items: Vec<Value> = found
        .hits
        .iter()
        .enumerate()
        .filter_map(|(at, hit)| {
            let mut item = match (&hit.shown, &hit.subject) {
                (Some(shown), subject) => json!({ "id": &*hit.id, "about": subject, "title": shown.title, "description": shown.text, "href": shown.location, "type": shown.kind }),
                (None, Some(subject)) => item(&Card::of(&search.catalog().model().index(), subject)?),
                (None, None) => return None,
            };
            add(&mut item, "collection", json!(hit.collection));
            add(&mut item, "score", json!((f64::from(hit.score) * 1_000.0).round() / 1_000.0));
            if explain && at < EXPLAINED {
                let why = search.explain(&call.caller, text, hit);
                add(&mut item, "explanation", json!(why));
            }
            Some(item)
        })
        .collect();
    let counts = |counts: &[(String, usize)]| -> Vec<Value> {
        counts
            .iter()
            .map(|(value, count)| json!({ "value": value, "count": count }))
            .collect()
    };
    let progress = search.progress();
    Ok(json_answer(&json!({
        "items": items,
        "totalItems": found.total,
        "partial": found.partial,
        "facets": { "kind": counts(&found.kinds), "type": counts(&found.types) },
        "index": { "complete": progress.complete, "indexed": progress.done, "of": progress.of },
    })))
}

fn add(item: &mut Value, key: &str, value: Value) {
    if let Some(object) = item.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}

fn item(card: &Card) -> Value {
    json!({
        "ref": card.entity_ref.as_str(),
        "kind": card.kind,
        "namespace": card.namespace,
        "name": card.name,
        "title": card.title,
        "description": card.description_written(),
        "type": card.spec_type,
        "lifecycle": card.lifecycle,
        "owner": card.owner.as_ref().map(|owner| json!({ "ref": owner.entity_ref.as_str(), "title": owner.text, "exists": owner.exists })),
        "tags": card.tags,
        "href": card.href(),
    })
}

pub(super) fn operation() -> Operation {
    let texts = || schema::list(schema::text());
    Operation::new("search", "search", "Search everything")
        .explained("Finds prefixes, parts of words, typing errors, initials and Korean initial consonants in names, titles, tags, owners, descriptions, annotations and API definitions.")
        .query("q", schema::text(), "What to look for, at most 100 characters; without it everything is found")
        .query("collection", texts(), "Only these sorts of document: `software-catalog` for entities, `techdocs` for documentation")
        .query("kind", texts(), "Only these kinds, with what is written about them")
        .query("type", texts(), "Only these values of `spec.type`")
        .query("lifecycle", texts(), "Only these lifecycles")
        .query("namespace", texts(), "Only these namespaces")
        .query("owner", texts(), "Only what these own")
        .query("tag", texts(), "Only with a tag that begins so; `runbook` and `adr` of documentation count as tags")
        .query("limit", schema::between(0, 100), "Results, 20 unless told")
        .query("offset", schema::at_least(0), "Results to leave out at the beginning")
        .query("explain", schema::flag(), "`1` says why the first ten results were found")
        .json(200, "Results, the best first", schema::map(json!({})))
}
