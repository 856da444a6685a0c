//! The exchange itself, and the same steps told to somebody who asks why not.

use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation};
use platform::ApiError;
use platform::actor::{Actor, ActorKind, Caller};
use platform::clock::later;
use serde_json::{Map, Value, json};

use super::trust::Trust;
use super::verdict::{judge, subject};
use crate::actions::WORKLOAD_EXPLAIN;
use crate::device::{BearerTokens, oauth_error};
use crate::events::{self, WORKLOAD_ADMITTED, WORKLOAD_REFUSED};
use crate::identity::Identity;
use crate::secret::SecretDigest;
use crate::store::bearers::{self as rows, Bearer, Kind};
use crate::store::exchanged;

/// Longer tokens are refused unread, in bytes.
const LONGEST: usize = 16 * 1024;
/// How far the issuer's clock may differ from ours, in seconds.
const SKEW: i64 = 60;
/// Algorithms with a public half. HMAC is absent: whoever can check such a
/// token can make one. `none` is no algorithm.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What the claims are once the signature has been checked.
struct Genuine<'a> {
    issuer: String,
    claims: Map<String, Value>,
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
        let id = match genuine.claims.get("jti").and_then(Value::as_str) {
            Some(jti) => format!("{}\n{jti}", genuine.issuer),
            None => token.to_owned(),
        };
        let digest = SecretDigest::of(&id).to_hex();
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
        events::append(&mut tx, WORKLOAD_REFUSED, actor.name.clone(), &actor, data).await?;
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
        let header =
            jsonwebtoken::decode_header(token).map_err(|_| no_token("is no signed JWT"))?;
        if !ALGORITHMS.contains(&header.alg) || header.crit.is_some() {
            return Err(no_token(
                "is signed in a way that is not accepted; accepted are RS, PS, ES and EdDSA",
            ));
        }
        // Unchecked so far: it only chooses whose keys are asked.
        let claimed: Map<String, Value> = jsonwebtoken::dangerous::insecure_decode_claims(token)
            .map_err(|_| no_token("holds no claims"))?;
        let issuer = claimed
            .get("iss")
            .and_then(Value::as_str)
            .ok_or_else(|| no_token("does not say who issued it"))?
            .trim_end_matches('/')
            .to_owned();
        let entries: Vec<&Trust> = self
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
        let claims = self.signed_claims(token, &header, &entries).await?;
        let expires = self.require_time(&claims)?;
        Ok(Genuine {
            issuer,
            claims,
            entries,
            expires,
        })
    }

    /// The claims, once a key of the issuer fits the signature.
    async fn signed_claims(
        &self,
        token: &str,
        header: &Header,
        entries: &[&Trust],
    ) -> Result<Map<String, Value>, ApiError> {
        let now = self.clock().now();
        let mut problem = None;
        for entry in entries {
            let keys = match self.issuers().keys(entry, header.kid.as_deref(), now).await {
                Ok(keys) => keys,
                Err(why) => {
                    problem = Some(why);
                    continue;
                }
            };
            let candidates = keys.keys.iter().filter(|key| {
                header
                    .kid
                    .as_ref()
                    .is_none_or(|kid| key.common.key_id.as_ref() == Some(kid))
            });
            for key in candidates {
                if let Some(claims) = verify(token, header.alg, key) {
                    return Ok(claims);
                }
            }
        }
        match problem {
            Some(why) => Err(ApiError::unavailable(format!(
                "The keys of the issuer cannot be read: {why}"
            ))
            .fix("try again; `portway auth explain-workload` shows the same")),
            None => Err(oauth_error(
                "invalid_grant",
                "No key of the issuer fits the token's signature",
            )),
        }
    }

    fn require_time(&self, claims: &Map<String, Value>) -> Result<Timestamp, ApiError> {
        let now = self.clock().now().as_second();
        let second = |name: &str| {
            claims
                .get(name)
                .and_then(Value::as_f64)
                .map(|seconds| seconds as i64)
        };
        let refused = |why: String| oauth_error("invalid_grant", why);
        let expires = second("exp")
            .ok_or_else(|| refused("The token never runs out, which is not accepted".to_owned()))?;
        if expires.saturating_add(SKEW) <= now {
            return Err(refused(format!(
                "The token ran out {} seconds ago",
                now - expires
            )));
        }
        for name in ["nbf", "iat"] {
            if let Some(from) = second(name).filter(|from| from.saturating_sub(SKEW) > now) {
                return Err(refused(format!(
                    "The token counts from a time {} seconds ahead ({name}); compare the clocks",
                    from - now
                )));
            }
        }
        Timestamp::from_second(expires)
            .map_err(|_| refused("The token's time cannot be read".to_owned()))
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

/// The claims, if this key made the signature with this algorithm. The key's
/// own kind decides, so that no key is used for another's algorithm.
fn verify(token: &str, algorithm: Algorithm, key: &Jwk) -> Option<Map<String, Value>> {
    let key = DecodingKey::from_jwk(key).ok()?;
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    // Time and audience are checked with our clock, against each entry.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    jsonwebtoken::decode::<Map<String, Value>>(token, &key, &validation)
        .ok()
        .map(|data| data.claims)
}
