//! Roles, bindings and rules, checked and ready to decide.

use std::collections::BTreeMap;
use std::fmt;

use model::entity_ref::EntityRef;

use crate::builtin::{self, Localised};
use crate::pattern::Pattern;
use crate::scope::Scope;
use crate::spec::{BindingSpec, RoleSpec, RuleEffect, RuleSpec, ScopeSpec};

/// More subjects than this in one binding or rule are refused: that is a group.
const MOST_SUBJECTS: usize = 1_000;
/// Roles within roles deeper than this are refused.
const MAX_DEPTH: usize = 16;

/// What is wrong with a role, binding or rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PolicyProblem {
    /// Where in the document: `bindings[2].role`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What would be accepted.
    pub accepted: String,
}

/// Where something of a policy is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It comes with Portway.
    BuiltIn,
    /// A file of the configuration, with line and column.
    Config(String),
    /// Somebody made it in the portal; its id.
    Portal(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built in"),
            Self::Config(place) => f.write_str(place),
            Self::Portal(_) => f.write_str("portal"),
        }
    }
}

/// Whom a binding or rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Whoever is signed in.
    Everyone,
    /// A person, or the members of a group and of every group below it.
    Entity(EntityRef),
    /// Holders of a role.
    Role(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Entity(entity) => entity.fmt(f),
            Self::Role(role) => write!(f, "role:{role}"),
        }
    }
}

/// A set of permissions with a name.
#[derive(Clone, Debug)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: Localised,
    /// What it is for.
    pub about: Localised,
    /// Where it is written.
    pub source: Source,
    pub(crate) includes: Vec<String>,
    pub(crate) own: Vec<Pattern>,
    /// With those of the roles that it includes.
    pub(crate) allows: Vec<Pattern>,
}

impl Role {
    /// The permissions, those of included roles too, as they are written.
    pub fn permissions(&self) -> Vec<String> {
        self.allows.iter().map(ToString::to_string).collect()
    }

    /// Whether it has a permission that Portway knows.
    pub fn has(&self, name: &str) -> bool {
        let known = builtin::find(name);
        let resource = known.and_then(|known| known.resource.as_deref());
        let verb = known.map(|known| known.verb);
        self.allows
            .iter()
            .any(|pattern| pattern.covers(name, resource, verb))
    }
}

/// A role given to people.
#[derive(Clone, Debug)]
pub struct Binding {
    /// What explanations call it.
    pub name: String,
    /// The role's name.
    pub role: String,
    /// To whom.
    pub subjects: Vec<Subject>,
    /// On which entities.
    pub scope: Scope,
    /// Why.
    pub reason: Option<String>,
    /// Where it is written.
    pub source: Source,
    /// As it was written.
    pub spec: BindingSpec,
}

/// A rule about permissions, whatever the roles.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What explanations call it.
    pub name: String,
    /// Which way it decides.
    pub effect: RuleEffect,
    pub(crate) permissions: Vec<Pattern>,
    /// About whom.
    pub subjects: Vec<Subject>,
    /// About whom not.
    pub except: Vec<Subject>,
    /// On which entities.
    pub scope: Scope,
    /// Why.
    pub reason: String,
    /// Where it is written.
    pub source: Source,
    /// As it was written.
    pub spec: RuleSpec,
}

/// Everything that decides.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) rules: Vec<Rule>,
}

impl Policy {
    /// The built-in roles, and nothing that gives them to anybody.
    #[must_use]
    pub fn built_in() -> Self {
        let mut policy = Self::default();
        for role in &builtin::data().roles {
            let own = role
                .permissions
                .iter()
                .filter_map(|text| Pattern::parse(text));
            let role = Role {
                name: role.name.clone(),
                title: role.title.clone(),
                about: role.about.clone(),
                source: Source::BuiltIn,
                includes: role.includes.clone(),
                own: own.collect(),
                allows: Vec::new(),
            };
            policy.roles.insert(role.name.clone(), role);
        }
        policy.flatten();
        policy
    }

    /// All roles, by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// The role of a name.
    pub fn role(&self, name: &str) -> Option<&Role> {
        self.roles.get(name)
    }

    /// All bindings.
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// All rules.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Adds roles, which may include each other.
    ///
    /// # Errors
    /// A name that is taken or cannot be one, an unknown role or permission,
    /// roles that include each other in a circle.
    pub fn add_roles(&mut self, specs: &[(RoleSpec, Source)]) -> Result<(), PolicyProblem> {
        for (at, (spec, source)) in specs.iter().enumerate() {
            let at = format!("roles[{at}]");
            let role = self.read_role(spec, source, &at)?;
            self.roles.insert(role.name.clone(), role);
        }
        for (at, (spec, _)) in specs.iter().enumerate() {
            let unknown = spec
                .includes
                .iter()
                .find(|name| !self.roles.contains_key(*name));
            if let Some(name) = unknown {
                return Err(self.unknown_role(name, format!("roles[{at}].includes")));
            }
            if self.reaches(&spec.name, &spec.name, 0) {
                return Err(PolicyProblem {
                    path: format!("roles[{at}].includes"),
                    message: format!("the role {} includes itself", spec.name),
                    accepted: "roles that do not lead back to this one".to_owned(),
                });
            }
        }
        self.flatten();
        Ok(())
    }

