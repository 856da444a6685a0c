//! Sign-in resolvers: rules that say whose account it is, asked in order; the
//! first that finds a user decides. Names and options are Backstage's.

use model::entity_ref::EntityRef;
use serde_json::{Map, Value};

use super::account::Account;
use super::directory::Directory;
use super::settings::ProviderKind;
use crate::settings::{SettingsProblem, report};

/// One resolver with its options.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// Backstage's name.
    pub(crate) name: String,
    /// Where it stands in the configuration.
    pub(crate) path: String,
    ask: Ask,
    /// Domains that the address must have.
    allowed_domains: Option<Vec<String>>,
    /// `dangerouslyAllowSignInWithoutUserInCatalog`.
    without_user: bool,
}

/// What a rule compares with what.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Ask {
    /// The address with `spec.profile.email`.
    EmailProfile,
    /// What stands before the `@` with the name.
    EmailLocalPart,
    /// The account's name with the name.
    Username,
    /// The address with an annotation.
    EmailAnnotation(String),
    /// The subject with an annotation.
    SubjectAnnotation(String),
}

/// What became of one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tried {
    /// It found this user.
    Found(EntityRef),
    /// Nobody is in the catalog, and the rule lets people in without.
    Admitted(EntityRef),
    /// It found somebody whom nobody becomes by signing in elsewhere: whoever
    /// runs this Portway, or the guest.
    Reserved(EntityRef),
    /// Nobody is in the catalog, and a local account has that name.
    Local(EntityRef),
    /// The account has nothing to compare: the claim's name.
    NoClaim(&'static str),
    /// The provider calls the address unverified.
    Unverified(String),
    /// The address has another domain than the allowed ones.
    Domain { email: String, allowed: Vec<String> },
    /// There is no user with this value; `wanted` is where it was looked for.
    Nobody { wanted: String, value: String },
    /// Several users have it.
    Several {
        wanted: String,
        value: String,
        users: Vec<EntityRef>,
    },
}

impl Tried {
    pub(crate) fn user(&self) -> Option<&EntityRef> {
        match self {
            Self::Found(user) | Self::Admitted(user) => Some(user),
            _ => None,
        }
    }

    /// In words, for people who look after Portway.
    pub(crate) fn explained(&self) -> String {
        match self {
            Self::Found(user) => format!("found {user}"),
            Self::Admitted(user) => {
                format!("no such user in the catalog; admitted as {user}, as configured")
            }
            Self::Reserved(user) => {
                format!("found {user}, a name that nobody gets by signing in elsewhere")
            }
            Self::Local(user) => format!(
                "{user} is a local account here and not in the catalog, so nothing says that it is the same person"
            ),
            Self::NoClaim(claim) => format!("the account has no {claim}"),
            Self::Unverified(email) => {
                format!("{email} is not a verified address, so it does not count")
            }
            Self::Domain { email, allowed } => {
                format!(
                    "{email} is not of an allowed domain ({})",
                    allowed.join(", ")
                )
            }
            Self::Nobody { wanted, value } => format!("no user has {wanted} {value:?}"),
            Self::Several {
                wanted,
                value,
                users,
            } => {
                let users: Vec<_> = users.iter().take(5).map(ToString::to_string).collect();
                format!(
                    "{} have {wanted} {value:?}, so it names nobody",
                    users.join(" and ")
                )
            }
        }
    }

    /// What to change in the catalog, where that would help.
    pub(crate) fn mended(&self) -> Option<String> {
        match self {
            Self::Nobody { wanted, value } => Some(format!("give the person's User entity {wanted} {value:?}")),
            Self::Several { wanted, .. } => Some(format!("let only one User entity have that {wanted}")),
            Self::Unverified(_) => Some("have the address verified at the provider, or use a resolver that compares the account's id".to_owned()),
            Self::Domain { .. } => Some("add the domain to allowedDomains, if everybody with such an address shall be let in".to_owned()),
            Self::NoClaim("email") => Some("ask for the address with `additionalScopes`, and check that the person has one there".to_owned()),
            Self::NoClaim(_) => Some("use a resolver that compares something that the provider sends".to_owned()),
            Self::Reserved(_) => Some("give the person's User entity another name".to_owned()),
            Self::Local(user) => Some(format!("add {user} to the catalog, if the local account is the same person; else rename one of the two")),
            Self::Found(_) | Self::Admitted(_) => None,
        }
    }
}

