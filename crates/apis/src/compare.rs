//! What differs between two versions of an API, and whom that breaks.
//!
//! Direction decides. What callers send may be asked less of, never more; what
//! they get may hold more, never less. Types are compared where an operation
//! uses them, so that a change says what it does to whom, and types that no
//! operation uses are left out. The rules are in `docs/catalog/apis.md`.

mod finding;
mod shapes;

use std::collections::{HashMap, HashSet};

use crate::doc::{ApiDoc, Field, Format, Operation, Payload};
pub use finding::{Breaking, Change, ChangeKind, Comparison, What};
use shapes::{Direction, Shapes};

/// Changes that are listed; later ones are counted in [`Comparison::left_out`].
const MAX_CHANGES: usize = 2_000;

/// Compares two versions of one API.
pub fn compare(before: &ApiDoc, after: &ApiDoc) -> Comparison {
    let mut found = Comparer {
        before,
        after,
        shapes: Shapes::of(before, after),
        at: Place::default(),
        changes: Vec::new(),
        said: 0,
        seen: HashSet::new(),
    };
    found.operations();
    let partial = found.shapes.is_partial;
    let mut changes = found.changes;
    changes.sort_by_key(|change| change.breaking);
    let count = |kind| {
        changes
            .iter()
            .filter(|change| change.breaking == kind)
            .count()
    };
    let (breaking, notable, harmless) = (
        count(Breaking::Yes),
        count(Breaking::Notable),
        count(Breaking::No),
    );
    let left_out = changes.len().saturating_sub(MAX_CHANGES);
    changes.truncate(MAX_CHANGES);
    Comparison {
        breaking,
        notable,
        harmless,
        changes,
        left_out,
        partial,
    }
}

#[derive(Clone, Default)]
struct Place {
    operation: String,
    line_before: u32,
    line_after: u32,
}

struct Comparer<'a> {
    before: &'a ApiDoc,
    after: &'a ApiDoc,
    shapes: Shapes<'a>,
    at: Place,
    changes: Vec<Change>,
    /// Differences so far, repeated ones too.
    said: usize,
    /// So that what is reached twice in one operation is said once.
    seen: HashSet<(String, String, What, String, String)>,
}

/// A difference before it has its place.
struct Difference {
    kind: ChangeKind,
    breaking: Breaking,
    what: What,
    place: String,
    before: String,
    after: String,
}

impl<'a> Comparer<'a> {
    fn say(&mut self, found: Difference) {
        self.said += 1;
        let key = (
            self.at.operation.clone(),
            found.place.clone(),
            found.what,
            found.before.clone(),
            found.after.clone(),
        );
        if !self.seen.insert(key) {
            return;
        }
        self.changes.push(Change {
            kind: found.kind,
            breaking: found.breaking,
            what: found.what,
            operation: self.at.operation.clone(),
            place: found.place,
            before: found.before,
            after: found.after,
            line_before: self.at.line_before,
            line_after: self.at.line_after,
        });
    }

    fn added(&mut self, breaking: Breaking, what: What, place: String, after: String) {
        self.say(Difference {
            kind: ChangeKind::Added,
            breaking,
            what,
            place,
            before: String::new(),
            after,
        });
    }

    fn removed(&mut self, breaking: Breaking, what: What, place: String, before: String) {
        self.say(Difference {
            kind: ChangeKind::Removed,
            breaking,
            what,
            place,
            before,
            after: String::new(),
        });
    }

    fn changed(&mut self, breaking: Breaking, what: What, place: String, words: (String, String)) {
        self.say(Difference {
            kind: ChangeKind::Changed,
            breaking,
            what,
            place,
            before: words.0,
            after: words.1,
        });
    }

    fn operations(&mut self) {
        let (before, after) = (self.before, self.after);
        let later = by_key(&after.operations);
        let earlier = by_key(&before.operations);
        for (key, old) in keyed(&before.operations) {
            self.at = Place {
                operation: old.key.clone(),
                line_before: old.line,
                line_after: 0,
            };
            match later.get(&key) {
                Some(new) => {
                    self.at.line_after = new.line;
                    self.operation(old, new);
                }
                None => {
                    self.removed(
                        Breaking::Yes,
                        What::Operation,
                        String::new(),
                        old.target.clone(),
                    );
                }
            }
        }
        for (key, new) in keyed(&after.operations) {
            if !earlier.contains_key(&key) {
                self.at = Place {
                    operation: new.key.clone(),
                    line_before: 0,
                    line_after: new.line,
                };
                self.added(
                    Breaking::No,
                    What::Operation,
                    String::new(),
                    new.target.clone(),
                );
            }
        }
    }

