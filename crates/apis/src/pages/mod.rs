//! The tab API of an entity's page. Its parts have addresses of their own
//! (`?show=`), so that a large definition does not make a large page.

mod changes;
mod curl;
mod definition;
pub(crate) mod glance;
mod lint;
mod markdown;
mod operations;
mod shape;
mod types;

use std::collections::HashMap;

use askama::Template;
use catalog::Shown;
use model::diagnostic::{Diagnostic, Severity};
use platform::error::ApiError;
use platform::request::encode;
use portal::View;
use portal::ui::{Code, Empty, Html, Pager, Segments, Tab, Tone};

use markdown::prose;

use crate::doc::ApiDoc;
use crate::service::{Apis, Written};

/// The messages of these pages: language and Fluent source.
pub(crate) const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../../locales/en/apis.ftl")),
    ("ko", include_str!("../../locales/ko/apis.ftl")),
];

/// Servers whose address is shown.
const MAX_SERVERS: usize = 5;
/// Problems that are listed.
const MAX_PROBLEMS: usize = 50;

/// What all parts of the tab need.
struct Desk<'a> {
    view: &'a View,
    written: &'a Written,
    /// On which page of Types each named type stands.
    pages: HashMap<&'a str, usize>,
}

impl Desk<'_> {
    /// The address of a part of the tab. A past moment is kept.
    fn href(&self, pairs: &[(&str, &str)]) -> String {
        let mut pairs = pairs.to_vec();
        if let Some(at) = self.view.here.get("at") {
            pairs.push(("at", at));
        }
        let query: Vec<String> = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", encode(value)))
            .collect();
        let path = self.view.here.path();
        if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{}", query.join("&"))
        }
    }

    /// Where a named type is shown; nothing for types of elsewhere.
    fn type_href(&self, name: &str) -> Option<String> {
        let page = self.pages.get(name)?;
        let href = if *page == 1 {
            self.href(&[("show", "types")])
        } else {
            self.href(&[("show", "types"), ("page", &page.to_string())])
        };
        Some(format!("{href}#{}", encode(&anchor("type", name))))
    }

    /// Where a line of the definition is shown.
    fn line_href(&self, line: u32) -> Option<String> {
        (line > 0).then(|| {
            let number = line.to_string();
            let href = self.href(&[("show", "definition"), ("line", &number)]);
            format!("{href}#definition-{line}")
        })
    }

    /// The number of the page, from 1.
    fn page(&self) -> usize {
        let number = self.view.here.get("page");
        let number = number.and_then(|text| text.parse().ok());
        number.unwrap_or(1_usize).clamp(1, 10_000)
    }

    fn pager(&self, total: usize, size: usize) -> Pager {
        let number = self.page();
        let first = (number - 1) * size;
        let last = (first + size).min(total);
        let to = |number: usize| {
            let address = self.view.here.with("page", &number.to_string());
            Some(address.to_string())
        };
        Pager {
            first: if first < total { wide(first + 1) } else { 0 },
            last: if first < total { wide(last) } else { 0 },
            total: wide(total),
            previous: if number > 1 { to(number - 1) } else { None },
            next: if last < total { to(number + 1) } else { None },
        }
    }
}

#[derive(Template)]
#[template(path = "apis/tab.html")]
struct TabPart<'a> {
    view: &'a View,
    doc: &'a ApiDoc,
    description: Option<Html>,
    servers: Vec<(Code, String)>,
    problems: Vec<Problem>,
    parts: Segments,
    body: Html,
}

#[derive(Template)]
#[template(path = "apis/unread.html")]
struct UnreadPart<'a> {
    view: &'a View,
    /// Nothing is wrong: the type is one that is shown as it is.
    is_unknown: bool,
    spec_type: &'a str,
    problems: Vec<Problem>,
    body: Html,
}

struct Problem {
    tone: Tone,
    message: String,
    accepted: Option<String>,
    fix: Option<String>,
    /// Line and column in the definition.
    place: String,
    href: Option<String>,
}

