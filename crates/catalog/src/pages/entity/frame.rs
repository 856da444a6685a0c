//! What all tabs of an entity have in common: header, tabs, notices.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use platform::actor::Caller;
use portal::ui::{Crumbs, Fresh, Problem, Tab, Tabs, Tone};
use portal::{Address, View};

use super::star::Star;
use super::{Desk, Ledger};
use crate::index::{EntityView, Index};
use crate::pages::labels::{kind_plural, kind_title};
use crate::pages::moment::moment_of;
use crate::pages::problems::{place_text, problems_of};
use crate::pages::source_status::{Condition, fresh, source_href};
use crate::pages::summary::{RefLine, Summary, entity_href};
use crate::socket::EntityTab;
use crate::tier::Origin;
use crate::visibility::visible_to;

/// The rule that a second declaration breaks.
const CONFLICT: &str = "conflict";

/// The parts of an entity's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Overview,
    Relations,
    Raw,
    History,
    /// A tab of another capability: its path and its title's key.
    Other(&'static str, &'static str),
}

impl Part {
    const ALL: [Self; 4] = [Self::Overview, Self::Relations, Self::Raw, Self::History];

    pub(super) fn other(tab: &EntityTab) -> Self {
        Self::Other(tab.path, tab.title)
    }

    fn path(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Relations => "graph",
            Self::Raw => "raw",
            Self::History => "history",
            Self::Other(path, _) => path,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Overview => "catalog-tab-overview",
            Self::Relations => "catalog-tab-graph",
            Self::Raw => "catalog-tab-raw",
            Self::History => "catalog-tab-history",
            Self::Other(_, title) => title,
        }
    }
}

/// Header, tabs and notices.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) entity_ref: EntityRef,
    pub(super) crumbs: Crumbs,
    pub(super) tabs: Tabs,
    pub(super) icon: &'static str,
    pub(super) title: String,
    /// Its name, where that is not the title.
    pub(super) name: Option<String>,
    pub(super) kind: String,
    pub(super) spec_type: Option<String>,
    pub(super) lifecycle: Option<String>,
    pub(super) owner: Option<RefLine>,
    pub(super) system: Option<RefLine>,
    pub(super) tags: Vec<String>,
    /// Its tier, where no tag says so already.
    pub(super) tier: Option<String>,
    /// Its objective in percent.
    pub(super) slo: Option<String>,
    /// Errors, not warnings.
    pub(super) errors: u64,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
    pub(super) fresh: Option<Fresh>,
    pub(super) edit_href: Option<String>,
    pub(super) star: Star,
    pub(super) at: Option<Timestamp>,
    pub(super) now_href: String,
}

/// Something about the entity that a person should know.
#[derive(Debug)]
pub(super) struct Notice {
    pub(super) tone: Tone,
    pub(super) title: String,
    pub(super) text: String,
    /// Where to go, as text and address.
    pub(super) link: Option<(String, String)>,
}

