//! Comparing what values look like.

use std::collections::{HashMap, HashSet};

use super::{Breaking, Comparer, What, need};
use crate::doc::{ApiDoc, Field, Format, Shape, TypeDef, WHOLE};

/// Fields within fields that are compared; deeper ones are taken as equal.
const MAX_DEPTH: usize = 32;
/// Pairs of shapes that one payload may cost, and all of them together.
const MAX_STEPS: usize = 20_000;
const MAX_ALL_STEPS: usize = 2_000_000;

/// Who writes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Direction {
    /// Those who use the API.
    Request,
    /// The API.
    Answer,
}

/// The types of both versions by name.
pub(super) struct Shapes<'a> {
    before: HashMap<&'a str, &'a TypeDef>,
    after: HashMap<&'a str, &'a TypeDef>,
    /// Pairs of types that have been found equal with all that they lead to.
    equal: HashSet<(Direction, &'a str, &'a str)>,
    steps: usize,
    /// Whether some pairs were not looked at.
    pub(super) is_partial: bool,
}

impl<'a> Shapes<'a> {
    pub(super) fn of(before: &'a ApiDoc, after: &'a ApiDoc) -> Self {
        let named = |doc: &'a ApiDoc| {
            let types = doc.types.iter();
            types.map(|def| (def.name.as_str(), def)).collect()
        };
        Self {
            before: named(before),
            after: named(after),
            equal: HashSet::new(),
            steps: 0,
            is_partial: false,
        }
    }
}

/// What is being compared with what.
struct Walk<'a> {
    direction: Direction,
    /// Pairs of names that are being compared or have been.
    open: HashSet<(&'a str, &'a str)>,
    steps: usize,
}

type Pair<'a> = (&'a Shape, &'a Shape);

impl<'a> Comparer<'a> {
    /// Compares two shapes and everything that they lead to.
    pub(super) fn shape(&mut self, direction: Direction, place: &str, pair: Pair<'a>) {
        let mut walk = Walk {
            direction,
            open: HashSet::new(),
            steps: 0,
        };
        let (said, partial) = (self.said, self.shapes.is_partial);
        self.step(&mut walk, place, pair, 0);
        self.shapes.steps += walk.steps;
        // Only where nothing at all was found: circles lead back to types that
        // are being compared, which are taken as equal meanwhile.
        if self.said == said && self.shapes.is_partial == partial {
            let open = walk.open.into_iter();
            self.shapes
                .equal
                .extend(open.map(|(was, is)| (direction, was, is)));
        }
    }

    /// Whether something must be there, and the mark that it is on its way out.
    pub(super) fn requiredness(
        &mut self,
        direction: Direction,
        place: &str,
        (was, is): (&Field, &Field),
    ) {
        if was.required != is.required && !self.is_same_as_nullable(was, is) {
            let breaking = match (direction, is.required) {
                (Direction::Request, true) | (Direction::Answer, false) => Breaking::Yes,
                _ => Breaking::No,
            };
            let words = (need(was.required), need(is.required));
            self.changed(breaking, What::Requiredness, place.to_owned(), words);
        }
        if was.deprecated != is.deprecated {
            let words = "deprecated".to_owned();
            if is.deprecated {
                self.added(Breaking::Notable, What::Deprecated, place.to_owned(), words);
            } else {
                self.removed(Breaking::No, What::Deprecated, place.to_owned(), words);
            }
        }
    }

    /// In GraphQL a field of an answer is "required" when it is not nullable,
    /// which is said once.
    fn is_same_as_nullable(&self, was: &Field, is: &Field) -> bool {
        self.before.format == Format::GraphQl
            && self.after.format == Format::GraphQl
            && was.shape.nullable != is.shape.nullable
            && was.required != was.shape.nullable
            && is.required != is.shape.nullable
    }

