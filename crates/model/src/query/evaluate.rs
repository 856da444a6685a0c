//! Testing a predicate against one entity, without an index.

use std::collections::HashMap;

use serde_json::Value;

use super::predicate::{Predicate, Test};
use super::search_rows::{fold_case, visit_rows};

/// The searchable pairs of one entity, ready for several tests.
#[derive(Debug, Clone, Default)]
pub struct Searchable {
    /// The values of each key; `None` is a null or a value that is too long.
    values: HashMap<String, Vec<Option<String>>>,
}

impl Searchable {
    /// Collects the pairs of an entity, its relations included.
    #[must_use]
    pub fn new(entity: &Value) -> Self {
        let mut values: HashMap<String, Vec<Option<String>>> = HashMap::new();
        visit_rows(entity, &mut |row| {
            let value = row.value.map(|(folded, _)| folded.to_owned());
            match values.get_mut(row.key) {
                Some(list) => list.push(value),
                None => {
                    values.insert(row.key.to_owned(), vec![value]);
                }
            }
        });
        Self { values }
    }

    fn any(&self, key: &str, mut test: impl FnMut(&str) -> bool) -> bool {
        let key = fold_case(key);
        let values = self.values.get(key.as_ref());
        values.is_some_and(|list| list.iter().flatten().any(|value| test(value)))
    }
}

impl Predicate {
    /// Whether the entity fulfils this predicate. This is the definition of
    /// what predicates mean; an index must give the same answer.
    #[must_use]
    pub fn matches(&self, entity: &Searchable) -> bool {
        match self {
            Self::All(list) => list.iter().all(|inner| inner.matches(entity)),
            Self::Any(list) => list.iter().any(|inner| inner.matches(entity)),
            Self::Not(inner) => !inner.matches(entity),
            Self::Field { key, test } => match test {
                Test::Exists(wanted) => {
                    entity.values.contains_key(fold_case(key).as_ref()) == *wanted
                }
                Test::Equals(value) => {
                    let value = value.folded();
                    entity.any(key, |candidate| candidate == value)
                }
                Test::In(values) => {
                    let values: Vec<String> = values.iter().map(|value| value.folded()).collect();
                    entity.any(key, |candidate| values.iter().any(|v| v == candidate))
                }
                Test::HasPrefix(prefix) => {
                    let prefix = fold_case(prefix);
                    entity.any(key, |candidate| candidate.starts_with(prefix.as_ref()))
                }
            },
        }
    }

    /// [`Predicate::matches`] for a single test of one entity.
    #[must_use]
    pub fn matches_entity(&self, entity: &Value) -> bool {
        self.matches(&Searchable::new(entity))
    }
}
