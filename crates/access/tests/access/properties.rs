//! For any policy and any entity.

use access::difference;
use model::query::Searchable;
use platform::decision::{Decisions, Effect, Reach};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{decide, policy, refs};

const PERMISSION: &str = "catalog.entity.delete";

fn scope() -> impl Strategy<Value = Value> {
    prop_oneof![
        3 => Just(json!({})),
        1 => Just(json!({ "kind": "Component" })),
        1 => Just(json!({ "kind": ["API"], "namespace": "default" })),
        1 => Just(json!({ "label": { "tier": "1" } })),
        1 => Just(json!({ "tag": ["java", "go"] })),
        1 => Just(json!({ "relation": "owner" })),
        1 => Just(json!({ "relation": "member", "type": "service" })),
        1 => Just(json!({ "filter": "spec.type=library" })),
    ]
}

fn subject() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "everyone",
        "user:default/kim",
        "group:default/payments",
        "group:default/company",
        "group:default/others",
    ])
}

fn binding() -> impl Strategy<Value = Value> {
    let role = prop::sample::select(vec!["read-only", "developer", "lead", "admin"]);
    (role, subject(), scope()).prop_map(
        |(role, subject, scope)| json!({ "role": role, "subjects": subject, "scope": scope }),
    )
}

fn rule() -> impl Strategy<Value = Value> {
    let effect = prop::sample::select(vec!["allow", "deny"]);
    let what = prop::sample::select(vec![PERMISSION, "catalog-entity/delete", "catalog.*", "*"]);
    (effect, what, subject(), scope()).prop_map(|(effect, what, subject, scope)| {
        json!({ "effect": effect, "permissions": what, "subjects": subject, "scope": scope, "reason": "r" })
    })
}

fn entity() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["Component", "API"]);
    let namespace = prop::sample::select(vec!["default", "other"]);
    let tag = prop::sample::select(vec!["java", "rust"]);
    let tier = prop::sample::select(vec!["1", "2"]);
    let sort = prop::sample::select(vec!["service", "library"]);
    let owner = prop::sample::select(vec![
        "user:default/kim",
        "group:default/payments",
        "group:default/company",
        "group:default/others",
    ]);
    (kind, namespace, tag, tier, sort, owner).prop_map(
        |(kind, namespace, tag, tier, sort, owner)| {
            json!({
                "kind": kind,
                "metadata": { "name": "x", "namespace": namespace, "tags": [tag], "labels": { "tier": tier } },
                "spec": { "type": sort },
                "relations": [{ "type": "ownedBy", "targetRef": owner }],
            })
        },
    )
}

const KIM: [&str; 3] = [
    "user:default/kim",
    "group:default/payments",
    "group:default/company",
];

fn allowed(reach: &Reach, entity: &Value) -> bool {
    match reach {
        Reach::Everything => true,
        Reach::Nothing => false,
        Reach::Where(predicate) => predicate.matches(&Searchable::new(entity)),
    }
}

/// The plain meaning, without any compiling: one vote after the other.
fn by_hand(bindings: &[Value], rules: &[Value], entity: &Value) -> bool {
    let covers = |subject: &Value| {
        let subject = subject.as_str().unwrap();
        subject == "everyone" || KIM.contains(&subject)
    };
    let within = |scope: &Value| {
        let one = policy(
            &[json!({ "role": "admin", "subjects": "everyone", "scope": scope })],
            &[],
        );
        allowed(&decide(&one, &KIM).reach(PERMISSION, None), entity)
    };
    let granted = bindings.iter().any(|binding| {
        let deletes = matches!(binding["role"].as_str(), Some("lead" | "admin"));
        deletes && covers(&binding["subjects"]) && within(&binding["scope"])
    });
    let mut votes = rules
        .iter()
        .filter(|rule| covers(&rule["subjects"]) && within(&rule["scope"]));
    let denied = votes.clone().any(|rule| rule["effect"] == "deny");
    (granted || votes.any(|rule| rule["effect"] == "allow")) && !denied
}

proptest! {
    #[test]
    fn the_compiled_filter_is_the_decision(
        bindings in prop::collection::vec(binding(), 0..5),
        rules in prop::collection::vec(rule(), 0..4),
        entity in entity(),
    ) {
        let policy = policy(&bindings, &rules);
        let kim = decide(&policy, &KIM);
        let reach = kim.reach(PERMISSION, None);
        let expected = by_hand(&bindings, &rules, &entity);
        prop_assert_eq!(allowed(&reach, &entity), expected);
        // The explanation says the same.
        let it = refs(&["component:default/x"]).remove(0);
        let searchable = Searchable::new(&entity);
        let said = kim
            .explain(PERMISSION, None)
            .about(&it, &[], &|predicate| predicate.matches(&searchable));
        prop_assert_eq!(said.effect == Effect::Allow, expected, "{:?}", said);
        prop_assert_eq!(said.first_reason().is_some() || expected, true);
    }

    #[test]
    fn another_refusal_never_grants_anything(
        bindings in prop::collection::vec(binding(), 0..5),
        mut rules in prop::collection::vec(rule(), 0..4),
        mut more in rule(),
        entity in entity(),
    ) {
        let before = decide(&policy(&bindings, &rules), &KIM);
        more["effect"] = json!("deny");
        rules.push(more);
        let after = decide(&policy(&bindings, &rules), &KIM);
        for known in access::known() {
            let (old, new) = (before.reach(&known.name, None), after.reach(&known.name, None));
            prop_assert!(allowed(&old, &entity) || !allowed(&new, &entity), "{}", known.name);
        }
    }

    #[test]
    fn a_dry_run_counts_exactly_what_changes(
        bindings in prop::collection::vec(binding(), 0..4),
        more in binding(),
        entity in entity(),
    ) {
        let before = policy(&bindings, &[]);
        let after = policy(&[bindings, vec![more]].concat(), &[]);
        let changes = difference(&before, &after, &[refs(&KIM)]);
        let change = changes.iter().find(|change| change.permission == PERMISSION);
        let is_in = |difference: &access::Difference| match difference {
            access::Difference::None => false,
            access::Difference::Everything => true,
            access::Difference::Where(predicate) => predicate.matches(&Searchable::new(&entity)),
        };
        let old = allowed(&decide(&before, &KIM).reach(PERMISSION, None), &entity);
        let new = allowed(&decide(&after, &KIM).reach(PERMISSION, None), &entity);
        prop_assert_eq!(change.is_some_and(|change| is_in(&change.gained)), new && !old);
        prop_assert_eq!(change.is_some_and(|change| is_in(&change.lost)), old && !new);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        let spec = json!({ "role": text, "subjects": [text], "scope": { "kind": text, "filter": text, "system": text } });
        if let Ok(spec) = serde_json::from_value(spec) {
            let _ = access::Policy::built_in().add_binding(&spec, access::Source::BuiltIn, "x");
        }
        let _ = access::predicate_of(&json!({ "rule": text, "params": { "key": text } }));
    }
}
