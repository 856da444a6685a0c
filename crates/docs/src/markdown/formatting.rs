//! What keeps the parser of HTML from making much out of little.
//!
//! A formatting element that is left open is opened again in each block that
//! follows (HTML Living Standard, 13.2.4.3: the list of active formatting
//! elements). Elements with the same name and the same attributes count three
//! times at most, so that one without attributes cannot be many; a thousand
//! `<b id=…>` before a thousand paragraphs would be a million elements.

/// The formatting elements, but `a`, of which one can be open.
const FORMATTING: [&str; 12] = [
    "b", "big", "code", "em", "font", "i", "s", "small", "strike", "strong", "tt", "u",
];
/// `nobr` is one too, and is never shown.
const NOBR: &str = "nobr";
/// How often one element is opened again at most.
const AGAIN: usize = 3;
/// Elements that may be opened again in all; above, none is.
const MAX_AGAIN: usize = 3_000_000;

/// The markup with formatting elements that have no attributes; without any
/// where even these would be too many.
pub(super) fn plain(html: &str) -> String {
    let mut names = 0;
    let mut tags = 0;
    for part in html.split('<').skip(1) {
        tags += 1;
        if let Some(at) = position(part) {
            names |= 1_u32 << at;
        }
    }
    let most = usize::try_from(names.count_ones()).unwrap_or(usize::MAX);
    let kept = most.saturating_mul(AGAIN).saturating_mul(tags) <= MAX_AGAIN;
    let mut parts = html.split('<');
    let mut made = String::with_capacity(html.len());
    made.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let Some(name) = position(part).and_then(name_at) else {
            made.push('<');
            made.push_str(part);
            continue;
        };
        if kept {
            made.push('<');
            made.push_str(name);
            made.push('>');
        }
        // A tag that never ends is text for nobody.
        let behind = part.split_once('>').map_or("", |(_, behind)| behind);
        made.push_str(behind);
    }
    made
}

fn name_at(at: usize) -> Option<&'static str> {
    FORMATTING.iter().chain([&NOBR]).nth(at).copied()
}

/// Which formatting element begins here, behind its `<`.
fn position(tag: &str) -> Option<usize> {
    let end = tag.find(|c: char| !c.is_ascii_alphabetic());
    let (name, rest) = tag.split_at_checked(end.unwrap_or(tag.len()))?;
    // Another character would be part of another name.
    let ends = rest.is_empty() || rest.starts_with(['>', '/', ' ', '\t', '\n', '\r', '\x0C']);
    let mut names = FORMATTING.iter().chain([&NOBR]);
    names
        .position(|known| known.eq_ignore_ascii_case(name))
        .filter(|_| ends)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn attributes_of_formatting_elements_go_and_all_else_stays() {
        for (html, made) in [
            ("<p>a <b id=x>b</b></p>", "<p>a <b>b</b></p>"),
            ("<B\nid=x>b</B>", "<b>b</B>"),
            ("<b/id=x>b", "<b>b"),
            ("<body id=x><br/>", "<body id=x><br/>"),
            ("<bé id=x>", "<bé id=x>"),
            ("<a id=x><span id=y>", "<a id=x><span id=y>"),
            ("1 < 2 <b", "1 < 2 <b>"),
            ("", ""),
        ] {
            assert_eq!(plain(html), made);
        }
    }

    #[test]
    fn where_there_would_be_too_many_none_is_left() {
        let html = format!("<b><i><u><s>{}", "<p>x".repeat(300_000));
        assert!(!plain(&html).contains("<b>"));
        assert!(plain("<b><i><u><s><p>x").contains("<b>"));
    }
}
