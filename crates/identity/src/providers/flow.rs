//! From a button to a session.

use axum::http::HeaderValue;
use axum::http::request::Parts;
use jiff::Timestamp;
use platform::request::Query;
use serde_json::{Value, json};
use url::Url;

use super::asked::check_answer;
use super::attempt::{self, Attempt, Browser};
use super::oidc::{self, Redeem};
use super::refused::{Fault, Reason, SignInRefused};
use super::settings::{Protocol, Server};
use super::{Providers, forges, issued, store};
use crate::identity::Identity;
use crate::sessions::SignedIn;
use crate::sign_in::safe_return_path;

/// The longest path that is returned to, in bytes; it travels in an address.
const LONGEST_RETURN: usize = 1_024;

/// What a request to start leads to.
#[derive(Debug)]
pub enum Started {
    /// The browser goes to the provider, with a cookie for the way back.
    Away {
        /// The provider's page.
        to: String,
        /// `Set-Cookie`.
        cookie: HeaderValue,
    },
    /// The proxy had said everything: somebody is signed in.
    Entered(Box<Entered>),
}

/// Somebody has signed in.
#[derive(Debug)]
pub struct Entered {
    /// The session.
    pub signed_in: SignedIn,
    /// `Set-Cookie` that ends the attempt.
    pub forget: Option<HeaderValue>,
    /// Where to go.
    pub return_to: String,
    /// The front end that waits for a message.
    pub popup: Option<Popup>,
}

/// The message for a front end that has opened a window for the sign-in.
#[derive(Clone, Debug)]
pub struct Popup {
    /// The only origin that may get it.
    pub origin: String,
    /// Backstage's `authorization_response`. It holds a token.
    pub message: Value,
}

impl Identity {
    /// Begins a sign-in with the provider `id`. The query is Backstage's:
    /// `env`, `flow` and `origin`; and `returnTo`.
    ///
    /// # Errors
    /// Why it cannot begin.
    pub async fn start_sign_in(&self, parts: &Parts, id: &str) -> Result<Started, SignInRefused> {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let wanted = query
            .get("returnTo")
            .or_else(|| query.get("redirectUrl").map(|url| self.own_path(url)))
            .unwrap_or("/");
        let return_to = safe_return_path(wanted);
        let return_to = if return_to.len() > LONGEST_RETURN {
            "/"
        } else {
            return_to
        };
        match self.begin(parts, (id, return_to), &query).await {
            Ok(started) => Ok(started),
            Err(fault) => Err(self.refused(fault, (id, return_to), false).await),
        }
    }

    async fn begin(
        &self,
        parts: &Parts,
        (id, return_to): (&str, &str),
        query: &Query,
    ) -> Result<Started, Fault> {
        let (providers, provider) = self.provider(id, query.get("env"))?;
        let code = match &provider.settings.protocol {
            Protocol::Code(code) => code,
            Protocol::Proxy(_) => {
                let (account, found) = self.through_proxy(parts, providers, provider).await?;
                let signed_in = self.enter(parts, provider, (&account, &found)).await?;
                return Ok(Started::Entered(Box::new(Entered {
                    signed_in,
                    forget: None,
                    return_to: return_to.to_owned(),
                    popup: None,
                })));
            }
        };
        let secure = self.is_secure();
        // Several tabs of one browser share the secret.
        let browser = match Browser::of(parts, secure) {
            Some(browser) => browser,
            None => Browser::new(self.entropy().secret("")?),
        };
        let attempt = Attempt {
            provider: id.to_owned(),
            return_to: return_to.to_owned(),
            popup: self.popup_origin(providers, query)?,
            scope: issued::asked_scope(query)?,
            ends: self
                .clock()
                .now()
                .as_second()
                .saturating_add(attempt::LIFETIME),
            salt: self.entropy().id()?,
        };
        let state = browser.seal(&attempt);
        let (mut to, _) = self.authorize_at(providers, provider, code).await?;
        {
            let mut pairs = to.query_pairs_mut();
            pairs
                .append_pair("response_type", "code")
                .append_pair("client_id", &code.client_id)
                .append_pair("redirect_uri", &self.callback(&provider.settings, code))
                .append_pair("scope", &issued::all_scopes(code, attempt.scope.as_deref()))
                .append_pair("state", &state)
                .append_pair(
                    "code_challenge",
                    &attempt::challenge(&browser.verifier(&state)),
                )
                .append_pair("code_challenge_method", "S256");
            if let Server::Oidc { .. } = code.server {
                pairs.append_pair("nonce", &browser.nonce(&state));
            }
            for (key, value) in &code.extra {
                pairs.append_pair(key, value);
            }
        }
        Ok(Started::Away {
            to: to.to_string(),
            cookie: browser.cookie(secure),
        })
    }

    /// Takes up what the provider `id` sends back.
    ///
    /// # Errors
    /// Why nobody is signed in.
    pub async fn finish_sign_in(&self, parts: &Parts, id: &str) -> Result<Entered, SignInRefused> {
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let opened = self.attempt_of(parts, id, &query);
        let (attempt, browser, state) = match opened {
            Ok(opened) => opened,
            // Anybody can come here with anything: nothing is written down.
            Err(fault) => return Err(self.refused(fault, (id, "/"), false).await),
        };
        let return_to = safe_return_path(&attempt.return_to);
        match self
            .complete(parts, (&attempt, &browser, state), &query)
            .await
        {
            Ok(entered) => Ok(entered),
            Err(fault) => Err(self.refused(fault, (id, return_to), true).await),
        }
    }

