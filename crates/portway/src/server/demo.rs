//! The demo organisation, carried in the binary so that `portway up --demo`
//! needs nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rust_embed::Embed;

#[derive(Embed)]
#[folder = "../../examples/acme"]
struct Acme;

/// Writes the demo organisation into the data directory and answers its
/// configuration file. Files that somebody has edited there are put back.
pub(super) fn unpack(data: &Path) -> Result<PathBuf> {
    let root = data.join("demo").join("acme");
    for name in Acme::iter() {
        let Some(file) = Acme::get(&name) else {
            continue;
        };
        let path = root.join(name.as_ref());
        // Unchanged files keep their time, so that nothing looks edited.
        if fs::read(&path).is_ok_and(|found| found == *file.data) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .with_context(|| format!("{} cannot be made", folder.display()))?;
        }
        fs::write(&path, &file.data)
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(root.join("app-config.yaml"))
}
