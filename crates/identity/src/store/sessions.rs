//! Rows of sessions and one-time sign-in codes. Ids and codes are stored as
//! hashes only.

use jiff::Timestamp;
use model::entity_ref::EntityRef;
use platform::args;
use platform::store::{Db, Row, Sql, Tx};

use crate::error::IdentityError;
use crate::origin::RequestOrigin;
use crate::scope::Scope;
use crate::sessions::{Method, Session};

/// The columns of [`session`]. The local account behind the session tells
/// whether the person administers Portway.
const SELECT: &str = "SELECT s.id, s.user_ref, s.method, s.created_at, s.last_seen_at, \
     s.address, s.agent, s.client, s.scope, a.admin, s.digest \
     FROM identity_sessions s \
     LEFT JOIN identity_accounts a ON a.user_ref = s.user_ref AND a.disabled_at IS NULL \
     WHERE s.ended_at IS NULL AND ";

fn select(condition: &str) -> Sql {
    Sql::assembled(format!("{SELECT}{condition}"))
}

fn session(row: &Row) -> Result<Session, IdentityError> {
    let id = row.text(0)?.to_owned();
    let broken = || IdentityError::Row(format!("identity_sessions {id}"));
    let text = |at: usize| Ok::<_, IdentityError>(row.opt_text(at)?.map(str::to_owned));
    let method = Method::parse(row.text(2)?).ok_or_else(broken)?;
    let scope = match row.opt_text(8)? {
        None => None,
        Some(scope) => Some(Scope::from_stored(scope).ok_or_else(broken)?),
    };
    // A person who signed in elsewhere is not the account of the same name.
    let local = matches!(
        method,
        Method::Password | Method::Passkey | Method::Recovery
    );
    Ok(Session {
        user: EntityRef::parse(row.text(1)?, None, None).map_err(|_| broken())?,
        method,
        created_at: row.time(3)?,
        last_seen_at: row.time(4)?,
        address: text(5)?,
        agent: text(6)?,
        client: text(7)?,
        scope,
        admin: local && row.opt_int(9)? == Some(1),
        digest: row.text(10)?.to_owned(),
        id,
    })
}

pub(crate) async fn insert(
    tx: &mut Tx,
    session: &Session,
    digest: &str,
) -> Result<(), IdentityError> {
    let scope = session
        .scope
        .as_ref()
        .map(|scope| scope.to_value().to_string());
    tx.execute(
        "INSERT INTO identity_sessions \
         (id, digest, user_ref, method, created_at, last_seen_at, address, agent, client, scope) \
         VALUES ($1, $2, $3, $4, $5, $5, $6, $7, $8, $9)",
        args![
            &session.id,
            digest,
            session.user.as_str(),
            session.method.as_str(),
            session.created_at,
            session.address.clone(),
            session.agent.clone(),
            session.client.clone(),
            scope
        ],
    )
    .await?;
    Ok(())
}

/// The session with this hash that has not been ended.
pub(crate) async fn by_digest(db: &Db, digest: &str) -> Result<Option<Session>, IdentityError> {
    let rows = db
        .read_kept((&KEPT, digest), select("s.digest = $1"), args![digest])
        .await?;
    rows.first().map(session).transpose()
}

/// The session with this id that has not been ended.
pub(crate) async fn by_id(db: &Db, id: &str) -> Result<Option<Session>, IdentityError> {
    let rows = db
        .read_kept((&KEPT, &id_key(id)), select("s.id = $1"), args![id])
        .await?;
    rows.first().map(session).transpose()
}

/// What the answers about sessions depend on.
const KEPT: [&str; 2] = ["identity_sessions", "identity_accounts"];

fn id_key(id: &str) -> String {
    format!("id {id}")
}

fn user_key(user: &EntityRef) -> String {
    format!("of {user}")
}

/// The same within a transaction.
pub(crate) async fn by_id_in(tx: &mut Tx, id: &str) -> Result<Option<Session>, IdentityError> {
    let rows = tx.query(select("s.id = $1"), args![id]).await?;
    rows.first().map(session).transpose()
}

