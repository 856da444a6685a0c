//! What Backstage's configuration lets a value be instead of itself:
//! `${VAR}`, `${VAR:-fallback}`, `$${escaped}`, `{$env: NAME}`,
//! `{$file: path}` and `{$include: file.yaml#a.b}`.
//!
//! A value of which any part is undefined is absent, as in Backstage; Portway
//! adds a diagnostic that names the key, the variable and the place.

use std::collections::BTreeMap;
use std::path::Path;

use model::diagnostic::Diagnostic;

use super::problem;
use super::read;
use super::tree::{Data, Node, Origin, join};

/// Includes within includes; deeper than this is a circle.
const MAX_INCLUDE_DEPTH: usize = 16;
/// Files that one configuration may pull in.
const MAX_INCLUDES: usize = 256;
const INCLUDE_KEYS: [&str; 3] = ["$file", "$env", "$include"];

/// A value that is absent because a variable is not set.
#[derive(Clone, Debug)]
pub(super) struct Dropped {
    pub(super) path: String,
    pub(super) variable: String,
    pub(super) origin: Origin,
}

/// One pass over the values of one file.
pub(super) struct Transform<'a> {
    pub(super) variables: &'a BTreeMap<String, String>,
    pub(super) diagnostics: &'a mut Vec<Diagnostic>,
    pub(super) dropped: &'a mut Vec<Dropped>,
    /// Files included so far.
    pub(super) included: &'a mut usize,
}

