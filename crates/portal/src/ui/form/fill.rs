//! Putting answers back into fields, and finding fields by name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::action::FormAction;
use super::field::{Field, FieldKind};

/// Schemas may nest further; what lies deeper is not asked for.
pub(super) const MAX_DEPTH: usize = 16;
/// No list holds more items, whatever its own limit says.
const MAX_ITEMS: usize = 500;

/// `a` and `b` become `a.b`.
pub(super) fn join(prefix: &str, name: &str) -> String {
    match (prefix.is_empty(), name.is_empty()) {
        (true, _) => name.to_owned(),
        (_, true) => prefix.to_owned(),
        _ => format!("{prefix}.{name}"),
    }
}

/// The id of the element that asks for `name`.
pub(super) fn element_id(form: &str, name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '_' {
                c
            } else {
                '-'
            }
        })
        .collect();
    format!("{form}-{safe}")
}

/// What was sent, by name.
struct Sent<'a>(BTreeMap<&'a str, Vec<&'a str>>);

impl<'a> Sent<'a> {
    fn new(pairs: &'a [(String, String)]) -> Self {
        let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in pairs {
            all.entry(name).or_default().push(value);
        }
        Self(all)
    }

    fn values(&self, name: &str) -> Vec<String> {
        let found = self.0.get(name).into_iter().flatten();
        found.map(|value| (*value).to_owned()).collect()
    }

    /// The indices that were sent for a list. Only those make items, so that
    /// nobody makes a million of them with one name.
    fn indices(&self, list: &str) -> BTreeSet<usize> {
        let (from, to) = (format!("{list}."), format!("{list}/"));
        let (from, to) = (from.as_str(), to.as_str());
        self.0
            .range::<str, _>((Bound::Included(from), Bound::Excluded(to)))
            .filter_map(|(name, _)| {
                let rest = name.strip_prefix(from)?;
                rest.split('.').next()?.parse().ok()
            })
            .collect()
    }
}

pub(super) fn fill(fields: &mut [Field], pairs: &[(String, String)]) {
    fill_below(fields, "", &Sent::new(pairs), 0);
}

fn fill_below(fields: &mut [Field], prefix: &str, sent: &Sent<'_>, depth: usize) {
    for field in fields {
        let name = join(prefix, &field.name);
        fill_one(field, &name, sent, depth);
    }
}

fn fill_one(field: &mut Field, name: &str, sent: &Sent<'_>, depth: usize) {
    // What is locked or fixed keeps the server's value, whatever was sent.
    if depth > MAX_DEPTH || !field.locked.is_empty() {
        return;
    }
    match &mut field.kind {
        FieldKind::Group { fields } => fill_below(fields, name, sent, depth + 1),
        FieldKind::List {
            item,
            items,
            min,
            max,
        } => {
            let most = (*max).min(MAX_ITEMS).max(*min);
            let indices: Vec<usize> = sent.indices(name).into_iter().take(most).collect();
            items.resize_with(indices.len().max(*min), || (**item).clone());
            for (index, one) in items.iter_mut().enumerate() {
                one.name = index.to_string();
                let old = indices.get(index).map_or(index, |old| *old);
                fill_one(one, &join(name, &old.to_string()), sent, depth + 1);
            }
        }
        FieldKind::Fixed | FieldKind::File { .. } => {}
        FieldKind::Secret => field.values.clear(),
        _ => field.values = sent.values(name),
    }
}

/// Does what an add, remove or move button asks for.
pub(super) fn act(fields: &mut [Field], action: &FormAction) {
    let (FormAction::Add(name) | FormAction::Remove(name, _) | FormAction::Up(name, _)) = action
    else {
        return;
    };
    let Some(field) = find(fields, name) else {
        return;
    };
    let FieldKind::List {
        item,
        items,
        min,
        max,
    } = &mut field.kind
    else {
        return;
    };
    match action {
        FormAction::Add(_) if items.len() < (*max).min(MAX_ITEMS) => items.push((**item).clone()),
        FormAction::Remove(_, index) if *index < items.len() && items.len() > *min => {
            items.remove(*index);
        }
        FormAction::Up(_, index) if *index > 0 && *index < items.len() => {
            items.swap(*index - 1, *index);
        }
        _ => {}
    }
    for (index, one) in items.iter_mut().enumerate() {
        one.name = index.to_string();
    }
}

/// The field with this whole name.
pub(super) fn find<'f>(fields: &'f mut [Field], name: &str) -> Option<&'f mut Field> {
    let (head, rest) = name
        .split_once('.')
        .map_or((name, None), |(head, rest)| (head, Some(rest)));
    let field = fields.iter_mut().find(|field| field.name == head)?;
    match rest {
        None => Some(field),
        Some(rest) => match &mut field.kind {
            FieldKind::Group { fields } => find(fields, rest),
            FieldKind::List { items, .. } => find(items, rest),
            _ => None,
        },
    }
}

/// The same for reading.
pub(super) fn find_ref<'f>(fields: &'f [Field], name: &str) -> Option<&'f Field> {
    let (head, rest) = name
        .split_once('.')
        .map_or((name, None), |(head, rest)| (head, Some(rest)));
    let field = fields.iter().find(|field| field.name == head)?;
    match rest {
        None => Some(field),
        Some(rest) => match &field.kind {
            FieldKind::Group { fields } => find_ref(fields, rest),
            FieldKind::List { items, .. } => find_ref(items, rest),
            _ => None,
        },
    }
}

/// Collects id, label and text of what is wrong.
pub(super) fn problems(fields: &[Field], form: &str, found: &mut Vec<(String, String, String)>) {
    problems_below(fields, "", "", form, found, 0);
}

fn problems_below(
    fields: &[Field],
    prefix: &str,
    around: &str,
    form: &str,
    found: &mut Vec<(String, String, String)>,
    depth: usize,
) {
    if depth > MAX_DEPTH {
        return;
    }
    for field in fields {
        let name = join(prefix, &field.name);
        // "Ports 2" tells items of a list apart.
        let label = match (around.is_empty(), field.name.parse::<usize>()) {
            (false, Ok(index)) => format!("{around} {}", index + 1),
            _ => field.label.clone(),
        };
        if let Some(error) = &field.error {
            found.push((element_id(form, &name), label.clone(), error.clone()));
        }
        match &field.kind {
            FieldKind::Group { fields } => {
                problems_below(fields, &name, "", form, found, depth + 1);
            }
            FieldKind::List { items, .. } => {
                problems_below(items, &name, &field.label, form, found, depth + 1);
            }
            _ => {}
        }
    }
}
