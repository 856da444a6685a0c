//! The query language of the catalog: what an entity can be found by, how to
//! ask for it, and which parts of it to answer with.
//!
//! - [`search_rows`] says which key/value pairs an entity can be found by.
//! - [`parse_filters`] reads the `filter` query parameters of Backstage's
//!   catalog API into a [`Predicate`].
//! - [`Predicate`] is the condition itself, with its JSON form (the `query` of
//!   request bodies), and can be tested against one entity.
//! - [`Fields`] is the `fields` parameter: a projection of an entity.
//!
//! A read model that answers predicates from an index must agree with
//! [`Predicate::matches`], which is the definition of what they mean.

mod evaluate;
mod filter;
mod predicate;
mod projection;
mod search_rows;

pub use evaluate::Searchable;
pub use filter::{FilterError, parse_filters};
pub use predicate::{Predicate, PredicateError, Primitive, Test};
pub use projection::{Fields, FieldsError};
pub use search_rows::{
    DuplicateKeys, MAX_KEY_UNITS, MAX_VALUE_UNITS, Row, RowOrigin, RowRef, fold_case, search_rows,
    utf16_longer_than, visit_rows,
};
