//! `?at=<time>`: which moment a page shows.

use jiff::Timestamp;
use portal::{Address, View};

use crate::past::time_in;

/// The moment in the page's address; nothing for now. What is no time is
/// refused where the index is asked for, with a sentence.
pub(super) fn moment_of(view: &View) -> Option<Timestamp> {
    time_in(view.here.get("at")?).ok()
}

/// A link of a page: what it leads to is shown at the moment of the page, if
/// it is of the catalog.
pub(super) fn then(view: &View, href: impl AsRef<str>) -> String {
    let href = href.as_ref();
    let leads = href.starts_with("/catalog") && !href.contains('#');
    match view.here.get("at").filter(|_| leads) {
        Some(at) => Address::parse(href).with("at", at).to_string(),
        None => href.to_owned(),
    }
}

/// The page follows these topics, unless it shows a past moment: that stays
/// as it was.
pub(super) fn following<T: Into<String>>(view: View, topics: impl IntoIterator<Item = T>) -> View {
    match moment_of(&view) {
        Some(_) => view,
        None => view.following(topics),
    }
}
