//! Facts about packages in words.

use portal::View;

use crate::packages::Coverage;

/// How a package came in.
pub(super) fn relation(view: &View, relation: &str, via: Option<&str>) -> String {
    match (relation, via) {
        ("direct", _) => view.t("catalog-packages-direct").to_string(),
        ("transitive", Some(via)) => view
            .t("catalog-packages-transitive-via")
            .with("via", via)
            .to_string(),
        ("transitive", None) => view.t("catalog-packages-transitive").to_string(),
        _ => view.t("catalog-packages-relation-unknown").to_string(),
    }
}

/// Why a version was not compared.
pub(super) fn reason(view: &View, reason: &str) -> String {
    let key = match reason {
        "no-version" => "catalog-packages-no-version",
        "distribution-version" => "catalog-packages-distribution",
        _ => "catalog-packages-no-order",
    };
    view.t(key).to_string()
}

/// What the search looks through, and what it cannot see.
pub(super) fn coverage(view: &View, coverage: Coverage) -> String {
    let text = view
        .t("catalog-packages-coverage")
        .with("packages", view.number(coverage.packages))
        .with("entities", view.number(coverage.entities))
        .with("without", view.number(coverage.components_without))
        .with("components", view.number(coverage.components));
    text.to_string()
}
