//! The tree of a page: headings get names, links get addresses, code blocks
//! are taken out, texts are collected for search.

use std::collections::HashSet;

use comrak::nodes::{AlertType, AstNode, NodeHtmlBlock, NodeLink, NodeList, NodeValue};
use comrak::{Arena, Node};
use model::diagnostic::Diagnostic;
use model::yaml::Mark;
use platform::request::encode;

use super::slug::Slugs;
use super::{AnchorUse, CLOSE, Heading, OPEN, Part, Section, blocks};
use crate::site::{Site, Target};

/// Characters of one section that are searched.
const MAX_SECTION: usize = 20_000;
/// Problems of one page.
const MAX_PROBLEMS: usize = 50;
/// Tags of a page's own HTML; the rest is text. Some questions of its parser
/// go through everything that is open.
const MAX_TAGS: usize = 20_000;
/// Dead links for which the page that was meant is looked for: each is
/// compared with all names of the site.
const MAX_NEAR: usize = 10;
/// Characters of a heading.
const MAX_HEADING: usize = 300;

/// Which page it is.
pub(super) struct Place<'a> {
    pub(super) site: &'a Site,
    pub(super) key: &'a str,
    pub(super) base: &'a str,
    /// How people name its file.
    pub(super) file: String,
    /// Lines of the page for the lines of the prepared text.
    pub(super) lines: &'a [u32],
    /// Lines before that: the front matter.
    pub(super) skipped: u32,
    /// Whether somebody reads what could be meant by a dead link.
    pub(super) suggests: bool,
}

#[derive(Default)]
pub(super) struct Found {
    pub(super) headings: Vec<Heading>,
    pub(super) codes: Vec<Part>,
    pub(super) problems: Vec<Diagnostic>,
    pub(super) sections: Vec<Section>,
    pub(super) links: Vec<AnchorUse>,
    pub(super) anchors: Vec<String>,
}

/// Changes the tree in place and says what is in it.
pub(super) fn walk<'a>(arena: &'a Arena<'a>, root: Node<'a>, place: &Place<'_>) -> Found {
    let mut walker = Walker {
        arena,
        place,
        found: Found::default(),
        slugs: Slugs::new(),
        here: Vec::new(),
        suggested: 0,
        tags: 0,
    };
    let nodes: Vec<Node<'a>> = root.descendants().collect();
    // Texts first: later steps move nodes about.
    walker.headings(&nodes);
    walker.sections(&nodes);
    for node in nodes {
        walker.node(node);
    }
    walker.same_page();
    walker.found
}

/// The text of the first heading of the first level.
pub(super) fn first_title(root: Node<'_>) -> Option<String> {
    let first = root.children().find(
        |node| matches!(&node.data().value, NodeValue::Heading(heading) if heading.level == 1),
    );
    first
        .map(|node| text_of(node, MAX_HEADING))
        .filter(|text| !text.is_empty())
}

struct Walker<'a, 'p> {
    arena: &'a Arena<'a>,
    place: &'p Place<'p>,
    found: Found,
    slugs: Slugs,
    /// Links to places of this page.
    here: Vec<(String, Mark)>,
    /// Dead links for which others were suggested.
    suggested: usize,
    /// Tags of the page's own HTML so far.
    tags: usize,
}

