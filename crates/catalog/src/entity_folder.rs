//! What lies beside an entity, for capabilities that show it.

use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use model::location_ref::LocationRef;
use platform::store::StoreError;
use serde_json::Value;

use crate::engine::Catalog;
use crate::ingest::{EntityFolder, Web};

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
        let Some((source_id, location, declared_at)) = self.place_of(entity_ref).await? else {
            return Ok(None);
        };
        self.folder_near(&source_id, &location, declared_at.as_deref(), reference)
            .await
    }

    /// Where an entity is declared: the id of its source, its location
    /// (`file:/srv/catalog.yaml`), and its annotation
    /// `backstage.io/source-location`. Enough for [`Catalog::folder_near`]
    /// when the entity itself is gone.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn place_of(
        &self,
        entity_ref: &EntityRef,
    ) -> Result<Option<(String, String, Option<String>)>, StoreError> {
        let Some(row) = self.store.row(entity_ref).await? else {
            return Ok(None);
        };
        let index = self.model.index();
        let entity = index.get(entity_ref).map(|entity| entity.to_value());
        let declared_at = entity.and_then(|entity| {
            let annotations = entity.pointer("/metadata/annotations")?;
            let found = annotations.get("backstage.io/source-location")?;
            found.as_str().map(str::to_owned)
        });
        Ok(Some((row.place.source_id, row.place.location, declared_at)))
    }

    /// As [`Catalog::folder_of`], for a place that was looked up before. An
    /// address (`url:`) needs no source.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn folder_near(
        &self,
        source_id: &str,
        location: &str,
        declared_at: Option<&str>,
        reference: &str,
    ) -> Result<Option<FolderOf>, StoreError> {
        if let Some(url) = reference.strip_prefix("url:") {
            return Ok(Some(FolderOf {
                folder: self.ingestion.folder_at(url).await,
                source_id: source_id.to_owned(),
            }));
        }
        let Some(source) = self.store.source(source_id).await? else {
            return Ok(None);
        };
        let folder = match LocationRef::parse(location) {
            Ok(location) => {
                self.ingestion
                    .folder(&source, &location, declared_at, reference)
                    .await
            }
            Err(error) => Err(Diagnostic::error("bad-location", error.to_string())),
        };
        Ok(Some(FolderOf {
            folder,
            source_id: source.id,
        }))
    }

    /// The way to hosts and repositories, for capabilities that have to get
    /// there by the same rules.
    #[must_use]
    pub fn web(&self) -> &Web {
        &self.ingestion.web
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
