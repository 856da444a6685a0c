//! Texts that have one line of room; the whole text is on the thing's own page.

/// The end of a path or an address, which says more than its beginning.
pub(super) fn ending(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut kept: Vec<char> = Vec::new();
    for c in text.chars().rev() {
        used += width(c);
        if used > columns {
            kept.push('…');
            break;
        }
        kept.push(c);
    }
    kept.into_iter().rev().collect()
}

/// Hangul and other wide letters take two columns.
fn width(c: char) -> usize {
    if u32::from(c) >= 0x1100 { 2 } else { 1 }
}

/// The beginning of a text, up to so many columns of the screen.
pub(super) fn shortened(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut out = String::new();
    for c in text.chars() {
        used += width(c);
        if used > columns {
            out.push('…');
            break;
        }
        out.push(if c.is_whitespace() { ' ' } else { c });
    }
    out
}
