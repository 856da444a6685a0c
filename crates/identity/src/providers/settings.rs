//! `auth.providers.<id>.<environment>`, `auth.justInTime`, `auth.contact`, as
//! they are used. [`super::settings::read`] reads what Backstage reads, plus
//! the few keys that are Portway's own.

mod proxies;
mod read;
mod servers;

pub(crate) use servers::below;

use jsonwebtoken::Algorithm;
use url::Url;

use super::client_key::ClientKey;
use super::rules::Rule;
use crate::secret::Secret;

pub(crate) use proxies::Network;
pub(crate) use read::{Part, read, words};

/// Everything about sign-in with accounts from elsewhere.
#[derive(Clone, Debug, Default)]
pub struct SignInSettings {
    /// In the order in which they are written.
    pub(crate) providers: Vec<ProviderSettings>,
    /// `auth.justInTime`, when it is enabled.
    pub(crate) just_in_time: Option<JustInTime>,
    /// Whom people ask who are not let in: `auth.contact`.
    pub(crate) contact: Option<String>,
    /// Front ends that may have the answer posted to them: `app.baseUrl`.
    pub(crate) origins: Vec<String>,
    /// `auth.environment`.
    pub(crate) environment: String,
}

impl SignInSettings {
    /// Whether nobody can sign in with an account from elsewhere.
    pub fn is_empty(&self) -> bool {
        self.providers.is_empty()
    }

    /// Whether users may be made just in time.
    pub fn makes_users(&self) -> bool {
        self.just_in_time.is_some()
    }
}

/// `auth.justInTime`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JustInTime {
    /// Where users are made.
    pub(crate) namespace: String,
    /// Which providers may bring users; all without it.
    pub(crate) providers: Option<Vec<String>>,
    /// Domains that a verified email must have; any account without it.
    pub(crate) allowed_domains: Option<Vec<String>>,
}

/// The sorts of provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderKind {
    /// Any OpenID provider.
    Oidc,
    /// GitHub.
    Github,
    /// GitLab.
    Gitlab,
    /// Google.
    Google,
    /// Microsoft Entra ID.
    Microsoft,
    /// Okta.
    Okta,
    /// oauth2-proxy.
    Oauth2Proxy,
    /// Google's Identity-Aware Proxy.
    GcpIap,
    /// Amazon's load balancer.
    AwsAlb,
    /// Cloudflare Access.
    CfAccess,
    /// Azure's App Service authentication.
    AzureEasyAuth,
}

impl ProviderKind {
    /// With the names that configurations use for it; the first is Backstage's.
    const NAMES: [(Self, &'static [&'static str]); 11] = [
        (Self::Oidc, &["oidc"]),
        (Self::Github, &["github"]),
        (Self::Gitlab, &["gitlab"]),
        (Self::Google, &["google"]),
        (Self::Microsoft, &["microsoft"]),
        (Self::Okta, &["okta"]),
        (Self::Oauth2Proxy, &["oauth2Proxy", "oauth2-proxy"]),
        (Self::GcpIap, &["gcpIap", "gcp-iap"]),
        (Self::AwsAlb, &["awsAlb", "aws-alb", "awsalb"]),
        (
            Self::CfAccess,
            &["cfaccess", "cloudflare-access", "cloudflareAccess"],
        ),
        (
            Self::AzureEasyAuth,
            &["azureEasyAuth", "azure-easyauth", "easyAuth"],
        ),
    ];

    /// The kind that a name means.
    fn named(name: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, names)| names.iter().any(|one| one.eq_ignore_ascii_case(name)))
            .map(|(kind, _)| *kind)
    }

    /// Backstage's name.
    pub fn as_str(self) -> &'static str {
        Self::NAMES
            .iter()
            .find(|(kind, _)| *kind == self)
            .and_then(|(_, names)| names.first())
            .copied()
            .unwrap_or_default()
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Oidc => "OpenID Connect",
            Self::Github => "GitHub",
            Self::Gitlab => "GitLab",
            Self::Google => "Google",
            Self::Microsoft => "Microsoft",
            Self::Okta => "Okta",
            Self::Oauth2Proxy => "OAuth2 Proxy",
            Self::GcpIap => "Google Cloud IAP",
            Self::AwsAlb => "AWS",
            Self::CfAccess => "Cloudflare Access",
            Self::AzureEasyAuth => "Azure",
        }
    }
}

