//! Reads a site from its folder: mkdocs.yml, then every page, with limits.

mod texts;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use catalog::{EntityFolder, FolderFile};
use model::diagnostic::{Diagnostic, Severity};
use sha2::{Digest, Sha256};

use crate::markdown::title_of;
use crate::mkdocs::{MkDocs, NavEntry, plain_path};
use crate::nav;
use crate::site::{Asset, Page, Site};

/// Pages of a site.
const MAX_PAGES: usize = 5_000;
/// Files of all docs folders that are looked at: one file may lie in many.
const MAX_LOOKED: usize = 40_000;
/// Sites that a site takes in with `!include`.
const MAX_INCLUDES: usize = 100;
/// Problems of a site that are kept.
const MAX_PROBLEMS: usize = 200;

/// Where mkdocs.yml may stand, the first that exists counts.
const CONFIGS: [&str; 2] = ["mkdocs.yaml", "mkdocs.yml"];
/// What stands in for a first page, as TechDocs copies it.
const READMES: [&str; 2] = ["README.md", "readme.md"];

/// A docs folder with the configuration that names it. The first is the
/// site's own, others were taken in.
pub(crate) struct Root {
    /// Stands before keys: empty, or `payments/`.
    pub(crate) alias: String,
    /// The folder of mkdocs.yml, empty or ending in `/`.
    pub(crate) base: String,
    /// The path of mkdocs.yml.
    pub(crate) file: Option<String>,
    pub(crate) config: MkDocs,
}

impl Root {
    /// The docs folder, empty or ending in `/`.
    fn docs(&self) -> String {
        match self.config.docs_dir.as_str() {
            "" => self.base.clone(),
            folder => format!("{}{folder}/", self.base),
        }
    }
}

/// Reads the site of a folder. `name` is its name where mkdocs.yml has none.
///
/// # Errors
/// Why there is no site: what is missing, or what cannot be read, with place.
pub async fn load(folder: &EntityFolder, name: &str) -> Result<Site, Vec<Diagnostic>> {
    let files = folder.files().await.map_err(|problem| vec![problem])?;
    let mut loader = Loader {
        folder: folder.clone(),
        files: files
            .into_iter()
            .map(|file| (file.path.clone(), file))
            .collect(),
        problems: Vec::new(),
        looked: 0,
    };
    let roots = loader.roots(name).await?;
    let (mut loader, roots, mut pages, assets) = blocking(move || {
        let mut pages = BTreeMap::new();
        let mut assets = BTreeMap::new();
        for root in &roots {
            loader.collect(root, &mut pages, &mut assets);
        }
        (loader, roots, pages, assets)
    })
    .await?;
    let first = roots.first();
    if pages.is_empty() {
        return Err(vec![loader.nothing(first)]);
    }
    if pages.len() > MAX_PAGES {
        let problem = Diagnostic::error(
            "docs-too-large",
            format!("the site has {} pages; the rest is left out", pages.len()),
        )
        .accepting(format!("at most {MAX_PAGES} pages"))
        .fixed_by("take pages out with `exclude_docs`, or split the site with another entity");
        loader.problem(problem);
        pages = pages.into_iter().take(MAX_PAGES).collect();
    }
    let pages = loader.read(pages).await?;
    let snippets = loader.snippets(&pages).await?;
    let name = name.to_owned();
    blocking(move || loader.assemble(roots, &name, pages, assets, snippets)).await
}

/// Work on what was read, off the threads that serve requests.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Vec<Diagnostic>> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| vec![failed_inside(&error)])
}

/// A task of ours that broke off.
pub(crate) fn failed_inside(error: &tokio::task::JoinError) -> Diagnostic {
    tracing::error!(%error, "Documentation could not be worked on: {error}");
    Diagnostic::error("internal", "something failed inside Portway")
        .fixed_by("look into the log of the server, and report this as a bug")
}

struct Loader {
    folder: EntityFolder,
    files: BTreeMap<String, FolderFile>,
    problems: Vec<Diagnostic>,
    /// Files of docs folders that were looked at.
    looked: usize,
}

