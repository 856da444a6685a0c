//! Search for people: the page of results, and the rows of the palette.

mod groups;
mod palette;
mod results;
mod why;

use std::sync::Arc;

use axum::http::Method;
use axum::response::IntoResponse as _;
use catalog::permission::ENTITY_READ;
use model::kinds::Kinds;
use platform::Clock;
use platform::http::{Access, Gate, Routes};
use platform::request::Call;
use portal::{Page, Portal, View};

use crate::service::Search;

/// The messages of these pages: language and Fluent source.
pub(crate) const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../../locales/en/search.ftl")),
    ("ko", include_str!("../../locales/ko/search.ftl")),
];

/// Longer queries are cut; nobody types more.
const MAX_QUERY: usize = 100;

/// What the pages work with.
#[derive(Clone, Debug)]
struct Desk {
    search: Search,
    portal: Arc<Portal>,
    clock: Clock,
}

impl Desk {
    fn view(&self, call: &Call) -> View {
        catalog::page_view(&self.portal, call, self.clock.now(), self.search.catalog())
    }

    /// Milliseconds since `view` was made.
    fn took(&self, view: &View) -> u64 {
        let took = self.clock.now().duration_since(view.now).as_millis();
        u64::try_from(took).unwrap_or(0)
    }
}

/// Every page of this crate.
pub(crate) fn routes(
    search: &Search,
    portal: &Arc<Portal>,
    clock: &Clock,
    gate: Arc<dyn Gate>,
) -> Routes {
    let desk = Desk {
        search: search.clone(),
        portal: Arc::clone(portal),
        clock: clock.clone(),
    };
    let (one, two) = (desk.clone(), desk);
    let read = Access::Needs(ENTITY_READ);
    Routes::new(gate)
        .page(Method::GET, "/search", read, move |call: Call| {
            let page = results::page(&one, &call);
            async move { Page::new(page).into_response() }
        })
        .page(Method::GET, "/search/palette", read, move |call: Call| {
            let rows = palette::rows(&two, &call);
            async move { Page::new(rows).into_response() }
        })
}

/// What was typed, as far as it is looked at.
fn typed(text: Option<&str>) -> String {
    text.unwrap_or_default()
        .trim()
        .chars()
        .take(MAX_QUERY)
        .collect()
}

/// The kind's name, in the page's language.
fn kind_title(view: &View, kinds: &Kinds, kind: &str) -> String {
    kinds
        .iter()
        .find(|definition| definition.kind.eq_ignore_ascii_case(kind))
        .map_or(kind, |definition| definition.title(view.lang.tag()))
        .to_owned()
}
