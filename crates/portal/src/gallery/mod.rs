//! `/design`: every component in every state, from the same macros and structs
//! as the pages. Tests render it, pictures are taken of it.

mod samples;

use askama::Template;

use crate::graph::Graph;
use crate::ui::{
    Bars, Chips, Code, Column, Crumbs, Diff, Facets, Fresh, Pager, Problems, Segments, Spark,
    TableHead, Tabs, Tone, Tree,
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
