//! The `filter` query parameter of Backstage's catalog API (reference 3.2).
//!
//! One parameter is a comma-separated list of statements `key=value`, `key=`
//! or `key`, which must all hold; several parameters are alternatives. There
//! is no escaping, negation or wildcard: for those there is the JSON form,
//! see [`Predicate::from_json`].

use super::predicate::{Predicate, Primitive, Test};
use crate::javascript::trim;
use crate::quoted::quoted;

/// More statements than this in one request are refused.
const MAX_STATEMENTS: usize = 10_000;

/// Why a `filter` parameter was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// A statement without a key, for example `=x`. The wording is Backstage's.
    #[error(
        "Invalid filter, '{}' is not a valid statement (expected a string on the form a=b or a= or a)",
        quoted(.0)
    )]
    Statement(String),
    /// A key that begins with `$`. No field can be asked for by such a name,
    /// because the JSON form reads it as an operator.
    #[error(
        "Invalid filter, '{}' is not a valid key (keys that begin with $ are operators of the JSON form of queries; expected a path such as metadata.name)",
        quoted(.0)
    )]
    Operator(String),
    /// The request holds too many statements.
    #[error(
        "Invalid filter, it has more than {MAX_STATEMENTS} statements; ask in several requests, or name a shared property of the entities instead"
    )]
    TooLong,
}

/// Reads all `filter` parameters of a request. `None` means that nothing was
/// asked for: no parameter, or only empty ones.
///
/// # Errors
/// [`FilterError`] for a statement without a key, for a key that begins with
/// `$`, and for too many statements.
pub fn parse_filters<S: AsRef<str>>(filters: &[S]) -> Result<Option<Predicate>, FilterError> {
    let mut budget = MAX_STATEMENTS;
    let mut alternatives = Vec::new();
    for filter in filters {
        if let Some(predicate) = parse_one(filter.as_ref(), &mut budget)? {
            alternatives.push(predicate);
        }
    }
    Ok(if alternatives.len() > 1 {
        Some(Predicate::Any(alternatives))
    } else {
        alternatives.pop()
    })
}

fn parse_one(filter: &str, budget: &mut usize) -> Result<Option<Predicate>, FilterError> {
    // Keys in order of appearance, each with the values that it may have.
    let mut keys: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for statement in filter.split(',').map(trim).filter(|s| !s.is_empty()) {
        *budget = budget.checked_sub(1).ok_or(FilterError::TooLong)?;
        let (key, value) = match statement.split_once('=') {
            Some((key, value)) => (trim(key), Some(trim(value))),
            None => (statement, None),
        };
        if key.is_empty() {
            return Err(FilterError::Statement(statement.to_owned()));
        }
        if key.starts_with('$') {
            return Err(FilterError::Operator(key.to_owned()));
        }
        let place = *places.entry(key).or_insert_with(|| {
            keys.push((key, Vec::new()));
            keys.len() - 1
        });
        if let (Some((_, values)), Some(value)) = (keys.get_mut(place), value) {
            values.push(value);
        }
    }
    let mut statements: Vec<Predicate> = keys
        .into_iter()
        .map(|(key, values)| Predicate::Field {
            key: key.to_owned(),
            test: test(&values),
        })
        .collect();
    Ok(if statements.len() > 1 {
        Some(Predicate::All(statements))
    } else {
        statements.pop()
    })
}

fn test(values: &[&str]) -> Test {
    match values {
        [] => Test::Exists(true),
        [value] => Test::Equals(Primitive::from(*value)),
        values => Test::In(values.iter().map(|value| Primitive::from(*value)).collect()),
    }
}
