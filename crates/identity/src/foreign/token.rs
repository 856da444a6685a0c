//! A token taken apart, its signature and its time.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::keys::Key;

/// Longer ones are refused unread, in bytes.
const LONGEST: usize = 64 * 1024;
/// How far the issuer's clock may be from ours, in seconds.
const SKEW: i64 = 60;
/// Amazon's load balancer pads what nobody else pads.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Every algorithm with a private and a public key. `none` and the `HS`
/// family, which would take a public key for a shared secret, are not in it.
pub(crate) const ASYMMETRIC: [Algorithm; 9] = [
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

/// A token whose form is right. Nothing in it is proved.
#[derive(Debug)]
pub(crate) struct Presented<'a> {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<String>,
    pub(crate) header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: &'a str,
    signature: &'a str,
}

/// Takes a token apart.
///
/// # Errors
/// A sentence about what is wrong with its form.
pub(crate) fn read<'a>(token: &'a str, allowed: &[Algorithm]) -> Result<Presented<'a>, String> {
    if token.len() > LONGEST {
        return Err(format!("the token is longer than {LONGEST} bytes"));
    }
    let form = || "it is no signed token (RFC 7519)".to_owned();
    let (signed, signature) = token.rsplit_once('.').ok_or_else(form)?;
    let (header, claims) = signed.split_once('.').ok_or_else(form)?;
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&LENIENT.decode(part).ok()?).ok()
    };
    let header = object(header).ok_or_else(form)?;
    let name = header.get("alg").and_then(Value::as_str).unwrap_or("none");
    let algorithm = name
        .parse::<Algorithm>()
        .ok()
        .filter(|algorithm| allowed.contains(algorithm))
        .ok_or_else(|| format!("it is signed with {name:.20}, which is not accepted"))?;
    // An extension that must be understood, and that nobody here understands.
    if header.contains_key("crit") {
        return Err("its header has critical extensions".to_owned());
    }
    Ok(Presented {
        algorithm,
        key_id: header.get("kid").and_then(Value::as_str).map(str::to_owned),
        claims: object(claims).ok_or_else(form)?,
        header,
        signed,
        signature: signature.trim_end_matches('='),
    })
}

impl Presented<'_> {
    /// The claims as they stand there, for whoever only wants to look or to
    /// know whose keys to ask.
    pub(crate) fn unproved(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The claims, if this key made the signature.
    pub(crate) fn signed_by(&self, key: &Key) -> Option<&Map<String, Value>> {
        let holds = key.fits(self.algorithm)
            && jsonwebtoken::crypto::verify(
                self.signature,
                self.signed.as_bytes(),
                &key.decoding,
                self.algorithm,
            )
            .unwrap_or(false);
        holds.then_some(&self.claims)
    }
}

/// When a token runs out, if it counts now.
///
/// # Errors
/// A sentence about the claim that does not hold.
pub(crate) fn check_time(claims: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, String> {
    let now = now.as_second();
    let time = |key: &str| claims.get(key).and_then(seconds);
    let exp = time("exp").ok_or_else(|| "it does not say when it runs out".to_owned())?;
    if exp.saturating_add(SKEW) <= now {
        return Err(format!(
            "it ran out {} s ago; the clocks may differ by {SKEW} s",
            now.saturating_sub(exp)
        ));
    }
    for key in ["nbf", "iat"] {
        if let Some(at) = time(key)
            && at > now.saturating_add(SKEW)
        {
            return Err(format!(
                "it is valid in {} s only ({key}); set the clock of this machine or of its issuer",
                at.saturating_sub(now)
            ));
        }
    }
    Timestamp::from_second(exp).map_err(|_| "it runs out too far away".to_owned())
}

/// Whole seconds; some providers write them with a fraction.
fn seconds(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let number = value.as_f64().filter(|number| number.abs() < 1e15)?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "within the range of i64, and the fraction does not matter"
        )]
        Some(number as i64)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_minute_of_difference_between_clocks_is_borne() {
        let now = Timestamp::from_second(1_000).expect("a time");
        let check = |claims: Value| {
            check_time(claims.as_object().expect("claims"), now).map(|end| end.as_second())
        };
        assert_eq!(check(json!({"exp": 941})), Ok(941));
        assert_eq!(
            check(json!({"exp": 1_100.5, "nbf": 1_060, "iat": 1_060})),
            Ok(1_100)
        );
        for (wrong, word) in [
            (json!({"exp": 940}), "ran out 60 s ago"),
            (json!({}), "runs out"),
            (json!({"exp": 2_000, "nbf": 1_061}), "nbf"),
            (json!({"exp": 2_000, "iat": 1_061}), "iat"),
            (json!({"exp": 1e15}), "runs out"),
        ] {
            let why = check(wrong.clone()).expect_err("refused");
            assert!(why.contains(word), "{wrong}: {why}");
        }
    }

    #[test]
    fn only_algorithms_with_two_keys_get_as_far_as_a_key() {
        for header in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"HS256"}"#,
            r#"{"alg":"NONE"}"#,
            "{}",
            r#"{"alg":1}"#,
        ] {
            let token = format!("{}.{}.", LENIENT.encode(header), LENIENT.encode("{}"));
            let Err(why) = read(&token, &ASYMMETRIC) else {
                panic!("{header} was read");
            };
            assert!(why.contains("not accepted"), "{why}");
        }
        let critical = format!(
            "{}.{}.x",
            LENIENT.encode(r#"{"alg":"RS256","crit":["b64"]}"#),
            LENIENT.encode("{}")
        );
        assert!(read(&critical, &ASYMMETRIC).is_err());
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in ".{0,200}", header in ".{0,80}", claims in ".{0,80}") {
            let _ = read(&text, &ASYMMETRIC);
            let made = format!("{}.{}.{text}", LENIENT.encode(header), LENIENT.encode(claims));
            let _ = read(&made, &ASYMMETRIC);
        }
    }
}
