//! Why a source is read when it is read, in the page's language. The queue
//! keeps reasons as the sentences that the engine wrote.

use portal::View;

/// The reason in words; one that is not known here stays as it is.
pub(super) fn reason_text(view: &View, reason: &str) -> String {
    let key = match reason {
        crate::ingest::STARTED => "catalog-reason-started",
        "looks for changes on its schedule" => "catalog-reason-schedule",
        "watched; also looks for changes now and then" => "catalog-reason-watched",
        "looks for changes now and then" => "catalog-reason-interval",
        _ => return with_detail(view, reason),
    };
    view.t(key).to_string()
}

fn with_detail(view: &View, reason: &str) -> String {
    let who = |prefix: &str| reason.strip_prefix(prefix).map(str::to_owned);
    let by = [
        ("registered by ", "catalog-reason-registered"),
        ("asked for by ", "catalog-reason-asked"),
        ("moved by ", "catalog-reason-moved"),
        ("deletion confirmed by ", "catalog-reason-confirmed"),
    ];
    for (prefix, key) in by {
        if let Some(name) = who(prefix) {
            return view.t(key).with("name", name).to_string();
        }
    }
    if reason.starts_with("rate limited") {
        return view.t("catalog-source-limited").to_string();
    }
    if let Some(why) = who("tries again: ") {
        return view.t("catalog-reason-again").with("why", why).to_string();
    }
    for (suffix, key) in [
        (" has become free", "catalog-reason-free"),
        (" changed", "catalog-reason-changed"),
    ] {
        if let Some(name) = reason.strip_suffix(suffix) {
            return view.t(key).with("name", name.to_owned()).to_string();
        }
    }
    reason.to_owned()
}
