//! `key: value` lines that are none because of one character.

use super::lines::Line;
use super::{Finding, Stop, spaces};
use crate::quoted::quoted;

/// Words that begin a line of a catalog file; a colon after one was forgotten.
const FIELDS: [&str; 40] = [
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "name",
    "namespace",
    "title",
    "description",
    "labels",
    "annotations",
    "tags",
    "links",
    "url",
    "icon",
    "type",
    "lifecycle",
    "owner",
    "system",
    "domain",
    "subdomainOf",
    "subcomponentOf",
    "providesApis",
    "consumesApis",
    "dependsOn",
    "dependencyOf",
    "definition",
    "target",
    "targets",
    "presence",
    "children",
    "parent",
    "members",
    "memberOf",
    "profile",
    "displayName",
    "email",
    "picture",
    "parameters",
    "steps",
    "output",
];

/// `owner:team-a` as key and value. URLs and Windows paths are none.
pub(crate) fn missing_space(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(':')?;
    let name = unquoted(key);
    let fits = is_name(name)
        && name.len() > 1
        && !value.starts_with("//")
        && value.starts_with(|c: char| !c.is_whitespace() && c != ':');
    fits.then(|| (key, value.trim_end()))
}

/// `owner = team-a` as key and value.
pub(crate) fn equals_sign(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let key = key.trim_end();
    let value = value.strip_prefix('>').unwrap_or(value).trim();
    is_name(key).then_some((key, value))
}

/// Whether catalog files have a field of this name.
pub(super) fn is_field(name: &str) -> bool {
    FIELDS.contains(&name)
}

fn unquoted(key: &str) -> &str {
    key.trim_matches(['"', '\''])
}

fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '$')
        && key
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '$'))
}

/// What is wrong with a line that is neither a pair nor part of a value.
pub(super) fn stray(stop: &Stop<'_>, line: &Line<'_>) -> Finding {
    let content = line.content();
    let place = (line.number, line.start);
    let pair = "`key: value`, with a colon and a space";
    let found = |message: String, fix: String| Finding::new(place, message, pair, fix);
    if let Some(mark) = ["//", "/*", "<!--", "--"]
        .into_iter()
        .find(|mark| content.starts_with(mark))
    {
        return Finding::new(
            place,
            format!("`{mark}` begins no comment in YAML"),
            "comments that begin with `#`",
            format!("write `#` in place of `{mark}`, or remove the line"),
        );
    }
    if content.starts_with(['{', '[']) {
        return found(
            "a value in brackets stands among `key: value` lines".to_owned(),
            "write a key and a colon before it, or `key: value` lines without brackets".to_owned(),
        );
    }
    if let Some((key, value)) = wide_colon(content) {
        return found(
            format!(
                "the colon after `{}` is a full-width character, not `:`",
                quoted(key)
            ),
            format!("write `{}`", quoted(&format!("{key}: {value}"))),
        );
    }
    if let Some((key, value)) = content.split_once(':')
        && value.starts_with(|c: char| c.is_whitespace() || crate::quoted::is_hidden(c))
        && is_name(unquoted(key))
    {
        let hidden = value.chars().next().unwrap_or(' ');
        let value = value.trim_start_matches(hidden);
        return found(
            format!(
                "the space after `{}:` is the invisible character U+{:04X}, not a space",
                quoted(key),
                u32::from(hidden)
            ),
            format!(
                "write `{}` with the space bar",
                quoted(&format!("{key}: {value}"))
            ),
        );
    }
    if let Some((key, value)) = missing_space(content) {
        return found(
            format!("no space follows the colon after `{}`", quoted(key)),
            format!("write `{}`", quoted(&format!("{key}: {value}"))),
        );
    }
    if let Some((key, value)) = equals_sign(content) {
        return found(
            format!("`=` follows `{}` in place of a colon", quoted(key)),
            format!("write `{}`", quoted(&format!("{key}: {value}"))),
        );
    }
    if let Some((key, value)) = content.split_once(' ')
        && is_field(key)
    {
        return found(
            format!("the colon after `{key}` is missing"),
            format!("write `{}`", quoted(&format!("{key}: {}", value.trim()))),
        );
    }
    if is_name(content) {
        return found(
            format!("`{}` stands alone: no colon follows it", quoted(content)),
            format!(
                "write `{}: …`, or indent the line so that it belongs to the value before it",
                quoted(content)
            ),
        );
    }
    continuation(stop, line)
}

/// A line of prose that should belong to the value above.
fn continuation(stop: &Stop<'_>, line: &Line<'_>) -> Finding {
    let above = stop
        .lines
        .above(line.number)
        .find(|above| above.kind == super::lines::Kind::Pair);
    let place = (line.number, line.start);
    let pair = "`key: value`, or a line that is indented more than the key it belongs to";
    if let Some(above) = above
        && above.start == line.indent
        && let Some(key) = above.key()
    {
        let deeper = spaces(above.start + 2);
        if above.opens_block {
            return Finding::new(
                place,
                format!("the text below `{}: |` is not indented", quoted(key)),
                format!("lines that begin with {deeper}"),
                format!("begin the lines of the text with {deeper}"),
            );
        }
        return Finding::new(
            place,
            "the line is no `key: value` pair although its neighbours are",
            pair,
            format!(
                "add a colon and a space after the key, or begin the line with {deeper} if it belongs to `{}`",
                quoted(key)
            ),
        );
    }
    Finding::new(
        place,
        "the line is no `key: value` pair although its neighbours are",
        pair,
        "add a colon and a space after the key, or indent the line so that it belongs to the value before it",
    )
}

/// A key that ends in a colon of Chinese, Japanese or Korean writing.
fn wide_colon(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once(['\u{ff1a}', '\u{fe55}', '\u{a789}', '\u{2236}'])?;
    (is_name(unquoted(key.trim_end()))).then(|| (key.trim_end(), value.trim()))
}
