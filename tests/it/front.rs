//! The front of the portal: home, settings, the API explorer, what happens when
//! an address or a session is wrong.

use crate::program::{component, folder};
use crate::server::Server;

const OURS: (&str, &str) = ("sec-fetch-site", "same-origin");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

fn started() -> (tempfile::TempDir, Server) {
    let files = folder(&[
        ("orders.yaml", &component("orders")),
        (
            "app-config.yaml",
            "auth: {providers: {guest: {}}}\nportal:\n  announcements:\n    - {text: {en: Frozen on Friday, ko: 금요일 동결}, tone: warn}\n    - {text: Long gone, until: 2001-01-01}\n",
        ),
    ]);
    let server = Server::start(files.path(), &["orders.yaml"]);
    server.settled();
    (files, server)
}

fn page(server: &Server, path: &str) -> String {
    let answer = server.ask("GET", path, b"");
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    answer.text()
}

#[test]
fn home_has_what_is_announced_until_its_day_has_passed() {
    let (_files, server) = started();
    let home = page(&server, "/");
    assert!(home.contains("Frozen on Friday"), "{home}");
    assert!(!home.contains("Long gone"), "{home}");
    let bearer = format!("Bearer {}", server.token);
    let head = [
        ("authorization", bearer.as_str()),
        ("accept-language", "ko"),
    ];
    let korean = server.ask_as("GET", "/", &head, b"").text();
    assert!(korean.contains("금요일 동결"), "{korean}");
}

#[test]
fn a_token_is_made_once_and_revoked_on_the_settings_page() {
    // The guest of the demo may change things.
    let files = folder(&[]);
    let server = Server::start(files.path(), &["--demo"]);
    let host = ("host", server.address.as_str());
    let signed_in = server.ask_as(
        "POST",
        "/sign-in/guest",
        &[OURS, FORM, host],
        b"back=/settings",
    );
    assert_eq!(
        signed_in.header("location"),
        Some("/settings"),
        "{}",
        signed_in.text()
    );
    let cookie = signed_in.header("set-cookie").unwrap().to_owned();
    let cookie = ("cookie", cookie.split(';').next().unwrap());
    let form = b"name=ci-front&scope=chosen&permissions=catalog.entity.read&days=30";
    let made = server.ask_as(
        "POST",
        "/settings/tokens",
        &[OURS, FORM, host, cookie],
        form,
    );
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.header("cache-control"), Some("no-store"));
    let text = made.text();
    let secret = text.split("pw_").nth(1).unwrap().split('<').next().unwrap();
    let bearer = format!("Bearer pw_{}", secret.trim());
    let asked = |path| {
        server
            .ask_as("GET", path, &[("authorization", &bearer)], b"")
            .status
    };
    assert_eq!(asked("/api/catalog/entities"), 200);
    assert_eq!(asked("/api/v1/runs"), 403);
    // The button pressed twice.
    let again = server.ask_as(
        "POST",
        "/settings/tokens",
        &[OURS, FORM, host, cookie],
        form,
    );
    assert_eq!(again.status, 422);
    assert!(
        again.text().contains("ci-front works already"),
        "{}",
        again.text()
    );
    assert!(!again.text().contains(secret.trim()));
    let settings = server
        .ask_as("GET", "/settings/tokens", &[host, cookie], b"")
        .text();
    let row = settings.split(">ci-front<").nth(1).unwrap();
    let id = row.split("name=\"token\" value=\"").nth(1).unwrap();
    let id = id.split('"').next().unwrap();
    let body = format!("token={id}");
    let gone = server.ask_as(
        "POST",
        "/settings/tokens/revoke",
        &[OURS, FORM, host, cookie],
        body.as_bytes(),
    );
    assert_eq!(
        (gone.status, gone.header("location")),
        (303, Some("/settings/tokens"))
    );
    assert_eq!(asked("/api/catalog/entities"), 401);
}

