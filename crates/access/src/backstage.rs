//! Conditions as Backstage's permission framework writes them:
//! `{rule, resourceType, params}` under `anyOf`, `allOf` and `not`.

use model::query::{Predicate, Primitive, Test};
use serde_json::{Value, json};

/// Conditions nested deeper than this are refused.
const MAX_DEPTH: usize = 32;
/// The type of resource that the catalog's rules are about.
const RESOURCE: &str = "catalog-entity";

/// A rule: name, description, parameters (name, whether it is needed, whether
/// it is a list).
pub type CatalogRule = (
    &'static str,
    &'static str,
    &'static [(&'static str, bool, bool)],
);

/// The rules of the catalog. All but the last are Backstage's.
pub const RULES: [CatalogRule; 7] = [
    (
        "HAS_ANNOTATION",
        "Entities with an annotation",
        &[("annotation", true, false), ("value", false, false)],
    ),
    (
        "HAS_LABEL",
        "Entities with a label",
        &[("label", true, false), ("value", false, false)],
    ),
    (
        "HAS_METADATA",
        "Entities with a field of their metadata",
        &[("key", true, false), ("value", false, false)],
    ),
    (
        "HAS_SPEC",
        "Entities with a field of their spec",
        &[("key", true, false), ("value", false, false)],
    ),
    (
        "IS_ENTITY_KIND",
        "Entities of a kind",
        &[("kinds", true, true)],
    ),
    (
        "IS_ENTITY_OWNER",
        "Entities owned by one of the claims",
        &[("claims", true, true)],
    ),
    (
        "MATCHES_QUERY",
        "Entities that fulfil a query of the catalog; Portway's own",
        &[("query", true, false)],
    ),
];

/// What is wrong with conditions that somebody sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConditionProblem(String);

/// The conditions for a predicate.
#[must_use]
pub fn criteria(predicate: &Predicate) -> Value {
    match predicate {
        Predicate::All(list) if !list.is_empty() => {
            json!({ "allOf": list.iter().map(criteria).collect::<Vec<_>>() })
        }
        Predicate::Any(list) if !list.is_empty() => {
            json!({ "anyOf": list.iter().map(criteria).collect::<Vec<_>>() })
        }
        Predicate::Not(inner) => json!({ "not": criteria(inner) }),
        Predicate::Field { key, test } => {
            field(key, test).unwrap_or_else(|| whole_query(predicate))
        }
        Predicate::All(_) | Predicate::Any(_) => whole_query(predicate),
    }
}

fn whole_query(predicate: &Predicate) -> Value {
    leaf("MATCHES_QUERY", json!({ "query": predicate.to_json() }))
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "parameters are made where they are given"
)]
fn leaf(rule: &str, params: Value) -> Value {
    json!({ "rule": rule, "resourceType": RESOURCE, "params": params })
}

fn field(key: &str, test: &Test) -> Option<Value> {
    let texts = match test {
        Test::Equals(value) => Some(vec![text(value)]),
        Test::In(values) => Some(values.iter().map(text).collect::<Vec<_>>()),
        Test::Exists(true) => None,
        Test::Exists(false) | Test::HasPrefix(_) => return None,
    };
    let lists = [
        ("kind", "IS_ENTITY_KIND", "kinds"),
        ("relations.ownedBy", "IS_ENTITY_OWNER", "claims"),
    ];
    if let Some((_, rule, param)) = lists.iter().find(|(own, ..)| *own == key) {
        return texts.map(|texts| leaf(rule, json!({ *param: texts })));
    }
    let (rule, param, name) = [
        ("metadata.annotations.", "HAS_ANNOTATION", "annotation"),
        ("metadata.labels.", "HAS_LABEL", "label"),
        ("metadata.", "HAS_METADATA", "key"),
        ("spec.", "HAS_SPEC", "key"),
    ]
    .into_iter()
    .find_map(|(prefix, rule, param)| Some((rule, param, key.strip_prefix(prefix)?)))?;
    let one = |value: Option<String>| match value {
        Some(value) => leaf(rule, json!({ param: name, "value": value })),
        None => leaf(rule, json!({ param: name })),
    };
    match texts {
        None => Some(one(None)),
        Some(mut texts) if texts.len() == 1 => Some(one(texts.pop())),
        Some(texts) if texts.is_empty() => None,
        Some(texts) => {
            let any: Vec<Value> = texts.into_iter().map(|text| one(Some(text))).collect();
            Some(json!({ "anyOf": any }))
        }
    }
}

