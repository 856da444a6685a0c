//! `GET /`: what needs somebody now, what is theirs, what has changed.

use askama::Template;

use crate::ui::{Html, Status, Tone};
use crate::view::View;
use crate::when::TimeTag;

/// The home page. Whoever fills it decides whose things it is about: those of
/// the reader's groups, or everybody's.
#[derive(Debug, Template)]
#[template(path = "portal/home.html")]
pub struct HomePage {
    /// The frame.
    pub view: View,
    /// Whether it is about what the reader's groups own.
    pub mine: bool,
    /// The day and whose things these are.
    pub lead: String,
    /// What waits for somebody, the most urgent first; empty says that all is well.
    pub queue: Vec<QueueLine>,
    /// The things that the page is about, the most important first.
    pub things: Vec<ThingLine>,
    /// What the table of things is called.
    pub things_title: String,
    /// How many there are in all.
    pub things_total: u64,
    /// Where the list of all of them is.
    pub things_href: String,
    /// What has changed lately, the newest first.
    pub changes: Vec<ChangeLine>,
    /// What the reader has starred; [`None`] for nobody in particular.
    pub starred: Option<Vec<LinkLine>>,
    /// How many entities of each kind, the largest kinds first. Without any,
    /// the page says how to begin.
    pub kinds: Vec<KindCount>,
    /// The sources, for those who may see them.
    pub sources: Option<SourcesLine>,
    /// Cards of capabilities, in the wide column.
    pub main_cards: Vec<Html>,
    /// Cards of capabilities, in the narrow column.
    pub aside_cards: Vec<Html>,
}

/// One thing that waits for somebody.
#[derive(Clone, Debug)]
pub struct QueueLine {
    /// How urgent it is.
    pub tone: Tone,
    /// What has happened, with names and numbers.
    pub title: String,
    /// Where the thing itself is.
    pub href: String,
    /// Which ones, why, since when; may be empty.
    pub note: String,
    /// The one next step: its text and address.
    pub action: (String, String),
}

/// One row of the table of things.
#[derive(Clone, Debug)]
pub struct ThingLine {
    /// What it is called.
    pub name: String,
    /// Its page.
    pub href: String,
    /// The icon's name.
    pub icon: String,
    /// Its owner with the owner's page, where that is not plain.
    pub owner: Option<(String, String)>,
    /// Its type; may be empty.
    pub spec_type: String,
    /// Its tier; may be empty.
    pub tier: String,
    /// Its lifecycle; may be empty.
    pub lifecycle: String,
    /// How it is.
    pub status: Status,
    /// When it changed last, with the address of what changed.
    pub changed: Option<(TimeTag, String)>,
}

/// One thing that has happened.
#[derive(Clone, Debug)]
pub struct ChangeLine {
    /// The icon's name.
    pub icon: &'static str,
    /// Its colour; nothing for what is usual.
    pub tone: Option<Tone>,
    /// What happened.
    pub text: String,
    /// Where it can be seen; empty without such a place.
    pub href: String,
    /// Who, which fields, which commit.
    pub note: String,
    /// When.
    pub when: TimeTag,
}

/// A link with an icon.
#[derive(Clone, Debug, Default)]
pub struct LinkLine {
    /// What it is called.
    pub text: String,
    /// Its page.
    pub href: String,
    /// The icon's name.
    pub icon: String,
    /// Said at the end of the row; may be empty.
    pub note: String,
}

/// One figure of the home page.
#[derive(Clone, Debug, Default)]
pub struct KindCount {
    /// The kind's name in the page's language, in plural.
    pub text: String,
    /// The icon's name.
    pub icon: String,
    /// The list.
    pub href: String,
    /// How many.
    pub count: u64,
}

/// How the sources are as a whole.
#[derive(Clone, Debug, Default)]
pub struct SourcesLine {
    /// How many there are.
    pub total: u64,
    /// How many of them need attention.
    pub in_need: u64,
    /// Where the list of all sources is.
    pub href: String,
}

impl HomePage {
    /// A page of which nothing is known yet.
    pub fn new(view: View) -> Self {
        Self {
            view,
            mine: false,
            lead: String::new(),
            queue: Vec::new(),
            things: Vec::new(),
            things_title: String::new(),
            things_total: 0,
            things_href: String::new(),
            changes: Vec::new(),
            starred: None,
            kinds: Vec::new(),
            sources: None,
            main_cards: Vec::new(),
            aside_cards: Vec::new(),
        }
    }

    fn has_owners(&self) -> bool {
        self.things.iter().any(|thing| thing.owner.is_some())
    }

    fn has_tiers(&self) -> bool {
        self.things.iter().any(|thing| !thing.tier.is_empty())
    }
}
