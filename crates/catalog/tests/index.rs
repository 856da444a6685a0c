//! The read model: the same answers as looking at every entity, whatever the
//! history, and the shapes that Backstage gives.

#[cfg(test)]
#[path = "index/naive.rs"]
mod naive;
#[cfg(test)]
#[path = "index/properties.rs"]
mod properties;
#[cfg(test)]
#[path = "index/recorded.rs"]
mod recorded;
#[cfg(test)]
#[path = "index/relations.rs"]
mod relations;
#[cfg(test)]
#[path = "index/single.rs"]
mod single;
