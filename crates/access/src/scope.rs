//! From a scope as it is written to a condition on entities.

use model::entity_ref::EntityRef;
use model::query::{Predicate, parse_filters};

use crate::person::Person;
use crate::policy::PolicyProblem;
use crate::spec::ScopeSpec;

/// The key under which the index keeps owners.
const OWNED_BY: &str = "relations.ownedBy";
/// The key of who is on call.
const ON_CALL: &str = "relations.onCall";
/// The key of wholes.
const PART_OF: &str = "relations.partOf";
/// More values than this in one scope are refused.
const MOST_VALUES: usize = 1_000;

/// How an entity has to be related to the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// The person, or a group they belong to, owns it.
    Owner,
    /// A group they belong to owns it.
    Member,
    /// They, or a group they belong to, are on call for it, for the group that
    /// owns it, or for the system that it is part of.
    OnCall,
}

/// Entities that a binding or rule speaks of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// What is the same for everybody.
    fixed: Vec<Predicate>,
    relation: Option<Relation>,
}

impl Scope {
    /// Reads a scope. `at` is its path, for messages.
    ///
    /// # Errors
    /// A reference, relation or filter that cannot be read.
    pub fn read(spec: &ScopeSpec, at: &str) -> Result<Self, PolicyProblem> {
        let mut fixed = Vec::new();
        for (field, key, values) in [
            ("kind", "kind", &spec.kind),
            ("namespace", "metadata.namespace", &spec.namespace),
            ("type", "spec.type", &spec.types),
            ("tag", "metadata.tags", &spec.tag),
        ] {
            fixed.extend(one_of(key, values, &format!("{at}.{field}"))?);
        }
        if let Some(own) = one_of(
            "spec.environment",
            &spec.environment,
            &format!("{at}.environment"),
        )? {
            let label = Predicate::is_in(
                "metadata.labels.environment",
                spec.environment.iter().map(String::as_str),
            );
            fixed.push(Predicate::Any(vec![own, label]));
        }
        fixed.extend(systems(&spec.system, at)?);
        for (label, values) in &spec.label {
            let key = format!("metadata.labels.{label}");
            if values.iter().any(|value| value == "*") {
                fixed.push(Predicate::exists(&key));
            } else {
                fixed.extend(one_of(&key, values, &format!("{at}.label.{label}"))?);
            }
        }
        let filter = parse_filters(&spec.filter).map_err(|problem| PolicyProblem {
            path: format!("{at}.filter"),
            message: problem.to_string(),
            accepted: "the catalog's filter, such as spec.lifecycle=production".to_owned(),
        })?;
        fixed.extend(filter);
        let relation = match spec.relation.as_deref() {
            None => None,
            Some("owner") => Some(Relation::Owner),
            Some("member") => Some(Relation::Member),
            Some("on-call") => Some(Relation::OnCall),
            Some(other) => {
                return Err(PolicyProblem {
                    path: format!("{at}.relation"),
                    message: format!("{other:?} is no relation between a person and an entity"),
                    accepted: "owner (theirs or one of their groups'), member (one of their \
                               groups') or on-call (what they are on call for)"
                        .to_owned(),
                });
            }
        };
        Ok(Self { fixed, relation })
    }

    /// Whether it leaves nothing out.
    pub fn is_everything(&self) -> bool {
        self.fixed.is_empty() && self.relation.is_none()
    }

    /// The condition for a person. Nothing when nothing is left out.
    pub fn predicate(&self, person: &Person) -> Option<Predicate> {
        if self.is_everything() {
            return None;
        }
        let mut all = self.fixed.clone();
        all.extend(self.relation.map(|relation| relation.predicate(person)));
        Some(match (all.pop(), all.is_empty()) {
            (Some(only), true) => only,
            (last, _) => {
                all.extend(last);
                Predicate::All(all)
            }
        })
    }
}

impl Relation {
    fn predicate(self, person: &Person) -> Predicate {
        let refs = || person.refs.iter();
        match self {
            Self::Owner => Predicate::is_in(OWNED_BY, refs().map(EntityRef::as_str)),
            Self::Member => {
                let groups = refs().filter(|one| one.kind() == "group");
                Predicate::is_in(OWNED_BY, groups.map(EntityRef::as_str))
            }
            Self::OnCall => {
                let mut any = vec![Predicate::is_in(ON_CALL, refs().map(EntityRef::as_str))];
                for (key, kind) in [(OWNED_BY, "group"), (PART_OF, "system")] {
                    if person.duties(kind).next().is_some() {
                        any.push(Predicate::is_in(key, person.duties(kind)));
                    }
                }
                Predicate::Any(any)
            }
        }
    }
}

fn one_of(key: &str, values: &[String], at: &str) -> Result<Option<Predicate>, PolicyProblem> {
    if values.is_empty() {
        return Ok(None);
    }
    if values.len() > MOST_VALUES || values.iter().any(|value| value.trim().is_empty()) {
        return Err(PolicyProblem {
            path: at.to_owned(),
            message: "the list has an empty value or more than 1,000".to_owned(),
            accepted: "1 to 1,000 values that are not empty".to_owned(),
        });
    }
    Ok(Some(Predicate::is_in(
        key,
        values.iter().map(String::as_str),
    )))
}

fn systems(names: &[String], at: &str) -> Result<Option<Predicate>, PolicyProblem> {
    let mut refs = Vec::new();
    for name in names {
        let system =
            EntityRef::parse(name, Some("system"), None).map_err(|problem| PolicyProblem {
                path: format!("{at}.system"),
                message: problem.to_string(),
                accepted: "a system such as payments or system:default/payments".to_owned(),
            })?;
        refs.push(system);
    }
    if refs.is_empty() {
        return Ok(None);
    }
    let mut any = vec![Predicate::is_in(
        PART_OF,
        refs.iter().map(EntityRef::as_str),
    )];
    any.extend(refs.iter().map(|system| {
        Predicate::All(vec![
            Predicate::equals("kind", system.kind()),
            Predicate::equals("metadata.namespace", system.namespace()),
            Predicate::equals("metadata.name", system.name()),
        ])
    }));
    Ok(Some(Predicate::Any(any)))
}
