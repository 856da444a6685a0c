//! What `portway doctor` finds out about identity.

use identity::Settings;
use platform::doctor::{Finding, Status, examine};
use serde_json::{Value, json};

use crate::world::{Setup, World, demo};

async fn findings(world: &World, config: &Value) -> Vec<Finding> {
    let (_, problems) = Settings::read(config);
    examine(&identity::checks(&world.identity, problems)).await
}

fn find<'a>(findings: &'a [Finding], id: &str) -> &'a Finding {
    findings.iter().find(|finding| finding.id == id).unwrap()
}

#[tokio::test]
async fn a_healthy_installation_has_nothing_to_mend() {
    let world = World::new(demo()).await;
    let found = findings(&world, &json!({})).await;
    assert_eq!(found.len(), 4);
    for finding in &found {
        assert_eq!(finding.status, Status::Ok, "{finding:?}");
    }
    assert!(
        find(&found, "identity.sign-in")
            .evidence
            .contains("user:development/guest")
    );
}

#[tokio::test]
async fn what_is_left_out_is_named_with_what_would_be_accepted() {
    let world = World::new(Setup {
        listen: "0.0.0.0:7007",
        ..demo()
    })
    .await;
    let config = json!({"backend": {"auth": {"externalAccess": [{"type": "oauth"}]}}});
    let found = findings(&world, &config).await;
    let configuration = find(&found, "identity.configuration");
    assert_eq!(configuration.status, Status::Warn);
    assert!(
        configuration
            .evidence
            .contains("backend.auth.externalAccess[0].type")
    );
    assert!(configuration.fix.as_ref().unwrap().contains("static"));
    assert_eq!(find(&found, "identity.sign-in").status, Status::Warn);
}

#[tokio::test]
async fn forgotten_tokens_are_found() {
    let world = World::new(Setup::default()).await;
    world.token(json!({"name": "old"})).await;
    world.hours(24 * 91);
    world.token(json!({"name": "new"})).await;
    let found = findings(&world, &json!({})).await;
    let tokens = find(&found, "identity.tokens");
    assert_eq!(tokens.status, Status::Warn);
    assert!(tokens.evidence.ends_with(": old"), "{}", tokens.evidence);
    assert_eq!(tokens.fix.as_deref(), Some("portway token revoke old"));
}
