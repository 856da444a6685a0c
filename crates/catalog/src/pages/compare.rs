//! `/catalog/compare`: two to four entities side by side.

use std::collections::BTreeMap;

use askama::Template;
use axum::response::IntoResponse;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Crumbs, Segments, Tab};
use portal::{Page, View};
use serde_json::{Value, json};

use super::columns::problems;
use super::export::json_answer;
use super::labels::{kind_title, relation_label};
use super::moment::{following, moment_of};
use super::selection::picked;
use super::shorten::shortened;
use super::summary::{RefLine, Summary, text_at};
use super::{Answer, Desk};
use crate::compliance;
use crate::index::{EntityView, Index};
use crate::place::shown;
use crate::visibility::visible_to;

/// As many as fit side by side.
const MAX_COMPARED: usize = 4;
/// Room for one value, in columns of the screen.
const VALUE_COLUMNS: usize = 160;
/// How annotations begin that say where an entity is written.
const MANAGED_BY: &str = "backstage.io/managed-by-";
/// Values of one fact that are listed.
const MAX_VALUES: usize = 30;
/// Fields of `spec` that are shown among the facts or the relations.
const TOLD_ELSEWHERE: [&str; 14] = [
    "type",
    "owner",
    "lifecycle",
    "system",
    "domain",
    "dependsOn",
    "dependencyOf",
    "providesApis",
    "consumesApis",
    "subcomponentOf",
    "memberOf",
    "members",
    "children",
    "parent",
];

#[derive(Template)]
#[template(path = "catalog/list-compare.html")]
struct ComparePage {
    crumbs: Crumbs,
    shapes: Segments,
    columns: Vec<Column>,
    groups: Vec<Group>,
    /// How many facts differ, of how many.
    differing: usize,
    facts: usize,
    /// More were asked for than are compared.
    more: bool,
    data: String,
    at: Option<Timestamp>,
    now_href: String,
    view: View,
}

struct Column {
    line: RefLine,
    /// The comparison without it.
    remove: String,
}

struct Group {
    title: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    /// Whether `name` is a word of the documents rather than of people.
    written: bool,
    differs: bool,
    cells: Vec<Vec<Shown>>,
}

struct Shown {
    text: String,
    href: Option<String>,
}

/// What a fact is about; the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Facts,
    Spec,
    Relations,
    Labels,
    Annotations,
}

impl About {
    const ALL: [Self; 5] = [
        Self::Facts,
        Self::Spec,
        Self::Relations,
        Self::Labels,
        Self::Annotations,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Facts => "catalog-comparison-facts",
            Self::Spec => "catalog-comparison-spec",
            Self::Relations => "catalog-comparison-relations",
            Self::Labels => "catalog-comparison-labels",
            Self::Annotations => "catalog-comparison-annotations",
        }
    }

    /// In data.
    fn name(self) -> &'static str {
        match self {
            Self::Facts => "facts",
            Self::Spec => "spec",
            Self::Relations => "relations",
            Self::Labels => "labels",
            Self::Annotations => "annotations",
        }
    }
}

/// What a fact is called: its group, its place there, its name.
type Key = (About, usize, String);

/// One value: in full, and where it leads.
#[derive(Clone, Debug)]
struct Found {
    text: String,
    href: Option<String>,
}

type Facts = BTreeMap<Key, Vec<Found>>;

/// Entities side by side.
struct Comparison {
    refs: Vec<EntityRef>,
    lines: Vec<RefLine>,
    /// Of each entity; empty for what is not there.
    facts: Vec<Facts>,
    more: bool,
}

impl Comparison {
    async fn of(desk: &Desk, call: &Call, view: &View) -> Result<Self, ApiError> {
        let mut refs = picked(&view.here);
        let more = refs.len() > MAX_COMPARED;
        refs.truncate(MAX_COMPARED);
        let visible = visible_to(&call.caller);
        let index = desk.catalog.index_for(call).await?;
        let (mut lines, mut facts) = (Vec::new(), Vec::new());
        for entity_ref in &refs {
            let entity = seen(&index, entity_ref, visible.as_ref());
            lines.push(match &entity {
                Some(_) => RefLine::of(&index, entity_ref),
                None => RefLine {
                    exists: false,
                    ..RefLine::of(&Index::new(), entity_ref)
                },
            });
            facts.push(
                entity.map_or_else(Facts::new, |entity| facts_of(desk, view, &index, &entity)),
            );
        }
        Ok(Self {
            refs,
            lines,
            facts,
            more,
        })
    }

