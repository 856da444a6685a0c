//! Who may do what, and why: roles, bindings, rules, and the decisions that
//! follow from them.
//!
//! ```text
//! data/roles.json ─┐
//! configuration ───┼─▶ Policy ─▶ Compiled (one per person and version) ─▶ Reach ─▶ the index's query
//! database ────────┘                    └─▶ Decision: which binding, which rule, whom to ask
//! ```
//!
//! What stays true:
//! - Deny wins over allow, and nothing is allowed that nothing grants.
//! - A decision about a list is a condition ([`model::query::Predicate`]), the
//!   same that decides about one entity; nobody filters rows afterwards.
//! - A binding or rule with a scope speaks of entities only. It never grants a
//!   permission that is not about an entity.
//! - Every decision can say what it rests on.
//! - Without `permission.enabled` nothing here decides anything.

mod access;
mod actions;
mod backstage;
mod builtin;
mod compare;
mod compile;
mod config;
mod csv;
mod pattern;
mod person;
mod policy;
mod scope;
mod spec;
mod store;

pub use access::{Access, OnCall, Settings};
pub use actions::{World, actions, permission};
pub use backstage::{CatalogRule, ConditionProblem, RULES, criteria, predicate_of};
pub use builtin::{Known, Localised, known};
pub use compare::{Change, Difference, difference};
pub use compile::{Compiled, operator};
pub use person::Person;
pub use policy::{Binding, Policy, PolicyProblem, Role, Rule, Source, Subject};
pub use scope::Scope;
pub use spec::{BindingSpec, RoleSpec, RuleEffect, RuleSpec, ScopeSpec};
pub use store::{MIGRATIONS, POLICY_CHANGED, Stored, close_view, find_view, open_view};
