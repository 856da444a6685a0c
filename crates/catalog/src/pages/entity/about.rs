//! Facts, links, annotations and labels of one entity.

use model::kinds::Kinds;
use portal::View;
use serde_json::{Map, Value};

use super::Ledger;
use crate::compliance;
use crate::pages::fact::Fact;
use crate::pages::labels::kind_title;
use crate::pages::problems::{commit_href, line_href, place_text, short_revision};
use crate::pages::source_status::{place_of, source_href};
use crate::pages::summary::{RefLine, text_at};
use crate::place::shown;
use crate::tier::{Origin, Slo, Tiers};

/// More annotations, labels or links than this are counted, not shown.
const MAX_PAIRS: usize = 100;

/// What the entity is. `system` and `domain` come from its relations.
pub(super) fn facts(
    view: &View,
    (kinds, tiers): (&Kinds, &Tiers),
    entity: &Value,
    parents: &[RefLine],
) -> Vec<Fact> {
    let t = |key| view.t(key).to_string();
    let mut facts = Vec::new();
    let kind = text_at(entity, "/kind").unwrap_or_default();
    let list = format!(
        "/catalog?kind={}",
        platform::request::encode(&kind.to_lowercase())
    );
    facts.push(Fact::link(
        t("catalog-kind"),
        kind_title(view, kinds, kind),
        &list,
    ));
    for (key, pointer, parameter) in [
        ("catalog-type", "/spec/type", "type"),
        ("catalog-lifecycle", "/spec/lifecycle", "lifecycle"),
    ] {
        if let Some(value) = text_at(entity, pointer) {
            let href = format!("{list}&{parameter}={}", platform::request::encode(value));
            facts.push(Fact::link(t(key), value, href));
        }
    }
    facts.extend(importance(view, tiers, entity));
    for parent in parents {
        let key = match parent.entity_ref.kind() {
            "system" => "catalog-system",
            "domain" => "catalog-domain",
            _ => "catalog-part-of",
        };
        facts.push(Fact::reference(t(key), parent));
    }
    if let Some(email) = text_at(entity, "/spec/profile/email") {
        facts.push(Fact::link(
            t("catalog-email"),
            email,
            format!("mailto:{email}"),
        ));
    }
    if let Some(namespace) =
        text_at(entity, "/metadata/namespace").filter(|name| *name != "default")
    {
        facts.push(Fact::text(t("catalog-namespace"), namespace));
    }
    facts.extend(known_annotations(view, entity));
    facts
}

/// Tier, objective with its error budget, and standards, each with its source.
fn importance(view: &View, tiers: &Tiers, entity: &Value) -> Vec<Fact> {
    let t = |key| view.t(key).to_string();
    let standing = tiers.of(entity);
    let mut facts = Vec::new();
    if let Some((tier, from)) = &standing.tier {
        let href = format!("/catalog?tier={}", platform::request::encode(tier));
        facts.push(Fact::link(
            t("catalog-tier"),
            sourced(view, tier, from),
            href,
        ));
    }
    if let Some((slo, from)) = &standing.slo {
        let value = view
            .t("catalog-slo-value")
            .with("slo", slo.to_string())
            .with("budget", budget(view, *slo))
            .to_string();
        // That of the tier has the tier's source.
        let own = standing.tier.as_ref().is_none_or(|(_, tier)| tier != from);
        let value = if own {
            sourced(view, &value, from)
        } else {
            value
        };
        facts.push(Fact::text(t("catalog-slo"), value));
    }
    for standard in compliance::standards(entity) {
        let href = format!(
            "/catalog?compliance={}",
            platform::request::encode(&standard)
        );
        facts.push(Fact::link(t("catalog-compliance"), standard, href));
    }
    facts
}

