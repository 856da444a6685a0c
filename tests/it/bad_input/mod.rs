//! What users get wrong, and exactly what they are told.
//!
//! | module | what is wrong |
//! |---|---|
//! | [`documents`] | documents: tables in [`syntax`], [`envelope`], [`spec`], [`encodings`], told alike by `portway validate` and the server |
//! | [`between`] | entities that are each fine and do not fit together |
//! | [`places`] | Locations and substitutions that lead to nothing, or to what must not be read |
//! | [`websites`] | addresses, and hosts that misbehave |
//! | [`configuration`], [`starting`] | `app-config.yaml`, arguments, data directory, database |
//! | [`requests`] | requests to the HTTP API |
//! | [`routes`] | callers who may not |
//! | [`mistakes`] | values, files and places of `app-config.yaml` that do not fit |
//! | [`killed`] | the process ends at any moment |

mod between;
mod case;
mod configuration;
mod documents;
mod encodings;
mod envelope;
mod killed;
mod mistakes;
mod places;
mod requests;
mod routes;
mod spec;
mod starting;
mod syntax;
mod websites;
