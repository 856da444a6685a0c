//! `mkdocs.yml`, read as TechDocs reads it: the keys that say what the site
//! is, nothing that could run code.
//!
//! Python and environment tags are read as the text that they stand before.
//! Keys and plugins outside of TechDocs' own list are left out with a remark.

use globset::{GlobBuilder, GlobMatcher};
use model::diagnostic::Diagnostic;
use model::yaml::{self, Limits, Mark, Node, NodeValue};
use platform::inside;

/// Sections within sections.
const MAX_NAV_DEPTH: usize = 16;
/// Entries of a navigation.
const MAX_NAV: usize = 10_000;
/// Patterns of `exclude_docs` and `not_in_nav`.
const MAX_PATTERNS: usize = 200;
/// Bytes of one pattern.
const MAX_PATTERN: usize = 1_024;
/// Remarks on one file.
const MAX_PROBLEMS: usize = 50;

/// What TechDocs keeps of an mkdocs.yml; the rest is left out.
const KEYS: [&str; 27] = [
    "site_name",
    "site_url",
    "site_description",
    "site_author",
    "repo_url",
    "repo_name",
    "edit_uri",
    "edit_uri_template",
    "docs_dir",
    "site_dir",
    "nav",
    "exclude_docs",
    "not_in_nav",
    "theme",
    "plugins",
    "markdown_extensions",
    "extra",
    "extra_css",
    "use_directory_urls",
    "strict",
    "dev_addr",
    "watch",
    "copyright",
    "remote_branch",
    "remote_name",
    "validation",
    "google_analytics",
];
/// Plugins that are known to do nothing here that a reader would miss.
const PLUGINS: [&str; 8] = [
    "techdocs-core",
    "search",
    "material/search",
    "redirects",
    "group",
    "material/group",
    "monorepo",
    "gh-admonitions",
];

/// One line of `nav`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NavEntry {
    /// A page, from `docs_dir`.
    Page {
        title: Option<String>,
        path: String,
        mark: Mark,
    },
    /// An address elsewhere.
    Link { title: Option<String>, href: String },
    /// A heading with what is below it.
    Section { title: String, items: Vec<NavEntry> },
    /// `!include ./other/mkdocs.yml` (the plugin monorepo).
    Include {
        title: String,
        path: String,
        mark: Mark,
    },
}

/// What an mkdocs.yml says.
#[derive(Clone, Debug, Default)]
pub(crate) struct MkDocs {
    pub(crate) site_name: Option<String>,
    pub(crate) site_description: Option<String>,
    /// Plain and relative, without a slash at its end; empty for the folder
    /// of the file.
    pub(crate) docs_dir: String,
    pub(crate) nav: Option<Vec<NavEntry>>,
    pub(crate) repo_url: Option<String>,
    pub(crate) edit_uri: Option<String>,
    /// `use_directory_urls: false` names pages `setup.html`.
    pub(crate) file_urls: bool,
    pub(crate) excluded: Patterns,
    pub(crate) not_in_nav: Patterns,
    /// Old page to new page or address.
    pub(crate) redirects: Vec<(String, String)>,
    pub(crate) problems: Vec<Diagnostic>,
}

impl MkDocs {
    /// What holds without a file.
    pub(crate) fn generated(name: &str) -> Self {
        Self {
            site_name: Some(name.to_owned()),
            docs_dir: "docs".to_owned(),
            ..Self::default()
        }
    }