    /// A role of another tool, which may name permissions of others.
    pub(crate) fn import_role(
        &mut self,
        name: &str,
        title: &str,
        own: Vec<Pattern>,
        source: Source,
    ) {
        let both = |text: &str| Localised {
            en: text.to_owned(),
            ko: text.to_owned(),
        };
        let role = Role {
            name: name.to_owned(),
            title: both(title),
            about: both(""),
            source,
            includes: Vec::new(),
            own,
            allows: Vec::new(),
        };
        self.roles.insert(name.to_owned(), role);
        self.flatten();
    }

    fn read_role(&self, spec: &RoleSpec, source: &Source, at: &str) -> Result<Role, PolicyProblem> {
        let fits = !spec.name.is_empty()
            && spec.name.len() <= 63
            && spec
                .name
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_'));
        if !fits {
            return Err(PolicyProblem {
                path: format!("{at}.name"),
                message: format!("{:?} is no name of a role", spec.name),
                accepted: "1 to 63 lower-case letters, digits, `-` and `_`".to_owned(),
            });
        }
        if let Some(there) = self.roles.get(&spec.name) {
            return Err(PolicyProblem {
                path: format!("{at}.name"),
                message: format!("there is a role {} already: {}", spec.name, there.source),
                accepted: "a name that no other role has".to_owned(),
            });
        }
        let same = |text: &Option<String>, otherwise: &str| {
            let text = text.clone().unwrap_or_else(|| otherwise.to_owned());
            Localised {
                en: text.clone(),
                ko: text,
            }
        };
        Ok(Role {
            name: spec.name.clone(),
            title: same(&spec.title, &spec.name),
            about: same(&spec.description, ""),
            source: source.clone(),
            includes: spec.includes.clone(),
            own: patterns(&spec.permissions, &format!("{at}.permissions"))?,
            allows: Vec::new(),
        })
    }

    /// Adds a binding. `at` is its path, for messages and as its name when it
    /// has none.
    ///
    /// # Errors
    /// An unknown role, or a subject or scope that cannot be read.
    pub fn add_binding(
        &mut self,
        spec: &BindingSpec,
        source: Source,
        at: &str,
    ) -> Result<(), PolicyProblem> {
        if !self.roles.contains_key(&spec.role) {
            return Err(self.unknown_role(&spec.role, format!("{at}.role")));
        }
        let subjects = self.subjects(&spec.subjects, &format!("{at}.subjects"), false)?;
        if subjects.is_empty() {
            return Err(PolicyProblem {
                path: format!("{at}.subjects"),
                message: "the binding gives its role to nobody".to_owned(),
                accepted: "user:default/kim, group:default/payments or everyone".to_owned(),
            });
        }
        self.bindings.push(Binding {
            name: name_of(spec.name.as_deref(), at)?,
            role: spec.role.clone(),
            subjects,
            scope: Scope::read(&spec.scope, &format!("{at}.scope"))?,
            reason: spec.reason.clone(),
            source,
            spec: spec.clone(),
        });
        Ok(())
    }

    /// Adds a rule; `at` as for bindings.
    ///
    /// # Errors
    /// An unknown permission, a scope on a permission that is not about
    /// entities, or a subject or scope that cannot be read.
    pub fn add_rule(
        &mut self,
        spec: &RuleSpec,
        source: Source,
        at: &str,
    ) -> Result<(), PolicyProblem> {
        let permissions = patterns(&spec.permissions, &format!("{at}.permissions"))?;
        if permissions.is_empty() || spec.reason.trim().is_empty() {
            let (field, accepted) = match permissions.is_empty() {
                true => ("permissions", "the permissions that the rule is about"),
                false => ("reason", "one sentence, which whoever is refused will read"),
            };
            return Err(PolicyProblem {
                path: format!("{at}.{field}"),
                message: format!("the rule has no {field}"),
                accepted: accepted.to_owned(),
            });
        }
        let basic = permissions.iter().find(|pattern| pattern.is_basic());
        if let Some(pattern) = basic.filter(|_| spec.scope != ScopeSpec::default()) {
            return Err(PolicyProblem {
                path: format!("{at}.scope"),
                message: format!("{pattern} is not about an entity, so no scope can hold for it"),
                accepted: "a rule without scope for it, beside this one".to_owned(),
            });
        }
        let mut subjects = self.subjects(&spec.subjects, &format!("{at}.subjects"), true)?;
        if subjects.is_empty() {
            subjects.push(Subject::Everyone);
        }
        self.rules.push(Rule {
            name: name_of(spec.name.as_deref(), at)?,
            effect: spec.effect,
            permissions,
            subjects,
            except: self.subjects(&spec.except, &format!("{at}.except"), true)?,
            scope: Scope::read(&spec.scope, &format!("{at}.scope"))?,
            reason: spec.reason.trim().to_owned(),
            source,
            spec: spec.clone(),
        });
        Ok(())
    }

