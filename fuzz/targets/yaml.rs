//! Files that others write: any bytes, read as YAML under limits.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::yaml::{Limits, parse_documents, parse_value};

fuzz_target!(|bytes: &[u8]| {
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u32 + 1;
    for result in parse_documents("file.yaml", bytes, &Limits::default()) {
        match result {
            Ok(document) => {
                assert!(document.first_line >= 1 && document.first_line <= document.last_line.max(1));
                assert!(document.last_line <= lines + 1, "line {} of {lines}", document.last_line);
                assert!(document.to_json().is_object());
            }
            Err(problem) => {
                assert!(!problem.message.is_empty());
                // 0: the problem is the whole file's.
                assert!(problem.line <= lines + 1, "a place behind the {lines} lines: {problem:?}");
            }
        }
    }
    let _ = parse_value("file.yaml", bytes, &Limits::default());
});
