//! Programs that hold no secret of ours: a job of GitHub Actions or GitLab CI,
//! or a pod, shows the token that its own platform signed, and gets a short
//! one of Portway's (RFC 8693).
//!
//! ```text
//! token ─▶ header: algorithm allowed? ─▶ issuer: which entries trust it?
//!       ─▶ the keys of each (configured, or published and cached): which of
//!          them made the signature? Only their entries stay
//!       ─▶ exp, nbf, iat, aud ─▶ entries: do all claims match? ─▶ used before?
//! ```
//!
//! What a refusal says of our configuration is said only to somebody whose
//! token is genuine.

mod exchange;
mod keys;
mod trust;
mod verdict;

pub(crate) use keys::Issuers;
pub use keys::KeyFetch;
pub use trust::Trust;
