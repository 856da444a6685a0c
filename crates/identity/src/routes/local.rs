//! `/api/auth/local`: what a page's script needs for passkeys, and the user
//! token of whoever is signed in to a local account.

use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use platform::ApiError;
use platform::http::{Access, Routes};
use platform::openapi::Operation;
use platform::openapi::schema::{any_object, at_least, list, object, saying, text};
use platform::request::Call;
use serde_json::{Value, json};

use super::json_answer;
use crate::identity::Identity;
use crate::sessions;

const TAG: &str = "Sign-in";
const OPEN: Access = Access::Public("whoever is not signed in must be able to sign in");
const OWN: Access = Access::Public("it concerns only the account of whoever is signed in");

/// Adds the routes.
pub(super) fn add(routes: Routes, identity: &Arc<Identity>) -> Routes {
    let with = || Arc::clone(identity);
    let (begin, finish, ask, enter, refresh) = (with(), with(), with(), with(), with());
    routes
        .api(
            Method::POST,
            "/api/auth/local/passkeys/begin",
            OWN,
            move |parts: Parts, call: Call| begin_passkey(Arc::clone(&begin), parts, call),
        )
        .describe(
            Operation::new(
                "beginPasskey",
                TAG,
                "Begins to add a passkey to one's account",
            )
            .json(200, "What navigator.credentials.create takes", any_object())
            .errors(&[401, 403, 404, 409]),
        )
        .api(
            Method::POST,
            "/api/auth/local/passkeys",
            OWN,
            move |parts: Parts, call: Call| finish_passkey(Arc::clone(&finish), parts, call),
        )
        .describe(
            Operation::new("addPasskey", TAG, "Adds the passkey that a browser made")
                .body(object([
                    ("name?", saying(text(), "What its owner calls it")),
                    ("credential", any_object()),
                ]))
                .json(
                    200,
                    "The passkey",
                    object([("id", text()), ("name", text())]),
                )
                .errors(&[400, 401, 403, 404, 409]),
        )
        .api(
            Method::POST,
            "/api/auth/local/passkey/begin",
            OPEN,
            move |parts: Parts| begin_sign_in(Arc::clone(&ask), parts),
        )
        .describe(
            Operation::new(
                "beginPasskeySignIn",
                TAG,
                "Begins to sign in with a passkey",
            )
            .json(200, "What navigator.credentials.get takes", any_object())
            .errors(&[403, 404]),
        )
        .api(
            Method::POST,
            "/api/auth/local/passkey",
            OPEN,
            move |parts: Parts, call: Call| sign_in(Arc::clone(&enter), parts, call),
        )
        .describe(
            Operation::new("signInWithPasskey", TAG, "Signs in with a passkey")
                .body(any_object())
                .json(
                    200,
                    "Who is signed in, with a session cookie",
                    object([("user", text())]),
                )
                .errors(&[400, 401, 403, 404]),
        )
        .api(
            Method::GET,
            "/api/auth/local/refresh",
            OWN,
            move |parts: Parts| user_token(Arc::clone(&refresh), parts),
        )
        .describe(describe_refresh())
}

fn describe_refresh() -> Operation {
    let identity = object([
        ("type", text()),
        ("userEntityRef", text()),
        ("ownershipEntityRefs", list(text())),
    ]);
    let token = object([
        ("token", saying(text(), "A user token, a JWT")),
        ("identity", identity),
        ("expiresInSeconds", at_least(0)),
    ]);
    Operation::new(
        "refreshLocal",
        TAG,
        "Answers a user token to whoever is signed in to a local account",
    )
    .json(
        200,
        "The person",
        object([
            ("profile", any_object()),
            ("providerInfo", any_object()),
            ("backstageIdentity", token),
        ]),
    )
    .errors(&[401])
}

async fn begin_passkey(
    identity: Arc<Identity>,
    parts: Parts,
    call: Call,
) -> Result<Response, ApiError> {
    let options = identity.begin_passkey(&call.caller, &parts).await?;
    Ok(not_kept(&options))
}

async fn finish_passkey(
    identity: Arc<Identity>,
    parts: Parts,
    call: Call,
) -> Result<Response, ApiError> {
    let body = call.object()?;
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let credential = body.get("credential").ok_or_else(|| {
        ApiError::input("The body has no field credential")
            .accepted(r#"{"credential": <the JSON form of a PublicKeyCredential>}"#)
    })?;
    let answer = credential.to_string();
    let passkey = identity
        .finish_passkey(&call.caller, &parts, (name, answer.as_bytes()))
        .await?;
    Ok(not_kept(&json!({ "id": passkey.id, "name": passkey.name })))
}

async fn begin_sign_in(identity: Arc<Identity>, parts: Parts) -> Result<Response, ApiError> {
    Ok(not_kept(&identity.begin_passkey_sign_in(&parts).await?))
}

async fn sign_in(identity: Arc<Identity>, parts: Parts, call: Call) -> Result<Response, ApiError> {
    let signed_in = identity.sign_in_with_passkey(&parts, &call.body).await?;
    let mut answer = not_kept(&json!({ "user": signed_in.user }));
    answer.headers_mut().insert(SET_COOKIE, signed_in.cookie);
    Ok(answer)
}

/// As Backstage's `GET /api/auth/<provider>/refresh`.
async fn user_token(identity: Arc<Identity>, parts: Parts) -> Result<Response, ApiError> {
    let local = |session: &crate::Session| {
        matches!(
            session.method,
            sessions::Method::Password | sessions::Method::Passkey | sessions::Method::Recovery
        )
    };
    let session = identity
        .session(&parts)
        .await?
        .filter(local)
        .ok_or_else(|| {
            ApiError::unauthenticated("Nobody is signed in to a local account")
                .fix("sign in at /sign-in/local")
        })?;
    let user = session.user;
    let name = identity.display_name_of(&user).await?;
    let token = identity.issue_user_token(&user).await?;
    Ok(not_kept(&json!({
        "profile": { "displayName": name },
        "providerInfo": {},
        "backstageIdentity": {
            "token": token.expose(),
            "identity": {
                "type": "user",
                "userEntityRef": user,
                "ownershipEntityRefs": identity.ownership(&user),
            },
            "expiresInSeconds": identity.token_lifetime().as_secs(),
        },
    })))
}

fn not_kept(value: &Value) -> Response {
    let mut answer = json_answer(value);
    answer
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}