const LATEST: &str = "ORDER BY s.last_seen_at DESC, s.id";

/// The sessions of a person that have not been ended.
pub(crate) async fn of_user(db: &Db, user: &EntityRef) -> Result<Vec<Session>, IdentityError> {
    let sql = select(&format!("s.user_ref = $1 {LATEST}"));
    let rows = db.read(sql, args![user.as_str()]).await?;
    rows.iter().map(session).collect()
}

/// The same, asked with every request of a user token.
pub(crate) async fn of_user_kept(db: &Db, user: &EntityRef) -> Result<Vec<Session>, IdentityError> {
    let sql = select(&format!("s.user_ref = $1 {LATEST}"));
    let rows = db
        .read_kept((&KEPT, &user_key(user)), sql, args![user.as_str()])
        .await?;
    rows.iter().map(session).collect()
}

/// The same within a transaction.
pub(crate) async fn of_user_in(
    tx: &mut Tx,
    user: &EntityRef,
) -> Result<Vec<Session>, IdentityError> {
    let sql = select(&format!("s.user_ref = $1 {LATEST}"));
    let rows = tx.query(sql, args![user.as_str()]).await?;
    rows.iter().map(session).collect()
}

/// The sessions that were used last, everybody's.
pub(crate) async fn latest(db: &Db, most: usize) -> Result<Vec<Session>, IdentityError> {
    let sql = select(&format!("1 = 1 {LATEST} LIMIT $1"));
    let rows = db.read(sql, args![most]).await?;
    rows.iter().map(session).collect()
}

/// Ends one session; `false` when it had ended before.
pub(crate) async fn end(tx: &mut Tx, id: &str, now: Timestamp) -> Result<bool, IdentityError> {
    let changed = tx
        .execute(
            "UPDATE identity_sessions SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL",
            args![id, now],
        )
        .await?;
    Ok(changed > 0)
}

/// Notes that a session was used, and from where.
pub(crate) async fn touch(
    db: &Db,
    session: &Session,
    now: Timestamp,
    origin: &RequestOrigin,
) -> Result<(), IdentityError> {
    let mut tx = db.begin().await?;
    // Everybody's sessions are noted all the time: only what is kept of this
    // one is forgotten.
    let keys = vec![
        session.digest.clone(),
        id_key(&session.id),
        user_key(&session.user),
    ];
    tx.execute_for(
        ("identity_sessions", keys),
        "UPDATE identity_sessions SET last_seen_at = $2, address = $3, \
         agent = COALESCE($4, agent) WHERE id = $1",
        args![
            &session.id,
            now,
            origin.address_text(),
            origin.agent.clone()
        ],
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Forgets sessions that nobody can use any more. The events keep what happened.
pub(crate) async fn forget_before(tx: &mut Tx, created: Timestamp) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_sessions WHERE created_at < $1",
        args![created],
    )
    .await?;
    Ok(())
}

pub(crate) async fn insert_code(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
    expires: Timestamp,
) -> Result<(), IdentityError> {
    tx.execute(
        "DELETE FROM identity_sign_in_codes WHERE expires_at <= $1",
        args![now],
    )
    .await?;
    tx.execute(
        "INSERT INTO identity_sign_in_codes (digest, expires_at) VALUES ($1, $2)",
        args![digest, expires],
    )
    .await?;
    Ok(())
}

/// Uses a code up; `false` when there is no such code, it was used before or
/// its time has run out. Of two that try at once, one succeeds.
pub(crate) async fn take_code(
    tx: &mut Tx,
    digest: &str,
    now: Timestamp,
) -> Result<bool, IdentityError> {
    let taken = tx
        .execute(
            "DELETE FROM identity_sign_in_codes WHERE digest = $1 AND expires_at > $2",
            args![digest, now],
        )
        .await?;
    Ok(taken > 0)
}
