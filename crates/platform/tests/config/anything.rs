//! Whatever stands in a file or in the environment, loading ends with a
//! configuration or with findings.

use std::collections::BTreeMap;
use std::fs;

use platform::config::Config;
use proptest::prelude::*;
use serde_json::json;

use crate::support::sources;

fn scalar() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z$\\{}:\\-]{0,12}",
        "\\$\\{[A-Z]{0,3}(:-[a-z]{0,3})?\\}",
        "\\PC{0,16}",
        Just("{$include: app-config.yaml}".to_owned()),
        Just("{$file: ../x}".to_owned()),
        Just("{$env: A}".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn loading_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..300), value in "\\PC{0,20}") {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app-config.yaml"), bytes).unwrap();
        let environment = [("APP_CONFIG_app_title", value.as_str()), ("APP_CONFIG_app", "{}")];
        exercise(Config::load(&sources(folder.path(), &environment)));
    }

    #[test]
    fn values_never_panic(values in prop::collection::vec(("[a-z.$]{1,6}", scalar()), 0..8), a in "\\PC{0,8}") {
        let text: String = values.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app-config.yaml"), format!("backend:\n  listen: '{}'\n{text}", a.replace('\'', ""))).unwrap();
        exercise(Config::load(&sources(folder.path(), &[("A", &a)])));
    }

    #[test]
    fn a_text_without_dollar_comes_out_as_it_went_in(text in "[^$\\p{C}]{0,30}") {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("app-config.yaml"), json!({ "a": text }).to_string()).unwrap();
        let config = Config::load(&sources(folder.path(), &[])).unwrap();
        prop_assert_eq!(config.str("a").unwrap(), text);
    }
}

fn exercise(loaded: Result<Config, Vec<model::diagnostic::Diagnostic>>) {
    match loaded {
        Ok(config) => {
            let _ = (
                config.listen(),
                config.database(),
                config.public_url(),
                config.report(),
                config.redacted(),
            );
            let _ = config.section::<BTreeMap<String, u16>>("backend");
        }
        Err(found) => assert!(!found.is_empty()),
    }
}
