//! The reader: one page of a site between its navigation and its headings.

use std::sync::Arc;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use catalog::{Catalog, Shown};
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::error::ApiError;
use platform::request::Call;
use portal::ui::{Code, Crumbs, Html, Problems, Syntax, found};
use portal::{Page, View};

use super::nav::{self, Flat, page_href};
use super::{Answer, Desk, base_of, entity_href, list, problems};
use crate::api::{opened, ref_of};
use crate::files::{self, Reader};
use crate::markdown::{Heading, Part, path};
use crate::service::{Docs, Opened};
use crate::site::Site;

/// Characters of a text around what was looked for.
const EXCERPT: usize = 200;

#[derive(Template)]
#[template(path = "docs/page.html")]
struct ReaderPage {
    crumbs: Crumbs,
    title: String,
    body: Html,
    view: View,
}

/// Everything below the head of a page, or below the tabs of an entity.
#[derive(Template)]
#[template(path = "docs/reader.html")]
struct ReaderPart<'a> {
    view: &'a View,
    site: &'a Site,
    base: &'a str,
    nav: Html,
    flat: Vec<Flat>,
    text: &'a str,
    main: Html,
    headings: Vec<&'a Heading>,
}

#[derive(Template)]
#[template(path = "docs/article.html")]
struct Article<'a> {
    view: &'a View,
    /// Where the page does not begin with a title of its own.
    title: Option<String>,
    /// That title, where it does.
    lead: Html,
    commit: Option<(String, String)>,
    changed_at: Option<Timestamp>,
    is_old: bool,
    edit: Option<String>,
    source: Option<String>,
    stale: Option<(String, Timestamp)>,
    parts: Vec<Html>,
    previous: Option<(String, String)>,
    next: Option<(String, String)>,
    problems: Problems,
}

#[derive(Template)]
#[template(path = "docs/found.html")]
struct FoundPart<'a> {
    view: &'a View,
    text: &'a str,
    hits: Vec<Hit>,
    first: String,
}

struct Hit {
    title: Vec<(String, bool)>,
    text: Vec<(String, bool)>,
    href: String,
}

#[derive(Template)]
#[template(path = "docs/missing.html")]
struct MissingPart<'a> {
    view: &'a View,
    path: &'a str,
    near: Vec<(String, String)>,
    first: String,
}

#[derive(Template)]
#[template(path = "docs/unreadable.html")]
struct UnreadablePart<'a> {
    view: &'a View,
    problems: Problems,
    example: Html,
}

#[derive(Template)]
#[template(path = "docs/raw.html")]
struct Raw<'a> {
    markup: &'a str,
}

/// `GET /docs/{namespace}/{kind}/{name}/…`
pub(super) async fn page(desk: Desk, call: Call) -> Answer {
    let entity_ref = ref_of(&call)?;
    let (entity, opened) = opened(&desk.docs, &call.caller, &entity_ref).await?;
    let view = desk.view(&call);
    let title = Catalog::title_of(&entity, &entity_ref);
    let crumbs = |here: String| {
        Crumbs::to(here)
            .via(view.t("docs-nav").to_string(), "/docs")
            .via(title.clone(), entity_href(&entity_ref))
    };
    let Some(site) = opened.site.clone() else {
        let page = ReaderPage {
            crumbs: crumbs(view.t("docs-tab").to_string()),
            title: title.clone(),
            body: unreadable(&view, &opened),
            view: view.clone(),
        };
        return Ok(Page::new(page)
            .status(StatusCode::NOT_FOUND)
            .into_response());
    };
    let wanted = call.path("path");
    if let Some(asset) = site.assets.get(wanted) {
        return files::send(&site, asset, Reader::Page).await;
    }
    let base = base_of(&entity_ref);
    let key = site.at(wanted).map(str::to_owned);
    if let Some(moved) = moved(&site, key.as_deref(), wanted, &base) {
        return Ok(moved);
    }
    let text = searched(&view);
    let whole = Whole {
        docs: &desk.docs,
        view: &view,
        opened: &opened,
        site: &site,
        base: &base,
    };
    let (status, here, body) = match &key {
        _ if !text.is_empty() => (
            StatusCode::OK,
            view.t("docs-search").to_string(),
            whole.around(whole.found(&text), &text, "", &[]),
        ),
        Some(key) => {
            let title = site.pages.get(key).map_or("", |page| &page.title);
            (StatusCode::OK, title.to_owned(), whole.page(key).await?)
        }
        None => (
            StatusCode::NOT_FOUND,
            view.t("docs-missing").to_string(),
            whole.around(whole.missing(wanted), "", "", &[]),
        ),
    };
    let mut trail = crumbs(here.clone());
    if let Some(key) = key.as_deref().filter(|_| text.is_empty()) {
        trail = crumbs_to(&view, &site, key, (&title, &entity_ref), here.clone());
    }
    let page = ReaderPage {
        crumbs: trail,
        title: format!("{here} · {}", site.name),
        body,
        view: view.clone(),
    };
    Ok(Page::new(page).status(status).into_response())
}

