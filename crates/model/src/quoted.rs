//! Values of others inside our own sentences.

use std::borrow::Cow;

/// Longest value, in characters, that a message repeats in full.
pub const LONGEST_QUOTE: usize = 80;

/// A value of unknown content so that a message can repeat it: at most
/// [`LONGEST_QUOTE`] characters, the last of which is `…` when some are left
/// out, and with control characters, line breaks and marks that change the
/// direction of writing in visible form (`\n`, `\u{202e}`).
///
/// Quotes are not added: messages use back quotes, `"` or `'` as their wording
/// demands. Every message about somebody else's value has to go through here,
/// because a value may have megabytes and may try to look like another line.
pub fn quoted(text: &str) -> Cow<'_, str> {
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
pub(crate) fn is_hidden(c: char) -> bool {
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

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn short_and_plain_values_are_kept() {
        for text in ["", "team-a", "결제 서비스", "a \"b\" `c`", &"x".repeat(80)] {
            assert_eq!(quoted(text), text);
        }
    }

    #[test]
    fn long_values_end_in_an_ellipsis() {
        assert_eq!(quoted(&"x".repeat(81)), format!("{}…", "x".repeat(79)));
        let korean = "가".repeat(2_000_000);
        assert_eq!(quoted(&korean), format!("{}…", "가".repeat(79)));
    }

    #[test]
    fn what_cannot_be_seen_is_made_visible() {
        assert_eq!(quoted("a\nb\tc"), "a\\nb\\tc");
        assert_eq!(quoted("\u{1b}[31mred\u{202e}"), "\\u{1b}[31mred\\u{202e}");
        assert_eq!(quoted("\u{feff}x\u{200b}"), "\\u{feff}x\\u{200b}");
    }
}
