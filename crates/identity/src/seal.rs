//! Encryption of signing keys at rest.
//!
//! Signing keys live in the database, because all replicas must sign and
//! verify with the same ones; the key that opens them does not. A copy of the
//! database alone (a backup, a dump) therefore cannot forge anybody's token.

use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::entropy::Entropy;
use crate::error::IdentityError;
use crate::secret::Secret;

/// Separates this use of a configured secret from every other.
const PURPOSE: &[u8] = b"portway.identity.seal.v1\0";
const NONCE_BYTES: usize = 24;

/// The key that encrypts signing keys.
#[derive(Clone, Debug)]
pub struct SealKey(Secret<[u8; 32]>);

impl SealKey {
    /// Takes the key from a configured secret (`auth.session.secret`), which
    /// replicas that share a database must share too. The secret has to be
    /// random and long: 32 bytes from `openssl rand -base64 32`.
    pub fn from_secret(secret: &Secret<String>) -> Self {
        let mut hash = Sha256::new();
        hash.update(PURPOSE);
        hash.update(secret.expose().as_bytes());
        Self(Secret::new(hash.finalize().into()))
    }

    /// Reads the key from a file, or makes the file (mode 0600) with a new key.
    ///
    /// # Errors
    /// [`IdentityError::SealFile`] when the file cannot be read or made, holds
    /// something else, or can be read by others.
    pub fn in_file(path: &Path, entropy: &Entropy) -> Result<Self, IdentityError> {
        let problem = |text: String| IdentityError::SealFile {
            path: path.display().to_string(),
            problem: text,
        };
        match open_new(path) {
            Ok(mut file) => {
                let key = entropy.bytes::<32>()?;
                let text = Zeroizing::new(hex::encode(key));
                file.write_all(text.as_bytes())
                    .and_then(|()| file.sync_all())
                    .map_err(|error| problem(format!("cannot be written: {error}")))?;
                Ok(Self(Secret::new(key)))
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                require_private(path).map_err(problem)?;
                let mut text = Zeroizing::new(String::new());
                std::fs::File::open(path)
                    .and_then(|file| file.take(1024).read_to_string(&mut text))
                    .map_err(|error| problem(format!("cannot be read: {error}")))?;
                let mut key = [0; 32];
                hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
                    problem("does not hold 64 hexadecimal digits; restore it from a backup, or delete it (people then have to sign in to their Backstage clients again)".to_owned())
                })?;
                Ok(Self(Secret::new(key)))
            }
            Err(error) => Err(problem(format!("cannot be made: {error}"))),
        }
    }

    /// Another key for another purpose, which tells nothing of this one. It is
    /// the same for as long as this key is.
    pub fn derive(&self, purpose: &str) -> Secret<[u8; 32]> {
        let mut hash = Sha256::new();
        hash.update(b"portway.identity.derive.v1\0");
        hash.update(self.0.expose());
        hash.update(purpose.as_bytes());
        Secret::new(hash.finalize().into())
    }

    /// Encrypts. `context` must be the same when opening.
    ///
    /// # Errors
    /// When there is no randomness to be had.
    pub fn seal(
        &self,
        plain: &[u8],
        context: &str,
        entropy: &Entropy,
    ) -> Result<Vec<u8>, IdentityError> {
        let nonce = entropy.bytes::<NONCE_BYTES>()?;
        let sealed = self
            .cipher()
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: context.as_bytes(),
                },
            )
            .map_err(|_| IdentityError::Key("it could not be encrypted"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`SealKey::seal`] made; `None` for anything else.
    pub fn open(&self, sealed: &[u8], context: &str) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.cipher()
            .decrypt(
                &XNonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: context.as_bytes(),
                },
            )
            .ok()
            .map(Zeroizing::new)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose().into())
    }
}

fn open_new(path: &Path) -> std::io::Result<std::fs::File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn require_private(path: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path)
        .map_err(|error| format!("cannot be read: {error}"))?
        .permissions()
        .mode();
    if mode & 0o077 == 0 {
        return Ok(());
    }
    Err(format!(
        "can be read by others (mode {:03o}); run `chmod 600 {}`",
        mode & 0o777,
        path.display()
    ))
}

#[cfg(not(unix))]
fn require_private(_: &Path) -> Result<(), String> {
    // Other systems keep the data directory itself private.
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(secret: &str) -> SealKey {
        SealKey::from_secret(&Secret::new(secret.to_owned()))
    }

    #[test]
    fn opens_only_with_the_same_key_and_context() {
        let sealed = key("a")
            .seal(b"private", "kid-1", &Entropy::system())
            .expect("sealed");
        assert!(!sealed.windows(7).any(|bytes| bytes == b"private"));
        assert_eq!(
            key("a")
                .open(&sealed, "kid-1")
                .as_deref()
                .map(Vec::as_slice),
            Some(b"private".as_slice())
        );
        assert!(key("b").open(&sealed, "kid-1").is_none());
        assert!(key("a").open(&sealed, "kid-2").is_none());
        let mut damaged = sealed.clone();
        damaged[30] ^= 1;
        assert!(key("a").open(&damaged, "kid-1").is_none());
        assert!(key("a").open(&sealed[..10], "kid-1").is_none());
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_private_and_read_again() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("identity.key");
        let first = SealKey::in_file(&path, &Entropy::system()).expect("made");
        let mode = std::fs::metadata(&path)
            .expect("the file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let sealed = first.seal(b"x", "", &Entropy::system()).expect("sealed");
        let second = SealKey::in_file(&path, &Entropy::system()).expect("read");
        assert!(second.open(&sealed, "").is_some());

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("chmod");
        let refused = SealKey::in_file(&path, &Entropy::system()).expect_err("too open");
        assert!(refused.to_string().contains("chmod 600"), "{refused}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("chmod");
        std::fs::write(&path, "nonsense").expect("written");
        assert!(SealKey::in_file(&path, &Entropy::system()).is_err());
    }
}
