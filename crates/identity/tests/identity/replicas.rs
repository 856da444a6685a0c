//! Several servers on one database: what one of them keeps in memory follows
//! what the others do.

use std::time::Instant;

use serde_json::json;

use crate::world::{Setup, World, operator};

const ENTITIES: &str = "/api/catalog/entities";
/// What is kept in memory counts for five seconds, should nobody be told.
const PATIENCE: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn what_ends_on_one_server_ends_on_the_others() {
    let world = World::new(Setup::default()).await;
    let other = world.replica().await;
    let cookie = world.operator_cookie().await;
    let token = world.token(json!({"name": "ci", "scope": "read"})).await;
    let by_cookie = || other.get(ENTITIES).header("cookie", &cookie).status();
    let by_token = || other.get(ENTITIES).bearer(&token).status();
    for _ in 0..3 {
        assert_eq!((by_cookie().await, by_token().await), (200, 200));
    }
    world
        .run(operator(), "token:revoke", json!({"token": "ci"}))
        .await
        .unwrap();
    let sessions = world
        .run(operator(), "session:list", json!({}))
        .await
        .unwrap();
    let id = sessions["items"][0]["id"].clone();
    world
        .run(operator(), "session:end", json!({"session": id}))
        .await
        .unwrap();
    // At once where it was said.
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 401);
    assert_eq!(
        world.get(ENTITIES).header("cookie", &cookie).status().await,
        401
    );
    let begun = Instant::now();
    while (by_cookie().await, by_token().await) != (401, 401) {
        assert!(begun.elapsed().as_secs() < PATIENCE, "the end was not told");
        tokio::task::yield_now().await;
    }
}
