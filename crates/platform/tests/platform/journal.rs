//! The journal of actions: written before, written after, and found again.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use platform::Clock;
use platform::action::{Action, Plan};
use platform::actor::{Actor, ActorKind, Caller, Grants, Permission, Verb};
use platform::error::ApiError;
use platform::event::{Event, EventFilter, EventLog, EventType, NewEvent, Outcome};
use platform::journal::{Door, Journal, Run, RunFilter};
use platform::store::{DatabaseUrl, Db};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use crate::databases::on_both;

const WRITE: Permission = Permission {
    name: "test.write",
    verb: Verb::Update,
};

fn kim() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/kim"),
        ownership: Vec::new(),
        grants: Grants::All,
    }
}

/// An action that does what the test says.
fn action<R, F>(name: &'static str, run: R) -> Action
where
    R: Fn(Caller, Value) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Value, ApiError>> + Send + 'static,
{
    let input = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string" },
            "password": { "type": "string", "format": "password" },
            "key": { "writeOnly": true },
        },
        "additionalProperties": false,
    });
    let output = json!({
        "type": "object",
        "properties": { "secret": { "type": "string", "writeOnly": true } },
    });
    let nothing = |_, _| async {
        Ok(Plan {
            summary: String::new(),
            changes: Vec::new(),
        })
    };
    Action::new(name, "For a test.", WRITE, (input, output), nothing, run)
}

fn echo() -> Action {
    action("test:echo", |_, input| async move {
        Ok(json!({ "name": input["name"], "secret": "very s3cret" }))
    })
}

async fn all(journal: &Journal) -> Vec<Run> {
    journal
        .runs(&RunFilter::default(), None, 100)
        .await
        .unwrap()
}

