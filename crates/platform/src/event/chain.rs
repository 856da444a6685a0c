//! The chain that makes the log provable.
//!
//! ```text
//! digest(n) = SHA-256("portway.event.v1" 0 ‖ every field of event n)
//! hash(n)   = SHA-256("portway.chain.v1" 0 ‖ hash(n-1) ‖ digest(n))
//! hash(f-1) = SHA-256("portway.start.v1" 0 ‖ f), where f is the first number in the chain
//! ```
//!
//! Two steps, so that a removed event can leave its digest behind and the chain
//! can still be computed. Numbers are 8 bytes, big-endian; a text is a byte 1,
//! its length in 4 bytes, big-endian, and its UTF-8; an absent one is a byte 0.

use sha2::{Digest as _, Sha256};

/// A SHA-256.
pub type Hash = [u8; 32];

/// Every field of an event as the database holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its place in the log.
    pub seq: i64,
    /// Microseconds since 1970.
    pub time: i64,
    /// Its id.
    pub id: &'a str,
    /// Its type.
    pub kind: &'a str,
    /// The sort of actor.
    pub actor_kind: &'a str,
    /// The actor.
    pub actor: &'a str,
    /// For whom the actor acts.
    pub on_behalf_of: Option<&'a str>,
    /// What it happened to.
    pub subject: &'a str,
    /// What led to it.
    pub cause: Option<&'a str>,
    /// The client's address.
    pub address: Option<&'a str>,
    /// The request.
    pub request: Option<&'a str>,
    /// Why.
    pub reason: Option<&'a str>,
    /// `allowed`, `refused` or `failed`.
    pub outcome: &'a str,
    /// The facts, JSON.
    pub data: &'a str,
}

impl Record<'_> {
    /// The digest of all fields.
    pub fn digest(&self) -> Hash {
        let mut hash = Sha256::new_with_prefix(b"portway.event.v1\0");
        hash.update(self.seq.to_be_bytes());
        hash.update(self.time.to_be_bytes());
        for text in [
            Some(self.id),
            Some(self.kind),
            Some(self.actor_kind),
            Some(self.actor),
            self.on_behalf_of,
            Some(self.subject),
            self.cause,
            self.address,
            self.request,
            self.reason,
            Some(self.outcome),
            Some(self.data),
        ] {
            let Some(text) = text else {
                hash.update([0]);
                continue;
            };
            hash.update([1]);
            hash.update(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.finalize().into()
    }

    /// The number that the id carries: another than `seq` where a record was
    /// moved or copied.
    pub fn seq_in_id(&self) -> Option<i64> {
        uuid::Uuid::parse_str(self.id).ok().map(super::seq_of)
    }
}

/// The hash that the first event of a chain follows.
pub fn start(first: i64) -> Hash {
    let mut hash = Sha256::new_with_prefix(b"portway.start.v1\0");
    hash.update(first.to_be_bytes());
    hash.finalize().into()
}

/// The hash of an event with this digest after the one with that hash.
pub fn link(previous: &Hash, digest: &Hash) -> Hash {
    let mut hash = Sha256::new_with_prefix(b"portway.chain.v1\0");
    hash.update(previous);
    hash.update(digest);
    hash.finalize().into()
}
