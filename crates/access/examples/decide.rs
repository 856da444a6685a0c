//! How long one authorisation takes in process: the kept decisions of one of
//! 1,000 people, and the reach of a permission.
//! `cargo run --release -p access --example decide`
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use access::{BindingSpec, Compiled, Policy, RuleEffect, RuleSpec, ScopeSpec, Source};
use model::entity_ref::EntityRef;
use platform::decision::Decisions;

const PEOPLE: usize = 1_000;

fn policy() -> Result<Policy, access::PolicyProblem> {
    let mut policy = Policy::built_in();
    for at in 0..200 {
        let spec = BindingSpec {
            role: "lead".to_owned(),
            subjects: vec![format!("group:default/team-{at}")],
            scope: ScopeSpec {
                relation: Some("owner".to_owned()),
                ..ScopeSpec::default()
            },
            ..BindingSpec::default()
        };
        policy.add_binding(&spec, Source::BuiltIn, "bindings")?;
    }
    for tier in 0..20 {
        let spec = RuleSpec {
            name: None,
            effect: RuleEffect::Deny,
            permissions: vec!["catalog.entity.delete".to_owned()],
            subjects: Vec::new(),
            except: vec!["role:admin".to_owned()],
            scope: ScopeSpec {
                label: [("tier".to_owned(), vec![tier.to_string()])].into(),
                ..ScopeSpec::default()
            },
            reason: "tiers".to_owned(),
        };
        policy.add_rule(&spec, Source::BuiltIn, "rules")?;
    }
    Ok(policy)
}

fn main() -> Result<(), access::PolicyProblem> {
    let policy = Arc::new(policy()?);
    let people: Vec<Vec<EntityRef>> = (0..PEOPLE)
        .map(|at| {
            let mut refs = vec![EntityRef::new("user", "default", &format!("person-{at}"))];
            refs.extend((0..6).map(|group| {
                EntityRef::new(
                    "group",
                    "default",
                    &format!("team-{}", (at + group * 31) % 200),
                )
            }));
            refs
        })
        .collect();
    let timed = |name: &str, work: &mut dyn FnMut(usize)| {
        let mut times: Vec<u128> = (0..20_000)
            .map(|at| {
                let start = Instant::now();
                work(at % PEOPLE);
                start.elapsed().as_nanos()
            })
            .collect();
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0);
        println!("{name}: p50 {} ns, p99 {} ns", at(50), at(99));
    };
    let mut kept = std::collections::HashMap::new();
    timed(
        "first request of a person (200 bindings, 20 rules)",
        &mut |at| {
            if let Some(refs) = people.get(at) {
                let compiled = Arc::new(Compiled::new(Arc::clone(&policy), refs.clone()));
                kept.insert(refs.clone(), compiled);
            }
        },
    );
    timed("every further request", &mut |at| {
        let found = people.get(at).and_then(|refs| kept.get(refs));
        if let Some(compiled) = found {
            black_box(compiled.reach("catalog.entity.delete", None));
        }
    });
    Ok(())
}
