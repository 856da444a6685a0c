//! `CODEOWNERS`: who must look at which files, as GitHub reads it.

use std::collections::BTreeSet;

use globset::{GlobBuilder, GlobMatcher};

/// Where the file is looked for, in this order.
pub(super) const PLACES: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];
/// Bytes and lines that are read.
pub(super) const MOST_BYTES: usize = 1 << 20;
const MOST_LINES: usize = 5_000;

/// Patterns with owners; the last that fits decides.
#[derive(Debug, Default)]
pub(super) struct CodeOwners(Vec<(Vec<GlobMatcher>, Vec<String>)>);

impl CodeOwners {
    /// Reads the file. A line that is no pattern counts for nothing.
    pub(super) fn read(text: &str) -> Self {
        let lines = text.lines().take(MOST_LINES).filter_map(|line| {
            let line = line.split(" #").next().unwrap_or_default().trim();
            if line.is_empty() || line.starts_with('#') {
                return None;
            }
            let mut words = line.split_whitespace();
            let matchers = matchers(words.next()?)?;
            Some((matchers, words.filter_map(entity).collect()))
        });
        Self(lines.collect())
    }

    /// Who owns a path.
    pub(super) fn of(&self, path: &str) -> &[String] {
        let fits = |matchers: &[GlobMatcher]| matchers.iter().any(|one| one.is_match(path));
        let last = self.0.iter().rev().find(|(matchers, _)| fits(matchers));
        last.map(|(_, owners)| owners.as_slice())
            .unwrap_or_default()
    }

    /// The groups of owners of these paths of whom none has approved.
    pub(super) fn missing<'a>(
        &self,
        paths: impl Iterator<Item = &'a str>,
        approvers: &BTreeSet<&str>,
    ) -> Vec<Vec<String>> {
        let mut missing: BTreeSet<Vec<String>> = BTreeSet::new();
        for path in paths {
            let owners = self.of(path);
            let has = owners.iter().any(|one| approvers.contains(one.as_str()));
            if !owners.is_empty() && !has {
                missing.insert(owners.to_vec());
            }
        }
        missing.into_iter().collect()
    }
}

/// A pattern as in `.gitignore`: it is for a file and for all below it; without
/// a `/` within, it fits at any depth.
fn matchers(pattern: &str) -> Option<Vec<GlobMatcher>> {
    let anchored = pattern.trim_end_matches('/').contains('/');
    let body = pattern.trim_start_matches('/').trim_end_matches('/');
    if body.is_empty() {
        return None;
    }
    let body = if anchored {
        body.to_owned()
    } else {
        format!("**/{body}")
    };
    let below = format!("{body}/**");
    // `docs/*` is for the files of the directory, not for what is deeper.
    let wanted = match (pattern.ends_with('/'), body.ends_with("/*") && anchored) {
        (true, _) => vec![below],
        (false, true) => vec![body],
        (false, false) => vec![body, below],
    };
    wanted
        .iter()
        .map(|glob| {
            let glob = GlobBuilder::new(glob).literal_separator(true).build();
            glob.ok().map(|glob| glob.compile_matcher())
        })
        .collect()
}

/// `@kim` is `user:default/kim`, `@acme/team-shop` is `group:default/team-shop`.
fn entity(word: &str) -> Option<String> {
    let name = word.strip_prefix('@')?;
    Some(match name.rsplit_once('/') {
        Some((_, team)) => format!("group:default/{}", team.to_ascii_lowercase()),
        None => format!("user:default/{}", name.to_ascii_lowercase()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_that_fits_decides() {
        let owners = CodeOwners::read(
            "# who\n*  @acme/all\n*.rs @kim # sources\n/docs/ @lee @acme/writers\ndocs/* @park\nbuild/logs/ @ops\napps/**/x @x\n/free\n",
        );
        let of = |path: &str| owners.of(path).join(" ");
        assert_eq!(of("README.md"), "group:default/all");
        assert_eq!(of("src/main.rs"), "user:default/kim");
        assert_eq!(of("docs/a/b.md"), "user:default/lee group:default/writers");
        assert_eq!(of("docs/a.md"), "user:default/park");
        assert_eq!(of("build/logs/x"), "user:default/ops");
        assert_eq!(of("apps/one/two/x"), "user:default/x");
        assert_eq!(of("free"), "");
        let approvers = BTreeSet::from(["user:default/kim"]);
        let missing = owners.missing(["a.rs", "README.md"].into_iter(), &approvers);
        assert_eq!(missing, [["group:default/all".to_owned()]]);
    }
}
