//! The exchange itself, and the same steps told to somebody who asks why not.

use std::time::Duration;

use jiff::Timestamp;
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller};
use platform::clock::later;
use serde_json::{Map, Value, json};

use super::trust::Trust;
use super::verdict::{judge, subject};
use crate::actions::WORKLOAD_EXPLAIN;
use crate::device::{BearerTokens, oauth_error};
use crate::events::{self, WORKLOAD_ADMITTED, WORKLOAD_REFUSED};
use crate::foreign::{ASYMMETRIC, KeyFault, Presented, check_time, read};
use crate::identity::Identity;
use crate::secret::SecretDigest;
use crate::store::bearers::{self as rows, Bearer, Kind};
use crate::store::exchanged;

/// Longer tokens are refused unread, in bytes.
const LONGEST: usize = 16 * 1024;

/// What the claims are once the signature has been checked.
struct Genuine<'a> {
    issuer: String,
    claims: Map<String, Value>,
    /// The entries whose own keys prove the token. Many clusters call
    /// themselves the same, so the name of an issuer proves nothing.
    entries: Vec<&'a Trust>,
    expires: Timestamp,
}

impl Identity {
    /// Exchanges another issuer's token.
    ///
    /// # Errors
    /// `invalid_request` for what is no token, `invalid_grant` for one that
    /// nobody here trusts, with the nearest entry and what does not match.
    pub(crate) async fn exchange(&self, token: &str) -> Result<BearerTokens, ApiError> {
        let genuine = self.genuine(token).await?;
        let verdicts = judge(&genuine.entries, &genuine.claims);
        let Some(verdict) = verdicts.first() else {
            return Err(oauth_error("invalid_grant", "No entry trusts this issuer"));
        };
        if !verdict.mismatches.is_empty() {
            let reason = verdict.sentence();
            self.note_refusal(&genuine, &reason).await?;
            return Err(oauth_error(
                "invalid_grant",
                format!("The token is genuine, but no entry trusts it; the nearest is {reason}"),
            ));
        }
        let entry = verdict.entry;
        let name = match &entry.subject {
            Some(template) => subject(template, &genuine.claims),
            None => genuine
                .claims
                .get("sub")
                .and_then(Value::as_str)
                .map(plain_subject),
        };
        let name = name.ok_or_else(|| {
            oauth_error(
                "invalid_grant",
                format!(
                    "The subject of {} cannot be made from the token's claims",
                    entry.place
                ),
            )
        })?;
        self.admit(token, &genuine, (entry, name)).await
    }

    async fn admit(
        &self,
        token: &str,
        genuine: &Genuine<'_>,
        (entry, name): (&Trust, String),
    ) -> Result<BearerTokens, ApiError> {
        let now = self.clock().now();
        // A token without an id of its own is known by its text.
        let id = genuine.claims.get("jti").and_then(Value::as_str);
        // Each entry counts for itself: the ids of two issuers of one name
        // are not of one kind.
        let counted = format!("{}\n{}", entry.fingerprint, id.unwrap_or(token));
        let digest = SecretDigest::of(&counted).to_hex();
        let keep = later(genuine.expires, Duration::from_secs(60 + 60));
        let mut tx = self.db().begin().await?;
        if !exchanged::use_once(&mut tx, &digest, entry.max_uses, keep, now).await? {
            drop(tx);
            let reason = format!(
                "the token has been exchanged {} times already",
                entry.max_uses
            );
            self.note_refusal(genuine, &reason).await?;
            return Err(oauth_error(
                "invalid_grant",
                format!(
                    "{reason}; ask the issuer for a new one, or raise maxUses of {}",
                    entry.place
                ),
            ));
        }
        let secret = self.entropy().secret(Kind::Workload.prefix())?;
        let expires_at = later(now, entry.lifetime);
        let bearer = Bearer {
            kind: Kind::Workload,
            session_id: None,
            subject: format!("workload:{name}"),
            scope: entry.scope.clone(),
            created_at: now,
            expires_at,
            spent_at: None,
        };
        rows::forget_before(&mut tx, now).await?;
        rows::insert(&mut tx, &bearer, &secret.digest().to_hex()).await?;
        let data = json!({
            "issuer": genuine.issuer,
            "entry": entry.place,
            "scope": entry.scope.to_value(),
            "expiresAt": expires_at,
        });
        let actor = Actor::new(ActorKind::Service, bearer.subject.clone());
        events::append(&mut tx, WORKLOAD_ADMITTED, bearer.subject, &actor, data).await?;
        tx.commit().await?;
        Ok(BearerTokens {
            access: secret,
            expires_in: entry.lifetime.as_secs(),
            refresh: None,
            scope: entry.scope.clone(),
        })
    }

