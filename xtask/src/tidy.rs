//! Rules that no compiler checks: sizes, names, texts that must not be there.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::{codes, process};

/// Lines of a file that people write. A longer one has a seam somewhere.
const MAX_FILE_LINES: usize = 800;
/// Lines from `fn` to its closing brace, tests excepted.
const MAX_FUNCTION_LINES: usize = 100;

/// Endings of the files that [`MAX_FILE_LINES`] holds for.
const WRITTEN: &[&str] = &["rs", "html", "css", "js", "mjs", "ts", "ftl", "sh", "sql"];

/// Module names that say nothing and therefore attract everything.
const NAMELESS: &[&str] = &[
    "utils", "util", "common", "helpers", "helper", "misc", "stuff", "shared",
];

/// Texts that must not stand in a Rust file, with what to do instead. Written in
/// two pieces, so that this file keeps to its own rule.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        concat!("todo", "!("),
        "leave unfinished work out, or finish it",
    ),
    (
        concat!("unimplemented", "!("),
        "leave unfinished work out, or finish it",
    ),
    (concat!("dbg", "!("), "use tracing"),
    (
        concat!("FIX", "ME"),
        "mend it, or open an issue and name it",
    ),
    (concat!("XX", "X "), "mend it, or open an issue and name it"),
];

/// Folders of one machine. They may stand in tests as examples of bad input.
const MACHINE_PATHS: &[&str] = &[
    concat!("\"/wo", "rk/"),
    concat!("\"/tm", "p/"),
    concat!("\"/ro", "ot/"),
    concat!("\"/ho", "me/"),
    concat!(" /wo", "rk/"),
];

/// Checks every file that is tracked, or would be.
///
/// # Errors
/// Lists every breach as `file:line: what, and what to do`.
pub(crate) fn check(root: &Path) -> Result<()> {
    let listed = process::output(process::program(root, "git").args([
        "ls-files",
        "--cached",
        "--others",
        "--exclude-standard",
        "-z",
    ]))
    .context("tidy reads the list of files from git, so it needs a checkout")?;
    let paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();

    let mut problems = Vec::new();
    let mut sources = Vec::new();
    for path in &paths {
        problems.extend(name_problem(path));
        if is_foreign(path) {
            continue;
        }
        // A file that was deleted but not yet committed, or one that is not text.
        let Ok(text) = std::fs::read_to_string(root.join(path)) else {
            continue;
        };
        problems.extend(file_problems(path, &text));
        if path.starts_with("crates/") && path.ends_with(".rs") && !is_test(path) {
            sources.push((*path, text));
        }
    }
    problems.extend(locale_problems(&paths));
    let page = std::fs::read_to_string(root.join(codes::PAGE)).context(codes::PAGE)?;
    problems.extend(codes::unexplained(
        sources.iter().map(|(path, text)| (*path, text.as_str())),
        &page,
    ));
    if problems.is_empty() {
        println!("tidy: {} files", paths.len());
        return Ok(());
    }
    bail!("{} breaches:\n{}", problems.len(), problems.join("\n"));
}

/// Files that others wrote or a program made.
fn is_foreign(path: &str) -> bool {
    path.split('/')
        .any(|part| matches!(part, "vendor" | "node_modules" | "corpus"))
        || path.ends_with(".snap")
}

fn ending(path: &str) -> &str {
    path.rsplit_once('.').map_or("", |(_, ending)| ending)
}

fn file_problems(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let lines = text.lines().count();
    if WRITTEN.contains(&ending(path)) && lines > MAX_FILE_LINES {
        found.push(format!(
            "  {path}: {lines} lines, {MAX_FILE_LINES} are allowed: find the seam and divide it"
        ));
    }
    match ending(path) {
        "rs" => {
            found.extend(forbidden_texts(path, text));
            if !is_test(path) {
                found.extend(long_functions(path, text));
            }
        }
        "html" => found.extend(unsafe_markup(path, text)),
        _ => {}
    }
    found
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("/tests.rs")
}

fn name_problem(path: &str) -> Option<String> {
    if !path.ends_with(".rs") {
        return None;
    }
    let part = path
        .split('/')
        .map(|part| part.strip_suffix(".rs").unwrap_or(part))
        .find(|part| NAMELESS.contains(part))?;
    Some(format!(
        "  {path}: `{part}` says nothing; name what is in it"
    ))
}

fn forbidden_texts(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let mut report = |what: &str, instead: &str| {
            found.push(format!(
                "  {path}:{}: `{}`: {instead}",
                number + 1,
                what.trim()
            ));
        };
        for (what, instead) in FORBIDDEN {
            if line.contains(what) {
                report(what, instead);
            }
        }
        if is_test(path) {
            continue;
        }
        for what in MACHINE_PATHS {
            if line.contains(what) {
                report(
                    what,
                    "a folder of one machine; take it from configuration, or use `tempfile`",
                );
            }
        }
    }
    found
}

