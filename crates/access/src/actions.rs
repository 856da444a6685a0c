//! What can be done to the policy: `access:put`, `access:remove`. Their plans
//! are the dry run: who gains, who loses, on what.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::ApiError;
use platform::action::{Action, Plan, PlannedChange};
use platform::actor::Caller;
use platform::event::{NewEvent, Outcome};
use serde_json::{Value, json};

use crate::access::Access;
use crate::compare::{Change, Difference, difference};
use crate::compile::{Compiled, GRANTS_OTHERS};
use crate::person::Person;
use crate::policy::{Policy, PolicyProblem};
use crate::store::{self, POLICY_CHANGED, Stored};

/// Changes that a plan lists one by one.
const MOST_LISTED: usize = 200;
/// Bindings and rules made in the portal; more belong into groups.
const MOST_STORED: usize = 2_000;
/// The largest binding or rule, in bytes of JSON.
const LARGEST: usize = 64 * 1024;

/// The permissions of this crate.
pub mod permission {
    use platform::actor::{Permission, Verb};

    /// Look at roles, bindings and rules.
    pub const POLICY_READ: Permission = Permission {
        name: "access.policy.read",
        verb: Verb::Read,
    };
    /// Change bindings and rules.
    pub const POLICY_UPDATE: Permission = Permission {
        name: "access.policy.update",
        verb: Verb::Update,
    };
    /// Ask what somebody else may do.
    pub const DECISION_READ: Permission = Permission {
        name: "access.decision.read",
        verb: Verb::Read,
    };
    /// See the portal as somebody else sees it.
    pub const VIEW_AS: Permission = Permission {
        name: "access.view-as.create",
        verb: Verb::Create,
    };

    /// All of them.
    pub const ALL: &[Permission] = &[POLICY_READ, POLICY_UPDATE, DECISION_READ, VIEW_AS];
}

/// The people and entities that a dry run is about.
pub trait World: fmt::Debug + Send + Sync {
    /// Every person with all groups they belong to, the person first.
    fn people(&self) -> Vec<Vec<EntityRef>>;
    /// What a person is on call for now; `refs` are the person and their groups.
    fn on_call(&self, refs: &[EntityRef]) -> Vec<EntityRef> {
        let _ = refs;
        Vec::new()
    }
    /// How many entities fulfil a condition.
    fn count(&self, predicate: &Predicate) -> usize;
}

/// The actions of this crate.
pub fn actions(access: &Arc<Access>, world: &Arc<dyn World>) -> Vec<Action> {
    vec![put(access, world), remove(access, world)]
}

/// A change that is asked for, found to be possible.
struct Wanted {
    /// What is there now.
    before: Option<Stored>,
    /// What shall be there.
    after: Option<(String, Value)>,
    id: String,
    /// The policy with the change made.
    policy: Arc<Policy>,
}

fn put(access: &Arc<Access>, world: &Arc<dyn World>) -> Action {
    let input = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "id": {
                "type": "string", "pattern": "^[a-z0-9][a-z0-9-]{0,62}$",
                "title": "Id", "description": "Which one to change; without it, a new one is made",
            },
            "binding": { "type": "object", "title": "Binding", "description": "role, subjects, scope, reason" },
            "rule": { "type": "object", "title": "Rule", "description": "effect, permissions, subjects, except, scope, reason" },
        },
        "oneOf": [{ "required": ["binding"] }, { "required": ["rule"] }],
    });
    Action::new(
        "access:put",
        "Make or change a binding or a rule of the policy.",
        permission::POLICY_UPDATE,
        (
            input,
            json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } }),
        ),
        with((access, world), |access, world, _, input| async move {
            let wanted = access.wanted_put(access.stored(), &input)?;
            planned_apart(access, world, wanted).await
        }),
        with((access, world), |access, _, caller, input| async move {
            let change = |stored| access.wanted_put(stored, &input);
            let id = access.change(&caller, change).await?;
            Ok(json!({ "id": id }))
        }),
    )
}

fn remove(access: &Arc<Access>, world: &Arc<dyn World>) -> Action {
    let input = json!({
        "type": "object",
        "required": ["id"],
        "additionalProperties": false,
        "properties": { "id": { "type": "string", "title": "Id", "description": "Which one to remove" } },
    });
    Action::new(
        "access:remove",
        "Remove a binding or a rule that was made in the portal.",
        permission::POLICY_UPDATE,
        (
            input,
            json!({ "type": "object", "required": ["id"], "properties": { "id": { "type": "string" } } }),
        ),
        with((access, world), |access, world, _, input| async move {
            let wanted = access.wanted_removal(access.stored(), &input)?;
            planned_apart(access, world, wanted).await
        }),
        with((access, world), |access, _, caller, input| async move {
            let change = |stored| access.wanted_removal(stored, &input);
            let id = access.change(&caller, change).await?;
            Ok(json!({ "id": id }))
        }),
    )
}

