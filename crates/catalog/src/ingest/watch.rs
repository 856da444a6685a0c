//! Watches the files of local sources, so that an edit is seen at once.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use platform::event::{EventFilter, EventLog, Follower};
use platform::store::StoreError;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::files;
use crate::events::SOURCE_PREFIX;
use crate::source::Source;
use crate::store::Store;

/// Editors write a file in several steps; this long without another step
/// counts as done.
const SETTLED: Duration = Duration::from_millis(60);

/// Turns changes of files into work for the queue.
#[derive(Debug)]
pub struct Watcher {
    store: Store,
    /// Sources that are declared later are watched too.
    declared: Follower,
    watcher: Option<RecommendedWatcher>,
    changes: mpsc::UnboundedReceiver<PathBuf>,
    folders: HashMap<PathBuf, Vec<String>>,
}

impl Watcher {
    /// A watcher of nothing yet. Where the system cannot watch files (too many
    /// watches, a network disk) the sources are still looked at on schedule.
    pub async fn new(store: Store, log: &EventLog) -> Result<Self, StoreError> {
        let filter = EventFilter {
            type_prefix: Some(SOURCE_PREFIX.to_owned()),
            subject: None,
        };
        let declared = log.follow(log.latest_seq().await?, filter);
        let (send, changes) = mpsc::unbounded_channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let Ok(event) = event else { return };
            // Reading a file must not look like a change of it.
            if matches!(event.kind, EventKind::Access(_)) {
                return;
            }
            for path in event.paths {
                let _ = send.send(path);
            }
        })
        .inspect_err(|error| tracing::warn!(%error, "Files cannot be watched here: {error}"))
        .ok();
        let mut watcher = Self {
            store,
            declared,
            watcher,
            changes,
            folders: HashMap::new(),
        };
        watcher.add_all().await?;
        Ok(watcher)
    }

    async fn add_all(&mut self) -> Result<(), StoreError> {
        for source in self.store.sources().await? {
            self.add(&source);
        }
        Ok(())
    }

    /// Watches the tree of a local source.
    fn add(&mut self, source: &Source) {
        if !source.is_local() {
            return;
        }
        let target = Path::new(source.location.target());
        let folder = if target.is_dir() {
            target.to_path_buf()
        } else {
            files::tree_around(target)
        };
        let ids = self.folders.entry(folder.clone()).or_default();
        if ids.contains(&source.id) {
            return;
        }
        ids.push(source.id.clone());
        if ids.len() == 1
            && let Some(watcher) = &mut self.watcher
            && let Err(error) = watcher.watch(&folder, RecursiveMode::Recursive)
        {
            tracing::warn!(%error, folder = %folder.display(), "{} cannot be watched: {error}", folder.display());
        }
    }

    /// Passes changes on until told to stop.
    pub async fn run(mut self, stop: CancellationToken) {
        loop {
            let first = tokio::select! {
                () = stop.cancelled() => return,
                path = self.changes.recv() => path,
                declared = self.declared.next() => {
                    let added = match declared {
                        Ok(_) => self.add_all().await,
                        Err(error) => Err(error),
                    };
                    if let Err(error) = added {
                        tracing::warn!(%error, "New sources could not be watched: {error}");
                        return;
                    }
                    continue;
                }
            };
            let Some(first) = first else { return };
            let mut paths = vec![first];
            while let Ok(Some(path)) = tokio::time::timeout(SETTLED, self.changes.recv()).await {
                paths.push(path);
                // A tree that never rests must not starve its readers.
                if paths.len() > 10_000 {
                    break;
                }
            }
            self.wake(&paths).await;
        }
    }

    async fn wake(&self, paths: &[PathBuf]) {
        let mut woken: HashMap<&str, &Path> = HashMap::new();
        for path in paths {
            for (folder, ids) in &self.folders {
                if path.starts_with(folder) {
                    woken.extend(ids.iter().map(|id| (id.as_str(), path.as_path())));
                }
            }
        }
        for (id, path) in woken {
            if let Err(error) = self.enqueue(id, path).await {
                tracing::warn!(%error, "A changed file could not be queued: {error}");
            }
        }
    }

    async fn enqueue(&self, id: &str, path: &Path) -> Result<(), StoreError> {
        let mut tx = self.store.db().begin().await?;
        tx.enqueue(
            self.store
                .refresh_job(id, format!("{} changed", path.display())),
        );
        tx.commit().await
    }
}
