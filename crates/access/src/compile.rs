//! From a policy to what one person may do: made once for each person and
//! version of the policy, then a look-up.

use std::collections::HashMap;
use std::sync::Arc;

use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::actor::Verb;
use platform::decision::{Cause, Decision, Decisions, Effect, Reach, Rights};

use crate::builtin;
use crate::person::Person;
use crate::policy::{Binding, Policy, Role, Rule, Subject};
use crate::spec::RuleEffect;

/// The permission whose holders can grant others.
pub(crate) const GRANTS_OTHERS: &str = "access.policy.update";

/// A permission as decisions see it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    name: &'a str,
    resource: Option<&'a str>,
    verb: Option<Verb>,
}

impl<'a> Asked<'a> {
    fn of(name: &'a str, verb: Option<Verb>) -> Self {
        match builtin::find(name) {
            Some(known) => Self {
                name,
                resource: known.resource.as_deref(),
                verb: Some(known.verb),
            },
            None => Self {
                name,
                resource: None,
                verb,
            },
        }
    }
}

/// One thing that speaks for or against.
enum Side<'p> {
    Binding(&'p Binding, &'p Role),
    Rule(&'p Rule),
}

/// Something that decides, with the condition under which it does.
struct Vote<'p> {
    allows: bool,
    side: Side<'p>,
    /// Nothing: on everything.
    on: Option<Predicate>,
    /// A scope on a permission that is not about entities: it does not count.
    void: bool,
}

impl Policy {
    /// The roles that somebody holds, by whatever binding.
    fn held<'p>(&'p self, person: &'p Person) -> impl Iterator<Item = (&'p Binding, &'p Role)> {
        self.bindings
            .iter()
            .filter(move |binding| binding.subjects.iter().any(|one| is_one(one, &person.refs)))
            .filter_map(|binding| Some((binding, self.roles.get(&binding.role)?)))
    }

    fn votes<'p>(&'p self, person: &'p Person, asked: Asked<'_>) -> Vec<Vote<'p>> {
        let mut votes = Vec::new();
        let mut who = Who::of(person);
        for (binding, role) in self.held(person) {
            let on = binding.scope.predicate(person);
            who.roles.push((&role.name, on.clone()));
            let covers =
                |one: &crate::pattern::Pattern| one.covers(asked.name, asked.resource, asked.verb);
            if role.allows.iter().any(covers) {
                votes.push(Vote {
                    allows: true,
                    void: on.is_some() && asked.resource.is_none(),
                    on,
                    side: Side::Binding(binding, role),
                });
            }
        }
        for rule in &self.rules {
            let covers = rule
                .permissions
                .iter()
                .any(|one| one.covers(asked.name, asked.resource, asked.verb));
            let speaks = match covers {
                true => rule.speaks_of(&who, asked.resource.is_some()),
                false => None,
            };
            votes.extend(speaks.map(|on| Vote {
                allows: rule.effect == RuleEffect::Allow,
                void: on.is_some() && asked.resource.is_none(),
                on,
                side: Side::Rule(rule),
            }));
        }
        votes
    }

    /// The people and groups to whom bindings give a permission everywhere.
    pub fn holders(&self, permission: &str) -> Vec<EntityRef> {
        let mut holders: Vec<EntityRef> = Vec::new();
        for binding in &self.bindings {
            let gives = self
                .roles
                .get(&binding.role)
                .is_some_and(|role| role.has(permission));
            if !gives || !binding.scope.is_everything() {
                continue;
            }
            for subject in &binding.subjects {
                if let Subject::Entity(entity) = subject
                    && !holders.contains(entity)
                {
                    holders.push(entity.clone());
                }
            }
        }
        holders
    }
}

/// Somebody, as the subjects of rules see them.
struct Who<'p> {
    person: &'p Person,
    /// Each role with the condition under which it is held; nothing: everywhere.
    roles: Vec<(&'p str, Option<Predicate>)>,
}

/// On which entities somebody is one of some subjects.
enum Among {
    Nowhere,
    Everywhere,
    On(Predicate),
}

impl<'p> Who<'p> {
    fn of(person: &'p Person) -> Self {
        Self {
            person,
            roles: Vec::new(),
        }
    }

