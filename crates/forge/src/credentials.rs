//! Which credential a request carries: a configured token, or one that a
//! GitHub App asks for.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use platform::Clock;
use platform::clock::later;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::budget::{Budget, EtagCache, Governor, Priority, Sharing};
use crate::client::api::{Api, Authorization, Patience, unobserved};
use crate::client::error::ForgeError;
use crate::http;
use crate::integrations::{GitHubApp, Integration, Integrations};
use crate::kind::ForgeKind;
use crate::secret::Secret;

/// A token that ends sooner than this is renewed.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);

/// The credentials of all integrations. Clones share the tokens that GitHub
/// Apps have been given.
#[derive(Clone, Debug)]
pub struct Credentials(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    client: http::Client,
    integrations: Arc<Integrations>,
    clock: Clock,
    /// By host, app and owner (in lower case).
    tokens: tokio::sync::Mutex<HashMap<(String, String, String), AppToken>>,
    /// Calls that an app makes for itself are counted apart.
    governor: Governor,
}

#[derive(Clone, Debug)]
struct AppToken {
    /// `None`: the app is not installed there.
    token: Option<Secret>,
    until: Timestamp,
}

#[derive(Serialize)]
struct Claims<'a> {
    iat: i64,
    exp: i64,
    iss: &'a str,
}

impl Credentials {
    /// Credentials of these integrations, fetched through this client.
    pub fn new(client: http::Client, integrations: Arc<Integrations>, clock: Clock) -> Self {
        let governor = Governor::new(clock.clone(), Sharing::default());
        Self(Arc::new(Shared {
            client,
            integrations,
            clock,
            tokens: tokio::sync::Mutex::default(),
            governor,
        }))
    }

    /// The integrations.
    pub fn integrations(&self) -> &Arc<Integrations> {
        &self.0.integrations
    }

    /// The client that everything goes through.
    pub fn client(&self) -> &http::Client {
        &self.0.client
    }

    /// The header for Git over HTTP at a URL, when the URL is at the host of
    /// an integration with a credential.
    pub(crate) async fn for_git(&self, url: &Url) -> Result<Option<String>, ForgeError> {
        let integrations = &self.0.integrations;
        let found = integrations
            .iter()
            .find(|entry| entry.web_base.origin() == url.origin());
        let Some(entry) = found else {
            return Ok(None);
        };
        if let Some(header) = entry.git_authorization() {
            return Ok(Some(header));
        }
        let Some(owner) = url.path_segments().and_then(|mut segments| segments.next()) else {
            return Ok(None);
        };
        let token = self.app_token(entry, owner).await?;
        Ok(token.map(|token| {
            let pair = format!("x-access-token:{}", token.reveal());
            format!("Basic {}", STANDARD.encode(pair))
        }))
    }

    /// A token of the first app that is installed for the owner.
    pub(crate) async fn app_token(
        &self,
        entry: &Integration,
        owner: &str,
    ) -> Result<Option<Secret>, ForgeError> {
        for app in &entry.apps {
            if !app.may_use(owner) {
                continue;
            }
            let key = (entry.host.clone(), app.app_id.clone(), owner.to_lowercase());
            // Held while asking: everybody else who needs a token waits for
            // this one instead of asking too.
            let mut tokens = self.0.tokens.lock().await;
            let fresh = later(self.0.clock.now(), RENEW_BEFORE);
            let kept = tokens.get(&key).filter(|kept| kept.until > fresh).cloned();
            let kept = match kept {
                Some(kept) => kept,
                None => {
                    let asked = self.ask(entry, app, owner).await?;
                    tokens.insert(key, asked.clone());
                    asked
                }
            };
            if kept.token.is_some() {
                return Ok(kept.token);
            }
        }
        Ok(None)
    }

    /// The owners that an app is installed for.
    pub(crate) async fn app_owners(
        &self,
        entry: &Integration,
        app: &GitHubApp,
    ) -> Result<Vec<String>, ForgeError> {
        let installed = self.installations(entry, app).await?;
        let mut owners: Vec<String> = installed
            .into_iter()
            .map(|(owner, _)| owner)
            .filter(|owner| app.may_use(owner))
            .collect();
        owners.sort();
        Ok(owners)
    }

