//! Who somebody is and what they may do.
//!
//! ```text
//! request ─▶ Gate (gate.rs) ─▶ Authorization: Bearer ─▶ static_token │ tokens │ signing (user JWT)
//!                           │                          │ device (logins), workload
//!                           ├▶ cookie ─▶ sessions ─▶ csrf: changes come from our own pages
//!                           └▶ nothing ─▶ anonymous; in a demo on this machine: may look
//! ```
//!
//! What stays true:
//! - Secrets are [`Secret`]s: they cannot be printed, and the database holds
//!   only hashes of tokens, session ids and sign-in codes. Signing keys are in
//!   the database, encrypted with a key that is not ([`SealKey`]).
//! - Guests exist only on loopback: the listener, the peer and the `Host` must
//!   all be this machine, and nothing a client writes counts as proof of it.
//! - A request recognised by its cookie changes something only when a page of
//!   ours sent it.
//! - A login of the command line, like every session, can be seen and ended
//!   by its person. A refresh token works once; a second use ends the login.
//! - Failed attempts slow down whoever makes them and lock nobody else out.
//! - Nobody makes a token that may do more than they may themselves.
//! - Every sign-in, sign-out, new and ended token is an event in the
//!   transaction that makes it so.

mod actions;
mod authorize;
mod checks;
mod cookie;
mod csrf;
mod device;
mod entropy;
mod error;
mod events;
mod external;
mod fingerprint;
mod foreign;
mod form_token;
mod gate;
mod guest;
mod identity;
mod jwt;
mod local;
mod origin;
mod providers;
mod rights;
mod routes;
mod scope;
mod seal;
mod secret;
mod sessions;
mod settings;
mod sign_in;
mod signing;
mod static_token;
mod store;
mod throttle;
mod tokens;
mod trust;
mod upkeep;
mod user_settings;
mod view_as;
mod workload;

pub use actions::{
    ACCOUNT_MANAGE, PERMISSIONS, SESSION_MANAGE, TOKEN_CREATE, TOKEN_REVOKE, actions,
};
pub use checks::checks;
pub use csrf::require_same_origin;
pub use device::{CLI_CLIENT, DeviceOffer, WaitingDevice};
pub use entropy::Entropy;
pub use error::IdentityError;
pub use events::{
    ACCOUNT_CHANGED, ACCOUNT_CREATED, DEVICE_DECIDED, SESSION_CREATED, SESSION_ENDED,
    SIGN_IN_REFUSED, TOKEN_CREATED, TOKEN_EXPIRING, TOKEN_REVOKED, USER_SETTING_CHANGED,
    VIEW_ENDED, VIEW_STARTED, WORKLOAD_ADMITTED, WORKLOAD_REFUSED,
};
pub use external::ExternalIssuer;
pub use form_token::{FORM_TOKEN_FIELD, FormToken};
pub use guest::GuestSettings;
pub use identity::{EntityCheck, Identity, Options, OwnershipLookup};
pub use local::{Account, LocalMethods, LocalSettings, NewAccount, Passkey};
pub use origin::{RequestOrigin, agent_words};
pub use providers::{
    Directory, Entered, KnownUser, Places, Popup, ProviderButton, ProviderKind, Providers, Reason,
    SIGN_IN_MIGRATIONS, SIGN_IN_SUCCEEDED, SignInRefused, SignInSettings, Started,
};
pub use routes::routes;
pub use scope::Scope;
pub use seal::SealKey;
pub use secret::Secret;
pub use sessions::{Method, Session, SignedIn};
pub use settings::{Settings, SettingsProblem};
pub use sign_in::{SignInOffer, safe_return_path};
pub use static_token::StaticToken;
pub use store::MIGRATIONS;
pub use tokens::{ApiToken, NewToken};
pub use trust::{SessionLimits, TokenPolicy, TrustSettings};
pub use upkeep::controllers;
pub use workload::{KeyFetch, Trust};
