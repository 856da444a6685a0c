//! Documentation of the catalog's entities, read when it is asked for and
//! kept as long as it is the same.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use catalog::{Catalog, EntityFolder, visible_to};
use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use parking_lot::Mutex;
use platform::Clock;
use platform::actor::Caller;
use platform::error::ApiError;
use platform::store::StoreError;
use serde_json::Value;

use crate::load::{failed_inside, load};
use crate::markdown::{Rendered, render};
use crate::named::{ENTITY, Named, REF, named};
use crate::sections::{PageSection, sections};
use crate::shelf::{Pages, Place, Shelf};
use crate::site::Site;
use crate::summary::Summary;

/// A repository that somebody reads is not asked more often, unless its source
/// was read since.
const PAUSE: Duration = Duration::from_secs(60);
/// A repository that nobody reads is not asked more often.
const PAUSE_UNREAD: Duration = Duration::from_secs(900);
/// Files of this machine are not listed more often.
const PAUSE_LOCAL: Duration = Duration::from_secs(1);
/// What could not be read is not tried more often.
const PAUSE_FAILED: Duration = Duration::from_secs(5);
/// How long a reader waits for a newer version of what can be read already.
const PATIENCE: Duration = Duration::from_secs(2);

/// A site as it is known now.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What can be read; the last good one, where reading has failed since.
    pub site: Option<Arc<Site>>,
    /// What can be searched in it.
    pub sections: Arc<Vec<PageSection>>,
    /// Why it could not be read now.
    pub failure: Vec<Diagnostic>,
    /// When the place was asked last.
    pub checked_at: Timestamp,
    /// When the site was read.
    pub built_at: Timestamp,
    /// When its documentation was changed last, as far as anybody knows.
    pub changed_at: Option<Timestamp>,
    /// Problems on its pages, without those of the site as a whole.
    pub page_problems: usize,
    /// Digest of what was found at the place.
    seen: String,
    source_id: String,
    /// Whether the place is a folder of this machine.
    local: bool,
    /// The site was read, and its texts were let go to make room.
    shelved: bool,
    /// Bytes of the texts.
    pub(crate) bytes: usize,
}

impl Opened {
    /// The same without its texts.
    pub(crate) fn let_go(&self) -> Self {
        Self {
            site: None,
            sections: Arc::default(),
            shelved: true,
            bytes: 0,
            ..self.clone()
        }
    }

    /// Why it could not be read now.
    pub(crate) fn why(&self) -> Option<String> {
        let first = self.failure.first();
        first.map(|problem| problem.message.clone())
    }
}

/// Told of every site that is read anew: whose it is, and the site, or
/// nothing where there is none any more.
pub type Publish = Arc<dyn Fn(&EntityRef, Option<&Opened>) + Send + Sync>;

/// The documentation of a catalog's entities. Cheap to clone.
#[derive(Clone)]
pub struct Docs(Arc<Inner>);

struct Inner {
    catalog: Catalog,
    clock: Clock,
    publish: Publish,
    shelf: Shelf,
    rendered: Pages,
    summaries: Mutex<BTreeMap<EntityRef, Summary>>,
}

impl fmt::Debug for Docs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Docs").finish_non_exhaustive()
    }
}

