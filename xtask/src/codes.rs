//! The names of findings: every one that the program can print is explained in
//! the user's documentation, because people search for it.

use std::collections::BTreeMap;

/// The page that explains them.
pub(crate) const PAGE: &str = "docs/catalog/errors.md";

/// Calls whose first text is the name of a finding.
const MAKERS: &[&str] = &[
    "Diagnostic::error(",
    "Diagnostic::warning(",
    "ReadFailure::new(",
];

/// Names in `sources` (path and text) that `page` does not have in backticks.
pub(crate) fn unexplained<'a>(
    sources: impl IntoIterator<Item = (&'a str, &'a str)>,
    page: &str,
) -> Vec<String> {
    let mut places: BTreeMap<&str, String> = BTreeMap::new();
    for (path, text) in sources {
        for (code, line) in codes(text) {
            places
                .entry(code)
                .or_insert_with(|| format!("{path}:{line}"));
        }
    }
    places
        .into_iter()
        .filter(|(code, _)| !page.contains(&format!("`{code}`")))
        .map(|(code, place)| {
            format!("  {place}: `{code}` is not explained in {PAGE}; add a row: what is wrong, what to do")
        })
        .collect()
}

/// Each name in a Rust source with its line.
fn codes(text: &str) -> impl Iterator<Item = (&str, usize)> {
    MAKERS.iter().flat_map(move |maker| {
        text.match_indices(maker).filter_map(move |(at, _)| {
            let (before, rest) = text.split_at_checked(at + maker.len())?;
            let (code, _) = rest.trim_start().strip_prefix('"')?.split_once('"')?;
            let named =
                !code.is_empty() && code.chars().all(|c| c.is_ascii_lowercase() || c == '-');
            named.then(|| (code, before.lines().count()))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_the_page_does_not_have_is_found_with_its_place() {
        let source = "fn a() {\n    Diagnostic::error(\n        \"too-many\",\n        \"text\",\n    );\n    Diagnostic::warning(\"known\", \"x\");\n    Diagnostic::error(code, \"x\");\n}\n";
        let found = unexplained([("a.rs", source)], "| `known` | x | y |");
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("  a.rs:2: `too-many` is not explained"),
            "{found:?}"
        );
    }
}