/// A value with what says so.
fn sourced(view: &View, value: &str, from: &Origin) -> String {
    let (key, name) = match from {
        Origin::Tag(name) => ("catalog-from-tag", name),
        Origin::Label(name) => ("catalog-from-label", name),
        Origin::Annotation(name) => ("catalog-from-annotation", name),
    };
    view.t(key)
        .with("value", value)
        .with("name", name)
        .to_string()
}

/// The two largest units of an error budget.
fn budget(view: &View, slo: Slo) -> String {
    let keys = [
        "catalog-budget-days",
        "catalog-budget-hours",
        "catalog-budget-minutes",
        "catalog-budget-seconds",
    ];
    let parts = slo.budget_parts();
    let words: Vec<String> = keys
        .iter()
        .zip(parts)
        .skip_while(|(_, count)| *count == 0)
        .take(2)
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| view.t(key).with("count", count).to_string())
        .collect();
    if words.is_empty() {
        return view
            .t("catalog-budget-seconds")
            .with("count", 0_u64)
            .to_string();
    }
    words.join(" ")
}

/// Annotations that mean something to people. A link is made only where the
/// address follows from the annotation alone.
fn known_annotations(view: &View, entity: &Value) -> Vec<Fact> {
    let mut facts = Vec::new();
    let repository = view.t("catalog-repository").to_string();
    let value = |name: &str| annotation(entity, name);
    let mut has_repository = false;
    for (name, host) in [
        ("github.com/project-slug", "https://github.com/"),
        ("gitlab.com/project-slug", "https://gitlab.com/"),
    ] {
        if let Some(slug) = value(name) {
            has_repository = true;
            facts.push(slugged(&repository, slug, host));
        }
    }
    if let Some(place) = value("backstage.io/source-location").filter(|_| !has_repository) {
        facts.push(match line_href(place, 0) {
            Some(href) => Fact::link(&repository, shown(place), href),
            None => Fact::text(&repository, shown(place)).mono(),
        });
    }
    if let Some(slug) = value("circleci.com/project-slug") {
        facts.push(slugged(
            "CircleCI",
            slug,
            "https://app.circleci.com/pipelines/",
        ));
    }
    for (name, product) in [
        ("sonarqube.org/project-key", "SonarQube"),
        ("grafana/dashboard-selector", "Grafana"),
        ("pagerduty.com/service-id", "PagerDuty"),
        ("argocd/app-name", "Argo CD"),
        ("datadoghq.com/dashboard-url", "Datadog"),
        ("backstage.io/techdocs-ref", "TechDocs"),
    ] {
        if let Some(value) = value(name) {
            facts.push(written(product, value).mono());
        }
    }
    facts
}

/// `owner/repository` below a host; anything else stays text.
fn slugged(name: &str, slug: &str, host: &str) -> Fact {
    let parts = slug.split('/').count();
    let plain = slug
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.'));
    if plain && parts >= 2 && !slug.starts_with('/') && !slug.contains("..") {
        Fact::link(name, slug, format!("{host}{slug}")).mono()
    } else {
        Fact::text(name, slug).mono()
    }
}

/// A value that is a link when its author wrote an address.
fn written(name: &str, value: &str) -> Fact {
    if value.starts_with("https://") || value.starts_with("http://") {
        Fact::link(name, value, value)
    } else {
        Fact::text(name, value)
    }
}

pub(super) fn annotation<'v>(entity: &'v Value, name: &str) -> Option<&'v str> {
    let value = entity.pointer("/metadata/annotations")?.get(name)?;
    value.as_str().filter(|text| !text.is_empty())
}

/// Annotations as they are, without those that the page already shows.
pub(super) fn annotations(entity: &Value) -> Vec<Fact> {
    pairs(entity, "/metadata/annotations")
        .filter(|(key, _)| {
            !matches!(
                key.as_str(),
                "backstage.io/managed-by-location" | "backstage.io/managed-by-origin-location"
            ) && !key.starts_with("portway.dev/description.")
        })
        .map(|(key, value)| written(key, value).mono())
        .take(MAX_PAIRS)
        .collect()
}

