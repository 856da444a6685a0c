//! One documentation site: its pages, its navigation, and what a link in it
//! means. Pure; reading is in [`crate::load`].

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use catalog::EntityFolder;
use model::diagnostic::Diagnostic;
use percent_encoding::percent_decode_str;

use crate::mkdocs::plain_path;

/// Near names that are offered for one that does not exist.
const MAX_NEAR: usize = 3;

/// A page of a site.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its file, from the folder of the site.
    pub file: String,
    /// Its address below the site's: empty for the first page, `guide/setup/`.
    pub url: String,
    /// What the navigation, the page or the file's name calls it.
    pub title: String,
    /// The Markdown.
    pub text: Arc<str>,
    /// Digest of the Markdown.
    pub digest: Arc<str>,
    /// Whether the navigation leads to it.
    pub listed: bool,
    /// When it was written, where the place tells without being asked more.
    pub modified: Option<jiff::Timestamp>,
}

/// What a page is for, as far as its place tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// What to do when something fails: `runbook.md`, `runbooks/…`.
    Runbook,
    /// An architecture decision record: `adr/0001-database.md`.
    Decision,
}

impl PageKind {
    /// The kind of the page at this path from `docs_dir`.
    #[must_use]
    pub fn of(key: &str) -> Option<Self> {
        let lower = key.to_lowercase();
        let (folders, name) = lower.rsplit_once('/').unwrap_or(("", &lower));
        let stem = name.split('.').next().unwrap_or_default();
        let within = |names: [&str; 3]| folders.split('/').any(|step| names.contains(&step));
        let is_index = stem == "index" || stem == "readme";
        if within(["runbook", "runbooks", "playbooks"]) && !is_index
            || stem.split(['-', '_']).any(|word| word == "runbook")
        {
            Some(Self::Runbook)
        } else if within(["adr", "adrs", "decisions"]) && !is_index {
            Some(Self::Decision)
        } else {
            None
        }
    }

    /// Its name, as a type in search.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Runbook => "runbook",
            Self::Decision => "adr",
        }
    }
}

/// A file that is no page.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its path from the folder of the site.
    pub file: String,
    /// Bytes.
    pub size: u64,
    /// The same name of the version, the same bytes.
    pub version: String,
}

/// One line of the navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NavItem {
    /// A page of the site by its key.
    Page {
        /// What it is called.
        title: String,
        /// The page's path from `docs_dir`.
        key: String,
        /// No file has that path.
        missing: bool,
    },
    /// An address elsewhere.
    Link {
        /// What it is called.
        title: String,
        /// The address.
        href: String,
    },
    /// A heading with what is below it.
    Section {
        /// What it is called.
        title: String,
        /// What is below it.
        items: Vec<NavItem>,
    },
}

/// A documentation site, read completely.
#[derive(Clone, Debug)]
pub struct Site {
    /// Where it was read.
    pub folder: EntityFolder,
    /// `site_name`, else the name of the entity.
    pub name: String,
    /// `site_description`.
    pub description: Option<String>,
    /// The navigation.
    pub nav: Vec<NavItem>,
    /// Pages by their path from `docs_dir`.
    pub pages: BTreeMap<String, Page>,
    /// Other files by their path from `docs_dir`.
    pub assets: BTreeMap<String, Asset>,
    /// Files that `--8<--` takes in, by their path from the folder.
    pub snippets: HashMap<String, Arc<str>>,
    /// What is wrong with the site as a whole.
    pub problems: Vec<Diagnostic>,
    /// The path of its mkdocs.yml, if it has one.
    pub config_file: Option<String>,
    /// Digest of everything that can be read: the same, if nothing changed.
    pub identity: String,
    /// Old address to new address.
    pub redirects: BTreeMap<String, String>,
    /// `repo_url` and `edit_uri`, where the host's own form is not known.
    pub edit: Option<String>,
    /// Keys of pages in the order of reading.
    pub order: Vec<String>,
    pub(crate) by_url: HashMap<String, String>,
}

