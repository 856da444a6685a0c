//! What kinds, relations and origins are called on pages.

use model::kinds::Kinds;
use portal::View;

use crate::source::Origin;

/// The kind's name in plural, in the page's language. Kinds given as data have
/// one name only.
pub(super) fn kind_plural(view: &View, kinds: &Kinds, kind: &str) -> String {
    let key = match kind.to_ascii_lowercase().as_str() {
        "component" => "catalog-nav-components",
        "api" => "catalog-nav-apis",
        "resource" => "catalog-nav-resources",
        "system" => "catalog-nav-systems",
        "domain" => "catalog-nav-domains",
        "group" => "catalog-nav-groups",
        "user" => "catalog-nav-users",
        "template" => "catalog-nav-templates",
        "location" => "catalog-kind-locations",
        "airesource" => "catalog-kind-ai-resources",
        "campaign" => "catalog-kind-campaigns",
        _ => return kind_title(view, kinds, kind),
    };
    view.t(key).to_string()
}

/// The kind's name, in the page's language.
pub(super) fn kind_title(view: &View, kinds: &Kinds, kind: &str) -> String {
    kinds
        .iter()
        .find(|definition| definition.kind.eq_ignore_ascii_case(kind))
        .map_or(kind, |definition| definition.title(view.lang.tag()))
        .to_owned()
}

/// What a relation is called above its targets; types of other kinds as they are.
pub(super) fn relation_label(view: &View, relation: &str) -> String {
    let key = match relation {
        "dependsOn" => "catalog-relation-depends-on",
        "dependencyOf" => "catalog-relation-dependency-of",
        "providesApi" => "catalog-relation-provides-api",
        "apiProvidedBy" => "catalog-relation-api-provided-by",
        "consumesApi" => "catalog-relation-consumes-api",
        "apiConsumedBy" => "catalog-relation-api-consumed-by",
        "partOf" => "catalog-relation-part-of",
        "hasPart" => "catalog-relation-has-part",
        "onCall" => "catalog-relation-on-call",
        "onCallFor" => "catalog-relation-on-call-for",
        "ownedBy" => "catalog-relation-owned-by",
        "ownerOf" => "catalog-relation-owner-of",
        "memberOf" => "catalog-relation-member-of",
        "hasMember" => "catalog-relation-has-member",
        "childOf" => "catalog-relation-child-of",
        "parentOf" => "catalog-relation-parent-of",
        "scaffoldedFrom" => "catalog-relation-scaffolded-from",
        "scaffolderOf" => "catalog-relation-scaffolder-of",
        other => return other.to_owned(),
    };
    view.t(key).to_string()
}

/// Who declared a source.
pub(super) fn origin_label(view: &View, origin: &Origin) -> String {
    match origin {
        Origin::Path => view.t("catalog-origin-path").to_string(),
        Origin::Config => view.t("catalog-origin-config").to_string(),
        Origin::Api => view.t("catalog-origin-api").to_string(),
        Origin::Provider(name) => view
            .t("catalog-origin-provider")
            .with("name", name)
            .to_string(),
    }
}
