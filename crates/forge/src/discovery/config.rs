//! Reading `catalog.providers.*` entries.

use serde_json::{Map, Value};

/// One entry of a provider section, read key by key so that every problem is
/// said with its path and every unknown key is noticed.
#[derive(Debug)]
pub(crate) struct ProviderConfig<'a> {
    /// Path of the entry, for example `catalog.providers.github.default`.
    path: String,
    map: &'a Map<String, Value>,
    known: Vec<&'static str>,
    problems: Vec<String>,
}

impl<'a> ProviderConfig<'a> {
    pub(crate) fn new(path: String, map: &'a Map<String, Value>) -> Self {
        Self {
            path,
            map,
            known: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn get(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.map.get(key).filter(|value| !value.is_null())
    }

    pub(crate) fn problem(&mut self, key: &str, text: &str) {
        self.problems.push(format!("{}.{key}: {text}", self.path));
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Option<String> {
        match self.get(key)? {
            Value::String(text) if !text.trim().is_empty() => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => {
                self.problem(key, "expected a text that is not empty");
                None
            }
        }
    }

    pub(crate) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.get(key) {
            None => default,
            Some(Value::Bool(flag)) => *flag,
            // Environment variables arrive as text.
            Some(Value::String(text)) if text == "true" => true,
            Some(Value::String(text)) if text == "false" => false,
            Some(_) => {
                self.problem(key, "expected true or false");
                default
            }
        }
    }

    pub(crate) fn number(&mut self, key: &'static str, default: u32) -> u32 {
        match self.get(key) {
            None => default,
            Some(value) => match value.as_u64().and_then(|number| u32::try_from(number).ok()) {
                Some(number) if (1..=100).contains(&number) => number,
                _ => {
                    self.problem(key, "expected a number from 1 to 100");
                    default
                }
            },
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub(crate) fn texts(&mut self, key: &'static str) -> Vec<String> {
        let value = self.get(key);
        let list = match value {
            None => return Vec::new(),
            Some(Value::String(text)) => return vec![text.clone()],
            Some(Value::Array(list)) => list,
            Some(_) => {
                self.problem(key, "expected a list of texts");
                return Vec::new();
            }
        };
        let texts: Vec<String> = list
            .iter()
            .filter_map(|text| text.as_str().map(str::to_owned))
            .collect();
        if texts.len() != list.len() {
            self.problem(key, "expected a list of texts");
        }
        texts
    }

    pub(crate) fn raw(&mut self, key: &'static str) -> Value {
        self.get(key).cloned().unwrap_or_default()
    }

    /// A section below, or an empty one.
    pub(crate) fn section(&mut self, key: &'static str) -> ProviderConfig<'a> {
        static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
        let path = format!("{}.{key}", self.path);
        match self.get(key) {
            Some(Value::Object(map)) => Self::new(path, map),
            None => Self::new(path, &EMPTY),
            Some(_) => {
                self.problem(key, "expected an object");
                Self::new(path, &EMPTY)
            }
        }
    }

    /// Takes over the problems of a section.
    pub(crate) fn absorb(&mut self, section: ProviderConfig<'_>) {
        self.problems.extend(section.finish());
    }

    pub(crate) fn pattern(
        &mut self,
        key: &'static str,
        compile: fn(&str) -> Result<super::Pattern, String>,
    ) -> Option<super::Pattern> {
        let written = self.text(key)?;
        match compile(&written) {
            Ok(pattern) => Some(pattern),
            Err(reason) => {
                self.problem(key, &reason);
                None
            }
        }
    }

    /// The problems, unknown keys among them.
    pub(crate) fn finish(mut self) -> Vec<String> {
        for key in self.map.keys() {
            if !self.known.contains(&key.as_str()) {
                let mut known = self.known.clone();
                known.sort_unstable();
                self.problems.push(format!(
                    "{}.{key}: unknown key, ignored; known are {}",
                    self.path,
                    known.join(", ")
                ));
            }
        }
        self.problems
    }
}

/// The entries of a section that is a map of ids, or (when `single` says so)
/// one entry, whose id then is `default`.
pub(crate) fn entries<'a>(
    path: &str,
    value: &'a Value,
    single: fn(&Map<String, Value>) -> bool,
    problems: &mut Vec<String>,
) -> Vec<(String, ProviderConfig<'a>)> {
    let map = match value {
        Value::Null => return Vec::new(),
        Value::Object(map) => map,
        _ => {
            problems.push(format!("{path}: expected an object"));
            return Vec::new();
        }
    };
    if single(map) {
        return vec![(
            "default".to_owned(),
            ProviderConfig::new(path.to_owned(), map),
        )];
    }
    let mut all = Vec::new();
    for (id, entry) in map {
        match entry {
            Value::Object(entry) => {
                all.push((
                    id.clone(),
                    ProviderConfig::new(format!("{path}.{id}"), entry),
                ));
            }
            _ => problems.push(format!("{path}.{id}: expected an object")),
        }
    }
    all
}