    fn subjects(
        &self,
        texts: &[String],
        at: &str,
        roles: bool,
    ) -> Result<Vec<Subject>, PolicyProblem> {
        let accepted = match roles {
            true => "user:default/kim, group:default/payments, role:developer or everyone",
            false => "user:default/kim, group:default/payments or everyone",
        };
        if texts.len() > MOST_SUBJECTS {
            return Err(PolicyProblem {
                path: at.to_owned(),
                message: format!("{} subjects are too many to review", texts.len()),
                accepted: format!("at most {MOST_SUBJECTS}, or a group of them"),
            });
        }
        let read = |text: &String| {
            if text == "everyone" {
                return Ok(Subject::Everyone);
            }
            if let Some(role) = text.strip_prefix("role:").filter(|_| roles) {
                let role = role.strip_prefix("default/").unwrap_or(role);
                return match self.roles.contains_key(role) {
                    true => Ok(Subject::Role(role.to_owned())),
                    false => Err(self.unknown_role(role, at.to_owned())),
                };
            }
            let refuse = |message: String| PolicyProblem {
                path: at.to_owned(),
                message,
                accepted: accepted.to_owned(),
            };
            let entity =
                EntityRef::parse(text, None, None).map_err(|why| refuse(why.to_string()))?;
            match entity.kind() {
                "user" | "group" => Ok(Subject::Entity(entity)),
                _ => Err(refuse(format!("{text} is neither a user nor a group"))),
            }
        };
        texts.iter().map(read).collect()
    }

    fn unknown_role(&self, name: &str, path: String) -> PolicyProblem {
        let names: Vec<&str> = self.roles.keys().map(String::as_str).collect();
        PolicyProblem {
            path,
            message: format!("there is no role {name:?}"),
            accepted: names.join(", "),
        }
    }

    /// Whether a role includes another one, directly or not.
    fn reaches(&self, from: &str, to: &str, depth: usize) -> bool {
        let Some(role) = self.roles.get(from) else {
            return false;
        };
        depth > MAX_DEPTH
            || role
                .includes
                .iter()
                .any(|next| next == to || self.reaches(next, to, depth + 1))
    }

    fn flatten(&mut self) {
        let all: BTreeMap<String, Vec<Pattern>> = self
            .roles
            .keys()
            .map(|name| (name.clone(), self.collected(name, 0)))
            .collect();
        for (name, allows) in all {
            if let Some(role) = self.roles.get_mut(&name) {
                role.allows = allows;
            }
        }
    }

    fn collected(&self, name: &str, depth: usize) -> Vec<Pattern> {
        let Some(role) = self.roles.get(name).filter(|_| depth <= MAX_DEPTH) else {
            return Vec::new();
        };
        let inherited = role.includes.iter();
        let mut all: Vec<Pattern> = inherited
            .flat_map(|inner| self.collected(inner, depth + 1))
            .collect();
        all.extend(role.own.iter().cloned());
        let mut unique: Vec<Pattern> = Vec::with_capacity(all.len());
        for pattern in all {
            if !unique.contains(&pattern) {
                unique.push(pattern);
            }
        }
        unique
    }
}

fn patterns(texts: &[String], at: &str) -> Result<Vec<Pattern>, PolicyProblem> {
    let read = |text: &String| {
        Pattern::parse(text)
            .filter(Pattern::is_known)
            .ok_or_else(|| {
                let names: Vec<&str> = builtin::known()
                    .iter()
                    .map(|known| known.name.as_str())
                    .collect();
                PolicyProblem {
                    path: at.to_owned(),
                    message: format!("{text:?} is no permission of Portway"),
                    accepted: format!("*, catalog.*, catalog-entity/read, {}", names.join(", ")),
                }
            })
    };
    texts.iter().map(read).collect()
}

fn name_of(written: Option<&str>, at: &str) -> Result<String, PolicyProblem> {
    match written {
        None => Ok(at.to_owned()),
        Some(name)
            if !name.trim().is_empty()
                && name.chars().count() <= 100
                && !name.chars().any(char::is_control) =>
        {
            Ok(name.to_owned())
        }
        Some(name) => Err(PolicyProblem {
            path: format!("{at}.name"),
            message: format!("{name:?} is no name"),
            accepted: "1 to 100 characters, or leave it out".to_owned(),
        }),
    }
}
