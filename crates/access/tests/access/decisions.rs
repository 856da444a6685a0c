//! Table-driven: who may do what on which entity, and what the reasons say.

use std::sync::Arc;

use access::{Compiled, Person, Policy, Source, known};
use model::query::Searchable;
use platform::actor::{Grants, Verb};
use platform::decision::{Decisions, Effect, Limit, Reach, Rights};
use serde_json::{Value, json};

use crate::{decide, policy, refs};

fn pay() -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
        "metadata": { "name": "pay", "namespace": "default", "tags": ["java"],
                      "labels": { "tier": "1", "environment": "production" } },
        "spec": { "type": "service", "lifecycle": "production" },
        "relations": [
            { "type": "ownedBy", "targetRef": "group:default/payments" },
            { "type": "partOf", "targetRef": "system:default/checkout" },
        ],
    })
}

fn holds(reach: &Reach, entity: &Value) -> bool {
    match reach {
        Reach::Everything => true,
        Reach::Nothing => false,
        Reach::Where(predicate) => predicate.matches(&Searchable::new(entity)),
    }
}

/// `kim` is in `payments`, which is part of `company`.
const KIM: [&str; 3] = [
    "user:default/kim",
    "group:default/payments",
    "group:default/company",
];

#[test]
fn scopes_decide_on_which_entities_a_role_counts() {
    let cases = [
        (json!({}), true),
        (json!({ "kind": "Component" }), true),
        (json!({ "kind": ["API", "Resource"] }), false),
        (json!({ "namespace": "default" }), true),
        (json!({ "namespace": "other" }), false),
        (json!({ "system": "checkout" }), true),
        (json!({ "system": "system:default/other" }), false),
        (json!({ "environment": "production" }), true),
        (json!({ "environment": "test" }), false),
        (json!({ "label": { "tier": ["1", "2"] } }), true),
        (json!({ "label": { "tier": "*" } }), true),
        (json!({ "label": { "tier": "3" } }), false),
        (json!({ "type": "service", "tag": "java" }), true),
        (json!({ "type": "service", "tag": "go" }), false),
        (json!({ "filter": "spec.lifecycle=production" }), true),
        (json!({ "filter": ["kind=api", "spec.type=service"] }), true),
        (json!({ "relation": "owner" }), true),
        (json!({ "relation": "member" }), true),
        (json!({ "relation": "owner", "kind": "API" }), false),
    ];
    for (scope, expected) in cases {
        let policy = policy(
            &[json!({ "role": "lead", "subjects": "group:default/company", "scope": scope })],
            &[],
        );
        let reach = decide(&policy, &KIM).reach("catalog.entity.delete", Some(Verb::Delete));
        assert_eq!(holds(&reach, &pay()), expected, "{scope}");
        let stranger = decide(&policy, &["user:default/lee"]);
        let reach = stranger.reach("catalog.entity.delete", Some(Verb::Delete));
        assert_eq!(reach, Reach::Nothing, "{scope}");
    }
}

#[test]
fn a_person_s_own_entities_are_theirs_as_owner_and_not_as_member() {
    let mut own = pay();
    own["relations"] = json!([{ "type": "ownedBy", "targetRef": "user:default/kim" }]);
    for (relation, expected) in [("owner", true), ("member", false)] {
        let policy = policy(
            &[json!({ "role": "lead", "subjects": "everyone", "scope": { "relation": relation } })],
            &[],
        );
        let reach = decide(&policy, &KIM).reach("catalog.entity.delete", None);
        assert_eq!(holds(&reach, &own), expected, "{relation}");
    }
}

#[test]
fn a_scope_never_grants_what_is_not_about_an_entity() {
    let policy = policy(
        &[json!({ "role": "admin", "subjects": "everyone", "scope": { "kind": "Component" } })],
        &[],
    );
    let kim = decide(&policy, &KIM);
    assert_eq!(kim.reach("catalog.location.create", None), Reach::Nothing);
    assert_eq!(kim.reach("kubernetes.proxy", None), Reach::Nothing);
    assert!(!kim.is_unlimited());
    let decision = kim.explain("catalog.location.create", None);
    let said: Vec<&str> = decision
        .because
        .iter()
        .map(|one| one.text.as_str())
        .collect();
    assert!(
        said.iter()
            .any(|text| text.contains("is not about an entity")),
        "{said:?}"
    );
}

