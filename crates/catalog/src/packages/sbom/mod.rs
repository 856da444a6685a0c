//! From the bytes of an SBOM to packages. CycloneDX JSON 1.4 to 1.6
//! (<https://cyclonedx.org/specification/overview/>) and SPDX JSON 2.2 and 2.3
//! (<https://spdx.github.io/spdx-spec/v2.3/>), also in the wrapper that GitHub's
//! dependency graph puts around it.

mod cyclonedx;
mod graph;
mod spdx;

use model::diagnostic::Diagnostic;
use model::yaml::Mark;
use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use super::purl::{Purl, folded, written};

/// More packages in one SBOM are refused.
const MAX_PACKAGES: usize = 50_000;
/// Longer names, versions and licences are no such thing.
const MAX_CHARS: usize = 1_000;
const FORMATS: &str = "CycloneDX JSON 1.4 to 1.6, or SPDX JSON 2.2 or 2.3";

/// How a package came into an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The entity names it itself.
    Direct,
    /// Another package brought it.
    Transitive,
    /// The SBOM does not say.
    Unknown,
}

impl Relation {
    /// The word that stands in data.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Transitive => "transitive",
            Self::Unknown => "unknown",
        }
    }

    /// From the word that stands in data.
    pub fn from_text(text: &str) -> Self {
        match text {
            "direct" => Self::Direct,
            "transitive" => Self::Transitive,
            _ => Self::Unknown,
        }
    }
}

/// One package of an SBOM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The purl type (`maven`, `npm`); empty without a purl.
    pub ecosystem: String,
    /// As its ecosystem writes it: `group:artifact`, `@scope/name`.
    pub name: String,
    /// Empty when the SBOM gives none.
    pub version: String,
    /// An SPDX expression or the name of a licence.
    pub licence: Option<String>,
    /// As the SBOM has it.
    pub purl: Option<String>,
    /// How it came in.
    pub relation: Relation,
    /// The direct package that brought a transitive one.
    pub via: Option<String>,
}

impl Package {
    /// What it is searched by.
    pub fn search_key(&self) -> String {
        folded(&self.ecosystem, &self.name)
    }
}

/// What one SBOM says.
#[derive(Clone, Debug)]
pub struct Bom {
    /// Format and version: `CycloneDX 1.5`.
    pub format: String,
    /// Each once, in order of their names.
    pub packages: Vec<Package>,
    /// What is odd about it although it could be read.
    pub remarks: Vec<Diagnostic>,
}

/// A package before it is known how it came in.
#[derive(Debug)]
struct Raw {
    /// What the dependency graph calls it.
    id: Option<String>,
    group: String,
    name: String,
    version: String,
    licence: Option<String>,
    purl: Option<String>,
}

/// Reads an SBOM. `file` names it in diagnostics.
///
/// # Errors
/// The first thing that is wrong, with its line and column: no JSON, another
/// format, a field of another shape, too many packages.
pub fn read(file: &str, bytes: &[u8]) -> Result<Bom, Box<Diagnostic>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head: Head = decoded(file, bytes, "The SBOM")?;
    let (head, wrapped) = match head.sbom {
        Some(inner) => (*inner, true),
        None => (head, false),
    };
    if head.bom_format.is_some() {
        let version = head.spec_version.unwrap_or_default();
        let mut bom = cyclonedx::read(file, bytes, &version)?;
        bom.remarks.extend(unknown_version(
            file,
            "CycloneDX",
            &version,
            &["1.4", "1.5", "1.6"],
        ));
        return Ok(bom);
    }
    if let Some(version) = head.spdx_version {
        let version = version.strip_prefix("SPDX-").unwrap_or(&version).to_owned();
        let mut bom = spdx::read(file, bytes, &version, wrapped)?;
        bom.remarks
            .extend(unknown_version(file, "SPDX", &version, &["2.2", "2.3"]));
        return Ok(bom);
    }
    Err(Box::new(
        Diagnostic::error(
            "sbom-format",
            "This JSON is no SBOM that Portway reads: it has neither `bomFormat` nor `spdxVersion`",
        )
        .in_file(file)
        .at(Mark::new(1, 1))
        .accepting(FORMATS)
        .fixed_by("export the SBOM again, for example with `syft . -o cyclonedx-json`"),
    ))
}

/// What tells the formats apart.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "bomFormat")]
    bom_format: Option<IgnoredAny>,
    #[serde(rename = "specVersion")]
    spec_version: Option<String>,
    #[serde(rename = "spdxVersion")]
    spdx_version: Option<String>,
    sbom: Option<Box<Head>>,
}