    /// Every fact that somebody has, with whether it differs.
    fn rows(&self) -> Vec<(&Key, bool)> {
        let mut keys: Vec<&Key> = self.facts.iter().flat_map(BTreeMap::keys).collect();
        keys.sort();
        keys.dedup();
        keys.into_iter()
            .map(|key| {
                let mut texts = self.facts.iter().map(|facts| texts(facts, key));
                let first = texts.next();
                let differs = texts.any(|other| Some(other) != first);
                (key, differs)
            })
            .collect()
    }
}

fn texts<'f>(facts: &'f Facts, key: &Key) -> Vec<&'f str> {
    let found = facts.get(key).into_iter().flatten();
    found.map(|found| found.text.as_str()).collect()
}

fn seen<'i>(
    index: &'i Index,
    entity_ref: &EntityRef,
    visible: Option<&Predicate>,
) -> Option<EntityView<'i>> {
    let allowed = visible.is_none_or(|visible| index.matches(entity_ref, visible));
    index.get(entity_ref).filter(|_| allowed)
}

/// `GET /catalog/compare?ref=&ref=`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call).at("nav-catalog");
    let refs = picked(&view.here);
    let view = following(view, refs.iter().map(ToString::to_string));
    let compared = Comparison::of(&desk, &call, &view).await?;
    let only = view.here.has("only", "differences");
    let rows = compared.rows();
    let differing = rows.iter().filter(|(_, differs)| *differs).count();
    let groups = About::ALL
        .into_iter()
        .filter_map(|about| {
            let of_group = rows
                .iter()
                .filter(|(key, differs)| key.0 == about && (*differs || !only));
            let rows: Vec<Row> = of_group
                .map(|(key, differs)| row(&compared, key, *differs))
                .collect();
            (!rows.is_empty()).then(|| Group {
                title: view.t(about.title()).to_string(),
                rows,
            })
        })
        .collect();
    let page = ComparePage {
        crumbs: Crumbs::to(view.t("catalog-comparison").to_string())
            .via(view.t("nav-catalog").to_string(), "/catalog"),
        shapes: shapes(&view, only),
        columns: columns(&view, &compared),
        groups,
        differing,
        facts: rows.len(),
        more: compared.more,
        data: data_href(&view),
        at: moment_of(&view),
        now_href: view.here.without("at").to_string(),
        view,
    };
    Ok(Page::new(page).into_response())
}

/// `GET /catalog/compare.json`
pub(super) async fn json(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let compared = Comparison::of(&desk, &call, &view).await?;
    let only = view.here.has("only", "differences");
    let facts: Vec<Value> = compared
        .rows()
        .into_iter()
        .filter(|(_, differs)| *differs || !only)
        .map(|(key, differs)| {
            let values: Vec<_> = compared
                .facts
                .iter()
                .map(|facts| texts(facts, key))
                .collect();
            json!({ "group": key.0.name(), "name": key.2, "differs": differs, "values": values })
        })
        .collect();
    let exist: Vec<bool> = compared.lines.iter().map(|line| line.exists).collect();
    Ok(json_answer(&json!({
        "refs": compared.refs,
        "exist": exist,
        "facts": facts,
    })))
}

fn columns(view: &View, compared: &Comparison) -> Vec<Column> {
    let lines = compared.lines.iter();
    lines
        .map(|line| {
            let mut rest = view.here.without("ref");
            for other in compared
                .refs
                .iter()
                .filter(|other| **other != line.entity_ref)
            {
                rest = rest.and("ref", other.as_str());
            }
            Column {
                line: line.clone(),
                remove: rest.to_string(),
            }
        })
        .collect()
}

fn shapes(view: &View, only: bool) -> Segments {
    let tab = |key, href: String, current| Tab::new(view.t(key).to_string(), href, current);
    Segments {
        label: view.t("catalog-comparison-shown").to_string(),
        choices: vec![
            tab(
                "catalog-comparison-all",
                view.here.without("only").to_string(),
                !only,
            ),
            tab(
                "catalog-comparison-only",
                view.here.with("only", "differences").to_string(),
                only,
            ),
        ],
    }
}

fn data_href(view: &View) -> String {
    let here = view.here.without("lang").to_string();
    let query = here.split_once('?').map_or("", |(_, query)| query);
    format!("/catalog/compare.json?{query}")
}