fn text(value: &Primitive) -> String {
    match value {
        Primitive::Text(text) => text.clone(),
        Primitive::Number(number) => number.to_string(),
        Primitive::Bool(value) => value.to_string(),
    }
}

/// The predicate for conditions.
///
/// # Errors
/// [`ConditionProblem`] for a rule, parameter or shape that is not known.
pub fn predicate_of(conditions: &Value) -> Result<Predicate, ConditionProblem> {
    read(conditions, 0)
}

fn read(conditions: &Value, depth: usize) -> Result<Predicate, ConditionProblem> {
    if depth > MAX_DEPTH {
        return Err(ConditionProblem(format!(
            "the conditions are nested deeper than {MAX_DEPTH}"
        )));
    }
    let list = |name: &str| -> Option<Result<Vec<Predicate>, ConditionProblem>> {
        let inner = conditions.get(name)?.as_array()?;
        Some(inner.iter().map(|one| read(one, depth + 1)).collect())
    };
    if let Some(any) = list("anyOf") {
        return any.map(Predicate::Any);
    }
    if let Some(all) = list("allOf") {
        return all.map(Predicate::All);
    }
    if let Some(inner) = conditions.get("not") {
        return read(inner, depth + 1).map(Predicate::negated);
    }
    let rule = conditions
        .get("rule")
        .and_then(Value::as_str)
        .ok_or_else(|| {
            ConditionProblem("a condition has one of rule, anyOf, allOf and not".to_owned())
        })?;
    rule_of(rule, conditions.get("params").unwrap_or(&Value::Null))
}

fn rule_of(rule: &str, params: &Value) -> Result<Predicate, ConditionProblem> {
    let wrong = |what: &str| ConditionProblem(format!("the rule {rule} needs {what}"));
    let one = |name: &str| params.get(name).and_then(Value::as_str);
    let many = |name: &str| -> Result<Vec<&str>, ConditionProblem> {
        let list = params.get(name).and_then(Value::as_array);
        let list = list.and_then(|list| list.iter().map(Value::as_str).collect());
        list.ok_or_else(|| wrong(&format!("`{name}`, a list of texts")))
    };
    let with_value = |prefix: &str, name: &str| {
        let key = one(name).ok_or_else(|| wrong(&format!("`{name}`, a text")))?;
        let key = format!("{prefix}{key}");
        Ok(match params.get("value") {
            None | Some(Value::Null) => Predicate::exists(&key),
            Some(Value::String(value)) => Predicate::equals(&key, value),
            Some(_) => return Err(wrong("`value` to be a text")),
        })
    };
    match rule {
        "HAS_ANNOTATION" => with_value("metadata.annotations.", "annotation"),
        "HAS_LABEL" => with_value("metadata.labels.", "label"),
        "HAS_METADATA" => with_value("metadata.", "key"),
        "HAS_SPEC" => with_value("spec.", "key"),
        "IS_ENTITY_KIND" => Ok(Predicate::is_in("kind", many("kinds")?)),
        "IS_ENTITY_OWNER" => Ok(Predicate::is_in("relations.ownedBy", many("claims")?)),
        "MATCHES_QUERY" => {
            let query = params.get("query").unwrap_or(&Value::Null);
            Predicate::from_json(query).map_err(|problem| ConditionProblem(problem.to_string()))
        }
        _ => {
            let names: Vec<&str> = RULES.iter().map(|(name, ..)| *name).collect();
            Err(ConditionProblem(format!(
                "there is no rule {rule:?} for {RESOURCE}; the rules are {}",
                names.join(", ")
            )))
        }
    }
}
