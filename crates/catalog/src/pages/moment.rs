//! `?at=<time>`: which moment a page shows.

use jiff::Timestamp;
use portal::View;

/// The moment in the page's address; nothing for now. What is no time is
/// refused where the index is asked for, with a sentence.
pub(super) fn moment_of(view: &View) -> Option<Timestamp> {
    let text = view.here.get("at")?;
    text.parse()
        .or_else(|_| format!("{text}T00:00:00Z").parse())
        .ok()
}
