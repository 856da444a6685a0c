//! One call to a forge: budget, conditional request, retries, errors.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use platform::Clock;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::error::ForgeError;
use crate::budget::{Budget, CachedAnswer, EtagCache, Observed, Priority};
use crate::credentials::Credentials;
use crate::http::{Client, Request, Response};
use crate::integrations::Integration;
use crate::kind::ForgeKind;

/// Pages of one listing: a million repositories.
pub(super) const MAX_PAGES: usize = 10_000;
/// Unusable items of one listing that are described one by one.
const MAX_NOTES: usize = 50;

/// How long a caller is willing to wait, and how often a call is repeated.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// The longest wait for the budget; beyond it the call returns
    /// [`ForgeError::RateLimited`] with the time to come back.
    pub wait: Duration,
    /// Repetitions after a broken connection or a status of 500 or above.
    pub retries: u32,
    /// The pause before the first repetition; doubled for each further one.
    pub pause: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(10),
            retries: 2,
            pause: Duration::from_secs(1),
        }
    }
}

/// How far a long call has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done, for example ``list repositories of `acme` ``.
    pub what: String,
    /// Items so far.
    pub done: usize,
    /// Items altogether, when the forge says so.
    pub total: Option<usize>,
}

/// Is told of progress and may stop the call.
pub type Observer<'a> = &'a (dyn Fn(Progress) -> ControlFlow<()> + Send + Sync);

/// An observer that never stops anything.
pub fn unobserved(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// Items of a listing and the ones that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing<T> {
    /// What was read, in the forge's order.
    pub items: Vec<T>,
    /// Items that could not be used, one sentence each.
    pub notes: Vec<String>,
}

/// Access to one forge's API with one credential.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) kind: ForgeKind,
    pub(crate) host: String,
    pub(crate) base: Url,
    pub(crate) http: Client,
    pub(crate) budget: Budget,
    pub(crate) clock: Clock,
    pub(crate) etags: Arc<EtagCache>,
    pub(crate) authorization: Authorization,
    pub(crate) priority: Priority,
    pub(crate) patience: Patience,
}

