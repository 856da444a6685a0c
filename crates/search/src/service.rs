//! The engine with the catalog behind it: filled at start, kept fresh by the
//! event log, asked on behalf of a caller.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use catalog::Catalog;
use catalog::events::ENTITY_PREFIX;
use catalog::index::{Index, ListRequest};
use model::entity_ref::EntityRef;
use parking_lot::{Mutex, MutexGuard, RwLock};
use platform::actor::Caller;
use platform::event::{EventFilter, EventLog};
use platform::store::{Db, StoreError};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::collate::{Source, document};
use crate::engine::{
    Document, Engine, Explanation, Facets, Field, Hit, Narrow, Ready, Request, Results, Size,
    Visibility,
};
use crate::meanwhile::add_by_name;

/// Entities that are read at a time.
const BATCH: usize = 200;
/// Documents that are put in at a time: readers wait no longer than that.
const TURN: usize = 20;
/// Documents that are taken out at a time, which costs less.
const REMOVED: usize = 200;
/// Events that are read at a time.
const EVENTS: usize = 1_000;
/// How long [`Search::caught_up`] waits.
const PATIENCE: Duration = Duration::from_secs(30);
/// Relations of something to what shows its name, looked at when it changes.
const NAMED_BY: [&str; 4] = ["ownerOf", "hasPart", "hasMember", "parentOf"];

/// How far the index is. Until it is complete, answers may lack something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Documents that can be found.
    pub done: usize,
    /// Entities that the catalog has.
    pub of: usize,
    /// Everything that the catalog has can be found.
    pub complete: bool,
}

/// Search over everything. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Search(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    catalog: Catalog,
    log: EventLog,
    engine: RwLock<Engine>,
    /// One at a time exchanges papers.
    papers: Mutex<()>,
    /// The last event that can be found; nothing until all entities can.
    followed: watch::Sender<Option<i64>>,
}

impl Search {
    /// An empty index over a catalog; [`Search::keep_fresh`] fills it.
    pub fn new(catalog: &Catalog, db: &Db) -> Self {
        Self(Arc::new(Inner {
            catalog: catalog.clone(),
            log: EventLog::new(db),
            engine: RwLock::new(Engine::default()),
            papers: Mutex::default(),
            followed: watch::Sender::new(None),
        }))
    }