    /// A role that is held on some entities makes somebody its holder there and
    /// nowhere else.
    fn among(&self, subjects: &[Subject]) -> Among {
        let mut on = Vec::new();
        for subject in subjects {
            let role = match subject {
                Subject::Role(role) => role,
                Subject::Everyone => return Among::Everywhere,
                Subject::Entity(entity) if self.person.refs.contains(entity) => {
                    return Among::Everywhere;
                }
                Subject::Entity(_) => continue,
            };
            for (_, held) in self.roles.iter().filter(|(name, _)| name == role) {
                match held {
                    None => return Among::Everywhere,
                    Some(held) if on.contains(held) => {}
                    Some(held) => on.push(held.clone()),
                }
            }
        }
        match on.is_empty() {
            true => Among::Nowhere,
            false => Among::On(any(on)),
        }
    }
}

impl Rule {
    /// On which entities the rule speaks of somebody: `Some(None)` for all, and
    /// nothing when it does not. Where a permission is not about entities, a
    /// role that is held on some of them neither exempts from a refusal nor
    /// escapes one.
    fn speaks_of(&self, who: &Who<'_>, about_entities: bool) -> Option<Option<Predicate>> {
        let refuses = self.effect == RuleEffect::Deny;
        let mut all: Vec<Predicate> = Vec::new();
        all.extend(self.scope.predicate(who.person));
        match who.among(&self.subjects) {
            Among::Nowhere => return None,
            Among::Everywhere => {}
            Among::On(_) if refuses && !about_entities => {}
            Among::On(on) => all.push(on),
        }
        match who.among(&self.except) {
            Among::Everywhere => return None,
            Among::Nowhere => {}
            Among::On(_) if !about_entities && refuses => {}
            Among::On(_) if !about_entities => return None,
            Among::On(on) => all.push(on.negated()),
        }
        Some(match (all.pop(), all.is_empty()) {
            (Some(only), true) => Some(only),
            (None, _) => None,
            (Some(last), false) => {
                all.push(last);
                Some(Predicate::All(all))
            }
        })
    }
}

fn is_one(subject: &Subject, refs: &[EntityRef]) -> bool {
    match subject {
        Subject::Everyone => true,
        Subject::Entity(entity) => refs.contains(entity),
        // Bindings give roles; they are not given to the holders of others.
        Subject::Role(_) => false,
    }
}

/// One of several conditions.
fn any(mut list: Vec<Predicate>) -> Predicate {
    match list.pop() {
        Some(only) if list.is_empty() => only,
        last => {
            list.extend(last);
            Predicate::Any(list)
        }
    }
}

/// Deny wins, and nothing is allowed that nothing grants.
fn reach_of(votes: Vec<Vote<'_>>) -> Reach {
    let (mut everywhere, mut allowed, mut denied) = (false, Vec::new(), Vec::new());
    for vote in votes.into_iter().filter(|vote| !vote.void) {
        match (vote.allows, vote.on) {
            (false, None) => return Reach::Nothing,
            (true, None) => everywhere = true,
            (allows, Some(on)) => {
                let side = if allows { &mut allowed } else { &mut denied };
                if !side.contains(&on) {
                    side.push(on);
                }
            }
        }
    }
    if !everywhere && allowed.is_empty() {
        return Reach::Nothing;
    }
    let denied = (!denied.is_empty()).then(|| any(denied).negated());
    let predicate = match (everywhere, denied) {
        (true, None) => return Reach::Everything,
        (true, Some(not)) => not,
        (false, None) => any(allowed),
        (false, Some(not)) => Predicate::All(vec![any(allowed), not]),
    };
    Reach::Where(Arc::new(predicate))
}

/// What one person may do under one version of a policy.
#[derive(Debug)]
pub struct Compiled {
    policy: Arc<Policy>,
    person: Person,
    table: HashMap<&'static str, Reach>,
    unlimited: bool,
}

impl Compiled {
    /// Decides every permission that Portway knows, for a person or for a
    /// person's references: theirs first, then all groups they belong to, nested
    /// ones included.
    #[must_use]
    pub fn new(policy: Arc<Policy>, person: impl Into<Person>) -> Self {
        let person = person.into();
        let table: HashMap<&'static str, Reach> = builtin::known()
            .iter()
            .map(|known| {
                let asked = Asked::of(&known.name, Some(known.verb));
                (known.name.as_str(), reach_of(policy.votes(&person, asked)))
            })
            .collect();
        let everything = Asked::of("*", None);
        let unlimited = table.values().all(|reach| *reach == Reach::Everything)
            && reach_of(policy.votes(&person, everything)) == Reach::Everything;
        Self {
            policy,
            person,
            table,
            unlimited,
        }
    }

    /// Whom the decisions are about.
    pub(crate) fn person(&self) -> &Person {
        &self.person
    }

