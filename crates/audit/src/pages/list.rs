//! `/admin/audit`: search, facets, the state of the chain.

use askama::Template;
use axum::response::IntoResponse;
use jiff::Timestamp;
use platform::event::{Event, Outcome};
use platform::request::Call;
use portal::ui::{Chip, Chips, Crumbs, Facet, FacetValue, Facets, Status, Tone};
use portal::{Page, View};

use super::{Desk, words};
use crate::api::Answer;
use crate::search::{self, COUNTED, Filter};
use crate::{export, permission};

/// Events on a page.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "audit/list.html")]
struct ListPage {
    crumbs: Crumbs,
    chain: Chain,
    exports: Vec<Link>,
    search: Search,
    facets: Facets,
    chips: Chips,
    rows: Vec<Row>,
    newer: Option<String>,
    older: Option<String>,
    counted: i64,
    view: View,
}

/// The fields of the search form and what it must keep.
struct Search {
    text: String,
    actor: String,
    subject: String,
    address: String,
    from: String,
    to: String,
    people: bool,
    /// Whether one of the further fields is filled.
    more: bool,
    keep: Vec<(String, String)>,
}

struct Row {
    href: String,
    at: Timestamp,
    kind: String,
    subject: String,
    actor: String,
    actor_href: String,
    on_behalf_of: Option<String>,
    address: String,
    outcome: Status,
}

struct Link {
    text: &'static str,
    href: String,
}

/// The card about the chain.
struct Chain {
    status: Status,
    problem: Option<String>,
    looked: Option<Timestamp>,
    whole: Option<Timestamp>,
    events: i64,
    hash: String,
    signed: Option<(i64, Timestamp)>,
    removed: u64,
    key: String,
}

/// `GET /admin/audit`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let view = desk.view(&call);
    let filter = Filter::from_query(&call.query)?;
    let store = &desk.audit.0.store;
    let before = call.query.integer("cursor", 1)?;
    let found = search::page(store, &filter, before.unwrap_or(i64::MAX), ROWS).await?;
    let older = found
        .next
        .map(|next| view.here.with("cursor", &next.to_string()).to_string());
    let newer = before.map(|_| view.here.without("cursor").to_string());
    let rows = found.events.iter().map(|event| row(&view, event)).collect();
    let exports = if call.caller.may(permission::EXPORT) {
        exports(&view)
    } else {
        Vec::new()
    };
    let page = ListPage {
        crumbs: Crumbs::to(view.t("audit-title").to_string()),
        chain: chain(&desk, &view).await?,
        exports,
        search: searched(&view),
        facets: facets(&desk, &view, &filter).await?,
        chips: chips(&view),
        rows,
        newer,
        older,
        counted: COUNTED,
        view,
    };
    Ok(Page::new(page).into_response())
}

fn row(view: &View, event: &Event) -> Row {
    let actor = &event.actor.name;
    Row {
        href: format!("/admin/audit/{}", event.seq),
        at: event.time,
        kind: words::short(&event.kind).to_owned(),
        subject: event.subject.clone(),
        actor: actor.clone(),
        actor_href: view.here.without("cursor").with("actor", actor).to_string(),
        on_behalf_of: event.actor.on_behalf_of.clone(),
        address: event.origin.address.clone().unwrap_or_default(),
        outcome: words::outcome(view, event.outcome),
    }
}

fn exports(view: &View) -> Vec<Link> {
    let formats = [
        ("CSV", export::Format::Csv),
        ("JSON Lines", export::Format::JsonLines),
        ("CEF", export::Format::Cef),
        ("OCSF", export::Format::Ocsf),
    ];
    let here = view.here.without("cursor").without("lang");
    let query = here.to_string();
    let query = query.split_once('?').map_or("", |(_, query)| query);
    formats
        .into_iter()
        .map(|(text, format)| Link {
            text,
            href: format!("/api/v1/audit/export?format={}&{query}", format.name())
                .trim_end_matches('&')
                .to_owned(),
        })
        .collect()
}

