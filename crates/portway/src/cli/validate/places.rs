//! The paths of the command line, as they are and as they were typed.

use std::io;
use std::path::{Path, PathBuf};

/// Real paths for the reader, and the way back for people.
#[derive(Debug, Default)]
pub(super) struct Places {
    real: Vec<PathBuf>,
    typed: Vec<PathBuf>,
}

impl Places {
    /// Adds what was typed.
    ///
    /// # Errors
    /// Nothing is there, or it may not be looked at.
    pub(super) fn add(&mut self, typed: &Path) -> io::Result<()> {
        self.real.push(typed.canonicalize()?);
        self.typed
            .push(typed.strip_prefix(".").unwrap_or(typed).to_path_buf());
        Ok(())
    }

    /// Where they really are.
    pub(super) fn real(&self) -> &[PathBuf] {
        &self.real
    }

    /// A file below one of them, as it would have been typed.
    pub(super) fn shown(&self, file: &str) -> String {
        let below = |(real, typed): (&PathBuf, &PathBuf)| {
            let rest = Path::new(file).strip_prefix(real).ok()?;
            Some(if rest.as_os_str().is_empty() {
                typed.clone()
            } else {
                typed.join(rest)
            })
        };
        let near = |real: &PathBuf, typed: &PathBuf| {
            // A file beside the one that was named.
            let folder = real.parent().filter(|_| real.is_file())?;
            let rest = Path::new(file).strip_prefix(folder).ok()?;
            Some(typed.parent().unwrap_or(Path::new("")).join(rest))
        };
        let pairs = || self.real.iter().zip(&self.typed);
        pairs()
            .find_map(below)
            .or_else(|| pairs().find_map(|(real, typed)| near(real, typed)))
            .map_or_else(|| file.to_owned(), |path| path.display().to_string())
    }
}