impl Rule {
    /// Asks the rule.
    pub(crate) fn ask(&self, account: &Account, directory: &dyn Directory) -> Tried {
        match &self.ask {
            Ask::EmailProfile => self.by_email(account, directory),
            Ask::EmailLocalPart => match self.email(account) {
                Ok(email) => {
                    let (local, _) = email.split_once('@').unwrap_or((email, ""));
                    self.by_name(local, directory)
                }
                Err(why) => why,
            },
            Ask::Username => match account.username.as_deref() {
                Some(name) => self.by_name(name, directory),
                None => Tried::NoClaim("preferred_username"),
            },
            Ask::EmailAnnotation(key) => match self.email(account) {
                Ok(email) => self.by_annotation(key, email, directory),
                Err(why) => why,
            },
            Ask::SubjectAnnotation(key) => self.by_annotation(key, &account.subject, directory),
        }
    }

    /// Whether the rule admits people who are not in the catalog.
    pub(crate) fn is_open(&self) -> bool {
        self.without_user
    }

    fn email<'a>(&self, account: &'a Account) -> Result<&'a str, Tried> {
        let Some(email) = account.usable_email() else {
            return Err(match &account.email {
                Some(email) => Tried::Unverified(email.clone()),
                None => Tried::NoClaim("email"),
            });
        };
        let Some(allowed) = &self.allowed_domains else {
            return Ok(email);
        };
        let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
        if allowed.iter().any(|one| one.eq_ignore_ascii_case(domain)) {
            return Ok(email);
        }
        Err(Tried::Domain {
            email: email.to_owned(),
            allowed: allowed.clone(),
        })
    }

    fn by_email(&self, account: &Account, directory: &dyn Directory) -> Tried {
        const WANTED: &str = "spec.profile.email";
        let email = match self.email(account) {
            Ok(email) => email,
            Err(why) => return why,
        };
        let found = self.only(directory.users_with_email(email), WANTED, email);
        // As Backstage: `kim+portway@` is `kim@`, when nobody is the former.
        let plain = email.split_once('@').and_then(|(local, domain)| {
            let (name, _) = local.split_once('+').filter(|(name, _)| !name.is_empty())?;
            Some(format!("{name}@{domain}"))
        });
        match (&found, plain) {
            (Tried::Nobody { .. } | Tried::Admitted(_), Some(plain)) => {
                let again = directory.users_with_email(&plain);
                match again.as_slice() {
                    [user] => Tried::Found(user.clone()),
                    _ => found,
                }
            }
            _ => found,
        }
    }

    fn by_name(&self, name: &str, directory: &dyn Directory) -> Tried {
        match reference(name).filter(|wanted| directory.user(wanted).is_some()) {
            Some(found) => Tried::Found(found),
            None => self.nobody("metadata.name", name),
        }
    }

    fn by_annotation(&self, key: &str, value: &str, directory: &dyn Directory) -> Tried {
        let wanted = format!("the annotation {key}");
        self.only(directory.users_with_annotation(key, value), &wanted, value)
    }

    fn only(&self, users: Vec<EntityRef>, wanted: &str, value: &str) -> Tried {
        match users.as_slice() {
            [] => self.nobody(wanted, value),
            [user] => Tried::Found(user.clone()),
            _ => Tried::Several {
                wanted: wanted.to_owned(),
                value: value.to_owned(),
                users,
            },
        }
    }

    fn nobody(&self, wanted: &str, value: &str) -> Tried {
        if let Some(user) = reference(value).filter(|_| self.without_user) {
            return Tried::Admitted(user);
        }
        Tried::Nobody {
            wanted: wanted.to_owned(),
            value: value.to_owned(),
        }
    }
}

/// The user of a name that came from outside, when it can be one.
fn reference(name: &str) -> Option<EntityRef> {
    let plain = !name.contains([':', '/']) && !name.chars().any(char::is_whitespace);
    EntityRef::parse(&format!("user:default/{name}"), None, None)
        .ok()
        .filter(|_| plain)
}