impl Loader {
    /// The site's own docs folder, then those that its navigation takes in.
    async fn roots(&mut self, name: &str) -> Result<Vec<Root>, Vec<Diagnostic>> {
        let file = CONFIGS.iter().find(|file| self.files.contains_key(**file));
        let config = match file {
            Some(file) => self.config(file).await?,
            None => MkDocs::generated(name),
        };
        let mut roots = vec![Root {
            alias: String::new(),
            base: String::new(),
            file: file.map(|file| (*file).to_owned()),
            config,
        }];
        let mut at = 0;
        let mut tried: HashSet<String> = roots.iter().filter_map(|own| own.file.clone()).collect();
        while let Some(root) = roots.get(at) {
            let mut wanted = Vec::new();
            includes(root.config.nav.as_deref().unwrap_or_default(), &mut wanted);
            let (base, own) = (root.base.clone(), root.file.clone());
            for (path, mark) in wanted {
                let whole = plain_path(&format!("{base}{path}"));
                let known = whole.clone().filter(|path| self.files.contains_key(path));
                // Once is enough, also of one that cannot be read.
                let again = whole.is_some_and(|whole| !tried.insert(whole));
                if again || tried.len() > MAX_INCLUDES {
                    continue;
                }
                let shown = own.as_deref().map(|own| self.folder.shown_file(own));
                let Some(file) = known else {
                    let problem = Diagnostic::error(
                        "docs-include",
                        format!(
                            "`!include {}` names no file of this folder",
                            model::quoted(&path)
                        ),
                    )
                    .in_file(&shown.unwrap_or_default())
                    .at(mark)
                    .accepting("the path of another mkdocs.yml, from this file")
                    .fixed_by("correct the path, or take the entry out");
                    self.problem(problem);
                    continue;
                };
                match self.config(&file).await {
                    Ok(config) => {
                        let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
                        let alias = config
                            .site_name
                            .clone()
                            .unwrap_or_else(|| folder.to_owned());
                        let alias = plain_path(&alias.replace(' ', "-")).unwrap_or_default();
                        roots.push(Root {
                            alias: format!("{alias}/"),
                            base: format!("{folder}/").trim_start_matches('/').to_owned(),
                            file: Some(file),
                            config,
                        });
                    }
                    Err(found) => found.into_iter().for_each(|found| self.problem(found)),
                }
            }
            at += 1;
        }
        Ok(roots)
    }

