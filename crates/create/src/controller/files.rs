//! The files of a task between its steps.

use std::path::{Path, PathBuf};

use platform::controller::{JobContext, ReconcileError};
use uuid::Uuid;

use crate::action::StepError;
use crate::engine::Create;
use crate::task::Task;
use crate::workspace::{Workspace, pack, unpack};

/// The largest workspace that is kept in a database, in bytes.
const LARGEST_ROW: usize = 64 * 1024 * 1024;

/// In the place of a workspace's number: its files were removed.
pub(crate) const GONE: i64 = -1;

fn folder(data: &Path, task: Uuid) -> PathBuf {
    data.join("tasks").join(task.to_string())
}

fn pack_path(data: &Path, task: Uuid, number: i64) -> PathBuf {
    folder(data, task).join(format!("{number}.pack"))
}

/// A workspace as the last step that has ended has left it. Each claim has a
/// folder of its own, so that an earlier holder that is still at work somewhere
/// writes into nothing that counts.
pub(super) async fn open(
    create: &Create,
    job: &JobContext,
    task: &Task,
) -> Result<Result<Workspace, StepError>, ReconcileError> {
    let data = create.0.settings.data.clone();
    let (id, number, fence) = (task.id, task.pack, job.job().fence);
    remove_work(&data, id).await;
    let stored = match number {
        ..=0 => None,
        number if create.0.store.db().is_shared() => create.0.store.pack(id, number).await?,
        number => tokio::fs::read(pack_path(&data, id, number)).await.ok(),
    };
    if number > 0 && stored.is_none() {
        return Ok(Err(StepError::new(format!(
            "The files that earlier steps have made are gone from {}",
            folder(&data, id).display()
        ))
        .fixed_by("run the template again from its start")));
    }
    let opened = tokio::task::spawn_blocking(move || {
        let work = folder(&data, id).join(format!("work-{fence}"));
        let workspace = Workspace::open(&work).map_err(|error| {
            StepError::new(format!("{} cannot be made: {error}", work.display()))
        })?;
        if let Some(packed) = stored {
            unpack(&packed, &workspace)?;
        }
        workspace.take_changed();
        Ok::<_, StepError>(workspace)
    });
    Ok(opened.await?)
}

/// What has to be written together with the end of a step.
pub(super) struct Kept {
    /// The number of the workspace that holds from then on.
    pub(super) number: i64,
    /// Its bytes, where they belong into the database.
    pub(super) row: Option<Vec<u8>>,
}

/// Keeps the workspace if it has changed. A file is written before the
/// transaction that names it, so that there is always one that counts.
pub(super) async fn keep(
    create: &Create,
    task: &Task,
    workspace: &Workspace,
) -> Result<Option<Kept>, StepError> {
    if !workspace.take_changed() {
        return Ok(None);
    }
    let shared = create.0.store.db().is_shared();
    let path = pack_path(&create.0.settings.data, task.id, task.pack + 1);
    let (workspace, number) = (workspace.clone(), task.pack + 1);
    let kept = tokio::task::spawn_blocking(move || {
        let packed = pack(&workspace)?;
        if shared {
            if packed.len() > LARGEST_ROW {
                return Err(StepError::new(format!(
                    "The workspace holds more than {} MiB, which is too much where several replicas share a database",
                    LARGEST_ROW / 1024 / 1024
                ))
                .fixed_by("fetch less, or remove what is not needed with `fs:delete`"));
            }
            return Ok(Kept {
                number,
                row: Some(packed),
            });
        }
        let part = path.with_extension("part");
        let written = std::fs::write(&part, &packed).and_then(|()| std::fs::rename(&part, &path));
        written.map_err(|error| {
            StepError::new(format!("{} cannot be written: {error}", path.display()))
        })?;
        Ok(Kept { number, row: None })
    });
    match kept.await {
        Ok(kept) => kept.map(Some),
        Err(error) => Err(StepError::new(format!(
            "The workspace cannot be kept: {error}"
        ))),
    }
}

/// Removes workspaces that were kept before this one.
pub(super) async fn forget_before(create: &Create, task: Uuid, number: i64) {
    if number > 1 {
        let path = pack_path(&create.0.settings.data, task, number - 1);
        let _ = tokio::fs::remove_file(path).await;
    }
}

/// Removes the folders that steps worked in; what was kept stays.
pub(super) async fn remove_work(data: &Path, task: Uuid) {
    let folder = folder(data, task);
    let removed = tokio::task::spawn_blocking(move || {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with("work-") {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
    });
    let _ = removed.await;
}

/// Removes everything. A retry begins anew from then on.
pub(super) async fn remove(create: &Create, task: Uuid) -> Result<(), ReconcileError> {
    let folder = folder(&create.0.settings.data, task);
    let removed = tokio::task::spawn_blocking(move || match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    });
    removed.await??;
    let mut tx = create.0.store.db().begin().await?;
    create.0.store.drop_pack(&mut tx, task).await?;
    create.0.store.set_pack(&mut tx, task, GONE).await?;
    tx.commit().await?;
    Ok(())
}
