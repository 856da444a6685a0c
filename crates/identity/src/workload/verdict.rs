//! Whether a genuine token fits an entry, and how far off it is.

use serde_json::{Map, Value, json};

use super::trust::Trust;

/// One claim that is not what an entry wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mismatch {
    pub(super) claim: String,
    pub(super) wanted: String,
    /// What the token says; none when it says nothing.
    pub(super) found: Option<String>,
}

/// An entry of the same issuer with everything that does not fit.
#[derive(Clone, Debug)]
pub(super) struct Verdict<'a> {
    pub(super) entry: &'a Trust,
    pub(super) mismatches: Vec<Mismatch>,
}

impl Mismatch {
    pub(super) fn sentence(&self) -> String {
        match &self.found {
            Some(found) => format!(
                "claim {} is {found:?}, wanted is {}",
                self.claim, self.wanted
            ),
            None => format!("claim {} is missing, wanted is {}", self.claim, self.wanted),
        }
    }
}

impl Verdict<'_> {
    pub(super) fn to_value(&self) -> Value {
        let mismatches: Vec<Value> = self
            .mismatches
            .iter()
            .map(|one| json!({ "claim": one.claim, "wanted": one.wanted, "found": one.found }))
            .collect();
        json!({
            "entry": self.entry.place,
            "matches": self.mismatches.is_empty(),
            "scope": self.entry.scope.to_value(),
            "mismatches": mismatches,
        })
    }

    pub(super) fn sentence(&self) -> String {
        let all: Vec<String> = self.mismatches.iter().map(Mismatch::sentence).collect();
        format!("{}: {}", self.entry.place, all.join("; "))
    }
}

/// Each entry of the token's issuer, the nearest first.
pub(super) fn judge<'a>(entries: &[&'a Trust], claims: &Map<String, Value>) -> Vec<Verdict<'a>> {
    let mut verdicts: Vec<Verdict<'a>> = entries
        .iter()
        .map(|entry| Verdict {
            entry,
            mismatches: mismatches(entry, claims),
        })
        .collect();
    // Stable: of two that are equally near the first in the file leads.
    verdicts.sort_by_key(|verdict| verdict.mismatches.len());
    verdicts
}

fn mismatches(entry: &Trust, claims: &Map<String, Value>) -> Vec<Mismatch> {
    let mut list = Vec::new();
    let audiences = values(claims.get("aud"));
    if !audiences.iter().any(|aud| entry.audience.contains(aud)) {
        list.push(Mismatch {
            claim: "aud".to_owned(),
            wanted: quoted(entry.audience.iter().map(String::as_str)),
            found: shown(claims.get("aud")),
        });
    }
    for (name, patterns) in &entry.claims {
        let found = values(claim(claims, name));
        let fits = found
            .iter()
            .any(|value| patterns.iter().any(|pattern| pattern.matches(value)));
        if !fits {
            list.push(Mismatch {
                claim: name.clone(),
                wanted: quoted(patterns.iter().map(|pattern| pattern.text.as_str())),
                found: shown(claim(claims, name)),
            });
        }
    }
    list
}

/// A claim by its name, else by a dotted path: Kubernetes has
/// `kubernetes.io.namespace`, where `kubernetes.io` is one name.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(value) = claims.get(name) {
        return Some(value);
    }
    name.match_indices('.').find_map(|(at, _)| {
        let (head, tail) = name.split_at_checked(at)?;
        let tail = tail.strip_prefix('.')?;
        claim(claims.get(head)?.as_object()?, tail)
    })
}

/// The texts that a claim holds; flags and numbers count as their text.
fn values(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Bool(flag)) => vec![flag.to_string()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Array(list)) => list
            .iter()
            .filter(|one| !one.is_array())
            .flat_map(|one| values(Some(one)))
            .collect(),
        _ => Vec::new(),
    }
}

fn shown(value: Option<&Value>) -> Option<String> {
    let found = values(value);
    let text = found.join(", ");
    (!found.is_empty()).then(|| text.chars().take(200).collect())
}

fn quoted<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    texts
        .map(|text| format!("{text:?}"))
        .collect::<Vec<_>>()
        .join(" or ")
}

/// A subject such as `github:{repository}` with its claims filled in.
pub(super) fn subject(template: &str, claims: &Map<String, Value>) -> Option<String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(values(claim(claims, name)).first()?);
        rest = after;
    }
    text.push_str(rest);
    let plain = !text.is_empty()
        && text.len() <= 300
        && !text
            .chars()
            .any(|letter| letter.is_control() || letter.is_whitespace());
    plain.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn claims(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "literals are made where they are given"
    )]
    fn entries(list: Value) -> Vec<Trust> {
        let mut problems = Vec::new();
        let read = Trust::read_all(
            &json!({"auth": {"workload": {"trust": list}}}),
            &mut problems,
        );
        assert_eq!(problems, []);
        read
    }

    #[test]
    fn the_nearest_entry_leads_and_says_what_is_wrong() {
        let entries = entries(json!([
            {"issuer": "https://a.example", "audience": "p", "claims": {"repository": "other/*", "ref": "refs/heads/main"}},
            {"issuer": "https://a.example", "audience": "p", "claims": {"repository": "acme/*", "ref": "refs/heads/main"}},
        ]));
        let entries: Vec<&Trust> = entries.iter().collect();
        let token = claims(
            json!({"aud": ["p", "q"], "repository": "acme/shop", "ref": "refs/pull/7/merge"}),
        );
        let verdicts = judge(&entries, &token);
        assert_eq!(
            verdicts[0].sentence(),
            "auth.workload.trust[1]: claim ref is \"refs/pull/7/merge\", wanted is \"refs/heads/main\""
        );
        assert_eq!(verdicts[1].mismatches.len(), 2);
        let right =
            claims(json!({"aud": "p", "repository": "acme/shop", "ref": "refs/heads/main"}));
        assert!(judge(&entries, &right)[0].mismatches.is_empty());
    }

    #[test]
    fn claims_lie_deep_and_hold_lists_and_flags() {
        let token = claims(json!({
            "kubernetes.io": {"namespace": "shop", "serviceaccount": {"name": "deployer"}},
            "ref_protected": true,
            "groups": ["a", "b"],
        }));
        assert_eq!(values(claim(&token, "kubernetes.io.namespace")), ["shop"]);
        assert_eq!(
            values(claim(&token, "kubernetes.io.serviceaccount.name")),
            ["deployer"]
        );
        assert_eq!(values(claim(&token, "ref_protected")), ["true"]);
        assert_eq!(values(claim(&token, "groups")), ["a", "b"]);
        assert_eq!(claim(&token, "kubernetes.io.nothing"), None);
        assert_eq!(
            subject(
                "k8s:{kubernetes.io.namespace}/{kubernetes.io.serviceaccount.name}",
                &token
            )
            .as_deref(),
            Some("k8s:shop/deployer")
        );
        assert_eq!(subject("k8s:{missing}", &token), None);
        assert_eq!(subject("k8s:{broken", &token), None);
    }
}
