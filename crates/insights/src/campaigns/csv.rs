//! What remains, for spreadsheets.

use super::arithmetic::State;
use super::report::Report;

/// The first line.
const COLUMNS: &str = "ref,kind,namespace,name,title,owner,wave,deadline,joined\r\n";

/// The remaining targets as RFC 4180 wants them. A target with several owners
/// names them all, separated by spaces.
pub(super) fn remaining(report: &Report) -> String {
    let mut text = String::from(COLUMNS);
    for target in &report.measured.targets {
        if target.state != State::Remaining {
            continue;
        }
        let wave = target.wave.and_then(|at| report.plan.waves.get(at));
        let owners: Vec<&str> = target.owners.iter().map(|owner| owner.as_str()).collect();
        let cells = [
            target.entity_ref.as_str().to_owned(),
            target.entity_ref.kind().to_owned(),
            target.entity_ref.namespace().to_owned(),
            target.entity_ref.name().to_owned(),
            target.title.clone(),
            owners.join(" "),
            wave.map(|wave| wave.name.clone()).unwrap_or_default(),
            wave.map_or(report.plan.deadline, |wave| wave.deadline)
                .to_string(),
            target.joined.map(|day| day.to_string()).unwrap_or_default(),
        ];
        for (at, value) in cells.iter().enumerate() {
            if at > 0 {
                text.push(',');
            }
            cell(&mut text, value);
        }
        text.push_str("\r\n");
    }
    text
}

/// What a spreadsheet would take for a formula gets an apostrophe.
fn cell(text: &mut String, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !formula && !value.contains(['"', ',', '\n', '\r']) {
        text.push_str(value);
        return;
    }
    text.push('"');
    if formula {
        text.push('\'');
    }
    text.push_str(&value.replace('"', "\"\""));
    text.push('"');
}
