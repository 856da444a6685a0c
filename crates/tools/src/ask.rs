//! Asking a tool, with patience for slow ones and memory for silent ones.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use forge::http::{Client, Request};
use jiff::Timestamp;
use parking_lot::Mutex;
use serde_json::Value;
use url::Url;

/// How long somebody who opens a page waits for a tool.
pub(crate) const PATIENCE: Duration = Duration::from_secs(4);
/// Bytes of an answer.
pub(crate) const MAX_BODY: u64 = 4 * 1024 * 1024;
/// For how long an answer, or its absence, is believed.
const FRESH: Duration = Duration::from_secs(60);
/// Answers that are kept; more entities than people look at in a minute.
const MAX_KEPT: usize = 2_000;

/// An answer with its age, and what went wrong since.
#[derive(Debug)]
pub(crate) struct Answer<T> {
    /// The last good answer, with its time.
    pub(crate) good: Option<(Timestamp, Arc<T>)>,
    /// Why there is no newer one.
    pub(crate) failure: Option<String>,
    asked: Timestamp,
}

/// What a tool said, by question.
#[derive(Debug)]
pub(crate) struct Asked<T>(Mutex<HashMap<String, Answer<T>>>);

impl<T> Default for Asked<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Asked<T> {
    /// The answer to `question`: a kept one, or what `ask` finds now. A failure
    /// leaves the last good answer in its place.
    pub(crate) async fn answer<F>(&self, question: &str, now: Timestamp, ask: F) -> Answer<T>
    where
        F: Future<Output = Result<T, String>>,
    {
        let kept = self.0.lock().get(question).map(Answer::shared);
        if let Some(kept) = &kept
            && now.duration_since(kept.asked).unsigned_abs() < FRESH
        {
            return kept.shared();
        }
        let answer = match ask.await {
            Ok(found) => Answer {
                good: Some((now, Arc::new(found))),
                failure: None,
                asked: now,
            },
            Err(failure) => Answer {
                good: kept.and_then(|kept| kept.good),
                failure: Some(failure),
                asked: now,
            },
        };
        let mut all = self.0.lock();
        if all.len() >= MAX_KEPT {
            all.clear();
        }
        all.insert(question.to_owned(), answer.shared());
        answer
    }
}

impl<T> Answer<T> {
    /// As `clone`, which a derive would offer only where `T` is `Clone`.
    fn shared(&self) -> Self {
        Self {
            good: self.good.as_ref().map(|(at, good)| (*at, Arc::clone(good))),
            failure: self.failure.clone(),
            asked: self.asked,
        }
    }
}

/// An address below a base, with parameters.
pub(crate) fn below(base: &Url, path: &str, parameters: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url.set_query(None);
    if !parameters.is_empty() {
        url.query_pairs_mut().extend_pairs(parameters);
    }
    url
}

/// The JSON at an address.
///
/// # Errors
/// One sentence: who said what, and what to do.
pub(crate) async fn json(
    client: &Client,
    tool: &str,
    url: Url,
    authorization: Option<&str>,
) -> Result<Value, String> {
    let mut request = Request::get(url).header("accept", "application/json");
    if let Some(authorization) = authorization {
        request = request.secret_header("authorization", authorization);
    }
    let answer = client.send(request).await.map_err(|why| why.to_string())?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map_err(|why| format!("{tool} did not answer with JSON: {why}")),
        401 | 403 => Err(format!(
            "{tool} answered {}: its token in the configuration is missing or may not read this",
            answer.status
        )),
        404 => Err(format!("{tool} answered 404: it does not know this name")),
        status => Err(format!("{tool} answered {status}")),
    }
}
