//! Texts that have one line of room; the whole text is on the thing's own page.

/// The beginning of a text, up to so many columns of the screen: Hangul and
/// other wide letters take two.
pub(super) fn shortened(text: &str, columns: usize) -> String {
    let mut used = 0;
    let mut out = String::new();
    for c in text.chars() {
        used += if u32::from(c) >= 0x1100 { 2 } else { 1 };
        if used > columns {
            out.push('…');
            break;
        }
        out.push(if c.is_whitespace() { ' ' } else { c });
    }
    out
}
