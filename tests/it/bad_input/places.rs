//! Locations and substitutions that lead to nothing, or to what must not be
//! read. Each case is a file in a folder that is a source; the folder beside
//! it, `outside`, belongs to nobody.

use std::os::unix::fs::symlink;
use std::path::Path;

use serde_json::Value;

use crate::program::{component, run, write};
use crate::server::{Server, printed};

/// Allowed without configuration.
const KNOWN: &str = "`github.com`, `api.github.com`, `raw.githubusercontent.com`, `codeload.github.com`, `gitlab.com`, `gitea.com`, `codeberg.org`";

struct Case {
    name: &'static str,
    /// Below `spec:` of a Location, or `$text` and the like of a component.
    text: &'static str,
    /// What the server says; TREE and KNOWN stand for the folder and the hosts.
    says: &'static str,
    /// Whether this can be known without a network.
    offline: bool,
}

const fn target(name: &'static str, text: &'static str, says: &'static str) -> Case {
    Case {
        name,
        text,
        says,
        offline: true,
    }
}

const fn online(name: &'static str, text: &'static str, says: &'static str) -> Case {
    Case {
        name,
        text,
        says,
        offline: false,
    }
}

const CASES: &[Case] = &[
    target("missing", "targets: [./none.yaml]", "6:13: error[not-found]: NotFoundError: Unable to read file, no matching files found for TREE/none.yaml
  fix: create the file, or remove what refers to it"),
    target("missing-optional", "targets: [./none-either.yaml]\n  presence: optional", ""),
    target("folder", "targets: [./sub]", "6:13: error[is-a-folder]: TREE/sub is a folder, not a file
  fix: name a file in it, or give the folder to Portway as a source"),
    target("climbing", "targets: [../outside/secret.yaml]", "6:13: error[outside-tree]: OUTSIDE/secret.yaml lies outside of TREE, the tree of its source
  fix: move the file into the tree, or declare it as a source of its own"),
    target("climbing-far", "targets: [../../../../../../../../etc/hostname]", "6:13: error[outside-tree]: /etc/hostname lies outside of TREE, the tree of its source
  fix: move the file into the tree, or declare it as a source of its own"),
    target("file-url", "target: file:///etc/hostname", "6:11: error[file-url]: file:///etc/hostname is not relative to file:TREE/file-url.yaml
  fix: write a path relative to the file, such as ./openapi.yaml"),
    // As on code hosts, a slash at the beginning is the root of the tree.
    target("absolute", "target: /etc/passwd", "6:11: error[not-found]: NotFoundError: Unable to read file, no matching files found for TREE/etc/passwd
  fix: create the file, or remove what refers to it"),
    target("ftp", "target: ftp://files.example.com/x.yaml", "6:11: error[bad-location]: ftp://files.example.com/x.yaml is neither a path nor an address that begins with https:// or http://
  fix: write a path relative to the file, or an https:// address"),
    target("javascript", "target: javascript:alert(1)", "6:11: error[bad-location]: javascript:alert(1) is neither a path nor an address that begins with https:// or http://
  fix: write a path relative to the file, or an https:// address"),
    target("data", "target: 'data:text/yaml,kind: Component'", "6:11: error[bad-location]: data:text/yaml,kind: Component is neither a path nor an address that begins with https:// or http://
  fix: write a path relative to the file, or an https:// address"),
    target("ssh", "target: ssh://git@example.com/a.git", "6:11: error[bad-location]: ssh://git@example.com/a.git is neither a path nor an address that begins with https:// or http://
  fix: write a path relative to the file, or an https:// address"),
    target("climbing-to-nothing", "targets: [../outside/none.yaml]", "6:13: error[outside-tree]: OUTSIDE/none.yaml lies outside of TREE, the tree of its source
  fix: move the file into the tree, or declare it as a source of its own"),
    target("url-type-of-ftp", "type: url\n  target: ftp://files.example.com/x.yaml", "7:11: error[bad-location]: ftp://files.example.com/x.yaml is neither a path nor an address that begins with https:// or http://
  fix: write a path relative to the file, or an https:// address"),
    target("pattern-without-match", "target: ./none-*.yaml", "6:11: error[not-found]: NotFoundError: Unable to read file, no matching files found for TREE/none-*.yaml
  fix: correct the pattern, or remove what refers to it"),
    target("pattern-with-open-bracket", "target: ./x[*.yaml", "6:11: error[bad-pattern]: TREE/x[*.yaml is not a pattern for paths: error parsing glob 'TREE/x[*.yaml': unclosed character class; missing ']'
  fix: use `*`, `**` and `{a,b}`"),
    target("other-type", "type: s3\n  target: ./ok.yaml", "7:11: error[location-type]: A Location read from type file may not lead to type s3
  fix: leave spec.type out, or set it to url"),
    target("to-itself", "target: ./to-itself.yaml", ""),
    target("chain-one", "target: ./chain-two.yaml", ""),
    target("chain-two", "target: ./chain-one.yaml", ""),
    target("no-target", "type: url", ""),
    online("metadata-service", "target: http://169.254.169.254/latest/meta-data", "6:11: error[cannot-read]: reading from `169.254.169.254` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: '169.254.169.254' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
    online("this-machine", "target: http://127.0.0.1:9/x.yaml", "6:11: error[cannot-read]: reading from `127.0.0.1:9` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: '127.0.0.1:9' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
    online("this-machine-by-name", "target: http://localhost:9/x.yaml", "6:11: error[cannot-read]: reading from `localhost:9` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: 'localhost:9' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
    online("this-machine-in-ipv6", "target: 'http://[::1]/x.yaml'", "6:11: error[cannot-read]: reading from `[::1]` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: '[::1]' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
    online("this-machine-in-hexadecimal", "target: http://0x7f.1/x.yaml", "6:11: error[cannot-read]: reading from `127.0.0.1` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: '127.0.0.1' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
    online("unlisted-host", "target: https://files.example.com/x.yaml", "6:11: error[cannot-read]: reading from `files.example.com` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: 'files.example.com' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
    online("password-in-address", "target: https://ada:hunter2@github.com/x.yaml", "6:11: error[cannot-read]: `https://github.com/x.yaml` cannot be read: it carries a user or a password. Accepted: an `https://` or `http://` URL without user and password
  fix: correct the address"),
    online("address-without-host", "target: 'https://'", "6:11: error[bad-url]: https:// is not a URL: empty host
  fix: write it as https://host/path"),
    target("text-missing", "$text: ./none.txt", "10:12: error[not-found]: Placeholder $text could not read location file:TREE/none.txt, NotFoundError: Unable to read file, no matching files found for TREE/none.txt
  fix: create the file, or remove what refers to it"),
    target("text-folder", "$text: ./sub", "10:12: error[is-a-folder]: Placeholder $text could not read location file:TREE/sub, TREE/sub is a folder, not a file
  fix: name a file in it, or give the folder to Portway as a source"),
    target("text-outside", "$text: ../outside/secret.yaml", "10:12: error[outside-tree]: Placeholder $text could not read location file:OUTSIDE/secret.yaml, OUTSIDE/secret.yaml lies outside of TREE, the tree of its source
  fix: move the file into the tree, or declare it as a source of its own"),
    target("text-through-a-link", "$text: ./link.txt", "10:12: error[outside-tree]: Placeholder $text could not read location file:TREE/link.txt, TREE/link.txt lies outside of TREE, the tree of its source
  fix: move the file into the tree, or declare it as a source of its own"),
    target("text-file-url", "$text: file:///etc/passwd", "10:12: error[file-url]: Placeholder $text could not form a URL out of file:TREE/text-file-url.yaml and file:///etc/passwd, file:///etc/passwd is not relative to file:TREE/text-file-url.yaml
  fix: write a path relative to the file, such as ./openapi.yaml"),
    target("text-absolute", "$text: /etc/passwd", "10:12: error[not-found]: Placeholder $text could not read location file:TREE/etc/passwd, NotFoundError: Unable to read file, no matching files found for TREE/etc/passwd
  fix: create the file, or remove what refers to it"),
    target("text-of-ftp", "$text: ftp://files.example.com/x", "10:12: error[bad-location]: Placeholder $text could not form a URL out of file:TREE/text-of-ftp.yaml and ftp://files.example.com/x, ftp://files.example.com/x is neither a path nor an address that begins with https:// or http://
  fix: write a path relative to the file, or an https:// address"),
    target("text-too-large", "$text: ./large.txt", "10:12: error[file-too-large]: Placeholder $text could not read location file:TREE/large.txt, the file has 11000000 bytes, which is more than the limit of 10 MiB
  accepted: at most 10 MiB
  fix: shorten the file, or refer to it by a link instead"),
    target("text-latin-1", "$text: ./latin-1.txt", "10:12: error[invalid-substitution]: Placeholder $text failed to parse UTF-8 data at file:TREE/latin-1.txt, it is not text
  fix: mend the file that is referred to"),
    target("json-broken", "$json: ./broken.json", "10:12: error[invalid-substitution]: Placeholder $json failed to parse JSON data at file:TREE/broken.json, expected value at line 1 column 7
  fix: mend the file that is referred to"),
    target("yaml-binary", "$yaml: ./binary.txt", "10:12: error[invalid-substitution]: Placeholder $yaml failed to parse YAML data at file:TREE/binary.txt, 1:3: the file holds a NUL byte; it is no text file
  fix: mend the file that is referred to"),
    online("text-this-machine", "$text: http://127.0.0.1:9/x", "10:12: error[cannot-read]: Placeholder $text could not read location url:http://127.0.0.1:9/x, reading from `127.0.0.1:9` is not allowed. Allowed: KNOWN. Add an `integrations` entry for the host, or `backend.reading.allow: [{ host: '127.0.0.1:9' }]`
  fix: allow the host in app-config.yaml, or correct the address"),
];

impl Case {
    fn document(&self) -> String {
        if self.text.starts_with('$') {
            return format!("{}  notes:\n    {}\n", component(self.name), self.text);
        }
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: {}\nspec:\n  {}\n",
            self.name, self.text
        )
    }

    fn says(&self, tree: &Path) -> String {
        let outside = tree.parent().unwrap().join("outside");
        self.says
            .replace("TREE", &tree.to_string_lossy())
            .replace("OUTSIDE", &outside.to_string_lossy())
            .replace("KNOWN", KNOWN)
    }
}

/// The folder with all cases; `tree` is the source.
fn written() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "outside/secret.yaml", component("secret"));
    let tree = folder.path().join("tree");
    write(&tree, "ok.yaml", component("ok"));
    write(&tree, "sub/deeper.yaml", component("deeper"));
    write(&tree, "large.txt", "x".repeat(11_000_000));
    write(&tree, "latin-1.txt", b"caf\xe9");
    write(&tree, "broken.json", r#"{"a": }"#);
    write(&tree, "binary.txt", b"a:\0");
    symlink("../outside/secret.yaml", tree.join("link.txt")).unwrap();
    for case in CASES {
        write(&tree, &format!("{}.yaml", case.name), case.document());
    }
    folder
}

#[test]
fn the_server_reads_nothing_that_it_should_not_and_says_where_it_is_named() {
    let folder = written();
    let tree = std::fs::canonicalize(folder.path()).unwrap().join("tree");
    let server = Server::start(folder.path(), &["tree"]);
    server.settled();
    let problems = server.items("/api/v1/catalog/problems");
    let mut wrong = String::new();
    for case in CASES {
        let file = tree.join(format!("{}.yaml", case.name));
        let here: String = problems
            .iter()
            .filter(|problem| problem["file"] == file.to_string_lossy().as_ref())
            .map(printed)
            .collect();
        let expected = case.says(&tree);
        if here.trim_end() != expected {
            wrong.push_str(&format!(
                "--- {}\nexpected:\n{expected}\nsaid:\n{here}\n",
                case.name
            ));
        }
    }
    let listed: Vec<String> = server
        .items("/api/catalog/entities/by-query?limit=1000")
        .iter()
        .map(|entity| entity["metadata"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(
        !listed.iter().any(|name| name == "secret"),
        "a file outside of the tree was read"
    );
    for neighbour in [
        "ok",
        "deeper",
        "to-itself",
        "chain-one",
        "chain-two",
        "text-missing",
    ] {
        assert!(
            listed.iter().any(|name| name == neighbour),
            "{neighbour} is lost: {listed:?}"
        );
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The same engine without a server: what can be known without a network is
/// said at the same places, in the same words.
#[test]
fn validate_refuses_what_the_server_refuses() {
    let folder = written();
    let tree = std::fs::canonicalize(folder.path()).unwrap().join("tree");
    let ran = run(
        folder.path(),
        &["validate", "--no-references", "tree", "-o", "json"],
    );
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    let found = found["items"].as_array().unwrap();
    let mut wrong = String::new();
    for case in CASES.iter().filter(|case| case.offline) {
        let file = format!("tree/{}.yaml", case.name);
        let said: String = found
            .iter()
            .filter(|finding| finding["file"] == file.as_str() && finding["severity"] == "error")
            .map(printed)
            .collect();
        let expected = case.says(&tree);
        if said.trim_end() != expected {
            wrong.push_str(&format!(
                "--- {}\nexpected:\n{expected}\nsaid:\n{said}\n",
                case.name
            ));
        }
    }
    for finding in found {
        let file = finding["file"].as_str().unwrap_or_default();
        if !file.starts_with("tree/") {
            wrong.push_str(&format!("{file} lies outside of the tree and was read\n"));
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// Name and target of a link in the tree, and what the server says of it.
const LINKS: &[(&str, &str, &str)] = &[
    ("file.yaml", "../outside/secret.yaml", "TREE/file.yaml:1:1: error[outside-tree]: TREE/file.yaml lies outside of TREE, the tree of its source
  fix: move the file into the tree, or declare it as a source of its own\n"),
    ("folder", "../outside", "TREE/folder: error[outside-tree]: TREE/folder is a link that leads out of TREE
  fix: remove the link, or declare its target as a source of its own\n"),
    ("itself.yaml", "itself.yaml", "TREE/itself.yaml:1:1: error[cannot-read]: TREE/itself.yaml cannot be read: Too many levels of symbolic links (os error 40)
  fix: check the disk and the path\n"),
    ("nowhere.yaml", "gone.yaml", "TREE/nowhere.yaml:1:1: error[not-found]: NotFoundError: Unable to read file, no matching files found for TREE/nowhere.yaml
  fix: create the file, or remove what refers to it\n"),
    ("back", ".", ""),
    ("further/back", "..", ""),
    ("alias.yaml", "ok.yaml", "TREE/ok.yaml:1:1: error[conflict]: Detected conflicting entityRef component:default/NAME already referenced by file:TREE/alias.yaml and now also file:TREE/ok.yaml
  accepted: one declaration of each entity
  fix: rename one of the two, give it another namespace, or remove it from TREE/ok.yaml\n"),
];

/// Writes a tree for each link; answers their names.
fn written_links(folder: &Path) -> Vec<String> {
    write(folder, "outside/secret.yaml", component("secret"));
    let tree_of = |(at, (name, target, _)): (usize, &(&str, &str, &str))| {
        let tree = folder.join(format!("tree{at}"));
        write(&tree, "ok.yaml", component(&format!("ok{at}")));
        std::fs::create_dir_all(tree.join(name).parent().unwrap()).unwrap();
        symlink(target, tree.join(name)).unwrap();
        format!("tree{at}")
    };
    LINKS.iter().enumerate().map(tree_of).collect()
}

#[test]
fn links_are_followed_inside_the_tree_only() {
    let folder = tempfile::tempdir().unwrap();
    let names = written_links(folder.path());
    let trees: Vec<&str> = names.iter().map(String::as_str).collect();
    let server = Server::start(folder.path(), &trees);
    server.settled();
    let problems = server.items("/api/v1/catalog/problems");
    for (at, (name, _, says)) in LINKS.iter().enumerate() {
        let tree = std::fs::canonicalize(folder.path())
            .unwrap()
            .join(format!("tree{at}"));
        let said: String = problems
            .iter()
            .filter(|problem| Path::new(problem["file"].as_str().unwrap()).starts_with(&tree))
            .map(|problem| format!("{}:{}", problem["file"].as_str().unwrap(), printed(problem)))
            .collect();
        let expected = says
            .replace("TREE", &tree.to_string_lossy())
            .replace("NAME", &format!("ok{at}"));
        assert_eq!(said, expected, "{name}");
        let entity = server.ask(
            "GET",
            &format!("/api/catalog/entities/by-name/component/default/ok{at}"),
            b"",
        );
        assert_eq!(entity.status, 200, "{name}: its neighbour is lost");
    }
    let secret = server.ask(
        "GET",
        "/api/catalog/entities/by-name/component/default/secret",
        b"",
    );
    assert_eq!(secret.status, 404, "a file outside of the tree was read");
}

#[test]
fn validate_follows_links_inside_the_tree_only() {
    let folder = tempfile::tempdir().unwrap();
    let names = written_links(folder.path());
    let real = std::fs::canonicalize(folder.path()).unwrap();
    let mut arguments = vec!["validate", "--no-references", "-o", "json"];
    arguments.extend(names.iter().map(String::as_str));
    let ran = run(folder.path(), &arguments);
    let found: Value = serde_json::from_str(&ran.out).unwrap();
    let found = found["items"].as_array().unwrap();
    for (name, (link, _, says)) in names.iter().zip(LINKS) {
        let tree = real.join(name).to_string_lossy().into_owned();
        let said: String = found
            .iter()
            .filter(|finding| Path::new(finding["file"].as_str().unwrap()).starts_with(name))
            // Which of two names came first is a server's to say.
            .filter(|finding| finding["code"] != "duplicate-entity")
            .map(|finding| {
                format!(
                    "{}:{}",
                    real.join(finding["file"].as_str().unwrap()).display(),
                    printed(finding)
                )
            })
            .collect();
        let expected = says.replace("TREE", &tree);
        let expected = if says.contains("conflict") {
            ""
        } else {
            &expected
        };
        assert_eq!(said, expected, "{link}");
    }
    assert!(
        !ran.out.contains("secret.yaml"),
        "a file outside of the tree was read"
    );
    let doubled = found
        .iter()
        .filter(|finding| finding["code"] == "duplicate-entity")
        .count();
    assert_eq!(doubled, 1, "the link to a file of the same tree");
}

#[test]
fn a_file_that_may_not_be_read_hurts_nobody_else() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let closed = write(folder.path(), "tree/closed.yaml", component("closed"));
    write(folder.path(), "tree/open.yaml", component("open"));
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read(&closed).is_ok() {
        println!("skipped: this user (root?) may read files that nobody may read");
        return;
    }
    let server = Server::start(folder.path(), &["tree"]);
    server.settled();
    let problem = &server.items("/api/v1/catalog/problems")[0];
    let shown = std::fs::canonicalize(&closed).unwrap();
    assert_eq!(
        problem["message"],
        format!(
            "{} may not be read by the user that runs Portway",
            shown.display()
        )
    );
    assert_eq!(
        problem["fix"],
        format!("run `chmod a+r {}`", shown.display())
    );
    assert_eq!(
        server
            .ask(
                "GET",
                "/api/catalog/entities/by-name/component/default/open",
                b""
            )
            .status,
        200
    );
}
