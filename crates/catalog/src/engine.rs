//! The catalog as the rest of Portway sees it.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use model::kinds::Kinds;
use model::location_ref::LocationRef;
use platform::Clock;
use platform::actor::{Actor, Caller};
use platform::controller::Controller;
use platform::error::ApiError;
use platform::event::EventLog;
use platform::queue::{JobState, Queue};
use platform::store::{Db, StoreError, Tx};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::SOURCE_QUEUE;
use crate::admission::Turns;
use crate::ingest::{
    DeletionGuard, Ingestion, Intervals, Preview, ROSTER_LOCATION, Roster, Rules, Watcher, Web,
};
use crate::outgoing::Outgoing;
use crate::past::Past;
use crate::permission;
use crate::read_model::ReadModel;
use crate::source::{Origin, Source, SourceState, generated_location_ref};
use crate::store::{Change, ChangeKind, EntityRow, Store};
use crate::tier::Tiers;
use crate::visibility::require_on;

/// How long a registration waits for its first refresh.
const REGISTRATION_PATIENCE: Duration = Duration::from_secs(30);

/// What the catalog is told by the configuration.
#[derive(Debug)]
pub struct Settings {
    /// `catalog.rules`.
    pub rules: Rules,
    /// The deletion guard and `catalog.orphanStrategy`.
    pub guard: DeletionGuard,
    /// How often sources are looked at.
    pub intervals: Intervals,
    /// `catalog.readonly`: sources can only come from the configuration.
    pub readonly: bool,
    /// What may be read on the web, and with which credentials.
    pub web: Web,
    /// The kinds of entity.
    pub kinds: Kinds,
    /// `catalog.tiers`: how important entities are, and what that asks of them.
    pub tiers: Tiers,
}

/// When a source is read next, and why then.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NextRefresh {
    /// When; nothing while it is being read and nobody has asked again.
    pub at: Option<Timestamp>,
    /// Whether it is being read now.
    pub running: bool,
    /// Why it waits, or why it runs.
    pub reason: String,
}

/// Everything the catalog can do, for its HTTP API, pages and actions.
#[derive(Clone, Debug)]
pub struct Catalog {
    pub(crate) store: Store,
    pub(crate) model: Arc<ReadModel>,
    pub(crate) ingestion: Arc<Ingestion>,
    pub(crate) log: EventLog,
    /// What may change who reads a stream.
    pub(crate) turns: Arc<Turns>,
    pub(crate) clock: Clock,
    pub(crate) past: Arc<Past>,
    pub(crate) queue: Queue,
    pub(crate) outgoing: Arc<Outgoing>,
    readonly: bool,
}

impl Catalog {
    /// Loads the read model and prepares the controller.
    pub async fn open(db: &Db, clock: &Clock, settings: Settings) -> Result<Self, StoreError> {
        let store = Store::new(db.clone(), clock.clone());
        let log = EventLog::new(db);
        let kinds = Arc::new(settings.kinds);
        let model = ReadModel::load(store.clone(), log.clone(), Arc::clone(&kinds)).await?;
        let ingestion = Arc::new(Ingestion {
            store: store.clone(),
            kinds,
            rules: Arc::new(settings.rules),
            web: Arc::new(settings.web),
            pages: Arc::default(),
            clock: clock.clone(),
            guard: settings.guard,
            intervals: settings.intervals,
            tiers: Arc::new(settings.tiers),
            roster: std::sync::OnceLock::new(),
        });
        let outgoing = Arc::new(Outgoing {
            store: store.clone(),
            log: log.clone(),
            client: ingestion.web.client.clone(),
            receivers: ingestion.web.receivers.clone(),
            queue: Queue::new(db),
        });
        outgoing.begin().await?;
        Ok(Self {
            outgoing,
            store,
            model,
            ingestion,
            log,
            turns: Arc::default(),
            clock: clock.clone(),
            past: Arc::default(),
            queue: Queue::new(db),
            readonly: settings.readonly,
        })
    }

    /// The entities in memory.
    pub fn model(&self) -> &Arc<ReadModel> {
        &self.model
    }

    /// What tiers there are.
    pub fn tiers(&self) -> &Tiers {
        &self.ingestion.tiers
    }

    /// Sources, history and problems.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What keeps the catalog true: reading sources, telling receivers.
    pub fn controllers(&self) -> Vec<Arc<dyn Controller>> {
        vec![
            Arc::<Ingestion>::clone(&self.ingestion),
            Arc::<Outgoing>::clone(&self.outgoing),
        ]
    }

