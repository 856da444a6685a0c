//! What Portway does with each key of a configuration.

use std::collections::BTreeMap;

use serde::Serialize;

use super::known::{self, Use};
use super::tree::{Data, Node, Origin, join};

/// One key, or several of the same sort (`catalog.locations[].target`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyReport {
    /// The path; `[]` stands for several items of a list.
    pub path: String,
    /// Where it is written first.
    pub origin: Origin,
    /// How many values it stands for.
    pub values: usize,
    /// What Portway does with it.
    pub status: KeyStatus,
}

/// What Portway does with a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase", tag = "status")]
pub enum KeyStatus {
    /// Reads it.
    Read,
    /// Accepts it without effect.
    Ignored {
        /// The reason.
        why: &'static str,
    },
    /// Does not know it: a typing mistake, or a plugin's key.
    Unknown {
        /// The most similar key that is known, as a whole path.
        nearest: Option<String>,
    },
}

impl Serialize for KeyReport {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Row<'a> {
            path: &'a str,
            origin: String,
            values: usize,
            #[serde(flatten)]
            status: &'a KeyStatus,
        }
        Row {
            path: &self.path,
            origin: self.origin.to_string(),
            values: self.values,
            status: &self.status,
        }
        .serialize(serializer)
    }
}

/// The report on a whole tree, in the order in which the keys are written.
pub(super) fn report(root: &Node) -> Vec<KeyReport> {
    let mut rows = Rows::default();
    visit(root, "", &mut Vec::new(), &mut rows);
    let mut rows: Vec<KeyReport> = rows.0.into_values().collect();
    rows.sort_by(|a, b| a.origin.cmp(&b.origin).then_with(|| a.path.cmp(&b.path)));
    rows
}

#[derive(Default)]
struct Rows(BTreeMap<String, KeyReport>);

impl Rows {
    fn add(&mut self, path: &str, node: &Node, status: KeyStatus) {
        let path = without_indices(path);
        let values = count(node);
        match self.0.get_mut(&path) {
            Some(row) => row.values += values,
            None => {
                let origin = node.key_origin.clone();
                self.0.insert(
                    path.clone(),
                    KeyReport {
                        path,
                        origin,
                        values,
                        status,
                    },
                );
            }
        }
    }
}

fn visit(node: &Node, path: &str, steps: &mut Vec<String>, rows: &mut Rows) {
    let found = lookup(steps);
    let status = match found {
        Found {
            known: Some(Use::Read(_)),
            whole: true,
            ..
        } => Some(KeyStatus::Read),
        Found {
            known: Some(Use::Ignored(why)),
            whole: true,
            ..
        } => Some(KeyStatus::Ignored { why }),
        _ => None,
    };
    if let Some(status) = status {
        rows.add(path, node, status);
        return;
    }
    let children: Vec<(String, &Node, String)> = match &node.data {
        Data::Map(fields) if found.deeper && !fields.is_empty() => fields
            .iter()
            .map(|(key, child)| (join(path, key), child, key.clone()))
            .collect(),
        Data::List(items) if found.deeper && !items.is_empty() => items
            .iter()
            .enumerate()
            .map(|(index, child)| (format!("{path}[{index}]"), child, index.to_string()))
            .collect(),
        _ => {
            let status = match found.known {
                Some(Use::Read(_)) => KeyStatus::Read,
                Some(Use::Ignored(why)) => KeyStatus::Ignored { why },
                // A section that is written but empty is no mistake.
                None if found.deeper && is_empty(node) => return,
                None => KeyStatus::Unknown {
                    nearest: nearest(steps),
                },
            };
            rows.add(path, node, status);
            return;
        }
    };
    for (path, child, step) in children {
        steps.push(step);
        visit(child, &path, steps, rows);
        steps.pop();
    }
}

/// What the table says of one path.
#[derive(Default)]
struct Found {
    /// The use of this very path or of everything around it.
    known: Option<Use>,
    /// That use holds for everything below as well.
    whole: bool,
    /// There are more precise patterns below.
    deeper: bool,
}

