//! A first `catalog-info.yaml` for a repository that has none, made of what
//! the repository says about itself. Whatever is guessed names its clue.

use std::collections::BTreeMap;

use model::entity_ref::EntityRef;

use crate::ingest::Folder;

/// Longest name of an entity, in characters.
const MAX_NAME: usize = 63;
/// Longest description that is taken from a README, in characters.
const MAX_DESCRIPTION: usize = 200;
/// Files that run something, so that the repository is a service.
const SERVICE_FILES: [&str; 5] = [
    "Dockerfile",
    "Containerfile",
    "Procfile",
    "Chart.yaml",
    "docker-compose.yml",
];
/// Files of programs that are shown in a browser.
const WEBSITE_FILES: [&str; 8] = [
    "next.config.js",
    "next.config.mjs",
    "next.config.ts",
    "vite.config.js",
    "vite.config.ts",
    "angular.json",
    "nuxt.config.ts",
    "index.html",
];
/// Endings of source files and the languages they are of, as tags.
const LANGUAGES: [(&str, &str); 24] = [
    ("c", "c"),
    ("cc", "cpp"),
    ("clj", "clojure"),
    ("cpp", "cpp"),
    ("cs", "csharp"),
    ("dart", "dart"),
    ("erl", "erlang"),
    ("ex", "elixir"),
    ("go", "go"),
    ("hs", "haskell"),
    ("java", "java"),
    ("js", "javascript"),
    ("jsx", "javascript"),
    ("kt", "kotlin"),
    ("php", "php"),
    ("py", "python"),
    ("rb", "ruby"),
    ("rs", "rust"),
    ("scala", "scala"),
    ("sh", "shell"),
    ("swift", "swift"),
    ("tf", "terraform"),
    ("ts", "typescript"),
    ("tsx", "typescript"),
];

/// A file that could be added.
#[derive(Clone, Debug)]
pub(crate) struct Suggestion {
    /// Where it would stand, from the root of the repository.
    pub(crate) path: String,
    /// The file.
    pub(crate) text: String,
    /// What it is made of.
    pub(crate) clues: Vec<Clue>,
}

/// One field of the suggestion and where its value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Clue {
    /// `metadata.name`
    pub(crate) field: &'static str,
    /// Nothing where the repository does not tell.
    pub(crate) value: Option<String>,
    /// The file or the address that says so; empty where nothing does.
    pub(crate) source: String,
}

/// Makes the suggestion. `exists` tells whether the catalog has an owner;
/// `own` is a group of whoever asks.
pub(crate) fn suggest(
    folder: &Folder,
    own: Option<&EntityRef>,
    exists: impl Fn(&EntityRef) -> bool,
) -> Suggestion {
    let address = folder.scm.repository_url();
    let last = folder.scm.path.trim_matches('/').rsplit('/').next();
    let name = name_from(
        last.filter(|last| !last.is_empty())
            .unwrap_or(&folder.scm.repo),
    );
    let description = folder
        .readme
        .as_ref()
        .and_then(|(path, text)| Some((first_sentence(text)?, path.clone())));
    let owner = owner_from(folder, &exists).or_else(|| {
        let own = own?;
        Some((short(own), String::new()))
    });
    let language = language_of(&folder.files);
    let (kind, kind_clue) = type_of(&folder.files);
    let slug_key = slug_key(&folder.scm.host);
    let mut text =
        format!("apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n");
    if let Some((description, _)) = &description {
        text.push_str(&format!("  description: {}\n", quoted(description)));
    }
    text.push_str(&format!(
        "  annotations:\n    {slug_key}: {}\n",
        plain_or_quoted(&folder.scm.slug())
    ));
    if let Some((language, _)) = &language {
        text.push_str(&format!("  tags:\n    - {language}\n"));
    }
    text.push_str(&format!(
        "spec:\n  type: {kind}\n  lifecycle: unknown\n  owner: "
    ));
    text.push_str(
        &owner
            .as_ref()
            .map_or(String::new(), |(owner, _)| plain_or_quoted(owner)),
    );
    text.push('\n');
    let known = |field, (value, source): (String, String)| Clue {
        field,
        value: Some(value),
        source,
    };
    let maybe = |field, found: Option<(String, String)>| match found {
        Some(found) => known(field, found),
        None => Clue {
            field,
            value: None,
            source: String::new(),
        },
    };
    let clues = vec![
        known("metadata.name", (name, address)),
        maybe("metadata.description", description),
        maybe("spec.owner", owner),
        maybe("metadata.tags", language),
        known("spec.type", (kind.to_owned(), kind_clue)),
        maybe("spec.lifecycle", None),
    ];
    Suggestion {
        path: format!("{}catalog-info.yaml", folder.prefix()),
        text,
        clues,
    }
}

/// `host/project-slug`, the host without its port.
fn slug_key(host: &str) -> String {
    let host = host.split(':').next().unwrap_or(host);
    format!("{host}/project-slug")
}

