//! OpenID providers: their metadata, and an account for a code.
//!
//! OpenID Connect Core 1.0 and Discovery 1.0, RFC 6749, RFC 7636 (PKCE),
//! RFC 9207 (`iss` in the answer).

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use forge::http::{Client, Request, Response};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use parking_lot::Mutex;
use platform::clock::later;
use platform::request::encode;
use serde_json::{Map, Value};
use url::Url;

use super::account::Account;
use super::client_key;
use super::issued::Issued;
use super::keys;
use super::refused::{Fault, Reason};
use super::settings::{
    ClientAuth, Code, IssuerRule, KeySource, ProviderKind, ProviderSettings, Server,
};
use super::token::{self, Broken, Expected};
use crate::foreign::KeySet;

/// How long metadata is used without asking again.
const KEEP: Duration = Duration::from_secs(3600);
/// How long a provider that did not answer is left alone.
const PAUSE: Duration = Duration::from_secs(10);

/// What the provider says about itself.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) issuer: String,
    pub(super) authorize: Url,
    token: Url,
    pub(super) keys: KeySource,
    userinfo: Option<Url>,
    /// Whether answers without `iss` are not the provider's (RFC 9207).
    pub(super) names_itself: bool,
    algorithms: Option<Vec<Algorithm>>,
}

/// Metadata that has been read.
#[derive(Default)]
pub(super) struct Discovered {
    known: Mutex<Known>,
    /// Held by whoever asks.
    asking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    read: Option<(Timestamp, Metadata)>,
    /// When the last asking failed, and how.
    failed: Option<(Timestamp, Reason, String)>,
}

impl Known {
    /// The answer that needs no asking.
    fn answer(&self, now: Timestamp) -> Option<Result<Metadata, Fault>> {
        if let Some((at, metadata)) = &self.read
            && later(*at, KEEP) > now
        {
            return Some(Ok(metadata.clone()));
        }
        let (at, reason, detail) = self.failed.as_ref()?;
        (later(*at, PAUSE) > now).then(|| {
            self.last_word(*reason)
                .ok_or_else(|| Fault::new(*reason, detail.clone()))
        })
    }

    /// While the provider does not answer, what it said last counts.
    fn last_word(&self, reason: Reason) -> Option<Metadata> {
        let (_, metadata) = self.read.as_ref()?;
        (reason == Reason::Down).then(|| metadata.clone())
    }
}

impl Discovered {
    /// The metadata, read again every hour. Whoever comes while another one
    /// asks takes what was read last, where there is something.
    pub(super) async fn get(
        &self,
        server: (&Url, &IssuerRule),
        http: &Client,
        now: Timestamp,
    ) -> Result<Metadata, Fault> {
        if let Some(answer) = self.known.lock().answer(now) {
            return answer;
        }
        let _asking = match self.asking.try_lock() {
            Ok(asking) => asking,
            Err(_) => {
                if let Some(metadata) = self.known.lock().last_word(Reason::Down) {
                    return Ok(metadata);
                }
                let asking = self.asking.lock().await;
                if let Some(answer) = self.known.lock().answer(now) {
                    return answer;
                }
                asking
            }
        };
        let answer = discover(server, http).await;
        let mut known = self.known.lock();
        match answer {
            Ok(metadata) => {
                *known = Known {
                    read: Some((now, metadata.clone())),
                    failed: None,
                };
                Ok(metadata)
            }
            Err(fault) => {
                known.failed = Some((now, fault.reason, fault.detail.clone()));
                known.last_word(fault.reason).ok_or(fault)
            }
        }
    }
}

async fn discover((url, issuer): (&Url, &IssuerRule), http: &Client) -> Result<Metadata, Fault> {
    let answer = http
        .send(Request::get(url.clone()).header("accept", "application/json"))
        .await
        .map_err(|error| Fault::down(&error))?;
    if answer.status != 200 {
        return Err(Fault::new(
            Reason::Down,
            format!("{url} answered {} when asked for metadata", answer.status),
        ));
    }
    let fields: Map<String, Value> = serde_json::from_slice(&answer.body)
        .map_err(|_| Fault::setup(format!("{url} holds no metadata of a provider")))?;
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let named = text("issuer").unwrap_or_default();
    let right = match issuer {
        IssuerRule::Exact(issuer) => named == issuer,
        IssuerRule::Microsoft { .. } => named.ends_with("/v2.0"),
    };
    if !right {
        let IssuerRule::Exact(wanted) = issuer else {
            return Err(Fault::setup(format!(
                "{url} names the issuer {named:?}, which is none of Microsoft's"
            )));
        };
        return Err(Fault::setup(format!(
            "{url} names the issuer {named:?}, but {wanted:?} is configured; set `issuer` to exactly what the provider writes"
        )));
    }
    let endpoint = |key: &str| -> Result<Url, Fault> {
        let found = text(key).and_then(|text| Url::parse(text).ok());
        // A provider that is spoken to by https does not lead away from it.
        found
            .filter(|found| found.scheme() == "https" || url.scheme() == "http")
            .filter(|found| matches!(found.scheme(), "https" | "http"))
            .ok_or_else(|| Fault::setup(format!("{url} has no {key} that could be used")))
    };
    let algorithms = fields
        .get("id_token_signing_alg_values_supported")
        .and_then(Value::as_array)
        .map(|names| {
            names
                .iter()
                .filter_map(|name| name.as_str()?.parse().ok())
                .collect()
        });
    Ok(Metadata {
        issuer: named.to_owned(),
        authorize: endpoint("authorization_endpoint")?,
        token: endpoint("token_endpoint")?,
        keys: KeySource::Set(endpoint("jwks_uri")?),
        userinfo: endpoint("userinfo_endpoint").ok(),
        names_itself: fields.get("authorization_response_iss_parameter_supported")
            == Some(&Value::Bool(true)),
        algorithms,
    })
}

