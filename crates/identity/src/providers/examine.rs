//! Why somebody is let in or not: the same rules as at a sign-in, asked
//! without signing anybody in.

use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{Permission, Verb};
use serde_json::{Map, Value, json};

use super::account::Account;
use super::nearest::nearest;
use super::newcomer;
use super::refused::Fault;
use super::rules::{Rule, Tried};
use super::settings::{IssuerRule, KeySource, Protocol, Server};
use super::token::{self, Expected};
use super::{Provider, Providers, keys};
use crate::foreign::ASYMMETRIC;
use crate::identity::Identity;

/// Look into sign-ins of others. No verb of reading: a token that may read
/// everything shall not learn who was refused.
pub(crate) const EXAMINE: Permission = Permission {
    name: "identity.sign-in.examine",
    verb: Verb::Update,
};

impl Identity {
    /// Every provider, whether it answers, and the last refusals.
    pub(super) async fn examine_providers(&self) -> Value {
        let Some(providers) = self.providers() else {
            return json!({ "environment": null, "providers": [], "refusals": [], "justInTime": false });
        };
        let mut list = Vec::new();
        for provider in &providers.list {
            list.push(self.examine_provider(providers, provider).await);
        }
        let refusals: Vec<Value> = providers
            .refusals
            .lock()
            .iter()
            .map(|one| one.to_value())
            .collect();
        json!({
            "environment": providers.settings.environment,
            "providers": list,
            "refusals": refusals,
            "justInTime": providers.settings.just_in_time.is_some(),
        })
    }

    async fn examine_provider(&self, providers: &Providers, provider: &Provider) -> Value {
        let settings = &provider.settings;
        let (callback, answers) = match &settings.protocol {
            Protocol::Code(code) => (
                Some(self.callback(settings, code)),
                self.ask_server(providers, provider).await,
            ),
            Protocol::Proxy(_) => (None, None),
        };
        let rules: Vec<&str> = settings
            .rules
            .iter()
            .map(|rule| rule.name.as_str())
            .collect();
        let mut advice = Vec::new();
        if rules.is_empty() && providers.settings.just_in_time.is_none() {
            advice.push(format!(
                "{} signs nobody in: add signIn.resolvers, for example emailMatchingUserEntityProfileEmail, or auth.justInTime",
                (providers.places)(&settings.path).unwrap_or_else(|| settings.path.clone())
            ));
        }
        let problem = answers.and_then(Result::err).map(|fault| fault.detail);
        json!({
            "id": settings.id,
            "kind": settings.kind.as_str(),
            "title": settings.title,
            "at": (providers.places)(&settings.path),
            "callbackUrl": callback,
            "resolvers": rules,
            "problem": problem,
            "keys": provider.keys.count().await,
            "advice": advice,
        })
    }

    /// Whether the provider's metadata and keys can be read now.
    async fn ask_server(
        &self,
        providers: &Providers,
        provider: &Provider,
    ) -> Option<Result<(), Fault>> {
        let Protocol::Code(code) = &provider.settings.protocol else {
            return None;
        };
        let Server::Oidc { metadata, issuer } = &code.server else {
            return None;
        };
        let now = self.clock().now();
        let known = provider
            .discovered
            .get((metadata, issuer), &providers.http, now)
            .await;
        Some(known.map(|_| ()))
    }

    /// What the rules of a provider say of an account.
    ///
    /// # Errors
    /// 400 when there are neither claims nor a token that can be read, 404
    /// for an unknown provider.
    pub(super) async fn examine_account(
        &self,
        id: Option<&str>,
        what: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        let (providers, provider) = self.examined_provider(id)?;
        let (account, signature) = match (
            what.get("claims"),
            what.get("token"),
            what.get("reference"),
        ) {
            (Some(Value::Object(claims)), ..) => (account_of(provider, claims.clone())?, None),
            (None, Some(Value::String(token)), _) => {
                let (claims, holds) = self
                    .examine_token(providers, provider, token.trim())
                    .await?;
                (account_of(provider, claims)?, Some(holds))
            }
            (None, None, Some(Value::String(reference))) => {
                let kept = providers.refusals.lock();
                let found = kept.iter().find(|one| one.refused.reference == *reference);
                let account = found.and_then(|one| one.account.as_deref().cloned());
                let account = account.ok_or_else(|| {
                    ApiError::not_found(format!("No refused sign-in with the reference {reference:?} is remembered"))
                        .accepted("a reference that a person was shown since Portway started, of somebody who came back from the provider")
                })?;
                (account, None)
            }
            _ => {
                return Err(ApiError::input("There is nothing to examine").accepted(
                    "{\"provider\": \"<id>\", \"claims\": {…}}, or a `token`, or the `reference` of a refusal",
                ));
            }
        };
        self.explain(providers, provider, &account, signature).await
    }

