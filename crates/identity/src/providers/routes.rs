//! `/api/auth/<provider>` for programs, as Backstage's front ends call it. The
//! two addresses that a person's browser goes to, `start` and
//! `handler/frame`, are pages.

use std::sync::Arc;

use axum::http::header::{CACHE_CONTROL, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use model::entity_ref::EntityRef;
use platform::ApiError;
use platform::http::{Access, Routes};
use platform::openapi::Operation;
use platform::openapi::schema::{
    any_object, at_least, choice, list, nullable, object, open, saying, text,
};
use platform::request::Call;
use serde_json::{Value, json};

use super::examine::EXAMINE;
use super::refused::{Fault, Reason, SignInRefused};
use super::settings::Protocol;
use super::store;
use crate::identity::Identity;
use crate::sessions::Method as SignInMethod;

const TAG: &str = "Sign-in";
const OWN: Access = Access::Public("answers only about the session that asks");

/// Adds the routes.
pub(crate) fn add(routes: Routes, identity: &Arc<Identity>) -> Routes {
    let with = || Arc::clone(identity);
    let (refresh, logout, look, examine) = (with(), with(), with(), with());
    routes
        .api(
            Method::GET,
            "/api/auth/{provider}/refresh",
            OWN,
            move |path: axum::extract::Path<String>, parts: Parts| {
                refreshed(Arc::clone(&refresh), path.0, parts)
            },
        )
        .describe(describe_refresh())
        .api(
            Method::POST,
            "/api/auth/{provider}/logout",
            OWN,
            move |parts: Parts| logged_out(Arc::clone(&logout), parts),
        )
        .describe(
            Operation::new("logout", TAG, "Ends the session that asks")
                .path("provider", text(), "The provider's id")
                .empty(200, "It has ended")
                .errors(&[403]),
        )
        .api(
            Method::GET,
            "/api/v1/auth/providers",
            Access::Needs(EXAMINE),
            move || {
                let identity = Arc::clone(&look);
                async move { crate::routes::json_answer(&identity.examine_providers().await) }
            },
        )
        .describe(
            Operation::new(
                "listSignInProviders",
                TAG,
                "Answers the configured providers, whether they answer, and the last refusals",
            )
            .json(
                200,
                "Providers and refusals",
                object([
                    ("environment", nullable(text())),
                    (
                        "providers",
                        list(open(object([("id", text()), ("kind", text())]))),
                    ),
                    (
                        "refusals",
                        list(open(object([("reference", text()), ("reason", text())]))),
                    ),
                    ("justInTime", json!({ "type": "boolean" })),
                ]),
            )
            .errors(&[401, 403]),
        )
        .api(
            Method::POST,
            "/api/v1/auth/examine",
            Access::Needs(EXAMINE),
            move |call: Call| examined(Arc::clone(&examine), call),
        )
        .describe(describe_examine())
}

fn describe_refresh() -> Operation {
    let identity = object([
        ("type", choice(&["user"])),
        ("userEntityRef", text()),
        ("ownershipEntityRefs", list(text())),
    ]);
    let token = object([
        ("token", saying(text(), "A user token, a JWT")),
        ("identity", identity),
        ("expiresInSeconds", at_least(0)),
    ]);
    Operation::new(
        "refreshSession",
        TAG,
        "Answers a user token for the session that asks; signs in behind a proxy",
    )
    .path("provider", text(), "The provider's id")
    .json(
        200,
        "Who is signed in",
        object([
            ("profile", any_object()),
            ("providerInfo", any_object()),
            ("backstageIdentity", token),
        ]),
    )
    .errors(&[401, 403, 404])
}

fn describe_examine() -> Operation {
    Operation::new(
        "examineSignIn",
        TAG,
        "Says what the resolvers of a provider make of an account",
    )
    .body(object([
        (
            "provider?",
            saying(
                text(),
                "The provider's id; may be left out where there is one only",
            ),
        ),
        ("claims?", any_object()),
        ("token?", saying(text(), "An ID token of the provider")),
        (
            "reference?",
            saying(text(), "The reference of a refused sign-in"),
        ),
    ]))
    .json(
        200,
        "Each rule with what became of it",
        open(object([
            ("provider", text()),
            ("account", text()),
            ("claims", any_object()),
            (
                "rules",
                list(open(object([
                    ("resolver", text()),
                    ("explanation", text()),
                ]))),
            ),
            ("user", nullable(text())),
            ("advice", list(text())),
        ])),
    )
    .errors(&[400, 401, 403, 404])
}

impl Identity {
    /// Backstage's answer about a signed-in person.
    pub(super) async fn backstage_session(
        &self,
        user: &EntityRef,
        session: &str,
    ) -> Result<Value, Fault> {
        let token = self.issue_user_token(user).await?;
        let known = self
            .providers()
            .and_then(|providers| providers.directory.user(user));
        let mut profile = json!({});
        if let (Some(known), Some(fields)) = (known, profile.as_object_mut()) {
            for (key, value) in [
                ("email", known.email),
                ("displayName", known.display_name),
                ("picture", known.picture),
            ] {
                if let Some(value) = value {
                    fields.insert(key.to_owned(), value.into());
                }
            }
        }
        Ok(json!({
            "profile": profile,
            "providerInfo": self.provider_info(session).await?,
            "backstageIdentity": {
                "token": token.expose(),
                "identity": {
                    "type": "user",
                    "userEntityRef": user,
                    "ownershipEntityRefs": self.ownership(user),
                },
                "expiresInSeconds": self.token_lifetime().as_secs(),
            },
        }))
    }

    /// Who is signed in with this provider; behind a proxy, whoever the
    /// headers name, with a new session where there was none of theirs.
    async fn refresh(
        &self,
        id: &str,
        parts: &Parts,
    ) -> Result<(Value, Option<HeaderValue>), Fault> {
        let query = platform::request::Query::parse(parts.uri.query().unwrap_or_default());
        let (providers, provider) = self.provider(id, query.get("env"))?;
        let session = self.session(parts).await?;
        if let Protocol::Proxy(_) = provider.settings.protocol {
            let (account, found) = self.through_proxy(parts, providers, provider).await?;
            let theirs = session.filter(|session| session.user == found.user);
            let (session, cookie) = match theirs {
                Some(session) => (session.id, None),
                None => {
                    let entered = self.enter(parts, provider, (&account, &found)).await?;
                    (entered.session, Some(entered.cookie))
                }
            };
            return Ok((self.backstage_session(&found.user, &session).await?, cookie));
        }
        let missing = || Fault::new(Reason::Expired, "Missing session cookie");
        let session = session
            .filter(|session| session.method == SignInMethod::Provider)
            .ok_or_else(missing)?;
        if store::provider_of(self.db(), &session.id).await?.as_deref() != Some(id) {
            return Err(missing());
        }
        let answer = self.backstage_session(&session.user, &session.id).await?;
        Ok((answer, None))
    }
}

async fn refreshed(
    identity: Arc<Identity>,
    id: String,
    parts: Parts,
) -> Result<Response, ApiError> {
    let (answer, cookie) = match identity.refresh(&id, &parts).await {
        Ok(answer) => answer,
        Err(fault) => return Err(as_error(&identity.refused(fault, (&id, "/"), false).await)),
    };
    let mut response = crate::routes::json_answer(&answer);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(cookie) = cookie {
        headers.insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A refusal for programs.
fn as_error(refused: &SignInRefused) -> ApiError {
    let said = refused.detail.as_str();
    match refused.reason {
        Reason::Unknown => {
            ApiError::not_found(format!("Unknown auth provider '{}'", refused.provider_id))
                .accepted("a provider that auth.providers configures for auth.environment")
        }
        Reason::Down | Reason::Setup => ApiError::unavailable(said),
        Reason::Inside => ApiError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServerError",
            said,
        ),
        Reason::Nobody => ApiError::not_allowed(format!(
            "Failed to sign-in, unable to resolve user identity: {said}"
        ))
        .fix(format!(
            "ask whoever looks after Portway to run `portway auth doctor`; the reference is {}",
            refused.reference
        )),
        Reason::Expired => ApiError::unauthenticated(said)
            .fix(format!("sign in: /api/auth/{}/start", refused.provider_id)),
        Reason::Denied | Reason::Tenant | Reason::Untrusted | Reason::Source => {
            ApiError::not_allowed(said)
        }
    }
}

async fn logged_out(identity: Arc<Identity>, parts: Parts) -> Result<Response, ApiError> {
    let cookie = identity.sign_out(&parts).await?;
    Ok((StatusCode::OK, [(SET_COOKIE, cookie)]).into_response())
}

async fn examined(identity: Arc<Identity>, call: Call) -> Result<Response, ApiError> {
    let body = call.object()?;
    let id = body.get("provider").and_then(Value::as_str);
    let answer = identity.examine_account(id, &body).await?;
    Ok(crate::routes::json_answer(&answer))
}
