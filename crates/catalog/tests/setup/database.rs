//! Tests on both databases.

pub(crate) use testing::{On, on_both_databases};
