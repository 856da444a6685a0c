use platform::http::Access;

use super::filled;
use crate::program::folder;
use crate::server::{Server, table};

/// Routes that act for nobody in particular, whoever's cookie comes along, with
/// what protects them instead.
const FOR_NOBODY: &[(&str, &str)] = &[
    ("/webhooks/{forge}", "a signature of the body"),
    ("/api/auth/v1/token", "a code or a token in the body"),
    (
        "/api/auth/v1/device_authorization",
        "a signed-in person who confirms the code on our own page",
    ),
    ("/api/auth/v1/revoke", "the token in the body"),
];

/// The session cookie of the demo's guest.
fn signed_in(server: &Server) -> String {
    let origin = format!("http://{}", server.address);
    let head = [
        ("host", server.address.as_str()),
        ("origin", origin.as_str()),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let answer = server.ask_as("POST", "/sign-in/guest", &head, b"");
    let cookie = answer
        .header("set-cookie")
        .unwrap_or_else(|| panic!("nobody is signed in: {} {}", answer.status, answer.text()));
    cookie.split(';').next().unwrap().to_owned()
}

#[test]
fn no_route_that_changes_something_takes_a_cookie_from_another_site() {
    let files = folder(&[]);
    let server = Server::start(files.path(), &["--demo"]);
    server.settled();
    let cookie = signed_in(&server);
    let address = server.address.clone();
    let own = format!("http://{address}");
    let session: &[(&str, &str)] = &[("host", &address), ("cookie", &cookie)];
    let from = |proof: &[(&'static str, &'static str)]| {
        let mut head = session.to_vec();
        head.extend(proof.iter().copied());
        head
    };
    let sites = [
        from(&[
            ("sec-fetch-site", "cross-site"),
            ("origin", "https://evil.example"),
        ]),
        from(&[("sec-fetch-site", "same-site")]),
        from(&[("sec-fetch-site", "none")]),
        from(&[("origin", "https://evil.example")]),
        from(&[("origin", "null")]),
        from(&[("origin", "http://127.0.0.1:1")]),
        from(&[("referer", "https://evil.example/")]),
        // Neither header: the request of an old browser or of a program.
        from(&[]),
    ];
    let mut walked = 0;
    for route in table() {
        let method = route.method.as_str();
        if matches!(method, "GET" | "HEAD" | "OPTIONS") {
            continue;
        }
        walked += 1;
        let path = filled(&route.path);
        let free = FOR_NOBODY.iter().any(|(own, _)| *own == route.path);
        for head in &sites {
            let answer = server.ask_as(method, &path, head, b"{}");
            let what = format!("{method} {path} with {:?}: {}", &head[2..], answer.status);
            assert!(
                free || !(200..400).contains(&answer.status),
                "{what} is done"
            );
            match route.access {
                Access::Needs(_) => assert_eq!(answer.status, 403, "{what}"),
                Access::Public(_) if free => {}
                Access::Public(_) => {
                    assert!((400..500).contains(&answer.status), "{what}");
                }
            }
            assert_eq!(answer.header("set-cookie"), None, "{what} sets a cookie");
        }
    }
    assert!(walked > 30, "only {walked} routes change something");
    // The session has outlived all of it, and our own pages may use it.
    let mut ours = session.to_vec();
    ours.extend([("origin", own.as_str()), ("sec-fetch-site", "same-origin")]);
    let body = br#"{"entityRef":"component:default/none"}"#;
    let refresh = server.ask_as("POST", "/api/catalog/refresh", &ours, body);
    assert!(!matches!(refresh.status, 401 | 403), "{}", refresh.text());
}

#[test]
fn a_browser_that_says_nothing_of_its_origin_shows_the_token_of_a_page() {
    let files = folder(&[]);
    let server = Server::start(files.path(), &["--demo"]);
    server.settled();
    let session = signed_in(&server);
    let address = server.address.clone();
    let old = ("user-agent", "Mozilla/5.0 (old browser)");
    let page = server.ask_as(
        "GET",
        "/settings",
        &[("host", &address), old, ("cookie", &session)],
        b"",
    );
    let field = "name=\"portway-form\" value=\"";
    let html = page.text();
    let (_, rest) = html.split_once(field).expect("a token");
    let token = rest.split('"').next().unwrap();
    let cookie = page.header("set-cookie").expect("a value of its own");
    assert!(cookie.contains("HttpOnly"), "{cookie}");
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let own = cookie.split(';').next().unwrap();
    let both = format!("{session}; {own}");
    let post = |agent: (&'static str, &'static str), cookies: &str, body: &str| {
        let head = [
            ("host", address.as_str()),
            agent,
            ("cookie", cookies),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        server
            .ask_as("POST", "/sign-out", &head, body.as_bytes())
            .status
    };
    let good = format!("portway-form={token}");
    let planted = format!("{session}; portway_form={}", "x".repeat(43));
    for (cookies, body) in [
        (both.as_str(), ""),
        (both.as_str(), "portway-form="),
        (both.as_str(), "portway-form=AAAA"),
        (session.as_str(), good.as_str()),
        (planted.as_str(), good.as_str()),
        (both.as_str(), &format!("{good}&{good}x")),
    ] {
        assert_eq!(post(old, cookies, body), 403, "{cookies} {body}");
    }
    // Not for programs either, which send a token of their own.
    assert_eq!(post(("user-agent", "curl/8"), &both, &good), 403);
    // Another site's form of the same old browser has no token; ours has.
    assert_eq!(post(old, &both, &good), 303);
    // And browsers of today get pages without it.
    let new = [
        ("host", address.as_str()),
        old,
        ("sec-fetch-site", "none"),
        ("cookie", both.as_str()),
    ];
    let page = server.ask_as("GET", "/settings", &new, b"");
    assert!(!page.text().contains(field));
}