/// Gives a handler its own handles on every call.
fn with<F, T>(
    (access, world): (&Arc<Access>, &Arc<dyn World>),
    work: F,
) -> impl Fn(Caller, Value) -> T + Send + Sync + 'static
where
    F: Fn(Arc<Access>, Arc<dyn World>, Caller, Value) -> T + Send + Sync + 'static,
    T: Future + Send + 'static,
{
    let (access, world) = (Arc::clone(access), Arc::clone(world));
    move |caller, input| work(Arc::clone(&access), Arc::clone(&world), caller, input)
}

impl Access {
    /// What `access:put` comes to, where `stored` is there.
    fn wanted_put(&self, mut stored: Vec<Stored>, input: &Value) -> Result<Wanted, ApiError> {
        let (sort, body) = ["binding", "rule"]
            .into_iter()
            .find_map(|sort| Some((sort, input.get(sort)?.clone())))
            .ok_or_else(|| ApiError::input("Neither a binding nor a rule is given"))?;
        if body.to_string().len() > LARGEST {
            return Err(
                ApiError::input(format!("The {sort} is larger than {LARGEST} bytes"))
                    .fix("name a group in place of its members"),
            );
        }
        let id = match input.get("id").and_then(Value::as_str) {
            None => free_id(sort, &stored),
            Some(id) => {
                let found = stored.iter().any(|item| item.id == id && item.sort == sort);
                if !found {
                    return Err(no_such(id));
                }
                id.to_owned()
            }
        };
        let before = stored.iter().position(|item| item.id == id);
        let before = before.map(|at| stored.remove(at));
        if stored.len() >= MOST_STORED {
            return Err(ApiError::conflict(format!(
                "There are {MOST_STORED} bindings and rules already"
            ))
            .fix("give roles to groups in place of people"));
        }
        stored.push(Stored {
            id: id.clone(),
            sort: sort.to_owned(),
            body: body.clone(),
            changed_by: String::new(),
            changed_at: self.db.clock().now(),
        });
        // Only this one: an old one that no longer fits is no reason to refuse.
        let fresh: Vec<Stored> = stored.last().cloned().into_iter().collect();
        self.policy_with(&fresh)
            .map_err(|problem| refused(&problem))?;
        Ok(Wanted {
            before,
            after: Some((sort.to_owned(), body)),
            id,
            policy: Arc::new(self.lenient(&stored)),
        })
    }

    /// What `access:remove` comes to.
    fn wanted_removal(&self, mut stored: Vec<Stored>, input: &Value) -> Result<Wanted, ApiError> {
        let id = input.get("id").and_then(Value::as_str).unwrap_or_default();
        let at = stored.iter().position(|item| item.id == id);
        let before = stored.remove(at.ok_or_else(|| no_such(id))?);
        Ok(Wanted {
            before: Some(before),
            after: None,
            id: id.to_owned(),
            policy: Arc::new(self.lenient(&stored)),
        })
    }

    /// Writes a change with its event, and takes it up. `wanted` says what it
    /// is, given what is there once nobody else can change it. Answers the id.
    async fn change(
        &self,
        caller: &Caller,
        wanted: impl FnOnce(Vec<Stored>) -> Result<Wanted, ApiError>,
    ) -> Result<String, ApiError> {
        let mut tx = self.db.begin().await?;
        // Under this lock nobody else changes the policy.
        tx.chain_head().await?;
        let stored = store::all_in(&mut tx).await?;
        let before = Arc::new(self.lenient(&stored));
        let wanted = wanted(stored)?;
        self.keeps_the_way_back(caller, &before, &wanted.policy)?;
        match &wanted.after {
            None => store::remove(&mut tx, &wanted.id).await?,
            Some((sort, body)) => {
                let item = Stored {
                    id: wanted.id.clone(),
                    sort: sort.clone(),
                    body: body.clone(),
                    changed_by: caller.actor.name.clone(),
                    changed_at: self.db.clock().now(),
                };
                store::put(&mut tx, &item, wanted.before.is_none()).await?;
            }
        }
        let before = wanted.before.as_ref();
        let sort = wanted.after.as_ref().map(|(sort, _)| sort.as_str());
        tx.append(NewEvent {
            kind: POLICY_CHANGED,
            subject: format!("access:{}", wanted.id),
            actor: caller.actor.clone(),
            outcome: Outcome::Allowed,
            cause: None,
            data: json!({
                "sort": sort.or(before.map(|item| item.sort.as_str())),
                "before": before.map(|item| &item.body),
                "after": wanted.after.as_ref().map(|(_, body)| body),
            }),
        })
        .await?;
        tx.commit().await?;
        self.reload().await?;
        Ok(wanted.id)
    }

