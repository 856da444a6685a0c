//! What a provider says about somebody, in one form for all providers.
//!
//! The texts come from outside: they are cut to a size that a page can show,
//! and nothing in them decides anything by itself.

use serde_json::{Map, Value};

/// The longest text that is taken over, in characters.
const LONGEST: usize = 512;
/// The most groups that are looked at.
const MOST_GROUPS: usize = 1_000;

/// An account elsewhere.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Account {
    /// What the provider never gives to anybody else.
    pub subject: String,
    /// The name that the account signs in with there.
    pub username: Option<String>,
    /// An email address, verified or not.
    pub email: Option<String>,
    /// Whether the provider says that the address is not verified.
    pub email_unverified: bool,
    /// The name to show.
    pub name: Option<String>,
    /// An address of a picture.
    pub picture: Option<String>,
    /// The groups that the groups claim lists.
    pub groups: Vec<String>,
    /// Everything that was said.
    pub claims: Map<String, Value>,
}

impl Account {
    /// From the claims of a token or of the user information (OpenID Connect
    /// Core 1.0, 5.1). `None` without a subject, which no provider leaves out.
    pub(crate) fn from_claims(claims: Map<String, Value>, groups_claim: &str) -> Option<Self> {
        let text = |key: &str| claims.get(key).and_then(short);
        Some(Self {
            subject: text("sub")?,
            username: text("preferred_username")
                .or_else(|| text("nickname"))
                .or_else(|| text("upn")),
            email: text("email"),
            email_unverified: claims.get("email_verified").is_some_and(says_no),
            name: text("name"),
            picture: text("picture"),
            groups: groups_of(&claims, groups_claim),
            claims,
        })
    }

    /// The address, when it may count: what the provider itself calls
    /// unverified, anybody could have typed in.
    pub(crate) fn usable_email(&self) -> Option<&str> {
        self.email
            .as_deref()
            .filter(|email| !self.email_unverified && is_email(email))
    }

    /// How people call the account: its name there, else the address.
    pub(crate) fn shown(&self) -> &str {
        self.username
            .as_deref()
            .or(self.email.as_deref())
            .unwrap_or(&self.subject)
    }

    /// What identifies somebody, as the person may see it of themselves.
    pub(crate) fn facts(&self) -> Vec<(&'static str, String)> {
        let verified = self
            .email
            .as_ref()
            .map(|_| (!self.email_unverified).to_string());
        [
            ("username", self.username.clone()),
            ("email", self.email.clone()),
            ("email_verified", verified),
            ("name", self.name.clone()),
            ("sub", Some(self.subject.clone())),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }

    /// The claims with everything hidden that could be used by others.
    pub(crate) fn masked_claims(&self) -> Value {
        Value::Object(
            self.claims
                .iter()
                .map(|(key, value)| (key.clone(), masked(key, value)))
                .collect(),
        )
    }
}

/// A text of a bearable length without control characters. Numbers are texts
/// too: GitHub's and GitLab's ids are numbers.
pub(crate) fn short(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    let fits =
        !text.is_empty() && text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    fits.then_some(text)
}

/// `false`, and the texts that some providers write for it.
fn says_no(value: &Value) -> bool {
    match value {
        Value::Bool(verified) => !verified,
        Value::String(text) => !text.eq_ignore_ascii_case("true"),
        Value::Number(number) => number.as_u64() == Some(0),
        _ => false,
    }
}

/// One `@` with something on both sides and no blanks: enough to be looked up.
pub(crate) fn is_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.contains('@')
            && !text.chars().any(char::is_whitespace)
    })
}