    fn problem(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    async fn config(&self, file: &str) -> Result<MkDocs, Vec<Diagnostic>> {
        let text = self.folder.read(file).await;
        let text = text.map_err(|problem| vec![problem])?;
        let shown = self.folder.shown_file(file);
        blocking(move || MkDocs::read(&shown, &text)).await?
    }

    /// Pages and other files of one docs folder, by their keys.
    fn collect(
        &mut self,
        root: &Root,
        pages: &mut BTreeMap<String, String>,
        assets: &mut BTreeMap<String, Asset>,
    ) {
        let docs = root.docs();
        let mut own: BTreeMap<String, String> = BTreeMap::new();
        let below = self.files.range(docs.clone()..);
        let below = below.take_while(|(path, _)| path.starts_with(&docs));
        let below = below.take(MAX_LOOKED - self.looked.min(MAX_LOOKED));
        let mut looked = 0;
        for (path, file) in below {
            looked += 1;
            let key = path.strip_prefix(docs.as_str()).unwrap_or(path);
            // mkdocs leaves templates of themes out by itself.
            if key.is_empty() || key.starts_with("templates/") || root.config.excluded.hold(key) {
                continue;
            }
            // A docs folder that is the whole folder holds its own configuration.
            if root.file.as_deref() == Some(path) {
                continue;
            }
            if is_page(key) {
                own.insert(key.to_owned(), path.clone());
            } else {
                let asset = Asset {
                    file: path.clone(),
                    size: file.size,
                    version: file.version.clone(),
                };
                assets.insert(format!("{}{key}", root.alias), asset);
            }
        }
        // As mkdocs: a README is the page of its folder, unless there is an index.
        let doubled: Vec<String> = own
            .keys()
            .filter(|key| {
                let (folder, name) = key.rsplit_once('/').unwrap_or(("", key));
                let index = if folder.is_empty() {
                    "index.md".to_owned()
                } else {
                    format!("{folder}/index.md")
                };
                name.eq_ignore_ascii_case("readme.md") && own.contains_key(&index)
            })
            .cloned()
            .collect();
        for key in doubled {
            own.remove(&key);
        }
        let has_home = ["index.md", "README.md", "readme.md"]
            .iter()
            .any(|key| own.contains_key(*key));
        let readme = READMES.iter().map(|name| format!("{}{name}", root.base));
        if !has_home
            && let Some(readme) = readme
                .into_iter()
                .find(|path| self.files.contains_key(path))
        {
            own.insert("index.md".to_owned(), readme);
        }
        let aliased = own
            .into_iter()
            .map(|(key, file)| (format!("{}{key}", root.alias), file));
        pages.extend(aliased);
        self.looked += looked;
    }

    fn nothing(&self, root: Option<&Root>) -> Diagnostic {
        let shown = self.folder.shown();
        let configured = root.and_then(|root| Some((root.file.as_ref()?, root)));
        match configured {
            Some((file, root)) => Diagnostic::error(
                "docs-empty",
                format!(
                    "there is no page in `{}`, the docs_dir of {}",
                    root.config.docs_dir,
                    self.folder.shown_file(file)
                ),
            )
            .in_file(&self.folder.shown_file(file))
            .accepting("Markdown files whose names end in .md")
            .fixed_by(format!("add {}/index.md", root.config.docs_dir)),
            None => Diagnostic::error(
                "docs-empty",
                format!("there is no documentation in {shown}"),
            )
            .accepting("mkdocs.yml with a folder docs, or a README.md")
            .fixed_by("add mkdocs.yml with `site_name: …` and docs/index.md with the first page"),
        }
    }

    fn assemble(
        mut self,
        roots: Vec<Root>,
        name: &str,
        texts: BTreeMap<String, (String, Arc<str>)>,
        assets: BTreeMap<String, Asset>,
        snippets: HashMap<String, Arc<str>>,
    ) -> Site {
        let file_urls = roots.first().is_some_and(|root| root.config.file_urls);
        let mut pages: BTreeMap<String, Page> = texts
            .into_iter()
            .map(|(key, (file, text))| {
                let page = Page {
                    url: nav::url_of(&key, file_urls),
                    title: title_of(&text).unwrap_or_else(|| nav::title_of_file(&key)),
                    digest: hex::encode(Sha256::digest(text.as_bytes())).into(),
                    modified: self.files.get(&file).and_then(|file| file.modified),
                    text,
                    file,
                    listed: false,
                };
                (key, page)
            })
            .collect();
        for root in &roots {
            self.problems.extend(root.config.problems.iter().cloned());
        }
        let shown = |file: &str| self.folder.shown_file(file);
        let (nav, order, found) = nav::build(&roots, &mut pages, &assets, &shown);
        self.problems.extend(found);
        self.problems
            .sort_by_key(|problem| problem.severity != Severity::Error);
        self.problems.truncate(MAX_PROBLEMS);
        let mut by_url = HashMap::new();
        for (key, page) in &pages {
            by_url
                .entry(page.url.clone())
                .or_insert_with(|| key.clone());
        }
        let identity = identity(&pages, &assets, &nav, &self.folder.revision());
        let first = roots.into_iter().next();
        let (config_file, config) =
            first.map_or((None, MkDocs::default()), |root| (root.file, root.config));
        Site {
            folder: self.folder.clone(),
            name: config.site_name.clone().unwrap_or_else(|| name.to_owned()),
            edit: edit_base(&config),
            redirects: config
                .redirects
                .iter()
                .map(|(from, to)| (nav::url_of(from, file_urls), to.clone()))
                .collect(),
            description: config.site_description,
            nav,
            pages,
            assets,
            snippets,
            problems: self.problems,
            config_file,
            identity,
            order,
            by_url,
        }
    }
}

/// `repo_url` with `edit_uri`, as mkdocs joins them; the default `edit_uri` is
/// left to the host's own form.
fn edit_base(config: &MkDocs) -> Option<String> {
    let uri = config.edit_uri.as_deref()?;
    let whole = if uri.starts_with("https://") || uri.starts_with("http://") {
        uri.to_owned()
    } else {
        let repo = config.repo_url.as_deref()?.trim_end_matches('/');
        format!("{repo}/{}", uri.trim_start_matches('/'))
    };
    let is_web = whole.starts_with("https://") || whole.starts_with("http://");
    is_web.then(|| format!("{}/", whole.trim_end_matches('/')))
}

fn includes(items: &[NavEntry], found: &mut Vec<(String, model::yaml::Mark)>) {
    for item in items {
        match item {
            NavEntry::Include { path, mark, .. } => found.push((path.clone(), *mark)),
            NavEntry::Section { items, .. } => includes(items, found),
            NavEntry::Page { .. } | NavEntry::Link { .. } => {}
        }
    }
}

fn is_page(key: &str) -> bool {
    const ENDINGS: [&str; 5] = [".md", ".markdown", ".mdown", ".mkdn", ".mkd"];
    ENDINGS.iter().any(|end| key.ends_with(end))
}

/// Everything that a reader can see, in one digest.
fn identity(
    pages: &BTreeMap<String, Page>,
    assets: &BTreeMap<String, Asset>,
    nav: &[crate::site::NavItem],
    revision: &Option<String>,
) -> String {
    let mut digest = Sha256::new();
    for (key, page) in pages {
        digest.update(format!("{key}\0{}\0{}\0", page.title, page.digest));
    }
    for (key, asset) in assets {
        digest.update(format!("{key}\0{}\0", asset.version));
    }
    digest.update(format!("{nav:?}{revision:?}"));
    hex::encode(digest.finalize())
}