    fn examined_provider(&self, id: Option<&str>) -> Result<(&Providers, &Provider), ApiError> {
        let none = || {
            ApiError::not_found("No provider is configured")
                .fix("write auth.providers into the configuration; docs/security/sign-in.md shows each in five lines")
        };
        let providers = self.providers().ok_or_else(none)?;
        let ids: Vec<&str> = providers
            .list
            .iter()
            .map(|one| one.settings.id.as_str())
            .collect();
        let found = match (id, providers.list.as_slice()) {
            (Some(id), _) => providers.find(id),
            (None, [only]) => Some(only),
            (None, []) => return Err(none()),
            (None, _) => {
                return Err(ApiError::input("Several providers are configured")
                    .accepted(ids.join(", "))
                    .fix("say which one: `portway auth doctor --provider ID`"));
            }
        };
        let found = found.ok_or_else(|| {
            ApiError::not_found(format!("There is no provider {:?}", id.unwrap_or_default()))
                .accepted(ids.join(", "))
        })?;
        Ok((providers, found))
    }

    async fn explain(
        &self,
        providers: &Providers,
        provider: &Provider,
        account: &Account,
        signature: Option<String>,
    ) -> Result<Value, ApiError> {
        let directory = providers.directory.as_ref();
        let mut tried: Vec<(&Rule, Tried)> = Vec::new();
        for rule in &provider.settings.rules {
            tried.push((rule, self.asked(rule, account, directory).await?));
        }
        let place = |path: &str| (providers.places)(path).unwrap_or_else(|| path.to_owned());
        let rules: Vec<Value> = tried
            .iter()
            .map(|(rule, outcome)| {
                json!({
                    "resolver": rule.name,
                    "at": place(&rule.path),
                    "found": outcome.user(),
                    "explanation": outcome.explained(),
                    "fix": outcome.mended(),
                    "open": rule.is_open(),
                })
            })
            .collect();
        let mut user = tried
            .iter()
            .find_map(|(_, outcome)| outcome.user().cloned());
        let mut advice: Vec<String> = Vec::new();
        let just_in_time = providers.settings.just_in_time.as_ref();
        if user.is_none() {
            advice.extend(tried.iter().filter_map(|(_, outcome)| outcome.mended()));
            advice.dedup();
            if tried.is_empty() {
                advice.push(format!(
                    "add signIn.resolvers at {}",
                    place(&provider.settings.path)
                ));
            }
            match just_in_time {
                None => advice.push(
                    "or have users made at their first sign-in with auth.justInTime: {enabled: true}".to_owned(),
                ),
                Some(settings) => match settings.refusal(&provider.settings.id, account) {
                    Some(why) => advice.push(format!("{why} ({})", place("auth.justInTime"))),
                    None => user = self.would_be(provider, account, settings, directory).await?,
                },
            }
        }
        let namespace = just_in_time.map_or("default", |settings| settings.namespace.as_str());
        let groups: Vec<Value> = newcomer::groups(account, namespace, directory)
            .into_iter()
            .map(|(claim, group)| json!({ "claim": claim, "group": group }))
            .collect();
        let users = if user.is_none() {
            directory.users()
        } else {
            Vec::new()
        };
        let near: Vec<Value> = nearest(account, &users)
            .into_iter()
            .map(|near| json!({ "user": near.user, "email": near.email, "displayName": near.display_name }))
            .collect();
        Ok(json!({
            "provider": provider.settings.id,
            "account": account.shown(),
            "subject": account.subject,
            "claims": account.masked_claims(),
            "signature": signature,
            "rules": rules,
            "user": user,
            "nearest": near,
            "groups": groups,
            "advice": advice,
        }))
    }

