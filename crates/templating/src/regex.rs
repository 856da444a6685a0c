//! Regular expressions of templates: `r/…/flags`.

use std::fmt;

use crate::limits;

/// A compiled expression with JavaScript's flags.
#[derive(Debug)]
pub(crate) struct Regex {
    source: String,
    flags: String,
    compiled: fancy_regex::Regex,
    global: bool,
}

/// How often the matcher may step back before it gives up; keeps expressions
/// that explode from holding a thread.
const BACKTRACKS: usize = 100_000;
/// Bytes that one compiled expression may take; `\w{500}` takes more.
const COMPILED: usize = 1024 * 1024;

impl fmt::Display for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{}", self.source, self.flags)
    }
}

impl Regex {
    pub(crate) fn new(source: &str, flags: &str) -> Result<Self, String> {
        let mut inline = String::new();
        for flag in flags.chars() {
            match flag {
                'g' | 'y' | 'u' => {}
                'i' | 'm' | 's' => inline.push(flag),
                other => {
                    return Err(format!(
                        "`{other}` is no flag of a regular expression; there are g, i, m, s, u and y"
                    ));
                }
            }
        }
        let pattern = if inline.is_empty() {
            source.to_owned()
        } else {
            format!("(?{inline}){source}")
        };
        let compiled = fancy_regex::RegexBuilder::new(&pattern)
            .backtrack_limit(BACKTRACKS)
            .delegate_size_limit(COMPILED)
            .build()
            .map_err(|error| format!("`{source}` is no regular expression: {error}"))?;
        Ok(Self {
            source: source.to_owned(),
            flags: flags.to_owned(),
            compiled,
            global: flags.contains('g'),
        })
    }

    /// `text.replace(this, with)`, where `with` may say `$1`, `$&` and `$$`.
    pub(crate) fn replace(&self, text: &str, with: &str) -> Result<String, String> {
        let mut made = String::new();
        let mut rest = 0;
        limits::charge_scan(text.len())?;
        for found in self.compiled.captures_iter(text) {
            let found = found.map_err(|error| format!("`{}`: {error}", self.source))?;
            limits::charge(1, 0)?;
            let Some(whole) = found.get(0) else { break };
            made.push_str(text.get(rest..whole.start()).unwrap_or_default());
            let groups: Vec<Option<&str>> = (0..found.len())
                .map(|group| found.get(group).map(|part| part.as_str()))
                .collect();
            limits::charge_room(made.len().saturating_add(longest(with, &groups)))?;
            expand(&mut made, with, &groups);
            rest = whole.end();
            if !self.global {
                break;
            }
        }
        made.push_str(text.get(rest..).unwrap_or_default());
        Ok(made)
    }
}

/// Bytes that [`expand`] writes at most.
pub(crate) fn longest(with: &str, groups: &[Option<&str>]) -> usize {
    let group = groups.iter().flatten().map(|group| group.len()).max();
    let groups = with.matches('$').count();
    with.len()
        .saturating_add(groups.saturating_mul(group.unwrap_or(0)))
}

/// Writes a replacement with JavaScript's `$` patterns (ECMAScript 2023,
/// 22.1.3.19.1), those for what stands before and after the match left out.
pub(crate) fn expand(made: &mut String, with: &str, groups: &[Option<&str>]) {
    let mut rest = with;
    while let Some((before, after)) = rest.split_once('$') {
        made.push_str(before);
        let mut ahead = after.chars();
        match ahead.next() {
            Some('$') => made.push('$'),
            Some('&') => made.push_str(groups.first().copied().flatten().unwrap_or_default()),
            Some(digit) if digit.is_ascii_digit() => {
                let group = digit.to_digit(10).unwrap_or_default() as usize;
                match groups.get(group).filter(|_| group > 0) {
                    Some(part) => made.push_str(part.unwrap_or_default()),
                    None => {
                        made.push('$');
                        made.push(digit);
                    }
                }
            }
            _ => {
                made.push('$');
                rest = after;
                continue;
            }
        }
        rest = ahead.as_str();
    }
    made.push_str(rest);
}