impl<'a> Walker<'a, '_> {
    fn mark(&self, node: Node<'a>) -> Mark {
        let start = node.data().sourcepos.start;
        let line = start
            .line
            .checked_sub(1)
            .and_then(|at| self.place.lines.get(at));
        let line = line.copied().unwrap_or(1) + self.place.skipped;
        Mark::new(line, u32::try_from(start.column).unwrap_or(1).max(1))
    }

    fn new_node(&self, value: NodeValue) -> Node<'a> {
        self.arena.alloc(AstNode::from(value))
    }

    fn html(&self, text: String) -> Node<'a> {
        self.new_node(NodeValue::HtmlInline(text))
    }

    fn block(&self, literal: String) -> Node<'a> {
        self.new_node(NodeValue::HtmlBlock(NodeHtmlBlock {
            block_type: 6,
            literal,
        }))
    }

    fn headings(&mut self, nodes: &[Node<'a>]) {
        for node in nodes {
            let level = match &node.data().value {
                NodeValue::Heading(heading) => heading.level,
                _ => continue,
            };
            let own = node
                .data()
                .attrs
                .as_ref()
                .and_then(|attrs| attrs.id.clone());
            let text = text_of(node, MAX_HEADING);
            let id = match own.filter(|id| !id.contains(char::is_whitespace)) {
                Some(id) => self.slugs.unique(id),
                None => self.slugs.name(&text),
            };
            self.found.anchors.push(id.clone());
            self.found.headings.push(Heading { level, id, text });
        }
    }

    fn sections(&mut self, nodes: &[Node<'a>]) {
        let mut sections = vec![Section::default()];
        let mut headings = self.found.headings.iter();
        let mut inside_heading = 0;
        for node in nodes {
            let data = node.data();
            let add = match &data.value {
                NodeValue::Heading(_) => {
                    if let Some(heading) = headings.next() {
                        sections.push(Section {
                            id: heading.id.clone(),
                            title: heading.text.clone(),
                            text: String::new(),
                        });
                    }
                    inside_heading = node.descendants().count();
                    ""
                }
                NodeValue::Text(text) => text.as_ref(),
                NodeValue::Code(code) => code.literal.as_str(),
                NodeValue::CodeBlock(code) => code.literal.as_str(),
                NodeValue::SoftBreak | NodeValue::LineBreak => " ",
                _ => "",
            };
            // The title has it already.
            if inside_heading > 0 {
                inside_heading -= 1;
                continue;
            }
            let Some(section) = sections.last_mut() else {
                continue;
            };
            let is_block = data.value.block();
            if section.text.len() + add.len() > MAX_SECTION {
                continue;
            }
            if is_block && !section.text.ends_with('\n') {
                section.text.push('\n');
            }
            section.text.push_str(add);
        }
        for section in &mut sections {
            section.text = section.text.trim().to_owned();
        }
        sections.retain(|section| !section.title.is_empty() || !section.text.is_empty());
        self.found.sections = sections;
    }

    fn node(&mut self, node: Node<'a>) {
        let value = std::mem::replace(&mut node.data_mut().value, NodeValue::Document);
        let value = match value {
            NodeValue::CodeBlock(code) => self.code(&code.info, code.literal),
            NodeValue::Link(link) => self.link(node, *link),
            NodeValue::Image(link) => self.image(node, *link),
            NodeValue::TaskItem(task) => self.task(node, task.symbol.is_some()),
            NodeValue::HtmlBlock(mut html) => {
                let mark = self.mark(node);
                html.literal = self.raw(&html.literal, mark);
                NodeValue::HtmlBlock(html)
            }
            NodeValue::HtmlInline(html) => {
                let mark = self.mark(node);
                NodeValue::HtmlInline(self.raw(&html, mark))
            }
            NodeValue::Alert(alert) => {
                let title = alert
                    .title
                    .clone()
                    .unwrap_or_else(|| alert.alert_type.default_title().to_owned());
                self.alert(node, alert.alert_type, &title);
                // Its children stand before it now.
                NodeValue::HtmlBlock(NodeHtmlBlock {
                    block_type: 6,
                    literal: "</div>\n".to_owned(),
                })
            }
            other => other,
        };
        node.data_mut().value = value;
    }

    fn code(&mut self, info: &str, text: String) -> NodeValue {
        let number = self.found.codes.len();
        let language = info
            .trim_start_matches(['{', '.'])
            .split([' ', '}', ','])
            .next()
            .unwrap_or_default();
        let language = if language.contains('=') { "" } else { language };
        let title = info
            .split_once("title=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map(|(title, _)| title);
        self.found.codes.push(Part::Code {
            caption: title.unwrap_or(language).chars().take(200).collect(),
            language: language.chars().take(40).collect(),
            text,
        });
        NodeValue::HtmlBlock(NodeHtmlBlock {
            block_type: 6,
            literal: format!("{OPEN}{number}{CLOSE}\n"),
        })
    }

    /// The address of a target; nothing where there is none.
    fn href(&mut self, target: Target, mark: Mark, link: &str) -> Option<String> {
        let site = self.place.site;
        match target {
            Target::Elsewhere(href) => Some(href),
            Target::Here { anchor } => {
                self.here.push((anchor.clone(), mark));
                Some(format!("#{anchor}"))
            }
            Target::Asset { key } => Some(format!("{}/{}", self.place.base, path(&key))),
            Target::Page { key, anchor } => {
                let page = site.pages.get(&key)?;
                let mut href = format!("{}/{}", self.place.base, path(&page.url));
                if !anchor.is_empty() {
                    href.push('#');
                    href.push_str(&anchor);
                    self.found.links.push(AnchorUse { key, anchor, mark });
                }
                Some(href)
            }
            Target::Missing { path } => {
                self.missing(link, &path, mark);
                None
            }
        }
    }

    fn missing(&mut self, link: &str, path: &str, mark: Mark) {
        if self.found.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let near = if self.suggested < MAX_NEAR && self.place.suggests {
            self.place.site.near(path)
        } else {
            Vec::new()
        };
        self.suggested += 1;
        let shown = model::quoted(link);
        let problem = Diagnostic::warning(
            "docs-link",
            format!(
                "the link to {shown} leads nowhere: there is no {}",
                model::quoted(path)
            ),
        )
        .accepting("the path of a page or file, from the folder of this page");
        let problem = if near.is_empty() {
            problem.fixed_by("correct the path, or add the page")
        } else {
            problem.fixed_by(format!("perhaps it is {}", near.join(" or ")))
        };
        self.problem(problem, mark);
    }

    fn problem(&mut self, problem: Diagnostic, mark: Mark) {
        if self.found.problems.len() < MAX_PROBLEMS {
            self.found
                .problems
                .push(problem.in_file(&self.place.file).at(mark));
        }
    }

    fn link(&mut self, node: Node<'a>, mut link: NodeLink) -> NodeValue {
        let target = self.place.site.resolve(self.place.key, &link.url);
        let mark = self.mark(node);
        match self.href(target, mark, &link.url.clone()) {
            Some(href) => {
                link.url = href;
                NodeValue::Link(Box::new(link))
            }
            None => {
                // What it is called stays readable; that it leads nowhere is seen.
                node.prepend(self.html("<span class=\"doc-missing\">".to_owned()));
                node.append(self.html("</span>".to_owned()));
                NodeValue::Escaped
            }
        }
    }

    fn image(&mut self, node: Node<'a>, mut link: NodeLink) -> NodeValue {
        let target = self.place.site.resolve(self.place.key, &link.url);
        let mark = self.mark(node);
        let elsewhere = matches!(target, Target::Elsewhere(_));
        match self.href(target, mark, &link.url.clone()) {
            // Pages load nothing from elsewhere.
            Some(href) if elsewhere => {
                if node.first_child().is_none() {
                    node.append(self.new_node(NodeValue::Text(href.clone().into())));
                }
                link.url = href;
                NodeValue::Link(Box::new(link))
            }
            Some(href) => {
                link.url = href;
                NodeValue::Image(Box::new(link))
            }
            None => {
                node.prepend(self.html("<span class=\"doc-missing\">".to_owned()));
                node.append(self.html("</span>".to_owned()));
                NodeValue::Escaped
            }
        }
    }

    /// A box that nobody can tick is a sign, not a field.
    fn task(&mut self, node: Node<'a>, done: bool) -> NodeValue {
        let sign = if done { "\u{2611} " } else { "\u{2610} " };
        let sign = self.new_node(NodeValue::Text(sign.into()));
        match node.first_child() {
            Some(first) if matches!(first.data().value, NodeValue::Paragraph) => {
                first.prepend(sign);
            }
            _ => {
                let paragraph = self.new_node(NodeValue::Paragraph);
                paragraph.append(sign);
                node.prepend(paragraph);
            }
        }
        let list = node.parent().and_then(|parent| match &parent.data().value {
            NodeValue::List(list) => Some(*list),
            _ => None,
        });
        NodeValue::Item(list.unwrap_or_else(NodeList::default))
    }

    fn alert(&mut self, node: Node<'a>, kind: AlertType, title: &str) {
        let tone = blocks::tone(&kind.default_title().to_lowercase());
        let title = blocks::escape(title);
        node.insert_before(self.block(format!(
            "<div class=\"callout\" data-tone=\"{tone}\">\n<p class=\"callout-title\">{title}</p>\n"
        )));
        let children: Vec<Node<'a>> = node.children().collect();
        for child in children {
            node.insert_before(child);
        }
    }

    /// Addresses in HTML of the page mean the same as those in Markdown.
    fn raw(&mut self, html: &str, mark: Mark) -> String {
        let before = self.tags;
        self.tags += html.matches('<').count();
        if self.tags > MAX_TAGS {
            if before <= MAX_TAGS {
                let problem = Diagnostic::warning(
                    "docs-too-large",
                    format!("HTML behind the tag number {MAX_TAGS} of this page is shown as text"),
                );
                let problem = problem.accepting(format!("at most {MAX_TAGS} tags of HTML"));
                self.problem(problem.fixed_by("write Markdown, or split the page"), mark);
            }
            return blocks::escape(html);
        }
        let mut out = String::with_capacity(html.len());
        let mut rest = html;
        while let Some((before, quote, value, after)) = next_address(rest) {
            out.push_str(before);
            let target = self.place.site.resolve(self.place.key, value);
            let new = match &target {
                Target::Asset { .. } | Target::Page { .. } => self.href(target, mark, value),
                _ => None,
            };
            let new = new.map(|href| href.replace(['"', '\'', '<', '>'], ""));
            out.push_str(new.as_deref().unwrap_or(value));
            out.push(quote);
            rest = after;
        }
        out.push_str(rest);
        for (name, _) in out.match_indices("id=\"") {
            let id = out.get(name + 4..).and_then(|rest| rest.split('"').next());
            self.found.anchors.extend(id.map(str::to_owned));
        }
        out
    }

    /// Links to places of this page that do not exist.
    fn same_page(&mut self) {
        let here = std::mem::take(&mut self.here);
        let anchors = std::mem::take(&mut self.found.anchors);
        let own: HashSet<&str> = anchors.iter().map(String::as_str).collect();
        for (anchor, mark) in here {
            if self.found.problems.len() >= MAX_PROBLEMS {
                break;
            }
            let decoded = percent_encoding::percent_decode_str(&anchor).decode_utf8_lossy();
            let known = own.contains(&*decoded);
            let is_footnote = decoded.starts_with("fn");
            if known || is_footnote || decoded.is_empty() || decoded == "top" {
                continue;
            }
            let looked_for = self.suggested < MAX_NEAR && self.place.suggests;
            self.suggested += 1;
            let names = anchors.iter().filter(|_| looked_for).map(String::as_str);
            let near = model::nearest(&decoded, names);
            let fix = match near {
                Some(near) => format!("perhaps it is #{near}"),
                None => "correct the name, or name a heading with `{#name}`".to_owned(),
            };
            let problem = Diagnostic::warning(
                "docs-anchor",
                format!("#{} is no heading of this page", model::quoted(&decoded)),
            )
            .accepting("the name of a heading")
            .fixed_by(fix);
            self.problem(problem, mark);
        }
        self.found.anchors = anchors;
    }
}

/// The text before the value of the next `src` or `href`, its quote, the value
/// and what follows.
fn next_address(html: &str) -> Option<(&str, char, &str, &str)> {
    // One look from the left: a search for each form would go to the end for
    // those that do not come any more.
    let (at, quote) = html.match_indices('=').find_map(|(at, _)| {
        let (name, value) = html.split_at_checked(at)?;
        let quote = value.chars().nth(1).filter(|c| matches!(c, '"' | '\''))?;
        let names = ["src", "href"];
        let is_address = names.iter().any(|end| name.ends_with(end));
        is_address.then_some((at, quote))
    })?;
    let (before, rest) = html.split_at_checked(at + 2)?;
    let (value, after) = rest.split_once(quote)?;
    Some((before, quote, value, after))
}

/// A path of an address, its steps encoded.
pub(crate) fn path(path: &str) -> String {
    path.split('/').map(encode).collect::<Vec<_>>().join("/")
}

fn text_of(node: Node<'_>, most: usize) -> String {
    let mut text = String::new();
    for node in node.descendants() {
        match &node.data().value {
            NodeValue::Text(part) => text.push_str(part),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::ShortCode(code) => text.push_str(&code.emoji),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
        if text.len() > most * 4 {
            break;
        }
    }
    text.trim().chars().take(most).collect()
}
