//! Passwords: Argon2id, with the parameters written beside each hash.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use platform::ApiError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::entropy::Entropy;
use crate::error::IdentityError;
use crate::secret::Secret;

/// OWASP's first choice for Argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at once: each takes its 19 MiB.
const AT_ONCE: usize = 4;
/// The shortest password, in characters (NIST SP 800-63B asks for 8, and for
/// 15 where a password stands alone).
pub(super) const SHORTEST: usize = 12;
/// The longest, in bytes.
const LONGEST: usize = 512;

/// Computes and compares password hashes, a few at a time and away from the
/// threads that serve requests.
#[derive(Debug)]
pub(crate) struct Hashing {
    slots: Arc<Semaphore>,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// The right to compute hashes, one after the other. It is given back when it
/// is dropped and the last hash is done.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Option<OwnedSemaphorePermit>>);

impl Hashing {
    /// Waits for the right to compute hashes.
    pub(super) async fn slot(&self) -> Slot {
        // The semaphore is never closed.
        Slot(Arc::new(Arc::clone(&self.slots).acquire_owned().await.ok()))
    }
}

impl Slot {
    /// The hash of a password, with its parameters.
    pub(super) async fn hash(
        &self,
        password: &Secret<String>,
        entropy: &Entropy,
    ) -> Result<String, IdentityError> {
        let salt = entropy.bytes::<16>()?;
        let password = password.clone();
        self.away(move || {
            let hash: PasswordHash = hasher()?
                .hash_password_with_salt(password.expose().as_bytes(), &salt)
                .map_err(|_| IdentityError::Key("the password could not be hashed"))?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the one behind `stored`. Without a stored hash
    /// the same work is done for nothing, so that time tells no one which
    /// accounts exist.
    pub(super) async fn matches(
        &self,
        password: &Secret<String>,
        stored: Option<String>,
    ) -> Result<bool, IdentityError> {
        let real = stored.is_some();
        let stored = stored.unwrap_or_else(nobody_s);
        let password = password.clone();
        let matches = self
            .away(move || {
                let hash = PasswordHash::new(&stored)
                    .map_err(|_| IdentityError::Row("identity_accounts".to_owned()))?;
                Ok(hasher()?
                    .verify_password(password.expose().as_bytes(), &hash)
                    .is_ok())
            })
            .await?;
        Ok(matches && real)
    }

    async fn away<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        // Whoever waits may go; the work goes on and keeps the slot.
        let slot = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || {
            let _slot = slot;
            work()
        });
        done.await
            .map_err(|_| IdentityError::Key("the work on a password was cut off"))?
    }
}

fn hasher() -> Result<Argon2<'static>, IdentityError> {
    let parameters = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|_| IdentityError::Key("Argon2 does not take its parameters"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

/// A hash that no password has, with today's parameters.
fn nobody_s() -> String {
    format!(
        "$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$bm9ib2R5J3Mgc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    )
}

/// Whether a hash was made with other parameters than today's.
pub(super) fn is_outdated(stored: &str) -> bool {
    let today = format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}$");
    !stored.starts_with(&today)
}

/// Refuses a password that somebody would guess. There are no rules about
/// letters and digits: they make passwords worse (NIST SP 800-63B, 3.1.1.2).
pub(super) fn require_strong(password: &Secret<String>, about: &[&str]) -> Result<(), ApiError> {
    let text = password.expose();
    let length = text.chars().count();
    if length < SHORTEST {
        return Err(weak(format!(
            "The password has {length} characters, which is too few"
        )));
    }
    if text.len() > LONGEST {
        return Err(weak("The password is longer than 512 bytes".to_owned()));
    }
    // The estimate looks at a hundred characters and takes the rest as given.
    let estimate = zxcvbn::zxcvbn(text, about);
    if estimate.score() >= zxcvbn::Score::Three {
        return Ok(());
    }
    let why = estimate
        .feedback()
        .and_then(zxcvbn::feedback::Feedback::warning)
        .map_or_else(
            || "It is made of words, names or patterns that are tried first".to_owned(),
            |warning| warning.to_string(),
        );
    Err(weak(format!("The password is easy to guess. {why}")))
}

fn weak(message: String) -> ApiError {
    ApiError::input(message)
        .accepted(format!(
            "{SHORTEST} characters or more that nobody would guess, of any kind"
        ))
        .fix("use four or more words that do not belong together, or let a password manager make one")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::new(text.to_owned())
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other() {
        let hashing = Hashing::default();
        let slot = hashing.slot().await;
        let right = secret("quietly-borrowed-lanterns-42");
        let stored = slot.hash(&right, &Entropy::system()).await.expect("a hash");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(!is_outdated(&stored));
        assert!(is_outdated(&stored.replace("m=19456", "m=9216")));
        let matches = |password: Secret<String>, stored: Option<String>| {
            let slot = &slot;
            async move { slot.matches(&password, stored).await.expect("an answer") }
        };
        assert!(matches(right.clone(), Some(stored.clone())).await);
        assert!(!matches(secret("quietly-borrowed-lanterns-43"), Some(stored)).await);
        assert!(!matches(right, None).await);
    }

    #[test]
    fn what_is_guessed_first_is_refused() {
        for password in [
            "short",
            "passwordpassword",
            "aaaaaaaaaaaaaaaa",
            "qwertyuiop123456",
            "123456789012345",
            "Password123456!",
            "abcdefghijklmnop",
            "kim.portwaykim.portway",
            "",
        ] {
            let refused = require_strong(&secret(password), &["kim", "kim.portway"]);
            assert_eq!(
                refused.map_err(|error| error.status.as_u16()),
                Err(400),
                "{password}"
            );
        }
        assert_eq!(
            require_strong(&secret(&"ab".repeat(300)), &[]).map_err(|error| error.status.as_u16()),
            Err(400)
        );
        for password in [
            "quietly borrowed lanterns hum",
            "7f$kQ!2z@Lm9#xTr",
            "파란 우산을 접은 고래 세 마리",
        ] {
            assert!(
                require_strong(&secret(password), &["kim"]).is_ok(),
                "{password}"
            );
        }
    }
}