/// The claim at a name, or along a path with dots such as Keycloak's
/// `realm_access.roles`: a list of texts, of objects with a `name`, or one text.
fn groups_of(claims: &Map<String, Value>, name: &str) -> Vec<String> {
    let found = claims.get(name).or_else(|| {
        let (first, rest) = name.split_once('.')?;
        rest.split('.')
            .try_fold(claims.get(first)?, |value, key| value.get(key))
    });
    let one = |value: &Value| short(value.get("name").unwrap_or(value));
    match found {
        Some(Value::Array(items)) => items.iter().take(MOST_GROUPS).filter_map(one).collect(),
        Some(Value::String(text)) => text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .take(MOST_GROUPS)
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

/// Endings of claims that only the provider and its client should see.
const HIDDEN: [&str; 8] = [
    "token", "secret", "password", "nonce", "hash", "code", "sid", "jti",
];

fn masked(key: &str, value: &Value) -> Value {
    let name = key.to_ascii_lowercase();
    if HIDDEN.iter().any(|ending| name.ends_with(ending)) {
        return Value::from("[hidden]");
    }
    match value {
        Value::Object(fields) => Value::Object(
            fields
                .iter()
                .map(|(key, value)| (key.clone(), masked(key, value)))
                .collect(),
        ),
        Value::Array(items) => items.iter().take(50).map(|item| masked("", item)).collect(),
        Value::String(text) if text.chars().count() > LONGEST => Value::from("[long]"),
        // Three parts with dots, the first an encoded object: a signed token.
        Value::String(text) if text.starts_with("eyJ") && text.matches('.').count() == 2 => {
            Value::from("[hidden]")
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn account(claims: Value) -> Option<Account> {
        Account::from_claims(claims.as_object().cloned().unwrap_or_default(), "groups")
    }

    #[test]
    fn an_address_counts_unless_the_provider_doubts_it() {
        for (verified, counts) in [
            (json!(true), true),
            (json!("true"), true),
            (json!(false), false),
            (json!("false"), false),
            (json!(0), false),
            (json!(null), true),
        ] {
            let claims =
                json!({"sub": "1", "email": "kim@example.com", "email_verified": verified});
            let account = account(claims).expect("an account");
            assert_eq!(account.usable_email().is_some(), counts, "{verified}");
        }
        let silent = account(json!({"sub": "1", "email": "kim@example.com"})).expect("an account");
        assert_eq!(silent.usable_email(), Some("kim@example.com"));
    }

    #[test]
    fn groups_are_read_from_lists_paths_and_texts() {
        let read = |claims: Value, name: &str| groups_of(claims.as_object().expect("claims"), name);
        assert_eq!(
            read(json!({"groups": ["a", "b", 3]}), "groups"),
            ["a", "b", "3"]
        );
        assert_eq!(read(json!({"groups": "a, b"}), "groups"), ["a", "b"]);
        assert_eq!(read(json!({"groups": [{"name": "a"}]}), "groups"), ["a"]);
        let nested = json!({"realm_access": {"roles": ["dev"]}});
        assert_eq!(read(nested, "realm_access.roles"), ["dev"]);
        // A name with dots may also be the whole name, as Auth0 wants it.
        let named = json!({"https://x.example/roles": ["dev"]});
        assert_eq!(read(named, "https://x.example/roles"), ["dev"]);
        assert_eq!(read(json!({}), "groups"), Vec::<String>::new());
    }

    #[test]
    fn what_others_could_use_is_hidden() {
        let account = account(json!({
            "sub": "1", "email": "kim@example.com", "nonce": "n-1", "at_hash": "x",
            "nested": {"access_token": "t-1", "fine": "shown"}, "carried": "eyJh.eyJi.c",
        }))
        .expect("an account");
        let shown = account.masked_claims().to_string();
        for secret in ["n-1", "t-1", "eyJh"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("kim@example.com") && shown.contains("shown"));
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,600}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::btree_map(".{0,12}", inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_claims_can_be_read(
            sub in any_json(), email in any_json(), verified in any_json(),
            name in any_json(), groups in any_json(), path in ".{0,20}",
        ) {
            let claims = json!({
                "sub": sub, "email": email, "email_verified": verified,
                "preferred_username": name, "groups": groups,
            });
            let claims = claims.as_object().cloned().unwrap_or_default();
            let _ = Account::from_claims(claims.clone(), &path);
            if let Some(account) = Account::from_claims(claims, "groups") {
                prop_assert!(account.subject.chars().count() <= LONGEST);
                prop_assert!(account.groups.len() <= MOST_GROUPS);
                prop_assert!(!account.shown().chars().any(char::is_control));
                account.masked_claims();
            }
        }
    }
}
