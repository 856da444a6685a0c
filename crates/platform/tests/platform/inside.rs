//! Paths of others never lead out of their folder.

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path};

use platform::inside::{Refused, Root, relative};
use proptest::prelude::*;

#[test]
fn a_path_below_is_cleaned_and_anything_else_is_none() {
    for (text, expected) in [
        ("a/b.yaml", "a/b.yaml"),
        ("./a//b/../c.yaml", "a/c.yaml"),
        ("a/..", ""),
        ("a%20b.yaml", "a%20b.yaml"),
        ("결제/a.yaml", "결제/a.yaml"),
        ("..a/b..", "..a/b.."),
        // A single letter before a colon is a drive; a word is not.
        ("word:b/c", "word:b/c"),
    ] {
        assert_eq!(relative(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "//host/share",
        "a\\..\\..\\b",
        "\\\\host\\share",
        "C:/Windows",
        "c:x",
        "a\0b",
        "a\nb",
        "%2e%2e/a",
        "a/%2e%2e/%2E%2e/b",
        "%2fetc/passwd",
        "a%5c..%5c..%5cb",
        "a%00b",
        "%c3%28",
        "%43:/Windows",
    ] {
        assert_eq!(relative(text), None, "{text:?}");
    }
}

proptest! {
    #[test]
    fn whatever_is_written_stays_below(text in r"([.]{0,3}|/|\\|%2e|%2F|%5c|%00|[a-c]|:|\x00){0,12}") {
        if let Some(path) = relative(&text) {
            let mut parts = Path::new(&path).components();
            let normal = parts.all(|part| matches!(part, Component::Normal(_)));
            prop_assert!(normal, "{text:?} became {path:?}");
            let decoded = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
            prop_assert!(!decoded.contains(['\\', '\0']));
        }
    }

    /// Folders with links to anywhere, and paths made of their names.
    #[cfg(unix)]
    #[test]
    fn no_link_leads_out(
        links in prop::collection::vec((0..6_usize, 0..8_usize), 0..6),
        steps in prop::collection::vec(0..9_usize, 1..7),
    ) {
        let outer = tempfile::tempdir().expect("a folder");
        let outer = outer.path().canonicalize().expect("a path");
        let root = outer.join("root");
        fs::create_dir_all(root.join("a/b")).expect("folders");
        fs::create_dir_all(outer.join("other")).expect("a folder");
        for (path, text) in [("root/f", "inner"), ("root/a/f", "inner"), ("f", "outer"), ("other/f", "outer")] {
            fs::write(outer.join(path), text).expect("a file");
        }
        let names = ["l", "a/l", "a/b/l", "m", "a/m", "a/b/f"];
        let secret = outer.join("f").display().to_string();
        let other = outer.join("other").display().to_string();
        let targets = ["..", "../..", "a", "../f", "/", &secret, &other, "l"];
        for (name, target) in links {
            let _ = std::os::unix::fs::symlink(targets[target], root.join(names[name]));
        }
        let words = ["l", "m", "a", "b", "f", "..", ".", "other", "root"];
        let path = steps.iter().fold(root.clone(), |path, step| path.join(words[*step]));
        if let Ok((mut file, length)) = Root::new(&root).open(&path) {
            let mut text = String::new();
            file.read_to_string(&mut text).expect("text");
            prop_assert_eq!(&text, "inner", "{:?} was read", path);
            prop_assert_eq!(length, 5);
        }
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_not_opened() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path().canonicalize().expect("a path");
    fs::create_dir(root.join("folder")).expect("a folder");
    let _listener = std::os::unix::net::UnixListener::bind(root.join("socket")).expect("a socket");
    std::os::unix::fs::symlink("/dev/zero", root.join("zero")).expect("a link");
    let open = |name: &str| Root::new(&root).open(&root.join(name)).map(|_| ());
    assert!(matches!(open("folder"), Err(Refused::Folder)));
    assert!(matches!(open("socket"), Err(Refused::Special)));
    assert!(matches!(open("zero"), Err(Refused::Outside)));
    assert!(matches!(open("absent"), Err(Refused::Io(_))));
    assert!(
        matches!(open("../absent"), Err(Refused::Outside)),
        "whether something exists outside is not told"
    );
}
