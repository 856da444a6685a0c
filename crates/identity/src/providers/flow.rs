//! From a button to a session.

use axum::http::HeaderValue;
use axum::http::request::Parts;
use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::actor::{Actor, ActorKind};
use platform::event::EventType;
use platform::request::{Query, encode};
use serde_json::{Value, json};
use url::Url;

use super::account::Account;
use super::attempt::{self, Attempt, Browser};
use super::oidc::{self, Redeem};
use super::refused::{Fault, Reason, Remembered, SignInRefused};
use super::settings::{Code, Protocol, ProviderKind, ProviderSettings, Server};
use super::{Provider, Providers, forges, newcomer, proxy, store};
use crate::events::{self, SIGN_IN_REFUSED};
use crate::identity::Identity;
use crate::sessions::{self, Method, SignedIn};
use crate::sign_in::safe_return_path;

/// Somebody signed in with an account from elsewhere. Data: `provider`,
/// `rule`, `user`, `account`.
pub const SIGN_IN_SUCCEEDED: EventType = EventType("dev.portway.identity.sign-in.succeeded");
/// How many refusals the doctor can look back on.
const REMEMBERED: usize = 50;
/// The longest path that is returned to, in bytes; it travels in an address.
const LONGEST_RETURN: usize = 1_024;
/// What a rule is called that made the user.
const JUST_IN_TIME: &str = "justInTime";

/// A provider as the sign-in page offers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderButton {
    /// Its id.
    pub id: String,
    /// What sort it is.
    pub kind: ProviderKind,
    /// What people call it.
    pub title: String,
}

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

/// What the rules said of an account.
pub(super) struct Found {
    pub(super) user: EntityRef,
    pub(super) rule: String,
}

impl Identity {
    /// The providers as the sign-in page offers them, in their order.
    pub fn provider_buttons(&self) -> Vec<ProviderButton> {
        let list = self.providers().map(|providers| providers.list.as_slice());
        list.unwrap_or_default()
            .iter()
            .map(|provider| ProviderButton {
                id: provider.settings.id.clone(),
                kind: provider.settings.kind,
                title: provider.settings.title.clone(),
            })
            .collect()
    }

