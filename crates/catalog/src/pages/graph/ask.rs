//! What the address of a picture asks for.

use model::kinds::Kinds;
use portal::View;
use portal::ui::{Chip, Chips, Segments, Tab};

use super::families::Families;
use super::net::GroupKey;
use crate::index::EntityView;
use crate::pages::labels::{kind_plural, relation_label};

/// Depths that can be chosen; beyond them there is only all.
const DEPTHS: [usize; 6] = [1, 2, 3, 4, 5, 6];
const DEFAULT_DEPTH: usize = 2;
const MAX_OPEN: usize = 40;

/// What is to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Mode {
    /// What is used, and who uses.
    Dependencies,
    /// What fails with it.
    Impact,
    /// Every relation.
    All,
}

impl Mode {
    const ALL: [Self; 3] = [Self::Dependencies, Self::Impact, Self::All];

    fn name(self) -> &'static str {
        match self {
            Self::Dependencies => "deps",
            Self::Impact => "impact",
            Self::All => "all",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Dependencies => "graph-mode-deps",
            Self::Impact => "graph-mode-impact",
            Self::All => "graph-mode-all",
        }
    }
}

/// Which way the picture goes from its roots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pages) enum Way {
    /// What is used.
    Down,
    /// Who uses.
    Up,
    Both,
}

impl Way {
    const ALL: [Self; 3] = [Self::Both, Self::Down, Self::Up];

    fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Up => "up",
            Self::Both => "both",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Down => "graph-way-down",
            Self::Up => "graph-way-up",
            Self::Both => "graph-way-both",
        }
    }
}

/// What the address asks for. Values that mean nothing are left out, so that
/// an old link still shows something.
#[derive(Clone, Debug)]
pub(in crate::pages) struct Ask {
    pub(in crate::pages) mode: Mode,
    pub(in crate::pages) way: Way,
    /// [`None`] for as far as it goes.
    pub(in crate::pages) depth: Option<usize>,
    /// The address names the depth.
    pub(in crate::pages) depth_is_asked: bool,
    pub(in crate::pages) families: Families,
    /// Nodes of one system stand in a frame.
    pub(in crate::pages) cluster: bool,
    /// Only these kinds, lower case; empty for all.
    pub(in crate::pages) kinds: Vec<String>,
    /// Groups that are not gathered.
    pub(in crate::pages) open: Vec<GroupKey>,
    /// Relations were chosen by name.
    narrowed: bool,
}

impl Ask {
    /// For the entity's own tab; without a mode in the address it depends on
    /// what the entity has.
    pub(in crate::pages) fn of_entity(view: &View, kinds: &Kinds, entity: &EntityView<'_>) -> Self {
        let has_dependencies = || {
            let families = Families::dependencies();
            let relations = entity.relations();
            relations.iter().any(|one| families.holds(one.kind))
        };
        let fallback = || {
            if has_dependencies() {
                Mode::Dependencies
            } else {
                Mode::All
            }
        };
        Self::of(view, kinds, fallback)
    }

    pub(in crate::pages) fn of(
        view: &View,
        kinds: &Kinds,
        fallback: impl FnOnce() -> Mode,
    ) -> Self {
        let here = &view.here;
        // What links of earlier versions say.
        let (earlier, earlier_names): (_, &[&str]) = match here.get("show") {
            Some("dependencies") => (Some(Mode::Dependencies), &[]),
            Some("parts") => (Some(Mode::All), &["partOf"]),
            Some("people") => (Some(Mode::All), &["ownedBy", "memberOf", "childOf"]),
            Some("all") => (Some(Mode::All), &[]),
            _ => (None, &[]),
        };
        let asked = here.get("mode");
        let mode = Mode::ALL
            .into_iter()
            .find(|mode| asked == Some(mode.name()))
            .or(earlier)
            .unwrap_or_else(fallback);
        let way = match mode {
            Mode::Impact => Way::Up,
            _ => Way::ALL
                .into_iter()
                .find(|way| here.get("direction") == Some(way.name()))
                .unwrap_or(Way::Both),
        };
        let every = Families::all(kinds);
        let mut names: Vec<&str> = here.all("rel").filter(|name| !name.is_empty()).collect();
        names.extend(earlier_names);
        let narrowed = every.chosen(&names);
        let families = match mode {
            _ if !narrowed.is_empty() => narrowed.clone(),
            Mode::Dependencies => Families::dependencies(),
            Mode::Impact => Families::impact(),
            Mode::All => every,
        };
        let depth = match here.get("depth") {
            Some("all") => Some(None),
            Some(text) => {
                let number = text.parse::<usize>().ok();
                number.filter(|depth| DEPTHS.contains(depth)).map(Some)
            }
            None => None,
        };
        let usual = (mode != Mode::Impact).then_some(DEFAULT_DEPTH);
        Self {
            mode,
            way,
            depth: depth.unwrap_or(usual),
            depth_is_asked: depth.is_some(),
            families,
            cluster: here.get("cluster") != Some("none"),
            kinds: here
                .all("kind")
                .filter(|kind| !kind.is_empty())
                .map(str::to_lowercase)
                .collect(),
            open: here
                .all("open")
                .filter_map(GroupKey::parse)
                .take(MAX_OPEN)
                .collect(),
            narrowed: !narrowed.is_empty(),
        }
    }

    /// How many relations a walk goes.
    pub(super) fn steps(&self) -> usize {
        self.depth.unwrap_or(usize::MAX)
    }
}

