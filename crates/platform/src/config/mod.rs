//! Configuration in the format of Backstage's `app-config.yaml`: files lie on
//! top of each other, values may come from the environment or other files, and
//! every value remembers where it was written.
//!
//! ```text
//! Sources ── load ──► Config ── at("catalog") ──► Section ── decode ──► your type
//!                        └── report ──► what is read, ignored (why), unknown
//! ```
//!
//! What must stay true: secrets leave this module only through [`Section`]'s
//! typed accessors; [`Config::redacted`], `Debug` and every message hide them.

mod decode;
mod known;
mod load;
mod misfits;
mod problem;
mod read;
mod report;
mod secret;
mod section;
mod server;
mod transform;
mod tree;
mod variables;

use std::fmt;
use std::path::PathBuf;

use model::diagnostic::Diagnostic;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub use known::ignored_reasons;
pub use load::Sources;
pub use report::{KeyReport, KeyStatus};
pub use section::Section;
pub use server::{Database, Listen};
pub use tree::Origin;

use transform::Dropped;
use tree::Node;

/// The merged configuration.
#[derive(Clone)]
pub struct Config {
    root: Node,
    warnings: Vec<Diagnostic>,
    dropped: Vec<Dropped>,
    files: Vec<PathBuf>,
}

impl Default for Config {
    /// No configuration at all; every setting has its default.
    fn default() -> Self {
        Self::from_json(Value::Object(serde_json::Map::new()))
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("files", &self.files)
            .field("values", &self.redacted())
            .finish()
    }
}

impl Config {
    /// A configuration made from JSON instead of files, for `--demo` and tests.
    pub fn from_json(value: Value) -> Self {
        let root = Node::from_json(value, &Origin::named("built-in configuration"));
        Self {
            root,
            warnings: Vec::new(),
            dropped: Vec::new(),
            files: Vec::new(),
        }
    }

    /// The whole configuration as a section.
    pub fn root(&self) -> Section<'_> {
        Section::new(self, &self.root, String::new())
    }

    /// The value at a path such as `catalog.locations[0]`, if it is there.
    pub fn at(&self, path: &str) -> Option<Section<'_>> {
        self.root
            .at(path)
            .map(|node| Section::new(self, node, path.to_owned()))
    }

    /// The value at `path` as JSON, secrets included.
    pub fn get(&self, path: &str) -> Option<Value> {
        self.root.at(path).map(Node::to_json)
    }

    /// Whether there is a value at `path`.
    pub fn has(&self, path: &str) -> bool {
        self.root.at(path).is_some()
    }

    /// Where the value at `path` was written.
    pub fn origin(&self, path: &str) -> Option<&Origin> {
        self.root.at(path).map(|node| &node.origin)
    }

    /// The text at `path`.
    ///
    /// # Errors
    /// It is absent (the message says why) or no string.
    pub fn str(&self, path: &str) -> Result<&str, Diagnostic> {
        self.root().str(path)
    }

    /// The text at `path`, if there is one.
    ///
    /// # Errors
    /// There is something else than a string.
    pub fn opt_str(&self, path: &str) -> Result<Option<&str>, Diagnostic> {
        self.root().opt_str(path)
    }

    /// The truth value at `path`; the texts `true` and `false` count.
    ///
    /// # Errors
    /// There is something else.
    pub fn opt_bool(&self, path: &str) -> Result<Option<bool>, Diagnostic> {
        self.root().opt_bool(path)
    }

    /// The items of the list at `path`; none when it is absent.
    ///
    /// # Errors
    /// There is something else than a list.
    pub fn list(&self, path: &str) -> Result<Vec<Section<'_>>, Diagnostic> {
        self.root().list(path)
    }

    /// The length of time at `path`: `{minutes: 5}`, `PT5M` or `5m`.
    ///
    /// # Errors
    /// There is something that is no length of time.
    pub fn duration(&self, path: &str) -> Result<Option<std::time::Duration>, Diagnostic> {
        self.root().duration(path)
    }

    /// The value at `path` as a `T`; `None` when it is absent.
    ///
    /// # Errors
    /// It does not fit, with the place of the very part that does not.
    pub fn section<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Diagnostic> {
        self.root().section(path)
    }

    /// The configuration with every secret replaced.
    pub fn redacted(&self) -> Value {
        secret::redacted(&self.root)
    }

    /// What Portway does with each key that is set.
    pub fn report(&self) -> Vec<KeyReport> {
        report::report(&self.root)
    }

    /// Values of another type than their key has: an error where Portway reads
    /// the key, a warning where the key has no effect. An object or a list
    /// whose place a text takes would otherwise count as an empty one.
    pub fn misfits(&self) -> Vec<Diagnostic> {
        misfits::misfits(&self.root)
    }

    /// What is odd without being wrong: values that are absent because a
    /// variable is not set.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The files that were read, lowest layer first.
    pub fn files(&self) -> &[PathBuf] {
        &self.files
    }
}
