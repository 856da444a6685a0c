//! The four nouns (entity, event, action, controller) and what they stand on:
//! one store, one queue, one clock, one configuration, one way to answer HTTP.

pub mod action;
pub mod actor;
pub mod capability;
pub mod clock;
pub mod config;
pub mod controller;
pub mod decision;
pub mod doctor;
pub mod error;
pub mod event;
pub mod http;
pub mod inside;
pub mod journal;
pub mod openapi;
pub mod origin;
pub mod queue;
pub mod request;
pub mod store;
pub mod telemetry;

pub use clock::Clock;
pub use error::ApiError;
