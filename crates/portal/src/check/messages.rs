//! Keys: defined in both languages, used, and used only when defined.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Allowed, files, is_hangul, line_of};

/// Variables of every message, by key.
type Messages = BTreeMap<String, BTreeSet<String>>;

/// Compares `locales/en` with `locales/ko`, and both with what `src/` and
/// `templates/` use. `given` are messages that other crates define and this
/// one may use, [`crate::LOCALES`] for most.
pub fn texts(root: &Path, given: &[(&str, &str)], allowed: &Allowed<'_>) -> Vec<String> {
    let mut findings = Vec::new();
    let [en, ko] = ["en", "ko"].map(|lang| own_messages(root, lang, &mut findings));
    for (here, there, name) in [(&en, &ko, "ko"), (&ko, &en, "en")] {
        for key in here.keys().filter(|key| !there.contains_key(*key)) {
            findings.push(format!("locales/{name}: `{key}` is missing"));
        }
    }
    for (key, variables) in &en {
        if let Some(other) = ko.get(key)
            && other != variables
        {
            findings.push(format!(
                "`{key}` has the variables {variables:?} in en and {other:?} in ko"
            ));
        }
    }
    let mut known: BTreeSet<String> = en.keys().cloned().collect();
    for (_, source) in given {
        known.extend(parse(source).into_keys());
    }
    let mut named = BTreeSet::new();
    for (folder, ending) in [("src", "rs"), ("templates", "html"), ("examples", "rs")] {
        for (path, text) in files(&root.join(folder), ending) {
            let name = path
                .strip_prefix(root)
                .unwrap_or(&path)
                .display()
                .to_string();
            for (at, key) in calls(&text) {
                if !known.contains(key) && !allowed.keys.contains(&key) {
                    findings.push(format!(
                        "{name}:{}: there is no message `{key}`",
                        line_of(&text, at)
                    ));
                }
            }
            named.extend(quoted(&text));
            if folder == "src"
                && !allowed
                    .hangul
                    .iter()
                    .any(|file| name == format!("src/{file}"))
            {
                findings.extend(hangul(&name, &text));
            }
        }
    }
    for key in en
        .keys()
        .filter(|key| !named.contains(key.as_str()) && !allowed.keys.contains(&key.as_str()))
    {
        findings.push(format!("locales: `{key}` is used nowhere"));
    }
    findings
}

fn own_messages(root: &Path, lang: &str, findings: &mut Vec<String>) -> Messages {
    let mut all = Messages::new();
    for (path, text) in files(&root.join("locales").join(lang), "ftl") {
        if let Err(error) = crate::Texts::new(&[(lang, &text)]) {
            findings.push(format!("{}: {error}", path.display()));
        }
        for (key, variables) in parse(&text) {
            if all.insert(key.clone(), variables).is_some() {
                findings.push(format!("locales/{lang}: `{key}` is defined twice"));
            }
        }
    }
    all
}

/// Keys begin a line; what is indented belongs to the message before.
fn parse(source: &str) -> Messages {
    let mut messages = Messages::new();
    let mut current: Option<String> = None;
    for line in source.lines() {
        if line.starts_with('#') {
            continue;
        }
        let is_start = line.starts_with(|c: char| c.is_ascii_alphabetic());
        if let (true, Some((key, _))) = (is_start, line.split_once('=')) {
            let key = key.trim().to_owned();
            messages.insert(key.clone(), BTreeSet::new());
            current = Some(key);
        }
        let Some(variables) = current.as_ref().and_then(|key| messages.get_mut(key)) else {
            continue;
        };
        for part in line.split('$').skip(1) {
            let end = part
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
                .unwrap_or(part.len());
            variables.insert(part.get(..end).unwrap_or_default().to_owned());
        }
    }
    messages
}

/// Keys in `.t("key")`, with their positions; comments only show how it is done.
fn calls(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.match_indices("t(\"").filter_map(|(at, call)| {
        let head = text.get(..at)?;
        let in_comment = head
            .lines()
            .next_back()
            .is_some_and(|line| line.contains("//"));
        let key = text.get(at + call.len()..)?.split('"').next()?;
        (head.ends_with('.') && !in_comment).then_some((at, key))
    })
}

/// Everything between quotes that could be a key.
fn quoted(text: &str) -> impl Iterator<Item = String> {
    text.split('"')
        .filter(|part| !part.is_empty() && part.len() < 80 && !part.contains(char::is_whitespace))
        .map(str::to_owned)
}

/// Hangul in code is a text that the other language lacks.
fn hangul<'f>(name: &'f str, text: &'f str) -> impl Iterator<Item = String> + 'f {
    text.lines().enumerate().filter_map(move |(index, line)| {
        let code = line.split("//").next().unwrap_or_default();
        code.contains(is_hangul).then(|| {
            format!(
                "{name}:{}: Hangul in code; move it to locales/ko",
                index + 1
            )
        })
    })
}