/// What redeeming a code needs besides the provider.
#[derive(Debug)]
pub(super) struct Redeem<'a> {
    /// What this request is known by, should the provider ask for one.
    pub(super) id: String,
    pub(super) code: &'a str,
    pub(super) verifier: &'a str,
    pub(super) callback: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

/// The account that a code stands for.
pub(super) async fn account(
    provider: &ProviderSettings,
    (code, metadata, known): (&Code, &Metadata, &KeySet),
    redeem: &Redeem<'_>,
    http: &Client,
) -> Result<(Account, Option<Issued>), Fault> {
    let answer = redeem_code(code, &metadata.token, redeem, http).await?;
    let text = |key: &str| answer.get(key).and_then(Value::as_str);
    let token = text("id_token")
        .ok_or_else(|| Fault::setup("the provider sent no ID token; ask for the scope `openid`"))?;
    let Server::Oidc { issuer, .. } = &code.server else {
        return Err(Fault::setup("this provider has no ID tokens"));
    };
    let allowed: Vec<Algorithm> = code
        .algorithms
        .iter()
        .copied()
        .filter(|one| {
            metadata
                .algorithms
                .as_ref()
                .is_none_or(|all| all.contains(one))
        })
        .collect();
    let broken = |broken: Broken| match broken {
        Broken::Tenant(tenant) => Fault::new(
            Reason::Tenant,
            format!("the account belongs to the directory {tenant}"),
        ),
        Broken::Else(why) => Fault::untrusted(format!("the ID token is not accepted: {why}")),
    };
    let presented = token::read(token, &allowed).map_err(broken)?;
    let wanted = (presented.key_id.as_deref(), presented.algorithm);
    let key = keys::find(known, &metadata.keys, wanted, (http, redeem.now)).await?;
    let expected = Expected {
        issuer,
        named: &metadata.issuer,
        audience: Some(&code.client_id),
        nonce: Some(redeem.nonce),
    };
    let mut claims = token::verified(&presented, &key, &expected, redeem.now).map_err(broken)?;
    if let (Some(userinfo), Some(access)) = (&metadata.userinfo, text("access_token"))
        && !(claims.contains_key("email") && claims.contains_key(&provider.groups_claim))
    {
        add_user_info(&mut claims, userinfo, access, http).await?;
    }
    Ok((of_kind(provider, issuer, claims)?, Issued::of(&answer)))
}

/// What differs between providers of OpenID tokens.
fn of_kind(
    provider: &ProviderSettings,
    issuer: &IssuerRule,
    claims: Map<String, Value>,
) -> Result<Account, Fault> {
    let oid = claims.get("oid").and_then(super::account::short);
    let vouched = claims.get("xms_edov").is_some_and(|value| {
        value == &Value::Bool(true) || value.as_str() == Some("1") || value.as_u64() == Some(1)
    });
    let mut account = Account::from_claims(claims, &provider.groups_claim)
        .ok_or_else(|| Fault::untrusted("the ID token has no subject"))?;
    if let (ProviderKind::Microsoft, IssuerRule::Microsoft { tenant }) = (provider.kind, issuer) {
        // `sub` differs for each application; Microsoft Graph knows `oid`.
        account.subject = oid.unwrap_or(account.subject);
        let one_tenant = !matches!(tenant.as_str(), "common" | "organizations" | "consumers");
        if account.email.is_none() {
            account.email = account
                .username
                .clone()
                .filter(|name| super::account::is_email(name));
        }
        // Anybody's tenant can give its people any address.
        account.email_unverified |= !one_tenant && !vouched;
    }
    Ok(account)
}

