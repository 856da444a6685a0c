//! The tokens of a login: one that opens the API for an hour, one that gets
//! the next pair, once.

use std::time::Duration;

use axum::http::request::Parts;
use platform::ApiError;
use platform::actor::Caller;
use platform::clock::later;
use platform::store::Tx;

use super::{oauth_error, require_client};
use crate::error::IdentityError;
use crate::identity::Identity;
use crate::scope::Scope;
use crate::secret::{Secret, SecretDigest};
use crate::sessions::{Session, actor};
use crate::store::bearers::{self as rows, Bearer, Kind};
use crate::store::sessions;
use crate::tokens::illegal_token;

/// How long an access token works.
const ACCESS: Duration = Duration::from_secs(3600);
const AGAIN: &str = "run `portway login` again";

/// What the token endpoint answers.
#[derive(Clone, Debug)]
pub(crate) struct BearerTokens {
    /// Opens the API.
    pub(crate) access: Secret<String>,
    /// Seconds that it works.
    pub(crate) expires_in: u64,
    /// Gets the next pair; a workload has none and exchanges again.
    pub(crate) refresh: Option<Secret<String>>,
    /// What the access token may do.
    pub(crate) scope: Scope,
}

impl Identity {
    /// Makes a new pair for a session and ends the access token before it.
    pub(super) async fn issue_pair_in(
        &self,
        tx: &mut Tx,
        session: &Session,
    ) -> Result<BearerTokens, IdentityError> {
        let now = self.clock().now();
        rows::forget_before(tx, now).await?;
        rows::end_access(tx, &session.id).await?;
        let scope = session.scope.clone().unwrap_or(Scope::Read);
        let end = session.ends_at(&self.trust().sessions);
        let access = self.entropy().secret(Kind::Access.prefix())?;
        let refresh = self.entropy().secret(Kind::Refresh.prefix())?;
        for (kind, secret, expires_at) in [
            (Kind::Access, &access, later(now, ACCESS).min(end)),
            (Kind::Refresh, &refresh, end),
        ] {
            let bearer = Bearer {
                kind,
                session_id: Some(session.id.clone()),
                subject: session.user.as_str().to_owned(),
                scope: scope.clone(),
                created_at: now,
                expires_at,
                spent_at: None,
            };
            rows::insert(tx, &bearer, &secret.digest().to_hex()).await?;
        }
        Ok(BearerTokens {
            access,
            expires_in: ACCESS.as_secs(),
            refresh: Some(refresh),
            scope,
        })
    }

    /// The next pair of a login. A refresh token that was used before is in
    /// two hands, so the login ends.
    ///
    /// # Errors
    /// `invalid_grant` for a token that never was, has run out or was used.
    pub(crate) async fn refresh_bearer(
        &self,
        parts: &Parts,
        client: &str,
        presented: &str,
    ) -> Result<BearerTokens, ApiError> {
        require_client(client)?;
        let refused = || {
            oauth_error(
                "invalid_grant",
                format!("This refresh token is not valid; {AGAIN}"),
            )
        };
        let digest = SecretDigest::of(presented).to_hex();
        let now = self.clock().now();
        let mut tx = self.db().begin().await?;
        let bearer = rows::by_digest_in(&mut tx, &digest)
            .await?
            .filter(|bearer| bearer.kind == Kind::Refresh && now < bearer.expires_at)
            .ok_or_else(refused)?;
        let id = bearer.session_id.unwrap_or_default();
        let session = sessions::by_id_in(&mut tx, &id)
            .await?
            .ok_or_else(refused)?;
        if bearer.spent_at.is_some() || !rows::spend(&mut tx, &digest, now).await? {
            let by = actor(&session.user);
            self.end_session_in(&mut tx, &session, &by, "a refresh token was used twice")
                .await?;
            tx.commit().await?;
            tracing::warn!(
                session.id = session.id,
                "A refresh token was used twice; its session has been ended"
            );
            return Err(oauth_error(
                "invalid_grant",
                format!(
                    "This refresh token was used before, so somebody else may hold it: the login has been ended; {AGAIN}"
                ),
            ));
        }
        let tokens = self.issue_pair_in(&mut tx, &session).await?;
        tx.commit().await?;
        // The use is noted like every other.
        let _ = self.still_counting(session, parts).await;
        Ok(tokens)
    }

    /// Ends the login that a token belongs to (RFC 7009): whoever holds a
    /// token may give it back. A token that is not known has been ended.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn give_back(&self, presented: &str) -> Result<(), ApiError> {
        let digest = SecretDigest::of(presented).to_hex();
        let mut tx = self.db().begin().await?;
        let Some(bearer) = rows::by_digest_in(&mut tx, &digest).await? else {
            return Ok(());
        };
        match &bearer.session_id {
            Some(id) => {
                if let Some(session) = sessions::by_id_in(&mut tx, id).await? {
                    let by = actor(&session.user);
                    self.end_session_in(&mut tx, &session, &by, "signed out")
                        .await?;
                }
            }
            None => {
                rows::end(&mut tx, &digest).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Who presents an access token or a workload's token.
    pub(crate) async fn caller_with_bearer(
        &self,
        presented: &Secret<String>,
        parts: &Parts,
    ) -> Result<Caller, ApiError> {
        let found = rows::by_digest(self.db(), &presented.digest().to_hex()).await?;
        let now = self.clock().now();
        let Some(bearer) = found.filter(|bearer| bearer.kind != Kind::Refresh) else {
            return Err(illegal_token(AGAIN));
        };
        if bearer.expires_at <= now {
            return Err(illegal_token(match bearer.kind {
                Kind::Workload => format!(
                    "this token ran out at {}; exchange the workload's token again",
                    bearer.expires_at
                ),
                _ => format!(
                    "this token ran out at {}; refresh it, or {AGAIN}",
                    bearer.expires_at
                ),
            }));
        }
        let Some(id) = &bearer.session_id else {
            return Ok(workload_caller(bearer));
        };
        let ended = || illegal_token(format!("this login has been ended; {AGAIN}"));
        let session = sessions::by_id(self.db(), id).await?.ok_or_else(ended)?;
        let session = self
            .still_counting(session, parts)
            .await
            .ok_or_else(ended)?;
        self.caller_of(&session, parts).ok_or_else(ended)
    }
}

fn workload_caller(bearer: Bearer) -> Caller {
    Caller {
        actor: platform::actor::Actor::new(platform::actor::ActorKind::Service, bearer.subject),
        ownership: Vec::new(),
        grants: bearer.scope.grants(),
    }
}