    /// Reads a file. What cannot be read is a problem with its place.
    ///
    /// # Errors
    /// When nothing can be made of it: it is not YAML, not a mapping, or its
    /// `docs_dir` lies outside.
    pub(crate) fn read(file: &str, text: &[u8]) -> Result<Self, Vec<Diagnostic>> {
        let limits = Limits {
            max_bytes: 1024 * 1024,
            max_nodes: 50_000,
            ..Limits::default()
        };
        let root = yaml::parse_value(file, text, &limits)?;
        let mut reader = Reader {
            file,
            lines: String::from_utf8_lossy(text)
                .lines()
                .map(str::to_owned)
                .collect(),
            found: Self {
                docs_dir: "docs".to_owned(),
                ..Self::default()
            },
            nav_entries: 0,
        };
        match root {
            // As mkdocs, which says that site_name is missing; a site needs no more than a name.
            None => {}
            Some(root) if matches!(root.value, NodeValue::Mapping(_)) => reader.root(&root)?,
            Some(root) => {
                return Err(vec![
                    Diagnostic::error(
                        "docs-config",
                        format!("mkdocs.yml holds {}, not a mapping", root.type_name()),
                    )
                    .in_file(file)
                    .at(root.mark)
                    .accepting("lines such as `site_name: Order service` and `nav:`")
                    .fixed_by("write `site_name: …` at the beginning of a line"),
                ]);
            }
        }
        Ok(reader.found)
    }
}

struct Reader<'a> {
    file: &'a str,
    lines: Vec<String>,
    found: MkDocs,
    nav_entries: usize,
}

