//! Lengths of time as Backstage writes them: `{minutes: 5}`, `PT5M`, `5m`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::duration::{parse, parse_or_seconds, parse_text};
use serde_json::Value;

fuzz_target!(|text: &str| {
    let from_text = parse_text(text);
    let from_value = parse(&Value::String(text.to_owned()));
    assert_eq!(from_text.is_ok(), from_value.is_ok(), "{text:?}: {from_text:?} and {from_value:?}");
    if let (Ok(a), Ok(b)) = (from_text, from_value) {
        assert_eq!(a, b);
    }
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        let _ = parse(&value);
        let _ = parse_or_seconds(&value);
    }
});
