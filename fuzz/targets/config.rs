//! `app-config.yaml`: any bytes, loaded as configuration.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use platform::config::{Config, Sources};

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|bytes: &[u8]| {
    let file = FOLDER.path().join("app-config.yaml");
    std::fs::write(&file, bytes).expect("a file");
    let sources = Sources {
        files: vec![file],
        directory: FOLDER.path().to_owned(),
        variables: [("SECRET".to_owned(), "correct-horse-battery".to_owned())].into(),
        ..Sources::default()
    };
    match Config::load(&sources) {
        Ok(config) => {
            let _ = config.report();
            if let Ok(Some(token)) = config.opt_str("backend.auth.keys[0].secret")
                && token.len() >= 8
            {
                assert!(!config.redacted().pointer("/backend/auth/keys/0/secret").is_some_and(|shown| shown == token));
            }
        }
        Err(problems) => assert!(!problems.is_empty(), "refused without a reason"),
    }
});
