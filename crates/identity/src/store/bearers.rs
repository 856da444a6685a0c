//! Rows of bearer tokens that are not API tokens: access and refresh tokens of
//! sessions, and tokens of workloads. The secrets are never among them.

use jiff::Timestamp;
use platform::args;
use platform::store::{Db, Row, Tx};

use crate::error::IdentityError;
use crate::scope::Scope;

/// What a bearer token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Opens the API for a session.
    Access,
    /// Gets the next pair.
    Refresh,
    /// Opens the API for a program that exchanged another issuer's token.
    Workload,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Workload => "workload",
        }
    }

    /// What its tokens begin with, so that secret scanners know them.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::Access => "pwa_",
            Self::Refresh => "pwr_",
            Self::Workload => "pww_",
        }
    }
}

/// One bearer token without its secret.
#[derive(Clone, Debug)]
pub(crate) struct Bearer {
    pub(crate) kind: Kind,
    pub(crate) session_id: Option<String>,
    pub(crate) subject: String,
    pub(crate) scope: Scope,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
    pub(crate) spent_at: Option<Timestamp>,
}

fn bearer(row: &Row) -> Result<Bearer, IdentityError> {
    let broken = || IdentityError::Row("identity_bearers".to_owned());
    let kind = [Kind::Access, Kind::Refresh, Kind::Workload];
    let name = row.text(0)?;
    Ok(Bearer {
        kind: kind
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(broken)?,
        session_id: row.opt_text(1)?.map(str::to_owned),
        subject: row.text(2)?.to_owned(),
        scope: Scope::from_stored(row.text(3)?).ok_or_else(broken)?,
        created_at: row.time(4)?,
        expires_at: row.time(5)?,
        spent_at: row.opt_time(6)?,
    })
}

const SELECT: &str = "SELECT kind, session_id, subject, scope, created_at, expires_at, spent_at \
     FROM identity_bearers WHERE digest = $1";

/// The token with this hash.
pub(crate) async fn by_digest(db: &Db, digest: &str) -> Result<Option<Bearer>, IdentityError> {
    let rows = db
        .read_kept((&["identity_bearers"], digest), SELECT, args![digest])
        .await?;
    rows.first().map(bearer).transpose()
}

/// The same within a transaction.
pub(crate) async fn by_digest_in(
    tx: &mut Tx,
    digest: &str,
) -> Result<Option<Bearer>, IdentityError> {
    let rows = tx.query(SELECT, args![digest]).await?;
    rows.first().map(bearer).transpose()
}

pub(crate) async fn insert(
    tx: &mut Tx,
    bearer: &Bearer,
    digest: &str,
) -> Result<(), IdentityError> {
    tx.execute(
        "INSERT INTO identity_bearers \
         (digest, kind, session_id, subject, scope, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        args![
            digest,
            bearer.kind.as_str(),
            bearer.session_id.clone(),
            &bearer.subject,
            &bearer.scope.to_value(),
            bearer.created_at,
            bearer.expires_at
        ],
    )
    .await?;
    Ok(())
}

/// Uses a refresh token up; `false` when it was used before. Of two that try
/// at once, one succeeds.
pub(crate) async fn spend(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let spent = tx
        .execute(
            "UPDATE identity_bearers SET spent_at = $2 WHERE digest = $1 AND spent_at IS NULL",
            args![digest, now],
        )
        .await?;
    Ok(spent > 0)
}

/// Ends the access tokens of a session, before new ones are made.
pub(crate) async fn end_access(tx: &mut Tx, session: &str) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_bearers WHERE session_id = $1 AND kind = 'access'",
        args![session],
    )
    .await?;
    Ok(())
}

/// Ends every token of a session.
pub(crate) async fn end_of_session(tx: &mut Tx, session: &str) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_bearers WHERE session_id = $1",
        args![session],
    )
    .await?;
    Ok(())
}

/// Ends one token; `false` when there is none.
pub(crate) async fn end(tx: &mut Tx, digest: &str) -> Result<bool, IdentityError> {
    let ended = tx
        .execute(
            "DELETE FROM identity_bearers WHERE digest = $1",
            args![digest],
        )
        .await?;
    Ok(ended > 0)
}

/// Forgets tokens that have run out. A spent refresh token stays until its
/// time is over, so that its second use is noticed.
pub(crate) async fn forget_before(tx: &mut Tx, now: Timestamp) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_bearers WHERE expires_at <= $1",
        args![now],
    )
    .await?;
    Ok(())
}
