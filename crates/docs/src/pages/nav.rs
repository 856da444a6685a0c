//! The navigation of a site as markup.

use askama::Template;
use portal::ui::Html;

use crate::markdown::path;
use crate::site::{NavItem, Site};

/// Of larger navigations only the open branch is shown.
const LARGE: usize = 300;
/// Pages of the small navigation.
const MAX_FLAT: usize = 300;

#[derive(Template)]
#[template(path = "docs/nav.html")]
struct NavPart {
    lines: Vec<Line>,
}

struct Line {
    title: String,
    href: Option<String>,
    current: bool,
    elsewhere: bool,
    below: Html,
}

/// A link of the navigation for narrow screens.
pub(super) struct Flat {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) current: bool,
}

/// The navigation as a list; `key` is the page that is shown.
pub(super) fn html(site: &Site, key: &str, base: &str) -> Html {
    let large = site.order.len() > LARGE;
    list(site, &site.nav, key, (base, large))
}

fn list(site: &Site, items: &[NavItem], key: &str, (base, large): (&str, bool)) -> Html {
    let lines = items.iter().map(|item| match item {
        NavItem::Page {
            title, key: own, ..
        } => Line {
            title: title.clone(),
            href: Some(page_href(site, own, base)),
            current: own == key,
            elsewhere: false,
            below: Html::default(),
        },
        NavItem::Link { title, href } => Line {
            title: title.clone(),
            href: Some(href.clone()),
            current: false,
            elsewhere: true,
            below: Html::default(),
        },
        NavItem::Section { title, items } => {
            let folded = large && !holds(items, key);
            let first = first_page(items).filter(|_| folded);
            Line {
                title: title.clone(),
                href: first.map(|first| page_href(site, first, base)),
                current: false,
                elsewhere: false,
                below: if folded {
                    Html::default()
                } else {
                    list(site, items, key, (base, large))
                },
            }
        }
    });
    let lines: Vec<Line> = lines.collect();
    if lines.is_empty() {
        return Html::default();
    }
    Html::of(&NavPart { lines })
}

fn holds(items: &[NavItem], key: &str) -> bool {
    items.iter().any(|item| match item {
        NavItem::Page { key: own, .. } => own == key,
        NavItem::Link { .. } => false,
        NavItem::Section { items, .. } => holds(items, key),
    })
}

fn first_page(items: &[NavItem]) -> Option<&str> {
    items.iter().find_map(|item| match item {
        NavItem::Page { key, .. } => Some(key.as_str()),
        NavItem::Link { .. } => None,
        NavItem::Section { items, .. } => first_page(items),
    })
}

/// Every page in the order of reading, with the sections above it.
pub(super) fn flat(site: &Site, key: &str, base: &str) -> Vec<Flat> {
    site.order
        .iter()
        .take(MAX_FLAT)
        .map(|own| {
            let mut title: Vec<&str> = site.sections_of(own);
            title.push(site.pages.get(own).map_or(own, |page| &page.title));
            Flat {
                title: title.join(": "),
                href: page_href(site, own, base),
                current: own == key,
            }
        })
        .collect()
}

/// The address of a page, or of what would be there.
pub(super) fn page_href(site: &Site, key: &str, base: &str) -> String {
    let url = site.pages.get(key).map_or(key, |page| &page.url);
    format!("{base}/{}", path(url))
}
