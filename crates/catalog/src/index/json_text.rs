//! Cutting pieces out of JSON text without parsing it into values.
//!
//! Only for text that was written by us: it is known to be valid. On anything
//! else the answers are meaningless, but nothing panics.

use std::borrow::Cow;

use memchr::memchr2;

/// The members of an object, as raw keys (without quotes, escapes kept) and
/// raw values. Nothing for text that is no object.
pub(super) fn members(object: &str) -> Members<'_> {
    let inner = object.trim_start().strip_prefix('{').unwrap_or_default();
    Members { rest: inner }
}

#[derive(Debug)]
pub(super) struct Members<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest.trim_start_matches([' ', '\n', '\r', '\t', ',']);
        let key_end = string_end(rest)?;
        let key = rest.get(1..key_end.checked_sub(1)?)?;
        let rest = rest
            .get(key_end..)?
            .trim_start()
            .strip_prefix(':')?
            .trim_start();
        let (value, rest) = rest.split_at_checked(value_end(rest)?)?;
        self.rest = rest;
        Some((key, value))
    }
}

/// A raw key as text.
pub(super) fn unescape(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    match serde_json::from_str(&format!("\"{raw}\"")) {
        Ok(text) => Cow::Owned(text),
        Err(_) => Cow::Borrowed(raw),
    }
}

/// Where the string that begins here ends, its quotes included.
fn string_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes.first() != Some(&b'"') {
        return None;
    }
    let mut at = 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Where the value that begins here ends.
fn value_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.first()? {
        b'"' => string_end(text),
        b'{' | b'[' => {
            let mut depth = 0usize;
            let mut at = 0;
            loop {
                match bytes.get(at)? {
                    b'"' => {
                        at += string_end(text.get(at..)?)?;
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth = depth.checked_sub(1)?;
                        if depth == 0 {
                            return Some(at + 1);
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
        }
        _ => {
            let end = bytes
                .iter()
                .position(|byte| matches!(byte, b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t'));
            Some(end.unwrap_or(bytes.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            "\\PC{0,6}|[\"\\\\{}\\[\\],:]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::hash_map("[a-c\"\\\\.]{0,3}", inner, 0..5)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn the_members_are_those_that_parsing_finds(
            map in prop::collection::hash_map("\\PC{0,4}", any_json(), 0..5), pretty: bool,
        ) {
            let object = Value::Object(map.into_iter().collect());
            let text = if pretty {
                serde_json::to_string_pretty(&object).unwrap()
            } else {
                object.to_string()
            };
            let found: serde_json::Map<String, Value> = members(&text)
                .map(|(key, value)| {
                    (unescape(key).into_owned(), serde_json::from_str(value).unwrap())
                })
                .collect();
            prop_assert_eq!(Value::Object(found), object);
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,16}|[\"\\\\{}\\[\\],:a]{0,16}") {
            let _ = members(&text).count();
        }
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for value in [json!([1]), json!("a"), json!(null), json!({})] {
            assert_eq!(members(&value.to_string()).count(), 0);
        }
    }
}