    async fn ask(
        &self,
        entry: &Integration,
        app: &GitHubApp,
        owner: &str,
    ) -> Result<AppToken, ForgeError> {
        let installed = self.installations(entry, app).await?;
        let installation = installed
            .into_iter()
            .find(|(login, _)| login.eq_ignore_ascii_case(owner));
        let now = self.0.clock.now();
        let Some((_, id)) = installation else {
            // Asked again after a while: apps get installed.
            return Ok(AppToken {
                token: None,
                until: later(now, RENEW_BEFORE * 2),
            });
        };
        let what = format!("get a token of the GitHub App {} for `{owner}`", app.app_id);
        let api = self.as_app(entry, app)?;
        let path = format!("app/installations/{id}/access_tokens");
        let answer: Value = api.post(&what, &path).await?;
        let token = answer
            .get("token")
            .and_then(Value::as_str)
            .and_then(Secret::new);
        let until = answer
            .get("expires_at")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok());
        match (token, until) {
            (Some(token), Some(until)) => Ok(AppToken {
                token: Some(token),
                until,
            }),
            _ => Err(api.garbage(&what, "it has no `token` or no `expires_at`")),
        }
    }

    /// Owner and id of every installation of an app.
    async fn installations(
        &self,
        entry: &Integration,
        app: &GitHubApp,
    ) -> Result<Vec<(String, u64)>, ForgeError> {
        let what = format!("list installations of the GitHub App {}", app.app_id);
        let api = self.as_app(entry, app)?;
        let listed = api
            .list(
                &what,
                "app/installations",
                &[("per_page", "100")],
                &unobserved,
                |found| {
                    let owner = found.pointer("/account/login").and_then(Value::as_str);
                    let id = found.get("id").and_then(Value::as_u64);
                    owner
                        .map(str::to_owned)
                        .zip(id)
                        .ok_or_else(|| "it has no `account.login` or no `id`".to_owned())
                },
            )
            .await?;
        Ok(listed.items)
    }

    /// The API as the app itself, which may only ask for installations.
    fn as_app(&self, entry: &Integration, app: &GitHubApp) -> Result<Api, ForgeError> {
        let jwt = self.jwt(entry, app)?;
        Ok(Api {
            kind: ForgeKind::GitHub,
            host: entry.host.clone(),
            base: entry.api_base.clone(),
            http: self.0.client.clone(),
            budget: self.budget(entry, app),
            clock: self.0.clock.clone(),
            etags: Arc::new(EtagCache::new(0)),
            authorization: Authorization::Header("authorization", format!("Bearer {jwt}")),
            priority: Priority::Interactive,
            patience: Patience::default(),
        })
    }

    fn budget(&self, entry: &Integration, app: &GitHubApp) -> Budget {
        let name = format!("app {}", app.app_id);
        self.0.governor.budget(&entry.host, Some(&name))
    }

    /// What proves to GitHub that we are the app: signed, valid for minutes.
    fn jwt(&self, entry: &Integration, app: &GitHubApp) -> Result<String, ForgeError> {
        let bad = |reason: String| ForgeError::Config {
            key: format!(
                "integrations.github[host={}].apps[appId={}].privateKey",
                entry.host, app.app_id
            ),
            reason,
        };
        let pem = app
            .private_key
            .as_ref()
            .ok_or_else(|| bad("missing; set the app's private key".to_owned()))?;
        // Keys in environment variables often have their line ends escaped.
        let pem = pem.reveal().replace("\\n", "\n");
        let key = EncodingKey::from_rsa_pem(pem.as_bytes())
            .map_err(|error| bad(format!("not an RSA key in PEM form: {error}")))?;
        let now = self.0.clock.now().as_second();
        let claims = Claims {
            // GitHub's clock may be behind ours.
            iat: now - 60,
            exp: now + 9 * 60,
            iss: &app.app_id,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &key)
            .map_err(|error| bad(error.to_string()))
    }
}

impl GitHubApp {
    fn may_use(&self, owner: &str) -> bool {
        self.allowed_installation_owners
            .as_ref()
            .is_none_or(|owners| {
                owners
                    .iter()
                    .any(|allowed| allowed.eq_ignore_ascii_case(owner))
            })
    }
}