    fn operation(&mut self, old: &'a Operation, new: &'a Operation) {
        if old.deprecated != new.deprecated {
            let (place, words) = (String::new(), "deprecated".to_owned());
            if new.deprecated {
                self.added(Breaking::Notable, What::Deprecated, place, words);
            } else {
                self.removed(Breaking::No, What::Deprecated, place, words);
            }
        }
        self.security(old, new);
        self.parameters(old, new);
        // A webhook, and a message that is sent, go to those who use the API.
        let is_webhook = old.key.starts_with("webhook ");
        let (inputs, outputs) = if is_webhook {
            (Direction::Answer, Direction::Request)
        } else {
            (Direction::Request, Direction::Answer)
        };
        self.payloads(inputs, (&old.inputs, &new.inputs), What::Body);
        self.payloads(outputs, (&old.outputs, &new.outputs), What::Answer);
    }

    fn security(&mut self, old: &Operation, new: &Operation) {
        let set = |names: &[String]| -> Vec<String> {
            let mut names = names.to_vec();
            names.sort();
            names
        };
        let (was, is) = (set(&old.security), set(&new.security));
        if was == is {
            return;
        }
        // More ways in, or no need for one, hurt nobody.
        let kept = was.iter().all(|name| is.contains(name));
        let breaking = if is.is_empty() || (kept && !was.is_empty()) {
            Breaking::No
        } else {
            Breaking::Yes
        };
        let words = (was.join(", "), is.join(", "));
        self.changed(breaking, What::Security, String::new(), words);
    }