/// A name that the catalog takes: letters, digits, `-`, `_` and `.`.
fn name_from(text: &str) -> String {
    let name: String = text
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') {
                c
            } else {
                '-'
            }
        })
        .take(MAX_NAME)
        .collect();
    let name = name.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    if name.is_empty() {
        "component".to_owned()
    } else {
        name.to_owned()
    }
}

/// The first paragraph of a README that is a sentence: no heading, picture,
/// badge, list, quote, table or markup.
fn first_sentence(text: &str) -> Option<String> {
    let mut fenced = false;
    let paragraphs = text.split("\n\n").flat_map(|block| {
        // A heading may stand directly on its paragraph.
        let lines: Vec<&str> = block.lines().map(str::trim).collect();
        let skip = lines
            .iter()
            .take_while(|line| line.starts_with('#') || line.is_empty())
            .count();
        let rest: Vec<&str> = lines.into_iter().skip(skip).collect();
        (!rest.is_empty()).then_some(rest)
    });
    for lines in paragraphs {
        let fences = lines.iter().filter(|line| line.starts_with("```")).count();
        let was_fenced = fenced;
        fenced ^= fences % 2 == 1;
        let first = lines.first().copied().unwrap_or_default();
        let is_markup = first.starts_with(['!', '[', '<', '|', '>', '-', '*', '=', '`', '+']);
        if was_fenced || fences > 0 || is_markup || first.is_empty() {
            continue;
        }
        let whole = lines.join(" ");
        let plain: String = whole
            .chars()
            .filter(|c| !c.is_control() && !matches!(c, '*' | '`'))
            .collect();
        let end = plain.find(". ").map_or(plain.len(), |at| at + 1);
        let sentence = plain.get(..end).unwrap_or(&plain).trim();
        let cut: String = sentence.chars().take(MAX_DESCRIPTION).collect();
        return (!cut.is_empty()).then_some(cut);
    }
    None
}

/// The owner of everything, or of the folder: the last rule that fits, as the
/// code hosts read the file. The first owner that the catalog knows wins.
fn owner_from(folder: &Folder, exists: &impl Fn(&EntityRef) -> bool) -> Option<(String, String)> {
    let (path, text) = folder.owners.as_ref()?;
    let below = folder.prefix();
    let fits = |pattern: &str| {
        let bare = pattern
            .trim_start_matches('/')
            .trim_end_matches("**")
            .trim_end_matches('*')
            .trim_end_matches('/');
        bare.is_empty() || (!below.is_empty() && below.starts_with(&format!("{bare}/")))
    };
    let owners = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty() && !line.starts_with(['[', '^']))
        .filter_map(|line| line.split_once(char::is_whitespace))
        .filter(|(pattern, _)| fits(pattern))
        .map(|(_, owners)| owners.split_whitespace().collect::<Vec<_>>())
        .next_back()?;
    let named: Vec<EntityRef> = owners.iter().filter_map(|owner| owner_ref(owner)).collect();
    let chosen = named.iter().find(|owner| exists(owner)).or(named.first())?;
    Some((short(chosen), path.clone()))
}

/// `@acme/payments` is a team, `@kim` a person; a mail address names neither.
fn owner_ref(owner: &str) -> Option<EntityRef> {
    let name = owner.strip_prefix('@')?;
    let (kind, name) = match name.rsplit_once('/') {
        Some((_, team)) => ("group", team),
        None => ("user", name),
    };
    EntityRef::parse(&format!("{kind}:default/{name}"), None, None).ok()
}

/// As `spec.owner` is usually written.
fn short(owner: &EntityRef) -> String {
    match (owner.kind(), owner.namespace()) {
        ("group", "default") => owner.name().to_owned(),
        (kind, "default") => format!("{kind}:{}", owner.name()),
        _ => owner.to_string(),
    }
}

fn language_of(files: &[String]) -> Option<(String, String)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        let ending = file
            .rsplit('/')
            .next()
            .and_then(|name| name.rsplit_once('.'));
        let known = ending.and_then(|(_, ending)| LANGUAGES.iter().find(|(end, _)| *end == ending));
        if let Some((_, language)) = known {
            *counts.entry(language).or_default() += 1;
        }
    }
    let (language, count) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let example = files.iter().find(|file| {
        LANGUAGES
            .iter()
            .any(|(end, of)| *of == language && file.ends_with(&format!(".{end}")))
    })?;
    let more = if count > 1 {
        format!(" (+{})", count - 1)
    } else {
        String::new()
    };
    Some((language.to_owned(), format!("{example}{more}")))
}

fn type_of(files: &[String]) -> (&'static str, String) {
    let first = |names: &[&str]| {
        files
            .iter()
            .find(|file| {
                let name = file.rsplit('/').next().unwrap_or(file);
                file.matches('/').count() <= 1 && names.contains(&name)
            })
            .cloned()
    };
    if let Some(file) = first(&WEBSITE_FILES) {
        return ("website", file);
    }
    match first(&SERVICE_FILES) {
        Some(file) => ("service", file),
        None => ("library", String::new()),
    }
}

