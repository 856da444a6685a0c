//! Where providers and proxies publish their keys.

use std::time::Duration;

use forge::http::{Client, Request};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use url::Url;

use super::refused::{Fault, Reason};
use super::settings::KeySource;
use crate::foreign::{Answer, Key, KeyFault, KeySet};

/// How long keys are used without asking again.
pub(super) const KEEP: Duration = Duration::from_secs(12 * 3600);

/// The key that signed a token with this header.
pub(super) async fn find(
    keys: &KeySet,
    source: &KeySource,
    wanted: (Option<&str>, Algorithm),
    (http, now): (&Client, Timestamp),
) -> Result<Key, Fault> {
    let place = source.url().as_str();
    keys.find(wanted, (place, now), || read(source, wanted.0, http))
        .await
        .map_err(|fault| match fault {
            KeyFault::Down(why) => Fault::new(Reason::Down, why),
            KeyFault::Unknown(why) => Fault::untrusted(why),
        })
}

async fn read(source: &KeySource, id: Option<&str>, http: &Client) -> Result<Answer, KeyFault> {
    let url = match source {
        KeySource::Set(url) => url.clone(),
        KeySource::PemBelow(base) => pem_url(base, id)?,
    };
    let answer = http
        .send(Request::get(url.clone()).header("accept", "application/json"))
        .await
        .map_err(|error| KeyFault::Down(error.to_string()))?;
    if answer.status != 200 {
        return Err(KeyFault::Down(format!(
            "{url} answered {} when asked for keys",
            answer.status
        )));
    }
    let broken = || KeyFault::Unknown(format!("{url} did not answer with keys"));
    if let KeySource::PemBelow(_) = source {
        let key = Key::from_ec_pem(id, &answer.body).ok_or_else(broken)?;
        return Ok(Answer::One(key));
    }
    let set = serde_json::from_slice(&answer.body).map_err(|_| broken())?;
    Key::all_of(&set).map(Answer::All).ok_or_else(broken)
}

/// The address of one PEM. The id comes with the token, so it may only be a
/// plain word.
fn pem_url(base: &Url, id: Option<&str>) -> Result<Url, KeyFault> {
    id.filter(|id| {
        (1..=64).contains(&id.len())
            && id
                .chars()
                .all(|letter| letter.is_ascii_alphanumeric() || letter == '-')
    })
    .and_then(|id| super::settings::below(base, id))
    .ok_or_else(|| KeyFault::Unknown("its header names no key".to_owned()))
}