/// Functions of more than [`MAX_FUNCTION_LINES`] lines. Relies on rustfmt: the
/// closing brace of an item stands alone, as far in as the item's first line.
fn long_functions(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open: Vec<(usize, usize, String)> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let body = line.trim_start();
        let indent = line.len() - body.len();
        if matches!(body, "}" | "};")
            && let Some((_, start, name)) = open.pop_if(|(open_indent, ..)| *open_indent == indent)
        {
            let lines = number + 1 - start;
            if lines > MAX_FUNCTION_LINES {
                found.push(format!(
                    "  {path}:{}: `{name}` has {lines} lines, {MAX_FUNCTION_LINES} are allowed: take a part out and name it",
                    start + 1
                ));
            }
        } else if let Some(name) = function_name(body)
            && !body.ends_with(['}', ';'])
        {
            open.push((indent, number, name.to_owned()));
        }
    }
    found
}

/// The name in the first line of a function, `None` for any other line.
fn function_name(line: &str) -> Option<&str> {
    let mut rest = line;
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    let (name, _) = rest.split_once(['(', '<'])?;
    Some(name)
}

/// Markup that the Content-Security-Policy refuses.
fn unsafe_markup(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        if lower.contains(" style=") {
            found.push(format!(
                "  {path}:{}: `style=`: the policy refuses it; use a class",
                number + 1
            ));
        }
        let words = lower.split_whitespace();
        if let Some(word) = words.clone().find(|word| is_handler(word)) {
            found.push(format!(
                "  {path}:{}: `{word}`: the policy refuses it; listen in a script file",
                number + 1
            ));
        }
        if lower.contains("<script>") {
            found.push(format!(
                "  {path}:{}: `<script>`: the policy refuses it; use a script file",
                number + 1
            ));
        }
    }
    found
}

/// `onclick="...` and its relatives.
fn is_handler(word: &str) -> bool {
    let Some((name, _)) = word.split_once("=\"") else {
        return false;
    };
    name.strip_prefix("on")
        .is_some_and(|event| event.len() > 2 && event.chars().all(|c| c.is_ascii_lowercase()))
}

/// Every text file of one language has a twin in the other.
fn locale_problems(paths: &[&str]) -> Vec<String> {
    let all: BTreeSet<&str> = paths.iter().copied().collect();
    let mut found = Vec::new();
    for path in paths {
        for (language, twin_language) in [
            ("/locales/en/", "/locales/ko/"),
            ("/locales/ko/", "/locales/en/"),
        ] {
            if path.contains(language) {
                let twin = path.replace(language, twin_language);
                if !all.contains(twin.as_str()) {
                    found.push(format!(
                        "  {path}: {twin} is absent; every text exists in both languages"
                    ));
                }
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forbidden_texts_are_named_with_their_line() {
        let text = format!("fn a() {{\n    {}\"later\")\n}}\n", concat!("todo", "!("));
        let found = file_problems("crates/x/src/a.rs", &text);
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("  crates/x/src/a.rs:2: "), "{found:?}");
    }

    #[test]
    fn machine_paths_are_allowed_in_tests_only() {
        let text = format!("let a = {}x\";\n", concat!("\"/tm", "p/"));
        assert_eq!(file_problems("crates/x/src/a.rs", &text).len(), 1);
        assert_eq!(file_problems("crates/x/tests/a.rs", &text).len(), 0);
    }

    #[test]
    fn a_long_function_is_found_and_a_short_one_beside_it_is_not() {
        let body = "        call();\n".repeat(MAX_FUNCTION_LINES);
        let text = format!(
            "impl Thing {{\n    pub(crate) async fn long<T>(\n        one: T,\n    ) {{\n{body}    }}\n\n    fn short() {{\n        call();\n    }}\n}}\n"
        );
        let found = file_problems("crates/x/src/a.rs", &text);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(":2: `long` has 104 lines"), "{found:?}");
    }

    #[test]
    fn a_declaration_without_a_body_opens_nothing() {
        let body = "    const A: u8 = 0;\n".repeat(MAX_FUNCTION_LINES * 2);
        let text = format!("trait Thing {{\n    fn a(&self) -> u8;\n    fn b() {{}}\n{body}}}\n");
        assert_eq!(
            file_problems("crates/x/src/a.rs", &text),
            Vec::<String>::new()
        );
    }

    #[test]
    fn long_files_and_names_that_say_nothing() {
        let long = "x\n".repeat(MAX_FILE_LINES + 1);
        assert_eq!(file_problems("a.css", &long).len(), 1);
        assert_eq!(file_problems("a.lock", &long).len(), 0);
        assert!(name_problem("crates/x/src/utils.rs").is_some());
        assert!(name_problem("crates/x/src/helpers/mod.rs").is_some());
        assert!(name_problem("crates/x/src/pagination.rs").is_none());
        assert!(name_problem("docs/common.md").is_none());
    }

    #[test]
    fn markup_that_the_policy_refuses() {
        let refused = |html: &str| !unsafe_markup("a.html", html).is_empty();
        assert!(refused("<p class=\"a\" style=\"color:red\">"));
        assert!(refused("<button onclick=\"go()\">"));
        assert!(refused("<script>go()</script>"));
        assert!(!refused(
            "<script src=\"/assets/portway.js\" type=\"module\"></script>"
        ));
        assert!(!refused("<a data-once=\"1\" href=\"/on=\">on time</a>"));
    }

    #[test]
    fn a_text_file_without_its_twin() {
        let found = locale_problems(&[
            "crates/a/locales/en/x.ftl",
            "crates/a/locales/ko/x.ftl",
            "crates/a/locales/ko/y.ftl",
        ]);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("crates/a/locales/en/y.ftl is absent"));
    }
}
