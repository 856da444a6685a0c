//! Guests exist only on the machine that Portway runs on.

use identity::Settings;
use serde_json::{Value, json};

use crate::world::{LISTEN, Setup, World, configured, demo, parts};

const REFRESH: &str = "/api/auth/guest/refresh";
const ENTITIES: &str = "/api/catalog/entities";
const REGISTER: &str = "/api/catalog/locations";

fn guest(options: Value) -> Setup {
    configured(json!({"auth": {"providers": {"guest": options}}}))
}

async fn token(world: &World) -> String {
    let answer = world.get(REFRESH).send().await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.text());
    answer.json()["backstageIdentity"]["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn nobody_is_a_guest_unless_guests_are_wanted() {
    let world = World::new(Setup::default()).await;
    let answer = world.get(REFRESH).send().await;
    assert_eq!(answer.status.as_u16(), 404);
    assert_eq!(answer.json()["error"]["name"], "NotFoundError");
    assert_eq!(
        world
            .post("/api/auth/guest/start")
            .header("sec-fetch-site", "same-origin")
            .status()
            .await,
        404
    );
    assert_eq!(world.get(ENTITIES).status().await, 401);
    let offer = world.identity.sign_in_offer(&parts(&[]));
    assert_eq!((offer.guest, offer.guest_refused), (None, None));
}

#[tokio::test]
async fn a_demo_may_be_looked_at_without_signing_in() {
    let world = World::new(demo()).await;
    let answer = world.get(ENTITIES).send().await;
    assert_eq!(answer.status.as_u16(), 200);
    assert_eq!(
        answer.text(),
        "user:development/guest [user:development/guest]"
    );
    // Reading by POST is reading.
    assert_eq!(
        world.post("/api/catalog/entities/by-refs").status().await,
        200
    );
    // Changing asks for a sign-in, even from this machine.
    let refused = world.post(REGISTER).send().await;
    assert_eq!(refused.status.as_u16(), 401);
    assert_eq!(refused.message(), "Missing credentials");
    assert_eq!(
        world
            .post(REGISTER)
            .header("sec-fetch-site", "same-origin")
            .status()
            .await,
        401
    );
}

#[tokio::test]
async fn only_a_demo_may_be_looked_at_without_signing_in() {
    let world = World::new(guest(json!({}))).await;
    assert_eq!(world.get(ENTITIES).status().await, 401);
    assert_eq!(
        world
            .get(ENTITIES)
            .bearer(&token(&world).await)
            .status()
            .await,
        200
    );
}

#[tokio::test]
async fn a_guest_may_do_everything_in_a_demo_and_look_elsewhere() {
    for (setup, registering) in [(demo(), 200), (guest(json!({})), 403)] {
        let world = World::new(setup).await;
        let token = token(&world).await;
        assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
        assert_eq!(
            world.post(REGISTER).bearer(&token).status().await,
            registering
        );
        let cookie = world.guest_cookie().await;
        let ask = world
            .post(REGISTER)
            .header("cookie", &cookie)
            .header("sec-fetch-site", "same-origin");
        assert_eq!(ask.status().await, registering);
    }
}

#[tokio::test]
async fn the_configured_user_and_ownership_are_used() {
    let options = json!({"userEntityRef": "user:default/kim", "ownershipEntityRefs": ["group:default/guests", "bad:"]});
    let world = World::new(guest(options)).await;
    world.identity.set_ownership(|user| {
        assert_eq!(user.as_str(), "user:default/kim");
        vec![
            "group:default/platform".parse().unwrap(),
            "group:default/guests".parse().unwrap(),
        ]
    });
    let answer = world.get(REFRESH).send().await.json();
    let identity = &answer["backstageIdentity"]["identity"];
    assert_eq!(identity["userEntityRef"], "user:default/kim");
    assert_eq!(
        identity["ownershipEntityRefs"],
        json!(["group:default/guests", "group:default/platform"])
    );
}

#[tokio::test]
async fn no_guest_on_a_server_that_others_can_reach() {
    for listen in ["0.0.0.0:7007", "192.0.2.1:7007", "[::]:7007"] {
        let world = World::new(Setup { listen, ..demo() }).await;
        let answer = world.get(REFRESH).send().await;
        assert_eq!(answer.status.as_u16(), 403, "{listen}");
        assert!(
            answer.message().contains("loopback"),
            "{}",
            answer.message()
        );
        assert_eq!(world.get(ENTITIES).status().await, 401, "{listen}");
        let start = world
            .post("/api/auth/guest/start")
            .header("sec-fetch-site", "same-origin");
        assert_eq!(start.status().await, 403, "{listen}");
        assert!(
            world
                .identity
                .sign_in_offer(&parts(&[]))
                .guest_refused
                .unwrap()
                .contains("loopback")
        );
    }
}

