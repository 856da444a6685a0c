//! The one object that knows who is who.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::http::request::Parts;
use model::entity_ref::EntityRef;
use model::query::Predicate;
use platform::Clock;
use platform::actor::{Actor, ActorKind, Caller, Grants, Permission};
use platform::store::Db;
use serde_json::Value;

use crate::PERMISSIONS;
use crate::actions::ADMIN_ONLY;
use crate::cookie::SessionCookie;
use crate::entropy::Entropy;
use crate::error::IdentityError;
use crate::external::ExternalIssuer;
use crate::fingerprint::Fingerprints;
use crate::guest::{GuestSettings, Remote, require_local};
use crate::local::Hashing;
use crate::providers::Providers;
use crate::seal::SealKey;
use crate::secret::Secret;
use crate::sessions;
use crate::settings::Settings;
use crate::signing::KeyRing;
use crate::static_token::StaticToken;
use crate::store::KEPT_TABLES;
use crate::trust::TrustSettings;
use crate::workload::{Issuers, KeyFetch};

/// Answers the groups of a user, nested ones included.
pub type OwnershipLookup = dyn Fn(&EntityRef) -> Vec<EntityRef> + Send + Sync;

/// Answers whether an entity exists and fulfils a condition.
pub type EntityCheck = dyn Fn(&EntityRef, &Predicate) -> bool + Send + Sync;

/// What [`Identity::open`] needs to know.
#[derive(Debug)]
pub struct Options {
    /// What is configured.
    pub settings: Settings,
    /// The address that the server listens on, with the real port.
    pub listen: SocketAddr,
    /// Whether this is `portway up --demo`: guests may do everything, and
    /// reading needs no sign-in, both from this machine only.
    pub demo: bool,
    /// Where random bytes come from.
    pub entropy: Entropy,
    /// What encrypts the signing keys in the database.
    pub seal: SealKey,
}

/// Recognises callers and keeps their tokens, sessions and keys.
pub struct Identity {
    db: Db,
    entropy: Entropy,
    /// Encrypts what others entrust to a session.
    seal: SealKey,
    listen: SocketAddr,
    demo: bool,
    base_url: String,
    cookie: SessionCookie,
    static_tokens: Vec<StaticToken>,
    external: Vec<ExternalIssuer>,
    guest: Option<GuestSettings>,
    token_lifetime: Duration,
    trust: TrustSettings,
    issuers: Issuers,
    hashing: Hashing,
    keys: KeyRing,
    fingerprints: Fingerprints,
    permissions: OnceLock<Vec<Permission>>,
    ownership: OnceLock<Box<OwnershipLookup>>,
    access: OnceLock<Arc<access::Access>>,
    entities: OnceLock<Box<EntityCheck>>,
    providers: OnceLock<Providers>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("listen", &self.listen)
            .field("demo", &self.demo)
            .field("guest", &self.guest)
            .finish_non_exhaustive()
    }
}

impl Identity {
    /// Takes up the keys in the database (or makes the first one) and is ready
    /// to recognise callers. `db` must have been opened with
    /// [`crate::MIGRATIONS`].
    ///
    /// # Errors
    /// When the database or the source of random bytes does not answer.
    pub async fn open(db: Db, options: Options) -> Result<Arc<Self>, IdentityError> {
        let Options {
            settings,
            listen,
            demo,
            entropy,
            seal,
        } = options;
        // What the gate asks with every request is kept in memory.
        db.tells(&KEPT_TABLES);
        let base_url = settings
            .base_url
            .unwrap_or_else(|| format!("http://{listen}"));
        let guest = settings.guest.or_else(|| demo.then(GuestSettings::default));
        Ok(Arc::new(Self {
            fingerprints: Fingerprints::of(&seal),
            keys: KeyRing::open(db.clone(), entropy.clone(), seal.clone()).await?,
            seal,
            cookie: SessionCookie::new(&base_url),
            issuers: Issuers::default(),
            hashing: Hashing::default(),
            trust: settings.trust,
            db,
            entropy,
            listen,
            demo,
            base_url,
            static_tokens: settings.static_tokens,
            external: settings.external,
            guest,
            token_lifetime: settings.token_lifetime,
            permissions: OnceLock::new(),
            ownership: OnceLock::new(),
            access: OnceLock::new(),
            entities: OnceLock::new(),
            providers: OnceLock::new(),
        }))
    }

    pub(crate) fn fingerprints(&self) -> &Fingerprints {
        &self.fingerprints
    }

    /// Tells which permissions exist, once all capabilities are known. Until
    /// then restricted tokens may use identity's own only. Later calls change
    /// nothing.
    pub fn set_permissions(&self, permissions: Vec<Permission>) {
        let _ = self.permissions.set(permissions);
    }

    /// Tells how to find the groups of a user. Later calls change nothing.
    pub fn set_ownership(
        &self,
        lookup: impl Fn(&EntityRef) -> Vec<EntityRef> + Send + Sync + 'static,
    ) {
        let _ = self.ownership.set(Box::new(lookup));
    }

    /// Tells how to fetch the keys of other issuers, whose tokens workloads
    /// exchange. Until then only keys written into the configuration count.
    /// Later calls change nothing.
    pub fn set_key_fetch(&self, fetch: Box<KeyFetch>) {
        self.issuers.set_fetch(fetch);
    }

    /// Tells how to find out about entities, for decisions that depend on
    /// them. Later calls change nothing.
    pub fn set_entities(
        &self,
        check: impl Fn(&EntityRef, &Predicate) -> bool + Send + Sync + 'static,
    ) {
        let _ = self.entities.set(Box::new(check));
    }

