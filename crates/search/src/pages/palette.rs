//! The rows of the command palette: a fragment for the list that the shell
//! opens with Ctrl-K.

use askama::Template;
use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::request::Call;
use portal::{Lang, View};

use super::groups::Group;
use super::{Desk, kind_title, typed};
use crate::card::Card;
use crate::engine::{Document, Engine, Field, Hit, Narrow, Request, Results, Shown, Visibility};
use crate::text::{Pieces, marked};

/// Rows of each group.
const ENTITIES: usize = 8;
const PEOPLE: usize = 4;
const PAGES: usize = 4;
/// Characters of a description beside the list.
const PREVIEW: usize = 240;
/// Entities that actions are offered for.
const ACTED_ON: usize = 3;
/// Kinds that stand under people.
const PERSONS: [&str; 2] = ["User", "Group"];
/// Documents of other capabilities that are things to do.
const ACTIONS: &str = "actions";
/// What can be done with any entity: message key, last part of the address, icon.
const VERBS: [(&str, &str, &str); 3] = [
    ("search-do-relations", "relations", "tree"),
    ("search-do-history", "history", "clock"),
    ("search-do-raw", "raw", "doc"),
];
/// What the first character means: the character and its message keys.
const PREFIXES: [(&str, &str); 4] = [
    (">", "search-prefix-actions"),
    ("@", "search-prefix-people"),
    ("#", "search-prefix-tags"),
    ("?", "search-prefix-help"),
];

#[derive(Template)]
#[template(path = "search/palette.html")]
pub(super) struct Rows {
    groups: Vec<Shelf>,
    count: u64,
    took_ms: u64,
    text: String,
    complete: bool,
    view: View,
}

/// A heading with its rows.
struct Shelf {
    title: &'static str,
    rows: Vec<Row>,
}

/// One option of the list box.
#[derive(Clone)]
struct Row {
    /// Its number in the whole list, from 1.
    number: usize,
    icon: &'static str,
    title: Pieces,
    /// The name beside a title that differs from it.
    name: Pieces,
    note: String,
    href: String,
    /// Where Alt+Enter leads: the owner.
    other: Option<String>,
    /// What Tab writes into the field.
    complete: String,
    /// Whether Enter writes that too instead of opening something.
    fills: bool,
    /// What stands beside the list while this is chosen.
    preview: Option<Preview>,
}

