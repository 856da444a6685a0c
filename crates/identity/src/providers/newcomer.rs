//! Users made just in time: somebody whose account nobody in the catalog has.
//!
//! The user is kept here as a document, which a source of the catalog reads
//! like any other: with rules, history, conflicts and events. Its groups are
//! those of the groups claim that exist in the catalog; they are looked at
//! again at each sign-in. Who a person is in another source is that source's
//! to say, their groups too.

use std::collections::BTreeSet;

use model::entity_ref::EntityRef;
use platform::store::StoreError;
use serde_json::{Value, json};

use super::account::Account;
use super::directory::Directory;
use super::refused::{Fault, Reason};
use super::settings::{JustInTime, ProviderKind, ProviderSettings};
use super::{Providers, store};
use crate::error::IdentityError;
use crate::identity::Identity;

/// Names of people that are more than a name: whoever starts Portway, and
/// whoever has proved nothing.
const RESERVED: [&str; 2] = ["admin", "guest"];

/// Whether nobody may get this reference by signing in alone.
pub(super) fn is_reserved(user: &EntityRef) -> bool {
    RESERVED.contains(&user.name())
}

impl JustInTime {
    /// Why no user is made for an account of this provider.
    pub(super) fn refusal(&self, provider: &str, account: &Account) -> Option<String> {
        if let Some(providers) = &self.providers
            && !providers.iter().any(|one| one == provider)
        {
            return Some(format!(
                "auth.justInTime.providers does not list {provider}"
            ));
        }
        let allowed = self.allowed_domains.as_ref()?;
        let domain = account
            .usable_email()
            .and_then(|email| email.rsplit_once('@'))
            .map(|(_, domain)| domain.to_lowercase());
        match domain {
            Some(domain) if allowed.contains(&domain) => None,
            Some(domain) => Some(format!("auth.justInTime.allowedDomains does not list {domain}")),
            None => Some("the account has no verified address, and auth.justInTime.allowedDomains asks for one".to_owned()),
        }
    }

    /// The reference that an account would get.
    pub(super) fn reference(&self, account: &Account) -> Option<EntityRef> {
        let local = account
            .usable_email()
            .and_then(|email| email.split_once('@'))
            .map(|(local, _)| local);
        let username = account.username.as_deref();
        // `kim@example.com` as a user name is an address.
        let username = username.map(|name| name.split_once('@').map_or(name, |(local, _)| local));
        [username, local, account.name.as_deref()]
            .into_iter()
            .flatten()
            .find_map(plain_name)
            .map(|name| EntityRef::new("user", &self.namespace, &name))
    }
}

/// A text as an entity's name: letters, digits, `-`, `_` and `.`, at most 63.
pub(super) fn plain_name(text: &str) -> Option<String> {
    let mut name = String::new();
    for letter in text.trim().to_lowercase().chars() {
        if letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_') {
            name.push(letter);
        } else if !name.ends_with('-') {
            name.push('-');
        }
        if name.len() >= 63 {
            break;
        }
    }
    let name = name.trim_matches(['-', '.', '_']);
    (!name.is_empty()).then(|| name.to_owned())
}

/// The groups of the catalog that a groups claim names, each with the claim's
/// own text; `None` where there is no such group.
pub(super) fn groups(
    account: &Account,
    namespace: &str,
    directory: &dyn Directory,
) -> Vec<(String, Option<EntityRef>)> {
    let exists = |group: EntityRef| directory.has_group(&group).then_some(group);
    account
        .groups
        .iter()
        .map(|text| {
            let found = match EntityRef::parse(text, Some("group"), Some(namespace)) {
                Ok(group) if text.contains(':') => {
                    exists(group).filter(|group| group.kind() == "group")
                }
                _ => plain_name(text.trim_start_matches('/')).and_then(|name| {
                    [namespace, "default"]
                        .into_iter()
                        .find_map(|namespace| exists(EntityRef::new("group", namespace, &name)))
                }),
            };
            (text.clone(), found)
        })
        .collect()
}

