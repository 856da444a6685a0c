//! Comma-separated values as RFC 4180 wants them, safe for spreadsheets.

/// Appends one line.
pub(crate) fn line<S: AsRef<str>>(text: &mut String, cells: impl IntoIterator<Item = S>) {
    for (at, value) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        cell(text, value.as_ref());
    }
    text.push_str("\r\n");
}

/// What a spreadsheet would take for a formula gets an apostrophe, so that
/// nobody's description runs in somebody's office (OWASP, CSV injection).
fn cell(text: &mut String, value: &str) {
    let formula = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let quoted = formula || value.contains(['"', ',', '\n', '\r']);
    if !quoted {
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
