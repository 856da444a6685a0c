use serde_json::json;

use super::server;
use crate::server::Server;

/// Three requests of each class, and then one in a thousand seconds.
const FEW: &str = "perSecond: 0.001, burst: 3";

fn token(server: &Server, name: &str) -> String {
    let body = json!({"name": name, "scope": "all"}).to_string();
    let made = server.ask("POST", "/api/v1/actions/token:create", body.as_bytes());
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["secret"].as_str().unwrap().to_owned()
}

#[test]
fn an_actor_that_asks_too_often_is_told_when_to_come_back() {
    let (_files, server) = server(&format!(
        "  limits: {{rates: {{read: {{{FEW}}}, search: {{{FEW}}}}}}}\n"
    ));
    let busy = token(&server, "busy");
    let calm = token(&server, "calm");
    let entities = |token: &str| {
        let bearer = format!("Bearer {token}");
        let head = [("authorization", bearer.as_str())];
        server.ask_as("GET", "/api/catalog/entities", &head, b"")
    };
    for left in [2, 1, 0] {
        let answer = entities(&busy);
        assert_eq!(answer.status, 200, "{}", answer.text());
        let header = answer.header("ratelimit").unwrap();
        assert!(
            header.starts_with(&format!("\"read\";r={left};t=")),
            "{header}"
        );
        assert_eq!(
            answer.header("ratelimit-policy"),
            Some("\"read\";q=3;w=3000")
        );
    }
    let refused = entities(&busy);
    assert_eq!(refused.status, 429, "{}", refused.text());
    let error = refused.json()["error"].clone();
    assert_eq!(error["name"], "TooManyRequestsError");
    assert_eq!(error["message"], "Too many requests of the class read");
    assert!(
        error["fix"]
            .as_str()
            .unwrap()
            .contains("backend.limits.rates.read")
    );
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((900..=1_000).contains(&wait), "{wait}");
    assert_eq!(entities(&calm).status, 200, "another actor is not meant");
    for _ in 0..5 {
        assert_eq!(server.ask("GET", "/healthz", b"").status, 200);
    }
    let search = server.ask("GET", "/api/search/query?term=x", b"");
    assert_eq!(search.status, 200, "another class is not meant");
    let page = server.ask_as(
        "GET",
        "/catalog",
        &[
            ("authorization", &format!("Bearer {busy}")),
            ("accept", "text/html"),
        ],
        b"",
    );
    assert_eq!(page.status, 429);
    assert!(page.text().contains("Too many requests"), "{}", page.text());
    assert!(page.header("retry-after").is_some());
    let metrics = server.ask("GET", "/metrics", b"").text();
    assert!(
        metrics.contains("portway_http_rate_limited_total 2"),
        "{metrics}"
    );
}

#[test]
fn strangers_are_told_apart_by_the_address_that_trusted_proxies_saw() {
    let rates = format!("  limits: {{rates: {{signIn: {{{FEW}}}}}}}\n");
    let ask = |server: &Server, from: &str| {
        let head = [("x-forwarded-for", from)];
        server.ask_as("GET", "/sign-in", &head, b"").status
    };
    let (_files, behind) = server(&format!("  trustedProxies: [loopback]\n{rates}"));
    for _ in 0..3 {
        assert_ne!(ask(&behind, "192.0.2.1"), 429);
    }
    assert_eq!(ask(&behind, "192.0.2.1"), 429);
    assert_eq!(
        ask(&behind, "6.6.6.6, 192.0.2.1"),
        429,
        "what a client writes counts"
    );
    assert_ne!(ask(&behind, "192.0.2.2"), 429);
    let (_files, direct) = server(&rates);
    for last in 1..=3 {
        assert_ne!(ask(&direct, &format!("192.0.2.{last}")), 429);
    }
    assert_eq!(
        ask(&direct, "192.0.2.4"),
        429,
        "a header made a new address"
    );
}

#[test]
fn credentials_that_are_wrong_cannot_be_tried_for_ever() {
    let (_files, server) = server(&format!("  limits: {{rates: {{refused: {{{FEW}}}}}}}\n"));
    let [used, unused] = ["used", "unused"].map(|name| token(&server, name));
    let ask_with = |token: &str| {
        let bearer = format!("Bearer {token}");
        let head = [("authorization", bearer.as_str())];
        server
            .ask_as("GET", "/api/catalog/entities", &head, b"")
            .status
    };
    let ask = |at: usize| ask_with(&format!("pw_{at}"));
    assert_eq!(ask_with(&used), 200);
    assert_eq!([0, 1, 2, 3].map(ask), [401, 401, 401, 429]);
    assert_eq!(
        ask_with(&unused),
        429,
        "a guess that is right is not told from the others"
    );
    assert_eq!(ask_with(&used), 200, "what was good before is not meant");
    assert_eq!(
        server.ask("GET", "/api/catalog/entities", b"").status,
        200,
        "nor is whoever shows no credentials"
    );
}
