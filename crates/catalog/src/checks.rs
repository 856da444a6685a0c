//! What `portway doctor` and the health page ask the catalog.

use std::time::Duration;

use platform::doctor::{Check, Layer, Outcome};

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
        Err(error) => return Outcome::fail(error.to_string(), "see the server's log"),
    };
    let failed: Vec<String> = sources
        .iter()
        .filter(|source| source.state.last_error.is_some())
        .map(|source| source.location.to_string())
        .collect();
    match failed.first() {
        None => Outcome::ok(format!("{} sources", sources.len())),
        Some(first) => Outcome::warn(
            format!("{} of {}: {first}", failed.len(), sources.len()),
            "open /sources",
        ),
    }
}

async fn quick(catalog: Catalog) -> Outcome {
    let sources = catalog.store.sources().await.unwrap_or_default();
    let took = |source: &crate::Source| {
        Duration::from_micros(u64::try_from(source.state.duration_us.unwrap_or(0)).unwrap_or(0))
    };
    match sources.iter().max_by_key(|source| took(source)) {
        Some(slowest) if took(slowest) > SLOW => Outcome::warn(
            format!(
                "{} takes {:.1} s",
                slowest.location,
                took(slowest).as_secs_f64()
            ),
            "split it into several sources",
        ),
        Some(slowest) => Outcome::ok(format!(
            "the slowest takes {:.1} s",
            took(slowest).as_secs_f64()
        )),
        None => Outcome::skip("there are no sources"),
    }
}

async fn held_back(catalog: Catalog) -> Outcome {
    let sources = catalog.store.sources().await.unwrap_or_default();
    let waiting: usize = sources
        .iter()
        .filter_map(|source| source.state.held.as_ref())
        .map(|held| held.refs.len())
        .sum();
    if waiting == 0 {
        return Outcome::ok("0 entities");
    }
    Outcome::warn(
        format!("{waiting} entities"),
        "open /sources and confirm, or put the declarations back",
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
    match catalog.model.index().list(&request).total {
        0 => Outcome::ok("0 orphans"),
        orphans => Outcome::warn(format!("{orphans} orphans"), "open /catalog?view=orphans"),
    }
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
        return Outcome::ok("every owner is in the catalog");
    }
    Outcome::warn(
        format!("owners that are not in the catalog: {missing}"),
        "open /catalog?view=ownerless",
    )
}
