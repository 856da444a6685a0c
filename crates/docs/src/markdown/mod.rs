//! Markdown as TechDocs understands it, made into markup that may be shown.
//!
//! ```text
//! page ─▶ blocks (admonitions, tabs, snippets as CommonMark) ─▶ comrak
//!      ─▶ tree (headings get names, links are resolved) ─▶ HTML ─▶ clean ─▶ parts
//! ```
//!
//! Invariants: no input panics; nothing that runs survives; code blocks are
//! never part of the cleaned HTML, so they show what was written.

mod blocks;
mod clean;
mod formatting;
mod slug;
mod tree;

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use comrak::adapters::{HeadingAdapter, HeadingMeta};
use comrak::nodes::Sourcepos;
use comrak::options::Plugins;
use comrak::{Arena, Options};
use model::diagnostic::Diagnostic;
use model::yaml::Mark;

use crate::site::Site;

pub(crate) use blocks::snippet_paths;
pub(crate) use tree::path;

/// Stand around the number of a code block; no text of a page holds them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// Front matter longer than this is text.
const MAX_FRONT: usize = 64 * 1024;

/// A page, ready to be shown.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// What is shown, in order.
    pub parts: Vec<Part>,
    /// The headings, in order.
    pub headings: Vec<Heading>,
    /// What is wrong on the page, with line and column.
    pub problems: Vec<Diagnostic>,
    /// The texts below each heading, for search; the first is what stands
    /// before all of them.
    pub sections: Vec<Section>,
    /// Links to places of other pages.
    pub links: Vec<AnchorUse>,
    /// Names of places that others can link to.
    pub anchors: Vec<String>,
    /// Bytes of the page with everything that it takes in: the work it makes.
    pub weight: usize,
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Cleaned markup.
    Html(String),
    /// A code block.
    Code {
        /// Its title, else its language; may be empty.
        caption: String,
        /// Its language as written.
        language: String,
        /// What it says.
        text: String,
    },
}

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// From 1 to 6.
    pub level: u8,
    /// Its name in addresses.
    pub id: String,
    /// What it says, without markup.
    pub text: String,
}

/// What stands below a heading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// The heading's name in addresses; empty at the beginning of a page.
    pub id: String,
    /// The heading; empty at the beginning of a page.
    pub title: String,
    /// The text without markup.
    pub text: String,
}

/// A link to a place on another page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorUse {
    /// The page.
    pub key: String,
    /// The place.
    pub anchor: String,
    /// Where the link stands.
    pub mark: Mark,
}

/// Renders the page `key` of a site whose address is `base`, such as
/// `/docs/default/component/orders`.
#[must_use]
pub fn render(site: &Site, key: &str, base: &str) -> Rendered {
    made(site, key, base, For::Readers)
}

/// As [`render`], without what is shown: headings, texts, links, problems.
#[must_use]
pub fn outline(site: &Site, key: &str, base: &str) -> Rendered {
    made(site, key, base, For::Writers)
}

/// As [`outline`], without suggestions of what a dead link could mean.
pub(crate) fn digest(site: &Site, key: &str) -> Rendered {
    made(site, key, "", For::Search)
}

/// What a page is looked at for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum For {
    Readers,
    Writers,
    Search,
}

fn made(site: &Site, key: &str, base: &str, purpose: For) -> Rendered {
    let Some(page) = site.pages.get(key) else {
        return Rendered::default();
    };
    let (skipped, text) = without_front(&page.text);
    let prepared = blocks::prepare(text, &site.snippets);
    let options = options();
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, &prepared.text, &options);
    let place = tree::Place {
        site,
        key,
        base,
        file: site.folder.shown_file(&page.file),
        lines: &prepared.lines,
        skipped,
        suggests: purpose != For::Search,
    };
    let mut found = tree::walk(&arena, root, &place);
    for (path, line) in &prepared.missing {
        let path = model::quoted(path);
        let problem = Diagnostic::error(
            "docs-snippet",
            format!("`--8<--` names {path}, which does not exist"),
        );
        found.problems.push(
            problem
                .in_file(&place.file)
                .at(Mark::new(line + skipped, 1))
                .accepting("the path of a text file, from the folder of mkdocs.yml")
                .fixed_by("correct the path, or take the line out"),
        );
    }
    let parts = if purpose == For::Readers {
        let html = formatted(root, &options, &found.headings);
        parts(&clean::clean(&formatting::plain(&html)), &found.codes)
    } else {
        Vec::new()
    };
    Rendered {
        parts,
        headings: found.headings,
        problems: found.problems,
        sections: found.sections,
        links: found.links,
        anchors: found.anchors,
        weight: prepared.text.len(),
    }
}

