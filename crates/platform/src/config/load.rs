//! Which files are read, and in which order they lie on top of each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use model::diagnostic::{Diagnostic, Severity};

use super::transform::{Dropped, Transform};
use super::tree::{Data, Node, Origin};
use super::{Config, problem, read, variables};

/// Variables that name the environment, the first one set wins.
const ENVIRONMENT_VARIABLES: [&str; 4] = [
    "PORTWAY_ENV",
    "BACKSTAGE_ENV",
    "BACKSTAGE_ENVIRONMENT",
    "NODE_ENV",
];

/// Where configuration comes from. The caller reads the environment once and
/// passes it in.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// Files given with `--config`, the last one wins. When there are none, the
    /// files of `directory` that exist are read, in this order:
    /// `app-config.yaml`, `app-config.<environment>.yaml`, `app-config.local.yaml`.
    pub files: Vec<PathBuf>,
    /// The folder of the default files; empty means the current folder.
    pub directory: PathBuf,
    /// `--env`: overrides `PORTWAY_ENV`, `BACKSTAGE_ENV` and `NODE_ENV`.
    pub environment: Option<String>,
    /// The process environment.
    pub variables: BTreeMap<String, String>,
}

impl Sources {
    /// The name of the environment, for example `production`.
    pub fn environment(&self) -> Option<&str> {
        let set = ENVIRONMENT_VARIABLES
            .iter()
            .filter_map(|name| self.variables.get(*name).map(String::as_str));
        self.environment
            .as_deref()
            .into_iter()
            .chain(set)
            .find(|name| !name.is_empty())
    }

    fn layers(&self) -> Vec<PathBuf> {
        if !self.files.is_empty() {
            return self.files.clone();
        }
        let mut names = vec!["app-config.yaml".to_owned()];
        // A name with a separator would leave the folder.
        if let Some(name) = self
            .environment()
            .filter(|name| *name != "local" && is_plain(name))
        {
            names.push(format!("app-config.{name}.yaml"));
        }
        names.push("app-config.local.yaml".to_owned());
        names
            .into_iter()
            .map(|name| self.directory.join(name))
            .filter(|file| file.exists())
            .collect()
    }
}

fn is_plain(name: &str) -> bool {
    name.chars()
        .all(|letter| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}

impl Config {
    /// Reads and merges everything. Missing variables are warnings
    /// ([`Config::warnings`]), because the value is merely absent.
    ///
    /// # Errors
    /// Everything found, when at least one finding is an error: a file that
    /// cannot be read or is not YAML, a wrong `$include`, a wrong `APP_CONFIG_`
    /// variable.
    pub fn load(sources: &Sources) -> Result<Self, Vec<Diagnostic>> {
        let mut root = Node::empty_map(Origin::named("configuration"));
        let mut found = Vec::new();
        let mut dropped = Vec::new();
        let mut included = 0;
        let files = sources.layers();
        for file in &files {
            let mut transform = Transform {
                variables: &sources.variables,
                diagnostics: &mut found,
                dropped: &mut dropped,
                included: &mut included,
            };
            if let Some(layer) = layer(file, &mut transform) {
                root.merge(layer);
            }
        }
        let (layer, problems) = variables::read(&sources.variables);
        found.extend(problems);
        root.merge(layer);
        remove_nulls(&mut root);
        found.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
        if found
            .iter()
            .any(|finding| finding.severity == Severity::Error)
        {
            return Err(found);
        }
        // What a later layer supplies is not missing.
        let supplied = |path: &str| root.at(path).is_some();
        found.retain(|finding| {
            finding.code != "config-missing-variable"
                || !dropped
                    .iter()
                    .any(|gone: &Dropped| is_about(finding, gone) && supplied(&gone.path))
        });
        dropped.retain(|gone| !supplied(&gone.path));
        Ok(Self {
            root,
            warnings: found,
            dropped,
            files,
        })
    }
}

fn is_about(finding: &Diagnostic, gone: &Dropped) -> bool {
    finding.file.as_deref() == Some(gone.origin.source())
        && Some(finding.line) == gone.origin.line()
        && Some(finding.column) == gone.origin.column()
}

fn layer(file: &Path, transform: &mut Transform<'_>) -> Option<Node> {
    let name = file.display().to_string();
    let root = match read::file(file) {
        Ok(root) => root?,
        Err(read::Failure::Unreadable(cause)) => {
            transform
                .diagnostics
                .push(problem::unreadable_file(&name, &cause));
            return None;
        }
        Err(read::Failure::Invalid(problems)) => {
            transform.diagnostics.extend(problems);
            return None;
        }
    };
    let directory = file.parent().unwrap_or(Path::new(""));
    let root = transform.apply(root, "", directory)?;
    if !matches!(root.data, Data::Map(_)) {
        transform.diagnostics.push(problem::error(
            "config-root",
            &root.origin,
            format!("the configuration is {}", root.data.sort()),
            "an object of sections such as `app:`, `backend:` and `catalog:`",
            "write `section:` lines at the left margin",
        ));
        return None;
    }
    Some(root)
}

/// `key: null` means: not set, whatever a file below says.
fn remove_nulls(node: &mut Node) {
    match &mut node.data {
        Data::Map(fields) => {
            fields.retain(|_, value| !matches!(value.data, Data::Null));
            fields.values_mut().for_each(remove_nulls);
        }
        Data::List(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}