fn row(compared: &Comparison, key: &Key, differs: bool) -> Row {
    let cells = compared.facts.iter().map(|facts| {
        let found = facts.get(key).into_iter().flatten().take(MAX_VALUES);
        found
            .map(|found| Shown {
                text: shortened(&found.text, VALUE_COLUMNS),
                href: found.href.clone(),
            })
            .collect()
    });
    Row {
        written: matches!(key.0, About::Spec | About::Labels | About::Annotations),
        name: key.2.clone(),
        differs,
        cells: cells.collect(),
    }
}

/// Everything that is compared of one entity.
fn facts_of(desk: &Desk, view: &View, index: &Index, entity: &EntityView<'_>) -> Facts {
    let summary = Summary::of(index, entity);
    let value = entity.to_value();
    let mut facts = Facts::new();
    about(desk, view, (&summary, entity), &value, &mut facts);
    let spec = value.pointer("/spec").and_then(Value::as_object);
    for (name, value) in spec.into_iter().flatten() {
        if !TOLD_ELSEWHERE.contains(&name.as_str()) {
            facts.insert((About::Spec, 0, name.clone()), values_of(value));
        }
    }
    for (about, part) in [
        (About::Labels, "/metadata/labels"),
        (About::Annotations, "/metadata/annotations"),
    ] {
        let all = value.pointer(part).and_then(Value::as_object);
        let all = all.into_iter().flatten();
        // Where it is written is among the facts.
        for (name, value) in all.filter(|(name, _)| !name.starts_with(MANAGED_BY)) {
            facts.insert((about, 0, name.clone()), values_of(value));
        }
    }
    // The owner is among the facts.
    let relations = entity.relations().into_iter();
    for relation in relations.filter(|relation| relation.kind != "ownedBy") {
        let line = RefLine::of(index, relation.target);
        let key = (About::Relations, 0, relation_label(view, relation.kind));
        facts.entry(key).or_default().push(Found {
            text: line.text,
            href: relation.exists.then_some(line.href),
        });
    }
    facts
}

/// What people ask first.
fn about(
    desk: &Desk,
    view: &View,
    (summary, entity): (&Summary, &EntityView<'_>),
    value: &Value,
    facts: &mut Facts,
) {
    // The same fact has the same place in every entity, there or not.
    let mut place = 0;
    let mut put = |key: &str, found: Vec<Found>| {
        place += 1;
        if !found.is_empty() {
            facts.insert((About::Facts, place, view.t(key).to_string()), found);
        }
    };
    let one = |text: Option<String>| text.into_iter().map(plain).collect::<Vec<_>>();
    let written = |pointer: &str| one(text_at(value, pointer).map(str::to_owned));
    let line = |line: &Option<RefLine>| {
        let found = line.iter().map(|line| Found {
            text: line.text.clone(),
            href: line.exists.then(|| line.href.clone()),
        });
        found.collect::<Vec<_>>()
    };
    let standing = summary.standing(desk.catalog.tiers());
    let kind = kind_title(view, desk.catalog.model.kinds(), &summary.kind);
    let wrong = problems(entity);
    let source = summary
        .annotation("backstage.io/view-url")
        .or_else(|| summary.annotation("backstage.io/managed-by-location"));
    put("catalog-kind", one(Some(kind)));
    put("catalog-namespace", written("/metadata/namespace"));
    put("catalog-name", written("/metadata/name"));
    put("catalog-comparison-title", one(summary.title.clone()));
    let description = summary.description(view.lang);
    put(
        "catalog-comparison-description",
        one((!description.is_empty()).then(|| description.to_owned())),
    );
    put("catalog-type", one(summary.spec_type.clone()));
    put("catalog-owner", line(&summary.owner));
    put("catalog-lifecycle", one(summary.lifecycle.clone()));
    put("catalog-system", line(&summary.system));
    put("catalog-tier", one(standing.tier.map(|(tier, _)| tier)));
    put(
        "catalog-compliance",
        compliance::standards(value)
            .into_iter()
            .map(plain)
            .collect(),
    );
    put(
        "catalog-tags",
        summary.tags.iter().cloned().map(plain).collect(),
    );
    put(
        "catalog-problem-count",
        one((wrong > 0).then(|| wrong.to_string())),
    );
    put(
        "catalog-source",
        one(source.map(|source| shown(source).to_owned())),
    );
}

fn plain(text: String) -> Found {
    Found { text, href: None }
}

/// A value of a document, lists one by one.
fn values_of(value: &Value) -> Vec<Found> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().map(|item| plain(text(item))).collect(),
        other => vec![plain(text(other))],
    }
}