    fn parameters(&mut self, old: &'a Operation, new: &'a Operation) {
        // Path parameters may be called something else: their order counts.
        let named = |operation: &'a Operation| -> Vec<(String, &'a Field)> {
            let order = path_order(&operation.target);
            let key = |field: &Field| match order.get(field.name.as_str()) {
                Some(at) if field.place == "path" => format!("path #{at}"),
                _ => format!("{} {}", field.place, key_of(field)),
            };
            operation
                .parameters
                .iter()
                .map(|field| (key(field), field))
                .collect()
        };
        let (was, is) = (named(old), named(new));
        let later: HashMap<_, _> = is.iter().map(|(key, field)| (key, *field)).collect();
        let earlier: HashSet<_> = was.iter().map(|(key, _)| key).collect();
        for (key, field) in &was {
            let place = parameter_place(field);
            let Some(now) = later.get(key) else {
                // GraphQL refuses an argument that it does not know.
                let breaking = match self.before.format {
                    Format::GraphQl => Breaking::Yes,
                    _ => Breaking::Notable,
                };
                self.removed(breaking, What::Parameter, place, field.shape.words());
                continue;
            };
            self.requiredness(Direction::Request, &place, (field, now));
            self.shape(Direction::Request, &place, (&field.shape, &now.shape));
        }
        for (key, field) in &is {
            if !earlier.contains(key) {
                let (breaking, what) = if field.required {
                    (Breaking::Yes, What::RequiredParameter)
                } else {
                    (Breaking::No, What::Parameter)
                };
                self.added(breaking, what, parameter_place(field), field.shape.words());
            }
        }
    }

    fn payloads(
        &mut self,
        direction: Direction,
        (old, new): (&'a [Payload], &'a [Payload]),
        what: What,
    ) {
        let mut matched = HashSet::new();
        for was in old {
            let place = payload_place(what, was);
            let same = |at: &usize, is: &Payload| {
                !matched.contains(at) && is.status == was.status && is.media == was.media
            };
            let exact = new.iter().enumerate().find(|(at, is)| same(at, is));
            let similar = || {
                // One payload whose media type is another one.
                let of = |list: &'a [Payload]| {
                    list.iter()
                        .enumerate()
                        .filter(|(_, is)| is.status == was.status)
                        .collect::<Vec<_>>()
                };
                match (of(old).as_slice(), of(new).as_slice()) {
                    ([_], [only]) => Some(*only),
                    _ => None,
                }
            };
            let Some((at, is)) = exact.or_else(similar) else {
                let breaking = self.lost_payload(direction, was);
                self.removed(breaking, what, place, payload_words(was));
                continue;
            };
            matched.insert(at);
            self.payload(direction, &place, (was, is), what);
        }
        for (at, is) in new.iter().enumerate() {
            if !matched.contains(&at) {
                let breaking = match direction {
                    Direction::Request if is.required && old.is_empty() => Breaking::Yes,
                    Direction::Answer if !old.is_empty() => Breaking::Notable,
                    _ => Breaking::No,
                };
                self.added(breaking, what, payload_place(what, is), payload_words(is));
            }
        }
    }

    fn lost_payload(&self, direction: Direction, was: &Payload) -> Breaking {
        let is_error = was.status.starts_with(['4', '5']) || was.status == "default";
        match direction {
            Direction::Answer if is_error && self.before.format.is_http() => Breaking::Notable,
            _ => Breaking::Yes,
        }
    }

    fn payload(
        &mut self,
        direction: Direction,
        place: &str,
        (was, is): (&'a Payload, &'a Payload),
        what: What,
    ) {
        if was.media != is.media {
            let what = if self.before.format == Format::Proto {
                What::Streaming
            } else {
                What::Media
            };
            let words = (was.media.clone(), is.media.clone());
            let appears = was.media.is_empty() && was.shape.is_none();
            let breaking = if appears { Breaking::No } else { Breaking::Yes };
            self.changed(breaking, what, place.to_owned(), words);
        }
        if was.required != is.required && what == What::Body && self.before.format.is_http() {
            let breaking = match direction {
                Direction::Request if is.required => Breaking::Yes,
                Direction::Answer if !is.required => Breaking::Yes,
                _ => Breaking::No,
            };
            let words = (need(was.required), need(is.required));
            self.changed(breaking, What::Requiredness, place.to_owned(), words);
        }
        match (&was.shape, &is.shape) {
            (Some(old), Some(new)) => self.shape(direction, place, (old, new)),
            (Some(old), None) => {
                let words = (old.words(), String::new());
                self.changed(Breaking::Yes, What::Type, place.to_owned(), words);
            }
            (None, Some(new)) => {
                let breaking = if direction == Direction::Request && is.required {
                    Breaking::Notable
                } else {
                    Breaking::No
                };
                let words = (String::new(), new.words());
                self.changed(breaking, What::Type, place.to_owned(), words);
            }
            (None, None) => {}
        }
    }
}

/// Operations with a key that is unique even where the definition repeats one.
fn keyed(operations: &[Operation]) -> Vec<((&str, usize), &Operation)> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    operations
        .iter()
        .map(|operation| {
            let count = seen.entry(operation.key.as_str()).or_default();
            let key = (operation.key.as_str(), *count);
            *count += 1;
            (key, operation)
        })
        .collect()
}

fn by_key(operations: &[Operation]) -> HashMap<(&str, usize), &Operation> {
    keyed(operations).into_iter().collect()
}

/// Where in a path each parameter stands.
fn path_order(path: &str) -> HashMap<&str, usize> {
    path.split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}'))
        .map(|(name, _)| name)
        .zip(0..)
        .collect()
}

/// HTTP does not tell the case of headers.
fn key_of(field: &Field) -> String {
    if field.place == "header" {
        field.name.to_ascii_lowercase()
    } else {
        field.name.clone()
    }
}

fn parameter_place(field: &Field) -> String {
    format!("{} {}", field.place, field.name).trim().to_owned()
}

fn payload_place(what: What, payload: &Payload) -> String {
    let word = if what == What::Body {
        "request"
    } else {
        "response"
    };
    format!("{word} {}", payload.status).trim().to_owned()
}

fn payload_words(payload: &Payload) -> String {
    let shape = payload.shape.as_ref().map(crate::doc::Shape::words);
    let parts = [payload.media.as_str(), shape.as_deref().unwrap_or_default()];
    let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

fn need(required: bool) -> String {
    if required { "required" } else { "optional" }.to_owned()
}
