//! Documentation of the catalog's entities, read when it is asked for and
//! kept as long as it is the same.

use std::collections::{BTreeMap, HashMap, VecDeque};
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

use crate::load::load;
use crate::markdown::{Rendered, Section, outline, render};
use crate::site::{PageKind, Site};

/// Says where the documentation of an entity lies.
pub(crate) const REF: &str = "backstage.io/techdocs-ref";
/// Says whose documentation is an entity's as well.
pub(crate) const ENTITY: &str = "backstage.io/techdocs-entity";

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
/// Sites that are kept, and bytes of their texts.
const MAX_SITES: usize = 256;
const MAX_BYTES: usize = 192 * 1024 * 1024;
/// Pages that are kept as markup, in bytes.
const MAX_RENDERED: usize = 32 * 1024 * 1024;
/// Runbooks and decisions of one site that are listed.
const MAX_NOTABLE: usize = 100;
/// Sections of one site that can be searched.
const MAX_SECTIONS: usize = 20_000;

/// A section with the page that it stands on.
#[derive(Clone, Debug)]
pub struct PageSection {
    /// The page.
    pub key: String,
    /// What stands there.
    pub section: Section,
}

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
    bytes: usize,
}

/// What the list of all documentation says of one entity.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The name of the site.
    pub name: String,
    /// What it is about.
    pub description: Option<String>,
    /// How many pages it has; 0 where it could not be read.
    pub pages: usize,
    /// When it was changed last, as far as anybody knows.
    pub changed_at: Option<Timestamp>,
    /// Why it could not be read.
    pub failure: Option<String>,
    /// Problems of the site and its pages.
    pub problems: usize,
    /// Its runbooks and decisions, in the order of reading.
    pub notable: Vec<Notable>,
}

/// A page that people look for when something happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notable {
    /// What it is for.
    pub kind: PageKind,
    /// What it is called.
    pub title: String,
    /// Its address below the site's.
    pub url: String,
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
    slots: Mutex<Slots>,
    rendered: Mutex<VecDeque<Kept>>,
    summaries: Mutex<BTreeMap<EntityRef, Summary>>,
}

#[derive(Default)]
struct Slots {
    by_place: HashMap<Place, Slot>,
    turn: u64,
}

/// Whose folder, and which.
type Place = (EntityRef, String);

#[derive(Clone)]
struct Slot {
    used: u64,
    opened: Option<Arc<Opened>>,
    /// One at a time reads a site; others wait for it.
    gate: Arc<tokio::sync::Mutex<()>>,
}

struct Kept {
    name: (String, String, String),
    page: Arc<Rendered>,
    bytes: usize,
}

impl fmt::Debug for Docs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Docs").finish_non_exhaustive()
    }
}

/// Where an entity says that its documentation is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// `backstage.io/techdocs-ref`
    Ref(String),
    /// `backstage.io/techdocs-entity`
    Entity(EntityRef),
    /// Neither, or one that cannot be read: why.
    Nothing(Option<String>),
}

/// What the annotations of an entity say.
pub(crate) fn named(entity: &Value) -> Named {
    let annotation = |name: &str| {
        let found = entity.pointer("/metadata/annotations")?.get(name)?;
        found
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
    };
    if let Some(text) = annotation(ENTITY) {
        return match EntityRef::parse(text, Some("component"), Some("default")) {
            Ok(other) => Named::Entity(other),
            Err(error) => Named::Nothing(Some(format!("{ENTITY}: {error}"))),
        };
    }
    match annotation(REF) {
        Some(text) => Named::Ref(text.to_owned()),
        None => Named::Nothing(None),
    }
}