async fn do_something(db: &Db, actor: Actor) {
    let mut tx = db.begin().await.unwrap();
    tx.append(NewEvent {
        kind: EventType("dev.portway.test.thing.done"),
        subject: "thing".into(),
        actor,
        outcome: Outcome::Allowed,
        cause: None,
        data: json!({}),
    })
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn events(db: &Db) -> Vec<Event> {
    let log = EventLog::new(db);
    log.after(0, &EventFilter::default(), 1_000).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_written_down_before_it_starts_and_when_it_ends() {
    on_both(|place| async move {
        let db = place.open().await;
        let journal = Journal::open(&db).await.unwrap();
        let inside = {
            let (db, journal) = (db.clone(), journal.clone());
            action("test:look", move |caller, _| {
                let (db, journal) = (db.clone(), journal.clone());
                async move {
                    let [run] = all(&journal).await.try_into().unwrap();
                    assert_eq!((run.state.as_str(), run.ended), ("running", None));
                    do_something(&db, caller.actor).await;
                    db.clock().advance(Duration::from_secs(2));
                    Ok(json!({ "done": true }))
                }
            })
        };
        let answer = journal
            .run(&inside, kim(), Door::Cli, json!({ "name": "x" }))
            .await
            .unwrap();
        assert_eq!(answer, json!({ "done": true }));

        let [run] = all(&journal).await.try_into().unwrap();
        assert_eq!(run.id.get_version_num(), 7);
        assert_eq!(journal.get(run.id).await.unwrap().as_ref(), Some(&run));
        assert_eq!(
            run.to_json(),
            json!({
                "id": run.id.to_string(),
                "action": "test:look",
                "actor": { "kind": "user", "name": "user:default/kim" },
                "door": "cli",
                "state": "succeeded",
                "input": { "name": "x" },
                "started": "2026-01-02T03:04:05Z",
                "ended": "2026-01-02T03:04:07Z",
                "error": null,
                "output": { "done": true },
            })
        );

        let events = events(&db).await;
        let id = run.id.to_string();
        let seen: Vec<_> = events
            .iter()
            .map(|event| {
                (
                    event.kind.as_str(),
                    event.subject.as_str(),
                    event.cause.as_deref(),
                )
            })
            .collect();
        let subject = format!("run:{id}");
        assert_eq!(
            seen,
            [
                (
                    "dev.portway.platform.action.started",
                    subject.as_str(),
                    None
                ),
                ("dev.portway.test.thing.done", "thing", Some(id.as_str())),
                (
                    "dev.portway.platform.action.finished",
                    subject.as_str(),
                    Some(id.as_str())
                ),
            ]
        );
        assert_eq!(events[0].actor.name, "user:default/kim");
        assert_eq!(
            events[2].data,
            json!({ "action": "test:look", "state": "succeeded" })
        );
        // What happens later has nothing to do with it.
        do_something(&db, Actor::system("test")).await;
        let later = self::events(&db).await.pop().unwrap();
        assert_eq!(
            (later.kind.as_str(), later.cause),
            ("dev.portway.test.thing.done", None)
        );
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_never_written_down() {
    on_both(|place| async move {
        let db = place.open().await;
        let journal = Journal::open(&db).await.unwrap();
        let input = json!({ "name": "a\u{0}b", "password": "s3cret", "key": { "pem": "s3cret" } });
        let answer = journal
            .run(&echo(), kim(), Door::Http, input)
            .await
            .unwrap();
        assert_eq!(answer["secret"], "very s3cret", "the caller gets it");
        let [run] = all(&journal).await.try_into().unwrap();
        assert_eq!(
            run.input,
            json!({ "name": "a\u{0}b", "password": "[redacted]", "key": "[redacted]" })
        );
        assert_eq!(
            run.output,
            Some(json!({ "name": "a\u{0}b", "secret": "[redacted]" }))
        );
        for event in events(&db).await {
            assert!(!event.data.to_string().contains("s3cret"), "{event:?}");
        }
        // What is very large is done, and not kept.
        let large = "x".repeat(100_000);
        journal
            .run(&echo(), kim(), Door::Http, json!({ "name": large }))
            .await
            .unwrap();
        let run = all(&journal).await.swap_remove(0);
        assert!(run.input.to_string().len() < 200, "{}", run.input);
        assert_eq!(run.state, "succeeded");
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_panics_are_failures_and_refusals_are_nothing() {
    on_both(|place| async move {
        let db = place.open().await;
        let journal = Journal::open(&db).await.unwrap();
        let failing = action("test:fail", |_, _| async {
            Err(ApiError::conflict(format!(
                "taken \u{0} {}",
                "x".repeat(10_000)
            )))
        });
        let error = journal
            .run(&failing, kim(), Door::Http, json!({}))
            .await
            .unwrap_err();
        assert_eq!(error.status, 409);
        let panicking = action("test:panic", |_, _| async { panic!("inside") });
        let error = journal
            .run(&panicking, kim(), Door::Http, json!({}))
            .await
            .unwrap_err();
        assert_eq!(error.status, 500);
        let refused = journal
            .run(&echo(), Caller::anonymous(), Door::Http, json!({}))
            .await;
        assert_eq!(refused.unwrap_err().status, 401);
        let refused = journal
            .run(&echo(), kim(), Door::Http, json!({ "nope": 1 }))
            .await;
        assert_eq!(refused.unwrap_err().status, 400);

        let runs = all(&journal).await;
        let told: Vec<_> = runs
            .iter()
            .map(|run| (run.action.as_str(), run.state.as_str(), run.ended.is_some()))
            .collect();
        assert_eq!(told.len(), 2);
        assert!(told.contains(&("test:panic", "failed", true)), "{told:?}");
        assert!(told.contains(&("test:fail", "failed", true)), "{told:?}");
        let failed = runs.iter().find(|run| run.action == "test:fail").unwrap();
        let error = failed.error.as_deref().unwrap();
        assert!(
            error.starts_with("taken ␀ xxx") && error.len() < 2_200,
            "{error}"
        );
        let last = events(&db).await.pop().unwrap();
        assert_eq!(last.data["state"], "failed");
        assert_eq!(last.data["error"], "Something failed inside Portway");
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_are_found_by_action_actor_and_state_page_by_page() {
    on_both(|place| async move {
        let db = place.open().await;
        let journal = Journal::open(&db).await.unwrap();
        let failing = action("test:fail", |_, _| async { Err(ApiError::input("no")) });
        for number in 0..7 {
            db.clock().advance(Duration::from_millis(1));
            let mut caller = kim();
            if number % 2 == 0 {
                caller.actor.name = "user:default/lee".into();
            }
            let action = if number < 3 { failing.clone() } else { echo() };
            let name = json!({ "name": number.to_string() });
            let _ = journal.run(&action, caller, Door::Http, name).await;
        }
        let names = |runs: &[Run]| -> Vec<String> {
            runs.iter()
                .map(|run| run.input["name"].as_str().unwrap().to_owned())
                .collect()
        };
        let found = |action: &str, actor: &str, state: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let filter = RunFilter {
                action: some(action),
                actor: some(actor),
                state: some(state),
            };
            let journal = journal.clone();
            async move { journal.runs(&filter, None, 100).await.unwrap() }
        };
        let newest_first = names(&found("", "", "").await);
        assert_eq!(newest_first, ["6", "5", "4", "3", "2", "1", "0"]);
        assert_eq!(names(&found("test:fail", "", "").await), ["2", "1", "0"]);
        assert_eq!(
            names(&found("", "user:default/kim", "").await),
            ["5", "3", "1"]
        );
        assert_eq!(names(&found("", "", "failed").await), ["2", "1", "0"]);
        assert_eq!(
            names(&found("test:echo", "user:default/kim", "succeeded").await),
            ["5", "3"]
        );
        assert!(found("test:none", "", "").await.is_empty());
        // Page by page it is the same list.
        let (mut paged, mut before) = (Vec::new(), None);
        loop {
            let page = journal
                .runs(&RunFilter::default(), before, 2)
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            paged.extend(names(&page));
        }
        assert_eq!(paged, newest_first);
        db.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_when_nobody_waits_for_it() {
    on_both(|place| async move {
        let db = place.open().await;
        let journal = Journal::open(&db).await.unwrap();
        let (begun, go) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let slow = {
            let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
            action("test:slow", move |_, _| {
                let (begun, go) = (Arc::clone(&begun), Arc::clone(&go));
                async move {
                    begun.add_permits(1);
                    go.acquire().await.unwrap().forget();
                    Ok(json!({}))
                }
            })
        };
        let mut head = EventLog::new(&db).subscribe();
        {
            let run = journal.run(&slow, kim(), Door::Http, json!({}));
            tokio::select! {
                _ = run => panic!("it has ended"),
                _ = begun.acquire() => {}
            }
        }
        // A long run says that it is alive, so nobody takes it for dead.
        for _ in 0..20 {
            db.clock().advance(Duration::from_secs(20));
            // The heart may begin its pause only after the clock has moved.
            while seconds_to_live(&db).await <= 70 {
                db.clock().advance(Duration::from_secs(1));
                tokio::task::yield_now().await;
            }
            assert_eq!(all(&journal).await[0].state, "running");
        }
        go.add_permits(1);
        head.wait_for(|seq| *seq >= 2).await.unwrap();
        assert_eq!(all(&journal).await[0].state, "succeeded");
        db.close().await;
    })
    .await;
}

/// How long nobody takes the run for dead, as its row says.
async fn seconds_to_live(db: &Db) -> i64 {
    let rows = db
        .read("SELECT alive_until FROM action_runs", Vec::new())
        .await
        .unwrap();
    let until = rows[0].time(0).unwrap();
    until.duration_since(db.clock().now()).as_secs()
}

/// Set for the process that is going to be killed: the database's address.
const ADDRESS: &str = "PORTWAY_TEST_JOURNAL_ADDRESS";

/// Starts an action that never ends, and says when it is at work. Only the
/// process that [`run_and_kill`] starts does anything here.
#[tokio::test(flavor = "multi_thread")]
#[expect(
    clippy::disallowed_methods,
    reason = "how the parent tells the child what to do"
)]
async fn child_that_is_killed_in_the_middle_of_an_action() {
    let Ok(address) = std::env::var(ADDRESS) else {
        return;
    };
    let url = DatabaseUrl::parse(&address).unwrap();
    let db = Db::open(&url, &[], Clock::system()).await.unwrap();
    let journal = Journal::open(&db).await.unwrap();
    let endless = action("test:endless", |_, _| async {
        println!("at work");
        std::io::stdout().flush().unwrap();
        std::future::pending().await
    });
    let _ = journal.run(&endless, kim(), Door::Portal, json!({})).await;
}

fn run_and_kill(address: &str) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args([
            "journal::child_that_is_killed_in_the_middle_of_an_action",
            "--exact",
            "--nocapture",
        ])
        .env(ADDRESS, address)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let at_work = lines
        .map_while(Result::ok)
        .any(|line| line.ends_with("at work"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(at_work, "the child ended by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_leaves_an_interrupted_run() {
    on_both(|place| async move {
        let address = place.address.clone();
        tokio::task::spawn_blocking(move || run_and_kill(&address))
            .await
            .unwrap();
        // A replica cannot know at once that another one is dead.
        let db = Db::open(&place.url(), &[], Clock::system()).await.unwrap();
        let shared = db.is_shared();
        let journal = Journal::open(&db).await.unwrap();
        let [run] = all(&journal).await.try_into().unwrap();
        assert_eq!(run.state == "running", shared, "{run:?}");
        db.close().await;

        let later = Clock::manual("2100-01-01T00:00:00Z".parse().unwrap());
        let db = Db::open(&place.url(), &[], later).await.unwrap();
        for _ in 0..2 {
            let journal = Journal::open(&db).await.unwrap();
            let [run] = all(&journal).await.try_into().unwrap();
            assert_eq!(
                (run.state.as_str(), run.door.as_str()),
                ("interrupted", "portal")
            );
            assert!(run.ended.is_some());
            let error = run.error.as_deref().unwrap();
            assert!(
                error.starts_with("The process ended before the action did"),
                "{error}"
            );
        }
        let told: Vec<_> = events(&db)
            .await
            .into_iter()
            .map(|event| (event.kind, event.data["state"].clone()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    "dev.portway.platform.action.started".to_owned(),
                    Value::Null
                ),
                (
                    "dev.portway.platform.action.finished".to_owned(),
                    json!("interrupted")
                ),
            ]
        );
        db.close().await;
    })
    .await;
}
