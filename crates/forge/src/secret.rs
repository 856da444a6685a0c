//! Text that must not be shown.

use serde::{Deserialize, Deserializer};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// A token, password or key. It has no `Display` and no `Serialize`, its
/// `Debug` shows only that it is there, its memory is overwritten when it is
/// dropped, and comparing two takes as long for every pair of one length.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl Secret {
    /// Wraps a text; surrounding white space (a line end of a file) is cut.
    /// `None` when nothing remains.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The text, for the one place that sends or compares it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[hidden]")
    }
}

/// Reads an optional secret; an empty text means that there is none.
pub(crate) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    let text = Option::<String>::deserialize(from)?.map(Zeroizing::new);
    Ok(text.and_then(|text| Secret::new(&text)))
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn a_secret_is_compared_and_never_shown() {
        let secret = Secret::new(" ghp_do-not-print\n").expect("a text");
        assert_eq!(
            format!("{secret:?} {:#?}", Some(&secret)),
            "[hidden] Some(\n    [hidden],\n)"
        );
        assert_eq!(secret, Secret::new("ghp_do-not-print").expect("a text"));
        assert_ne!(secret, Secret::new("ghp_do-not-prinT").expect("a text"));
        assert_ne!(secret, Secret::new("ghp").expect("a text"));
        assert_eq!(Secret::new(" \n"), None);
    }
}
