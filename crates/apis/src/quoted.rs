//! Stands in for `model::quoted` until this tree has it.

use std::borrow::Cow;

/// Longest value, in characters, that a message repeats in full.
const LONGEST_QUOTE: usize = 80;

/// A value of unknown content so that a message can repeat it: at most
/// [`LONGEST_QUOTE`] characters, the last of which is `…` when some are left
/// out, and with control characters, line breaks and marks that change the
/// direction of writing in visible form (`\n`, `\u{202e}`).
///
/// Quotes are not added: messages use back quotes, `"` or `'` as their wording
/// demands. Every message about somebody else's value has to go through here,
/// because a value may have megabytes and may try to look like another line.
pub(crate) fn quoted(text: &str) -> Cow<'_, str> {
    let clean = text
        .chars()
        .take(LONGEST_QUOTE + 1)
        .enumerate()
        .all(|(at, c)| at < LONGEST_QUOTE && !is_hidden(c));
    if clean {
        return Cow::Borrowed(text);
    }
    let is_long = text.chars().nth(LONGEST_QUOTE).is_some();
    let kept = if is_long {
        LONGEST_QUOTE - 1
    } else {
        LONGEST_QUOTE
    };
    let mut shown = String::with_capacity(text.len().min(4 * LONGEST_QUOTE));
    for c in text.chars().take(kept) {
        if is_hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    if is_long {
        shown.push('…');
    }
    Cow::Owned(shown)
}

/// Control characters, and those that show nothing or turn the direction of
/// what follows (Unicode's bidirectional formatting characters).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}
