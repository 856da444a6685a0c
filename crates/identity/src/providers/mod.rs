//! Sign-in with the accounts that people have elsewhere.
//!
//! ```text
//! settings   auth.providers.<id>.<environment>, as Backstage writes it
//! offered    what the sign-in page shows
//! flow       start ─▶ the provider ─▶ handler/frame ─▶ a session
//! asked      where the browser is sent, who has to answer
//! attempt    what a browser carries between the two: state, nonce, PKCE
//! oidc       discovery and the exchange of a code    forges  GitHub, GitLab
//! proxy      headers of a proxy: signed, or from a trusted address
//! keys       where keys are published                token   what a token has to say
//! account    what a provider says about somebody
//! whose      the rules asked in turn                  rules   one resolver each
//! outcome    the session, or the refusal, written down
//! nearest    who may be meant
//! newcomer   users made just in time
//! issued     the provider's tokens, for a front end that asked for them
//! client_key how Portway proves itself to a provider without a shared secret
//! examine    why somebody was let in or not, for `portway auth doctor`
//! ```
//!
//! What stays true:
//! - An answer counts once, only in the browser that asked, and only from the
//!   provider that was asked.
//! - A token counts when a key of its issuer signed it with an algorithm that
//!   needs two keys, for this Portway, now.
//! - Without a rule that finds a user nobody is signed in.

mod account;
mod asked;
mod attempt;
mod client_key;
mod directory;
mod examine;
mod flow;
mod forges;
mod issued;
mod keys;
mod nearest;
mod newcomer;
mod offered;
mod oidc;
mod outcome;
mod proxy;
mod refused;
mod routes;
mod rules;
mod settings;
mod store;
mod token;
mod whose;

pub use directory::{Directory, KnownUser};
pub use flow::{Entered, Popup, Started};
pub use offered::ProviderButton;
pub use outcome::SIGN_IN_SUCCEEDED;
pub use refused::{Reason, SignInRefused};
pub use settings::{ProviderKind, SignInSettings};
pub use store::SIGN_IN_MIGRATIONS;

pub(crate) use examine::EXAMINE;
pub(crate) use routes::add as add_routes;
pub(crate) use settings::read as read_settings;

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use forge::http::{Access, AllowedHost, Client, Limits, Options as HttpOptions};
use parking_lot::Mutex;
use std::time::Duration;

use oidc::Discovered;
use refused::Remembered;
use settings::{Protocol, ProviderSettings, Server};

use crate::foreign::KeySet;

/// What is read of one answer of a provider, in bytes.
const LARGEST_ANSWER: u64 = 512 * 1024;
/// How long a provider may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Says where a path of the configuration was written: `file:line:column`.
pub type Places = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The configured providers, ready to be asked.
pub struct Providers {
    list: Vec<Provider>,
    settings: SignInSettings,
    directory: Arc<dyn Directory>,
    http: Client,
    places: Box<Places>,
    refusals: Mutex<VecDeque<Remembered>>,
}

/// One provider with what is known of it.
struct Provider {
    settings: ProviderSettings,
    discovered: Discovered,
    keys: KeySet,
}

impl Providers {
    /// Makes providers ready. `inner` are hosts of private networks that may
    /// be reached besides those the providers are configured with; `places`
    /// says where a key of the configuration stands.
    ///
    /// # Errors
    /// When the process has no TLS.
    pub fn new(
        settings: SignInSettings,
        inner: Vec<AllowedHost>,
        directory: Arc<dyn Directory>,
        places: Box<Places>,
    ) -> Result<Self, forge::http::Error> {
        let mut hosts = inner;
        hosts.extend(settings.providers.iter().flat_map(hosts_of));
        let http = Client::new(HttpOptions {
            // What discovery names may be any public host; inner ones have to
            // be written down by a person.
            access: Access::public(hosts),
            limits: Limits {
                body: LARGEST_ANSWER,
                connect: Duration::from_secs(5),
                idle: Duration::from_secs(5),
                total: PATIENCE,
                // A code or a secret is never carried on to another place.
                redirects: 0,
            },
            ..HttpOptions::default()
        })?;
        let list = settings
            .providers
            .iter()
            .map(|one| Provider {
                settings: one.clone(),
                discovered: Discovered::default(),
                keys: KeySet::kept_for(keys::KEEP),
            })
            .collect();
        Ok(Self {
            list,
            settings,
            directory,
            http,
            places,
            refusals: Mutex::default(),
        })
    }

    fn find(&self, id: &str) -> Option<&Provider> {
        self.list.iter().find(|provider| provider.settings.id == id)
    }
}

/// The hosts that the configuration itself names for a provider.
fn hosts_of(provider: &ProviderSettings) -> Vec<AllowedHost> {
    let urls: Vec<&url::Url> = match &provider.protocol {
        Protocol::Code(code) => match &code.server {
            Server::Oidc { metadata, .. } => vec![metadata],
            Server::Github { web, api } => vec![web, api],
            Server::Gitlab { base } => vec![base],
        },
        Protocol::Proxy(proxy) => proxy.assertion.iter().map(|one| one.keys.url()).collect(),
    };
    urls.into_iter()
        .filter_map(|url| {
            let host = url.host_str()?;
            Some(AllowedHost::listed(&match url.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            }))
        })
        .collect()
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.list.iter().map(|one| &one.settings.id).collect();
        f.debug_struct("Providers")
            .field("ids", &ids)
            .finish_non_exhaustive()
    }
}