    /// Nobody takes away by mistake what they would need to undo it, and nobody
    /// changes a policy that has taken it from them meanwhile.
    fn keeps_the_way_back(
        &self,
        caller: &Caller,
        before: &Arc<Policy>,
        after: &Arc<Policy>,
    ) -> Result<(), ApiError> {
        use platform::decision::{Decisions as _, Reach};
        if !self.is_enabled() || caller.ownership.is_empty() {
            return Ok(());
        }
        let verb = Some(permission::POLICY_UPDATE.verb);
        let held = |policy: &Arc<Policy>| {
            let compiled = Compiled::new(Arc::clone(policy), self.person(&caller.ownership));
            compiled.reach(GRANTS_OTHERS, verb) != Reach::Nothing
        };
        if !held(before) && by_policy(caller) {
            return Err(ApiError::conflict(
                "Somebody has changed the policy meanwhile, and you may not change it any more",
            )
            .fix("ask somebody who may"));
        }
        if held(before) && !held(after) {
            return Err(ApiError::conflict(
                "Afterwards you could not change the policy yourself any more",
            )
            .fix("give the role to somebody else first, and let them do it"));
        }
        Ok(())
    }
}

/// Whether a caller may change the policy because the policy says so.
fn by_policy(caller: &Caller) -> bool {
    let decision = caller.explain(permission::POLICY_UPDATE);
    let mut causes = decision.because.iter();
    causes.any(|cause| cause.kind == "binding" || cause.kind == "rule")
}

fn free_id(sort: &str, stored: &[Stored]) -> String {
    let taken = |id: &String| stored.iter().any(|item| item.id == *id);
    let ids = (1..).map(|number: u32| format!("{sort}-{number}"));
    ids.into_iter().find(|id| !taken(id)).unwrap_or_default()
}

fn no_such(id: &str) -> ApiError {
    ApiError::not_found(format!("Nothing called {id:?} was made in the portal"))
        .accepted("an id that /admin/permissions shows")
        .fix("what stands in the configuration is changed there")
}

fn refused(problem: &PolicyProblem) -> ApiError {
    ApiError::input(format!("{}: {}", problem.path, problem.message))
        .accepted(problem.accepted.clone())
}

/// [`planned`], which takes a while for many people, beside the threads that
/// answer requests.
async fn planned_apart(
    access: Arc<Access>,
    world: Arc<dyn World>,
    wanted: Wanted,
) -> Result<Plan, ApiError> {
    tokio::task::spawn_blocking(move || planned(&access, &*world, &wanted))
        .await
        .map_err(ApiError::internal)
}

fn planned(access: &Access, world: &dyn World, wanted: &Wanted) -> Plan {
    let verb = match (&wanted.before, &wanted.after) {
        (None, _) => "create",
        (Some(_), Some(_)) => "update",
        (Some(_), None) => "delete",
    };
    let people: Vec<Person> = world
        .people()
        .into_iter()
        .map(|refs| {
            let on_call = world.on_call(&refs);
            Person::on_call(refs, on_call)
        })
        .collect();
    let changes = difference(&access.policy(), &wanted.policy, &people);
    let whom = |gained: bool| {
        let concerned = changes.iter().filter(|change| match gained {
            true => change.gained != Difference::None,
            false => change.lost != Difference::None,
        });
        let mut names: Vec<&EntityRef> = concerned.map(|change| &change.person).collect();
        names.dedup();
        names.len()
    };
    let off = if access.is_enabled() {
        ""
    } else {
        " Nothing of it counts until permission.enabled is true."
    };
    let summary = format!(
        "Of {} people, {} gain and {} lose something.{off}",
        people.len(),
        whom(true),
        whom(false)
    );
    let mut lines = vec![PlannedChange {
        effect: verb,
        subject: format!("access:{}", wanted.id),
        detail: wanted.after.as_ref().map(|(_, body)| body.to_string()),
    }];
    let mut counted: Vec<(Predicate, usize)> = Vec::new();
    for change in changes.iter().take(MOST_LISTED) {
        lines.push(line(world, change, &mut counted));
    }
    if changes.len() > MOST_LISTED {
        lines.push(PlannedChange {
            effect: "none",
            subject: format!("{} more changes", changes.len() - MOST_LISTED),
            detail: None,
        });
    }
    Plan {
        summary,
        changes: lines,
    }
}

fn line(
    world: &dyn World,
    change: &Change,
    counted: &mut Vec<(Predicate, usize)>,
) -> PlannedChange {
    let mut said = |verb: &str, difference: &Difference| match difference {
        Difference::None => None,
        Difference::Everything => Some(format!("{verb} {}", change.permission)),
        Difference::Where(predicate) => {
            let known = counted.iter().find(|(own, _)| own == predicate);
            let count = known.map(|(_, count)| *count).unwrap_or_else(|| {
                let count = world.count(predicate);
                counted.push((predicate.clone(), count));
                count
            });
            Some(format!("{verb} {} on {count} entities", change.permission))
        }
    };
    let parts: Vec<String> = [said("gains", &change.gained), said("loses", &change.lost)]
        .into_iter()
        .flatten()
        .collect();
    PlannedChange {
        effect: "update",
        subject: change.person.to_string(),
        detail: Some(parts.join(", ")),
    }
}
