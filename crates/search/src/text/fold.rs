//! Case, accents, widths and compositions made equal.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::hangul::strokes;

/// Folds a text for comparing. Composed and decomposed forms (NFC, NFD) and
/// full-width forms become equal; white space and control characters go.
pub(crate) fn fold(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    if text.is_ascii() {
        out.extend(
            text.bytes()
                .filter(u8::is_ascii_graphic)
                .map(|byte| byte.to_ascii_lowercase()),
        );
        return out;
    }
    let mut buffer = [0; 4];
    for c in text.nfkd() {
        if let Some(strokes) = strokes(c) {
            out.extend(strokes);
        } else if !(c.is_control() || c.is_whitespace() || is_combining_mark(c) || is_invisible(c))
        {
            for lower in c.to_lowercase() {
                out.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
            }
        }
    }
    out
}

/// Marks of direction and joiners, which nobody types and nobody sees.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{AD}')
}
