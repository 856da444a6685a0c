//! API definitions: OpenAPI, Swagger, AsyncAPI, GraphQL and protocol buffers.
#![no_main]

use apis::{compare, lint, read};
use libfuzzer_sys::fuzz_target;

const TYPES: [&str; 5] = ["openapi", "asyncapi", "graphql", "grpc", ""];

fuzz_target!(|input: (u8, &str)| {
    let (which, text) = input;
    let spec_type = TYPES[usize::from(which) % TYPES.len()];
    let lines = text.lines().count() as u32 + 1;
    match read(spec_type, text) {
        Err(problems) => {
            assert!(!problems.is_empty(), "a refusal says why");
            assert!(problems.iter().all(|problem| problem.line <= lines));
        }
        Ok(doc) => {
            assert!(doc.problems.iter().all(|problem| problem.line <= lines));
            let same = compare(&doc, &doc);
            assert!(same.changes.is_empty(), "{same:?}");
            let _ = lint(&doc);
        }
    }
});