impl Transform<'_> {
    /// The value that `node` stands for; `None` when it is undefined.
    /// Relative paths are read against `directory`.
    pub(super) fn apply(&mut self, node: Node, path: &str, directory: &Path) -> Option<Node> {
        self.value(node, path, directory, 0)
    }

    fn value(&mut self, node: Node, path: &str, directory: &Path, depth: usize) -> Option<Node> {
        let Node {
            data,
            origin,
            key_origin,
        } = node;
        let data = match data {
            Data::Text(text) => Data::Text(self.substitute(&text, path, &origin)?),
            Data::List(items) => Data::List(
                items
                    .into_iter()
                    .enumerate()
                    .filter_map(|(index, item)| {
                        self.value(item, &format!("{path}[{index}]"), directory, depth)
                    })
                    .collect(),
            ),
            Data::Map(fields) => {
                if let Some(key) = INCLUDE_KEYS
                    .into_iter()
                    .find(|key| fields.contains_key(*key))
                {
                    let found = self.include(key, &fields, path, &origin, directory, depth)?;
                    return Some(Node {
                        key_origin,
                        ..found
                    });
                }
                Data::Map(
                    fields
                        .into_iter()
                        .filter_map(|(key, value)| {
                            let value = self.value(value, &join(path, &key), directory, depth)?;
                            Some((key, value))
                        })
                        .collect(),
                )
            }
            plain => plain,
        };
        Some(Node {
            data,
            origin,
            key_origin,
        })
    }

    /// Puts variables into a text. `None` when one is undefined.
    fn substitute(&mut self, text: &str, path: &str, origin: &Origin) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut defined = true;
        while let Some((before, reference, after, escaped)) = next_reference(rest) {
            out.push_str(before);
            if escaped {
                out.push_str("${");
                out.push_str(reference);
                out.push('}');
            } else if let Some(value) = self.reference(reference) {
                out.push_str(&value);
            } else {
                let name = reference
                    .split_once(":-")
                    .map_or(reference, |(name, _)| name)
                    .trim();
                self.missing(name, path, origin);
                defined = false;
            }
            rest = after;
        }
        out.push_str(rest);
        defined.then_some(out)
    }

    /// `VAR` or `VAR:-fallback`. With a fallback an empty variable counts as
    /// unset, and so does an empty fallback.
    fn reference(&self, reference: &str) -> Option<String> {
        match reference.split_once(":-") {
            None => self.variable(reference.trim()),
            Some((name, fallback)) => self
                .variable(name.trim())
                .filter(|value| !value.is_empty())
                .or_else(|| {
                    Some(fallback.trim().to_owned()).filter(|fallback| !fallback.is_empty())
                }),
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables
            .get(name)
            .map(|value| value.trim().to_owned())
    }

    fn missing(&mut self, variable: &str, path: &str, origin: &Origin) {
        self.diagnostics
            .push(problem::missing_variable(variable, path, origin));
        self.dropped.push(Dropped {
            path: path.to_owned(),
            variable: variable.to_owned(),
            origin: origin.clone(),
        });
    }

    fn include(
        &mut self,
        key: &str,
        fields: &BTreeMap<String, Node>,
        path: &str,
        origin: &Origin,
        directory: &Path,
        depth: usize,
    ) -> Option<Node> {
        let target = fields.get(key)?;
        if fields.len() != 1 {
            let others = fields
                .keys()
                .filter(|other| *other != key)
                .cloned()
                .collect::<Vec<_>>()
                .join(", ");
            self.diagnostics.push(problem::error(
                "config-include",
                origin,
                format!("`{path}` has {key} next to other keys ({others})"),
                format!("an object whose only key is {key}"),
                format!("move the other keys away, or replace {key} by the value itself"),
            ));
            return None;
        }
        let Data::Text(text) = &target.data else {
            self.diagnostics.push(problem::error(
                "config-include",
                &target.origin,
                format!("{key} at `{path}` is {}", target.data.sort()),
                format!("a string, for example `{key}: {}`", example(key)),
                "write the name as a string",
            ));
            return None;
        };
        let name = self.substitute(text, path, &target.origin)?;
        match key {
            "$env" => {
                let Some(value) = self.variable(&name) else {
                    self.missing(&name, path, &target.origin);
                    return None;
                };
                Some(Node::new(Data::Text(value), target.origin.clone()))
            }
            "$file" => self.file(&name, path, &target.origin, directory),
            _ => self.included(&name, path, &target.origin, directory, depth),
        }
    }

    fn file(&mut self, name: &str, path: &str, origin: &Origin, directory: &Path) -> Option<Node> {
        match read::text(&directory.join(name)) {
            Ok(text) => Some(Node::new(
                Data::Text(text.trim_end().to_owned()),
                origin.clone(),
            )),
            Err(cause) => {
                self.diagnostics.push(problem::unreadable_include(
                    "$file", name, path, origin, &cause, directory,
                ));
                None
            }
        }
    }

    fn included(
        &mut self,
        name: &str,
        path: &str,
        origin: &Origin,
        directory: &Path,
        depth: usize,
    ) -> Option<Node> {
        let (file_name, inner) = name.split_once('#').unwrap_or((name, ""));
        let file = directory.join(file_name);
        let known = file.extension().and_then(|ending| ending.to_str());
        if !matches!(known, Some("json" | "yaml" | "yml")) {
            self.diagnostics.push(problem::error(
                "config-include",
                origin,
                format!("$include at `{path}` names `{file_name}`, which is not YAML or JSON"),
                "a file that ends in .yaml, .yml or .json",
                "use `$file` for plain text",
            ));
            return None;
        }
        *self.included += 1;
        if depth >= MAX_INCLUDE_DEPTH || *self.included > MAX_INCLUDES {
            self.diagnostics.push(problem::error(
                "config-include",
                origin,
                format!("$include at `{path}` goes too deep: files include each other"),
                format!("at most {MAX_INCLUDE_DEPTH} levels and {MAX_INCLUDES} files"),
                format!("remove the circle that leads back to `{file_name}`"),
            ));
            return None;
        }
        let root = match read::file(&file) {
            Ok(root) => root?,
            Err(read::Failure::Unreadable(cause)) => {
                let found = problem::unreadable_include(
                    "$include", file_name, path, origin, &cause, directory,
                );
                self.diagnostics.push(found);
                return None;
            }
            Err(read::Failure::Invalid(found)) => {
                self.diagnostics.extend(found);
                return None;
            }
        };
        let mut node = &root;
        for step in inner.split('.').filter(|step| !step.is_empty()) {
            let Some(next) = node.child(step) else {
                self.diagnostics.push(problem::error(
                    "config-include",
                    origin,
                    format!("$include at `{path}` asks for `{inner}`, but {file_name} has no `{step}` there"),
                    "a path of keys that exist in the included file, for example file.yaml#a.b",
                    format!("correct the part behind `#`, or add the key to {file_name}"),
                ));
                return None;
            };
            node = next;
        }
        let node = node.clone();
        let below = file.parent().unwrap_or(directory).to_path_buf();
        self.value(node, path, &below, depth + 1)
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "$env" => "GITHUB_TOKEN",
        "$file" => "./github-token.txt",
        _ => "./secrets.yaml#github.token",
    }
}

/// The text before the next `${…}`, what is inside, the text behind it, and
/// whether it was escaped as `$${…}`. Braces do not nest.
fn next_reference(text: &str) -> Option<(&str, &str, &str, bool)> {
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.find("${")?;
        let inside = text.get(at + 2..)?;
        match inside.find(['{', '}']) {
            None => return None,
            Some(end) if inside.get(end..)?.starts_with('}') => {
                let before = text.get(..at)?;
                let (before, escaped) = match before.strip_suffix('$') {
                    Some(shorter) => (shorter, true),
                    None => (before, false),
                };
                return Some((before, inside.get(..end)?, inside.get(end + 1..)?, escaped));
            }
            Some(_) => from = at + 2,
        }
    }
}
