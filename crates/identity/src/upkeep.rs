//! What has to happen without anybody asking: tokens that end are announced.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use platform::controller::{Controller, JobContext, Next, ReconcileError};
use platform::queue::{Job, Queue};
use serde_json::Value;

use crate::error::IdentityError;
use crate::identity::Identity;

const QUEUE: &str = "identity.upkeep";
const KEY: &str = "tokens";
/// How often tokens are looked at.
const PERIOD: Duration = Duration::from_secs(3600);

/// Identity's controllers. Their work begins with [`Identity::begin_upkeep`].
pub fn controllers(identity: &Arc<Identity>) -> Vec<Arc<dyn Controller>> {
    vec![Arc::new(Upkeep(Arc::clone(identity)))]
}

#[derive(Debug)]
struct Upkeep(Arc<Identity>);

#[async_trait]
impl Controller for Upkeep {
    fn queue(&self) -> &'static str {
        QUEUE
    }

    async fn reconcile(&self, _key: &str, _job: &JobContext) -> Result<Next, ReconcileError> {
        self.0
            .warn_of_ends()
            .await
            .map_err(|error| ReconcileError::new(error.to_string()))?;
        Ok(Next::After(
            PERIOD,
            "tokens that run out soon are looked for every hour".to_owned(),
        ))
    }
}

impl Identity {
    /// Puts the upkeep into the queue, once for all replicas.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn begin_upkeep(&self) -> Result<(), IdentityError> {
        let job = Job {
            queue: QUEUE,
            key: KEY.to_owned(),
            payload: Value::Null,
            run_at: self.clock().now(),
            reason: "Portway has started".to_owned(),
        };
        Queue::new(self.db()).enqueue(job).await?;
        Ok(())
    }
}