    /// The attempt that an answer belongs to.
    fn attempt_of<'q>(
        &self,
        parts: &Parts,
        id: &str,
        query: &'q Query,
    ) -> Result<(Attempt, Browser, &'q str), Fault> {
        self.provider(id, None)?;
        let expired = |why: &str| Fault::new(Reason::Expired, why);
        let state = query
            .get("state")
            .ok_or_else(|| expired("the answer has no state"))?;
        let browser = Browser::of(parts, self.is_secure()).ok_or_else(|| {
            expired("this browser has not begun a sign-in, or began it too long ago")
        })?;
        let attempt = browser
            .open(state)
            .ok_or_else(|| expired("the answer belongs to a sign-in of another browser"))?;
        if attempt.provider != id {
            return Err(Fault::untrusted(format!(
                "the sign-in was begun with {} and answered by {id}",
                attempt.provider
            )));
        }
        if attempt.ends <= self.clock().now().as_second() {
            return Err(expired("the answer came too late"));
        }
        Ok((attempt, browser, state))
    }

    async fn complete(
        &self,
        parts: &Parts,
        (attempt, browser, state): (&Attempt, &Browser, &str),
        query: &Query,
    ) -> Result<Entered, Fault> {
        let (providers, provider) = self.provider(&attempt.provider, None)?;
        let Protocol::Code(code) = &provider.settings.protocol else {
            return Err(Fault::setup("a proxy sends nobody here"));
        };
        let now = self.clock().now();
        self.use_up(state, attempt.ends, now).await?;
        let (_, issuer) = self.authorize_at(providers, provider, code).await?;
        check_answer(query, &issuer)?;
        let answer_code = query
            .get("code")
            .filter(|code| !code.is_empty())
            .ok_or_else(|| Fault::untrusted("the answer has no code"))?;
        let (verifier, nonce) = (browser.verifier(state), browser.nonce(state));
        let callback = self.callback(&provider.settings, code);
        let redeem = Redeem {
            id: self.entropy().id()?,
            code: answer_code,
            verifier: verifier.expose(),
            callback: &callback,
            nonce: &nonce,
            now,
        };
        let (account, issued) = match &code.server {
            Server::Oidc { metadata, issuer } => {
                let known = provider
                    .discovered
                    .get((metadata, issuer), &providers.http, now)
                    .await?;
                let with = (code.as_ref(), &known, &provider.keys);
                oidc::account(&provider.settings, with, &redeem, &providers.http).await?
            }
            _ => forges::account(&provider.settings, code, &redeem, &providers.http).await?,
        };
        let found = self.resolve(providers, provider, &account).await?;
        let signed_in = self.enter(parts, provider, (&account, &found)).await?;
        let wanted = attempt.scope.as_deref();
        if let (Some(_), Some(issued)) = (wanted, &issued) {
            let scope = issued::all_scopes(code, wanted);
            self.keep_issued(&signed_in.session, issued, &scope).await?;
        }
        let popup = match &attempt.popup {
            None => None,
            Some(origin) => Some(Popup {
                origin: origin.clone(),
                message: json!({
                    "type": "authorization_response",
                    "response": self
                        .backstage_session(&found.user, &signed_in.session)
                        .await?,
                }),
            }),
        };
        Ok(Entered {
            signed_in,
            forget: Some(attempt::forget(self.is_secure())),
            return_to: safe_return_path(&attempt.return_to).to_owned(),
            popup,
        })
    }

    /// Notes that an answer was used, before anything is done with it: a
    /// second one gets nowhere even while the first is at work.
    async fn use_up(&self, state: &str, ends: i64, now: Timestamp) -> Result<(), Fault> {
        let ends = Timestamp::from_second(ends).unwrap_or(now);
        let mut tx = self.db().begin().await?;
        let fresh = store::use_up(&mut tx, &attempt::used_mark(state), now, ends).await?;
        tx.commit().await?;
        if fresh {
            return Ok(());
        }
        Err(Fault::new(
            Reason::Expired,
            "this answer has been used before",
        ))
    }

    /// The front end that waits for a message, when it is one of ours.
    fn popup_origin(&self, providers: &Providers, query: &Query) -> Result<Option<String>, Fault> {
        if query.get("flow") != Some("popup") {
            return Ok(None);
        }
        let own = Url::parse(self.base_url()).map(|url| url.origin().ascii_serialization());
        let asked = query.get("origin").unwrap_or_default();
        let known = own.is_ok_and(|own| own == asked)
            || providers.settings.origins.iter().any(|one| one == asked);
        if known {
            return Ok(Some(asked.to_owned()));
        }
        Err(Fault::new(
            Reason::Source,
            format!("{asked:.100?} is neither the origin of backend.baseUrl nor of app.baseUrl"),
        ))
    }

    /// The path of an address of this site; anything else is no path.
    fn own_path<'a>(&self, url: &'a str) -> &'a str {
        url.strip_prefix(self.base_url()).unwrap_or(url)
    }

    fn is_secure(&self) -> bool {
        self.base_url().starts_with("https://")
    }
}