#[test]
fn deny_wins_and_says_why_and_whom_to_ask() {
    let policy = policy(
        &[
            json!({ "role": "lead", "subjects": "group:default/company" }),
            json!({ "role": "admin", "subjects": "group:default/platform" }),
        ],
        &[json!({
            "name": "tier one stays", "effect": "deny", "permissions": "catalog.entity.delete",
            "except": ["role:admin"], "scope": { "label": { "tier": "1" } },
            "reason": "SRE removes tier 1 services",
        })],
    );
    let kim = decide(&policy, &KIM);
    let reach = kim.reach("catalog.entity.delete", None);
    assert!(!holds(&reach, &pay()));
    let mut other = pay();
    other["metadata"]["labels"]["tier"] = json!("2");
    assert!(holds(&reach, &other));

    let entity = refs(&["component:default/pay"]).remove(0);
    let owners = refs(&["group:default/payments"]);
    let searchable = Searchable::new(&pay());
    let decision =
        kim.explain("catalog.entity.delete", None)
            .about(&entity, &owners, &|predicate| {
                predicate.matches(&searchable)
            });
    assert_eq!(decision.effect, Effect::Deny);
    assert_eq!(
        decision.first_reason(),
        Some("the rule tier one stays refuses it on some entities: SRE removes tier 1 services")
    );
    assert_eq!(
        decision.ask,
        ["group:default/payments", "group:default/platform"]
    );

    let admin = decide(&policy, &["user:default/root", "group:default/platform"]);
    assert!(holds(&admin.reach("catalog.entity.delete", None), &pay()));
    assert!(admin.is_unlimited());
}

#[test]
fn what_nothing_grants_is_refused_and_the_roles_held_are_named() {
    let policy = policy(
        &[json!({ "role": "developer", "subjects": "everyone" })],
        &[],
    );
    let decision = decide(&policy, &KIM).explain("access.policy.update", None);
    assert_eq!(decision.effect, Effect::Deny);
    assert_eq!(
        decision.first_reason(),
        Some("none of the roles held (developer) and no rule grants access.policy.update")
    );
    assert_eq!(decision.ask, ["whoever runs this Portway"]);
}

#[test]
fn rules_grant_beyond_roles_and_speak_of_holders_of_roles() {
    let policy = policy(
        &[json!({ "role": "sre", "subjects": "group:default/payments" })],
        &[json!({
            "effect": "allow", "permissions": "catalog.entity.delete", "subjects": "role:sre",
            "scope": { "relation": "owner" }, "reason": "who runs it may remove it",
        })],
    );
    assert!(holds(
        &decide(&policy, &KIM).reach("catalog.entity.delete", None),
        &pay()
    ));
    let lee = decide(&policy, &["user:default/lee"]);
    assert_eq!(lee.reach("catalog.entity.delete", None), Reach::Nothing);
}

#[test]
fn a_limit_takes_away_and_never_adds() {
    let policy = policy(
        &[json!({ "role": "read-only", "subjects": "everyone" })],
        &[],
    );
    let limit = || Limit {
        kind: "token",
        name: "ci".to_owned(),
        text: "the token ci was made for less".to_owned(),
    };
    let rights = Rights::new(std::sync::Arc::new(decide(&policy, &KIM)));
    let bound = rights.clone().within(
        Grants::Named(["catalog.entity.delete".to_owned()].into()),
        limit(),
    );
    assert_eq!(bound.reach("catalog.entity.read", None), Reach::Nothing);
    assert_eq!(bound.reach("catalog.entity.delete", None), Reach::Nothing);
    let said = bound.explain("catalog.entity.read", Some(Verb::Read));
    assert_eq!(said.first_reason(), Some("the token ci was made for less"));
    assert!(said.ask.is_empty(), "nobody can grant a token more");
    let reading = rights.within(Grants::Read, limit());
    assert_eq!(
        reading.reach("catalog.entity.read", Some(Verb::Read)),
        Reach::Everything
    );
}

