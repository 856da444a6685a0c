//! `/design`: every component in every state, from the same macros and structs
//! as the pages. Tests render it, pictures are taken of it.

mod charts;
mod forms;
mod panels;
mod samples;

use askama::Template;

use crate::graph::Graph;
use crate::ui::chart::{HeatMap, Share};
use crate::ui::form::{Form, FormAction, Wizard};
use crate::ui::radar::{Profile, TechRadar};
use crate::ui::{
    Bars, Chips, Code, Column, Crumbs, Dialog, Diff, Empty, Facets, Failed, Fresh, Html, Log,
    Pager, Problems, Segments, Spark, Stale, StatBand, Steps, TableHead, Tabs, Tone, Tree,
};
use crate::view::View;

/// The gallery. Everything on it is made up and says so.
#[derive(Debug, Template)]
#[template(path = "portal/gallery.html")]
pub struct GalleryPage {
    view: View,
    crumbs: Crumbs,
    tabs: Tabs,
    segments: Segments,
    fresh: Vec<Fresh>,
    facets: Facets,
    chips: Chips,
    head: TableHead,
    rows: Vec<samples::Row>,
    pagers: Vec<Pager>,
    problems: Problems,
    tree: Tree,
    code: Vec<Code>,
    diff: Diff,
    graphs: Vec<Graph>,
    sparks: Vec<Spark>,
    bars: Bars,
    stats: StatBand,
    charts: Vec<Html>,
    heats: Vec<HeatMap>,
    shares: Vec<Share>,
    profile: Profile,
    radar: TechRadar,
    form: Form,
    wizard: Wizard,
    dialogs: Vec<Dialog>,
    steps: Steps,
    empties: Vec<Empty>,
    failed: Failed,
    stale: Stale,
    logs: Vec<Log>,
}

impl GalleryPage {
    /// With the samples in the view's language.
    pub fn new(view: View) -> Self {
        Self::with_text(view, "order-service")
    }

    /// With `text` wherever a component takes data, to see what becomes of it.
    pub fn with_text(view: View, text: &str) -> Self {
        let columns = vec![
            Column::sorted(view.t("gallery-name").to_string(), "name"),
            Column::new(view.t("gallery-owner").to_string()).narrow("hide"),
            Column::sorted(view.t("gallery-health").to_string(), "health"),
            Column::new(view.t("gallery-level").to_string()).narrow("wide"),
            Column::silent(view.t("gallery-actions").to_string()),
        ];
        Self {
            crumbs: Crumbs::to(text)
                .via(view.t("nav-catalog").to_string(), "/catalog")
                .via(text, "/design"),
            tabs: samples::tabs(&view, text),
            segments: samples::segments(&view),
            fresh: samples::fresh(&view, text),
            facets: samples::facets(&view, text),
            chips: samples::chips(text),
            head: TableHead::new(&view.here, "name", columns),
            rows: samples::rows(&view, text),
            pagers: samples::pagers(),
            problems: samples::problems(text),
            tree: samples::tree(&view, text),
            code: samples::code(text),
            diff: samples::diff(text),
            graphs: samples::graphs(&view, text),
            sparks: samples::sparks(text),
            bars: samples::bars(&view, text),
            stats: charts::stats(&view, text),
            charts: charts::charts(&view, text),
            heats: charts::heats(&view, text),
            shares: charts::shares(&view, text),
            profile: charts::profile(&view, text),
            radar: charts::radar(&view, text),
            form: forms::form(&view, text),
            wizard: forms::wizard(&view, text, "/design"),
            dialogs: forms::dialogs(&view, text),
            steps: panels::steps(&view, text),
            empties: panels::empties(&view, text),
            failed: panels::failed(&view, text),
            stale: panels::stale(&view, text),
            logs: panels::logs(&view, text),
            view,
        }
    }

    fn tones(&self) -> [(Tone, String); 5] {
        let word = |key| self.view.t(key).to_string();
        [
            (Tone::Ok, word("gallery-ok")),
            (Tone::Info, word("gallery-info")),
            (Tone::Neutral, word("gallery-neutral")),
            (Tone::Warn, word("gallery-warn")),
            (Tone::Bad, word("gallery-bad")),
        ]
    }
}

/// A form of the gallery as a page of its own, to try what becomes of answers.
#[derive(Debug, Template)]
#[template(path = "portal/gallery-form.html")]
pub struct GalleryFormPage {
    view: View,
    wizard: Wizard,
}

impl GalleryFormPage {
    /// A form that is sent to `action`, with what was sent before. Without a
    /// whole number above 1024 it says what is wrong.
    pub fn new(view: View, action: &str, pairs: &[(String, String)]) -> Self {
        let mut wizard = forms::wizard(&view, "order-service", action);
        if !pairs.is_empty() {
            wizard.form.fill(pairs);
            let checked = FormAction::of(pairs) == FormAction::Submit;
            let port = wizard.form.value("w-port").trim().parse::<u16>();
            if checked && !port.is_ok_and(|port| port > 1_024) {
                let wrong = view.t("gallery-wrong").to_string();
                wizard.form.fail("/w-port", wrong);
            }
        }
        Self { view, wizard }
    }

    /// Whether an answer was wrong.
    pub fn has_errors(&self) -> bool {
        self.wizard.form.has_errors()
    }
}

/// The rows of the palette for a query, from the gallery's own things.
pub fn palette_rows(view: &View, query: &str) -> Html {
    panels::palette(view, "order-service", query).html(view)
}
