//! The one object that knows the policy: what the configuration says, what was
//! made in the portal, and the decisions that follow, kept for each person.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use model::entity_ref::EntityRef;
use parking_lot::{Mutex, RwLock};
use platform::decision::Rights;
use platform::event::{EventFilter, EventLog};
use platform::store::{Db, StoreError};
use tokio_util::sync::CancellationToken;

use crate::compile::Compiled;
use crate::person::{self, Person};
use crate::policy::{Policy, PolicyProblem, Source};
use crate::store::{self, Stored};

/// People whose decisions are kept. A thousand take a few megabytes.
const MOST_KEPT: usize = 4_096;

/// What the configuration says about access.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether roles and rules decide. When not, every signed-in person may do
    /// everything, as in Backstage.
    pub enabled: bool,
    /// Built-in roles and what the configuration adds.
    pub policy: Policy,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            enabled: false,
            policy: Policy::built_in(),
        }
    }
}

/// Says what a person is on call for now, given with all groups they belong to.
/// The catalog's annotations are one source; a tool that keeps rotas can be
/// another.
pub type OnCall = dyn Fn(&[EntityRef]) -> Vec<EntityRef> + Send + Sync;

/// Knows the policy and decides.
pub struct Access {
    pub(crate) db: Db,
    log: EventLog,
    enabled: bool,
    configured: Policy,
    on_call: OnceLock<Box<OnCall>>,
    state: RwLock<State>,
    kept: Mutex<HashMap<Vec<EntityRef>, Arc<Compiled>>>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("enabled", &self.enabled)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct State {
    policy: Arc<Policy>,
    stored: Vec<Stored>,
    problems: Vec<PolicyProblem>,
}

impl Access {
    /// Reads what was made in the portal. `db` must have been opened with
    /// [`crate::MIGRATIONS`].
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open(db: &Db, settings: Settings) -> Result<Arc<Self>, StoreError> {
        let stored = store::all(db).await?;
        let state = state_of(&settings.policy, stored);
        Ok(Arc::new(Self {
            db: db.clone(),
            log: EventLog::new(db),
            enabled: settings.enabled,
            configured: settings.policy,
            on_call: OnceLock::new(),
            state: RwLock::new(state),
            kept: Mutex::new(HashMap::new()),
        }))
    }

    /// Whether roles and rules decide.
    pub fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// The policy as it is now.
    pub fn policy(&self) -> Arc<Policy> {
        Arc::clone(&self.state.read().policy)
    }

    /// What was made in the portal.
    pub fn stored(&self) -> Vec<Stored> {
        self.state.read().stored.clone()
    }

    /// What was made in the portal and no longer fits, for example because its
    /// role has gone from the configuration. It counts for nothing.
    pub fn problems(&self) -> Vec<PolicyProblem> {
        self.state.read().problems.clone()
    }

    /// The decisions for a person, given with all groups they belong to, the
    /// person first. Made once for each person and version of the policy.
    ///
    /// Who is on call is asked every time: when that changes, so do decisions.
    pub fn decisions(&self, refs: &[EntityRef]) -> Arc<Compiled> {
        let duties = self.duties(refs);
        if let Some(found) = self.kept.lock().get(refs)
            && found.person().on_call == duties
        {
            return Arc::clone(found);
        }
        let person = Person::on_call(refs.to_vec(), duties);
        let policy = self.policy();
        let compiled = Arc::new(Compiled::new(Arc::clone(&policy), person));
        let mut kept = self.kept.lock();
        // A policy that came in meanwhile must not be answered with the old one.
        if Arc::ptr_eq(&policy, &self.state.read().policy) {
            if kept.len() >= MOST_KEPT {
                kept.clear();
            }
            kept.insert(refs.to_vec(), Arc::clone(&compiled));
        }
        compiled
    }

    /// Tells who knows what people are on call for. Later calls change nothing.
    pub fn set_on_call(
        &self,
        on_call: impl Fn(&[EntityRef]) -> Vec<EntityRef> + Send + Sync + 'static,
    ) {
        let _ = self.on_call.set(Box::new(on_call));
    }