fn lookup(steps: &[String]) -> Found {
    let mut found = Found::default();
    let mut best = None;
    for (pattern, used) in known::keys() {
        let matched = compare(&pattern.split('.').collect::<Vec<_>>(), steps);
        found.deeper |= matched == Match::Above;
        let rank = match matched {
            Match::Exact => (2, pattern.len()),
            Match::Inside => (1, pattern.len()),
            Match::Above | Match::None => continue,
        };
        if best.is_none_or(|best| rank > best) {
            best = Some(rank);
            found.known = Some(used);
        }
    }
    found.whole = found.known.is_some() && !found.deeper;
    found
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    None,
    /// The path stands above what the pattern names.
    Above,
    /// The path is covered by the pattern's `**`.
    Inside,
    Exact,
}

/// How a path stands to a pattern.
pub(super) fn compare(pattern: &[&str], steps: &[String]) -> Match {
    match (pattern.split_first(), steps.split_first()) {
        (None, None) => Match::Exact,
        (Some((&"**", _)), _) => Match::Inside,
        (Some(_), None) => Match::Above,
        (None, Some(_)) => Match::None,
        (Some((&"(*)", rest)), Some((_, below))) => match compare(rest, steps) {
            Match::None => compare(rest, below),
            found => found,
        },
        (Some((part, rest)), Some((step, below))) if *part == "*" || part == step => {
            compare(rest, below)
        }
        _ => Match::None,
    }
}

/// The known path that is most like an unknown one: a misspelt last key, or
/// the right key in the wrong section.
fn nearest(steps: &[String]) -> Option<String> {
    let (last, parents) = steps.split_last()?;
    let allowed = (last.chars().count() / 3).max(1);
    let siblings = known::keys().filter_map(|(pattern, _)| {
        let parts: Vec<&str> = pattern.split('.').collect();
        let key = sibling(&parts, parents)?;
        Some((distance(&key.to_lowercase(), &last.to_lowercase()), key))
    });
    let best = siblings.min_by_key(|(distance, key)| (*distance, key.len()));
    if let Some((found, key)) = best
        && found <= allowed
    {
        let parents = parents.iter().fold(String::new(), |path, step| {
            if step.parse::<usize>().is_ok() {
                format!("{path}[]")
            } else {
                join(&path, step)
            }
        });
        return Some(join(&parents, key));
    }
    known::keys()
        .filter(|(_, used)| matches!(used, Use::Read(_)))
        .map(|(pattern, _)| pattern.strip_suffix(".**").unwrap_or(pattern))
        .find(|pattern| pattern.rsplit('.').next() == Some(last.as_str()))
        .map(|pattern| pattern.replace(".(*)", "").replace(".*", "[]"))
}

/// The key that a pattern has directly below `parents`.
fn sibling<'a>(pattern: &[&'a str], parents: &[String]) -> Option<&'a str> {
    match (pattern.split_first(), parents.split_first()) {
        (Some((&"(*)", rest)), None) => sibling(rest, parents),
        (Some((part, _)), None) if !part.contains('*') => Some(part),
        (Some((&"(*)", rest)), Some((_, below))) => {
            sibling(rest, below).or_else(|| sibling(rest, parents))
        }
        (Some((part, rest)), Some((step, below))) if *part == "*" || part == step => {
            sibling(rest, below)
        }
        _ => None,
    }
}

/// Edits (insert, delete, replace, swap of neighbours) from one word to another.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at =
                |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (at(&row, j) + usize::from(x != y))
                .min(at(&row, j + 1) + 1)
                .min(at(&next, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                cost = cost.min(at(&before, j - 1) + 1);
            }
            next.push(cost);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or(0)
}

/// `catalog.locations[3].type` is reported as `catalog.locations[].type`.
fn without_indices(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut inside = false;
    for letter in path.chars() {
        match letter {
            '[' => {
                inside = true;
                out.push(letter);
            }
            ']' => {
                inside = false;
                out.push(letter);
            }
            _ if inside => {}
            _ => out.push(letter),
        }
    }
    out
}

fn is_empty(node: &Node) -> bool {
    match &node.data {
        Data::Null => true,
        Data::List(items) => items.is_empty(),
        Data::Map(fields) => fields.is_empty(),
        _ => false,
    }
}

/// Scalars in a value.
fn count(node: &Node) -> usize {
    match &node.data {
        Data::List(items) => items.iter().map(count).sum::<usize>().max(1),
        Data::Map(fields) => fields.values().map(count).sum::<usize>().max(1),
        _ => 1,
    }
}