    /// The user that would be made just in time.
    async fn would_be(
        &self,
        provider: &Provider,
        account: &Account,
        settings: &super::settings::JustInTime,
        directory: &dyn super::Directory,
    ) -> Result<Option<EntityRef>, ApiError> {
        let before = self
            .newcomer_before(&provider.settings, account)
            .await
            .map_err(|fault| ApiError::unavailable(fault.detail))?;
        let new = settings
            .reference(account)
            .filter(|user| !newcomer::is_reserved(user) && directory.user(user).is_none());
        match (before, new) {
            (Some(before), _) => Ok(Some(before)),
            (None, Some(new)) if !self.has_local_account(&new).await? => Ok(Some(new)),
            (None, _) => Ok(None),
        }
    }

    /// The claims of a token, and whether it would be believed.
    async fn examine_token(
        &self,
        providers: &Providers,
        provider: &Provider,
        text: &str,
    ) -> Result<(Map<String, Value>, String), ApiError> {
        let unreadable = |why: String| {
            ApiError::input(format!("The token cannot be read: {why}"))
                .accepted("an ID token of the provider, three parts with dots between them")
        };
        let presented =
            token::read(text, &ASYMMETRIC).map_err(|broken| unreadable(broken.explained()))?;
        let claims = presented.unproved().clone();
        let now = self.clock().now();
        let (source, issuer, named, audience) = match &provider.settings.protocol {
            Protocol::Code(code) => {
                let Server::Oidc { metadata, issuer } = &code.server else {
                    return Err(ApiError::input(format!(
                        "{} sends no ID tokens",
                        provider.settings.title
                    ))
                    .fix("give the claims instead: --claims FILE"));
                };
                let known = provider
                    .discovered
                    .get((metadata, issuer), &providers.http, now)
                    .await;
                let known = match known {
                    Ok(known) => known,
                    Err(fault) => return Ok((claims, format!("not checked: {}", fault.detail))),
                };
                (
                    known.keys,
                    issuer.clone(),
                    known.issuer,
                    Some(code.client_id.clone()),
                )
            }
            Protocol::Proxy(proxy) => match &proxy.assertion {
                None => {
                    return Ok((
                        claims,
                        "not checked: the proxy is trusted by its address".to_owned(),
                    ));
                }
                Some(assertion) => {
                    let named = match &assertion.issuer {
                        IssuerRule::Exact(issuer) => issuer.clone(),
                        IssuerRule::Microsoft { .. } => {
                            "https://login.microsoftonline.com/{tenantid}/v2.0".to_owned()
                        }
                    };
                    (
                        assertion.keys.clone(),
                        assertion.issuer.clone(),
                        named,
                        assertion.audience.clone(),
                    )
                }
            },
        };
        let source: KeySource = source;
        let wanted = (presented.key_id.as_deref(), presented.algorithm);
        let with = (&providers.http, now);
        let key = match keys::find(&provider.keys, &source, wanted, with).await {
            Ok(key) => key,
            Err(fault) => return Ok((claims, format!("does not hold: {}", fault.detail))),
        };
        let expected = Expected {
            issuer: &issuer,
            named: &named,
            audience: audience.as_deref(),
            nonce: None,
        };
        let said = match token::verified(&presented, &key, &expected, now) {
            Ok(_) => "holds".to_owned(),
            Err(broken) => format!("does not hold: {}", broken.explained()),
        };
        Ok((claims, said))
    }
}

fn account_of(provider: &Provider, claims: Map<String, Value>) -> Result<Account, ApiError> {
    Account::from_claims(claims, &provider.settings.groups_claim).ok_or_else(|| {
        ApiError::input("The claims have no `sub`, which every account has")
            .accepted("for example {\"sub\": \"1\", \"email\": \"kim@example.com\", \"preferred_username\": \"kim\"}")
    })
}
