//! HTTP: `/api/auth` and `/api/permission`, as Backstage's clients use them.

mod describe;
mod local;
mod oauth;
mod user_settings;

use std::sync::Arc;

use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::actor::{ActorKind, Caller, Grants};
use platform::http::{Access, Gate, Routes};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::authorize;
use crate::identity::Identity;
use crate::sign_in::{guest_refused, safe_return_path};

const OPEN: Access = Access::Public("the handler admits guests from this machine only");
const DISCOVERY: Access =
    Access::Public("public keys and addresses, which clients read before they have a token");
const SELF: Access = Access::Public("answers only about whoever asks");

/// Identity's routes.
pub fn routes(identity: &Arc<Identity>) -> Routes {
    let gate: Arc<dyn Gate> = Arc::<Identity>::clone(identity);
    // Each handler holds its own handle.
    let with = || Arc::clone(identity);
    let (refresh, start, jwks, discovery, ask) = (with(), with(), with(), with(), with());
    let (userinfo, me) = (with(), with());
    let routes = Routes::new(gate)
        .api(
            Method::GET,
            "/api/auth/guest/refresh",
            OPEN,
            move |parts: Parts| guest_refresh(Arc::clone(&refresh), parts),
        )
        .describe(describe::guest_refresh())
        .api(
            Method::POST,
            "/api/auth/guest/start",
            OPEN,
            move |parts: Parts, form: Result<Form<Start>, FormRejection>| {
                guest_start(Arc::clone(&start), parts, form)
            },
        )
        .describe(describe::guest_start())
        .api(
            Method::GET,
            "/api/auth/.well-known/jwks.json",
            DISCOVERY,
            move || {
                let answer = json_answer(&jwks.jwks());
                async move { answer }
            },
        )
        .describe(describe::jwks())
        .api(
            Method::GET,
            "/api/auth/.well-known/openid-configuration",
            DISCOVERY,
            move || {
                let answer = json_answer(&openid_configuration(&discovery.issuer()));
                async move { answer }
            },
        )
        .describe(describe::openid_configuration())
        .api(
            Method::GET,
            "/api/auth/v1/userinfo",
            SELF,
            move |caller: axum::Extension<Caller>, parts: Parts| {
                user_info(Arc::clone(&userinfo), caller.0, parts)
            },
        )
        .describe(describe::user_info())
        .api(
            Method::GET,
            "/api/auth/v1/whoami",
            SELF,
            move |caller: axum::Extension<Caller>, parts: Parts| {
                who_am_i(Arc::clone(&me), caller.0, parts)
            },
        )
        .describe(describe::who_am_i())
        .api(
            Method::POST,
            "/api/permission/authorize",
            SELF,
            move |caller: axum::Extension<Caller>, body: axum::body::Bytes| {
                let answer = authorize::answer(
                    &authorize::Desk {
                        caller: &caller.0,
                        known: ask.permissions(),
                        fulfils: &|entity, predicate| ask.entity_fulfils(entity, predicate),
                    },
                    &body,
                );
                async move { answer.map(|value| json_answer(&value)) }
            },
        )
        .describe(describe::authorize());
    let routes = oauth::add(routes, identity);
    let routes = local::add(routes, identity);
    let routes = crate::providers::add_routes(routes, identity);
    user_settings::add(routes, identity)
}

/// JSON as Backstage labels it.
pub(crate) fn json_answer(value: &Value) -> Response {
    let mut response = value.to_string().into_response();
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
}

async fn guest_refresh(identity: Arc<Identity>, parts: Parts) -> Result<Response, ApiError> {
    let user = identity
        .local_guest(&parts)
        .map_err(guest_refused)?
        .user
        .clone();
    let token = identity.issue_user_token(&user).await?;
    let mut answer = json_answer(&json!({
        "profile": {},
        "backstageIdentity": {
            "token": token.expose(),
            "identity": {
                "type": "user",
                "userEntityRef": user,
                "ownershipEntityRefs": identity.ownership(&user),
            },
            "expiresInSeconds": identity.token_lifetime().as_secs(),
        },
    }));
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// The sign-in form.
#[derive(Debug, Deserialize)]
struct Start {
    /// Where to go afterwards.
    #[serde(default, rename = "returnTo")]
    return_to: String,
}

async fn guest_start(
    identity: Arc<Identity>,
    parts: Parts,
    form: Result<Form<Start>, FormRejection>,
) -> Result<Response, ApiError> {
    let signed_in = identity.sign_in_as_guest(&parts).await?;
    // A program may leave the form out.
    let wanted = form.map(|form| form.0.return_to).unwrap_or_default();
    let target =
        HeaderValue::try_from(safe_return_path(&wanted)).unwrap_or(HeaderValue::from_static("/"));
    Ok((
        StatusCode::SEE_OTHER,
        [(LOCATION, target), (SET_COOKIE, signed_in.cookie)],
    )
        .into_response())
}

async fn user_info(
    identity: Arc<Identity>,
    caller: Caller,
    parts: Parts,
) -> Result<Response, ApiError> {
    if caller.is_anonymous() {
        // Public routes see a wrong token as nobody; here the caller asks
        // about that very token.
        identity.caller(&parts).await?;
        return Err(ApiError::unauthenticated("Missing credentials")
            .fix("send `Authorization: Bearer <user token>`"));
    }
    if caller.actor.kind != ActorKind::User {
        return Err(ApiError::not_allowed(format!(
            "{} is a program and has no user information",
            caller.actor
        ))
        .accepted("the token or session of a person"));
    }
    let ent: Vec<&EntityRef> = caller.ownership.iter().collect();
    Ok(json_answer(
        &json!({ "claims": { "sub": caller.actor.name, "ent": ent } }),
    ))
}

/// Whoever asks, person or program, with what they own and may do.
async fn who_am_i(
    identity: Arc<Identity>,
    caller: Caller,
    parts: Parts,
) -> Result<Response, ApiError> {
    if caller.is_anonymous() {
        // As above: the caller asks about the very token they sent.
        identity.caller(&parts).await?;
        return Err(ApiError::unauthenticated("Missing credentials")
            .fix("run `portway login`, or send `Authorization: Bearer <token>`"));
    }
    let grants = match &caller.grants {
        Grants::All => json!("all"),
        Grants::Read => json!("read"),
        Grants::None => json!([]),
        Grants::Named(names) => json!(names),
        Grants::Decided(_) if caller.is_unlimited() => json!("all"),
        Grants::Decided(_) => {
            let held = identity
                .permissions()
                .iter()
                .filter(|one| caller.may(**one));
            json!(held.map(|one| one.name).collect::<Vec<_>>())
        }
    };
    let ownership: Vec<&EntityRef> = caller.ownership.iter().collect();
    Ok(json_answer(&json!({
        "actor": caller.actor,
        "ownership": ownership,
        "grants": grants,
    })))
}

/// The discovery document. Field names are Backstage's; of its algorithms only
/// ES256 is listed, since nothing else is ever signed or accepted.
fn openid_configuration(issuer: &str) -> Value {
    json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/v1/token"),
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["all", "read"],
        "token_endpoint_auth_methods_supported": ["none"],
        "claims_supported": ["sub", "ent"],
        "grant_types_supported": oauth::GRANTS,
        "authorization_endpoint": format!("{issuer}/v1/authorize"),
        "code_challenge_methods_supported": ["S256"],
        "device_authorization_endpoint": format!("{issuer}/v1/device_authorization"),
        "revocation_endpoint": format!("{issuer}/v1/revoke"),
    })
}