impl Identity {
    /// Every user that was made just in time, as documents for the catalog.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn newcomers(&self) -> Result<Vec<Value>, IdentityError> {
        store::newcomers(self.db()).await
    }

    /// The user that was made for this account before.
    pub(super) async fn newcomer_before(
        &self,
        provider: &ProviderSettings,
        account: &Account,
    ) -> Result<Option<EntityRef>, Fault> {
        Ok(store::newcomer(self.db(), &provider.id, &account.subject).await?)
    }

    /// Makes the user for an account, or brings it up to date.
    pub(super) async fn newcomer(
        &self,
        providers: &Providers,
        (provider, account): (&ProviderSettings, &Account),
        settings: &JustInTime,
    ) -> Result<EntityRef, Fault> {
        let directory = providers.directory.as_ref();
        let nobody = |why: String| Fault::new(Reason::Nobody, why);
        let before = self.newcomer_before(provider, account).await?;
        let user = match &before {
            Some(user) => user.clone(),
            None => {
                let user = settings.reference(account).ok_or_else(|| {
                    nobody("the account has nothing that a name could be made from".into())
                })?;
                if is_reserved(&user) {
                    return Err(nobody(format!(
                        "{user} is a name that nobody gets by signing in"
                    )));
                }
                if directory.user(&user).is_some() {
                    return Err(nobody(format!(
                        "{user} is in the catalog already, and no resolver says that it is this person"
                    )));
                }
                if self.has_local_account(&user).await? {
                    return Err(nobody(format!(
                        "{user} is a local account here, and nothing says that it is this person"
                    )));
                }
                user
            }
        };
        let document = document(&user, provider, account, directory);
        let kept = store::document_of(self.db(), &provider.id, &account.subject).await?;
        if kept.as_ref() == Some(&document) && directory.user(&user).is_some() {
            return Ok(user);
        }
        let mut tx = self.db().begin().await?;
        let key = (provider.id.as_str(), account.subject.as_str());
        store::put_newcomer(&mut tx, key, &user, &document, self.clock().now())
            .await
            .map_err(|error| match error {
                IdentityError::Store(StoreError::Duplicate { .. }) => {
                    nobody(format!("{user} was made for another account"))
                }
                other => other.into(),
            })?;
        tx.commit().await?;
        directory.take_over_newcomers().await?;
        if directory.user(&user).is_none() {
            return Err(Fault::new(
                Reason::Inside,
                format!(
                    "{user} was made, but the catalog has not taken it over; look at its source"
                ),
            ));
        }
        Ok(user)
    }
}

fn document(
    user: &EntityRef,
    provider: &ProviderSettings,
    account: &Account,
    directory: &dyn Directory,
) -> Value {
    let mut profile = serde_json::Map::new();
    let picture = account
        .picture
        .as_deref()
        .filter(|url| url.starts_with("https://"));
    for (key, value) in [
        ("displayName", account.name.as_deref()),
        ("email", account.usable_email()),
        ("picture", picture),
    ] {
        if let Some(value) = value {
            profile.insert(key.to_owned(), value.into());
        }
    }
    let member_of: BTreeSet<String> = groups(account, user.namespace(), directory)
        .into_iter()
        .filter_map(|(_, group)| Some(group?.as_str().to_owned()))
        .collect();
    let mut annotations = json!({ "portway.dev/sign-in-provider": provider.id });
    let login = match provider.kind {
        ProviderKind::Github => Some("github.com/user-login"),
        ProviderKind::Gitlab => Some("gitlab.com/user-login"),
        _ => None,
    };
    if let (Some(key), Some(name), Some(fields)) =
        (login, &account.username, annotations.as_object_mut())
    {
        fields.insert(key.to_owned(), name.as_str().into());
    }
    json!({
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "User",
        "metadata": {
            "namespace": user.namespace(),
            "name": user.name(),
            "annotations": annotations,
        },
        "spec": { "profile": profile, "memberOf": member_of },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_plain() {
        for (text, name) in [
            ("Minji.Kim", Some("minji.kim")),
            ("  Kim Minji ", Some("kim-minji")),
            ("kim+portway", Some("kim-portway")),
            ("-.x.-", Some("x")),
            ("김민지", None),
            ("", None),
        ] {
            assert_eq!(plain_name(text).as_deref(), name, "{text:?}");
        }
        assert_eq!(
            plain_name(&"x".repeat(100)).map(|name| name.len()),
            Some(63)
        );
    }
}