impl Docs {
    /// The documentation of a catalog. `publish` is told of what is read.
    pub fn new(catalog: &Catalog, clock: &Clock, publish: Publish) -> Self {
        Self(Arc::new(Inner {
            catalog: catalog.clone(),
            clock: clock.clone(),
            publish,
            slots: Mutex::default(),
            rendered: Mutex::default(),
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
        let (known, gate) = self.slot(&place);
        let Some(known) = known.filter(|known| known.site.is_some()) else {
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
        let (known, _) = self.slot(place);
        if let Some(known) = &known
            && !self.is_due(known, read).await?
        {
            return Ok(Arc::clone(known));
        }
        let opened = Arc::new(self.look(place, name, known.as_deref()).await?);
        let changed =
            known.is_none_or(|known| known.seen != opened.seen || known.failure != opened.failure);
        self.keep(place, &opened);
        if changed {
            self.announce(&place.0, &opened).await;
        }
        Ok(opened)
    }

    async fn is_due(&self, known: &Opened, read: bool) -> Result<bool, StoreError> {
        let now = self.0.clock.now();
        let age = Duration::try_from(now.duration_since(known.checked_at)).unwrap_or_default();
        let local = known
            .site
            .as_ref()
            .is_some_and(|site| site.folder.is_local());
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
        if blank.site.is_some() && !seen.is_empty() && seen == blank.seen {
            return Ok(blank);
        }
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
        let (sections, page_problems) = tokio::task::spawn_blocking(work).await.unwrap_or_default();
        let texts: usize = site.pages.values().map(|page| page.text.len()).sum();
        let searched: usize = sections.iter().map(|found| found.section.text.len()).sum();
        Opened {
            bytes: texts + searched,
            sections: Arc::new(sections),
            page_problems,
            changed_at,
            site: Some(site),
            ..blank
        }
    }

    fn slot(&self, place: &Place) -> (Option<Arc<Opened>>, Arc<tokio::sync::Mutex<()>>) {
        let mut slots = self.0.slots.lock();
        slots.turn += 1;
        let turn = slots.turn;
        let slot = slots.by_place.entry(place.clone()).or_insert_with(|| Slot {
            used: turn,
            opened: None,
            gate: Arc::default(),
        });
        slot.used = turn;
        (slot.opened.clone(), Arc::clone(&slot.gate))
    }

    /// Keeps a site, and lets go of those that nobody has asked for longest.
    fn keep(&self, place: &Place, opened: &Arc<Opened>) {
        let mut slots = self.0.slots.lock();
        if let Some(slot) = slots.by_place.get_mut(place) {
            slot.opened = Some(Arc::clone(opened));
        }
        let size = |slot: &Slot| slot.opened.as_ref().map_or(0, |opened| opened.bytes);
        let mut bytes: usize = slots.by_place.values().map(size).sum();
        while slots.by_place.len() > MAX_SITES || bytes > MAX_BYTES {
            let oldest = slots
                .by_place
                .iter()
                .filter(|(other, _)| *other != place)
                .min_by_key(|(_, slot)| slot.used)
                .map(|(place, _)| place.clone());
            let Some(gone) = oldest.and_then(|oldest| slots.by_place.remove(&oldest)) else {
                return;
            };
            bytes -= size(&gone).min(bytes);
        }
    }

    async fn announce(&self, owner: &EntityRef, opened: &Arc<Opened>) {
        let site = opened.site.as_deref();
        let failure = opened
            .failure
            .first()
            .map(|problem| problem.message.clone());
        let summary = Summary {
            name: site.map_or_else(|| owner.name().to_owned(), |site| site.name.clone()),
            description: site.and_then(|site| site.description.clone()),
            pages: site.map_or(0, |site| site.pages.len()),
            changed_at: opened.changed_at,
            problems: site.map_or(0, |site| site.problems.len()) + opened.page_problems,
            notable: site.map(notable).unwrap_or_default(),
            failure,
        };
        self.0.summaries.lock().insert(owner.clone(), summary);
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
    pub(crate) async fn page(&self, site: &Arc<Site>, key: &str, base: &str) -> Arc<Rendered> {
        let name = (site.identity.clone(), key.to_owned(), base.to_owned());
        let known = {
            let kept = self.0.rendered.lock();
            let found = kept.iter().find(|kept| kept.name == name);
            found.map(|kept| Arc::clone(&kept.page))
        };
        if let Some(known) = known {
            return known;
        }
        let work = {
            let (site, key, base) = (Arc::clone(site), key.to_owned(), base.to_owned());
            move || render(&site, &key, &base)
        };
        let page = Arc::new(tokio::task::spawn_blocking(work).await.unwrap_or_default());
        let bytes = page.parts.iter().map(part_size).sum::<usize>() + 1_000;
        let mut kept = self.0.rendered.lock();
        kept.push_front(Kept {
            name,
            page: Arc::clone(&page),
            bytes,
        });
        let mut total = 0;
        let fits = |kept: &Kept| {
            total += kept.bytes;
            total <= MAX_RENDERED
        };
        let count = kept.iter().map(fits).take_while(|fits| *fits).count();
        kept.truncate(count);
        page
    }

    /// Every entity with documentation of its own, as (ref, title, reference).
    pub(crate) fn all(&self) -> Vec<(EntityRef, String, String)> {
        let index = self.0.catalog.model().index();
        let request = catalog::index::ListRequest {
            query: Some(Predicate::exists(&format!("metadata.annotations.{REF}"))),
            ..catalog::index::ListRequest::default()
        };
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
    pub(crate) fn retain(&self, present: &[(EntityRef, String, String)]) {
        let gone: Vec<EntityRef> = {
            let mut summaries = self.0.summaries.lock();
            let gone = summaries
                .keys()
                .filter(|known| !present.iter().any(|(entity_ref, ..)| entity_ref == *known))
                .cloned()
                .collect::<Vec<_>>();
            for entity_ref in &gone {
                summaries.remove(entity_ref);
            }
            gone
        };
        for entity_ref in gone {
            self.0
                .slots
                .lock()
                .by_place
                .retain(|(owner, _), _| *owner != entity_ref);
            (self.0.publish)(&entity_ref, None);
        }
    }
}

fn notable(site: &Site) -> Vec<Notable> {
    let rest = site.pages.keys().filter(|key| !site.order.contains(key));
    let pages = site.order.iter().chain(rest).filter_map(|key| {
        let (kind, page) = (PageKind::of(key)?, site.pages.get(key)?);
        Some(Notable {
            kind,
            title: page.title.clone(),
            url: page.url.clone(),
        })
    });
    pages.take(MAX_NOTABLE).collect()
}

fn part_size(part: &crate::markdown::Part) -> usize {
    match part {
        crate::markdown::Part::Html(html) => html.len(),
        crate::markdown::Part::Code { text, .. } => text.len(),
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

fn sections(site: &Site) -> (Vec<PageSection>, usize) {
    let mut found = Vec::new();
    let mut problems = 0;
    for key in site.pages.keys() {
        let outline = outline(site, key, "");
        problems += outline.problems.len();
        let of_page = outline.sections.into_iter().map(|section| PageSection {
            key: key.clone(),
            section,
        });
        found.extend(of_page);
        if found.len() >= MAX_SECTIONS {
            found.truncate(MAX_SECTIONS);
            break;
        }
    }
    (found, problems)
}
