//! Providers of the authorization code flow: which server, which client.

use jsonwebtoken::Algorithm;
use url::Url;

use super::super::client_key::ClientKey;
use super::read::Part;
use super::{ASYMMETRIC, ClientAuth, Code, IssuerRule, ProviderKind, Server};
use crate::secret::Secret;
use crate::settings::{SettingsProblem, report};

const WELL_KNOWN: &str = "/.well-known/openid-configuration";
const SECRET: &str = "the client's secret, best as ${VARIABLE}";

pub(super) fn read_code(
    kind: ProviderKind,
    part: &Part<'_>,
    problems: &mut Vec<SettingsProblem>,
) -> Option<Code> {
    let client_id = part.required("clientId", "the client's id, best as ${VARIABLE}", problems);
    let auth = read_client_auth(kind, part, problems)?;
    let secret = match auth {
        ClientAuth::None | ClientAuth::PrivateKey => None,
        _ => Some(part.required("clientSecret", SECRET, problems)?.to_owned()),
    };
    let key = match auth {
        ClientAuth::PrivateKey => Some(read_key(part, problems)?),
        _ => None,
    };
    let server = read_server(kind, part, problems)?;
    let algorithms = read_algorithms(part, problems)?;
    let mut extra = Vec::new();
    for (key, parameter) in [
        ("prompt", "prompt"),
        ("domainHint", "domain_hint"),
        ("idp", "idp"),
        ("loginHint", "login_hint"),
    ] {
        // Backstage's `prompt: auto` asks for nothing.
        if let Some(value) = part.text(key).filter(|value| *value != "auto") {
            extra.push((parameter, value.to_owned()));
        }
    }
    let callback = part
        .url("callbackUrl", problems)
        .ok()?
        .map(|_| part.text("callbackUrl").unwrap_or_default().to_owned());
    Some(Code {
        server,
        client_id: client_id?.to_owned(),
        client_secret: secret.map(Secret::new),
        client_key: key,
        client_auth: auth,
        scopes: read_scopes(kind, part),
        extra,
        callback,
        algorithms,
    })
}

/// `scope` replaces the usual scopes, `additionalScopes` adds to them.
fn read_scopes(kind: ProviderKind, part: &Part<'_>) -> Vec<String> {
    let usual: &[&str] = match kind {
        // Only the list of addresses says which of them are verified.
        ProviderKind::Github => &["read:user", "user:email"],
        ProviderKind::Gitlab => &["read_user"],
        _ => &["openid", "profile", "email"],
    };
    let mut scopes = part
        .words("scope")
        .unwrap_or_else(|| usual.iter().map(|one| (*one).to_owned()).collect());
    // Without `openid` no provider says who somebody is.
    let openid = !matches!(kind, ProviderKind::Github | ProviderKind::Gitlab);
    if openid && !scopes.iter().any(|one| one == "openid") {
        scopes.insert(0, "openid".to_owned());
    }
    for more in part.words("additionalScopes").unwrap_or_default() {
        if !scopes.contains(&more) {
            scopes.push(more);
        }
    }
    scopes
}

fn read_client_auth(
    kind: ProviderKind,
    part: &Part<'_>,
    problems: &mut Vec<SettingsProblem>,
) -> Option<ClientAuth> {
    match part.text("tokenEndpointAuthMethod") {
        // GitHub and GitLab document the secret in the body.
        None if matches!(kind, ProviderKind::Github | ProviderKind::Gitlab) => {
            Some(ClientAuth::Post)
        }
        None | Some("client_secret_basic") => Some(ClientAuth::Basic),
        Some("client_secret_post") => Some(ClientAuth::Post),
        Some("private_key_jwt") => Some(ClientAuth::PrivateKey),
        Some("none") => Some(ClientAuth::None),
        Some(_) => {
            report(
                problems,
                part.at("tokenEndpointAuthMethod"),
                "is a method that Portway does not have, so nobody can sign in with this provider",
                "client_secret_basic, client_secret_post, private_key_jwt or none",
            );
            None
        }
    }
}

/// `privateKey`, `privateKeyId` and `tokenEndpointAuthSigningAlg`.
fn read_key(part: &Part<'_>, problems: &mut Vec<SettingsProblem>) -> Option<ClientKey> {
    const KEY: &str = "a private key in PEM, best from a file: {$file: portway-client.pem}";
    let pem = part.required("privateKey", KEY, problems)?;
    let id = part.text("privateKeyId");
    match ClientKey::read(pem, id, part.text("tokenEndpointAuthSigningAlg")) {
        Ok(key) => Some(key),
        Err(why) => {
            report(
                problems,
                part.at("privateKey"),
                format!("cannot be used, so nobody can sign in with this provider: {why}"),
                KEY,
            );
            None
        }
    }
}

