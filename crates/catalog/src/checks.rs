//! What `portway doctor` and the health page ask the catalog.

use std::time::Duration;

use platform::doctor::{Check, Layer, Message, Outcome};

use crate::engine::Catalog;

/// A refresh that takes longer is worth a warning.
const SLOW: Duration = Duration::from_secs(10);

/// The catalog's checks.
pub(crate) fn checks(catalog: &Catalog) -> Vec<Check> {
    let (sources, slow, held) = (catalog.clone(), catalog.clone(), catalog.clone());
    let (orphans, owners) = (catalog.clone(), catalog.clone());
    vec![
        Check::new(
            "catalog.sources",
            "Every source can be read",
            Layer::Portal,
            move || readable(sources.clone()),
        ),
        Check::new(
            "catalog.slow",
            "No source is slow to read",
            Layer::Portal,
            move || quick(slow.clone()),
        ),
        Check::new(
            "catalog.held",
            "No deletion waits for a person",
            Layer::Portal,
            move || held_back(held.clone()),
        ),
        Check::new(
            "catalog.orphans",
            "Every entity is still declared",
            Layer::Portal,
            move || declared(orphans.clone()),
        ),
        Check::new(
            "catalog.owners",
            "Every owner exists",
            Layer::Portal,
            move || owned(owners.clone()),
        ),
    ]
}

async fn readable(catalog: Catalog) -> Outcome {
    let sources = match catalog.store.sources().await {
        Ok(sources) => sources,
        Err(error) => return Outcome::fail(error.to_string(), see_log()),
    };
    let failed: Vec<String> = sources
        .iter()
        .filter(|source| source.state.last_error.is_some())
        .map(|source| source.location.to_string())
        .collect();
    match failed.first() {
        None => Outcome::ok(
            Message::new("doctor-sources", format!("{} sources", sources.len()))
                .with("count", sources.len()),
        ),
        Some(first) => Outcome::warn(
            Message::new(
                "doctor-sources-failed",
                format!("{} of {}: {first}", failed.len(), sources.len()),
            )
            .with("failed", failed.len())
            .with("count", sources.len())
            .with("first", first.as_str()),
            Message::new("doctor-sources-fix", "open /sources"),
        ),
    }
}

async fn quick(catalog: Catalog) -> Outcome {
    let sources = catalog.store.sources().await.unwrap_or_default();
    let took = |source: &crate::Source| {
        Duration::from_micros(u64::try_from(source.state.duration_us.unwrap_or(0)).unwrap_or(0))
    };
    match sources.iter().max_by_key(|source| took(source)) {
        Some(slowest) if took(slowest) > SLOW => {
            let seconds = format!("{:.1}", took(slowest).as_secs_f64());
            Outcome::warn(
                Message::new(
                    "doctor-slow",
                    format!("{} takes {seconds} s", slowest.location),
                )
                .with("source", slowest.location.to_string())
                .with("seconds", seconds),
                Message::new("doctor-slow-fix", "split it into several sources"),
            )
        }
        Some(slowest) => {
            let seconds = format!("{:.1}", took(slowest).as_secs_f64());
            Outcome::ok(
                Message::new("doctor-slowest", format!("the slowest takes {seconds} s"))
                    .with("seconds", seconds),
            )
        }
        None => Outcome::skip(Message::new("doctor-no-sources", "there are no sources")),
    }
}

async fn held_back(catalog: Catalog) -> Outcome {
    let sources = catalog.store.sources().await.unwrap_or_default();
    let waiting: usize = sources
        .iter()
        .filter_map(|source| source.state.held.as_ref())
        .map(|held| held.refs.len())
        .sum();
    let entities = Message::new("doctor-entities", format!("{waiting} entities"));
    let entities = entities.with("count", waiting);
    if waiting == 0 {
        return Outcome::ok(entities);
    }
    Outcome::warn(
        entities,
        Message::new(
            "doctor-held-fix",
            "open /sources and confirm, or put the declarations back",
        ),
    )
}

async fn declared(catalog: Catalog) -> Outcome {
    let orphan =
        model::query::Predicate::equals("metadata.annotations.backstage.io/orphan", "true");
    let request = crate::index::ListRequest {
        query: Some(orphan),
        limit: Some(0),
        ..Default::default()
    };
    let orphans = catalog.model.index().list(&request).total;
    let found = Message::new("doctor-orphans", format!("{orphans} orphans"));
    let found = found.with("count", orphans);
    if orphans == 0 {
        return Outcome::ok(found);
    }
    Outcome::warn(
        found,
        Message::new("doctor-orphans-fix", "open /catalog?view=orphans"),
    )
}

async fn owned(catalog: Catalog) -> Outcome {
    let index = catalog.model.index();
    let missing = index
        .dangling()
        .iter()
        .filter(|dangling| {
            dangling
                .sources
                .iter()
                .any(|(relation, _)| *relation == "ownedBy")
        })
        .count();
    if missing == 0 {
        return Outcome::ok(Message::new(
            "doctor-owners",
            "every owner is in the catalog",
        ));
    }
    Outcome::warn(
        Message::new(
            "doctor-owners-missing",
            format!("owners that are not in the catalog: {missing}"),
        )
        .with("count", missing),
        Message::new("doctor-owners-fix", "open /catalog?view=ownerless"),
    )
}

fn see_log() -> Message {
    Message::new("doctor-see-log", "see the server's log")
}
