//! SQL conditions on events, put together with their values.

use platform::store::Arg;

/// Conditions that all must hold.
#[derive(Clone, Debug)]
pub(crate) struct Condition {
    texts: Vec<String>,
    values: Vec<Arg>,
    first: usize,
}

impl Condition {
    /// None yet; the first value becomes `$first`.
    pub(crate) fn from(first: usize) -> Self {
        Self {
            texts: Vec::new(),
            values: Vec::new(),
            first,
        }
    }

    /// A placeholder for a value.
    pub(crate) fn value(&mut self, value: impl Into<Arg>) -> String {
        self.values.push(value.into());
        format!("${}", self.first + self.values.len() - 1)
    }

    /// Adds a condition.
    pub(crate) fn and(&mut self, text: impl Into<String>) {
        self.texts.push(text.into());
    }

    /// The text of "the type begins with".
    pub(crate) fn begins(&mut self, text: &str) -> String {
        let low = self.value(text);
        // No character sorts after this one, in UTF-8 as in code points.
        let high = self.value(format!("{text}\u{10ffff}"));
        format!("(type >= {low} AND type < {high})")
    }

    /// The whole text, which is true where there is no condition, and the
    /// values.
    pub(crate) fn finish(self) -> (String, Vec<Arg>) {
        let text = if self.texts.is_empty() {
            "1 = 1".to_owned()
        } else {
            self.texts.join(" AND ")
        };
        (text, self.values)
    }
}