    fn step(&mut self, walk: &mut Walk<'a>, place: &str, (old, new): Pair<'a>, depth: usize) {
        walk.steps += 1;
        let all = self.shapes.steps + walk.steps;
        if depth > MAX_DEPTH || walk.steps > MAX_STEPS || all > MAX_ALL_STEPS {
            self.shapes.is_partial = true;
            return;
        }
        self.nullability(walk.direction, place, (old, new));
        let names = (old.named.as_deref(), new.named.as_deref());
        if let (Some(was), Some(is)) = names {
            let is_equal = self.shapes.equal.contains(&(walk.direction, was, is));
            if is_equal || !walk.open.insert((was, is)) {
                return;
            }
            if was != is && self.names_count() {
                let words = (was.to_owned(), is.to_owned());
                self.changed(Breaking::Yes, What::Type, place.to_owned(), words);
                return;
            }
        }
        let meant = (
            resolved(&self.shapes.before, old),
            resolved(&self.shapes.after, new),
        );
        let (Some(was), Some(is)) = meant else {
            if names.0 != names.1 && old.words() != new.words() {
                let words = (old.words(), new.words());
                self.changed(Breaking::Yes, What::Type, place.to_owned(), words);
            }
            return;
        };
        if let (Some(was), Some(is)) = (old.named.as_deref(), new.named.as_deref()) {
            let kinds = (
                self.shapes.before.get(was).map(|def| def.kind),
                self.shapes.after.get(is).map(|def| def.kind),
            );
            if let (Some(was), Some(is)) = kinds
                && was != is
            {
                let words = (was.to_owned(), is.to_owned());
                self.changed(Breaking::Yes, What::Type, place.to_owned(), words);
                return;
            }
        }
        if !self.kinds(walk.direction, place, (was, is), (old, new)) {
            return;
        }
        self.values(walk.direction, place, (was, is));
        self.limits(walk.direction, place, (was, is));
        self.fields(walk, place, (was, is), depth);
        if let (Some(old), Some(new)) = (&was.items, &is.items) {
            self.step(walk, &format!("{place}[]"), (old, new), depth + 1);
        }
        self.choices(walk, place, (was, is), depth);
    }

    /// Names of types mean something in GraphQL (fragments) and in protocol
    /// buffers (generated code); schemas of JSON have names for people only.
    fn names_count(&self) -> bool {
        matches!(self.before.format, Format::GraphQl | Format::Proto)
    }

    fn nullability(&mut self, direction: Direction, place: &str, (old, new): Pair<'a>) {
        if old.nullable == new.nullable {
            return;
        }
        // Presence, which the wire does not show.
        let breaking = if self.before.format == Format::Proto {
            Breaking::Notable
        } else {
            match (direction, new.nullable) {
                (Direction::Request, false) | (Direction::Answer, true) => Breaking::Yes,
                _ => Breaking::No,
            }
        };
        let words = |nullable: bool| if nullable { "nullable" } else { "not null" }.to_owned();
        let words = (words(old.nullable), words(new.nullable));
        self.changed(breaking, What::Nullability, place.to_owned(), words);
    }

    /// Whether both are of one kind, so that looking inside makes sense.
    /// `written` is how both were written, names and all.
    fn kinds(
        &mut self,
        direction: Direction,
        place: &str,
        (was, is): Pair<'a>,
        written: Pair<'a>,
    ) -> bool {
        let mut words = (kind_words(written.0), kind_words(written.1));
        if words.0 == words.1 {
            words = (kind_words(was), kind_words(is));
        }
        if was.kind != is.kind {
            let breaking = match (direction, was.kind.as_str(), is.kind.as_str()) {
                // An answer that gets smaller, a request that may be more.
                (Direction::Answer, "number", "integer") => Breaking::No,
                (Direction::Request, "integer", "number") => Breaking::No,
                (Direction::Request, _, "") if is.one_of.is_empty() => Breaking::No,
                (Direction::Answer, "", _) if was.one_of.is_empty() => Breaking::No,
                (Direction::Request, _, "") if offers(is, was) => Breaking::No,
                (Direction::Answer, "", _) if offers(was, is) => Breaking::No,
                _ => Breaking::Yes,
            };
            self.changed(breaking, What::Type, place.to_owned(), words);
            return false;
        }
        if was.format != is.format {
            let breaking = if was.format.is_none() && direction == Direction::Answer
                || is.format.is_none() && direction == Direction::Request
            {
                Breaking::No
            } else {
                Breaking::Yes
            };
            self.changed(breaking, What::Type, place.to_owned(), words);
        }
        true
    }

