//! The host, driven by the real `git` program over HTTP.

mod clients;
mod hostile;
mod pulls;
mod world;
