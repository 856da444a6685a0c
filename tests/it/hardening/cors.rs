use super::server;
use crate::http::Answer;
use crate::server::Server;

const ALLOWED: &str = "  cors:\n    origin: [https://app.example.com, 'https://*.example.org']\n    credentials: true\n";

fn preflight(server: &Server, origin: &str) -> Answer {
    let head = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization"),
    ];
    server.ask_as("OPTIONS", "/api/catalog/refresh", &head, b"")
}

#[test]
fn nobody_is_let_in_without_a_configuration() {
    let (_files, server) = server("  baseUrl: http://portway.example\n");
    let answer = preflight(&server, "https://app.example.com");
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let head = [("origin", "https://app.example.com")];
    let answer = server.ask_as("GET", "/api/auth/.well-known/jwks.json", &head, b"");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn exactly_the_configured_origins_are_let_in_and_only_to_the_api() {
    let (_files, server) = server(ALLOWED);
    let allowed = preflight(&server, "https://app.example.com");
    assert_eq!(
        allowed.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert_eq!(
        allowed.header("access-control-allow-credentials"),
        Some("true")
    );
    for other in [
        "https://app.example.com.evil.test",
        "https://evil.example.org",
        "http://app.example.com",
        "https://app.example.com:8443",
        "null",
        "https://*.example.org",
    ] {
        let answer = preflight(&server, other);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{other}"
        );
    }
    let head = [("origin", "https://app.example.com")];
    let page = server.ask_as("GET", "/sign-in", &head, b"");
    assert_eq!(page.header("access-control-allow-origin"), None);
    assert!(
        server.log().contains("https://*.example.org"),
        "the pattern is left out without a word"
    );
}
