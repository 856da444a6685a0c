//! Portway's driver for Git and for the hosts of Git repositories.
//!
//! ```text
//! scm_url       what a web URL of a code host means; relative references
//! integrations  which hosts run what, and the credential of each
//! credentials   which token a request carries; GitHub Apps
//! http          the one HTTP client: size, time, redirects, addresses
//! budget        what is left of a credential's rate limit, who goes first
//! git           repositories read at a commit, without a checkout
//! host          the server's side of Git: what pushes bring, what fetches get
//! client        GitHub, GitLab and Gitea: repositories, files, teams, users
//! discovery     which repositories of an organisation hold catalog files
//! org           users and groups of an organisation as entities
//! webhook       is it really from the forge, and what happened?
//! ```
//!
//! It knows hosts, bytes and commits; what a catalog file means is decided
//! elsewhere. The process has to install rustls' crypto provider before an
//! [`http::Client`] is made.

pub mod budget;
pub mod client;
mod credentials;
pub mod discovery;
pub mod git;
pub mod host;
pub mod http;
mod integrations;
mod kind;
pub mod org;
pub mod scm_url;
mod secret;
pub mod webhook;

pub use client::{Forge, ForgeError, Forges};
pub use credentials::Credentials;
pub use integrations::{GitHubApp, Integration, Integrations};
pub use kind::ForgeKind;
pub use secret::Secret;