impl Docs {
    /// The documentation of a catalog. `publish` is told of what is read.
    pub fn new(catalog: &Catalog, clock: &Clock, publish: Publish) -> Self {
        Self(Arc::new(Inner {
            catalog: catalog.clone(),
            clock: clock.clone(),
            publish,
            shelf: Shelf::default(),
            rendered: Pages::default(),
            summaries: Mutex::default(),
        }))
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The document of an entity that the caller may see.
    pub(crate) fn entity(&self, caller: &Caller, entity_ref: &EntityRef) -> Option<Value> {
        let index = self.0.catalog.model().index();
        let visible = visible_to(caller);
        let entity = index
            .get(entity_ref)
            .filter(|_| visible.is_none_or(|visible| index.matches(entity_ref, &visible)));
        entity.map(|entity| entity.to_value())
    }

    /// The documentation of an entity that the caller may see.
    ///
    /// # Errors
    /// 404 where the entity has none, or names somebody else's that the caller
    /// does not see; 503 when the database does not answer.
    pub(crate) async fn open(
        &self,
        caller: &Caller,
        entity_ref: &EntityRef,
        entity: &Value,
    ) -> Result<Arc<Opened>, ApiError> {
        let (owner, document, reference) = match named(entity) {
            Named::Ref(reference) => (entity_ref.clone(), entity.clone(), reference),
            Named::Entity(other) => {
                let found =
                    self.entity(caller, &other)
                        .and_then(|document| match named(&document) {
                            Named::Ref(reference) => Some((document, reference)),
                            _ => None,
                        });
                let (document, reference) = found.ok_or_else(|| {
                    ApiError::not_found(format!(
                        "{entity_ref} shares the documentation of {other}, which has none"
                    ))
                    .accepted(format!("the ref of an entity with the annotation {REF}"))
                    .fix(format!("correct {ENTITY}, or write {REF}: dir:."))
                })?;
                (other, document, reference)
            }
            Named::Nothing(why) => {
                return Err(ApiError::not_found(
                    why.unwrap_or_else(|| format!("{entity_ref} has no documentation")),
                )
                .accepted(format!("an entity with the annotation {REF}"))
                .fix(format!(
                    "add `{REF}: dir:.` to its annotations, and mkdocs.yml beside its file"
                )));
            }
        };
        let name = Catalog::title_of(&document, &owner);
        Ok(self.current((owner, reference), &name, true).await?)
    }

    /// The site of a place, asked again where that is due. `read` says that
    /// somebody waits for it.
    async fn current(
        &self,
        place: Place,
        name: &str,
        read: bool,
    ) -> Result<Arc<Opened>, StoreError> {
        let (known, gate) = self.0.shelf.at(&place, read);
        // Nobody waits for texts that were let go.
        let enough = |known: &Arc<Opened>| known.site.is_some() || known.shelved && !read;
        let Some(known) = known.filter(enough) else {
            let turn = gate.lock_owned().await;
            return self.again(&place, name, read, turn).await;
        };
        if !self.is_due(&known, read).await? {
            return Ok(known);
        }
        // Somebody is looking already, perhaps at a host that does not answer.
        let Ok(turn) = gate.try_lock_owned() else {
            return Ok(known);
        };
        let (docs, name) = (self.clone(), name.to_owned());
        let looking = tokio::spawn(async move { docs.again(&place, &name, read, turn).await });
        match tokio::time::timeout(PATIENCE, looking).await {
            Ok(Ok(found)) => found,
            // It goes on by itself; what is known can be read meanwhile.
            _ => Ok(known),
        }
    }

    /// Looks at a place, unless somebody else has done so by now.
    async fn again(
        &self,
        place: &Place,
        name: &str,
        read: bool,
        _turn: tokio::sync::OwnedMutexGuard<()>,
    ) -> Result<Arc<Opened>, StoreError> {
        let (known, _) = self.0.shelf.at(place, read);
        let missed = |known: &Opened| read && known.shelved && known.failure.is_empty();
        if let Some(known) = &known
            && !missed(known)
            && !self.is_due(known, read).await?
        {
            return Ok(Arc::clone(known));
        }
        let opened = Arc::new(self.look(place, name, known.as_deref(), read).await?);
        let changed =
            known.is_none_or(|known| known.seen != opened.seen || known.failure != opened.failure);
        self.0.shelf.keep(place, &opened);
        if changed {
            self.announce(&place.0, &opened).await;
        }
        Ok(opened)
    }

    async fn is_due(&self, known: &Opened, read: bool) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        let age = Duration::try_from(now.duration_since(known.checked_at)).unwrap_or_default();
        let local = known.local && (known.site.is_some() || known.shelved);
        let pause = match (local, read) {
            (true, _) => PAUSE_LOCAL,
            (false, _) if !known.failure.is_empty() => PAUSE_FAILED,
            (false, true) => PAUSE,
            (false, false) => PAUSE_UNREAD,
        };
        if age >= pause {
            return Ok(true);
        }
        if local || !read {
            return Ok(false);
        }
        let read_at = self.0.catalog.source_read_at(&known.source_id).await?;
        Ok(read_at.is_some_and(|read_at| read_at > known.checked_at))
    }