    fn values(&mut self, direction: Direction, place: &str, (was, is): Pair<'a>) {
        match (was.values.is_empty(), is.values.is_empty()) {
            (true, true) => return,
            (true, false) | (false, true) => {
                let narrower = was.values.is_empty();
                let breaking = match (direction, narrower) {
                    (Direction::Request, true) => Breaking::Yes,
                    (Direction::Answer, false) => Breaking::Notable,
                    _ => Breaking::No,
                };
                let words = (was.values.join(", "), is.values.join(", "));
                self.changed(breaking, What::Values, place.to_owned(), words);
                return;
            }
            (false, false) => {}
        }
        let generated = self.names_count();
        let kept: HashSet<&String> = is.values.iter().collect();
        for value in was.values.iter().filter(|value| !kept.contains(value)) {
            // Generated code has names for all values, whoever writes them.
            let breaking = if direction == Direction::Request || generated {
                Breaking::Yes
            } else {
                Breaking::No
            };
            self.removed(breaking, What::Value, place.to_owned(), value.clone());
        }
        let known: HashSet<&String> = was.values.iter().collect();
        for value in is.values.iter().filter(|value| !known.contains(value)) {
            let breaking = match direction {
                Direction::Answer => Breaking::Notable,
                Direction::Request => Breaking::No,
            };
            self.added(breaking, What::Value, place.to_owned(), value.clone());
        }
    }

    fn limits(&mut self, direction: Direction, place: &str, (was, is): Pair<'a>) {
        if was.limits == is.limits {
            return;
        }
        let old: HashSet<&str> = was.limits.iter().map(String::as_str).collect();
        let new: HashSet<&str> = is.limits.iter().map(String::as_str).collect();
        let gone: Vec<&str> = sorted(old.difference(&new));
        let come: Vec<&str> = sorted(new.difference(&old));
        if gone.is_empty() && come.is_empty() {
            return;
        }
        let tighter = come
            .iter()
            .any(|limit| !limit.starts_with("default ") && !is_looser(limit, &gone));
        let breaking = if self.before.format == Format::Proto {
            // Only `oneof` stands here, and default values.
            if gone
                .iter()
                .chain(&come)
                .any(|limit| limit.starts_with("oneof "))
            {
                Breaking::Yes
            } else {
                Breaking::Notable
            }
        } else if self.before.format == Format::GraphQl {
            graphql_limits(&gone, &come)
        } else if direction == Direction::Request && tighter {
            Breaking::Yes
        } else if come
            .iter()
            .chain(&gone)
            .any(|limit| limit.starts_with("default "))
        {
            Breaking::Notable
        } else {
            Breaking::No
        };
        let words = (gone.join(", "), come.join(", "));
        self.changed(breaking, What::Limit, place.to_owned(), words);
    }

    fn fields(&mut self, walk: &mut Walk<'a>, place: &str, (was, is): Pair<'a>, depth: usize) {
        let old = flattened(&self.shapes.before, was);
        let new = flattened(&self.shapes.after, is);
        // On the wire only numbers count, in generated code names do.
        let by_number = self.before.format == Format::Proto;
        let later: HashMap<&str, &'a Field> = new
            .iter()
            .map(|field| (field.name.as_str(), *field))
            .collect();
        let earlier: HashSet<&str> = old.iter().map(|field| field.name.as_str()).collect();
        // Values of enumerations, which are compared as values.
        let are_values = was.kind == "enum" && is.kind == "enum";
        for field in &old {
            let inside = joined(place, &field.name);
            let Some(now) = later.get(field.name.as_str()) else {
                if !are_values {
                    let breaking = match walk.direction {
                        Direction::Answer => Breaking::Yes,
                        Direction::Request if self.names_count() => Breaking::Yes,
                        Direction::Request => Breaking::Notable,
                    };
                    let what = if field.required {
                        What::RequiredField
                    } else {
                        What::Field
                    };
                    self.removed(breaking, what, inside, field.shape.words());
                }
                continue;
            };
            if by_number && field.number != now.number {
                let words = (number(field), number(now));
                self.changed(Breaking::Yes, What::Number, inside.clone(), words);
            }
            self.requiredness(walk.direction, &inside, (field, now));
            self.step(walk, &inside, (&field.shape, &now.shape), depth + 1);
        }
        for field in new
            .iter()
            .filter(|field| !earlier.contains(field.name.as_str()))
        {
            if are_values {
                continue;
            }
            let written_by_api = field.shape.limits.iter().any(|limit| limit == "read only");
            let (breaking, what) = if !field.required {
                (Breaking::No, What::Field)
            } else if walk.direction == Direction::Request && !written_by_api {
                (Breaking::Yes, What::RequiredField)
            } else {
                (Breaking::No, What::RequiredField)
            };
            let words = field.shape.words();
            self.added(breaking, what, joined(place, &field.name), words);
        }
    }

