//! People that no file declares: those who were made when they signed in. Who
//! keeps them is not the catalog's business; it asks as it asks any source.

use async_trait::async_trait;
use model::kinds::Kinds;
use serde_json::Value;

use super::content::ReadFailure;
use super::found::entities_start;
use super::read::Start;
use crate::source::Source;

/// The type of the location that stands for the roster.
pub(super) const ROSTER: &str = "sign-in";
/// Type and target of that location.
pub const ROSTER_LOCATION: (&str, &str) = (ROSTER, "just-in-time");

/// Keeps people that no file declares.
#[async_trait]
pub trait Roster: std::fmt::Debug + Send + Sync + 'static {
    /// All of them, as documents of kind User.
    ///
    /// # Errors
    /// Why they cannot be read now; nobody is removed because of it.
    async fn people(&self) -> Result<Vec<Value>, String>;
}

/// The people of the roster. One that cannot be asked is unknown, not empty.
pub(super) async fn roster_start(
    roster: Option<&dyn Roster>,
    source: &Source,
    kinds: &Kinds,
) -> Start {
    let mut start = Start::default();
    let people = match roster {
        Some(roster) => roster.people().await,
        None => Err("this program has no people of its own".to_owned()),
    };
    match people {
        Ok(people) => entities_start(&mut start, source, kinds, people),
        Err(why) => {
            let failure = ReadFailure::new(
                "roster",
                why,
                "nothing to do here; it is tried again by itself",
            );
            start.failures.push((source.location.to_string(), failure));
        }
    }
    start
}