impl Reader<'_> {
    fn root(&mut self, root: &Node) -> Result<(), Vec<Diagnostic>> {
        self.found.site_name = self.text(root, "site_name");
        self.found.site_description = self.text(root, "site_description");
        self.found.repo_url = self.text(root, "repo_url");
        self.found.edit_uri = self.text(root, "edit_uri");
        self.found.file_urls = matches!(
            root.get("use_directory_urls").map(|node| &node.value),
            Some(NodeValue::Bool(false))
        );
        if let Some(node) = root.get("docs_dir") {
            self.found.docs_dir = self.docs_dir(node)?;
        }
        self.found.excluded = self.patterns(root, "exclude_docs");
        self.found.not_in_nav = self.patterns(root, "not_in_nav");
        if let Some(nav) = root.get("nav") {
            self.found.nav = self.nav(nav);
        }
        if let Some(plugins) = root.get("plugins") {
            self.plugins(plugins, 0);
        }
        if let NodeValue::Mapping(entries) = &root.value {
            let unknown = entries
                .iter()
                .filter(|entry| !KEYS.contains(&entry.key.as_str()));
            for entry in unknown.take(MAX_PROBLEMS) {
                let key = model::quoted(&entry.key);
                let remark = if entry.key == "INHERIT" {
                    Diagnostic::warning("docs-key", "`INHERIT` is not followed")
                        .fixed_by("write what the other file says into this one")
                } else {
                    Diagnostic::warning("docs-key", format!("`{key}` is not used"))
                        .accepting("the keys of mkdocs that say what a site is: site_name, site_description, nav, docs_dir, exclude_docs, not_in_nav, repo_url, edit_uri")
                        .fixed_by("take it out, or leave it for other programs")
                };
                self.remark(remark, entry.key_mark);
            }
        }
        Ok(())
    }

    fn remark(&mut self, remark: Diagnostic, mark: Mark) {
        if self.found.problems.len() < MAX_PROBLEMS {
            self.found.problems.push(remark.in_file(self.file).at(mark));
        }
    }

    /// A text. `!ENV [NAME, …, default]` gives its default: the variables of
    /// the server are nobody's business.
    fn text(&mut self, root: &Node, key: &str) -> Option<String> {
        let entry = root.entry(key)?;
        let node = &entry.value;
        let line = usize::try_from(entry.key_mark.line).unwrap_or(0);
        let from_environment = line
            .checked_sub(1)
            .and_then(|line| self.lines.get(line))
            .is_some_and(|line| line.contains("!ENV"));
        let found = match &node.value {
            NodeValue::Null => None,
            NodeValue::String(_) if from_environment => None,
            NodeValue::String(text) => Some(text.clone()),
            NodeValue::Number(number) => Some(number.to_string()),
            NodeValue::Bool(truth) => Some(truth.to_string()),
            NodeValue::Sequence(items) if from_environment && items.len() > 1 => {
                items.last().and_then(Node::as_str).map(str::to_owned)
            }
            NodeValue::Sequence(_) if from_environment => None,
            NodeValue::Sequence(_) | NodeValue::Mapping(_) => {
                let problem = Diagnostic::error(
                    "docs-config",
                    format!("`{key}` is {}, not a text", node.type_name()),
                )
                .accepting("a text")
                .fixed_by(format!("write `{key}: \"…\"`"));
                self.remark(problem, node.mark);
                None
            }
        };
        found
            .map(|text| text.trim().chars().take(500).collect::<String>())
            .filter(|text| !text.is_empty())
    }

    fn docs_dir(&self, node: &Node) -> Result<String, Vec<Diagnostic>> {
        let refuse = |why: String| {
            vec![
                Diagnostic::error("docs-dir", why)
                    .in_file(self.file)
                    .at(node.mark)
                    .accepting(
                        "a folder below the one of mkdocs.yml, such as `docs` or `handbook/pages`",
                    )
                    .fixed_by("write `docs_dir: docs`, or leave it out"),
            ]
        };
        let Some(text) = node.as_str() else {
            return Err(refuse(format!(
                "`docs_dir` is {}, not a text",
                node.type_name()
            )));
        };
        plain_path(text).ok_or_else(|| {
            refuse(format!(
                "`docs_dir: {}` leads out of the folder of mkdocs.yml",
                model::quoted(text)
            ))
        })
    }

    fn patterns(&mut self, root: &Node, key: &str) -> Patterns {
        let Some(text) = root.get(key).and_then(Node::as_str) else {
            return Patterns::default();
        };
        Patterns::parse(text)
    }

    fn nav(&mut self, node: &Node) -> Option<Vec<NavEntry>> {
        match &node.value {
            NodeValue::Sequence(items) => Some(self.items(items, 0)),
            NodeValue::Null => None,
            _ => {
                let problem = Diagnostic::error(
                    "docs-nav",
                    format!("`nav` is {}, not a list", node.type_name()),
                )
                .accepting("a list whose lines are `- Title: page.md`")
                .fixed_by("write `- ` before each page");
                self.remark(problem, node.mark);
                None
            }
        }
    }

    fn items(&mut self, items: &[Node], depth: usize) -> Vec<NavEntry> {
        let mut found = Vec::new();
        for item in items {
            self.nav_entries += 1;
            if self.nav_entries > MAX_NAV || depth > MAX_NAV_DEPTH {
                let problem = Diagnostic::error("docs-nav", "the rest of `nav` is left out")
                    .accepting(format!("{MAX_NAV} entries, {MAX_NAV_DEPTH} levels"))
                    .fixed_by(
                        "take pages out, or leave `nav` away: it is then made from the folder",
                    );
                self.remark(problem, item.mark);
                break;
            }
            match &item.value {
                NodeValue::String(text) => found.push(target(None, text, item.mark)),
                NodeValue::Mapping(entries) => {
                    for entry in entries {
                        let made = self.entry(&entry.key, &entry.value, depth);
                        found.extend(made);
                    }
                }
                _ => self.bad_entry(item),
            }
        }
        found
    }

    fn entry(&mut self, title: &str, node: &Node, depth: usize) -> Option<NavEntry> {
        let title = title.to_owned();
        match &node.value {
            NodeValue::String(text) => Some(target(Some(title), text, node.mark)),
            NodeValue::Sequence(items) => Some(NavEntry::Section {
                items: self.items(items, depth + 1),
                title,
            }),
            _ => {
                self.bad_entry(node);
                None
            }
        }
    }

    fn bad_entry(&mut self, node: &Node) {
        let problem = Diagnostic::error(
            "docs-nav",
            format!("an entry of `nav` is {}", node.type_name()),
        )
        .accepting("`- page.md`, `- Title: page.md`, `- Title: https://…` or `- Title:` with a list below it")
        .fixed_by("name a page after the title, or take the entry out");
        self.remark(problem, node.mark);
    }

    fn plugins(&mut self, node: &Node, depth: usize) {
        if depth > 4 {
            return;
        }
        let items: Vec<(String, Mark, Option<&Node>)> = match &node.value {
            NodeValue::Sequence(items) => items
                .iter()
                .flat_map(|item| match &item.value {
                    NodeValue::String(name) => vec![(name.clone(), item.mark, None)],
                    NodeValue::Mapping(entries) => entries
                        .iter()
                        .map(|entry| (entry.key.clone(), entry.key_mark, Some(&entry.value)))
                        .collect(),
                    _ => Vec::new(),
                })
                .collect(),
            NodeValue::Mapping(entries) => entries
                .iter()
                .map(|entry| (entry.key.clone(), entry.key_mark, Some(&entry.value)))
                .collect(),
            _ => Vec::new(),
        };
        for (name, mark, options) in items {
            if name == "redirects" {
                self.redirects(options);
            }
            if name.ends_with("group")
                && let Some(inner) = options.and_then(|options| options.get("plugins"))
            {
                self.plugins(inner, depth + 1);
            }
            if !PLUGINS.contains(&name.as_str()) {
                let remark = Diagnostic::warning(
                    "docs-plugin",
                    format!("the plugin `{}` is not run", model::quoted(&name)),
                )
                .accepting(PLUGINS.join(", "))
                .fixed_by(
                    "nothing, if the pages are right without it; else write out what it would make",
                );
                self.remark(remark, mark);
            }
        }
    }

    fn redirects(&mut self, options: Option<&Node>) {
        let maps = options.and_then(|options| options.get("redirect_maps"));
        if let Some(NodeValue::Mapping(entries)) = maps.map(|node| &node.value) {
            let pairs = entries.iter().take(MAX_NAV);
            let pairs = pairs
                .filter_map(|entry| Some((entry.key.clone(), entry.value.as_str()?.to_owned())));
            self.found.redirects.extend(pairs);
        }
    }
}

