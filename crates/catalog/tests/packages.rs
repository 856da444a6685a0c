//! Package URLs, versions and SBOMs on their own.

#[cfg(test)]
#[path = "packages/sboms.rs"]
mod sboms;
#[cfg(test)]
#[path = "packages/tiers.rs"]
mod tiers;
#[cfg(test)]
#[path = "packages/versions.rs"]
mod versions;
