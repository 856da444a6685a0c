//! Signed tokens of others, and the keys that prove them: ID tokens of
//! providers, statements of proxies, tokens of workloads.
//!
//! The order matters: the algorithm is looked up in a list of our own before
//! any key, the key has to fit the algorithm, and no claim is read before the
//! signature holds. Who issued a token and for whom is the caller's to check.

mod keys;
mod token;

pub(crate) use keys::{Answer, Key, KeyFault, KeySet};
pub(crate) use token::{ASYMMETRIC, Presented, check_time, read};
