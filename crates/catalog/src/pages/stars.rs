//! Entities that somebody has starred. Kept where Backstage's own portal keeps
//! them, so both show the same stars.

use model::entity_ref::EntityRef;
use platform::actor::Caller;
use platform::error::ApiError;
use serde_json::Value;

use super::Desk;

/// Backstage's names for the bucket and the setting.
const BUCKET: &str = "starredEntities";
const KEY: &str = "entityRefs";

impl Desk {
    /// What the caller has starred, in the order of starring; nobody has no stars.
    pub(super) async fn stars(&self, caller: &Caller) -> Result<Vec<EntityRef>, ApiError> {
        if caller.is_anonymous() {
            return Ok(Vec::new());
        }
        let kept = self.identity.user_setting(caller, BUCKET, KEY).await?;
        let listed = kept.as_ref().and_then(Value::as_array);
        Ok(listed
            .into_iter()
            .flatten()
            .filter_map(|found| EntityRef::parse(found.as_str()?, None, None).ok())
            .collect())
    }

    /// Stars an entity, or takes the star away.
    pub(super) async fn star(
        &self,
        caller: &Caller,
        entity_ref: &EntityRef,
        starred: bool,
    ) -> Result<(), ApiError> {
        let mut stars = self.stars(caller).await?;
        stars.retain(|known| known != entity_ref);
        if starred {
            stars.push(entity_ref.clone());
        }
        let listed = stars
            .iter()
            .map(|found| Value::String(found.to_string()))
            .collect();
        self.identity
            .set_user_setting(caller, (BUCKET, KEY), &Value::Array(listed))
            .await
    }
}
