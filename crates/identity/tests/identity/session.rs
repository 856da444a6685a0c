//! Sessions: how they begin, how long they live, how they end.

use axum::http::Request;
use identity::{SESSION_CREATED, SESSION_ENDED};
use serde_json::json;

use crate::world::{LISTEN, Setup, World, code, configured, demo, pair, parts};

const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";

pub(crate) async fn counts(world: &World, cookie: &str) -> bool {
    world.get(ENTITIES).header("cookie", cookie).status().await == 200
}

#[tokio::test]
pub(crate) async fn a_link_signs_in_once_as_the_operator() {
    let world = World::new(Setup::default()).await;
    let link = world.identity.issue_sign_in_link().await.unwrap();
    assert!(
        link.expose()
            .starts_with(&format!("http://{LISTEN}/sign-in?code="))
    );
    let signed_in = world
        .identity
        .sign_in_with_code(&parts(&[]), code(&link))
        .await
        .unwrap();
    assert_eq!(signed_in.user.as_str(), "user:default/admin");
    let cookie = pair(signed_in.cookie.to_str().unwrap());
    let answer = world.get(ENTITIES).header("cookie", &cookie).send().await;
    assert_eq!(answer.text(), "user:default/admin [user:default/admin]");
    let change = world
        .post(REGISTER)
        .header("cookie", &cookie)
        .header("sec-fetch-site", "same-origin");
    assert_eq!(change.status().await, 200);

    let again = world
        .identity
        .sign_in_with_code(&parts(&[]), code(&link))
        .await
        .unwrap_err();
    assert_eq!(again.status.as_u16(), 401);
    assert!(again.message.contains("used"));
    assert!(counts(&world, &cookie).await, "the first session goes on");
}

#[tokio::test]
pub(crate) async fn of_two_who_open_a_link_at_once_one_gets_in() {
    let world = World::new(Setup::default()).await;
    let link = world.identity.issue_sign_in_link().await.unwrap();
    let (a, b) = (parts(&[]), parts(&[]));
    let both = tokio::join!(
        world.identity.sign_in_with_code(&a, code(&link)),
        world.identity.sign_in_with_code(&b, code(&link))
    );
    assert_eq!(
        [both.0.is_ok(), both.1.is_ok()]
            .iter()
            .filter(|ok| **ok)
            .count(),
        1
    );
}

#[tokio::test]
pub(crate) async fn a_link_runs_out_and_wrong_codes_are_refused() {
    let world = World::new(Setup::default()).await;
    let link = world.identity.issue_sign_in_link().await.unwrap();
    for wrong in ["", "x", "../../etc/passwd", "\0", &"a".repeat(100_000)] {
        let refused = world
            .identity
            .sign_in_with_code(&parts(&[]), wrong)
            .await
            .unwrap_err();
        assert_eq!(refused.status.as_u16(), 401);
    }
    world.minutes(15);
    let refused = world
        .identity
        .sign_in_with_code(&parts(&[]), code(&link))
        .await
        .unwrap_err();
    assert_eq!(refused.status.as_u16(), 401);
    assert!(refused.fix.unwrap().contains("start Portway again"));
}

#[tokio::test]
pub(crate) async fn a_session_ends_after_twelve_hours_without_use() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    for _ in 0..5 {
        world.hours(11);
        assert!(counts(&world, &cookie).await, "use keeps it alive");
    }
    world.hours(12);
    assert!(!counts(&world, &cookie).await);
}

#[tokio::test]
pub(crate) async fn a_session_ends_after_thirty_days_whatever_happens() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    for _ in 0..65 {
        world.hours(11);
        assert!(counts(&world, &cookie).await);
    }
    world.hours(5);
    assert!(!counts(&world, &cookie).await);
}

#[tokio::test]
pub(crate) async fn signing_out_ends_the_session_on_the_server() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    let cleared = world
        .identity
        .sign_out(&parts(&[("cookie", &cookie)]))
        .await
        .unwrap();
    assert!(cleared.to_str().unwrap().contains("Max-Age=0"));
    assert!(
        !counts(&world, &cookie).await,
        "the old cookie is worth nothing"
    );
    let kinds: Vec<_> = world
        .events("dev.portway.identity.session")
        .await
        .into_iter()
        .map(|event| (event.kind, event.actor.name))
        .collect();
    let admin = "user:default/admin".to_owned();
    assert_eq!(
        kinds,
        [
            (SESSION_CREATED.0.to_owned(), admin.clone()),
            (SESSION_ENDED.0.to_owned(), admin)
        ]
    );
}

#[tokio::test]
pub(crate) async fn signing_in_again_replaces_the_session() {
    let world = World::new(demo()).await;
    let first = world.guest_cookie().await;
    let answer = world
        .post("/api/auth/guest/start")
        .header("cookie", &first)
        .header("sec-fetch-site", "same-origin")
        .send()
        .await;
    let second = answer.cookie();
    assert_ne!(first, second);
    let register = |cookie: String| {
        world
            .post(REGISTER)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &cookie)
    };
    assert_eq!(register(first).status().await, 401);
    assert_eq!(register(second).status().await, 200);
}

