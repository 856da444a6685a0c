//! The language of Portway: entities and everything that can be said of one
//! without a database, a network or a clock.
//!
//! | module | what it answers |
//! |---|---|
//! | [`yaml`] | what does this file say, and on which line |
//! | [`entity`] | one entity: envelope fields by name, everything else verbatim |
//! | [`entity_ref`], [`location_ref`], [`duration`] | short texts with a grammar |
//! | [`field_format`] | which letters a name, label or tag may have |
//! | [`kinds`] | which kinds exist, what their `spec` must look like, which relations follow from it |
//! | [`check`] | is this document a valid entity, and if not: what, where, how to fix |
//! | [`placeholder`] | `$text`, `$json` and `$yaml` substitutions |
//! | [`query`] | which entities a filter matches, which fields an answer shows |
//! | [`diagnostic`] | one finding about one place in a file |
//! | [`nearest()`] | the word that a mistyped one was probably meant to be |
//! | [`quoted()`] | a value of others so that a message can repeat it |

pub mod check;
pub mod diagnostic;
pub mod duration;
pub mod entity;
pub mod entity_ref;
pub mod field_format;
pub mod kinds;
pub mod location_ref;
pub mod placeholder;
pub mod query;
pub mod yaml;

mod javascript;
mod near_miss;
mod quoted;

pub use check::{Checked, Problem, Stage};
pub use diagnostic::{Diagnostic, Severity};
pub use entity::Entity;
pub use entity_ref::EntityRef;
pub use kinds::{EmittedRelation, Kinds};
pub use location_ref::LocationRef;
pub use near_miss::nearest;
pub use quoted::{LONGEST_QUOTE, quoted};
