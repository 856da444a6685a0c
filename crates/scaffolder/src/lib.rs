//! Golden paths: templates read, checked before anybody runs them, and their
//! skeletons rendered.
//!
//! | module | what it answers |
//! |---|---|
//! | [`language`] | `${{ … }}` with the filters that Backstage's scaffolder adds |
//! | [`skeleton`] | which files come out of a folder of files with placeholders |
//! | [`lint`] | what is wrong with a template, and where |
//! | [`preview`] | which files a template makes of the answers to its form |
//!
//! What stays true: nothing here writes a file or opens a connection; what a
//! skeleton makes stays below the folder that it is made for; the same inputs
//! give the same bytes.

pub mod language;
pub mod lint;
pub mod preview;
pub mod skeleton;

mod reading;
