//! Every page through a real router over a real database, in both languages.

#[path = "pages/company.rs"]
mod company;
#[path = "pages/entity.rs"]
mod entity;
#[path = "pages/hostile.rs"]
mod hostile;
#[path = "pages/list.rs"]
mod list;
#[path = "pages/rules.rs"]
mod rules;
#[path = "pages/sources.rs"]
mod sources;
#[path = "ingest/support.rs"]
#[expect(dead_code, reason = "shared with the tests of ingestion, which use other parts of it")]
mod support;
