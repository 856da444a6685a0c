//! Substitutions: an object whose only key is `$text`, `$json` or `$yaml`
//! stands for the content of another file.

use serde_json::Value;

use crate::yaml;

/// How the content of the file becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// `$text`: the content as one text.
    Text,
    /// `$json`: the content parsed as JSON.
    Json,
    /// `$yaml`: the content parsed as exactly one YAML document.
    Yaml,
}

impl Format {
    /// The key that asks for this format.
    pub fn key(self) -> &'static str {
        match self {
            Self::Text => "$text",
            Self::Json => "$json",
            Self::Yaml => "$yaml",
        }
    }

    fn from_key(key: &str) -> Option<Self> {
        [Self::Text, Self::Json, Self::Yaml]
            .into_iter()
            .find(|format| format.key() == key)
    }
}

/// A substitution found in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// JSON pointer to the object that has to be replaced.
    pub pointer: String,
    /// How to read the target.
    pub format: Format,
    /// An absolute URL, or a path relative to the file that holds the placeholder.
    pub target: String,
}

/// A substitution whose value is not a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "Placeholder {key} expected a string value parameter, in the form of an absolute URL or a relative path"
)]
pub struct PlaceholderError {
    /// JSON pointer to the object.
    pub pointer: String,
    /// `$text`, `$json` or `$yaml`.
    pub key: &'static str,
}

/// Finds all substitutions, in the order of the document. Objects with more
/// than one key and unknown `$keys` are left alone.
pub fn find(document: &Value) -> Vec<Result<Placeholder, PlaceholderError>> {
    let mut found = Vec::new();
    collect(document, &mut String::new(), &mut found);
    found
}

fn collect(
    value: &Value,
    pointer: &mut String,
    found: &mut Vec<Result<Placeholder, PlaceholderError>>,
) {
    let length = pointer.len();
    match value {
        Value::Object(map) => {
            if map.len() == 1
                && let Some((key, target)) = map.iter().next()
                && let Some(format) = Format::from_key(key)
            {
                found.push(match target {
                    Value::String(target) => Ok(Placeholder {
                        pointer: pointer.clone(),
                        format,
                        target: target.clone(),
                    }),
                    _ => Err(PlaceholderError {
                        pointer: pointer.clone(),
                        key: format.key(),
                    }),
                });
                return;
            }
            for (key, child) in map {
                pointer.push('/');
                pointer.push_str(&yaml::escape_token(key));
                collect(child, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::Array(items) => {
            for (index, child) in items.iter().enumerate() {
                pointer.push('/');
                pointer.push_str(&index.to_string());
                collect(child, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Puts `content` in the place of the object at `pointer`; false if there is none.
pub fn replace(document: &mut Value, pointer: &str, content: Value) -> bool {
    match document.pointer_mut(pointer) {
        Some(place) => {
            *place = content;
            true
        }
        None => false,
    }
}
