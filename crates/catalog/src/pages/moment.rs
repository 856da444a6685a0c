//! `?at=<time>`: which moment a page shows.

use jiff::Timestamp;
use portal::View;

use crate::past::time_in;

/// The moment in the page's address; nothing for now. What is no time is
/// refused where the index is asked for, with a sentence.
pub(super) fn moment_of(view: &View) -> Option<Timestamp> {
    time_in(view.here.get("at")?).ok()
}