    /// Whom the decisions are about, the person first.
    pub fn refs(&self) -> &[EntityRef] {
        &self.person.refs
    }

    /// The roles held, with the bindings that give them.
    pub fn roles(&self) -> Vec<(&Role, &Binding)> {
        let held = self.policy.held(&self.person);
        held.map(|(binding, role)| (role, binding)).collect()
    }
}

impl Decisions for Compiled {
    fn reach(&self, name: &str, verb: Option<Verb>) -> Reach {
        match self.table.get(name) {
            Some(reach) => reach.clone(),
            None => reach_of(self.policy.votes(&self.person, Asked::of(name, verb))),
        }
    }

    fn explain(&self, name: &str, verb: Option<Verb>) -> Decision {
        let reach = self.reach(name, verb);
        let asked = Asked::of(name, verb);
        let votes = self.policy.votes(&self.person, asked);
        let mut causes: Vec<Cause> = votes.iter().map(|vote| cause(vote, name)).collect();
        if !votes.iter().any(|vote| vote.allows && !vote.void) {
            let held: Vec<&str> = {
                let held = self.policy.held(&self.person);
                held.map(|(_, role)| role.name.as_str()).collect()
            };
            let text = match held.as_slice() {
                [] => format!("no role is held, and no rule grants {name}"),
                roles => format!(
                    "none of the roles held ({}) and no rule grants {name}",
                    roles.join(", ")
                ),
            };
            causes.insert(0, Cause::new(Effect::Deny, "default", "deny", text));
        }
        // What refuses is read first.
        causes.sort_by_key(|cause| cause.effect != Effect::Deny);
        let mut decision = Decision::new(name, &reach);
        decision.because = causes;
        if reach != Reach::Everything {
            let holders = self.policy.holders(GRANTS_OTHERS);
            decision.ask = holders.iter().map(ToString::to_string).take(5).collect();
            if decision.ask.is_empty() {
                decision.ask.push("whoever runs this Portway".to_owned());
            }
        }
        decision
    }

    fn is_unlimited(&self) -> bool {
        self.unlimited
    }
}

fn cause(vote: &Vote<'_>, permission: &str) -> Cause {
    let (kind, name, source) = match &vote.side {
        Side::Binding(binding, _) => ("binding", &binding.name, &binding.source),
        Side::Rule(rule) => ("rule", &rule.name, &rule.source),
    };
    let effect = match vote.allows && !vote.void {
        true => Effect::Allow,
        false => Effect::Deny,
    };
    let limited = vote.on.is_some();
    let text = match &vote.side {
        Side::Binding(binding, role) if vote.void => format!(
            "the role {} would grant {permission}, but {} gives it on some entities only, and {permission} is not about an entity",
            role.name, binding.name
        ),
        Side::Rule(rule) if vote.void => format!(
            "the rule {} speaks of some entities only, and {permission} is not about an entity",
            rule.name
        ),
        Side::Binding(binding, role) => {
            let on = if limited { " on some entities" } else { "" };
            let why = binding
                .reason
                .as_deref()
                .map(|reason| format!(": {reason}"));
            format!(
                "the role {} grants it{on}{}",
                role.name,
                why.unwrap_or_default()
            )
        }
        Side::Rule(rule) => {
            let verb = if vote.allows { "grants" } else { "refuses" };
            let on = if limited { " on some entities" } else { "" };
            format!("the rule {} {verb} it{on}: {}", rule.name, rule.reason)
        }
    };
    Cause {
        effect,
        kind,
        name: name.clone(),
        text,
        source: Some(source.to_string()),
        conditions: vote.on.as_ref().map(Predicate::to_json),
    }
}

/// Everything on everything, for whoever starts the program: the way back in
/// when a policy has locked everybody out. `why` is one sentence.
#[must_use]
pub fn operator(why: &'static str) -> Rights {
    Rights::new(Arc::new(Operator(why)))
}

#[derive(Debug)]
struct Operator(&'static str);

impl Decisions for Operator {
    fn reach(&self, _name: &str, _verb: Option<Verb>) -> Reach {
        Reach::Everything
    }

    fn explain(&self, name: &str, _verb: Option<Verb>) -> Decision {
        Decision::new(name, &Reach::Everything).because(Cause::new(
            Effect::Allow,
            "operator",
            "operator",
            self.0,
        ))
    }

    fn is_unlimited(&self) -> bool {
        true
    }

    fn operates(&self) -> bool {
        true
    }
}