/// An entity in a few lines.
#[derive(Clone)]
struct Preview {
    title: String,
    text: String,
    /// Message key of the name, and the value.
    facts: Vec<(&'static str, String)>,
}

/// `GET /search/palette`
pub(super) fn rows(desk: &Desk, call: &Call) -> Rows {
    let view = desk.view(call);
    let text = typed(view.here.get("q"));
    let (prefix, rest) = split(&text);
    let groups = match prefix {
        Some('?') => vec![help(&view)],
        Some('>') => actions(desk, &view, &call.caller, rest),
        Some('@') => vec![people(desk, &view, &call.caller, rest)],
        Some('#') => vec![tagged(desk, &view, &call.caller, rest)],
        _ if text.is_empty() => empty(desk, &view, &call.caller),
        _ => everything(desk, &view, &call.caller, &text),
    };
    let mut groups: Vec<Shelf> = groups
        .into_iter()
        .filter(|group| !group.rows.is_empty())
        .collect();
    let mut number = 0;
    for row in groups.iter_mut().flat_map(|group| &mut group.rows) {
        number += 1;
        row.number = number;
    }
    Rows {
        groups,
        count: u64::try_from(number).unwrap_or(0),
        took_ms: desk.took(&view),
        complete: desk.search.progress().complete,
        text,
        view,
    }
}

/// The prefix of a query, and the rest.
fn split(text: &str) -> (Option<char>, &str) {
    let mut chars = text.chars();
    let first = chars.next();
    match first.filter(|first| {
        PREFIXES
            .iter()
            .any(|(prefix, _)| prefix.starts_with(*first))
    }) {
        Some(first) => (Some(first), chars.as_str().trim()),
        None => (None, text),
    }
}

fn everything(desk: &Desk, view: &View, caller: &Caller, text: &str) -> Vec<Shelf> {
    let (found, people) = desk
        .search
        .ask_beside(caller, text, &PERSONS, (ENTITIES * 4, PEOPLE));
    let cards = cards(desk, &found.hits);
    let person = |card: &&Card| Group::of(Some(&card.kind)) == Group::People;
    let things: Vec<&Card> = cards
        .iter()
        .filter(|card| !person(card))
        .take(ENTITIES)
        .collect();
    let entities = Shelf {
        title: "search-group-entities",
        rows: things
            .iter()
            .map(|card| row(desk, view, card, text))
            .collect(),
    };
    let people = Shelf {
        title: "search-group-people",
        rows: self::cards(desk, &people)
            .iter()
            .map(|card| row(desk, view, card, text))
            .collect(),
    };
    let people_first = cards.first().is_some_and(|card| person(&card));
    let mut groups = if people_first {
        vec![people, entities]
    } else {
        vec![entities, people]
    };
    let other = found
        .hits
        .iter()
        .filter(|hit| hit.collection != ACTIONS)
        .filter_map(|hit| hit.shown.as_ref());
    groups.push(Shelf {
        title: "search-group-other",
        rows: other
            .take(PEOPLE)
            .map(|shown| shown_row(shown, text))
            .collect(),
    });
    groups.push(pages(view, text));
    let doable = found
        .hits
        .iter()
        .filter(|hit| hit.collection == ACTIONS)
        .filter_map(|hit| hit.shown.as_ref());
    let mut actions: Vec<Row> = doable
        .take(PEOPLE)
        .map(|shown| shown_row(shown, text))
        .collect();
    actions.extend(
        things
            .first()
            .into_iter()
            .flat_map(|card| verbs(view, card, text)),
    );
    groups.push(Shelf {
        title: "search-group-actions",
        rows: actions,
    });
    groups
}

/// Before anything is typed: what is the reader's own, then the pages.
fn empty(desk: &Desk, view: &View, caller: &Caller) -> Vec<Shelf> {
    let narrow = Narrow {
        owners: caller.ownership.clone(),
        ..Narrow::default()
    };
    let own = if caller.ownership.is_empty() {
        Results::default()
    } else {
        desk.search.ask(caller, "", narrow, 0, ENTITIES)
    };
    let rows = cards(desk, &own.hits)
        .iter()
        .map(|card| row(desk, view, card, ""))
        .collect();
    vec![
        Shelf {
            title: "search-group-own",
            rows,
        },
        pages(view, ""),
    ]
}

fn people(desk: &Desk, view: &View, caller: &Caller, text: &str) -> Shelf {
    let narrow = Narrow {
        kinds: PERSONS.map(str::to_owned).into(),
        ..Narrow::default()
    };
    let found = desk.search.ask(caller, text, narrow, 0, ENTITIES * 2);
    let rows = cards(desk, &found.hits)
        .iter()
        .map(|card| row(desk, view, card, text))
        .collect();
    Shelf {
        title: "search-group-people",
        rows,
    }
}

/// `#java pay`: a tag, and what else to look for.
fn tagged(desk: &Desk, view: &View, caller: &Caller, rest: &str) -> Shelf {
    let (tag, text) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let narrow = Narrow {
        tags: Some(tag.to_owned())
            .filter(|tag| !tag.is_empty())
            .into_iter()
            .collect(),
        ..Narrow::default()
    };
    let found = if tag.is_empty() {
        Results::default()
    } else {
        desk.search.ask(caller, text, narrow, 0, ENTITIES * 2)
    };
    let mut rows: Vec<Row> = cards(desk, &found.hits)
        .iter()
        .map(|card| row(desk, view, card, text))
        .collect();
    // `#runbook`: what is written about things.
    let papers = found.hits.iter().filter_map(|hit| hit.shown.as_ref());
    rows.extend(papers.map(|shown| shown_row(shown, text)));
    Shelf {
        title: "search-group-tagged",
        rows,
    }
}

fn actions(desk: &Desk, view: &View, caller: &Caller, text: &str) -> Vec<Shelf> {
    let offered = Narrow {
        collections: vec![ACTIONS.into()],
        ..Narrow::default()
    };
    let offered = desk.search.ask(caller, text, offered, 0, ENTITIES);
    let mut rows: Vec<Row> = offered
        .hits
        .iter()
        .filter_map(|hit| hit.shown.as_ref())
        .map(|shown| shown_row(shown, text))
        .collect();
    if !text.is_empty() {
        let found = desk
            .search
            .ask(caller, text, Narrow::default(), 0, ACTED_ON);
        rows.extend(
            cards(desk, &found.hits)
                .iter()
                .flat_map(|card| verbs(view, card, text)),
        );
    }
    vec![
        Shelf {
            title: "search-group-actions",
            rows,
        },
        pages(view, text),
    ]
}

fn help(view: &View) -> Shelf {
    let rows = PREFIXES.map(|(prefix, key)| Row {
        number: 0,
        icon: "help",
        title: vec![(true, prefix.to_owned())],
        name: Vec::new(),
        note: view.t(key).to_string(),
        href: "/search".into(),
        other: None,
        complete: prefix.to_owned(),
        fills: true,
        preview: None,
    });
    Shelf {
        title: "search-group-help",
        rows: rows.into(),
    }
}

/// The pages of the rail, by their names in both languages.
fn pages(view: &View, text: &str) -> Shelf {
    let entries = view
        .nav
        .groups
        .iter()
        .flat_map(|group| &group.entries)
        .chain(&view.nav.foot);
    let document = |entry: &portal::NavEntry| {
        let names = [Lang::En, Lang::Ko].map(|lang| {
            (
                Field::Name,
                view.portal.texts().get(lang, &entry.label).to_string(),
            )
        });
        Document {
            id: entry.href.as_str().into(),
            texts: names.into(),
            shown: Some(Shown {
                title: view.t(&entry.label).to_string(),
                text: String::new(),
                location: entry.href.clone(),
                icon: "chevron",
                ..Shown::default()
            }),
            ..Document::default()
        }
    };
    let found = Engine::of(entries.map(document)).search(&Request {
        text,
        visibility: Visibility::All,
        own: &[],
        narrow: Narrow::default(),
        offset: 0,
        limit: if text.is_empty() { ENTITIES * 2 } else { PAGES },
    });
    let shown = found
        .hits
        .iter()
        .filter(|_| !found.partial)
        .filter_map(|hit| hit.shown.as_ref());
    Shelf {
        title: "search-group-go",
        rows: shown.map(|shown| shown_row(shown, text)).collect(),
    }
}

fn cards(desk: &Desk, hits: &[Hit]) -> Vec<Card> {
    let index = desk.search.catalog().model().index();
    let subjects = hits
        .iter()
        .filter(|hit| hit.shown.is_none())
        .filter_map(|hit| hit.subject.as_ref());
    subjects
        .filter_map(|subject: &EntityRef| Card::of(&index, subject))
        .collect()
}

fn row(desk: &Desk, view: &View, card: &Card, text: &str) -> Row {
    let kind = kind_title(view, desk.search.catalog().model().kinds(), &card.kind);
    let owner = card.owner.as_ref();
    let note: Vec<&str> = [Some(kind.as_str()), owner.map(|owner| owner.text.as_str())]
        .into_iter()
        .flatten()
        .collect();
    Row {
        number: 0,
        icon: card.icon(),
        title: marked(card.display(), text),
        name: if card.title.is_some() {
            marked(&card.name, text)
        } else {
            Vec::new()
        },
        note: note.join(" · "),
        href: card.href(),
        other: owner
            .filter(|owner| owner.exists)
            .map(|owner| crate::card::href(&owner.entity_ref)),
        complete: card.name.clone(),
        fills: false,
        preview: Some(preview(view, card, &kind)),
    }
}

fn preview(view: &View, card: &Card, kind: &str) -> Preview {
    let owner = card.owner.as_ref().map(|owner| owner.text.clone());
    let facts = [
        ("search-owner", owner.unwrap_or_default()),
        ("search-kind", kind.to_owned()),
        ("search-type", card.spec_type.clone()),
        ("search-lifecycle", card.lifecycle.clone()),
        ("search-tags", card.tags.join(", ")),
    ];
    let text = card.description(view.lang.tag());
    Preview {
        title: card.display().to_owned(),
        text: text.chars().take(PREVIEW).collect(),
        facts: facts
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect(),
    }
}

fn shown_row(shown: &Shown, text: &str) -> Row {
    Row {
        number: 0,
        icon: shown.icon,
        title: marked(&shown.title, text),
        name: Vec::new(),
        note: shown.text.chars().take(80).collect(),
        href: shown.location.clone(),
        other: None,
        complete: shown.title.clone(),
        fills: false,
        preview: None,
    }
}

/// What can be done with an entity.
fn verbs<'a>(view: &'a View, card: &'a Card, text: &'a str) -> impl Iterator<Item = Row> + 'a {
    VERBS.iter().map(move |(key, tab, icon)| Row {
        number: 0,
        icon,
        title: marked(&view.t(key).with("name", card.display()).to_string(), text),
        name: Vec::new(),
        note: String::new(),
        href: format!("{}/{tab}", card.href()),
        other: None,
        complete: card.name.clone(),
        fills: false,
        preview: None,
    })
}
