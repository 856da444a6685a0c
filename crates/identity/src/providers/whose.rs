//! Whose account it is that somebody has elsewhere.

use axum::http::request::Parts;
use model::entity_ref::EntityRef;

use super::account::Account;
use super::directory::Directory;
use super::refused::{Fault, Reason};
use super::rules::{Rule, Tried};
use super::settings::Protocol;
use super::{Provider, Providers, newcomer, proxy};
use crate::error::IdentityError;
use crate::identity::Identity;
use crate::store::accounts;

/// What a rule is called that made the user.
const JUST_IN_TIME: &str = "justInTime";

/// What the rules said of an account.
pub(super) struct Found {
    pub(super) user: EntityRef,
    pub(super) rule: String,
}

impl Identity {
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
    pub(super) async fn resolve(
        &self,
        providers: &Providers,
        provider: &Provider,
        account: &Account,
    ) -> Result<Found, Fault> {
        let directory = providers.directory.as_ref();
        let just_in_time = providers.settings.just_in_time.as_ref();
        let mut tried = Vec::new();
        for rule in &provider.settings.rules {
            let outcome = self.asked(rule, account, directory).await?;
            if let Some(user) = outcome.user().cloned() {
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

    /// What a rule says, as far as nobody is let in under a name that is more
    /// than a name, or that somebody else already has here.
    pub(super) async fn asked(
        &self,
        rule: &Rule,
        account: &Account,
        directory: &dyn Directory,
    ) -> Result<Tried, IdentityError> {
        let outcome = rule.ask(account, directory);
        let Some(user) = outcome.user() else {
            return Ok(outcome);
        };
        let known = directory.user(user).is_some();
        let ours = *user == Self::operator_ref() || self.guest_user() == Some(user);
        if ours || !known && newcomer::is_reserved(user) {
            return Ok(Tried::Reserved(user.clone()));
        }
        if !known && self.has_local_account(user).await? {
            return Ok(Tried::Local(user.clone()));
        }
        Ok(outcome)
    }

    /// Whether a local account signs in as this person. Where the catalog does
    /// not know them, nothing says that somebody from elsewhere is the same.
    pub(super) async fn has_local_account(&self, user: &EntityRef) -> Result<bool, IdentityError> {
        let found = accounts::by_user(self.db(), user.as_str()).await?;
        Ok(found.is_some())
    }
}