fn crumbs_to(
    view: &View,
    site: &Site,
    key: &str,
    (title, entity_ref): (&str, &EntityRef),
    here: String,
) -> Crumbs {
    let mut crumbs = Crumbs::to(here)
        .via(view.t("docs-nav").to_string(), "/docs")
        .via(title, entity_href(entity_ref));
    if site.home() != Some(key) && site.name != title {
        crumbs = crumbs.via(site.name.clone(), format!("{}/", base_of(entity_ref)));
    }
    crumbs
}

/// Another address of a page leads to its own; so do `redirects` of mkdocs.yml.
fn moved(site: &Site, key: Option<&str>, wanted: &str, base: &str) -> Option<Response> {
    let to = match key {
        Some(key) => {
            let file = [".md", ".html"].iter().any(|end| wanted.ends_with(end));
            let own = site.pages.get(key).map(|page| page.url.as_str())?;
            (file && own != wanted).then(|| format!("{base}/{}", path(own)))?
        }
        None => {
            let bare = format!("{}/", wanted.trim_matches('/'));
            let to = site
                .redirects
                .get(&bare)
                .or_else(|| site.redirects.get(wanted))?;
            if to.starts_with("https://") || to.starts_with("http://") {
                to.clone()
            } else {
                let (page, anchor) = to.split_once('#').unwrap_or((to, ""));
                let href = page_href(site, site.at(page)?, base);
                if anchor.is_empty() {
                    href
                } else {
                    format!("{href}#{anchor}")
                }
            }
        }
    };
    let mut response = Redirect::temporary(&to).into_response();
    // A Location that is no header would be a bug of ours, not a crash.
    if !response.headers().contains_key(header::LOCATION) {
        response = StatusCode::NOT_FOUND.into_response();
    }
    Some(response)
}

fn searched(view: &View) -> String {
    let text = view.here.get("q").unwrap_or_default();
    text.trim().chars().take(200).collect()
}

/// The tab of an entity: the first page of its documentation.
pub(crate) async fn tab(docs: Docs, shown: Shown) -> Result<Option<Html>, ApiError> {
    let opened = docs
        .open(&shown.caller, &shown.entity_ref, &shown.entity)
        .await?;
    let Some(site) = opened.site.clone() else {
        return Ok(Some(unreadable(&shown.view, &opened)));
    };
    let whole = Whole {
        docs: &docs,
        view: &shown.view,
        opened: &opened,
        site: &site,
        base: &base_of(&shown.entity_ref),
    };
    Ok(match site.home() {
        Some(home) => Some(whole.page(home).await?),
        None => None,
    })
}

/// A site and its reader.
struct Whole<'a> {
    docs: &'a Docs,
    view: &'a View,
    opened: &'a Opened,
    site: &'a Arc<Site>,
    base: &'a str,
}