    /// Follows the event log and watches files until told to stop.
    pub async fn keep_fresh(&self, stop: CancellationToken) -> Result<(), StoreError> {
        let watcher = Watcher::new(self.store.clone(), &self.log).await?;
        let follow = Arc::clone(&self.model).follow(stop.clone());
        let tell = Arc::clone(&self.outgoing).watch(stop.clone());
        tokio::join!(follow, tell, watcher.run(stop));
        Ok(())
    }

    /// Makes the sources that the configuration declares exactly those in
    /// `wanted`, and has every source read at once. Those that have left the
    /// configuration go with their entities. Paths of earlier command lines and
    /// registered locations stay until somebody removes them; so does
    /// everything when no configuration declares anything, which is more often
    /// a wrong folder than a wish.
    pub async fn declare(&self, wanted: &[(Origin, LocationRef)]) -> Result<(), StoreError> {
        let actor = Actor::system("configuration");
        let known = self.store.sources().await?;
        let declared = |source: &Source| {
            wanted
                .iter()
                .any(|(_, location)| *location == source.location)
        };
        let configured = |origin: &Origin| !matches!(origin, Origin::Api | Origin::Path);
        let anything = wanted.iter().any(|(origin, _)| configured(origin));
        let mut tx = self.store.db().begin().await?;
        let mut kept = Vec::new();
        for source in known.iter().filter(|source| !declared(source)) {
            if configured(&source.origin) && anything {
                self.take_out(&mut tx, source, &actor, "its source left the configuration")
                    .await?;
            } else {
                kept.push(source);
            }
        }
        for (origin, location) in wanted {
            let id = match known.iter().find(|source| source.location == *location) {
                Some(source) => source.id.clone(),
                None => {
                    let source = self.new_source(location.clone(), origin.clone(), &actor);
                    self.store.add_source(&mut tx, &source, &actor).await?;
                    source.id
                }
            };
            tx.enqueue(self.store.refresh_job(id, crate::ingest::STARTED));
        }
        for source in kept {
            tx.enqueue(
                self.store
                    .refresh_job(source.id.clone(), crate::ingest::STARTED),
            );
        }
        tx.commit().await
    }

    pub(crate) fn new_source(
        &self,
        location: LocationRef,
        origin: Origin,
        actor: &Actor,
    ) -> Source {
        Source {
            id: Uuid::new_v4().to_string(),
            entity_ref: generated_location_ref(&location),
            location,
            origin,
            created_at: self.clock.now(),
            created_by: actor.name.clone(),
            state: SourceState::default(),
        }
    }

    /// Registers a location and waits until it has been read.
    ///
    /// # Errors
    /// 403 without the permission or when the catalog is read-only, 409 when
    /// the location is registered already.
    pub async fn register(
        &self,
        caller: &Caller,
        location: LocationRef,
    ) -> Result<Source, ApiError> {
        caller.require(permission::LOCATION_CREATE)?;
        self.writable()?;
        if self.store.source_at(&location).await?.is_some() {
            return Err(
                ApiError::conflict(format!("Location {location} already exists"))
                    .fix("refresh it instead: `portway refresh`, or POST /api/catalog/refresh"),
            );
        }
        let source = self.new_source(location, Origin::Api, &caller.actor);
        let mut tx = self.store.db().begin().await?;
        self.store
            .add_source(&mut tx, &source, &caller.actor)
            .await?;
        tx.enqueue(
            self.store
                .refresh_job(source.id.clone(), format!("registered by {}", caller.actor)),
        );
        tx.commit().await?;
        self.read_since(&source.id, source.created_at).await
    }

    /// Has a source read again and waits until what it says can be seen.
    ///
    /// # Errors
    /// 403 and 404 as [`Catalog::refresh_source`].
    pub async fn read_again(&self, caller: &Caller, id: &str) -> Result<Source, ApiError> {
        let asked = self.clock.now();
        self.refresh_source(caller, id).await?;
        self.read_since(id, asked).await
    }

    /// Tells who keeps people that no file declares: those who have signed in
    /// and were made just in time. Later calls change nothing.
    pub fn set_roster(&self, roster: Arc<dyn Roster>) {
        let _ = self.ingestion.roster.set(roster);
    }

