//! What the target of a Location or substitution looks like: a path, or an
//! address of some kind.

use super::content::ReadFailure;

/// A target by its form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// Without a scheme (RFC 3986, 3.1): relative to the file that names it.
    Path,
    /// `https://` or `http://`.
    Web,
    /// `file:`.
    File,
    /// Any other scheme: `ftp:`, `javascript:`, `data:`, `https:` without `//`.
    Other,
}

impl Address {
    /// The form of a target. A path whose first part holds a colon is written
    /// `./a:b.yaml`.
    pub(super) fn of(target: &str) -> Self {
        let Some((scheme, rest)) = target.split_once(':') else {
            return Self::Path;
        };
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
        if !is_scheme {
            return Self::Path;
        }
        match scheme.to_ascii_lowercase().as_str() {
            "file" => Self::File,
            "https" | "http" if rest.starts_with("//") => Self::Web,
            _ => Self::Other,
        }
    }
}

/// The target can be read by nobody.
pub(super) fn no_address(target: &str) -> ReadFailure {
    ReadFailure::new(
        "bad-location",
        format!("{target} is neither a path nor an address that begins with https:// or http://"),
        "write a path relative to the file, or an https:// address",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_begins_with_a_scheme_is_an_address() {
        for (target, expected) in [
            ("./a.yaml", Address::Path),
            ("/a.yaml", Address::Path),
            ("./a:b.yaml", Address::Path),
            ("a/b:c.yaml", Address::Path),
            ("git@host:a/b.yaml", Address::Path),
            ("\u{ACB0}\u{C81C}:a.yaml", Address::Path),
            (":a", Address::Path),
            ("", Address::Path),
            ("https://host/x", Address::Web),
            ("HTTP://host/x", Address::Web),
            ("https://", Address::Web),
            ("https:x", Address::Other),
            ("file:x", Address::File),
            ("File:///x", Address::File),
            ("ftp://host/x", Address::Other),
            ("JavaScript:alert(1)", Address::Other),
            ("data:,x", Address::Other),
            ("git+ssh://host/x", Address::Other),
            ("C:\\x.yaml", Address::Other),
        ] {
            assert_eq!(Address::of(target), expected, "{target}");
        }
    }
}