/// Draws the tab.
pub(crate) async fn draw(apis: Apis, shown: Shown) -> Result<Option<Html>, ApiError> {
    let view = &shown.view;
    let written = Written::of(&shown.entity);
    if written.text.trim().is_empty() {
        let empty = Empty::new(
            view.t("apis-empty").to_string(),
            view.t("apis-empty-next").to_string(),
        );
        return Ok(Some(empty.html(view)));
    }
    let read = apis.read(written.clone()).await;
    let mut desk = Desk {
        view,
        written: &written,
        pages: HashMap::new(),
    };
    let doc = match read.as_ref() {
        Ok(doc) => doc,
        Err(problems) => {
            return Ok(Some(Html::of(&UnreadPart {
                view,
                is_unknown: problems
                    .iter()
                    .all(|problem| problem.severity != Severity::Error),
                spec_type: &written.spec_type,
                problems: listed(&desk, problems),
                body: definition::draw(&desk),
            })));
        }
    };
    desk.pages = types::pages(doc);
    let show = view.here.get("show").unwrap_or_default();
    let body = match show {
        "types" => types::draw(&desk, doc),
        "lint" => lint::draw(&desk, doc),
        "changes" => changes::draw(&apis, &desk, &shown.entity_ref).await?,
        "definition" => definition::draw(&desk),
        _ => operations::draw(&desk, doc),
    };
    let description = prose(doc.description.as_deref().unwrap_or_default(), 4_000);
    Ok(Some(Html::of(&TabPart {
        view,
        doc,
        description,
        servers: servers(doc),
        problems: listed(&desk, &doc.problems),
        parts: parts(&desk, doc, show),
        body,
    })))
}

fn servers(doc: &ApiDoc) -> Vec<(Code, String)> {
    let shown = doc.servers.iter().take(MAX_SERVERS).enumerate();
    shown
        .map(|(at, server)| {
            let code = Code::command(format!("server-{at}"), clipped(&server.url, 300));
            (code, clipped(&server.description, 200))
        })
        .collect()
}

fn parts(desk: &Desk<'_>, doc: &ApiDoc, show: &str) -> Segments {
    let view = desk.view;
    let part = |name: &str, key: &str, current: bool| {
        let href = if name.is_empty() {
            desk.href(&[])
        } else {
            desk.href(&[("show", name)])
        };
        Tab::new(view.t(key).to_string(), href, current)
    };
    let known = ["types", "lint", "changes", "definition"];
    let mut choices = vec![part("", "apis-operations", !known.contains(&show))];
    if !doc.types.is_empty() {
        choices.push(part("types", "apis-types", show == "types"));
    }
    choices.push(part("lint", "apis-lint", show == "lint"));
    choices.push(part("changes", "apis-changes", show == "changes"));
    choices.push(part("definition", "apis-definition", show == "definition"));
    Segments {
        label: view.t("apis-parts").to_string(),
        choices,
    }
}

fn listed(desk: &Desk<'_>, problems: &[Diagnostic]) -> Vec<Problem> {
    problems
        .iter()
        .take(MAX_PROBLEMS)
        .map(|problem| Problem {
            tone: tone(problem.severity),
            message: problem.message.clone(),
            accepted: problem.accepted.clone(),
            fix: problem.fix.clone(),
            place: format!("definition:{}:{}", problem.line, problem.column.max(1)),
            href: desk.line_href(problem.line),
        })
        .collect()
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Warn,
        Severity::Info => Tone::Info,
    }
}

/// An `id`: letters and digits of any language, everything else as `-`.
fn anchor(prefix: &str, name: &str) -> String {
    let name: String = name
        .chars()
        .take(120)
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("{prefix}-{}", name.trim_matches('-'))
}

/// At most so many characters, the last of which is `…` when some are left out.
fn clipped(text: &str, most: usize) -> String {
    let text = text.trim();
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn wide(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}
