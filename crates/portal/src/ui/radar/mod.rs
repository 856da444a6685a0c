//! Two kinds of radar: values of several qualities as a polygon, and
//! technologies in rings. Both stand beside a table or list of the same facts.

mod profile;
mod rings;

pub use profile::{Profile, ProfileAxis, ProfileSeries};
pub use rings::{Blip, Moved, TechRadar};
