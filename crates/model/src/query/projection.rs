//! The `fields` parameter: which parts of an entity to answer with
//! (reference 3.4).

use serde_json::{Map, Value};

use crate::quoted::quoted;

use crate::javascript::trim;

/// More fields than this in one request are refused.
const MAX_FIELDS: usize = 1_000;

/// Why a `fields` parameter was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// An index into an array. The wording is Backstage's.
    #[error("Invalid field \"{}\", array type fields are not supported", quoted(.0))]
    Array(String),
    /// The request names too many fields.
    #[error("Invalid fields, more than {MAX_FIELDS} were given; ask for their parent instead")]
    TooMany,
}

/// A projection: dotted paths of what to keep, whole subtrees allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    paths: Vec<String>,
}

impl Fields {
    /// Reads comma-separated and repeated `fields` parameters. `None` means
    /// that the whole entity is wanted: no parameter, or only empty ones.
    ///
    /// # Errors
    /// [`FieldsError`] for a path with `[` and for too many paths.
    pub fn parse<S: AsRef<str>>(parameters: &[S]) -> Result<Option<Self>, FieldsError> {
        let mut paths: Vec<String> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        let fields = parameters.iter().flat_map(|text| text.as_ref().split(','));
        for field in fields.map(trim).filter(|field| !field.is_empty()) {
            if field.contains('[') {
                return Err(FieldsError::Array(field.to_owned()));
            }
            if seen.insert(field.to_owned()) {
                paths.push(field.to_owned());
            }
            if paths.len() > MAX_FIELDS {
                return Err(FieldsError::TooMany);
            }
        }
        Ok((!paths.is_empty()).then_some(Self { paths }))
    }

    /// The paths, in the order in which they were asked for.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    /// The entity with only the wanted parts, in the order in which they were
    /// asked for. What the entity does not have is left out, so that the
    /// answer may be an empty object.
    #[must_use]
    pub fn apply(&self, entity: &Value) -> Value {
        let mut output = Map::new();
        for path in self.paths() {
            copy(path, entity, &mut output);
        }
        Value::Object(output)
    }

    /// The ways to divide the head of `path` off as a key of an object, the
    /// longest first, because keys may contain dots themselves:
    /// `a.b.c` gives (`a.b.c`, nothing), (`a.b`, `c`), (`a`, `b.c`).
    pub fn heads(path: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
        std::iter::once((path, None)).chain(path.rmatch_indices('.').filter_map(|(dot, _)| {
            let (head, rest) = path.split_at_checked(dot)?;
            Some((head, rest.strip_prefix('.')))
        }))
    }
}

fn copy(path: &str, source: &Value, output: &mut Map<String, Value>) {
    let Value::Object(source) = source else {
        return;
    };
    let step = Fields::heads(path).find_map(|(key, rest)| Some((key, source.get(key)?, rest)));
    let Some((key, value, rest)) = step else {
        return;
    };
    let Some(rest) = rest else {
        output.insert(key.to_owned(), value.clone());
        return;
    };
    // Nothing is written unless the end of the path is there.
    let mut inner = match output.get_mut(key) {
        Some(Value::Object(inner)) => std::mem::take(inner),
        _ => Map::new(),
    };
    copy(rest, value, &mut inner);
    if !inner.is_empty() {
        output.insert(key.to_owned(), Value::Object(inner));
    }
}
