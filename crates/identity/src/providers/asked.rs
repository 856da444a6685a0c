//! Where a browser is sent, and whether the answer comes from there.

use platform::request::{Query, encode};
use url::Url;

use super::refused::{Fault, Reason};
use super::settings::{Code, ProviderSettings, Server};
use super::{Provider, Providers, forges};
use crate::identity::Identity;

impl Identity {
    /// Where the browser is sent, and who has to answer.
    pub(super) async fn authorize_at(
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
}

/// Who has to answer (RFC 9207).
pub(super) struct Issuer {
    name: String,
    /// Whether it says so in every answer.
    always: bool,
}

/// Whether the answer is the provider's, and no refusal.
pub(super) fn check_answer(query: &Query, issuer: &Issuer) -> Result<(), Fault> {
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
