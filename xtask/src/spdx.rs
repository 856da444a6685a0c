//! Reading licence expressions as packages write them.
//!
//! Grammar: <https://spdx.github.io/spdx-spec/v2.3/SPDX-license-expressions/>,
//! and the `/` that Cargo allowed before it, which means OR.

/// Whether the expression can be met with the given licences alone.
///
/// `allowed` holds licence ids; a licence with an exception is one entry
/// (`Apache-2.0 WITH LLVM-exception`), and is met by the licence alone too.
/// An expression that cannot be read is not met.
pub(crate) fn is_met(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader {
        words: &words,
        allowed,
    };
    let met = reader.any();
    reader.words.is_empty() && met == Some(true)
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [&'a str],
}

/// Each function reads its part to the end, so that a fault behind a part that
/// is met already is still seen. `None`: not an expression.
impl<'a> Reader<'a> {
    fn any(&mut self) -> Option<bool> {
        let mut met = self.all()?;
        while self.take("OR") {
            let other = self.all()?;
            met |= other;
        }
        Some(met)
    }

    fn all(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.take("AND") {
            let other = self.one()?;
            met &= other;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let met = self.any()?;
            return self.take(")").then_some(met);
        }
        let licence = self.word()?;
        if matches!(licence, "AND" | "OR" | "WITH" | ")") {
            return None;
        }
        if !self.take("WITH") {
            return Some(self.allowed.contains(&licence));
        }
        let exception = self.word()?;
        let whole = format!("{licence} WITH {exception}");
        // An exception only ever gives more rights than its licence.
        Some(self.allowed.contains(&licence) || self.allowed.contains(&whole.as_str()))
    }

    fn word(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let next = self.words.first() == Some(&word);
        if next {
            self.word();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["MIT", "Apache-2.0", "Unicode-3.0"];

    #[test]
    fn expressions_that_are_met() {
        for expression in [
            "MIT",
            "MIT OR GPL-3.0-only",
            "GPL-3.0-only OR MIT",
            "MIT/Apache-2.0",
            "(MIT OR GPL-3.0-only) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
            "GPL-3.0-only OR MIT AND Apache-2.0",
        ] {
            assert!(is_met(expression, ALLOWED), "{expression}");
        }
    }

    #[test]
    fn expressions_that_are_not_met() {
        for expression in [
            "GPL-3.0-only",
            "MIT AND GPL-3.0-only",
            "(MIT OR Apache-2.0) AND MPL-2.0",
            "GPL-2.0-only WITH Classpath-exception-2.0",
        ] {
            assert!(!is_met(expression, ALLOWED), "{expression}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_met() {
        for expression in [
            "",
            "MIT OR",
            "MIT MIT",
            "(MIT",
            "MIT)",
            "OR MIT",
            "MIT WITH",
            "MIT OR (",
            "NOASSERTION",
        ] {
            assert!(!is_met(expression, ALLOWED), "{expression}");
        }
    }
}