#[test]
fn the_data_file_is_whole() {
    assert!(known().len() > 15);
    let names: std::collections::BTreeSet<&str> =
        known().iter().map(|known| known.name.as_str()).collect();
    assert_eq!(names.len(), known().len(), "a permission is there twice");
    let policy = policy(&[], &[]);
    let roles: Vec<&str> = policy.roles().map(|role| role.name.as_str()).collect();
    for role in [
        "admin",
        "auditor",
        "developer",
        "executive",
        "lead",
        "new-hire",
        "platform-engineer",
        "read-only",
        "security",
        "sre",
    ] {
        assert!(roles.contains(&role), "{role}");
    }
    for role in policy.roles() {
        assert!(
            !role.title.ko.is_empty() && !role.about.en.is_empty(),
            "{}",
            role.name
        );
        for permission in role.permissions() {
            assert!(
                permission == "*" || names.contains(permission.as_str()),
                "{}: {permission}",
                role.name
            );
        }
    }
    let changes: Vec<&str> = policy
        .roles()
        .filter(|role| role.has("access.policy.update"))
        .map(|role| role.name.as_str())
        .collect();
    assert_eq!(changes, ["admin"], "only administrators change the policy");
}

/// A role that is held on some entities exempts there, and nowhere else.
#[test]
fn a_scoped_role_counts_in_rules_where_it_is_held() {
    let policy = policy(
        &[
            json!({ "role": "read-only", "subjects": ["everyone"] }),
            json!({ "role": "admin", "subjects": ["user:default/kim"], "scope": { "system": "checkout" } }),
            json!({ "role": "lead", "subjects": ["user:default/kim"], "scope": { "relation": "owner" } }),
        ],
        &[
            json!({ "effect": "deny", "permissions": ["catalog.entity.read"], "except": ["role:admin"],
              "scope": { "kind": "Component" }, "reason": "secret" }),
            json!({ "effect": "allow", "permissions": ["catalog.entity.refresh"],
              "subjects": ["role:lead"], "reason": "leads refresh" }),
            json!({ "effect": "deny", "permissions": ["audit.event.read"], "except": ["role:admin"],
              "reason": "auditors only" }),
            json!({ "effect": "allow", "permissions": ["audit.event.read"], "reason": "all others" }),
        ],
    );
    let kim = decide(&policy, &KIM);
    let mut elsewhere = pay();
    elsewhere["relations"] = json!([{ "type": "ownedBy", "targetRef": "group:default/other" }]);
    let read = kim.reach("catalog.entity.read", None);
    assert!(holds(&read, &pay()), "exempt in the system of the role");
    assert!(!holds(&read, &elsewhere), "and not beyond it");
    let refresh = kim.reach("catalog.entity.refresh", None);
    assert!(holds(&refresh, &pay()));
    assert!(!holds(&refresh, &elsewhere), "a lead of what they own");
    // What is not about entities: a role on some of them exempts from nothing.
    assert_eq!(kim.reach("audit.event.read", None), Reach::Nothing);
}

/// Who is on call may do what the binding says on what they are on call for: a
/// thing itself, what the group owns, what is part of the system. When the
/// shift is over it is gone.
#[test]
fn on_call_is_a_relation_of_its_own() {
    let policy = policy(
        &[json!({ "role": "sre", "subjects": ["everyone"], "scope": { "relation": "on-call" } })],
        &[],
    );
    let lee = ["user:default/lee", "group:default/sre"];
    let on_call = |duties: &[&str]| {
        let person = Person::on_call(refs(&lee), refs(duties));
        Compiled::new(Arc::clone(&policy), person).reach("catalog.entity.refresh", None)
    };
    let mut noted = pay();
    let relations = noted["relations"].as_array_mut().unwrap();
    relations.push(json!({ "type": "onCall", "targetRef": "group:default/sre" }));
    assert!(holds(&on_call(&[]), &noted), "a group of theirs is named");
    assert!(!holds(&on_call(&[]), &pay()));
    for (duty, held) in [
        ("group:default/payments", true),
        ("system:default/checkout", true),
        ("group:default/other", false),
        ("system:default/other", false),
    ] {
        assert_eq!(holds(&on_call(&[duty]), &pay()), held, "{duty}");
    }
    let unknown = serde_json::from_value(json!({
        "role": "sre", "subjects": ["everyone"], "scope": { "relation": "oncall" },
    }));
    let problem = Policy::built_in()
        .add_binding(&unknown.unwrap(), Source::BuiltIn, "bindings[0]")
        .unwrap_err();
    assert!(problem.accepted.contains("on-call"), "{problem:?}");
}
