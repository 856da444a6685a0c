//! The navigation of a site: what mkdocs.yml says, or the folder in the order
//! of mkdocs.

use std::collections::{BTreeMap, HashSet};

use model::diagnostic::{Diagnostic, Severity};

use crate::load::Root;
use crate::mkdocs::NavEntry;
use crate::site::{Asset, NavItem, Page};

/// Pages outside of the navigation that are named one by one.
const MAX_UNLISTED: usize = 20;
/// Entries of the navigation with those of all sites that it takes in.
const MAX_ENTRIES: usize = 20_000;
/// Entries without a page that are named one by one.
const MAX_MISSING: usize = 200;
/// Entries without a page for which the one that was meant is looked for: each
/// is compared with all pages.
const MAX_NEAR: usize = 50;

/// Sites that are taken in by sites that are taken in.
const MAX_INCLUDED: usize = 4;

type Pages = BTreeMap<String, Page>;

/// The address of a page below the site's.
pub(crate) fn url_of(key: &str, file_urls: bool) -> String {
    let stem = key.rsplit_once('.').map_or(key, |(stem, _)| stem);
    let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let is_index = name == "index" || name.eq_ignore_ascii_case("readme");
    match (is_index, folder) {
        (true, "") => String::new(),
        (true, folder) => format!("{folder}/"),
        (false, _) if file_urls => format!("{stem}.html"),
        (false, _) => format!("{stem}/"),
    }
}

/// What a page without a title is called: its file's name, as mkdocs writes it.
pub(crate) fn title_of_file(key: &str) -> String {
    let stem = key.rsplit_once('.').map_or(key, |(stem, _)| stem);
    let name = stem.rsplit('/').next().unwrap_or(stem);
    if key == "index.md" || name.eq_ignore_ascii_case("readme") && !key.contains('/') {
        return "Home".to_owned();
    }
    spoken(name)
}

/// `getting-started` as `Getting started`.
fn spoken(name: &str) -> String {
    let text = name.replace(['-', '_'], " ");
    if text.to_lowercase() != text {
        return text;
    }
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => text,
    }
}

/// Makes the navigation; pages get the titles that it gives them. Answers with
/// the order of reading and what is wrong.
pub(crate) fn build(
    roots: &[Root],
    pages: &mut Pages,
    assets: &BTreeMap<String, Asset>,
    shown: &dyn Fn(&str) -> String,
) -> (Vec<NavItem>, Vec<String>, Vec<Diagnostic>) {
    let mut builder = Builder {
        roots,
        pages,
        assets,
        shown,
        problems: Vec::new(),
        order: Vec::new(),
        left: MAX_ENTRIES,
        taken: HashSet::new(),
    };
    let nav = match roots.first() {
        Some(root) => builder.root(root, 0),
        None => Vec::new(),
    };
    let Builder {
        order,
        mut problems,
        ..
    } = builder;
    let given = roots.first().filter(|root| root.config.nav.is_some());
    if let Some(root) = given {
        let file = root.file.as_deref().map(shown).unwrap_or_default();
        let unlisted = pages
            .iter()
            .filter(|(key, page)| !page.listed && !root.config.not_in_nav.hold(key));
        for (key, _) in unlisted.take(MAX_UNLISTED) {
            let remark = Diagnostic::new(
                Severity::Info,
                "docs-unlisted",
                format!("{key} is not in `nav`; only links lead to it"),
            );
            problems.push(
                remark
                    .in_file(&file)
                    .fixed_by("add it to `nav`, or name it in `not_in_nav`"),
            );
        }
    }
    (nav, order, problems)
}

struct Builder<'a> {
    roots: &'a [Root],
    pages: &'a mut Pages,
    assets: &'a BTreeMap<String, Asset>,
    shown: &'a dyn Fn(&str) -> String,
    problems: Vec<Diagnostic>,
    order: Vec<String>,
    /// Entries that may still be made.
    left: usize,
    /// Files of sites that were taken in.
    taken: HashSet<&'a str>,
}

impl<'a> Builder<'a> {
    fn root(&mut self, root: &'a Root, depth: usize) -> Vec<NavItem> {
        match &root.config.nav {
            Some(entries) => self.entries(root, entries, depth),
            None => self.folder_nav(root),
        }
    }

    fn entries(&mut self, root: &'a Root, entries: &'a [NavEntry], depth: usize) -> Vec<NavItem> {
        let mut items = Vec::new();
        for entry in entries {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            if self.left == 0 {
                self.full(root);
            }
            match entry {
                NavEntry::Page { title, path, mark } => {
                    items.push(self.page(root, title.as_deref(), path, *mark));
                }
                NavEntry::Link { title, href } => items.push(NavItem::Link {
                    title: title.clone().unwrap_or_else(|| href.clone()),
                    href: href.clone(),
                }),
                NavEntry::Section {
                    title,
                    items: below,
                } => items.push(NavItem::Section {
                    title: title.clone(),
                    items: self.entries(root, below, depth),
                }),
                NavEntry::Include { title, path, mark } => {
                    let below = self.included(root, path, *mark, depth);
                    items.extend(below.map(|items| NavItem::Section {
                        title: title.clone(),
                        items,
                    }));
                }
            }
        }
        items
    }