/// Resolvers of a kind besides those that every kind has.
fn named(kind: ProviderKind, name: &str, host: Option<&str>) -> Option<Ask> {
    use ProviderKind as K;
    let email = |key: &str| Some(Ask::EmailAnnotation(key.to_owned()));
    let subject = |key: &str| Some(Ask::SubjectAnnotation(key.to_owned()));
    match (kind, name) {
        (_, "emailMatchingUserEntityProfileEmail") => Some(Ask::EmailProfile),
        (_, "emailLocalPartMatchingUserEntityName") => Some(Ask::EmailLocalPart),
        (K::Github | K::Gitlab, "usernameMatchingUserEntityName")
        | (
            K::Oidc | K::Okta | K::Google | K::Microsoft | K::Oauth2Proxy,
            "preferredUsernameMatchingUserEntityName",
        )
        | (K::Oauth2Proxy, "forwardedUserMatchingUserEntityName") => Some(Ask::Username),
        (K::Github, "userIdMatchingUserEntityAnnotation") => subject("github.com/user-id"),
        (K::Gitlab, "userIdMatchingUserEntityAnnotation") => {
            subject(&format!("{}/user-id", host.unwrap_or("gitlab.com")))
        }
        (K::Microsoft, "userIdMatchingUserEntityAnnotation")
        | (K::AzureEasyAuth, "idMatchingUserEntityAnnotation") => {
            subject("graph.microsoft.com/user-id")
        }
        (K::GcpIap, "idMatchingUserEntityAnnotation") => subject("google.com/user-id"),
        (K::Google | K::GcpIap, "emailMatchingUserEntityAnnotation") => email("google.com/email"),
        (K::Microsoft, "emailMatchingUserEntityAnnotation") => email("microsoft.com/email"),
        (K::Okta, "emailMatchingUserEntityAnnotation") => email("okta.com/email"),
        (K::Oidc, "oidcSubClaimMatchingKeycloakUserId") => subject("keycloak.org/id"),
        (K::Oidc, "oidcSubClaimMatchingPingIdentityUserId") => subject("pingidentity.org/id"),
        _ => None,
    }
}

const EVERY_NAME: [&str; 10] = [
    "emailMatchingUserEntityProfileEmail",
    "emailLocalPartMatchingUserEntityName",
    "usernameMatchingUserEntityName",
    "preferredUsernameMatchingUserEntityName",
    "forwardedUserMatchingUserEntityName",
    "userIdMatchingUserEntityAnnotation",
    "idMatchingUserEntityAnnotation",
    "emailMatchingUserEntityAnnotation",
    "oidcSubClaimMatchingKeycloakUserId",
    "oidcSubClaimMatchingPingIdentityUserId",
];

/// Reads `signIn.resolvers`. A provider without one signs nobody in, as in
/// Backstage, unless users are made just in time.
pub(super) fn read_rules(
    kind: ProviderKind,
    part: &super::settings::Part<'_>,
    problems: &mut Vec<SettingsProblem>,
) -> Vec<Rule> {
    let path = part.at("signIn.resolvers");
    let entries = part
        .fields
        .get("signIn")
        .and_then(|sign_in| sign_in.get("resolvers"));
    let entries = match entries {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(entries)) => entries,
        Some(_) => {
            report(
                problems,
                path,
                "is not a list",
                "`resolvers: [{ resolver: emailMatchingUserEntityProfileEmail }]`",
            );
            return Vec::new();
        }
    };
    let host = part
        .text("audience")
        .and_then(|url| url::Url::parse(url).ok())
        .and_then(|url| url.host_str().map(str::to_owned));
    let empty = Map::new();
    let mut rules = Vec::new();
    for (at, entry) in entries.iter().enumerate() {
        let options = entry.as_object().unwrap_or(&empty);
        let path = format!("{path}[{at}]");
        let name = options
            .get("resolver")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let Some(ask) = named(kind, name, host.as_deref()) else {
            let known: Vec<&str> = EVERY_NAME
                .into_iter()
                .filter(|name| named(kind, name, None).is_some())
                .collect();
            report(
                problems,
                format!("{path}.resolver"),
                format!(
                    "{name:?} is no resolver of {}, so it is not asked",
                    kind.title()
                ),
                known.join(", "),
            );
            continue;
        };
        let ask = match (ask, options.get("annotation").and_then(Value::as_str)) {
            (Ask::SubjectAnnotation(_), Some(key)) => Ask::SubjectAnnotation(key.to_owned()),
            (Ask::EmailAnnotation(_), Some(key)) => Ask::EmailAnnotation(key.to_owned()),
            (ask, _) => ask,
        };
        rules.push(Rule {
            name: name.to_owned(),
            path,
            ask,
            allowed_domains: options
                .get("allowedDomains")
                .and_then(super::settings::words),
            without_user: options.get("dangerouslyAllowSignInWithoutUserInCatalog")
                == Some(&Value::Bool(true)),
        });
    }
    rules
}
