//! Who may be meant: the users whose name or address is nearest.

use super::account::Account;
use super::directory::KnownUser;

/// How many are shown.
const SHOWN: usize = 3;
/// Longer texts are not compared.
const LONGEST: usize = 80;

/// The users nearest to an account, nearest first. Somebody whose name has
/// nothing in common is not near.
pub(super) fn nearest<'a>(account: &Account, users: &'a [KnownUser]) -> Vec<&'a KnownUser> {
    let local = account
        .email
        .as_deref()
        .and_then(|email| email.split_once('@'))
        .map(|(local, _)| local);
    let wanted: Vec<String> = [
        account.username.as_deref(),
        local,
        account.email.as_deref(),
        account.name.as_deref(),
    ]
    .into_iter()
    .flatten()
    .map(folded)
    .filter(|text| (2..=LONGEST).contains(&text.len()))
    .collect();
    let mut found: Vec<(usize, &KnownUser)> = users
        .iter()
        .filter_map(|user| {
            let own = [
                Some(user.user.name()),
                user.email.as_deref(),
                user.display_name.as_deref(),
            ];
            let own = own.into_iter().flatten().map(folded);
            let distance = own
                .flat_map(|own| wanted.iter().filter_map(move |text| apart(text, &own)))
                .min()?;
            Some((distance, user))
        })
        .collect();
    found.sort_by(|a, b| (a.0, a.1.user.as_str()).cmp(&(b.0, b.1.user.as_str())));
    found
        .into_iter()
        .take(SHOWN)
        .map(|(_, user)| user)
        .collect()
}

fn folded(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .map(|letter| {
            if matches!(letter, '.' | '_' | ' ') {
                '-'
            } else {
                letter
            }
        })
        .collect()
}

/// How many letters differ, when that is at most a third of them.
fn apart(one: &str, other: &str) -> Option<usize> {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let longer = one.len().max(other.len());
    let most = (longer / 3).max(1);
    if longer > LONGEST || one.len().abs_diff(other.len()) > most {
        return None;
    }
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.iter().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        next.push(at.saturating_add(1));
        for (pair, theirs) in row.windows(2).zip(&other) {
            let [above_left, above] = *pair else { continue };
            let left = next.last().copied().unwrap_or_default();
            let changed = above_left.saturating_add(usize::from(letter != theirs));
            next.push(
                changed
                    .min(above.saturating_add(1))
                    .min(left.saturating_add(1)),
            );
        }
        row = next;
    }
    row.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use model::entity_ref::EntityRef;

    use super::*;

    #[test]
    fn the_nearest_come_first_and_strangers_not_at_all() {
        let user = |name: &str, email: &str| KnownUser {
            user: EntityRef::new("user", "default", name),
            display_name: None,
            email: Some(email.to_owned()),
            picture: None,
        };
        let users = [
            user("minji.kim", "minji.kim@acme.example"),
            user("minjun.kim", "minjun.kim@acme.example"),
            user("zoe", "zoe@acme.example"),
        ];
        let account = Account {
            username: Some("minji-kim".into()),
            ..Account::default()
        };
        let found: Vec<&str> = nearest(&account, &users)
            .iter()
            .map(|user| user.user.name())
            .collect();
        assert_eq!(found, ["minji.kim", "minjun.kim"]);
        let nobody = Account {
            username: Some("completely-else".into()),
            ..Account::default()
        };
        assert!(nearest(&nobody, &users).is_empty());
    }

    #[test]
    fn letters_are_counted() {
        assert_eq!(apart("kitten", "sitten"), Some(1));
        assert_eq!(apart("order", "odrer"), None);
        assert_eq!(apart("abcdef", "abcdef"), Some(0));
        assert_eq!(apart("ab", "abc"), Some(1));
    }
}
