//! Relations as pictures: which part of the catalog is meant, how much of it
//! can be drawn, and the same facts as lists and files.
//!
//! ```text
//! address ─▶ Ask ─▶ Net (thousands of nodes, nothing parsed)
//!                    ├─▶ Graph (at most 150, the rest in groups) ─▶ SVG, Mermaid, DOT
//!                    ├─▶ Tree
//!                    └─▶ CSV, JSON
//! ```

mod ask;
mod cycles;
mod draw;
mod explore;
mod families;
mod lookup;
mod net;
mod path;
mod twin;
mod write;

pub(super) use ask::{Ask, Controls, Mode};
pub(super) use draw::Drawing;
pub(super) use explore::{backstage, page};
pub(super) use families::Families;
pub(super) use lookup::{Meant, lookup};
pub(super) use net::{Near, Net};
pub(super) use path::Ways;
pub(super) use twin::tree;
pub(super) use write::{Format, answer, file};