#[tokio::test]
pub(crate) async fn another_site_cannot_use_the_session_to_change_anything() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    let ask = || world.post(REGISTER).header("cookie", &cookie);
    for site in ["cross-site", "same-site", "none"] {
        let answer = ask().header("sec-fetch-site", site).send().await;
        assert_eq!(answer.status.as_u16(), 403, "{site}");
        assert!(answer.message().contains("another site"));
    }
    assert_eq!(
        ask()
            .header("origin", "https://evil.example")
            .status()
            .await,
        403
    );
    assert_eq!(ask().header("origin", "null").status().await, 403);
    assert_eq!(ask().status().await, 403, "no proof at all");
    assert_eq!(
        ask().header("sec-fetch-site", "same-origin").status().await,
        200
    );
    assert_eq!(
        ask()
            .header("origin", &format!("http://{LISTEN}"))
            .status()
            .await,
        200
    );
    // Nor sign anybody out, nor in.
    let refused = world
        .identity
        .sign_out(&parts(&[
            ("cookie", &cookie),
            ("sec-fetch-site", "cross-site"),
        ]))
        .await;
    assert_eq!(refused.unwrap_err().status.as_u16(), 403);
    assert!(counts(&world, &cookie).await);
}

#[tokio::test]
pub(crate) async fn a_token_counts_before_a_cookie_and_needs_no_origin() {
    let world = World::new(Setup::default()).await;
    let cookie = world.operator_cookie().await;
    let token = world.token(json!({"name": "ci", "scope": "read"})).await;
    let ask = world.get(ENTITIES).header("cookie", &cookie).bearer(&token);
    assert_eq!(ask.send().await.text(), "token:ci []");
    assert_eq!(
        world
            .post(REGISTER)
            .header("cookie", &cookie)
            .bearer(&token)
            .status()
            .await,
        403
    );
    assert_eq!(
        world
            .get(ENTITIES)
            .header("cookie", &cookie)
            .bearer("wrong")
            .status()
            .await,
        401
    );
}

#[tokio::test]
pub(crate) async fn invented_cookies_are_nobody_and_do_not_hinder_public_pages() {
    let world = World::new(Setup::default()).await;
    for cookie in [
        "portway_session=x",
        "portway_session=",
        "portway_session=a; portway_session=b",
        "x",
    ] {
        let answer = world.get(ENTITIES).header("cookie", cookie).send().await;
        assert_eq!(
            (answer.status.as_u16(), answer.message().as_str()),
            (401, "Missing credentials")
        );
        assert_eq!(
            world
                .get("/healthz")
                .header("cookie", cookie)
                .status()
                .await,
            200
        );
    }
}

#[tokio::test]
pub(crate) async fn cookies_are_bound_to_https_when_people_use_it() {
    let config = json!({"backend": {"baseUrl": "https://portway.example.com/"}});
    let world = World::new(configured(config)).await;
    let link = world.identity.issue_sign_in_link().await.unwrap();
    let signed_in = world
        .identity
        .sign_in_with_code(&parts(&[]), code(&link))
        .await
        .unwrap();
    let cookie = signed_in.cookie.to_str().unwrap();
    assert!(
        cookie.starts_with("__Host-portway_session="),
        "{}",
        pair(cookie).len()
    );
    for attribute in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(cookie.contains(&format!("; {attribute}")), "{attribute}");
    }
    assert!(counts(&world, &pair(cookie)).await);
}

#[tokio::test]
pub(crate) async fn the_request_behind_a_sign_in_may_be_a_plain_visit() {
    let world = World::new(Setup::default()).await;
    let link = world.identity.issue_sign_in_link().await.unwrap();
    // Somebody clicks on the link in a terminal: GET, Sec-Fetch-Site: none.
    let visit = Request::builder()
        .uri("/sign-in")
        .header("host", LISTEN)
        .header("sec-fetch-site", "none");
    let visit = visit.body(()).unwrap().into_parts().0;
    assert!(
        world
            .identity
            .sign_in_with_code(&visit, code(&link))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn looking_ahead_does_not_use_a_link_up() {
    let world = World::new(Setup::default()).await;
    let link = world.identity.issue_sign_in_link().await.unwrap();
    let peek = |method: &str, purpose: Option<&str>| {
        let mut request = Request::builder()
            .method(method)
            .uri("/sign-in")
            .header("host", LISTEN);
        if let Some(purpose) = purpose {
            request = request.header("sec-purpose", purpose);
        }
        request.body(()).unwrap().into_parts().0
    };
    for visit in [
        peek("HEAD", None),
        peek("GET", Some("prefetch;prerender")),
        peek("GET", Some("prefetch")),
    ] {
        let refused = world
            .identity
            .sign_in_with_code(&visit, code(&link))
            .await
            .unwrap_err();
        assert_eq!(refused.status.as_u16(), 403);
    }
    assert!(
        world
            .identity
            .sign_in_with_code(&peek("GET", None), code(&link))
            .await
            .is_ok()
    );
}
