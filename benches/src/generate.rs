//! A synthetic catalog: the same for the same number, on every machine.
//!
//! Of N entities 60 % are components, 12 % APIs, 12 % users, 8 % resources,
//! 5 % systems, 2 % groups and 1 % domains; 500 in a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::entities::{self, Names};
use crate::random::Random;
use crate::words::{FAMILY_NAMES, GIVEN_NAMES, QUALITIES, SEARCHED, THINGS};

const SEED: u64 = 20_261_121;
const PER_FILE: usize = 500;
/// Below this the small kinds would be empty.
const LEAST: usize = 100;
/// How many names the manifest holds for single look-ups.
const SAMPLES: usize = 200;

/// What was written, and what to ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// Entities.
    pub(crate) count: usize,
    pub(crate) by_kind: BTreeMap<String, usize>,
    /// Names of components, spread over all files.
    pub(crate) components: Vec<String>,
    /// Names of APIs, groups and systems, as many.
    pub(crate) apis: Vec<String>,
    pub(crate) groups: Vec<String>,
    pub(crate) systems: Vec<String>,
    pub(crate) searched: String,
    /// Bytes of YAML.
    pub(crate) bytes: usize,
    /// Folder that holds nothing but the entities' files.
    pub(crate) folder: PathBuf,
}

/// Writes `DIR/entities/*.yaml`, `DIR/all.yaml` (a Location of all of them) and
/// `DIR/manifest.json`. What is in `DIR/entities` before is removed.
pub(crate) fn write(count: usize, folder: &Path) -> Result<Manifest> {
    if count < LEAST {
        bail!("{count} entities are too few: at least {LEAST}, so that every kind occurs");
    }
    let files = folder.join("entities");
    if files.exists() {
        std::fs::remove_dir_all(&files).with_context(|| files.display().to_string())?;
    }
    std::fs::create_dir_all(&files).with_context(|| files.display().to_string())?;

    let (names, by_kind, texts) = catalog(count);
    let mut bytes = 0;
    let mut targets = String::new();
    for (number, chunk) in texts.chunks(PER_FILE).enumerate() {
        let name = format!("catalog-{:04}.yaml", number + 1);
        let text = chunk.join("---\n");
        bytes += text.len();
        std::fs::write(files.join(&name), text)?;
        targets.push_str(&format!("    - ./entities/{name}\n"));
    }
    std::fs::write(
        folder.join("all.yaml"),
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: synthetic\nspec:\n  targets:\n{targets}"
        ),
    )?;
    let spread = |names: Vec<String>| {
        let step = (names.len() / SAMPLES).max(1);
        names.into_iter().step_by(step).collect()
    };
    let manifest = Manifest {
        count,
        by_kind,
        components: spread(names.components),
        apis: spread(names.apis),
        groups: spread(names.groups),
        systems: spread(names.systems),
        searched: SEARCHED.to_owned(),
        bytes,
        folder: files,
    };
    std::fs::write(
        folder.join("manifest.json"),
        format!("{:#}\n", manifest.to_json()),
    )?;
    Ok(manifest)
}

/// All names, the number of each kind, and all documents.
fn catalog(count: usize) -> (Names, BTreeMap<String, usize>, Vec<String>) {
    let mut random = Random::new(SEED);
    let random = &mut random;
    let share = |percent: usize| (count * percent / 100).max(1);
    let (domains, systems, groups) = (share(1), share(5), share(2));
    let (users, apis, resources) = (share(12), share(12), share(8));
    let components = count - domains - systems - groups - users - apis - resources;
    let kinds: Vec<&str> = (0..components)
        .map(|_| entities::component_type(random))
        .collect();

    let names = Names {
        groups: (0..groups)
            .map(|n| format!("team-{}-{}-{n}", random.one(QUALITIES), random.one(THINGS)))
            .collect(),
        users: (0..users)
            .map(|n| {
                format!(
                    "{}.{}.{n}",
                    random.one(GIVEN_NAMES),
                    random.one(FAMILY_NAMES)
                )
            })
            .collect(),
        domains: (0..domains)
            .map(|n| format!("{}-domain-{n}", random.one(THINGS)))
            .collect(),
        systems: (0..systems)
            .map(|n| entities::name(random, "system", n))
            .collect(),
        apis: (0..apis)
            .map(|n| entities::name(random, "api", n))
            .collect(),
        resources: (0..resources)
            .map(|n| entities::name(random, "store", n))
            .collect(),
        components: kinds
            .iter()
            .enumerate()
            .map(|(n, kind)| entities::name(random, kind, n))
            .collect(),
    };

    let mut texts = Vec::with_capacity(count);
    texts.extend(
        names
            .domains
            .iter()
            .map(|name| entities::domain(name, &names, random)),
    );
    texts.extend(
        names
            .systems
            .iter()
            .map(|name| entities::system(name, &names, random)),
    );
    texts.extend((0..groups).map(|n| entities::group(n, &names, random)));
    texts.extend(
        names
            .users
            .iter()
            .map(|name| entities::user(name, &names, random)),
    );
    texts.extend(
        names
            .apis
            .iter()
            .map(|name| entities::api(name, &names, random)),
    );
    texts.extend(
        names
            .resources
            .iter()
            .map(|name| entities::resource(name, &names, random)),
    );
    texts.extend(
        kinds
            .iter()
            .enumerate()
            .map(|(n, kind)| entities::component(n, kind, &names, random)),
    );

    let by_kind = [
        ("Domain", domains),
        ("System", systems),
        ("Group", groups),
        ("User", users),
        ("API", apis),
        ("Resource", resources),
        ("Component", components),
    ];
    let by_kind = by_kind
        .map(|(kind, count)| (kind.to_owned(), count))
        .into_iter()
        .collect();
    (names, by_kind, texts)
}