/// A double-quoted scalar; JSON's texts are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn plain_or_quoted(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.'))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use forge::ForgeKind;
    use forge::scm_url::ScmUrl;
    use model::yaml::{Limits, parse_documents};
    use proptest::prelude::*;

    use super::*;

    fn folder(url: &str, files: &[&str]) -> Folder {
        Folder {
            scm: ScmUrl::parse(url, Some(ForgeKind::GitHub)).expect("a URL"),
            catalog_files: Vec::new(),
            files: files.iter().map(|file| (*file).to_owned()).collect(),
            owners: None,
            readme: None,
        }
    }

    fn clue<'a>(suggestion: &'a Suggestion, field: &str) -> (Option<&'a str>, &'a str) {
        let found = suggestion
            .clues
            .iter()
            .find(|clue| clue.field == field)
            .expect("a clue");
        (found.value.as_deref(), found.source.as_str())
    }

    #[test]
    fn what_a_repository_says_of_itself_becomes_the_file() {
        let mut shop = folder(
            "https://github.com/acme/shop",
            &["Dockerfile", "src/a.kt", "src/b.kt", "x.js"],
        );
        shop.owners = Some((
            ".github/CODEOWNERS".into(),
            "* @acme/old\n*  @acme/ghosts @acme/payments # all\n/docs/ @kim\n".into(),
        ));
        shop.readme = Some((
            "README.md".into(),
            "# Shop\n\n[![ci](x)](y)\n\nTakes **orders** and: bills. More.\n".into(),
        ));
        let payments = EntityRef::new("group", "default", "payments");
        let suggestion = suggest(&shop, None, |owner| *owner == payments);
        assert_eq!(
            suggestion.text,
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: shop\n  \
             description: \"Takes orders and: bills.\"\n  annotations:\n    github.com/project-slug: acme/shop\n  \
             tags:\n    - kotlin\nspec:\n  type: service\n  lifecycle: unknown\n  owner: payments\n"
        );
        assert_eq!(suggestion.path, "catalog-info.yaml");
        assert_eq!(
            clue(&suggestion, "spec.owner"),
            (Some("payments"), ".github/CODEOWNERS")
        );
        assert_eq!(
            clue(&suggestion, "metadata.tags"),
            (Some("kotlin"), "src/a.kt (+1)")
        );
        assert_eq!(clue(&suggestion, "spec.lifecycle"), (None, ""));
    }

    #[test]
    fn a_folder_has_its_own_name_path_and_owner() {
        let mut billing = folder(
            "https://github.com/acme/mono/tree/main/services/billing",
            &["main.py"],
        );
        billing.owners = Some((
            "CODEOWNERS".into(),
            "* @acme/all\n/services/billing/ @kim\n".into(),
        ));
        let suggestion = suggest(&billing, None, |_| false);
        assert_eq!(suggestion.path, "services/billing/catalog-info.yaml");
        assert_eq!(clue(&suggestion, "metadata.name").0, Some("billing"));
        assert_eq!(clue(&suggestion, "spec.owner").0, Some("user:kim"));
        assert_eq!(clue(&suggestion, "spec.type").0, Some("library"));
    }

    #[test]
    fn without_a_clue_the_owner_is_whoever_asks_or_left_open() {
        let empty = folder("https://github.com/acme/_", &[]);
        let own = EntityRef::new("group", "default", "team-a");
        assert_eq!(
            clue(&suggest(&empty, Some(&own), |_| true), "spec.owner"),
            (Some("team-a"), "")
        );
        let open = suggest(&empty, None, |_| true);
        assert_eq!(clue(&open, "spec.owner").0, None);
        assert_eq!(clue(&open, "metadata.name").0, Some("component"));
    }

    proptest! {
        #[test]
        fn any_repository_gives_yaml(
            readme in "\\PC{0,60}(\\n{1,2}\\PC{0,40}){0,3}",
            owners in "([*/a-z]{1,4} @[a-zA-Z/._-]{0,8}\\n){0,3}",
            repo in "[a-zA-Z0-9._-]{1,70}",
            file in "[a-z./]{1,20}",
        ) {
            let url = format!("https://github.com/acme/{repo}");
            let Ok(scm) = ScmUrl::parse(&url, Some(ForgeKind::GitHub)) else { return Ok(()); };
            let mut found = folder("https://github.com/acme/x", &[file.as_str()]);
            found.scm = scm;
            found.owners = Some(("CODEOWNERS".into(), owners));
            found.readme = Some(("README.md".into(), readme));
            let text = suggest(&found, None, |_| false).text;
            let documents = parse_documents("x.yaml", text.as_bytes(), &Limits::default());
            prop_assert!(documents.len() == 1 && documents.iter().all(Result::is_ok), "{text}");
        }
    }
}