/// One provider.
#[derive(Clone, Debug)]
pub(crate) struct ProviderSettings {
    /// Its id, which is part of its addresses.
    pub(crate) id: String,
    /// What sort it is.
    pub(crate) kind: ProviderKind,
    /// What its button says; the kind's name unless configured.
    pub(crate) title: String,
    /// Where it stands in the configuration.
    pub(crate) path: String,
    /// How it says who somebody is.
    pub(crate) protocol: Protocol,
    /// Resolvers, in order.
    pub(crate) rules: Vec<Rule>,
    /// The claim that lists groups.
    pub(crate) groups_claim: String,
}

/// How a provider says who somebody is.
#[derive(Clone, Debug)]
pub(crate) enum Protocol {
    /// The browser is sent there and comes back with a code.
    Code(Box<Code>),
    /// A proxy in front of Portway writes headers.
    Proxy(Box<Proxy>),
}

/// A provider of the authorization code flow.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub(crate) server: Server,
    pub(crate) client_id: String,
    pub(crate) client_secret: Option<Secret<String>>,
    /// Portway's own key, where the provider wants a signature.
    pub(crate) client_key: Option<ClientKey>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) scopes: Vec<String>,
    /// More parameters of the authorization request.
    pub(crate) extra: Vec<(&'static str, String)>,
    /// The redirect address, where it is not Portway's own.
    pub(crate) callback: Option<String>,
    /// The algorithms that its tokens may be signed with.
    pub(crate) algorithms: Vec<Algorithm>,
}

/// Where a code is asked for and redeemed.
#[derive(Clone, Debug)]
pub(crate) enum Server {
    /// As its metadata says.
    Oidc { metadata: Url, issuer: IssuerRule },
    /// GitHub: its pages and its API.
    Github { web: Url, api: Url },
    /// GitLab.
    Gitlab { base: Url },
}

/// What the metadata's `issuer` has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IssuerRule {
    /// Exactly this.
    Exact(String),
    /// Microsoft: the tenant of the token stands in the place of
    /// `{tenantid}`, and has to be the configured one where that is an id.
    Microsoft { tenant: String },
}

/// How Portway shows at the token endpoint who it is (RFC 6749, 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    Basic,
    Post,
    /// `private_key_jwt`: signed with a key of Portway's.
    PrivateKey,
    None,
}

/// A proxy in front of Portway.
#[derive(Clone, Debug)]
pub(crate) struct Proxy {
    /// The signed statement that it sends along.
    pub(crate) assertion: Option<Assertion>,
    /// The addresses that are believed without a signature.
    pub(crate) sources: Vec<Network>,
}

/// A signed statement in a header.
#[derive(Clone, Debug)]
pub(crate) struct Assertion {
    pub(crate) header: String,
    pub(crate) keys: KeySource,
    pub(crate) issuer: IssuerRule,
    pub(crate) audience: Option<String>,
    /// The ARN of the load balancer, which stands in the token's header.
    pub(crate) signer: Option<String>,
    pub(crate) algorithms: Vec<Algorithm>,
}

/// Where the keys of a proxy are published.
#[derive(Clone, Debug)]
pub(crate) enum KeySource {
    /// A JWK set.
    Set(Url),
    /// A PEM for each key id below this address.
    PemBelow(Url),
}

impl KeySource {
    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Set(url) | Self::PemBelow(url) => url,
        }
    }
}

pub(crate) use crate::foreign::ASYMMETRIC;