    async fn note_refusal(&self, genuine: &Genuine<'_>, reason: &str) -> Result<(), ApiError> {
        let sub = genuine.claims.get("sub").and_then(Value::as_str);
        let sub: String = sub.unwrap_or("unknown").chars().take(200).collect();
        let actor = Actor::new(ActorKind::Service, format!("workload:{sub}"));
        let data = json!({ "issuer": genuine.issuer, "reason": reason });
        let mut tx = self.db().begin().await?;
        events::append_refusal(&mut tx, WORKLOAD_REFUSED, actor.name.clone(), &actor, data).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Tells how a token would fare, without exchanging it.
    ///
    /// # Errors
    /// 403 without the permission `identity.workload.explain`.
    pub async fn explain_workload(&self, caller: &Caller, token: &str) -> Result<Value, ApiError> {
        caller.require(WORKLOAD_EXPLAIN)?;
        match self.genuine(token.trim()).await {
            Err(error) => {
                let why = error
                    .body
                    .as_ref()
                    .and_then(|body| body.get("error_description"))
                    .and_then(Value::as_str)
                    .unwrap_or(&error.message);
                Ok(json!({ "genuine": false, "problem": why, "entries": [] }))
            }
            Ok(genuine) => {
                let verdicts = judge(&genuine.entries, &genuine.claims);
                let admitted = verdicts
                    .first()
                    .is_some_and(|verdict| verdict.mismatches.is_empty());
                let entries: Vec<Value> = verdicts
                    .iter()
                    .map(super::verdict::Verdict::to_value)
                    .collect();
                Ok(json!({
                    "genuine": true,
                    "admitted": admitted,
                    "issuer": genuine.issuer,
                    "expiresAt": genuine.expires,
                    "claims": genuine.claims,
                    "entries": entries,
                }))
            }
        }
    }

    /// Checks everything about a token that does not depend on the entry.
    async fn genuine(&self, token: &str) -> Result<Genuine<'_>, ApiError> {
        let no_token =
            |why: &str| oauth_error("invalid_request", format!("The subject token {why}"));
        if token.len() > LONGEST {
            return Err(no_token("is too long"));
        }
        let presented = read(token, &ASYMMETRIC).map_err(|why| {
            oauth_error(
                "invalid_request",
                format!("The subject token cannot be used: {why}"),
            )
        })?;
        // Unchecked so far: it only chooses whose keys are asked.
        let issuer = presented
            .unproved()
            .get("iss")
            .and_then(Value::as_str)
            .ok_or_else(|| no_token("does not say who issued it"))?
            .trim_end_matches('/')
            .to_owned();
        let mut entries: Vec<&Trust> = self
            .trust()
            .workload
            .iter()
            .filter(|entry| entry.issuer == issuer)
            .collect();
        if entries.is_empty() {
            let shown: String = issuer.chars().take(200).collect();
            return Err(oauth_error(
                "invalid_grant",
                format!("No entry of auth.workload.trust names the issuer {shown:?}"),
            ));
        }
        let claims = self.signed_claims(&presented, &mut entries).await?;
        let expires = check_time(&claims, self.clock().now()).map_err(|why| {
            oauth_error("invalid_grant", format!("The token is not accepted: {why}"))
        })?;
        Ok(Genuine {
            issuer,
            claims,
            entries,
            expires,
        })
    }

    /// The claims, and in `entries` only those whose own keys fit the
    /// signature.
    async fn signed_claims(
        &self,
        presented: &Presented<'_>,
        entries: &mut Vec<&Trust>,
    ) -> Result<Map<String, Value>, ApiError> {
        let now = self.clock().now();
        let wanted = (presented.key_id.as_deref(), presented.algorithm);
        let mut claims = None;
        let mut down = None;
        let mut proved = Vec::new();
        for entry in entries.drain(..) {
            match self.issuers().key(entry, wanted, now).await {
                Ok(key) => {
                    if let Some(signed) = presented.signed_by(&key) {
                        claims = Some(signed);
                        proved.push(entry);
                    }
                }
                Err(KeyFault::Down(why)) => down = Some(why),
                Err(KeyFault::Unknown(_)) => {}
            }
        }
        *entries = proved;
        match (claims, down) {
            (Some(claims), _) => Ok(claims.clone()),
            (None, Some(why)) => Err(ApiError::unavailable(format!(
                "The keys of the issuer cannot be read: {why}"
            ))
            .fix("try again; `portway auth explain-workload` shows the same")),
            (None, None) => Err(oauth_error(
                "invalid_grant",
                "No key of the issuer fits the token's signature",
            )),
        }
    }
}

/// What the issuer calls the program, as one word.
fn plain_subject(sub: &str) -> String {
    let letters = sub.chars().filter(|letter| !letter.is_control());
    letters
        .map(|letter| if letter.is_whitespace() { '_' } else { letter })
        .take(300)
        .collect()
}