    /// A person, given with all groups they belong to.
    pub(crate) fn person(&self, refs: &[EntityRef]) -> Person {
        Person::on_call(refs.to_vec(), self.duties(refs))
    }

    /// What a person is on call for, as [`Person`] keeps it.
    fn duties(&self, refs: &[EntityRef]) -> Vec<EntityRef> {
        let duties = self.on_call.get().map(|on_call| on_call(refs));
        person::in_order(duties.unwrap_or_default())
    }

    /// The same, as callers carry it.
    pub fn rights(&self, refs: &[EntityRef]) -> Rights {
        Rights::new(self.decisions(refs))
    }

    /// The configured policy with these bindings and rules.
    ///
    /// # Errors
    /// What is wrong with the first of them.
    pub(crate) fn policy_with(&self, stored: &[Stored]) -> Result<Policy, PolicyProblem> {
        let (policy, mut problems) = merged(&self.configured, stored);
        match problems.is_empty() {
            true => Ok(policy),
            false => Err(problems.swap_remove(0)),
        }
    }

    /// The same, leaving out what no longer fits.
    pub(crate) fn lenient(&self, stored: &[Stored]) -> Policy {
        merged(&self.configured, stored).0
    }

    /// Takes up what is in the database now.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reload(&self) -> Result<(), StoreError> {
        let stored = store::all(&self.db).await?;
        if stored == self.state.read().stored {
            return Ok(());
        }
        let fresh = state_of(&self.configured, stored);
        // Both at once for whoever asks in between: see `decisions`.
        let mut kept = self.kept.lock();
        *self.state.write() = fresh;
        kept.clear();
        Ok(())
    }

    /// Follows what other processes change until told to stop.
    pub async fn keep_fresh(self: Arc<Self>, stop: CancellationToken) {
        let filter = EventFilter {
            type_prefix: Some(store::PREFIX.to_owned()),
            subject: None,
        };
        let newest = self.log.latest_seq().await.unwrap_or_default();
        let mut follower = self.log.follow(newest, filter);
        // Whatever was changed between opening and following.
        let mut outcome = self.reload().await;
        loop {
            if let Err(error) = outcome {
                tracing::warn!(%error, "The policy could not be read again: {error}");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                events = follower.next() => {
                    outcome = match events {
                        Ok(_) => self.reload().await,
                        Err(error) => Err(error),
                    };
                    // The store is closing, or answers again by itself.
                    if outcome.is_err() && stop.is_cancelled() {
                        return;
                    }
                }
            }
        }
    }
}

fn state_of(configured: &Policy, stored: Vec<Stored>) -> State {
    let (policy, problems) = merged(configured, &stored);
    for problem in &problems {
        tracing::warn!("{} counts for nothing: {problem}", problem.path);
    }
    State {
        policy: Arc::new(policy),
        stored,
        problems,
    }
}

fn merged(configured: &Policy, stored: &[Stored]) -> (Policy, Vec<PolicyProblem>) {
    let mut policy = configured.clone();
    let mut problems = Vec::new();
    for item in stored {
        if let Err(problem) = add(&mut policy, item) {
            problems.push(problem);
        }
    }
    (policy, problems)
}

fn add(policy: &mut Policy, item: &Stored) -> Result<(), PolicyProblem> {
    let at = item.sort.as_str();
    let source = Source::Portal(item.id.clone());
    let unreadable = |error: serde_json::Error| PolicyProblem {
        path: at.to_owned(),
        message: error.to_string(),
        accepted: format!("a {at} as docs/security/permissions.md shows it"),
    };
    match item.sort.as_str() {
        "binding" => {
            let spec = serde_json::from_value(item.body.clone()).map_err(unreadable)?;
            policy.add_binding(&spec, source, at)
        }
        "rule" => {
            let spec = serde_json::from_value(item.body.clone()).map_err(unreadable)?;
            policy.add_rule(&spec, source, at)
        }
        other => Err(PolicyProblem {
            path: at.to_owned(),
            message: format!("{other:?} is neither a binding nor a rule"),
            accepted: "binding or rule".to_owned(),
        }),
    }
}