impl Whole<'_> {
    async fn page(&self, key: &str) -> Result<Html, ApiError> {
        let rendered = self.docs.page(self.site, key, self.base).await?;
        let Some(page) = self.site.pages.get(key) else {
            return Ok(Html::default());
        };
        let change = self.site.folder.last_change(&page.file).await;
        let changed_at = change.as_ref().map(|change| change.at);
        let commit = change
            .and_then(|change| change.commit)
            .map(|(id, author, _)| (id.chars().take(7).collect::<String>(), author));
        let (lead, parts) = with_lead(&rendered.parts);
        let link = |key: Option<&str>| {
            let page = self.site.pages.get(key?)?;
            Some((page.title.clone(), page_href(self.site, key?, self.base)))
        };
        let (previous, next) = self.site.around(key);
        let is_home = self.site.home() == Some(key);
        let of_site = self.site.problems.iter().filter(|_| is_home);
        let stale = self
            .opened
            .failure
            .first()
            .map(|why| (why.message.clone(), self.opened.built_at));
        let article = Article {
            view: self.view,
            title: lead.is_empty().then(|| page.title.clone()),
            lead: Html::of(&Raw { markup: &lead }),
            commit,
            changed_at,
            is_old: changed_at.is_some_and(|at| self.view.now.duration_since(at) > list::OLD),
            edit: self.site.edit_url(page, key),
            source: self.site.folder.view_url(&page.file),
            stale,
            parts: self.parts(&parts),
            previous: link(previous),
            next: link(next),
            problems: problems(rendered.problems.iter().chain(of_site)),
        };
        let headings: Vec<&Heading> = rendered
            .headings
            .iter()
            .filter(|heading| matches!(heading.level, 2 | 3) && !heading.text.is_empty())
            .collect();
        Ok(self.around(Html::of(&article), "", key, &headings))
    }

    fn parts(&self, parts: &[Part]) -> Vec<Html> {
        let mut number = 0;
        let made = parts.iter().map(|part| match part {
            Part::Html(markup) => Html::of(&Raw { markup }),
            Part::Code {
                caption,
                language,
                text,
            } => {
                number += 1;
                let syntax = match language.to_ascii_lowercase().as_str() {
                    "yaml" | "yml" => Syntax::Yaml,
                    "json" | "json5" | "jsonc" => Syntax::Json,
                    _ => Syntax::Plain,
                };
                Code {
                    id: format!("docs-code-{number}"),
                    caption: if caption.is_empty() {
                        self.view.t("docs-code").to_string()
                    } else {
                        caption.clone()
                    },
                    text: text.trim_end_matches('\n').to_owned(),
                    syntax,
                    ..Code::default()
                }
                .html(self.view)
            }
        });
        made.collect()
    }

    /// The navigation to the left and the headings to the right of `main`.
    fn around(&self, main: Html, text: &str, key: &str, headings: &[&Heading]) -> Html {
        Html::of(&ReaderPart {
            view: self.view,
            site: self.site,
            base: self.base,
            nav: nav::html(self.site, key, self.base),
            flat: nav::flat(self.site, key, self.base),
            text,
            main,
            headings: headings.to_vec(),
        })
    }

    fn found(&self, text: &str) -> Html {
        let owned = |parts: Vec<(&str, bool)>| -> Vec<(String, bool)> {
            parts
                .into_iter()
                .map(|(part, hit)| (part.to_owned(), hit))
                .collect()
        };
        let needle = text.split_whitespace().next().unwrap_or_default();
        let hits = self.opened.find(text).into_iter().filter_map(|hit| {
            let page = self.site.pages.get(&hit.key)?;
            let mut title = page.title.clone();
            let mut href = page_href(self.site, &hit.key, self.base);
            if !hit.section.id.is_empty() {
                href = format!("{href}#{}", hit.section.id);
                if hit.section.title != page.title {
                    title = format!("{title}: {}", hit.section.title);
                }
            }
            let excerpt = excerpt(&hit.section.text, needle);
            Some(Hit {
                title: owned(found(&title, needle)),
                text: owned(found(&excerpt, needle)),
                href,
            })
        });
        Html::of(&FoundPart {
            view: self.view,
            text,
            hits: hits.collect(),
            first: format!("{}/", self.base),
        })
    }

    fn missing(&self, wanted: &str) -> Html {
        let near = self.site.near(wanted).into_iter().map(|key| {
            let title = self.site.pages.get(&key).map_or(&key, |page| &page.title);
            (title.clone(), page_href(self.site, &key, self.base))
        });
        Html::of(&MissingPart {
            view: self.view,
            path: wanted,
            near: near.collect(),
            first: format!("{}/", self.base),
        })
    }
}

/// The title that a page begins with, and the rest of the page.
fn with_lead(parts: &[Part]) -> (String, Vec<Part>) {
    let mut parts = parts.to_vec();
    if let Some(Part::Html(html)) = parts.first_mut()
        && html.trim_start().starts_with("<h1")
        && let Some((lead, rest)) = html.split_once("</h1>")
    {
        let lead = format!("{lead}</h1>");
        *html = rest.to_owned();
        return (lead, parts);
    }
    (String::new(), parts)
}

/// The text around the first place of a word.
fn excerpt(text: &str, word: &str) -> String {
    let lower = text.to_lowercase();
    let at = lower
        .find(&word.to_lowercase())
        .filter(|_| lower.len() == text.len());
    let before = at
        .and_then(|at| text.get(..at))
        .map_or(0, |before| before.chars().count());
    let start = before.saturating_sub(EXCERPT / 4);
    let cut: String = text.chars().skip(start).take(EXCERPT).collect();
    let cut = cut.split_whitespace().collect::<Vec<_>>().join(" ");
    if start > 0 { format!("… {cut}") } else { cut }
}

/// Why there is nothing to read, and what to add.
fn unreadable(view: &View, opened: &Opened) -> Html {
    let example =
        "site_name: Order service\nnav:\n  - Home: index.md\nplugins:\n  - techdocs-core\n";
    let example = Code {
        id: "docs-example".to_owned(),
        caption: "mkdocs.yml".to_owned(),
        text: example.to_owned(),
        syntax: Syntax::Yaml,
        ..Code::default()
    };
    Html::of(&UnreadablePart {
        view,
        problems: problems(opened.failure.iter()),
        example: example.html(view),
    })
}
