//! Rules of the design system that no reviewer has to remember.

use std::fs;
use std::path::Path;

use portal::LOCALES;
use portal::check::{Allowed, templates, texts};

const ALLOWED: Allowed<'static> = Allowed {
    literals: &[
        "Portway",
        "portway up ./my-repositories",
        "tier 1",
        "Ctrl K",
        "Alt ↵",
        "Esc",
        "KM",
        "team-commerce",
    ],
    hangul: &["josa.rs", "lang.rs"],
    // The binary writes the guest's button: it knows whether there is one.
    keys: &["login-guest", "login-guest-note"],
};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn texts_are_complete_and_used() {
    let findings = texts(root(), &LOCALES, &ALLOWED);
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn templates_hold_no_text_style_or_script() {
    let findings = templates(root(), &ALLOWED);
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

#[test]
fn the_checks_find_what_they_are_for() {
    let folder = std::env::temp_dir().join(format!("portal-check-{}", std::process::id()));
    for (name, content) in [
        (
            "locales/en/a.ftl",
            "both = one { $n }\nonly-en = x\nunused = y\n",
        ),
        ("locales/ko/a.ftl", "both = 하나\nunused = y\n"),
        (
            "src/lib.rs",
            "fn f() { view.t(\"both\"); view.t(\"absent\"); let x = \"한글\"; } // 한글은 괜찮다\n",
        ),
        (
            "templates/a.html",
            "{# free text #}<p style=\"x\">Save {{ view.t(\"only-en\") }}</p>\n<a onclick='x' aria-label=\"Open\">{{ ui::tag(\"two words\") }}</a>\n<script>x()</script><i title=\"{{ x }}\">&amp; 12</i>\n",
        ),
    ] {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let found = texts(&folder, &[], &Allowed::default());
    let expected = [
        "locales/ko: `only-en` is missing",
        "`both` has the variables {\"n\"} in en and {} in ko",
        "src/lib.rs:1: there is no message `absent`",
        "src/lib.rs:1: Hangul in code; move it to locales/ko",
        "locales: `unused` is used nowhere",
    ];
    assert_eq!(found, expected);
    let found = templates(&folder, &Allowed::default());
    let expected = [
        "templates/a.html:2: the text `two words` belongs into locales/",
        "templates/a.html:1: the attribute `style` is refused by the Content-Security-Policy",
        "templates/a.html:1: the text `Save` belongs into locales/",
        "templates/a.html:2: the attribute `onclick` is refused by the Content-Security-Policy",
        "templates/a.html:2: the text `Open` of `aria-label` belongs into locales/",
        "templates/a.html:3: <script> within the page is refused by the Content-Security-Policy",
        "templates/a.html:3: the text `x()` belongs into locales/",
    ];
    assert_eq!(found, expected);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn colours_are_written_in_the_tokens_only() {
    for name in ["components.css", "extensions.css"] {
        let css = fs::read_to_string(root().join("assets").join(name)).unwrap();
        for (index, line) in css.lines().enumerate() {
            // The colour of a mask is no colour.
            if line.contains("mask-image") {
                continue;
            }
            let lower = line.to_ascii_lowercase();
            for function in [
                "rgb(", "rgba(", "hsl(", "hwb(", "lab(", "lch(", "oklch(", "color(",
            ] {
                let raw = lower.match_indices(function).any(|(at, _)| {
                    !lower[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-')
                });
                assert!(!raw, "{name}:{}: {function}", index + 1);
            }
            for (at, _) in lower.match_indices('#') {
                let hex = lower[at + 1..]
                    .bytes()
                    .take_while(u8::is_ascii_hexdigit)
                    .count();
                assert!(
                    !(matches!(hex, 3 | 4 | 6 | 8) && lower[..at].contains(':')),
                    "{name}:{}: {line}",
                    index + 1
                );
            }
            for colour in [
                "white", "black", "red", "green", "blue", "gray", "grey", "orange", "yellow",
            ] {
                assert!(
                    !lower.contains(&format!(": {colour};")),
                    "{name}:{}: {colour}",
                    index + 1
                );
            }
        }
    }
}

#[test]
fn vendored_scripts_are_those_of_the_lock_file() {
    let lock = fs::read_to_string(root().join("package-lock.json")).unwrap();
    let script = fs::read_to_string(root().join("assets/vendor/htmx.min.js")).unwrap();
    let version = lock
        .split("\"node_modules/htmx.org\"")
        .nth(1)
        .unwrap()
        .split("\"version\": \"")
        .nth(1)
        .unwrap();
    let version = version.split('"').next().unwrap();
    assert!(
        script.contains(&format!("version=\"{version}\"")),
        "assets/vendor is not htmx {version}; run npm run vendor"
    );
}
