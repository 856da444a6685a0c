//! The query language: references, filters, predicates, projections and
//! search rows, against Backstage's vectors and by property.

#[cfg(test)]
#[path = "query/entity_ref.rs"]
mod entity_ref;
#[cfg(test)]
#[path = "query/filter.rs"]
mod filter;
#[cfg(test)]
#[path = "query/predicate.rs"]
mod predicate;
#[cfg(test)]
#[path = "query/projection.rs"]
mod projection;
#[cfg(test)]
#[path = "query/search_rows.rs"]
mod search_rows;
#[cfg(test)]
#[path = "query/vectors.rs"]
mod vectors;
