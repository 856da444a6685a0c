//! "Did you mean": the candidate that a mistyped word is closest to.

/// Words longer than this are not compared; nobody mistypes a paragraph.
const LONGEST_WORD: usize = 64;

/// The candidate that `word` was probably meant to be, or `None`.
///
/// A candidate counts when it differs in letter case only, or by at most one
/// edit for words up to four letters and two edits for longer ones. An edit is
/// a letter added, dropped, replaced or swapped with its neighbour.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = folded(word)?;
    let allowed = if wanted.len() <= 4 { 1 } else { 2 };
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word)
        .filter_map(|candidate| {
            let other = folded(candidate)?;
            // As many edits at least as one is longer than the other.
            if other.len().abs_diff(wanted.len()) > allowed {
                return None;
            }
            let edits = edits(&wanted, &other);
            // A two-letter word one edit away from another is a different word.
            (edits <= allowed && edits * 2 < other.len().max(1)).then_some((edits, candidate))
        })
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> Option<Vec<char>> {
    (!word.is_empty() && word.len() <= LONGEST_WORD)
        .then(|| word.chars().flat_map(char::to_lowercase).collect())
}

/// Optimal string alignment distance over three rolling rows.
fn edits(left: &[char], right: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    for (i, &l) in left.iter().enumerate() {
        let mut row = Vec::with_capacity(right.len() + 1);
        row.push(i + 1);
        for (j, &r) in right.iter().enumerate() {
            let cell =
                |cells: &[usize], at: usize| cells.get(at).copied().unwrap_or(usize::MAX / 2);
            let mut best = (cell(&above, j) + usize::from(l != r))
                .min(cell(&above, j + 1) + 1)
                .min(cell(&row, j) + 1);
            let swapped =
                i > 0 && j > 0 && left.get(i - 1) == Some(&r) && right.get(j - 1) == Some(&l);
            if swapped {
                best = best.min(cell(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_typing_slips_and_nothing_else() {
        let kinds = ["Component", "API", "Resource", "System", "Group", "User"];
        assert_eq!(nearest("Componet", kinds), Some("Component"));
        assert_eq!(nearest("component", kinds), Some("Component"));
        assert_eq!(nearest("api", kinds), Some("API"));
        assert_eq!(nearest("Systme", kinds), Some("System"));
        assert_eq!(nearest("ower", ["owner", "type"]), Some("owner"));
        assert_eq!(nearest("Deployment", kinds), None);
        assert_eq!(nearest("AP", ["a"]), None);
        assert_eq!(nearest("", kinds), None);
    }
}
