//! Values of a type that their key does not have, found from the table of
//! known keys before anything is read. Without this, a section that is a text
//! (`catalog: none`) would count as an empty one.

use model::diagnostic::{Diagnostic, Severity};

use super::known::{self, Type, Use};
use super::problem;
use super::report::{Match, compare};
use super::tree::{Data, Node, join};

/// How many misfits are listed; a file of another program has thousands.
const MOST: usize = 50;
/// How many keys are named as examples of what an object may have.
const EXAMPLES: usize = 5;

/// Every value of a wrong type, in the order of the keys: an error where
/// Portway reads the key, else a warning.
pub(super) fn misfits(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    visit(root, "", &mut Vec::new(), &mut found);
    found.sort_by(|a, b| (&a.file, a.line, a.column).cmp(&(&b.file, b.line, b.column)));
    found
}

/// Appends what is wrong with `node` or below it.
fn visit(node: &Node, path: &str, steps: &mut Vec<String>, found: &mut Vec<Diagnostic>) {
    if found.len() >= MOST {
        return;
    }
    let expected = Expected::at(steps);
    if let Some(kind) = expected.own {
        if let Some(misfit) = typed(node, path, kind) {
            found.push(misfit);
            return;
        }
    } else if let Some(misfit) = shaped(node, path, steps, &expected) {
        found.push(misfit);
        return;
    }
    if expected.below.is_empty() {
        return;
    }
    match &node.data {
        Data::Map(fields) => {
            for (key, child) in fields {
                steps.push(key.clone());
                visit(child, &join(path, key), steps, found);
                steps.pop();
            }
        }
        Data::List(items) => {
            for (index, child) in items.iter().enumerate() {
                steps.push(index.to_string());
                visit(child, &format!("{path}[{index}]"), steps, found);
                steps.pop();
            }
        }
        _ => {}
    }
}

/// What the table says of the value at one path.
#[derive(Default)]
struct Expected {
    /// The type of this very key.
    own: Option<Type>,
    /// The steps that keys which are read have next.
    below: Vec<&'static str>,
    /// The keys that an object here, or each object of a list here, has.
    keys: Vec<&'static str>,
    /// The last step may be a provider's id or a key that nobody knows; only
    /// an object can be told to be a provider.
    perhaps_an_id: bool,
}

impl Expected {
    fn at(steps: &[String]) -> Self {
        let mut expected = Self::default();
        let mut sure = false;
        for (pattern, used) in known::keys() {
            let Use::Read(kind) = used else { continue };
            let parts: Vec<&'static str> = pattern.split('.').collect();
            let mut rests = Vec::new();
            rests_of(&parts, steps, false, &mut rests);
            for (rest, by_id) in rests {
                match rest.first() {
                    None | Some(&"**") => expected.own = expected.own.or(Some(kind)),
                    Some(next) => {
                        sure |= !by_id;
                        expected.below.push(next);
                        let inner = rest.iter().find(|part| !matches!(**part, "*" | "(*)"));
                        if let Some(key) = inner.filter(|key| **key != "**")
                            && !expected.keys.contains(key)
                        {
                            expected.keys.push(key);
                        }
                    }
                }
            }
        }
        expected.perhaps_an_id = !sure;
        expected
    }
}

/// What is left of a pattern behind `steps`, and whether the last step was
/// taken for an optional id.
fn rests_of<'p>(
    pattern: &'p [&'static str],
    steps: &[String],
    by_id: bool,
    out: &mut Vec<(&'p [&'static str], bool)>,
) {
    let Some((step, below)) = steps.split_first() else {
        out.push((pattern, by_id));
        return;
    };
    match pattern.split_first() {
        Some((&"(*)", rest)) => {
            let before = out.len();
            rests_of(rest, steps, false, out);
            if out.len() == before {
                rests_of(rest, below, true, out);
            }
        }
        Some((part, rest)) if *part == "*" || part == step => rests_of(rest, below, false, out),
        _ => {}
    }
}

fn typed(node: &Node, path: &str, kind: Type) -> Option<Diagnostic> {
    if kind.accepts(node) {
        let Data::List(items) = &node.data else {
            return None;
        };
        let text = |item: &Node| matches!(item.data, Data::Text(_));
        return match kind {
            Type::Texts | Type::TextOrTexts => {
                let (index, item) = items.iter().enumerate().find(|(_, item)| !text(item))?;
                Some(problem::wrong_type(
                    Severity::Error,
                    &format!("{path}[{index}]"),
                    item,
                    "a string",
                ))
            }
            _ => None,
        };
    }
    Some(problem::wrong_type(
        Severity::Error,
        path,
        node,
        kind.wanted(),
    ))
}

fn shaped(node: &Node, path: &str, steps: &[String], expected: &Expected) -> Option<Diagnostic> {
    let is_map = matches!(node.data, Data::Map(_));
    if expected.below.is_empty() {
        // A whole section that has no effect may still be a mistake.
        let ignored = steps.len() == 1 && ignored_section(steps);
        return (ignored && !is_map)
            .then(|| problem::wrong_type(Severity::Warning, path, node, "an object"));
    }
    let (wanted, each) = if expected.below.contains(&"*") {
        ("a list", "a list of objects")
    } else {
        ("an object", "an object")
    };
    let fits = match &node.data {
        Data::List(_) => wanted == "a list",
        Data::Map(_) => wanted == "an object",
        _ => false,
    };
    if fits || (expected.perhaps_an_id && wanted == "an object") {
        return None;
    }
    let misfit = problem::wrong_type(Severity::Error, path, node, wanted);
    if expected.keys.is_empty() {
        return Some(misfit);
    }
    let shown: Vec<String> = (expected.keys.iter().take(EXAMPLES))
        .map(|key| format!("`{key}`"))
        .collect();
    let more = if expected.keys.len() > EXAMPLES {
        " and others"
    } else {
        ""
    };
    Some(misfit.accepting(format!("{each} with {}{more}", shown.join(", "))))
}

fn ignored_section(steps: &[String]) -> bool {
    known::keys().any(|(pattern, used)| {
        matches!(used, Use::Ignored(_))
            && pattern.ends_with(".**")
            && compare(&pattern.split('.').collect::<Vec<_>>(), steps) == Match::Inside
    })
}
