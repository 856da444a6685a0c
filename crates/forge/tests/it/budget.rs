//! Who may make a request, when, and what everybody else waits for. The waits
//! are hours of the test's own clock.

use std::time::Duration;

use forge::ForgeError;
use forge::budget::{CachedAnswer, EtagCache, Governor, Priority, Sharing, Wait};
use platform::Clock;
use serde_json::json;

use crate::support::Bench;
use crate::support::forge_server::Fault;

const LIST: &str = "/api/v3/orgs/acme/repos";

fn rate(remaining: u64, reset: &str) -> Vec<(&'static str, String)> {
    let reset: jiff::Timestamp = reset.parse().expect("time");
    vec![
        ("x-ratelimit-limit", "5000".to_owned()),
        ("x-ratelimit-remaining", remaining.to_string()),
        ("x-ratelimit-reset", reset.as_second().to_string()),
        ("x-ratelimit-resource", "core".to_owned()),
    ]
}

async fn list(bench: &Bench, priority: Priority) -> Result<usize, ForgeError> {
    let forge = bench
        .forges
        .of_host(&bench.server.host, priority)
        .expect("forge");
    let listed = forge
        .repositories("acme", &forge::client::unobserved)
        .await?;
    Ok(listed.items.len())
}

fn wait(error: &ForgeError) -> Wait {
    error
        .wait()
        .unwrap_or_else(|| panic!("not a wait: {error}"))
        .clone()
}

#[tokio::test]
async fn the_forge_says_what_is_left_and_the_floor_is_kept_for_people() {
    let bench = Bench::start("github").await;
    bench.server.list(LIST, vec![]);
    bench.server.world.lock().headers = rate(400, "2026-03-01T12:30:00Z");
    list(&bench, Priority::Background).await.expect("first");
    let state = bench.forge().budget().state();
    assert_eq!((state.limit, state.remaining), (Some(5000), Some(400)));
    assert_eq!(
        state.reset.expect("reset").to_string(),
        "2026-03-01T12:30:00Z"
    );

    let error = list(&bench, Priority::Background)
        .await
        .expect_err("below the floor");
    let waiting = wait(&error);
    assert_eq!(waiting.until.to_string(), "2026-03-01T12:30:00Z");
    let host = &bench.server.host;
    assert_eq!(
        waiting.reason,
        format!("400 of 5000 requests to {host} are left, which are kept for people at the portal")
    );
    assert_eq!(
        bench.forge().budget().wait(Priority::Background),
        Some(waiting)
    );
    // A person still gets through, until nothing is left at all.
    list(&bench, Priority::Interactive)
        .await
        .expect("interactive");
    bench.server.world.lock().headers = rate(0, "2026-03-01T12:30:00Z");
    list(&bench, Priority::Interactive)
        .await
        .expect("the last one");
    let error = list(&bench, Priority::Interactive)
        .await
        .expect_err("used up");
    assert_eq!(
        wait(&error).reason,
        format!("the rate limit of {host} is used up (5000 requests)")
    );
    let before = bench.server.seen(LIST).len();
    bench.clock.advance(Duration::from_secs(30 * 60 + 1));
    list(&bench, Priority::Background)
        .await
        .expect("a new window");
    assert_eq!(bench.server.seen(LIST).len(), before + 1);
}

