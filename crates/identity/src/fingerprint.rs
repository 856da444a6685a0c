//! Keyed hashes that stand in the log in the place of what must not stand
//! there: they tell whether two values are the same, and nobody without the
//! installation's sealing key can try out what they were.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::identity::Identity;
use crate::seal::SealKey;
use crate::secret::Secret;

/// What the key is derived for.
const PURPOSE: &str = "fingerprints in events";
/// Bytes of a fingerprint: enough to tell values apart.
const LENGTH: usize = 16;

/// Makes fingerprints.
pub(crate) struct Fingerprints(Secret<[u8; 32]>);

impl fmt::Debug for Fingerprints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprints")
    }
}

impl Fingerprints {
    pub(crate) fn of(seal: &SealKey) -> Self {
        Self(seal.derive(PURPOSE))
    }

    fn make(&self, value: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose()) else {
            return "hmac:none".to_owned();
        };
        mac.update(value.as_bytes());
        let bytes = mac.finalize().into_bytes();
        format!(
            "hmac:{}",
            hex::encode(bytes.get(..LENGTH).unwrap_or(&bytes))
        )
    }
}

impl Identity {
    /// The keyed hash of a value, for an event.
    pub(crate) fn fingerprint(&self, value: &str) -> String {
        self.fingerprints().make(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_value_is_the_same_under_one_key_only() {
        let key = |text: &str| SealKey::from_secret(&Secret::new(text.to_owned()));
        let (one, other) = (Fingerprints::of(&key("a")), Fingerprints::of(&key("b")));
        assert_eq!(one.make("\"red\""), one.make("\"red\""));
        assert_ne!(one.make("\"red\""), one.make("\"blue\""));
        assert_ne!(one.make("\"red\""), other.make("\"red\""));
        assert!(!one.make("\"red\"").contains("red"));
    }
}
