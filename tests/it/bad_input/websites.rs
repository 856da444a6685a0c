//! Addresses that lead nowhere, and hosts that misbehave.

use serde_json::{Value, json};

use crate::program::{component, folder};
use crate::server::{Server, printed};
use crate::website::Website;

/// A site, and a server that may read it.
fn world() -> (Website, tempfile::TempDir, Server) {
    let site = Website::start();
    let config = format!(
        "backend:\n  reading:\n    allow:\n      - host: '{}'\n",
        site.host()
    );
    let folder = folder(&[("app-config.yaml", &config)]);
    let server = Server::start(folder.path(), &[]);
    (site, folder, server)
}

fn register(server: &Server, url: &str) -> Value {
    let body = json!({"type": "url", "target": url}).to_string();
    let answer = server.ask("POST", "/api/catalog/locations", body.as_bytes());
    assert_eq!(answer.status, 201, "{url}: {}", answer.text());
    answer.json()
}

/// Path, status line, headers, body, and what the registration answers: `<url>`
/// is the whole address of the path, `<hosts>` all that may be read.
const MISBEHAVIOURS: &[(&str, &str, &str, &str, &str)] = &[
    ("/none.yaml", "404 Not Found", "", "", "1:1: error[not-found]: NotFoundError: Unable to read url, no matching files found for <url>
  fix: correct the address, or remove what refers to it; what it brought stays as it was last read
"),
    ("/gone.yaml", "410 Gone", "", "", "1:1: error[not-found]: NotFoundError: Unable to read url, no matching files found for <url>
  fix: correct the address, or remove what refers to it; what it brought stays as it was last read
"),
    ("/closed.yaml", "401 Unauthorized", "", "", "1:1: error[not-allowed]: <url> answered 401: it may not be read without other credentials
  fix: give the host a token under `integrations` in app-config.yaml
"),
    ("/forbidden.yaml", "403 Forbidden", "", "", "1:1: error[not-allowed]: <url> answered 403: it may not be read without other credentials
  fix: give the host a token under `integrations` in app-config.yaml
"),
    ("/busy.yaml", "429 Too Many Requests", "retry-after: 120\r\n", "", "1:1: error[cannot-read]: <url> answered 429: it asks to wait
  fix: nothing to do here; it is tried again by itself
"),
    ("/broken.yaml", "500 Internal Server Error", "", "oops", "1:1: error[cannot-read]: <url> answered 500
  fix: nothing to do here; it is tried again by itself
"),
    ("/page.yaml", "200 OK", "content-type: text/html\r\n", "<p>Sign in</p>", "1:1: error[not-a-file]: <url> answered with a web page, not with a catalog file
  fix: check the address; a sign-in page may answer in place of the file
"),
    ("/picture.yaml", "200 OK", "content-type: image/png\r\n", "\u{89}PNG\0", "1:5: error[binary-file]: the file holds a NUL byte; it is no text file
  accepted: YAML or JSON text in UTF-8
  fix: point the location to a YAML file, or save the file as UTF-8
"),
    ("/text.yaml", "200 OK", "", "hello", "1:1: error[not-a-mapping]: expected an object at the root of the document, found a text
  accepted: a mapping such as `apiVersion: …`, `kind: …`, `metadata: …`, `spec: …`
  fix: write `key: value` lines, or separate several entities by `---` lines
"),
    ("/to-itself.yaml", "302 Found", "location: /to-itself.yaml\r\n", "", "1:1: error[cannot-read]: `<url>` was reached after more than 5 redirects; give the final URL
  fix: correct the address
"),
    ("/nowhere.yaml", "302 Found", "", "", "1:1: error[cannot-read]: <url> answered 302
  fix: nothing to do here; it is tried again by itself
"),
    ("/to-metadata.yaml", "302 Found", "location: http://169.254.169.254/latest\r\n", "", "1:1: error[cannot-read]: reading from `169.254.169.254` is not allowed. Allowed: <hosts>. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: '169.254.169.254' }]`
  fix: allow the host in app-config.yaml, or correct the address
"),
    ("/to-file.yaml", "302 Found", "location: file:///etc/passwd\r\n", "", "1:1: error[cannot-read]: `file:///etc/passwd` cannot be read: its scheme is `file`. Accepted: an `https://` or `http://` URL without user and password
  fix: correct the address
"),
    ("/huge.yaml", "200 OK", "", "HUGE", " error[file-too-large]: the file has 10485761 bytes, which is more than the limit of 10 MiB
  accepted: at most 10 MiB
  fix: split the file, or move large definitions into files of their own and refer to them with `$text`
"),
    ("/cut-off.yaml", "200 OK", "CUT", "kind: Comp", "1:1: error[cannot-read]: `<url>` ended in the middle of its answer: <cause>; nothing of it was used
  fix: nothing to do here; it is tried again by itself
"),
    ("/empty.yaml", "200 OK", "", "", ""),
];

#[test]
fn every_misbehaviour_has_an_answer_that_helps() {
    let (site, _folder, server) = world();
    let hosts = format!(
        "`github.com`, `api.github.com`, `raw.githubusercontent.com`, `codeload.github.com`, `gitlab.com`, `gitea.com`, `codeberg.org`, `{}`",
        site.host()
    );
    let mut wrong = String::new();
    for (path, status, head, body, says) in MISBEHAVIOURS {
        match (*head, *body) {
            ("CUT", body) => site.serve_raw(
                path,
                format!("HTTP/1.1 {status}\r\ncontent-length: 5000\r\n\r\n{body}"),
            ),
            (_, "HUGE") => site.serve(
                path,
                status,
                "content-type: text/yaml\r\n",
                vec![b'#'; 10_485_761],
            ),
            (head, body) => site.serve(path, status, head, body),
        }
        let url = site.url(path);
        let answer = register(&server, &url);
        let said: String = answer["problems"]
            .as_array()
            .into_iter()
            .flatten()
            .map(printed)
            .collect();
        let expected = says.replace("<url>", &url).replace("<hosts>", &hosts);
        let same = match expected.split_once("<cause>") {
            // The words of the HTTP library.
            Some((start, end)) => said.starts_with(start) && said.ends_with(end),
            None => said == expected,
        };
        if !same {
            wrong.push_str(&format!(
                "--- {path}\nexpected:\n{expected}\nsaid:\n{said}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
    // After all of that, a good file is still read at once.
    site.yaml("/good.yaml", &component("good"));
    let good = register(&server, &site.url("/good.yaml"));
    assert_eq!(good["entities"][0]["metadata"]["name"], "good", "{good}");
    assert!(good.get("problems").is_none(), "{good}");
}

#[test]
fn a_host_that_fails_later_loses_nothing_and_says_its_age() {
    let (site, _folder, server) = world();
    site.yaml("/c.yaml", &component("kept"));
    let id = register(&server, &site.url("/c.yaml"))["location"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let source = format!("/api/v1/catalog/sources/{id}");
    let read = server.json(&source)["lastSuccessAt"].clone();
    for (status, head) in [
        ("500 Oops", ""),
        ("404 Not Found", ""),
        ("200 OK", "content-type: text/html\r\n"),
    ] {
        site.serve("/c.yaml", status, head, "<p>maintenance</p>");
        let before = server.json(&source)["lastAttemptAt"].clone();
        let refresh = br#"{"entityRef": "component:default/kept"}"#;
        assert_eq!(
            server.ask("POST", "/api/catalog/refresh", refresh).status,
            200
        );
        server.wait_for(&source, |source| source["lastAttemptAt"] != before);
        let kept = server.ask(
            "GET",
            "/api/catalog/entities/by-name/component/default/kept",
            b"",
        );
        assert_eq!(kept.status, 200, "{status} took the entity away");
        assert_eq!(kept.json()["spec"]["type"], "service");
        let now = server.json(&source);
        assert_eq!(now["lastSuccessAt"], read, "{status}: {now}");
        assert!(now["lastError"].is_string(), "{status}: {now}");
    }
    site.yaml("/c.yaml", &component("kept").replace("service", "website"));
    server.ask(
        "POST",
        "/api/catalog/refresh",
        br#"{"entityRef": "component:default/kept"}"#,
    );
    server.wait_for(
        "/api/catalog/entities/by-name/component/default/kept",
        |kept| kept["spec"]["type"] == "website",
    );
    // The entity can be seen a moment before the refresh has ended.
    server.wait_for(&source, |source| source["lastError"].is_null());
}
