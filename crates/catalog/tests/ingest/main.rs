//! Ingestion through the public surface: files in, entities out, with a real
//! database, the real queue and the real runner.

mod absence;
mod faults;
mod support;
mod walk;
