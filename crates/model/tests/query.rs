//! The query language: references, filters, predicates, projections and
//! search rows, against Backstage's vectors and by property.

#[path = "query/entity_ref.rs"]
mod entity_ref;
#[path = "query/filter.rs"]
mod filter;
#[path = "query/predicate.rs"]
mod predicate;
#[path = "query/projection.rs"]
mod projection;
#[path = "query/search_rows.rs"]
mod search_rows;
#[path = "query/vectors.rs"]
mod vectors;