    async fn look(
        &self,
        (owner, reference): &Place,
        name: &str,
        known: Option<&Opened>,
        read: bool,
    ) -> Result<Opened, StoreError> {
        let found = self.0.catalog.folder_of(owner, reference).await?;
        let now = self.0.clock.now();
        let (folder, source_id) = match found {
            Some(found) => (found.folder, found.source_id),
            None => (
                Err(Diagnostic::error(
                    "not-found",
                    format!("there is no {owner} any more"),
                )),
                String::new(),
            ),
        };
        let blank = Opened {
            site: known.and_then(|known| known.site.clone()),
            sections: known
                .map(|known| Arc::clone(&known.sections))
                .unwrap_or_default(),
            failure: Vec::new(),
            checked_at: now,
            built_at: known.map_or(now, |known| known.built_at),
            changed_at: known.and_then(|known| known.changed_at),
            page_problems: known.map_or(0, |known| known.page_problems),
            seen: known.map(|known| known.seen.clone()).unwrap_or_default(),
            source_id,
            local: known.is_some_and(|known| known.local),
            shelved: known.is_some_and(|known| known.shelved),
            bytes: known.map_or(0, |known| known.bytes),
        };
        let folder = match folder {
            Ok(folder) => folder,
            Err(problem) => {
                return Ok(Opened {
                    failure: vec![problem],
                    ..blank
                });
            }
        };
        let seen = seen(&folder).await;
        let known = blank.site.is_some() || blank.shelved && !read;
        if known && !seen.is_empty() && seen == blank.seen {
            return Ok(blank);
        }
        let blank = Opened {
            local: folder.is_local(),
            ..blank
        };
        match load(&folder, name).await {
            Ok(site) => Ok(self
                .read(
                    site,
                    Opened {
                        seen,
                        built_at: now,
                        ..blank
                    },
                )
                .await),
            Err(failure) => Ok(Opened {
                seen: String::new(),
                failure,
                ..blank
            }),
        }
    }

    /// Everything that a new site is asked for once.
    async fn read(&self, site: Site, blank: Opened) -> Opened {
        let site = Arc::new(site);
        let changed_at = changed_at(&site).await;
        let work = {
            let site = Arc::clone(&site);
            move || sections(&site)
        };
        let (sections, page_problems) = match tokio::task::spawn_blocking(work).await {
            Ok(found) => found,
            Err(error) => {
                return Opened {
                    seen: String::new(),
                    failure: vec![failed_inside(&error)],
                    ..blank
                };
            }
        };
        let texts: usize = site.pages.values().map(|page| page.text.len()).sum();
        let searched: usize = sections.iter().map(|found| found.section.text.len()).sum();
        Opened {
            bytes: texts + searched,
            sections: Arc::new(sections),
            page_problems,
            changed_at,
            site: Some(site),
            shelved: false,
            ..blank
        }
    }

    async fn announce(&self, owner: &EntityRef, opened: &Arc<Opened>) {
        {
            let mut summaries = self.0.summaries.lock();
            // Its texts were let go, and cannot be read again now: what was
            // known of them still holds.
            if opened.shelved
                && let Some(known) = summaries.get_mut(owner)
            {
                known.failure = opened.why();
                return;
            }
            summaries.insert(owner.clone(), Summary::of(owner, opened));
        }
        // Whoever is told may take a while with a large site.
        let (docs, owner, opened) = (self.clone(), owner.clone(), Arc::clone(opened));
        let told =
            tokio::task::spawn_blocking(move || (docs.0.publish)(&owner, Some(opened.as_ref())));
        if let Err(error) = told.await {
            tracing::error!(%error, "Documentation could not be made searchable: {error}");
        }
    }

