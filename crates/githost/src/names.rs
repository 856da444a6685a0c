//! Names of owners and repositories, which are parts of addresses and of
//! file names of whoever clones.

use std::fmt;

/// Characters of one part.
const LONGEST: usize = 100;
/// Parts of our own addresses, and names that machines keep for themselves.
const RESERVED: [&str; 12] = [
    "new", "api", "assets", "explore", "settings", "con", "nul", "aux", "prn", "com1", "lpt1",
    "pulls",
];

/// `owner/name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryName {
    /// Whose it is: a team, a person or the company.
    pub owner: String,
    /// The repository's own name, without `.git`.
    pub name: String,
}

/// Why a text is no name of a repository.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {given:?} is not a name: {reason}")]
pub struct NameError {
    /// `The owner` or `The repository`.
    pub what: &'static str,
    /// What was given.
    pub given: String,
    /// What is wrong.
    pub reason: &'static str,
}

impl RepositoryName {
    /// Checks both parts. A name that ends in `.git` is taken without it.
    ///
    /// # Errors
    /// What is wrong with which part.
    pub fn new(owner: &str, name: &str) -> Result<Self, NameError> {
        let name = name.strip_suffix(".git").unwrap_or(name);
        check("The owner", owner)?;
        check("The repository", name)?;
        Ok(Self {
            owner: owner.to_owned(),
            name: name.to_owned(),
        })
    }

    /// Reads `owner/name`.
    ///
    /// # Errors
    /// As [`RepositoryName::new`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.split_once('/') {
            Some((owner, name)) => Self::new(owner, name),
            None => Err(NameError {
                what: "The repository",
                given: text.chars().take(LONGEST).collect(),
                reason: "write it as owner/name",
            }),
        }
    }

    /// What makes two names the same: `Acme/Shop` is `acme/shop`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.owner, self.name).to_ascii_lowercase()
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

fn check(what: &'static str, part: &str) -> Result<(), NameError> {
    let reason = if part.is_empty() {
        "it is empty"
    } else if part.len() > LONGEST {
        "it is longer than 100 characters"
    } else if !part
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
    {
        "letters a to z, digits, `-`, `_` and `.` are accepted"
    } else if part.starts_with(['.', '-']) || part.ends_with('.') {
        "it begins with `.` or `-`, or ends with `.`"
    } else if part.to_ascii_lowercase().ends_with(".git") || part.ends_with(".lock") {
        "it ends with `.git` or `.lock`"
    } else if RESERVED.contains(&part.to_ascii_lowercase().as_str()) {
        "this name is kept for Portway's own addresses or for the operating system"
    } else {
        return Ok(());
    };
    Err(NameError {
        what,
        given: part.chars().take(LONGEST).collect(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parts_of_addresses() {
        for good in ["acme/shop", "Acme/shop.api", "a/b_c-d", "acme/shop.git"] {
            assert!(RepositoryName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "acme",
            "acme/",
            "/shop",
            "acme/..",
            "../shop",
            "acme/.git",
            "acme/a b",
            "acme/쇼핑",
            "acme/a/b",
            "acme/-rf",
            "acme/a.",
            "acme/con",
            "acme/a.git.git",
            "acme/x.lock",
        ] {
            assert!(RepositoryName::parse(bad).is_err(), "{bad}");
        }
        let long = format!("acme/{}", "a".repeat(101));
        assert!(RepositoryName::parse(&long).is_err());
    }

    #[test]
    fn case_does_not_make_another_name() {
        let one = RepositoryName::parse("Acme/Shop").expect("a name");
        let other = RepositoryName::parse("acme/shop.git").expect("a name");
        assert_eq!(one.key(), other.key());
    }
}
