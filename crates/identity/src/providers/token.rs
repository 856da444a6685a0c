//! What a token of a provider or a proxy has to say besides its signature.

use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::settings::IssuerRule;
use crate::foreign::{self, Key, Presented, check_time};

/// What a token has to say.
#[derive(Debug)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a IssuerRule,
    /// The issuer in the provider's metadata, which may hold `{tenantid}`.
    pub(super) named: &'a str,
    /// Us; nothing where the proxy's tokens have no audience.
    pub(super) audience: Option<&'a str>,
    pub(super) nonce: Option<&'a str>,
}

/// Why a token does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// It belongs to another tenant.
    Tenant(String),
    /// Anything else, in words.
    Else(String),
}

impl Broken {
    fn because(text: impl Into<String>) -> Self {
        Self::Else(text.into())
    }

    /// In words.
    pub(super) fn explained(&self) -> String {
        match self {
            Self::Tenant(tenant) => format!("it belongs to the directory {tenant}"),
            Self::Else(why) => why.clone(),
        }
    }
}

/// Takes a token apart.
pub(super) fn read<'a>(token: &'a str, allowed: &[Algorithm]) -> Result<Presented<'a>, Broken> {
    foreign::read(token, allowed).map_err(Broken::Else)
}

/// The claims, once the signature and what they say hold.
pub(super) fn verified(
    presented: &Presented<'_>,
    key: &Key,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<Map<String, Value>, Broken> {
    let claims = presented
        .signed_by(key)
        .ok_or_else(|| Broken::because("its signature does not hold"))?;
    check(claims, expected, now)?;
    Ok(claims.clone())
}

fn check(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<(), Broken> {
    check_issuer(claims, expected)?;
    if let Some(audience) = expected.audience {
        check_audience(claims, audience)?;
    }
    check_time(claims, now).map_err(Broken::Else)?;
    if let Some(nonce) = expected.nonce {
        let theirs = claims
            .get("nonce")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !bool::from(theirs.as_bytes().ct_eq(nonce.as_bytes())) {
            return Err(Broken::because("its nonce is not the one of this attempt"));
        }
    }
    Ok(())
}

fn check_issuer(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Broken> {
    let theirs = claims
        .get("iss")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let wrong = || {
        Broken::because(format!(
            "its issuer is {theirs:?} and not {:?}",
            expected.named
        ))
    };
    match expected.issuer {
        IssuerRule::Exact(_) if theirs == expected.named => Ok(()),
        IssuerRule::Exact(_) => Err(wrong()),
        IssuerRule::Microsoft { tenant } => {
            let tid = claims
                .get("tid")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let is_id = tid.len() == 36 && tid.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
            if !is_id || theirs != expected.named.replace("{tenantid}", tid) {
                return Err(wrong());
            }
            let fixed = uuid::Uuid::parse_str(tenant).is_ok();
            if fixed && !tid.eq_ignore_ascii_case(tenant) {
                return Err(Broken::Tenant(tid.to_owned()));
            }
            Ok(())
        }
    }
}

/// `aud` names us, and where it names others too, `azp` says that the token
/// was made for us (OpenID Connect Core 1.0, 3.1.3.7).
fn check_audience(claims: &Map<String, Value>, ours: &str) -> Result<(), Broken> {
    let (named, others) = match claims.get("aud") {
        Some(Value::String(one)) => (one == ours, false),
        Some(Value::Array(all)) => (
            all.iter().any(|one| one.as_str() == Some(ours)),
            all.len() > 1,
        ),
        _ => (false, false),
    };
    if !named {
        return Err(Broken::because(format!(
            "it was made for another application than {ours:?}"
        )));
    }
    match claims.get("azp").map(|azp| azp.as_str() == Some(ours)) {
        Some(true) => Ok(()),
        None if !others => Ok(()),
        Some(false) => Err(Broken::because("another application asked for it (azp)")),
        None => Err(Broken::because(
            "it has several audiences and does not say who asked for it (azp)",
        )),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_000).expect("a time")
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn asked(claims: Value, audience: &str) -> Result<(), Broken> {
        let rule = IssuerRule::Exact("https://login.example".to_owned());
        let expected = Expected {
            issuer: &rule,
            named: "https://login.example",
            audience: Some(audience),
            nonce: Some("n"),
        };
        check(claims.as_object().expect("claims"), &expected, now())
    }

    fn good() -> Value {
        json!({"iss": "https://login.example", "aud": "us", "exp": 1_100, "iat": 990, "nonce": "n"})
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn with(changes: Value) -> Value {
        let mut claims = good();
        for (key, value) in changes.as_object().expect("changes") {
            claims[key] = value.clone();
        }
        claims
    }

    #[test]
    fn claims_have_to_be_ours_and_of_now() {
        assert_eq!(asked(good(), "us"), Ok(()));
        for (wrong, word) in [
            (json!({"iss": "https://login.example/"}), "issuer"),
            (json!({"iss": null}), "issuer"),
            (json!({"aud": "them"}), "another application"),
            (json!({"aud": ["us", "them"]}), "azp"),
            (json!({"azp": "them"}), "azp"),
            (json!({"exp": 940}), "ran out 60 s ago"),
            (json!({"exp": null}), "runs out"),
            (json!({"nbf": 1_061}), "nbf"),
            (json!({"iat": 1_061}), "iat"),
            (json!({"nonce": "m"}), "nonce"),
            (json!({"nonce": null}), "nonce"),
        ] {
            let Err(Broken::Else(why)) = asked(with(wrong.clone()), "us") else {
                panic!("{wrong} was accepted");
            };
            assert!(why.contains(word), "{wrong}: {why}");
        }
    }

    #[test]
    fn a_minute_of_difference_between_clocks_is_borne() {
        for fine in [
            json!({"exp": 941}),
            json!({"nbf": 1_060, "iat": 1_060}),
            json!({"aud": ["us"]}),
            json!({"aud": ["us", "them"], "azp": "us"}),
            json!({"exp": 1_100.5}),
        ] {
            assert_eq!(asked(with(fine.clone()), "us"), Ok(()), "{fine}");
        }
    }

    #[test]
    fn a_tenant_is_told_from_a_forgery() {
        let tid = "11111111-2222-3333-4444-555555555555";
        let other = "99999999-2222-3333-4444-555555555555";
        let ask = |tenant: &str, iss: &str, tid: &str| {
            let rule = IssuerRule::Microsoft {
                tenant: tenant.to_owned(),
            };
            let expected = Expected {
                issuer: &rule,
                named: "https://ms.example/{tenantid}/v2.0",
                audience: Some("us"),
                nonce: None,
            };
            let claims = with(json!({"iss": iss, "tid": tid}));
            check(claims.as_object().expect("claims"), &expected, now())
        };
        let issuer = |tid: &str| format!("https://ms.example/{tid}/v2.0");
        assert_eq!(ask("organizations", &issuer(tid), tid), Ok(()));
        assert_eq!(ask(tid, &issuer(tid), tid), Ok(()));
        assert_eq!(
            ask(tid, &issuer(other), other),
            Err(Broken::Tenant(other.to_owned()))
        );
        assert!(matches!(
            ask(tid, &issuer(other), tid),
            Err(Broken::Else(_))
        ));
        assert!(matches!(
            ask("common", "https://ms.example/x/v2.0", "x"),
            Err(Broken::Else(_))
        ));
    }
}