/// The links and the form above a picture.
#[derive(Debug)]
pub(in crate::pages) struct Controls {
    pub(in crate::pages) modes: Segments,
    pub(in crate::pages) ways: Option<Segments>,
    pub(in crate::pages) depths: Segments,
    pub(in crate::pages) clusters: Segments,
    /// The page without its query.
    pub(in crate::pages) action: String,
    /// The page without what the form says.
    pub(in crate::pages) clear: String,
    /// What the form keeps of the address.
    pub(in crate::pages) keep: Vec<(String, String)>,
    pub(in crate::pages) relations: Vec<Choice>,
    pub(in crate::pages) kinds: Vec<Choice>,
    /// Something is left out by the form.
    pub(in crate::pages) narrowed: bool,
    /// Groups that were opened, to be closed again.
    pub(in crate::pages) opened: Chips,
    pub(in crate::pages) exports: Vec<(&'static str, String)>,
    /// The drawing that a browser makes a PNG of: the button's text, the
    /// drawing, and the name of the file.
    pub(in crate::pages) picture: (&'static str, String, String),
}

/// One box of the form.
#[derive(Debug)]
pub(in crate::pages) struct Choice {
    pub(in crate::pages) value: String,
    pub(in crate::pages) text: String,
    pub(in crate::pages) checked: bool,
}

impl Controls {
    /// `names` gives opened groups their names.
    pub(in crate::pages) fn of(
        view: &View,
        kinds: &Kinds,
        ask: &Ask,
        names: impl Fn(&GroupKey) -> String,
    ) -> Self {
        let t = |key| view.t(key).to_string();
        // What the path card asks is no question to the picture.
        let asked = view.here.without("to");
        let here = asked.without("show").without("open").without("format");
        let link = |name: &str, value: &str| here.with(name, value).to_string();
        let modes = Mode::ALL.map(|mode| {
            // Another question has another usual depth.
            let href = here
                .without("rel")
                .without("depth")
                .with("mode", mode.name());
            Tab::new(t(mode.title()), href.to_string(), mode == ask.mode)
        });
        let ways = Way::ALL.map(|way| {
            let current = way == ask.way;
            Tab::new(t(way.title()), link("direction", way.name()), current)
        });
        let mut depths: Vec<Tab> = DEPTHS
            .iter()
            .map(|depth| {
                let text = depth.to_string();
                let href = link("depth", &text);
                Tab::new(text, href, ask.depth == Some(*depth))
            })
            .collect();
        depths.push(Tab::new(
            t("graph-depth-all"),
            link("depth", "all"),
            ask.depth.is_none(),
        ));
        let clusters = [
            ("graph-cluster-system", "system"),
            ("graph-cluster-none", "none"),
        ];
        Self {
            modes: segments(t("graph-mode"), modes.into()),
            ways: (ask.mode != Mode::Impact).then(|| segments(t("graph-way"), ways.into())),
            depths: segments(t("catalog-depth"), depths),
            clusters: segments(
                t("graph-cluster"),
                clusters
                    .map(|(key, name)| {
                        let current = ask.cluster == (name == "system");
                        Tab::new(t(key), link("cluster", name), current)
                    })
                    .into(),
            ),
            action: view.here.path().to_owned(),
            clear: here.without("rel").without("kind").to_string(),
            keep: here
                .pairs()
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "rel" | "kind"))
                .cloned()
                .collect(),
            relations: relation_choices(view, kinds, ask),
            kinds: kind_choices(view, kinds, ask),
            narrowed: ask.narrowed || !ask.kinds.is_empty(),
            opened: opened(view, ask, names),
            picture: (
                "PNG",
                asked.with("format", "svg").to_string(),
                file_name(view.here.path()),
            ),
            exports: ["svg", "mermaid", "dot", "csv", "json"]
                .map(|format| {
                    let href = asked.with("format", format).to_string();
                    (export_name(format), href)
                })
                .into(),
        }
    }
}

/// `payment-service-graph` of `/catalog/default/component/payment-service/graph`.
fn file_name(path: &str) -> String {
    let mut steps: Vec<&str> = path
        .rsplit('/')
        .filter(|step| !step.is_empty())
        .take(2)
        .collect();
    steps.reverse();
    steps.join("-")
}

fn segments(label: String, choices: Vec<Tab>) -> Segments {
    Segments { label, choices }
}

fn export_name(format: &str) -> &'static str {
    match format {
        "svg" => "SVG",
        "mermaid" => "Mermaid",
        "dot" => "DOT (Graphviz)",
        "csv" => "CSV",
        _ => "JSON",
    }
}

fn relation_choices(view: &View, kinds: &Kinds, ask: &Ask) -> Vec<Choice> {
    Families::all(kinds)
        .iter()
        .map(|family| Choice {
            text: relation_label(view, &family.forward),
            checked: ask.families.draws(&family.forward),
            value: family.forward.clone(),
        })
        .collect()
}

fn kind_choices(view: &View, kinds: &Kinds, ask: &Ask) -> Vec<Choice> {
    let mut found: Vec<Choice> = Vec::new();
    for definition in kinds.iter() {
        let value = definition.kind.to_lowercase();
        if found.iter().all(|known| known.value != value) {
            found.push(Choice {
                text: kind_plural(view, kinds, &value),
                checked: ask.kinds.contains(&value),
                value,
            });
        }
    }
    found
}

fn opened(view: &View, ask: &Ask, names: impl Fn(&GroupKey) -> String) -> Chips {
    let chips = ask.open.iter().map(|group| Chip {
        text: names(group),
        remove: view
            .here
            .without_value("open", &group.to_string())
            .to_string(),
    });
    Chips {
        chips: chips.collect(),
        clear: view.here.without("open").to_string(),
    }
}
