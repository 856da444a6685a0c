//! How places are written for people.

/// A `file:` location as its path, any other as it is.
pub(crate) fn shown(location: &str) -> &str {
    location
        .strip_prefix("file:")
        .or_else(|| location.strip_prefix("url:"))
        .unwrap_or(location)
}