    /// Providers that have neither a resolver nor users made just in time.
    pub(crate) fn providers_without_rules(&self) -> Vec<String> {
        let Some(providers) = self.providers() else {
            return Vec::new();
        };
        let made = providers.settings.just_in_time.as_ref();
        let list = providers.list.iter().map(|provider| &provider.settings);
        list.filter(|one| one.rules.is_empty())
            .filter(|one| {
                made.and_then(|made| made.providers.as_ref())
                    .map_or(made.is_none(), |ids| !ids.contains(&one.id))
            })
            .map(|one| one.id.clone())
            .collect()
    }

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
                .append_pair("scope", &code.scopes.join(" "))
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
            code: answer_code,
            verifier: verifier.expose(),
            callback: &callback,
            nonce: &nonce,
            now,
        };
        let account = match &code.server {
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
        let popup = match &attempt.popup {
            None => None,
            Some(origin) => Some(Popup {
                origin: origin.clone(),
                message: json!({
                    "type": "authorization_response",
                    "response": self.backstage_session(&found.user).await?,
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

    /// The account and the user that a proxy's headers name.
    pub(super) async fn through_proxy(
        &self,
        parts: &Parts,
        providers: &Providers,
        provider: &Provider,
    ) -> Result<(Account, Found), Fault> {
        let Protocol::Proxy(proxy) = &provider.settings.protocol else {
            return Err(Fault::setup("this provider is no proxy"));
        };
        let with = (proxy.as_ref(), &provider.keys);
        let now = self.clock().now();
        let account = proxy::account(&provider.settings, with, parts, &providers.http, now).await?;
        let found = self.resolve(providers, provider, &account).await?;
        Ok((account, found))
    }

    /// Whose account it is: the first resolver that finds a user, else a user
    /// made just in time.
    async fn resolve(
        &self,
        providers: &Providers,
        provider: &Provider,
        account: &Account,
    ) -> Result<Found, Fault> {
        let directory = providers.directory.as_ref();
        let just_in_time = providers.settings.just_in_time.as_ref();
        let mut tried = Vec::new();
        for rule in &provider.settings.rules {
            let outcome = rule.ask(account, directory);
            let user = outcome.user().cloned();
            let allowed = user
                .as_ref()
                .is_some_and(|user| directory.user(user).is_some() || !newcomer::is_reserved(user));
            if let Some(user) = user.filter(|_| allowed) {
                // Their groups at the provider may have changed.
                let before = self.newcomer_before(&provider.settings, account).await?;
                if let Some(settings) = just_in_time.filter(|_| before.as_ref() == Some(&user)) {
                    self.newcomer(providers, (&provider.settings, account), settings)
                        .await?;
                }
                return Ok(Found {
                    user,
                    rule: rule.name.clone(),
                });
            }
            tried.push((rule.name.clone(), rule.path.clone(), outcome));
        }
        let refusal = match just_in_time {
            None if tried.is_empty() => format!(
                "{} has no resolver, so it signs nobody in",
                provider.settings.path
            ),
            None => "no resolver found a user".to_owned(),
            Some(settings) => match settings.refusal(&provider.settings.id, account) {
                Some(why) => format!("no resolver found a user, and {why}"),
                None => {
                    let made = self
                        .newcomer(providers, (&provider.settings, account), settings)
                        .await;
                    match made {
                        Ok(user) => {
                            return Ok(Found {
                                user,
                                rule: JUST_IN_TIME.to_owned(),
                            });
                        }
                        Err(fault) if fault.reason == Reason::Nobody => fault.detail,
                        Err(fault) => return Err(fault),
                    }
                }
            },
        };
        let mut fault = Fault::new(Reason::Nobody, refusal);
        fault.account = Some(Box::new(account.clone()));
        fault.tried = tried;
        Err(fault)
    }

    /// Makes the session, with the event of the sign-in.
    pub(super) async fn enter(
        &self,
        parts: &Parts,
        provider: &Provider,
        (account, found): (&Account, &Found),
    ) -> Result<SignedIn, Fault> {
        let before = self.session(parts).await?;
        let mut tx = self.db().begin().await?;
        let signed_in = self
            .begin_session_in(&mut tx, before, found.user.clone(), Method::Provider)
            .await?;
        store::note_session(
            &mut tx,
            &signed_in.session,
            &provider.settings.id,
            self.clock().now(),
        )
        .await?;
        let data = json!({
            "provider": provider.settings.id,
            "rule": found.rule,
            "user": found.user,
            "account": account.shown(),
        });
        let subject = format!("session:{}", signed_in.session);
        let actor = sessions::actor(&found.user);
        events::append(&mut tx, SIGN_IN_SUCCEEDED, subject, &actor, data).await?;
        tx.commit().await?;
        Ok(signed_in)
    }

    /// Tells a fault to everybody who has to know: the person, the log, the
    /// doctor; and the event log, when a provider had sent somebody.
    pub(super) async fn refused(
        &self,
        fault: Fault,
        (id, return_to): (&str, &str),
        write: bool,
    ) -> SignInRefused {
        let providers = self.providers();
        let provider = providers.and_then(|providers| providers.find(id));
        let reference: String = self
            .entropy()
            .id()
            .unwrap_or_default()
            .chars()
            .take(8)
            .collect();
        let refused = SignInRefused {
            reason: fault.reason,
            provider: provider
                .map(|one| one.settings.title.clone())
                .unwrap_or_default(),
            provider_id: id.chars().take(63).collect(),
            account: fault
                .account
                .as_ref()
                .map(|account| account.shown().to_owned()),
            detail: fault.detail,
            reference,
            contact: providers.and_then(|providers| providers.settings.contact.clone()),
            return_to: return_to.to_owned(),
            facts: fault
                .account
                .as_ref()
                .map(|account| account.facts())
                .unwrap_or_default(),
        };
        tracing::info!(
            sign_in.provider = refused.provider_id,
            sign_in.reference = refused.reference,
            "A sign-in was refused ({}): {}",
            refused.reason.as_str(),
            refused.detail
        );
        // What a stranger types into an address is not kept.
        let (Some(providers), true) = (
            providers,
            provider.is_some() && (write || fault.account.is_some()),
        ) else {
            return refused;
        };
        {
            let mut kept = providers.refusals.lock();
            kept.push_front(Remembered {
                at: self.clock().now(),
                refused: refused.clone(),
                account: fault.account,
            });
            kept.truncate(REMEMBERED);
        }
        let rules: Vec<Value> = fault
            .tried
            .iter()
            .map(|(name, _, outcome)| json!({"resolver": name, "outcome": outcome.explained()}))
            .collect();
        let data = json!({
            "provider": refused.provider_id,
            "reason": refused.reason.as_str(),
            "reference": refused.reference,
            "account": refused.account,
            "detail": refused.detail,
            "rules": rules,
        });
        if let Err(error) = self.append_refusal(&refused, data).await {
            tracing::warn!("A refused sign-in could not be written down: {error}");
        }
        refused
    }

    async fn append_refusal(
        &self,
        refused: &SignInRefused,
        data: Value,
    ) -> Result<(), crate::IdentityError> {
        let actor = Actor::new(ActorKind::Anonymous, "anonymous");
        let subject = format!("sign-in:{}", refused.provider_id);
        let mut tx = self.db().begin().await?;
        events::append(&mut tx, SIGN_IN_REFUSED, subject, &actor, data).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The provider of this id, in the environment that is asked for.
    pub(super) fn provider(
        &self,
        id: &str,
        environment: Option<&str>,
    ) -> Result<(&Providers, &Provider), Fault> {
        let unknown = || {
            Fault::new(
                Reason::Unknown,
                "there is no such provider in the configuration",
            )
        };
        let providers = self.providers().ok_or_else(unknown)?;
        if let Some(asked) = environment.filter(|asked| !asked.is_empty())
            && asked != providers.settings.environment
        {
            return Err(Fault::new(
                Reason::Unknown,
                format!(
                    "this Portway uses the environment {}",
                    providers.settings.environment
                ),
            ));
        }
        let provider = providers.find(id).ok_or_else(unknown)?;
        Ok((providers, provider))
    }

    /// Where the browser is sent, and who has to answer.
    async fn authorize_at(
        &self,
        providers: &Providers,
        provider: &Provider,
        code: &Code,
    ) -> Result<(Url, Issuer), Fault> {
        if let Server::Oidc { metadata, issuer } = &code.server {
            let now = self.clock().now();
            let known = provider
                .discovered
                .get((metadata, issuer), &providers.http, now)
                .await?;
            let named = Issuer {
                name: known.issuer,
                always: known.names_itself,
            };
            return Ok((known.authorize, named));
        }
        let (url, name) = forges::authorize(&code.server)
            .ok_or_else(|| Fault::setup("the address of the server cannot be used"))?;
        Ok((
            url,
            Issuer {
                name,
                always: false,
            },
        ))
    }

    /// The redirect address, which the provider has to know.
    pub(super) fn callback(&self, provider: &ProviderSettings, code: &Code) -> String {
        code.callback.clone().unwrap_or_else(|| {
            format!("{}/api/auth/{}/handler/frame", self.base_url(), provider.id)
        })
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

/// Who has to answer (RFC 9207).
struct Issuer {
    name: String,
    /// Whether it says so in every answer.
    always: bool,
}

/// Whether the answer is the provider's, and no refusal.
fn check_answer(query: &Query, issuer: &Issuer) -> Result<(), Fault> {
    match query.get("iss") {
        Some(theirs) if theirs == issuer.name => {}
        None if !issuer.always => {}
        Some(theirs) => {
            return Err(Fault::untrusted(format!(
                "the answer comes from {theirs:.200?} and not from {:?}",
                issuer.name
            )));
        }
        None => {
            return Err(Fault::untrusted(
                "the answer does not say who sends it (iss), which this provider always does",
            ));
        }
    }
    let Some(error) = query.get("error") else {
        return Ok(());
    };
    let said: String = query
        .get("error_description")
        .unwrap_or_default()
        .chars()
        .filter(|letter| !letter.is_control())
        .take(200)
        .collect();
    let reason = match error {
        "access_denied" | "interaction_required" | "login_required" | "consent_required" => {
            Reason::Denied
        }
        "temporarily_unavailable" | "server_error" => Reason::Down,
        _ => Reason::Setup,
    };
    Err(Fault::new(
        reason,
        format!("the provider answered {:?}: {said}", encode(error)),
    ))
}
