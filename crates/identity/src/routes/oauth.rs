//! OAuth 2.0: the device flow (RFC 8628), refresh (RFC 6749, 6), token
//! exchange (RFC 8693) and revocation (RFC 7009).

use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, PRAGMA};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use platform::ApiError;
use platform::http::{Access, Routes};
use platform::openapi::Operation;
use platform::openapi::schema::{at_least, choice, object, saying, text};
use platform::request::{Call, Query};
use serde_json::{Value, json};

use super::json_answer;
use crate::device::{BearerTokens, oauth_error, require_client};
use crate::identity::Identity;

const TAG: &str = "Sign-in";
const OPEN: Access = Access::Public(
    "OAuth: whoever has no token yet gets one here, for a code or a token that proves who they are",
);
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
/// What the token endpoint understands.
pub(super) const GRANTS: [&str; 3] = [DEVICE, "refresh_token", EXCHANGE];
const FORM: &str = "application/x-www-form-urlencoded";
/// The largest body of these routes, in bytes.
const LONGEST: usize = 64 * 1024;

/// Adds the routes.
pub(super) fn add(routes: Routes, identity: &Arc<Identity>) -> Routes {
    let with = || Arc::clone(identity);
    let (device, token, revoke) = (with(), with(), with());
    routes
        .api(Method::GET, "/api/auth/v1/authorize", OPEN, authorize)
        .describe(
            Operation::new(
                "authorizeOauthClient",
                TAG,
                "Refuses OAuth clients, none of which may send a browser here",
            )
            .json(400, "RFC 6749, 5.2", refusal()),
        )
        .api(
            Method::POST,
            "/api/auth/v1/device_authorization",
            OPEN,
            move |parts: Parts, call: Call| offer(Arc::clone(&device), parts, call),
        )
        .describe(describe_device())
        .api(
            Method::POST,
            "/api/auth/v1/token",
            OPEN,
            move |parts: Parts, call: Call| tokens(Arc::clone(&token), parts, call),
        )
        .describe(describe_token())
        .api(
            Method::POST,
            "/api/auth/v1/revoke",
            OPEN,
            move |call: Call| give_back(Arc::clone(&revoke), call),
        )
        .describe(
            Operation::new(
                "revokeOauthToken",
                TAG,
                "Ends the login that a token belongs to",
            )
            .taking(
                FORM,
                true,
                object([("token", text()), ("client_id?", text())]),
            )
            .empty(200, "It has ended, or there was none (RFC 7009)")
            .errors(&[400, 401]),
        )
}

fn refusal() -> Value {
    object([("error", text()), ("error_description", text())])
}

fn describe_device() -> Operation {
    Operation::new(
        "authorizeDevice",
        TAG,
        "Begins the login of a program that cannot show a page (RFC 8628)",
    )
    .taking(
        FORM,
        true,
        object([
            ("client_id", saying(text(), "portway-cli")),
            (
                "scope?",
                saying(text(), "all, read, or permissions between blanks"),
            ),
        ]),
    )
    .json(
        200,
        "The codes",
        object([
            ("device_code", text()),
            ("user_code", text()),
            ("verification_uri", text()),
            ("verification_uri_complete", text()),
            ("expires_in", at_least(1)),
            ("interval", at_least(1)),
        ]),
    )
    .errors(&[400, 401])
}

fn describe_token() -> Operation {
    Operation::new(
        "getOauthToken",
        TAG,
        "Answers a token for a device's code, a refresh token or a workload's token",
    )
    .taking(
        FORM,
        true,
        object([
            ("grant_type", choice(&GRANTS)),
            (
                "client_id?",
                saying(text(), "portway-cli; none for a workload"),
            ),
            ("device_code?", text()),
            ("refresh_token?", text()),
            (
                "subject_token?",
                saying(text(), "The token of the workload's own platform"),
            ),
            ("subject_token_type?", choice(&[JWT, ID_TOKEN])),
        ]),
    )
    .json(
        200,
        "RFC 6749, 5.1",
        object([
            ("access_token", text()),
            ("token_type", choice(&["Bearer"])),
            ("expires_in", at_least(1)),
            ("scope", text()),
            ("refresh_token?", text()),
            ("issued_token_type?", choice(&[ACCESS_TOKEN])),
        ]),
    )
    .errors(&[400, 401])
}

/// No client may send a browser here, so every request comes from an unknown
/// one. Nothing is redirected to an address that nobody vouches for (RFC 6749,
/// 4.1.2.1).
async fn authorize() -> ApiError {
    let mut error = oauth_error(
        "invalid_client",
        "This Portway sends no browser on to OAuth clients; use the device flow, or an API token",
    );
    error.status = StatusCode::BAD_REQUEST;
    error
}