fn searched(view: &View) -> Search {
    let value = |key: &str| view.here.get(key).unwrap_or_default().to_owned();
    let keep = view
        .here
        .pairs()
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "type" | "outcome" | "lang"))
        .cloned()
        .collect();
    Search {
        text: value("q"),
        actor: value("actor"),
        subject: value("subject"),
        address: value("address"),
        from: value("from"),
        to: value("to"),
        more: ["subject", "address", "from", "to"]
            .iter()
            .any(|key| !value(key).is_empty()),
        people: view.here.get("people").is_some_and(|text| text != "false"),
        keep,
    }
}

async fn facets(desk: &Desk, view: &View, filter: &Filter) -> Result<Facets, platform::ApiError> {
    let store = &desk.audit.0.store;
    let others = Filter {
        outcomes: Vec::new(),
        ..filter.clone()
    };
    let outcomes = search::counts(store, &others, "outcome").await?;
    let others = Filter {
        kinds: Vec::new(),
        ..filter.clone()
    };
    let kinds = search::counts(store, &others, "type").await?;
    let outcome = Outcome::NAMES
        .iter()
        .filter_map(|name| {
            let outcome = Outcome::from_name(name)?;
            let count = outcomes.iter().find(|(known, _)| known == name);
            Some(FacetValue {
                value: (*name).to_owned(),
                text: words::outcome(view, outcome).text,
                count: count.map_or(0, |(_, count)| *count),
                checked: filter.outcomes.contains(&outcome),
            })
        })
        .collect();
    let kind = kinds
        .into_iter()
        .map(|(kind, count)| FacetValue {
            text: words::short(&kind).to_owned(),
            count,
            checked: filter.kinds.contains(&kind),
            value: kind,
        })
        .collect();
    let facets = Facets {
        action: "/admin/audit".to_owned(),
        keep: Vec::new(),
        facets: vec![
            Facet {
                name: "outcome".to_owned(),
                title: view.t("audit-outcome").to_string(),
                values: outcome,
            },
            Facet {
                name: "type".to_owned(),
                title: view.t("audit-type").to_string(),
                values: kind,
            },
        ],
    };
    Ok(facets.keeping(&view.here, &["cursor"]))
}

fn chips(view: &View) -> Chips {
    const NAMES: [(&str, &str); 9] = [
        ("q", "audit-text"),
        ("actor", "audit-actor"),
        ("type", "audit-type"),
        ("subject", "audit-subject"),
        ("outcome", "audit-outcome"),
        ("address", "audit-address"),
        ("from", "audit-from"),
        ("to", "audit-to"),
        ("people", "audit-people"),
    ];
    let here = view.here.without("cursor");
    let mut cleared = here.clone();
    let mut chips = Vec::new();
    for (name, value) in here.pairs() {
        let Some((_, key)) = NAMES.iter().find(|(known, _)| known == name) else {
            continue;
        };
        cleared = cleared.without(name);
        if value.trim().is_empty() {
            continue;
        }
        chips.push(Chip {
            text: format!("{}: {}", view.t(key), words::short(value)),
            remove: here.without_value(name, value).to_string(),
        });
    }
    Chips {
        chips,
        clear: cleared.to_string(),
    }
}

async fn chain(desk: &Desk, view: &View) -> Result<Chain, platform::ApiError> {
    let audit = &desk.audit;
    let store = &audit.0.store;
    let head = platform::event::EventLog::new(store.db())
        .chain_head()
        .await?;
    let standing = audit.standing();
    let verified = store.verified().await?;
    let removed = verified
        .as_ref()
        .and_then(|found| found.report.get("removed")?.as_u64());
    let (tone, key) = match &standing {
        None => (Tone::Neutral, "audit-chain-unknown"),
        Some(standing) if standing.problems > 0 => (Tone::Bad, "audit-chain-broken"),
        Some(_) => (Tone::Ok, "audit-chain-whole"),
    };
    Ok(Chain {
        status: Status {
            tone,
            text: view.t(key).to_string(),
        },
        problem: standing
            .as_ref()
            .and_then(|standing| standing.first.clone()),
        looked: standing.map(|standing| standing.at),
        whole: verified.map(|found| found.at),
        events: head.seq,
        hash: hex::encode(head.hash),
        signed: store
            .last_checkpoint()
            .await?
            .map(|checkpoint| (checkpoint.seq, checkpoint.at)),
        removed: removed.unwrap_or(0),
        key: hex::encode(audit.0.signer.public()),
    })
}
