//! Signed statements of how far the log goes and which hash it has there.
//!
//! The chain alone shows that a record was changed. Whoever can write the whole
//! database could write the whole chain anew, or cut off its end: a checkpoint
//! that is signed, and lies outside the database too, shows that.

use std::collections::BTreeSet;

use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use identity::SealKey;
use jiff::Timestamp;
use platform::event::chain::Hash;
use serde_json::{Value, json};

use crate::walk::Fault;

/// What the signing key is derived for.
const PURPOSE: &str = "audit checkpoints";

/// The installation's key for checkpoints. It is derived from the sealing key,
/// which is not in the database, and never stored.
pub struct Signer(SigningKey);

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Signer")
            .field(&hex::encode(self.public()))
            .finish()
    }
}

impl Signer {
    /// The key of an installation.
    pub fn of(seal: &SealKey) -> Self {
        Self(SigningKey::from_bytes(seal.derive(PURPOSE).expose()))
    }

    /// The public half, Ed25519.
    pub fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    /// Signs that the chain that begins at `first` has this hash at `seq`.
    pub fn sign(&self, first: i64, (seq, hash): (i64, Hash), at: Timestamp) -> Checkpoint {
        let mut checkpoint = Checkpoint {
            first,
            seq,
            hash,
            at,
            key: self.public(),
            signature: [0; 64],
        };
        checkpoint.signature = self.0.sign(checkpoint.statement().as_bytes()).to_bytes();
        checkpoint
    }
}

/// A signed statement about the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// The first event of the chain.
    pub first: i64,
    /// The event that it is about.
    pub seq: i64,
    /// The hash of that event.
    pub hash: Hash,
    /// When it was signed, to the microsecond.
    pub at: Timestamp,
    /// Ed25519, public.
    pub key: [u8; 32],
    /// Of the statement.
    pub signature: [u8; 64],
}

impl Checkpoint {
    /// What is signed.
    fn statement(&self) -> String {
        format!(
            "portway audit checkpoint v1\nfirst: {}\nseq: {}\nhash: {}\nat: {}\n",
            self.first,
            self.seq,
            hex::encode(self.hash),
            self.at.as_microsecond(),
        )
    }

    fn is_signed(&self) -> bool {
        VerifyingKey::from_bytes(&self.key).is_ok_and(|key| {
            key.verify_strict(
                self.statement().as_bytes(),
                &Signature::from_bytes(&self.signature),
            )
            .is_ok()
        })
    }

    /// One line of a checkpoint file.
    pub fn to_json(&self) -> Value {
        json!({
            "first": self.first,
            "seq": self.seq,
            "hash": hex::encode(self.hash),
            "at": self.at.to_string(),
            "key": hex::encode(self.key),
            "signature": hex::encode(self.signature),
        })
    }

    /// Reads what [`Checkpoint::to_json`] wrote.
    pub fn from_json(value: &Value) -> Option<Self> {
        let text = |key: &str| value.get(key)?.as_str();
        Some(Self {
            first: value.get("first")?.as_i64()?,
            seq: value.get("seq")?.as_i64()?,
            hash: bytes(text("hash")?)?,
            at: text("at")?.parse().ok()?,
            key: bytes(text("key")?)?,
            signature: bytes(text("signature")?)?,
        })
    }
}

/// A fixed number of bytes in hexadecimal digits.
pub(crate) fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).ok()?;
    Some(bytes)
}

/// Whose checkpoints count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    keys: BTreeSet<[u8; 32]>,
    /// Every key counts: nobody has said which.
    any: bool,
}

impl Trust {
    /// These public keys count.
    pub fn keys(keys: impl IntoIterator<Item = [u8; 32]>) -> Self {
        Self {
            keys: keys.into_iter().collect(),
            any: false,
        }
    }

    /// Whatever key a checkpoint names: shows damage, not forgery.
    pub fn anybody() -> Self {
        Self {
            keys: BTreeSet::new(),
            any: true,
        }
    }

    /// Whether a checkpoint counts, and if not, why.
    ///
    /// # Errors
    /// [`Fault::Key`] and [`Fault::Signature`].
    pub(crate) fn judge(&self, checkpoint: &Checkpoint) -> Result<(), Fault> {
        if !self.any && !self.keys.contains(&checkpoint.key) {
            return Err(Fault::Key);
        }
        if checkpoint.is_signed() {
            Ok(())
        } else {
            Err(Fault::Signature)
        }
    }
}
