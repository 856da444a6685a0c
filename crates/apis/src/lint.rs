//! What makes an API hard to use, as rules that are data.

mod rules;

use std::collections::HashSet;

use model::diagnostic::Severity;
use serde::Serialize;

use crate::doc::{ApiDoc, Format};
pub use rules::RULES;

/// Findings that a report lists; later ones are counted only.
const MAX_FINDINGS: usize = 1_000;

/// One rule.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its stable name.
    pub code: &'static str,
    /// How much it matters. In the score an error weighs 10, a warning 4, an
    /// info 1.
    pub severity: Severity,
    /// The key of its sentence for people.
    pub message: &'static str,
    /// The formats that it is for.
    pub(crate) applies: fn(Format) -> bool,
    /// Looks at a definition.
    pub(crate) look: fn(&Subject<'_>, &mut Looked),
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rule")
            .field("code", &self.code)
            .finish_non_exhaustive()
    }
}

/// What rules look at.
pub(crate) struct Subject<'a> {
    pub(crate) doc: &'a ApiDoc,
    /// Names of types that something refers to.
    pub(crate) used: HashSet<&'a str>,
}

/// What one rule has seen.
#[derive(Default)]
pub(crate) struct Looked {
    /// How many things the rule has looked at.
    count: usize,
    found: Vec<(String, u32)>,
}

impl Looked {
    /// One thing was looked at; `name` and `line` say which when it is wrong.
    pub(crate) fn at(&mut self, is_fine: bool, name: &str, line: u32) {
        self.count += 1;
        if !is_fine {
            self.found.push((name.to_owned(), line));
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// [`Rule::code`].
    pub code: &'static str,
    /// [`Rule::severity`].
    pub severity: Severity,
    /// [`Rule::message`].
    #[serde(skip)]
    pub message: &'static str,
    /// The operation, type or parameter; empty for the whole definition.
    pub subject: String,
    /// The line of the definition, from 1; 0 when it concerns all of it.
    pub line: u32,
}

/// All findings of a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// 0 to 100.
    pub score: u8,
    /// How many findings there are.
    pub total: usize,
    /// The findings, errors first, at most 1,000.
    pub findings: Vec<Finding>,
}

/// Looks at a definition with every rule that is for its format.
///
/// The score is `100 × (1 − Σ weight × share / Σ weight)` over the rules that
/// had something to look at, rounded; `share` is the part of the things looked
/// at (operations, types, the definition itself) that the rule finds fault
/// with. An error weighs 10, a warning 4, an info 1. So one bad operation of a
/// hundred costs little, and size alone costs nothing.
pub fn lint(doc: &ApiDoc) -> Report {
    let subject = Subject {
        doc,
        used: rules::used(doc),
    };
    let (mut lost, mut all) = (0.0_f64, 0.0_f64);
    let mut findings = Vec::new();
    let mut total = 0;
    for rule in RULES.iter().filter(|rule| (rule.applies)(doc.format)) {
        let mut looked = Looked::default();
        (rule.look)(&subject, &mut looked);
        if looked.count == 0 {
            continue;
        }
        let weight = weight(rule.severity);
        all += weight;
        lost += weight * as_f64(looked.found.len()) / as_f64(looked.count);
        total += looked.found.len();
        let left = MAX_FINDINGS.saturating_sub(findings.len());
        findings.extend(
            looked
                .found
                .into_iter()
                .take(left)
                .map(|(subject, line)| Finding {
                    code: rule.code,
                    severity: rule.severity,
                    message: rule.message,
                    subject,
                    line,
                }),
        );
    }
    findings.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.line));
    let share = if all > 0.0 { 1.0 - lost / all } else { 1.0 };
    Report {
        score: percent(share),
        total,
        findings,
    }
}

fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Error => 10.0,
        Severity::Warning => 4.0,
        Severity::Info => 1.0,
    }
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 100 by the line before"
)]
fn percent(share: f64) -> u8 {
    let percent = (share * 100.0).round().clamp(0.0, 100.0);
    percent as u8
}
