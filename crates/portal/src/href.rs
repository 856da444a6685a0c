//! Links made from data that other people wrote.

/// `href` when it may stand in a link: a path, a query or a fragment of this
/// site, or an `http`, `https` or `mailto` address; `#` otherwise, so that no
/// script can hide in a link.
pub fn safe_href(href: &str) -> &str {
    let scheme_end = href.find(':');
    let path_start = href.find(['/', '?', '#']);
    let relative = match (scheme_end, path_start) {
        (None, _) => true,
        (Some(colon), Some(slash)) => slash < colon,
        (Some(_), None) => false,
    };
    let known = href.split_once(':').is_some_and(|(scheme, _)| {
        ["http", "https", "mailto"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
    });
    // Browsers drop control characters before they look at the scheme.
    if (relative || known) && !href.contains(|c: char| c.is_control()) {
        href
    } else {
        "#"
    }
}

/// Whether a link leaves this site.
pub fn is_external(href: &str) -> bool {
    href.starts_with("//")
        || href.split_once(':').is_some_and(|(scheme, _)| {
            scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")
        })
}
