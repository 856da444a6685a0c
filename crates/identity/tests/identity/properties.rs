//! What holds for any input.

use identity::{Settings, agent_words, safe_return_path};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};

use crate::world::{World, demo};

/// JSON of any form, with the keys that the settings are read from.
fn any_json() -> impl Strategy<Value = Value> {
    let keys = prop_oneof![
        Just("auth".to_owned()),
        Just("backend".to_owned()),
        Just("externalAccess".to_owned()),
        Just("providers".to_owned()),
        Just("guest".to_owned()),
        Just("options".to_owned()),
        Just("token".to_owned()),
        Just("subject".to_owned()),
        Just("type".to_owned()),
        Just("accessRestrictions".to_owned()),
        Just("plugin".to_owned()),
        Just("permission".to_owned()),
        "[a-z]{1,4}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!("static")),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((keys.clone(), inner), 0..5)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_trust_is_read_and_what_is_left_out_is_reported(
        entries in prop::collection::vec(any_json(), 0..4),
        claims in any_json(),
        local in any_json(),
    ) {
        let near = json!({"issuer": "https://a.example", "audience": "p", "claims": claims});
        let count = entries.len() + 1;
        let mut entries = entries;
        entries.push(near);
        let config = json!({ "auth": { "workload": { "trust": entries }, "providers": { "local": local } } });
        let (settings, problems) = Settings::read(&config);
        let reported = problems.iter().filter(|one| one.path.starts_with("auth.workload")).count();
        prop_assert_eq!(settings.trust.workload.len() + reported, count);
    }

    #[test]
    fn any_client_is_told_in_few_words(agent in any::<String>()) {
        prop_assert!(agent_words(&agent).chars().count() <= 80);
    }

    #[test]
    fn any_configuration_is_read_and_what_is_left_out_is_reported(
        guest in any_json(),
        access in prop::collection::vec(any_json(), 0..4),
    ) {
        let config = json!({
            "auth": { "providers": { "guest": guest } },
            "backend": { "auth": { "externalAccess": access } },
        });
        let (settings, problems) = Settings::read(&config);
        prop_assert_eq!(settings.static_tokens.len() + settings.external.len() + problems.iter().filter(|one| one.path.starts_with("backend.auth")).count(), access.len());
        for problem in &problems {
            prop_assert!(!problem.message.is_empty() && !problem.accepted.is_empty());
        }
    }

    #[test]
    fn nobody_is_sent_to_another_site(wanted in "[/\\\\]{0,3}[ -~\\t\\n]{0,20}") {
        let path = safe_return_path(&wanted);
        prop_assert!(path.starts_with('/'));
        prop_assert!(!path.starts_with("//") && !path.starts_with("/\\"));
        prop_assert!(!path.contains(['\t', '\n', '\\']));
    }
}

/// Header values of any bytes that HTTP allows: never a panic, never let in.
#[tokio::test]
async fn any_credentials_are_answered() {
    let world = World::new(demo()).await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let text = "(Bearer |bearer|Basic |pw_|portway_session=|;|=|\\.|eyJ|[ -~]){0,8}";
    for _ in 0..200 {
        let tree = text.new_tree(&mut runner).unwrap();
        let value = tree.current();
        let status = world
            .post("/api/catalog/locations")
            .header("authorization", &value)
            .status()
            .await;
        assert_eq!(status, 401, "{value:?}");
        let status = world
            .post("/api/catalog/locations")
            .header("cookie", &value)
            .status()
            .await;
        assert_eq!(status, 401, "{value:?}");
        let status = world
            .get("/api/auth/guest/refresh")
            .header("host", &value)
            .status()
            .await;
        assert_eq!(status, 403, "{value:?}");
    }
}
