//! The keys that sign user tokens: one that signs, those that still verify.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use model::entity_ref::EntityRef;
use parking_lot::RwLock;
use platform::clock::later;
use platform::store::Db;
use serde_json::{Value, json};

use crate::entropy::Entropy;
use crate::error::IdentityError;
use crate::jwt::{self, Signer256, Verifier256};
use crate::seal::SealKey;
use crate::secret::Secret;
use crate::store::keys::{self as rows, KeyRow};

/// How long one key signs.
const ROTATE_AFTER: Duration = Duration::from_secs(30 * 86_400);
/// How long a retired key verifies: a little longer than any token lives.
const VERIFY_FOR: SignedDuration = SignedDuration::from_hours(25);
/// How often an unknown key id makes us look whether another replica has
/// rotated. Otherwise garbage tokens would each cost a query.
const RELOAD_EVERY: Duration = Duration::from_secs(10);

struct Keys {
    signer: Signer256,
    since: Timestamp,
    verifiers: Vec<Verifier256>,
    loaded_at: Timestamp,
}

/// The key ring, shared by all requests.
pub(crate) struct KeyRing {
    db: Db,
    entropy: Entropy,
    seal: SealKey,
    keys: RwLock<Arc<Keys>>,
}

impl KeyRing {
    /// Reads the keys, or makes the first one. Keys that cannot be opened (the
    /// sealing key was lost or changed) still verify, but a new one signs.
    pub(crate) async fn open(
        db: Db,
        entropy: Entropy,
        seal: SealKey,
    ) -> Result<Self, IdentityError> {
        let keys = match load(&db, &seal).await? {
            Some(keys) => keys,
            None => make(&db, &entropy, &seal).await?,
        };
        Ok(Self {
            db,
            entropy,
            seal,
            keys: RwLock::new(Arc::new(keys)),
        })
    }

    /// A token for `user` that lives for `lifetime`.
    pub(crate) async fn issue(
        &self,
        issuer: &str,
        user: &EntityRef,
        lifetime: Duration,
    ) -> Result<Secret<String>, IdentityError> {
        let now = self.db.clock().now();
        if later(self.current().since, ROTATE_AFTER) <= now {
            self.rotate().await?;
        }
        let lifetime = i64::try_from(lifetime.as_secs()).unwrap_or(i64::MAX);
        self.current().signer.issue(issuer, user, now, lifetime)
    }

    /// The user whom a token names, if one of our keys signed it.
    pub(crate) async fn verify(
        &self,
        token: &str,
        issuer: &str,
    ) -> Result<Option<EntityRef>, IdentityError> {
        let Some(kid) = jwt::key_id(token) else {
            return Ok(None);
        };
        let now = self.db.clock().now();
        if !self.current().knows(&kid) && later(self.current().loaded_at, RELOAD_EVERY) <= now {
            self.reload().await?;
        }
        let keys = self.current();
        Ok(keys
            .verifiers
            .iter()
            .find(|verifier| verifier.kid == kid)
            .and_then(|verifier| verifier.verify(token, issuer, now)))
    }

    /// Makes a new key that signs from now on. Tokens of the old ones stay
    /// valid until they run out.
    pub(crate) async fn rotate(&self) -> Result<(), IdentityError> {
        let keys = make(&self.db, &self.entropy, &self.seal).await?;
        *self.keys.write() = Arc::new(keys);
        Ok(())
    }

    /// The public halves, as `/.well-known/jwks.json` shows them.
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<_> = self
            .current()
            .verifiers
            .iter()
            .map(Verifier256::jwk)
            .collect();
        json!({ "keys": keys })
    }

    fn current(&self) -> Arc<Keys> {
        Arc::clone(&self.keys.read())
    }

    async fn reload(&self) -> Result<(), IdentityError> {
        if let Some(keys) = load(&self.db, &self.seal).await? {
            *self.keys.write() = Arc::new(keys);
        }
        Ok(())
    }
}

impl Keys {
    fn knows(&self, kid: &str) -> bool {
        self.verifiers.iter().any(|verifier| verifier.kid == kid)
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("signing_with", &self.current().signer.kid)
            .finish_non_exhaustive()
    }
}

/// The keys in the database; `None` when none of them can sign.
async fn load(db: &Db, seal: &SealKey) -> Result<Option<Keys>, IdentityError> {
    let now = db.clock().now();
    let rows = rows::usable(db, before(now, VERIFY_FOR)).await?;
    let verifiers = rows
        .iter()
        .filter_map(|row| Verifier256::from_jwk(&row.public))
        .collect();
    let signer = rows.iter().filter(|row| !row.retired).find_map(|row| {
        let opened = seal.open(&row.sealed, &row.kid);
        if opened.is_none() {
            tracing::warn!(
                key.id = row.kid,
                "A signing key cannot be opened with this installation's sealing key; another one will sign"
            );
        }
        let signer = Signer256::from_scalar(&row.kid, &opened?).ok()?;
        Some((signer, row.created_at))
    });
    Ok(signer.map(|(signer, since)| Keys {
        signer,
        since,
        verifiers,
        loaded_at: now,
    }))
}

/// Makes a key, stores it and retires the others.
async fn make(db: &Db, entropy: &Entropy, seal: &SealKey) -> Result<Keys, IdentityError> {
    let signer = Signer256::generate(entropy)?;
    let now = db.clock().now();
    let sealed = seal.seal(signer.scalar().expose(), &signer.kid, entropy)?;
    let row = KeyRow {
        kid: signer.kid.clone(),
        public: signer.verifier()?.jwk(),
        sealed,
        created_at: now,
        retired: false,
    };
    let mut tx = db.begin().await?;
    rows::insert(&mut tx, &row).await?;
    rows::retire_others(&mut tx, &row.kid, now, before(now, VERIFY_FOR)).await?;
    tx.commit().await?;
    tracing::info!(key.id = row.kid, "Made a new signing key for user tokens");
    load(db, seal)
        .await?
        .ok_or(IdentityError::Key("it cannot be read back"))
}

fn before(time: Timestamp, span: SignedDuration) -> Timestamp {
    time.checked_sub(span).unwrap_or(Timestamp::MIN)
}