/// What a call carries.
#[derive(Clone)]
pub(crate) enum Authorization {
    /// Nothing.
    Anonymous,
    /// A header.
    Header(&'static str, String),
    /// A token that a GitHub App is given for the owner.
    App {
        credentials: Credentials,
        integration: Box<Integration>,
        owner: String,
    },
}

impl Authorization {
    async fn header(&self) -> Result<Option<(&'static str, String)>, ForgeError> {
        match self {
            Self::Anonymous => Ok(None),
            Self::Header(name, value) => Ok(Some((name, value.clone()))),
            Self::App {
                credentials,
                integration,
                owner,
            } => {
                // Boxed: asking for a token is a call of its own.
                let token = Box::pin(credentials.app_token(integration, owner)).await?;
                Ok(token.map(|token| ("authorization", format!("Bearer {}", token.reveal()))))
            }
        }
    }
}

/// A page of a listing.
struct Page {
    items: Vec<Value>,
    next: Option<Url>,
    last: Option<usize>,
}

impl Api {
    /// `base` followed by `path` (already encoded) and the query.
    pub(crate) fn url(&self, path: &str, query: &[(&str, &str)]) -> Result<Url, ForgeError> {
        let base = self.base.as_str().trim_end_matches('/');
        let mut url =
            Url::parse(&format!("{base}/{path}")).map_err(|error| ForgeError::Config {
                key: "apiBaseUrl".to_owned(),
                reason: error.to_string(),
            })?;
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// A JSON document.
    pub(crate) async fn json<T: DeserializeOwned>(
        &self,
        what: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<T, ForgeError> {
        let url = self.url(path, query)?;
        let (body, _) = self.conditional(what, &url).await?;
        serde_json::from_str(&body).map_err(|error| self.garbage(what, &error.to_string()))
    }

    /// A GraphQL query; its `data`.
    pub(crate) async fn graphql(
        &self,
        what: &str,
        url: &Url,
        query: &str,
        variables: &Value,
    ) -> Result<Value, ForgeError> {
        let body = serde_json::json!({ "query": query, "variables": variables }).to_string();
        let request = || Request::post(url.clone(), "application/json", body.clone());
        let answer = self.call(what, request).await?;
        if !(200..300).contains(&answer.status) {
            return Err(self.refused(what, &answer));
        }
        let mut answer: Value = serde_json::from_slice(&answer.body)
            .map_err(|error| self.garbage(what, &error.to_string()))?;
        if let Some(error) = answer.get("errors").and_then(|errors| errors.get(0)) {
            let message: String = error
                .get("message")
                .and_then(Value::as_str)
                .unwrap_or("an error without a message")
                .chars()
                .take(300)
                .collect();
            return Err(match error.get("type").and_then(Value::as_str) {
                Some("NOT_FOUND") => ForgeError::NotFound {
                    what: what.to_owned(),
                    host: self.host.clone(),
                    status: 404,
                    fix: format!(
                        "{message} Check the name; the token's owner must be able to see it"
                    ),
                },
                Some("FORBIDDEN" | "INSUFFICIENT_SCOPES") => ForgeError::Forbidden {
                    what: what.to_owned(),
                    host: self.host.clone(),
                    message: format!(": {message}"),
                    missing: Vec::new(),
                    fix: "Give the token the scope `read:org`".to_owned(),
                },
                _ => self.garbage(what, &message),
            });
        }
        Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
    }

    /// A POST without a body; its JSON answer.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        what: &str,
        path: &str,
    ) -> Result<T, ForgeError> {
        let url = self.url(path, &[])?;
        let answer = self
            .call(what, || {
                Request::post(url.clone(), "application/json", "{}")
            })
            .await?;
        if !(200..300).contains(&answer.status) {
            return Err(self.refused(what, &answer));
        }
        serde_json::from_slice(&answer.body).map_err(|error| self.garbage(what, &error.to_string()))
    }

    /// The bytes of a file, at most `limit`.
    pub(crate) async fn bytes(
        &self,
        what: &str,
        path: &str,
        query: &[(&str, &str)],
        accept: &str,
        limit: u64,
    ) -> Result<Bytes, ForgeError> {
        let url = self.url(path, query)?;
        let request = || {
            Request::get(url.clone())
                .header("accept", accept)
                .max_body(limit)
        };
        let answer = self.call(what, request).await?;
        match answer.status {
            200..=299 => Ok(answer.body),
            _ => Err(self.refused(what, &answer)),
        }
    }

    /// Whether something is there, without reading it.
    pub(crate) async fn exists(
        &self,
        what: &str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<bool, ForgeError> {
        let url = self.url(path, query)?;
        let answer = self.call(what, || Request::head(url.clone())).await?;
        match answer.status {
            200..=299 => Ok(true),
            404 => Ok(false),
            _ => Err(self.refused(what, &answer)),
        }
    }

    /// Every item of a paged listing, each read by `read`.
    pub(crate) async fn list<T>(
        &self,
        what: &str,
        path: &str,
        query: &[(&str, &str)],
        observer: Observer<'_>,
        read: impl Fn(&Value) -> Result<T, String>,
    ) -> Result<Listing<T>, ForgeError> {
        let mut next = Some(self.url(path, query)?);
        let mut listing = Listing {
            items: Vec::new(),
            notes: Vec::new(),
        };
        let mut total = None;
        let mut per_page = 0;
        for page_number in 1..=MAX_PAGES {
            let Some(url) = next.take() else {
                return Ok(listing);
            };
            let page = self.page(what, &url).await?;
            per_page = per_page.max(page.items.len());
            total = page.last.map(|last| last * per_page).or(total);
            for item in &page.items {
                match read(item) {
                    Ok(item) => listing.items.push(item),
                    Err(reason) if listing.notes.len() < MAX_NOTES => {
                        listing.notes.push(format!(
                            "an item on page {page_number} is left out: {reason}"
                        ));
                    }
                    Err(_) => {}
                }
            }
            if page.next.as_ref() == Some(&url) {
                return Err(self.garbage(what, "a page names itself as the next one"));
            }
            next = page.next;
            let progress = Progress {
                what: what.to_owned(),
                done: listing.items.len(),
                total: total.map(|total| total.max(listing.items.len())),
            };
            if observer(progress).is_break() {
                return Err(ForgeError::Stopped {
                    what: what.to_owned(),
                });
            }
        }
        Err(self.garbage(what, &format!("more than {MAX_PAGES} pages")))
    }

    async fn page(&self, what: &str, url: &Url) -> Result<Page, ForgeError> {
        let (body, link) = self.conditional(what, url).await?;
        let items: Vec<Value> =
            serde_json::from_str(&body).map_err(|error| self.garbage(what, &error.to_string()))?;
        let link = link.unwrap_or_default();
        let next = relation(&link, "next")
            .map(|target| url.join(target))
            .transpose()
            .map_err(|error| self.garbage(what, &format!("the next page's address: {error}")))?;
        if next
            .as_ref()
            .is_some_and(|next| next.origin() != url.origin())
        {
            return Err(self.garbage(what, "the next page is on another host"));
        }
        let last = relation(&link, "last")
            .and_then(|target| url.join(target).ok())
            .and_then(|last| {
                let (_, page) = last.query_pairs().find(|(name, _)| name == "page")?;
                page.parse().ok()
            });
        Ok(Page { items, next, last })
    }

    /// A GET that sends the validator of the answer kept for its URL. Only
    /// JSON that parses is kept.
    async fn conditional(
        &self,
        what: &str,
        url: &Url,
    ) -> Result<(String, Option<String>), ForgeError> {
        let key = format!("{}#{}", url, self.budget.state().credential);
        let kept = self.etags.get(&key);
        let request = || {
            let request = Request::get(url.clone());
            match &kept {
                Some(kept) => request.header("if-none-match", &kept.etag),
                None => request,
            }
        };
        let answer = self.call(what, request).await?;
        match (answer.status, kept) {
            (304, Some(kept)) => Ok((kept.body, kept.link)),
            (200..=299, _) => {
                let body = String::from_utf8(answer.body.to_vec())
                    .map_err(|_| self.garbage(what, "the answer is not UTF-8"))?;
                let link = answer.header("link").map(str::to_owned);
                if let Some(etag) = answer.header("etag")
                    && serde_json::from_str::<serde::de::IgnoredAny>(&body).is_ok()
                {
                    let kept = CachedAnswer {
                        etag: etag.to_owned(),
                        body: body.clone(),
                        link: link.clone(),
                    };
                    self.etags.put(&key, kept);
                }
                Ok((body, link))
            }
            _ => Err(self.refused(what, &answer)),
        }
    }

    /// Sends a request when the budget allows it, repeating it after broken
    /// connections, server errors and refusals for the rate.
    pub(super) async fn call(
        &self,
        what: &str,
        request: impl Fn() -> Request,
    ) -> Result<Response, ForgeError> {
        let header = self.authorization.header().await?;
        let mut attempt = 0;
        loop {
            let permit = self
                .budget
                .acquire(self.priority, self.patience.wait)
                .await
                .map_err(|wait| ForgeError::RateLimited {
                    what: what.to_owned(),
                    wait,
                })?;
            let mut request = request();
            if self.kind == ForgeKind::GitHub {
                request = request.header("x-github-api-version", "2022-11-28");
            }
            if let Some((name, value)) = &header {
                request = request.secret_header(name, value);
            }
            let result = self.http.send(request).await;
            let last = attempt >= self.patience.retries;
            attempt += 1;
            match result {
                Ok(answer) => {
                    let observed = Observed::new(answer.status, answer.headers(), &answer.body);
                    let wait = permit.observe(&observed);
                    drop(permit);
                    match wait {
                        Some(wait) if last => {
                            return Err(ForgeError::RateLimited {
                                what: what.to_owned(),
                                wait,
                            });
                        }
                        Some(_) => continue,
                        None if answer.status < 500 || last => return Ok(answer),
                        None => {}
                    }
                }
                Err(error) if last || !error.is_transient() => {
                    return Err(ForgeError::Http {
                        what: what.to_owned(),
                        source: error,
                    });
                }
                Err(_) => drop(permit),
            }
            let pause = self.patience.pause * 2_u32.saturating_pow(attempt.saturating_sub(1));
            self.clock.sleep(pause).await;
        }
    }

    pub(super) fn refused(&self, what: &str, answer: &Response) -> ForgeError {
        let with_token = !matches!(self.authorization, Authorization::Anonymous);
        ForgeError::from_status(self.kind, &self.host, what, with_token, answer)
    }

    pub(crate) fn garbage(&self, what: &str, reason: &str) -> ForgeError {
        ForgeError::Garbage {
            what: what.to_owned(),
            host: self.host.clone(),
            reason: reason.to_owned(),
        }
    }
}

/// The target of a relation in a `Link` header (RFC 8288).
fn relation<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(',').find_map(|link| {
        let (target, parameters) = link.trim().strip_prefix('<')?.split_once('>')?;
        let wanted = parameters.split(';').any(|parameter| {
            let parameter = parameter.trim();
            parameter
                .strip_prefix("rel=")
                .is_some_and(|rel| rel.trim_matches('"') == name)
        });
        wanted.then_some(target)
    })
}