/// What a link in a page means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A page of the site, with what follows the `#`.
    Page { key: String, anchor: String },
    /// A place on the same page.
    Here { anchor: String },
    /// Another file of the site.
    Asset { key: String },
    /// An address elsewhere, or a path of the portal.
    Elsewhere(String),
    /// Nothing of that name.
    Missing { path: String },
}

impl Site {
    /// A site of one page, `index.md`, that no navigation leads to.
    #[must_use]
    pub fn of_page(folder: EntityFolder, text: &str) -> Self {
        let page = Page {
            file: "index.md".to_owned(),
            url: String::new(),
            title: "Home".to_owned(),
            text: Arc::from(text),
            digest: Arc::from(""),
            listed: false,
            modified: None,
        };
        Self {
            folder,
            name: String::new(),
            description: None,
            nav: Vec::new(),
            pages: BTreeMap::from([("index.md".to_owned(), page)]),
            assets: BTreeMap::new(),
            snippets: HashMap::new(),
            problems: Vec::new(),
            config_file: None,
            identity: String::new(),
            redirects: BTreeMap::new(),
            edit: None,
            order: Vec::new(),
            by_url: HashMap::from([(String::new(), "index.md".to_owned())]),
        }
    }

    /// The key of the page that is shown first.
    #[must_use]
    pub fn home(&self) -> Option<&str> {
        let first = self.by_url.get("").or_else(|| self.order.first());
        first
            .or_else(|| self.pages.keys().next())
            .map(String::as_str)
    }

