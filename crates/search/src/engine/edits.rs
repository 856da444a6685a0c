//! Typing errors: how far a typed word is from a word.

/// A distance in edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Distance {
    /// Edits, from 0.
    pub(super) edits: usize,
    /// The nearest is only the beginning of the word.
    pub(super) start_only: bool,
}

/// Rows longer than this are not compared; words are cut to less.
const MAX_ROW: usize = 64;

/// The distance of `typed` from `word` or from a beginning of it, when that is
/// at most `most`. A letter more, less, other, or two exchanged (optimal string
/// alignment) is one edit.
pub(super) fn distance(typed: &[u8], word: &[u8], most: usize) -> Option<Distance> {
    // No beginning that matters is longer.
    let reach = word.len().min(typed.len() + most);
    let (whole, word) = (reach == word.len(), word.get(..reach)?);
    if reach >= MAX_ROW {
        return None;
    }
    let most = u8::try_from(most).ok()?;
    let mut rows = [[0_u8; MAX_ROW]; 3];
    let [before, above, row] = &mut rows;
    for (at, cell) in (0..).zip(above.iter_mut().take(reach + 1)) {
        *cell = at;
    }
    let mut last_typed = None;
    for (line, typed) in (1_u8..).zip(typed.iter().copied()) {
        let mut smallest = line;
        if let Some(first) = row.first_mut() {
            *first = line;
        }
        let mut left = line;
        let mut last = None;
        for (at, letter) in (1_usize..).zip(word.iter().copied()) {
            let get = |row: &[u8; MAX_ROW], at: usize| row.get(at).copied().unwrap_or(u8::MAX / 2);
            let mut cell = (get(above, at - 1) + u8::from(typed != letter))
                .min(get(above, at) + 1)
                .min(left + 1);
            if at > 1 && last == Some(typed) && last_typed == Some(letter) {
                cell = cell.min(get(before, at - 2) + 1);
            }
            if let Some(place) = row.get_mut(at) {
                *place = cell;
            }
            smallest = smallest.min(cell);
            left = cell;
            last = Some(letter);
        }
        if smallest > most {
            return None;
        }
        std::mem::swap(before, above);
        std::mem::swap(above, row);
        last_typed = Some(typed);
    }
    let end = above
        .get(reach)
        .copied()
        .filter(|edits| whole && *edits <= most);
    let start = above
        .get(..=reach)?
        .iter()
        .copied()
        .min()
        .filter(|edits| *edits <= most);
    match (end, start) {
        (Some(edits), Some(least)) if edits <= least => Some(Distance {
            edits: usize::from(edits),
            start_only: false,
        }),
        (_, Some(edits)) => Some(Distance {
            edits: usize::from(edits),
            start_only: true,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(typed: &str, word: &str) -> Option<(usize, bool)> {
        distance(typed.as_bytes(), word.as_bytes(), 2).map(|found| (found.edits, found.start_only))
    }

    #[test]
    fn edits_are_counted() {
        assert_eq!(edits("payment", "payment"), Some((0, false)));
        assert_eq!(edits("paymnet", "payment"), Some((1, false)), "exchanged");
        assert_eq!(edits("paymet", "payment"), Some((1, false)));
        assert_eq!(edits("pyament", "payments"), Some((1, true)));
        assert_eq!(edits("paaymemt", "payment"), Some((2, false)));
        assert_eq!(edits("pxxzent", "payment"), None);
        assert_eq!(edits("", ""), Some((0, false)));
        assert_eq!(edits("ab", ""), Some((2, false)));
    }
}
