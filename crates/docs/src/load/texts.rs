//! The texts of a site: pages, and the files that they take in.
//!
//! What a listing says of a size decides what is asked for; what arrives is
//! measured again, a few files at a time, so that a file that has grown since
//! takes no more memory than it may.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use model::diagnostic::Diagnostic;

use super::Loader;
use crate::markdown::snippet_paths;

/// Bytes of one page.
const MAX_PAGE: u64 = 1024 * 1024;
/// Bytes of all pages of a site.
const MAX_TEXT: u64 = 64 * 1024 * 1024;
/// Files that pages take in, and bytes of all of them.
const MAX_SNIPPETS: usize = 200;
const MAX_SNIPPET_TEXT: u64 = 16 * 1024 * 1024;
/// Files that are read at a time.
const AT_ONCE: usize = 32;

/// Pages by their keys, with their files.
pub(super) type Texts = BTreeMap<String, (String, Arc<str>)>;

/// What a page may not be, in words; nothing for one that fits behind `total`.
fn too_large(size: u64, total: u64) -> Option<&'static str> {
    if size > MAX_PAGE {
        Some("a page of at most 1 MiB")
    } else if total.saturating_add(size) > MAX_TEXT {
        Some("at most 64 MiB of Markdown in one site")
    } else {
        None
    }
}

/// Bytes as text, with the ends of lines that Unix has.
fn text_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.trim_start_matches('\u{FEFF}').replace("\r\n", "\n")
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

impl Loader {
    /// The texts of pages, as far as limits allow.
    pub(super) async fn read(
        &mut self,
        wanted: BTreeMap<String, String>,
    ) -> Result<Texts, Vec<Diagnostic>> {
        let mut listed = 0;
        let mut fitting = Vec::new();
        for (key, file) in wanted {
            let size = self.files.get(&file).map_or(0, |file| file.size);
            match too_large(size, listed) {
                Some(limit) => self.left_out(&file, size, limit),
                None => {
                    listed += size;
                    fitting.push((key, file));
                }
            }
        }
        let mut total = 0;
        let mut pages = Texts::new();
        for few in fitting.chunks(AT_ONCE) {
            let paths = few.iter().map(|(_, file)| file.clone()).collect();
            let read = self.folder.read_many(paths).await;
            let read = read.map_err(|problem| vec![problem])?;
            for ((key, file), bytes) in few.iter().zip(read) {
                let text = match bytes {
                    Ok(bytes) => text_of(&bytes),
                    Err(problem) => {
                        self.problem(problem);
                        continue;
                    }
                };
                match too_large(length(&text), total) {
                    Some(limit) => self.left_out(file, length(&text), limit),
                    None => {
                        total += length(&text);
                        pages.insert(key.clone(), (file.clone(), Arc::from(text)));
                    }
                }
            }
        }
        Ok(pages)
    }

    fn left_out(&mut self, file: &str, size: u64, limit: &str) {
        let problem = Diagnostic::error(
            "docs-too-large",
            format!("{file} is left out: it has {size} bytes"),
        )
        .in_file(&self.folder.shown_file(file))
        .accepting(limit)
        .fixed_by("split the page");
        self.problem(problem);
    }

    /// The files that pages take in, and those that these take in.
    pub(super) async fn snippets(
        &mut self,
        pages: &Texts,
    ) -> Result<HashMap<String, Arc<str>>, Vec<Diagnostic>> {
        let mut found = HashMap::new();
        let mut asked: HashSet<String> = HashSet::new();
        let mut total = 0;
        let mut open: Vec<String> = Vec::new();
        for (_, text) in pages.values() {
            let named = snippet_paths(text).into_iter();
            open.extend(named.filter(|path| asked.insert(path.clone())));
        }
        while let Some(path) = open.pop() {
            if found.len() >= MAX_SNIPPETS {
                break;
            }
            let listed = self.files.get(&path).map(|file| file.size);
            if listed.is_none_or(|size| size > MAX_PAGE || total + size > MAX_SNIPPET_TEXT) {
                continue;
            }
            let Ok(bytes) = self.folder.read(&path).await else {
                continue;
            };
            let text = text_of(&bytes);
            let size = length(&text);
            if size > MAX_PAGE || total + size > MAX_SNIPPET_TEXT {
                continue;
            }
            total += size;
            let named = snippet_paths(&text).into_iter();
            open.extend(named.filter(|path| asked.insert(path.clone())));
            found.insert(path, Arc::from(text));
        }
        Ok(found)
    }
}
