//! What is written down of a sign-in, whichever way it ended.

use axum::http::request::Parts;
use platform::actor::{Actor, ActorKind};
use platform::event::EventType;
use serde_json::{Value, json};

use super::account::Account;
use super::refused::{Fault, Remembered, SignInRefused};
use super::whose::Found;
use super::{Provider, store};
use crate::events::{self, SIGN_IN_REFUSED};
use crate::identity::Identity;
use crate::sessions::{self, Method, SignedIn};

/// Somebody signed in with an account from elsewhere. Data: `provider`,
/// `rule`, `user`, `account`.
pub const SIGN_IN_SUCCEEDED: EventType = EventType("dev.portway.identity.sign-in.succeeded");
/// How many refusals the doctor can look back on.
const REMEMBERED: usize = 50;

impl Identity {
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
        events::append_refusal(&mut tx, SIGN_IN_REFUSED, subject, &actor, data).await?;
        tx.commit().await?;
        Ok(())
    }
}
