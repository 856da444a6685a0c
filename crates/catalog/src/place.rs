//! How places are written for people.

/// The location that a diagnostic names by its file, where that is another one
/// than `location`, the file that was being read: an SBOM, for example.
pub(crate) fn named_by(file: Option<&str>, location: &str) -> String {
    match file {
        None => location.to_owned(),
        Some(file) if file == shown(location) => location.to_owned(),
        Some(file) if file.starts_with("git:") => file.to_owned(),
        Some(file) if file.starts_with("https://") || file.starts_with("http://") => {
            format!("url:{file}")
        }
        Some(file) => format!("file:{file}"),
    }
}

/// A `file:` location as its path, any other as it is.
pub(crate) fn shown(location: &str) -> &str {
    location
        .strip_prefix("file:")
        .or_else(|| location.strip_prefix("url:"))
        .unwrap_or(location)
}
