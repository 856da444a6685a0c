//! Entities as documents.

mod definition;
mod entity;

pub(crate) use entity::{COLLECTION, Source, document};
