//! What files are judged by, besides their bytes.
//!
//! A file that has not changed is not read again, and what was said of it
//! stays. That holds only while the same would be said of it: under other
//! kinds, rules or tiers, or another version of the checks, each file of the
//! source is read once more.

use model::kinds::Kinds;
use sha2::{Digest as _, Sha256};

use super::rules::Rules;
use crate::source::Source;
use crate::tier::Tiers;

/// Grows whenever reading the same bytes may give other entities or remarks:
/// with each change of the reader or of a check between two releases.
const CHECKS: &str = "2";

/// Names everything that decides what is made of a file of this source, apart
/// from the files themselves. The name is compared, never read.
pub(super) fn name(kinds: &Kinds, rules: &Rules, tiers: &Tiers, source: &Source) -> String {
    let mut hasher = Sha256::new();
    for part in [
        env!("CARGO_PKG_VERSION"),
        CHECKS,
        &kinds.fingerprint().to_string(),
        &format!("{rules:?}"),
        &format!("{tiers:?}"),
        &source.location.to_string(),
        &source.origin.as_text(),
    ] {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use model::location_ref::LocationRef;
    use serde_json::json;

    use super::*;
    use crate::source::{Origin, SourceState, generated_location_ref};

    fn source(origin: Origin) -> Source {
        let location = LocationRef::new("file", "/srv/catalog").unwrap();
        Source {
            id: "it".into(),
            entity_ref: generated_location_ref(&location),
            location,
            origin,
            created_at: Timestamp::UNIX_EPOCH,
            created_by: "test".into(),
            state: SourceState::default(),
        }
    }

    #[test]
    fn whatever_judges_is_part_of_the_name() {
        let (kinds, rules) = (Kinds::builtin(), Rules::everything());
        let (tiers, path) = (Tiers::default(), source(Origin::Path));
        let first = name(&kinds, &rules, &tiers, &path);
        let again = name(&Kinds::builtin(), &Rules::everything(), &tiers, &path);
        assert_eq!(first, again);

        let mut more = Kinds::builtin();
        more.add(&json!({
            "kind": "Dashboard", "apiVersions": ["example.com/v1"], "schema": {"type": "object"},
        }))
        .unwrap();
        let gold = Tiers::from_config(&json!({ "gold": { "slo": 99.9 } })).unwrap();
        let glob = |pattern: &str| {
            let rule = json!([{ "allow": ["API"], "locations": [{ "pattern": pattern }] }]);
            Rules::from_config(Some(&rule), &[]).unwrap()
        };
        let mut names = vec![
            first,
            name(&more, &rules, &tiers, &path),
            name(&kinds, &Rules::backstage_default(), &tiers, &path),
            name(&kinds, &glob("https://a/**"), &tiers, &path),
            name(&kinds, &glob("https://b/**"), &tiers, &path),
            name(&kinds, &rules, &gold, &path),
            name(&kinds, &rules, &tiers, &source(Origin::Api)),
        ];
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
