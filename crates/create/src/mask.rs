//! Secrets out of what people read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What stands in the place of a secret.
pub const MASK: &str = "***";
/// Shorter secrets would turn every text into stars.
const SHORTEST: usize = 2;

/// Knows the secrets of one task. Cheap to ask when there are none.
#[derive(Clone, Default)]
pub struct Masker {
    /// The longest first, so that a secret inside another leaves nothing of
    /// the longer one.
    needles: Vec<String>,
}

impl std::fmt::Debug for Masker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masker")
            .field("needles", &self.needles.len())
            .finish()
    }
}

impl Masker {
    /// Masks these values, each of their lines, and how they look in base64,
    /// in JSON and percent-encoded.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut masker = Self::default();
        for secret in secrets {
            masker.add(secret);
        }
        masker
    }

    /// Masks one more value.
    pub fn add(&mut self, secret: &str) {
        let trimmed = secret.trim();
        if trimmed.chars().count() < SHORTEST {
            return;
        }
        let mut forms = vec![secret.to_owned(), trimmed.to_owned()];
        let lines = trimmed.lines().map(str::trim);
        forms.extend(lines.filter(|line| line.len() > 3).map(str::to_owned));
        forms.push(STANDARD.encode(secret));
        forms.push(
            percent_encoding::utf8_percent_encode(trimmed, percent_encoding::NON_ALPHANUMERIC)
                .to_string(),
        );
        let quoted = serde_json::Value::from(trimmed).to_string();
        forms.push(quoted.trim_matches('"').to_owned());
        for form in forms {
            if form.chars().count() >= SHORTEST && !self.needles.contains(&form) {
                self.needles.push(form);
            }
        }
        self.needles
            .sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    }

    /// The text without secrets.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for needle in &self.needles {
            if masked.contains(needle.as_str()) {
                masked = masked.replace(needle.as_str(), MASK);
            }
        }
        masked
    }

    /// The value with every text masked, keys too.
    pub fn mask_all(&self, value: &serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        if self.needles.is_empty() {
            return value.clone();
        }
        match value {
            Value::String(text) => self.mask(text).into(),
            Value::Array(items) => items.iter().map(|item| self.mask_all(item)).collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| (self.mask(key), self.mask_all(value)))
                .collect(),
            other => other.clone(),
        }
    }

    /// How many bytes at the end of `text` could be the beginning of a secret.
    pub(crate) fn pending(&self, text: &str) -> usize {
        let mut longest = 0;
        for needle in &self.needles {
            let starts = text.char_indices().map(|(at, _)| text.len() - at);
            let fits = |length: &usize| {
                *length < needle.len()
                    && text
                        .get(text.len() - length..)
                        .is_some_and(|tail| needle.starts_with(tail))
            };
            longest = longest.max(starts.filter(fits).max().unwrap_or(0));
        }
        longest
    }
}
