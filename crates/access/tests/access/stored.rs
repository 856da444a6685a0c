//! Bindings and rules made in the portal, on both databases.

use std::sync::Arc;

use access::{Access, MIGRATIONS, POLICY_CHANGED, Policy, Settings, World, actions};
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::Clock;
use platform::action::Action;
use platform::actor::{Actor, ActorKind, Caller, Grants};
use platform::decision::{Decisions, Reach};
use platform::event::{EventFilter, EventLog};
use platform::store::{DatabaseUrl, Db};
use serde_json::{Value, json};

use crate::refs;

#[derive(Debug)]
struct Two;

impl World for Two {
    fn people(&self) -> Vec<Vec<EntityRef>> {
        vec![
            refs(&[
                "user:default/kim",
                "group:default/payments",
                "group:default/company",
            ]),
            refs(&["user:default/lee", "group:default/company"]),
        ]
    }

    fn count(&self, _predicate: &Predicate) -> usize {
        7
    }
}

struct Here {
    db: Db,
    access: Arc<Access>,
    actions: Vec<Action>,
    _folder: tempfile::TempDir,
}

async fn here() -> Here {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual("2026-11-21T09:00:00Z".parse().unwrap());
    let url = match crate::postgres::fresh_schema().await {
        Some(url) => DatabaseUrl::parse(&url).unwrap(),
        None => DatabaseUrl::in_directory(folder.path()),
    };
    let db = Db::open(&url, &[MIGRATIONS], clock).await.unwrap();
    let settings = Settings {
        enabled: true,
        policy: Policy::built_in(),
    };
    let access = Access::open(&db, settings).await.unwrap();
    let world: Arc<dyn World> = Arc::new(Two);
    Here {
        actions: actions(&access, &world),
        db,
        access,
        _folder: folder,
    }
}

fn admin(names: &[&str]) -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/root"),
        ownership: refs(names),
        grants: Grants::All,
    }
}

impl Here {
    fn action(&self, name: &str) -> &Action {
        self.actions.iter().find(|one| one.name == name).unwrap()
    }

    async fn run(&self, name: &str, input: Value) -> Result<Value, platform::ApiError> {
        self.action(name).run(admin(&[]), input).await
    }

    fn reach(&self, names: &[&str], permission: &str) -> Reach {
        self.access.decisions(&refs(names)).reach(permission, None)
    }
}

const KIM: [&str; 3] = [
    "user:default/kim",
    "group:default/payments",
    "group:default/company",
];

#[tokio::test]
pub(crate) async fn a_change_counts_at_once_is_an_event_and_survives() {
    let here = here().await;
    assert_eq!(here.reach(&KIM, "catalog.entity.read"), Reach::Nothing);
    let binding =
        json!({ "binding": { "role": "read-only", "subjects": ["group:default/company"] } });
    let plan = here
        .action("access:put")
        .plan(admin(&[]), binding.clone())
        .await
        .unwrap();
    assert_eq!(plan.summary, "Of 2 people, 2 gain and 0 lose something.");
    assert_eq!(
        here.reach(&KIM, "catalog.entity.read"),
        Reach::Nothing,
        "a plan changes nothing"
    );

    let made = here.run("access:put", binding).await.unwrap();
    assert_eq!(made["id"], "binding-1");
    assert_eq!(here.reach(&KIM, "catalog.entity.read"), Reach::Everything);

    let changed = json!({ "id": "binding-1", "binding": { "role": "read-only", "subjects": ["group:default/payments"] } });
    let plan = here
        .action("access:put")
        .plan(admin(&[]), changed.clone())
        .await
        .unwrap();
    assert_eq!(plan.summary, "Of 2 people, 0 gain and 1 lose something.");
    assert!(
        plan.changes
            .iter()
            .any(|change| change.subject == "user:default/lee"
                && change.detail.as_deref() == Some("loses catalog.entity.read"))
    );
    here.run("access:put", changed).await.unwrap();
    assert_eq!(
        here.reach(
            &["user:default/lee", "group:default/company"],
            "catalog.entity.read"
        ),
        Reach::Nothing
    );

    // Another process sees the same.
    let settings = Settings {
        enabled: true,
        policy: Policy::built_in(),
    };
    let other = Access::open(&here.db, settings).await.unwrap();
    assert_eq!(
        other
            .decisions(&refs(&KIM))
            .reach("catalog.entity.read", None),
        Reach::Everything
    );

    here.run("access:remove", json!({ "id": "binding-1" }))
        .await
        .unwrap();
    assert_eq!(here.reach(&KIM, "catalog.entity.read"), Reach::Nothing);
    other.reload().await.unwrap();
    assert_eq!(
        other
            .decisions(&refs(&KIM))
            .reach("catalog.entity.read", None),
        Reach::Nothing
    );

    let events = EventLog::new(&here.db)
        .after(0, &EventFilter::default(), 10)
        .await
        .unwrap();
    let ours: Vec<_> = events
        .iter()
        .filter(|event| event.kind == POLICY_CHANGED.0)
        .collect();
    assert_eq!(ours.len(), 3);
    assert_eq!(ours[0].data["before"], Value::Null);
    assert_eq!(
        ours[1].data["before"]["subjects"],
        json!(["group:default/company"])
    );
    assert_eq!(ours[2].data["after"], Value::Null);
    assert_eq!(ours[2].actor.name, "user:default/root");
}

