//! A part of the configuration, read by path, with errors that name the whole
//! path and the place.

use std::fmt;
use std::time::Duration;

use model::diagnostic::{Diagnostic, Severity};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::tree::{Data, Node, Origin, join};
use super::{Config, decode, problem, secret, variables};

/// A value of the configuration and everything below it.
#[derive(Clone)]
pub struct Section<'a> {
    config: &'a Config,
    node: &'a Node,
    path: String,
}

impl fmt::Debug for Section<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Section")
            .field("path", &self.path)
            .field("origin", &self.node.origin)
            .finish()
    }
}

impl<'a> Section<'a> {
    pub(super) fn new(config: &'a Config, node: &'a Node, path: String) -> Self {
        Self { config, node, path }
    }

    pub(super) fn node(&self) -> &'a Node {
        self.node
    }

    /// The path from the top, for example `catalog.locations[0]`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Where the value was written.
    pub fn origin(&self) -> &'a Origin {
        &self.node.origin
    }

    /// The value as JSON, secrets included.
    pub fn to_json(&self) -> Value {
        self.node.to_json()
    }

    /// The keys and values of an object, sorted by key; none for other values.
    /// Unlike a path, a key may contain dots here.
    pub fn fields(&self) -> Vec<(&'a str, Section<'a>)> {
        let Data::Map(fields) = &self.node.data else {
            return Vec::new();
        };
        fields
            .iter()
            .map(|(key, node)| (key.as_str(), self.below(key, node)))
            .collect()
    }

    /// The value at a path below this one.
    pub fn at(&self, path: &str) -> Option<Section<'a>> {
        self.node.at(path).map(|node| self.below(path, node))
    }

    fn below(&self, path: &str, node: &'a Node) -> Section<'a> {
        Section::new(self.config, node, join(&self.path, path))
    }

    /// The text below.
    ///
    /// # Errors
    /// It is absent (the message says why) or no string.
    pub fn str(&self, path: &str) -> Result<&'a str, Diagnostic> {
        self.opt_str(path)?.ok_or_else(|| self.absent(path))
    }

    /// The text below, if there is one.
    ///
    /// # Errors
    /// There is something else than a string.
    pub fn opt_str(&self, path: &str) -> Result<Option<&'a str>, Diagnostic> {
        match self.node.at(path) {
            None => Ok(None),
            Some(Node {
                data: Data::Text(text),
                ..
            }) => Ok(Some(text)),
            Some(node) => Err(self.wrong(path, node, "a string")),
        }
    }

    /// The truth value below.
    ///
    /// # Errors
    /// There is something else than `true`, `false` or one of these as a text.
    pub fn opt_bool(&self, path: &str) -> Result<Option<bool>, Diagnostic> {
        let Some(node) = self.node.at(path) else {
            return Ok(None);
        };
        decode::boolean(node)
            .map(Some)
            .ok_or_else(|| self.wrong(path, node, "true or false"))
    }

    /// The items of the list below; none when it is absent.
    ///
    /// # Errors
    /// There is something else than a list.
    pub fn list(&self, path: &str) -> Result<Vec<Section<'a>>, Diagnostic> {
        let Some(node) = self.node.at(path) else {
            return Ok(Vec::new());
        };
        let Data::List(items) = &node.data else {
            return Err(self.wrong(path, node, "a list"));
        };
        let at = join(&self.path, path);
        Ok(items
            .iter()
            .enumerate()
            .map(|(index, item)| Section::new(self.config, item, format!("{at}[{index}]")))
            .collect())
    }

    /// The length of time below: `{minutes: 5}`, `PT5M` or `5m`.
    ///
    /// # Errors
    /// There is something that is no length of time.
    pub fn duration(&self, path: &str) -> Result<Option<Duration>, Diagnostic> {
        let Some(node) = self.node.at(path) else {
            return Ok(None);
        };
        model::duration::parse(&node.to_json())
            .map(Some)
            .map_err(|cause| {
                problem::error(
                    "config-type",
                    &node.origin,
                    format!("`{}` is no length of time: {cause}", join(&self.path, path)),
                    cause.accepted(),
                    "write a number together with its unit",
                )
            })
    }

    /// The value below as a `T`; `None` when it is absent.
    ///
    /// # Errors
    /// It does not fit, with the place of the very part that does not.
    pub fn section<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Diagnostic> {
        self.at(path).map(|section| section.decode()).transpose()
    }

    /// This value as a `T`.
    ///
    /// # Errors
    /// It does not fit, with the place of the very part that does not.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, Diagnostic> {
        T::deserialize(self.node).map_err(|misfit| {
            let path = match misfit.path.strip_prefix('[') {
                Some(_) => format!("{}{}", self.path, misfit.path),
                None if misfit.path.is_empty() => self.path.clone(),
                None => join(&self.path, &misfit.path),
            };
            let origin = misfit.origin.as_ref().unwrap_or(&self.node.origin);
            let shown = if path.is_empty() {
                "the configuration".to_owned()
            } else {
                format!("`{path}`")
            };
            let message =
                if secret::is_secret_path(&path) && !misfit.message.starts_with("must be ") {
                    format!("{shown} does not fit")
                } else {
                    format!("{shown} {}", misfit.message)
                };
            let found = problem::at(Severity::Error, "config-type", origin, message)
                .fixed_by(problem::correct(origin));
            match &misfit.accepted {
                Some(accepted) => found.accepting(accepted.as_str()),
                None => found,
            }
        })
    }

    /// A finding of the caller's own about the value below `path` (the value
    /// itself when `path` is empty).
    pub fn refuse(
        &self,
        path: &str,
        message: impl Into<String>,
        accepted: impl Into<String>,
    ) -> Diagnostic {
        let node = self.node.at(path).unwrap_or(self.node);
        problem::at(Severity::Error, "config-value", &node.origin, message)
            .accepting(accepted)
            .fixed_by(problem::correct(&node.origin))
    }

    /// The error for a value that has to be there.
    pub fn absent(&self, path: &str) -> Diagnostic {
        let whole = join(&self.path, path);
        if let Some(gone) = self.config.dropped.iter().find(|gone| gone.path == whole) {
            return problem::error(
                "config-missing-variable",
                &gone.origin,
                format!(
                    "`{whole}` is needed, but the environment variable {} is not set",
                    gone.variable
                ),
                format!("a value for {}", gone.variable),
                format!(
                    "export {}=…, or write the value in place of the variable",
                    gone.variable
                ),
            );
        }
        problem::error(
            "config-missing-key",
            &self.node.origin,
            format!("`{whole}` is needed, but it is not set"),
            "a value for this key",
            match variables::name_of(&whole) {
                Some(variable) => {
                    format!("add `{whole}` to the configuration, or set {variable}")
                }
                None => format!("add `{whole}` to the configuration"),
            },
        )
    }

    fn wrong(&self, path: &str, node: &Node, wanted: &str) -> Diagnostic {
        problem::wrong_type(Severity::Error, &join(&self.path, path), node, wanted)
    }
}
