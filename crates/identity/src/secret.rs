//! Values that must not be printed, and how they are compared.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// A value that no log, page, error or serialiser can show by accident.
///
/// It has no `Display` and no `Serialize`, its `Debug` is a placeholder, and
/// its memory is overwritten when it is dropped. The only way to the value is
/// [`Secret::expose`], which is easy to search for.
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes a value into custody.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Hand it to the one place that needs it.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl Secret<String> {
    /// What is kept instead of the secret.
    pub(crate) fn digest(&self) -> SecretDigest {
        SecretDigest::of(&self.0)
    }
}

/// SHA-256 of a secret. Portway's own secrets hold 256 random bits, so a plain
/// hash cannot be searched backwards and needs neither salt nor slowness.
///
/// It has no `PartialEq` on purpose: [`SecretDigest::matches`] is the only way
/// to compare two, so no comparison can leak by its time where the first
/// difference is.
#[derive(Clone, Copy)]
pub(crate) struct SecretDigest([u8; 32]);

impl SecretDigest {
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Whether both came from the same secret. Takes the same time for every
    /// pair: the inputs are of one length and no byte ends the comparison.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    /// The same against a hash from the database.
    pub(crate) fn matches_hex(&self, stored: &str) -> bool {
        let mut other = [0; 32];
        hex::decode_to_slice(stored, &mut other).is_ok() && self.matches(&Self(other))
    }

    /// As it is stored: 64 hexadecimal digits.
    pub(crate) fn to_hex(self) -> String {
        hex::encode(self.0)
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[digest]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let secret = Secret::new("pw_do-not-print".to_owned());
        assert_eq!(format!("{secret:?}"), "[secret]");
        assert_eq!(format!("{:?}", secret.digest()), "[digest]");
    }

    #[test]
    fn digests_match_only_for_equal_secrets() {
        let digest = SecretDigest::of("a");
        assert!(digest.matches(&SecretDigest::of("a")));
        assert!(!digest.matches(&SecretDigest::of("b")));
        assert!(!digest.matches(&SecretDigest::of("")));
    }
}