    /// What is known of an entity's documentation, without reading it.
    pub(crate) fn summary(&self, entity_ref: &EntityRef) -> Option<Summary> {
        self.0.summaries.lock().get(entity_ref).cloned()
    }

    /// A page as markup, made once for each version.
    ///
    /// # Errors
    /// 500 when it could not be made.
    pub(crate) async fn page(
        &self,
        site: &Arc<Site>,
        key: &str,
        base: &str,
    ) -> Result<Arc<Rendered>, ApiError> {
        let name = (site.identity.clone(), key.to_owned(), base.to_owned());
        if let Some(known) = self.0.rendered.get(&name) {
            return Ok(known);
        }
        let work = {
            let (site, key, base) = (Arc::clone(site), key.to_owned(), base.to_owned());
            move || render(&site, &key, &base)
        };
        let made = tokio::task::spawn_blocking(work).await;
        let page = Arc::new(made.map_err(ApiError::internal)?);
        self.0.rendered.keep(name, &page);
        Ok(page)
    }

    /// Every entity with documentation of its own, as (ref, title, reference).
    pub(crate) fn all(&self) -> Vec<(EntityRef, String, String)> {
        let request = catalog::index::ListRequest {
            query: Some(Predicate::exists(&format!("metadata.annotations.{REF}"))),
            ..catalog::index::ListRequest::default()
        };
        let index = self.0.catalog.model().index();
        let entities = index.list(&request).items;
        let found = entities.iter().filter_map(|entity| {
            let value = entity.to_value();
            match named(&value) {
                Named::Ref(reference) => {
                    let title = Catalog::title_of(&value, entity.entity_ref());
                    Some((entity.entity_ref().clone(), title, reference))
                }
                _ => None,
            }
        });
        found.collect()
    }

    /// Reads what is due of one entity, for the list and for search.
    pub(crate) async fn refresh(&self, entity_ref: EntityRef, title: &str, reference: String) {
        if let Err(error) = self
            .current((entity_ref.clone(), reference), title, false)
            .await
        {
            tracing::warn!(%entity_ref, cause = %error, "Documentation could not be looked for");
        }
    }

    /// Forgets those that have no documentation any more.
    pub(crate) async fn retain(&self, present: &[(EntityRef, String, String)]) {
        let present: HashSet<&EntityRef> = present.iter().map(|(owner, ..)| owner).collect();
        let gone: BTreeSet<EntityRef> = {
            let mut summaries = self.0.summaries.lock();
            let known = summaries.keys();
            let gone: BTreeSet<EntityRef> = known
                .filter(|known| !present.contains(known))
                .cloned()
                .collect();
            summaries.retain(|owner, _| !gone.contains(owner));
            gone
        };
        if gone.is_empty() {
            return;
        }
        self.0.shelf.forget(&gone);
        let docs = self.clone();
        let told = tokio::task::spawn_blocking(move || {
            for owner in gone {
                (docs.0.publish)(&owner, None);
            }
        });
        if let Err(error) = told.await {
            tracing::error!(%error, "Documentation that is gone can still be found: {error}");
        }
    }
}

/// What was found at a place: the commit, or names and times of its files.
async fn seen(folder: &EntityFolder) -> String {
    use sha2::{Digest, Sha256};
    if let Some(revision) = folder.revision() {
        return format!("{}@{revision}", folder.shown());
    }
    let Ok(files) = folder.files().await else {
        return String::new();
    };
    let mut digest = Sha256::new();
    digest.update(folder.shown());
    for file in files {
        digest.update(format!("{}\0{}\0", file.path, file.version));
    }
    hex::encode(digest.finalize())
}

async fn changed_at(site: &Site) -> Option<Timestamp> {
    let written = site.pages.values().filter_map(|page| page.modified).max();
    if written.is_some() {
        return written;
    }
    // One folder holds the pages, as a rule: its last commit is theirs.
    let first = site.pages.values().next()?;
    let folder = first
        .file
        .split_once('/')
        .map_or(first.file.as_str(), |(folder, _)| folder);
    Some(site.folder.last_change(folder).await?.at)
}