#[tokio::test]
async fn retry_after_is_honoured_in_both_forms() {
    for (status, headers, expected) in [
        (
            429,
            vec![("retry-after", "3600".to_owned())],
            "2026-03-01T13:00:00Z",
        ),
        (
            429,
            vec![("retry-after", "Sun, 01 Mar 2026 14:00:00 GMT".to_owned())],
            "2026-03-01T14:00:00Z",
        ),
        // The forge's clock is ten minutes ahead; only the difference counts.
        (
            429,
            vec![
                ("date", "Sun, 01 Mar 2026 12:10:00 GMT".to_owned()),
                ("retry-after", "Sun, 01 Mar 2026 12:40:00 GMT".to_owned()),
            ],
            "2026-03-01T12:30:00Z",
        ),
        (
            403,
            vec![("retry-after", "60".to_owned())],
            "2026-03-01T12:01:00Z",
        ),
        (
            503,
            vec![("retry-after", "120".to_owned())],
            "2026-03-01T12:02:00Z",
        ),
        (403, rate(0, "2026-03-01T12:45:00Z"), "2026-03-01T12:45:00Z"),
        // Nonsense is not waited for longer than a day.
        (
            429,
            vec![("retry-after", "99999999999".to_owned())],
            "2026-03-02T12:00:00Z",
        ),
    ] {
        let bench = Bench::start("github").await;
        bench.server.list(LIST, vec![]);
        bench.server.fail(
            LIST,
            [Fault::Answer(status, headers.clone(), "{}".to_owned())],
        );
        let error = list(&bench, Priority::Interactive)
            .await
            .expect_err("refused");
        assert_eq!(
            wait(&error).until.to_string(),
            expected,
            "{status} {headers:?}"
        );
        assert_eq!(
            bench.server.seen(LIST).len(),
            1,
            "nothing is sent while waiting"
        );
        let time: jiff::Timestamp = expected.parse().expect("time");
        let until = time.duration_since(bench.clock.now()).unsigned_abs();
        bench.clock.advance(until);
        list(&bench, Priority::Interactive)
            .await
            .expect("afterwards");
    }
}

#[tokio::test]
async fn secondary_limits_without_a_time_double_the_pause() {
    let bench = Bench::start("github").await;
    bench.server.list(LIST, vec![]);
    let secondary = Fault::Answer(
        403,
        vec![],
        r#"{"message":"You have exceeded a secondary rate limit."}"#.to_owned(),
    );
    bench.server.fail(LIST, std::iter::repeat_n(secondary, 3));
    for (minutes, until) in [
        (1, "2026-03-01T12:01:00Z"),
        (2, "2026-03-01T12:03:00Z"),
        (4, "2026-03-01T12:07:00Z"),
    ] {
        let error = list(&bench, Priority::Background)
            .await
            .expect_err("refused");
        assert_eq!(wait(&error).until.to_string(), until);
        bench.clock.advance(Duration::from_secs(60 * minutes));
    }
    list(&bench, Priority::Background)
        .await
        .expect("afterwards");
}

#[tokio::test]
async fn graphql_says_in_a_success_that_the_limit_is_used_up() {
    let bench = Bench::start("github").await;
    let body = r#"{"errors":[{"type":"RATE_LIMITED","message":"API rate limit exceeded"}]}"#;
    let mut headers = rate(0, "2026-03-01T12:40:00Z");
    headers.retain(|(name, _)| *name != "x-ratelimit-resource");
    headers.push(("x-ratelimit-resource", "graphql".to_owned()));
    bench.server.fail(
        "/api/graphql",
        [Fault::Answer(200, headers, body.to_owned())],
    );
    let query = forge::client::OrgQuery::new("acme");
    let error = bench
        .forge()
        .organisation(&query, &forge::client::unobserved)
        .await
        .expect_err("limited");
    assert_eq!(wait(&error).until.to_string(), "2026-03-01T12:40:00Z");
}

#[tokio::test]
async fn a_403_without_rate_words_is_not_a_wait() {
    let bench = Bench::start("github").await;
    bench.server.fail(LIST, [Fault::status(403)]);
    let error = list(&bench, Priority::Background)
        .await
        .expect_err("forbidden");
    assert!(matches!(error, ForgeError::Forbidden { .. }), "{error}");
    assert_eq!(bench.forge().budget().wait(Priority::Background), None);
}

#[tokio::test]
async fn a_short_wait_is_waited_out() {
    let bench = Bench::start("github").await;
    bench.server.list(LIST, vec![]);
    bench.server.fail(
        LIST,
        [Fault::Answer(
            429,
            vec![("retry-after", "5".to_owned())],
            String::new(),
        )],
    );
    let clock = bench.clock.clone();
    let (result, ()) = tokio::join!(list(&bench, Priority::Background), async {
        while bench.forge().budget().wait(Priority::Background).is_none() {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(5));
    });
    assert_eq!(result.expect("after five seconds"), 0);
}