fn read_algorithms(part: &Part<'_>, problems: &mut Vec<SettingsProblem>) -> Option<Vec<Algorithm>> {
    let Some(name) = part.text("tokenSignedResponseAlg") else {
        return Some(ASYMMETRIC.to_vec());
    };
    let found = name
        .parse::<Algorithm>()
        .ok()
        .filter(|algorithm| ASYMMETRIC.contains(algorithm));
    if found.is_none() {
        report(
            problems,
            part.at("tokenSignedResponseAlg"),
            format!("is {name}, which proves nothing: whoever can check such a token can make one"),
            "RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384 or EdDSA",
        );
    }
    Some(vec![found?])
}

fn read_server(
    kind: ProviderKind,
    part: &Part<'_>,
    problems: &mut Vec<SettingsProblem>,
) -> Option<Server> {
    match kind {
        ProviderKind::Github => {
            let enterprise = part.url("enterpriseInstanceUrl", problems).ok()?;
            Some(match enterprise {
                None => Server::Github {
                    web: Url::parse("https://github.com").ok()?,
                    api: Url::parse("https://api.github.com").ok()?,
                },
                Some(web) => Server::Github {
                    api: below(&web, "api/v3")?,
                    web,
                },
            })
        }
        ProviderKind::Gitlab => Some(Server::Gitlab {
            base: match part.url("audience", problems).ok()? {
                Some(base) => base,
                None => Url::parse("https://gitlab.com").ok()?,
            },
        }),
        ProviderKind::Google => oidc(part, problems, Some("https://accounts.google.com".into())),
        ProviderKind::Okta => {
            let base = part.required(
                "audience",
                "the address of your Okta, such as https://example.okta.com",
                problems,
            )?;
            let base = base.trim_end_matches('/');
            let issuer = match part.text("authServerId") {
                Some(server) => format!("{base}/oauth2/{server}"),
                None => base.to_owned(),
            };
            oidc(part, problems, Some(issuer))
        }
        ProviderKind::Microsoft => {
            let tenant = part
                .required(
                    "tenantId",
                    "the id of your directory, best as ${VARIABLE}",
                    problems,
                )?
                .to_lowercase();
            let metadata = match part.url("metadataUrl", problems).ok()? {
                Some(metadata) => metadata,
                None => Url::parse(&format!(
                    "https://login.microsoftonline.com/{tenant}/v2.0{WELL_KNOWN}"
                ))
                .ok()?,
            };
            Some(Server::Oidc {
                metadata,
                issuer: IssuerRule::Microsoft { tenant },
            })
        }
        _ => oidc(part, problems, None),
    }
}

/// The metadata's address and the issuer that it has to name: `issuer`, else
/// what `metadataUrl` is made from (OpenID Connect Discovery 1.0, 4).
fn oidc(
    part: &Part<'_>,
    problems: &mut Vec<SettingsProblem>,
    usual: Option<String>,
) -> Option<Server> {
    let issuer = part.url("issuer", problems).ok()?;
    let issuer = issuer
        .and_then(|_| part.text("issuer").map(str::to_owned))
        .or(usual);
    let metadata = part.url("metadataUrl", problems).ok()?;
    let (metadata, issuer) = match (metadata, issuer) {
        (Some(metadata), Some(issuer)) => (metadata, issuer),
        (None, Some(issuer)) => {
            let text = format!("{}{WELL_KNOWN}", issuer.trim_end_matches('/'));
            (Url::parse(&text).ok()?, issuer)
        }
        (Some(metadata), None) => {
            let text = part.text("metadataUrl").unwrap_or_default();
            let Some(issuer) = text.strip_suffix(WELL_KNOWN) else {
                report(
                    problems,
                    part.at("metadataUrl"),
                    format!("does not end with {WELL_KNOWN}, so it does not say who the issuer is"),
                    "`issuer` beside it, exactly as the provider writes it",
                );
                return None;
            };
            (metadata, issuer.to_owned())
        }
        (None, None) => {
            report(
                problems,
                part.at("metadataUrl"),
                "is missing, so nobody can sign in with this provider",
                "the address of the provider's metadata, such as https://login.example.com/.well-known/openid-configuration",
            );
            return None;
        }
    };
    Some(Server::Oidc {
        metadata,
        issuer: IssuerRule::Exact(issuer),
    })
}

/// `path` below an address, whether or not that ends with a slash.
pub(crate) fn below(base: &Url, path: &str) -> Option<Url> {
    Url::parse(&format!("{}/{path}", base.as_str().trim_end_matches('/'))).ok()
}
