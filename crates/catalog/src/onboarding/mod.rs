//! Bringing something into the catalog that is not there yet.
//!
//! ```text
//! address ─▶ ingest::look ─┬─ file ────────────────▶ review ─▶ register
//!                          └─ folder ─▶ suggest ─▶ review ─▶ propose (pull request)
//! ```
//!
//! A review and a suggestion store nothing. What a person typed is judged by
//! the engine that reads sources, so both say the same.

mod propose;
mod review;
mod suggest;

pub(crate) use propose::{Draft, MayPropose};
pub(crate) use review::{Effect, Flaw, Review, Reviewed};
pub(crate) use suggest::{Clue, suggest};

use model::location_ref::LocationRef;
use platform::error::ApiError;

/// The location of an address that a person typed.
///
/// # Errors
/// 400 that says what an address looks like.
pub(crate) fn location_of(url: &str) -> Result<LocationRef, ApiError> {
    const ACCEPTED: &str = "an address such as https://github.com/acme/shop or https://github.com/acme/shop/blob/main/catalog-info.yaml";
    let url = url.trim();
    let is_web = url::Url::parse(url)
        .is_ok_and(|parsed| matches!(parsed.scheme(), "https" | "http") && parsed.has_host());
    if !is_web {
        let message = if url.is_empty() {
            "The address is missing".to_owned()
        } else {
            format!("{url} is not an address of the web")
        };
        return Err(ApiError::input(message)
            .accepted(ACCEPTED)
            .fix("files of the server are declared under catalog.locations in app-config.yaml"));
    }
    LocationRef::new("url", url)
        .map_err(|error| ApiError::input(error.to_string()).accepted(error.accepted()))
}
