//! What lies beside an entity, for capabilities that show it.

use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use platform::store::StoreError;
use serde_json::Value;

use crate::engine::Catalog;
use crate::ingest::EntityFolder;

/// How a folder can be had.
#[derive(Debug)]
pub struct FolderOf {
    /// The folder, or why it cannot be read.
    pub folder: Result<EntityFolder, Diagnostic>,
    /// The source that declares the entity.
    pub source_id: String,
}

impl Catalog {
    /// The folder that `reference` (`dir:<path>` or `url:<address>`) means for
    /// an entity; `None` when there is no such entity. Asks nobody whether the
    /// reader may see the entity: that is the caller's part.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn folder_of(
        &self,
        entity_ref: &EntityRef,
        reference: &str,
    ) -> Result<Option<FolderOf>, StoreError> {
        let Some(row) = self.store.row(entity_ref).await? else {
            return Ok(None);
        };
        let Some(source) = self.store.source(&row.place.source_id).await? else {
            return Ok(None);
        };
        let declared_at = {
            let index = self.model.index();
            let entity = index.get(entity_ref).map(|entity| entity.to_value());
            entity.and_then(|entity| {
                let annotations = entity.pointer("/metadata/annotations")?;
                let found = annotations.get("backstage.io/source-location")?;
                found.as_str().map(str::to_owned)
            })
        };
        let folder = match LocationRef::parse(&row.place.location) {
            Ok(location) => {
                self.ingestion
                    .folder(&source, &location, declared_at.as_deref(), reference)
                    .await
            }
            Err(error) => Err(Diagnostic::error("bad-location", error.to_string())),
        };
        Ok(Some(FolderOf {
            folder,
            source_id: source.id,
        }))
    }

    /// When a source was read last, for what keeps up with it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn source_read_at(&self, source_id: &str) -> Result<Option<Timestamp>, StoreError> {
        let source = self.store.source(source_id).await?;
        Ok(source.and_then(|source| source.state.last_attempt_at))
    }

    /// The name under which people know an entity: its title, else its name.
    #[must_use]
    pub fn title_of(entity: &Value, entity_ref: &EntityRef) -> String {
        let title = ["/metadata/title", "/spec/profile/displayName"]
            .iter()
            .find_map(|pointer| entity.pointer(pointer)?.as_str());
        title.unwrap_or(entity_ref.name()).to_owned()
    }
}