#[test]
fn a_form_that_comes_after_the_session_ended_loses_nothing() {
    let (_files, server) = started();
    let head = [OURS, FORM, ("referer", "http://127.0.0.1/settings?x=1")];
    let form = b"name=ci+%3Cb%3E&scope=read&dbPassword=hunter2";
    let answer = server.ask_as("POST", "/settings/tokens", &head, form);
    assert_eq!(answer.status, 401);
    let text = answer.text();
    assert!(text.contains("nothing is lost"), "{text}");
    assert!(
        text.contains(r#"name="name" value="ci &#60;b&#62;""#),
        "{text}"
    );
    assert!(text.contains(r#"action="/settings/tokens""#), "{text}");
    assert!(text.contains("/sign-in?back=%2Fsettings%3Fx%3D1"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    // Another site's form is not offered for sending again.
    let head = [("sec-fetch-site", "cross-site"), FORM];
    let answer = server.ask_as("POST", "/settings/tokens", &head, form);
    assert_eq!(answer.status, 401);
    assert!(
        !answer.text().contains("Send it again"),
        "{}",
        answer.text()
    );
}

#[test]
fn an_unknown_address_proposes_the_nearest_that_the_reader_may_see() {
    let (_files, server) = started();
    let found = server.ask("GET", "/compnents", b"");
    assert_eq!(found.status, 404);
    assert!(
        found.text().contains("/catalog?kind=component"),
        "{}",
        found.text()
    );
    let entity = server.ask("GET", "/catalog/default/componant/nothing-at-all", b"");
    assert_eq!(entity.status, 404);
    assert!(
        entity.text().contains("/catalog?kind=component"),
        "{}",
        entity.text()
    );
    // Nobody in particular may not know what there is.
    let nobody = [("host", "portway.example")];
    let found = server.ask_as("GET", "/sourcs", &nobody, b"");
    let links = found.text();
    let main = links.split("<main").nth(1).unwrap();
    assert!(!main.contains("/sources"), "{main}");
}

#[test]
fn the_explorer_shows_every_described_operation_and_tries_out_what_reads() {
    let (_files, server) = started();
    let document = server.ask("GET", "/api/openapi.json", b"").json();
    let list = page(&server, "/api-explorer");
    let paths = document["paths"].as_object().unwrap();
    for operation in paths
        .values()
        .flat_map(|methods| methods.as_object().unwrap().values())
    {
        let id = operation["operationId"]
            .as_str()
            .unwrap()
            .replace(':', "%3A");
        assert!(list.contains(&format!("/api-explorer/{id}\"")), "{id}");
        let shown = page(&server, &format!("/api-explorer/{id}"));
        assert!(shown.contains("curl "), "{id}");
    }
    let get = page(&server, "/api-explorer/getEntityByName");
    assert!(get.contains(r#"name="path.kind""#), "{get}");
    assert!(get.contains("You may call it"), "{get}");
    let tried = "/api-explorer/getEntityByName/try?path.kind=component&path.namespace=default&path.name=a%2Fb";
    let tried = server.ask("GET", tried, b"");
    assert_eq!(
        (tried.status, tried.header("location")),
        (
            303,
            Some("/api/catalog/entities/by-name/component/default/a%2Fb")
        )
    );
    let incomplete = server.ask("GET", "/api-explorer/getEntityByName/try?path.kind=x", b"");
    assert_eq!(incomplete.status, 400);
    assert_eq!(
        server
            .ask("GET", "/api-explorer/deleteEntityByUid/try", b"")
            .status,
        404
    );
    let nobody = server
        .ask_as("GET", "/api-explorer/deleteEntityByUid", &[], b"")
        .text();
    assert!(nobody.contains("Needs catalog.entity.delete"), "{nobody}");
}

#[test]
fn health_is_told_by_the_five_layers() {
    let (_files, server) = started();
    let health = server.ask("GET", "/admin/health.json", b"").json();
    let layers: Vec<_> = health["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| layer["layer"].as_str().unwrap())
        .collect();
    assert_eq!(
        layers,
        [
            "portal",
            "integration-and-delivery",
            "security-and-compliance",
            "resource-management",
            "infrastructure"
        ]
    );
    let page = page(&server, "/admin/health");
    for layer in layers {
        assert!(page.contains(&format!("id=\"{layer}\"")), "{layer}");
    }
    assert!(page.contains("Checked "), "{page}");
}
