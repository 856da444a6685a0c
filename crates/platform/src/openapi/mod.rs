//! The description of the HTTP API as OpenAPI 3.1, made from the routes.
//!
//! A route says what it takes and answers where it is declared:
//!
//! ```
//! use platform::openapi::{Operation, schema};
//!
//! let operation = Operation::new("listShelves", "library", "Lists shelves")
//!     .query("floor", schema::integer(), "Only shelves on this floor")
//!     .json(200, "The shelves", schema::items(schema::named("Shelf")));
//! ```
//!
//! Path parameters, permission and the usual errors follow from the route.
//! Source: OpenAPI Specification 3.1.1 and JSON Schema 2020-12.

mod document;
mod operation;
pub mod schema;

pub use document::{About, document};
pub use operation::Operation;
pub use schema::Schemas;