impl Manifest {
    /// For what needs no entities.
    pub(crate) fn nothing(folder: PathBuf) -> Self {
        Self {
            count: 0,
            by_kind: BTreeMap::new(),
            components: Vec::new(),
            apis: Vec::new(),
            groups: Vec::new(),
            systems: Vec::new(),
            searched: SEARCHED.to_owned(),
            bytes: 0,
            folder,
        }
    }

    /// Reads what [`write`] has written to the same folder.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let path = folder.join("manifest.json");
        let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
        let value: Value = serde_json::from_str(&text)?;
        Self::from_json(&value, folder.join("entities"))
            .with_context(|| format!("{} is not a manifest", path.display()))
    }

    fn from_json(value: &Value, folder: PathBuf) -> Option<Self> {
        let size = |value: &Value| {
            value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok())
        };
        let names = |key: &str| -> Option<Vec<String>> {
            let names = value.get(key)?.as_array()?.iter();
            names.map(|name| name.as_str().map(str::to_owned)).collect()
        };
        Some(Self {
            count: size(value.get("count")?)?,
            by_kind: value
                .get("byKind")?
                .as_object()?
                .iter()
                .map(|(kind, count)| Some((kind.clone(), size(count)?)))
                .collect::<Option<_>>()?,
            components: names("components")?,
            apis: names("apis")?,
            groups: names("groups")?,
            systems: names("systems")?,
            searched: value.get("searched")?.as_str()?.to_owned(),
            bytes: size(value.get("bytes")?)?,
            folder,
        })
    }

    fn to_json(&self) -> Value {
        json!({
            "count": self.count,
            "byKind": self.by_kind,
            "components": self.components,
            "apis": self.apis,
            "groups": self.groups,
            "systems": self.systems,
            "searched": self.searched,
            "bytes": self.bytes,
        })
    }

    /// One line for people.
    pub(crate) fn summary(&self) -> String {
        let kinds: Vec<String> = self
            .by_kind
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        format!(
            "{} entities, {:.1} MB of YAML: {}",
            self.count,
            self.bytes as f64 / 1e6,
            kinds.join(", ")
        )
    }

    /// How many entities of a kind there are.
    pub(crate) fn of_kind(&self, kind: &str) -> usize {
        self.by_kind.get(kind).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_catalog_is_always_the_same_and_has_the_mix() {
        let (_, by_kind, texts) = catalog(1000);
        let (_, _, again) = catalog(1000);
        assert_eq!(texts, again);
        assert_eq!(texts.len(), 1000);
        assert_eq!(by_kind.values().sum::<usize>(), 1000);
        assert_eq!(by_kind["Component"], 600);
        let found = texts
            .iter()
            .filter(|text| text.contains("\nkind: Component\n"))
            .count();
        assert_eq!(found, 600);
    }

    #[test]
    fn every_name_occurs_once_and_every_reference_leads_somewhere() {
        let (names, _, texts) = catalog(500);
        let own: Vec<&str> = texts
            .iter()
            .filter_map(|text| text.lines().find_map(|line| line.strip_prefix("  name: ")))
            .collect();
        assert_eq!(own.iter().collect::<HashSet<_>>().len(), own.len());
        for text in &texts {
            for line in text.lines() {
                if let Some(target) = line.trim().strip_prefix("- component:default/") {
                    assert!(
                        names.components.iter().any(|name| name == target),
                        "{target}"
                    );
                }
                if let Some(system) = line.strip_prefix("  system: ") {
                    assert!(names.systems.iter().any(|name| name == system), "{system}");
                }
            }
        }
    }

    #[test]
    fn the_searched_word_occurs() {
        let (names, ..) = catalog(1000);
        assert!(names.components.iter().any(|name| name.contains(SEARCHED)));
    }

    #[test]
    fn the_manifest_is_read_as_it_was_written() {
        let manifest = Manifest {
            count: 7,
            by_kind: BTreeMap::from([("API".to_owned(), 7)]),
            components: vec!["a".to_owned()],
            apis: vec!["b".to_owned()],
            groups: vec!["c".to_owned(), "d".to_owned()],
            systems: Vec::new(),
            searched: "a".to_owned(),
            bytes: 12,
            folder: PathBuf::from("x"),
        };
        assert_eq!(
            Manifest::from_json(&manifest.to_json(), PathBuf::from("x")),
            Some(manifest)
        );
    }
}
