//! The definitions of the demo organisation read without problems.

use std::path::{Path, PathBuf};

use apis::read;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the demo").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

#[test]
fn every_definition_reads_without_problems() {
    let mut found = Vec::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/acme");
    files(Path::new(root), &mut found);
    let mut formats = std::collections::BTreeSet::new();
    for path in found {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        let spec_type = match name {
            _ if name.ends_with(".proto") => "grpc",
            _ if name.ends_with(".graphql") => "graphql",
            "openapi.yaml" => "openapi",
            "asyncapi.yaml" => "asyncapi",
            _ => continue,
        };
        let text = std::fs::read_to_string(&path).expect("the file");
        let doc =
            read(spec_type, &text).unwrap_or_else(|problems| panic!("{path:?}: {problems:#?}"));
        assert_eq!(doc.problems, [], "{path:?}");
        assert!(!doc.operations.is_empty(), "{path:?}");
        formats.insert(spec_type);
    }
    assert_eq!(formats.len(), 4);
}