/// The fields of a form. A field that stands twice is refused, since two
/// readers could read two things (RFC 6749, 3.2).
fn form(call: &Call) -> Result<Query, ApiError> {
    if call.body.len() > LONGEST {
        return Err(ApiError::too_large("The request's body is too long")
            .accepted(format!("at most {LONGEST} bytes")));
    }
    let kind = call.header(CONTENT_TYPE.as_str()).unwrap_or_default();
    if !call.body.is_empty() && !kind.starts_with(FORM) {
        return Err(oauth_error(
            "invalid_request",
            format!("The body has to be a form: Content-Type: {FORM}"),
        ));
    }
    let form = call.form();
    let twice = form
        .pairs()
        .find(|(key, _)| form.all(key).nth(1).is_some())
        .map(|(key, _)| key.chars().take(60).collect::<String>());
    match twice {
        Some(key) => Err(oauth_error(
            "invalid_request",
            format!("The field {key} stands twice"),
        )),
        None => Ok(form),
    }
}

fn needed<'a>(form: &'a Query, key: &str) -> Result<&'a str, ApiError> {
    form.get(key)
        .filter(|value| !value.is_empty())
        .ok_or_else(|| oauth_error("invalid_request", format!("The field {key} is missing")))
}

async fn offer(identity: Arc<Identity>, parts: Parts, call: Call) -> Result<Response, ApiError> {
    let form = form(&call)?;
    let client = form.get("client_id").unwrap_or_default();
    let scope = form.get("scope").unwrap_or_default();
    let offer = identity.offer_device(&parts, client, scope).await?;
    let complete = format!(
        "{}?code={}",
        offer.verification_uri,
        offer.user_code.expose()
    );
    Ok(secret_answer(&json!({
        "device_code": offer.device_code.expose(),
        "user_code": offer.user_code.expose(),
        "verification_uri": offer.verification_uri,
        "verification_uri_complete": complete,
        "expires_in": offer.expires_in,
        "interval": offer.interval,
    })))
}

async fn tokens(identity: Arc<Identity>, parts: Parts, call: Call) -> Result<Response, ApiError> {
    let form = form(&call)?;
    let client = form.get("client_id").unwrap_or_default();
    let tokens = match form.get("grant_type").unwrap_or_default() {
        DEVICE => {
            let code = needed(&form, "device_code")?;
            identity.redeem_device(&parts, client, code).await?
        }
        "refresh_token" => {
            let token = needed(&form, "refresh_token")?;
            identity.refresh_bearer(&parts, client, token).await?
        }
        EXCHANGE => {
            let kind = needed(&form, "subject_token_type")?;
            if !matches!(kind, JWT | ID_TOKEN) {
                return Err(oauth_error(
                    "invalid_request",
                    format!("The field subject_token_type has to be {JWT} or {ID_TOKEN}"),
                ));
            }
            let wanted = form.get("requested_token_type").unwrap_or(ACCESS_TOKEN);
            if wanted != ACCESS_TOKEN {
                return Err(oauth_error(
                    "invalid_request",
                    format!("The field requested_token_type can only be {ACCESS_TOKEN}"),
                ));
            }
            identity.exchange(needed(&form, "subject_token")?).await?
        }
        grant => {
            // Who is not known learns that first, as Backstage says it.
            require_client(client)?;
            let shown: String = grant.chars().take(80).collect();
            return Err(oauth_error(
                "unsupported_grant_type",
                format!("{shown:?} is not one of {}", GRANTS.join(", ")),
            ));
        }
    };
    Ok(secret_answer(&answer(&tokens)))
}

fn answer(tokens: &BearerTokens) -> Value {
    let mut answer = json!({
        "access_token": tokens.access.expose(),
        "token_type": "Bearer",
        "expires_in": tokens.expires_in,
        "scope": tokens.scope.to_words(),
    });
    if let Some(fields) = answer.as_object_mut() {
        match &tokens.refresh {
            Some(refresh) => {
                fields.insert("refresh_token".to_owned(), json!(refresh.expose()));
            }
            None => {
                fields.insert("issued_token_type".to_owned(), json!(ACCESS_TOKEN));
            }
        }
    }
    answer
}

async fn give_back(identity: Arc<Identity>, call: Call) -> Result<Response, ApiError> {
    let form = form(&call)?;
    if let Some(client) = form.get("client_id") {
        require_client(client)?;
    }
    identity.give_back(needed(&form, "token")?).await?;
    Ok(StatusCode::OK.into_response())
}

/// JSON that nobody on the way may keep (RFC 6749, 5.1).
fn secret_answer(value: &Value) -> Response {
    let mut response = json_answer(value);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}
