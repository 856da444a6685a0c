//! Keeps what is known of all documentation up with the catalog, so that it
//! can be found before anybody has opened it.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Docs;

/// Between two looks at everything, unless the catalog changes.
const TURN: Duration = Duration::from_secs(60);
/// Changes of the catalog come in swarms; they are looked at together.
const SETTLE: Duration = Duration::from_millis(500);
/// Sites that are read ahead. The rest is read when somebody opens it.
const MAX_AHEAD: usize = 2_000;

impl Docs {
    /// Follows the catalog until told to stop. Places on the web are asked
    /// only after their source was read, or when somebody looks.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        let mut changes = self.catalog().model().changes();
        loop {
            changes.borrow_and_update();
            if !self.look_at_all(&stop).await {
                return;
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.clock().sleep(TURN) => {}
                changed = changes.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    tokio::select! {
                        () = stop.cancelled() => return,
                        () = self.clock().sleep(SETTLE) => {}
                    }
                }
            }
        }
    }

    /// Looks at everything once; `false` when told to stop.
    async fn look_at_all(&self, stop: &CancellationToken) -> bool {
        let all = self.all();
        self.retain(&all).await;
        for (entity_ref, title, reference) in all.into_iter().take(MAX_AHEAD) {
            tokio::select! {
                () = stop.cancelled() => return false,
                () = self.refresh(entity_ref, &title, reference) => {}
            }
        }
        true
    }
}