    /// The page at an address below the site's, in any of its forms:
    /// `guide/setup/`, `guide/setup`, `guide/setup.md`, `guide/setup/index.html`.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&str> {
        let path = path.trim_matches('/');
        if path.is_empty() || path == "index.html" {
            return self.home();
        }
        let bare = path.strip_suffix("/index.html").unwrap_or(path);
        let forms = [
            format!("{bare}/"),
            bare.to_owned(),
            format!("{}/", bare.strip_suffix(".html").unwrap_or(bare)),
        ];
        let by_url = forms.iter().find_map(|form| self.by_url.get(form));
        let by_key = || {
            let keys = [path.to_owned(), format!("{path}.md")];
            let found = keys.iter().find_map(|key| self.pages.get_key_value(key));
            found.map(|(key, _)| key)
        };
        by_url.or_else(by_key).map(String::as_str)
    }

    /// Titles and keys before and after a page, in the order of reading.
    #[must_use]
    pub fn around(&self, key: &str) -> (Option<&str>, Option<&str>) {
        let Some(at) = self.order.iter().position(|other| other == key) else {
            return (None, None);
        };
        let before = at.checked_sub(1).and_then(|at| self.order.get(at));
        let after = self.order.get(at + 1);
        (before.map(String::as_str), after.map(String::as_str))
    }

    /// The sections above a page in the navigation.
    #[must_use]
    pub fn sections_of(&self, key: &str) -> Vec<&str> {
        fn find<'a>(items: &'a [NavItem], key: &str, above: &mut Vec<&'a str>) -> bool {
            items.iter().any(|item| match item {
                NavItem::Page { key: own, .. } => own == key,
                NavItem::Link { .. } => false,
                NavItem::Section { title, items } => {
                    above.push(title);
                    let found = find(items, key, above);
                    if !found {
                        above.pop();
                    }
                    found
                }
            })
        }
        let mut above = Vec::new();
        find(&self.nav, key, &mut above);
        above
    }

    /// Where a page can be edited: the form of its host, else what `repo_url`
    /// and `edit_uri` say.
    #[must_use]
    pub fn edit_url(&self, page: &Page, key: &str) -> Option<String> {
        let configured = self.edit.as_ref().map(|base| format!("{base}{key}"));
        configured.or_else(|| self.folder.edit_url(&page.file))
    }

    /// Pages and files whose names are near to one that does not exist.
    #[must_use]
    pub fn near(&self, path: &str) -> Vec<String> {
        fn name(path: &str) -> &str {
            path.rsplit('/').next().unwrap_or(path)
        }
        let wanted = path.trim_matches('/');
        let all = || self.pages.keys().chain(self.assets.keys());
        let stem = |path: &str| {
            name(path)
                .split('.')
                .next()
                .unwrap_or_default()
                .to_lowercase()
        };
        let mut found: Vec<String> = all()
            .filter(|other| !stem(wanted).is_empty() && stem(other) == stem(wanted))
            .take(MAX_NEAR)
            .cloned()
            .collect();
        let near_path = model::nearest(wanted, all().map(String::as_str)).map(str::to_owned);
        let near_name = model::nearest(name(wanted), all().map(|other| name(other)));
        let near_name = near_name
            .and_then(|near| all().find(|other| name(other) == near))
            .cloned();
        for near in near_path.into_iter().chain(near_name) {
            if !found.contains(&near) {
                found.push(near);
            }
        }
        found.truncate(MAX_NEAR);
        found
    }

    /// What `link` means on the page `key`.
    pub(crate) fn resolve(&self, key: &str, link: &str) -> Target {
        let link = link.trim();
        if let Some(anchor) = link.strip_prefix('#') {
            return Target::Here {
                anchor: anchor.to_owned(),
            };
        }
        if has_scheme(link) {
            return Target::Elsewhere(link.to_owned());
        }
        if let Some(rest) = link.strip_prefix("//") {
            return Target::Elsewhere(format!("https://{rest}"));
        }
        let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
        let path = path.split('?').next().unwrap_or_default();
        let path = percent_decode_str(path).decode_utf8_lossy();
        if path.is_empty() {
            return Target::Here {
                anchor: anchor.to_owned(),
            };
        }
        let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
        let absolute = path.starts_with('/');
        let from_source = if absolute {
            plain_path(path.trim_start_matches('/'))
        } else {
            plain_path(
                &format!("{folder}/{path}")
                    .trim_start_matches('/')
                    .replace(':', "%3A"),
            )
        };
        let from_url = self.pages.get(key).and_then(|page| {
            plain_path(format!("{}/{path}", page.url.trim_end_matches('/')).trim_start_matches('/'))
        });
        for candidate in [&from_source, &from_url].into_iter().flatten() {
            if let Some(found) = self.own(candidate, anchor) {
                return found;
            }
        }
        if absolute {
            // As mkdocs leaves it: a path of the portal itself.
            return Target::Elsewhere(link.to_owned());
        }
        self.outside(key, &path, from_source)
    }

    /// A page or file of the site.
    fn own(&self, path: &str, anchor: &str) -> Option<Target> {
        if self.assets.contains_key(path) {
            return Some(Target::Asset {
                key: path.to_owned(),
            });
        }
        let anchor = anchor.to_owned();
        if self.pages.contains_key(path) {
            return Some(Target::Page {
                key: path.to_owned(),
                anchor,
            });
        }
        let key = self.at(path)?.to_owned();
        Some(Target::Page { key, anchor })
    }

    /// What lies above `docs_dir` is in the repository, if anywhere.
    fn outside(&self, key: &str, path: &str, inside: Option<String>) -> Target {
        let leaves = inside.is_none();
        let page = self.pages.get(key).filter(|_| leaves);
        let viewed = page.and_then(|page| {
            let folder = page.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            self.folder.view_url(&format!("{folder}/{path}"))
        });
        match viewed {
            Some(url) => Target::Elsewhere(url),
            None => {
                let path = inside.unwrap_or_else(|| path.to_owned());
                Target::Missing { path }
            }
        }
    }
}

/// `https:`, `mailto:` (RFC 3986, 3.1).
fn has_scheme(link: &str) -> bool {
    link.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'))
    })
}