fn formatted(root: comrak::Node<'_>, options: &Options<'_>, headings: &[Heading]) -> String {
    let adapter = Headings {
        headings,
        at: AtomicUsize::new(0),
    };
    let mut plugins = Plugins::default();
    plugins.render.heading_adapter = Some(&adapter);
    let mut html = String::new();
    match comrak::format_html_with_plugins(root, options, &mut html, &plugins) {
        Ok(()) => html,
        // Writing into a string cannot fail.
        Err(fmt::Error) => String::new(),
    }
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    let extension = &mut options.extension;
    extension.strikethrough = true;
    extension.table = true;
    extension.autolink = true;
    extension.tasklist = true;
    extension.footnotes = true;
    extension.description_lists = true;
    extension.alerts = true;
    extension.shortcodes = true;
    extension.highlight = true;
    // `**굵게**입니다`: Korean particles follow without a space.
    extension.cjk_friendly_emphasis = true;
    extension.header_attributes = true;
    extension.link_attributes = true;
    // Cleaned afterwards, as a whole.
    options.render.r#unsafe = true;
    options
}

/// The cleaned markup, cut where code blocks stand.
fn parts(html: &str, codes: &[Part]) -> Vec<Part> {
    let html = html
        .replace(
            "<table>",
            "<div class=\"table-wrap\" tabindex=\"0\"><table class=\"table\">",
        )
        .replace("</table>", "</table></div>");
    let mut parts = Vec::new();
    let mut rest = html.as_str();
    while let Some((before, after)) = rest.split_once(OPEN) {
        let (number, after) = after.split_once(CLOSE).unwrap_or(("", after));
        if !before.trim().is_empty() {
            parts.push(Part::Html(before.to_owned()));
        }
        let code = number
            .parse::<usize>()
            .ok()
            .and_then(|number| codes.get(number));
        parts.extend(code.cloned());
        rest = after;
    }
    if !rest.trim().is_empty() {
        parts.push(Part::Html(rest.to_owned()));
    }
    parts
}

/// Gives headings their names, in order.
struct Headings<'h> {
    headings: &'h [Heading],
    at: AtomicUsize,
}

impl HeadingAdapter for Headings<'_> {
    fn enter(
        &self,
        output: &mut dyn fmt::Write,
        heading: &HeadingMeta,
        _place: Option<Sourcepos>,
    ) -> fmt::Result {
        let at = self.at.fetch_add(1, Ordering::Relaxed);
        let id = self.headings.get(at).map_or("", |heading| &heading.id);
        write!(output, "<h{} id=\"{}\">", heading.level, quoted(id))
    }

    fn exit(&self, output: &mut dyn fmt::Write, heading: &HeadingMeta) -> fmt::Result {
        let at = self.at.load(Ordering::Relaxed).saturating_sub(1);
        if let Some(own) = self.headings.get(at).filter(|own| own.level > 1) {
            let (id, text) = (quoted(&own.id), quoted(&own.text));
            write!(
                output,
                "<a class=\"anchor\" href=\"#{id}\" aria-label=\"# {text}\">#</a>"
            )?;
        }
        writeln!(output, "</h{}>", heading.level)
    }
}

fn quoted(text: &str) -> String {
    blocks::escape(text).replace('"', "&quot;")
}

/// How many lines the front matter has, and the text after it.
fn without_front(text: &str) -> (u32, &str) {
    let front = text.strip_prefix("---\n").and_then(|rest| {
        let end = rest
            .find("\n---\n")
            .or_else(|| rest.strip_suffix("\n---").map(str::len))?;
        let after = rest.get(end + 5..).unwrap_or_default();
        let is_mapping = rest.get(..end)?.lines().next()?.contains(':');
        (end < MAX_FRONT && is_mapping).then_some((rest.get(..end)?, after))
    });
    match front {
        Some((front, after)) => {
            let lines = u32::try_from(front.lines().count()).unwrap_or(0);
            (lines + 2, after)
        }
        None => (0, text),
    }
}

/// A page's own title: `title` of its front matter, else its first heading of
/// the first level.
pub(crate) fn title_of(text: &str) -> Option<String> {
    let (front, body) = without_front(text);
    let lines = text.lines().take(usize::try_from(front).unwrap_or(0));
    let named = lines
        .filter_map(|line| line.strip_prefix("title:"))
        .map(|title| title.trim().trim_matches(['"', '\'']).to_owned())
        .find(|title| !title.is_empty());
    named.or_else(|| first_heading(body))
}

fn first_heading(body: &str) -> Option<String> {
    // Only the beginning is parsed: a page's title stands at its top.
    let beginning: String = body.lines().take(200).collect::<Vec<_>>().join("\n");
    let prepared = blocks::prepare(&beginning, &HashMap::new());
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, &prepared.text, &options());
    tree::first_title(root)
}
