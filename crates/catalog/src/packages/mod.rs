//! What entities are built of: software bills of materials (SBOM), read into
//! packages that can be searched by name and version.
//!
//! ```text
//! annotation portway.dev/sbom ─▶ ingest::sbom ─▶ read (CycloneDX, SPDX) ─▶ store
//!                                                                           │
//!                     owners, entities, packages ◀── Search (name, range) ◀─┘
//! ```
//!
//! Invariants: a package belongs to the SBOM it was read from and goes with
//! it; an SBOM that cannot be read leaves what the last readable one said; a
//! version that cannot be compared is reported, never guessed.

mod answer;
mod maven;
mod pep440;
mod plain;
mod purl;
mod range;
mod sbom;
mod search;

pub(crate) use answer::{Affected, Answer, Coverage, Matched};
pub use purl::{Purl, PurlError};
pub use range::{Range, RangeError, Verdict};
pub use sbom::{Bom, Package, Relation, read};
pub(crate) use search::{MAX_MATCHES, Search};

/// The annotation that names the SBOMs of an entity: paths relative to the
/// entity's file or addresses, several separated by commas.
pub const SBOM_ANNOTATION: &str = "portway.dev/sbom";