    /// Reads the people of the roster again and waits until they can be seen.
    ///
    /// # Errors
    /// 404 when the configuration declares no roster.
    pub async fn read_roster(&self) -> Result<Source, ApiError> {
        let location =
            LocationRef::new(ROSTER_LOCATION.0, ROSTER_LOCATION.1).map_err(ApiError::internal)?;
        let source = self.store.source_at(&location).await?.ok_or_else(|| {
            ApiError::not_found(format!("{location} is not a source of this catalog"))
        })?;
        self.read_again(&Caller::system("sign-in"), &source.id)
            .await
    }

    /// Waits for the first refresh of a source that was registered before, such
    /// as by a program that was stopped then.
    ///
    /// # Errors
    /// 404 when there is no such source.
    pub async fn first_read(&self, source: &Source) -> Result<Source, ApiError> {
        if source.state.last_attempt_at.is_some() {
            return Ok(source.clone());
        }
        // The program that was stopped may hold the lease of the refresh.
        let deadline = platform::clock::later(self.clock.now(), 2 * REGISTRATION_PATIENCE);
        self.read_until(&source.id, source.created_at, deadline)
            .await
    }

    /// Waits until a refresh that began after `asked` has ended, and its
    /// entities can be seen.
    async fn read_since(&self, id: &str, asked: Timestamp) -> Result<Source, ApiError> {
        let deadline = platform::clock::later(asked, REGISTRATION_PATIENCE);
        self.read_until(id, asked, deadline).await
    }

    async fn read_until(
        &self,
        id: &str,
        asked: Timestamp,
        deadline: Timestamp,
    ) -> Result<Source, ApiError> {
        let mut wake = self.log.subscribe();
        loop {
            let source = self.require_source(id).await?;
            let read = source.state.last_attempt_at.is_some_and(|at| at >= asked);
            if read || self.clock.now() >= deadline {
                let seq = self.log.latest_seq().await?;
                self.model.caught_up(seq).await;
                return Ok(source);
            }
            tokio::select! {
                _ = wake.changed() => {}
                () = self.clock.sleep(Duration::from_millis(25)) => {}
            }
        }
    }

    /// Has a registered source read another place, keeping its id.
    ///
    /// # Errors
    /// 403, 404, or 409 when another source reads that place.
    pub async fn relocate(
        &self,
        caller: &Caller,
        id: &str,
        location: LocationRef,
    ) -> Result<Source, ApiError> {
        caller.require(permission::LOCATION_CREATE)?;
        self.writable()?;
        let mut source = self.require_source(id).await?;
        if self
            .store
            .source_at(&location)
            .await?
            .is_some_and(|other| other.id != id)
        {
            return Err(ApiError::conflict(format!(
                "Location {location} already exists"
            )));
        }
        source.location = location;
        let mut tx = self.store.db().begin().await?;
        self.store
            .move_source(&mut tx, &source, &caller.actor)
            .await?;
        tx.enqueue(
            self.store
                .refresh_job(id, format!("moved by {}", caller.actor)),
        );
        tx.commit().await?;
        Ok(source)
    }

    /// What registering a location would bring, without storing anything.
    pub(crate) async fn preview(
        &self,
        caller: &Caller,
        location: LocationRef,
    ) -> Result<(Source, Preview), ApiError> {
        caller.require(permission::LOCATION_ANALYZE)?;
        let source = self.new_source(location, Origin::Api, &caller.actor);
        let preview = self.ingestion.preview(&source).await;
        Ok((source, preview))
    }

    /// Removes a registered source with everything it brought.
    ///
    /// # Errors
    /// 403, 404, or 409 for a source that the configuration declares.
    pub async fn unregister(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        caller.require(permission::LOCATION_DELETE)?;
        self.writable()?;
        let source = self.require_source(id).await?;
        let mut tx = self.store.db().begin().await?;
        let last = self
            .take_out(&mut tx, &source, &caller.actor, "its source was removed")
            .await?;
        tx.commit().await?;
        self.visible(last).await;
        Ok(())
    }

    async fn take_out(
        &self,
        tx: &mut Tx,
        source: &Source,
        actor: &Actor,
        reason: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        let rows = self.store.rows_of_source(&source.id).await?;
        let changes: Vec<Change> = rows.into_iter().map(|row| deletion(row, reason)).collect();
        let last = self
            .store
            .write(tx, &changes, actor, Some(&format!("source:{}", source.id)))
            .await?;
        for change in &changes {
            for waiting in self.store.claimants(tx, &change.entity_ref).await? {
                tx.enqueue(
                    self.store
                        .refresh_job(waiting, format!("{} has become free", change.entity_ref)),
                );
            }
        }
        self.store.remove_source(tx, source, actor).await?;
        Ok(last)
    }