/// Redeems a code at the token endpoint.
pub(super) async fn redeem_code(
    code: &Code,
    endpoint: &Url,
    redeem: &Redeem<'_>,
    http: &Client,
) -> Result<Map<String, Value>, Fault> {
    let mut form = vec![
        ("grant_type", "authorization_code"),
        ("code", redeem.code),
        ("redirect_uri", redeem.callback),
        ("code_verifier", redeem.verifier),
    ];
    let secret = code
        .client_secret
        .as_ref()
        .map(|secret| secret.expose().as_str());
    if code.client_auth != ClientAuth::Basic {
        form.push(("client_id", &code.client_id));
    }
    if let (ClientAuth::Post, Some(secret)) = (code.client_auth, secret) {
        form.push(("client_secret", secret));
    }
    let assertion;
    if let (ClientAuth::PrivateKey, Some(key)) = (code.client_auth, &code.client_key) {
        assertion = key
            .assertion((&code.client_id, endpoint.as_str()), &redeem.id, redeem.now)
            .map_err(Fault::setup)?;
        form.push(("client_assertion_type", client_key::ASSERTION_TYPE));
        form.push(("client_assertion", assertion.expose()));
    }
    let body: Vec<String> = form
        .iter()
        .map(|(key, value)| format!("{key}={}", encode(value)))
        .collect();
    let mut request = Request::post(
        endpoint.clone(),
        "application/x-www-form-urlencoded",
        body.join("&"),
    )
    .header("accept", "application/json");
    if let (ClientAuth::Basic, Some(secret)) = (code.client_auth, secret) {
        // RFC 6749, 2.3.1: both parts are form-encoded first.
        let pair = format!("{}:{}", encode(&code.client_id), encode(secret));
        request =
            request.secret_header("authorization", &format!("Basic {}", STANDARD.encode(pair)));
    }
    let answer = http
        .send(request)
        .await
        .map_err(|error| Fault::down(&error))?;
    let fields: Option<Map<String, Value>> = serde_json::from_slice(&answer.body).ok();
    let error = fields
        .as_ref()
        .and_then(|fields| fields.get("error"))
        .map(|error| error.as_str().unwrap_or("error").to_owned());
    match (answer.status, error, fields) {
        (200, None, Some(fields)) => Ok(fields),
        (_, Some(error), fields) => Err(refused_code(&error, fields.as_ref())),
        (status, ..) if status >= 500 => Err(Fault::new(
            Reason::Down,
            format!("{endpoint} answered {status}"),
        )),
        (status, ..) => Err(Fault::setup(format!(
            "{endpoint} answered {status} without a reason"
        ))),
    }
}

/// Why a code was not redeemed (RFC 6749, 5.2; GitHub's words differ).
fn refused_code(error: &str, fields: Option<&Map<String, Value>>) -> Fault {
    let said = fields
        .and_then(|fields| fields.get("error_description"))
        .and_then(super::account::short)
        .unwrap_or_default();
    let said: String = said.chars().take(200).collect();
    match error {
        "invalid_grant" | "bad_verification_code" => Fault::new(
            Reason::Expired,
            format!("the provider does not accept the code (any more): {said}"),
        ),
        "invalid_client" | "incorrect_client_credentials" | "unauthorized_client" => {
            Fault::setup(format!(
                "the provider does not accept clientId with clientSecret or privateKey: {said}"
            ))
        }
        "redirect_uri_mismatch" => Fault::setup(format!(
            "the provider does not know the callback address: {said}"
        )),
        other => Fault::setup(format!(
            "the provider refused the code with {other:.60}: {said}"
        )),
    }
}

/// Reads JSON with the access token of the account.
pub(super) async fn read_with(access: &str, url: &Url, http: &Client) -> Result<Response, Fault> {
    let request = Request::get(url.clone())
        .header("accept", "application/json")
        .secret_header("authorization", &format!("Bearer {access}"));
    http.send(request)
        .await
        .map_err(|error| Fault::down(&error))
}

/// Adds what the ID token does not say. What it says counts more: it is signed.
async fn add_user_info(
    claims: &mut Map<String, Value>,
    url: &Url,
    access: &str,
    http: &Client,
) -> Result<(), Fault> {
    let answer = match read_with(access, url, http).await {
        Ok(answer) if answer.status == 200 => answer,
        Ok(answer) => {
            tracing::warn!("{url} answered {} when asked about the user", answer.status);
            return Ok(());
        }
        Err(fault) => {
            tracing::warn!("{url} could not be asked about the user: {}", fault.detail);
            return Ok(());
        }
    };
    // A signed answer (application/jwt) is nothing that we asked for.
    let Ok(more) = serde_json::from_slice::<Map<String, Value>>(&answer.body) else {
        return Ok(());
    };
    if more.get("sub") != claims.get("sub") {
        return Err(Fault::untrusted(format!(
            "{url} speaks of somebody else than the ID token"
        )));
    }
    // An address and its verification belong together.
    let own_email = claims.contains_key("email");
    if !own_email {
        claims.remove("email_verified");
    }
    for (key, value) in more {
        if own_email && key == "email_verified" {
            continue;
        }
        claims.entry(key).or_insert(value);
    }
    Ok(())
}