    /// The navigation of another site, in the one place that takes it in.
    fn included(
        &mut self,
        root: &'a Root,
        path: &str,
        mark: model::yaml::Mark,
        depth: usize,
    ) -> Option<Vec<NavItem>> {
        let whole = crate::mkdocs::plain_path(&format!("{}{path}", root.base))?;
        let mut others = self.roots.iter().skip(1);
        let other = others.find(|other| other.file.as_deref() == Some(whole.as_str()))?;
        if depth >= MAX_INCLUDED {
            return None;
        }
        if self.taken.insert(other.file.as_deref()?) {
            return Some(self.root(other, depth + 1));
        }
        let problem = Diagnostic::error(
            "docs-include",
            format!("`!include {}` is there more than once", model::quoted(path)),
        )
        .in_file(&root.file.as_deref().map(self.shown).unwrap_or_default())
        .at(mark)
        .accepting("each site once, in one place of the navigation")
        .fixed_by("take this entry out");
        self.problem(problem);
        None
    }

    fn full(&mut self, root: &Root) {
        let problem = Diagnostic::error("docs-nav", "the rest of `nav` is left out")
            .in_file(&root.file.as_deref().map(self.shown).unwrap_or_default())
            .accepting(format!(
                "{MAX_ENTRIES} entries, those of sites that are taken in included"
            ))
            .fixed_by("take pages out, or leave `nav` away: it is then made from the folder");
        self.problems.push(problem);
    }

    fn problem(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_MISSING {
            self.problems.push(problem);
        }
    }

    fn page(
        &mut self,
        root: &Root,
        title: Option<&str>,
        path: &str,
        mark: model::yaml::Mark,
    ) -> NavItem {
        let key = format!("{}{path}", root.alias);
        // The README that stands in for it.
        let stands_in = path == "README.md" && !self.pages.contains_key(&key);
        let key = if stands_in {
            format!("{}index.md", root.alias)
        } else {
            key
        };
        if let Some(page) = self.pages.get_mut(&key) {
            if let Some(title) = title {
                page.title = title.to_owned();
            }
            page.listed = true;
            let title = page.title.clone();
            self.order.push(key.clone());
            return NavItem::Page {
                title,
                key,
                missing: false,
            };
        }
        if self.assets.contains_key(&key) {
            return NavItem::Page {
                title: title.unwrap_or(path).to_owned(),
                key,
                missing: false,
            };
        }
        let looked_for = self.problems.len() < MAX_NEAR;
        let names = self.pages.keys().filter(|_| looked_for);
        let near = model::nearest(&key, names.map(String::as_str));
        let mut problem = Diagnostic::error(
            "docs-nav-missing",
            format!("`nav` names {}, which does not exist", model::quoted(path)),
        )
        .in_file(&root.file.as_deref().map(self.shown).unwrap_or_default())
        .at(mark)
        .accepting(format!("a file below `{}`", root.config.docs_dir));
        problem = match near {
            Some(near) => problem.fixed_by(format!("write {near}")),
            None => problem.fixed_by(format!(
                "create {}/{path}, or take the entry out",
                root.config.docs_dir
            )),
        };
        self.problem(problem);
        NavItem::Page {
            title: title.map_or_else(|| title_of_file(path), str::to_owned),
            key,
            missing: true,
        }
    }

    /// As mkdocs: the index first, then files by name, then folders.
    fn folder_nav(&mut self, root: &Root) -> Vec<NavItem> {
        let mut tree = Folder::default();
        let keys: Vec<String> = self
            .pages
            .keys()
            .filter(|key| key.starts_with(&root.alias))
            // What others brought has an entry of its own.
            .filter(|key| {
                !self.roots.iter().skip(1).any(|other| {
                    other.alias.len() > root.alias.len() && key.starts_with(&other.alias)
                })
            })
            .cloned()
            .collect();
        for key in keys {
            let path = key.strip_prefix(&root.alias).unwrap_or(&key).to_owned();
            tree.put(&path, key);
        }
        self.folder_items(tree)
    }

    fn folder_items(&mut self, folder: Folder) -> Vec<NavItem> {
        let mut files = folder.files;
        files.sort_by_key(|(name, _)| {
            let stem = name
                .rsplit_once('.')
                .map_or(name.as_str(), |(stem, _)| stem);
            let is_index = stem == "index" || stem.eq_ignore_ascii_case("readme");
            (!is_index, name.clone())
        });
        let mut items = Vec::new();
        for (_, key) in files {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            if let Some(page) = self.pages.get_mut(&key) {
                page.listed = true;
                self.order.push(key.clone());
                items.push(NavItem::Page {
                    title: page.title.clone(),
                    key,
                    missing: false,
                });
            }
        }
        for (name, below) in folder.folders {
            items.push(NavItem::Section {
                title: spoken(&name),
                items: self.folder_items(below),
            });
        }
        items
    }
}

#[derive(Default)]
struct Folder {
    files: Vec<(String, String)>,
    folders: BTreeMap<String, Folder>,
}

impl Folder {
    /// Depth is that of the folder, which has a limit.
    fn put(&mut self, path: &str, key: String) {
        match path.split_once('/') {
            Some((folder, rest)) => {
                let below = self.folders.entry(folder.to_owned()).or_default();
                below.put(rest, key);
            }
            None => self.files.push((path.to_owned(), key)),
        }
    }
}
