//! Which files of a repository sources read, for webhooks.

use platform::args;
use platform::store::{StoreError, Tx};

use super::Store;

/// A file that a source has read, or looked for in vain.
#[derive(Clone, Debug)]
pub(crate) struct ReadFile {
    /// The source.
    pub(crate) source_id: String,
    /// Its address, without `url:`.
    pub(crate) url: String,
    /// Whether its entities depend on nothing but its own bytes.
    pub(crate) plain: bool,
}

impl Store {
    /// The files below a web address that sources have read.
    pub(crate) async fn files_below(
        &self,
        tx: &mut Tx,
        web_url: &str,
    ) -> Result<Vec<ReadFile>, StoreError> {
        let from = format!("url:{}/", web_url.trim_end_matches('/'));
        // No character sorts after this one.
        let to = format!("{from}\u{10ffff}");
        tx.query(
            "SELECT source_id, location, plain FROM catalog_files WHERE location >= $1 AND location < $2",
            args![from, to],
        )
        .await?
        .iter()
        .map(|row| {
            let location = row.text(1)?;
            Ok(ReadFile {
                source_id: row.text(0)?.to_owned(),
                url: location.strip_prefix("url:").unwrap_or(location).to_owned(),
                plain: row.bool(2)?,
            })
        })
        .collect()
    }

    /// Has a file read again even if its forge's listing, which may lag behind
    /// its webhooks, says that nothing was pushed.
    pub(crate) async fn forget_hint(&self, tx: &mut Tx, file: &ReadFile) -> Result<(), StoreError> {
        tx.execute(
            "UPDATE catalog_files SET hint = NULL WHERE source_id = $1 AND location = $2",
            args![file.source_id.as_str(), format!("url:{}", file.url)],
        )
        .await?;
        Ok(())
    }
}
