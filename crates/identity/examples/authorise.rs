//! How long the authorisation of one request takes, from its headers to the
//! reach of a permission: the session or token looked up, the groups of the
//! person, the rights that the policy gives them, the decision. Warm (the same
//! credentials again) and cold (after something was written that ends what is
//! kept), for a session cookie and an API token.
//!
//! `cargo run --release -p identity --example authorise`; with
//! `PORTWAY_TEST_POSTGRES=postgres://…` on PostgreSQL instead of a file.
#![expect(clippy::print_stdout, reason = "it reports to a person")]

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::{Access, BindingSpec, Policy, ScopeSpec, Source};
use axum::http::Request;
use axum::http::request::Parts;
use identity::{Entropy, Identity, MIGRATIONS, NewAccount, Options, SealKey, Secret, Settings};
use model::entity_ref::EntityRef;
use platform::Clock;
use platform::actor::{Actor, ActorKind, Caller, Grants, Permission, Verb};
use platform::http::Gate as _;
use platform::store::{DatabaseUrl, Db};
use serde_json::json;

const READ: Permission = Permission {
    name: "catalog.entity.read",
    verb: Verb::Read,
};
/// People with sessions; each hash of a password takes a while.
const PEOPLE: usize = 8;
const WARM: usize = 20_000;
const COLD: usize = 500;

type Outcome<T> = Result<T, Box<dyn Error>>;

fn policy() -> Outcome<Policy> {
    let mut policy = Policy::built_in();
    for at in 0..200 {
        let spec = BindingSpec {
            role: "lead".to_owned(),
            subjects: vec![format!("group:default/team-{at}")],
            scope: ScopeSpec {
                relation: Some("owner".to_owned()),
                ..ScopeSpec::default()
            },
            ..BindingSpec::default()
        };
        policy.add_binding(&spec, Source::BuiltIn, "bindings")?;
    }
    Ok(policy)
}

fn operator() -> Caller {
    Caller {
        actor: Actor::new(ActorKind::User, "user:default/admin"),
        ownership: Vec::new(),
        grants: Grants::All,
    }
}

fn request(header: (&str, &str)) -> Outcome<Parts> {
    let request = Request::builder()
        .uri("/api/catalog/entities")
        .header("host", "127.0.0.1:7007")
        .header("sec-fetch-site", "same-origin")
        .header(header.0, header.1)
        .body(())?;
    Ok(request.into_parts().0)
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever measures says where; there is no configuration"
)]
async fn open(folder: &std::path::Path) -> Outcome<Arc<Identity>> {
    let url = match std::env::var("PORTWAY_TEST_POSTGRES") {
        Ok(url) => DatabaseUrl::parse(&url)?,
        Err(_) => DatabaseUrl::in_directory(folder),
    };
    let sets = [MIGRATIONS, identity::SIGN_IN_MIGRATIONS, access::MIGRATIONS];
    let db = Db::open(&url, &sets, Clock::system()).await?;
    let config = json!({"auth": {"providers": {"local": {}}}});
    let entropy = Entropy::system();
    let options = Options {
        settings: Settings::read(&config).0,
        listen: "127.0.0.1:7007".parse()?,
        demo: false,
        seal: SealKey::in_file(&folder.join("identity.key"), &entropy)?,
        entropy,
    };
    let identity = Identity::open(db.clone(), options).await?;
    identity.set_ownership(|user| {
        let at = user.name().len();
        (0..6)
            .map(|group| {
                EntityRef::new("group", "default", &format!("team-{}", at * 7 + group * 31))
            })
            .collect()
    });
    let settings = access::Settings {
        enabled: true,
        policy: policy()?,
    };
    identity.set_access(Access::open(&db, settings).await?);
    Ok(identity)
}

/// The cookie of a new person.
async fn cookie(identity: &Identity, at: usize) -> Outcome<String> {
    let name = format!("person-{at}-{}", uuid::Uuid::new_v4().simple());
    let new = NewAccount {
        display_name: name.clone(),
        name,
        admin: false,
    };
    let (_, link) = identity
        .create_account(&operator(), new)
        .await
        .map_err(|error| error.message)?;
    let code = link.expose().split_once("?code=").ok_or("no code")?.1;
    let mut parts = request(("x-nothing", ""))?;
    parts.method = axum::http::Method::POST;
    let password = Secret::new("quietly borrowed lanterns hum".to_owned());
    let signed_in = identity
        .accept_invite(&parts, code, &password)
        .await
        .map_err(|error| error.message)?;
    let text = signed_in.cookie.to_str()?;
    Ok(text.split(';').next().unwrap_or_default().to_owned())
}

async fn token(identity: &Identity, at: usize) -> Outcome<Parts> {
    let new = identity::NewToken {
        name: format!("bench-{at}-{}", uuid::Uuid::new_v4().simple()),
        scope: identity::Scope::Read,
        expires_at: None,
        agent: None,
    };
    let (_, secret) = identity
        .create_token(&operator(), new)
        .await
        .map_err(|error| error.message)?;
    request(("authorization", &format!("Bearer {}", secret.expose())))
}

async fn once(identity: &Identity, parts: &Parts) -> Outcome<Duration> {
    let begun = Instant::now();
    let caller = identity
        .caller(parts)
        .await
        .map_err(|error| error.message)?;
    black_box(caller.grants.reach(READ.name, Some(READ.verb)));
    Ok(begun.elapsed())
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| {
        let index = times.len() * share / 100;
        times.get(index).copied().unwrap_or_default().as_nanos()
    };
    println!("{name}: p50 {} ns, p99 {} ns", at(50), at(99));
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let identity = open(folder.path()).await?;
    let mut sessions = Vec::new();
    let mut tokens = Vec::new();
    for at in 0..PEOPLE {
        sessions.push(request(("cookie", &cookie(&identity, at).await?))?);
        tokens.push(token(&identity, at).await?);
    }
    for (what, requests) in [("session", &sessions), ("token", &tokens)] {
        let mut warm = Vec::with_capacity(WARM);
        for parts in requests.iter().cycle().take(WARM + PEOPLE) {
            warm.push(once(&identity, parts).await?);
        }
        report(&format!("{what}, warm"), warm.split_off(PEOPLE));
        let mut cold = Vec::with_capacity(COLD);
        for (at, parts) in requests.iter().cycle().take(COLD).enumerate() {
            // A new token and a link that was asked for: whatever is kept of
            // tokens and sessions counts no more.
            token(&identity, at).await?;
            begin_and_end_session(&identity).await?;
            cold.push(once(&identity, parts).await?);
        }
        report(&format!("{what}, after a change"), cold);
    }
    Ok(())
}

/// Somebody else signs in and out.
async fn begin_and_end_session(identity: &Identity) -> Outcome<()> {
    let link = identity
        .issue_sign_in_link()
        .await
        .map_err(|error| error.to_string())?;
    let code = link.expose().split_once("?code=").ok_or("no code")?.1;
    let mut parts = request(("x-nothing", ""))?;
    parts.method = axum::http::Method::POST;
    identity
        .sign_in_with_code(&parts, code)
        .await
        .map_err(|error| error.message)?;
    Ok(())
}