    fn choices(&mut self, walk: &mut Walk<'a>, place: &str, (was, is): Pair<'a>, depth: usize) {
        let mut left: Vec<&'a Shape> = is.one_of.iter().collect();
        for old in &was.one_of {
            let same = left.iter().position(|new| new.words() == old.words());
            // Without names, position has to do.
            let same = same.or_else(|| {
                let unnamed = |shape: &Shape| shape.named.is_none() && shape.kind == old.kind;
                left.iter()
                    .position(|new| old.named.is_none() && unnamed(new))
            });
            match same {
                Some(at) => {
                    let new = left.remove(at);
                    let inside = format!("{place} ({})", old.words());
                    self.step(walk, inside.trim_start(), (old, new), depth + 1);
                }
                None => {
                    let breaking = if walk.direction == Direction::Request || self.names_count() {
                        Breaking::Yes
                    } else {
                        Breaking::No
                    };
                    self.removed(breaking, What::Choice, place.to_owned(), old.words());
                }
            }
        }
        for new in left {
            let breaking = match walk.direction {
                Direction::Answer => Breaking::Notable,
                Direction::Request => Breaking::No,
            };
            self.added(breaking, What::Choice, place.to_owned(), new.words());
        }
    }
}

/// What a shape means; nothing when its name is not defined here, or leads in
/// a circle.
fn resolved<'a>(types: &HashMap<&'a str, &'a TypeDef>, shape: &'a Shape) -> Option<&'a Shape> {
    let mut shape = shape;
    for _ in 0..8 {
        match &shape.named {
            None => return Some(shape),
            Some(name) => shape = &types.get(name.as_str())?.shape,
        }
    }
    None
}

/// The fields, with those of types that stand for all their fields.
fn flattened<'a>(types: &HashMap<&'a str, &'a TypeDef>, shape: &'a Shape) -> Vec<&'a Field> {
    let mut found: Vec<&'a Field> = Vec::new();
    let mut names = HashSet::new();
    let mut open = vec![shape];
    let mut seen = HashSet::new();
    while let Some(shape) = open.pop() {
        for field in &shape.fields {
            let whole = field
                .name
                .strip_prefix(WHOLE)
                .filter(|_| field.shape.named.is_some());
            match whole {
                Some(name) if seen.insert(name) => open.extend(resolved(types, &field.shape)),
                Some(_) => {}
                None if names.insert(field.name.as_str()) => found.push(field),
                None => {}
            }
        }
    }
    found
}

/// Whether one of the possible types is this one.
fn offers(shape: &Shape, wanted: &Shape) -> bool {
    shape
        .one_of
        .iter()
        .any(|choice| choice.words() == wanted.words())
}

fn kind_words(shape: &Shape) -> String {
    let nullable = Shape {
        nullable: false,
        fields: Vec::new(),
        ..shape.clone()
    };
    nullable.words()
}

/// `length ≥ 3` after `length ≥ 5`.
fn is_looser(limit: &str, gone: &[&str]) -> bool {
    let Some((word, value)) = limit.rsplit_once(' ') else {
        return false;
    };
    let Ok(value) = value.parse::<f64>() else {
        return false;
    };
    gone.iter().any(|old| {
        let before = old.rsplit_once(' ').filter(|(same, _)| *same == word);
        let before = before.and_then(|(_, before)| before.parse::<f64>().ok());
        before.is_some_and(|before| {
            if word.ends_with(['≥', '>']) {
                value <= before
            } else {
                value >= before
            }
        })
    })
}

/// Arguments of fields, defaults and interfaces.
fn graphql_limits(gone: &[&str], come: &[&str]) -> Breaking {
    let name = |limit: &str| limit.split(':').next().unwrap_or_default().to_owned();
    let argument = |limit: &&&str| limit.starts_with('(');
    let lost = gone.iter().any(|limit| !limit.starts_with("default "));
    let required = come
        .iter()
        .filter(argument)
        .any(|limit| limit.ends_with("!)") && !gone.iter().any(|old| name(old) == name(limit)));
    if lost || required {
        Breaking::Yes
    } else if come
        .iter()
        .chain(gone)
        .any(|limit| limit.starts_with("default "))
    {
        Breaking::Notable
    } else {
        Breaking::No
    }
}

fn sorted<'b>(found: impl Iterator<Item = &'b &'b str>) -> Vec<&'b str> {
    let mut found: Vec<&str> = found.copied().collect();
    found.sort_unstable();
    found
}

fn joined(place: &str, name: &str) -> String {
    if place.is_empty() {
        name.to_owned()
    } else {
        format!("{place} › {name}")
    }
}

fn number(field: &Field) -> String {
    field
        .number
        .map_or(String::new(), |number| number.to_string())
}
