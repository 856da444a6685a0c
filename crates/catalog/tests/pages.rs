//! Every page through a real router over a real database, in both languages.
#![expect(clippy::expect_used, reason = "a helper of a test fails like the test")]

#[path = "pages/company.rs"]
mod company;
#[path = "pages/entity.rs"]
mod entity;
#[path = "pages/finding.rs"]
mod finding;
#[path = "pages/home.rs"]
mod home;
#[path = "pages/hostile.rs"]
mod hostile;
#[path = "pages/list.rs"]
mod list;
#[path = "pages/live.rs"]
mod live;
#[path = "pages/packages.rs"]
mod packages;
#[path = "pages/register.rs"]
mod register;
#[path = "pages/relations.rs"]
mod relations;
#[path = "pages/rules.rs"]
mod rules;
#[path = "pages/sockets.rs"]
mod sockets;
#[path = "pages/sources.rs"]
mod sources;
#[path = "pages/world.rs"]
mod world;