/// Labels as they are.
pub(super) fn labels(entity: &Value) -> Vec<Fact> {
    pairs(entity, "/metadata/labels")
        .map(|(key, value)| Fact::text(key, value).mono())
        .take(MAX_PAIRS)
        .collect()
}

fn pairs<'v>(entity: &'v Value, pointer: &str) -> impl Iterator<Item = (&'v String, &'v str)> {
    let fields: Option<&Map<String, Value>> = entity.pointer(pointer).and_then(Value::as_object);
    fields
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key, value.as_str()?)))
}

/// One of `metadata.links`.
#[derive(Debug)]
pub(super) struct LinkLine {
    pub(super) text: String,
    pub(super) href: String,
    pub(super) icon: &'static str,
    pub(super) note: String,
}

/// The links that the author gave.
pub(super) fn links(entity: &Value) -> Vec<LinkLine> {
    let items = entity.pointer("/metadata/links").and_then(Value::as_array);
    items
        .into_iter()
        .flatten()
        .filter_map(|link| {
            let href = text_at(link, "/url")?;
            Some(LinkLine {
                text: text_at(link, "/title").unwrap_or(href).to_owned(),
                href: href.to_owned(),
                icon: link_icon(text_at(link, "/icon").unwrap_or_default()),
                note: text_at(link, "/type").unwrap_or_default().to_owned(),
            })
        })
        .take(MAX_PAIRS)
        .collect()
}

/// Our icon for a name that Backstage's users write; an arrow for others.
fn link_icon(name: &str) -> &'static str {
    match name.to_ascii_lowercase().as_str() {
        "dashboard" | "chart" | "metrics" | "monitoring" => "improve",
        "docs" | "doc" | "techdocs" | "article" | "book" => "doc",
        "help" | "support" => "help",
        "github" | "gitlab" | "git" | "code" | "repository" => "branch",
        "alert" | "warning" | "pagerduty" => "bell",
        "web" | "website" | "public" | "globe" | "language" => "globe",
        "catalog" => "catalog",
        "user" | "person" => "user",
        "group" | "team" | "chat" => "team",
        "admin" | "settings" => "admin",
        "api" => "api",
        "search" => "search",
        "database" => "database",
        "star" => "star",
        _ => "out",
    }
}

/// Where the entity is declared, and how old what we know of it is.
pub(super) fn declaration(view: &View, entity: &Value, ledger: &Ledger) -> Vec<Fact> {
    let t = |key| view.t(key).to_string();
    let Some(row) = &ledger.row else {
        return Vec::new();
    };
    let place = &row.place;
    let written = place_text(&place.location, place.line, 0);
    // The author's own link wins over what we make of the location.
    let seen = annotation(entity, "backstage.io/view-url").filter(|href| portal::is_external(href));
    let href = match seen {
        Some(seen) if !seen.contains('#') => Some(format!("{seen}#L{}", place.line)),
        Some(seen) => Some(seen.to_owned()),
        None => line_href(&place.location, place.line),
    };
    let mut facts = vec![Fact::text(t("catalog-file"), written).to(href).mono()];
    if let Some(revision) = &place.revision {
        let link = seen.map(|seen| format!("url:{seen}"));
        let href = link
            .as_deref()
            .and_then(|seen| commit_href(seen, revision))
            .or_else(|| commit_href(&place.location, revision));
        facts.push(
            Fact::text(t("catalog-commit"), short_revision(revision))
                .to(href)
                .mono(),
        );
    }
    if let Some(source) = &ledger.source {
        facts.push(Fact::link(
            t("catalog-source"),
            place_of(source),
            source_href(&source.id),
        ));
    }
    facts.push(Fact::text(t("catalog-created"), view.date(&row.created_at)));
    facts.push(Fact::text(t("catalog-changed"), view.date(&row.updated_at)));
    facts
}
