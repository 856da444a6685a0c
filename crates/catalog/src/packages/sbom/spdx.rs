//! SPDX 2 in JSON.

use model::diagnostic::Diagnostic;
use serde::Deserialize;

use super::{Bom, Raw, assembled, decoded};

/// GitHub's dependency graph answers with the document in `sbom`.
#[derive(Deserialize)]
struct Wrapper {
    sbom: Document,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "documentDescribes")]
    describes: Option<Vec<String>>,
    packages: Option<Vec<Entry>>,
    relationships: Option<Vec<Relationship>>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "SPDXID")]
    id: Option<String>,
    name: String,
    #[serde(rename = "versionInfo")]
    version: Option<String>,
    #[serde(rename = "licenseConcluded")]
    concluded: Option<String>,
    #[serde(rename = "licenseDeclared")]
    declared: Option<String>,
    #[serde(rename = "externalRefs")]
    external: Option<Vec<External>>,
}

#[derive(Deserialize)]
struct External {
    #[serde(rename = "referenceType")]
    kind: Option<String>,
    #[serde(rename = "referenceLocator")]
    locator: Option<String>,
}

#[derive(Deserialize)]
struct Relationship {
    #[serde(rename = "spdxElementId")]
    from: String,
    #[serde(rename = "relationshipType")]
    kind: String,
    #[serde(rename = "relatedSpdxElement")]
    to: String,
}

pub(super) fn read(
    file: &str,
    bytes: &[u8],
    version: &str,
    wrapped: bool,
) -> Result<Bom, Box<Diagnostic>> {
    let what = "This SPDX SBOM";
    let document: Document = if wrapped {
        decoded::<Wrapper>(file, bytes, what)?.sbom
    } else {
        decoded(file, bytes, what)?
    };
    let relationships = document.relationships.unwrap_or_default();
    let described = described(document.describes.as_deref(), &relationships);
    // A document that describes all its packages has no root.
    let root = match described.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let raws: Vec<Raw> = document
        .packages
        .into_iter()
        .flatten()
        .filter(|entry| root.is_none() || entry.id.as_deref() != root)
        .map(raw)
        .collect();
    let mut edges = super::graph::Edges::new();
    for relationship in &relationships {
        if let Some((from, to)) = dependency(relationship) {
            edges.entry(from).or_default().push(to);
        }
    }
    assembled(file, format!("SPDX {version}"), &raws, &edges, root)
}

/// What the document is about.
fn described<'a>(
    describes: Option<&'a [String]>,
    relationships: &'a [Relationship],
) -> Vec<&'a str> {
    let mut described: Vec<&str> = describes
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    for relationship in relationships {
        match relationship.kind.as_str() {
            "DESCRIBES" => described.push(&relationship.to),
            "DESCRIBED_BY" => described.push(&relationship.from),
            _ => {}
        }
    }
    described.sort_unstable();
    described.dedup();
    described
}

/// Who depends on whom, if this relationship says that. `CONTAINS` does not:
/// tools write it for everything that they find.
fn dependency(relationship: &Relationship) -> Option<(&str, &str)> {
    let (from, to) = (relationship.from.as_str(), relationship.to.as_str());
    match relationship.kind.as_str() {
        "DEPENDS_ON" => Some((from, to)),
        kind if kind.ends_with("DEPENDENCY_OF") => Some((to, from)),
        _ => None,
    }
}

fn raw(entry: Entry) -> Raw {
    let said = |licence: Option<String>| {
        licence.filter(|licence| !matches!(licence.as_str(), "" | "NOASSERTION" | "NONE"))
    };
    let purl = entry
        .external
        .into_iter()
        .flatten()
        .find(|external| external.kind.as_deref() == Some("purl"))
        .and_then(|external| external.locator);
    Raw {
        id: entry.id,
        group: String::new(),
        name: entry.name,
        version: entry
            .version
            .filter(|version| version != "NOASSERTION")
            .unwrap_or_default(),
        licence: said(entry.concluded).or_else(|| said(entry.declared)),
        purl,
    }
}
