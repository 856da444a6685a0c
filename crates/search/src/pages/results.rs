//! `/search`: everything that fits, in groups.

use askama::Template;
use platform::actor::Caller;
use platform::request::Call;
use portal::View;
use portal::ui::{Chip, Chips, Crumbs, Facet, FacetValue, Facets, Pager};

use super::groups::{Group, grouped};
use super::{Desk, kind_title, typed, why};
use crate::card::{Card, Owner};
use crate::collate::COLLECTION;
use crate::engine::{Hit, Narrow, Results, Shown};
use crate::service::Progress;
use crate::text::{Pieces, excerpt, marked};

/// Results on a page.
const PAGE: usize = 25;
/// Nobody reads on behind this page.
const MAX_PAGE: usize = 400;
/// Values of a facet that are shown.
const FACET_VALUES: usize = 12;
/// Characters of a description.
const EXCERPT: usize = 140;
/// Names that are proposed when nothing was found.
const PROPOSALS: usize = 5;
const FACETS: [(&str, &str); 2] = [("kind", "search-kind"), ("type", "search-type")];

#[derive(Template)]
#[template(path = "search/results.html")]
pub(super) struct ResultsPage {
    crumbs: Crumbs,
    text: String,
    keep: Vec<(String, String)>,
    facets: Facets,
    chips: Chips,
    groups: Vec<(&'static str, Vec<Row>)>,
    total: u64,
    partial: bool,
    took_ms: u64,
    pager: Pager,
    why: Option<Toggle>,
    proposals: Vec<Row>,
    progress: Progress,
    view: View,
}

/// The link that shows or hides reasons.
struct Toggle {
    shown: bool,
    href: String,
}

/// One result.
struct Row {
    group: Group,
    icon: &'static str,
    title: Pieces,
    /// Shown beside a title that differs from it.
    name: Pieces,
    href: String,
    kind: String,
    text: Pieces,
    spec_type: String,
    owner: Option<(String, Option<String>)>,
    reasons: Vec<String>,
}

/// What the address asks for.
struct Asked {
    text: String,
    kinds: Vec<String>,
    types: Vec<String>,
    /// Sorts of document.
    collections: Vec<String>,
    page: usize,
    why: bool,
}

/// `GET /search`
pub(super) fn page(desk: &Desk, call: &Call) -> ResultsPage {
    let view = desk.view(call);
    let chosen = |name: &str| {
        view.here
            .all(name)
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let asked = Asked {
        // Backstage's page calls it `query`.
        text: typed(view.here.get("q").or_else(|| view.here.get("query"))),
        kinds: chosen("kind"),
        types: chosen("type"),
        collections: chosen("in"),
        page: view
            .here
            .get("page")
            .and_then(|page| page.parse().ok())
            .unwrap_or(1)
            .clamp(1, MAX_PAGE),
        why: view.here.has("why", "1"),
    };
    let narrow = Narrow {
        // A kind is chosen by its number, and that counts entities.
        collections: if asked.kinds.is_empty() && asked.types.is_empty() {
            asked.collections.clone()
        } else {
            vec![COLLECTION.to_owned()]
        },
        kinds: asked.kinds.clone(),
        types: asked.types.clone(),
        ..Narrow::default()
    };
    let found = if asked.text.is_empty() {
        Results::default()
    } else {
        desk.search.ask(
            &call.caller,
            &asked.text,
            narrow,
            (asked.page - 1) * PAGE,
            PAGE,
        )
    };
    let mut rows = rows(desk, &view, &asked.text, &found.hits);
    if asked.why {
        for (row, hit) in rows.iter_mut().zip(&found.hits) {
            let explanation = desk.search.explain(&call.caller, &asked.text, hit);
            row.reasons = explanation
                .map(|found| why::reasons(&view, &found))
                .unwrap_or_default();
        }
    }
    let nothing = rows.is_empty() && !asked.text.is_empty();
    let proposals = if nothing {
        proposals(desk, &view, &call.caller, &asked)
    } else {
        Vec::new()
    };
    assemble(desk, view, &asked, &found, rows, proposals)
}

fn assemble(
    desk: &Desk,
    view: View,
    asked: &Asked,
    found: &Results,
    rows: Vec<Row>,
    proposals: Vec<Row>,
) -> ResultsPage {
    let total = u64::try_from(found.total).unwrap_or(u64::MAX);
    let offset = u64::try_from((asked.page - 1) * PAGE).unwrap_or(u64::MAX);
    let last = offset + u64::try_from(rows.len()).unwrap_or(0);
    let to = |page: usize| view.here.with("page", &page.to_string()).to_string();
    let pager = Pager {
        first: if rows.is_empty() { 0 } else { offset + 1 },
        last: if rows.is_empty() { 0 } else { last },
        total,
        previous: (asked.page > 1).then(|| to(asked.page - 1)),
        next: (last < total && !rows.is_empty()).then(|| to(asked.page + 1)),
    };
    let why = (!rows.is_empty()).then(|| Toggle {
        shown: asked.why,
        href: if asked.why {
            view.here.without("why")
        } else {
            view.here.with("why", "1")
        }
        .to_string(),
    });
    let keep = view
        .here
        .pairs()
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "q" | "query" | "page"));
    ResultsPage {
        crumbs: Crumbs::to(view.t("search-title").to_string()),
        keep: keep.cloned().collect(),
        facets: facets(desk, &view, asked, found),
        chips: chips(desk, &view, asked),
        groups: grouped(rows, |row| row.group)
            .into_iter()
            .map(|(group, rows)| (group.title(), rows))
            .collect(),
        text: asked.text.clone(),
        partial: found.partial,
        took_ms: desk.took(&view),
        progress: desk.search.progress(),
        total,
        pager,
        why,
        proposals,
        view,
    }
}

