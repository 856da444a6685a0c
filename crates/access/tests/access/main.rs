//! Decisions, explanations, configuration, storage.
#![expect(
    clippy::unwrap_used,
    reason = "test helpers fail by panicking, and say what they skip"
)]

mod backstage;
mod config;
mod decisions;
mod postgres;
mod properties;
mod roles_doc;
mod stored;

use std::sync::Arc;

use access::{BindingSpec, Compiled, Policy, RuleSpec, Source};
use model::entity_ref::EntityRef;
use serde_json::Value;

/// A policy of bindings and rules, each as JSON.
pub(crate) fn policy(bindings: &[Value], rules: &[Value]) -> Arc<Policy> {
    let mut policy = Policy::built_in();
    for (at, binding) in bindings.iter().enumerate() {
        let spec: BindingSpec = serde_json::from_value(binding.clone()).unwrap();
        policy
            .add_binding(&spec, Source::BuiltIn, &format!("bindings[{at}]"))
            .unwrap();
    }
    for (at, rule) in rules.iter().enumerate() {
        let spec: RuleSpec = serde_json::from_value(rule.clone()).unwrap();
        policy
            .add_rule(&spec, Source::BuiltIn, &format!("rules[{at}]"))
            .unwrap();
    }
    Arc::new(policy)
}

/// A person with groups, the person first.
pub(crate) fn refs(names: &[&str]) -> Vec<EntityRef> {
    names
        .iter()
        .map(|name| EntityRef::parse(name, None, None).unwrap())
        .collect()
}

pub(crate) fn decide(policy: &Arc<Policy>, names: &[&str]) -> Compiled {
    Compiled::new(Arc::clone(policy), refs(names))
}