fn target(title: Option<String>, text: &str, mark: Mark) -> NavEntry {
    let text = text.trim();
    if let Some(path) = text.strip_prefix("!include") {
        return NavEntry::Include {
            title: title.unwrap_or_default(),
            path: path.trim().to_owned(),
            mark,
        };
    }
    let elsewhere = text.contains("://") || text.starts_with("mailto:") || text.starts_with('/');
    if elsewhere {
        NavEntry::Link {
            title,
            href: text.to_owned(),
        }
    } else {
        NavEntry::Page {
            title,
            path: plain_path(text).unwrap_or_else(|| text.to_owned()),
            mark,
        }
    }
}

/// A relative path without `.`, `..` and empty steps; nothing where it is
/// absolute or leads out.
pub(crate) fn plain_path(text: &str) -> Option<String> {
    // A scheme is no path.
    (!text.contains(':')).then(|| inside::relative(text))?
}

/// Patterns in the form of `.gitignore`, as `exclude_docs` has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Patterns(Vec<(bool, Vec<GlobMatcher>)>);

impl Patterns {
    /// Reads one pattern for each line. Lines that are none are left out.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let lines = lines.filter(|line| line.len() <= MAX_PATTERN);
        Self(lines.take(MAX_PATTERNS).map(pattern).collect())
    }

    /// Whether the last line that fits takes the path in.
    pub(crate) fn hold(&self, path: &str) -> bool {
        let last = self.0.iter().rev();
        let mut fitting = last.filter(|(_, globs)| globs.iter().any(|glob| glob.is_match(path)));
        fitting.next().is_some_and(|(takes_in, _)| *takes_in)
    }
}

fn pattern(line: &str) -> (bool, Vec<GlobMatcher>) {
    let (takes_in, line) = line
        .strip_prefix('!')
        .map_or((true, line), |rest| (false, rest));
    let bare = line.trim_end_matches('/');
    // As in Git, a slash within ties the pattern to the top.
    let tied = bare.contains('/');
    let bare = bare.trim_start_matches('/');
    let base = if tied {
        bare.to_owned()
    } else {
        format!("**/{bare}")
    };
    let mut texts = vec![format!("{base}/**")];
    if !line.ends_with('/') {
        texts.push(base);
    }
    let globs = texts.iter().filter_map(|text| {
        let glob = GlobBuilder::new(text).literal_separator(true).build();
        Some(glob.ok()?.compile_matcher())
    });
    (takes_in, globs.collect())
}