impl Frame {
    pub(super) fn of(
        (desk, caller): (&Desk, &Caller),
        view: &View,
        (index, entity): (&Index, &EntityView<'_>),
        ledger: &Ledger,
        part: Part,
    ) -> Self {
        let kinds = desk.catalog.model.kinds();
        let visible = visible_to(caller);
        let summary = Summary::of(index, entity).seen_by(index, visible.as_ref());
        let entity_ref = summary.entity_ref.clone();
        // A conflict is told with both places, on a card of its own.
        let rows: Vec<_> = ledger
            .problems
            .iter()
            .filter(|row| row.code != CONFLICT)
            .cloned()
            .collect();
        let problems = problems_of(&rows, entity.status());
        let errors = problems
            .iter()
            .filter(|problem| problem.tone == Tone::Bad)
            .count();
        let mut frame = Self::titled(view, kinds, &entity_ref, summary.display(), part);
        let subject = summary.subject();
        for tab in desk.sockets.tabs_of(caller, subject) {
            let tab = Part::other(tab);
            let title = view.t(tab.title()).to_string();
            let href = frame.href(view, tab);
            frame.tabs.tabs.push(Tab::new(title, href, tab == part));
        }
        frame.icon = summary.icon();
        frame.name = summary.title.as_ref().map(|_| summary.name.clone());
        frame.spec_type = summary.spec_type.clone();
        frame.lifecycle = summary.lifecycle.clone();
        frame.tags.clone_from(&summary.tags);
        let standing = summary.standing(desk.catalog.tiers());
        frame.tier = standing
            .tier
            .filter(|(_, from)| !matches!(from, Origin::Tag(_)))
            .map(|(tier, _)| tier);
        frame.slo = standing.slo.map(|(slo, _)| slo.to_string());
        frame.errors = u64::try_from(errors).unwrap_or(u64::MAX);
        frame.edit_href = summary
            .annotation("backstage.io/edit-url")
            .filter(|href| portal::is_external(href))
            .map(str::to_owned);
        frame.fresh = ledger.source.as_ref().map(|source| {
            let condition = Condition::of(source, ledger.next.as_ref(), 0, view.now);
            fresh(source, ledger.next.as_ref(), &condition)
        });
        frame.problems = problems;
        frame.notices = notices(view, kinds, &summary, ledger, &frame, part);
        frame.star.starred = ledger.starred;
        frame.owner = summary.owner;
        frame.system = summary.system;
        frame
    }

    /// The address of one of the tabs.
    pub(super) fn href(&self, view: &View, part: Part) -> String {
        part_href(view, &self.entity_ref, part)
    }

    /// The frame of something of which only the name is known.
    pub(super) fn titled(
        view: &View,
        kinds: &Kinds,
        entity_ref: &EntityRef,
        title: &str,
        part: Part,
    ) -> Self {
        let href = |part| part_href(view, entity_ref, part);
        let kind = entity_ref.kind();
        let list = format!("/catalog?kind={}", platform::request::encode(kind));
        let tabs =
            Part::ALL.map(|tab| Tab::new(view.t(tab.title()).to_string(), href(tab), tab == part));
        let mut crumbs = match part {
            Part::Overview => Crumbs::to(title),
            _ => Crumbs::to(view.t(part.title()).to_string()),
        };
        crumbs = crumbs
            .via(view.t("nav-catalog").to_string(), "/catalog")
            .via(kind_plural(view, kinds, kind), list);
        if part != Part::Overview {
            crumbs = crumbs.via(title, href(Part::Overview));
        }
        Self {
            crumbs,
            tabs: Tabs {
                label: title.to_owned(),
                tabs: tabs.into(),
            },
            icon: portal::kind_icon(kind, None),
            title: title.to_owned(),
            name: None,
            kind: kind_title(view, kinds, kind),
            spec_type: None,
            lifecycle: None,
            owner: None,
            system: None,
            tags: Vec::new(),
            tier: None,
            slo: None,
            errors: 0,
            problems: Vec::new(),
            notices: Vec::new(),
            fresh: None,
            edit_href: None,
            star: Star::of(view, entity_ref),
            at: moment_of(view),
            now_href: view.here.without("at").to_string(),
            entity_ref: entity_ref.clone(),
        }
    }
}

/// A tab's address; a past moment stays.
fn part_href(view: &View, entity_ref: &EntityRef, part: Part) -> String {
    let address = Address::new(&part_path(entity_ref, part), "");
    match view.here.get("at") {
        Some(at) => address.with("at", at).to_string(),
        None => address.to_string(),
    }
}

fn part_path(entity_ref: &EntityRef, part: Part) -> String {
    let overview = entity_href(entity_ref);
    match part.path() {
        "" => overview,
        path => format!("{overview}/{path}"),
    }
}

fn notices(
    view: &View,
    kinds: &Kinds,
    summary: &Summary,
    ledger: &Ledger,
    frame: &Frame,
    part: Part,
) -> Vec<Notice> {
    let mut notices = Vec::new();
    let text = |key| view.t(key).to_string();
    let overview = entity_href(&summary.entity_ref);
    let row = ledger.row.as_ref();
    let place = row.map(|row| place_text(&row.place.location, row.place.line, row.place.column));
    if frame.errors > 0 && part != Part::Overview {
        notices.push(Notice {
            tone: Tone::Bad,
            title: view
                .t("catalog-notice-errors")
                .with("count", frame.errors)
                .to_string(),
            text: text("catalog-notice-errors-note"),
            link: Some((
                text("catalog-notice-errors-link"),
                format!("{overview}#problems"),
            )),
        });
    }
    if !ledger.conflicts.is_empty() && part != Part::Overview {
        notices.push(Notice {
            tone: Tone::Warn,
            title: text("catalog-conflicts"),
            text: text("catalog-conflicts-note"),
            link: Some((
                text("catalog-notice-conflicts-link"),
                format!("{overview}#conflicts"),
            )),
        });
    }
    if row.is_some_and(|row| row.orphan) {
        notices.push(Notice {
            tone: Tone::Warn,
            title: text("catalog-notice-orphan"),
            text: text("catalog-notice-orphan-note"),
            link: row.map(|row| {
                (
                    text("catalog-notice-orphan-link"),
                    source_href(&row.place.source_id),
                )
            }),
        });
    }
    let fix = |key| match &place {
        Some(place) => view.t(key).with("place", place).to_string(),
        None => String::new(),
    };
    match &summary.owner {
        Some(owner) if !owner.exists => notices.push(Notice {
            tone: Tone::Warn,
            title: view
                .t("catalog-notice-dangling")
                .with("owner", owner.entity_ref.to_string())
                .to_string(),
            text: fix("catalog-notice-dangling-note"),
            link: None,
        }),
        None if has_owner_field(kinds, &summary.kind) => notices.push(Notice {
            tone: Tone::Warn,
            title: text("catalog-notice-ownerless"),
            text: fix("catalog-notice-ownerless-note"),
            link: None,
        }),
        _ => {}
    }
    notices
}

/// Whether entities of this kind have an owner.
fn has_owner_field(kinds: &Kinds, kind: &str) -> bool {
    kinds
        .iter()
        .filter(|definition| definition.kind.eq_ignore_ascii_case(kind))
        .flat_map(|definition| &definition.relations)
        .any(|field| field.relation == "ownedBy")
}
