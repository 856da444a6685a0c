//! APIs.

mod compare;
mod doc;
mod read;

pub use compare::{Breaking, Change, ChangeKind, Comparison, What, compare};
pub use doc::{
    ApiDoc, Field, Format, Operation, Payload, SecurityScheme, Server, Shape, TypeDef, WHOLE,
};
pub use read::read;