fn facets(desk: &Desk, view: &View, asked: &Asked, found: &Results) -> Facets {
    let counts = [(&found.kinds, &asked.kinds), (&found.types, &asked.types)];
    let facets = FACETS
        .iter()
        .zip(counts)
        .map(|((name, title), (counts, chosen))| Facet {
            name: (*name).to_owned(),
            title: view.t(title).to_string(),
            values: counts
                .iter()
                .take(FACET_VALUES)
                .map(|(value, count)| FacetValue {
                    text: if *name == "kind" {
                        kind_title(view, desk.search.catalog().model().kinds(), value)
                    } else {
                        value.clone()
                    },
                    value: value.clone(),
                    count: u64::try_from(*count).unwrap_or(u64::MAX),
                    checked: chosen
                        .iter()
                        .any(|chosen| chosen.eq_ignore_ascii_case(value)),
                })
                .collect(),
        });
    Facets {
        action: "/search".into(),
        facets: facets.collect(),
        ..Facets::default()
    }
    .keeping(&view.here, &["page"])
}

fn chips(desk: &Desk, view: &View, asked: &Asked) -> Chips {
    let here = view.here.without("page");
    let kinds = asked.kinds.iter().map(|kind| Chip {
        text: kind_title(view, desk.search.catalog().model().kinds(), kind),
        remove: here.without_value("kind", kind).to_string(),
    });
    let types = asked.types.iter().map(|spec_type| Chip {
        text: spec_type.clone(),
        remove: here.without_value("type", spec_type).to_string(),
    });
    let collections = asked.collections.iter().map(|collection| Chip {
        text: if collection == COLLECTION {
            view.t("search-group-entities").to_string()
        } else {
            view.t("search-group-other").to_string()
        },
        remove: here.without_value("in", collection).to_string(),
    });
    Chips {
        chips: kinds.chain(types).chain(collections).collect(),
        clear: here
            .without("kind")
            .without("type")
            .without("in")
            .to_string(),
    }
}

fn rows(desk: &Desk, view: &View, text: &str, hits: &[Hit]) -> Vec<Row> {
    let model = desk.search.catalog().model();
    let cards: Vec<Option<Card>> = {
        let index = model.index();
        hits.iter()
            .map(|hit| Card::of(&index, hit.subject.as_ref()?))
            .collect()
    };
    let row = |(hit, card): (&Hit, Option<Card>)| match (&hit.shown, card) {
        (Some(shown), card) => Some(Row {
            group: Group::Other,
            icon: shown.icon,
            title: marked(&shown.title, text),
            // What it is about.
            name: card
                .as_ref()
                .map(|card| marked(card.display(), text))
                .unwrap_or_default(),
            href: shown.location.clone(),
            kind: paper_kind(view, shown),
            text: excerpt(&shown.text, text, EXCERPT),
            spec_type: String::new(),
            owner: card.and_then(|card| card.owner).map(owner),
            reasons: Vec::new(),
        }),
        (None, Some(card)) => Some(Row {
            group: Group::of(Some(&card.kind)),
            icon: card.icon(),
            title: marked(card.display(), text),
            name: if card.title.is_some() {
                marked(&card.name, text)
            } else {
                Vec::new()
            },
            href: card.href(),
            kind: kind_title(view, model.kinds(), &card.kind),
            text: excerpt(card.description(view.lang.tag()), text, EXCERPT),
            spec_type: card.spec_type.clone(),
            owner: card.owner.map(owner),
            reasons: Vec::new(),
        }),
        // It has gone since.
        (None, None) => None,
    };
    hits.iter().zip(cards).filter_map(row).collect()
}

/// What a document is for.
fn paper_kind(view: &View, shown: &Shown) -> String {
    let key = match shown.kind {
        Some("runbook") => "search-runbook",
        Some("adr") => "search-decision",
        _ => return String::new(),
    };
    view.t(key).to_string()
}

/// The owner's name, and its page if it has one.
fn owner(owner: Owner) -> (String, Option<String>) {
    let href = owner.exists.then(|| crate::card::href(&owner.entity_ref));
    (owner.text, href)
}

/// What is found without the filters, or by the beginning of a word.
fn proposals(desk: &Desk, view: &View, caller: &Caller, asked: &Asked) -> Vec<Row> {
    let ask = |text: &str| {
        desk.search
            .ask(caller, text, Narrow::default(), 0, PROPOSALS)
            .hits
    };
    let mut text = asked.text.clone();
    let mut hits = ask(&text);
    // Names that begin alike are the nearest when nothing else is near.
    while hits.is_empty() && text.chars().count() > 2 {
        text = text.chars().take(text.chars().count() * 2 / 3).collect();
        hits = ask(&text);
    }
    rows(desk, view, &text, &hits)
}