#[tokio::test]
async fn a_guest_of_yesterday_is_nobody_once_the_server_can_be_reached() {
    let world = World::new(demo()).await;
    let (token, cookie) = (token(&world).await, world.guest_cookie().await);
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 200);
    // The same issuer, so that only the listener differs.
    let config = json!({"backend": {"baseUrl": format!("http://{LISTEN}")}});
    let world = world
        .again(Setup {
            listen: "0.0.0.0:7007",
            config,
            ..demo()
        })
        .await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 401);
    assert_eq!(
        world.get(ENTITIES).header("cookie", &cookie).status().await,
        401
    );
    let world = world.again(Setup::default()).await;
    assert_eq!(world.get(ENTITIES).bearer(&token).status().await, 401);
    assert_eq!(
        world.get(ENTITIES).header("cookie", &cookie).status().await,
        401
    );
}

#[tokio::test]
async fn another_sites_name_for_this_machine_is_refused() {
    let world = World::new(demo()).await;
    let cookie = world.guest_cookie().await;
    for host in [
        "evil.example:7007",
        "evil.example",
        "localhost:9999",
        "169.254.169.254:7007",
    ] {
        assert_eq!(
            world.get(REFRESH).header("host", host).status().await,
            403,
            "{host}"
        );
        assert_eq!(
            world.get(ENTITIES).header("host", host).status().await,
            401,
            "{host}"
        );
        let with_cookie = world
            .get(ENTITIES)
            .header("host", host)
            .header("cookie", &cookie);
        assert_eq!(with_cookie.status().await, 401, "{host}");
    }
    for host in ["localhost:7007", "127.0.0.1:7007", "[::1]:7007"] {
        assert_eq!(
            world.get(ENTITIES).header("host", host).status().await,
            200,
            "{host}"
        );
    }
}

#[tokio::test]
async fn claims_to_come_from_this_machine_are_not_believed() {
    let world = World::new(demo()).await;
    for (name, value) in [
        ("x-forwarded-for", "127.0.0.1"),
        ("forwarded", "for=127.0.0.1"),
        ("x-real-ip", "127.0.0.1"),
        ("x-forwarded-host", "localhost:7007"),
    ] {
        let far = world
            .get(REFRESH)
            .peer("192.0.2.9:4000")
            .header(name, value);
        assert_eq!(far.status().await, 403, "{name}");
        // A proxy on this machine speaks for somebody elsewhere.
        assert_eq!(
            world.get(REFRESH).header(name, value).status().await,
            403,
            "{name}"
        );
        assert_eq!(
            world.get(ENTITIES).header(name, value).status().await,
            401,
            "{name}"
        );
    }
}

#[tokio::test]
async fn starting_as_guest_returns_only_to_this_site() {
    let world = World::new(demo()).await;
    for (wanted, location) in [
        ("returnTo=%2Fcatalog%3Fkind%3Dapi", "/catalog?kind=api"),
        ("returnTo=%2F%2Fevil.example", "/"),
        ("returnTo=https%3A%2F%2Fevil.example", "/"),
        ("", "/"),
    ] {
        let ask = world
            .post("/api/auth/guest/start")
            .header("sec-fetch-site", "same-origin")
            .form(wanted);
        let answer = ask.send().await;
        assert_eq!(answer.status.as_u16(), 303);
        assert_eq!(answer.headers["location"], location);
    }
}

#[tokio::test]
async fn another_site_cannot_sign_anybody_in() {
    let world = World::new(demo()).await;
    for site in ["cross-site", "same-site", "none"] {
        let answer = world
            .post("/api/auth/guest/start")
            .header("sec-fetch-site", site)
            .send()
            .await;
        assert_eq!(answer.status.as_u16(), 403, "{site}");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(world.post("/api/auth/guest/start").status().await, 403);
}

#[test]
fn the_option_to_admit_guests_from_anywhere_is_refused() {
    let config =
        json!({"auth": {"providers": {"guest": {"dangerouslyAllowOutsideDevelopment": true}}}});
    let (settings, problems) = Settings::read(&config);
    assert!(settings.guest.is_some());
    assert_eq!(problems.len(), 1);
    assert!(problems[0].message.contains("refused"));
    assert!(problems[0].accepted.contains("token"));
}
