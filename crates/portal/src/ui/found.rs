//! Texts with the parts that somebody looked for.

/// `text` in parts, each with whether it is what was looked for, in any case.
/// An empty `needle` is found nowhere.
pub fn found<'t>(text: &'t str, needle: &str) -> Vec<(&'t str, bool)> {
    let lower = text.to_lowercase();
    let needle = needle.trim().to_lowercase();
    // Lower case may have another length; then the text stays whole.
    if needle.is_empty() || lower.len() != text.len() {
        return vec![(text, false)];
    }
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, hit) in lower.match_indices(&needle) {
        if let (Some(before), Some(hit)) = (text.get(from..at), text.get(at..at + hit.len())) {
            if !before.is_empty() {
                parts.push((before, false));
            }
            from = at + hit.len();
            parts.push((hit, true));
        }
    }
    if let Some(rest) = text.get(from..).filter(|rest| !rest.is_empty()) {
        parts.push((rest, false));
    }
    parts
}
