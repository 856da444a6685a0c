//! Files that others write: is this a valid entity, and if not, why.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use model::Kinds;
use model::check::{check_document, check_json};
use model::yaml::{Limits, parse_documents};

static KINDS: LazyLock<Kinds> = LazyLock::new(Kinds::builtin);

fuzz_target!(|bytes: &[u8]| {
    for document in parse_documents("file.yaml", bytes, &Limits::default()).into_iter().flatten() {
        match check_document(&KINDS, "file.yaml", &document) {
            Ok(checked) => {
                assert!(!checked.entity.kind().is_empty() && !checked.entity.name().is_empty());
                // What is stored is read again at every start.
                if !document.to_json().to_string().contains("\"$") {
                    let again = check_json(&KINDS, &checked.entity.to_json());
                    assert!(again.is_ok(), "{:?}", again.err());
                }
            }
            Err(problems) => assert!(!problems.is_empty(), "refused without a reason"),
        }
    }
});
