//! What the tests of several crates share. Only tests depend on it.
//!
//! | piece | what it is for |
//! |---|---|
//! | [`On`], [`on_both_databases!`] | a test that is told on which database it runs |
//! | [`once_more_on_postgres!`], [`fresh_schema`] | tests on SQLite, once more on PostgreSQL as they are |
//! | [`words()`] | what people read of a page |
//! | `offline` | a catalog's way to files and hosts, without a network (feature `catalog`) |
//!
//! Tests run on PostgreSQL when `PORTWAY_TEST_POSTGRES` holds the URL of a
//! server (`tests/postgres.sh`); otherwise they say that they are skipped.

#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say what they skip"
)]

mod databases;
#[cfg(feature = "catalog")]
mod offline;
mod once_more;

pub use databases::On;
#[cfg(feature = "catalog")]
pub use offline::offline;
pub use once_more::{fresh_schema, on_postgres};

/// What people read: markup taken away, white space folded.
pub fn words(html: &str) -> String {
    let main = html.split_once("<main").map_or(html, |(_, main)| main);
    let mut text = String::new();
    let mut inside = false;
    for c in main.chars() {
        match c {
            '<' => {
                inside = true;
                text.push(' ');
            }
            '>' => inside = false,
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
