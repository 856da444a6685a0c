//! Ingestion through the public surface: files in, entities out, with a real
//! database, the real queue and the real runner.

#[cfg(test)]
mod absence;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod packages;
#[cfg(test)]
mod support;
#[cfg(test)]
mod unchanged;
#[cfg(test)]
mod walk;
