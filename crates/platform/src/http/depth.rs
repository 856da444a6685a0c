//! How deep a JSON text is nested, found without parsing it.

/// Whether arrays and objects are nested deeper than `limit`. Text that is no
/// JSON gets some answer too; the parser says what is wrong with it.
pub(crate) fn is_deeper_than(json: &[u8], limit: usize) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in json {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => {
                depth += 1;
                if depth > limit {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_deeper_than;

    #[test]
    fn brackets_in_texts_do_not_count() {
        assert!(!is_deeper_than(br#"{"a":"[[[[\"[[["}"#, 1));
        assert!(is_deeper_than(br#"{"a":[1]}"#, 1));
        assert!(!is_deeper_than(br#"[[1],[2],{"a":{}}]"#, 3));
        assert!(is_deeper_than(br#"[[1],[2],{"a":{}}]"#, 2));
        assert!(is_deeper_than("[".repeat(1_000_000).as_bytes(), 100));
    }
}