#[tokio::test]
pub(crate) async fn what_cannot_be_is_refused_and_leaves_everything_as_it_was() {
    let here = here().await;
    for (input, part) in [
        (
            json!({ "binding": { "role": "boss", "subjects": "everyone" } }),
            "no role",
        ),
        (
            json!({ "rule": { "effect": "deny", "permissions": ["nope"], "reason": "r" } }),
            "no permission",
        ),
        (
            json!({ "id": "binding-9", "binding": { "role": "lead", "subjects": "everyone" } }),
            "binding-9",
        ),
        (json!({}), "not valid"),
    ] {
        let problem = here.run("access:put", input.clone()).await.unwrap_err();
        assert!(problem.message.contains(part), "{input}: {problem}");
    }
    let gone = here
        .run("access:remove", json!({ "id": "x" }))
        .await
        .unwrap_err();
    assert_eq!(gone.status.as_u16(), 404);
    assert!(here.access.stored().is_empty());
}

#[tokio::test]
pub(crate) async fn nobody_locks_themselves_out() {
    let here = here().await;
    let binding = json!({ "binding": { "role": "admin", "subjects": ["group:default/platform"] } });
    here.run("access:put", binding).await.unwrap();
    let root = || admin(&["user:default/root", "group:default/platform"]);
    let remove = here.action("access:remove");
    let refused = remove
        .run(root(), json!({ "id": "binding-1" }))
        .await
        .unwrap_err();
    assert!(
        refused
            .message
            .contains("could not change the policy yourself"),
        "{refused}"
    );
    // Somebody else can, for example the operator.
    remove
        .run(admin(&[]), json!({ "id": "binding-1" }))
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn two_at_once_do_not_overwrite_each_other() {
    let here = here().await;
    let put = |role: &str| {
        let input = json!({ "binding": { "role": role, "subjects": ["group:default/company"] } });
        here.run("access:put", input)
    };
    let made = tokio::join!(
        put("read-only"),
        put("developer"),
        put("auditor"),
        put("lead")
    );
    let mut ids: Vec<String> = [made.0, made.1, made.2, made.3]
        .into_iter()
        .map(|made| made.unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    assert_eq!(ids, ["binding-1", "binding-2", "binding-3", "binding-4"]);
    assert_eq!(here.access.stored().len(), 4);
}

/// Two who may change the policy take it from each other at the same time: one
/// of them comes too late, and the way back stays.
#[tokio::test(flavor = "multi_thread")]
pub(crate) async fn two_administrators_cannot_lock_each_other_out() {
    let here = here().await;
    for name in ["user:default/kim", "user:default/lee"] {
        let binding = json!({ "role": "admin", "subjects": [name] });
        here.run("access:put", json!({ "binding": binding }))
            .await
            .unwrap();
    }
    let act = |name: &'static str, id: &'static str| {
        let names = refs(&[name]);
        let caller = Caller {
            actor: Actor::new(ActorKind::User, name),
            grants: Grants::Decided(here.access.rights(&names)),
            ownership: names,
        };
        here.action("access:remove")
            .run(caller, json!({ "id": id }))
    };
    // Both were let in before either of them removed anything.
    let (kim, lee) = (
        act("user:default/kim", "binding-2"),
        act("user:default/lee", "binding-1"),
    );
    let (kim, lee) = tokio::join!(kim, lee);
    assert!(kim.is_ok() != lee.is_ok(), "{kim:?} {lee:?}");
    let refused = kim.err().or(lee.err()).unwrap();
    assert_eq!(refused.status, 409, "{refused:?}");
    let left = here.access.policy();
    assert_eq!(left.holders("access.policy.update").len(), 1);
}
