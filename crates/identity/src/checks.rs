//! What `portway doctor` asks about identity.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use platform::actor::Caller;
use platform::doctor::{Check, Layer, Message, Outcome};

use crate::identity::Identity;
use crate::settings::SettingsProblem;
use crate::tokens::ApiToken;

/// A token that nobody has used for this long is probably forgotten.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many names are shown before "and more".
const SHOWN: usize = 5;

/// Identity's checks. `problems` are those of [`crate::Settings::read`].
pub fn checks(identity: &Arc<Identity>, problems: Vec<SettingsProblem>) -> Vec<Check> {
    let layer = Layer::SecurityAndCompliance;
    let (people, tokens) = (Arc::clone(identity), Arc::clone(identity));
    let external = Arc::clone(identity);
    vec![
        Check::new(
            "identity.configuration",
            "Configured sign-in and tokens",
            layer,
            move || {
                let outcome = configuration(&problems);
                async move { outcome }
            },
        ),
        Check::new("identity.sign-in", "Ways to sign in", layer, move || {
            let outcome = ways_in(&people);
            async move { outcome }
        }),
        Check::new(
            "identity.providers",
            "Sign-in providers",
            layer,
            move || {
                let outcome = providers(&external);
                async move { outcome }
            },
        ),
        Check::new("identity.tokens", "API tokens", layer, move || {
            let identity = Arc::clone(&tokens);
            async move {
                match identity.tokens(&Caller::system("doctor")).await {
                    Ok(tokens) => token_hygiene(&tokens, identity.clock().now()),
                    Err(error) => Outcome::fail(
                        error.message,
                        Message::new(
                            "doctor-database-first",
                            "look at the finding about the database first",
                        ),
                    ),
                }
            }
        }),
    ]
}

fn configuration(problems: &[SettingsProblem]) -> Outcome {
    let Some(first) = problems.first() else {
        return Outcome::ok(Message::new(
            "doctor-identity",
            "everything that is configured is used",
        ));
    };
    let list: Vec<_> = problems
        .iter()
        .map(|one| format!("{} {}", one.path, one.message))
        .collect();
    let list = list.join("; ");
    Outcome::warn(
        Message::new("doctor-left-out", list.clone()).with("list", list),
        Message::new(
            "doctor-accepted",
            format!("accepted for {}: {}", first.path, first.accepted),
        )
        .with("path", first.path.as_str())
        .with("accepted", first.accepted.as_str()),
    )
}

fn ways_in(identity: &Identity) -> Outcome {
    let link = "one-time links for the operator";
    match (identity.guest(), identity.wants_guests()) {
        (Some(guest), _) => Outcome::ok(
            Message::new(
                "doctor-sign-in-guests",
                format!("{link}; guests from this machine as {}", guest.user),
            )
            .with("user", guest.user.to_string()),
        ),
        (None, true) => Outcome::warn(
            Message::new(
                "doctor-sign-in-open",
                format!(
                    "{link}; guests are configured, but {} can be reached from other machines",
                    identity.listen()
                ),
            )
            .with("listen", identity.listen().to_string()),
            Message::new(
                "doctor-sign-in-open-fix",
                "listen on 127.0.0.1, or remove auth.providers.guest",
            ),
        ),
        (None, false) => Outcome::ok(Message::new("doctor-sign-in", link)),
    }
}

/// A provider that nobody can sign in with is a button that disappoints.
fn providers(identity: &Identity) -> Outcome {
    let configured: Vec<String> = identity
        .provider_buttons()
        .into_iter()
        .map(|button| button.id)
        .collect();
    let silent = identity.providers_without_rules();
    if silent.is_empty() {
        let list = configured.join(", ");
        return match configured.is_empty() {
            true => Outcome::ok(Message::new("doctor-providers-none", "none is configured")),
            false => Outcome::ok(Message::new("doctor-providers", list.clone()).with("list", list)),
        };
    }
    let list = silent.join(", ");
    Outcome::warn(
        Message::new("doctor-providers-silent", format!("sign nobody in: {list}"))
            .with("list", list),
        Message::new(
            "doctor-providers-silent-fix",
            "add signIn.resolvers to each, for example emailMatchingUserEntityProfileEmail, or enable auth.justInTime",
        ),
    )
}

fn token_hygiene(tokens: &[ApiToken], now: Timestamp) -> Outcome {
    let forgotten: Vec<_> = tokens
        .iter()
        .filter(|token| {
            now.duration_since(token.last_used_at.unwrap_or(token.created_at)) > FORGOTTEN_AFTER
        })
        .map(|token| token.name.as_str())
        .collect();
    let Some(first) = forgotten.first() else {
        return Outcome::ok(
            Message::new(
                "doctor-tokens",
                format!("{} tokens, none of them forgotten", tokens.len()),
            )
            .with("count", tokens.len()),
        );
    };
    let shown: Vec<_> = forgotten.iter().take(SHOWN).copied().collect();
    let (shown, more) = (shown.join(", "), forgotten.len().saturating_sub(SHOWN));
    let and_more = if more > 0 { " and more" } else { "" };
    Outcome::warn(
        Message::new(
            "doctor-tokens-forgotten",
            format!("unused for 90 days: {shown}{and_more}"),
        )
        .with("names", shown)
        .with("more", more),
        format!("portway token revoke {first}"),
    )
}