fn decoded<T: DeserializeOwned>(
    file: &str,
    bytes: &[u8],
    what: &str,
) -> Result<T, Box<Diagnostic>> {
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        // The place is said in front.
        let message = text.rsplit_once(" at line ").map_or(&*text, |(message, _)| message);
        let mark = Mark::new(
            u32::try_from(error.line()).unwrap_or(u32::MAX).max(1),
            u32::try_from(error.column()).unwrap_or(u32::MAX).max(1),
        );
        let problem = Diagnostic::error("invalid-sbom", format!("{what} cannot be read: {message}"))
            .in_file(file)
            .at(mark);
        Box::new(if bytes.trim_ascii_start().starts_with(b"<") {
            problem
                .accepting(FORMATS)
                .fixed_by("this is XML; export the SBOM as JSON")
        } else {
            problem
                .accepting(FORMATS)
                .fixed_by("make the SBOM again with the tool that wrote it; what the last readable one said is kept until then")
        })
    })
}

fn unknown_version(file: &str, format: &str, version: &str, known: &[&str]) -> Option<Diagnostic> {
    (!known.contains(&version)).then(|| {
        Diagnostic::warning(
            "sbom-version",
            format!("{format} {version:?} is a version that Portway does not know; it was read as {format} {}", known.last().copied().unwrap_or_default()),
        )
        .in_file(file)
        .at(Mark::new(1, 1))
        .accepting(format!("{format} {}", known.join(", ")))
        .fixed_by("check on the page of packages that nothing is missing, or export it in a known version")
    })
}

fn too_many(file: &str, count: usize) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error(
            "sbom-too-large",
            format!("The SBOM lists {count} packages; up to {MAX_PACKAGES} are read"),
        )
        .in_file(file)
        .at(Mark::new(1, 1))
        .accepting(format!("at most {MAX_PACKAGES} packages in one SBOM"))
        .fixed_by("leave single files out of it, or split it by module and name all parts in the annotation"),
    )
}

/// Names packages, finds out how they came in, and keeps each once.
fn assembled(
    file: &str,
    format: String,
    raws: &[Raw],
    edges: &graph::Edges<'_>,
    root: Option<&str>,
) -> Result<Bom, Box<Diagnostic>> {
    if raws.len() > MAX_PACKAGES {
        return Err(too_many(file, raws.len()));
    }
    let ways = graph::ways(edges, root);
    let names: std::collections::HashMap<&str, &str> = raws
        .iter()
        .filter_map(|raw| Some((raw.id.as_deref()?, raw.name.as_str())))
        .collect();
    let mut packages: Vec<Package> = Vec::with_capacity(raws.len());
    let mut left_out = 0_usize;
    for raw in raws {
        let way = raw.id.as_deref().and_then(|id| ways.get(id));
        let (relation, via) = match way {
            None => (Relation::Unknown, None),
            Some(graph::Way::Direct) => (Relation::Direct, None),
            Some(graph::Way::Through(first)) => (
                Relation::Transitive,
                Some(names.get(first).unwrap_or(first).to_string()),
            ),
        };
        match package(raw, relation, via) {
            Some(package) => packages.push(package),
            None => left_out += 1,
        }
    }
    let key = |package: &Package| {
        (
            package.search_key(),
            package.ecosystem.clone(),
            package.version.clone(),
            package.relation,
        )
    };
    packages.sort_by_cached_key(key);
    packages.dedup_by(|b, a| {
        a.ecosystem == b.ecosystem && a.version == b.version && a.search_key() == b.search_key()
    });
    let remarks = (left_out > 0).then(|| {
        Diagnostic::warning(
            "sbom-package-skipped",
            format!("{left_out} packages of the SBOM have no name, or a name or version of more than {MAX_CHARS} characters, and were left out"),
        )
        .in_file(file)
        .at(Mark::new(1, 1))
        .accepting(format!("a name and a version of up to {MAX_CHARS} characters"))
        .fixed_by("make the SBOM again with the tool that wrote it")
    });
    Ok(Bom {
        format,
        packages,
        remarks: remarks.into_iter().collect(),
    })
}

/// The purl decides about names, since tools fill the other fields freely.
fn package(raw: &Raw, relation: Relation, via: Option<String>) -> Option<Package> {
    let purl = raw.purl.as_deref().and_then(|purl| Purl::parse(purl).ok());
    let (ecosystem, name, purl_version) = match &purl {
        Some(purl) => (purl.kind.clone(), purl.written(), purl.version.clone()),
        None => (
            String::new(),
            written("", &raw.group, &raw.name),
            String::new(),
        ),
    };
    let version = if raw.version.is_empty() {
        purl_version
    } else {
        raw.version.clone()
    };
    let fits = |text: &str| text.chars().count() <= MAX_CHARS;
    let licence = raw.licence.clone().filter(|licence| fits(licence));
    (!name.trim().is_empty() && fits(&name) && fits(&version)).then(|| Package {
        ecosystem,
        name,
        version,
        licence,
        purl: raw.purl.clone().filter(|purl| fits(purl)),
        relation,
        via: via.filter(|via| fits(via)),
    })
}
