//! GitHub and GitLab: no ID token, so their API is asked whose code it was.

use forge::http::Client;
use serde_json::{Map, Value, json};
use url::Url;

use super::account::{Account, short};
use super::issued::Issued;
use super::oidc::{Redeem, read_with, redeem_code};
use super::refused::{Fault, Reason};
use super::settings::{Code, ProviderSettings, Server, below};

/// Where the browser is sent, and what the answer's `iss` has to be where the
/// answer has one.
pub(super) fn authorize(server: &Server) -> Option<(Url, String)> {
    match server {
        Server::Github { web, .. } => Some((
            below(web, "login/oauth/authorize")?,
            below(web, "login/oauth")?.to_string(),
        )),
        Server::Gitlab { base } => Some((
            below(base, "oauth/authorize")?,
            base.as_str().trim_end_matches('/').to_owned(),
        )),
        Server::Oidc { .. } => None,
    }
}

/// The account that a code stands for.
pub(super) async fn account(
    provider: &ProviderSettings,
    code: &Code,
    redeem: &Redeem<'_>,
    http: &Client,
) -> Result<(Account, Option<Issued>), Fault> {
    let no_address = || Fault::setup("the address of the server cannot be used");
    let (token, user) = match &code.server {
        Server::Github { web, api } => (below(web, "login/oauth/access_token"), below(api, "user")),
        Server::Gitlab { base } => (below(base, "oauth/token"), below(base, "api/v4/user")),
        Server::Oidc { .. } => (None, None),
    };
    let (token, user) = (token.ok_or_else(no_address)?, user.ok_or_else(no_address)?);
    let answer = redeem_code(code, &token, redeem, http).await?;
    let access = answer
        .get("access_token")
        .and_then(Value::as_str)
        .ok_or_else(|| Fault::untrusted("the provider sent no access token"))?;
    let user: Map<String, Value> = read_json(access, &user, http).await?;
    let emails = match &code.server {
        Server::Github { api, .. } => match below(api, "user/emails") {
            // Without the scope `user:email` this is refused, which is no mistake.
            Some(url) => read_json::<Vec<Value>>(access, &url, http).await.ok(),
            None => None,
        },
        _ => None,
    };
    let claims = match &code.server {
        Server::Github { .. } => github_claims(&user, emails.as_deref()),
        _ => gitlab_claims(&user),
    };
    Account::from_claims(claims, &provider.groups_claim)
        .map(|account| (account, Issued::of(&answer)))
        .ok_or_else(|| Fault::untrusted("the provider did not say who the account is"))
}

async fn read_json<T: serde::de::DeserializeOwned>(
    access: &str,
    url: &Url,
    http: &Client,
) -> Result<T, Fault> {
    let answer = read_with(access, url, http).await?;
    match answer.status {
        200 => serde_json::from_slice(&answer.body).map_err(|_| {
            Fault::untrusted(format!(
                "{url} answered with something else than was asked for"
            ))
        }),
        status if status >= 500 => {
            Err(Fault::new(Reason::Down, format!("{url} answered {status}")))
        }
        status => Err(Fault::setup(format!(
            "{url} answered {status}; check the scopes"
        ))),
    }
}

/// GitHub shows an address in a profile only when it is verified; the list of
/// addresses says so of each.
fn github_claims(user: &Map<String, Value>, emails: Option<&[Value]>) -> Map<String, Value> {
    let field = |key: &str| user.get(key).cloned().unwrap_or(Value::Null);
    let is = |entry: &Value, key: &str| entry.get(key) == Some(&Value::Bool(true));
    let primary = emails
        .unwrap_or_default()
        .iter()
        .find(|entry| is(entry, "primary"));
    let (email, verified) = match primary {
        Some(entry) => (
            entry.get("email").cloned().unwrap_or_default(),
            is(entry, "verified"),
        ),
        None => (field("email"), true),
    };
    object(json!({
        "sub": short(&field("id")),
        "preferred_username": field("login"),
        "name": field("name"),
        "picture": field("avatar_url"),
        "email": email,
        "email_verified": verified,
        "profile": field("html_url"),
    }))
}

/// GitLab says when the address was confirmed, and nothing before that.
fn gitlab_claims(user: &Map<String, Value>) -> Map<String, Value> {
    let field = |key: &str| user.get(key).cloned().unwrap_or(Value::Null);
    object(json!({
        "sub": short(&field("id")),
        "preferred_username": field("username"),
        "name": field("name"),
        "picture": field("avatar_url"),
        "email": field("email"),
        // Absent in answers of old versions, null for who has not confirmed.
        "email_verified": user.get("confirmed_at").is_none_or(|at| !at.is_null()),
        "profile": field("web_url"),
    }))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(mut fields) => {
            fields.retain(|_, value| !value.is_null());
            fields
        }
        _ => Map::new(),
    }
}