    /// Whether an entity fulfils a condition; nothing does until
    /// [`Identity::set_entities`].
    pub(crate) fn entity_fulfils(&self, entity: &EntityRef, predicate: &Predicate) -> bool {
        let check = self.entities.get();
        check.is_some_and(|check| check(entity, predicate))
    }

    pub(crate) fn access_slot(&self) -> &OnceLock<Arc<access::Access>> {
        &self.access
    }

    /// Tells with which accounts from elsewhere people may sign in. Later
    /// calls change nothing.
    pub fn set_providers(&self, providers: Providers) {
        let _ = self.providers.set(providers);
    }

    pub(crate) fn providers(&self) -> Option<&Providers> {
        self.providers.get()
    }

    /// Makes a new signing key. Tokens signed with the old one stay valid
    /// until they run out.
    ///
    /// # Errors
    /// When the database or the source of random bytes does not answer.
    pub async fn rotate_signing_key(&self) -> Result<(), IdentityError> {
        self.keys.rotate().await
    }

    /// Where people and clients reach Portway, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The public halves of the signing keys as a JWK set.
    pub fn jwks(&self) -> Value {
        self.keys.jwks()
    }

    /// What `user` owns things as: themselves and all their groups.
    pub fn ownership(&self, user: &EntityRef) -> Vec<EntityRef> {
        let mut refs = vec![user.clone()];
        if let Some(guest) = self.guest.as_ref().filter(|guest| guest.user == *user) {
            refs.clone_from(&guest.ownership);
        }
        for group in self
            .ownership
            .get()
            .map(|lookup| lookup(user))
            .unwrap_or_default()
        {
            if !refs.contains(&group) {
                refs.push(group);
            }
        }
        refs
    }

    /// Who issues our tokens, as `iss` says it.
    pub(crate) fn issuer(&self) -> String {
        format!("{}/api/auth", self.base_url)
    }

    /// A Backstage user token.
    pub(crate) async fn issue_user_token(
        &self,
        user: &EntityRef,
    ) -> Result<Secret<String>, IdentityError> {
        self.keys
            .issue(&self.issuer(), user, self.token_lifetime)
            .await
    }

    /// The user whom a Backstage user token names.
    pub(crate) async fn verify_user_token(
        &self,
        token: &Secret<String>,
    ) -> Result<Option<EntityRef>, IdentityError> {
        self.keys.verify(token.expose(), &self.issuer()).await
    }

    /// The guest, if guests are admitted and this request is made on this
    /// machine. `Err(None)` when guests are not configured at all.
    pub(crate) fn local_guest(&self, parts: &Parts) -> Result<&GuestSettings, Option<Remote>> {
        let guest = self.guest.as_ref().ok_or(None)?;
        require_local(parts, self.listen).map_err(Some)?;
        Ok(guest)
    }

    /// The guest, if this server admits guests at all.
    pub(crate) fn guest(&self) -> Option<&GuestSettings> {
        self.guest.as_ref().filter(|_| self.listens_locally())
    }

    /// Whether guests are configured, admitted or not.
    pub(crate) fn wants_guests(&self) -> bool {
        self.guest.is_some()
    }

    /// A guest who has signed in.
    pub(crate) fn guest_caller(&self, guest: &GuestSettings) -> Caller {
        Caller {
            actor: sessions::actor(&guest.user),
            ownership: self.ownership(&guest.user),
            grants: if self.demo { Grants::All } else { Grants::Read },
        }
    }

    /// Somebody who shows nothing. In a demo, people at this machine may look
    /// at what the guest may see; they stay anonymous, so that whatever
    /// changes something still asks them to sign in.
    pub(crate) fn caller_without_credentials(&self, parts: &Parts) -> Caller {
        match self.local_guest(parts) {
            Ok(guest) if self.demo => Caller {
                actor: Actor::new(ActorKind::Anonymous, guest.user.as_str().to_owned()),
                ownership: self.ownership(&guest.user),
                grants: Grants::Read,
            },
            _ => Caller::anonymous(),
        }
    }

    /// The user that guests are taken for, admitted or not.
    pub(crate) fn guest_user(&self) -> Option<&EntityRef> {
        self.guest.as_ref().map(|guest| &guest.user)
    }

    /// What a signed-in person may do who does not administer Portway:
    /// everything but what concerns other people's sign-in.
    pub(crate) fn member_grants(&self) -> Grants {
        let names = self
            .permissions()
            .iter()
            .filter(|one| !ADMIN_ONLY.contains(one))
            .map(|one| one.name.to_owned());
        Grants::Named(names.collect())
    }

    /// What is configured about sessions, tokens, accounts and workloads.
    pub fn trust(&self) -> &TrustSettings {
        &self.trust
    }

    pub(crate) fn issuers(&self) -> &Issuers {
        &self.issuers
    }

    pub(crate) fn hashing(&self) -> &Hashing {
        &self.hashing
    }

    pub(crate) fn listens_locally(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    pub(crate) fn listen(&self) -> SocketAddr {
        self.listen
    }

    /// Every permission there is.
    pub(crate) fn permissions(&self) -> &[Permission] {
        self.permissions.get().map_or(PERMISSIONS, Vec::as_slice)
    }

    /// Programs whose tokens others sign.
    pub fn external(&self) -> &[ExternalIssuer] {
        &self.external
    }

    pub(crate) fn static_tokens(&self) -> &[StaticToken] {
        &self.static_tokens
    }

    pub(crate) fn token_lifetime(&self) -> Duration {
        self.token_lifetime
    }

    pub(crate) fn cookie(&self) -> SessionCookie {
        self.cookie
    }

    pub(crate) fn seal(&self) -> &SealKey {
        &self.seal
    }

    pub(crate) fn entropy(&self) -> &Entropy {
        &self.entropy
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    pub(crate) fn clock(&self) -> &Clock {
        self.db.clock()
    }
}