    /// Removes one entity. While its source still declares it, it comes back
    /// with the next refresh, as in Backstage.
    pub async fn delete_entity(
        &self,
        caller: &Caller,
        entity_ref: &EntityRef,
    ) -> Result<(), ApiError> {
        caller.require(permission::ENTITY_DELETE)?;
        let Some(row) = self.store.row(entity_ref).await? else {
            return Ok(());
        };
        require_on(
            &self.model.index(),
            caller,
            permission::ENTITY_DELETE,
            entity_ref,
        )?;
        let mut tx = self.store.db().begin().await?;
        let change = deletion(row.clone(), "removed by a person");
        let last = self
            .store
            .write(&mut tx, &[change], &caller.actor, None)
            .await?;
        self.store.forget_file(&mut tx, &row.place).await?;
        tx.commit().await?;
        self.visible(last).await;
        Ok(())
    }

    /// Has the source of an entity read again at once; answers its id.
    pub async fn refresh(
        &self,
        caller: &Caller,
        entity_ref: &EntityRef,
    ) -> Result<String, ApiError> {
        caller.require(permission::ENTITY_REFRESH)?;
        let row = self
            .store
            .row(entity_ref)
            .await?
            .ok_or_else(|| ApiError::not_found(format!("Entity {entity_ref} not found")))?;
        require_on(
            &self.model.index(),
            caller,
            permission::ENTITY_REFRESH,
            entity_ref,
        )?;
        self.ask_again(caller, &row.place.source_id).await?;
        Ok(row.place.source_id)
    }

    /// Has a source read again at once.
    pub async fn refresh_source(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        caller.require_everywhere(permission::ENTITY_REFRESH)?;
        self.ask_again(caller, id).await
    }

    /// Has a source read again, for a caller who may.
    async fn ask_again(&self, caller: &Caller, id: &str) -> Result<(), ApiError> {
        self.require_source(id).await?;
        let mut tx = self.store.db().begin().await?;
        tx.enqueue(
            self.store
                .refresh_job(id, format!("asked for by {}", caller.actor)),
        );
        Ok(tx.commit().await?)
    }

    /// Lets a held deletion happen.
    pub async fn confirm_deletion(&self, caller: &Caller, id: &str) -> Result<usize, ApiError> {
        caller.require(permission::LOCATION_DELETE)?;
        let source = self.require_source(id).await?;
        let Some(held) = &source.state.held else {
            return Err(ApiError::conflict(format!(
                "Nothing of {} waits for a deletion",
                source.location
            )));
        };
        let count = held.refs.len();
        let mut tx = self.store.db().begin().await?;
        self.store
            .confirm_held(&mut tx, &source, &caller.actor)
            .await?;
        tx.enqueue(
            self.store
                .refresh_job(id, format!("deletion confirmed by {}", caller.actor)),
        );
        tx.commit().await?;
        Ok(count)
    }

    /// A source, or 404 in Backstage's words.
    pub async fn require_source(&self, id: &str) -> Result<Source, ApiError> {
        self.store
            .source(id)
            .await?
            .ok_or_else(|| ApiError::not_found(format!("Found no location with ID {id}")))
    }

    /// When a source is read next, and why then.
    pub(crate) async fn next_refresh(&self, id: &str) -> Result<Option<NextRefresh>, StoreError> {
        let Some(job) = self.queue.get(SOURCE_QUEUE, id).await? else {
            return Ok(None);
        };
        let (at, running) = match job.state {
            JobState::Waiting { run_at } => (Some(run_at), false),
            JobState::Running { again_at, .. } => (again_at, true),
        };
        Ok(Some(NextRefresh {
            at,
            running,
            reason: job.reason,
        }))
    }

    async fn visible(&self, seq: Option<i64>) {
        if let Some(seq) = seq {
            self.model.caught_up(seq).await;
        }
    }

    fn writable(&self) -> Result<(), ApiError> {
        if self.readonly {
            return Err(
                ApiError::not_allowed("The catalog is read-only: catalog.readonly is set")
                    .fix("declare the location under catalog.locations in app-config.yaml"),
            );
        }
        Ok(())
    }
}

fn deletion(row: EntityRow, reason: &'static str) -> Change {
    Change {
        entity_ref: row.entity_ref,
        kind: ChangeKind::Deletion {
            version: row.version + 1,
            revision: row.place.revision,
            reason,
        },
    }
}