#[tokio::test]
async fn unchanged_pages_cost_nothing() {
    let bench = Bench::start("github").await;
    let repositories = (0..250).map(|n| json!({
        "id": n, "full_name": format!("acme/r{n}"), "html_url": format!("https://git.example/acme/r{n}"),
    }));
    bench.server.list(LIST, repositories.collect());
    assert_eq!(
        list(&bench, Priority::Background).await.expect("first"),
        250
    );
    assert_eq!(
        list(&bench, Priority::Background).await.expect("second"),
        250
    );
    assert_eq!(bench.server.seen(LIST).len(), 6);
    assert_eq!(bench.forge().budget().state().unchanged, 3);
}

#[tokio::test]
async fn people_go_first_and_only_so_many_at_a_time() {
    let clock = Clock::manual("2026-03-01T12:00:00Z".parse().expect("time"));
    let governor = Governor::new(
        clock,
        Sharing {
            concurrent: 2,
            floor_percent: 10,
        },
    );
    let budget = governor.budget("git.example", Some("token"));
    let patience = Duration::from_secs(60);
    let first = budget
        .acquire(Priority::Background, patience)
        .await
        .expect("first");
    let second = budget
        .acquire(Priority::Background, patience)
        .await
        .expect("second");
    let order = parking_lot::Mutex::new(Vec::new());
    let background = async {
        let permit = budget
            .acquire(Priority::Background, patience)
            .await
            .expect("background");
        order.lock().push("background");
        drop(permit);
    };
    let interactive = async {
        let permit = budget
            .acquire(Priority::Interactive, patience)
            .await
            .expect("interactive");
        order.lock().push("interactive");
        drop(permit);
    };
    let release = async {
        while budget.state().waiting_background == 0 || budget.state().waiting_interactive == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(budget.state().in_flight, 2);
        drop(first);
        drop(second);
    };
    tokio::join!(background, interactive, release);
    assert_eq!(*order.lock(), ["interactive", "background"]);
    assert_eq!(budget.state().in_flight, 0);
    assert_eq!(budget.state().requests, 4);
}

#[test]
fn credentials_are_named_without_being_shown() {
    let clock = Clock::manual("2026-03-01T12:00:00Z".parse().expect("time"));
    let governor = Governor::new(clock, Sharing::default());
    governor.budget("git.example", Some("hunter2"));
    governor.budget("GIT.example", Some("hunter2"));
    governor.budget("git.example", None);
    let states = governor.states();
    assert_eq!(states.len(), 2);
    assert!(!format!("{states:?} {governor:?}").contains("hunter2"));
    assert!(states.iter().any(|state| state.credential == "anonymous"));
}

#[test]
fn the_cache_is_bounded_and_survives_a_restart() {
    let cache = EtagCache::new(8000);
    let answer = |body: &str| CachedAnswer {
        etag: "\"1\"".to_owned(),
        body: body.to_owned(),
        link: None,
    };
    for n in 0..100 {
        cache.put(&format!("k{n:03}"), answer(&"x".repeat(500)));
        // Used again and again: never the one unused for longest.
        let _ = cache.get("k000");
    }
    let kept = cache.export();
    assert!(
        kept.len() < 16 && kept.iter().any(|(key, _)| key == "k000"),
        "{}",
        kept.len()
    );
    assert!(kept.iter().any(|(key, _)| key == "k099"));
    cache.put("huge", answer(&"x".repeat(2000)));
    assert_eq!(cache.get("huge"), None);
    let stored = serde_json::to_string(&kept).expect("JSON");
    let restored = EtagCache::new(8000);
    restored.import(serde_json::from_str::<Vec<(String, CachedAnswer)>>(&stored).expect("JSON"));
    assert_eq!(restored.get("k099"), cache.get("k099"));
}