    /// The catalog that is searched.
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.0.catalog
    }

    /// How far the index is.
    pub fn progress(&self) -> Progress {
        Progress {
            done: {
                let engine = self.0.engine.read();
                engine.len() - engine.about()
            },
            of: self.0.catalog.model().index().len(),
            complete: self.0.followed.borrow().is_some(),
        }
    }

    /// Waits until everything up to the event `seq` can be found; `false` after
    /// 30 seconds.
    pub async fn caught_up(&self, seq: i64) -> bool {
        let mut followed = self.0.followed.subscribe();
        let done = followed.wait_for(|followed| followed.is_some_and(|followed| followed >= seq));
        tokio::time::timeout(PATIENCE, done)
            .await
            .is_ok_and(|done| done.is_ok())
    }

    /// How much the index holds.
    pub fn size(&self) -> Size {
        self.0.engine.read().size()
    }

    /// Documents of another capability, in the place of all that this
    /// collection had. Their ids begin with the collection's name.
    pub fn offer(&self, collection: &'static str, documents: &[Document]) {
        let before = self.0.engine.read().ids(collection);
        self.exchange(before, documents);
    }

    /// Documents about an entity, in the place of those that it had in this
    /// collection.
    pub(crate) fn replace_of(&self, collection: &str, subject: &EntityRef, documents: &[Document]) {
        let before = self.0.engine.read().ids_about(subject, Some(collection));
        self.exchange(before, documents);
    }

    /// Puts documents in, then takes out those that were there before and are
    /// not among them: a few at a time, so that whoever searches meanwhile
    /// waits for a few only, and finds the old or the new.
    fn exchange(&self, before: Vec<Arc<str>>, documents: &[Document]) {
        for turn in documents.chunks(TURN) {
            let ready: Vec<Ready<'_>> = turn.iter().map(Ready::of).collect();
            let mut engine = self.0.engine.write();
            ready.iter().for_each(|ready| engine.put_ready(ready));
        }
        let now: HashSet<&str> = documents.iter().map(|document| &*document.id).collect();
        let gone: Vec<Arc<str>> = before
            .into_iter()
            .filter(|id| !now.contains(&**id))
            .collect();
        for turn in gone.chunks(REMOVED) {
            let mut engine = self.0.engine.write();
            for id in turn {
                engine.remove(id);
            }
        }
    }

    /// What of an entity decides who finds its papers may have changed while
    /// these were put in.
    pub(crate) fn restate(&self, subject: &EntityRef, facets: &Facets, owner: Option<&EntityRef>) {
        let mut engine = self.0.engine.write();
        engine.restate(subject, facets, owner);
    }

    /// Held by whoever exchanges the papers of an entity.
    pub(crate) fn papers(&self) -> MutexGuard<'_, ()> {
        self.0.papers.lock()
    }

    /// Answers a request for a caller, who finds what the catalog shows.
    pub fn ask(
        &self,
        caller: &Caller,
        text: &str,
        narrow: Narrow,
        offset: usize,
        limit: usize,
    ) -> Results {
        let complete = self.0.followed.borrow().is_some();
        let meanwhile = (offset == 0 && !complete).then(|| narrow.clone());
        let mut found = self.asked(caller, text, narrow, (offset, limit), |engine, request| {
            engine.search(request)
        });
        if let Some(narrow) = meanwhile {
            let index = self.0.catalog.model().index();
            let visible = catalog::visible_to(caller);
            add_by_name(&index, text, (&narrow, visible), limit, &mut found);
        }
        found
    }

    /// The same without narrowing, and the best hits of some kinds, which may be
    /// far behind the others: at most the two numbers of each.
    pub(crate) fn ask_beside(
        &self,
        caller: &Caller,
        text: &str,
        kinds: &[&str],
        (limit, beside): (usize, usize),
    ) -> (Results, Vec<Hit>) {
        let complete = self.0.followed.borrow().is_some();
        if !complete {
            let narrow = Narrow {
                kinds: kinds.iter().map(|kind| (*kind).to_owned()).collect(),
                ..Narrow::default()
            };
            return (
                self.ask(caller, text, Narrow::default(), 0, limit),
                self.ask(caller, text, narrow, 0, beside).hits,
            );
        }
        let all = Narrow::default();
        self.asked(caller, text, all, (0, limit), |engine, request| {
            engine.search_beside(request, kinds, beside)
        })
    }

    /// Why something was found.
    pub fn explain(&self, caller: &Caller, text: &str, hit: &Hit) -> Option<Explanation> {
        let document = match (&hit.shown, &hit.subject) {
            // Its words are not kept; what is shown has most of them.
            (Some(shown), _) => Document {
                id: Arc::clone(&hit.id),
                texts: vec![
                    (Field::Name, shown.title.clone()),
                    (Field::Description, shown.text.clone()),
                ],
                ..Document::default()
            },
            (None, subject) => {
                let source = {
                    let index = self.0.catalog.model().index();
                    let subject = subject.as_ref()?;
                    let visible = catalog::visible_to(caller);
                    let sees = visible.is_none_or(|visible| index.matches(subject, &visible));
                    let entity = index.get(subject).filter(|_| sees)?;
                    Source::of(&index, &entity)
                };
                document(source, self.0.catalog.model().kinds())
            }
        };
        self.asked(
            caller,
            text,
            Narrow::default(),
            (0, 0),
            |engine, request| engine.explain(request, &document),
        )
    }

    fn asked<T>(
        &self,
        caller: &Caller,
        text: &str,
        narrow: Narrow,
        (offset, limit): (usize, usize),
        answer: impl FnOnce(&Engine, &Request<'_>) -> T,
    ) -> T {
        let predicate = catalog::visible_to(caller);
        let nothing = predicate == Some(model::query::Predicate::nothing());
        let index = self.0.catalog.model().index();
        let visible = predicate.as_ref().map(|predicate| index.those(predicate));
        let sees = |entity_ref: &EntityRef| {
            visible
                .as_ref()
                .is_none_or(|visible| visible.hold(&index, entity_ref))
        };
        let visibility = match &predicate {
            None => Visibility::All,
            Some(_) if nothing => Visibility::Nothing,
            Some(_) => Visibility::Where(&sees),
        };
        let request = Request {
            text,
            visibility,
            own: &caller.ownership,
            narrow,
            offset,
            limit,
        };
        answer(&self.0.engine.read(), &request)
    }

    /// Fills the index and follows the catalog until told to stop.
    pub async fn keep_fresh(&self, stop: CancellationToken) {
        let mut changes = self.0.catalog.model().changes();
        // Taken first: what changes meanwhile is put in again, which does no harm.
        let mut seen = *changes.borrow_and_update();
        let all = self.refs();
        for batch in all.chunks(BATCH) {
            if stop.is_cancelled() {
                return;
            }
            // Who has just changed something looks for it first.
            if changes.has_changed().unwrap_or(false) {
                changes.mark_unchanged();
                match self.catch_up(seen).await {
                    Ok(now) => seen = now,
                    Err(error) => warn(&error),
                }
            }
            self.put(batch.to_vec()).await;
        }
        self.0.engine.write().shrink();
        self.0.followed.send_replace(Some(seen));
        loop {
            match self.catch_up(seen).await {
                Ok(now) => {
                    seen = now;
                    self.0.followed.send_replace(Some(seen));
                }
                Err(error) => warn(&error),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                changed = changes.changed() => {
                    if changed.is_err() {
                        return;
                    }
                }
            }
        }
    }

    fn refs(&self) -> Vec<EntityRef> {
        let index = self.0.catalog.model().index();
        let all = index.list(&ListRequest::default());
        all.items
            .iter()
            .map(|entity| entity.entity_ref().clone())
            .collect()
    }

    /// Puts in what the catalog's read model has learnt since `seen`.
    async fn catch_up(&self, mut seen: i64) -> Result<i64, StoreError> {
        // Later events are not in the read model yet.
        let target = self.0.catalog.model().applied();
        let filter = EventFilter {
            type_prefix: Some(ENTITY_PREFIX.to_owned()),
            subject: None,
        };
        while seen < target {
            let mut events = self.0.log.after(seen, &filter, EVENTS).await?;
            let full = events.len() == EVENTS;
            events.retain(|event| event.seq <= target);
            let last = events.last().map(|event| event.seq);
            let mut refs: Vec<EntityRef> = events
                .iter()
                .filter_map(|event| EntityRef::parse(&event.subject, None, None).ok())
                .collect();
            refs.extend(self.named_by(&refs));
            refs.sort();
            refs.dedup();
            for batch in refs.chunks(BATCH) {
                self.put(batch.to_vec()).await;
            }
            seen = match last {
                Some(last) if full => last,
                _ => target,
            };
        }
        Ok(seen)
    }

    /// What shows the name of one of these and is found by it.
    fn named_by(&self, refs: &[EntityRef]) -> Vec<EntityRef> {
        let index = self.0.catalog.model().index();
        let naming = |entity_ref: &&EntityRef| {
            matches!(entity_ref.kind(), "group" | "user" | "system" | "domain")
        };
        let relations = refs
            .iter()
            .filter(naming)
            .flat_map(|entity_ref| index.relations(entity_ref));
        relations
            .filter(|relation| relation.exists && NAMED_BY.contains(&relation.kind))
            .map(|relation| relation.target.clone())
            .collect()
    }

    /// Puts entities in, and takes out those that are gone.
    async fn put(&self, refs: Vec<EntityRef>) {
        let search = self.clone();
        let done = tokio::task::spawn_blocking(move || search.put_now(&refs)).await;
        if let Err(error) = done {
            tracing::error!(%error, "Entities could not be made searchable: {error}");
        }
    }

    fn put_now(&self, refs: &[EntityRef]) {
        let model = self.0.catalog.model();
        let sources = {
            let index = model.index();
            let source = |index: &Index, entity_ref| {
                index
                    .get(entity_ref)
                    .map(|entity| Source::of(index, &entity))
            };
            refs.iter()
                .map(|entity_ref| (entity_ref, source(&index, entity_ref)))
                .collect::<Vec<_>>()
        };
        let documents: Vec<(&EntityRef, Option<Document>)> = sources
            .into_iter()
            .map(|(entity_ref, source)| {
                (
                    entity_ref,
                    source.map(|source| document(source, model.kinds())),
                )
            })
            .collect();
        for turn in documents.chunks(TURN) {
            let ready: Vec<_> = turn
                .iter()
                .map(|(entity_ref, document)| (entity_ref, document.as_ref().map(Ready::of)))
                .collect();
            let mut engine = self.0.engine.write();
            for ((entity_ref, ready), (_, document)) in ready.iter().zip(turn) {
                match ready.as_ref().zip(document.as_ref()) {
                    Some((ready, document)) => {
                        engine.put_ready(ready);
                        engine.restate(entity_ref, &document.facets, document.owner.as_ref());
                    }
                    None => {
                        engine.remove(entity_ref.as_str());
                        for id in engine.ids_about(entity_ref, None) {
                            engine.remove(&id);
                        }
                    }
                }
            }
        }
    }
}

fn warn(error: &StoreError) {
    tracing::warn!(%error, "The search index could not follow the event log: {error}");
}
